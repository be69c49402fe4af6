/* cli_test.c - how options are read. */
#include "cli/cli.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cli_help help = {"Usage\n", "用法\n", 1, 2};
static const char *out;
static bool demo;

static int parse(struct cli_words *words, int argc, const char *const *argv)
{
    static const struct cli_option options[] = {{"--out", "-o", &out, NULL}, {"--demo", NULL, NULL, &demo}};
    char *copy[16];

    out = NULL;
    demo = false;
    for (int i = 0; i < argc; i++)
        copy[i] = (char *)argv[i]; /* NOLINT(clang-diagnostic-cast-qual): as main gets it */
    return cli_parse(words, argc, copy, options, 2, &help);
}

#define PARSE(words, ...)                                                                                    \
    parse(words, (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)), (const char *[]){__VA_ARGS__})

static void options_stand_anywhere_and_take_their_values_either_way(void **state)
{
    struct cli_words words;

    (void)state;
    assert_int_equal(PARSE(&words, "x", "a", "-o", "f", "b", "--demo"), CLI_GO_ON);
    assert_int_equal(words.count, 2);
    assert_string_equal(words.list[1], "b");
    assert_string_equal(out, "f");
    assert_true(demo);
    assert_int_equal(PARSE(&words, "x", "--out=g=h", "-"), CLI_GO_ON);
    assert_string_equal(out, "g=h");
    assert_string_equal(words.list[0], "-");
    assert_int_equal(PARSE(&words, "x", "--", "--demo"), CLI_GO_ON);
    assert_string_equal(words.list[0], "--demo");
    assert_false(demo);
}

static void wrong_calls_end_with_two(void **state)
{
    struct cli_words words;

    (void)state;
    assert_int_equal(PARSE(&words, "x"), CLI_USAGE);
    assert_int_equal(PARSE(&words, "x", "a", "b", "c"), CLI_USAGE);
    assert_int_equal(PARSE(&words, "x", "a", "--nope"), CLI_USAGE);
    assert_int_equal(PARSE(&words, "x", "a", "--demo=1"), CLI_USAGE);
    assert_int_equal(PARSE(&words, "x", "a", "--out"), CLI_USAGE);
    assert_int_equal(PARSE(&words, "x", "a", "-o", "f", "--out=g"), CLI_USAGE);
    assert_int_equal(PARSE(&words, "x", "--help"), CLI_FINE);
}

static void the_data_directory_comes_from_option_environment_or_habit(void **state)
{
    struct cli_words words;

    (void)state;
    (void)unsetenv("SEALPRESS_DATA");
    assert_string_equal(cli_data_dir(), "./sealpress-data");
    (void)setenv("SEALPRESS_DATA", "/e", 1);
    assert_string_equal(cli_data_dir(), "/e");
    assert_int_equal(PARSE(&words, "x", "a", "--data", "/o"), CLI_GO_ON);
    assert_string_equal(cli_data_dir(), "/o");
}

static void what_went_wrong_has_its_exit_status(void **state)
{
    (void)state;
    assert_int_equal(cli_status(ERR_INVALID), CLI_REFUSED);
    assert_int_equal(cli_status(ERR_FORBIDDEN), CLI_REFUSED);
    assert_int_equal(cli_status(ERR_CONFLICT), CLI_REFUSED);
    assert_int_equal(cli_status(ERR_UNAVAILABLE), CLI_COULD_NOT);
    assert_int_equal(cli_status(ERR_INTERNAL), CLI_COULD_NOT);
    assert_int_equal(cli_status(ERR_NONE), CLI_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere_and_take_their_values_either_way),
        cmocka_unit_test(wrong_calls_end_with_two),
        cmocka_unit_test(the_data_directory_comes_from_option_environment_or_habit),
        cmocka_unit_test(what_went_wrong_has_its_exit_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
