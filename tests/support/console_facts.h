/* console_facts.h - made-up facts for the console's pages, and every page made of them. */
#pragma once
#include "web/console_pages.h"

/* Calls keep(arg, name, page) for each page in each of its states. hostile: every text a page takes from
 * outside is that one instead. */
void console_facts_pages(const char *hostile, void (*keep)(void *arg, const char *name, struct buf *html),
                         void *arg);
