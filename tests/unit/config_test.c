/* config.json: what it may say, how its faults are told, and what saving leaves alone. */
#include "base/file.h"
#include "store/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
/* after the others: */
#include <cmocka.h>

static char dir[] = "/tmp/config-test-XXXXXX";
static char path[64];

static int make_directory(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/config-test-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/config.json", dir);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(dir);
}

static void write_config(const char *text)
{
    struct err e;

    assert_int_equal(file_write(path, slice_of(text), 0644, &e), 0);
}

static void everything_that_may_be_said_is_understood(void **state)
{
    struct config c;
    struct err e;

    (void)state;
    write_config("{\"// why\": \"a comment\", \"//\": [\"another\", 1], \"format\": 1, \"demo\": true,"
                 "\"public_url\": \"https://zs.example.cn/\", \"title_issuer\": \"某某厅\","
                 "\"contact\": \"电话 0551-00000000\", \"show_photo\": false,"
                 "\"trusted_proxies\": [\"127.0.0.1\", \"10.0.0.0/8\", \"::1\", \"fd00::/8\"],"
                 "\"connections\": 2000, \"issuing_threads\": 3}");
    assert_int_equal(config_load(&c, dir, &e), 0);
    assert_true(c.demo);
    assert_true(c.hide_photo);
    assert_string_equal(c.public_url, "https://zs.example.cn");
    assert_string_equal(c.title_issuer, "某某厅");
    assert_string_equal(c.contact, "电话 0551-00000000");
    assert_int_equal(c.proxy_count, 4);
    assert_string_equal(c.proxies[1], "10.0.0.0/8");
    assert_int_equal(c.connections, 2000);
    assert_int_equal(c.issuing_threads, 3);
}

static void what_is_not_said_has_its_default(void **state)
{
    struct config c;
    struct err e;

    (void)state;
    write_config("{\"public_url\": null}");
    assert_int_equal(config_load(&c, dir, &e), 0);
    assert_false(c.demo);
    assert_false(c.hide_photo);
    assert_string_equal(c.public_url, "");
    assert_int_equal(c.proxy_count, 0);
    assert_int_equal(c.connections, 0);
}

static void each_fault_names_its_member_and_what_to_write(void **state)
{
    static const struct {
        const char *json, *field, *advice;
    } bad[] = {
        {"{\"publicurl\": \"https://a\"}", "/publicurl", "public_url"},
        {"{\"public_url\": 5}", "/public_url", "https://"},
        {"{\"public_url\": \"http://a\"}", "/public_url", "https://"},
        {"{\"demo\": \"yes\"}", "/demo", "true or false"},
        {"{\"format\": 2}", "/format", "format 1"},
        {"{\"format\": true}", "/format", "format 1"},
        {"{\"title_issuer\": []}", "/title_issuer", "text"},
        {"{\"title_issuer\": \"a\\nb\"}", "/title_issuer", "line"},
        {"{\"contact\": 1}", "/contact", "text"},
        {"{\"show_photo\": null}", "/show_photo", "true or false"},
        {"{\"trusted_proxies\": \"127.0.0.1\"}", "/trusted_proxies", "list"},
        {"{\"trusted_proxies\": [\"localhost\"]}", "/trusted_proxies", "addresses"},
        {"{\"trusted_proxies\": [\"10.0.0.0/33\"]}", "/trusted_proxies", "networks"},
        {"{\"trusted_proxies\": [\"10.0.0.0/\"]}", "/trusted_proxies", "networks"},
        {"{\"trusted_proxies\": [\"::1/-1\"]}", "/trusted_proxies", "networks"},
        {"{\"trusted_proxies\": [\"::1/129\"]}", "/trusted_proxies", "networks"},
        {"{\"trusted_proxies\": [null]}", "/trusted_proxies", "networks"},
        {"{\"trusted_proxies\": [\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\"]}",
         "/trusted_proxies", "8"},
        {"{\"connections\": 0}", "/connections", "16"},
        {"{\"connections\": 2.5}", "/connections", "whole"},
        {"{\"connections\": 4294967312}", "/connections", "100000"},
        {"{\"issuing_threads\": \"2\"}", "/issuing_threads", "whole"},
        {"{\"issuing_threads\": 65}", "/issuing_threads", "64"},
        {"[]", "", "object"},
        {"{\"demo\": true", "config.json", "line 1"},
        {"{\"demo\": true, \"demo\": true}", "config.json", "duplicate"},
    };
    struct config c;
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_config(bad[i].json);
        if (config_load(&c, dir, &e) == 0)
            fail_msg("%s was taken", bad[i].json);
        assert_string_equal(e.field, bad[i].field);
        if (strstr(e.en, bad[i].advice) == NULL || e.zh[0] == '\0')
            fail_msg("%s: \"%s\" does not say \"%s\"", bad[i].json, e.en, bad[i].advice);
    }
}

static void a_text_that_fills_its_room_is_taken_and_one_byte_more_is_not(void **state)
{
    struct config c;
    char text[400];
    struct err e;

    (void)state;
    (void)snprintf(text, sizeof text, "{\"contact\": \"%0255d\"}", 1);
    write_config(text);
    assert_int_equal(config_load(&c, dir, &e), 0);
    assert_int_equal(strlen(c.contact), 255);
    (void)snprintf(text, sizeof text, "{\"contact\": \"%0256d\"}", 1);
    write_config(text);
    assert_int_equal(config_load(&c, dir, &e), -1);
}

static void saving_keeps_comments_their_order_and_the_others_members(void **state)
{
    struct buf text = BUF_INIT(4096);
    struct config c;
    const char *all;
    struct err e;

    (void)state;
    write_config("{\"// z\": \"first\", \"contact\": \"电话\", \"// a\": \"second\", \"connections\": 64}");
    assert_int_equal(config_load(&c, dir, &e), 0);
    assert_int_equal(config_set_url(&c, "https://zs.example.cn", &e), 0);
    assert_int_equal(config_save(&c, dir, &e), 0);
    assert_int_equal(file_read(&text, path, &e), 0);
    all = buf_text(&text);
    assert_non_null(strstr(all, "电话"));
    assert_non_null(strstr(all, "\"connections\": 64"));
    assert_true(strstr(all, "first") < strstr(all, "电话"));
    assert_true(strstr(all, "电话") < strstr(all, "second"));
    assert_int_equal(config_load(&c, dir, &e), 0);
    assert_string_equal(c.public_url, "https://zs.example.cn");
    buf_dispose(&text);
}

static void all_members_come_back_as_they_were_saved(void **state)
{
    struct config c = {.demo = true,
                       .title_issuer = "某某厅",
                       .contact = "电话",
                       .hide_photo = true,
                       .proxies = {"127.0.0.1", "fd00::/8"},
                       .proxy_count = 2,
                       .connections = 100,
                       .issuing_threads = 2};
    struct config back;
    struct err e;

    (void)state;
    assert_int_equal(config_set_url(&c, "https://zs.example.cn", &e), 0);
    assert_int_equal(config_save(&c, dir, &e), 0);
    assert_int_equal(config_load(&back, dir, &e), 0);
    assert_true(back.demo && back.hide_photo);
    assert_string_equal(back.public_url, c.public_url);
    assert_string_equal(back.host, c.host);
    assert_string_equal(back.title_issuer, c.title_issuer);
    assert_string_equal(back.contact, c.contact);
    assert_int_equal(back.proxy_count, 2);
    assert_string_equal(back.proxies[1], "fd00::/8");
    assert_int_equal(back.connections, 100);
    assert_int_equal(back.issuing_threads, 2);
}

static void a_broken_file_is_not_written_over(void **state)
{
    struct config c = {.demo = true};
    struct buf text = BUF_INIT(4096);
    struct err e;

    (void)state;
    write_config("{\"demo\": true,");
    assert_int_equal(config_save(&c, dir, &e), -1);
    write_config("{\"publicurl\": true}");
    assert_int_equal(config_save(&c, dir, &e), -1);
    assert_int_equal(file_read(&text, path, &e), 0);
    assert_string_equal(buf_text(&text), "{\"publicurl\": true}");
    buf_dispose(&text);
}

static void a_directory_that_may_not_be_entered_is_told_apart_from_one_that_is_none(void **state)
{
    struct config c;
    struct err e;
    int status;

    (void)state;
    write_config("{}");
    assert_int_equal(chmod(dir, 0), 0);
    if (fork() == 0) {
        bool told;

        if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
            _exit(2);
        told = config_load(&c, dir, &e) != 0 && e.code == ERR_UNAVAILABLE && strstr(e.en, "chown") != NULL &&
               strstr(e.zh, "无权打开") != NULL;
        _exit(told ? 0 : 1);
    }
    assert_true(wait(&status) > 0);
    assert_int_equal(chmod(dir, 0700), 0);
    assert_int_equal(status, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(config_load(&c, dir, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
}

#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(everything_that_may_be_said_is_understood),
        WITH_DIRECTORY(what_is_not_said_has_its_default),
        WITH_DIRECTORY(each_fault_names_its_member_and_what_to_write),
        WITH_DIRECTORY(a_text_that_fills_its_room_is_taken_and_one_byte_more_is_not),
        WITH_DIRECTORY(saving_keeps_comments_their_order_and_the_others_members),
        WITH_DIRECTORY(all_members_come_back_as_they_were_saved),
        WITH_DIRECTORY(a_broken_file_is_not_written_over),
        WITH_DIRECTORY(a_directory_that_may_not_be_entered_is_told_apart_from_one_that_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
