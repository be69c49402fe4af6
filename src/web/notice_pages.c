/* Pages without a certificate: not found, wait, out of service, specimen, and the form for typing. */
#include "web/web_internal.h"
#include <string.h>

static void put_cause(struct buf *out, const struct page_site *site, const char *en, const char *zh,
                      const char *en_advice, const char *zh_advice)
{
    put_check(out, ICON_NOTE, "", say(site, en, zh), say(site, en_advice, zh_advice));
}

int page_unknown(struct buf *html, const struct page_site *site, struct err *e)
{
    const char *word = say(site, "Not found", "未查到此证书");

    frame_begin(html, site, word, false);
    frame_band(
        html, site, TONE_UNKNOWN, word,
        say(site, "No such certificate on record. Do not rely on it.", "登记库中没有这张证书，不能采信。"),
        false);
    section_begin(html, say(site, "Possible causes", "可能的原因"));
    buf_append_text(html, "<ul class=c>");
    put_cause(html, site, "Damaged QR code", "二维码不完整或已污损", "Clean and flatten it, then scan again.",
              "请擦净、展平后重新扫描。");
    put_cause(html, site, "Mistyped address", "网址输入有误", "Scan the code instead of typing the address.",
              "请不要手工输入网址，直接扫码。");
    put_cause(html, site, "Issued elsewhere", "证书不是由本机关签发",
              "Ask the issuer named on the certificate.", "请联系证书上写明的发证机关。");
    buf_append_text(html, "</ul>");
    section_end(html);
    section_upload(html, site, say(site, "Have the PDF?", "有电子证书的 PDF？"),
                   say(site, "No QR code needed: upload the PDF to check its seals. It is not kept.",
                       "没有二维码也能核验：上传 PDF，检查签章。文件不保存。"),
                   say(site, "Verify a PDF", "上传PDF核验"));
    html_printf(html, "<section class=go><a class=t href=/v/%m>%m</a></section>",
                say(site, "?lang=en", "?lang=zh"),
                say(site, "Cannot scan it? Type number and name instead", "扫不出来？输入编号和姓名查询"));
    return frame_end(html, site, e);
}

int page_wait(struct buf *html, const struct page_site *site, unsigned seconds, struct err *e)
{
    const char *word = say(site, "Please wait", "请稍后再试");
    char sentence[128];

    (void)snprintf(sentence, sizeof sentence,
                   site->english ? "Too many requests. Retry in %u s." : "访问过于频繁，请 %u 秒后重试。",
                   seconds);
    frame_begin(html, site, word, false);
    frame_band(html, site, TONE_UNKNOWN, word, sentence, false);
    return frame_end(html, site, e);
}

int page_unavailable(struct buf *html, const struct page_site *site, struct err *e)
{
    const char *word = say(site, "Unavailable", "暂时无法核验");

    frame_begin(html, site, word, false);
    frame_band(html, site, TONE_UNKNOWN, word,
               say(site, "The service is busy. This does not mean the certificate is invalid.",
                   "服务繁忙，这不代表证书无效。"),
               false);
    return frame_end(html, site, e);
}

int page_problem(struct buf *html, const struct page_site *site, int status, const char *text, struct err *e)
{
    const char *word = status == 404  ? say(site, "No such page", "没有这个网页")
                       : status < 500 ? say(site, "Cannot be answered", "无法处理")
                                      : say(site, "Unavailable", "暂时无法处理");

    frame_begin(html, site, word, false);
    frame_band(html, site, TONE_UNKNOWN, word, text, false);
    return frame_end(html, site, e);
}

int page_sample(struct buf *html, const struct page_site *site, struct err *e)
{
    const char *word = say(site, "Specimen", "样张");

    frame_begin(html, site, word, false);
    frame_band(html, site, TONE_WARN, word,
               say(site, "This paper is a specimen, not a certificate. Not proof of a title.",
                   "这是样张，不是证书，不能作为职称证明。"),
               false);
    section_begin(html, say(site, "What this means", "这是什么"));
    buf_append_text(html, "<ul class=c>");
    put_cause(html, site, "Made for a preview", "用于预览或培训",
              "It was printed to look at the layout. It is in no register and bears no seal.",
              "用来查看版式，没有登记，也没有签章。");
    put_cause(html, site, "A certificate has a QR code of its own", "每张证书都有自己的二维码",
              "If somebody gave you this paper as a certificate, do not accept it and tell the issuer.",
              "如有人以此充当证书，请勿采信，并告知发证机关。");
    buf_append_text(html, "</ul>");
    section_end(html);
    return frame_end(html, site, e);
}

/* --- typing instead of scanning --- */

static void put_find_note(struct buf *out, const struct page_site *site, enum page_find_note note)
{
    if (note == FIND_EMPTY)
        return;
    buf_append_text(out, "<div class=msg role=alert id=msg tabindex=-1 autofocus>");
    put_icon(out, ICON_BAD, 20, "");
    html_printf(out, "<div><h3>%m</h3><p>%m</p></div></div>",
                note == FIND_INCOMPLETE
                    ? say(site, "Something is missing", "没有填写完整")
                    : say(site, "No certificate matches all three", "没有三项都相符的证书"),
                note == FIND_INCOMPLETE
                    ? say(site, "Fill in number, name and six characters.", "请填写编号、姓名和六位字符。")
                    : say(site, "Compare with the certificate and try again, or scan its QR code.",
                          "请对照证书核对后重试，或扫描二维码。"));
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

int page_find(struct buf *html, const struct page_site *site, enum page_find_note note,
              const struct page_typed *typed, struct err *e)
{
    const char *heading = say(site, "Verify by number", "输入编号核验");

    frame_begin(html, site, heading, false);
    html_printf(html, "<section><h1>%m</h1>", heading);
    put_find_note(html, site, note);
    html_printf(html,
                "<p class=note>%m</p><form method=post action=/v/%m>"
                "<label for=no>%m</label><input id=no name=number maxlength=64 required autocomplete=off "
                "autocapitalize=off spellcheck=false value=\"%s\">"
                "<label for=na>%m</label><input id=na name=name maxlength=60 required autocomplete=off "
                "value=\"%s\">"
                "<label for=l6>%m</label><input id=l6 name=last6 maxlength=6 minlength=6 required "
                "autocomplete=off spellcheck=false>"
                "<button class=\"btn main\">%m</button></form></section>",
                say(site, "All three must be as on the certificate.", "三项都必须与证书一致。"),
                say(site, "?lang=en", "?lang=zh"), say(site, "Certificate number", "证书编号"),
                or_empty(typed->number), say(site, "Name", "姓名"), or_empty(typed->name),
                say(site, "Last six characters of the ID number", "证件号后六位"),
                say(site, "Verify", "核验"));
    section_upload(html, site, say(site, "Have the PDF?", "手上有电子证书？"),
                   say(site, "Upload it to check for changes. It is not kept.",
                       "上传 PDF，检查文件是否被改动。文件不保存。"),
                   say(site, "Verify a PDF", "上传PDF核验"));
    return frame_end(html, site, e);
}
