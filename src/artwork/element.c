/* element.c - elements are drawn one after the other; the target of a use becomes a form of its own. */
#include "artwork/artwork_internal.h"
#include <math.h>
#include <string.h>

struct drawing {
    struct artwork *a;
    struct check check;
    struct form *form; /* being written */
    size_t segments;   /* written so far, in all forms */
    int use_depth;
    int saves; /* q that wait for their Q, callers' included */
    struct err *e;
};

static int draw_children(struct drawing *d, const xmlNode *parent, const struct style *inherited);

static int node_err(const struct drawing *d, const xmlNode *node, const char *attribute, const char *value,
                    const char *en, const char *zh)
{
    struct place p = element_place(d->check.file, node);

    p.attribute = attribute;
    return place_err(&p, d->e, value, en, zh);
}

/* A length in user units; absent when the attribute is not there. */
static int length(const struct drawing *d, const xmlNode *node, const char *name, double absent, double *out)
{
    const char *text = attribute_lookup(node, name);
    struct scan s = {text};

    *out = absent;
    if (text == NULL)
        return 0;
    scan_space(&s);
    if (!scan_length(&s, out) || !scan_end(&s))
        return node_err(d, node, name, text,
                        "\"%s\" is no length that is supported (a number, or one with mm).",
                        "“%s”不是受支持的长度（数字，可带 mm）。");
    return 0;
}

static int size_length(const struct drawing *d, const xmlNode *node, const char *name, double absent,
                       double *out)
{
    if (length(d, node, name, absent, out) != 0)
        return -1;
    if (attribute_lookup(node, name) != NULL && *out < 0)
        return node_err(d, node, name, NULL, "This must not be negative.", "此值不能为负。");
    return 0;
}

static int rect(const struct drawing *d, const xmlNode *node, struct outline *o)
{
    double x, y, w, h, rx, ry;

    if (length(d, node, "x", 0, &x) != 0 || length(d, node, "y", 0, &y) != 0 ||
        size_length(d, node, "width", 0, &w) != 0 || size_length(d, node, "height", 0, &h) != 0 ||
        size_length(d, node, "rx", -1, &rx) != 0 || size_length(d, node, "ry", -1, &ry) != 0)
        return -1;
    /* One of the radii stands for both. */
    if (w > 0 && h > 0)
        outline_rect(o, x, y, w, h, rx < 0 ? ry : rx, ry < 0 ? rx : ry);
    return 0;
}

static int ellipse(const struct drawing *d, const xmlNode *node, struct outline *o)
{
    bool circle = element_is(node, "circle");
    double cx, cy, rx, ry;

    if (length(d, node, "cx", 0, &cx) != 0 || length(d, node, "cy", 0, &cy) != 0 ||
        size_length(d, node, circle ? "r" : "rx", 0, &rx) != 0 ||
        size_length(d, node, circle ? "r" : "ry", 0, &ry) != 0)
        return -1;
    if (rx > 0 && ry > 0)
        outline_ellipse(o, cx, cy, rx, ry);
    return 0;
}

static int line(const struct drawing *d, const xmlNode *node, struct outline *o)
{
    double x1, y1, x2, y2;

    if (length(d, node, "x1", 0, &x1) != 0 || length(d, node, "y1", 0, &y1) != 0 ||
        length(d, node, "x2", 0, &x2) != 0 || length(d, node, "y2", 0, &y2) != 0)
        return -1;
    outline_move(o, x1, y1);
    outline_line(o, x2, y2);
    return 0;
}

static int path(const struct drawing *d, const xmlNode *node, struct outline *o)
{
    bool is_path = element_is(node, "path");
    const char *name = is_path ? "d" : "points", *text = attribute_lookup(node, name);
    struct place p = element_place(d->check.file, node);

    p.attribute = name;
    if (text == NULL)
        return 0;
    if (is_path)
        return outline_path(o, text, &p, d->e);
    if (outline_points(o, text, &p, d->e) != 0)
        return -1;
    if (o->count > 0 && element_is(node, "polygon"))
        outline_close(o);
    return 0;
}

static bool is_shape(const xmlNode *node)
{
    static const char *const names[] = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (element_is(node, names[i]))
            return true;
    return false;
}

/* The outline of a shape in its own coordinates; dispose of it also after an error. */
static int shape(struct drawing *d, const xmlNode *node, struct outline *o)
{
    int rc;

    outline_init(o, ARTWORK_MAX_SEGMENTS - d->segments);
    if (element_is(node, "rect"))
        rc = rect(d, node, o);
    else if (element_is(node, "circle") || element_is(node, "ellipse"))
        rc = ellipse(d, node, o);
    else if (element_is(node, "line"))
        rc = line(d, node, o);
    else
        rc = path(d, node, o);
    if (rc == 0 && o->failed)
        rc = node_err(d, node, NULL, NULL, "The picture has too many segments.", "图形的线段过多。");
    d->segments += o->count;
    return rc;
}

static int read_transform(const struct drawing *d, const xmlNode *node, struct matrix *m)
{
    const char *text = attribute_lookup(node, "transform");

    *m = MATRIX_IDENTITY;
    if (text != NULL && !matrix_parse(m, text))
        return node_err(d, node, "transform", text, "The transform \"%s\" cannot be read.",
                        "变换“%s”无法读取。");
    return 0;
}

/* Attributes first, then style, which wins. */
static int read_style(const struct drawing *d, const xmlNode *node, const struct style *inherited,
                      struct style *s, struct own_style *own)
{
    struct place p = element_place(d->check.file, node);
    const char *declarations = attribute_lookup(node, "style");

    *s = *inherited;
    *own = (struct own_style){.opacity = 1};
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
        if (style_known((const char *)a->name) &&
            style_set(s, own, (const char *)a->name, attribute_text(a), &p, d->e) != 0)
            return -1;
    p.attribute = "style";
    return declarations == NULL ? 0 : style_declarations(s, own, declarations, &p, d->e);
}

static xmlNode *lookup(const struct drawing *d, const char *id)
{
    return xmlHashLookup(d->check.ids, (const xmlChar *)id);
}

/* The one shape of a clipPath. Two would be their union, which a path cannot say for any winding. */
static const xmlNode *only_shape(const xmlNode *clip)
{
    const xmlNode *found = NULL;

    for (const xmlNode *n = clip->children; n != NULL; n = n->next) {
        if (n->type != XML_ELEMENT_NODE || element_is_comment(n))
            continue;
        if (found != NULL || !is_shape(n))
            return NULL;
        found = n;
    }
    return found;
}

static int clip(struct drawing *d, const xmlNode *user, const char *id)
{
    const xmlNode *target = lookup(d, id), *only;
    const char *units;
    struct matrix outer = MATRIX_IDENTITY, inner = MATRIX_IDENTITY;
    struct style base, s;
    struct own_style own;
    struct outline o;
    int rc = -1;

    if (target == NULL || !element_is(target, "clipPath"))
        return node_err(d, user, "clip-path", id, "There is no <clipPath id=\"%s\">.",
                        "没有 <clipPath id=\"%s\">。");
    units = attribute_lookup(target, "clipPathUnits");
    only = only_shape(target);
    if (only == NULL || (units != NULL && strcmp(units, "userSpaceOnUse") != 0))
        return node_err(d, target, NULL, NULL, "A clipPath needs exactly one shape, in userSpaceOnUse.",
                        "clipPath 必须恰有一个图形，单位为 userSpaceOnUse。");
    style_init(&base);
    if (read_style(d, target, &base, &s, &own) != 0)
        return -1;
    base = s;
    if (own.clip[0] == '\0' && read_style(d, only, &base, &s, &own) != 0)
        return -1;
    if (own.clip[0] != '\0')
        return node_err(d, target, "clip-path", NULL, "A clip of a clip is not supported.",
                        "不支持裁剪路径自身再被裁剪。");
    if (read_transform(d, target, &outer) != 0 || read_transform(d, only, &inner) != 0)
        return -1;
    if (shape(d, only, &o) == 0) {
        inner = matrix_multiply(inner, outer);
        outline_transform(&o, &inner);
        rc = o.failed ? err_no_memory(d->e) : 0;
    }
    if (rc == 0)
        form_clip(d->form, &o, s.clip_evenodd);
    outline_dispose(&o);
    return rc;
}

static int draw_shape(struct drawing *d, const xmlNode *node, const struct style *s, double opacity)
{
    struct outline o;
    int rc = shape(d, node, &o);

    if (rc == 0 && form_paint(d->form, &o, s, opacity) != 0)
        rc = err_no_memory(d->e);
    outline_dispose(&o);
    return rc;
}

struct box {
    double x, y, w, h;
};

/* viewBox, if there is one; its size is then positive. */
static int view_box(const struct drawing *d, const xmlNode *node, struct box *out, bool *there)
{
    const char *text = attribute_lookup(node, "viewBox");
    struct scan s = {text};
    double v[4];

    *there = text != NULL;
    if (text == NULL)
        return 0;
    scan_space(&s);
    for (int i = 0; i < 4; i++) {
        if (!scan_number(&s, &v[i]))
            goto bad;
        scan_comma(&s);
    }
    if (!scan_end(&s) || !(v[2] > 0) || !(v[3] > 0))
        goto bad;
    *out = (struct box){v[0], v[1], v[2], v[3]};
    return 0;
bad:
    return node_err(d, node, "viewBox", text, "\"%s\" is not x y width height.", "“%s”应为 x y 宽 高。");
}

/* From the viewBox to a viewport of w by h at the origin. */
static int fit(const struct drawing *d, const xmlNode *node, const struct box *view, double w, double h,
               struct matrix *m)
{
    const char *keep = attribute_lookup(node, "preserveAspectRatio");
    double sx = w / view->w, sy = h / view->h;

    if (keep == NULL || strcmp(keep, "xMidYMid") == 0 || strcmp(keep, "xMidYMid meet") == 0)
        sx = sy = fmin(sx, sy);
    else if (strcmp(keep, "none") != 0)
        return node_err(d, node, "preserveAspectRatio", keep,
                        "\"%s\" is not supported; leave it out or write none.",
                        "不支持“%s”，请省略或写 none。");
    *m = (struct matrix){
        sx, 0, 0, sy, (w - sx * view->w) / 2 - sx * view->x, (h - sy * view->h) / 2 - sy * view->y};
    return 0;
}

/* A symbol with a viewBox is fitted into the size the use gives, and cut there. */
static int enter_symbol(struct drawing *d, const xmlNode *use, const xmlNode *symbol)
{
    struct box view = {0, 0, 1, 1};
    struct matrix m;
    struct outline o;
    double w, h;
    bool there;

    if (view_box(d, symbol, &view, &there) != 0 || !there)
        return there ? -1 : 0;
    if (size_length(d, use, "width", 0, &w) != 0 || size_length(d, use, "height", 0, &h) != 0)
        return -1;
    if (!(w > 0) || !(h > 0))
        return node_err(d, use, NULL, NULL, "A use of a symbol with viewBox needs width and height.",
                        "引用带 viewBox 的 symbol 时必须给出 width 和 height。");
    if (fit(d, symbol, &view, w, h, &m) != 0)
        return -1;
    form_concat(d->form, &m);
    outline_init(&o, 1);
    outline_rect(&o, view.x, view.y, view.w, view.h, 0, 0);
    if (!o.failed)
        form_clip(d->form, &o, false);
    outline_dispose(&o);
    return 0;
}

static int draw_element(struct drawing *d, const xmlNode *node, const struct style *inherited,
                        bool as_target);

static int open_form(struct drawing *d, const xmlNode *target, const struct style *s, double scale)
{
    struct form *f = form_new(target, s, scale);

    if (f == NULL)
        return err_no_memory(d->e);
    d->a->forms[d->a->count++] = f;
    d->form = f;
    return 0;
}

/* Writes the form of a target; *index is its number. */
static int make_form(struct drawing *d, const xmlNode *use, const xmlNode *target, const struct style *s,
                     int *index)
{
    struct form *caller = d->form;
    int rc = -1;

    *index = (int)d->a->count;
    if (d->a->count == ARTWORK_MAX_FORMS)
        return node_err(d, use, NULL, NULL, "Too many different elements are used.",
                        "被引用的不同元素过多。");
    if (++d->use_depth > ARTWORK_MAX_USE_DEPTH)
        return node_err(d, use, NULL, NULL, "Uses are nested too deeply.", "use 嵌套过深。");
    if (open_form(d, target, s, caller->scale * matrix_norm(&caller->ctm)) == 0 &&
        draw_element(d, target, s, true) == 0)
        rc = form_finish(d->form, d->e);
    d->form = caller;
    d->use_depth--;
    return rc;
}

static int find_form(struct drawing *d, const xmlNode *use, const xmlNode *target, const struct style *s,
                     int *index)
{
    for (size_t i = 1; i < d->a->count; i++) {
        const struct form *f = d->a->forms[i];

        if (f->target != target)
            continue;
        if (f->open)
            return node_err(d, use, "href", NULL, "This use contains itself.", "该 use 引用了自身。");
        if (style_equal(&f->style, s)) {
            *index = (int)i;
            return 0;
        }
    }
    return make_form(d, use, target, s, index);
}

static int draw_use(struct drawing *d, const xmlNode *node, const struct style *s)
{
    const char *href = attribute_lookup(node, "href");
    const xmlNode *target = href != NULL && href[0] == '#' ? lookup(d, href + 1) : NULL;
    struct matrix m = MATRIX_IDENTITY;
    int index = 0;

    if (target == NULL)
        return node_err(d, node, "href", href,
                        "There is no element \"%s\" in this file (only #id is followed).",
                        "本文件中没有元素“%s”（只支持 #id 形式的引用）。");
    if (!is_shape(target) && !element_is(target, "g") && !element_is(target, "symbol") &&
        !element_is(target, "use"))
        return node_err(d, node, "href", href, "\"%s\" is no element that can be used.",
                        "“%s”不是可引用的元素。");
    if (length(d, node, "x", 0, &m.e) != 0 || length(d, node, "y", 0, &m.f) != 0)
        return -1;
    form_concat(d->form, &m);
    if ((element_is(target, "symbol") && enter_symbol(d, node, target) != 0) ||
        find_form(d, node, target, s, &index) != 0)
        return -1;
    if (form_use(d->form, d->a->forms[index], index) != 0)
        return err_no_memory(d->e);
    if (d->form->painted > ARTWORK_MAX_PAINTED)
        return node_err(d, node, NULL, NULL,
                        "With everything that is reused the picture is too large to draw.",
                        "计入全部复用内容后图形过大。");
    return 0;
}

static int draw_content(struct drawing *d, const xmlNode *node, const struct style *s,
                        const struct own_style *own)
{
    if (is_shape(node))
        return draw_shape(d, node, s, own->opacity);
    if (own->opacity != 1)
        return node_err(
            d, node, "opacity", NULL,
            "A group has no opacity of its own here; give fill-opacity or stroke-opacity to its shapes.",
            "此处不支持整组透明度，请对各图形设置 fill-opacity 或 stroke-opacity。");
    if (element_is(node, "use"))
        return draw_use(d, node, s);
    return draw_children(d, node, s);
}

/* Defs, symbols and clip paths are drawn only where they are used. */
static int draw_element(struct drawing *d, const xmlNode *node, const struct style *inherited, bool as_target)
{
    struct form_saved saved;
    struct own_style own;
    struct style s;
    struct matrix m = MATRIX_IDENTITY;
    bool keeps;

    if (element_is(node, "defs") || element_is(node, "clipPath") ||
        (element_is(node, "symbol") && !as_target))
        return 0;
    if (read_style(d, node, inherited, &s, &own) != 0 || read_transform(d, node, &m) != 0)
        return -1;
    if (own.hidden)
        return 0;
    keeps = !matrix_is_identity(&m) || own.clip[0] != '\0' || element_is(node, "use");
    if (keeps && ++d->saves > ARTWORK_MAX_SAVES)
        return node_err(d, node, NULL, NULL, "Too many transforms, clips and uses are nested here.",
                        "此处变换、裁剪和 use 嵌套过多。");
    if (keeps)
        form_save(d->form, &saved);
    form_concat(d->form, &m);
    if ((own.clip[0] != '\0' && clip(d, node, own.clip) != 0) || draw_content(d, node, &s, &own) != 0)
        return -1;
    if (keeps) {
        form_restore(d->form, &saved);
        d->saves--;
    }
    return 0;
}

static int draw_children(struct drawing *d, const xmlNode *parent, const struct style *inherited)
{
    for (const xmlNode *n = parent->children; n != NULL; n = n->next)
        if (n->type == XML_ELEMENT_NODE && !element_is_comment(n) &&
            draw_element(d, n, inherited, false) != 0)
            return -1;
    return 0;
}

/* From the user units of the root element to points with y upwards. */
static int page_matrix(struct drawing *d, const xmlNode *root, struct matrix *m)
{
    struct box view = {0, 0, 1, 1};
    double w, h;
    bool there;

    if (size_length(d, root, "width", 0, &w) != 0 || size_length(d, root, "height", 0, &h) != 0 ||
        view_box(d, root, &view, &there) != 0)
        return -1;
    if (!(w > 0) || !(h > 0) || w > 96 * 200 || h > 96 * 200) /* 200 inches: ISO 32000-1 annex C.2 */
        return node_err(d, root, NULL, NULL, "Give width and height, best in mm, up to 5080mm.",
                        "请给出 width 和 height（最好用 mm，不超过 5080mm）。");
    if (!there)
        view = (struct box){0, 0, w, h};
    if (fit(d, root, &view, w, h, m) != 0)
        return -1;
    d->a->width = w * 0.75; /* 96 px are 72 pt */
    d->a->height = h * 0.75;
    *m = matrix_multiply(*m, (struct matrix){0.75, 0, 0, -0.75, 0, d->a->height});
    return 0;
}

static int draw_root(struct drawing *d, const xmlNode *root)
{
    struct style base, s;
    struct own_style own;
    struct matrix page = MATRIX_IDENTITY, m = MATRIX_IDENTITY;

    style_init(&base);
    if (page_matrix(d, root, &page) != 0 || read_style(d, root, &base, &s, &own) != 0 ||
        read_transform(d, root, &m) != 0 || open_form(d, NULL, &s, 1) != 0)
        return -1;
    m = matrix_multiply(m, page);
    form_concat(d->form, &m);
    if (own.clip[0] != '\0' && clip(d, root, own.clip) != 0)
        return -1;
    if (!own.hidden && draw_content(d, root, &s, &own) != 0)
        return -1;
    d->form->bbox[0] = d->form->bbox[1] = 0;
    d->form->bbox[2] = d->a->width;
    d->form->bbox[3] = d->a->height;
    return form_finish(d->form, d->e);
}

int artwork_draw(struct artwork *a, xmlDoc *doc, const char *name, struct err *e)
{
    struct drawing d = {.a = a, .check = {name, xmlHashCreate(64), 0}, .e = e};
    int rc = -1;

    if (d.check.ids == NULL)
        return err_no_memory(e);
    if (document_check(&d.check, doc, e) == 0)
        rc = draw_root(&d, xmlDocGetRootElement(doc));
    xmlHashFree(d.check.ids, NULL);
    return rc;
}
