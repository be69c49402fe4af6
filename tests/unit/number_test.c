/* number_test.c - certificate numbers by pattern, check characters, licence identifiers. */
#include "records/checksum.h"
#include "records/number.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char usual[] = "9{province}{year}{region:2}{series:2}{level:2}{seq:6}";
static const struct number_parts health = {"", "34", "00", "05", "12", 2022};

static void a_pattern_gives_the_numbers_that_are_known_from_the_field(void **state)
{
    static const struct number_parts teacher = {"", "34", "00", "01", "01", 2023},
                                     reissue = {"YB", "34", "01", "01", "00", 2024};
    char out[NUMBER_MAX + 1];
    struct err e;

    (void)state;
    assert_int_equal(number_make(out, usual, &teacher, 136, &e), 0);
    assert_string_equal(out, "9342023000101000136");
    assert_int_equal(number_make(out, usual, &health, 2121, &e), 0);
    assert_string_equal(out, "9342022000512002121");
    assert_int_equal(number_make(out, usual, &reissue, 1, &e), 0);
    assert_string_equal(out, "YB9342024010100000001");
    assert_int_equal(number_counter(out, usual, &health, &e), 0);
    assert_string_equal(out, "93420220005"
                             "12#");
}

static void a_pattern_that_cannot_work_is_refused_when_it_is_loaded(void **state)
{
    static const char *const bad[] = {
        "",          "{year}",   "{seq:6}{seq:6}", "{seq}",           "{seq:0}",
        "{seq:99}",  "{seq:6",   "{sequence:6}",   "{year:9}{seq:6}", "a b{seq:6}",
        "编{seq:6}", "{seq:6}/", "{}{seq:6}",      "{seq:6 }",        "{seq:-6}"};
    struct err e;

    (void)state;
    assert_int_equal(number_pattern_check(usual, &e), 0);
    assert_int_equal(number_pattern_check("", &e), -1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (number_pattern_check(bad[i], &e) == 0)
            fail_msg("\"%s\" was taken", bad[i]);
    }
}

static void a_serial_that_outgrows_its_width_is_refused(void **state)
{
    char out[NUMBER_MAX + 1];
    struct err e;

    (void)state;
    assert_int_equal(number_make(out, "{year}{seq:3}", &health, 999, &e), 0);
    assert_string_equal(out, "2022999");
    assert_int_equal(number_make(out, "{year}{seq:3}", &health, 1000, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
}

static void a_part_of_another_width_is_refused_by_its_name(void **state)
{
    struct number_parts odd = health;
    char out[NUMBER_MAX + 1];
    struct err e;

    (void)state;
    odd.series = "5";
    assert_int_equal(number_make(out, usual, &odd, 1, &e), -1);
    assert_string_equal(e.field, "/series/code");
    odd.series = "0-";
    assert_int_equal(number_make(out, usual, &odd, 1, &e), -1);
    odd = health;
    odd.level = NULL;
    assert_int_equal(number_make(out, usual, &odd, 1, &e), -1);
    assert_string_equal(e.field, "/level");
}

static void identity_numbers_are_checked_to_the_last_character(void **state)
{
    static const struct {
        const char *text;
        enum resident_id result;
    } rows[] = {{"340000198502120024", RESIDENT_ID_GOOD},   {"340000199006074537", RESIDENT_ID_GOOD},
                {"340000197811031274", RESIDENT_ID_GOOD},   {"34000019880229005X", RESIDENT_ID_GOOD},
                {"34000019880229005x", RESIDENT_ID_SHAPE},  {"340000198502120025", RESIDENT_ID_CHECK},
                {"340000198502300024", RESIDENT_ID_BIRTH},  {"34000019850212002", RESIDENT_ID_SHAPE},
                {"34000019850212002４", RESIDENT_ID_SHAPE}, {"", RESIDENT_ID_SHAPE}};
    struct date birth;
    bool male = false;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (resident_id_check(rows[i].text, &birth, &male) != rows[i].result)
            fail_msg("%s", rows[i].text);
    }
    assert_int_equal(resident_id_check("340000198502120024", &birth, &male), RESIDENT_ID_GOOD);
    assert_false(male);
    assert_int_equal(birth.day, 12);
}

static void credit_codes_are_checked(void **state)
{
    (void)state;
    assert_true(uscc_valid("91340100683643522D"));
    assert_true(uscc_valid("91350100M000100Y43"));
    assert_true(uscc_valid("11340000MB0T0T0T1J"));
    assert_false(uscc_valid("91350100M000100Y4Z"));
    assert_false(uscc_valid("91340100683643522E"));
    assert_false(uscc_valid("9134010068364352"));
    assert_false(uscc_valid("9134010068364352ID"));
}

static void licence_identifiers_match_the_published_ones(void **state)
{
    char out[LICENSE_ID_MAX + 1];
    struct err e;

    (void)state;
    assert_int_equal(license_id_make(out, "11100000MB03271699022", "340100", "000000016", 1, &e), 0);
    assert_string_equal(out, "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9");
    assert_int_equal(
        license_id_make(out, "11100000000013338W011", "11430000006122244L", "20230000403", 1, &e), 0);
    assert_string_equal(out, "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U");
    assert_int_equal(
        license_id_make(out, "11340000MB0T0T0T1J001", "11340000MB0T0T0T1J", "9342025010012000001", 1, &e), 0);
    assert_string_equal(out,
                        "1.2.156.3005.2.11340000MB0T0T0T1J001.11340000MB0T0T0T1J.9342025010012000001.001.I");
    assert_int_equal(license_id_make(out, "1", "2", "第三方33", 1, &e), -1);
    assert_int_equal(license_id_make(out, "1", "2", "3", 1000, &e), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_gives_the_numbers_that_are_known_from_the_field),
        cmocka_unit_test(a_pattern_that_cannot_work_is_refused_when_it_is_loaded),
        cmocka_unit_test(a_serial_that_outgrows_its_width_is_refused),
        cmocka_unit_test(a_part_of_another_width_is_refused_by_its_name),
        cmocka_unit_test(identity_numbers_are_checked_to_the_last_character),
        cmocka_unit_test(credit_codes_are_checked),
        cmocka_unit_test(licence_identifiers_match_the_published_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
