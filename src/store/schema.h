/* schema.h - the tables of the database, step by step, and every statement that is ever run. */
#pragma once

enum { SCHEMA_VERSION = 1 };
/* schema_steps[v] takes a database of version v to v + 1. */
extern const char *const schema_steps[SCHEMA_VERSION];

enum statement {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_PUT_ORGANISATION,
    SQL_ORGANISATION,
    SQL_PUT_PROFILE,
    SQL_PROFILE,
    SQL_PUT_SETTING,
    SQL_SETTING,
    SQL_LAST_SERIAL,
    SQL_SET_SERIAL,
    SQL_NUMBER_TAKEN,
    SQL_RESERVE,
    SQL_ISSUED,
    SQL_CERTIFICATE,
    SQL_CERTIFICATE_BY_BIZ_NO,
    SQL_NEXT_UNFINISHED,
    SQL_PUT_PHOTO,
    SQL_PHOTO,
    SQL_REGISTERED_TIME,
    STATEMENTS
};
extern const char *const statements[STATEMENTS];
