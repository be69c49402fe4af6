/* web_internal.h - what the pages are put together from: frame, band, lists, icons, days. */
#pragma once
#include "base/clock.h"
#include "web/html.h"
#include "web/pages.h"

enum { PAGE_MAX_BYTES = 256 * 1024 };

enum icon {
    ICON_OK,
    ICON_BAD,
    ICON_WARN,
    ICON_REPLACED,
    ICON_UNKNOWN,
    ICON_NOTE,
    ICON_LOCK,
    ICON_UPLOAD,
    ICON_TICK
};
void put_icon(struct buf *out, enum icon icon, int pixels, const char *tone);
/* The icon and the class of a tone. */
enum icon tone_icon(enum page_tone tone);
const char *tone_class(enum page_tone tone);

/* The text in the page's language. */
const char *say(const struct page_site *site, const char *en, const char *zh);

/* Head and header; title stands before the name of the service. wide: the page of an upload's result. */
void frame_begin(struct buf *out, const struct page_site *site, const char *title, bool wide);
/* What becomes of a verdict: colour, shape, word; the sentence and when it was found. */
void frame_band(struct buf *out, const struct page_site *site, enum page_tone tone, const char *word,
                const char *sentence, bool again);
/* Footer. -1 when the page did not fit. */
int frame_end(struct buf *out, const struct page_site *site, struct err *e);

void section_begin(struct buf *out, const char *heading);
void section_end(struct buf *out);
/* A section that leads to /v/upload. */
void section_upload(struct buf *out, const struct page_site *site, const char *heading, const char *text,
                    const char *button);

/* <dt>label</dt><dd>value</dd>; nothing where the value is NULL or "". */
void put_field(struct buf *out, const struct page_site *site, const char *label, const char *value);
/* The same with a day written YYYY-MM-DD. */
void put_field_day(struct buf *out, const struct page_site *site, const char *label, const char *day);
void put_field_moment_day(struct buf *out, const struct page_site *site, const char *label, int64_t moment);
/* A line of a check list; text is markup of our own, put between begin and end. */
void check_begin(struct buf *out, enum icon icon, const char *tone, const char *bold);
void check_end(struct buf *out);
void put_check(struct buf *out, enum icon icon, const char *tone, const char *bold, const char *text);

void put_day(struct buf *out, const struct page_site *site, struct date day);
void put_moment(struct buf *out, const struct page_site *site, int64_t moment);
/* A value of the register, isolated and, on an English page, marked as Chinese. */
void put_value(struct buf *out, const struct page_site *site, const char *value);
/* The name as letters, or as /v/{token}/name.svg with letters of that many pixels. */
void put_name(struct buf *out, const struct page_site *site, const struct page_certificate *c, int pixels);
void put_masked_id(struct buf *out, const json_t *record);
/* Without the marks where a line of the printed certificate may break. */
void put_office(struct buf *out, const struct page_site *site, const char *office);
const char *record_text(const json_t *record, const char *member);
const char *record_office(const json_t *record, const char *role);

/* Photo, name, title, level, sex and birth, masked number. */
void put_holder(struct buf *out, const struct page_site *site, const struct page_certificate *c, bool photo);
/* Which seals are for tests. */
bool certificate_is_test(const struct page_site *site, const struct page_certificate *c);
/* It was replaced by a newer version of itself, under the same number. */
bool certificate_is_corrected(const struct page_certificate *c);

/* Measures of a name's picture, in em. */
struct name_measure {
    int columns, lines;
};
struct name_measure name_measure(const char *name);
