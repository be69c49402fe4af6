/* checks.c - what the list under the source says: fields, seals, glyphs, marks. */
#include "preview/preview_internal.h"
#include "web/html.h"
#include <string.h>

static const char *say(const struct page_facts *f, const char *en, const char *zh)
{
    return f->english ? en : zh;
}

static void begin(struct buf *html, bool fine, const char *heading)
{
    buf_append_text(html, fine ? "<li class=ok>" : "<li class=bad>");
    buf_append_text(html, "<svg viewBox=\"0 0 24 24\" width=18 height=18 aria-hidden=true>");
    buf_append_text(
        html, fine ? "<circle cx=12 cy=12 r=9.5 /><path d=\"m7.8 12.4 2.9 2.9L16.2 9.6\"/></svg>"
                   : "<path d=\"M8.1 2.5h7.8l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1zm1 6.6 5.8 5.8m0-5.8-5.8 "
                     "5.8\"/></svg>");
    html_printf(html, "<b>%s</b><span>", heading);
}

static void end(struct buf *html)
{
    buf_append_text(html, "</span></li>");
}

static int placeholder_count(const struct attempt *a)
{
    struct slice s = buf_view(&a->source);
    size_t at = slice_find(s, 0, slice_of("{{"));
    int count = 0;

    for (; at != SIZE_MAX; at = slice_find(s, at + 2, slice_of("{{")))
        count++;
    return count;
}

static void put_fields(struct buf *html, const struct page_facts *f)
{
    const struct attempt *a = f->attempt;
    bool fine = a->fine || a->stage != STAGE_TEMPLATE;

    begin(html, fine, say(f, "Fields", "字段"));
    if (fine)
        html_printf(html, say(f, "%d placeholders, all known", "%d 处占位符，全部正确"),
                    placeholder_count(a));
    else if (a->place.line > 0)
        html_printf(html, say(f, "not checked beyond line %d", "检查到第 %d 行为止"), a->place.line);
    else
        html_printf(html, "%s", say(f, "not checked", "未检查"));
    end(html);
}

static void put_seal(struct buf *html, const struct page_facts *f, const struct field_fact *s)
{
    char size[48];

    (void)snprintf(size, sizeof size, "%.0f×%.0f", s->w, s->h);
    html_printf(html, say(f, "<i><code>%s</code> page %zu, %s mm", "<i><code>%s</code> 第 %zu 页，%s 毫米"),
                s->role, s->page, size);
    if (s->statement)
        html_printf(html, say(f, ", opinion %zu/%zu/%zu characters", "，意见 %zu/%zu/%zu 字"), s->capacity[0],
                    s->capacity[1], s->capacity[2]);
    buf_append_text(html, "</i>");
}

static void put_seals(struct buf *html, const struct page_facts *f)
{
    const struct facts *facts = f->attempt->kept == NULL ? NULL : &f->attempt->kept->facts;

    bool fine = facts != NULL;

    for (size_t i = 0; fine && i < facts->field_count; i++) /* where nothing can be said no opinion belongs */
        fine = !facts->fields[i].statement || facts->fields[i].capacity[CAPACITY_SIZES - 1] > 0;
    begin(html, fine, say(f, "Seal fields", "签章位"));
    if (facts == NULL)
        html_printf(html, "%s", say(f, "no pages yet", "尚无页面"));
    else if (facts->field_count == 0)
        html_printf(html, "%s", say(f, "none", "无"));
    for (size_t i = 0; facts != NULL && i < facts->field_count; i++)
        put_seal(html, f, &facts->fields[i]);
    end(html);
}

static void put_glyphs(struct buf *html, const struct page_facts *f)
{
    bool fine = f->attempt->fine;

    begin(html, fine, say(f, "Glyphs", "字形"));
    html_printf(html, "%s",
                fine ? say(f, "every character has one", "全部文字可打印")
                     : say(f, "not checked", "未检查完"));
    end(html);
}

static void put_mark(struct buf *html, const struct page_facts *f)
{
    const struct facts *facts = f->attempt->kept == NULL ? NULL : &f->attempt->kept->facts;

    if (facts == NULL)
        return;
    begin(html, true, say(f, "Not issued", "未签发时"));
    html_printf(html, "%s",
                facts->unsealed == UNSEALED_DRAFT   ? say(f, "marked as a draft", "带草稿水印")
                : facts->unsealed == UNSEALED_PLAIN ? say(f, "bears no mark", "不带标记")
                                                    : say(f, "marked as a specimen", "带样张水印"));
    end(html);
}

void checks_write(struct buf *html, const struct page_facts *f)
{
    html_printf(html, "<h2>%s</h2><ul class=checks>", say(f, "Checks", "检查"));
    put_fields(html, f);
    put_seals(html, f);
    put_glyphs(html, f);
    put_mark(html, f);
    buf_append_text(html, "</ul>");
}
