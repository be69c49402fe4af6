#include "cli/cli.h"
#include "base/language.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *told_data_dir; /* by --data */
static bool progress_shown;

const char *cli_data_dir(void)
{
    const char *environment = getenv("SEALPRESS_DATA");

    if (told_data_dir != NULL)
        return told_data_dir;
    return environment != NULL && environment[0] != '\0' ? environment : "./sealpress-data";
}

int cli_status(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return CLI_FINE;
    case ERR_INVALID:
    case ERR_NOT_FOUND:
    case ERR_CONFLICT:
    case ERR_FORBIDDEN:
    case ERR_TOO_LARGE:
        return CLI_REFUSED;
    case ERR_IN_PROGRESS:
    case ERR_UNAVAILABLE:
    case ERR_NO_MEMORY:
    case ERR_INTERNAL:
        break;
    }
    return CLI_COULD_NOT;
}

void cli_put(FILE *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        bool c1 = *c == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0;
        bool bidi = *c == 0xE2 &&
                    ((c[1] == 0x80 && ((c[2] >= 0xAA && c[2] <= 0xAE) || c[2] == 0x8E || c[2] == 0x8F)) ||
                     (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9));

        if (*c < ' ' || *c == 0x7F || c1 || bidi) {
            (void)fputc('?', out);
            c += c1 ? 1 : bidi ? 2 : 0;
        } else {
            (void)fputc(*c, out);
        }
    }
}

int cli_fail(const struct err *e)
{
    cli_progress(NULL, NULL);
    (void)fputs("sealpress: ", stderr);
    if (e->field[0] != '\0') {
        cli_put(stderr, e->field);
        (void)fputs(": ", stderr);
    }
    cli_put(stderr, err_text(e));
    (void)fputc('\n', stderr);
    if (e->detail[0] != '\0' && cli_status(e->code) == CLI_COULD_NOT)
        (void)fprintf(stderr, "sealpress: (%s)\n", e->detail);
    return cli_status(e->code);
}

int cli_misused(const char *command, const char *en, const char *zh)
{
    (void)fprintf(stderr, "sealpress: %s: %s\n", command, language_pick(en, zh));
    (void)fprintf(stderr, "sealpress: %s \"sealpress %s --help\"\n", language_pick("see", "用法请看"),
                  command);
    return CLI_USAGE;
}

void cli_note(const char *en, const char *zh)
{
    cli_progress(NULL, NULL);
    (void)fprintf(stderr, "sealpress: %s%s\n", language_pick("note: ", "提示："), language_pick(en, zh));
}

void cli_progress(const char *en, const char *zh)
{
    if (en == NULL && progress_shown)
        (void)fprintf(stderr, "\r\033[K");
    else if (en != NULL && isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r\033[K%s", language_pick(en, zh));
    progress_shown = en != NULL && isatty(STDERR_FILENO);
}

/* Whether word is the option, alone or joined with its value ("--out=X"). */
static bool names(const struct cli_option *o, const char *word, const char **joined)
{
    size_t len = strlen(o->name);

    *joined = NULL;
    if (o->letter != NULL && strcmp(word, o->letter) == 0)
        return true;
    if (strncmp(word, o->name, len) != 0)
        return false;
    if (word[len] == '=' && o->value != NULL)
        *joined = word + len + 1;
    return word[len] == '\0' || *joined != NULL;
}

static const struct cli_option *find(const char *word, const struct cli_option *options, size_t count,
                                     const char **joined)
{
    static const struct cli_option data = {"--data", NULL, &told_data_dir, NULL};

    for (size_t i = 0; i < count; i++) {
        if (names(&options[i], word, joined))
            return &options[i];
    }
    return names(&data, word, joined) ? &data : NULL;
}

static int misused_word(const char *command, const char *word, const char *en, const char *zh)
{
    char english[256], chinese[256];

    (void)snprintf(english, sizeof english, "%s: %s", word, en);
    (void)snprintf(chinese, sizeof chinese, "%s：%s", word, zh);
    return cli_misused(command, english, chinese);
}

static int take_option(int *i, int argc, char **argv, const struct cli_option *options, size_t count)
{
    const char *joined;
    const struct cli_option *o = find(argv[*i], options, count, &joined);

    if (o == NULL)
        return misused_word(argv[0], argv[*i], "there is no such option.", "没有这个选项。");
    if (o->flag != NULL) {
        *o->flag = true;
        return CLI_GO_ON;
    }
    if (joined == NULL) {
        if (*i + 1 >= argc)
            return misused_word(argv[0], argv[*i], "a value must follow.", "后面缺少取值。");
        joined = argv[++*i];
    }
    if (*o->value != NULL && o->value != &told_data_dir)
        return misused_word(argv[0], o->name, "given twice.", "重复给出。");
    *o->value = joined;
    return CLI_GO_ON;
}

int cli_parse(struct cli_words *words, int argc, char **argv, const struct cli_option *options, size_t count,
              const struct cli_help *help)
{
    bool only_words = false;

    *words = (struct cli_words){{NULL}, 0};
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(language_pick(help->en, help->zh), stdout);
            return CLI_FINE;
        }
    }
    for (int i = 1; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0') {
            int status = take_option(&i, argc, argv, options, count);

            if (status != CLI_GO_ON)
                return status;
        } else if (words->count == CLI_MAX_WORDS || words->count == help->max_words) {
            return misused_word(argv[0], argv[i], "one word too many.", "多余的参数。");
        } else {
            words->list[words->count++] = argv[i];
        }
    }
    if (words->count < help->min_words)
        return cli_misused(argv[0], "a word is missing.", "缺少参数。");
    return CLI_GO_ON;
}
