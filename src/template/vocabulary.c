/* vocabulary.c - which elements and attributes there are, and what they may say. */
#include "template/element_internal.h"
#include <string.h>

/* In the order of enum attr_name. words: what a TYPE_WORD may say, between bars; NULL: anything. */
const struct attr_spec attr_specs[ATTR_COUNT] = {{"after", TYPE_WORD, NULL},
                                                 {"again", TYPE_YES, NULL},
                                                 {"align", TYPE_WORD, "|left|center|right|justify|"},
                                                 {"bold", TYPE_YES, NULL},
                                                 {"bookmark", TYPE_WORD, NULL},
                                                 {"break", TYPE_WORD, NULL},
                                                 {"colon", TYPE_WORD, NULL},
                                                 {"color", TYPE_COLOR, NULL},
                                                 {"colspan", TYPE_COUNT, NULL},
                                                 {"cx", TYPE_NUMBER, NULL},
                                                 {"cy", TYPE_NUMBER, NULL},
                                                 {"d", TYPE_MEASURE, NULL},
                                                 {"date-y", TYPE_NUMBER, NULL},
                                                 {"dy", TYPE_NUMBER, NULL},
                                                 {"edge", TYPE_COLOR, NULL},
                                                 {"fit", TYPE_STEPS, NULL},
                                                 {"font", TYPE_FONT, NULL},
                                                 {"footer", TYPE_YES, NULL},
                                                 {"footer-y", TYPE_NUMBER, NULL},
                                                 {"frame", TYPE_AMOUNT, NULL},
                                                 {"from", TYPE_NUMBER, NULL},
                                                 {"gap", TYPE_NUMBER, NULL},
                                                 {"gutter", TYPE_AMOUNT, NULL},
                                                 {"h", TYPE_MEASURE, NULL},
                                                 {"id", TYPE_WORD, NULL},
                                                 {"indent", TYPE_NUMBER, NULL},
                                                 {"keep", TYPE_YES, NULL},
                                                 {"label-color", TYPE_COLOR, NULL},
                                                 {"label-size", TYPE_SIZE, NULL},
                                                 {"labels", TYPE_AMOUNT, NULL},
                                                 {"last", TYPE_NUMBER, NULL},
                                                 {"leading", TYPE_LEADING, NULL},
                                                 {"least-pitch", TYPE_MEASURE, NULL},
                                                 {"left", TYPE_NUMBER, NULL},
                                                 {"line", TYPE_AMOUNT, NULL},
                                                 {"lines", TYPE_COUNT, NULL},
                                                 {"margins", TYPE_MARGINS, NULL},
                                                 {"max-version", TYPE_COUNT, NULL},
                                                 {"min-module", TYPE_MEASURE, NULL},
                                                 {"min-size", TYPE_SIZE, NULL},
                                                 {"min-sizes", TYPE_SIZES, NULL},
                                                 {"min-tracking", TYPE_TRACKING, NULL},
                                                 {"name", TYPE_WORD, NULL},
                                                 {"name-y", TYPE_NUMBER, NULL},
                                                 {"narrow", TYPE_AMOUNT, NULL},
                                                 {"padding", TYPE_AMOUNTS, NULL},
                                                 {"page", TYPE_PAGE, NULL},
                                                 {"page-label", TYPE_WORD, NULL},
                                                 {"pitch", TYPE_MEASURE, NULL},
                                                 {"plate", TYPE_COLOR, NULL},
                                                 {"push", TYPE_NUMBER, NULL},
                                                 {"repeat", TYPE_COUNT, NULL},
                                                 {"right", TYPE_NUMBER, NULL},
                                                 {"role", TYPE_WORD, NULL},
                                                 {"row", TYPE_AMOUNT, NULL},
                                                 {"rowspan", TYPE_SPAN, NULL},
                                                 {"seal-x", TYPE_NUMBER, NULL},
                                                 {"seal-y", TYPE_NUMBER, NULL},
                                                 {"sign", TYPE_WORD, NULL},
                                                 {"sign-x", TYPE_NUMBER, NULL},
                                                 {"sign-y", TYPE_NUMBER, NULL},
                                                 {"size", TYPE_SIZE, NULL},
                                                 {"split", TYPE_AMOUNT, NULL},
                                                 {"spread", TYPE_MEASURE, NULL},
                                                 {"src", TYPE_WORD, NULL},
                                                 {"stamp-y", TYPE_NUMBER, NULL},
                                                 {"step", TYPE_WORD, NULL},
                                                 {"to", TYPE_NUMBER, NULL},
                                                 {"tracking", TYPE_TRACKING, NULL},
                                                 {"valign", TYPE_WORD, "|top|middle|"},
                                                 {"vertical", TYPE_YES, NULL},
                                                 {"w", TYPE_MEASURE, NULL},
                                                 {"width", TYPE_MEASURE, NULL},
                                                 {"widths", TYPE_SHARES, NULL},
                                                 {"wrap", TYPE_SIZE, NULL},
                                                 {"wrap-min", TYPE_SIZE, NULL},
                                                 {"x", TYPE_NUMBERS, NULL},
                                                 {"y", TYPE_NUMBER, NULL},
                                                 {"zone", TYPE_AMOUNT, NULL}};

#define N(kind) (1ULL << NODE_##kind)
#define PLACE   "x y w h "
#define STYLE   "font size leading align indent color bold "

/* Parts stand only in their elements; everything else stands wherever a body is. */
#define PARTS                                                                                                \
    (N(COLUMNS) | N(FIELD) | N(FIT) | N(HEAD) | N(LEAD) | N(ROW) | N(STEP) | N(TBODY) | N(TD) | N(TH) | N(TR))
#define ANY (~PARTS)

/* In the order of enum node_kind from NODE_AREA on. Attributes are parted by blanks; all of must are in may.
 * children: kinds of elements. label, value: whether it has the attribute of that name, which is a pattern.
 */
static const struct element_spec element_specs[] = {
    {"area", PLACE STYLE, "h", ANY, BODY, NEITHER, NEITHER},
    {"artwork", PLACE "src", PLACE "src", 0, EMPTY, NEITHER, NEITHER},
    {"block", STYLE "left right keep", "", ANY, BODY, NEITHER, NEITHER},
    {"columns", "widths", "widths", 0, EMPTY, NEITHER, NEITHER},
    {"edge", PLACE "line color", PLACE "line", 0, EMPTY, NEITHER, NEITHER},
    {"field", "bold break lines min-sizes step", "", 0, INLINE, MUST, NEITHER},
    {"fields", "x y right last pitch labels gap gutter colon leading font color label-color",
     "x y right last pitch", N(STEP) | N(ROW), CHILDREN, NEITHER, NEITHER},
    {"fill", PLACE "color", PLACE, 0, EMPTY, NEITHER, NEITHER},
    {"fit", "size min-size lines dy pitch leading push", "size", 0, EMPTY, NEITHER, NEITHER},
    {"hang", STYLE "w", "w", 0, INLINE, MUST, NEITHER},
    {"head", "", "", N(TR), CHILDREN, NEITHER, NEITHER},
    {"lead", "again", "", ANY, BODY, NEITHER, NEITHER},
    {"opinion", PLACE "role d from zone narrow sign sign-x sign-y seal-x seal-y stamp-y name-y date-y size",
     "role", 0, EMPTY, NEITHER, NEITHER},
    {"page-break", "", "", 0, EMPTY, NEITHER, NEITHER},
    {"photo", PLACE "edge line", "w h", 0, EMPTY, MAY, NEITHER},
    {"qr", PLACE "plate edge line max-version min-module", "w h", 0, EMPTY, NEITHER, MAY},
    {"row", "step", "", N(FIELD), CHILDREN, NEITHER, NEITHER},
    {"rule", PLACE "color", PLACE, 0, EMPTY, NEITHER, NEITHER},
    {"seal", "role cx cy d w h", "role cx cy", 0, EMPTY, NEITHER, NEITHER},
    {"section", "page margins footer footer-y bookmark page-label", "", ANY, BODY, NEITHER, NEITHER},
    {"sign", "w align", "w", 0, EMPTY, MUST, NEITHER},
    {"skip", "h to", "", 0, EMPTY, NEITHER, NEITHER},
    {"step", "name size label-size min-size wrap wrap-min lines least-pitch",
     "name size label-size min-size wrap wrap-min lines least-pitch", 0, EMPTY, NEITHER, NEITHER},
    {"table", "widths line frame color padding size font leading align row repeat split keep", "widths",
     N(COLUMNS) | N(HEAD) | N(LEAD) | N(TBODY) | N(TR), CHILDREN, NEITHER, NEITHER},
    {"tbody", "", "", N(TBODY) | N(TR), CHILDREN, NEITHER, NEITHER},
    {"td", STYLE "colspan rowspan valign fit vertical padding", "", ANY, CELL, NEITHER, NEITHER},
    {"text",
     "x y align font size bold color tracking width min-size min-tracking break id after leading indent "
     "spread",
     "x y", N(FIT), INLINE, NEITHER, NEITHER},
    {"th", STYLE "colspan rowspan valign fit vertical padding labels", "", ANY, CELL, NEITHER, NEITHER},
    {"tr", "h keep", "", N(TD) | N(TH), CHILDREN, NEITHER, NEITHER}};

enum { ELEMENT_COUNT = sizeof element_specs / sizeof element_specs[0] };

bool words_next(const char **list, struct slice *word)
{
    const char *from = *list + strspn(*list, " ");
    size_t len = strcspn(from, " ");

    *word = (struct slice){(const uint8_t *)from, len};
    *list = from + len;
    return len > 0;
}

bool words_have(const char *list, const char *name)
{
    struct slice word;

    while (words_next(&list, &word))
        if (slice_equal(word, slice_of(name)))
            return true;
    return false;
}

const struct element_spec *element_spec(enum node_kind kind)
{
    return kind >= NODE_AREA ? &element_specs[kind - NODE_AREA] : NULL;
}

uint64_t element_children(enum node_kind parent)
{
    return parent >= NODE_AREA ? element_spec(parent)->children : ANY;
}

enum node_kind element_kind(struct slice name)
{
    for (size_t i = 0; i < ELEMENT_COUNT; i++)
        if (slice_equal(name, slice_of(element_specs[i].name)))
            return (enum node_kind)(NODE_AREA + i);
    return NODE_BODY;
}

const char *node_name(enum node_kind kind)
{
    static const char *const others[] = {"body", "paragraph", "heading", "list", "item"};

    return kind >= NODE_AREA ? element_spec(kind)->name : others[kind];
}

int attr_find(const char *name)
{
    for (int i = 0; i < ATTR_COUNT; i++)
        if (strcmp(attr_specs[i].name, name) == 0)
            return i;
    return -1;
}

/* What is written here for elements that people know from web pages. */
static const struct {
    const char *name, *en, *zh;
} instead[] = {
    {"p", "A paragraph is text between empty lines.", "段落直接写文字，前后各空一行。"},
    {"span", "The look of a text is said by <block>.", "文字的样式用 <block> 设置。"},
    {"div", "Text with another look stands in <block>.", "另设样式的文字写在 <block> 中。"},
    {"img", "A picture is <artwork>, the portrait <photo>.", "图形用 <artwork>，照片用 <photo>。"},
    {"h1", "A title is a line that begins with #.", "标题是以 # 开头的一行。"},
    {"h2", "A heading is a line that begins with ##.", "小标题是以 ## 开头的一行。"},
    {"b", "Bold is written **so**.", "加粗写作 **文字**。"},
    {"strong", "Bold is written **so**.", "加粗写作 **文字**。"},
    {"hr", "A line is <rule>.", "线用 <rule>。"},
    {"thead", "Rows that are repeated stand in <head>.", "每页重复的表头写在 <head> 中。"},
};

int element_unknown(struct loader *l, size_t at, struct slice name)
{
    struct nearest near;

    for (size_t i = 0; i < sizeof instead / sizeof instead[0]; i++)
        if (slice_equal(name, slice_of(instead[i].name)))
            return load_error(l, at, "There is no element <%s>. %s%.0s", "没有元素 <%s>。%.0s%s",
                              instead[i].name, instead[i].en, instead[i].zh);
    nearest_begin(&near, name);
    for (size_t i = 0; i < ELEMENT_COUNT; i++)
        nearest_try(&near, slice_of(element_specs[i].name));
    nearest_end(&near);
    return load_error(l, at, "There is no element <%.*s>.%s%.0s", "没有元素 <%.*s>。%.0s%s",
                      (int)(name.len > 40 ? 40 : name.len), (const char *)name.ptr, near.en, near.zh);
}

struct slice tag_name(struct slice xml)
{
    size_t end = 1;

    while (end < xml.len && ((xml.ptr[end] >= 'a' && xml.ptr[end] <= 'z') ||
                             (xml.ptr[end] >= 'A' && xml.ptr[end] <= 'Z') || xml.ptr[end] == '-'))
        end++;
    return slice_part(xml, 1, end - 1);
}
