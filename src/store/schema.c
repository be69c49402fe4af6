#include "store/schema.h"

const char *const schema_steps[SCHEMA_VERSION] = {
    /* A number belongs to its row for ever, so no row of certificates is ever deleted. */
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE organisations ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL, printed_name TEXT, uscc TEXT, seal_id TEXT"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE profiles ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL, organisation TEXT NOT NULL REFERENCES organisations (id),"
    " issuer TEXT NOT NULL REFERENCES organisations (id), committee TEXT REFERENCES organisations (id),"
    " template TEXT NOT NULL, number_pattern TEXT NOT NULL, reissue_prefix TEXT NOT NULL,"
    " province TEXT NOT NULL, region TEXT NOT NULL, license_type TEXT"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE counters ("
    " issuer TEXT NOT NULL REFERENCES organisations (id), counter TEXT NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY (issuer, counter)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE photos (sha256 BLOB PRIMARY KEY, jpeg BLOB NOT NULL) STRICT;"
    "CREATE TABLE certificates ("
    " id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE,"
    " organisation TEXT NOT NULL REFERENCES organisations (id),"
    " profile TEXT NOT NULL REFERENCES profiles (id),"
    " issuer TEXT NOT NULL REFERENCES organisations (id),"
    " biz_no TEXT NOT NULL, number TEXT NOT NULL, template TEXT NOT NULL, content_hash BLOB NOT NULL,"
    " order_json TEXT NOT NULL, record_json TEXT NOT NULL, photo BLOB NOT NULL REFERENCES photos (sha256),"
    " created INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('reserved', 'issued')),"
    " issued INTEGER, file_size INTEGER, file_sha256 BLOB, file_crc32 INTEGER, seals TEXT,"
    " UNIQUE (organisation, biz_no), UNIQUE (issuer, number)"
    ") STRICT;"
    "CREATE INDEX certificates_by_number ON certificates (number);"
    "CREATE INDEX certificates_unfinished ON certificates (id) WHERE state = 'reserved';"
    "CREATE INDEX certificates_by_file ON certificates (file_sha256) WHERE file_sha256 IS NOT NULL;"};

#define ROW                                                                                                  \
    "id, token, organisation, profile, issuer, biz_no, number, template, content_hash, order_json, "         \
    "record_json, photo, created, state, issued, file_size, file_sha256, file_crc32, seals"

const char *const statements[STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_PUT_ORGANISATION] =
        "INSERT INTO organisations (id, name, printed_name, uscc, seal_id) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (id) DO UPDATE SET name = ?2, printed_name = ?3, uscc = ?4, seal_id = ?5",
    [SQL_ORGANISATION] = "SELECT id, name, printed_name, uscc, seal_id FROM organisations WHERE id = ?1",
    [SQL_PUT_PROFILE] =
        "INSERT INTO profiles (id, name, organisation, issuer, committee, template, number_pattern,"
        " reissue_prefix, province, region, license_type)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        " ON CONFLICT (id) DO UPDATE SET name = ?2, organisation = ?3, issuer = ?4, committee = ?5,"
        " template = ?6, number_pattern = ?7, reissue_prefix = ?8, province = ?9, region = ?10,"
        " license_type = ?11",
    [SQL_PROFILE] = "SELECT id, name, organisation, issuer, committee, template, number_pattern,"
                    " reissue_prefix, province, region, license_type FROM profiles WHERE id = ?1",
    [SQL_PUT_SETTING] = "INSERT INTO settings (name, value) VALUES (?1, ?2)"
                        " ON CONFLICT (name) DO UPDATE SET value = ?2",
    [SQL_SETTING] = "SELECT value FROM settings WHERE name = ?1",
    [SQL_LAST_SERIAL] = "SELECT max(last) FROM counters WHERE counter = ?1",
    [SQL_SET_SERIAL] = "INSERT INTO counters (issuer, counter, last) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT (issuer, counter) DO UPDATE SET last = ?3 WHERE last < ?3",
    [SQL_NUMBER_TAKEN] = "SELECT 1 FROM certificates WHERE number = ?2 AND (?1 IS NULL OR issuer = ?1)",
    [SQL_RESERVE] = "INSERT INTO certificates (id, token, organisation, profile, issuer, biz_no, number,"
                    " template, content_hash, order_json, record_json, photo, created, state)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'reserved')",
    [SQL_ISSUED] = "UPDATE certificates SET state = 'issued', issued = ?2, file_size = ?3, file_sha256 = ?4,"
                   " file_crc32 = ?5, seals = ?6 WHERE id = ?1 AND state = 'reserved'",
    [SQL_CERTIFICATE] = "SELECT " ROW " FROM certificates WHERE id = ?1",
    [SQL_CERTIFICATE_BY_BIZ_NO] = "SELECT " ROW " FROM certificates WHERE organisation = ?1 AND biz_no = ?2",
    [SQL_NEXT_UNFINISHED] =
        "SELECT id FROM certificates WHERE state = 'reserved' AND id > ?1 ORDER BY id LIMIT 1",
    [SQL_PUT_PHOTO] = "INSERT INTO photos (sha256, jpeg) VALUES (?1, ?2) ON CONFLICT (sha256) DO NOTHING",
    [SQL_PHOTO] = "SELECT jpeg FROM photos WHERE sha256 = ?1",
    [SQL_REGISTERED_TIME] = "SELECT issued FROM certificates WHERE file_sha256 = ?1",
};
