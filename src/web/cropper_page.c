/* The photo cropper: everything it can say stands in the page, so the script knows no language. */
#include "web/cropper_page.h"
#include "web/assets.h"
#include "web/web_internal.h"
#include <string.h>

/* --- frame of the pages behind a photo link --- */

static void open_page(struct buf *out, const struct page_site *site, const char *title, bool embedded)
{
    html_printf(out,
                "<!doctype html><html lang=%m><head><meta charset=utf-8><meta name=viewport "
                "content=\"width=device-width,initial-scale=1,viewport-fit=cover\">"
                "<meta name=robots content=\"noindex,nofollow\"><title>%m</title>"
                "<link rel=stylesheet href=%m><link rel=icon href=%m></head><body class=\"crp%m\">",
                say(site, "en", "zh-CN"), title, asset_cropper_css, asset_icon, embedded ? " in" : "");
    if (embedded)
        return;
    html_printf(out, "<header><p>%m", say(site, "Certificate photo", "证书照片"));
    if (site->title_issuer[0] != '\0')
        html_printf(out, " <small%m>%s</small>", site->english ? " lang=zh-CN" : "", site->title_issuer);
    html_printf(out, "</p><a href=\"?lang=%m\" lang=%m>%m</a></header>", say(site, "zh", "en"),
                say(site, "zh-CN", "en"), say(site, "中文", "English"));
}

static int close_page(struct buf *out, const struct page_site *site, bool embedded, struct err *e)
{
    if (!embedded && site->contact[0] != '\0')
        html_printf(out, "<footer><p%m>%s</p></footer>", site->english ? " lang=zh-CN" : "", site->contact);
    buf_append_text(out, "</body></html>\n");
    return buf_ok(out) ? 0 : err_no_memory(e);
}

/* --- what the script may say --- */

struct words {
    const char *key, *en, *en_text, *zh, *zh_text;
};

static void put_words(struct buf *out, const struct page_site *site)
{
    static const struct words words[] = {
        {"small", "Photo too small",
         "This photo has {w} × {h} pixels; at least 295 × 413 are needed. Choose a sharper original.",
         "照片太小", "这张照片 {w} × {h} 像素，至少需要 295 × 413 像素。请换一张更清晰的原图。"},
        {"zoomed", "Cropped too small",
         "At this zoom only {w} × {h} pixels are left. Zoom out to {p}% or less.", "裁剪范围太小",
         "放大过多，裁剪后只有 {w} × {h} 像素。请缩小到 {p}% 以内。"},
        {"turned", "Cropped too small",
         "At this angle only {w} × {h} pixels are left. Turn it back or choose a larger photo.",
         "裁剪范围太小", "转动后，裁剪后只有 {w} × {h} 像素。请减小角度，或换一张更大的照片。"},
        {"heavy", "File too large", "The file has {x} MB, 10 MB at most. Save it as a smaller JPG.",
         "文件太大", "文件 {x} MB，最大 10 MB。请用手机或电脑另存为较小的 JPG。"},
        {"many", "Too many pixels", "The photo has more than {m} million pixels. Save it as a smaller JPG.",
         "像素太多", "照片超过 {n} 万像素。请另存为较小的 JPG。"},
        {"format", "Format not supported", "JPG and PNG only. Save HEIC photos of an iPhone as JPG first.",
         "不支持的格式", "只支持 JPG 和 PNG。iPhone 的 HEIC 照片请先另存为 JPG。"},
        {"cut", "File incomplete",
         "Only part of the photo is there; it cannot be opened. Export it or take it again.", "文件不完整",
         "照片只有一部分，无法打开。请重新导出或重新拍摄。"},
        {"blurry", "Photo rather blurred",
         "The original has {w} × {h} pixels and may print blurred. You may go on; another photo is better.",
         "照片偏模糊", "原图 {w} × {h} 像素，打印时可能不清晰。可以继续，建议换一张。"},
        {"state", "", "Zoom {z}%, angle {a}°", "", "缩放 {z}%，角度 {a}°"},
        {"pixels", "", "{w} × {h} pixels", "", "裁剪后 {w} × {h} 像素"},
        {"file", "", "{t}, {x}", "", "{t}，{x}"},
        {"opened", "", "Photo opened: {w} × {h} pixels", "", "照片已打开，{w} × {h} 像素"},
        {"sending", "", "Uploading…", "", "正在上传…"},
    };

    buf_append_text(out, "<ul id=cr-words hidden>");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        html_printf(out, "<li data-key=%m><b>%m</b><span>%m</span></li>", words[i].key,
                    say(site, words[i].en, words[i].zh), say(site, words[i].en_text, words[i].zh_text));
    buf_append_text(out, "</ul><div id=cr-icons hidden>");
    put_icon(out, ICON_BAD, 20, "");
    put_icon(out, ICON_WARN, 20, "");
    buf_append_text(out, "</div>");
}

/* A frame of another origin may not ask for the focus by itself. */
static void put_message(struct buf *out, const struct page_site *site, const struct page_cropper *c)
{
    html_printf(out, "<div id=cr-say%m>",
                c->problem == NULL ? ""
                : c->embedded      ? " role=alert tabindex=-1"
                                   : " role=alert tabindex=-1 autofocus");
    if (c->problem != NULL) {
        buf_append_text(out, "<div class=\"cr-msg bad\">");
        put_icon(out, ICON_BAD, 20, "");
        html_printf(out, "<p><b>%m</b><span>%s</span></p></div>",
                    say(site, "The photo was not taken", "照片没有保存"), c->problem);
    }
    buf_append_text(out, "</div>");
}

/* --- stage and controls --- */

#define GUIDE(y)                                                                                             \
    "<path d=\"M0 " y "h413\" stroke=\"#1a2230\" stroke-opacity=\".55\" stroke-width=3 />"                   \
    "<path d=\"M0 " y "h413\" stroke=\"#fff\" stroke-width=1.5 stroke-dasharray=\"7 5\"/>"

static void put_stage(struct buf *out, const struct page_site *site)
{
    html_printf(out,
                "<div class=cr-stage id=cr-stage tabindex=0 role=application aria-label=\"%m\" "
                "aria-describedby=cr-keys><canvas id=cr-view></canvas><div class=cr-frame id=cr-frame>"
                "<svg viewBox=\"0 0 413 579\" preserveAspectRatio=none aria-hidden=true>" GUIDE("57.9") GUIDE(
                    "405.3") "<path d=\"M206.5 0v579\" stroke=\"#1a2230\" stroke-opacity=\".55\" "
                             "stroke-width=3 /><path d=\"M206.5 0v579\" stroke=\"#fff\" stroke-width=1.5 "
                             "stroke-dasharray=\"7 5\"/></svg>"
                             "<span class=c>%m</span><span class=t>%m</span><span class=b>%m</span>"
                             "<span class=n>%m</span></div></div>",
                say(site, "Photo: move, zoom and turn it until the head is between the lines",
                    "照片：移动、缩放、转动，使头部位于参考线之间"),
                say(site, "centre", "居中线"), say(site, "top of head", "头顶线"),
                say(site, "chin", "下巴线"), say(site, "2 cun, 35 × 49 mm", "2寸　35 × 49 毫米"));
}

static void put_round(struct buf *out, const char *id, const char *label, const char *shape)
{
    html_printf(out,
                "<button type=button class=cr-btn id=%m aria-label=\"%m\"><svg width=16 height=16 "
                "viewBox=\"0 0 24 24\" aria-hidden=true>%m</svg></button>",
                id, label, shape);
}

static void put_controls(struct buf *out, const struct page_site *site)
{
    html_printf(out, "<div class=cr-controls><div class=cr-range><label for=cr-zoom>%m</label><div>",
                say(site, "Zoom", "缩放"));
    put_round(out, "cr-out", say(site, "Smaller", "缩小"), "<path d=\"M5 12h14\"/>");
    buf_append_text(out, "<input type=range id=cr-zoom min=100 max=400 step=1 value=100>");
    put_round(out, "cr-in", say(site, "Larger", "放大"), "<path d=\"M5 12h14M12 5v14\"/>");
    html_printf(out,
                "<output id=cr-z for=cr-zoom>100%%</output></div></div>"
                "<div class=cr-range><label for=cr-angle>%m</label><div>",
                say(site, "Fine angle", "微调角度"));
    put_round(out, "cr-left", say(site, "Turn left by 90°", "左转 90°"),
              "<path d=\"M4 4v5h5M4.5 9a8 8 0 1 1-.4 5\"/>");
    buf_append_text(out, "<input type=range id=cr-angle min=-15 max=15 step=0.5 value=0>");
    put_round(out, "cr-right", say(site, "Turn right by 90°", "右转 90°"),
              "<path d=\"M20 4v5h-5M19.5 9a8 8 0 1 0 .4 5\"/>");
    buf_append_text(out, "<output id=cr-a for=cr-angle>0°</output></div></div></div>");
}

static void put_keys(struct buf *out, const struct page_site *site)
{
    html_printf(out,
                "<p class=cr-keys id=cr-keys><span><kbd>%m</kbd> %m</span><span><kbd>%m</kbd> %m</span>"
                "<span><kbd>↑</kbd> <kbd>↓</kbd> <kbd>←</kbd> <kbd>→</kbd> %m</span>"
                "<span><kbd>+</kbd> <kbd>−</kbd> %m</span><span><kbd>[</kbd> <kbd>]</kbd> %m</span>"
                "<span><kbd>0</kbd> %m</span></p>",
                say(site, "Drag", "拖动"), say(site, "to move", "移动照片"), say(site, "Wheel", "滚轮"),
                say(site, "or two fingers to zoom", "或双指缩放"), say(site, "move", "移动"),
                say(site, "zoom", "缩放"), say(site, "turn 0.5°", "转动 0.5°"), say(site, "reset", "还原"));
}

/* --- the right side --- */

/* How the certificate will look with it: the photo's place is the printed one, on A4 landscape. */
static void put_certificate(struct buf *out, const struct page_site *site, const struct page_cropper *c)
{
    static const char *const labels[] = {"姓　　名", "证书编号", "资格名称"};
    const char *values[] = {c->name, c->number, c->title};

    html_printf(out,
                "<figure class=cr-paper><div><svg viewBox=\"0 0 297 210\" aria-hidden=true>"
                "<path class=e d=\"M10 10h277v190H10zM12.5 12.5h272v185h-272z\"/>"
                "<text class=k x=148.5 y=34 text-anchor=middle>%s</text>"
                "<text class=h x=148.5 y=48 text-anchor=middle>职称证书（电子）</text>",
                site->title_issuer);
    for (int i = 0; i < 3; i++)
        html_printf(out, "<text x=88 y=%d>%m</text><text x=116 y=%d>%s</text>", 66 + 12 * i, labels[i],
                    66 + 12 * i, values[i] == NULL ? "" : values[i]);
    html_printf(out,
                "<path class=l d=\"M88 102h24m4 0h60M88 114h24m4 0h44M88 126h24m4 0h70M88 138h24m4 0h36\"/>"
                "<path class=q d=\"M37 118h27v27H37zm4 4h7v7h-7zm12 0h7v7h-7zM41 134h7v7h-7zm12 0h7v7h-7z\"/>"
                "<circle class=s cx=125 cy=168 r=19 /><circle class=s cx=224 cy=168 r=19 /></svg>"
                "<canvas id=cr-small></canvas></div><figcaption>%m</figcaption></figure>",
                say(site, "On the certificate", "职称证书（电子）"));
}

static void put_check_line(struct buf *out, const char *id, const char *tone, const char *label,
                           const char *text)
{
    html_printf(out, "<li id=%m class=%m>", id, tone); /* by its class one of the two is seen */
    put_icon(out, ICON_OK, 16, "ok");
    put_icon(out, ICON_WARN, 16, "warn");
    html_printf(out, "<b>%m</b><span>%m</span></li>", label, text);
}

static void put_side(struct buf *out, const struct page_site *site, const struct page_cropper *c)
{
    html_printf(out,
                "<div class=cr-side><div id=cr-note></div><section class=\"cr-card "
                "cr-previewed\"><h2>%m</h2><div class=cr-previews>"
                "<figure><canvas id=cr-real></canvas><figcaption>%m</figcaption></figure>",
                say(site, "How it will look", "证书上的效果"), say(site, "Actual size", "实际大小"));
    put_certificate(out, site, c);
    html_printf(out, "</div></section><section class=\"cr-card cr-checks\"><h2>%m</h2><ul>",
                say(site, "Photo check", "照片检查"));
    put_check_line(out, "cr-sharp", "ok", say(site, "Sharpness", "清晰度"), "");
    put_check_line(out, "cr-shape", "ok", say(site, "Shape", "比例"),
                   say(site, "35 : 49, not stretched", "35∶49，未拉伸"));
    put_check_line(out, "cr-type", "ok", say(site, "Format", "格式"), "");
    put_check_line(out, "cr-pose", "warn", say(site, "Head", "头部位置"),
                   say(site, "Compare with the lines", "请自行对照参考线"));
    html_printf(out,
                "</ul></section><div class=\"cr-card cr-acts\">"
                "<button type=button class=cr-btn id=cr-other>%m</button>",
                say(site, "Another photo", "换一张"));
    if (c->back != NULL)
        html_printf(out, "<a class=cr-btn id=cr-back href=\"%s\">%m</a>", c->back,
                    say(site, "Cancel", "取消"));
    html_printf(out, "<button class=\"cr-btn main\" id=cr-use>%m</button></div></div>",
                say(site, "Use this photo", "使用这张照片"));
}

/* --- the forms --- */

static void begin_form(struct buf *out, const struct page_cropper *c)
{
    html_printf(out, "<form id=cr-form method=post action=\"%s\" enctype=multipart/form-data>", c->post);
    if (c->form_token != NULL)
        html_printf(out, "<input type=hidden name=form_token value=\"%s\">", c->form_token);
}

static void put_choose(struct buf *out, const struct page_site *site, const struct page_cropper *c)
{
    html_printf(out,
                "<div class=cr-pick id=cr-pick><label class=cr-drop id=cr-drop><svg width=40 height=40 "
                "viewBox=\"0 0 24 24\" aria-hidden=true><path d=\"M4 4h16v16H4zM4 16l4.5-4.5 3.5 3.5 2.5-2.5 "
                "5.5 5.5\"/><circle cx=15.5 cy=8.5 r=1.5 /></svg><b>%m</b><input type=file name=photo "
                "id=cr-file accept=\"image/jpeg,image/png,.jpg,.jpeg,.png\" required>%m</label>"
                "<div class=cr-acts>",
                say(site, "Choose a photo", "选择照片"),
                say(site, "JPG or PNG, 10 MB at most, 295 × 413 pixels or more",
                    "JPG 或 PNG，最大 10 MB，不小于 295 × 413 像素"));
    if (c->back != NULL)
        html_printf(out, "<a class=cr-btn href=\"%s\">%m</a>", c->back, say(site, "Cancel", "取消"));
    html_printf(out, "<button class=\"cr-btn main\" id=cr-send>%m</button></div></div>",
                say(site, "Upload", "上传照片"));
}

static void put_ask(struct buf *out, const struct page_site *site)
{
    html_printf(out,
                "<dialog id=cr-ask aria-labelledby=cr-asked><h2 id=cr-asked>%m</h2><p>%m</p>"
                "<form method=dialog class=cr-acts><button class=\"cr-btn main\" value=stay>%m</button>"
                "<button class=cr-btn value=leave>%m</button></form></dialog>",
                say(site, "Leave without saving?", "照片还没有保存，要离开吗？"),
                say(site, "What you adjusted is lost.", "离开后，刚才的调整不会保留。"),
                say(site, "Go on", "继续裁剪"), say(site, "Leave", "离开"));
}

static void put_cropper(struct buf *out, const struct page_site *site, const struct page_cropper *c)
{
    begin_form(out, c);
    buf_append_text(out, "<input type=hidden name=x><input type=hidden name=y><input type=hidden name=width>"
                         "<input type=hidden name=height><input type=hidden name=rotate>");
    put_choose(out, site, c);
    buf_append_text(out, "<div class=cr-work id=cr-work hidden><div class=cr-main>");
    put_stage(out, site);
    put_controls(out, site);
    put_keys(out, site);
    buf_append_text(out, "</div>");
    put_side(out, site, c);
    buf_append_text(out, "</div></form><p class=cr-vh id=cr-live aria-live=polite></p>");
    put_ask(out, site);
    put_words(out, site);
}

/* The second step where there is no script. */
static void put_centred(struct buf *out, const struct page_site *site, const struct page_cropper *c)
{
    begin_form(out, c);
    html_printf(out,
                "<input type=hidden name=upload value=\"%s\"><div class=\"cr-card cr-centred\">"
                "<img src=\"%s\" width=132 height=185 alt=\"%m\"><div><p>%m</p><div class=cr-acts>"
                "<a class=cr-btn href=\"%s\">%m</a><button class=\"cr-btn main\">%m</button></div></div>"
                "</div></form>",
                c->upload, c->preview, say(site, "The photo as cropped", "裁剪后的照片"),
                say(site, "The middle of the photo was cropped. Is the head whole and upright?",
                    "已按居中位置裁剪为 2 寸。请核对头部是否完整、端正。"),
                c->post, say(site, "Another photo", "换一张"), say(site, "Use this photo", "使用这张照片"));
}

int page_cropper(struct buf *html, const struct page_site *site, const struct page_cropper *c, struct err *e)
{
    const char *title = say(site, "Crop the photo", "裁剪照片");

    if (c->console)
        html_printf(html, "<link rel=stylesheet href=%m>", asset_cropper_css);
    else
        open_page(html, site, title, c->embedded);
    html_printf(html, "%m<div class=cr id=cr><div class=cr-head><h1>%m</h1><p>", c->console ? "" : "<main>",
                title);
    if (!c->console && c->name != NULL)
        html_printf(html, "<bdi>%s</bdi>　", c->name);
    html_printf(html, "%m</p></div>",
                say(site, "Top of the head at the upper line, chin at the lower, face on the centre line",
                    "头顶贴近上线，下巴贴近下线，脸对准居中线"));
    put_message(html, site, c);
    if (c->preview != NULL)
        put_centred(html, site, c);
    else
        put_cropper(html, site, c);
    html_printf(html, "</div>%m<script src=%m defer></script>", c->console ? "" : "</main>",
                asset_cropper_js);
    if (c->console)
        return buf_ok(html) ? 0 : err_no_memory(e);
    return close_page(html, site, c->embedded, e);
}

/* --- after it --- */

static void put_end(struct buf *out, const struct page_site *site, enum icon icon, const char *tone,
                    const char *word, const char *text)
{
    (void)site;
    buf_append_text(out, "<main><div class=\"cr cr-end\">");
    put_icon(out, icon, 56, tone);
    html_printf(out, "<h1>%m</h1><p>%m</p>", word, text);
}

int page_photo_taken(struct buf *html, const struct page_site *site, const char *name, const char *origins,
                     struct err *e)
{
    const char *word = say(site, "Photo saved", "照片已保存");
    bool embedded = origins != NULL && origins[0] != '\0';

    open_page(html, site, word, embedded);
    put_end(html, site, ICON_OK, "ok", word,
            say(site, "Nothing more is to be done on this page.", "本页已完成，可以关闭。"));
    if (name != NULL)
        html_printf(html, "<p><bdi>%s</bdi></p>", name);
    buf_append_text(html, "</div></main>");
    if (embedded)
        html_printf(html, "<i id=cr-taken data-origins=\"%s\" hidden></i><script src=%m defer></script>",
                    origins, asset_cropper_js);
    return close_page(html, site, embedded, e);
}

int page_photo_link_over(struct buf *html, const struct page_site *site, bool embedded, struct err *e)
{
    const char *word = say(site, "Link no longer valid", "链接已失效");

    open_page(html, site, word, embedded);
    put_end(html, site, ICON_NOTE, "", word,
            say(site,
                "A photo link holds for 15 minutes and takes one photo. Go back to where you found it and "
                "open it anew.",
                "照片链接 15 分钟内有效，只能提交一次。请回到原来的页面，重新打开上传照片。"));
    buf_append_text(html, "</div></main>");
    return close_page(html, site, embedded, e);
}

int page_file_link_over(struct buf *html, const struct page_site *site, struct err *e)
{
    const char *word = say(site, "Link no longer valid", "链接已失效");

    open_page(html, site, word, false);
    put_end(html, site, ICON_NOTE, "", word,
            say(site,
                "A download link can be used once, for a few minutes. Go back to where you found it and "
                "download again.",
                "下载链接只能使用一次，且几分钟后失效。请回到原来的页面，重新下载。"));
    buf_append_text(html, "</div></main>");
    return close_page(html, site, false, e);
}
