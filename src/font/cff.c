/* cff.c - the little of the Compact Font Format that HarfBuzz does not tell: the charset. */
#include "font/font_internal.h"
#include <stdlib.h>

struct cursor {
    struct slice s;
    size_t at;
    bool bad;
};

static uint32_t take(struct cursor *c, unsigned bytes)
{
    uint32_t value = 0;

    if (c->bad || bytes > c->s.len || c->at > c->s.len - bytes) {
        c->bad = true;
        return 0;
    }
    while (bytes-- > 0)
        value = value << 8 | c->s.ptr[c->at++];
    return value;
}

/* Moves behind an INDEX; *first is its first element. */
static void skip_index(struct cursor *c, struct slice *first)
{
    uint32_t count = take(c, 2), size, one, last, data;

    *first = (struct slice){NULL, 0};
    if (count == 0)
        return;
    size = take(c, 1);
    if (size < 1 || size > 4) {
        c->bad = true;
        return;
    }
    data = (uint32_t)(c->at + (size_t)size * (count + 1)) - 1;
    (void)take(c, size);
    one = take(c, size);
    if (count > 1)
        c->at += (size_t)size * (count - 2);
    last = count > 1 ? take(c, size) : one;
    *first = slice_part(c->s, (size_t)data + 1, one - 1);
    c->at = (size_t)data + last;
    c->bad = c->bad || c->at > c->s.len;
}

/* One DICT operand (clause 4, table 3). Reals are skipped: no offset is one. */
static int32_t operand(struct cursor *c, uint32_t b0)
{
    if (b0 >= 32 && b0 <= 246)
        return (int32_t)b0 - 139;
    if (b0 >= 247 && b0 <= 250)
        return (int32_t)((b0 - 247) * 256 + take(c, 1) + 108);
    if (b0 >= 251 && b0 <= 254)
        return -(int32_t)((b0 - 251) * 256 + take(c, 1) + 108);
    if (b0 == 28)
        return (int16_t)take(c, 2);
    if (b0 == 29)
        return (int32_t)take(c, 4);
    if (b0 == 30) {
        while (!c->bad && (take(c, 1) & 0x0F) != 0x0F)
            ;
        return 0;
    }
    c->bad = true;
    return 0;
}

struct top_dict {
    uint32_t charset, charstrings;
    bool cid_keyed, bad;
};

/* Finds the operators charset (15), CharStrings (17) and ROS (12 30). */
static void read_top_dict(struct slice dict, struct top_dict *top)
{
    struct cursor c = {dict, 0, false};
    int32_t last = 0;

    while (!c.bad && c.at < dict.len) {
        uint32_t b0 = take(&c, 1);

        if (b0 > 21) {
            last = operand(&c, b0);
            continue;
        }
        if (b0 == 12 && take(&c, 1) == 30)
            top->cid_keyed = true;
        if (b0 == 15)
            top->charset = (uint32_t)last;
        if (b0 == 17)
            top->charstrings = (uint32_t)last;
    }
    top->bad = c.bad;
}

static void read_charset(struct cursor *c, uint16_t *cids, unsigned glyph_count)
{
    uint32_t format = take(c, 1);
    unsigned glyph = 1;

    c->bad = c->bad || format > 2;
    cids[0] = 0;
    while (!c->bad && glyph < glyph_count) {
        uint32_t first = take(c, 2), more = format == 0 ? 0 : take(c, format);

        for (uint32_t i = 0; i <= more && glyph < glyph_count; i++)
            cids[glyph++] = (uint16_t)(first + i);
    }
}

static struct top_dict find_top_dict(struct slice cff)
{
    struct cursor c = {cff, 0, false};
    struct top_dict top = {0, 0, false, false};
    struct slice first;

    (void)take(&c, 2);
    c.at = take(&c, 1);     /* hdrSize */
    skip_index(&c, &first); /* names */
    skip_index(&c, &first); /* top DICTs */
    if (!c.bad)
        read_top_dict(first, &top);
    top.bad = top.bad || c.bad || !top.cid_keyed;
    return top;
}

int cff_charset(uint16_t **cids, struct slice cff, unsigned glyph_count, struct err *e)
{
    struct top_dict top = find_top_dict(cff);
    struct cursor c = {cff, top.charset, false};
    uint16_t *list = NULL;

    if (top.bad || top.charset < 3 || glyph_count == 0)
        goto broken;
    list = calloc(glyph_count, sizeof *list);
    if (list == NULL)
        return err_no_memory(e);
    read_charset(&c, list, glyph_count);
    if (c.bad)
        goto broken;
    *cids = list;
    return 0;
broken:
    free(list);
    return err_set(e, ERR_INTERNAL, "A font is not CID-keyed CFF as expected; reinstall the font packages.",
                   "字体不是预期的 CID 键控 CFF 格式，请重新安装字体软件包。");
}

bool cff_is_whole(struct slice cff, unsigned glyph_count)
{
    enum { ENDCHAR = 14 };
    struct top_dict top = find_top_dict(cff);
    struct cursor c = {cff, top.charstrings, false};
    uint32_t count = take(&c, 2), size = take(&c, 1), from, data;

    if (top.bad || c.bad || count != glyph_count || size < 1 || size > 4)
        return false;
    data = (uint32_t)(c.at + (size_t)size * (count + 1)) - 1;
    from = take(&c, size);
    for (uint32_t i = 0; i < count && !c.bad; i++) {
        uint32_t to = take(&c, size);

        if (to <= from || (size_t)data + to > cff.len || cff.ptr[(size_t)data + to - 1] != ENDCHAR)
            return false;
        from = to;
    }
    return !c.bad;
}
