/* console_frame.c - head and bar of the console, and the small parts that its pages share. */
#include "web/assets.h"
#include "web/console_internal.h"
#include <inttypes.h>
#include <string.h>

void put_sign(struct buf *out, enum sign sign, int pixels)
{
    static const char *const shapes[] = {
        [SIGN_FILE] = "<path d=\"M6 3h8l4 4v14H6zM14 3v4h4\"/>",
        [SIGN_PICTURE] = "<path d=\"M4 4h16v16H4zM5 18l5-6 4 4 2-2 3 4M9 8.5v.1\"/>",
        [SIGN_SEARCH] = "<circle cx=11 cy=11 r=6.5 /><path d=\"m16 16 4.5 4.5\"/>",
        [SIGN_DOWNLOAD] = "<path d=\"M12 4v11m-4.5-4.5L12 15l4.5-4.5M4 20h16\"/>",
        [SIGN_PLUS] = "<path d=\"M12 5v14M5 12h14\"/>",
        [SIGN_CROSS] = "<path d=\"m6 6 12 12M18 6 6 18\"/>",
        [SIGN_BACK] = "<path d=\"m14.5 6-6 6 6 6\"/>",
        [SIGN_ON] = "<path d=\"m9.5 6 6 6-6 6\"/>",
        [SIGN_STOP] = "<path d=\"M9 6v12M15 6v12\"/>",
        [SIGN_UP] = "<path d=\"M12 15.5V4M7.5 8.5 12 4l4.5 4.5M3.5 15v5h17v-5\"/>",
    };

    buf_printf(out,
               "<svg width=%d height=%d viewBox=\"0 0 24 24\" fill=none stroke=currentColor stroke-width=2 "
               "stroke-linecap=round stroke-linejoin=round aria-hidden=true>%s</svg>",
               pixels, pixels, shapes[sign]);
}

static void put_menu(struct buf *out, const struct console_site *site, enum console_place place)
{
    static const char here[] = " aria-current=page";

    if (site->filings)
        html_printf(out, "<a href=/console/filings%m>批复备案</a><a href=/console/exports%m>下载任务</a>",
                    place == PLACE_FILINGS ? here : "", place == PLACE_EXPORTS ? here : "");
    buf_append_text(out, "<a href=/v/upload>核验文件</a>");
    if (site->preview)
        buf_append_text(out, "<a href=/console/preview>模板预览</a>");
}

static void put_bar(struct buf *out, const struct console_site *site, enum console_place place)
{
    buf_append_text(out, "<a class=skip href=#main>跳到正文</a><header class=bar><p>职称证书管理</p>");
    if (site->organisation != NULL) {
        buf_append_text(out, "<details class=menu><summary>菜单</summary></details><nav aria-label=主菜单>");
        put_menu(out, site, place);
        html_printf(out, "</nav><div class=who><bdi>%s</bdi>", site->organisation);
        form_begin(out, site, "/console/logout", "");
        buf_append_text(out, "<button class=out>退出</button></form></div>");
    }
    buf_append_text(out, "</header>");
}

void console_begin(struct buf *out, const struct console_site *site, const struct console_frame *f)
{
    html_printf(out,
                "<!doctype html><html lang=zh-CN><head><meta charset=utf-8><meta name=viewport "
                "content=\"width=device-width,initial-scale=1,viewport-fit=cover\"><meta name=robots "
                "content=\"noindex,nofollow\"><title>%s - 职称证书管理</title><link rel=stylesheet "
                "href=%m><link rel=icon href=%m>",
                f->title, asset_console_css, asset_icon);
    html_printf(out, "<script src=%m defer></script></head><body>", asset_console_js);
    put_bar(out, site, f->place);
    buf_append_text(out, "<main id=main tabindex=-1>");
    if (site->done != NULL) {
        message_begin(out, "ok", site->done, "");
        message_end(out);
    }
    if (site->problem != NULL) {
        message_begin(out, "bad", site->problem, "");
        message_end(out);
    }
}

int console_end(struct buf *out, struct err *e)
{
    buf_append_text(out, "</main></body></html>\n");
    return buf_ok(out) ? 0 : err_no_memory(e);
}

void form_begin(struct buf *out, const struct console_site *site, const char *action, const char *attributes)
{
    html_printf(out, "<form method=post action=\"%s\"%m><input type=hidden name=form_token value=\"%s\">",
                action, attributes, site->form_token == NULL ? "" : site->form_token);
}

void put_crumbs(struct buf *out, const struct console_filing *f, const char *here)
{
    buf_append_text(out, "<nav class=crumbs aria-label=当前位置><a href=/console/filings>批复备案</a> / ");
    if (f != NULL)
        html_printf(out, "<a href=\"/console/filings/%s\"><bdi>%s</bdi></a> / ", f->id, f->name);
    html_printf(out, "%s</nav>", here);
}

void put_status(struct buf *out, enum console_status s)
{
    static const struct {
        const char *tone, *word;
    } all[] = {[CONSOLE_EDITING] = {"", "编辑中"},
               [CONSOLE_REVIEWING] = {"on", "审核中"},
               [CONSOLE_RETURNED] = {"bad", "退回"},
               [CONSOLE_APPROVED] = {"ok", "审核通过"}};

    buf_printf(out, "<span class=\"tag %s\">%s</span>", all[s].tone, all[s].word);
}

const char *console_state_query(enum console_state s)
{
    static const char *const names[] = {
        [CONSOLE_LISTED] = "listed",   [CONSOLE_WAITING] = "waiting", [CONSOLE_QUEUED] = "queued",
        [CONSOLE_WORKING] = "working", [CONSOLE_MADE] = "made",       [CONSOLE_FAILED] = "failed",
        [CONSOLE_REMOVED] = "removed"};

    return names[s];
}

void put_state(struct buf *out, enum console_state s, const char *verdict)
{
    static const struct {
        const char *tone, *word;
    } all[] = {[CONSOLE_LISTED] = {"", "待入库"}, [CONSOLE_WAITING] = {"warn", "未生成"},
               [CONSOLE_QUEUED] = {"", "排队中"}, [CONSOLE_WORKING] = {"on", "正在生成"},
               [CONSOLE_MADE] = {"ok", "已生成"}, [CONSOLE_FAILED] = {"bad", "失败"},
               [CONSOLE_REMOVED] = {"", "已核减"}};

    if (verdict != NULL) {
        buf_append_text(out, "<span class=\"tag warn\">");
        html_text(out, verdict);
        buf_append_text(out, "</span>");
        return;
    }
    buf_printf(out, "<span class=\"tag %s\">", all[s].tone);
    if (s == CONSOLE_MADE)
        put_icon(out, ICON_TICK, 12, "");
    else if (s == CONSOLE_FAILED)
        put_sign(out, SIGN_CROSS, 12);
    buf_printf(out, "%s</span>", all[s].word);
}

void message_begin(struct buf *out, const char *tone, const char *bold, const char *text)
{
    bool bad = strncmp(tone, "bad", 3) == 0, warn = strcmp(tone, "warn") == 0;

    html_printf(out, "<div class=\"msg %m\" role=%m>", tone, bad ? "alert" : "status");
    put_icon(out, bad ? ICON_BAD : warn ? ICON_WARN : strcmp(tone, "ok") == 0 ? ICON_OK : ICON_NOTE, 20, "");
    html_printf(out, "<div><b>%s</b>", bold);
    if (text[0] != '\0')
        html_printf(out, "<p>%s</p>", text);
    buf_append_text(out, "</div><div class=acts>");
}

void message_end(struct buf *out)
{
    buf_append_text(out, "</div></div>");
}

void put_fact(struct buf *out, const char *label, const char *value)
{
    if (value != NULL && value[0] != '\0')
        html_printf(out, "<div><dt>%m</dt><dd><bdi>%s</bdi></dd></div>", label, value);
}

void put_empty(struct buf *out, enum sign sign, const char *bold, const char *text)
{
    buf_append_text(out, "<div class=empty>");
    put_sign(out, sign, 32);
    html_printf(out, "<h2>%s</h2><p>%s</p>", bold, text);
}

void put_time(struct buf *out, int64_t moment, bool seconds)
{
    struct date d = date_in_shanghai(moment);
    int64_t s = (moment + 8 * 3600) % 86400;

    buf_printf(out, "<time>%04d-%02d-%02d %02d:%02d", d.year, d.month, d.day, (int)(s / 3600),
               (int)(s / 60 % 60));
    if (seconds)
        buf_printf(out, ":%02d", (int)(s % 60));
    buf_append_text(out, "</time>");
}

void put_query(struct buf *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if ((*c >= '0' && *c <= '9') || ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') || *c == '-' || *c == '.')
            buf_append_char(out, (char)*c);
        else
            buf_printf(out, "%%%02X", *c);
    }
}

static void put_step(struct buf *out, const char *base, unsigned page, bool there, bool back)
{
    if (there)
        html_printf(out, "<a class=btn rel=%m href=\"%s&amp;page=%u\">", back ? "prev" : "next", base, page);
    else
        buf_append_text(out, "<span class=\"btn off\" aria-disabled=true>");
    if (back)
        put_sign(out, SIGN_BACK, 14);
    buf_append_text(out, back ? "上一页" : "下一页");
    if (!back)
        put_sign(out, SIGN_ON, 14);
    buf_append_text(out, there ? "</a>" : "</span>");
}

void put_pages(struct buf *out, const char *base, unsigned page, uint64_t total, unsigned per_page,
               const char *unit)
{
    unsigned pages = (unsigned)((total + per_page - 1) / per_page);

    buf_append_text(out, "<div class=pages><p id=count role=status tabindex=-1>共 ");
    put_count(out, total);
    buf_printf(out, " %s，每页 %u %s</p>", unit, per_page, unit);
    if (pages > 1) {
        buf_append_text(out, "<nav aria-label=翻页>");
        put_step(out, base, page - 1, page > 1, true);
        buf_printf(out, "<span>第 %u 页，共 %u 页</span>", page, pages);
        put_step(out, base, page + 1, page < pages, false);
        buf_append_text(out, "</nav>");
    }
    buf_append_text(out, "</div>");
}

void put_choices(struct buf *out, const char *id, const char *name, const char *label,
                 const struct console_choice *list, size_t count, const char *chosen)
{
    html_printf(out, "<p class=field><label for=%m>%m</label><select id=%m name=%m>", id, label, id, name);
    for (size_t i = 0; i < count; i++)
        html_printf(out, "<option value=\"%s\"%m>%s</option>", list[i].value,
                    chosen != NULL && strcmp(chosen, list[i].value) == 0 ? " selected" : "", list[i].label);
    buf_append_text(out, "</select></p>");
}

void put_count(struct buf *out, uint64_t n)
{
    char digits[24];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n);

    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_append_char(out, ',');
        buf_append_char(out, digits[i]);
    }
}

void put_bytes(struct buf *out, uint64_t bytes)
{
    if (bytes < 1000000)
        buf_printf(out, "%" PRIu64 " KB", bytes == 0 ? 0 : (bytes + 999) / 1000);
    else if (bytes < 1000000000)
        buf_printf(out, "%" PRIu64 ".%" PRIu64 " MB", bytes / 1000000, bytes / 100000 % 10);
    else
        buf_printf(out, "%" PRIu64 ".%" PRIu64 " GB", bytes / 1000000000, bytes / 100000000 % 10);
}

void put_duration(struct buf *out, int64_t seconds)
{
    if (seconds < 60)
        buf_printf(out, "%" PRId64 " 秒", seconds < 1 ? 1 : seconds);
    else if (seconds < 3600)
        buf_printf(out, "%" PRId64 " 分钟", (seconds + 59) / 60);
    else
        buf_printf(out, "%" PRId64 " 小时 %" PRId64 " 分", seconds / 3600, seconds % 3600 / 60);
}
