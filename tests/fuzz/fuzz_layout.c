/* fuzz_layout.c - a template made of whatever elements and attributes there are, with values that are odd but
 * loadable, and any record: pages whose every measure is a number, the same ones each time, or an error in
 * both languages; and never long in coming. The input's bytes are the choices; more of them are made from its
 * sum. */
#include "base/share.h"
#include "base/utf8.h"
#include "layout/layout.h"
#include "pdf/pdf.h"
#include "template/element_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEEPEST = 4, ELEMENTS_MAX = 60, INPUT_MAX = 4096, PDF_MAX = 256 * 1024 * 1024 };
/* of processor time for one document, with sanitizers; what is quadratic in a list takes minutes */
static const double SECONDS_MAX = 30;
/* mm over the edge of the page: of a frame half; of what is underlined a mark's blank half */
static const double EDGE = 0.5, UNDERLINE_EDGE = 8;

/* One template being made up. */
struct maker {
    const uint8_t *data;
    size_t size, at;
    uint64_t seed;
    struct buf text;
    unsigned elements, ids, roles;
    int scope;    /* lists around this place */
    bool flowing; /* nothing has a place of its own and every measure is an ordinary one */
    bool in_cell;
};

static _Noreturn void broken(const struct maker *m, const char *what, const struct err *e)
{
    (void)fprintf(stderr, "%s: %s | %s (%s)\n%s\n", what, e != NULL ? e->en : "", e != NULL ? e->zh : "",
                  e != NULL ? e->field : "", buf_text((struct buf *)(uintptr_t)&m->text));
    abort();
}

static unsigned below(struct maker *m, unsigned limit)
{
    if (m->at < m->size)
        return m->data[m->at++] % limit;
    m->seed = m->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(m->seed >> 33) % limit;
}

static bool one_in(struct maker *m, unsigned n)
{
    return below(m, n) == 0;
}

static void say(struct maker *m, const char *text)
{
    buf_append_text(&m->text, text);
}

#define PICK(m, list) ((list)[below(m, sizeof(list) / sizeof *(list))])

/* --- texts --- */

static void text(struct maker *m)
{
    static const char *const anywhere[] = {"{{name}}",
                                           "{{name | soft}}",
                                           "{{long}}",
                                           "{{long | cut:\"12\"}}",
                                           "{{missing | blank:\"8\"}}",
                                           "{{missing | line:\"30\"}}",
                                           "{{day | date}}",
                                           "{{missing | date-line}}",
                                           "{{count | capitals}}",
                                           "{{list | count}}",
                                           "<u>{{name}}</u>",
                                           "<u>{{long}}</u>",
                                           "<br/>",
                                           "<wbr/>",
                                           "**加粗**",
                                           "*强调*",
                                           "（测试）",
                                           "安徽省人力资源和社会保障厅",
                                           "　",
                                           "Incomprehensibilities",
                                           "。",
                                           "“《",
                                           "字",
                                           "{{@version}}"};
    static const char *const inside[] = {"{{.a}}", "{{.b}}", "{{@index}}", "{{.a | default:\"无\"}}"};

    for (unsigned n = 1 + below(m, one_in(m, 8) ? 40 : 4); n > 0; n--)
        say(m, m->scope > 0 && one_in(m, 2) ? PICK(m, inside) : PICK(m, anywhere));
}

static void plain_text(struct maker *m)
{
    static const char *const words[] = {"姓名",      "字",       "工作单位",
                                        "{{name}}",  "{{long}}", "一二三四五六七八九十一二三四五六七八九十",
                                        "照片|35×49"};

    say(m, PICK(m, words));
}

/* --- attributes --- */

static void number(struct maker *m, enum attr_type type)
{
    static const char *const ordinary[] = {"3", "5", "8", "10", "10.5", "12", "20", "30", "45", "60"};
    static const char *const odd[] = {"0.001", "0.01", "0.1", "0.8", "1", "150", "297", "999", "4999"};
    static const char *const below_zero[] = {"0", "-0", "-0.5", "-10", "-4999"};
    static const char *const sizes[] = {"3", "5", "8", "9", "10.5", "14", "30", "200"};
    static const char *const leadings[] = {"0.8", "1", "1.4286", "5"};
    static const char *const trackings[] = {"-0.5", "0", "0.1", "10"};
    static const char *const counts[] = {"1", "1", "2", "3", "5", "12", "60", "64", "65", "1000"};

    if (type == TYPE_COUNT || type == TYPE_SPAN)
        say(m, type == TYPE_SPAN && one_in(m, 6) ? "0" : PICK(m, counts));
    else if (type == TYPE_SIZE || type == TYPE_SIZES)
        say(m, PICK(m, sizes));
    else if (type == TYPE_LEADING)
        say(m, PICK(m, leadings));
    else if (type == TYPE_TRACKING)
        say(m, PICK(m, trackings));
    else if (m->flowing || !one_in(m, 4))
        say(m, PICK(m, ordinary));
    else if (type == TYPE_MEASURE || type == TYPE_SHARES || one_in(m, 2))
        say(m, PICK(m, odd));
    else
        say(m, type == TYPE_AMOUNT || type == TYPE_AMOUNTS ? "0" : PICK(m, below_zero));
}

static void shares(struct maker *m, unsigned count)
{
    static const char *const some[] = {"*", "*", "2*", "auto", "12", "20"};

    for (unsigned i = 0; i < count; i++) {
        say(m, i > 0 ? " " : "");
        if (one_in(m, 12))
            number(m, TYPE_SHARES);
        else
            say(m, PICK(m, some));
    }
}

static void word(struct maker *m, const struct attr_spec *spec)
{
    static const char *const breaks[] = {"half", "·", "测"}, *const signs[] = {"none", "主任签字：",
                                                                               "签名："};
    char name[32] = "n";

    if (spec->words != NULL) {
        const char *from = spec->words + 1;

        for (unsigned skip = below(m, 5); skip > 0 && strchr(from, '|')[1] != '\0'; skip--)
            from = strchr(from, '|') + 1;
        buf_append_bytes(&m->text, from, strcspn(from, "|"));
        return;
    }
    if (strcmp(spec->name, "break") == 0)
        say(m, PICK(m, breaks));
    else if (strcmp(spec->name, "sign") == 0)
        say(m, PICK(m, signs));
    else {
        if (strcmp(spec->name, "role") == 0)
            (void)snprintf(name, sizeof name, "r%u", m->roles++);
        else if (strcmp(spec->name, "id") == 0)
            (void)snprintf(name, sizeof name, "t%u", m->ids++);
        else if (strcmp(spec->name, "after") == 0 && m->ids > 0)
            (void)snprintf(name, sizeof name, "t%u", below(m, m->ids));
        say(m, name);
    }
}

static void value(struct maker *m, const struct attr_spec *spec)
{
    static const char *const pages[] = {"20x20", "A4", "A5 landscape", "100x60", "210x40"},
                             *const fits[] = {"10.5 9 9/2 8/2", "200/60 3", "8/60", "12 3/60", "30"},
                             *const fonts[] = {"song", "hei", "kai"}, *const colors[] = {"black", "#9A1B1F"};

    switch (spec->type) {
    case TYPE_SHARES:
        shares(m, 1 + below(m, 5));
        break;
    case TYPE_NUMBERS:
    case TYPE_AMOUNTS:
    case TYPE_SIZES:
        number(m, spec->type);
        if (one_in(m, 2)) {
            say(m, " ");
            number(m, spec->type);
        }
        break;
    case TYPE_MARGINS:
        number(m, TYPE_AMOUNT);
        break;
    case TYPE_COLOR:
        say(m, PICK(m, colors));
        break;
    case TYPE_YES:
        say(m, one_in(m, 4) ? "no" : "yes");
        break;
    case TYPE_FONT:
        say(m, PICK(m, fonts));
        break;
    case TYPE_PAGE:
        say(m, PICK(m, pages));
        break;
    case TYPE_STEPS:
        say(m, PICK(m, fits));
        break;
    case TYPE_WORD:
        word(m, spec);
        break;
    default:
        number(m, spec->type);
    }
}

/* Puts something where the template says, which may be over the edge of the page. */
static bool gives_a_place(const char *name)
{
    static const char *const those =
        "x y cx cy left right indent dy push to tracking min-tracking margins page "
        "footer-y frame line seal-x seal-y sign-x sign-y stamp-y name-y date-y from padding ";

    return words_have(those, name);
}

static void attribute(struct maker *m, const char *name)
{
    if (strcmp(name, "after") == 0 && m->ids == 0)
        return;
    say(m, " ");
    say(m, name);
    say(m, "=\"");
    value(m, &attr_specs[attr_find(name)]);
    say(m, "\"");
}

/* What needs its place outside cells only. */
static bool stands_free(const struct maker *m, const struct element_spec *spec)
{
    static const char *const those = "photo qr opinion ";

    return !m->in_cell && words_have(those, spec->name);
}

static void attributes(struct maker *m, const struct element_spec *spec)
{
    const char *may = spec->may;
    struct slice word;

    while (words_next(&may, &word)) {
        char name[32];
        bool must;

        (void)snprintf(name, sizeof name, "%.*s", (int)word.len, (const char *)word.ptr);
        must = words_have(spec->must, name) || (stands_free(m, spec) && words_have("x y w h ", name)) ||
               (strcmp(spec->name, "seal") == 0 && strcmp(name, "d") == 0);
        if (must || (one_in(m, 4) && !(m->flowing && gives_a_place(name))))
            attribute(m, name);
    }
    if (spec->label != NEITHER && (spec->label == MUST || one_in(m, 2))) {
        say(m, " label=\"");
        plain_text(m);
        say(m, "\"");
    }
    if (spec->value != NEITHER && one_in(m, 3))
        say(m, " value=\"abc\"");
}

/* if=, each=, else=; whether it goes into a list. */
static bool conditions(struct maker *m, bool follows)
{
    static const char *const some[] = {" if=\"name\"", " if=\"!missing\"", " if=\"missing\"",
                                       " if=\"name = 甲\"", " if=\"@draft\""};
    bool each = m->scope < 2 && one_in(m, 7);

    if (follows && one_in(m, 3))
        say(m, " else=\"yes\"");
    else if (one_in(m, 8))
        say(m, PICK(m, some));
    if (each)
        say(m, m->scope == 0 ? " each=\"list\"" : " each=\".parts\"");
    if (each && one_in(m, 3))
        say(m, one_in(m, 6) ? " least=\"200\"" : " least=\"5\"");
    return each;
}

/* --- elements --- */

static const uint64_t BANNED_IN_CELLS =
    1ULL << NODE_SECTION | 1ULL << NODE_PAGE_BREAK | 1ULL << NODE_TABLE | 1ULL << NODE_FIELDS;

static void body(struct maker *m, int depth, uint64_t banned);

static void open_tag(struct maker *m, const char *name, const struct element_spec *spec)
{
    say(m, "<");
    say(m, name);
    attributes(m, spec);
}

static void close_tag(struct maker *m, const char *name)
{
    say(m, "</");
    say(m, name);
    say(m, ">\n");
}

static void cell(struct maker *m, int depth, unsigned *columns, bool sure)
{
    const enum node_kind kind = one_in(m, 3) ? NODE_TH : NODE_TD;
    const char *name = node_name(kind);
    unsigned wide = *columns > 1 && one_in(m, 5) ? 1 + below(m, *columns) : 1;
    char span[64] = "";
    bool each = false, was = m->in_cell;

    *columns -= wide;
    say(m, "<");
    say(m, name);
    if (wide > 1)
        (void)snprintf(span, sizeof span, " colspan=\"%u\"", wide);
    if (!sure && one_in(m, 6))
        (void)snprintf(span + strlen(span), sizeof span - strlen(span), " rowspan=\"%u\"", below(m, 5));
    say(m, span);
    if (one_in(m, 3))
        attribute(m, "fit");
    if (one_in(m, 6))
        attribute(m, "vertical");
    if (one_in(m, 4))
        attribute(m, "align");
    if (one_in(m, 4))
        attribute(m, "size");
    if (one_in(m, 8))
        attribute(m, "leading");
    if (one_in(m, 8) && !m->flowing)
        attribute(m, "padding");
    if (!sure && one_in(m, 10))
        each = conditions(m, false);
    say(m, ">");
    m->scope += each;
    m->in_cell = true;
    if (depth > 0 && one_in(m, 4)) {
        say(m, "\n");
        body(m, depth - 1, BANNED_IN_CELLS);
    } else {
        text(m);
    }
    m->in_cell = was;
    m->scope -= each;
    close_tag(m, name);
}

static void row(struct maker *m, int depth, unsigned columns, bool sure)
{
    unsigned left = columns;
    size_t plain;
    bool each;

    say(m, "<tr");
    if (one_in(m, 5))
        attribute(m, "h");
    if (one_in(m, 8))
        attribute(m, "keep");
    plain = m->text.len;
    each = !sure && conditions(m, false);
    if (!sure && m->text.len == plain)
        say(m, " if=\"name\""); /* rows that may be missing may be of any shape */
    say(m, ">\n");
    m->scope += each;
    do
        cell(m, depth, &left, sure);
    while (left > 0 && !(!sure && one_in(m, 8)));
    m->scope -= each;
    say(m, "</tr>\n");
}

static void table_attributes(struct maker *m, unsigned columns)
{
    const char *may = "line frame padding size font leading align row repeat split keep";
    struct slice word;

    say(m, " widths=\"");
    shares(m, columns);
    say(m, "\"");
    while (words_next(&may, &word)) {
        char name[32];

        (void)snprintf(name, sizeof name, "%.*s", (int)word.len, (const char *)word.ptr);
        if (one_in(m, 6) && (strcmp(name, "repeat") != 0 || columns > 3) &&
            !(m->flowing && gives_a_place(name)))
            attribute(m, name);
    }
}

/* Rows, some of them for every item, and now and then other columns. */
static void rows(struct maker *m, int depth, unsigned columns)
{
    for (unsigned left = 1 + below(m, 5); left > 0; left--) {
        bool certain = one_in(m, 2), many = m->scope < 2 && one_in(m, 8);

        if (many)
            say(m, m->scope++ == 0 ? "<tbody each=\"list\">\n" : "<tbody each=\".parts\">\n");
        row(m, depth, columns, certain && !many);
        if (many) {
            m->scope--;
            say(m, "</tbody>\n");
        } else if (one_in(m, 10)) {
            columns = 1 + below(m, 6);
            say(m, "<columns widths=\"");
            shares(m, columns);
            say(m, "\"/>\n");
        }
    }
}

static void table(struct maker *m, int depth)
{
    const uint64_t not_in_leads = BANNED_IN_CELLS | 1ULL << NODE_OPINION | 1ULL << NODE_SEAL;
    unsigned columns = 1 + below(m, one_in(m, 6) ? 32 : 5);
    bool each;

    say(m, "<table");
    table_attributes(m, columns);
    each = conditions(m, false);
    say(m, ">\n");
    m->scope += each;
    if (one_in(m, 4)) {
        say(m, one_in(m, 3) ? "<lead again=\"yes\">\n" : "<lead>\n");
        body(m, 1, not_in_leads);
        say(m, "</lead>\n");
    }
    if (one_in(m, 3)) {
        say(m, "<head>\n");
        row(m, 0, columns, true);
        say(m, "</head>\n");
    }
    rows(m, depth, columns);
    m->scope -= each;
    say(m, "</table>\n");
}

static void children(struct maker *m, const struct element_spec *spec)
{
    unsigned count = 1 + below(m, 4);

    for (int k = NODE_AREA; k <= NODE_TR; k++) {
        const struct element_spec *child = element_spec((enum node_kind)k);

        if (!(spec->children >> k & 1))
            continue;
        for (unsigned i = 0; i < count; i++) {
            open_tag(m, child->name, child);
            say(m, child->content == EMPTY ? "/>\n" : ">");
            if (child->content == CHILDREN)
                children(m, child);
            else if (child->content == INLINE)
                text(m);
            if (child->content != EMPTY)
                close_tag(m, child->name);
        }
    }
}

static void element(struct maker *m, int depth, uint64_t banned, bool follows)
{
    static const enum node_kind kinds[] = {NODE_AREA,  NODE_BLOCK,   NODE_EDGE, NODE_FIELDS,     NODE_FILL,
                                           NODE_HANG,  NODE_OPINION, NODE_QR,   NODE_PAGE_BREAK, NODE_PHOTO,
                                           NODE_RULE,  NODE_SEAL,    NODE_SIGN, NODE_SECTION,    NODE_SKIP,
                                           NODE_TABLE, NODE_TABLE,   NODE_TEXT, NODE_TEXT,       NODE_BLOCK};
    enum node_kind kind = PICK(m, kinds);
    const struct element_spec *spec = element_spec(kind);
    bool each;

    if (banned >> kind & 1 || (depth == 0 && spec->content == BODY))
        return;
    if (m->flowing &&
        (words_have(spec->must, "x") || words_have(spec->must, "cx") ||
         (kind == NODE_OPINION && !m->in_cell) || ((kind == NODE_PHOTO || kind == NODE_QR) && !m->in_cell)))
        return;
    if (kind == NODE_TABLE) {
        table(m, depth);
        return;
    }
    open_tag(m, spec->name, spec);
    if (kind == NODE_SKIP)
        say(m, strrchr(buf_text(&m->text), '<')[5] == '\0' ? " h=\"5\"" : "");
    each = kind != NODE_OPINION && kind != NODE_SEAL && conditions(m, follows);
    m->scope += each;
    say(m, spec->content == EMPTY ? "/>\n" : ">");
    if (kind == NODE_AREA)
        banned |= 1ULL << NODE_SECTION | 1ULL << NODE_PAGE_BREAK;
    if (spec->content == BODY) {
        say(m, "\n");
        body(m, depth - 1, banned | (kind == NODE_SECTION ? 1ULL << NODE_SECTION : 0));
    } else if (spec->content == INLINE) {
        for (unsigned fits = kind == NODE_TEXT && one_in(m, 4) ? 1 + below(m, 3) : 0; fits > 0; fits--) {
            open_tag(m, "fit", element_spec(NODE_FIT));
            say(m, "/>");
        }
        text(m);
    } else if (spec->content == CHILDREN) {
        children(m, spec);
    }
    m->scope -= each;
    if (spec->content != EMPTY)
        close_tag(m, spec->name);
}

static void body(struct maker *m, int depth, uint64_t banned)
{
    static const char *const starts[] = {"", "", "", "", "# ", "## ", "### ", "- ", "1. "};
    bool follows = false;

    for (unsigned n = 1 + below(m, 4); n > 0; n--) {
        if (one_in(m, 2) && m->elements++ < ELEMENTS_MAX) {
            element(m, depth, banned, follows && one_in(m, 10));
            follows = true;
        } else {
            say(m, "\n");
            say(m, PICK(m, starts));
            text(m);
            say(m, "\n\n");
            follows = false;
        }
    }
}

static void front(struct maker *m)
{
    static const char *const lines[] = {"page: 20x20\n",
                                        "page: A5 landscape\n",
                                        "page: 100x60\n",
                                        "margins: 5\n",
                                        "margins: 0\n",
                                        "margins: 10 4 20 4\n",
                                        "leading: 0.8\n",
                                        "size: 30\n",
                                        "indent: 2\n",
                                        "justify: yes\n",
                                        "fit: 14/27 13/25 5/6\npages: 1\n",
                                        "footer: 第 {{page}} 页　共 {{pages}} 页\n",
                                        "header-left: \"{{name}}\"\n",
                                        "label-size: 20\n",
                                        "label-leading: 0.8\n",
                                        "heading-1: hei 40/42 center tracking 0.5\n"};

    say(m, "---\ntitle: 测试 {{name}}\noptional: missing, version\nblank: yes\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (one_in(m, 8) && !(m->flowing && strcmp(lines[i], "margins: 0\n") == 0) &&
            (strncmp(lines[i], "page: ", 6) != 0 || strstr(buf_text(&m->text), "page: ") == NULL) &&
            (strncmp(lines[i], "margins", 7) != 0 || strstr(buf_text(&m->text), "margins") == NULL))
            say(m, lines[i]);
    say(m, "---\n\n");
}

/* --- records --- */

static json_t *value_text(struct maker *m, unsigned most)
{
    static const char *const pieces[] = {"甲",
                                         "测试单位",
                                         "欧阳𬍛𫖯",
                                         "Universität",
                                         " ",
                                         "，",
                                         "（虚构）",
                                         "《",
                                         "\n",
                                         "100%",
                                         "——",
                                         "·",
                                         "|",
                                         "1234567890123456789012345678901234567890"};
    struct buf b = BUF_INIT(1 << 20);
    json_t *made;

    for (unsigned n = below(m, most); n > 0; n--)
        buf_append_text(&b, PICK(m, pieces));
    made = json_string(buf_text(&b));
    buf_dispose(&b);
    return made;
}

static json_t *list(struct maker *m, unsigned count, unsigned parts)
{
    json_t *made = json_array();

    for (unsigned i = 0; i < count; i++) {
        json_t *item =
            json_pack("{s:o, s:o}", "a", value_text(m, one_in(m, 9) ? 60 : 4), "b", value_text(m, 6));

        (void)json_object_set_new(item, "parts", parts > 0 ? list(m, below(m, parts), 0) : json_array());
        (void)json_array_append_new(made, item);
    }
    return made;
}

static json_t *sample(void)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:[{s:s, s:s, s:[{s:s, s:s}]}]}", "name", "甲", "long", "长",
                     "day", "2026-01-15", "count", 205, "list", "a", "一", "b", "二", "parts", "a", "三", "b",
                     "四");
}

static json_t *record(struct maker *m)
{
    json_t *made = json_pack("{s:o, s:o, s:s, s:i}", "name", value_text(m, 6), "long",
                             value_text(m, one_in(m, 6) ? 2000 : 60), "day", "2026-01-15", "count", 205);
    json_t *opinions = json_object();

    (void)json_object_set_new(
        made, "list",
        list(m, below(m, one_in(m, 6) ? 250 : 6) * (one_in(m, 20) ? 8 : 1), one_in(m, 4) ? 20 : 3));
    for (unsigned i = 0; i < m->roles; i++) {
        char role[32];

        (void)snprintf(role, sizeof role, "r%u", i);
        if (one_in(m, 2))
            (void)json_object_set_new(opinions, role,
                                      json_pack("{s:o, s:o, s:o, s:s}", "text", value_text(m, 60), "signer",
                                                value_text(m, 4), "office", value_text(m, 10), "date",
                                                "2026-01-15"));
    }
    (void)json_object_set_new(made, "opinions", opinions);
    return made;
}

/* --- what holds of every document --- */

static bool finite_box(const struct box *b)
{
    return isfinite(b->x) && isfinite(b->y) && isfinite(b->w) && isfinite(b->h);
}

static bool finite_run(const struct text_run *r)
{
    bool sound =
        isfinite(r->x) && isfinite(r->baseline) && isfinite(r->size) && r->size > 0 && isfinite(r->angle);

    for (size_t i = 0; i < r->count && sound; i++)
        sound = isfinite(r->glyphs[i].dx);
    return sound;
}

/* Half a character over the edge is the blank of a mark there. */
static bool inside(const struct text_run *r, const struct page *p)
{
    double em = r->size * 25.4 / 72, slack = em * 0.6;

    return r->x >= -slack && r->x + (double)r->glyphs[r->count - 1].dx <= p->width - em * 0.2 &&
           r->baseline <= p->height + 0.02 * em && r->baseline - 0.6 * em >= 0;
}

static bool inside_box(const struct box *b, const struct page *p)
{
    double sides = b->h < 0.2 ? UNDERLINE_EDGE : EDGE;

    return b->x >= -sides && b->y >= -EDGE && b->x + b->w <= p->width + sides &&
           b->y + b->h <= p->height + EDGE;
}

static void check_item(const struct maker *m, const struct page *p, const struct item *i)
{
    bool is_text = i->kind == ITEM_TEXT, visible = i->kind != ITEM_FIELD;
    const struct text_run *r = &i->u.text;
    const char *wrong = NULL;

    if (is_text ? !finite_run(r) : !finite_box(&i->box) || !isfinite(i->line))
        wrong = "a measure is no number";
    else if (!is_text && (i->box.w < 0 || i->box.h < 0))
        wrong = "a box is no box";
    else if (m->flowing && is_text && r->count > 0 && r->angle == 0 && !inside(r, p))
        wrong = "a text is outside the page";
    else if (m->flowing && !is_text && visible && !inside_box(&i->box, p))
        wrong = "a box is outside the page";
    if (wrong == NULL)
        return;
    if (is_text)
        (void)fprintf(stderr, "U+%04X at %g %g, %g pt\n", r->count > 0 ? r->glyphs[0].cp : 0, r->x,
                      r->baseline, r->size);
    else
        (void)fprintf(stderr, "%g x %g at %g %g\n", i->box.w, i->box.h, i->box.x, i->box.y);
    (void)fprintf(stderr, "page of %g x %g\n", p->width, p->height);
    broken(m, wrong, NULL);
}

static void check_pages(const struct maker *m, const struct pages *pages)
{
    for (size_t k = 0; k < pages->count; k++) {
        const struct page *p = &pages->list[k];

        for (size_t i = 0; i < p->count; i++)
            check_item(m, p, &p->items[i]);
    }
    for (size_t i = 0; i < pages->bookmark_count; i++)
        if (pages->bookmarks[i].page >= pages->count || !isfinite(pages->bookmarks[i].y))
            broken(m, "a bookmark leads nowhere", NULL);
    for (size_t i = 0; i < pages->field_count; i++)
        if (pages->fields[i].page >= pages->count || !finite_box(&pages->fields[i].box))
            broken(m, "a seal field stands nowhere", NULL);
}

static void check_error(const struct maker *m, const struct err *e)
{
    if ((e->code != ERR_INVALID && e->code != ERR_TOO_LARGE && e->code != ERR_NO_MEMORY) ||
        e->en[0] == '\0' || strncmp(e->en, " is ", 4) == 0 || e->zh[0] == '\0' || strstr(e->zh, "“”") != NULL)
        broken(m, "an error does not tell", e);
}

/* With FUZZ_TELL in the environment: what was refused, to see what is tried at all. */
static void tell(const struct err *e)
{
    if (getenv("FUZZ_TELL") != NULL)
        (void)fprintf(stderr, "%s\n", e->en);
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct fonts *fonts(void)
{
    static struct fonts *opened;
    struct err e = {0};
    char path[2048];

    if (opened == NULL &&
        (share_path(path, sizeof path, "fonts", &e) != 0 || fonts_open(&opened, path, &e) != 0))
        abort();
    return opened;
}

/* Appends the document; nothing when it was refused. */
static void make(struct buf *pdf, const struct maker *m, const struct layout_order *order)
{
    const struct pdf_info info = {.title = "fuzz"};
    struct arena a = ARENA_INIT;
    struct pdf_kit *kit = NULL;
    struct pages pages;
    struct err e = {0};

    if (layout_run(&pages, order, fonts(), &a, &e) != 0) {
        check_error(m, &e);
        tell(&e);
    } else {
        check_pages(m, &pages);
        if (pdf_kit_new(&kit, NULL, 0, &e) != 0 || pdf_write(pdf, kit, &pages, &info, &e) != 0)
            check_error(m, &e);
    }
    pdf_kit_free(kit);
    arena_dispose(&a);
}

static void try_template(struct maker *m, const struct template *t)
{
    const char *roles[16];
    struct buf first = BUF_INIT(PDF_MAX), second = BUF_INIT(PDF_MAX);
    struct layout_order order = {.template = t,
                                 .verify_url = "https://zs.example.cn/v/sample",
                                 .seal_roles = roles,
                                 .mark = (enum mark)below(m, 4),
                                 .blank = one_in(m, 8)};
    json_t *made = order.blank ? NULL : record(m);
    double began = seconds();

    for (size_t i = 0; i < template_role_count(t) && one_in(m, 2); i++)
        roles[order.seal_role_count++] = template_role(t, i);
    order.record = made;
    make(&first, m, &order);
    if (seconds() - began > SECONDS_MAX)
        broken(m, "it took too long", NULL);
    if (one_in(m, 4)) {
        make(&second, m, &order);
        if (!slice_equal(buf_view(&first), buf_view(&second)))
            broken(m, "it was another document the second time", NULL);
    }
    buf_dispose(&first);
    buf_dispose(&second);
    json_decref(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct maker m = {.data = data, .size = size < INPUT_MAX ? size : INPUT_MAX, .text = BUF_INIT(1 << 20)};
    struct template *t;
    struct err e = {0};

    for (size_t i = 0; i < m.size; i++)
        m.seed = (m.seed ^ data[i]) * 1099511628211ULL;
    m.flowing = one_in(&m, 3);
    front(&m);
    body(&m, DEEPEST, 0);
    if (template_parse(&t, "/nowhere/fuzz", buf_view(&m.text), sample(), fonts(), &e) != 0) {
        check_error(&m, &e);
        tell(&e);
    } else {
        try_template(&m, t);
        template_free(t);
    }
    buf_dispose(&m.text);
    return 0;
}
