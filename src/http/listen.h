/* listen.h - the socket that strangers connect to. */
#pragma once
#include "base/err.h"
#include <stdbool.h>

/* Binds and listens; *port is the one that was bound. ERR_INVALID for what is no address, ERR_UNAVAILABLE
 * where it cannot be had. */
MUST_CHECK int listen_open(int *fd, unsigned *port, const char *listen_at, struct err *e);
/* Whether it is an address that only this machine reaches (127.0.0.0/8, ::1, localhost). */
bool listen_is_loopback(const char *listen_at);
