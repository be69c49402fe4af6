/* page.c - the page: what to show, what is wrong, the source, and the PDF beside it. */
#include "preview/preview_internal.h"
#include "web/assets.h"
#include "web/html.h"
#include <string.h>

static const char *say(const struct page_facts *f, const char *en, const char *zh)
{
    return f->english ? en : zh;
}

/* A query of our own: what is not a letter, a digit or one of -._~ is escaped. */
static void put_query_value(struct buf *html, const char *value)
{
    for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++) {
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            strchr("-._~", *c) != NULL)
            buf_append_char(html, (char)*c);
        else
            buf_printf(html, "%%%02X", *c);
    }
}

static void put_query(struct buf *html, const struct page_facts *f)
{
    buf_append_text(html, "?template=");
    put_query_value(html, f->choice->folder->id);
    buf_append_text(html, "&amp;record=");
    put_query_value(html, f->choice->record);
    buf_append_text(html, f->choice->boxes ? "&amp;view=boxes" : "&amp;view=plain");
    buf_append_text(html, say(f, "&amp;lang=en", "&amp;lang=zh"));
}

static void put_option(struct buf *html, const char *value, const char *text, bool chosen)
{
    html_printf(html, "<option value=\"%s\"%m>%s</option>", value, chosen ? " selected" : "", text);
}

static void put_record_options(struct buf *html, const struct page_facts *f)
{
    const char *chosen = f->choice->record;

    if (f->preview->extra != NULL)
        put_option(html, "+", f->preview->extra, chosen[0] == RECORD_EXTRA);
    for (size_t i = 0; i < f->records->count; i++)
        put_option(html, f->records->list[i], f->records->list[i], strcmp(chosen, f->records->list[i]) == 0);
    if (f->attempt->has_blank || chosen[0] == RECORD_BLANK)
        put_option(html, "-", say(f, "(blank form)", "（空白表）"), chosen[0] == RECORD_BLANK);
}

static void put_bar(struct buf *html, const struct page_facts *f)
{
    const struct folders *folders = &f->preview->folders;

    html_printf(html,
                "<form id=bar class=card action=/><p><label for=t>%s</label><select id=t name=template>",
                say(f, "Template", "模板"));
    for (size_t i = 0; i < folders->count; i++)
        put_option(html, folders->list[i].id, folders->list[i].label, f->choice->folder == &folders->list[i]);
    html_printf(html, "</select></p><p><label for=r>%s</label><select id=r name=record>",
                say(f, "Record", "样例数据"));
    put_record_options(html, f);
    html_printf(html, "</select></p><p><label for=v>%s</label><select id=v name=view>",
                say(f, "Show", "显示"));
    put_option(html, "plain", say(f, "as printed", "成品"), !f->choice->boxes);
    put_option(html, "boxes", say(f, "boxes and seal fields", "排版框和签章位"), f->choice->boxes);
    html_printf(html,
                "</select></p><input type=hidden name=lang value=%m><input type=hidden id=p name=page "
                "value=1><p class=acts><button class=btn>%s</button>"
                "<a class=\"btn main\" download id=save href=\"/document.pdf",
                say(f, "en", "zh"), say(f, "Make anew", "重新生成"));
    put_query(html, f);
    html_printf(html,
                "&amp;save=1\"><svg viewBox=\"0 0 24 24\" width=18 height=18 aria-hidden=true><path d=\"M12 "
                "4v11m-4.5-4L12 15.5l4.5-4.5M4 20h16\"/></svg>%s</a></p></form>",
                say(f, "Download PDF", "下载PDF"));
}

/* Where it is, in words that an editor's "go to" takes. */
static void put_where(struct buf *html, const struct page_facts *f)
{
    const struct attempt *a = f->attempt;

    if (a->stage == STAGE_TEMPLATE && a->place.line > 0) {
        html_printf(html, "<a href=#wrong><code>template.md:%d", a->place.line);
        if (a->place.column > 0)
            html_printf(html, ":%d", a->place.column);
        buf_append_text(html, "</code></a> ");
    } else if (a->why.field[0] != '\0') {
        html_printf(html, "<code>%s %s</code> ", f->choice->record, a->why.field);
    } else if (a->stage == STAGE_RECORD) {
        html_printf(html, "<code>%s</code> ", f->choice->record);
    }
}

/* Without the place that a mistake in a template begins with: it stands before it, as a link. */
static const char *reason(const struct page_facts *f)
{
    const char *text = f->english ? f->attempt->why.en : f->attempt->why.zh;
    const char *colon = f->english ? ": " : "：";
    const char *found = strstr(text, colon);

    if (f->attempt->stage != STAGE_TEMPLATE || f->attempt->place.line == 0 || found == NULL)
        return text;
    return found + strlen(colon);
}

static void put_message(struct buf *html, const struct page_facts *f)
{
    const struct attempt *a = f->attempt;

    if (a->fine) {
        buf_append_text(html, "<div id=message></div>");
        return;
    }
    buf_append_text(
        html, "<div id=message class=wrong role=alert><svg viewBox=\"0 0 24 24\" width=20 height=20 "
              "aria-hidden=true><path d=\"M8.1 2.5h7.8l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1zm1 6.6 5.8 "
              "5.8m0-5.8-5.8 5.8\"/></svg><div>");
    html_printf(html, "<p><b>%s</b></p><p>",
                a->kept != NULL
                    ? say(f, "1 mistake; on the right is the last result that succeeded",
                          "1 处错误，右侧是上一次成功的结果")
                    : say(f, "1 mistake; there is no result yet", "1 处错误，还没有可显示的结果"));
    put_where(html, f);
    html_printf(html, "%s</p></div></div>", reason(f));
}

static void put_side(struct buf *html, const struct page_facts *f)
{
    const struct attempt *a = f->attempt;

    html_printf(html, "<div id=side class=card><header><h2>%s%s</h2><span>%s</span></header>",
                a->place.name[0] != '\0' && !a->fine ? a->place.name : "",
                a->place.name[0] != '\0' && !a->fine ? "/template.md" : "template.md",
                say(f, "read only: use your editor", "只读，请用编辑器修改"));
    source_write(html, f);
    checks_write(html, f);
    buf_append_text(html, "</div>");
}

static void put_size(struct buf *html, const struct page_facts *f, const struct page_size *s, bool several)
{
    static const struct {
        const char *name;
        int width, height;
    } papers[] = {{"A3", 297, 420}, {"A4", 210, 297}, {"A5", 148, 210}, {"B5", 176, 250}};
    bool landscape = s->width > s->height;
    int w = (int)(s->width + 0.5), h = (int)(s->height + 0.5);

    for (size_t i = 0; i < sizeof papers / sizeof papers[0]; i++) {
        if ((landscape ? h : w) == papers[i].width && (landscape ? w : h) == papers[i].height)
            html_printf(html, "%s %s", papers[i].name, landscape ? say(f, "landscape ", "横向 ") : "");
    }
    html_printf(html, say(f, "%d × %d mm", "%d × %d 毫米"), w, h);
    if (several)
        html_printf(html, say(f, " (%zu)", "（%zu 页）"), s->count);
}

static void put_facts(struct buf *html, const struct page_facts *f)
{
    const struct kept *k = f->attempt->kept;
    char text[64];

    buf_append_text(html, "<div id=facts>");
    if (k != NULL) {
        html_printf(
            html,
            "<span class=pages hidden><button type=button id=back aria-label=\"%s\">‹</button><span id=page "
            "data-pages=%zu></span><button type=button id=on aria-label=\"%s\">›</button></span>",
            say(f, "Previous page", "上一页"), k->facts.pages, say(f, "Next page", "下一页"));
        html_printf(
            html,
            say(f, "<span class=count>%zu pages</span><span>", "<span class=count>共 %zu 页</span><span>"),
            k->facts.pages);
        for (size_t i = 0; i < k->facts.size_count; i++) {
            buf_append_text(html, i > 0 ? say(f, ", ", "、") : "");
            put_size(html, f, &k->facts.sizes[i], k->facts.size_count > 1);
        }
        (void)snprintf(text, sizeof text, "%.0f KB", (double)k->facts.bytes / 1024 + 0.5);
        html_printf(html, "</span><span>%s</span>", text);
        (void)snprintf(text, sizeof text, "%.1f", (double)k->facts.layout_us / 1000);
        html_printf(html,
                    say(f, "<span>laid out in %s ms</span><span>fonts %s</span>",
                        "<span>排版 %s 毫秒</span><span>字体 %s</span>"),
                    text, k->facts.fonts);
    }
    buf_append_text(html, "</div>");
}

static void put_paper(struct buf *html, const struct page_facts *f)
{
    const struct kept *k = f->attempt->kept;

    html_printf(
        html,
        "<div id=paper class=card><iframe id=pdf title=\"%s\" data-version=\"%s\" data-src=\"/document.pdf",
        say(f, "The document", "生成的文书"), k == NULL ? "" : k->version);
    put_query(html, f);
    buf_append_text(html, "\"");
    if (k != NULL) {
        buf_append_text(html, " src=\"/document.pdf");
        put_query(html, f);
        html_printf(html, "&amp;version=%s#navpanes=0&amp;view=FitH\"", k->version);
    }
    buf_append_text(html, "></iframe>");
    put_facts(html, f);
    buf_append_text(html, "</div>");
}

static void put_head(struct buf *html, const struct page_facts *f)
{
    html_printf(html,
                "<!doctype html><html lang=%m><meta charset=utf-8><meta name=viewport "
                "content=\"width=device-width,initial-scale=1\"><title>%s · %s</title>"
                "<link rel=icon href=%m type=image/svg+xml><link rel=stylesheet href=%m>"
                "<link rel=stylesheet href=/preview.css><script src=/preview.js defer></script>",
                say(f, "en", "zh-CN"), f->choice->folder->id, say(f, "Template preview", "模板预览"),
                asset_icon, asset_site);
    html_printf(
        html,
        "<body class=preview><header class=head><div><h1>%s</h1><small id=state role=status data-lost=\"%s\" "
        "data-now=\"%s\"><noscript>%s</noscript></small><a href=\"/",
        say(f, "Template preview", "模板预览"),
        say(f, "no connection to sealpress preview", "与 sealpress preview 的连接已断开"),
        say(f, "made anew whenever a file is saved", "保存文件后自动更新"),
        say(f, "without script: use “Make anew”", "浏览器未启用脚本，请用“重新生成”刷新"));
}

int page_write(struct buf *html, const struct page_facts *f, struct err *e)
{
    struct page_facts other = *f;

    put_head(html, f);
    other.english = !f->english;
    put_query(html, &other);
    html_printf(html, "\">%s</a></div></header><main data-stamp=\"%s\">", f->english ? "中文" : "English",
                f->stamp);
    put_bar(html, f);
    put_message(html, f);
    buf_append_text(html, "<div class=two>");
    put_side(html, f);
    put_paper(html, f);
    html_printf(html,
                "</div><p class=keys>%s <kbd>R</kbd> %s <kbd>B</kbd> %s <kbd>E</kbd> %s <kbd>←</kbd> "
                "<kbd>→</kbd> %s</p></main>",
                say(f, "Keys:", "按键："), say(f, "make anew", "重新生成"), say(f, "boxes", "排版框"),
                say(f, "to the mistake", "到错误处"), say(f, "pages", "翻页"));
    return buf_ok(html) ? 0 : err_set(e, ERR_TOO_LARGE, "The page is too large.", "页面过大。");
}
