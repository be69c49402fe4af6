/* document_bench.c - CPU ms of forms and letters, layout and PDF apart, beside SHA-256 of a MiB on the same
 * machine; and the line that a table's cost follows up to 5,000 rows.
 *
 * document_bench [COUNT] */
#include "base/digest.h"
#include "base/utf8.h"
#include "bench/cost.h"
#include "issue/press.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, WARM_UP = 5, HASHES = 200 };

struct bench {
    struct press *press;
    struct arena arena;
    double mib_ms; /* SHA-256 of a MiB */
    struct err err;
};

struct cost {
    double layout_ms, pdf_ms;
    size_t pages, bytes, arena;
};

static int fail(const struct bench *b)
{
    (void)fprintf(stderr, "document_bench: %s %s\n", b->err.en, b->err.field);
    return -1;
}

static void measure_machine(struct bench *b)
{
    uint8_t *mib = calloc(1, MIB), digest[SHA256_SIZE];
    double since = cost_own_ms();

    for (int i = 0; mib != NULL && i < HASHES; i++) {
        sha256(digest, (struct slice){mib, MIB});
        mib[i] = digest[0];
    }
    b->mib_ms = (cost_own_ms() - since) / HASHES;
    free(mib);
}

/* The list with its items over and over until there are so many. */
static int grow(json_t *record, const char *list, size_t rows)
{
    json_t *items = json_object_get(record, list);
    size_t kept = json_array_size(items);

    if (kept == 0)
        return -1;
    while (json_array_size(items) > rows)
        (void)json_array_remove(items, json_array_size(items) - 1);
    for (size_t i = kept; i < rows; i++)
        if (json_array_append_new(items, json_deep_copy(json_array_get(items, i % kept))) != 0)
            return -1;
    return 0;
}

enum words { OWN, COMMON, RARE };

/* Chinese characters that the review table's sample says, in their order. */
static struct {
    uint32_t cps[4096];
    size_t count;
} common;

static void collect_common(const json_t *value)
{
    const char *name;
    json_t *item;
    size_t i;

    if (json_is_string(value)) {
        struct slice from = slice_of(json_string_value(value));
        size_t at = 0;
        uint32_t cp;

        while (utf8_next(from, &at, &cp))
            if (cp >= 0x4E00 && cp <= 0x9FA5 && common.count < sizeof common.cps / sizeof common.cps[0])
                common.cps[common.count++] = cp;
    }
    json_array_foreach((json_t *)(uintptr_t)value, i, item) collect_common(item);
    json_object_foreach((json_t *)(uintptr_t)value, name, item) collect_common(item);
}

/* Another character in its place: one that people's papers say, or any of the 20,902. n chooses. */
static uint32_t other_character(uint32_t cp, enum words words, uint32_t n)
{
    if (cp < 0x4E00 || cp > 0x9FA5 || words == OWN)
        return cp;
    if (words == COMMON)
        return common.cps[(cp * 31 + n * 7) % common.count];
    return 0x4E00 + (cp - 0x4E00 + 97 * (n + 1)) % 20902;
}

/* The record in other Chinese characters, few or none of which are in the subsets that were made beforehand
 * for what samples say. */
static json_t *in_other_characters(const json_t *value, enum words words, uint32_t n)
{
    const char *name;
    json_t *out, *item;
    size_t i;

    if (json_is_string(value)) {
        struct buf text = BUF_INIT(MIB);
        struct slice from = slice_of(json_string_value(value));
        size_t at = 0;
        uint32_t cp;

        while (utf8_next(from, &at, &cp))
            utf8_append(&text, other_character(cp, words, n));
        out = json_string(buf_text(&text));
        buf_dispose(&text);
        return out;
    }
    if (json_is_array(value)) {
        out = json_array();
        json_array_foreach((json_t *)(uintptr_t)value, i, item)(void)
            json_array_append_new(out, in_other_characters(item, words, n));
        return out;
    }
    if (!json_is_object(value))
        return json_deep_copy(value);
    out = json_object();
    json_object_foreach((json_t *)(uintptr_t)value, name, item)(void)
        json_object_set_new(out, name, in_other_characters(item, words, n));
    return out;
}

static int one(struct bench *b, const struct print_order *o, struct cost *c)
{
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    struct pages pages;
    double start, middle;
    int rc = -1;

    arena_reset(&b->arena);
    start = cost_own_ms();
    if (press_lay_out(&pages, b->press, o, &b->arena, &b->err) != 0)
        goto out;
    middle = cost_own_ms();
    if (press_print(&pdf, b->press, &pages, o, &b->arena, &b->err) != 0)
        goto out;
    c->layout_ms += middle - start;
    c->pdf_ms += cost_own_ms() - middle;
    c->pages = pages.count;
    c->bytes = pdf.len;
    c->arena = b->arena.used_total;
    rc = 0;
out:
    buf_dispose(&pdf);
    return rc;
}

/* The same record over and over, each time in other words if so. */
static int measure(struct bench *b, const char *name, const json_t *record, int count, enum words words,
                   struct cost *mean)
{
    struct print_order o = {.record = record, .verify_url = "https://zs.example.cn/v/sample"};
    struct cost unused = {0};

    *mean = (struct cost){0};
    if (press_template(&o.template, b->press, name, &b->err) != 0)
        return fail(b);
    for (int i = 0; i < WARM_UP + count; i++) {
        json_t *other = in_other_characters(record, words, (uint32_t)i);
        int rc;

        o.record = other;
        rc = one(b, &o, i < WARM_UP ? &unused : mean);
        json_decref(other);
        if (rc != 0)
            return fail(b);
    }
    mean->layout_ms /= count;
    mean->pdf_ms /= count;
    return 0;
}

static void print_row(const struct bench *b, const char *name, const struct cost *c)
{
    double ms = c->layout_ms + c->pdf_ms;

    (void)printf("%-24s %5zu pages %9zu bytes  layout %8.3f  pdf %8.3f  together %8.3f ms  %6.2f x\n", name,
                 c->pages, c->bytes, c->layout_ms, c->pdf_ms, ms, ms / b->mib_ms);
}

static int samples(struct bench *b, int count)
{
    for (size_t i = 0; i < press_template_count(b->press); i++) {
        const struct template *t = press_template_at(b->press, i);
        struct cost c;

        if (measure(b, template_name(t), template_sample(t), count, OWN, &c) != 0)
            return -1;
        print_row(b, template_name(t), &c);
    }
    return 0;
}

static int in_all_words(struct bench *b, const char *name, const json_t *record, int count)
{
    static const char *const titles[] = {"  the sample's words", "  common words", "  rare words"};

    (void)printf("%s\n", name);
    for (int words = OWN; words <= RARE; words++) {
        struct cost c;

        if (measure(b, name, record, count, (enum words)words, &c) != 0)
            return -1;
        print_row(b, titles[words], &c);
    }
    return 0;
}

/* A letter, and a review table with 25 jobs and 50 cases. */
static int with_goals(struct bench *b, int count)
{
    const struct template *letter, *table;
    json_t *record;
    int rc = -1;

    if (press_template(&letter, b->press, "commitment-letter", &b->err) != 0 ||
        press_template(&table, b->press, "review-table", &b->err) != 0)
        return fail(b);
    record = json_deep_copy(template_sample(table));
    if (grow(record, "work_history", 25) == 0 && grow(record, "cases", 50) == 0) {
        collect_common(record);
        rc = in_all_words(b, "commitment-letter", template_sample(letter), count);
        if (rc == 0)
            rc = in_all_words(b, "review-table", record, count);
    }
    json_decref(record);
    return rc;
}

/* Least squares through the costs: how far the points are from one line. */
static void print_line(const size_t *rows, const double *ms, int n)
{
    double x = 0, y = 0, xx = 0, xy = 0, slope, base, off = 0;

    for (int i = 0; i < n; i++) {
        x += (double)rows[i];
        y += ms[i];
        xx += (double)rows[i] * (double)rows[i];
        xy += (double)rows[i] * ms[i];
    }
    slope = (n * xy - x * y) / (n * xx - x * x);
    base = (y - slope * x) / n;
    for (int i = 0; i < n; i++)
        off = fmax(off, fabs(ms[i] - base - slope * (double)rows[i]) / ms[n - 1]);
    (void)printf("line: %.2f ms + %.4f ms a row; farthest point %.1f %% of the last cost away\n", base, slope,
                 off * 100);
}

static int rows_line(struct bench *b, const char *name, const char *list)
{
    static const size_t rows[] = {50, 500, 1000, 2000, 3500, 5000};
    enum { POINTS = sizeof rows / sizeof rows[0] };
    double ms[POINTS];
    const struct template *t;

    (void)printf("\n%s, rows of %s\n", name, list);
    if (press_template(&t, b->press, name, &b->err) != 0)
        return fail(b);
    for (int i = 0; i < POINTS; i++) {
        json_t *record = json_deep_copy(template_sample(t));
        struct cost c = {0};
        int rc = grow(record, list, rows[i]);

        if (rc == 0)
            rc = measure(b, name, record, 3, OWN, &c);
        json_decref(record);
        if (rc != 0)
            return -1;
        ms[i] = c.layout_ms + c.pdf_ms;
        (void)printf("%5zu rows %5zu pages  layout %9.2f  pdf %9.2f ms  %.4f ms a row  arena %6.1f MiB\n",
                     rows[i], c.pages, c.layout_ms, c.pdf_ms, ms[i] / (double)rows[i], (double)c.arena / MIB);
    }
    print_line(rows, ms, POINTS);
    return 0;
}

int main(int argc, char **argv)
{
    struct bench b = {.arena = ARENA_INIT};
    int count = argc > 1 ? atoi(argv[1]) : 200, status = 1;

    if (press_open(&b.press, &b.err) != 0) {
        (void)fail(&b);
        return 1;
    }
    measure_machine(&b);
    (void)printf("SHA-256 of a MiB: %.3f ms; below, x is this\n", b.mib_ms);
    if (samples(&b, count) == 0 && with_goals(&b, count) == 0 &&
        rows_line(&b, "review-table", "work_history") == 0 && rows_line(&b, "review-table", "cases") == 0)
        status = 0;
    (void)printf("memory of the process: %.1f MiB\n", (double)cost_pss_kib(getpid()) / 1024);
    arena_dispose(&b.arena);
    press_close(b.press);
    return status;
}
