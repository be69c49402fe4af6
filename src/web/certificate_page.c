/* The page behind the QR code: verdict first, then the holder, then why it may be believed. */
#include "web/web_internal.h"
#include <string.h>

/* --- what the record says --- */

const char *record_text(const json_t *record, const char *member)
{
    return json_string_value(json_object_get(record, member));
}

const char *record_office(const json_t *record, const char *role)
{
    return record_text(json_object_get(record, role), "name");
}

void put_office(struct buf *out, const struct page_site *site, const char *office)
{
    char text[512];
    size_t len = 0;

    for (; *office != '\0' && len + 1 < sizeof text; office++)
        if (*office != '|')
            text[len++] = *office;
    text[len] = '\0';
    put_value(out, site, text);
}

static void put_field_office(struct buf *out, const struct page_site *site, const char *label,
                             const char *office)
{
    if (office == NULL || office[0] == '\0')
        return;
    html_printf(out, "<div><dt>%m</dt><dd>", label);
    put_office(out, site, office);
    buf_append_text(out, "</dd></div>");
}

/* Words of fixed lists, so that an English page can say them. */
static const char *in_english(const char *zh)
{
    static const struct {
        const char *zh, *en;
    } words[] = {{"正高级", "Senior"},     {"副高级", "Associate senior"},
                 {"中级", "Intermediate"}, {"初级", "Junior"},
                 {"男", "Male"},           {"女", "Female"},
                 {"评审", "Review"},       {"认定", "Accreditation"},
                 {"考试", "Examination"},  {"考评结合", "Examination and review"},
                 {"确认", "Confirmation"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].zh, zh) == 0)
            return words[i].en;
    return NULL;
}

static void put_word(struct buf *out, const struct page_site *site, const char *word)
{
    const char *en = site->english ? in_english(word) : NULL;

    if (en != NULL)
        html_text(out, en);
    else
        put_value(out, site, word);
}

static void put_field_word(struct buf *out, const struct page_site *site, const char *label, const char *word)
{
    if (word == NULL || word[0] == '\0')
        return;
    html_printf(out, "<div><dt>%m</dt><dd>", label);
    put_word(out, site, word);
    buf_append_text(out, "</dd></div>");
}

static bool is_resident_id(const json_t *record)
{
    const char *type = record_text(record, "id_type"), *number = record_text(record, "id_number");

    return (type == NULL || strcmp(type, "居民身份证") == 0) && number != NULL && strlen(number) == 18 &&
           strspn(number, "0123456789Xx") == 18;
}

/* Start of character n, or of the end. */
static const char *character(const char *text, size_t n)
{
    while (*text != '\0' && n > 0) {
        text++;
        n -= ((unsigned char)*text & 0xC0) != 0x80;
    }
    return text;
}

static size_t characters(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* Resident identity cards: six, eight stars, four. Of other documents, which are shorter, two at each end at
 * most, and never so many that the rest could be guessed. */
void put_masked_id(struct buf *out, const json_t *record)
{
    const char *number = record_text(record, "id_number");
    bool resident = is_resident_id(record);
    size_t count = number == NULL ? 0 : characters(number), ends = count >= 8 ? 2 : count >= 5 ? 1 : 0;
    char first[32] = "";

    if (number == NULL)
        return;
    if (count > 0) {
        size_t len = (size_t)(character(number, resident ? 6 : ends) - number);

        memcpy(first, number, len < sizeof first ? len : 0);
    }
    html_printf(out, "<bdi class=nb>%s********%s</bdi>", first,
                character(number, count - (resident ? 4 : ends)));
}

static void put_field_id(struct buf *out, const struct page_site *site, const json_t *record)
{
    html_printf(out, "<div><dt>%m</dt><dd>",
                is_resident_id(record) ? say(site, "ID number", "身份证号")
                                       : say(site, "Document number", "证件号码"));
    put_masked_id(out, record);
    buf_append_text(out, "</dd></div>");
}

/* The picture is beside the name or among the fields; both know how large it will be. */
void put_name(struct buf *out, const struct page_site *site, const struct page_certificate *c, int pixels)
{
    const char *name = record_text(c->record, "name");
    struct name_measure m;

    if (name == NULL)
        return;
    if (!name_needs_picture(name)) {
        put_value(out, site, name);
        return;
    }
    m = name_measure(name);
    html_printf(out, "<img class=pic src=\"/v/%s/name.svg\" width=%d height=%d alt=\"%s\"%m>", c->token,
                m.columns * pixels, m.lines * pixels * 4 / 3, name, site->english ? " lang=zh-CN" : "");
}

bool certificate_is_test(const struct page_site *site, const struct page_certificate *c)
{
    bool test = site->demo;

    for (size_t i = 0; i < c->seal_count; i++)
        test |= c->seals[i].test;
    return test;
}

/* --- sections --- */

static void put_birth(struct buf *out, const struct page_site *site, const json_t *record)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    const char *gender = record_text(record, "gender"), *birth = record_text(record, "birth_date");
    struct date d;
    bool known = birth != NULL && date_parse(&d, birth);

    if (gender != NULL)
        put_word(out, site, gender);
    if (gender != NULL && known)
        buf_append_text(out, say(site, ", ", "，"));
    if (known && site->english)
        buf_printf(out, "born %s %d", months[d.month - 1], d.year);
    else if (known)
        buf_printf(out, "%d年%d月出生", d.year, d.month);
}

void put_holder(struct buf *out, const struct page_site *site, const struct page_certificate *c, bool photo)
{
    const char *title = record_text(c->record, "title"), *level = record_text(c->record, "level");

    buf_append_text(out, "<div class=who>");
    if (photo)
        html_printf(out, "<img src=\"/v/%s/photo.jpg\" width=105 height=147 alt=\"%m\">", c->token,
                    say(site, "Photo of the holder", "持证人照片"));
    buf_append_text(out, "<div><h2>");
    put_name(out, site, c, 24);
    buf_append_text(out, "</h2><p>");
    put_value(out, site, title == NULL ? "" : title);
    buf_append_text(out, "</p><p>");
    if (level != NULL)
        put_word(out, site, level);
    buf_append_text(out, "</p><p>");
    put_birth(out, site, c->record);
    buf_append_text(out, "</p><p>");
    put_masked_id(out, c->record);
    buf_append_text(out, "</p></div></div>");
}

static void put_facts(struct buf *out, const struct page_site *site, const struct page_certificate *c)
{
    const json_t *r = c->record;
    json_int_t year = json_integer_value(json_object_get(r, "year"));

    section_begin(out, say(site, "Certificate", "证书信息"));
    buf_append_text(out, "<dl class=f>");
    put_field(out, site, say(site, "Number", "证书编号"), c->number);
    put_field(out, site, say(site, "Original number", "原证书编号"), record_text(r, "original_no"));
    put_field(out, site, say(site, "Series", "系列"), record_text(r, "series"));
    put_field(out, site, say(site, "Specialty", "专业"), record_text(r, "specialty"));
    put_field_word(out, site, say(site, "Obtained by", "取得方式"), record_text(r, "obtain_mode"));
    if (year > 0)
        html_printf(out, "<div><dt>%m</dt><dd>%lld</dd></div>", say(site, "Year", "年度"), (long long)year);
    put_field(out, site, say(site, "Approval", "批准文号"), record_text(r, "approval_no"));
    put_field_office(out, site, say(site, "Committee", "评审组织"), record_office(r, "committee"));
    put_field_office(out, site, say(site, "Issuer", "发证机关"), record_office(r, "issuer"));
    put_field_day(out, site, say(site, "Issued", "发证日期"), record_text(r, "issue_date"));
    put_field_day(out, site, say(site, "Reissued", "补(换)发日期"), record_text(r, "reissue_date"));
    buf_append_text(out, "</dl>");
    section_end(out);
}

static void put_seal(struct buf *out, const struct page_site *site, const struct page_seal *s)
{
    bool test = s->test || site->demo;
    enum icon icon = !s->applied ? ICON_NOTE : test ? ICON_WARN : ICON_OK;

    buf_append_text(out, "<li>");
    put_icon(out, icon, 20, icon == ICON_OK ? "ok" : icon == ICON_WARN ? "warn" : "");
    buf_append_text(out, "<div><h3>");
    put_office(out, site, s->office);
    buf_append_text(out, "</h3><p>");
    if (!s->applied)
        buf_append_text(out, say(site, "No electronic seal; rely on the stamped paper.",
                                 "没有电子签章，以纸质盖章件为准。"));
    else {
        buf_append_text(out, test ? say(site, "Test seal, ", "测试签章　")
                                  : say(site, "Seal genuine, ", "签章真实　"));
        put_moment(out, site, s->moment);
    }
    check_end(out);
}

static void put_file_line(struct buf *out, const struct page_site *site, const struct page_certificate *c)
{
    char text[96];
    size_t applied = 0;

    if (c->verdict == PAGE_CANNOT_CONFIRM) {
        put_check(out, ICON_WARN, "warn", say(site, "The stored file failed its check", "登记文件未通过检查"),
                  say(site, "Ask the issuer before you rely on this certificate.",
                      "采信之前，请先向发证机关核实。"));
        return;
    }
    for (size_t i = 0; i < c->seal_count; i++)
        applied += c->seals[i].applied;
    if (applied == 2)
        (void)snprintf(text, sizeof text, "两枚签章之后，文件没有任何变化。");
    else if (applied > 2)
        (void)snprintf(text, sizeof text, "%zu 枚签章之后，文件没有任何变化。", applied);
    else
        (void)snprintf(text, sizeof text, "%s之后，文件没有任何变化。", applied == 1 ? "签章" : "登记");
    put_check(out, ICON_OK, "ok", say(site, "Registered file unaltered", "登记文件未被改动"),
              say(site, applied > 0 ? "No change after the last seal." : "No change since it was registered.",
                  text));
}

static void put_seals(struct buf *out, const struct page_site *site, const struct page_certificate *c)
{
    section_begin(out, say(site, "Seals", "签章检查"));
    buf_append_text(out, "<ul class=c>");
    for (size_t i = 0; i < c->seal_count && c->verdict != PAGE_CANNOT_CONFIRM; i++)
        put_seal(out, site, &c->seals[i]);
    put_file_line(out, site, c);
    buf_append_text(out, "</ul>");
    section_end(out);
}

/* The five lines that tell which certificate it is. */
static void put_identity(struct buf *out, const struct page_site *site, const struct page_certificate *c,
                         const char *heading, const char *note)
{
    const char *title = record_text(c->record, "title"), *level = record_text(c->record, "level");

    section_begin(out, heading);
    html_printf(out, "<dl class=f><div><dt>%m</dt><dd class=nm>", say(site, "Name", "姓名"));
    put_name(out, site, c, 15);
    buf_append_text(out, "</dd></div>");
    put_field_id(out, site, c->record);
    put_field(out, site, say(site, "Number", "证书编号"), c->number);
    html_printf(out, "<div><dt>%m</dt><dd>", say(site, "Title", "资格名称"));
    put_value(out, site, title == NULL ? "" : title);
    if (level != NULL) {
        buf_append_text(out, say(site, " (", "（"));
        put_word(out, site, level);
        buf_append_text(out, say(site, ")", "）"));
    }
    buf_append_text(out, "</dd></div>");
    put_field_day(out, site, say(site, "Issued", "发证日期"), record_text(c->record, "issue_date"));
    buf_append_text(out, "</dl>");
    if (note[0] != '\0')
        html_printf(out, "<p class=note>%m</p>", note);
    section_end(out);
}

/* --- the words of each status --- */

bool certificate_is_corrected(const struct page_certificate *c)
{
    return c->verdict == PAGE_REPLACED && c->new_number != NULL && c->number != NULL &&
           strcmp(c->new_number, c->number) == 0;
}

/* en and zh of everything that differs between the statuses that void a certificate. */
struct status_words {
    const char *about, *day, *office, *document, *before, *note;
};

static const struct status_words *status_words(const struct page_site *site, const struct page_certificate *c)
{
    static const struct status_words zh[] = {
        {"撤销信息", "撤销日期", "撤销机关", "撤销文号", "撤销前的登记信息",
         "证书撤销后，照片和电子证书不再提供。"},
        {"注销信息", "注销日期", "注销机关", "注销文号", "注销前的登记信息",
         "证书注销后，照片和电子证书不再提供。"},
        {"暂停信息", "暂停日期", "核查机关", "核查文号", "登记信息", "核查期间，暂不提供照片和电子证书。"},
        {"换发信息", "换发日期", "换发机关", "换发文号", "原证书登记信息", ""},
        {"更正信息", "更正日期", "更正机关", "更正文号", "更正前的登记信息", ""}};
    static const struct status_words en[] = {
        {"Revocation", "Revoked", "Revoked by", "Document", "As registered before",
         "A revoked certificate has no photo and no file here any more."},
        {"Cancellation", "Cancelled", "Cancelled by", "Document", "As registered before",
         "A cancelled certificate has no photo and no file here any more."},
        {"Suspension", "Suspended", "Reviewed by", "Document", "As registered",
         "Photo and file are withheld while the review lasts."},
        {"Replacement", "Replaced", "Replaced by", "Document", "As registered before", ""},
        {"Correction", "Corrected", "Corrected by", "Document", "As registered before", ""}};
    enum { CORRECTED = PAGE_REPLACED - PAGE_REVOKED + 1 };

    return &(site->english ? en
                           : zh)[certificate_is_corrected(c) ? CORRECTED : (int)(c->verdict - PAGE_REVOKED)];
}

static void put_status(struct buf *out, const struct page_site *site, const struct page_certificate *c)
{
    const struct status_words *w = status_words(site, c);
    bool corrected = certificate_is_corrected(c);

    section_begin(out, w->about);
    buf_append_text(out, "<dl class=f>");
    put_field_moment_day(out, site, w->day, c->status_time);
    if (c->verdict == PAGE_REPLACED && !corrected)
        put_field(out, site, say(site, "New number", "新证书编号"), c->new_number);
    put_field_office(out, site, w->office, record_office(c->record, "issuer"));
    put_field(out, site, w->document, c->status_document);
    buf_append_text(out, "</dl>");
    if (corrected)
        html_printf(out, "<p class=note>%m</p>",
                    say(site,
                        "The number is the same. Ask the holder for the new version and scan its QR code.",
                        "证书编号不变。请向持证人索取新版证书，扫描新版上的二维码。"));
    else if (c->verdict == PAGE_REPLACED)
        html_printf(out, "<p class=note>%m</p>",
                    say(site, "Ask the holder for the new certificate and scan its QR code.",
                        "请向持证人索取新证书，扫描新证书上的二维码。"));
    section_end(out);
    put_identity(out, site, c, w->before, w->note);
}

/* A seal that is still intact must not console anybody. */
static void put_void_seals(struct buf *out, const struct page_site *site, const struct page_certificate *c)
{
    bool any = false;

    for (size_t i = 0; i < c->seal_count; i++)
        any |= c->seals[i].applied;
    if (!any)
        return;
    section_begin(out, say(site, "Seals", "签章检查"));
    buf_append_text(out, "<ul class=c>");
    if (certificate_is_test(site, c))
        put_check(out, ICON_NOTE, "",
                  say(site, "Test seals, and the certificate is void", "原签章为测试签章，且证书已失效"),
                  say(site, "They proved nothing when it was issued either.", "测试签章不具有证明效力。"));
    else
        put_check(
            out, ICON_NOTE, "",
            say(site, "The seals were genuine, but the certificate is void", "原签章真实，但证书已失效"),
            say(site, "They only prove that the issuer made the file then, not that it is valid now.",
                "签章只证明文件当时由发证机关签发，不代表证书现在有效。"));
    buf_append_text(out, "</ul>");
    section_end(out);
}

static void put_since(struct buf *out, const struct page_site *site, int64_t since)
{
    if (since == 0)
        buf_append_text(out, say(site, "Void. Not proof of a title.", "已经失效，不能作为职称证明。"));
    else if (site->english) {
        buf_append_text(out, "Void since ");
        put_day(out, site, date_in_shanghai(since));
        buf_append_text(out, ". Not proof of a title.");
    } else {
        buf_append_text(out, "自 ");
        put_day(out, site, date_in_shanghai(since));
        buf_append_text(out, " 起失效，不能作为职称证明。");
    }
}

/* The office without a seal is named where there is one, so that an English reader need not look for it. */
static void put_without_seal(struct buf *out, const struct page_site *site, const struct page_certificate *c)
{
    const char *office = NULL;
    size_t without = 0;

    for (size_t i = 0; i < c->seal_count; i++) {
        if (!c->seals[i].applied) {
            office = c->seals[i].office;
            without++;
        }
    }
    if (!site->english)
        buf_append_text(out, "登记在册。");
    else if (without == 1)
        buf_printf(out, "Registered. %s has no electronic seal; rely on the stamped paper.", office);
    else
        buf_append_text(out, "Registered. The offices have no electronic seal; rely on the stamped paper.");
}

static void put_band(struct buf *out, const struct page_site *site, const struct page_certificate *c)
{
    static const struct {
        enum page_tone tone;
        const char *en, *zh, *en_sentence, *zh_sentence;
    } bands[] = {[PAGE_VALID] = {TONE_OK, "Valid", "证书有效", "Registered. Seals genuine, file unaltered.",
                                 "登记在册，签章真实，未被改动。"},
                 [PAGE_VALID_WITHOUT_SEAL] = {TONE_OK, "Valid", "证书有效", NULL, NULL},
                 [PAGE_REVOKED] = {TONE_BAD, "Revoked", "已撤销", NULL, NULL},
                 [PAGE_CANCELLED] = {TONE_BAD, "Cancelled", "已注销", NULL, NULL},
                 [PAGE_SUSPENDED] = {TONE_WARN, "Suspended", "暂停使用",
                                     "Under review. Do not rely on it for now.",
                                     "证书正在核查，暂不能采信。"},
                 [PAGE_REPLACED] = {TONE_REPLACED, "Replaced", "已换发", "Superseded by a new certificate.",
                                    "已被新证书取代，请以新证书为准。"},
                 [PAGE_CANNOT_CONFIRM] = {TONE_WARN, "Cannot confirm", "暂时不能确认",
                                          "The stored file failed its check. Contact the issuer.",
                                          "登记文件未通过检查，请联系发证机关。"}};
    bool valid = c->verdict == PAGE_VALID || c->verdict == PAGE_VALID_WITHOUT_SEAL;
    struct buf sentence = BUF_INIT(4096);
    const char *text;

    if (valid && certificate_is_test(site, c)) {
        frame_band(out, site, TONE_WARN, say(site, "Test certificate", "测试证书"),
                   say(site, "Registered and unaltered, but made for trial. Not proof of a title.",
                       "登记在册，未被改动；仅供试用，不能作为职称证明。"),
                   false);
        return;
    }
    if (valid && c->recorded) {
        frame_band(out, site, TONE_OK, say(site, "Old certificate", "历史证书"),
                   say(site, "Registered. What follows is the registration; rely on the stamped paper.",
                       "登记在册。以下为登记信息，以纸质盖章件为准。"),
                   false);
        return;
    }
    if (certificate_is_corrected(c)) {
        frame_band(out, site, TONE_REPLACED, say(site, "Superseded", "已更正"),
                   say(site, "This version is void. The newer version of the certificate counts.",
                       "此版本已作废，请以新版为准。"),
                   false);
        return;
    }
    if (c->verdict == PAGE_REVOKED || c->verdict == PAGE_CANCELLED)
        put_since(&sentence, site, c->status_time);
    else if (c->verdict == PAGE_VALID_WITHOUT_SEAL)
        put_without_seal(&sentence, site, c);
    else
        buf_append_text(&sentence, say(site, bands[c->verdict].en_sentence, bands[c->verdict].zh_sentence));
    text = buf_text(&sentence);
    out->failed |= text == NULL;
    if (text != NULL)
        frame_band(out, site, bands[c->verdict].tone, say(site, bands[c->verdict].en, bands[c->verdict].zh),
                   text, false);
    buf_dispose(&sentence);
}

/* Instead of seals, which such a certificate has on paper, and of our own file. */
static void put_record(struct buf *out, const struct page_site *site, bool has_file)
{
    const char *text =
        has_file
            ? say(site,
                  "It was issued before this register began; the issuer registered it afterwards and keeps a "
                  "copy of its file, which is not sealed by this system.",
                  "此证书在本系统启用之前颁发，由发证机关补充登记，并存有原电子文件；该文件未经本系统签章。")
            : say(site,
                  "It was issued on paper before electronic certificates; the issuer registered it "
                  "afterwards. There is no electronic file.",
                  "此证书为启用电子证书之前颁发的纸质证书，由发证机关补充登记，没有电子文件。");

    section_begin(out, say(site, "Old certificate", "历史证书"));
    buf_append_text(out, "<ul class=c>");
    put_check(out, ICON_NOTE, "", say(site, "Old certificate, registration only", "历史证书，登记信息"),
              text);
    buf_append_text(out, "</ul>");
    section_end(out);
}

static void put_valid(struct buf *out, const struct page_site *site, const struct page_certificate *c)
{
    buf_append_text(out, "<section>");
    put_holder(out, site, c, c->photo);
    html_printf(
        out, "<p class=note>%m</p></section>",
        c->photo ? say(site, "Compare photo and name with the holder.", "请核对照片和姓名与持证人是否一致。")
                 : say(site, "Compare the name with the holder.", "请核对姓名与持证人是否一致。"));
    put_facts(out, site, c);
    if (c->recorded) {
        put_record(out, site, c->has_file);
        return;
    }
    put_seals(out, site, c);
    section_upload(out, site, say(site, "Have the PDF?", "手上有电子证书？"),
                   say(site, "Upload it to check for changes. It is not kept.",
                       "上传 PDF，检查文件是否被改动。文件不保存。"),
                   say(site, "Verify a PDF", "上传PDF核验"));
}

int page_certificate(struct buf *html, const struct page_site *site, const struct page_certificate *c,
                     struct err *e)
{
    frame_begin(html, site, c->number, false);
    put_band(html, site, c);
    switch (c->verdict) {
    case PAGE_VALID:
    case PAGE_VALID_WITHOUT_SEAL:
        put_valid(html, site, c);
        break;
    case PAGE_CANNOT_CONFIRM:
        put_identity(html, site, c, say(site, "As registered", "登记信息"), "");
        put_seals(html, site, c);
        break;
    default:
        put_status(html, site, c);
        if (c->verdict == PAGE_REVOKED || c->verdict == PAGE_CANCELLED)
            put_void_seals(html, site, c);
    }
    return frame_end(html, site, e);
}
