/* persons.c - people, and the photos of their entries. */
#include "store/persons.h"
#include "store/store_internal.h"
#include <string.h>

int store_new_id(char out[CERTIFICATE_ID_SIZE], int64_t moment, struct err *e)
{
    uint8_t bytes[(CERTIFICATE_ID_SIZE - 1) / 2];

    if (random_bytes(bytes, sizeof bytes, e) != 0)
        return -1;
    for (int i = 0; moment != 0 && i < 4; i++) /* neighbours in time are neighbours in every index */
        bytes[i] = (uint8_t)((uint64_t)moment >> (24 - 8 * i));
    hex_encode(out, (struct slice){bytes, sizeof bytes});
    return 0;
}

static void take_person(void *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    struct person *p = out;

    *p = (struct person){.organisation = sql_column_text(q, 1, a, fine),
                         .name = sql_column_text(q, 2, a, fine),
                         .id_type = sql_column_text(q, 3, a, fine),
                         .id_number = sql_column_text(q, 4, a, fine),
                         .gender = sql_column_text(q, 5, a, fine),
                         .birth_date = sql_column_text(q, 6, a, fine),
                         .mobile = sql_column_text(q, 7, a, fine),
                         .created = sqlite3_column_int64(q, 9),
                         .changed = sqlite3_column_int64(q, 10)};
    sql_column_name(p->id, sizeof p->id, q, 0);
    sql_column_name(p->photo_id, sizeof p->photo_id, q, 8);
}

static int only_person(struct person *out, struct store *s, sqlite3_stmt *q, struct arena *a, struct err *e)
{
    bool fine = true;
    int rc;

    if (!sql_row(s, q, &rc, e))
        return rc;
    take_person(out, q, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

/* The id of the one with exactly this organisation and document, or "". */
static int find_person(char id[CERTIFICATE_ID_SIZE], struct store *s, const struct person *p, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PERSON_EXACT, e);
    const char *values[] = {p->organisation, p->id_type, p->id_number};
    int rc;

    id[0] = '\0';
    if (q == NULL)
        return -1;
    sql_texts(q, values, 3);
    if (!sql_next(s, q, &rc, e))
        return rc;
    sql_column_name(id, CERTIFICATE_ID_SIZE, q, 0);
    sql_done(q);
    return 0;
}

static int add_person(struct person *p, struct store *s, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PUT_PERSON, e);
    const char *values[] = {p->id,        p->organisation, p->name,       p->id_type,
                            p->id_number, p->gender,       p->birth_date, p->mobile};

    if (q == NULL || store_new_id(p->id, now, e) != 0)
        return -1;
    sql_texts(q, values, 8);
    sql_number(q, 9, now);
    return sql_run(s, q, e);
}

static int change_person(const struct person *p, struct store *s, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CHANGE_PERSON, e);
    const char *values[] = {p->id, p->name, p->gender, p->birth_date, p->mobile};

    if (q == NULL)
        return -1;
    sql_texts(q, values, 5);
    sql_number(q, 6, now);
    return sql_run(s, q, e);
}

/* photo_id, created and changed, as they are now. */
static int read_back(struct person *p, struct store *s, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct person now = {.id = ""};
    int rc = store_person(&now, s, p->id, &a, e);

    if (rc == 0) {
        memcpy(p->photo_id, now.photo_id, sizeof p->photo_id);
        p->created = now.created;
        p->changed = now.changed;
    }
    arena_dispose(&a);
    return rc;
}

int store_put_person(struct person *p, bool *made, struct store *s, int64_t now, struct err *e)
{
    bool own;
    int rc;

    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = find_person(p->id, s, p, e);
    *made = rc == 0 && p->id[0] == '\0';
    if (rc == 0)
        rc = *made ? add_person(p, s, now, e) : change_person(p, s, now, e);
    if (rc == 0)
        rc = read_back(p, s, e);
    return store_leave(s, own, rc, e);
}

int store_person(struct person *out, struct store *s, const char *id, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PERSON, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    return only_person(out, s, q, a, e);
}

int store_person_by_document(struct person *out, struct store *s, const char *organisation,
                             const char *id_type, const char *id_number, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PERSON_BY_DOCUMENT, e);
    const char *values[] = {organisation, id_type, id_number};

    if (q == NULL)
        return -1;
    sql_texts(q, values, 3);
    return only_person(out, s, q, a, e);
}

int store_list_persons(struct person *out, size_t max, size_t *count, struct store *s,
                       const char *organisation, const char *after, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, organisation == NULL ? SQL_PERSONS_ALL : SQL_PERSONS_OF_ORGANISATION, e);
    bool fine = true;
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, organisation);
    sql_text(q, 2, after);
    sql_number(q, 3, (int64_t)max);
    while (sql_next(s, q, &rc, e))
        take_person(&out[(*count)++], q, a, &fine);
    return rc != 0 || fine ? rc : err_no_memory(e);
}

/* Entries that take the photo; *queued of them are in the queue now. */
static int give_to_entries(struct store *s, const char *person, const char *upload, int64_t now,
                           size_t *queued, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PERSON_ENTRIES_PHOTO, e);
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, person);
    sql_text(q, 2, upload);
    sql_number(q, 3, now);
    while (sql_next(s, q, &rc, e))
        *queued += sqlite3_column_int(q, 0) != 0;
    return rc;
}

static int write_photo(struct store *s, const char *person, const char *upload, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PERSON_PHOTO, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, person);
    sql_text(q, 2, upload);
    sql_number(q, 3, now);
    if (sql_run(s, q, e) != 0)
        return -1;
    return sqlite3_changes(s->db) == 1
               ? 0
               : err_set(e, ERR_NOT_FOUND, "There is no such person.", "没有此人员。");
}

int store_set_person_photo(struct store *s, const char *person, const char *upload, int64_t now,
                           size_t *queued, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct upload u;
    bool own;
    int rc = -1;

    *queued = 0;
    if (store_enter(s, &own, e) != 0)
        return -1;
    if (store_upload(&u, s, upload, &a, e) == 0 && write_photo(s, person, upload, now, e) == 0)
        rc = give_to_entries(s, person, upload, now, queued, e);
    arena_dispose(&a);
    return store_leave(s, own, rc, e);
}
