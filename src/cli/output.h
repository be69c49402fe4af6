/* output.h - a command's output file: complete under its name, or not there. */
#pragma once
#include "base/err.h"
#include <limits.h>

struct cli_output {
    const char *path;         /* as it was named */
    int fd;                   /* for writing; -1 before it was opened */
    char temporary[PATH_MAX]; /* beside path, until it is published; "" for standard output */
};
/* A new file beside path. "-" is not special. */
MUST_CHECK int cli_output_open(struct cli_output *o, const char *path, struct err *e);
/* What was written is on the disk and takes its name. -1 with errno. */
MUST_CHECK int cli_output_publish(struct cli_output *o);
/* Closes it; what was not published goes. Fine on one that was never opened, with fd -1. */
void cli_output_end(struct cli_output *o);
