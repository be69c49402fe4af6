/* http_parse_test.c - what strangers write in a request, read without a socket. */
#include "http/parse.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void targets_are_split_before_they_are_decoded(void **state)
{
    struct arena a = ARENA_INIT;
    struct target t;

    (void)state;
    assert_int_equal(target_read(&t, slice_of("/a%20b/%E7%8E%8B/?x=%26%3D&y=&z"), &a), 0);
    assert_int_equal(t.segment_count, 3);
    assert_string_equal(t.segments[0], "a b");
    assert_string_equal(t.segments[1], "王");
    assert_string_equal(t.segments[2], "");
    assert_string_equal(t.path, "/a b/王/");
    assert_string_equal(pair_lookup(t.query, t.query_count, "x"), "&=");
    assert_string_equal(pair_lookup(t.query, t.query_count, "z"), "");
    assert_null(pair_lookup(t.query, t.query_count, "w"));
    arena_dispose(&a);
}

static void too_many_segments_or_parameters_are_refused(void **state)
{
    char text[400] = "";
    struct arena a = ARENA_INIT;
    struct target t;

    (void)state;
    for (int i = 0; i < SEGMENTS_MAX; i++)
        strcat(text, "/a");
    assert_int_equal(target_read(&t, slice_of(text), &a), 0);
    strcat(text, "/a");
    assert_int_equal(target_read(&t, slice_of(text), &a), 400);
    strcpy(text, "/?");
    for (int i = 0; i < PAIRS_MAX; i++)
        (void)snprintf(text + strlen(text), 16, "p%d=&", i);
    assert_int_equal(target_read(&t, slice_of(text), &a), 0);
    strcat(text, "q");
    assert_int_equal(target_read(&t, slice_of(text), &a), 400);
    arena_dispose(&a);
}

static void without_memory_it_is_503_not_a_crash(void **state)
{
    (void)state;
    for (size_t max = 1; max < 200; max++) {
        struct arena a = {.max = max};
        struct target t;
        struct form f;
        int status = target_read(&t, slice_of("/abc/def?g=h&i=j"), &a);

        assert_true(status == 0 || status == 503);
        arena_dispose(&a);
        a = (struct arena){.max = max};
        status = form_read(&f, "application/x-www-form-urlencoded", slice_of("a=b&c=d"), &a);
        assert_true(status == 0 || status == 503);
        arena_dispose(&a);
    }
}

static void languages_are_weighed(void **state)
{
    static const struct {
        const char *header;
        bool english;
    } rows[] = {
        {"", false},
        {"en", true},
        {"EN-us", true},
        {"zh-CN,zh;q=0.9,en;q=0.8", false},
        {"en-US,en;q=0.9,zh;q=0.8", true},
        {"zh;q=0.5,en;q=0.6", true},
        {"en;q=0", false},
        {"en,zh", true},
        {"zh,en", false},
        {"fr", false},
        {"fr,en;q=0.1", true},
        {"en;q=2", false},
        {"en;q=0.5x", false},
        {"en ; q=0.5", true},
        {"enq", false},
        {"*", false},
        {",,,en", true},
        {";", false},
    };

    (void)state;
    assert_false(accept_language_english(NULL));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (accept_language_english(rows[i].header) != rows[i].english)
            fail_msg("%s", rows[i].header);
    }
}

static void only_proxies_we_trust_can_name_a_client(void **state)
{
    static const struct {
        const char *peer, *forwarded, *address;
    } rows[] = {
        {"127.0.0.1", NULL, "127.0.0.1"},
        {"127.0.0.1", "203.0.113.7", "203.0.113.7"},
        {"203.0.113.5", "203.0.113.7", "203.0.113.5"},
        {"127.0.0.1", "1.1.1.1, 10.9.8.7", "1.1.1.1"},
        {"127.0.0.1", "1.1.1.1, 203.0.113.7, 10.9.8.7", "203.0.113.7"},
        {"127.0.0.1", "1.1.1.1, garbage, 10.9.8.7", "10.9.8.7"},
        {"127.0.0.1", "", "127.0.0.1"},
        {"127.0.0.1", " , ,", "127.0.0.1"},
        {"127.0.0.1", "1.1.1.1:80", "127.0.0.1"},
        {"127.0.0.1", "10.1.1.1, 10.1.1.2", "10.1.1.1"},
        {"::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"},
        {"::1", "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::"},
        {"::1", "::ffff:203.0.113.7", "203.0.113.7"},
        {"2001:db8:1:2:3:4:5:6", NULL, "2001:db8:1:2::"},
        {"192.168.3.4", "203.0.113.7", "203.0.113.7"},
        {"192.168.4.4", "203.0.113.7", "192.168.4.4"},
    };
    struct network trusted[4];

    (void)state;
    assert_true(network_read(&trusted[0], "127.0.0.1"));
    assert_true(network_read(&trusted[1], "10.0.0.0/8"));
    assert_true(network_read(&trusted[2], "::1"));
    assert_true(network_read(&trusted[3], "192.168.2.0/23"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sockaddr_in6 six = {.sin6_family = AF_INET6};
        struct sockaddr_in four = {.sin_family = AF_INET};
        char address[ADDRESS_SIZE];
        bool is_four = inet_pton(AF_INET, rows[i].peer, &four.sin_addr) == 1;

        (void)inet_pton(AF_INET6, rows[i].peer, &six.sin6_addr);
        client_address(address, is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six,
                       rows[i].forwarded, trusted, 4);
        assert_string_equal(address, rows[i].address);
    }
}

static void what_is_no_network_is_refused(void **state)
{
    static const char *const bad[] = {"",       "a",           "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/a",
                                      "::/129", "10.0.0.0/8x", "1.2.3",       "/8",        "10.0.0.0/-1"};
    struct network n;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(network_read(&n, bad[i]));
    assert_true(network_read(&n, "0.0.0.0/0"));
    assert_true(network_read(&n, "2001:db8::/32"));
}

static void a_form_cut_anywhere_is_refused_or_smaller_but_never_read_past(void **state)
{
    static const char whole[] = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"
                                "--B\r\ncontent-disposition:form-data;name=f;filename=\"\"\r\n\r\n\r\n--B--";

    (void)state;
    for (size_t len = 0; len < sizeof whole; len++) {
        uint8_t copy[sizeof whole]; /* behind its end the sanitizer watches */
        struct arena a = ARENA_INIT;
        struct form f;
        int status;

        memcpy(copy + sizeof copy - len, whole, len);
        status = form_read(&f, "multipart/form-data; boundary=\"B\"",
                           (struct slice){copy + sizeof copy - len, len}, &a);
        if (len >= sizeof whole - 1) {
            assert_int_equal(status, 0);
            assert_int_equal(f.field_count, 1);
            assert_string_equal(f.fields[0].value, "x");
            assert_int_equal(f.file_count, 1);
            assert_int_equal(f.files[0].bytes.len, 0);
            assert_string_equal(f.files[0].field, "f");
        } else {
            assert_int_equal(status, 400);
        }
        arena_dispose(&a);
    }
}

static void too_many_or_too_long_fields_are_413(void **state)
{
    struct arena a = ARENA_INIT;
    struct buf b = BUF_INIT(1 << 20);
    struct form f;

    (void)state;
    for (int i = 0; i <= FORM_FIELDS_MAX; i++)
        buf_printf(&b, "--B\r\nContent-Disposition: form-data; name=\"f%d\"\r\n\r\nx\r\n", i);
    buf_append_text(&b, "--B--");
    assert_int_equal(form_read(&f, "multipart/form-data; boundary=B", buf_view(&b), &a), 413);
    buf_reset(&b);
    buf_append_text(&b, "--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n");
    for (int i = 0; i <= FORM_FIELD_BYTES; i++)
        buf_append_char(&b, 'x');
    buf_append_text(&b, "\r\n--B--");
    assert_int_equal(form_read(&f, "multipart/form-data; boundary=B", buf_view(&b), &a), 413);
    buf_dispose(&b);
    arena_dispose(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_split_before_they_are_decoded),
        cmocka_unit_test(too_many_segments_or_parameters_are_refused),
        cmocka_unit_test(without_memory_it_is_503_not_a_crash),
        cmocka_unit_test(languages_are_weighed),
        cmocka_unit_test(only_proxies_we_trust_can_name_a_client),
        cmocka_unit_test(what_is_no_network_is_refused),
        cmocka_unit_test(a_form_cut_anywhere_is_refused_or_smaller_but_never_read_past),
        cmocka_unit_test(too_many_or_too_long_fields_are_413),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
