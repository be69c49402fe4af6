/* cli.h - what the commands share: options, help, errors and exit statuses.
 *
 * One file a command. A command gets its own words (argv[0] is its name) and returns the exit status. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum cli_exit {
    CLI_FINE = 0,
    CLI_REFUSED = 1,  /* the input is refused or invalid */
    CLI_USAGE = 2,    /* called wrongly */
    CLI_COULD_NOT = 3 /* disk, network, key, installation */
};

struct cli_option {
    const char *name;   /* "--out" */
    const char *letter; /* "-o", or NULL */
    const char **value; /* set to the word that follows ("--out X") or is joined ("--out=X") */
    bool *flag;         /* or set to true */
};

enum { CLI_MAX_WORDS = 64 };

struct cli_words {
    const char *list[CLI_MAX_WORDS]; /* what is no option, in order */
    size_t count;
};

struct cli_help {
    const char *en, *zh; /* usage with an example, whole lines */
    size_t min_words, max_words;
};

enum { CLI_GO_ON = -1 };

/* Reads argv[1..] of a command. --help and --data DIR are understood everywhere. CLI_GO_ON, or the status to
 * leave with (--help was printed, or the call was wrong and said so). "--" ends the options; "-" is a word.
 */
int cli_parse(struct cli_words *words, int argc, char **argv, const struct cli_option *options, size_t count,
              const struct cli_help *help);

/* --data, else $SEALPRESS_DATA, else ./sealpress-data. */
const char *cli_data_dir(void);

/* Writes text that may come from outside: a terminal must not obey what is written in it. */
void cli_put(FILE *out, const char *text);

/* Prints "sealpress: <field>: <text>" on standard error, in the user's language; returns the exit status. */
int cli_fail(const struct err *e);
/* Wrong usage: prints why and where help is. */
int cli_misused(const char *command, const char *en, const char *zh);
/* The exit status for what went wrong. */
int cli_status(enum err_code code);
/* A remark that does not stop anything: "sealpress: note: ..." */
void cli_note(const char *en, const char *zh);

/* A line on standard error that is written over, only where a person watches; NULL ends it. */
void cli_progress(const char *en, const char *zh);

/* What commands that make documents of any template share: cli_template.c. */
struct press;
struct template;
struct cli_template {
    struct press *press;
    const struct template *template; /* of the press, or */
    struct template *own;            /* of a folder */
};
/* A template of the installation by its name; a word with a slash in it is a folder with a template.md. */
MUST_CHECK int cli_template_open(struct cli_template *out, const char *word, struct err *e);
void cli_template_close(struct cli_template *t);
bool cli_is_folder(const char *word);

int cli_backup(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_import(int argc, char **argv);
int cli_init(int argc, char **argv);
int cli_issue(int argc, char **argv);
int cli_key(int argc, char **argv);
int cli_preview(int argc, char **argv);
int cli_recover(int argc, char **argv);
int cli_render(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_photo(int argc, char **argv);
int cli_seal(int argc, char **argv);
int cli_serve(int argc, char **argv);
int cli_templates(int argc, char **argv);
int cli_verify(int argc, char **argv);
