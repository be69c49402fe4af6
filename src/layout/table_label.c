/* table_label.c - labels of forms: spread to a common width, broken into even lines, or upright characters
 * one under another. */
#include "base/utf8.h"
#include "layout/table_internal.h"
#include <string.h>

enum { ONE_COLUMN = 8 }; /* upright characters; more make two columns */
static const double upright_extra = 0.32, columns_apart = 4.6 / (10.5 * 25.4 / 72); /* em */

/* --- lines --- */

static bool add(struct lines *l, size_t from, size_t to)
{
    if (l->count == LINES_MAX)
        return false;
    l->from[l->count] = from;
    l->to[l->count++] = to;
    return true;
}

/* What is seen of a line, em: blank halves of marks at its ends hang over. */
static double seen(const struct shaped *t, size_t from, size_t to)
{
    double em = width_of(t, from, to, 1, 0) / PT_MM;

    trim_cells(t, &from, &to);
    return from < to ? em - pull_of(t, from) - hang_of(&t->cells[to - 1]) : 0;
}

/* End of the line from `from` within so many em. */
static size_t line_end(const struct shaped *t, const bool *may, size_t from, double room)
{
    double em = -pull_of(t, from);
    size_t end = from;

    for (size_t i = from; i < t->count; i++) {
        if (i > from && may[i])
            end = i;
        em += t->cells[i].em;
        if (em - hang_of(&t->cells[i]) > room + table_slack && t->cells[i].cp != ' ' &&
            t->cells[i].cp != 0x3000)
            return end > from ? end : i > from ? i : from + 1;
    }
    return t->count;
}

static bool wrap_within(struct lines *out, const struct shaped *t, const bool *may, double room, size_t most)
{
    out->count = 0;
    for (size_t from = 0, to; from < t->count; from = to) {
        to = line_end(t, may, from, room);
        if (out->count == most || seen(t, from, to) > room + 1e-4 || !add(out, from, to))
            return false;
    }
    return true;
}

/* The least room in which it takes no more lines than in all of it: its lines are even then. */
static bool even_lines(struct lines *out, const struct shaped *part, const bool *may, double room)
{
    double low = 0, high = room;
    size_t most;

    if (!wrap_within(out, part, may, room, LINES_MAX))
        return false;
    most = out->count;
    for (int i = 0; i < 12; i++) {
        double middle = (low + high) / 2;

        if (wrap_within(out, part, may, middle, most))
            high = middle;
        else
            low = middle;
    }
    return wrap_within(out, part, may, high, most);
}

/* At every soft break, where that does. */
static bool soft_lines(struct lines *out, const struct shaped *part, double room)
{
    out->count = 0;
    for (size_t i = 0, from = 0; i <= part->count; i++) {
        if (i < part->count && part->cells[i].cp != CHAR_SOFT)
            continue;
        if (seen(part, from, i) > room + table_slack || !add(out, from, i))
            return false;
        from = i;
    }
    return true;
}

/* One line as the author broke it. */
static bool break_part(struct label *l, size_t from, size_t to)
{
    struct shaped part = {l->text.cells + from, to - from};
    struct lines lines = {.count = 1, .from = {0}, .to = {to - from}};
    double room = l->width / (l->size * PT_MM);

    if (seen(&part, 0, part.count) > room + table_slack &&
        !(has_soft(&part) && soft_lines(&lines, &part, room)) &&
        !even_lines(&lines, &part, l->may + from, room))
        return false;
    for (size_t i = 0; i < lines.count; i++)
        if (!add(&l->lines, from + lines.from[i], from + lines.to[i]))
            return false;
    return true;
}

static bool break_label(struct label *l)
{
    size_t from = 0;

    l->lines.count = 0;
    for (size_t i = 0; i <= l->text.count; i++) {
        if (i < l->text.count && l->text.cells[i].cp != CHAR_BREAK)
            continue;
        if (!break_part(l, from, i))
            return false;
        from = i + 1;
    }
    return true;
}

/* NULL with the error set. */
static struct label *label_new(struct table *t, const struct table_cell *c, double width)
{
    struct setting how = {.family = c->style.family, .bold = c->style.bold};
    struct label *l = arena_alloc(t->s->scratch, sizeof *l);

    if (l == NULL) {
        err_no_memory(t->s->e);
        return NULL;
    }
    l->style = c->style;
    l->size = c->style.size;
    l->leading = c->style.leading;
    l->width = width;
    l->spread = node_number(c->n->node, ATTR_LABELS, 4);
    l->any_length = node_attr(c->n->node, ATTR_LABELS) != NULL;
    if (shape(&l->text, t->s, &c->n->text, &how, true) != 0 || breaks_find(&l->may, t->s, &l->text) != 0)
        return NULL;
    if (width < l->size * PT_MM) {
        (void)too_long(t->s, &c->n->text, NULL);
        return NULL;
    }
    return l;
}

int label_measure(struct label **out, struct table *t, const struct table_cell *c, double width)
{
    const struct attr *fit = node_attr(c->n->node, ATTR_FIT);
    struct label *l = label_new(t, c, width);
    bool broken = false;

    *out = NULL;
    if (l == NULL)
        return -1;
    squeeze(&l->text);
    for (size_t i = 0; fit != NULL && i < fit->count; i += 2) {
        l->size = fit->numbers[i];
        broken = break_label(l);
        if (broken && (double)l->lines.count <= fit->numbers[i + 1])
            break;
    }
    if (fit == NULL)
        broken = break_label(l);
    if (broken)
        *out = l;
    return 0;
}

double label_height(const struct label *l)
{
    return (double)l->lines.count * l->size * l->leading * PT_MM;
}

/* How many Chinese characters the line consists of; 0 if there is anything else in it. */
static size_t han_count(const struct label *l, size_t line)
{
    size_t n = 0;

    for (size_t i = l->lines.from[line]; i < l->lines.to[line]; i++) {
        if (l->text.cells[i].face == NULL)
            continue;
        if (!utf8_is_han(l->text.cells[i].cp))
            return 0;
        n++;
    }
    return n;
}

static bool is_spread(const struct label *l, size_t line)
{
    double em = l->size * PT_MM, room = l->spread * em;
    size_t n = han_count(l, line);
    bool beside = l->lines.count == 1;

    if (n < 2 || (double)n >= l->spread || room > l->width + table_slack)
        return false;
    if (l->any_length)
        return true;
    for (size_t i = 0; i < l->lines.count; i++)
        beside = beside || width_of(&l->text, l->lines.from[i], l->lines.to[i], l->size, 0) >=
                               l->spread * em - table_slack;
    return beside && n <= 3;
}

static int set_label_line(struct table *t, const struct label *l, size_t i, double x, double baseline)
{
    const char *align = l->style.align != NULL ? l->style.align : "center";
    bool at_left = strcmp(align, "left") == 0, at_right = strcmp(align, "right") == 0;
    double em = l->size * PT_MM, w = seen(&l->text, l->lines.from[i], l->lines.to[i]) * em;
    struct place at = {.x = x, .baseline = baseline, .size = l->size, .color = color_of(l->style.color)};
    size_t from = l->lines.from[i], to = l->lines.to[i];

    trim_cells(&l->text, &from, &to);
    if (from == to)
        return 0;
    if (!at_left && !at_right && is_spread(l, i)) {
        w = l->spread * em;
        at.tracking = (l->spread - (double)han_count(l, i)) / ((double)han_count(l, i) - 1);
    }
    if (!at_left)
        at.x += (l->width - w) / (at_right ? 1 : 2);
    at.x -= pull_of(&l->text, from) * em;
    return set_line(t->s, &l->text, from, to, &at);
}

int label_set(struct table *t, const struct label *l, double x, double y)
{
    double band = l->leading * l->size * PT_MM;

    for (size_t i = 0; i < l->lines.count; i++)
        if (set_label_line(t, l, i, x, y + band * (double)i + baseline_in(band, l->size)) != 0)
            return -1;
    return 0;
}

/* --- upright characters --- */

static size_t glyph_count(const struct label *l, size_t from, size_t to)
{
    size_t n = 0;

    for (size_t i = from; i < to; i++)
        n += l->text.cells[i].face != NULL;
    return n;
}

/* Where two columns part: as evenly as marks allow, the first not the shorter. */
static size_t half_of(const struct label *l, size_t count)
{
    size_t best = 0, seen = 0;
    double best_score = 0;

    for (size_t i = 1; i < l->text.count; i++) {
        double first, score;

        seen += l->text.cells[i - 1].face != NULL;
        if (!l->may[i])
            continue;
        first = 2 * (double)seen - (double)count;
        score = first >= 0 ? first : 0.5 - first;
        if (best == 0 || score < best_score) {
            best = i;
            best_score = score;
        }
    }
    return best;
}

static void part_columns(struct label *l)
{
    size_t from = 0, count = glyph_count(l, 0, l->text.count);
    bool parted = false;

    for (size_t i = 0; i < l->text.count; i++) {
        uint32_t cp = l->text.cells[i].cp;

        if (cp != CHAR_BREAK && (cp != CHAR_SOFT || count <= ONE_COLUMN))
            continue;
        parted = add(&l->lines, from, i);
        from = i + 1;
    }
    if (!parted && count > ONE_COLUMN) {
        from = half_of(l, count);
        if (from > 0)
            (void)add(&l->lines, 0, from);
    }
    (void)add(&l->lines, from, l->text.count);
}

int upright_measure(struct label **out, struct table *t, const struct table_cell *c, double width)
{
    struct label *l = label_new(t, c, width);
    double em;

    *out = l;
    if (l == NULL)
        return -1;
    if (node_attr(c->n->node, ATTR_SIZE) == NULL)
        l->size = 10.5;
    em = l->size * PT_MM;
    part_columns(l);
    if (em * (1 + columns_apart * (double)(l->lines.count - 1)) > width + table_slack)
        return too_long(t->s, &c->n->text, NULL);
    return 0;
}

double upright_height(const struct label *l)
{
    size_t most = 0;

    for (size_t i = 0; i < l->lines.count; i++)
        if (glyph_count(l, l->lines.from[i], l->lines.to[i]) > most)
            most = glyph_count(l, l->lines.from[i], l->lines.to[i]);
    return (double)most * (1 + upright_extra) * l->size * PT_MM;
}

static bool is_turned(uint32_t cp)
{
    static const uint32_t brackets[] = {'(',    ')',    '[',    ']',    '-',    0x2014, 0x2026, 0x3008,
                                        0x3009, 0x300A, 0x300B, 0x300C, 0x300D, 0x300E, 0x300F, 0x3010,
                                        0x3011, 0x3014, 0x3015, 0xFF08, 0xFF09, 0xFF5E};

    for (size_t i = 0; i < sizeof brackets / sizeof brackets[0]; i++)
        if (brackets[i] == cp)
            return true;
    return false;
}

/* One character with its ideographic box about (x, y). Brackets lie on their side; a stop stands in the
 * upper right of its box instead of the lower left. */
static int set_upright(struct table *t, const struct label *l, size_t i, double x, double y)
{
    const struct cell *c = &l->text.cells[i];
    double em = l->size * PT_MM;
    bool stop = c->cp == 0x3001 || c->cp == 0x3002 || c->cp == 0xFF0C;
    struct place at = {.x = x - c->em * em / 2 + (stop ? 0.58 * em : 0),
                       .baseline = y + 0.38 * em - (stop ? 0.55 * em : 0),
                       .size = l->size,
                       .color = color_of(l->style.color)};
    struct page_draft *page;

    if (is_turned(c->cp)) {
        at.x = x - 0.38 * em;
        at.baseline = y - c->em * em / 2;
    }
    if (set_line(t->s, &l->text, i, i + 1, &at) != 0)
        return -1;
    if (is_turned(c->cp)) {
        page = &t->s->pages[t->s->page_count - 1];
        page->items[page->count - 1].u.text.angle = -90;
    }
    return 0;
}

int upright_set(struct table *t, const struct label *l, double x, double y)
{
    double em = l->size * PT_MM, pitch = (1 + upright_extra) * em;
    double middle = x + l->width / 2, right = middle + (double)(l->lines.count - 1) * columns_apart * em / 2;

    for (size_t k = 0; k < l->lines.count; k++) {
        double cx = right - (double)k * columns_apart * em;
        double cy = y + pitch / 2;

        for (size_t i = l->lines.from[k]; i < l->lines.to[k]; i++) {
            if (l->text.cells[i].face == NULL)
                continue;
            if (l->text.cells[i].cp != ' ' && l->text.cells[i].cp != 0x3000 &&
                set_upright(t, l, i, cx, cy) != 0)
                return -1;
            cy += pitch;
        }
    }
    return 0;
}
