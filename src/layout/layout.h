/* layout.h - a template and a record become pages: every glyph, rule, picture and signature field at its
 * position. */
#pragma once
#include "base/arena.h"
#include "layout/page.h"
#include "template/template.h"

/* What lies over or under the whole page. */
enum mark {
    MARK_NONE,
    MARK_SPECIMEN, /* 样张 无效, over everything: not from the journal */
    MARK_DRAFT,    /* 草稿 未审核 不作为证明使用, under everything */
    MARK_VOID      /* 作废, under everything */
};

struct layout_order {
    const struct template *template;
    const json_t *record;   /* an object; members the template does not know are ignored here */
    struct slice photo;     /* JPEG of photo_crop(), or empty: the photo's box stays empty */
    const char *verify_url; /* what the QR code says */
    const char *const
        *seal_roles; /* roles whose seals will be placed: each gets its field; NULL entries do not occur */
    size_t seal_role_count;
    bool service_field; /* one invisible field named "service" on page 1, for the service's own signature */
    enum mark mark;
    bool blank; /* no data: to be filled in by hand; record may be NULL */
};

/* What one office says in its seal field. */
struct statement {
    const char *text, *signer, *office; /* UTF-8; NULL or "": nothing */
    const char *date;                   /* YYYY-MM-DD */
    const char *from;                   /* JSON pointer, for errors: "/opinions/employer" */
};

/* The texts of a statement as they stand in the field, at positions on its page. The opinion is set in the
 * largest of 10.5, 9 and 8 pt that holds it. ERR_INVALID says how many characters it has and how many the
 * field takes. */
MUST_CHECK int layout_statement(struct item **out, size_t *count, const struct seal_field *field,
                                const struct statement *st, struct fonts *fonts, struct arena *a,
                                struct err *e);

/* ERR_INVALID, with the JSON pointer of the record's member in e->field, for: a character no font has (naming
 * it and its code point), a private-use or control or bidi code point, a text that no fitting step can hold
 * (with its length). Same input, same pages. */
MUST_CHECK int layout_run(struct pages *out, const struct layout_order *order, struct fonts *fonts,
                          struct arena *a, struct err *e);

/* The characters that (nearly) every document of the template sets, face by face: its fixed wording, and the
 * digits and date units that values consist of. For pdf_kit_new(); the list is the arena's. */
MUST_CHECK int layout_usage(const struct face_usage **out, size_t *count, const struct template *t,
                            struct fonts *fonts, struct arena *a, struct err *e);
