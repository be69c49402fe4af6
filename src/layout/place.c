/* place.c - elements at fixed positions: lines of text, photo, QR code, artwork, seals, rules. */
#include "layout/layout_internal.h"
#include <float.h>
#include <string.h>

/* --- text --- */

/* One way of setting a text; <fit> or the attributes of <text> itself. */
struct fit {
    double size, least, dy, push, pitch, leading;
    size_t lines;
};

struct placed_text {
    const struct tree_node *n;
    struct shaped shaped;
    struct setting how;
    bool *may; /* found when first needed */
    double x, y, width, indent, min_tracking;
    const char *align, *break_rule;
};

static struct fit fit_of(const struct node *n, const struct page_setup *setup)
{
    struct fit f = {.size = node_number(n, ATTR_SIZE, setup->text.size),
                    .lines = (size_t)node_number(n, ATTR_LINES, 1)};

    f.least = node_number(n, ATTR_MIN_SIZE, f.size);
    f.dy = node_number(n, ATTR_DY, 0);
    f.push = node_number(n, ATTR_PUSH, 0);
    f.pitch = node_number(n, ATTR_PITCH, 0);
    f.leading = node_number(n, ATTR_LEADING, 1.3);
    return f;
}

static double pushed(const struct sheet *s, const char *after)
{
    for (size_t i = 0; after != NULL && i < s->push_count; i++)
        if (strcmp(s->pushes[i].id, after) == 0)
            return s->pushes[i].mm;
    return 0;
}

static void note_push(struct sheet *s, const struct node *n, const struct fit *f)
{
    const char *id = node_word(n, ATTR_ID, NULL);

    if (id != NULL && s->push_count < EDGE_TEXTS)
        s->pushes[s->push_count++] = (struct push){id, f->push};
}

static double aligned(const struct placed_text *p, size_t from, size_t to, double size, double tracking)
{
    double w = width_of(&p->shaped, from, to, size, tracking);

    if (strcmp(p->align, "center") == 0)
        return p->x - w / 2;
    return strcmp(p->align, "right") == 0 ? p->x - w : p->x + p->indent * size * PT_MM;
}

static int set_fit(struct sheet *s, const struct placed_text *p, const struct lines *lines,
                   const struct fit *f, double size, double tracking)
{
    double pitch = f->pitch > 0 ? f->pitch : f->leading * size * PT_MM;

    note_push(s, p->n->node, f);
    for (size_t i = 0; i < lines->count; i++) {
        struct place at = {.x = aligned(p, lines->from[i], lines->to[i], size, tracking),
                           .baseline = p->y + f->dy + (double)i * pitch,
                           .size = size,
                           .tracking = tracking,
                           .color = p->how.color};

        if (set_line(s, &p->shaped, lines->from[i], lines->to[i], &at) != 0)
            return -1;
    }
    return 0;
}

/* A title gets smaller first, then closer. */
static bool closer(const struct placed_text *p, double size, double width, double *tracking)
{
    double natural = width_of(&p->shaped, 0, p->shaped.count, size, 0);
    double gaps = (double)p->shaped.count - 1;

    if (gaps < 1 || p->min_tracking >= p->how.tracking)
        return false;
    *tracking = (width - natural) / (gaps * size * PT_MM);
    return *tracking >= p->min_tracking && *tracking <= p->how.tracking;
}

static bool try_lines(const struct placed_text *p, struct lines *out, const struct fit *f, double size)
{
    double t = p->how.tracking;

    if (strcmp(p->break_rule, "half") == 0)
        return wrap_half(out, &p->shaped, p->may, size, t, p->width);
    if (has_soft(&p->shaped))
        return wrap_soft(out, &p->shaped, size, t, p->width, f->lines);
    return wrap(out, &p->shaped, p->may, size, t, p->width, f->lines);
}

/* 1: set; 0: does not fit; -1: error. */
static int try_fit(struct sheet *s, struct placed_text *p, const struct fit *f)
{
    struct lines lines = {.from = {0}, .to = {p->shaped.count}, .count = 1};
    double tracking = p->how.tracking;

    if (f->lines > 1 && p->may == NULL && breaks_find(&p->may, s, &p->shaped) != 0)
        return -1;
    for (int k = 0; k < half_points(f->size, f->least); k++) {
        double size = f->size - 0.5 * k;
        double width = p->width - p->indent * size * PT_MM;

        if (f->lines > 1 ? try_lines(p, &lines, f, size) : holds_line(&p->shaped, size, tracking, width))
            return set_fit(s, p, &lines, f, size, tracking) == 0 ? 1 : -1;
    }
    if (f->lines == 1 && closer(p, f->least, p->width, &tracking))
        return set_fit(s, p, &lines, f, f->least, tracking) == 0 ? 1 : -1;
    return 0;
}

/* Without width=, up to the edge of the page. */
static double room(const struct sheet *s, const struct placed_text *p)
{
    double left = p->x, right = s->setup->width - p->x;

    if (strcmp(p->align, "center") == 0)
        return 2 * (left < right ? left : right);
    return strcmp(p->align, "right") == 0 ? left : right;
}

static int place_text(struct sheet *s, const struct tree_node *n)
{
    const struct node *e = n->node;
    struct placed_text p = {.n = n, .align = node_word(e, ATTR_ALIGN, "left")};
    struct fit own = fit_of(e, s->setup);
    int rc;

    if (n->text.count == 0)
        return 0;
    p.how = (struct setting){
        node_word(e, ATTR_FONT, s->setup->text.family), node_number(e, ATTR_BOLD, 0) != 0,
        color_of(node_number(e, ATTR_COLOR, s->setup->text.color)), node_number(e, ATTR_TRACKING, 0)};
    p.x = node_number(e, ATTR_X, 0);
    p.y = node_number(e, ATTR_Y, 0) + pushed(s, node_word(e, ATTR_AFTER, NULL));
    p.width = node_number(e, ATTR_WIDTH, room(s, &p));
    p.indent = node_number(e, ATTR_INDENT, 0);
    p.min_tracking = node_number(e, ATTR_MIN_TRACKING, p.how.tracking);
    p.break_rule = node_word(e, ATTR_BREAK, "text");
    if (shape(&p.shaped, s, &n->text, &p.how, false) != 0)
        return -1;
    if (n->first == NULL) {
        rc = try_fit(s, &p, &own);
        return rc == 0 ? too_long(s, &n->text, NULL) : rc < 0 ? -1 : 0;
    }
    for (const struct tree_node *c = n->first; c != NULL; c = c->next) {
        struct fit f = fit_of(c->node, s->setup);

        rc = try_fit(s, &p, &f);
        if (rc != 0)
            return rc < 0 ? -1 : 0;
    }
    return too_long(s, &n->text, NULL);
}

/* --- boxes --- */

static struct box box_of(const struct node *n)
{
    return (struct box){node_number(n, ATTR_X, 0), node_number(n, ATTR_Y, 0), node_number(n, ATTR_W, 0),
                        node_number(n, ATTR_H, 0)};
}

static int stroke(struct sheet *s, struct box box, struct color color, double line)
{
    struct item *i = item_new(s, ITEM_STROKE);

    if (i == NULL)
        return -1;
    i->box = box;
    i->color = color;
    i->line = line;
    return 0;
}

static int edge(struct sheet *s, const struct node *n, struct box box)
{
    const struct attr *color = node_attr(n, ATTR_EDGE);

    return color != NULL ? stroke(s, box, color_of(color->number), node_number(n, ATTR_LINE, 0.18)) : 0;
}

static int place_photo(struct sheet *s, const struct node *n)
{
    struct box box = box_of(n);

    if (s->order->photo.len > 0) {
        struct item *i = item_new(s, ITEM_PHOTO);

        if (i == NULL)
            return -1;
        i->box = box;
        i->u.jpeg = s->order->photo;
    }
    return edge(s, n, box);
}

static int place_qr(struct sheet *s, const struct node *n)
{
    const struct attr *plate = node_attr(n, ATTR_PLATE);
    double least = node_number(n, ATTR_MIN_MODULE, 0.4);
    struct qr *qr = arena_alloc(s->arena, sizeof *qr);
    struct box box = box_of(n);
    struct item *i;

    if (s->order->verify_url == NULL || s->order->verify_url[0] == '\0')
        return 0;
    if (qr == NULL)
        return err_no_memory(s->e);
    if (qr_encode(qr, s->order->verify_url, (int)node_number(n, ATTR_MAX_VERSION, 6), s->e) != 0)
        return -1;
    if (box.w / (qr->side + 8) < least - 1e-9)
        return err_set(
            s->e, ERR_INVALID,
            "The address in the QR code is so long (%zu bytes) that its modules would be %.2f mm, below "
            "%.2f mm; use a shorter public_url.",
            "二维码中的网址过长（%zu 字节），码点只有 %.2f 毫米，小于 %.2f 毫米，请缩短 public_url。",
            strlen(s->order->verify_url), box.w / (qr->side + 8), least);
    if (plate != NULL && fill(s, box, color_of(plate->number)) != 0)
        return -1;
    i = item_new(s, ITEM_QR);
    if (i == NULL)
        return -1;
    i->box = box;
    i->u.qr = qr;
    return edge(s, n, box);
}

static int place_artwork(struct sheet *s, const struct node *n)
{
    struct item *i = item_new(s, ITEM_ARTWORK);

    if (i == NULL)
        return -1;
    i->box = box_of(n);
    i->u.artwork = n->artwork;
    return 0;
}

static int place_seal(struct sheet *s, const struct node *n)
{
    const char *role = node_word(n, ATTR_ROLE, "");
    double d = node_number(n, ATTR_D, 0);
    bool sealed = false;
    struct item *i;

    for (size_t k = 0; k < s->order->seal_role_count; k++)
        sealed = sealed || strcmp(s->order->seal_roles[k], role) == 0;
    if (!sealed)
        return 0;
    i = item_new(s, ITEM_FIELD);
    if (i == NULL)
        return -1;
    i->box = (struct box){node_number(n, ATTR_CX, 0) - d / 2, node_number(n, ATTR_CY, 0) - d / 2, d, d};
    i->u.field = role;
    return 0;
}

int place_element(struct sheet *s, const struct tree_node *n)
{
    const struct node *e = n->node;
    struct color color = color_of(node_number(e, ATTR_COLOR, s->setup->text.color));

    switch (e->kind) {
    case NODE_TEXT:
        return place_text(s, n);
    case NODE_FIELDS:
        return place_grid(s, n);
    case NODE_PHOTO:
        return place_photo(s, e);
    case NODE_QR:
        return place_qr(s, e);
    case NODE_ARTWORK:
        return place_artwork(s, e);
    case NODE_SEAL:
        return place_seal(s, e);
    case NODE_EDGE:
        return stroke(s, box_of(e), color, node_number(e, ATTR_LINE, 0.18));
    case NODE_FILL:
    case NODE_RULE:
        return fill(s, box_of(e), color);
    default:
        break;
    }
    return err_set(s->e, ERR_INTERNAL, "<%s> cannot be placed.", "<%s> 无法放置。", node_name(e->kind));
}
