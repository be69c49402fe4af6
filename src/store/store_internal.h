/* store_internal.h - the open store, and how its files talk to SQLite. */
#pragma once
#include "store/filings.h"
#include "store/schema.h"
#include "store/store.h"
#include <limits.h>
#include <sqlite3.h>

struct store {
    sqlite3 *db;
    sqlite3_stmt *prepared[STATEMENTS];
    int patience_ms;     /* how long a lock is waited for */
    int64_t waits_since; /* of the lock that is waited for now, monotonic milliseconds */
    char data_dir[PATH_MAX];
};

/* Why SQLite did not do it; returns -1. */
int store_failed(struct store *s, struct err *e);
/* false, with what to do about it, where something in the data directory is out of our user's reach: mode as
 * for access(2). What is not there at all is not out of reach. */
MUST_CHECK bool store_reaches(const char *path, int mode, const char *data_dir, struct err *e);
/* Takes a database of an older version to the present one. */
MUST_CHECK int store_migrate(struct store *s, bool may_migrate, struct err *e);
/* Several statements without parameters. */
MUST_CHECK int store_execute(struct store *s, const char *sql, struct err *e);

/* One transaction for several statements, unless the caller has begun one: then they are part of that one,
 * and it is the caller who ends it. */
MUST_CHECK int store_enter(struct store *s, bool *own, struct err *e);
/* Ends it with what rc says and returns it. */
MUST_CHECK int store_leave(struct store *s, bool own, int rc, struct err *e);

/* The statement, ready for binding; NULL with *e filled. */
sqlite3_stmt *sql_prepare(struct store *s, enum sql_statement which, struct err *e);
/* NULL stays NULL. What is bound is borrowed until the statement is done. */
void sql_text(sqlite3_stmt *q, int at, const char *text);
/* ?1 and on. */
void sql_texts(sqlite3_stmt *q, const char *const *values, size_t count);
void sql_bytes(sqlite3_stmt *q, int at, const void *bytes, size_t len);
void sql_number(sqlite3_stmt *q, int at, int64_t value);
/* Runs a statement that returns no row, and is done with it. */
MUST_CHECK int sql_run(struct store *s, sqlite3_stmt *q, struct err *e);
/* Steps to the next row. false: there is no more (*rc 0) or it failed (*rc -1), and it is done. */
bool sql_next(struct store *s, sqlite3_stmt *q, int *rc, struct err *e);
/* Steps to the only row. false (*rc -1) where there is none (ERR_NOT_FOUND) or it failed. */
bool sql_row(struct store *s, sqlite3_stmt *q, int *rc, struct err *e);
/* Copies of a column; *fine becomes false without memory. */
const char *sql_column_text(sqlite3_stmt *q, int column, struct arena *a, bool *fine);
/* Into a member of that size; NULL becomes "". */
void sql_column_name(char *out, size_t size, sqlite3_stmt *q, int column);
/* Exactly len bytes, else zeros. */
void sql_column_bytes(uint8_t *out, size_t len, sqlite3_stmt *q, int column);
void sql_done(sqlite3_stmt *q);

/* Reads one row into an element; *fine becomes false without memory. */
typedef void sql_take(void *element, sqlite3_stmt *q, struct arena *a, bool *fine);
/* All rows of the statement, each an element of that size, as a list in the arena; *rc is 0 or -1. */
void *sql_list(size_t *count, int *rc, struct store *s, sqlite3_stmt *q, size_t size, sql_take *take,
               struct arena *a, struct err *e);

/* The row a statement over CERTIFICATE_COLUMNS stands at. */
MUST_CHECK int certificate_at(struct certificate_row *out, sqlite3_stmt *q, struct arena *a, struct err *e);
/* The only row of such a statement, which is done then. ERR_NOT_FOUND */
MUST_CHECK int certificate_only(struct certificate_row *out, struct store *s, sqlite3_stmt *q,
                                struct arena *a, struct err *e);
/* Whether it is issued, and its status. ERR_NOT_FOUND */
MUST_CHECK int certificate_standing(bool *issued, enum certificate_status *status, struct store *s,
                                    const char *id, struct err *e);
/* Writes the status and the event that belongs to it (or is called `as`), in the name of ev->actor; no rule
 * is asked. */
MUST_CHECK int certificate_set_status(struct store *s, const char *id, enum certificate_status to,
                                      const char *as, const struct certificate_event *ev, struct err *e);
const char *certificate_state_name(enum certificate_state s);
/* The statement that answers this filter by an index. */
enum sql_statement certificate_list_statement(const struct certificate_filter *f);

/* 128 bits, lower-case hex; of what is made at `moment`, in the order of making (0: in none). */
MUST_CHECK int store_new_id(char out[CERTIFICATE_ID_SIZE], int64_t moment, struct err *e);
/* ERR_UNAVAILABLE, in words, while nothing may be issued. */
MUST_CHECK int store_check_open(struct store *s, struct err *e);
/* The row a statement over ENTRY_COLUMNS stands at. */
void entry_at(struct entry_row *out, sqlite3_stmt *q, struct arena *a, bool *fine);
/* Where a filing stands. ERR_NOT_FOUND */
struct filing_standing {
    enum filing_status status;
    enum accession_state accession;
    bool paused;
};
MUST_CHECK int filing_standing(struct filing_standing *out, struct store *s, const char *id, struct err *e);
/* ERR_CONFLICT, in words; returns -1. */
int filing_wrong_status(enum filing_status is, struct err *e);
/* ERR_CONFLICT, in words, unless the filing is being edited or was returned. ERR_NOT_FOUND */
MUST_CHECK int filing_check_editable(struct store *s, const char *id, struct err *e);
/* Inside a transaction: the number of the next turn, of whoever has it. */
MUST_CHECK int store_next_turn(int64_t *out, struct store *s, struct err *e);
/* Removes the files of some jobs that have ended and still have one. */
MUST_CHECK int jobs_clear(struct store *s, struct err *e);
