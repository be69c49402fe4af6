/* document_bench.c - CPU ms of forms and letters, layout and PDF apart, beside SHA-256 of a MiB on the same
 * machine; and the line that a table's cost follows up to 5,000 rows.
 *
 * document_bench [COUNT] */
#include "base/digest.h"
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

static int measure(struct bench *b, const char *name, const json_t *record, int count, struct cost *mean)
{
    struct print_order o = {.record = record, .verify_url = "https://zs.example.cn/v/sample"};
    struct cost unused = {0};

    *mean = (struct cost){0};
    if (press_template(&o.template, b->press, name, &b->err) != 0)
        return fail(b);
    for (int i = 0; i < WARM_UP + count; i++)
        if (one(b, &o, i < WARM_UP ? &unused : mean) != 0)
            return fail(b);
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

        if (measure(b, template_name(t), template_sample(t), count, &c) != 0)
            return -1;
        print_row(b, template_name(t), &c);
    }
    return 0;
}

static int review_table(struct bench *b, int count)
{
    const struct template *t;
    struct cost c;
    json_t *record;
    int rc = -1;

    if (press_template(&t, b->press, "review-table", &b->err) != 0)
        return fail(b);
    record = json_deep_copy(template_sample(t));
    if (grow(record, "work_history", 25) == 0 && grow(record, "cases", 50) == 0 &&
        measure(b, "review-table", record, count, &c) == 0) {
        print_row(b, "25 jobs, 50 cases", &c);
        rc = 0;
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
            rc = measure(b, name, record, 3, &c);
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
    if (samples(&b, count) == 0 && review_table(&b, count) == 0 &&
        rows_line(&b, "review-table", "work_history") == 0 && rows_line(&b, "review-table", "cases") == 0)
        status = 0;
    (void)printf("memory of the process: %.1f MiB\n", (double)cost_pss_kib(getpid()) / 1024);
    arena_dispose(&b.arena);
    press_close(b.press);
    return status;
}
