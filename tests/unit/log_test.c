/* log_test.c - a line of the log stays one line, whatever a stranger wrote into it. */
#include "base/buf.h"
#include "base/log.h"
#include "base/utf8.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *member(struct log_line *l, const char *value)
{
    log_begin(l, "request");
    log_text(l, "v", value);
    l->text[l->len] = '\0';
    return strstr(l->text, " v=");
}

static void a_line_begins_with_time_and_event(void **state)
{
    struct log_line l;

    (void)state;
    log_begin(&l, "started");
    log_number(&l, "port", 8080);
    log_number(&l, "least", INT64_MIN);
    l.text[l.len] = '\0';
    assert_int_equal(strspn(l.text + 5, "0123456789-T:.Z"), 24);
    assert_string_equal(l.text + 29, " event=started port=8080 least=-9223372036854775808");
}

static void what_could_end_a_line_or_a_member_is_escaped(void **state)
{
    struct log_line l;

    (void)state;
    assert_string_equal(member(&l, "/v1/certificates/{id}"), " v=/v1/certificates/{id}");
    assert_string_equal(member(&l, ""), " v=\"\"");
    assert_string_equal(member(&l, "a b"), " v=\"a b\"");
    assert_string_equal(member(&l, "x\nevent=forged"), " v=\"x\\u000aevent=forged\"");
    assert_string_equal(member(&l, "\"\\"), " v=\"\\\"\\\\\"");
    assert_string_equal(member(&l, "\xFF\x80"), " v=\"\\xff\\x80\"");
    assert_string_equal(member(&l, "\xE2\x80\xAE\x1B[2J"), " v=\"\\u202e\\u001b[2J\"");
    assert_string_equal(member(&l, "王芳"), " v=\"王芳\"");
    assert_null(member(&l, NULL));
}

static void a_line_too_long_is_cut_between_characters(void **state)
{
    struct log_line l;
    char name[3 * LOG_LINE_MAX + 1];

    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        memset(name, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof name; i += 3)
            memcpy(name + i, "芳", 4);
        log_begin(&l, "long");
        log_text(&l, "name", name);
        log_text(&l, "more", name);
        log_number(&l, "n", 1);
        assert_true(l.len < LOG_LINE_MAX);
        assert_true(utf8_valid((struct slice){(const uint8_t *)l.text, l.len}));
        assert_int_equal(l.text[l.len - 1], '"');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_begins_with_time_and_event),
        cmocka_unit_test(what_could_end_a_line_or_a_member_is_escaped),
        cmocka_unit_test(a_line_too_long_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
