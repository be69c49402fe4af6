/* attempt.c - one try to make the pages of a template, and the last that succeeded. */
#include "base/digest.h"
#include "base/file.h"
#include "preview/preview_internal.h"
#include <string.h>
#include <time.h>

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- what was made --- */

static bool is_of(const struct kept *k, const struct choice *c)
{
    return k->folder == c->folder && k->boxes == c->boxes && strcmp(k->record, c->record) == 0;
}

/* KEPT_MAX where it is not kept. */
static size_t place_of(const struct preview *p, const struct choice *c)
{
    size_t i = 0;

    while (i < KEPT_MAX && !is_of(&p->kept[i], c))
        i++;
    return i;
}

const struct kept *kept_lookup(const struct preview *p, const struct choice *c)
{
    size_t i = place_of(p, c);

    return i < KEPT_MAX ? &p->kept[i] : NULL;
}

/* Its place, else that of the one that was shown longest ago. */
static struct kept *kept_place(struct preview *p, const struct choice *c)
{
    size_t found = place_of(p, c);
    struct kept *oldest = &p->kept[0];

    if (found < KEPT_MAX)
        return &p->kept[found];
    for (size_t i = 1; i < KEPT_MAX; i++) {
        if (p->kept[i].used < oldest->used)
            oldest = &p->kept[i];
    }
    return oldest;
}

static const char *family_name(const char *face)
{
    static const char *const names[][2] = {
        {"NotoSerifCJK", "宋体"}, {"NotoSansCJK", "黑体"}, {"LXGWWenKai", "楷体"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(face, names[i][0], strlen(names[i][0])) == 0)
            return names[i][1];
    }
    return face;
}

static void note_font(struct facts *f, const struct face *face)
{
    const char *name = family_name(face_name(face));
    size_t used = strlen(f->fonts);

    if (strstr(f->fonts, name) == NULL && used + strlen(name) + 4 < sizeof f->fonts)
        (void)snprintf(f->fonts + used, sizeof f->fonts - used, "%s%s", used > 0 ? "、" : "", name);
}

static void note_size(struct facts *f, const struct page *page)
{
    size_t i = 0;

    while (i < f->size_count && (f->sizes[i].width != page->width || f->sizes[i].height != page->height))
        i++;
    if (i == SIZES_MAX)
        return;
    if (i == f->size_count)
        f->sizes[f->size_count++] = (struct page_size){page->width, page->height, 0};
    f->sizes[i].count++;
}

static void note_field(struct facts *f, const struct seal_field *s)
{
    struct field_fact *fact = &f->fields[f->field_count];

    if (f->field_count == FIELDS_MAX)
        return;
    (void)snprintf(fact->role, sizeof fact->role, "%s", s->role);
    fact->page = s->page + 1;
    fact->w = s->box.w;
    fact->h = s->box.h;
    fact->statement = s->statement;
    memcpy(fact->capacity, s->capacity, sizeof fact->capacity);
    f->field_count++;
}

static void note_facts(struct facts *f, const struct pages *pages, const struct template *t)
{
    *f = (struct facts){.pages = pages->count, .unsealed = template_unsealed(t)};
    for (size_t i = 0; i < pages->count; i++) {
        note_size(f, &pages->list[i]);
        for (size_t k = 0; k < pages->list[i].count; k++) {
            if (pages->list[i].items[k].kind == ITEM_TEXT)
                note_font(f, pages->list[i].items[k].u.text.face);
        }
    }
    for (size_t i = 0; i < pages->field_count; i++)
        note_field(f, &pages->fields[i]);
}

/* --- making it --- */

static int print(struct kept *out, struct preview *p, const struct choice *c, const struct proof *proof,
                 struct err *e)
{
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    struct arena a = ARENA_INIT;
    struct pages pages, boxed;
    struct print_order order;
    struct facts facts;
    int64_t began = now_us();
    int rc = proof_lay_out(&pages, &order, p->press, proof, &a, e);

    if (rc == 0) {
        note_facts(&facts, &pages, proof->template);
        facts.layout_us = now_us() - began;
        if (c->boxes)
            rc = boxes_draw(&boxed, &pages, proof->template, press_face(p->press, "hei"), &a, e);
    }
    if (rc == 0)
        rc = press_print(&pdf, p->press, c->boxes ? &boxed : &pages, &order, &a, e);
    if (rc == 0) {
        uint8_t sha[SHA256_SIZE];

        sha256(sha, buf_view(&pdf));
        buf_dispose(&out->pdf);
        facts.bytes = pdf.len;
        *out = (struct kept){c->folder, "", c->boxes, pdf, facts, "", out->used};
        (void)snprintf(out->record, sizeof out->record, "%s", c->record);
        hex_encode(out->version, (struct slice){sha, VERSION_BYTES});
        buf_init(&pdf, 0);
    }
    buf_dispose(&pdf);
    arena_dispose(&a);
    return rc;
}

static int read_record(json_t **out, const struct preview *p, const struct choice *c, struct err *e)
{
    char path[PATH_MAX];

    if (c->record[0] == RECORD_EXTRA)
        return json_read_file(out, p->extra, JSON_MAX_BYTES, e);
    if (snprintf(path, sizeof path, "%s/%s", c->folder->dir, c->record) >= (int)sizeof path)
        return err_set(e, ERR_INVALID, "The template's path is too long.", "模板路径过长。");
    if (json_read_file(out, path, JSON_MAX_BYTES, e) != 0)
        return -1;
    if (json_is_object(*out))
        return 0;
    return err_set(e, ERR_INVALID, "%s is not an object.", "%s 不是对象。", c->record);
}

/* -1 with out->why. */
static int make(struct attempt *out, struct preview *p, const struct choice *c)
{
    struct proof proof = {.host = "zs.example.cn", .blank = c->record[0] == RECORD_BLANK};
    struct template *t = NULL;
    json_t *record = NULL;
    const char *host;
    int rc = -1;

    out->stage = STAGE_TEMPLATE;
    if (press_load(&t, p->press, c->folder->dir, &out->place, &out->why) != 0)
        goto out;
    out->has_blank = template_has_blank(t);
    out->stage = STAGE_RECORD;
    if (!proof.blank && read_record(&record, p, c, &out->why) != 0)
        goto out;
    out->stage = STAGE_PAGES;
    host = json_text(record, "host");
    proof.template = t;
    proof.record = record;
    proof.host = host == NULL ? proof.host : host;
    rc = print(kept_place(p, c), p, c, &proof, &out->why);
out:
    json_decref(record);
    template_free(t);
    return rc;
}

static int read_source(struct attempt *out, const struct choice *c, struct err *e)
{
    const char *slash = strrchr(c->folder->dir, '/');
    const char *own = slash == NULL ? c->folder->dir : slash + 1;
    bool other = !out->fine && out->place.line > 0 && out->place.name[0] != '\0' &&
                 strcmp(out->place.name, own) != 0 && strchr(out->place.name, '/') == NULL &&
                 own[0] != '\0' && own[0] != '.';
    char path[PATH_MAX];
    struct err unread;

    (void)snprintf(path, sizeof path, other ? "%s/../%s/template.md" : "%1$s/template.md", c->folder->dir,
                   out->place.name);
    if (file_read(&out->source, path, &unread) == 0)
        return 0;
    buf_reset(&out->source); /* why it cannot be read is the attempt's error already */
    return unread.code == ERR_NO_MEMORY ? err_no_memory(e) : 0;
}

int attempt_make(struct attempt *out, struct preview *p, const struct choice *c, struct err *e)
{
    size_t kept;

    *out = (struct attempt){.fine = false};
    buf_init(&out->source, SOURCE_MAX);
    p->clock++;
    out->fine = make(out, p, c) == 0;
    kept = place_of(p, c);
    if (kept < KEPT_MAX) {
        p->kept[kept].used = p->clock;
        out->kept = &p->kept[kept];
    }
    return read_source(out, c, e);
}

void attempt_dispose(struct attempt *a)
{
    buf_dispose(&a->source);
}
