/* console_import.c - lists and photos coming in, with what is wrong in them and how to put it right. */
#include "web/console_internal.h"
#include <inttypes.h>
#include <string.h>

static void put_steps(struct buf *html, enum console_step now)
{
    static const char *const names[] = {"选择文件", "检查名单", "匹配照片", "确认导入"};

    buf_append_text(html, "<ol class=\"card steps\">");
    for (int i = 1; i <= 4; i++) {
        html_printf(html, "<li class=%m%m>",
                    i < (int)now    ? "was"
                    : i == (int)now ? "now"
                                    : "then",
                    i == (int)now ? " aria-current=step" : "");
        buf_append_text(html, "<i>");
        if (i < (int)now)
            put_icon(html, ICON_TICK, 14, "");
        else
            buf_printf(html, "%d", i);
        buf_printf(html, "</i><span>%s</span></li>", names[i - 1]);
    }
    buf_append_text(html, "</ol>");
}

static void put_chooser(struct buf *html, const struct console_site *site, const struct console_filing *f,
                        const struct console_import *i)
{
    char action[96];

    (void)snprintf(action, sizeof action, "/console/filings/%s/import", f->id);
    buf_append_text(html, "<section class=\"card pad\">");
    form_begin(html, site, action, " enctype=multipart/form-data class=sheet");
    buf_append_text(
        html,
        "<p class=\"field drop\"><label for=file>名单文件</label><input id=file name=file type=file required "
        "accept=\".xlsx,.csv,.json\"><span class=dim>Excel（.xlsx）或 CSV，最多 100,000 行，最大 50 "
        "MB。先检查，全部正确才会导入。</span></p>");
    if (i->has_list)
        buf_append_text(html, "<p class=dim>备案中已有名单，导入后以新名单为准。</p>");
    buf_append_text(html, "<p class=acts><button class=\"btn main\">");
    put_sign(html, SIGN_UP, 16);
    buf_append_text(html, "检查名单</button><a class=btn href=/console/entries.xlsx>");
    put_sign(html, SIGN_DOWNLOAD, 16);
    buf_append_text(html, "下载名单模板</a></p></form></section>");
}

static void put_verdict(struct buf *html, const struct console_filing *f, const struct console_import *i)
{
    struct buf bold = BUF_INIT(256), text = BUF_INIT(1024);

    if (i->bad > 0 || i->errors > 0) {
        put_count(&bold, i->bad);
        buf_append_text(&bold, i->bad > 0 ? " 行有错，尚未导入任何数据" : "");
        buf_printf(&text, "%s：共 ", i->file_name);
        put_count(&text, i->rows);
        buf_append_text(&text, " 行，");
        put_count(&text, i->good);
        buf_append_text(&text, " 行正确，");
        put_count(&text, i->bad);
        buf_append_text(&text, " 行有错。请在表格中改正后重新选择文件。");
    } else {
        put_count(&bold, i->rows);
        buf_append_text(&bold, " 行全部正确");
        buf_printf(&text, "%s：", i->file_name);
        buf_append_text(&text, "下一步核对照片，尚未导入任何数据。");
    }
    buf_append_char(&bold, '\0');
    buf_append_char(&text, '\0');
    if (buf_ok(&bold) && buf_ok(&text))
        message_begin(html, i->errors > 0 ? "bad" : "ok",
                      i->errors > 0 && i->bad == 0 ? "文件有错，尚未导入任何数据" : (const char *)bold.data,
                      (const char *)text.data);
    if (i->errors > 0) {
        html_printf(html, "<a class=btn href=\"/console/filings/%s/import/%s/errors.xlsx\">", f->id,
                    i->token);
        put_sign(html, SIGN_DOWNLOAD, 16);
        html_printf(html, "下载错误清单</a><a class=\"btn main\" href=\"/console/filings/%s/import\">",
                    f->id);
        put_sign(html, SIGN_UP, 16);
        buf_append_text(html, "重新选择文件</a>");
    } else {
        html_printf(html,
                    "<a class=\"btn main\" href=\"/console/filings/%s/import/%s?step=photos\">下一步</a>",
                    f->id, i->token);
    }
    message_end(html);
    buf_dispose(&bold);
    buf_dispose(&text);
}

/* Who has no photo yet may be taken all the same. */
static void put_photos_step(struct buf *html, const struct console_site *site, const struct console_filing *f,
                            const struct console_import *i)
{
    uint64_t without = i->rows > i->with_photo ? i->rows - i->with_photo : 0;
    struct buf bold = BUF_INIT(256);
    char action[192];

    put_count(&bold, i->with_photo);
    buf_append_text(&bold, " 人已有照片，");
    put_count(&bold, without);
    buf_append_text(&bold, " 人还没有照片");
    buf_append_char(&bold, '\0');
    if (buf_ok(&bold))
        message_begin(
            html, without > 0 ? "warn" : "ok", (const char *)bold.data,
            without > 0
                ? "没有照片的人可以先导入，证书状态为“未生成”，补照片后自动生成。导入后可批量上传照片。"
                : "照片取自以前上传的，导入后可以更换。");
    (void)snprintf(action, sizeof action, "/console/filings/%s/import/%s", f->id, i->token);
    form_begin(html, site, action, "");
    buf_append_text(html, "<button class=\"btn main\">确认导入</button></form>");
    message_end(html);
    buf_dispose(&bold);
}

static void put_import_tab(struct buf *html, const struct console_filing *f, const struct console_import *i,
                           const char *tab, const char *word, uint64_t n)
{
    html_printf(html, "<a href=\"/console/filings/%s/import/%s?tab=%m\"%m>%m <b>", f->id, i->token, tab,
                strcmp(i->tab, tab) == 0 ? " aria-current=page" : "", word);
    put_count(html, n);
    buf_append_text(html, "</b></a>");
}

static void put_row_fault(struct buf *html, const struct console_row_fault *r)
{
    buf_append_text(html, "<tr><td class=num data-l=表格行号>");
    if (r->row == 0)
        buf_append_text(html, "—");
    else
        put_count(html, r->row);
    html_printf(html, "<td data-l=列>%s<td data-l=填写的内容>", r->column);
    if (r->value[0] != '\0')
        html_printf(html, "<code class=\"cell%m\"><bdi>%s</bdi></code>", r->warning ? " w" : "", r->value);
    html_printf(html, "<td data-l=问题>%s<td data-l=怎样改正>%s</tr>", r->problem, r->advice);
}

static void put_row_faults(struct buf *html, const struct console_import *i)
{
    bool warnings = strcmp(i->tab, "warnings") == 0;
    uint64_t in_all = warnings ? i->warnings : i->errors;
    size_t shown = 0;

    if (strcmp(i->tab, "good") == 0 || in_all == 0) {
        put_empty(html, SIGN_FILE,
                  warnings                      ? "没有提醒"
                  : strcmp(i->tab, "good") == 0 ? "这些行没有错误"
                                                : "没有错误",
                  "");
        buf_append_text(html, "</div>");
        return;
    }
    buf_append_text(
        html,
        "<div class=scroll><table class=faults><caption class=vh>有错的行</caption><thead><tr><th scope=col "
        "class=num>表格行号<th scope=col>列<th scope=col>填写的内容<th scope=col>问题<th scope=col>"
        "怎样改正</thead><tbody>");
    for (size_t k = 0; k < i->fault_count; k++)
        if (i->faults[k].warning == warnings) {
            put_row_fault(html, &i->faults[k]);
            shown++;
        }
    buf_append_text(html, "</tbody></table></div>");
    if (shown < in_all) {
        buf_append_text(html, "<p class=\"dim pad\">这里只列出一部分，全部在错误清单中。共 ");
        put_count(html, in_all);
        buf_append_text(html, " 处。</p>");
    }
}

int console_import_page(struct buf *html, const struct console_site *site, const struct console_filing *f,
                        const struct console_import *i, struct err *e)
{
    console_begin(html, site, &(struct console_frame){"导入名单", PLACE_FILINGS});
    put_crumbs(html, f, "导入名单");
    buf_append_text(html, "<div class=hd><h1>导入名单</h1></div>");
    put_steps(html, i->step);
    if (i->problem != NULL) {
        message_begin(html, "bad", "没有导入任何数据", i->problem);
        message_end(html);
    }
    if (i->file_name == NULL) {
        put_chooser(html, site, f, i);
        return console_end(html, e);
    }
    if (i->step == STEP_PHOTOS) {
        put_photos_step(html, site, f, i);
        return console_end(html, e);
    }
    put_verdict(html, f, i);
    buf_append_text(html, "<section class=\"card list\"><nav class=tabs aria-label=检查结果>");
    put_import_tab(html, f, i, "errors", "错误", i->errors);
    put_import_tab(html, f, i, "warnings", "提醒", i->warnings);
    put_import_tab(html, f, i, "good", "正确的行", i->good);
    buf_append_text(html, "</nav>");
    put_row_faults(html, i);
    buf_append_text(html, "</section>");
    return console_end(html, e);
}

/* --- photos --- */

static void put_photo_state(struct buf *html, const struct console_photos *p)
{
    char bold[160], text[256];

    if (!p->job)
        return;
    if (p->going == GOING_ON) {
        (void)snprintf(bold, sizeof bold, "正在匹配照片　%" PRIu64 " / %" PRIu64, p->done, p->total);
        message_begin(html, "note", bold, "可以离开本页，照片会继续匹配。");
        buf_append_text(html, "<a class=btn href=\"\" data-again=2>刷新</a>");
    } else if (p->going == GOING_STOPPED) {
        message_begin(html, "bad", "照片没有匹配", p->problem == NULL ? "" : p->problem);
    } else {
        (void)snprintf(bold, sizeof bold, "%" PRIu64 " 张照片中 %" PRIu64 " 张可用", p->total,
                       p->done >= p->failed ? p->done - p->failed : 0);
        (void)snprintf(text, sizeof text, "%s",
                       p->failed > 0 ? "没有照片的人证书状态为“未生成”，补照片后自动生成。" : "");
        message_begin(html, p->failed > 0 ? "warn" : "ok", bold, text);
    }
    message_end(html);
}

static void put_photo_fault(struct buf *html, const struct console_filing *f,
                            const struct console_photo_fault *r)
{
    html_printf(html, "<tr><td data-l=照片文件><bdi>%s</bdi><td class=num data-l=序号>", r->file);
    if (r->serial > 0)
        buf_printf(html, "%u", r->serial);
    else
        buf_append_text(html, "—");
    html_printf(html,
                "<td data-l=姓名>%m<bdi>%s</bdi>%m<td data-l=问题>%s<td data-l=怎样改正>%s<td class=do>",
                r->entry == NULL ? "<span class=dim>" : "", r->entry == NULL ? "未匹配" : r->name,
                r->entry == NULL ? "</span>" : "", r->problem, r->advice);
    if (r->entry != NULL)
        html_printf(html, "<a href=\"/console/filings/%s/entries/%s/photo\">更换</a></tr>", f->id, r->entry);
    else
        html_printf(html, "<a href=\"/console/filings/%s?state=waiting\">指定人员</a></tr>", f->id);
}

static void put_photo_chooser(struct buf *html, const struct console_site *site,
                              const struct console_filing *f)
{
    char action[96];

    (void)snprintf(action, sizeof action, "/console/filings/%s/photos", f->id);
    buf_append_text(html, "<section class=\"card pad\">");
    form_begin(html, site, action, " enctype=multipart/form-data class=sheet");
    buf_append_text(
        html,
        "<p class=\"field drop\"><label for=photos>照片文件</label><input id=photos name=photos type=file "
        "multiple required accept=\".zip,.jpg,.jpeg,.png\"><span class=dim>可选一个 ZIP（最大 4 "
        "GB），或一次最多 60 张 JPG、PNG 照片（每张最大 10 MB）。文件名用序号或证件号码，例如 "
        "0052.jpg。证件号码只用于匹配，不作为文件名保存。</span></p><p "
        "class=acts><button class=\"btn main\">");
    put_sign(html, SIGN_UP, 16);
    buf_append_text(html, "上传照片</button></p></form></section>");
}

int console_photos_page(struct buf *html, const struct console_site *site, const struct console_filing *f,
                        const struct console_photos *p, struct err *e)
{
    console_begin(html, site, &(struct console_frame){"批量上传照片", PLACE_FILINGS});
    put_crumbs(html, f, "批量上传照片");
    buf_append_text(html, "<div class=hd><h1>批量上传照片</h1></div>");
    put_photo_state(html, p);
    if (p->fault_count > 0) {
        buf_append_text(
            html,
            "<section class=\"card list\"><div class=scroll><table class=faults><caption "
            "class=vh>有问题的照片"
            "</caption><thead><tr><th scope=col>照片文件<th scope=col class=num>序号<th scope=col>姓名<th "
            "scope=col>问题<th scope=col>怎样改正<th scope=col>操作</thead><tbody>");
        for (size_t i = 0; i < p->fault_count; i++)
            put_photo_fault(html, f, &p->faults[i]);
        buf_append_text(html, "</tbody></table></div></section>");
    }
    if (p->going != GOING_ON)
        put_photo_chooser(html, site, f);
    return console_end(html, e);
}

int console_cropper_page(struct buf *html, const struct console_site *site, const struct console_filing *f,
                         const struct page_site *page, const struct page_cropper *c, struct err *e)
{
    console_begin(html, site, &(struct console_frame){"裁剪照片", PLACE_FILINGS});
    put_crumbs(html, f, c->name == NULL ? "裁剪照片" : c->name);
    if (page_cropper(html, page, c, e) != 0)
        return -1;
    return console_end(html, e);
}
