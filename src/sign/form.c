#include "sign/form.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 8192, MAX_LEVELS = 16 };

struct walk {
    struct pdf_file *f;
    struct form *form;
    size_t revision, capacity;
    uint32_t mark;
};

static bool too_many(struct pdf_file *f)
{
    return pdf_fault_set(&f->fault, FAULT_UNSUPPORTED, "The file has more form fields than can be examined.",
                         "文件的表单域过多，无法检查。");
}

static struct form_field *field_new(struct walk *w)
{
    struct form *form = w->form;

    if (form->count == w->capacity) {
        size_t capacity = w->capacity ? w->capacity * 2 : 8;
        struct form_field *fields = arena_array(w->f->arena, capacity, sizeof *fields);

        if (capacity > MAX_FIELDS || fields == NULL) {
            (void)too_many(w->f);
            return NULL;
        }
        if (form->count > 0)
            memcpy(fields, form->fields, form->count * sizeof *fields);
        form->fields = fields;
        w->capacity = capacity;
    }
    return &form->fields[form->count++];
}

/* A field is met once; a second way to it is a mistake or a trap. */
static bool first_visit(struct walk *w, const struct pdf_value *v)
{
    struct pdf_entry *entry = pdf_entry_at(w->f, (uint64_t)v->number, w->revision);

    if (entry == NULL)
        return true;
    if (entry->mark == w->mark)
        return pdf_fault_set(&w->f->fault, FAULT_UNSUPPORTED, "A form field of the file is listed twice.",
                             "文件的表单域被重复列出。");
    entry->mark = w->mark;
    return true;
}

static bool node_read(struct walk *w, const struct pdf_value *v, const struct form_field *parent, int level);

static bool kids_read(struct walk *w, const struct pdf_value *kids, const struct form_field *parent,
                      int level)
{
    struct form_field copy = *parent; /* the list moves when it grows */

    for (size_t i = 0; i < kids->count; i++)
        if (!node_read(w, &kids->items[i], &copy, level + 1))
            return false;
    return true;
}

static const char *full_name(struct walk *w, const struct form_field *parent, const struct pdf_value *t)
{
    const char *own = pdf_text(t, w->f->arena);

    if (parent == NULL || own == NULL)
        return own;
    return t == NULL ? parent->name : arena_printf(w->f->arena, "%s.%s", parent->name, own);
}

static bool node_read(struct walk *w, const struct pdf_value *v, const struct form_field *parent, int level)
{
    const struct pdf_value *d = pdf_resolve(w->f, v, w->revision), *t, *kids, *own;
    struct form_field *field;

    if (level > MAX_LEVELS)
        return too_many(w->f);
    if (v->kind == PDF_REFERENCE && !first_visit(w, v))
        return false;
    if (d->kind != PDF_DICTIONARY)
        return w->f->fault.kind == FAULT_NONE; /* a field that is not there */
    field = field_new(w);
    if (field == NULL)
        return false;
    t = pdf_get(d, "T");
    field->name = full_name(w, parent, t);
    if (field->name == NULL)
        return too_many(w->f);
    field->number = v->kind == PDF_REFERENCE ? (uint64_t)v->number : 0;
    field->dictionary = d;
    field->widget_only = parent != NULL && t == NULL;
    own = pdf_get(d, "FT");
    field->type = own != NULL ? pdf_resolve(w->f, own, w->revision) : parent == NULL ? NULL : parent->type;
    own = pdf_get(d, "V");
    field->value = own != NULL && own->kind != PDF_NULL ? own : parent == NULL ? NULL : parent->value;
    kids = pdf_lookup(w->f, d, "Kids", w->revision);
    return kids->kind != PDF_ARRAY || kids_read(w, kids, field, level);
}

bool pdf_form_read(struct form *out, struct pdf_file *f, size_t revision)
{
    struct walk w = {.f = f, .form = out, .revision = revision, .mark = ++f->walks};
    const struct pdf_value *root = pdf_lookup(f, &f->revisions[revision].trailer, "Root", revision);
    const struct pdf_value *fields =
        pdf_lookup(f, pdf_lookup(f, root, "AcroForm", revision), "Fields", revision);

    memset(out, 0, sizeof *out);
    if (root->kind != PDF_DICTIONARY)
        return pdf_damaged(&f->fault);
    for (size_t i = 0; fields->kind == PDF_ARRAY && i < fields->count; i++)
        if (!node_read(&w, &fields->items[i], NULL, 0))
            return false;
    return f->fault.kind == FAULT_NONE;
}

const struct form_field *form_find(const struct form *form, uint64_t number)
{
    for (size_t i = 0; i < form->count; i++)
        if (form->fields[i].number == number && number != 0)
            return &form->fields[i];
    return NULL;
}
