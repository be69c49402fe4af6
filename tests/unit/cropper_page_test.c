/* cropper_page_test.c - the bytes of the photo cropper's pages: what the form sends, what is escaped, what
 * may act.
 */
#include "support/pages.h"
#include "web/assets.h"
#include "web/cropper_page.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 64 * 1024, SCRIPT_BYTES = 12 * 1024 };

static struct buf page = BUF_INIT(MAX);

static const char *cropper(const struct page_site *site, const struct page_cropper *c)
{
    struct err e = {0};

    buf_reset(&page);
    if (page_cropper(&page, site, c, &e) != 0)
        fail_msg("%s", e.en);
    return buf_text(&page);
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

static size_t count(const char *html, const char *text)
{
    size_t n = 0;

    for (const char *at = html; (at = strstr(at, text)) != NULL; at++)
        n++;
    return n;
}

/* One script, of a file of ours; nothing else that could act, and nothing of another host. */
static void acts_by_its_script_alone(const char *html)
{
    char script[128];

    (void)snprintf(script, sizeof script, "<script src=%s defer></script>", asset_cropper_js);
    assert_int_equal(count(html, "<script"), 1);
    says(html, script);
    does_not_say(html, "<style");
    does_not_say(html, " style=");
    does_not_say(html, "javascript:");
    does_not_say(html, "http:");
    does_not_say(html, "https:");
    for (const char *at = html; (at = strstr(at, " on")) != NULL; at++)
        if (at[3 + strspn(at + 3, "abcdefghijklmnopqrstuvwxyz")] == '=')
            fail_msg("the page has a handler: %.40s", at);
}

static void the_form_sends_the_file_and_five_numbers(void **state)
{
    struct page_cropper c = {.post = "/photo/x",
                             .name = "韩春晓",
                             .number = "202634000001",
                             .title = "高级工程师",
                             .form_token = "token"};
    static const char *const names[] = {"x", "y", "width", "height", "rotate"};
    char field[64];

    (void)state;
    says(cropper(&site_zh, &c), "method=post action=\"/photo/x\" enctype=multipart/form-data");
    says(buf_text(&page), "type=file name=photo");
    says(buf_text(&page), "<input type=hidden name=form_token value=\"token\">");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(field, sizeof field, "<input type=hidden name=%s>", names[i]);
        assert_int_equal(count(buf_text(&page), field), 1);
    }
    does_not_say(buf_text(&page), "name=upload");
    says(buf_text(&page), "202634000001");
    acts_by_its_script_alone(buf_text(&page));
    c.form_token = NULL;
    does_not_say(cropper(&site_en, &c), "form_token");
    says(buf_text(&page), "<html lang=en>");
    acts_by_its_script_alone(buf_text(&page));
}

static void every_text_of_others_is_escaped(void **state)
{
    static const char evil[] = "\"><script>alert(1)</script>'&";
    struct page_cropper c = {.post = evil,
                             .back = evil,
                             .form_token = evil,
                             .name = evil,
                             .number = evil,
                             .title = evil,
                             .problem = evil};

    (void)state;
    acts_by_its_script_alone(cropper(&site_zh, &c));
    assert_int_equal(count(buf_text(&page), "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;"), 9);
    c.preview = c.upload = evil;
    acts_by_its_script_alone(cropper(&site_en, &c));
    does_not_say(buf_text(&page), "<script>");
}

static void without_script_the_second_step_confirms_an_upload(void **state)
{
    struct page_cropper c = {
        .post = "/photo/x", .preview = "/photo/x/1f.jpg", .upload = "1f", .name = "韩春晓"};

    (void)state;
    says(cropper(&site_zh, &c), "<img src=\"/photo/x/1f.jpg\" width=132 height=185");
    says(buf_text(&page), "<input type=hidden name=upload value=\"1f\">");
    says(buf_text(&page), "使用这张照片");
    says(buf_text(&page), "<a class=cr-btn href=\"/photo/x\">换一张</a>");
    does_not_say(buf_text(&page), "type=file");
}

static void within_the_console_there_is_neither_head_nor_foot(void **state)
{
    struct page_cropper c = {.post = "/console/x", .back = "/console", .name = "韩春晓", .console = true};

    (void)state;
    does_not_say(cropper(&site_zh, &c), "<html");
    does_not_say(buf_text(&page), "<main");
    does_not_say(buf_text(&page), "</body>");
    says(buf_text(&page), asset_cropper_css);
    acts_by_its_script_alone(buf_text(&page));
    c.console = false;
    c.embedded = true;
    does_not_say(cropper(&site_zh, &c), "<header");
    does_not_say(buf_text(&page), "autofocus"); /* browsers refuse it in a frame of another origin */
    c.embedded = false;
    says(cropper(&site_zh, &c), "<header");
}

static void the_portal_to_be_told_is_written_into_the_page(void **state)
{
    struct err e = {0};

    (void)state;
    buf_reset(&page);
    assert_int_equal(page_photo_taken(&page, &site_zh, "<b>", "https://a.example https://b.example\"", &e),
                     0);
    says(buf_text(&page), "data-origins=\"https://a.example https://b.example&quot;\"");
    says(buf_text(&page), "&lt;b&gt;");
    buf_reset(&page);
    assert_int_equal(page_photo_taken(&page, &site_zh, "韩春晓", NULL, &e), 0);
    does_not_say(buf_text(&page), "<script");
    buf_reset(&page);
    assert_int_equal(page_photo_link_over(&page, &site_zh, true, &e), 0);
    says(buf_text(&page), "链接已失效");
    does_not_say(buf_text(&page), "<script");
    buf_reset(&page);
    assert_int_equal(page_file_link_over(&page, &site_en, &e), 0);
    says(buf_text(&page), "Link no longer valid");
}

static void the_script_is_small_and_its_words_are_the_pages(void **state)
{
    const struct asset *script = asset_find(asset_cropper_js);
    struct page_cropper c = {.post = "/photo/x"};

    (void)state;
    assert_non_null(script);
    assert_in_range(script->plain.len, 1000, SCRIPT_BYTES);
    for (size_t i = 0; i + 1 < script->plain.len; i++) /* U+4E00 to U+9FFF begin with E4 to E9 */
        if (script->plain.ptr[i] >= 0xE4 && script->plain.ptr[i] <= 0xE9)
            fail_msg("the script speaks Chinese at byte %zu", i);
    says(cropper(&site_zh, &c), "放大过多，裁剪后只有 {w} × {h} 像素。请缩小到 {p}% 以内。");
    says(buf_text(&page), "只支持 JPG 和 PNG。iPhone 的 HEIC 照片请先另存为 JPG。");
}

static void a_page_that_does_not_fit_is_an_error(void **state)
{
    struct buf little = BUF_INIT(500);
    struct page_cropper c = {.post = "/photo/x"};
    struct err e = {0};

    (void)state;
    assert_int_equal(page_cropper(&little, &site_zh, &c, &e), -1);
    assert_int_equal(e.code, ERR_NO_MEMORY);
    buf_dispose(&little);
}

static int tear_down(void **state)
{
    (void)state;
    buf_dispose(&page);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_sends_the_file_and_five_numbers),
        cmocka_unit_test(every_text_of_others_is_escaped),
        cmocka_unit_test(without_script_the_second_step_confirms_an_upload),
        cmocka_unit_test(within_the_console_there_is_neither_head_nor_foot),
        cmocka_unit_test(the_portal_to_be_told_is_written_into_the_page),
        cmocka_unit_test(the_script_is_small_and_its_words_are_the_pages),
        cmocka_unit_test(a_page_that_does_not_fit_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
