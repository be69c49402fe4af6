/* A PDF that somebody holds: the form, and what became of it. */
#include "web/web_internal.h"
#include <string.h>

/* --- the form --- */

static void put_upload_note(struct buf *out, const struct page_site *site, enum page_upload_note note,
                            unsigned seconds)
{
    static const struct {
        const char *en, *zh, *en_advice, *zh_advice;
    } notes[] = {[UPLOAD_NO_FILE] = {"No file was chosen", "没有选择文件", "Choose the PDF first.",
                                     "请先选择 PDF 文件。"},
                 [UPLOAD_TOO_LARGE] = {"The file is larger than 20 MB", "文件超过 20 MB",
                                       "Choose the original PDF, not a scan.",
                                       "请选择较小的原始 PDF，不要使用扫描件。"},
                 [UPLOAD_NOT_PDF] = {"This is not a PDF file", "这不是 PDF 文件",
                                     "Pictures and Word files bear no seals and cannot be verified.",
                                     "图片和 Word 文件没有签章，不能核验。"},
                 [UPLOAD_UNREADABLE] = {"The file cannot be opened", "文件打不开",
                                        "It is encrypted or damaged. Ask the holder for the original.",
                                        "已加密或损坏，请向持证人索取原始文件。"}};
    char busy[96];

    if (note == UPLOAD_EMPTY)
        return;
    buf_append_text(out, "<div class=msg role=alert id=msg tabindex=-1 autofocus>");
    put_icon(out, ICON_BAD, 20, "");
    if (note == UPLOAD_BUSY) {
        (void)snprintf(busy, sizeof busy, site->english ? "Please retry in %u s." : "请 %u 秒后再试。",
                       seconds);
        html_printf(out, "<div><h3>%m</h3><p>%s</p></div></div>",
                    say(site, "The service is busy", "服务繁忙"), busy);
        return;
    }
    html_printf(out, "<div><h3>%m</h3><p>%m</p></div></div>", say(site, notes[note].en, notes[note].zh),
                say(site, notes[note].en_advice, notes[note].zh_advice));
}

static void put_promises(struct buf *out, const struct page_site *site)
{
    section_begin(out, say(site, "Your file", "您的文件"));
    buf_append_text(out, "<ul class=c>");
    put_check(out, ICON_OK, "ok", say(site, "Not kept", "不保存"),
              say(site, "It is deleted as soon as the check ends.", "核验结束立即删除。"));
    put_check(out, ICON_OK, "ok", say(site, "Not published", "不公开"),
              say(site, "The result is shown on this page only; it has no address to pass on.",
                  "结果只显示在本页，没有可转发的链接。"));
    put_check(out, ICON_NOTE, "",
              say(site, "Photos, screenshots and prints cannot be verified", "照片、截图、打印件无法核验"),
              say(site, "Use the PDF as it was downloaded; for paper, scan the QR code.",
                  "请使用从系统下载的原始 PDF；打印件请扫描二维码。"));
    buf_append_text(out, "</ul>");
    section_end(out);
}

int page_upload_form(struct buf *html, const struct page_site *site, enum page_upload_note note,
                     unsigned seconds, struct err *e)
{
    const char *heading = say(site, "Verify a PDF", "上传PDF核验");

    frame_begin(html, site, heading, false);
    html_printf(html, "<section><h1>%m</h1>", heading);
    put_upload_note(html, site, note, seconds);
    html_printf(html,
                "<p class=note>%m</p><form method=post action=/v/upload%m enctype=multipart/form-data>"
                "<label class=drop>",
                say(site,
                    "Checks whether the seals of a certificate or another sealed document are genuine, and "
                    "whether it was changed afterwards.",
                    "检查电子证书、评审表等文件的签章是否真实，签章后是否被改动。"),
                say(site, "?lang=en", "?lang=zh"));
    put_icon(html, ICON_UPLOAD, 40, "");
    html_printf(html,
                "<b>%m</b><input type=file name=file accept=\"application/pdf,.pdf\" required%m>%m</label>"
                "<button class=\"btn main\">%m</button></form></section>",
                say(site, "Choose a PDF file", "选择 PDF 文件"),
                note == UPLOAD_EMPTY ? "" : " aria-describedby=msg", say(site, "20 MB at most", "最大 20 MB"),
                say(site, "Verify", "开始核验"));
    put_promises(html, site);
    return frame_end(html, site, e);
}

/* --- the result --- */

static void put_size(struct buf *out, uint64_t size)
{
    if (size >= 1000000)
        buf_printf(out, "%llu.%llu MB", (unsigned long long)(size / 1000000),
                   (unsigned long long)(size / 100000 % 10));
    else
        buf_printf(out, "%llu KB", (unsigned long long)((size + 999) / 1000));
}

/* Who it is about, where the register may say so. */
static void put_subject(struct buf *out, const struct page_site *site, const struct page_upload *u)
{
    const char *title, *name;
    bool drawn;

    if (u->certificate == NULL)
        return;
    name = record_text(u->certificate->record, "name");
    drawn =
        name != NULL && name_needs_picture(name); /* a picture may stand apart from its comma, text may not */
    title = record_text(u->certificate->record, "title");
    html_printf(out, "<div><dt>%m</dt><dd>", say(site, "On record", "登记对象"));
    buf_append_text(out, drawn ? "<span class=nb>" : "<span>");
    put_name(out, site, u->certificate, 16);
    buf_append_text(out, title == NULL ? "</span>" : say(site, ",</span> ", "，</span>"));
    if (title != NULL) {
        put_value(out, site, title);
    }
    buf_append_text(out, "</dd></div>");
}

static void put_file(struct buf *out, const struct page_site *site, const struct page_upload *u)
{
    html_printf(out, "<section><h2 class=ph>%m</h2><dl class=\"f file\">",
                say(site, "The file", "所核验的文件"));
    put_field(out, site, say(site, "File", "文件"), u->file_name);
    put_subject(out, site, u);
    html_printf(out, "<div><dt>%m</dt><dd>", say(site, "Size", "大小"));
    put_size(out, u->size);
    if (u->pages > 0)
        html_printf(out, say(site, u->pages == 1 ? ", %zu page" : ", %zu pages", "，%zu 页"), u->pages);
    buf_append_text(out, "</dd></div>");
    if (strspn(u->sha256, "0123456789abcdef") == 64)
        buf_printf(out, "<div><dt>SHA-256</dt><dd><code>%.4s %.4s … %.4s %.4s</code></dd></div>", u->sha256,
                   u->sha256 + 4, u->sha256 + 56, u->sha256 + 60);
    html_printf(out, "<div class=wd><dt>%m</dt><dd>", say(site, "Checked", "核验时间"));
    put_moment(out, site, site->now);
    html_printf(out, "</dd></div></dl><p class=\"note ph\">%m</p>",
                say(site, "The file was deleted after the check.", "文件检查后已删除，没有保存。"));
    section_end(out);
}

/* How many revisions there are before the first one that should not be. */
static size_t sound_revisions(const struct page_upload *u)
{
    size_t index, sound = 0;
    const json_t *one;

    json_array_foreach(u->revisions, index, one)
    {
        if (!json_is_true(json_object_get(one, "allowed")))
            break;
        sound++;
    }
    return sound;
}

static void put_changes(struct buf *out, const struct page_site *site, const struct page_upload *u)
{
    size_t all = json_array_size(u->revisions), sound = sound_revisions(u);

    if (u->change_count == 0)
        return;
    section_begin(out, say(site, "What was changed", "发现的改动"));
    buf_append_text(out, "<ul class=c>");
    for (size_t i = 0; i < u->change_count; i++) {
        buf_append_text(out, "<li>");
        put_icon(out, ICON_BAD, 20, "bad");
        html_printf(out, "<h3>%s</h3></li>", say(site, u->changes[i].en, u->changes[i].zh));
    }
    buf_append_text(out, "</ul>");
    if (sound > 0 && sound < all)
        html_printf(out,
                    say(site, "<p class=note>%zu revisions, of which seals protect only the first %zu.</p>",
                        "<p class=note>共 %zu 个版本，只有前 %zu 个受签章保护。</p>"),
                    all, sound);
    section_end(out);
}

/* What the register says, for comparing by eye. */
static void put_register(struct buf *out, const struct page_site *site, const struct page_upload *u)
{
    const struct page_certificate *c = u->certificate;
    bool valid;

    if (c == NULL)
        return;
    valid = c->verdict == PAGE_VALID || c->verdict == PAGE_VALID_WITHOUT_SEAL;
    section_begin(out, u->altered ? say(site, "On record (this is what counts)", "登记信息（以此为准）")
                                  : say(site, "On record", "登记信息"));
    put_holder(out, site, c, valid && c->photo);
    html_printf(out, "<p class=note>%m</p><dl class=\"f two\">",
                u->altered
                    ? say(site, "Compare line by line: whatever differs was changed.",
                          "请逐项对照手上的文件，不一致处就是改动。")
                    : say(site, "Compare with the file and with the holder.", "请与文件和持证人核对。"));
    put_field(out, site, say(site, "Number", "证书编号"), c->number);
    put_field(out, site, say(site, "Series", "系列"), record_text(c->record, "series"));
    put_field(out, site, say(site, "Specialty", "专业"), record_text(c->record, "specialty"));
    put_field(out, site, say(site, "Approval", "批准文号"), record_text(c->record, "approval_no"));
    put_field_day(out, site, say(site, "Issued", "发证日期"), record_text(c->record, "issue_date"));
    if (certificate_is_corrected(c))
        put_field(out, site, say(site, "Version", "版本"),
                  say(site, "Superseded by a newer version", "此版本已作废，请以新版为准"));
    else if (c->verdict == PAGE_REPLACED)
        put_field(out, site, say(site, "New number", "新证书编号"), c->new_number);
    buf_append_text(out, "</dl>");
    section_end(out);
}

/* When the revision was sealed, by its seal. */
static bool sealed_at(int64_t *moment, const struct page_upload *u, json_int_t revision)
{
    size_t index;
    const json_t *seal;

    json_array_foreach(u->seals, index, seal)
    {
        const char *text = record_text(seal, "signed_at");

        if (json_integer_value(json_object_get(seal, "revision")) == revision && text != NULL &&
            clock_parse_rfc3339(moment, text))
            return true;
    }
    return false;
}

static void put_revision(struct buf *out, const struct page_site *site, const struct page_upload *u,
                         const json_t *r, size_t number)
{
    bool allowed = json_is_true(json_object_get(r, "allowed"));
    const char *change = record_text(r, site->english ? "change_en" : "change_zh");
    int64_t moment;

    html_printf(out, "<li%m><b>%m%zu</b><p>%s</p>", allowed ? "" : " class=x",
                say(site, "Revision ", "版本 "), number, change == NULL ? "" : change);
    if (sealed_at(&moment, u, json_integer_value(json_object_get(r, "number")))) {
        buf_append_text(out, "<p>");
        put_moment(out, site, moment);
        buf_append_text(out, "</p>");
    }
    buf_append_text(out, "</li>");
}

/* One dot a revision, an octagon where it is not covered by a seal or not allowed. */
static void put_way(struct buf *out, const struct page_site *site, const struct page_upload *u)
{
    size_t index;
    const json_t *r;

    if (json_array_size(u->revisions) == 0)
        return;
    html_printf(out, "<section><div class=hd><h2>%m</h2><p class=note>%m</p></div><div class=way><ol>",
                say(site, "History of the file", "文件经过"),
                say(site, "Every seal adds a revision; older ones cannot be changed",
                    "每盖一枚章，文件增加一个版本；旧版本不能更改"));
    json_array_foreach(u->revisions, index, r)
    {
        if (index == PAGE_SEALS_SHOWN) {
            html_printf(out, "<li class=x><b>%m</b></li>", say(site, "and more", "还有更多"));
            break;
        }
        put_revision(out, site, u, r, index + 1);
    }
    buf_append_text(out, "</ol></div>");
    section_end(out);
}

struct seal_words {
    const char *tone, *word;
    enum icon icon;
};

static struct seal_words seal_words(const struct page_site *site, const struct page_upload *u,
                                    const json_t *seal)
{
    const char *chain = record_text(seal, "chain");

    if (!json_is_true(json_object_get(seal, "intact")))
        return (struct seal_words){"bad", say(site, "Seal broken", "签章被破坏"), ICON_BAD};
    if (chain != NULL && (strcmp(chain, "test") == 0 || (strcmp(chain, "trusted") == 0 && site->demo)))
        return (struct seal_words){"warn", say(site, "Test seal", "测试签章"), ICON_WARN};
    if (chain != NULL && (strcmp(chain, "trusted") == 0 || (strcmp(chain, "expired") == 0 && u->registered)))
        return u->altered ? (struct seal_words){"", say(site, "Seal genuine", "签章真实"), ICON_NOTE}
                          : (struct seal_words){"ok", say(site, "Seal genuine", "签章真实"), ICON_TICK};
    return (struct seal_words){"warn", say(site, "Owner not trusted", "签章单位不在信任名单内"), ICON_WARN};
}

static void put_row(struct buf *out, const char *class, const char *label, const char *text)
{
    html_printf(out, "<div%m><dt>%m</dt><dd>%s</dd></div>", class, label, text);
}

/* Visible seals that came later. */
static size_t seals_after(const struct page_upload *u, json_int_t revision)
{
    size_t index, count = 0;
    const json_t *seal;

    json_array_foreach(u->seals, index, seal) count +=
        json_integer_value(json_object_get(seal, "revision")) > revision &&
        json_is_true(json_object_get(seal, "visible"));
    return count;
}

/* What the first later revision did that nobody allowed, "" if there is none. */
static const char *forbidden_after(const struct page_site *site, const struct page_upload *u,
                                   json_int_t revision)
{
    size_t index;
    const json_t *r;

    json_array_foreach(u->revisions, index, r)
    {
        const char *change = record_text(r, site->english ? "change_en" : "change_zh");

        if (change != NULL && !json_is_true(json_object_get(r, "allowed")) &&
            json_integer_value(json_object_get(r, "number")) > revision)
            return change;
    }
    return "";
}

static void put_after(struct buf *out, const struct page_site *site, const struct page_upload *u,
                      const json_t *seal)
{
    json_int_t revision = json_integer_value(json_object_get(seal, "revision"));
    size_t later = seals_after(u, revision);

    html_printf(out, "<div class=all><dt>%m</dt><dd>", say(site, "After it", "签章之后"));
    if (u->altered) {
        const char *change = forbidden_after(site, u, revision);

        if (change[0] != '\0')
            html_printf(out, "%s%m", change, say(site, ". ", "。"));
        buf_append_text(
            out, say(site, "It protects only what was there before the change", "此签章只保护改动前的内容"));
    } else if (later > 0) {
        html_printf(
            out,
            say(site,
                later == 1 ? "Only the opinion and seal of %zu later office were added; the text is unchanged"
                           : "Only opinions and seals of %zu later offices were added; the text is unchanged",
                "仅新增后续 %zu 个单位的意见和签章，正文未变"),
            later);
    } else if ((size_t)revision < json_array_size(u->revisions)) {
        buf_append_text(out, say(site, "Only timestamps or records were added; the text is unchanged",
                                 "仅新增时间戳或系统记录，正文未变"));
    } else {
        buf_append_text(
            out, say(site, "No change: this seal covers the whole file", "没有任何变化，此签章覆盖整份文件"));
    }
    buf_append_text(out, "</dd></div>");
}

static void put_seal_time(struct buf *out, const struct page_site *site, const json_t *seal)
{
    const char *signed_at = record_text(seal, "signed_at");
    int64_t moment;

    if (signed_at == NULL || !clock_parse_rfc3339(&moment, signed_at))
        return;
    html_printf(out, "<div><dt>%m</dt><dd>", say(site, "Time", "签章时间"));
    put_moment(out, site, moment);
    html_printf(out, " <span class=says>%m</span></dd></div>",
                json_is_true(json_object_get(seal, "timestamp"))
                    ? say(site, "proven by a timestamp service", "由时间戳服务证明")
                    : say(site, "by the office's own word, not proven", "签章单位自述，未经证明"));
}

static void put_place(struct buf *out, const struct page_site *site, const json_t *seal)
{
    json_int_t number = json_integer_value(json_object_get(seal, "page"));

    if (number > 0)
        html_printf(out,
                    say(site, "<div><dt>%m</dt><dd>page %lld</dd></div>",
                        "<div><dt>%m</dt><dd>第 %lld 页</dd></div>"),
                    say(site, "Place", "签章位置"), (long long)number);
}

static void put_mark(struct buf *out, const char *tone, enum icon icon, const char *text)
{
    html_printf(out, "<span class=\"mark %m\">", tone);
    put_icon(out, icon, 16, "");
    html_printf(out, "%m</span>", text);
}

static void put_chain_state(struct buf *out, const struct page_site *site, const struct page_upload *u,
                            const char *state)
{
    static const struct {
        const char *state, *en, *zh;
    } states[] = {{"test", "local test authority, proves nothing", "由本地测试机构签发，不具有证明效力"},
                  {"unknown", "not on our list of trust", "不在信任名单内"},
                  {"expired", "expired", "已过有效期"},
                  {"not-yet-valid", "not yet valid", "尚未生效"},
                  {"revoked", "certificate revoked", "签章证书已被吊销"},
                  {"not-for-signing", "not made for signing", "不是签章用途的证书"}};
    bool expired_since = strcmp(state, "expired") == 0 && u->registered;
    const char *fine = u->altered || site->demo ? "" : "ok";

    if (strcmp(state, "trusted") == 0 || expired_since) {
        put_mark(out, fine, ICON_TICK, say(site, "trusted", "受信任"));
        put_mark(out, fine, ICON_TICK, say(site, "not revoked when it sealed", "签章时未吊销"));
        if (expired_since)
            put_mark(out, "", ICON_NOTE,
                     say(site, "expired since, valid when it sealed", "已过有效期（签章时有效）"));
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i].state, state) == 0)
            put_mark(out, strcmp(state, "revoked") == 0 ? "bad" : "warn", ICON_WARN,
                     say(site, states[i].en, states[i].zh));
}

static void put_chain(struct buf *out, const struct page_site *site, const struct page_upload *u,
                      const json_t *seal)
{
    const char *owner = record_text(seal, "owner"), *issuer = record_text(seal, "issuer");
    const char *root = record_text(seal, "root"), *state = record_text(seal, "chain");

    html_printf(out, "<div class=all><dt>%m</dt><dd class=chain><span>", say(site, "Chain", "证书链"));
    put_value(out, site, owner == NULL ? "" : owner);
    if (issuer != NULL && issuer[0] != '\0')
        html_printf(out, "</span><span>→ <bdi>%s</bdi>", issuer);
    if (root != NULL && root[0] != '\0' && (issuer == NULL || strcmp(root, issuer) != 0))
        html_printf(out, "</span><span>→ <bdi>%s</bdi>", root);
    buf_append_text(out, "</span>");
    if (state != NULL)
        put_chain_state(out, site, u, state);
    buf_append_text(out, "</dd></div>");
}

static void put_uploaded_seal(struct buf *out, const struct page_site *site, const struct page_upload *u,
                              const json_t *seal, const char *picture)
{
    struct seal_words w = seal_words(site, u, seal);
    const char *owner = record_text(seal, "owner"), *problem;

    buf_printf(out, "<div class=\"seal%s\">", picture == NULL ? "" : " p");
    if (picture != NULL)
        html_printf(out, "<img src=\"%s\" width=72 height=72 alt=\"%m\">", picture,
                    say(site, "As registered", "登记的印章图样"));
    buf_append_text(out, "<h3>");
    put_value(out, site, owner == NULL || owner[0] == '\0' ? say(site, "unnamed", "未署名") : owner);
    html_printf(out, " <span class=\"tag %m\">", w.tone);
    put_icon(out, w.icon, 12, "");
    html_printf(out, "%m</span></h3><dl class=f>", w.word);
    put_seal_time(out, site, seal);
    put_place(out, site, seal);
    if (!json_is_true(json_object_get(seal, "visible")))
        put_row(out, "", say(site, "Kind", "种类"),
                say(site, "A record of the system, not an office's seal", "系统记录，非单位签章"));
    problem = record_text(seal, site->english ? "problem_en" : "problem_zh");
    if (problem != NULL)
        put_row(out, " class=all", say(site, "Problem", "问题"), problem);
    else
        put_after(out, site, u, seal);
    put_chain(out, site, u, seal);
    buf_append_text(out, "</dl></div>");
}

static void put_uploaded_seals(struct buf *out, const struct page_site *site, const struct page_upload *u)
{
    size_t visible = seals_after(u, -1), index;
    const json_t *seal;
    char heading[48];

    if (json_array_size(u->seals) == 0)
        return;
    (void)snprintf(heading, sizeof heading,
                   site->english ? visible == 1 ? "%zu seal" : "%zu seals" : "%zu 枚签章", visible);
    section_begin(out, visible == 0 ? say(site, "Signatures", "签名") : heading);
    json_array_foreach(u->seals, index, seal)
    {
        if (index == PAGE_SEALS_SHOWN)
            break;
        put_uploaded_seal(out, site, u, seal, u->pictures == NULL ? NULL : u->pictures[index]);
    }
    section_end(out);
}

int page_upload(struct buf *html, const struct page_site *site, const struct page_upload *u, struct err *e)
{
    frame_begin(html, site, u->word, true);
    frame_band(html, site, u->tone, u->word, u->sentence, true);
    put_changes(html, site, u);
    if (u->altered)
        put_register(html, site, u);
    put_file(html, site, u);
    put_way(html, site, u);
    put_uploaded_seals(html, site, u);
    if (!u->altered)
        put_register(html, site, u);
    section_upload(html, site, say(site, "Check another file", "核验另一份文件"),
                   say(site, "Ask the holder for the original PDF, or scan the QR code of the certificate.",
                       "请向持证人索取原始 PDF，或扫描证书上的二维码。"),
                   say(site, "Choose a PDF", "重新选择PDF"));
    html_printf(html, "<p class=\"end wd\">%m%s%m</p>",
                say(site, "The file was deleted after the check. Check the address bar: it should read ",
                    "文件检查后已删除，没有保存。请核对地址栏：域名应为 "),
                site->host, say(site, ".", "。"));
    return frame_end(html, site, e);
}
