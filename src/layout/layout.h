/* layout.h - a template and a record become pages: every glyph, rule, picture and signature field at its
 * position. */
#pragma once
#include "base/arena.h"
#include "layout/page.h"
#include "template/template.h"

struct layout_order {
    const struct template *template;
    const json_t *record;   /* an object; members the template does not know are ignored here */
    struct slice photo;     /* JPEG of photo_crop(), or empty: the photo's box stays empty */
    const char *verify_url; /* what the QR code says */
    const char *const
        *seal_roles; /* roles whose seals will be placed: each gets its field; NULL entries do not occur */
    size_t seal_role_count;
    bool service_field; /* one invisible field named "service" on page 1, for the service's own signature */
    bool specimen;      /* watermark 样张 无效 over everything: not from the journal */
};

/* ERR_INVALID, with the JSON pointer of the record's member in e->field, for: a character no font has (naming
 * it and its code point), a private-use or control or bidi code point, a text that no fitting step can hold
 * (with its length). Same input, same pages. */
MUST_CHECK int layout_run(struct pages *out, const struct layout_order *order, struct fonts *fonts,
                          struct arena *a, struct err *e);

/* The characters that (nearly) every document of the template sets, face by face: its fixed wording, and the
 * digits and date units that values consist of. For pdf_kit_new(); the list is the arena's. */
MUST_CHECK int layout_usage(const struct face_usage **out, size_t *count, const struct template *t,
                            struct fonts *fonts, struct arena *a, struct err *e);
