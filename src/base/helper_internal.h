/* helper_internal.h - what a caller and its helper say to each other: messages of one size each, memory as a
 * descriptor beside them. */
#pragma once
#include "base/helper.h"
#include <stdint.h>

struct helper_call_message {
    uint64_t number;  /* of the call */
    int64_t deadline; /* clock_monotonic_ms() */
    uint64_t len;     /* of the input */
    unsigned kind;
};

struct helper_answer_message {
    uint64_t number;   /* of the call */
    uint64_t begun_by; /* not 0: that helper has taken the call on, the answer comes later */
    int rc;
    struct err err;
};

/* On the control socket: the caller asks for the end of a helper, the parent tells that one has ended. They
 * are counted from 1. */
struct helper_control_message {
    uint64_t helper;
};

/* Sends the message, and fd (or -1) with it. 0, or -1 with errno. Does not wait. */
int helper_send(int socket, const void *message, size_t size, int fd);
/* Receives one message of exactly that size; *fd (the caller's, or -1) came with it. 1, 0 at the end or for
 * what is no message of ours, -1 with errno. */
int helper_receive(int socket, void *message, size_t size, int *fd, int flags);

/* The life of the spare parent: forks helpers, replaces them, ends with the caller. */
struct helper_post {
    int calls, control;
    helper_job *job;
    void *arg;
    size_t answer_bytes;
    uint64_t helper; /* the one at work */
};
_Noreturn void helper_be_the_parent(const struct helper_post *p);
