/* html.h - text that becomes HTML without becoming markup. */
#pragma once
#include "base/buf.h"

/* Appends text with & < > " and ' escaped. Control characters other than tab and newline, and those that turn
 * the direction of writing, become U+FFFD. */
void html_text(struct buf *out, const char *text);
/* Appends the format, where every %s is escaped; %d, %u, %zu, %lld and %% are understood, and %m takes a text
 * that is markup of our own and goes in as it is. */
void html_printf(struct buf *out, const char *fmt, ...);
