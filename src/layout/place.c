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

/* The same text may stand in many areas: those after it in its own are pushed. */
static void note_push(struct sheet *s, const struct node *n, const struct fit *f)
{
    const char *id = node_word(n, ATTR_ID, NULL);
    size_t i = 0;

    while (id != NULL && i < s->push_count && strcmp(s->pushes[i].id, id) != 0)
        i++;
    if (id == NULL || i == EDGE_TEXTS)
        return;
    s->pushes[i] = (struct push){id, f->push};
    if (i == s->push_count)
        s->push_count++;
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
    if (strcmp(p->break_rule, "·") == 0 && wrap_after(out, &p->shaped, 0xB7, size, t, p->width, f->lines))
        return true;
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

/* Flush to both ends of so many mm, smaller where they are too many. */
static int place_spread(struct sheet *s, const struct placed_text *p, const struct fit *f, double width)
{
    struct place at = {.x = p->x, .baseline = p->y, .color = p->how.color};

    if (strcmp(p->align, "center") == 0)
        at.x -= width / 2;
    else if (strcmp(p->align, "right") == 0)
        at.x -= width;
    for (int k = 0; k < half_points(f->size, f->least); k++) {
        at.size = f->size - 0.5 * k;
        if (!holds_line(&p->shaped, at.size, 0, width))
            continue;
        note_push(s, p->n->node, f);
        return set_spread(s, &p->shaped, 0, p->shaped.count, width, &at);
    }
    return too_long(s, &p->n->text, NULL);
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
    p.x = s->origin_x + node_number(e, ATTR_X, 0);
    p.y = s->origin_y + node_number(e, ATTR_Y, 0) + pushed(s, node_word(e, ATTR_AFTER, NULL));
    p.width = node_number(e, ATTR_WIDTH, room(s, &p));
    p.indent = node_number(e, ATTR_INDENT, 0);
    p.min_tracking = node_number(e, ATTR_MIN_TRACKING, p.how.tracking);
    p.break_rule = node_word(e, ATTR_BREAK, "text");
    if (shape(&p.shaped, s, &n->text, &p.how, false) != 0)
        return -1;
    if (node_attr(e, ATTR_SPREAD) != NULL)
        return place_spread(s, &p, &own, node_number(e, ATTR_SPREAD, 0));
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

static struct box box_here(const struct sheet *s, const struct node *n)
{
    struct box box = box_of(n);

    box.x += s->origin_x;
    box.y += s->origin_y;
    return box;
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

/* One line centred about (x, y). */
static int centred(struct sheet *s, const struct tree_text *text, double size, double width, double x,
                   double y)
{
    struct setting how = {.family = "hei"};
    struct place at = {.baseline = y + baseline_in(0, size), .size = size};
    struct shaped shaped;

    if (shape(&shaped, s, text, &how, false) != 0)
        return -1;
    if (!holds_line(&shaped, size, 0, width))
        return too_long(s, text, NULL);
    at.x = x - width_of(&shaped, 0, shaped.count, size, 0) / 2;
    return set_line(s, &shaped, 0, shaped.count, &at);
}

/* 照片|35×49 毫米: what is missing, and below it how it must be. */
static int photo_label(struct sheet *s, const struct tree_text *label, struct box box)
{
    const double size = 10, note_size = 8, line = 10 * 1.6 * PT_MM;
    double x = box.x + box.w / 2, y = box.y + box.h / 2;
    struct tree_text first = *label, rest = {0};

    for (size_t i = 0; i < label->count && rest.chars == NULL; i++) {
        if (label->chars[i].cp == '|' || label->chars[i].cp == CHAR_SOFT) {
            first.count = i;
            rest = (struct tree_text){label->chars + i + 1, label->count - i - 1};
        }
    }
    if (first.count > 0 && centred(s, &first, size, box.w, x, rest.count > 0 ? y - line / 2 : y) != 0)
        return -1;
    return rest.count > 0 ? centred(s, &rest, note_size, box.w, x, y + line / 2) : 0;
}

static int place_photo(struct sheet *s, const struct tree_node *t)
{
    const struct node *n = t->node;
    struct box box = box_here(s, n);

    if (s->order->photo.len > 0) {
        struct item *i = item_new(s, ITEM_PHOTO);

        if (i == NULL)
            return -1;
        i->box = box;
        i->u.jpeg = s->order->photo;
    } else if (t->label.count > 0 && photo_label(s, &t->label, box) != 0) {
        return -1;
    }
    return edge(s, n, box);
}

/* What the code says: the address, or the element's own text, of which binding has let only letters, digits,
 * - and _ pass. *out is NULL where there is no code. */
static int qr_says(const char **out, struct sheet *s, const struct tree_node *t)
{
    const char *url = s->order->verify_url;
    bool has_url = url != NULL && url[0] != '\0';
    char *text;

    *out = NULL;
    if (!has_url || s->order->blank || (t->node->value != NULL && t->value.count == 0))
        return 0;
    if (t->node->value == NULL) {
        *out = url;
        return 0;
    }
    text = arena_alloc(s->arena, t->value.count + 1);
    if (text == NULL)
        return err_no_memory(s->e);
    for (size_t i = 0; i < t->value.count; i++)
        text[i] = (char)t->value.chars[i].cp;
    *out = text;
    return 0;
}

static int too_fine(struct sheet *s, const struct tree_node *t, const char *says, double module, double least)
{
    if (t->node->value != NULL) {
        err_set(s->e, ERR_INVALID,
                "The QR code's text is so long (%zu bytes) that its modules would be %.2f mm, below %.2f mm; "
                "shorten it.",
                "二维码内容过长（%zu 字节），码点只有 %.2f 毫米，小于 %.2f 毫米，请缩短。", strlen(says),
                module, least);
        return err_field(s->e, "%s", t->value.chars[0].from != NULL ? t->value.chars[0].from : "");
    }
    return err_set(
        s->e, ERR_INVALID,
        "The address in the QR code is so long (%zu bytes) that its modules would be %.2f mm, below "
        "%.2f mm; use a shorter public_url.",
        "二维码中的网址过长（%zu 字节），码点只有 %.2f 毫米，小于 %.2f 毫米，请缩短 public_url。",
        strlen(says), module, least);
}

static int place_qr(struct sheet *s, const struct tree_node *t)
{
    const struct node *n = t->node;
    const struct attr *plate = node_attr(n, ATTR_PLATE);
    double least = node_number(n, ATTR_MIN_MODULE, 0.4);
    struct box box = box_here(s, n);
    const char *says;
    struct item *i;
    struct qr *qr;

    if (qr_says(&says, s, t) != 0)
        return -1;
    if (says == NULL)
        return 0;
    qr = arena_alloc(s->arena, sizeof *qr);
    if (qr == NULL)
        return err_no_memory(s->e);
    if (qr_encode(qr, says, (int)node_number(n, ATTR_MAX_VERSION, 6), s->e) != 0)
        return -1;
    if (box.w / (qr->side + 8) < least - 1e-9)
        return too_fine(s, t, says, box.w / (qr->side + 8), least);
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
    i->box = box_here(s, n);
    i->u.artwork = n->artwork;
    return 0;
}

/* The field is a square of the seal's diameter, or as large as w and h say. */
static int place_seal(struct sheet *s, const struct node *n)
{
    double d = node_number(n, ATTR_D, 0), w = node_number(n, ATTR_W, d), h = node_number(n, ATTR_H, d);
    double x = s->origin_x + node_number(n, ATTR_CX, 0), y = s->origin_y + node_number(n, ATTR_CY, 0);
    struct seal_field *f =
        field_new(s, node_word(n, ATTR_ROLE, ""), (struct box){x - w / 2, y - h / 2, w, h});

    if (f == NULL)
        return -1;
    f->seal_x = x;
    f->seal_y = y;
    f->diameter = d;
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
        return place_photo(s, n);
    case NODE_QR:
        return place_qr(s, n);
    case NODE_OPINION:
        return place_opinion(s, n, box_here(s, e));
    case NODE_ARTWORK:
        return place_artwork(s, e);
    case NODE_SEAL:
        return place_seal(s, e);
    case NODE_EDGE:
        return stroke(s, box_here(s, e), color, node_number(e, ATTR_LINE, 0.18));
    case NODE_FILL:
    case NODE_RULE:
        return fill(s, box_here(s, e), color);
    default:
        break;
    }
    return err_set(s->e, ERR_INTERNAL, "<%s> cannot be placed.", "<%s> 无法放置。", node_name(e->kind));
}
