/* preview_internal.h - what the files of the preview share. */
#pragma once
#include "http/http.h"
#include "issue/press.h"
#include "preview/preview.h"
#include <limits.h>
#include <stdatomic.h>

enum {
    FOLDERS_MAX = 256,
    RECORDS_MAX = 64,
    RECORD_NAME_MAX = 256,
    KEPT_MAX = 8,
    SIZES_MAX = 4,
    FIELDS_MAX = 32,
    STAMP_SIZE = 17,
    VERSION_BYTES = 8,
    PAGE_MAX = 4 * 1024 * 1024,
    SOURCE_MAX = 1024 * 1024
};

/* --- folders.c: where templates and records lie --- */

/* One that may be shown. What a browser asks for is compared with `id`; it never becomes part of a path. */
struct folder {
    char *id, *dir;
    const char *label; /* the last part of id */
};
struct folders {
    struct folder list[FOLDERS_MAX];
    size_t count;
};
/* The author's folder first, then the installation's. */
MUST_CHECK int folders_list(struct folders *out, const char *own, struct err *e);
void folders_dispose(struct folders *f);
const struct folder *folders_lookup(const struct folders *f, const char *id);

/* Names of the JSON files in the folder, sample.json first; in the arena. */
struct records {
    const char *list[RECORDS_MAX];
    size_t count;
};
MUST_CHECK int records_list(struct records *out, const struct folder *f, struct arena *a, struct err *e);
/* What changes when any file does that the folder's pages come from, also of the template it is like, and
 * `extra` (or NULL). */
void folder_stamp(char out[STAMP_SIZE], const struct folder *f, const char *extra);

/* --- what is shown --- */

enum {
    RECORD_BLANK = '-',
    RECORD_EXTRA = '+'
}; /* first and only characters of choices that are no file of the folder */

struct choice {
    const struct folder *folder;
    const char *record; /* a name of records_list(), "-": the blank form, "+": the file of the command line */
    bool boxes;
};

struct page_size {
    double width, height;
    size_t count;
};
struct field_fact {
    char role[64];
    size_t page;
    double w, h;
    bool statement;
    size_t capacity[CAPACITY_SIZES];
};
/* Of pages that were made. */
struct facts {
    size_t pages, bytes;
    struct page_size sizes[SIZES_MAX];
    size_t size_count;
    char fonts[160];
    struct field_fact fields[FIELDS_MAX];
    size_t field_count;
    int64_t layout_us;
    enum unsealed unsealed;
};

/* The last PDF of a choice that could be made. */
struct kept {
    const struct folder *folder;
    char record[RECORD_NAME_MAX];
    bool boxes;
    struct buf pdf;
    struct facts facts;
    char version[2 * VERSION_BYTES + 1]; /* the same bytes have the same */
    unsigned long used;
};

enum stage { STAGE_TEMPLATE, STAGE_RECORD, STAGE_PAGES };

/* One try to make the pages of a choice. */
struct attempt {
    bool fine;
    bool has_blank; /* the template says so; false while it cannot be loaded */
    enum stage stage;
    struct err why;              /* unless fine */
    struct template_place place; /* of why, in STAGE_TEMPLATE; line 0: nowhere */
    struct buf source; /* template.md, of this template or of the one it is like, where the mistake is */
    const struct kept *kept; /* the last good one, or NULL */
};

struct preview {
    struct http_server *server;
    struct press *press; /* of the one thread that makes pages; fonts only */
    struct folders folders;
    const struct folder *first;
    char *extra; /* the file of the command line, or NULL */
    struct kept kept[KEPT_MAX];
    unsigned long clock;
    atomic_bool ending;
};

/* --- attempt.c --- */
/* Only failures of our own are failures here. */
MUST_CHECK int attempt_make(struct attempt *out, struct preview *p, const struct choice *c, struct err *e);
void attempt_dispose(struct attempt *a);
/* The last good one of the choice, or NULL. */
const struct kept *kept_lookup(const struct preview *p, const struct choice *c);

/* --- boxes.c --- */
/* The same pages with a thin frame round every line, picture and seal field, and their names. */
MUST_CHECK int boxes_draw(struct pages *out, const struct pages *in, const struct template *t,
                          const struct face *face, struct arena *a, struct err *e);

/* --- page.c --- */
struct page_facts {
    const struct preview *preview;
    const struct choice *choice;
    const struct records *records;
    const struct attempt *attempt;
    const char *stamp;
    bool english;
};
MUST_CHECK int page_write(struct buf *html, const struct page_facts *f, struct err *e);
/* checks.c: the list under the source. */
void checks_write(struct buf *html, const struct page_facts *f);
/* source.c: the source with its lines numbered, the mistake marked. */
void source_write(struct buf *html, const struct page_facts *f);

/* --- routes.c --- */
extern const struct route preview_routes[];
/* http_config.enter, .refuse, .dress */
int preview_enter(void *app, struct request *req, struct err *e);
void preview_refuse(void *app, const struct request *req, struct response *res, int status,
                    const struct err *e);
void preview_dress(void *app, const struct request *req, struct response *res);
enum { LANE_PRESS = 1, LANE_WATCH };
