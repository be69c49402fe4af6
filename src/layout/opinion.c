/* opinion.c - the field of an office in a form: its geometry, the words that wait there for ink or seal, and
 * what the office says, set into it. */
#include "base/clock.h"
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <math.h>
#include <string.h>

/* What an opinion is set in: the first that holds it. */
static const struct type_step sizes[CAPACITY_SIZES] = {{10.5, 15 / 10.5}, {9, 12.75 / 9}, {8, 11.25 / 8}};
static const double slack = 1e-6; /* mm; sums are not exact */

enum { NAME_WIDEST = 70, OPINION_INDENT = 2 };
static const double inset = 0.3;    /* mm from the rule to the field */
static const double padding = 2.5;  /* mm from the rule to the opinion */
static const double clear = 1.5;    /* mm between two things on a line */
static const double name_clear = 1; /* mm from the office's name to the rules beside it */
static const double name_least = 9; /* pt */
static const double justified = 59; /* mm; narrower lines are ranged left, else gaps open in them */

/* --- the date: em from its beginning; the whole of 2025 年 11 月 24 日 is centred on the seal's axis --- */
static const double year_gap = 2.5, day_gap = 1.75, date_length = 9;

static double date_left(const struct seal_field *f)
{
    return f->seal_x - date_length / 2 * f->name_size * PT_MM;
}

/* --- short texts --- */

static const struct setting song = {.family = "song"};

/* UTF-8 as characters of the record's member (from NULL: fixed wording). */
static int characters(struct tree_text *out, struct sheet *s, struct slice text, const char *from)
{
    struct tree_char *chars = arena_array(s->arena, text.len + 1, sizeof *chars);
    size_t at = 0;

    if (chars == NULL)
        return err_no_memory(s->e);
    *out = (struct tree_text){chars, 0};
    for (uint32_t cp; utf8_next(text, &at, &cp);)
        chars[out->count++] = (struct tree_char){.cp = cp == '\n' ? CHAR_BREAK : cp, .from = from};
    if (at == text.len)
        return 0;
    err_set(s->e, ERR_INVALID, "The text is not valid UTF-8.", "文字不是有效的 UTF-8 编码。");
    return err_field(s->e, "%s", from != NULL ? from : "");
}

static int shape_words(struct shaped *out, struct sheet *s, const char *text, const char *from)
{
    struct tree_text t;

    return characters(&t, s, slice_of(text), from) == 0 ? shape(out, s, &t, &song, false) : -1;
}

static int set_words(struct sheet *s, const struct shaped *t, size_t from, size_t to, double size, double x,
                     double y)
{
    struct place at = {.x = x, .baseline = y + baseline_in(0, size), .size = size};

    return set_line(s, t, from, to, &at);
}

/* --- geometry --- */

static size_t lines_in(double height, double pitch)
{
    return height > 0 ? (size_t)((height + slack) / pitch) : 0;
}

static size_t capacity(const struct seal_field *f, const struct type_step *step)
{
    double em = step->size * PT_MM, pitch = em * step->leading;
    size_t lines = lines_in(f->opinion_end - f->opinion_y, pitch),
           full = lines_in(f->zone_y - f->opinion_y, pitch);
    size_t count;

    full = full < lines ? full : lines;
    count = full * (size_t)(f->measure / em + slack) + (lines - full) * (size_t)(f->narrow / em + slack);
    return count > OPINION_INDENT ? count - OPINION_INDENT : 0;
}

/* 组长签字 and the like is a hand's, never a machine's. */
static bool by_hand(const char *words)
{
    return strstr(words, "签字") != NULL || strstr(words, "签名") != NULL;
}

static double at(const struct node *n, enum attr_name name, double edge, double otherwise)
{
    return edge + node_number(n, name, otherwise);
}

static const double sign_wide = 45; /* mm from the left edge to 负责人： where the date stands beside it */

/* Whether 负责人：, somebody's name and the date stand beside each other. */
static bool is_wide(const struct seal_field *f, struct box b)
{
    const double words_and_name = 36;

    return b.x + sign_wide + words_and_name <= date_left(f) + slack;
}

/* In a narrow field the signer stands above the seal. */
static void lines_of_seal(struct seal_field *f, const struct node *n, struct box b)
{
    const double above_zone = 3.2;
    double zone = node_number(n, ATTR_ZONE, 56), sign;

    f->diameter = node_number(n, ATTR_D, 42);
    f->seal_x = at(n, ATTR_SEAL_X, b.x, b.w >= zone ? b.w - zone / 2 : b.w / 2);
    f->seal_y = at(n, ATTR_SEAL_Y, b.y, b.h - f->diameter / 2 - 2);
    f->date_y = at(n, ATTR_DATE_Y, b.y, f->seal_y - b.y + 13.5);
    /* The name in the open space between star and date, as a seal over name and date is read; what says where
     * ink goes stands behind the star. */
    f->name_y = at(n, ATTR_NAME_Y, b.y, f->date_y - b.y - 5.3);
    f->stamp_y = at(n, ATTR_STAMP_Y, b.y, f->name_y - b.y - 5.3);
    f->name_width = zone;
    f->name_size = node_number(n, ATTR_SIZE, sizes[0].size);
    sign = is_wide(f, b) ? f->date_y : f->seal_y - f->diameter / 2 - 2 - above_zone;
    f->sign_y = at(n, ATTR_SIGN_Y, b.y, sign - b.y);
}

static void lines_of_opinion(struct seal_field *f, const struct node *n, struct box b)
{
    const double least_narrow = 20, above_sign = 3;
    double zone_top = f->seal_y - f->diameter / 2 - 2;

    f->left = b.x + padding;
    f->measure = b.w - 2 * padding;
    f->opinion_y = b.y + node_number(n, ATTR_FROM, 0) + padding;
    f->opinion_end = fmin(b.y + b.h - 15, f->sign_y - above_sign);
    f->zone_y = zone_top + 1;
    f->narrow = node_number(n, ATTR_NARROW, b.w - f->name_width - 2 * padding);
    if (f->narrow < least_narrow) { /* no room beside the seal */
        f->narrow = 0;
        f->opinion_end = fmin(f->opinion_end, f->zone_y);
    }
    for (int i = 0; i < CAPACITY_SIZES; i++)
        f->capacity[i] = capacity(f, &sizes[i]);
}

/* --- what waits there --- */

/* What waits for date, name and stamp must not be printed over. */
static bool is_over_date(const struct seal_field *f, double x, double width)
{
    double em = f->name_size * PT_MM, left = fmin(date_left(f), f->seal_x - 2 * em),
           right = fmax(date_left(f) + date_length * em, f->seal_x + 2 * em);
    bool same_line = fabs(f->sign_y - f->date_y) < em || fabs(f->sign_y - f->name_y) < em ||
                     fabs(f->sign_y - f->stamp_y) < em;

    return same_line && x < right && x + width > left;
}

/* Whether date, stamp, signer and the whole seal stand within the field. */
static bool holds_waiting(const struct seal_field *f, const struct node *n, struct box b)
{
    double em = f->name_size * PT_MM, r = f->diameter / 2;
    double top = fmin(f->stamp_y, f->date_y), foot = fmax(f->stamp_y, f->date_y);

    if (strcmp(node_word(n, ATTR_SIGN, ""), "none") != 0) {
        top = fmin(top, f->sign_y);
        foot = fmax(foot, f->sign_y);
    }
    return date_left(f) >= b.x - slack && date_left(f) + date_length * em <= b.x + b.w + slack &&
           top - em / 2 >= b.y && foot + em / 2 <= b.y + b.h && f->seal_x - r >= b.x - slack &&
           f->seal_x + r <= b.x + b.w + slack && f->seal_y - r >= b.y - slack &&
           f->seal_y + r <= b.y + b.h + slack;
}

static int waiting_sign(struct sheet *s, struct seal_field *f, const struct node *n, struct box b)
{
    const char *words = node_word(n, ATTR_SIGN, "负责人：");
    double x = b.x + node_number(n, ATTR_SIGN_X, is_wide(f, b) ? sign_wide : padding + clear), width;
    struct shaped t;

    if (strcmp(words, "none") == 0)
        return 0;
    if (shape_words(&t, s, words, NULL) != 0)
        return -1;
    width = width_of(&t, 0, t.count, f->name_size, 0);
    if (is_over_date(f, x, width))
        return err_set(
            s->e, ERR_INVALID,
            "In the field of %s, %s would stand over the date; give it another sign-x or sign-y, or "
            "the field more room.",
            "%s 的签章位中，“%s”会压住日期，请调整 sign-x、sign-y 或加大签章位。", f->role, words);
    if (!by_hand(words))
        f->sign_x = x + width;
    return set_words(s, &t, 0, t.count, f->name_size, x, f->sign_y);
}

static int waiting_seal(struct sheet *s, const struct seal_field *f)
{
    double em = f->name_size * PT_MM, x = date_left(f);
    const double units[3] = {year_gap, year_gap + 1 + day_gap, year_gap + 2 + 2 * day_gap};
    struct shaped stamp, date;

    if (shape_words(&stamp, s, "（公章）", NULL) != 0 || shape_words(&date, s, "年月日", NULL) != 0 ||
        set_words(s, &stamp, 0, stamp.count, f->name_size,
                  f->seal_x - width_of(&stamp, 0, stamp.count, f->name_size, 0) / 2, f->stamp_y) != 0)
        return -1;
    for (size_t i = 0; i < 3; i++)
        if (set_words(s, &date, i, i + 1, f->name_size, x + units[i] * em, f->date_y) != 0)
            return -1;
    return 0;
}

/* --- what the office says: the opinion --- */

/* The opinion at one size. */
struct opinion {
    struct paragraph p;
    double pitch;      /* mm */
    size_t full, room; /* lines of the full measure, and how many there may be at all */
};

/* Lines of the full measure above the seal's zone, the rest beside it. */
static int break_opinion(struct opinion *o, struct sheet *s, const struct seal_field *f,
                         const struct tree_text *text, const struct type_step *step)
{
    struct measure m = {f->measure, f->narrow, 0};

    o->pitch = step->size * step->leading * PT_MM;
    o->room = lines_in(f->opinion_end - f->opinion_y, o->pitch);
    o->full = f->narrow > 0 ? lines_in(f->zone_y - f->opinion_y, o->pitch) : SIZE_MAX;
    m.full = o->full;
    return paragraph_break_in(&o->p, s, text, &song, step->size, &m, OPINION_INDENT);
}

static int refuse_opinion(struct sheet *s, const struct seal_field *f, const struct opinion *o,
                          const struct tree_text *text, const char *from)
{
    size_t most = f->capacity[CAPACITY_SIZES - 1], length = 0;

    for (size_t i = 0; i < text->count; i++)
        length += text->chars[i].cp != CHAR_BREAK;
    if (length > most)
        err_set(s->e, ERR_INVALID, "The opinion has %zu characters; at most %zu fit here. Shorten it.",
                "意见共 %zu 个字，此处最多可容纳 %zu 个字，请缩短。", length, most);
    else
        err_set(s->e, ERR_INVALID,
                "The opinion has %zu characters in %zu lines; at most %zu lines fit here. Shorten it or put "
                "its paragraphs together.",
                "意见共 %zu 个字，排成 %zu 行，此处最多可容纳 %zu 行，请缩短或合并段落。", length, o->p.count,
                o->room);
    return err_field(s->e, "%s", from);
}

static int set_opinion(struct sheet *s, const struct seal_field *f, const char *words, const char *from)
{
    const struct color black = {0, 0, 0};
    struct opinion o;
    struct tree_text text;
    int step = 0;

    if (characters(&text, s, slice_of(words), from) != 0)
        return -1;
    do {
        if (break_opinion(&o, s, f, &text, &sizes[step]) != 0)
            return -1;
    } while (o.p.count > o.room && ++step < CAPACITY_SIZES);
    if (o.p.count > o.room)
        return refuse_opinion(s, f, &o, &text, from);
    for (size_t i = 0; i < o.p.count; i++) {
        double width = i < o.full ? f->measure : f->narrow;
        double y = f->opinion_y + (double)i * o.pitch + o.pitch / 2;

        if (paragraph_line(s, &o.p, i, f->left, y + baseline_in(0, sizes[step].size), width,
                           width >= justified ? "justify" : "left", black) != 0)
            return -1;
    }
    return 0;
}

/* --- who says it, and when --- */

/* On one line about the seal's axis; a long name in a wider zone that ends at the same edge, and then what
 * stands beside it is narrower: *f says so. */
static int set_office(struct sheet *s, struct seal_field *f, const char *name, const char *from)
{
    double left = f->box.x + name_clear - inset, right = f->box.x + f->box.w - name_clear + inset;
    double beside = fmin(f->seal_x - left, right - f->seal_x);
    double centred = fmin(2 * beside, f->name_width);
    double widest = fmin(right - left, fmax(f->name_width, NAME_WIDEST));
    int steps = half_points(f->name_size, name_least);
    struct shaped t;

    if (shape_words(&t, s, name, from) != 0)
        return -1;
    for (int k = 0; k <= steps; k++) {
        bool wider = k == steps; /* in the least size, so that it leaves the seal's axis least */
        double size = wider ? name_least : f->name_size - 0.5 * k, w = width_of(&t, 0, t.count, size, 0);
        double x = fmax(left, fmin(f->seal_x - w / 2, right - w));

        if (w > (wider ? widest : centred) + slack)
            continue;
        if (f->narrow > 0 && wider)
            f->narrow = fmin(f->narrow, x - padding - f->left);
        return set_words(s, &t, 0, t.count, size, x, f->name_y);
    }
    err_set(s->e, ERR_INVALID,
            "The office's name \"%.120s\" has %zu characters; at most %zu fit here on one line.",
            "单位名称“%.120s”共 %zu 个字，此处一行最多可容纳 %zu 个字。", name, utf8_length(slice_of(name)),
            (size_t)(widest / (name_least * PT_MM)));
    return err_field(s->e, "%s", from);
}

/* Behind 负责人：; a long name gets smaller, then takes two lines. */
static int set_signer(struct sheet *s, const struct seal_field *f, const char *name, const char *from)
{
    const double least = sizes[CAPACITY_SIZES - 1].size;
    double x = f->sign_x + clear, pitch = least * 1.1 * PT_MM;
    bool beside_date = fabs(f->sign_y - f->date_y) < pitch * 2 && f->sign_x < f->seal_x;
    double width = (beside_date ? date_left(f) : f->box.x + f->box.w) - clear - x;
    struct lines lines;
    struct shaped t;
    bool *may;

    if (shape_words(&t, s, name, from) != 0 || breaks_find(&may, s, &t) != 0)
        return -1;
    for (int k = 0; k < half_points(f->name_size, least); k++)
        if (holds_line(&t, f->name_size - 0.5 * k, 0, width))
            return set_words(s, &t, 0, t.count, f->name_size - 0.5 * k, x, f->sign_y);
    if (wrap_after(&lines, &t, 0xB7, least, 0, width, 2) || wrap(&lines, &t, may, least, 0, width, 2)) {
        for (size_t i = 0; i < lines.count; i++)
            if (set_words(s, &t, lines.from[i], lines.to[i], least, x,
                          f->sign_y + ((double)i - (double)(lines.count - 1) / 2) * pitch) != 0)
                return -1;
        return 0;
    }
    err_set(s->e, ERR_INVALID, "The signer's name has %zu characters; at most %zu fit here.",
            "负责人姓名共 %zu 个字，此处最多可容纳 %zu 个字。", utf8_length(slice_of(name)),
            width > 0 ? 2 * (size_t)(width / (least * PT_MM)) : 0);
    return err_field(s->e, "%s", from);
}

/* Digits into the gaps before 年 月 日. */
static int set_date(struct sheet *s, const struct seal_field *f, const char *date, const char *from)
{
    const double gaps[3] = {year_gap - 0.25, day_gap, day_gap};
    double em = f->name_size * PT_MM, x = date_left(f);
    struct date day;
    int numbers[3];

    if (!date_parse(&day, date)) {
        err_set(s->e, ERR_INVALID, "\"%.40s\" is no date; write it like 2025-11-24.",
                "“%.40s”不是日期，请写成 2025-11-24 的形式。", date);
        return err_field(s->e, "%s", from);
    }
    memcpy(numbers, (int[]){day.year, day.month, day.day}, sizeof numbers);
    for (int i = 0; i < 3; i++) {
        char text[12];
        struct shaped t;

        (void)snprintf(text, sizeof text, "%d", numbers[i]);
        if (shape_words(&t, s, text, NULL) != 0 ||
            set_words(s, &t, 0, t.count, f->name_size,
                      x + (gaps[i] * em - width_of(&t, 0, t.count, f->name_size, 0)) / 2, f->date_y) != 0)
            return -1;
        x += (i == 0 ? year_gap + 1 : day_gap + 1) * em;
    }
    return 0;
}

static bool said(const char *text)
{
    return text != NULL && text[0] != '\0';
}

int statement_set(struct sheet *s, const struct seal_field *field, const struct statement *st)
{
    struct seal_field f = *field;
    const char *from[4];

    for (int i = 0; i < 4; i++) {
        static const char *const members[4] = {"office", "signer", "date", "text"};

        from[i] = arena_printf(s->arena, "%s/%s", st->from != NULL ? st->from : "", members[i]);
        if (from[i] == NULL)
            return err_no_memory(s->e);
    }
    if ((said(st->office) && set_office(s, &f, st->office, from[0]) != 0) ||
        (said(st->signer) && f.sign_x > 0 && set_signer(s, &f, st->signer, from[1]) != 0) ||
        (said(st->date) && set_date(s, &f, st->date, from[2]) != 0))
        return -1;
    return said(st->text) ? set_opinion(s, &f, st->text, from[3]) : 0;
}

int layout_statement(struct item **out, size_t *count, const struct seal_field *field,
                     const struct statement *st, struct fonts *fonts, struct arena *a, struct err *e)
{
    struct page_draft page = {0};
    struct sheet s = {
        .fonts = fonts, .arena = a, .scratch = a, .e = e, .pages = &page, .page_count = 1, .page_cap = 1};

    *out = NULL;
    *count = 0;
    if (!field->statement)
        return err_set(e, ERR_INVALID, "The seal field %s takes no words.", "签章位置“%s”不填写意见。",
                       field->role);
    if (statement_set(&s, field, st) != 0)
        return -1;
    *out = page.items;
    *count = page.count;
    return 0;
}

/* --- the element --- */

/* What an office says that will not seal electronically; binding has seen to it that these are texts. */
static int print_statement(struct sheet *s, const struct tree_node *n, const struct seal_field *f)
{
    const struct statement st = {.text = json_text(n->statement, "text"),
                                 .signer = json_text(n->statement, "signer"),
                                 .office = json_text(n->statement, "office"),
                                 .date = json_text(n->statement, "date"),
                                 .from = n->statement_from};

    return statement_set(s, f, &st);
}

int place_opinion(struct sheet *s, const struct tree_node *n, struct box box)
{
    const char *role = node_word(n->node, ATTR_ROLE, "");
    struct box inner = {box.x + inset, box.y + inset, box.w - 2 * inset, box.h - 2 * inset};
    struct seal_field *f;

    if (!(inner.w > 0 && inner.h > 0))
        return err_set(s->e, ERR_INVALID, "The <opinion> of %s has no room: give it w and h.",
                       "“%s”的 <opinion> 没有位置，请写明 w 和 h。", role);
    f = field_new(s, role, inner);
    if (f == NULL)
        return -1;
    f->statement = true;
    lines_of_seal(f, n->node, box);
    lines_of_opinion(f, n->node, box);
    if (!holds_waiting(f, n->node, box))
        return err_set(
            s->e, ERR_INVALID,
            "The <opinion> of %s is too small (%.0f x %.0f mm) for a seal of %.0f mm and the "
            "words that wait there.",
            "“%s”的 <opinion> 太小（%.0f×%.0f 毫米），放不下 %.0f 毫米的印章和（公章）、年月日等字样。", role,
            box.w, box.h, f->diameter);
    if (waiting_sign(s, f, n->node, box) != 0 || waiting_seal(s, f) != 0)
        return -1;
    if (n->statement == NULL || s->order->blank || field_wanted(s, role))
        return 0;
    return print_statement(s, n, f);
}
