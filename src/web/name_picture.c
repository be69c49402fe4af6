/* A name in outlines, for characters that phones cannot draw: nobody shall read a box where a name should be.
 */
#include "base/utf8.h"
#include "web/web_internal.h"

enum { LINE_EMS = 8, NAME_MOST = 64, EM = 1000, LINE = 1333, ASCENT = 1046 };

static bool phones_have(uint32_t cp)
{
    return (cp >= 0x20 && cp < 0x7F) || cp == 0xB7 || (cp >= 0x4E00 && cp <= 0x9FA5) ||
           (cp >= 0x3000 && cp <= 0x303F) || (cp >= 0xFF01 && cp <= 0xFF5E) || (cp >= 0x2010 && cp <= 0x2027);
}

bool name_needs_picture(const char *name)
{
    struct slice s = slice_of(name);
    size_t at = 0;
    uint32_t cp;

    while (utf8_next(s, &at, &cp))
        if (!phones_have(cp))
            return true;
    return false;
}

/* Every character is given a full em, so that the page knows the size without asking a font. */
struct name_measure name_measure(const char *name)
{
    int count = (int)utf8_length(slice_of(name));

    if (count > NAME_MOST)
        count = NAME_MOST;
    return (struct name_measure){count < LINE_EMS ? count : LINE_EMS,
                                 count <= LINE_EMS ? 1 : (count + LINE_EMS - 1) / LINE_EMS};
}

static int put_character(struct buf *svg, struct fonts *fonts, uint32_t cp, int index, struct err *e)
{
    const struct face *hei = fonts_lookup(fonts, "hei", true);
    const struct face *face = hei == NULL ? NULL : fonts_cover(fonts, hei, cp);
    double shift;

    if (cp == ' ' || cp == 0x3000)
        return 0;
    if (face == NULL)
        return err_set(e, ERR_NOT_FOUND, "No font has the character U+%04X.", "没有字体包含字符 U+%04X。",
                       (unsigned)cp);
    shift = (EM - face_advance(face, cp)) / 2;
    buf_printf(svg, "<path transform=\"translate(%d %d)\" d=\"", index % LINE_EMS * EM + (int)shift,
               index / LINE_EMS * LINE + ASCENT);
    if (face_outline(svg, face, cp, EM, e) != 0)
        return -1;
    buf_append_text(svg, "\"/>");
    return 0;
}

int name_picture(struct buf *svg, const char *name, struct fonts *fonts, struct err *e)
{
    struct name_measure m = name_measure(name);
    struct slice s = slice_of(name);
    size_t at = 0;
    uint32_t cp;

    buf_printf(svg,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
               "fill=\"#1a2230\">",
               m.columns * 24, m.lines * 32, m.columns * EM, m.lines * LINE);
    for (int i = 0; i < NAME_MOST && utf8_next(s, &at, &cp); i++)
        if (put_character(svg, fonts, cp, i, e) != 0)
            return -1;
    buf_append_text(svg, "</svg>\n");
    return buf_ok(svg) ? 0 : err_no_memory(e);
}
