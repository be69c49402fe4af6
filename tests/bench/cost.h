/* cost.h - what something costs: CPU time of our processes, memory, and raw signatures to compare with. */
#pragma once
#include "base/err.h"
#include <sys/types.h>

/* User and system CPU of this process since it began, in ms. */
double cost_own_ms(void);
/* The same of another process, from /proc (in steps of 10 ms); 0 if it is not there. */
double cost_process_ms(pid_t pid);
/* User and system CPU of the children that have ended and been waited for, in ms. */
double cost_children_ms(void);
/* Proportional set size, KiB: shared pages count in parts. */
long cost_pss_kib(pid_t pid);
/* Both of a process and everything it started that still runs, and of their children that ended. */
double cost_tree_ms(pid_t root);
long cost_tree_pss_kib(pid_t root);
double cost_wall_ms(void);
/* CPU ms of one SHA-256 signature with a fresh key ("rsa-2048", "p-256"), the mean of count. */
MUST_CHECK int cost_raw_signature_ms(double *out, const char *algorithm, int count, struct err *e);
