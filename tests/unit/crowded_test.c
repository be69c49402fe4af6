/* crowded_test.c - certificates of any valid order, fields at their limits, characters of all kinds: no text
 * touches another or leaves its area, and every value stands on the page whole. CROWDED_ORDERS=5000 tries
 * more. */
#include "base/share.h"
#include "base/utf8.h"
#include "layout/layout.h"
#include "records/order.h"
#include "support/boxes.h"
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEMPLATES = 2, ORDERS = 400, RUNS_MAX = 1024 };

static struct {
    struct fonts *fonts;
    struct template *templates[TEMPLATES];
    struct arena arena;
    uint64_t state;
} lab = {.state = 20261121};

static unsigned below(unsigned limit) /* the same numbers in every run */
{
    lab.state = lab.state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(lab.state >> 33) % limit;
}

static int open_lab(void **state)
{
    static const char *const names[TEMPLATES] = {"templates/certificate", "templates/certificate-portrait"};
    char path[1024];
    struct err e;

    (void)state;
    if (share_path(path, sizeof path, "fonts", &e) != 0 || fonts_open(&lab.fonts, path, &e) != 0)
        fail_msg("%s", e.en);
    for (int i = 0; i < TEMPLATES; i++) {
        if (share_path(path, sizeof path, names[i], &e) != 0 ||
            template_load(&lab.templates[i], path, lab.fonts, &e) != 0)
            fail_msg("%s", e.en);
    }
    return 0;
}

static int close_lab(void **state)
{
    (void)state;
    for (int i = 0; i < TEMPLATES; i++)
        template_free(lab.templates[i]);
    fonts_close(lab.fonts);
    arena_dispose(&lab.arena);
    return 0;
}

/* --- orders --- */

enum script { HAN, RARE, LATIN, FULL_WIDTH, MIXED, SCRIPTS };

static uint32_t any_character(enum script script, bool between)
{
    static const uint32_t rare[][2] = {{0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B739},
                                       {0x2B740, 0x2B81D}, {0x2B820, 0x2CEA1}, {0x2CEB0, 0x2EBE0},
                                       {0x30000, 0x3134A}, {0x31350, 0x323AF}};
    static const char latin[] = "ABCDEFGHKLMNQRSTWXYZabcdefghijklmnopqrstuvwxyz0123456789-/&.()+";
    static const uint32_t marks[] = {0xFF08, 0xFF09, 0x3001, 0xFF0C, 0x3014,
                                     0x3015, 0x2014, 0xB7,   0xFF11, 0xFF21};

    switch (script) {
    case RARE: {
        const uint32_t *r = rare[below(sizeof rare / sizeof rare[0])];

        return r[0] + below(r[1] - r[0] + 1);
    }
    case LATIN:
        return between && below(5) == 0 ? ' ' : (uint32_t)latin[below(sizeof latin - 1)];
    case FULL_WIDTH:
        return below(3) == 0 ? marks[below(sizeof marks / sizeof marks[0])] : 0x4E00 + below(0x5000);
    case MIXED:
        return any_character((enum script)below(MIXED), between);
    case HAN:
    case SCRIPTS:
        break;
    }
    return 0x4E00 + below(0x5000);
}

static bool suits_a_name(uint32_t cp)
{
    return cp == ' ' || cp == '-' || cp == 0xB7 || (cp < 0x80 ? isalnum((int)cp) != 0 : utf8_is_han(cp));
}

/* A text of that many characters, all of which some face has. */
static const char *any_text(size_t count, enum script script, bool name)
{
    const struct face *song = fonts_lookup(lab.fonts, "song", false);
    struct buf b = BUF_INIT(4096);
    const char *kept;
    uint32_t cp, before = ' ';

    for (size_t i = 0; i < count;) {
        cp = any_character(script, before != ' ' && i + 1 < count);
        if (name && i > 0 && i + 1 < count && before != 0xB7 && below(6) == 0)
            cp = 0xB7;
        if ((name && !suits_a_name(cp)) || fonts_cover(lab.fonts, song, cp) == NULL)
            continue;
        utf8_append(&b, cp);
        before = cp;
        i++;
    }
    kept = arena_text(&lab.arena, buf_text(&b));
    buf_dispose(&b);
    return kept;
}

static size_t any_length(size_t most)
{
    return below(3) == 0 ? most : 1 + below((unsigned)most);
}

static void put(json_t *o, const char *name, size_t most, bool optional)
{
    if (optional && below(3) == 0)
        return;
    (void)json_object_set_new(
        o, name,
        json_string(any_text(any_length(most), (enum script)below(SCRIPTS), strcmp(name, "name") == 0)));
}

static json_t *any_order(void)
{
    static const char *const modes[] = {"评审", "认定", "考试", "考评结合", "确认"};
    static const char *const levels[] = {"正高级", "副高级", "中级", "初级"};
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "profile", "p", "biz_no", "b",
                          "gender", below(2) ? "男" : "女", "birth_date", "1978-11-23", "id_type",
                          below(2) ? "其他" : "外国人永久居留身份证", "level", levels[below(4)], "issue_date",
                          "2026-12-31", "year", 2025, "obtained_date", "2025-12-30");

    put(o, "name", below(2) ? 26 : 50, false);
    put(o, "id_number", 32, false);
    put(o, "specialty", 60, false);
    put(o, "title", 60, false);
    put(o, "approval_no", below(2) ? 30 : 60, false);
    put(o, "employer", 100, true);
    if (below(4) > 0)
        (void)json_object_set_new(o, "obtain_mode", json_string(modes[below(5)]));
    (void)json_object_set_new(o, "series",
                              json_pack("{s:s, s:s}", "code", "04", "name",
                                        any_text(any_length(60), (enum script)below(SCRIPTS), false)));
    if (below(2)) {
        put(o, "original_no", below(2) ? 20 : 64, false);
        (void)json_object_set_new(o, "reissue_date", json_string("2027-12-30"));
    }
    return o;
}

static const char *any_office(void)
{
    const char *first = any_text(1 + below(22), HAN, false),
               *second = any_text(1 + below(22), FULL_WIDTH, false);

    return below(2) ? arena_printf(&lab.arena, "%s|%s", first, second)
                    : any_text(any_length(40), below(8) ? HAN : MIXED, false);
}

/* --- judging --- */

struct ink {
    double left, right, top, bottom;
    const struct text_run *run;
};

static double end_of(const struct text_run *r)
{
    const struct glyph_at *last = &r->glyphs[r->count - 1];

    return r->x + (double)last->dx + face_advance(r->face, last->cp) / 1000 * r->size * 25.4 / 72;
}

/* The body of a line as Chinese type fills it. */
static struct ink ink_of(const struct text_run *r)
{
    double em = r->size * 25.4 / 72;

    return (struct ink){r->x, end_of(r), r->baseline - 0.80 * em, r->baseline + 0.08 * em, r};
}

static const char *words(const struct text_run *r)
{
    struct buf b = BUF_INIT(4096);
    const char *kept;

    run_text(&b, r);
    kept = arena_text(&lab.arena, buf_text(&b));
    buf_dispose(&b);
    return kept;
}

static bool touch(const struct ink *a, const struct ink *b)
{
    const double slack = 0.02;

    return a->left + slack < b->right && b->left + slack < a->right && a->top + slack < b->bottom &&
           b->top + slack < a->bottom;
}

static void judge_area(const struct page *p, const struct ink *ink)
{
    const double border = 18.5; /* inside the inner hairline */

    if (ink->left < border || ink->right > p->width - border || ink->top < border ||
        ink->bottom > p->height - border)
        fail_msg("\"%s\" leaves the frame: %.1f to %.1f, %.1f to %.1f", words(ink->run), ink->left,
                 ink->right, ink->top, ink->bottom);
}

static void judge_page(const struct page *p)
{
    struct ink inks[RUNS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].kind != ITEM_TEXT || p->items[i].u.text.count == 0)
            continue;
        assert_true(count < RUNS_MAX);
        inks[count] = ink_of(&p->items[i].u.text);
        judge_area(p, &inks[count++]);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (touch(&inks[i], &inks[k]))
                fail_msg("\"%s\" and \"%s\" lie over each other (%.1f %.1f, %.1f %.1f)", words(inks[i].run),
                         words(inks[k].run), inks[i].run->x, inks[i].run->baseline, inks[k].run->x,
                         inks[k].run->baseline);
        }
        for (size_t k = 0; k < p->count; k++) {
            const struct box *b = &p->items[k].box;
            struct ink picture = {b->x, b->x + b->w, b->y, b->y + b->h, NULL};

            if ((p->items[k].kind == ITEM_QR || p->items[k].kind == ITEM_PHOTO) && touch(&inks[i], &picture))
                fail_msg("\"%s\" lies over a picture", words(inks[i].run));
        }
    }
}

static void append_solid(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text != ' ' && *text != '|')
            buf_append_char(out, *text);
    }
}

/* Every value of the record, its characters in order; lines may end and blanks go there. */
static void judge_values(const struct page *p, const json_t *record)
{
    static const char *const names[] = {"certificate_no", "name",   "id_number",   "series",   "specialty",
                                        "title",          "level",  "approval_no", "employer", "original_no",
                                        "obtain_mode",    "gender", "issuer",      "committee"};
    struct buf page = BUF_INIT(65536);

    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].kind == ITEM_TEXT)
            append_solid(&page, words(&p->items[i].u.text));
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *value = json_object_get(record, names[i]);
        struct buf b = BUF_INIT(4096);

        if (json_is_object(value))
            value = json_object_get(value, "name");
        if (value == NULL)
            continue;
        append_solid(&b, json_string_value(value));
        if (strstr(buf_text(&page), buf_text(&b)) == NULL)
            fail_msg("%s \"%s\" is not on the page", names[i], json_string_value(value));
        buf_dispose(&b);
    }
    buf_dispose(&page);
}

/* false where the layout refused it, which it may by saying which member is too long. */
static bool lay_out(struct pages *pages, const json_t *record, const struct template *t)
{
    static const char *const roles[] = {"committee", "issuer"};
    struct layout_order order = {.template = t,
                                 .record = record,
                                 .photo = slice_of("picture"),
                                 .verify_url = "https://zs.example.cn/v/AbCdEfGhIjKlMnOpQrStUv",
                                 .seal_roles = roles,
                                 .seal_role_count = 2};
    struct err e;

    if (layout_run(pages, &order, lab.fonts, &lab.arena, &e) == 0)
        return true;
    if (e.code != ERR_INVALID || e.field[0] != '/' || strstr(e.en, "characters") == NULL)
        fail_msg("%s: %s", e.field, e.en);
    return false;
}

/* What the template of a certificate is given, from an order that was checked. */
static json_t *any_record(void)
{
    struct organisation issuer = {.id = "i", .name = any_office()},
                        committee = {.id = "c", .name = any_office()};
    struct certificate_facts facts = {
        .number = "9342025010012000001", .issuer = &issuer, .host = "zs.example.cn"};
    struct faults faults = {.count = 0};
    struct certificate_order order;
    json_t *json = any_order(), *record;
    struct err e;

    if (below(4) > 0)
        facts.committee = &committee;
    if (below(2))
        facts.number = any_text(any_length(64), (enum script)below(SCRIPTS), false);
    if (below(2))
        facts.license_id =
            "1.2.156.3005.2.11340000MB0T0T0T1J001.11340000MB0T0T0T1J.9342025010012000001.001.I";
    if (certificate_order_read(&order, json, &lab.arena, &faults, &e) != 0)
        fail_msg("%s: %s", e.field, e.en);
    record = certificate_record(&order, &facts);
    assert_non_null(record);
    json_decref(json);
    return record;
}

static void any_valid_order_is_set_whole_or_refused_by_name(void **state)
{
    const char *more = getenv("CROWDED_ORDERS");
    unsigned most = more != NULL ? (unsigned)strtoul(more, NULL, 10) : ORDERS, refused = 0;

    (void)state;
    for (unsigned i = 0; i < most; i++) {
        struct pages pages;
        json_t *record;

        arena_reset(&lab.arena);
        record = any_record();
        if (lay_out(&pages, record, lab.templates[i % TEMPLATES])) {
            assert_int_equal(pages.count, 1);
            judge_page(&pages.list[0]);
            judge_values(&pages.list[0], record);
        } else {
            refused++;
        }
        json_decref(record);
    }
    assert_true(refused < most / 4); /* else too little was judged */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_valid_order_is_set_whole_or_refused_by_name),
    };

    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
