#include "image/photo_internal.h"
#include <math.h>
#include <string.h>

/* A rectangle's shape may differ this much from the target's (user interfaces round to pixels); the rest is
 * trimmed from the longer side, so nothing is ever distorted. */
static const double shape_tolerance = 0.01;
/* A rectangle may reach this many pixels beyond the picture; the edge is repeated there. */
static const double edge_tolerance = 1;
/* More enlargement than this leaves no face to recognise. */
static const double max_enlargement = 3;

struct turned {
    double cosine, sine;
    double source_width, source_height; /* before the rotation */
    double width, height;               /* the rotated picture's bounding box */
};

/* Quarter turns are exact. */
static void turned_init(struct turned *t, double degrees, int width, int height)
{
    static const double sines[] = {0, 1, 0, -1};
    double angle = fmod(degrees, 360);
    double quarters = angle < 0 ? (angle + 360) / 90 : angle / 90;
    int whole = (int)quarters;

    t->cosine = cos(quarters * acos(0));
    t->sine = sin(quarters * acos(0));
    if (quarters == whole) {
        t->sine = sines[whole % 4];
        t->cosine = sines[(whole + 1) % 4];
    }
    t->source_width = width;
    t->source_height = height;
    t->width = width * fabs(t->cosine) + height * fabs(t->sine);
    t->height = width * fabs(t->sine) + height * fabs(t->cosine);
}

struct rectangle {
    double x, y, width, height;
};

/* The largest one of the shape around the centre whose corners all lie in the turned picture. */
static struct rectangle largest_centred(const struct turned *t, double shape_width, double shape_height)
{
    double c = fabs(t->cosine), s = fabs(t->sine);
    double scale = fmin(t->source_width / (shape_width * c + shape_height * s),
                        t->source_height / (shape_width * s + shape_height * c));
    struct rectangle r = {0, 0, shape_width * scale, shape_height * scale};

    r.x = (t->width - r.width) / 2;
    r.y = (t->height - r.height) / 2;
    return r;
}

/* From the turned picture back to the oriented one. */
static void turn_back(const struct turned *t, double x, double y, double *ox, double *oy)
{
    x -= t->width / 2;
    y -= t->height / 2;
    *ox = t->source_width / 2 + x * t->cosine + y * t->sine;
    *oy = t->source_height / 2 - x * t->sine + y * t->cosine;
}

static bool lies_inside(const struct turned *t, const struct rectangle *r)
{
    for (int i = 0; i < 4; i++) {
        double x, y;

        turn_back(t, r->x + (i & 1) * r->width, r->y + (i >> 1) * r->height, &x, &y);
        if (x < -edge_tolerance || y < -edge_tolerance || x > t->source_width + edge_tolerance ||
            y > t->source_height + edge_tolerance)
            return false;
    }
    return true;
}

static int judge_shape(const struct photo_crop *crop, const struct geometry *g, struct err *e)
{
    double shape = (double)g->width / g->height;

    if (fabs(crop->width / crop->height / shape - 1) <= shape_tolerance)
        return 0;
    return err_set(e, ERR_INVALID,
                   "The crop rectangle of %.0f×%.0f pixels has not the shape of %d×%d, the picture would be "
                   "distorted. Take %.0f×%.0f or %.0f×%.0f.",
                   "裁剪框 %.0f×%.0f 像素的比例与 %d×%d 不符，会使人像变形。请改用 %.0f×%.0f 或 %.0f×%.0f。",
                   crop->width, crop->height, g->width, g->height, crop->width, crop->width / shape,
                   crop->height * shape, crop->height);
}

static int judge_crop(const struct photo_crop *crop, struct err *e)
{
    bool none = crop->x == 0 && crop->y == 0 && crop->width == 0 && crop->height == 0;

    if (!isfinite(crop->rotate) || fabs(crop->rotate) > 36000)
        return err_set(e, ERR_INVALID, "The rotation is no angle. Give degrees from -360 to 360.",
                       "旋转角度无效，请给出 -360 到 360 度。");
    if (!isfinite(crop->zoom) || crop->zoom < 0)
        return err_set(e, ERR_INVALID, "The zoom must be a number above 0, for example 1.2.",
                       "缩放倍数必须大于 0，例如 1.2。");
    if (!isfinite(crop->x) || !isfinite(crop->y) || !isfinite(crop->width) || !isfinite(crop->height) ||
        (!none && (crop->width < 1 || crop->height < 1)))
        return err_set(e, ERR_INVALID,
                       "The crop rectangle needs a left edge, a top edge, a width and a height in pixels.",
                       "裁剪框需要给出左边、上边、宽度和高度（像素）。");
    return 0;
}

/* The picture as the person wants it upright: a quarter turn swaps its sides. */
static int judge_source(const struct turned *t, struct err *e)
{
    bool sideways = fabs(t->sine) > fabs(t->cosine);
    double width = sideways ? t->source_height : t->source_width;
    double height = sideways ? t->source_width : t->source_height;

    if (width >= PHOTO_MIN_WIDTH && height >= PHOTO_MIN_HEIGHT)
        return 0;
    return err_set(
        e, ERR_INVALID,
        "The photo has only %.0f×%.0f pixels; at least %d×%d are needed. Send the original picture, "
        "not a thumbnail or a screenshot.",
        "照片只有 %.0f×%.0f 像素，至少需要 %d×%d。请提供原始照片，不要用缩略图或截图。", width, height,
        PHOTO_MIN_WIDTH, PHOTO_MIN_HEIGHT);
}

static int choose_rectangle(struct rectangle *r, const struct turned *t, const struct geometry *g,
                            const struct photo_crop *crop, struct err *e)
{
    double zoom = crop->zoom == 0 ? 1 : crop->zoom;
    double trimmed;

    *r = largest_centred(t, g->width, g->height);
    if (crop->width != 0) {
        if (judge_shape(crop, g, e) != 0)
            return -1;
        trimmed = fmin(crop->width / g->width, crop->height / g->height);
        r->width = trimmed * g->width;
        r->height = trimmed * g->height;
        r->x = crop->x + (crop->width - r->width) / 2;
        r->y = crop->y + (crop->height - r->height) / 2;
    }
    r->x += (r->width - r->width / zoom) / 2;
    r->y += (r->height - r->height / zoom) / 2;
    r->width /= zoom;
    r->height /= zoom;
    return 0;
}

static int judge_rectangle(const struct rectangle *r, const struct turned *t, const struct geometry *g,
                           struct err *e)
{
    struct rectangle best = largest_centred(t, g->width, g->height);

    if (!lies_inside(t, r))
        return err_set(e, ERR_INVALID,
                       "The crop rectangle reaches beyond the picture; its corners would be empty. Move it, "
                       "make it smaller or zoom in. The largest centred one is %.0f,%.0f,%.0f,%.0f.",
                       "裁剪框超出了照片，边角会是空白。请移动、缩小裁剪框或放大照片。居中的最大裁剪框是 "
                       "%.0f,%.0f,%.0f,%.0f。",
                       ceil(best.x), ceil(best.y), floor(best.width), floor(best.height));
    if (r->width * max_enlargement < g->width)
        return err_set(
            e, ERR_INVALID,
            "The crop rectangle covers only %.0f×%.0f pixels of the photo; the print would be "
            "blurred. Cover at least %.0f×%.0f or take a sharper photo.",
            "裁剪框只含照片的 %.0f×%.0f 像素，打印会模糊。请至少包含 %.0f×%.0f，或更换更清晰的照片。",
            r->width, r->height, ceil(g->width / max_enlargement), ceil(g->height / max_enlargement));
    return 0;
}

/* From the oriented picture to the coded one, for EXIF orientation 1 to 8 (CIPA DC-008, tag 0x0112). */
static struct affine coded_from_oriented(int orientation, double coded_width, double coded_height)
{
    /* x, y: which of the oriented coordinates, and whether counted from the far side */
    static const struct {
        bool swap, far_x, far_y;
    } rows[8] = {{false, false, false}, {false, true, false}, {false, true, true}, {false, false, true},
                 {true, false, false},  {true, false, true},  {true, true, true},  {true, true, false}};
    struct affine m = {0, 0, 0, 0, 0, 0};
    double x = rows[orientation - 1].far_x ? -1 : 1, y = rows[orientation - 1].far_y ? -1 : 1;

    *(rows[orientation - 1].swap ? &m.c : &m.a) = x;
    *(rows[orientation - 1].swap ? &m.b : &m.d) = y;
    m.e = x < 0 ? coded_width : 0;
    m.f = y < 0 ? coded_height : 0;
    return m;
}

static void apply(const struct affine *m, double x, double y, double *to_x, double *to_y)
{
    *to_x = m->a * x + m->c * y + m->e;
    *to_y = m->b * x + m->d * y + m->f;
}

/* Result pixels to the rectangle, back through the rotation, back through the orientation: three points say
 * it all. */
static struct affine result_to_coded(const struct turned *t, const struct rectangle *r,
                                     const struct geometry *g, const struct affine *coded)
{
    static const double at[3][2] = {{0, 0}, {1, 0}, {0, 1}};
    double x[3], y[3];

    for (int i = 0; i < 3; i++) {
        turn_back(t, r->x + at[i][0] * r->width, r->y + at[i][1] * r->height, &x[i], &y[i]);
        apply(coded, x[i], y[i], &x[i], &y[i]);
    }
    return (struct affine){(x[1] - x[0]) / g->width,
                           (y[1] - y[0]) / g->width,
                           (x[2] - x[0]) / g->height,
                           (y[2] - y[0]) / g->height,
                           x[0],
                           y[0]};
}

/* The bounding box of what is needed, with the margin that resampling looks at. */
static void plan_bounds(struct geometry *g, const struct photo_header *h)
{
    double margin = 4 * fmax(g->step, 1) + 16; /* 16: two samples at the coarsest decoding */
    double left = h->width, top = h->height, right = 0, bottom = 0;

    for (int i = 0; i < 4; i++) {
        double x, y;

        apply(&g->coded, (i & 1) * g->width, (i >> 1) * g->height, &x, &y);
        left = fmin(left, x);
        right = fmax(right, x);
        top = fmin(top, y);
        bottom = fmax(bottom, y);
    }
    g->left = (int)fmax(floor(left - margin), 0);
    g->top = (int)fmax(floor(top - margin), 0);
    g->right = (int)fmin(ceil(right + margin), h->width);
    g->bottom = (int)fmin(ceil(bottom + margin), h->height);
}

int geometry_plan(struct geometry *g, const struct photo_header *h, const struct photo_crop *crop,
                  struct err *e)
{
    struct affine coded = coded_from_oriented(h->orientation, h->width, h->height);
    bool swapped = h->orientation >= 5;
    struct rectangle r;
    struct turned t;

    memset(g, 0, sizeof *g);
    photo_size_pixels(crop->size, &g->width, &g->height);
    g->source_width = swapped ? h->height : h->width;
    g->source_height = swapped ? h->width : h->height;
    if (judge_crop(crop, e) != 0)
        return -1;
    turned_init(&t, crop->rotate, g->source_width, g->source_height);
    if (judge_source(&t, e) != 0 || choose_rectangle(&r, &t, g, crop, e) != 0 ||
        judge_rectangle(&r, &t, g, e) != 0)
        return -1;
    g->crop_x = r.x;
    g->crop_y = r.y;
    g->crop_width = r.width;
    g->crop_height = r.height;
    g->step = r.width / g->width;
    g->coded = result_to_coded(&t, &r, g, &coded);
    plan_bounds(g, h);
    return 0;
}
