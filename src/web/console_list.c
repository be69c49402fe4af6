/* console_list.c - one filing: facts, tabs, what is going on, its entries. */
#include "web/console_internal.h"
#include <inttypes.h>
#include <string.h>

static void put_document(struct buf *html, const struct console_filing *f)
{
    buf_append_text(html, "<div><dt>批复文件</dt><dd>");
    if (f->document_size == 0) {
        buf_append_text(html, "<span class=dim>还没有上传</span></dd></div>");
        return;
    }
    html_printf(html, "<a href=\"/console/filings/%s/document.pdf\" target=_blank rel=noopener>%s</a>（",
                f->id, "批复文件.pdf");
    put_bytes(html, f->document_size);
    buf_append_text(html, "）</dd></div>");
}

static void put_facts(struct buf *html, const struct console_filing *f)
{
    buf_append_text(html, "<dl class=\"card facts\">");
    put_fact(html, "批复文号", f->approval_no);
    buf_printf(html, "<div><dt>年度</dt><dd>%d</dd></div>", f->year);
    put_fact(html, "类型", f->type);
    if (f->accession > 0) {
        buf_append_text(html, "<div><dt>入库时间</dt><dd>");
        put_time(html, f->accession, false);
        buf_append_text(html, "</dd></div>");
    }
    put_document(html, f);
    put_fact(html, "组建单位", f->organiser);
    put_fact(html, "发证机关", f->issuer);
    buf_append_text(html, "</dl>");
}

/* A button that does one of the filing's moves. */
static void put_move(struct buf *html, const struct console_site *site, const struct console_filing *f,
                     const char *act, const char *label, const char *style)
{
    char action[96];

    (void)snprintf(action, sizeof action, "/console/filings/%s/do", f->id);
    form_begin(html, site, action, "");
    html_printf(html, "<button class=\"btn %m\" name=act value=%m>%m</button></form>", style, act, label);
}

static void put_link(struct buf *html, const struct console_filing *f, const char *where, enum sign sign,
                     const char *label)
{
    html_printf(html, "<a class=btn href=\"/console/filings/%s/%m\">", f->id, where);
    put_sign(html, sign, 16);
    html_printf(html, "%m</a>", label);
}

static void put_head(struct buf *html, const struct console_site *site, const struct console_filing *f)
{
    put_crumbs(html, NULL, "证书管理");
    html_printf(html, "<div class=hd><h1><bdi>%s</bdi></h1><span class=sub><bdi>%s</bdi></span>", f->name,
                f->approval_no);
    put_status(html, f->status);
    buf_append_text(html, "<div class=acts>");
    if (f->edit)
        put_link(html, f, "edit", SIGN_FILE, "修改备案");
    if (f->edit)
        put_link(html, f, "import", SIGN_FILE, "导入名单");
    if (f->upload_photos && f->total > 0)
        put_link(html, f, "photos", SIGN_PICTURE, "批量上传照片");
    if (f->manage && f->accession_state == CONSOLE_ENTERED)
        put_move(html, site, f, f->paused ? "resume" : "pause", f->paused ? "继续生成" : "暂停生成", "");
    if (f->submit && f->total > 0 && f->document_size > 0)
        put_move(html, site, f, "submit", "提交审核", "main");
    if (f->decide)
        html_printf(html, "<a class=\"btn main\" href=\"/console/filings/%s/review\">审核</a>", f->id);
    if (f->enter && f->accession_state != CONSOLE_CHECKING)
        put_move(html, site, f, "accession", "入库并生成证书", "main");
    buf_append_text(html, "</div></div>");
}

/* What is missing before the next step, so that nobody wonders why a button is not there. */
static void put_advice(struct buf *html, const struct console_list *l)
{
    const struct console_filing *f = &l->filing;

    if (f->opinion != NULL && f->status == CONSOLE_RETURNED) {
        message_begin(html, "warn", "退回意见", f->opinion);
        message_end(html);
    }
    if (f->submit && (f->total == 0 || f->document_size == 0)) {
        message_begin(html, "note", "提交审核前还需要",
                      f->total > 0 ? "批复文件：点“修改备案”上传 PDF。"
                      : f->document_size > 0
                          ? "名单：点“导入名单”选择填好的表格。"
                          : "批复文件和名单：点“修改备案”上传 PDF，点“导入名单”选择表格。");
        message_end(html);
    }
    if (f->accession_state == CONSOLE_REFUSED) {
        message_begin(html, "bad", "没有入库，所有编号都未使用",
                      "下面这些人的数据有误，请核减或联系发证机关后重新入库。");
        message_end(html);
        buf_append_text(html, "<ul class=\"card pad lines\">");
        for (size_t i = 0; i < l->refused_count; i++)
            html_printf(html, "<li>%s</li>", l->refused[i]);
        buf_append_text(html, "</ul>");
    }
}

/* --- tabs --- */

static void put_tab(struct buf *html, const struct console_list *l, int state, const char *word, uint64_t n)
{
    html_printf(html, "<a href=\"/console/filings/%s", l->filing.id);
    if (state >= 0)
        html_printf(html, "?state=%m", console_state_query((enum console_state)state));
    html_printf(html, "\"%m>%m <b%m>", l->state == state ? " aria-current=page" : "", word,
                state == CONSOLE_FAILED && n > 0 ? " class=bad" : "");
    put_count(html, n);
    buf_append_text(html, "</b></a>");
}

static void put_tabs(struct buf *html, const struct console_list *l)
{
    static const struct {
        enum console_state state;
        const char *word;
    } all[] = {{CONSOLE_MADE, "已生成"},    {CONSOLE_WORKING, "正在生成"}, {CONSOLE_QUEUED, "排队中"},
               {CONSOLE_WAITING, "未生成"}, {CONSOLE_FAILED, "失败"},      {CONSOLE_REMOVED, "已核减"}};

    buf_append_text(html, "<nav class=tabs id=tabs aria-label=状态>");
    put_tab(html, l, -1, "全部", l->filing.total + l->filing.counts[CONSOLE_REMOVED]);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].state != CONSOLE_REMOVED || l->filing.counts[CONSOLE_REMOVED] > 0)
            put_tab(html, l, (int)all[i].state, all[i].word, l->filing.counts[all[i].state]);
    buf_append_text(html, "</nav>");
}

/* --- what is going on --- */

static void put_going(struct buf *html, const struct console_list *l)
{
    const struct console_progress *p = &l->progress;

    html_printf(html,
                "<div class=\"going\" id=going data-at=\"/console/filings/%s/progress.json\" data-on=%d%m>",
                l->filing.id, p->going == GOING_ON || p->going == GOING_STOPPED,
                p->going == GOING_NOTHING ? " hidden" : "");
    put_sign(html, SIGN_FILE, 24);
    html_printf(html, "<div><b class=line>%s</b>", p->line);
    buf_printf(html,
               "<progress max=%" PRIu64 " value=%" PRIu64 " aria-label=进度%s></progress><p class=facts2>",
               p->max == 0 ? 1 : p->max, p->value, p->max == 0 ? " hidden" : "");
    for (size_t i = 0; i < 3; i++)
        html_printf(html, "<span>%s</span>", p->facts[i]);
    buf_append_text(html, "</p></div><a class=btn data-plain href=\"\">刷新</a></div>"
                          "<p class=vh role=status aria-live=polite id=said></p>"
                          "<div class=going id=load hidden>");
    put_sign(html, SIGN_DOWNLOAD, 24);
    put_icon(html, ICON_OK, 24, "ok");
    put_icon(html, ICON_WARN, 24, "bad");
    buf_append_text(html,
                    "<div><b></b><progress aria-label=下载进度></progress><p "
                    "class=facts2><span></span><span></span><span></span><span></span></p></div><button "
                    "type=button class=btn></button></div>");
}

static void put_failures(struct buf *html, const struct console_site *site, const struct console_list *l)
{
    const struct console_filing *f = &l->filing;
    char bold[64];

    if (f->counts[CONSOLE_FAILED] == 0)
        return;
    (void)snprintf(bold, sizeof bold, "%" PRIu64 " 份生成失败", f->counts[CONSOLE_FAILED]);
    message_begin(html, "bad in", bold, l->failures == NULL ? "" : l->failures);
    html_printf(html, "<a class=btn href=\"/console/filings/%s?state=failed\">只看失败</a>", f->id);
    if (f->manage)
        put_move(html, site, f, "retry", "全部重试", "main");
    message_end(html);
}

static void put_search(struct buf *html, const struct console_list *l)
{
    html_printf(
        html,
        "<form class=search role=search action=\"/console/filings/%s\"><label class=vh for=q>搜索</label>"
        "<input id=q name=q type=search value=\"%s\" placeholder=姓名、证书编号或证件号后四位 maxlength=60>",
        l->filing.id, l->search);
    if (l->state >= 0)
        html_printf(html, "<input type=hidden name=state value=%m>",
                    console_state_query((enum console_state)l->state));
    buf_append_text(html, "<button class=btn>");
    put_sign(html, SIGN_SEARCH, 16);
    buf_append_text(html, "<span>搜索</span></button></form>");
}

/* Nothing ticked: all of them. The script counts what is ticked. */
static void put_download(struct buf *html, const struct console_list *l)
{
    const struct console_filing *f = &l->filing;
    uint64_t made = f->counts[CONSOLE_MADE];

    html_printf(html, "<div class=pick id=pick data-filing=%s data-total=\"", f->id);
    buf_printf(html, "%" PRIu64 "\" data-made=%" PRIu64 " data-bytes=%" PRIu64 "><p id=picked role=status>",
               l->total, made, l->made_bytes);
    if (made > 0) {
        buf_append_text(html, "可下载 ");
        put_count(html, made);
        buf_append_text(html, " 份，约 ");
        put_bytes(html, l->made_bytes);
    }
    buf_append_text(html, "</p><button type=button class=quiet id=clear hidden>清除</button>");
    if (made > 0) {
        buf_append_text(html, "<button class=btn form=chosen name=only value=1 data-plain>");
        put_sign(html, SIGN_DOWNLOAD, 16);
        buf_append_text(html,
                        "批量下载</button><button class=\"btn main\" form=chosen id=get name=all value=1>");
        put_sign(html, SIGN_DOWNLOAD, 16);
        buf_append_text(html, "<span>下载全部 ");
        put_count(html, made);
        buf_append_text(html, " 份</span></button>");
    }
    buf_append_text(html, "</div>");
}

/* --- entries --- */

static void put_entry_acts(struct buf *html, const struct console_filing *f, const struct console_entry *r)
{
    html_printf(html, "<a class=see href=\"/console/filings/%s/entries/%s\">查看</a>", f->id, r->id);
    if (r->size > 0 && r->verdict == NULL)
        html_printf(
            html, " <a class=get href=\"/console/filings/%s/entries/%s/certificate.pdf?download=1\">下载</a>",
            f->id, r->id);
    if (f->upload_photos && r->state == CONSOLE_WAITING)
        html_printf(html, " <a href=\"/console/filings/%s/entries/%s/photo\">上传照片</a>", f->id, r->id);
    if (f->manage && r->state == CONSOLE_FAILED)
        html_printf(
            html,
            " <button class=quiet formaction=\"/console/filings/%s/do\" name=retry value=%s>重试</button>",
            f->id, r->id);
}

static void put_entry(struct buf *html, const struct console_filing *f, const struct console_entry *r,
                      size_t i)
{
    html_printf(
        html,
        "<tr id=e-%s data-s=%u data-z=%lld><td class=tick><label><input type=checkbox name=e%zu "
        "value=%u><span "
        "class=vh>选择 %s</span></label><td class=no>%u<td class=name><a class=see "
        "href=\"/console/filings/%s/entries/%s\"><bdi>%s</bdi></a> <small>%u</small><td "
        "class=id><bdi>%s</bdi>"
        "<td class=series>%s<td class=sp>%s<td class=ti>%s<td class=lv>%s<td class=cn>%s<td class=st>",
        r->id, r->serial, (long long)(r->verdict == NULL ? r->size : 0), i, r->serial, r->name, r->serial,
        f->id, r->id, r->name, r->serial, r->id_number, r->series, r->specialty, r->title, r->level,
        r->number == NULL ? "—" : r->number);
    put_state(html, r->state, r->verdict);
    if (r->reason != NULL)
        html_printf(html, "<small>%s</small>", r->reason);
    buf_append_text(html, "<td class=do>");
    put_entry_acts(html, f, r);
    buf_append_text(html, "</tr>");
}

static void put_table(struct buf *html, const struct console_site *site, const struct console_list *l)
{
    char action[96];

    (void)snprintf(action, sizeof action, "/console/filings/%s/export", l->filing.id);
    form_begin(html, site, action, " id=chosen");
    buf_append_text(
        html,
        "<div id=every hidden><button type=button class=quiet></button></div><div class=scroll><table "
        "class=entries><caption class=vh>人员名单</caption><thead><tr><th scope=col class=tick><label><input "
        "type=checkbox id=page><span class=vh>选择本页</span></label><th scope=col class=no>序号<th "
        "scope=col>姓名<th scope=col>证件号<th scope=col>系列<th scope=col>专业<th scope=col>职称<th "
        "scope=col>级别<th scope=col>证书编号<th scope=col>状态<th scope=col>操作</thead><tbody id=rows>");
    for (size_t i = 0; i < l->count; i++)
        put_entry(html, &l->filing, &l->entries[i], i);
    buf_append_text(html, "</tbody></table></div></form>");
}

static void put_nobody(struct buf *html, const struct console_list *l)
{
    char bold[256];

    if (l->search[0] != '\0') {
        (void)snprintf(bold, sizeof bold, "没有找到“%.200s”", l->search);
        put_empty(html, SIGN_SEARCH, bold, "请检查姓名，或改用证书编号、证件号后四位。");
        html_printf(html, "<a class=btn href=\"/console/filings/%s\">清除搜索</a></div>", l->filing.id);
    } else if (l->state == CONSOLE_FAILED) {
        put_empty(html, SIGN_FILE, "没有失败的证书", "");
        buf_append_text(html, "</div>");
    } else if (l->state >= 0) {
        put_empty(html, SIGN_FILE, "没有这种状态的人员", "");
        html_printf(html, "<a class=btn href=\"/console/filings/%s\">查看全部</a></div>", l->filing.id);
    } else {
        put_empty(html, SIGN_FILE, "名单还是空的", "导入名单后，可以提交审核。");
        if (l->filing.edit)
            put_link(html, &l->filing, "import", SIGN_FILE, "导入名单");
        buf_append_text(html, "</div>");
    }
}

static void put_keys(struct buf *html)
{
    static const char *const keys[][2] = {
        {"/", "搜索"}, {"j k", "下一行、上一行"},   {"x", "勾选"},      {"Enter", "查看"},
        {"d", "下载"}, {"Esc", "关闭，或清除搜索"}, {"?", "快捷键列表"}};

    buf_append_text(
        html, "<dialog id=keys aria-labelledby=keys-h><form method=dialog><h2 id=keys-h>快捷键</h2><dl>");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        buf_printf(html, "<div><dt><kbd>%s</kbd></dt><dd>%s</dd></div>", keys[i][0], keys[i][1]);
    buf_append_text(html,
                    "</dl><p><label><input type=checkbox id=keys-on> 使用单键快捷键</label></p><button "
                    "class=btn>关闭</button></form></dialog><dialog id=drawer aria-label=人员详情></dialog>");
}

static void put_list_base(struct buf *base, const struct console_list *l)
{
    buf_printf(base, "/console/filings/%s?state=%s&q=", l->filing.id,
               l->state < 0 ? "" : console_state_query((enum console_state)l->state));
    put_query(base, l->search);
    buf_append_char(base, '\0');
}

int console_list_page(struct buf *html, const struct console_site *site, const struct console_list *l,
                      struct err *e)
{
    struct buf base = BUF_INIT(2048);

    console_begin(html, site, &(struct console_frame){l->filing.name, PLACE_FILINGS});
    put_head(html, site, &l->filing);
    put_advice(html, l);
    put_facts(html, &l->filing);
    if (l->halt != NULL) {
        message_begin(html, "warn", "证书暂停生成，会自动恢复", l->halt);
        message_end(html);
    }
    buf_append_text(html, "<section class=\"card list\">");
    put_tabs(html, l);
    put_going(html, l);
    put_failures(html, site, l);
    if (l->filing.total > 0 || l->search[0] != '\0') {
        buf_append_text(html, "<div class=tools>");
        put_search(html, l);
        put_download(html, l);
        buf_append_text(html, "</div>");
    }
    if (l->count == 0) {
        put_nobody(html, l);
    } else {
        put_table(html, site, l);
        put_list_base(&base, l);
        if (buf_ok(&base))
            put_pages(html, (const char *)base.data, l->page, l->total, CONSOLE_ROWS, "人");
    }
    buf_append_text(html, "</section>");
    put_keys(html);
    buf_dispose(&base);
    return console_end(html, e);
}
