#include "support/console_facts.h"
#include "web/assets.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* after what it needs */
#include <cmocka.h>

static char *text_of(struct buf *html)
{
    buf_append_char(html, '\0');
    assert_true(buf_ok(html));
    return (char *)html->data;
}

static void inert(void *arg, const char *name, struct buf *html)
{
    size_t *pages = arg;
    const char *page = text_of(html);

    ++*pages;
    if (strstr(page, "<i>evil") != NULL || strstr(page, "\"'><i") != NULL ||
        strstr(page, "javascript:") != NULL)
        fail_msg("%s lets markup through", name);
    if (strstr(page, "&quot;&#39;&gt;&lt;i&gt;evil") == NULL && strstr(page, "%22%27%3E%3Ci%3E") == NULL &&
        strncmp(name, "login-over", 10) != 0)
        fail_msg("%s shows none of what it was given", name);
}

static void what_comes_from_outside_is_text_in_every_place(void **state)
{
    size_t pages = 0;

    (void)state;
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): that is the point */
    console_facts_pages("\"'><i>evil</i>&\xe2\x80\xae", inert, &pages);
    assert_true(pages >= 25);
}

static void fit_for_the_policy(void *arg, const char *name, struct buf *html)
{
    const char *page = text_of(html);
    const char *script = strstr(page, "<script");

    (void)arg;
    if (strstr(page, "<style") != NULL || strstr(page, " style=") != NULL ||
        strstr(page, " onclick") != NULL || strstr(page, "http://") != NULL ||
        strstr(page, "https://") != NULL)
        fail_msg("%s has what the policy refuses", name);
    assert_non_null(script);
    if (strncmp(script, "<script src=/static/console.", 28) != 0 || strstr(script + 7, "<script") != NULL)
        fail_msg("%s has another script", name);
    for (const char *form = strstr(page, "method=post"); form != NULL; form = strstr(form + 1, "method=post"))
        if (strstr(form, "name=form_token") == NULL ||
            strstr(form, "name=form_token") > strstr(form, "</form>"))
            fail_msg("%s has a form without its token", name);
    assert_non_null(strstr(page, "<h1"));
    assert_non_null(strstr(page, "lang=zh-CN"));
    assert_null(strstr(page, "(null)"));
}

static void pages_need_nothing_that_the_policy_refuses(void **state)
{
    (void)state;
    console_facts_pages(NULL, fit_for_the_policy, NULL);
}

static void numbers_are_written_as_people_read_them(void **state)
{
    static const struct {
        uint64_t n;
        const char *count, *bytes;
    } cases[] = {{0, "0", "0 KB"},
                 {999, "999", "1 KB"},
                 {1000, "1,000", "1 KB"},
                 {12406, "12,406", "13 KB"},
                 {186400000, "186,400,000", "186.4 MB"},
                 {4300000000, "4,300,000,000", "4.3 GB"}};
    static const struct {
        int64_t seconds;
        const char *text;
    } spans[] = {{0, "1 秒"}, {59, "59 秒"}, {61, "2 分钟"}, {3900, "1 小时 5 分"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf a = BUF_INIT(100), b = BUF_INIT(100);

        put_count(&a, cases[i].n);
        put_bytes(&b, cases[i].n);
        assert_string_equal(text_of(&a), cases[i].count);
        assert_string_equal(text_of(&b), cases[i].bytes);
        buf_dispose(&a);
        buf_dispose(&b);
    }
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct buf a = BUF_INIT(100);

        put_duration(&a, spans[i].seconds);
        assert_string_equal(text_of(&a), spans[i].text);
        buf_dispose(&a);
    }
}

static void script_and_style_stay_small(void **state)
{
    (void)state;
    for (size_t i = 0; i < asset_count; i++) {
        if (strcmp(assets[i].path, asset_console_js) == 0)
            assert_true(assets[i].plain.len <= 12 * 1024);
        if (strcmp(assets[i].path, asset_console_css) == 0)
            assert_true(assets[i].gzip.len <= 5 * 1024);
    }
}

static void small_room(void *arg, const char *name, struct buf *html)
{
    (void)arg;
    if (html->len > 48 * 1024)
        fail_msg("%s has %zu bytes", name, html->len);
}

static void pages_stay_small(void **state)
{
    (void)state;
    console_facts_pages(NULL, small_room, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_from_outside_is_text_in_every_place),
        cmocka_unit_test(pages_need_nothing_that_the_policy_refuses),
        cmocka_unit_test(numbers_are_written_as_people_read_them),
        cmocka_unit_test(script_and_style_stay_small),
        cmocka_unit_test(pages_stay_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
