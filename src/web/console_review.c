/* console_review.c - what whoever approves a filing sees, and the list of downloads. */
#include "web/console_internal.h"
#include <inttypes.h>

static void put_levels(struct buf *html, const struct console_review *r)
{
    buf_append_text(html, "<dl class=\"card facts few\">");
    for (size_t i = 0; i < r->level_count; i++) {
        html_printf(html, "<div><dt>%s</dt><dd>", r->levels[i].name);
        put_count(html, r->levels[i].count);
        buf_append_text(html, " 人</dd></div>");
    }
    buf_append_text(html, "<div><dt>合计</dt><dd>");
    put_count(html, r->filing.total);
    buf_append_text(html, " 人</dd></div></dl>");
}

static void put_review_facts(struct buf *html, const struct console_filing *f)
{
    buf_append_text(html, "<dl class=\"card facts\">");
    put_fact(html, "批复文号", f->approval_no);
    buf_printf(html, "<div><dt>年度</dt><dd>%d</dd></div>", f->year);
    put_fact(html, "类型", f->type);
    put_fact(html, "组建单位", f->organiser);
    put_fact(html, "评审组织", f->committee);
    put_fact(html, "发证机关", f->issuer);
    put_fact(html, "发证日期", f->issue_date == NULL ? "入库当日" : f->issue_date);
    buf_append_text(html, "</dl>");
}

static void put_decision(struct buf *html, const struct console_site *site, const struct console_filing *f)
{
    char action[96];

    if (!f->decide)
        return;
    (void)snprintf(action, sizeof action, "/console/filings/%s/do", f->id);
    buf_append_text(html, "<section class=\"card pad\" id=decision><h2>审核意见</h2>");
    form_begin(html, site, action, " class=sheet");
    buf_append_text(
        html, "<p class=field><label for=reason>意见（退回时必填）</label><textarea id=reason name=reason "
              "maxlength=200 rows=3></textarea></p><p "
              "class=dim>通过后可以入库：系统核对每一行，按名单顺序给出证书编号，再生成证书。</p><p "
              "class=acts><button class=\"btn main\" name=act value=pass>通过</button><button class=btn "
              "name=act value=return>退回</button></p></form></section>");
}

static void put_review_row(struct buf *html, const struct console_entry *r)
{
    html_printf(html,
                "<tr><td class=num data-l=序号>%u<td class=name><bdi>%s</bdi><td class=id "
                "data-l=证件号><bdi>%s</bdi><td "
                "class=series data-l=系列>%s<td class=sp data-l=专业>%s<td class=ti data-l=职称>%s<td "
                "class=lv data-l=级别>%s<td "
                "class=cn data-l=证书编号>%s</tr>",
                r->serial, r->name, r->id_number, r->series, r->specialty, r->title, r->level,
                r->number == NULL ? "—" : r->number);
}

static void put_review_document(struct buf *html, const struct console_filing *f)
{
    if (f->document_size == 0)
        return;
    html_printf(html,
                "<section class=\"card pad\"><h2>批复文件</h2><div class=viewer><p>批复文件.pdf</p><iframe "
                "title=批复文件 "
                "src=\"/console/filings/%s/document.pdf#toolbar=0&amp;navpanes=0&amp;view=FitH\"></iframe><a "
                "class=\"btn main touch\" "
                "href=\"/console/filings/%s/document.pdf\">打开PDF</a></div></section>",
                f->id, f->id);
}

static void put_warnings(struct buf *html, const struct console_review *r)
{
    for (size_t i = 0; i < r->warning_count; i++) {
        message_begin(html, "warn", "提醒（不影响审核）", r->warnings[i]);
        message_end(html);
    }
}

int console_review_page(struct buf *html, const struct console_site *site, const struct console_review *r,
                        struct err *e)
{
    const struct console_filing *f = &r->filing;
    char base[96];

    (void)snprintf(base, sizeof base, "/console/filings/%s/review?", f->id);
    console_begin(html, site, &(struct console_frame){f->decide ? "审核" : "查看备案", PLACE_FILINGS});
    put_crumbs(html, f, f->decide ? "审核" : "查看");
    html_printf(html, "<div class=hd><h1><bdi>%s</bdi></h1>", f->name);
    put_status(html, f->status);
    if (f->decide) /* behind fifty rows it would be looked for */
        buf_append_text(html, "<div class=acts><a class=btn href=\"#decision\">填写审核意见</a></div>");
    buf_append_text(html, "</div>");
    put_review_facts(html, f);
    put_warnings(html, r);
    put_levels(html, r);
    put_review_document(html, f);
    buf_append_text(
        html,
        "<section class=\"card list\"><div class=scroll><table class=plain><caption "
        "class=vh>人员名单</caption>"
        "<thead><tr><th scope=col class=num>序号<th scope=col>姓名<th scope=col>证件号<th scope=col>系列<th "
        "scope=col>专业<th scope=col>职称<th scope=col>级别<th scope=col>证书编号</thead><tbody>");
    for (size_t i = 0; i < r->count; i++)
        put_review_row(html, &r->entries[i]);
    buf_append_text(html, "</tbody></table></div>");
    put_pages(html, base, r->page, f->total + f->counts[CONSOLE_REMOVED], CONSOLE_ROWS, "人");
    buf_append_text(html, "</section>");
    put_decision(html, site, f);
    return console_end(html, e);
}

/* --- downloads --- */

static void put_export(struct buf *html, const struct console_export *x)
{
    html_printf(html,
                "<tr><td class=\"name file\"><bdi>%s</bdi><td class=file data-l=备案><bdi>%s</bdi><td "
                "class=num data-l=份数>",
                x->file_name, x->filing_name == NULL ? "—" : x->filing_name);
    put_count(html, x->files);
    buf_append_text(html, "<td class=num data-l=未生成>");
    put_count(html, x->missing);
    buf_append_text(html, "<td class=num data-l=大小>");
    put_bytes(html, x->size);
    buf_append_text(html, "<td data-l=建立时间>");
    put_time(html, x->created, false);
    buf_append_text(html, "<td data-l=保留至>");
    put_time(html, x->expires, false);
    html_printf(html, "<td class=do><a href=\"/console/exports/%s.zip\">下载</a></tr>", x->id);
}

int console_exports_page(struct buf *html, const struct console_site *site, const struct console_export *list,
                         size_t count, struct err *e)
{
    console_begin(html, site, &(struct console_frame){"下载任务", PLACE_EXPORTS});
    buf_append_text(html, "<div class=hd><h1>下载任务</h1></div><section class=\"card list\">");
    if (count == 0) {
        put_empty(html, SIGN_DOWNLOAD, "最近 7 天没有下载任务",
                  "在备案页面下载证书后，可在这里继续或重新下载。");
        buf_append_text(html, "</div></section>");
        return console_end(html, e);
    }
    buf_append_text(
        html, "<div class=scroll><table class=plain><caption class=vh>下载任务</caption><thead><tr><th "
              "scope=col>文件<th "
              "scope=col>备案<th scope=col class=num>份数<th scope=col class=num>未生成<th scope=col "
              "class=num>大小<th scope=col>建立时间<th scope=col>保留至<th scope=col>操作</thead><tbody>");
    for (size_t i = 0; i < count; i++)
        put_export(html, &list[i]);
    buf_append_text(html, "</tbody></table></div></section><p class=dim>名单在建立时固定，保留 7 "
                          "天；中断后可从断点继续下载。</p>");
    return console_end(html, e);
}
