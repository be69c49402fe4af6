#include "image/photo_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TAPS = 24, MAX_CHANNELS = 4 };

/* Between 1.5 and 3 samples are kept for each pixel of the result: enough for the cubic filter, few enough
 * for any picture to fit. */
void raster_plan(struct raster *r, const struct geometry *g, int max_denom)
{
    int factor = g->step > 3 ? (int)(g->step / 1.5) : 1;

    memset(r, 0, sizeof *r);
    r->scale_denom = 1;
    while (r->scale_denom * 2 <= factor && r->scale_denom * 2 <= max_denom)
        r->scale_denom *= 2;
    r->shrink = factor / r->scale_denom;
    r->left = g->left / r->scale_denom;
    r->top = g->top / r->scale_denom;
    r->right = (g->right + r->scale_denom - 1) / r->scale_denom;
    r->bottom = (g->bottom + r->scale_denom - 1) / r->scale_denom;
    r->width = (r->right - r->left + r->shrink - 1) / r->shrink;
    r->height = (r->bottom - r->top + r->shrink - 1) / r->shrink;
}

int raster_open(struct raster *r, int channels, struct err *e)
{
    size_t row = (size_t)r->width * (size_t)channels;

    r->channels = channels;
    r->samples = malloc(row * (size_t)r->height);
    r->sums = calloc(row, sizeof *r->sums);
    if (r->samples == NULL || r->sums == NULL)
        return err_no_memory(e);
    return 0;
}

void raster_close(struct raster *r)
{
    free(r->samples);
    free(r->sums);
    r->samples = NULL;
    r->sums = NULL;
}

static void add_row(const struct raster *r, const uint8_t *restrict from)
{
    uint32_t *restrict sums = r->sums;
    int channels = r->channels, span = r->right - r->left;

    for (int x = 0, in_box = 0; x < span; x++, from += channels) {
        for (int c = 0; c < channels; c++)
            sums[c] += from[c];
        if (++in_box == r->shrink) {
            in_box = 0;
            sums += channels;
        }
    }
}

static void finish_row(const struct raster *r, int row, int rows_in_box)
{
    uint8_t *to = r->samples + (size_t)row * (size_t)r->width * (size_t)r->channels;
    int span = r->right - r->left;

    for (int x = 0; x < r->width; x++) {
        int columns = span - x * r->shrink < r->shrink ? span - x * r->shrink : r->shrink;
        uint32_t area = (uint32_t)(columns * rows_in_box);

        for (int c = 0; c < r->channels; c++) {
            size_t at = (size_t)x * (size_t)r->channels + (size_t)c;

            to[at] = (uint8_t)((r->sums[at] + area / 2) / area);
        }
    }
    memset(r->sums, 0, (size_t)r->width * (size_t)r->channels * sizeof *r->sums);
}

/* y counts decoded rows from 0; rows that are not needed are passed over. */
void raster_row(struct raster *r, int y, const uint8_t *row)
{
    size_t channels = (size_t)r->channels;
    int down;

    if (y < r->top || y >= r->bottom)
        return;
    down = y - r->top;
    row += (size_t)r->left * channels;
    if (r->shrink == 1) {
        memcpy(r->samples + (size_t)down * (size_t)r->width * channels, row, (size_t)r->width * channels);
        return;
    }
    add_row(r, row);
    if ((down + 1) % r->shrink == 0 || y + 1 == r->bottom)
        finish_row(r, down / r->shrink, down % r->shrink + 1);
}

/* Catmull-Rom: sharp, and exact where the grids coincide. */
static float cubic(float x)
{
    x = fabsf(x);
    if (x < 1)
        return (1.5F * x - 2.5F) * x * x + 1;
    return x < 2 ? ((-0.5F * x + 2.5F) * x - 4) * x + 2 : 0;
}

struct taps {
    int first, count;
    float weight[MAX_TAPS];
    int at[MAX_TAPS]; /* clamped to the samples that there are */
};

/* The filter around `centre`, widened by `stretch` when samples are denser than pixels of the result. */
static void taps_init(struct taps *t, double centre, double stretch, int limit)
{
    float sum = 0;

    t->first = (int)ceil(centre - 2 * stretch - 0.5);
    t->count = (int)floor(centre + 2 * stretch - 0.5) - t->first + 1;
    if (t->count > MAX_TAPS)
        t->count = MAX_TAPS;
    for (int i = 0; i < t->count; i++) {
        int at = t->first + i;

        t->weight[i] = cubic((float)((at + 0.5 - centre) / stretch));
        t->at[i] = at < 0 ? 0 : at >= limit ? limit - 1 : at;
        sum += t->weight[i];
    }
    for (int i = 0; i < t->count; i++)
        t->weight[i] /= sum;
}

/* Called with a constant number of channels, so that the compiler unrolls the innermost loops. */
static inline __attribute__((always_inline)) void
sample(uint8_t *out, const struct raster *r, const struct taps *across, const struct taps *down, int channels)
{
    float sum[MAX_CHANNELS] = {0};

    for (int j = 0; j < down->count; j++) {
        const uint8_t *row = r->samples + (size_t)down->at[j] * (size_t)r->width * (size_t)channels;
        float line[MAX_CHANNELS] = {0};

        for (int i = 0; i < across->count; i++) {
            const uint8_t *pixel = row + (size_t)across->at[i] * (size_t)channels;

            for (int c = 0; c < channels; c++)
                line[c] += across->weight[i] * (float)pixel[c];
        }
        for (int c = 0; c < channels; c++)
            sum[c] += down->weight[j] * line[c];
    }
    for (int c = 0; c < channels; c++)
        out[c] = (uint8_t)(sum[c] < 0 ? 0 : sum[c] > 255 ? 255 : sum[c] + 0.5F);
}

static void sample_any(uint8_t *out, const struct raster *r, const struct taps *across,
                       const struct taps *down)
{
    if (r->channels == 1)
        sample(out, r, across, down, 1);
    else if (r->channels == 3)
        sample(out, r, across, down, 3);
    else
        sample(out, r, across, down, 4);
}

/* Where a pixel of the result lies among the samples. */
struct mapping {
    const struct affine *m;
    double per_sample, left, top, stretch;
};

static double across_at(const struct mapping *p, int x, int y)
{
    return (p->m->a * (x + 0.5) + p->m->c * (y + 0.5) + p->m->e) * p->per_sample - p->left;
}

static double down_at(const struct mapping *p, int x, int y)
{
    return (p->m->b * (x + 0.5) + p->m->d * (y + 0.5) + p->m->f) * p->per_sample - p->top;
}

/* One row of samples through one filter. */
static void filter_pixel(float line[MAX_CHANNELS], const struct raster *r, int row, const struct taps *across)
{
    const uint8_t *samples = r->samples + (size_t)row * (size_t)r->width * (size_t)r->channels;

    for (int c = 0; c < r->channels; c++)
        line[c] = 0;
    for (int i = 0; i < across->count; i++) {
        const uint8_t *pixel = samples + (size_t)across->at[i] * (size_t)r->channels;

        for (int c = 0; c < r->channels; c++)
            line[c] += across->weight[i] * (float)pixel[c];
    }
}

static uint8_t clamp(float sum)
{
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum + 0.5F);
}

/* Without any turn but quarters each filter serves a whole row or column of the result, so samples are
 * filtered one way once and then the other: a tenth of the work, in the order of sample(), so that no byte
 * differs. */
struct separable {
    struct taps *columns; /* one a pixel across; upright: along the samples' rows, else down them */
    float *lines; /* filtered samples: upright: of each row of samples, one a pixel across; else one */
    bool *known;  /* upright: which rows are filtered */
};

static const float *line_of(struct separable *s, const struct raster *r, int width, int row)
{
    float *line = s->lines + (size_t)row * (size_t)width * MAX_CHANNELS;

    for (int x = 0; x < width && !s->known[row]; x++)
        filter_pixel(line + (size_t)x * MAX_CHANNELS, r, row, &s->columns[x]);
    s->known[row] = true;
    return line;
}

static void upright_row(uint8_t *out, struct separable *s, const struct raster *r, int width,
                        const struct taps *down)
{
    for (int x = 0; x < width; x++) {
        float sum[MAX_CHANNELS] = {0};

        for (int j = 0; j < down->count; j++) {
            const float *line = line_of(s, r, width, down->at[j]) + (size_t)x * MAX_CHANNELS;

            for (int c = 0; c < r->channels; c++)
                sum[c] += down->weight[j] * line[c];
        }
        for (int c = 0; c < r->channels; c++)
            *out++ = clamp(sum[c]);
    }
}

static void turned_row(uint8_t *out, struct separable *s, const struct raster *r, int width,
                       const struct taps *across)
{
    for (int row = 0; row < r->height; row++)
        filter_pixel(s->lines + (size_t)row * MAX_CHANNELS, r, row, across);
    for (int x = 0; x < width; x++) {
        const struct taps *down = &s->columns[x];
        float sum[MAX_CHANNELS] = {0};

        for (int j = 0; j < down->count; j++) {
            for (int c = 0; c < r->channels; c++)
                sum[c] += down->weight[j] * s->lines[(size_t)down->at[j] * MAX_CHANNELS + (size_t)c];
        }
        for (int c = 0; c < r->channels; c++)
            *out++ = clamp(sum[c]);
    }
}

static void separable_rows(uint8_t *out, struct separable *s, const struct raster *r,
                           const struct geometry *g, const struct mapping *p, bool upright)
{
    struct taps taps;

    for (int x = 0; x < g->width; x++)
        taps_init(&s->columns[x], upright ? across_at(p, x, 0) : down_at(p, x, 0), p->stretch,
                  upright ? r->width : r->height);
    for (int y = 0; y < g->height; y++, out += (size_t)g->width * (size_t)r->channels) {
        taps_init(&taps, upright ? down_at(p, 0, y) : across_at(p, 0, y), p->stretch,
                  upright ? r->height : r->width);
        if (upright)
            upright_row(out, s, r, g->width, &taps);
        else
            turned_row(out, s, r, g->width, &taps);
    }
}

static int resample_separable(uint8_t *out, const struct raster *r, const struct geometry *g,
                              const struct mapping *p, struct err *e)
{
    bool upright = p->m->b == 0 && p->m->c == 0;
    size_t per_row = upright ? (size_t)g->width : 1;
    struct separable s = {calloc((size_t)g->width, sizeof *s.columns),
                          calloc((size_t)r->height * per_row * MAX_CHANNELS, sizeof *s.lines),
                          calloc((size_t)r->height, sizeof *s.known)};
    int rc = 0;

    if (s.columns == NULL || s.lines == NULL || s.known == NULL)
        rc = err_no_memory(e);
    else
        separable_rows(out, &s, r, g, p, upright);
    free(s.columns);
    free(s.lines);
    free(s.known);
    return rc;
}

int raster_resample(uint8_t *out, const struct raster *r, const struct geometry *g, struct err *e)
{
    double per_sample = 1.0 / (r->scale_denom * r->shrink);
    struct mapping p = {&g->coded, per_sample, (double)r->left / r->shrink, (double)r->top / r->shrink,
                        fmax(g->step * per_sample, 1)};
    struct taps across, down;

    if (4 * p.stretch + 1 > MAX_TAPS)
        return err_set(e, ERR_INTERNAL, "The photo's resampling was planned wrongly; please report this.",
                       "照片缩放计算有误，请报告此问题。");
    if ((p.m->b == 0 && p.m->c == 0) || (p.m->a == 0 && p.m->d == 0))
        return resample_separable(out, r, g, &p, e);
    for (int y = 0; y < g->height; y++) {
        for (int x = 0; x < g->width; x++) {
            taps_init(&across, across_at(&p, x, y), p.stretch, r->width);
            taps_init(&down, down_at(&p, x, y), p.stretch, r->height);
            sample_any(out, r, &across, &down);
            out += r->channels;
        }
    }
    return 0;
}
