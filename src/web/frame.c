#include "web/assets.h"
#include "web/web_internal.h"
#include <string.h>

const char *say(const struct page_site *site, const char *en, const char *zh)
{
    return site->english ? en : zh;
}

/* --- icons --- */

#define CIRCLE "<circle cx=12 cy=12 r=9.5 />"

void put_icon(struct buf *out, enum icon icon, int pixels, const char *tone)
{
    static const char *const shapes[] = {
        [ICON_OK] = CIRCLE "<path d=\"m7.8 12.4 2.9 2.9L16.2 9.6\"/>",
        [ICON_BAD] =
            "<path d=\"M8.1 2.5h7.8l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1zm1 6.6 5.8 5.8m0-5.8-5.8 5.8\"/>",
        [ICON_WARN] = "<path d=\"M12 3 2 20.5h20zm0 6.5v5m0 2.9v.1\"/>",
        [ICON_REPLACED] = CIRCLE "<path d=\"M7 9.8h10L14.5 7.6M17 14.2H7l2.5 2.2\"/>",
        [ICON_UNKNOWN] = CIRCLE "<path d=\"M9.4 9.6a2.6 2.6 0 1 1 3.8 2.3c-.9.5-1.2 1-1.2 1.9m0 2.9v.1\"/>",
        [ICON_NOTE] = CIRCLE "<path d=\"M12 11.2v5m0-8.5v.1\"/>",
        [ICON_LOCK] = "<path d=\"M5.5 10.5h13v9h-13zM8 10.5V8a4 4 0 0 1 8 0v2.5\"/>",
        [ICON_TICK] = "<path d=\"m5 12.5 4.5 4.5L19 7.5\"/>",
        [ICON_UPLOAD] = "<path d=\"M12 15.5V4M7.5 8.5 12 4l4.5 4.5M3.5 15v5h17v-5\"/>",
    };

    buf_printf(out,
               "<svg class=\"%s\" width=%d height=%d viewBox=\"0 0 24 24\" fill=none stroke=currentColor "
               "stroke-width=2 stroke-linecap=round stroke-linejoin=round aria-hidden=true>%s</svg>",
               tone, pixels, pixels, shapes[icon]);
}

enum icon tone_icon(enum page_tone tone)
{
    static const enum icon icons[] = {ICON_OK, ICON_BAD, ICON_WARN, ICON_REPLACED, ICON_UNKNOWN};

    return icons[tone];
}

const char *tone_class(enum page_tone tone)
{
    static const char *const names[] = {"ok", "bad", "warn", "warn", ""};

    return names[tone];
}

/* --- days --- */

void put_day(struct buf *out, const struct page_site *site, struct date day)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};

    if (site->english)
        buf_printf(out, "%d %s %d", day.day, months[day.month - 1], day.year);
    else
        buf_printf(out, "%d年%d月%d日", day.year, day.month, day.day);
}

void put_moment(struct buf *out, const struct page_site *site, int64_t moment)
{
    int64_t second = (moment + 8 * 3600) % 86400;

    buf_append_text(out, "<time>");
    put_day(out, site, date_in_shanghai(moment));
    buf_printf(out, "%s%02d:%02d:%02d%s</time>", site->english ? ", " : " ", (int)(second / 3600),
               (int)(second / 60 % 60), (int)(second % 60), site->english ? " (UTC+8)" : "");
}

/* --- frame --- */

void frame_begin(struct buf *out, const struct page_site *site, const char *title, bool wide)
{
    html_printf(
        out,
        "<!doctype html><html lang=%m><head><meta charset=utf-8><meta name=viewport "
        "content=\"width=device-width,initial-scale=1\"><meta name=robots content=\"noindex,nofollow\">"
        "<title>%s - %s</title><link rel=stylesheet href=%m><link rel=icon href=%m></head><body%m>"
        "<header class=top><div><p>%s",
        say(site, "en", "zh-CN"), title, say(site, "Title certificate check", "职称证书核验"), asset_site,
        asset_icon, wide ? " class=wide" : "", say(site, "Title certificate check", "职称证书核验"));
    if (site->title_issuer[0] != '\0')
        html_printf(out, " <small%m>%s</small>", site->english ? " lang=zh-CN" : "", site->title_issuer);
    html_printf(out, "</p><a href=\"?lang=%m\" lang=%m>%m</a></div></header><main>", say(site, "zh", "en"),
                say(site, "zh-CN", "en"), say(site, "中文", "English"));
}

static void put_strip(struct buf *out, const struct page_site *site)
{
    buf_append_text(out, "<div class=strip>");
    put_icon(out, ICON_LOCK, 20, "");
    html_printf(out, "<p>%m<code>%s</code><br>%m</p></div>",
                say(site, "Check the address bar: ", "请核对地址栏域名："), site->host,
                say(site, "If it differs, do not trust this page.", "不一致时，请勿相信本页内容。"));
}

/* A Chinese sentence breaks at its punctuation, never at the spaces beside a number. */
static void put_sentence(struct buf *out, const struct page_site *site, const char *sentence)
{
    size_t from = out->len;

    html_text(out, sentence);
    for (size_t i = from; !site->english && !out->failed && i < out->len; i++)
        if (out->data[i] == ' ') {
            buf_append_text(out, "\xc2"); /* room for one more byte */
            if (out->failed)
                break;
            memmove(out->data + i + 1, out->data + i, out->len - i - 1);
            memcpy(out->data + i, "\xc2\xa0", 2);
        }
}

void frame_band(struct buf *out, const struct page_site *site, enum page_tone tone, const char *word,
                const char *sentence, bool again)
{
    buf_printf(out, "<div class=\"band %s\"><div>", tone_class(tone));
    put_icon(out, tone_icon(tone), 56, "");
    html_printf(out, "<div><h1>%s</h1><p>", word);
    put_sentence(out, site, sentence);
    buf_append_text(out, "</p></div>");
    if (again) {
        html_printf(out, "<a class=\"btn on\" href=/v/upload%m>", site->english ? "?lang=en" : "?lang=zh");
        put_icon(out, ICON_UPLOAD, 16, "");
        html_printf(out, "%m</a>", say(site, "Check another file", "核验另一份"));
    }
    html_printf(out, "</div><dl><dt>%m</dt><dd>", say(site, "Checked", "核验时间"));
    put_moment(out, site, site->now);
    buf_append_text(out, "</dd></dl>");
    buf_append_text(out, "</div>");
    put_strip(out, site);
}

int frame_end(struct buf *out, const struct page_site *site, struct err *e)
{
    html_printf(out, "</main><footer><p>%m</p>",
                say(site, "Only what verification needs is shown; the ID number is masked.",
                    "本页只显示核验所需的信息，身份证号中间 8 位已隐去。"));
    if (site->contact[0] != '\0')
        html_printf(out, "<p%m>%s</p>", site->english ? " lang=zh-CN" : "", site->contact);
    if (site->demo)
        html_printf(out, "<p><b>%m</b></p>",
                    say(site, "Trial installation: every certificate and seal here is a test.",
                        "试用环境：这里的证书和签章都是测试用的。"));
    buf_append_text(out, "</footer></body></html>\n");
    return buf_ok(out) ? 0 : err_no_memory(e);
}

/* --- parts --- */

void section_begin(struct buf *out, const char *heading)
{
    html_printf(out, "<section><h2>%s</h2>", heading);
}

void section_end(struct buf *out)
{
    buf_append_text(out, "</section>");
}

void section_upload(struct buf *out, const struct page_site *site, const char *heading, const char *text,
                    const char *button)
{
    html_printf(out, "<section class=go><h2>%s</h2><p class=note>%s</p><a class=btn href=/v/upload%m>",
                heading, text, site->english ? "?lang=en" : "?lang=zh");
    put_icon(out, ICON_UPLOAD, 20, "");
    html_printf(out, "%s</a></section>", button);
}

void put_value(struct buf *out, const struct page_site *site, const char *value)
{
    html_printf(out, "<bdi%m>%s</bdi>", site->english ? " lang=zh-CN" : "", value);
}

void put_field(struct buf *out, const struct page_site *site, const char *label, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    html_printf(out, "<div><dt>%m</dt><dd>", label);
    put_value(out, site, value);
    buf_append_text(out, "</dd></div>");
}

void put_field_day(struct buf *out, const struct page_site *site, const char *label, const char *day)
{
    struct date d;

    if (day == NULL || !date_parse(&d, day)) {
        put_field(out, site, label, day);
        return;
    }
    html_printf(out, "<div><dt>%m</dt><dd>", label);
    put_day(out, site, d);
    buf_append_text(out, "</dd></div>");
}

void put_field_moment_day(struct buf *out, const struct page_site *site, const char *label, int64_t moment)
{
    if (moment == 0)
        return;
    html_printf(out, "<div><dt>%m</dt><dd>", label);
    put_day(out, site, date_in_shanghai(moment));
    buf_append_text(out, "</dd></div>");
}

void check_begin(struct buf *out, enum icon icon, const char *tone, const char *bold)
{
    buf_append_text(out, "<li>");
    put_icon(out, icon, 20, tone);
    html_printf(out, "<div><h3>%s</h3><p>", bold);
}

void check_end(struct buf *out)
{
    buf_append_text(out, "</p></div></li>");
}

void put_check(struct buf *out, enum icon icon, const char *tone, const char *bold, const char *text)
{
    check_begin(out, icon, tone, bold);
    html_text(out, text);
    check_end(out);
}
