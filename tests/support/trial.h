/* trial.h - a template written in a test, laid out and looked at. */
#pragma once
#include "layout/layout_internal.h"
#include "template/template_internal.h"

/* One at a time, with the fonts of the installation. */
struct paper {
    struct fonts *fonts;
    struct arena arena;
    struct template *template;
    json_t *record;
    struct pages pages;
    struct err err;
};

/* The one of a test program, and its set-up and tear-down for cmocka. */
extern struct paper paper;
int paper_setup(void **state);
int paper_teardown(void **state);
int paper_open(struct paper *p);
void paper_close(struct paper *p);
/* Lays out an A4 page, or what front says (NULL: nothing), with that body and the record (JSON, ' for "),
 * which is the template's sample too. o: what else to order, or NULL. 0 or -1 with p->err; a template that
 * cannot be read fails the test. */
int paper_try(struct paper *p, const char *front, const char *body, const char *record,
              const struct layout_order *o);
/* The same, where it must come out. */
void paper_lay(struct paper *p, const char *front, const char *body, const char *record,
               const struct layout_order *o);
/* The nth run of page (from 0) that begins so, or NULL; and one that must be there. */
const struct text_run *paper_find(const struct paper *p, size_t page, const char *text, size_t nth);
const struct text_run *paper_run(const struct paper *p, const char *text);
/* The nth item of that kind on a page, or NULL. */
const struct item *paper_item(const struct paper *p, size_t page, enum item_kind kind, size_t nth);
double run_end(const struct text_run *r);
/* The middle of a line, by the baseline. */
double run_middle(const struct text_run *r);
void near_mm(double is, double should, const char *what);
