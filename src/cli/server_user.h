/* server_user.h - a command that was started as root does its work as the server's user. */
#pragma once
#include "base/err.h"
#include "sign/signer.h"
#include <stdbool.h>

/* Whether the server's user gets into this directory. */
bool server_user_reaches(const struct signer_identity *who, const char *dir);
/* Gives a file or directory of the data directory to the server's user. */
MUST_CHECK int server_user_give(const struct signer_identity *who, const char *data_dir, const char *name,
                                struct err *e);
