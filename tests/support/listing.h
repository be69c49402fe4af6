/* listing.h - a filing that is being edited in the data directory of issuing.h, and lists for it. */
#pragma once
#include "filing/filing.h"
#include "support/issuing.h"

/* The one of the test at hand. */
struct listing {
    struct store *store;
    struct filing_row filing; /* of organiser "unsealed", issuer "issuer", profile "sealed" */
    struct import_report report;
    struct arena arena;
    struct buf packed;
    struct err e;
};
extern struct listing listing;
extern struct filing_actor listing_organiser, listing_issuer, listing_stranger, listing_all;
extern const char listing_head[]; /* of a CSV file, with its line end */

/* For cmocka, around each test, in place of issuing_copy() and issuing_remove(). */
int listing_open(void **state);
int listing_close(void **state);
/* The row of a person whose number follows from n, "" line end and all; name NULL: one that also does. */
const char *listing_row(unsigned n, const char *name);
void listing_id_number(char out[19], unsigned n);
/* Imports a CSV (head and rows); fails the test unless it returns 0. */
void listing_import(const char *csv, const struct import_order *how);
int listing_try(const char *csv, const struct import_order *how, struct issuer *i);
/* The first fault of that column (-1: of none) in that row, or NULL. */
const struct row_fault *listing_fault(unsigned row, int column);
