/* attributes.c - the attributes of an element: their values, and where in the source they stand. */
#include "template/element_internal.h"
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

/* --- places --- */

struct attr_place attr_at(const struct loader *l, size_t at, const char *name)
{
    struct slice s = l->source->text;
    size_t end = tag_end(s, at);

    for (size_t i = at; end != SIZE_MAX && i < end;) {
        size_t from = i, quote;

        while (from < end && !is_blank(s.ptr[from]))
            from++; /* the tag's name, or the end of the value before */
        while (from < end && is_blank(s.ptr[from]))
            from++;
        for (i = from; i < end && !is_blank(s.ptr[i]) && s.ptr[i] != '='; i++) {
        }
        for (quote = i; quote < end && s.ptr[quote] != '"' && s.ptr[quote] != '\''; quote++) {
        }
        if (quote >= end)
            break;
        if (slice_equal(slice_part(s, from, i - from), slice_of(name)))
            return (struct attr_place){from, quote + 1};
        for (i = quote + 1; i < end && s.ptr[i] != s.ptr[quote]; i++) {
        }
        i++;
    }
    return (struct attr_place){at, at};
}

int attribute_wrong(struct loader *l, size_t at, const char *name, const char *value)
{
    return load_error(l, at, "%s=\"%.80s\" cannot be used.", "%s=\"%.80s\" 的值不可用。", name, value);
}

/* --- values --- */

/* One attribute being read. */
struct reading {
    struct loader *l;
    size_t at; /* of the value */
    const struct attr_spec *spec;
    const char *value;
    struct attr *a;
};

/* What a value of this kind looks like. */
static void expectation(const struct attr_spec *spec, const char **en, const char **zh)
{
    *en = *zh = "";
    switch (spec->type) {
    case TYPE_NUMBER:
    case TYPE_AMOUNT:
    case TYPE_MEASURE:
        *en = " It is one number without unit, such as 35.";
        *zh = "应为一个不带单位的数，如 35。";
        break;
    case TYPE_COUNT:
    case TYPE_SPAN:
        *en = " It is a whole number, such as 2.";
        *zh = "应为整数，如 2。";
        break;
    case TYPE_SHARES:
        *en = " They are millimetres, shares (*, 2*) and auto, with blanks between: 12 2* auto.";
        *zh = "应为毫米数、份额（*、2*）或 auto，以空格分隔，如 12 2* auto。";
        break;
    case TYPE_NUMBERS:
    case TYPE_AMOUNTS:
        *en = " They are numbers without unit, with blanks between.";
        *zh = "应为不带单位的数，以空格分隔。";
        break;
    case TYPE_YES:
        *en = " It is yes or no.";
        *zh = "应为 yes 或 no。";
        break;
    case TYPE_STEPS:
        *en = " They are sizes, perhaps with lines: 10.5 9 9/2.";
        *zh = "应为字号，可带行数，如 10.5 9 9/2。";
        break;
    default:
        break;
    }
}

static int wrong_from(const struct reading *r, size_t from)
{
    const char *en, *zh;

    expectation(r->spec, &en, &zh);
    return load_error(r->l, r->at + from, "%s=\"%.80s\" cannot be used.%s%.0s",
                      "%s=\"%.80s\" 的值不可用。%.0s%s", r->spec->name, r->value, en, zh);
}

static int wrong(const struct reading *r)
{
    return wrong_from(r, 0);
}

/* What a number of each type may be: no length beyond what is paper, no type too small to be seen, no lines
 * or characters that stand over each other. */
static const struct {
    double least, most;
} ranges[] = {[TYPE_NUMBER] = {-5000, 5000}, [TYPE_NUMBERS] = {-5000, 5000}, [TYPE_AMOUNT] = {0, 5000},
              [TYPE_AMOUNTS] = {0, 5000},    [TYPE_MEASURE] = {0.001, 5000}, [TYPE_SHARES] = {0.001, 5000},
              [TYPE_COUNT] = {1, 1000},      [TYPE_SPAN] = {0, 1000},        [TYPE_SIZE] = {3, 200},
              [TYPE_SIZES] = {3, 200},       [TYPE_LEADING] = {0.8, 5},      [TYPE_TRACKING] = {-0.5, 10}};

static bool suits(enum attr_type type, double v)
{
    bool whole = type == TYPE_COUNT || type == TYPE_SPAN;

    return v >= ranges[type].least && v <= ranges[type].most && (!whole || v == (double)(int)v);
}

/* "12", "2*", "*" or "auto" at *at. */
static bool one_number(const struct reading *r, const char **at, double *out)
{
    bool shares = r->spec->type == TYPE_SHARES;
    char *end = (char *)(uintptr_t)*at;

    if (shares && strncmp(*at, "auto", 4) == 0) {
        *out = 0; /* as its content */
        end += 4;
    } else {
        *out = **at == '*' ? 1 : strtod(*at, &end);
        if ((end == *at && **at != '*') || !suits(r->spec->type, *out) || (*end == '*' && !shares))
            return false;
        if (*end == '*') {
            *out = -*out;
            end++;
        }
    }
    *at = end + strspn(end, " ");
    return *end == ' ' || *end == '\0';
}

static int read_numbers(const struct reading *r)
{
    double *list = arena_array(&r->l->t->arena, ATTR_MAX_NUMBERS, sizeof *list);
    const char *at = r->value;
    enum attr_type type = r->spec->type;
    bool many = type == TYPE_NUMBERS || type == TYPE_AMOUNTS || type == TYPE_SHARES || type == TYPE_SIZES;

    if (list == NULL)
        return err_no_memory(r->l->e);
    while (*at != '\0') {
        size_t from = (size_t)(at - r->value);

        if (r->a->count == (many ? ATTR_MAX_NUMBERS : 1) || !one_number(r, &at, &list[r->a->count]))
            return wrong_from(r, from);
        r->a->count++;
    }
    r->a->numbers = list;
    r->a->number = list[0];
    return r->a->count > 0 ? 0 : wrong(r);
}

static int read_margins(const struct reading *r)
{
    double *list = arena_array(&r->l->t->arena, 4, sizeof *list);

    if (list == NULL)
        return err_no_memory(r->l->e);
    r->a->numbers = list;
    r->a->count = 4;
    return margins_parse(list, r->value) ? 0 : wrong(r);
}

/* fit="10.5 9 9/2 8/2": sizes, each with how many lines it may take; kept as pairs. */
static int read_steps(const struct reading *r)
{
    double *list = arena_array(&r->l->t->arena, ATTR_MAX_NUMBERS, sizeof *list);
    const char *at = r->value;
    struct attr *a = r->a;

    if (list == NULL)
        return err_no_memory(r->l->e);
    a->numbers = list;
    while (*at != '\0') {
        char *end;
        double size = strtod(at, &end), lines = 1;

        if (end == at || !(size >= 3 && size <= 200) || a->count + 2 > ATTR_MAX_NUMBERS)
            return wrong(r);
        if (*end == '/')
            lines = strtod(end + 1, &end);
        if (!(lines >= 1 && lines <= 60) || lines != (double)(int)lines || (*end != ' ' && *end != '\0'))
            return wrong(r);
        list[a->count++] = size;
        list[a->count++] = lines;
        at = end + strspn(end, " ");
    }
    return a->count > 0 ? 0 : wrong(r);
}

static int read_word(const struct reading *r)
{
    r->a->text = arena_text(&r->l->t->arena, r->value);
    if (r->a->text == NULL)
        return err_no_memory(r->l->e);
    if (r->value[0] == '\0' || strlen(r->value) > 200)
        return wrong(r);
    if (r->spec->words != NULL) {
        char *quoted = arena_printf(&r->l->t->arena, "|%s|", r->value);

        if (quoted == NULL || strstr(r->spec->words, quoted) == NULL)
            return wrong(r);
    }
    return 0;
}

static int read_color(const struct reading *r)
{
    const struct template *t = r->l->t;
    struct nearest near;
    uint32_t rgb = 0;

    if (color_parse(t, r->value, &rgb)) {
        r->a->number = rgb;
        return 0;
    }
    nearest_begin(&near, slice_of(r->value));
    for (size_t i = 0; i < t->color_count; i++)
        nearest_try(&near, slice_of(t->colors[i]));
    nearest_end(&near);
    return load_error(r->l, r->at, "There is no colour \"%.60s\" in the front matter.%s%.0s",
                      "文件头的 colors 中没有颜色“%.60s”。%.0s%s", r->value, near.en, near.zh);
}

static int read_font(const struct reading *r)
{
    if (r->l->fonts != NULL && fonts_lookup(r->l->fonts, r->value, false) == NULL)
        return load_error(r->l, r->at, "There is no font family \"%.60s\"; there are song, hei, kai.",
                          "没有字体“%.60s”，可用 song、hei、kai。", r->value);
    return read_word(r);
}

static int read_value(const struct reading *r)
{
    double width, height;

    switch (r->spec->type) {
    case TYPE_NUMBER:
    case TYPE_AMOUNT:
    case TYPE_AMOUNTS:
    case TYPE_MEASURE:
    case TYPE_COUNT:
    case TYPE_SPAN:
    case TYPE_SIZE:
    case TYPE_SIZES:
    case TYPE_LEADING:
    case TYPE_TRACKING:
    case TYPE_NUMBERS:
    case TYPE_SHARES:
        return read_numbers(r);
    case TYPE_MARGINS:
        return read_margins(r);
    case TYPE_COLOR:
        return read_color(r);
    case TYPE_YES:
        r->a->number = strcmp(r->value, "yes") == 0;
        return r->a->number != 0 || strcmp(r->value, "no") == 0 ? 0 : wrong(r);
    case TYPE_FONT:
        return read_font(r);
    case TYPE_STEPS:
        return read_steps(r);
    case TYPE_PAGE:
        return page_size_parse(&width, &height, r->value) ? read_word(r) : wrong(r);
    case TYPE_WORD:
        break;
    }
    return read_word(r);
}

/* --- attributes that are not of the table, since they are parsed text --- */

static int read_pattern(struct loader *l, size_t at, const char *value, const struct pattern **out)
{
    *out = pattern_parse(l, at, value, false);
    return *out != NULL ? 0 : -1;
}

static int read_least(struct loader *l, size_t at, struct node *n, const char *value)
{
    n->least =
        strlen(value) <= 3 && value[strspn(value, "0123456789")] == '\0' ? strtoul(value, NULL, 10) : 0;
    return n->least > 0 && n->least <= 200 ? 0 : attribute_wrong(l, at, "least", value);
}

static int special_attr(struct loader *l, struct node *n, const char *name, const char *value, bool *was)
{
    const struct element_spec *spec = element_spec(n->kind);
    size_t at = attr_at(l, n->at, name).value;

    *was = true;
    if (strcmp(name, "if") == 0) {
        n->condition = condition_parse(l, at, value);
        return n->condition != NULL ? 0 : -1;
    }
    if (strcmp(name, "label") == 0 && spec->label != NEITHER)
        return read_pattern(l, at, value, &n->label);
    if (strcmp(name, "value") == 0 && spec->value != NEITHER)
        return read_pattern(l, at, value, &n->value);
    if (strcmp(name, "else") == 0) {
        n->otherwise = strcmp(value, "yes") == 0;
        return n->otherwise ? 0 : attribute_wrong(l, at, name, value);
    }
    if (strcmp(name, "least") == 0)
        return read_least(l, at, n, value);
    *was = strcmp(name, "each") == 0; /* read before all others */
    return 0;
}

static int unknown_attr(struct loader *l, const struct node *n, const char *name)
{
    const char *may = element_spec(n->kind)->may, *all = "if each else least";
    struct nearest near;
    struct slice word;

    nearest_begin(&near, slice_of(name));
    while (words_next(&may, &word) || words_next(&all, &word))
        nearest_try(&near, word);
    nearest_end(&near);
    return load_error(l, attr_at(l, n->at, name).name, "<%s> knows no attribute \"%.40s\".%s%.0s",
                      "<%s> 没有属性“%.40s”。%.0s%s", node_name(n->kind), name, near.en, near.zh);
}

static int one_attr(struct loader *l, struct node *n, struct attr *list, const char *name, const char *value)
{
    int i = attr_find(name);
    bool special;
    struct reading r = {.l = l, .value = value, .a = &list[n->attr_count]};

    if (special_attr(l, n, name, value, &special) != 0)
        return -1;
    if (special)
        return 0;
    if (i < 0 || !words_have(element_spec(n->kind)->may, name))
        return unknown_attr(l, n, name);
    r.spec = &attr_specs[i];
    r.at = attr_at(l, n->at, name).value;
    r.a->name = (enum attr_name)i;
    n->attr_count++;
    return read_value(&r);
}

static int require(struct loader *l, const struct node *n)
{
    const struct element_spec *spec = element_spec(n->kind);
    const char *must = spec->must;
    struct slice word;

    while (words_next(&must, &word)) {
        const char *name = arena_slice(&l->t->arena, word);

        if (name == NULL)
            return err_no_memory(l->e);
        if (node_attr(n, (enum attr_name)attr_find(name)) == NULL)
            return load_error(l, n->at, "<%s> needs the attribute %s=\"...\".", "<%s> 缺少属性 %s=\"…\"。",
                              spec->name, name);
    }
    if (spec->label == MUST && n->label == NULL)
        return load_error(l, n->at, "<%s> needs the attribute label=\"...\".", "<%s> 缺少属性 label=\"…\"。",
                          spec->name);
    return 0;
}

int attributes_read(struct loader *l, struct node *n, const struct _xmlNode *x)
{
    struct attr *list = arena_array(&l->t->arena, ATTR_COUNT, sizeof *list);
    int rc = 0;

    if (list == NULL)
        return err_no_memory(l->e);
    n->attrs = list;
    for (const xmlAttr *a = x->properties; a != NULL && rc == 0; a = a->next) {
        xmlChar *value = xmlNodeListGetString(x->doc, a->children, 1);

        rc = a->ns != NULL
                 ? unknown_attr(l, n, (const char *)a->name)
                 : one_attr(l, n, list, (const char *)a->name, value != NULL ? (const char *)value : "");
        xmlFree(value);
    }
    return rc == 0 ? require(l, n) : -1;
}
