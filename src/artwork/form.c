/* form.c - the content of a form XObject, operator by operator (ISO 32000-1, 8.4 and 8.5). */
#include "artwork/artwork_internal.h"
#include <libdeflate.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MATRIX_DECIMALS = 6, COLOR_DECIMALS = 3, DEFLATE_LEVEL = 10 };
static const size_t CONTENT_MAX = (size_t)16 * 1024 * 1024;

struct form *form_new(const xmlNode *target, const struct style *style, double scale)
{
    struct form *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    buf_init(&f->content, CONTENT_MAX);
    buf_init(&f->deflated, CONTENT_MAX);
    f->target = target;
    f->style = *style;
    f->scale = scale;
    f->open = true;
    f->ctm = MATRIX_IDENTITY;
    f->now = (struct graphics){.fill = -1,
                               .stroke = -1,
                               .width = -1,
                               .miter = -1,
                               .cap = -1,
                               .join = -1,
                               .dash_count = -1,
                               .alpha = 1000};
    return f;
}

void form_free(struct form *f)
{
    if (f == NULL)
        return;
    buf_dispose(&f->content);
    buf_dispose(&f->deflated);
    free(f->uses);
    free(f->alphas);
    free(f);
}

/* As many places as make 1/200 of a point, a twelfth of a pixel at 1200 dpi. */
static int decimals(const struct form *f)
{
    double places = ceil(log10(fmax(f->scale * matrix_norm(&f->ctm), 1e-9) * 200));

    return places < 0 ? 0 : places > 6 ? 6 : (int)places;
}

static void numbers(struct form *f, const double *v, int count, int places)
{
    for (int i = 0; i < count; i++) {
        buf_append_number(&f->content, v[i], places);
        buf_append_char(&f->content, ' ');
    }
}

static void operator(struct form *f, const char *name)
{
    buf_append_text(&f->content, name);
    buf_append_char(&f->content, '\n');
}

void form_save(struct form *f, struct form_saved *saved)
{
    saved->ctm = f->ctm;
    saved->now = f->now;
    operator(f, "q");
}

void form_restore(struct form *f, const struct form_saved *saved)
{
    f->ctm = saved->ctm;
    f->now = saved->now;
    operator(f, "Q");
}

void form_concat(struct form *f, const struct matrix *m)
{
    double v[6] = {m->a, m->b, m->c, m->d, m->e, m->f};

    if (matrix_is_identity(m))
        return;
    numbers(f, v, 4, MATRIX_DECIMALS);
    numbers(f, v + 4, 2, decimals(f));
    operator(f, "cm");
    f->ctm = matrix_multiply(*m, f->ctm);
}

static void emit_outline(struct form *f, const struct outline *o)
{
    static const struct {
        int count;
        const char *name;
    } ops[] = {[OUTLINE_MOVE] = {2, "m"},
               [OUTLINE_LINE] = {2, "l"},
               [OUTLINE_CURVE] = {6, "c"},
               [OUTLINE_CLOSE] = {0, "h"},
               [OUTLINE_RECT] = {4, "re"}};
    int places = decimals(f);

    for (size_t i = 0; i < o->count; i++) {
        numbers(f, o->list[i].p, ops[o->list[i].op].count, places);
        operator(f, ops[o->list[i].op].name);
    }
    f->painted += (double)o->count;
}

void form_clip(struct form *f, const struct outline *o, bool evenodd)
{
    if (o->count == 0) /* an empty clip shows nothing */
        operator(f, "0 0 0 0 re");
    emit_outline(f, o);
    operator(f, evenodd ? "W* n" : "W n");
}

static void cover(struct form *f, double x, double y)
{
    if (!f->bbox_set) {
        f->bbox[0] = f->bbox[2] = x;
        f->bbox[1] = f->bbox[3] = y;
        f->bbox_set = true;
    }
    f->bbox[0] = fmin(f->bbox[0], x);
    f->bbox[1] = fmin(f->bbox[1], y);
    f->bbox[2] = fmax(f->bbox[2], x);
    f->bbox[3] = fmax(f->bbox[3], y);
}

/* A square of 2 * margin about the point: where control points go, the curve stays inside their hull. */
static void cover_point(struct form *f, double x, double y, double margin)
{
    matrix_apply(&f->ctm, &x, &y);
    cover(f, x - margin, y - margin);
    cover(f, x + margin, y + margin);
}

static void cover_outline(struct form *f, const struct outline *o, double margin)
{
    static const int points[] = {
        [OUTLINE_MOVE] = 1, [OUTLINE_LINE] = 1, [OUTLINE_CURVE] = 3, [OUTLINE_CLOSE] = 0};

    margin *= matrix_norm(&f->ctm);
    for (size_t i = 0; i < o->count; i++) {
        const double *p = o->list[i].p;

        if (o->list[i].op == OUTLINE_RECT) {
            for (int k = 0; k < 4; k++)
                cover_point(f, p[0] + (k & 1 ? p[2] : 0), p[1] + (k & 2 ? p[3] : 0), margin);
            continue;
        }
        for (int k = 0; k < points[o->list[i].op]; k++)
            cover_point(f, p[2 * k], p[2 * k + 1], margin);
    }
}

static void set_color(struct form *f, int64_t *now, uint32_t rgb, const char *name)
{
    double v[3] = {(rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0};

    if (*now == rgb)
        return;
    *now = rgb;
    numbers(f, v, 3, COLOR_DECIMALS);
    operator(f, name);
}

static void set_value(struct form *f, double *now, double value, const char *name, int places)
{
    if (*now == value)
        return;
    *now = value;
    numbers(f, now, 1, places);
    operator(f, name);
}

static void set_choice(struct form *f, int *now, int value, const char *name)
{
    if (*now == value)
        return;
    *now = value;
    buf_printf(&f->content, "%d %s\n", value, name);
}

static void set_dash(struct form *f, const struct style *s)
{
    static const double none = 0;
    struct graphics *now = &f->now;

    if (now->dash_count == s->dash_count && (s->dash_count == 0 || now->dash_offset == s->dash_offset) &&
        memcmp(now->dash, s->dash, (size_t)s->dash_count * sizeof s->dash[0]) == 0)
        return;
    now->dash_count = s->dash_count;
    now->dash_offset = s->dash_offset;
    memcpy(now->dash, s->dash, sizeof now->dash);
    buf_append_char(&f->content, '[');
    numbers(f, s->dash, s->dash_count, decimals(f));
    buf_append_text(&f->content, "] ");
    numbers(f, s->dash_count > 0 ? &s->dash_offset : &none, 1, decimals(f));
    operator(f, "d");
}

static int set_alpha(struct form *f, int permille)
{
    double value = permille / 1000.0, *list;
    size_t i = 0, count = f->pub.alpha_count;

    if (f->now.alpha == permille)
        return 0;
    f->now.alpha = permille;
    buf_printf(&f->content, "/A%d gs\n", permille);
    while (i < count && f->alphas[i] != value)
        i++;
    if (i < count)
        return 0;
    list = realloc(f->alphas, (count + 1) * sizeof *list);
    if (list == NULL)
        return -1;
    list[f->pub.alpha_count++] = value;
    f->alphas = list;
    return 0;
}

static void set_stroke(struct form *f, const struct style *s)
{
    set_color(f, &f->now.stroke, s->stroke.kind == PAINT_CURRENT ? s->color : s->stroke.rgb, "RG");
    set_value(f, &f->now.width, s->width, "w", decimals(f));
    set_choice(f, &f->now.cap, s->cap, "J");
    set_choice(f, &f->now.join, s->join, "j");
    if (s->join == 0)
        set_value(f, &f->now.miter, s->miter, "M", 3);
    set_dash(f, s);
}

/* How far a line reaches beyond its path. */
static double stroke_margin(const struct style *s)
{
    return s->width / 2 * fmax(s->join == 0 ? s->miter : 1, s->cap == 2 ? M_SQRT2 : 1);
}

/* One alpha for fill and line, else two: then the path is written twice. */
int form_paint(struct form *f, const struct outline *o, const struct style *s, double opacity)
{
    bool fill = s->fill.kind != PAINT_NONE, stroke = s->stroke.kind != PAINT_NONE && s->width > 0;
    int fill_alpha = (int)lround(1000 * opacity * s->fill_alpha);
    int stroke_alpha = (int)lround(1000 * opacity * s->stroke_alpha);
    bool both = fill && stroke && fill_alpha == stroke_alpha;

    if (o->count == 0)
        return 0;
    if (stroke)
        cover_outline(f, o, stroke_margin(s));
    else if (fill)
        cover_outline(f, o, 0);
    if (fill) {
        set_color(f, &f->now.fill, s->fill.kind == PAINT_CURRENT ? s->color : s->fill.rgb, "rg");
        if (both)
            set_stroke(f, s);
        if (set_alpha(f, fill_alpha) != 0)
            return -1;
        emit_outline(f, o);
        operator(f, both ? (s->fill_evenodd ? "B*" : "B") : (s->fill_evenodd ? "f*" : "f"));
    }
    if (stroke && !both) {
        set_stroke(f, s);
        if (set_alpha(f, stroke_alpha) != 0)
            return -1;
        emit_outline(f, o);
        operator(f, "S");
    }
    return 0;
}

int form_use(struct form *f, const struct form *used, int index)
{
    size_t i = 0, count = f->pub.use_count;
    int *list;

    if (set_alpha(f, 1000) != 0)
        return -1;
    buf_printf(&f->content, "/F%d Do\n", index);
    f->painted += used->painted;
    for (int k = 0; used->bbox_set && k < 4; k++)
        cover_point(f, used->bbox[k & 1 ? 2 : 0], used->bbox[k & 2 ? 3 : 1], 0);
    while (i < count && f->uses[i] != index)
        i++;
    if (i < count)
        return 0;
    list = realloc(f->uses, (count + 1) * sizeof *list);
    if (list == NULL)
        return -1;
    list[f->pub.use_count++] = index;
    f->uses = list;
    return 0;
}

static int deflate_content(struct form *f)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(DEFLATE_LEVEL);
    size_t bound = c == NULL ? 0 : libdeflate_zlib_compress_bound(c, f->content.len), len = 0;
    uint8_t *at = c == NULL ? NULL : buf_room(&f->deflated, bound);

    if (at != NULL) {
        len = libdeflate_zlib_compress(c, f->content.data, f->content.len, at, bound);
        buf_wrote(&f->deflated, len);
    }
    libdeflate_free_compressor(c);
    return len > 0 ? 0 : -1;
}

int form_finish(struct form *f, struct err *e)
{
    if (!buf_ok(&f->content))
        return err_set(e, ERR_TOO_LARGE, "The picture becomes more than %zu bytes of drawing operators.",
                       "图形转换后的绘图指令超过 %zu 字节。", f->content.max);
    if (deflate_content(f) != 0)
        return err_no_memory(e);
    f->open = false;
    f->pub.content = buf_view(&f->content);
    f->pub.deflated = buf_view(&f->deflated);
    memcpy(f->pub.bbox, f->bbox, sizeof f->bbox);
    f->pub.uses = f->uses;
    f->pub.alphas = f->alphas;
    return 0;
}
