/* console_person.c - one person of a filing: certificate, facts, what happened; and the acts that need a
 * reason.
 */
#include "web/console_internal.h"
#include <inttypes.h>
#include <string.h>

const char *console_act_query(enum console_act a)
{
    static const char *const names[] = {[ACT_CORRECT] = "correct",
                                        [ACT_REISSUE] = "reissue",
                                        [ACT_REVOKE] = "revoke",
                                        [ACT_REMOVE] = "remove"};

    return names[a];
}

static const char *act_word(enum console_act a)
{
    static const char *const words[] = {
        [ACT_CORRECT] = "更正", [ACT_REISSUE] = "补换证", [ACT_REVOKE] = "撤销", [ACT_REMOVE] = "核减"};

    return words[a];
}

static void put_top(struct buf *html, const struct console_filing *f, const struct console_person *p)
{
    const struct console_entry *r = &p->entry;

    html_printf(html, "<div class=\"hd top\"><h1 id=person><bdi>%s</bdi></h1>", r->name);
    put_state(html, r->state, r->verdict);
    buf_append_text(html, "<div class=acts>");
    if (r->size > 0 && r->verdict == NULL) {
        html_printf(html, "<a class=btn href=\"/console/filings/%s/entries/%s/certificate.pdf?download=1\">",
                    f->id, r->id);
        put_sign(html, SIGN_DOWNLOAD, 16);
        buf_append_text(html, "下载</a>");
    }
    html_printf(html, "<a class=\"btn shut\" href=\"/console/filings/%s\" aria-label=关闭>", f->id);
    put_sign(html, SIGN_CROSS, 16);
    buf_append_text(html, "</a></div></div>");
}

static void put_preview(struct buf *html, const struct console_filing *f, const struct console_entry *r)
{
    html_printf(html, "<div class=viewer><p><bdi>%s_%s.pdf</bdi> ", r->number == NULL ? "" : r->number,
                r->name);
    put_bytes(html, r->size);
    html_printf(
        html,
        "</p><iframe title=证书预览 "
        "src=\"/console/filings/%s/entries/%s/certificate.pdf#toolbar=0&amp;navpanes=0&amp;view=FitH\"></"
        "iframe><a "
        "class=\"btn main touch\" href=\"/console/filings/%s/entries/%s/certificate.pdf\">打开PDF</a></div>",
        f->id, r->id, f->id, r->id);
}

static void put_reason(struct buf *html, const struct console_site *site, const struct console_filing *f,
                       const struct console_person *p)
{
    char action[96];

    if (p->entry.reason == NULL)
        return;
    message_begin(html, p->entry.state == CONSOLE_FAILED ? "bad" : "warn", p->entry.reason,
                  p->advice == NULL ? "" : p->advice);
    if (p->can_photo)
        html_printf(html, "<a class=btn href=\"/console/filings/%s/entries/%s/photo\">上传照片</a>", f->id,
                    p->entry.id);
    if (p->can_retry) {
        (void)snprintf(action, sizeof action, "/console/filings/%s/do", f->id);
        form_begin(html, site, action, "");
        html_printf(html, "<button class=\"btn main\" name=retry value=%s>重试</button></form>", p->entry.id);
    }
    message_end(html);
}

/* The whole number only when asked for, by a POST that is logged. */
static void put_id_number(struct buf *html, const struct console_site *site, const struct console_filing *f,
                          const struct console_person *p)
{
    char action[128];

    html_printf(html, "<div><dt>证件号码</dt><dd class=full><bdi>%s</bdi> ",
                p->id_number_full != NULL ? p->id_number_full : p->entry.id_number);
    if (p->id_number_full == NULL) {
        (void)snprintf(action, sizeof action, "/console/filings/%s/entries/%s", f->id, p->entry.id);
        form_begin(html, site, action, " class=inline data-inside");
        buf_append_text(html, "<button class=\"quiet u\" title=查看将记入日志>显示</button></form>");
    }
    buf_append_text(html, "</dd></div>");
}

static void put_person_facts(struct buf *html, const struct console_site *site,
                             const struct console_filing *f, const struct console_person *p)
{
    buf_append_text(html, "<h2>基本信息</h2><dl class=pairs>");
    put_fact(html, "姓名", p->entry.name);
    put_fact(html, "性别", p->gender);
    put_fact(html, "出生日期", p->birth_date);
    put_id_number(html, site, f, p);
    put_fact(html, "联系手机", p->mobile);
    put_fact(html, "所在单位", p->employer);
    put_fact(html, "照片", p->photo ? "已有" : "还没有");
    buf_append_text(html, "</dl>");
}

static void put_title_facts(struct buf *html, const struct console_filing *f, const struct console_person *p)
{
    buf_append_text(html, "<h2>获得资格情况</h2><dl class=pairs>");
    put_fact(html, "证书编号", p->entry.number);
    put_fact(html, "资格状态", p->status_word);
    put_fact(html, "系列名称", p->entry.series);
    put_fact(html, "专业名称", p->entry.specialty);
    put_fact(html, "资格名称", p->entry.title);
    put_fact(html, "职称级别", p->entry.level);
    put_fact(html, "取得方式", p->obtain_mode);
    buf_printf(html, "<div><dt>年度</dt><dd>%d</dd></div>", f->year);
    put_fact(html, "取得时间", p->obtained_date);
    if (p->made > 0) {
        buf_append_text(html, "<div><dt>生成时间</dt><dd>");
        put_time(html, p->made, true);
        buf_append_text(html, "</dd></div>");
    }
    put_fact(html, "签章", p->seals);
    buf_append_text(html, "</dl>");
}

static void put_files(struct buf *html, const struct console_filing *f, const struct console_person *p)
{
    buf_append_text(html, "<h2>文件</h2><p class=links>");
    if (p->entry.size > 0 && p->entry.verdict == NULL)
        html_printf(html,
                    "<a href=\"/console/filings/%s/entries/%s/certificate.pdf\" target=_blank "
                    "rel=noopener>证书文件.pdf</a> ",
                    f->id, p->entry.id);
    if (f->document_size > 0)
        html_printf(
            html, "<a href=\"/console/filings/%s/document.pdf\" target=_blank rel=noopener>批复文件.pdf</a> ",
            f->id);
    if (p->token != NULL)
        html_printf(html, "<a href=\"/v/%s\" target=_blank rel=noopener>核验页</a>", p->token);
    buf_append_text(html, "</p>");
}

static void put_act(struct buf *html, const struct console_filing *f, const struct console_person *p,
                    enum console_act a, bool may)
{
    if (may)
        html_printf(html, "<a class=btn href=\"/console/filings/%s/entries/%s/%m\">%m</a>", f->id,
                    p->entry.id, console_act_query(a), act_word(a));
}

static void put_acts(struct buf *html, const struct console_filing *f, const struct console_person *p)
{
    if (!p->can_photo && !p->can_correct && !p->can_reissue && !p->can_revoke && !p->can_remove)
        return;
    buf_append_text(html, "<h2>办理</h2><p class=\"acts left\">");
    if (p->can_photo)
        html_printf(html, "<a class=btn href=\"/console/filings/%s/entries/%s/photo\">%m</a>", f->id,
                    p->entry.id, p->photo ? "更换照片" : "上传照片");
    put_act(html, f, p, ACT_CORRECT, p->can_correct);
    put_act(html, f, p, ACT_REISSUE, p->can_reissue);
    put_act(html, f, p, ACT_REVOKE, p->can_revoke);
    put_act(html, f, p, ACT_REMOVE, p->can_remove);
    buf_append_text(html, "</p>");
}

static void put_events(struct buf *html, const struct console_person *p)
{
    if (p->event_count == 0)
        return;
    buf_append_text(html, "<h2>记录</h2><ul class=lines>");
    for (size_t i = 0; i < p->event_count; i++) {
        buf_append_text(html, "<li>");
        put_time(html, p->events[i].moment, true);
        html_printf(html, " %s", p->events[i].what);
        if (p->events[i].reason != NULL)
            html_printf(html, "：<bdi>%s</bdi>", p->events[i].reason);
        buf_append_text(html, "</li>");
    }
    buf_append_text(html, "</ul>");
}

int console_person_page(struct buf *html, const struct console_site *site, const struct console_filing *f,
                        const struct console_person *p, struct err *e)
{
    console_begin(html, site, &(struct console_frame){p->entry.name, PLACE_FILINGS});
    put_crumbs(html, f, "人员详情");
    buf_append_text(html, "<article class=\"card person\">");
    put_top(html, f, p);
    put_reason(html, site, f, p);
    if (p->entry.size > 0 && p->entry.verdict == NULL)
        put_preview(html, f, &p->entry);
    put_person_facts(html, site, f, p);
    put_title_facts(html, f, p);
    put_files(html, f, p);
    put_acts(html, f, p);
    put_events(html, p);
    buf_append_text(html, "</article>");
    return console_end(html, e);
}

/* --- acts with a reason --- */

static const char *act_advice(enum console_act a)
{
    static const char *const texts[] = {
        [ACT_CORRECT] = "只改需要更正的项目，编号不变。证书文件还没有给出时，会以原编号重新生成；已经给出的，"
                        "请办理补换证。",
        [ACT_REISSUE] = "重新生成一份证书并给新编号，原证书变为“已换发”，不能恢复。",
        [ACT_REVOKE] = "证书立即失效，核验页会显示“已撤销”，不能恢复。",
        [ACT_REMOVE] = "此人不再入库，不会有编号和证书。名单中仍保留这一行和核减原因。"};

    return texts[a];
}

static void put_area(struct buf *html, const struct console_acting *a)
{
    html_printf(
        html,
        "<p class=field><label for=reason>%m</label><textarea id=reason name=reason required maxlength=200 "
        "rows=3>%s</textarea></p>",
        a->act == ACT_CORRECT ? "更正依据" : "原因", a->reason);
}

static void put_line(struct buf *html, const char *name, const char *label, const char *value, bool required)
{
    html_printf(
        html, "<p class=field><label for=%m>%m</label><input id=%m name=%m value=\"%s\" maxlength=200%m></p>",
        name, label, name, name, value, required ? " required" : "");
}

int console_act_page(struct buf *html, const struct console_site *site, const struct console_filing *f,
                     const struct console_entry *entry, const struct console_acting *a, struct err *e)
{
    const char *word = act_word(a->act);
    char action[128];

    console_begin(html, site, &(struct console_frame){word, PLACE_FILINGS});
    put_crumbs(html, f, word);
    html_printf(html, "<div class=hd><h1>%m <bdi>%s</bdi></h1></div>", word, entry->name);
    if (a->problem != NULL) {
        message_begin(html, "bad", "没有办理", a->problem);
        message_end(html);
    }
    html_printf(html, "<section class=\"card pad\"><p class=dim>%m</p>", act_advice(a->act));
    (void)snprintf(action, sizeof action, "/console/filings/%s/entries/%s/%s", f->id, entry->id,
                   console_act_query(a->act));
    form_begin(html, site, action, " class=sheet");
    html_printf(html, "<input type=hidden name=of value=\"%s\">", entry->number == NULL ? "" : entry->number);
    for (size_t i = 0; i < a->field_count; i++)
        put_line(html, a->fields[i].name, a->fields[i].label, a->fields[i].value, false);
    put_area(html, a);
    if (a->act == ACT_CORRECT)
        put_line(html, "approver", "批准人", a->approver, true);
    if (a->act == ACT_CORRECT || a->act == ACT_REVOKE)
        put_line(html, "document", "文号（可不填）", a->document, false);
    html_printf(html,
                "<p class=acts><button class=\"btn main\">确认%m</button><a class=btn "
                "href=\"/console/filings/%s/entries/%s\">取消</a></p></form></section>",
                word, f->id, entry->id);
    return console_end(html, e);
}
