/* console_internal.h - what the console's pages are put together from. */
#pragma once
#include "web/console_pages.h"
#include "web/html.h"
#include "web/web_internal.h"

enum sign {
    SIGN_FILE,
    SIGN_PICTURE,
    SIGN_SEARCH,
    SIGN_DOWNLOAD,
    SIGN_PLUS,
    SIGN_CROSS,
    SIGN_BACK,
    SIGN_ON,
    SIGN_STOP,
    SIGN_UP
};
/* A line icon of the console's own; those of all pages are put_icon()'s. */
void put_sign(struct buf *out, enum sign sign, int pixels);

/* Head, bar, message of the last act. */
struct console_frame {
    const char *title;
    enum console_place place;
};
void console_begin(struct buf *out, const struct console_site *site, const struct console_frame *f);
int console_end(struct buf *out, struct err *e);
/* <form method=post action=... > with its token. attributes: markup of our own, or "" */
void form_begin(struct buf *out, const struct console_site *site, const char *action, const char *attributes);
/* 批复备案 / name of the filing / here. f NULL: without the filing. */
void put_crumbs(struct buf *out, const struct console_filing *f, const char *here);
void put_status(struct buf *out, enum console_status s);
void put_state(struct buf *out, enum console_state s, const char *verdict);
/* tone: "bad", "warn", "ok", "note"; closes with message_end(); what stands between are its buttons */
void message_begin(struct buf *out, const char *tone, const char *bold, const char *text);
void message_end(struct buf *out);
/* label, value in <bdi>; nothing where there is none */
void put_fact(struct buf *out, const char *label, const char *value);
void put_empty(struct buf *out, enum sign sign, const char *bold, const char *text);
/* "2026-03-18 10:20:33"; seconds as wanted */
void put_time(struct buf *out, int64_t moment, bool seconds);
/* 上一页 第 n 页 下一页; base: address with its question mark, to which "&page=n" may be added */
void put_pages(struct buf *out, const char *base, unsigned page, uint64_t total, unsigned per_page,
               const char *unit);
void put_choices(struct buf *out, const char *id, const char *name, const char *label,
                 const struct console_choice *list, size_t count, const char *chosen);
