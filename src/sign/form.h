/* form.h - the interactive form of a PDF (ISO 32000-1 12.7) as one revision shows it. */
#pragma once
#include "sign/pdf_file.h"

struct form_field {
    const char *name; /* full name, parts joined by periods */
    uint64_t number;  /* object number; 0 if it stands directly in another object */
    const struct pdf_value *dictionary;
    const struct pdf_value *type;  /* /FT, inherited; NULL if unknown */
    const struct pdf_value *value; /* /V as written, inherited; NULL if empty */
    bool widget_only;              /* a place on a page of the field whose name it bears */
};

struct form {
    struct form_field *fields;
    size_t count;
};

/* false: a fault of the file. No form is an empty form. */
bool pdf_form_read(struct form *out, struct pdf_file *f, size_t revision);
const struct form_field *form_find(const struct form *form, uint64_t number);
