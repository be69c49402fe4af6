/* any_record_test.c - whatever a record holds (nothing, too much, what was never meant), every template
 * either sets it inside the page, nothing over anything else, or refuses it by name. ANY_RECORDS=2000 says
 * how many records each template is given. */
#include "base/utf8.h"
#include "support/boxes.h"
#include "support/drawer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECORDS = 2000 };

enum { LONGEST_LIST = 60, DEEPEST = 8 };

static uint64_t seed = 20261121;
static json_t *trying; /* the record on the pages */
static bool spite;     /* this record breaks rules: kinds, dates, characters that are refused */

static unsigned below(unsigned limit) /* the same numbers in every run */
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(seed >> 33) % limit;
}

/* --- records --- */

/* the last one cannot stand in a value of one line */
static const char *const ordinary[] = {"测试",
                                       "安徽省",
                                       "（虚构）",
                                       "2025",
                                       "，",
                                       "。",
                                       "·",
                                       "A",
                                       "Universität",
                                       " ",
                                       "欧阳𬍛𫖯",
                                       "《论文》",
                                       "100%",
                                       "——",
                                       "“引”",
                                       "㛃",
                                       "https://example.cn/a/very/long/path?with=query&more=1",
                                       "、",
                                       "；",
                                       "\n"};
enum { ORDINARY = sizeof ordinary / sizeof ordinary[0] };
static const char *const hostile[] = {"{{name}}",
                                      "<br/>",
                                      "<td>",
                                      "**",
                                      "| default:\"\"",
                                      ") Tj ET",
                                      "<<>>",
                                      "\\",
                                      "&amp;",
                                      "_",
                                      "# ",
                                      "1. ",
                                      "`",
                                      "$",
                                      "%s%n",
                                      "\xEF\xB8\x8F",
                                      "\xE2\x80\xAE",
                                      "\x01",
                                      "\xEE\x80\x81",
                                      "\xF3\xA0\x80\x81",
                                      "\xE2\x80\x8B",
                                      "]]>",
                                      "]]",
                                      "\"'"};

static json_t *random_text(void)
{
    static const unsigned lengths[] = {1, 1, 2, 2, 3, 4, 6, 9, 14, 30, 80, 400};
    struct buf b = BUF_INIT(1 << 20);
    unsigned n = lengths[below(sizeof lengths / sizeof lengths[0])];
    bool spiteful = spite && below(6) == 0;
    json_t *text;

    if (n == 400 && below(6) != 0)
        n = 5;
    for (unsigned i = 0; i < n; i++) {
        if (spiteful && below(3) == 0)
            buf_append_text(&b, hostile[below(sizeof hostile / sizeof hostile[0])]);
        else
            buf_append_text(&b, ordinary[below(ORDINARY - (below(8) != 0))]);
    }
    text = json_string(buf_text(&b));
    buf_dispose(&b);
    return text;
}

static bool looks_like_a_date(const char *text)
{
    return strlen(text) >= 7 && strspn(text, "0123456789-") == strlen(text) && text[4] == '-';
}

static json_t *random_string(const char *kept)
{
    switch (below(8)) {
    case 0:
        return json_string("");
    case 1:
    case 2:
        return looks_like_a_date(kept) && (!spite || below(4) != 0)
                   ? json_string(strlen(kept) < 10 ? "1999-12" : "1999-12-31")
                   : random_text();
    default:
        return json_string(kept);
    }
}

static json_t *random_value(const json_t *sample, int depth);

static json_t *random_list(const json_t *sample, int depth)
{
    json_t *list = json_array();
    size_t kept = json_array_size(sample);
    unsigned n = below(12) == 0 ? below(LONGEST_LIST) : below(5);

    for (unsigned i = 0; i < n && kept > 0; i++)
        (void)json_array_append_new(list,
                                    random_value(json_array_get(sample, below((unsigned)kept)), depth + 1));
    return list;
}

static json_t *random_object(const json_t *sample, int depth)
{
    json_t *object = json_object(), *value;
    const char *name;

    json_object_foreach((json_t *)(uintptr_t)sample, name, value)
    {
        if (below(10) != 0)
            (void)json_object_set_new(object, name, random_value(value, depth + 1));
    }
    return object;
}

static json_t *random_value(const json_t *sample, int depth)
{
    if (spite && below(60) == 0) /* of another kind altogether */
        return below(2) == 0 ? json_pack("[s]", "x") : json_pack("{s:s}", "x", "y");
    if (depth > DEEPEST)
        return json_null();
    if (json_is_string(sample))
        return random_string(json_string_value(sample));
    if (json_is_array(sample))
        return random_list(sample, depth);
    if (json_is_object(sample))
        return random_object(sample, depth);
    return below(4) == 0 ? json_integer((json_int_t)below(2000000000)) : json_deep_copy(sample);
}

/* --- pages --- */

struct area {
    double left, top, right, bottom;
    const struct text_run *run; /* NULL: a rule, a photo, a code */
};

enum { AREAS_MAX = 20000 };
static struct area texts[AREAS_MAX], others[AREAS_MAX];
static size_t text_count, other_count;

static int by_top(const void *a, const void *b)
{
    double x = ((const struct area *)a)->top, y = ((const struct area *)b)->top;

    return x < y ? -1 : x > y;
}

static struct area area_of(const struct text_run *r)
{
    const struct glyph_at *last = &r->glyphs[r->count - 1];
    double em = r->size * 25.4 / 72;

    /* the middle of the ink: characters that stand below each other closely do not count as overprinted */
    return (struct area){.left = r->x + 0.02 * em,
                         .right = r->x + (double)last->dx + face_advance(r->face, last->cp) / 1000 * em -
                                  0.02 * em,
                         .top = r->baseline - 0.72 * em,
                         .bottom = r->baseline + 0.02 * em,
                         .run = r};
}

/* Half of a full-width mark is blank and may stand over its neighbour's or the margin. */
static void leave_out_blanks(struct area *a)
{
    const struct text_run *r = a->run;
    double half = r->size * 25.4 / 72 / 2;
    uint32_t first = r->glyphs[0].cp, last = r->glyphs[r->count - 1].cp;

    if (first == 0xFF08 || first == 0x300A || first == 0x201C || first == 0x3014)
        a->left += half;
    if (last == 0xFF09 || last == 0x300B || last == 0x201D || last == 0x3015 || last == 0xFF0C ||
        last == 0x3002 || last == 0x3001 || last == 0xFF1B || last == 0xFF1A)
        a->right -= half;
}

static void collect(const struct page *page)
{
    text_count = other_count = 0;
    for (size_t i = 0; i < page->count; i++) {
        const struct item *item = &page->items[i];

        assert_true(text_count < AREAS_MAX && other_count < AREAS_MAX);
        if (item->kind == ITEM_TEXT && item->u.text.angle == 0 && item->u.text.count > 0) {
            texts[text_count] = area_of(&item->u.text);
            leave_out_blanks(&texts[text_count++]);
        } else if (item->kind == ITEM_FILL || item->kind == ITEM_PHOTO || item->kind == ITEM_QR) {
            const struct box *b = &item->box;

            others[other_count++] = (struct area){b->x, b->y, b->x + b->w, b->y + b->h, NULL};
        }
    }
    qsort(texts, text_count, sizeof texts[0], by_top);
    qsort(others, other_count, sizeof others[0], by_top);
}

static bool touch(const struct area *a, const struct area *b)
{
    return a->left < b->right - 1e-3 && b->left < a->right - 1e-3 && a->top < b->bottom - 1e-3 &&
           b->top < a->bottom - 1e-3;
}

static void complain(const char *who, size_t page, const struct area *a, const struct area *b,
                     const char *what)
{
    struct buf one = BUF_INIT(4096), other = BUF_INIT(4096);

    if (getenv("ANY_KEEP") != NULL)
        (void)json_dump_file(trying, getenv("ANY_KEEP"), JSON_INDENT(1));
    run_text(&one, a->run);
    if (b != NULL && b->run != NULL)
        run_text(&other, b->run);
    fail_msg("%s, page %zu: \"%.120s\" at %.2f %.2f (to %.2f) %s \"%.120s\" at %.2f %.2f %.2f %.2f", who,
             page, buf_text(&one), a->left, a->top, a->right, what, buf_text(&other), b != NULL ? b->left : 0,
             b != NULL ? b->top : 0, b != NULL ? b->right : 0, b != NULL ? b->bottom : 0);
}

/* A plate behind a text (a tinted cell, a QR code's ground) is under it on purpose; rules are thin. */
static bool is_obstacle(const struct area *o)
{
    return o->right - o->left < 1 || o->bottom - o->top < 1;
}

static void check_page(const char *who, const struct page *page, size_t number)
{
    collect(page);
    for (size_t i = 0; i < text_count; i++) {
        const struct area *a = &texts[i];

        if (a->left < 0 || a->top < 0 || a->right > page->width || a->bottom > page->height)
            complain(who, number, a, NULL, "is outside the page");
        for (size_t k = i + 1; k < text_count && texts[k].top < a->bottom; k++)
            if (touch(a, &texts[k]))
                complain(who, number, a, &texts[k], "is over");
    }
    for (size_t i = 0, from = 0; i < text_count; i++) {
        while (from < other_count && others[from].bottom < texts[i].top - 400)
            from++;
        for (size_t k = from; k < other_count && others[k].top < texts[i].bottom; k++)
            if (is_obstacle(&others[k]) && touch(&texts[i], &others[k]))
                complain(who, number, &texts[i], &others[k], "crosses a rule");
    }
}

static void check_document(const char *who)
{
    for (size_t p = 0; p < drawer.pages.count; p++)
        check_page(who, &drawer.pages.list[p], p + 1);
    for (size_t f = 0; f < drawer.pages.field_count; f++) {
        const struct seal_field *field = &drawer.pages.fields[f];
        const struct page *page = &drawer.pages.list[field->page];

        assert_true(field->page < drawer.pages.count);
        assert_true(field->box.x >= 0 && field->box.y >= 0 && field->box.x + field->box.w <= page->width &&
                    field->box.y + field->box.h <= page->height);
        for (size_t k = 0; k < f; k++) {
            const struct seal_field *other = &drawer.pages.fields[k];

            if (other->statement && field->statement && other->page == field->page &&
                other->box.x < field->box.x + field->box.w && field->box.x < other->box.x + other->box.w &&
                other->box.y < field->box.y + field->box.h && field->box.y < other->box.y + other->box.h)
                fail_msg("%s: the fields of %s and %s overlap", who, other->role, field->role);
        }
    }
}

static void try_one(const struct template *t, int number, size_t *set)
{
    json_t *record;
    char who[200];

    spite = below(4) == 0;
    trying = record = random_object(template_sample(t), 0);
    (void)snprintf(who, sizeof who, "%s, record %d", template_name(t), number);
    if (drawer_lay(&drawer, t, record, below(2) == 0) == 0) {
        check_document(who);
        (*set)++;
    } else if ((drawer.err.code != ERR_INVALID && drawer.err.code != ERR_TOO_LARGE) ||
               drawer.err.zh[0] == '\0') {
        fail_msg("%s: %s (%s)", who, drawer.err.en, drawer.err.field);
    }
    json_decref(record);
}

static void any_record_is_set_or_refused(void **state)
{
    const char *asked = getenv("ANY_RECORDS"), *only = getenv("ANY_TEMPLATE");
    int records = asked != NULL ? atoi(asked) : RECORDS;

    (void)state;
    for (size_t i = 0; i < drawer.count; i++) {
        const struct template *t = drawer.list[i];
        size_t set = 0;

        if (only != NULL && strcmp(only, template_name(t)) != 0)
            continue;
        for (int n = 0; n < records; n++)
            try_one(t, n, &set);
        /* a template that refuses nearly everything would pass without being tried */
        if (set * 4 < (size_t)records)
            fail_msg("%s: only %zu of %d records could be set; the last: %s (%s)", template_name(t), set,
                     records, drawer.err.en, drawer.err.field);
    }
}

static void blank_forms_overlap_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < drawer.count; i++) {
        if (!template_has_blank(drawer.list[i]))
            continue;
        if (drawer_lay(&drawer, drawer.list[i], NULL, true) != 0)
            fail_msg("%s: %s", template_name(drawer.list[i]), drawer.err.en);
        check_document(template_name(drawer.list[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_record_is_set_or_refused),
        cmocka_unit_test(blank_forms_overlap_nothing),
    };

    return cmocka_run_group_tests(tests, drawer_setup, drawer_teardown);
}
