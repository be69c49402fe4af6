/* schema.h - the tables of the database, step by step, and every statement that is ever run. */
#pragma once

enum { SCHEMA_VERSION = 2 };
/* schema_steps[v] takes a database of version v to v + 1. */
extern const char *const schema_steps[SCHEMA_VERSION];

enum statement {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_PUT_ORGANISATION,
    SQL_ORGANISATION,
    SQL_ORGANISATIONS,
    SQL_PUT_PROFILE,
    SQL_PROFILE,
    SQL_PROFILES,
    SQL_PUT_SETTING,
    SQL_SETTING,
    SQL_PROBE,
    SQL_LAST_SERIAL,
    SQL_SET_SERIAL,
    SQL_NUMBER_TAKEN,
    SQL_RESERVE,
    SQL_ISSUED,
    SQL_ORIGIN,
    SQL_CERTIFICATE,
    SQL_CERTIFICATE_BY_BIZ_NO,
    SQL_CERTIFICATE_BY_TOKEN,
    SQL_CERTIFICATE_BY_FILE,
    SQL_CERTIFICATES_BY_NUMBER,
    SQL_NEXT_UNFINISHED,
    SQL_OLDEST_UNFINISHED,
    SQL_REGISTERED_TIME,
    /* the same question with the same parameters, each by another index */
    SQL_LIST_NEWEST,
    SQL_LIST_OF_ORGANISATION,
    SQL_LIST_BY_BIZ_NO,
    SQL_LIST_BY_NUMBER,
    SQL_LIST_BY_NAME,
    SQL_LIST_BY_ID_NUMBER,
    SQL_LIST_OF_STATUS, /* any but valid */
    SQL_LIST_UNFINISHED,
    SQL_STATUS,
    SQL_SET_STATUS,
    SQL_REPLACEMENT,
    SQL_SET_REPLACED_BY,
    SQL_ADD_EVENT,
    SQL_EVENTS,
    SQL_NEXT_TO_CHECK,
    SQL_CHECKED_AFTER,
    SQL_NEXT_FAULTY,
    SQL_FILE_FAULT,
    SQL_FILE_CHECKED,
    SQL_COUNTS,
    SQL_PUT_PHOTO,
    SQL_PHOTO,
    SQL_PUT_UPLOAD,
    SQL_UPLOAD,
    SQL_PUT_KEY,
    SQL_KEY,
    SQL_KEYS,
    SQL_REVOKE_KEY,
    SQL_PUT_ANSWER,
    SQL_ANSWER,
    STATEMENTS
};
extern const char *const statements[STATEMENTS];
