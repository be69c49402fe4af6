/* console_filings.c - signing in, the list of filings, and the form of one. */
#include "web/console_internal.h"
#include <inttypes.h>
#include <string.h>

static const struct console_choice types[] = {
    {"评审", "评审"}, {"认定", "认定"}, {"考试", "考试"}, {"确认", "确认"}};
enum { TYPES = sizeof types / sizeof types[0], YEARS = 12 };

int console_login_page(struct buf *html, const struct console_site *site, const struct console_login *l,
                       struct err *e)
{
    console_begin(html, site, &(struct console_frame){.title = "登录"});
    buf_append_text(html, "<section class=login><h1>登录</h1><p class=dim>使用管理员发给您的访问密钥</p>");
    if (l->over) {
        message_begin(html, "note", "登录已过期，请重新登录。", "");
        message_end(html);
    }
    form_begin(html, site, "/console/login", "");
    if (l->next != NULL)
        html_printf(html, "<input type=hidden name=next value=\"%s\">", l->next);
    html_printf(html,
                "<input hidden name=user autocomplete=username value=console><p class=field><label "
                "for=key>访问密钥</label><input id=key name=key type=password required "
                "autofocus autocomplete=current-password spellcheck=false maxlength=200%m></p>",
                l->problem != NULL ? " aria-invalid=true aria-describedby=wrong" : "");
    if (l->problem != NULL) {
        buf_append_text(html, "<p class=wrong id=wrong role=alert>");
        put_icon(html, ICON_BAD, 16, "");
        html_printf(html, "%s</p>", l->problem);
    }
    buf_append_text(html, "<button class=\"btn main wide\">登录</button></form></section>");
    return console_end(html, e);
}

int console_problem_page(struct buf *html, const struct console_site *site, int status, const char *text,
                         const char *back, struct err *e)
{
    bool ours = status >= 500;
    const char *bold = ours            ? "暂时无法载入"
                       : status == 404 ? "没有找到"
                       : status == 403 ? "没有权限"
                       : status == 409 ? "现在不能这样做"
                                       : "没有完成";

    console_begin(html, site, &(struct console_frame){.title = bold});
    buf_append_text(html, "<section class=card role=alert><div class=empty>");
    put_sign(html, SIGN_FILE, 32);
    html_printf(html, "<h1>%s</h1>%m", bold,
                status == 503 ? "<p>网络中断或服务繁忙，已生成的证书不受影响。</p>" : "");
    html_printf(html, "<p>%s</p><p><a class=btn href=\"%s\">%m</a></p></div></section>", text,
                back == NULL ? "/console/filings" : back, ours ? "重试" : "返回");
    return console_end(html, e);
}

/* --- the list --- */

static void put_filter(struct buf *html, const struct console_site *site, const struct console_filter *f)
{
    static const struct console_choice states[] = {{"", "全部"},
                                                   {"editing", "编辑中"},
                                                   {"reviewing", "审核中"},
                                                   {"returned", "退回"},
                                                   {"approved", "审核通过"}};
    struct console_choice kinds[TYPES + 1] = {{"", "全部"}}, years[YEARS + 1] = {{"", "全部"}};
    char texts[YEARS][8], chosen[16];
    int now = date_in_shanghai(site->now).year;

    memcpy(kinds + 1, types, sizeof types);
    for (int i = 0; i < YEARS; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "%d", (now + 1 - i) % 100000);
        years[i + 1] = (struct console_choice){texts[i], texts[i]};
    }
    (void)snprintf(chosen, sizeof chosen, "%d", f->year);
    html_printf(html,
                "<form class=\"card filter\" action=/console/filings><p class=field><label "
                "for=fn>申请名称</label><input id=fn name=name value=\"%s\" placeholder=输入名称中的几个字 "
                "maxlength=100></p><p class=field><label for=fa>批复文号</label><input id=fa "
                "name=approval_no value=\"%s\" placeholder=\"例如 皖测社秘〔2026〕1号\" maxlength=100></p>",
                f->name, f->approval_no);
    put_choices(html, "fy", "year", "年度", years, YEARS + 1, chosen);
    put_choices(html, "ft", "type", "类型", kinds, TYPES + 1, f->type);
    put_choices(html, "fs", "status", "审批状态", states, 5, f->status);
    buf_append_text(html, "<p class=acts><button class=\"btn main\">查询</button><a class=btn "
                          "href=/console/filings>重置</a></p></form>");
}

static void put_made(struct buf *html, const struct console_filing *f)
{
    uint64_t made = f->counts[CONSOLE_MADE];

    if (f->status != CONSOLE_APPROVED) {
        buf_append_text(html, "<span class=dim>审核通过后生成</span>");
        return;
    }
    if (f->accession_state != CONSOLE_ENTERED) {
        buf_append_text(html, "<span class=dim>入库后生成</span>");
        return;
    }
    buf_printf(html,
               "<span class=made><progress%s max=%" PRIu64 " value=%" PRIu64 " aria-hidden=true></progress> ",
               made >= f->total ? " class=ok" : "", f->total == 0 ? 1 : f->total, made);
    put_count(html, made);
    buf_append_text(html, " / ");
    put_count(html, f->total);
    buf_append_text(html, "</span>");
}

static void put_filing_acts(struct buf *html, const struct console_filing *f)
{
    if (f->edit && f->status == CONSOLE_EDITING)
        html_printf(html, "<a href=\"/console/filings/%s\">继续填写</a>", f->id);
    else if (f->edit)
        html_printf(
            html,
            "<a href=\"/console/filings/%s/edit\">修改</a> <a href=\"/console/filings/%s\">退回意见</a>",
            f->id, f->id);
    else if (f->decide)
        html_printf(html, "<a href=\"/console/filings/%s/review\">审核</a>", f->id);
    else if (f->manage)
        html_printf(
            html, "<a href=\"/console/filings/%s\">管理</a> <a href=\"/console/filings/%s/review\">查看</a>",
            f->id, f->id);
    else
        html_printf(html, "<a href=\"/console/filings/%s\">查看</a>", f->id);
}

static void put_filing_row(struct buf *html, const struct console_filing *f)
{
    html_printf(
        html,
        "<tr><td class=name><a href=\"/console/filings/%s\"><bdi>%s</bdi></a></td><td class=an "
        "data-l=批复文号>"
        "<bdi>%s</bdi></td><td class=yr data-l=年度>%d</td><td class=yr data-l=类型>%s</td><td class=st>",
        f->id, f->name, f->approval_no, f->year, f->type);
    put_status(html, f->status);
    buf_append_text(html, "</td><td class=num data-l=人数>");
    if (f->total == 0)
        buf_append_text(html, "—");
    else
        put_count(html, f->total);
    buf_append_text(html, "</td><td data-l=已生成证书>");
    put_made(html, f);
    buf_append_text(html, "</td><td class=do>");
    put_filing_acts(html, f);
    buf_append_text(html, "</td></tr>");
}

static void put_filter_base(struct buf *base, const struct console_filter *f)
{
    buf_append_text(base, "/console/filings?name=");
    put_query(base, f->name);
    buf_append_text(base, "&approval_no=");
    put_query(base, f->approval_no);
    buf_append_text(base, "&type=");
    put_query(base, f->type);
    buf_append_text(base, "&status=");
    put_query(base, f->status);
    if (f->year > 0)
        buf_printf(base, "&year=%d", f->year);
    buf_append_char(base, '\0');
}

static bool is_filtered(const struct console_filter *f)
{
    return f->name[0] != '\0' || f->approval_no[0] != '\0' || f->type[0] != '\0' || f->status[0] != '\0' ||
           f->year > 0;
}

static void put_new(struct buf *html)
{
    buf_append_text(html, "<a class=\"btn main\" href=/console/filings/new>");
    put_sign(html, SIGN_PLUS, 16);
    buf_append_text(html, "发起备案</a>");
}

static void put_no_filings(struct buf *html, const struct console_filings *l)
{
    if (is_filtered(&l->filter)) {
        put_empty(html, SIGN_SEARCH, "没有符合条件的备案", "请改变条件，或清除后查看全部。");
        buf_append_text(html, "<a class=btn href=/console/filings>清除条件</a></div>");
        return;
    }
    put_empty(html, SIGN_FILE, "还没有批复备案", "发起备案并审核通过后，证书会自动生成。");
    if (l->may_create)
        put_new(html);
    buf_append_text(html, "</div>");
}

int console_filings_page(struct buf *html, const struct console_site *site, const struct console_filings *l,
                         struct err *e)
{
    struct buf base = BUF_INIT(8192);

    console_begin(html, site, &(struct console_frame){"批复备案", PLACE_FILINGS});
    buf_append_text(html, "<div class=hd><h1>批复备案</h1><div class=acts>");
    if (l->may_create && (l->count > 0 || is_filtered(&l->filter)))
        put_new(html);
    buf_append_text(html, "</div></div>");
    put_filter(html, site, &l->filter);
    buf_append_text(html, "<section class=\"card list\">");
    if (l->count == 0) {
        put_no_filings(html, l);
    } else {
        buf_append_text(
            html, "<div class=scroll><table class=filings><caption class=vh>批复备案</caption><thead><tr>"
                  "<th scope=col>申请名称<th scope=col>批复文号<th scope=col>年度<th scope=col>类型"
                  "<th scope=col>审批状态<th scope=col class=num>人数<th scope=col>已生成证书<th "
                  "scope=col>操作</thead><tbody>");
        for (size_t i = 0; i < l->count; i++)
            put_filing_row(html, &l->list[i]);
        buf_append_text(html, "</tbody></table></div>");
        put_filter_base(&base, &l->filter);
        if (buf_ok(&base))
            put_pages(html, (const char *)base.data, l->page, l->total, CONSOLE_FILINGS, "条");
    }
    buf_append_text(html, "</section>");
    buf_dispose(&base);
    return console_end(html, e);
}

/* --- one filing's form --- */

static const char *fault_of(const struct console_filing_form *f, const char *field)
{
    for (size_t i = 0; i < f->fault_count; i++)
        if (strcmp(f->faults[i].field, field) == 0)
            return f->faults[i].text;
    return NULL;
}

static void put_wrong(struct buf *html, const char *name, const char *text)
{
    if (text == NULL)
        return;
    html_printf(html, "<span class=wrong id=w-%m>", name);
    put_icon(html, ICON_BAD, 16, "");
    html_printf(html, "%s</span>", text);
}

static void put_input(struct buf *html, const struct console_filing_form *f, const char *name,
                      const char *label, const char *value, const char *more)
{
    const char *wrong = fault_of(f, name);

    if (wrong != NULL && strcmp(name, "year") == 0) /* the rule's own words are for programs */
        wrong = "请填写 4 位数的年度，例如 2025。";
    html_printf(html, "<p class=field><label for=%m>%m</label><input id=%m name=%m value=\"%s\" %m", name,
                label, name, name, value, more);
    if (wrong != NULL)
        html_printf(html, " aria-invalid=true aria-describedby=w-%m", name);
    buf_append_char(html, '>');
    put_wrong(html, name, wrong);
    buf_append_text(html, "</p>");
}

static void put_form_head(struct buf *html, const struct console_site *site,
                          const struct console_filing_form *f)
{
    struct console_filing at = {.id = f->id, .name = f->name};
    const char *title = f->id == NULL ? "发起备案" : "修改备案", *other = fault_of(f, "");

    console_begin(html, site, &(struct console_frame){title, PLACE_FILINGS});
    put_crumbs(html, f->id == NULL ? NULL : &at, title);
    html_printf(html, "<div class=hd><h1>%m</h1></div>", title);
    if (f->opinion != NULL && f->opinion[0] != '\0') {
        message_begin(html, "warn", "退回意见", f->opinion);
        message_end(html);
    }
    if (f->fault_count > 0) {
        message_begin(html, "bad", "还没有保存", other != NULL ? other : "请按提示改正后再保存。");
        message_end(html);
    }
}

static void put_document_input(struct buf *html, const struct console_filing_form *f)
{
    buf_append_text(html, "<p class=field><label for=document>批复文件（PDF，最大 20 MB）</label><input "
                          "id=document name=document type=file accept=\".pdf,application/pdf\">");
    if (f->document_size > 0) {
        html_printf(html, "<span class=dim>已有 <bdi>%s</bdi>（",
                    f->document_name == NULL ? "批复文件.pdf" : f->document_name);
        put_bytes(html, f->document_size);
        buf_append_text(html, "），选择新文件将替换它。</span>");
    }
    put_wrong(html, "document", fault_of(f, "document"));
    buf_append_text(html, "</p>");
}

int console_filing_form_page(struct buf *html, const struct console_site *site,
                             const struct console_filing_form *f, struct err *e)
{
    char action[96];

    put_form_head(html, site, f);
    (void)snprintf(action, sizeof action, f->id == NULL ? "/console/filings/new" : "/console/filings/%s/edit",
                   f->id);
    buf_append_text(html, "<section class=\"card pad\">");
    form_begin(html, site, action, " enctype=multipart/form-data class=sheet");
    put_input(html, f, "name", "申请名称", f->name,
              "required maxlength=100 placeholder=例如2025年度测试系列高级职称评审结果备案");
    put_input(html, f, "approval_no", "批复文号", f->approval_no,
              "required maxlength=60 placeholder=\"例如 皖测社秘〔2026〕1号\"");
    put_input(html, f, "year", "年度", f->year, "required inputmode=numeric maxlength=4");
    put_choices(html, "type", "type", "类型", types, TYPES, f->type);
    if (f->organiser_count > 0)
        put_choices(html, "organiser", "organiser", "组建单位", f->organisers, f->organiser_count,
                    f->organiser);
    put_choices(html, "profile", "profile", "证书类别（发证机关和评审组织由它确定）", f->profiles,
                f->profile_count, f->profile);
    put_wrong(html, "profile", fault_of(f, "profile"));
    put_input(html, f, "issue_date", "发证日期（不填则为入库当日）", f->issue_date, "type=date");
    put_document_input(html, f);
    buf_append_text(html, "<p class=acts><button class=\"btn main\">保存</button>");
    html_printf(html, "<a class=btn href=\"/console/filings%m%s\">取消</a></p></form></section>",
                f->id == NULL ? "" : "/", f->id == NULL ? "" : f->id);
    return console_end(html, e);
}
