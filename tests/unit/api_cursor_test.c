#include "api/certificates.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct cursor sample = {.created = 1768465800, .id = "00112233445566778899aabbccddeeff"};

static void a_cursor_comes_back_as_it_went(void **state)
{
    char text[CURSOR_SIZE];
    struct cursor c;

    (void)state;
    cursor_write(text, &sample, "office\nyear=2025\n");
    assert_true(cursor_read(&c, text, "office\nyear=2025\n"));
    assert_true(c.created == sample.created);
    assert_string_equal(c.id, sample.id);
}

static void a_cursor_belongs_to_its_filters(void **state)
{
    char text[CURSOR_SIZE];
    struct cursor c;

    (void)state;
    cursor_write(text, &sample, "office\nyear=2025\n");
    assert_false(cursor_read(&c, text, "office\nyear=2024\n"));
    assert_false(cursor_read(&c, text, "*\nyear=2025\n"));
}

static void any_change_to_a_cursor_is_noticed(void **state)
{
    char text[CURSOR_SIZE + 1], bent[CURSOR_SIZE + 1];
    struct cursor c;

    (void)state;
    cursor_write(text, &sample, "f");
    for (size_t i = 0; i < strlen(text); i++) {
        memcpy(bent, text, CURSOR_SIZE);
        bent[i] = bent[i] == '0' ? '1' : '0';
        assert_false(cursor_read(&c, bent, "f"));
        bent[i] = 'G';
        assert_false(cursor_read(&c, bent, "f"));
        bent[i] = '\0';
        assert_false(cursor_read(&c, bent, "f"));
    }
    memcpy(bent, text, CURSOR_SIZE);
    bent[CURSOR_SIZE - 1] = '0';
    bent[CURSOR_SIZE] = '\0';
    assert_false(cursor_read(&c, bent, "f"));
    assert_false(cursor_read(&c, "", "f"));
}

static void a_row_is_shown_with_what_people_need(void **state)
{
    const struct app app = {.config = {.public_url = "https://zs.example.cn"}};
    struct certificate_row row = {.id = "00112233445566778899aabbccddeeff",
                                  .token = "AAAAAAAAAAAAAAAAAAAAAA",
                                  .organisation = "office",
                                  .profile = "p",
                                  .issuer = "i",
                                  .biz_no = "B-1",
                                  .number = "第三方33",
                                  .template_name = "certificate",
                                  .order_json = "{\"name\":\"龙\",\"title\":\"t\",\"year\":2025}",
                                  .record_json =
                                      "{\"issuer\":{\"name\":\"某|厅\"},\"committee\":{\"name\":\"委\"}}",
                                  .created = 1768465800,
                                  .state = CERTIFICATE_ISSUED,
                                  .issued = 1768465801,
                                  .seals_json = "[\"committee\"]"};
    json_t *view = certificate_view(&app, &row), *missing;

    (void)state;
    assert_non_null(view);
    assert_string_equal(json_text(view, "verify_url"), "https://zs.example.cn/v/AAAAAAAAAAAAAAAAAAAAAA");
    assert_string_equal(json_text(view, "name"), "龙");
    assert_string_equal(json_text(view, "issued"), "2026-01-15T08:30:01Z");
    assert_null(json_object_get(view, "id_number"));
    missing = json_object_get(view, "seals_missing");
    assert_int_equal(json_array_size(missing), 1);
    assert_string_equal(json_text(json_array_get(missing, 0), "office"), "某厅");
    assert_int_equal(json_array_size(json_object_get(view, "seals_applied")), 1);
    json_decref(view);
    row.state = CERTIFICATE_RESERVED;
    row.seals_json = NULL;
    view = certificate_view(&app, &row);
    assert_string_equal(json_text(view, "state"), "reserved");
    assert_null(json_object_get(view, "file"));
    assert_int_equal(json_array_size(json_object_get(view, "seals_missing")), 0);
    json_decref(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_comes_back_as_it_went),
        cmocka_unit_test(a_cursor_belongs_to_its_filters),
        cmocka_unit_test(any_change_to_a_cursor_is_noticed),
        cmocka_unit_test(a_row_is_shown_with_what_people_need),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
