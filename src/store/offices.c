/* offices.c - organisations and issuing profiles. */
#include "store/store_internal.h"

static void take_organisation(void *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    *(struct organisation *)out = (struct organisation){
        .id = sql_column_text(q, 0, a, fine),
        .name = sql_column_text(q, 1, a, fine),
        .printed_name = sql_column_text(q, 2, a, fine),
        .uscc = sql_column_text(q, 3, a, fine),
        .seal_id = sql_column_text(q, 4, a, fine),
    };
}

static void take_profile(void *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    *(struct profile *)out = (struct profile){
        .id = sql_column_text(q, 0, a, fine),
        .name = sql_column_text(q, 1, a, fine),
        .organisation = sql_column_text(q, 2, a, fine),
        .issuer = sql_column_text(q, 3, a, fine),
        .committee = sql_column_text(q, 4, a, fine),
        .template_name = sql_column_text(q, 5, a, fine),
        .number_pattern = sql_column_text(q, 6, a, fine),
        .reissue_prefix = sql_column_text(q, 7, a, fine),
        .province = sql_column_text(q, 8, a, fine),
        .region = sql_column_text(q, 9, a, fine),
        .license_type = sql_column_text(q, 10, a, fine),
    };
}

int store_put_organisation(struct store *s, const struct organisation *o, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PUT_ORGANISATION, e);
    const char *values[] = {o->id, o->name, o->printed_name, o->uscc, o->seal_id};

    if (q == NULL)
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    return sql_run(s, q, e);
}

int store_organisation(struct organisation *out, struct store *s, const char *id, struct arena *a,
                       struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ORGANISATION, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e)) {
        if (e->code == ERR_NOT_FOUND)
            err_set(e, ERR_NOT_FOUND,
                    "There is no organisation \"%s\" here; add it with \"sealpress init --offices\".",
                    "没有单位 “%s”，请用 “sealpress init --offices” 添加。", id);
        return rc;
    }
    take_organisation(out, q, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_put_profile(struct store *s, const struct profile *p, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PUT_PROFILE, e);
    const char *values[] = {p->id,        p->name,          p->organisation,   p->issuer,
                            p->committee, p->template_name, p->number_pattern, p->reissue_prefix,
                            p->province,  p->region,        p->license_type};

    if (q == NULL)
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    return sql_run(s, q, e);
}

int store_profile(struct profile *out, struct store *s, const char *id, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PROFILE, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e)) {
        if (e->code == ERR_NOT_FOUND)
            err_set(e, ERR_NOT_FOUND,
                    "There is no issuing profile \"%s\" here; add it with \"sealpress init --offices\".",
                    "没有发证配置 “%s”，请用 “sealpress init --offices” 添加。", id);
        return rc;
    }
    take_profile(out, q, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_list_organisations(struct organisation **out, size_t *count, struct store *s, struct arena *a,
                             struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ORGANISATIONS, e);
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    *out = sql_list(count, &rc, s, q, sizeof(struct organisation), take_organisation, a, e);
    return rc;
}

int store_list_profiles(struct profile **out, size_t *count, struct store *s, const char *organisation,
                        struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PROFILES, e);
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, organisation);
    *out = sql_list(count, &rc, s, q, sizeof(struct profile), take_profile, a, e);
    return rc;
}
