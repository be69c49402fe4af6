/* web_test.c - the words and bytes of the public pages: every state, and every text that may be hostile. */
#include "base/share.h"
#include "support/pages.h"
#include "web/assets.h"
#include "web/html.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { MAX = 256 * 1024, PAGE_BYTES = 6 * 1024 };

static struct buf page;

static const char *made(int rc, const struct err *e)
{
    if (rc != 0)
        fail_msg("%s", e->en);
    for (size_t i = 0; i + 1 < page.len;
         i++) /* lines break elsewhere than at a space that belongs to a number */
        if (memcmp(page.data + i, "\xc2\xa0", 2) == 0) {
            memmove(page.data + i, page.data + i + 1, page.len - i - 1);
            page.data[i] = ' ';
            page.len--;
        }
    return buf_text(&page);
}

static const char *certificate_of(const struct page_site *site, const struct page_certificate *c)
{
    struct err e = {0};

    buf_reset(&page);
    return made(page_certificate(&page, site, c, &e), &e);
}

static const char *upload_of(const struct page_site *site, const struct page_upload *u)
{
    struct err e = {0};

    buf_reset(&page);
    return made(page_upload(&page, site, u, &e), &e);
}

static void says(const char *html, const char *text)
{
    if (strstr(html, text) == NULL)
        fail_msg("the page does not say \"%s\": %s", text, html);
}

static void does_not_say(const char *html, const char *text)
{
    if (strstr(html, text) != NULL)
        fail_msg("the page says \"%s\": %s", text, html);
}

/* What no page may ever contain. */
static void is_inert(const char *html)
{
    does_not_say(html, "<script");
    does_not_say(html, "<style");
    does_not_say(html, "style=");
    does_not_say(html, "javascript:");
    for (const char *at = html; (at = strstr(at, " on")) != NULL; at++)
        if (at[3 + strspn(at + 3, "abcdefghijklmnopqrstuvwxyz")] == '=')
            fail_msg("the page has a handler: %.40s", at);
    does_not_say(html, "http:");
    does_not_say(html, "https:");
    does_not_say(html, "340000198502280024");
    does_not_say(html, "19850228");
}

/* --- states --- */

static void every_state_has_its_colour_word_and_sentence(void **state)
{
    static const struct {
        enum page_verdict verdict;
        const char *band, *zh, *en;
    } all[] = {{PAGE_VALID, "band ok", "<h1>证书有效</h1><p>登记在册，签章真实，未被改动。",
                "<h1>Valid</h1><p>Registered. Seals genuine, file unaltered."},
               {PAGE_VALID_WITHOUT_SEAL, "band ok", "<h1>证书有效</h1><p>登记在册。<",
                "<h1>Valid</h1><p>Registered. 安徽省虚构人力资源和社会保障厅（测试） has no electronic seal; "
                "rely on "
                "the stamped paper."},
               {PAGE_REVOKED, "band bad", "<h1>已撤销</h1><p>自 2026年9月3日 起失效，不能作为职称证明。",
                "<h1>Revoked</h1><p>Void since 3 September 2026. Not proof of a title."},
               {PAGE_CANCELLED, "band bad", "<h1>已注销</h1><p>自 2026年9月3日 起失效，不能作为职称证明。",
                "<h1>Cancelled</h1><p>Void since 3 September 2026. Not proof of a title."},
               {PAGE_SUSPENDED, "band warn", "<h1>暂停使用</h1><p>证书正在核查，暂不能采信。",
                "<h1>Suspended</h1><p>Under review. Do not rely on it for now."},
               {PAGE_REPLACED, "band warn", "<h1>已换发</h1><p>已被新证书取代，请以新证书为准。",
                "<h1>Replaced</h1><p>Superseded by a new certificate."},
               {PAGE_CANNOT_CONFIRM, "band warn",
                "<h1>暂时不能确认</h1><p>登记文件未通过检查，请联系发证机关。",
                "<h1>Cannot confirm</h1><p>The stored file failed its check. Contact the issuer."}};
    struct page_case c;

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        page_case_init(&c);
        c.certificate.verdict = all[i].verdict;
        c.seals[1].applied = all[i].verdict != PAGE_VALID_WITHOUT_SEAL;
        says(certificate_of(&site_zh, &c.certificate), all[i].band);
        says(buf_text(&page), all[i].zh);
        says(buf_text(&page), "<html lang=zh-CN>");
        says(buf_text(&page), "<time>2026年11月21日 14:32:08</time>");
        says(buf_text(&page), "请核对地址栏域名：<code>zs.example.gov.cn</code>");
        is_inert(buf_text(&page));
        says(certificate_of(&site_en, &c.certificate), all[i].en);
        says(buf_text(&page), "<html lang=en>");
        is_inert(buf_text(&page));
        page_case_dispose(&c);
    }
}

static void a_valid_certificate_shows_the_holder_and_every_seal(void **state)
{
    static const char *const texts[] = {"欧阳琢颜",
                                        "主任医师",
                                        "正高级",
                                        "女</bdi>，1985年2月出生",
                                        "340000********0024",
                                        "/v/Zm9vYmFyYmF6cXV4cXV1eA/photo.jpg",
                                        "9342025000513000127",
                                        "皖测社秘〔2026〕1号",
                                        "安徽省虚构人力资源和社会保障厅（测试）",
                                        "签章真实　<time>2026年3月18日 10:21:36",
                                        "登记文件未被改动",
                                        "两枚签章之后，文件没有任何变化。",
                                        "请核对照片和姓名与持证人是否一致。",
                                        "上传PDF核验",
                                        "身份证号中间 8 位已隐去",
                                        "0551-0000 0000"};
    struct page_case c;

    (void)state;
    page_case_init(&c);
    (void)certificate_of(&site_zh, &c.certificate);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        says(buf_text(&page), texts[i]);
    does_not_say(buf_text(&page), "|");
    does_not_say(buf_text(&page), "原证书编号");
    does_not_say(buf_text(&page), ".pdf");
    page_case_dispose(&c);
}

static void a_void_certificate_shows_no_photo_and_leads_nowhere(void **state)
{
    static const enum page_verdict voids[] = {PAGE_REVOKED, PAGE_CANCELLED, PAGE_SUSPENDED, PAGE_REPLACED,
                                              PAGE_CANNOT_CONFIRM};
    struct page_case c;

    (void)state;
    page_case_init(&c);
    for (size_t i = 0; i < sizeof voids / sizeof voids[0]; i++) {
        c.certificate.verdict = voids[i];
        (void)certificate_of(&site_zh, &c.certificate);
        does_not_say(buf_text(&page), "photo.jpg");
        does_not_say(buf_text(&page), "/v/");
        does_not_say(buf_text(&page), ".pdf");
        does_not_say(buf_text(&page), "签章真实　");
        does_not_say(buf_text(&page), "心血管内科");
        says(buf_text(&page), "欧阳琢颜");
        says(buf_text(&page), "340000********0024");
        says(buf_text(&page), "9342025000513000127");
        says(buf_text(&page), "主任医师</bdi>（<bdi>正高级</bdi>）");
        says(buf_text(&page), "2026年3月18日");
    }
    page_case_dispose(&c);
}

static void only_a_replaced_one_names_the_new_number_and_without_a_link(void **state)
{
    struct page_case c;

    (void)state;
    page_case_init(&c);
    c.certificate.verdict = PAGE_REPLACED;
    says(certificate_of(&site_zh, &c.certificate), "新证书编号</dt><dd><bdi>YB9342026000513000008</bdi>");
    says(buf_text(&page), "请向持证人索取新证书");
    c.certificate.verdict = PAGE_REVOKED;
    does_not_say(certificate_of(&site_zh, &c.certificate), "YB9342026000513000008");
    says(buf_text(&page), "皖测社函〔2026〕31号");
    page_case_dispose(&c);
}

static void a_corrected_one_says_that_the_newer_version_counts(void **state)
{
    struct page_case c;

    (void)state;
    page_case_init(&c);
    c.certificate.verdict = PAGE_REPLACED;
    c.certificate.new_number = c.certificate.number;
    says(certificate_of(&site_zh, &c.certificate), "此版本已作废，请以新版为准。");
    says(buf_text(&page), "证书编号不变。");
    does_not_say(buf_text(&page), "新证书编号");
    does_not_say(buf_text(&page), "已换发");
    says(certificate_of(&site_en, &c.certificate), "The newer version of the certificate counts.");
    c.certificate.new_number = "YB9342026000513000008";
    does_not_say(certificate_of(&site_zh, &c.certificate), "此版本已作废");
    page_case_dispose(&c);
}

/* A trial must never pass for the real thing. */
static void test_seals_are_never_called_genuine(void **state)
{
    struct page_site demo = site_zh;
    struct page_case c;

    (void)state;
    demo.demo = true;
    for (int verdict = PAGE_VALID; verdict <= PAGE_CANNOT_CONFIRM; verdict++) {
        page_case_init(&c);
        c.certificate.verdict = (enum page_verdict)verdict;
        does_not_say(certificate_of(&demo, &c.certificate), "真实");
        does_not_say(buf_text(&page), "band ok");
        does_not_say(buf_text(&page), "证书有效");
        c.seals[1].test = true;
        does_not_say(certificate_of(&site_en, &c.certificate), "band ok");
        if (verdict <= PAGE_VALID_WITHOUT_SEAL) {
            says(buf_text(&page), "<h1>Test certificate</h1>");
            says(certificate_of(&demo, &c.certificate), "<h1>测试证书</h1>");
            says(buf_text(&page), "不能作为职称证明");
            says(buf_text(&page), "测试签章　");
        }
        page_case_dispose(&c);
    }
}

static void an_office_without_seal_is_said_to_have_none(void **state)
{
    struct page_case c;

    (void)state;
    page_case_init(&c);
    c.certificate.verdict = PAGE_VALID_WITHOUT_SEAL;
    c.seals[0].applied = c.seals[1].applied = false;
    says(certificate_of(&site_zh, &c.certificate), "没有电子签章，以纸质盖章件为准。");
    does_not_say(buf_text(&page), "签章真实");
    says(buf_text(&page), "登记之后，文件没有任何变化。");
    page_case_dispose(&c);
}

static void a_replacement_names_the_original(void **state)
{
    struct page_case c;

    (void)state;
    page_case_long(&c);
    says(certificate_of(&site_zh, &c.certificate), "原证书编号</dt><dd><bdi>第三方33</bdi>");
    says(buf_text(&page), "补(换)发日期</dt><dd>2026年6月12日");
    page_case_dispose(&c);
}

/* --- numbers of identity documents --- */

static void at_most_the_ends_of_an_identity_number_are_shown(void **state)
{
    static const struct {
        const char *type, *number, *shown;
    } all[] = {{"居民身份证", "34000019880229005X", ">340000********005X<"},
               {"护照", "E12345678", ">E1********78<"},
               {"军官证", "南字第00012345号", ">南字********5号<"},
               {"护照", "E12345", ">E********5<"},
               {"其他", "1234", ">********<"},
               {"居民身份证", "340000880229005", ">34********05<"}};
    struct page_case c;

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        page_case_init(&c);
        page_case_set(&c, "id_type", all[i].type);
        page_case_set(&c, "id_number", all[i].number);
        says(certificate_of(&site_zh, &c.certificate), all[i].shown);
        does_not_say(buf_text(&page), all[i].number);
        c.certificate.verdict = PAGE_REVOKED;
        says(certificate_of(&site_zh, &c.certificate), all[i].shown);
        does_not_say(buf_text(&page), all[i].number);
        page_case_dispose(&c);
    }
}

/* --- hostile texts --- */

static void no_text_of_a_record_becomes_markup(void **state)
{
    static const char *const members[] = {
        "name",  "gender",      "birth_date",  "id_number",  "series",      "specialty",   "title",
        "level", "obtain_mode", "approval_no", "issue_date", "original_no", "reissue_date"};
    static const char hostile[] =
        "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\xe2\x80\xae&amp;";
    struct page_case c;

    (void)state;
    for (int verdict = PAGE_VALID; verdict <= PAGE_CANNOT_CONFIRM; verdict++) {
        page_case_init(&c);
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            page_case_set(&c, members[i], hostile);
        c.certificate.number = c.certificate.new_number = c.certificate.status_document = hostile;
        c.seals[0].office = hostile;
        (void)certificate_of(&site_zh, &c.certificate);
        does_not_say(buf_text(&page), "<script");
        does_not_say(buf_text(&page), "<img src=x");
        does_not_say(buf_text(&page), "\xe2\x80\xae");
        says(buf_text(&page), "&quot;&#39;&gt;&lt;script&gt;alert(1)");
        says(buf_text(&page), "&amp;amp;");
        page_case_dispose(&c);
    }
}

static void a_name_with_rare_characters_is_a_picture_with_its_text_escaped(void **state)
{
    struct page_case c;

    (void)state;
    page_case_init(&c);
    page_case_set(&c, "name", "㛃\"><script>");
    says(certificate_of(&site_zh, &c.certificate), "name.svg\"");
    says(buf_text(&page), "alt=\"㛃&quot;&gt;&lt;script&gt;\"");
    does_not_say(buf_text(&page), "<script");
    page_case_dispose(&c);
}

static void control_characters_and_direction_marks_are_replaced(void **state)
{
    struct buf b = BUF_INIT(MAX);

    (void)state;
    html_text(&b, "a\x01\x1b\x7f\xe2\x80\x8f\xe2\x80\xaa\xe2\x81\xa6\tb\n—…");
    assert_string_equal(buf_text(&b),
                        "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\tb\n—…");
    buf_reset(&b);
    html_text(&b, "\xe2"); /* cut in the middle */
    assert_int_equal(b.len, 1);
    buf_reset(&b);
    html_printf(&b, "%s|%m|%d|%u|%zu|%lld|%%", "<", "<b>", -1, 2U, (size_t)3, 4LL);
    assert_string_equal(buf_text(&b), "&lt;|<b>|-1|2|3|4|%");
    html_printf(&b, "%x", 1);
    assert_false(buf_ok(&b));
    buf_dispose(&b);
}

static void a_record_that_lacks_everything_still_makes_a_page(void **state)
{
    struct page_case c;

    (void)state;
    for (int verdict = PAGE_VALID; verdict <= PAGE_CANNOT_CONFIRM; verdict++) {
        page_case_init(&c);
        json_object_clear(c.record);
        c.certificate.status_document = c.certificate.new_number = NULL;
        c.certificate.status_time = 0;
        c.certificate.seal_count = 0;
        does_not_say(certificate_of(&site_zh, &c.certificate), "null");
        does_not_say(buf_text(&page), "1970");
        page_case_dispose(&c);
    }
}

/* --- the other pages --- */

static void the_page_of_an_unknown_token_says_nothing_of_the_token(void **state)
{
    struct err e = {0};

    (void)state;
    buf_reset(&page);
    says(made(page_unknown(&page, &site_zh, &e), &e),
         "<h1>未查到此证书</h1><p>登记库中没有这张证书，不能采信。");
    says(buf_text(&page), "二维码不完整或已污损");
    says(buf_text(&page), "href=\"?lang=en\"");
    is_inert(buf_text(&page));
}

static void notices_have_their_words(void **state)
{
    struct err e = {0};

    (void)state;
    buf_reset(&page);
    says(made(page_wait(&page, &site_zh, 41, &e), &e),
         "<h1>请稍后再试</h1><p>访问过于频繁，请 41 秒后重试。");
    buf_reset(&page);
    says(made(page_wait(&page, &site_en, 41, &e), &e),
         "<h1>Please wait</h1><p>Too many requests. Retry in 41 s.");
    buf_reset(&page);
    says(made(page_unavailable(&page, &site_zh, &e), &e),
         "<h1>暂时无法核验</h1><p>服务繁忙，这不代表证书无效。");
    buf_reset(&page);
    says(made(page_sample(&page, &site_zh, &e), &e),
         "<h1>样张</h1><p>这是样张，不是证书，不能作为职称证明。");
    buf_reset(&page);
    says(made(page_problem(&page, &site_zh, 405, "<b>", &e), &e), "&lt;b&gt;");
    is_inert(buf_text(&page));
}

static void both_forms_work_without_a_script_and_say_what_went_wrong(void **state)
{
    struct err e = {0};

    (void)state;
    buf_reset(&page);
    says(made(page_upload_form(&page, &site_zh, UPLOAD_EMPTY, 0, &e), &e), "<input type=file name=file");
    says(buf_text(&page), "action=/v/upload?lang=zh enctype=multipart/form-data"); /* the language stays */
    does_not_say(buf_text(&page), "role=alert");
    is_inert(buf_text(&page));
    buf_reset(&page);
    says(made(page_upload_form(&page, &site_zh, UPLOAD_TOO_LARGE, 0, &e), &e), "文件超过 20 MB");
    says(buf_text(&page), "role=alert");
    buf_reset(&page);
    says(made(page_upload_form(&page, &site_zh, UPLOAD_BUSY, 7, &e), &e), "请 7 秒后再试");
    buf_reset(&page);
    says(made(page_find(&page, &site_zh, FIND_NO_MATCH, &(struct page_typed){"9342025\">", "<b>"}, &e), &e),
         "没有三项都相符的证书");
    says(buf_text(&page), "name=number");
    says(buf_text(&page), "name=last6");
    says(buf_text(&page), "value=\"9342025&quot;&gt;\"");
    says(buf_text(&page), "value=\"&lt;b&gt;\"");
    is_inert(buf_text(&page));
}

/* --- uploads --- */

static void an_altered_file_shows_what_changed_and_the_register_beside_it(void **state)
{
    struct page_case c;
    struct page_upload u;
    json_t *verdict;

    (void)state;
    page_case_init(&c);
    page_upload_case(&u, &verdict, &c);
    says(upload_of(&site_zh, &u), "<h1>文件被改动</h1><p>签章之后有 2 处改动，请勿采信。");
    says(buf_text(&page), "第 1 页的正文被替换");
    says(buf_text(&page), "登记信息（以此为准）");
    says(buf_text(&page), "欧阳琢颜");
    says(buf_text(&page), "只保护改动前的内容");
    says(buf_text(&page), "<li class=x>");
    says(buf_text(&page), "9f2c 41d7 … 07be 5a10");
    says(buf_text(&page), "214 KB，1 页");
    says(buf_text(&page), "登记对象</dt><dd>");
    says(buf_text(&page), "共 4 个版本，只有前 3 个受签章保护。");
    says(buf_text(&page), "第 1 页的正文被替换。此签章只保护改动前的内容");
    says(buf_text(&page), "<img src=\"/v/seal/0123\"");
    does_not_say(buf_text(&page), "tag ok");
    is_inert(buf_text(&page));
    page_case_set(&c, "name", "龙㛃䶮"); /* drawn: it stays beside its comma */
    says(upload_of(&site_zh, &u), "登记对象</dt><dd><span class=nb><img class=pic");
    says(buf_text(&page), "alt=\"龙㛃䶮\">，</span>");
    u.certificate = NULL; /* nobody knows whose it is */
    does_not_say(upload_of(&site_zh, &u), "欧阳琢颜");
    does_not_say(buf_text(&page), "登记信息");
    json_decref(verdict);
    page_case_dispose(&c);
}

static void each_seal_says_when_where_and_what_came_after(void **state)
{
    struct page_case c;
    struct page_upload u;
    json_t *verdict, *second;

    (void)state;
    page_case_init(&c);
    page_upload_case(&u, &verdict, &c);
    json_array_remove(json_object_get(verdict, "revisions"), 3);
    second = json_array_get(json_object_get(verdict, "seals"), 1);
    u.altered = false;
    u.change_count = 0;
    says(upload_of(&site_zh, &u), "仅新增后续 1 个单位的意见和签章，正文未变");
    says(buf_text(&page), "没有任何变化，此签章覆盖整份文件");
    says(buf_text(&page), "签章位置</dt><dd>第 1 页");
    says(buf_text(&page), "签章单位自述，未经证明");
    says(buf_text(&page), "受信任");
    says(buf_text(&page), "签章时未吊销");
    says(buf_text(&page), "版本 3</b><p>加盖发证机关签章</p><p><time>2026年3月18日 10:21:37</time>");
    does_not_say(buf_text(&page), "class=x");
    does_not_say(buf_text(&page), "以此为准");
    json_object_set_new(second, "timestamp", json_true());
    json_object_set_new(second, "visible", json_false());
    says(upload_of(&site_zh, &u), "由时间戳服务证明");
    says(buf_text(&page), "仅新增时间戳或系统记录，正文未变");
    says(buf_text(&page), "1 枚签章");
    json_object_set_new(second, "chain", json_string("expired"));
    says(upload_of(&site_zh, &u), "已过有效期");
    does_not_say(buf_text(&page), "签章时有效");
    u.registered = true;
    u.pictures = NULL;
    u.pages = 0;
    says(upload_of(&site_zh, &u), "已过有效期（签章时有效）");
    does_not_say(buf_text(&page), "/v/seal/");
    does_not_say(buf_text(&page), " 0 页");
    json_decref(verdict);
    page_case_dispose(&c);
}

static void an_upload_of_a_void_certificate_shows_no_photo(void **state)
{
    struct page_case c;
    struct page_upload u;
    json_t *verdict;

    (void)state;
    page_case_init(&c);
    page_upload_case(&u, &verdict, &c);
    says(upload_of(&site_zh, &u), "photo.jpg");
    c.certificate.verdict = PAGE_REVOKED;
    does_not_say(upload_of(&site_zh, &u), "photo.jpg");
    json_decref(verdict);
    page_case_dispose(&c);
}

static void names_in_an_uploaded_file_are_only_text(void **state)
{
    static const char hostile[] = "\"><script>alert(1)</script>";
    struct page_case c;
    struct page_upload u;
    json_t *verdict, *seal;

    (void)state;
    page_case_init(&c);
    page_upload_case(&u, &verdict, &c);
    u.file_name = hostile;
    u.sha256 = hostile;
    seal = json_array_get(json_object_get(verdict, "seals"), 0);
    json_object_set_new(seal, "owner", json_string(hostile));
    json_object_set_new(seal, "issuer", json_string(hostile));
    json_object_set_new(seal, "root", json_string(hostile));
    json_object_set_new(seal, "chain", json_string(hostile));
    json_object_set_new(seal, "problem_zh", json_string(hostile));
    json_object_set_new(json_array_get(json_object_get(verdict, "revisions"), 0), "change_zh",
                        json_string(hostile));
    does_not_say(upload_of(&site_zh, &u), "<script");
    says(buf_text(&page), "&lt;script&gt;");
    json_decref(verdict);
    page_case_dispose(&c);
}

static void test_seals_of_an_upload_are_called_so(void **state)
{
    struct page_case c;
    struct page_upload u;
    json_t *verdict;

    (void)state;
    page_case_init(&c);
    page_upload_case(&u, &verdict, &c);
    u.altered = false;
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(json_array_get(json_object_get(verdict, "seals"), i), "chain",
                            json_string("test"));
    does_not_say(upload_of(&site_zh, &u), "签章真实");
    says(buf_text(&page), "测试签章");
    json_object_set_new(json_array_get(json_object_get(verdict, "seals"), 0), "intact", json_false());
    says(upload_of(&site_zh, &u), "签章被破坏");
    json_decref(verdict);
    page_case_dispose(&c);
}

/* --- sizes, files, names --- */

static void every_page_fits_into_six_kilobytes(void **state)
{
    struct page_case c;
    struct page_upload u;
    json_t *verdict;

    (void)state;
    page_case_long(&c);
    for (int verdicts = PAGE_VALID; verdicts <= PAGE_CANNOT_CONFIRM; verdicts++) {
        c.certificate.verdict = (enum page_verdict)verdicts;
        (void)certificate_of(&site_zh, &c.certificate);
        assert_in_range(page.len, 1000, PAGE_BYTES);
        (void)certificate_of(&site_en, &c.certificate);
        assert_in_range(page.len, 1000, PAGE_BYTES);
    }
    page_upload_case(&u, &verdict, &c);
    (void)upload_of(&site_zh, &u);
    assert_in_range(page.len, 1000, (size_t)2 * PAGE_BYTES); /* no bound is promised for it */
    json_decref(verdict);
    page_case_dispose(&c);
}

static void the_files_are_small_and_found_by_a_name_that_holds_their_hash(void **state)
{
    const struct asset *css = asset_find(asset_site);

    (void)state;
    assert_non_null(css);
    assert_true(strncmp(css->path, "/static/site.", 13) == 0 && strstr(css->path, ".css") != NULL);
    assert_in_range(css->gzip.len, 100, 6 * 1024);
    assert_in_range(css->plain.len, css->gzip.len, 20 * 1024);
    assert_int_equal(css->gzip.ptr[0], 0x1f);
    assert_int_equal(slice_find(css->plain, 0, slice_of("/*")), SIZE_MAX);
    assert_int_equal(slice_find(css->plain, 0, slice_of("@import")), SIZE_MAX);
    assert_int_equal(slice_find(css->plain, 0, slice_of("url(")), SIZE_MAX);
    assert_string_equal(css->content_type, "text/css");
    assert_non_null(asset_find(asset_icon));
    assert_null(asset_find("/static/site.css"));
    assert_null(asset_find("/static/"));
    assert_null(asset_find(""));
}

static void only_names_that_phones_cannot_write_become_pictures(void **state)
{
    (void)state;
    assert_false(name_needs_picture("欧阳琢颜"));
    assert_false(name_needs_picture("阿卜杜热合曼·麦麦提（曾用名 Ali）"));
    assert_false(name_needs_picture("龥")); /* U+9FA5, the last */
    assert_true(name_needs_picture("鿀"));  /* U+9FC0 */
    assert_true(name_needs_picture("龙㛃䶮"));
    assert_true(name_needs_picture("𬭩"));
    assert_true(name_needs_picture("\xef\xa8\x8e")); /* a compatibility ideograph */
}

static void a_name_is_drawn_with_every_one_of_its_characters(void **state)
{
    struct fonts *fonts = NULL;
    struct err e = {0};
    char dir[4096];
    size_t paths = 0;
    const char *at;

    (void)state;
    assert_int_equal(share_path(dir, sizeof dir, "fonts", &e), 0);
    assert_int_equal(fonts_open(&fonts, dir, &e), 0);
    buf_reset(&page);
    at = made(name_picture(&page, "龙㛃䶮·阿卜杜热合曼", fonts, &e), &e);
    says(at, "width=\"192\" height=\"64\"");
    for (; (at = strstr(at, "<path")) != NULL; at++)
        paths++;
    assert_int_equal(paths, 10);
    buf_reset(&page);
    assert_int_equal(name_picture(&page, "\xf4\x8f\xbf\xbd", fonts, &e), -1); /* private use */
    assert_int_equal(e.code, ERR_NOT_FOUND);
    fonts_close(fonts);
}

static void the_same_facts_give_the_same_bytes(void **state)
{
    struct page_case c;
    struct buf first = BUF_INIT(MAX);

    (void)state;
    page_case_init(&c);
    (void)certificate_of(&site_zh, &c.certificate);
    buf_append(&first, buf_view(&page));
    (void)certificate_of(&site_zh, &c.certificate);
    assert_true(slice_equal(buf_view(&first), buf_view(&page)));
    buf_dispose(&first);
    page_case_dispose(&c);
}

static void a_page_that_does_not_fit_is_an_error(void **state)
{
    struct buf small = BUF_INIT(100);
    struct page_case c;
    struct err e = {0};

    (void)state;
    page_case_init(&c);
    assert_int_equal(page_certificate(&small, &site_zh, &c.certificate, &e), -1);
    buf_dispose(&small);
    page_case_dispose(&c);
}

static int measure(void)
{
    enum { ROUNDS = 20000 };
    struct timespec from, to;
    struct page_case c;

    page_case_init(&c);
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < ROUNDS; i++)
        (void)certificate_of(&site_zh, &c.certificate);
    clock_gettime(CLOCK_MONOTONIC, &to);
    (void)printf("%.2f us a page of %zu bytes\n",
                 ((double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3) /
                     ROUNDS,
                 page.len);
    page_case_dispose(&c);
    buf_dispose(&page);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_its_colour_word_and_sentence),
        cmocka_unit_test(a_valid_certificate_shows_the_holder_and_every_seal),
        cmocka_unit_test(a_void_certificate_shows_no_photo_and_leads_nowhere),
        cmocka_unit_test(only_a_replaced_one_names_the_new_number_and_without_a_link),
        cmocka_unit_test(a_corrected_one_says_that_the_newer_version_counts),
        cmocka_unit_test(test_seals_are_never_called_genuine),
        cmocka_unit_test(an_office_without_seal_is_said_to_have_none),
        cmocka_unit_test(a_replacement_names_the_original),
        cmocka_unit_test(at_most_the_ends_of_an_identity_number_are_shown),
        cmocka_unit_test(no_text_of_a_record_becomes_markup),
        cmocka_unit_test(a_name_with_rare_characters_is_a_picture_with_its_text_escaped),
        cmocka_unit_test(control_characters_and_direction_marks_are_replaced),
        cmocka_unit_test(a_record_that_lacks_everything_still_makes_a_page),
        cmocka_unit_test(the_page_of_an_unknown_token_says_nothing_of_the_token),
        cmocka_unit_test(notices_have_their_words),
        cmocka_unit_test(both_forms_work_without_a_script_and_say_what_went_wrong),
        cmocka_unit_test(an_altered_file_shows_what_changed_and_the_register_beside_it),
        cmocka_unit_test(each_seal_says_when_where_and_what_came_after),
        cmocka_unit_test(an_upload_of_a_void_certificate_shows_no_photo),
        cmocka_unit_test(names_in_an_uploaded_file_are_only_text),
        cmocka_unit_test(test_seals_of_an_upload_are_called_so),
        cmocka_unit_test(every_page_fits_into_six_kilobytes),
        cmocka_unit_test(the_files_are_small_and_found_by_a_name_that_holds_their_hash),
        cmocka_unit_test(only_names_that_phones_cannot_write_become_pictures),
        cmocka_unit_test(a_name_is_drawn_with_every_one_of_its_characters),
        cmocka_unit_test(the_same_facts_give_the_same_bytes),
        cmocka_unit_test(a_page_that_does_not_fit_is_an_error),
    };
    int failed;

    buf_init(&page, MAX);
    if (argc == 2 && strcmp(argv[1], "--measure") == 0)
        return measure();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_dispose(&page);
    return failed;
}
