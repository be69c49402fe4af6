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
    "CREATE INDEX certificates_by_file ON certificates (file_sha256) WHERE file_sha256 IS NOT NULL;",

    /* Status, replacements and file checks stand beside the state, whose CHECK stays as it is. What is looked
     * up is copied out of the record. The counts are kept by triggers, since count(*) reads every row. What
     * must never change or go, not even by a mistake of ours, is held by triggers too; they come last, after
     * the old rows are filled. */
    "ALTER TABLE certificates ADD COLUMN status TEXT NOT NULL DEFAULT 'valid'"
    " CHECK (status IN ('valid', 'suspended', 'revoked', 'cancelled', 'replaced'));"
    "ALTER TABLE certificates ADD COLUMN status_time INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE certificates ADD COLUMN status_reason TEXT;"
    "ALTER TABLE certificates ADD COLUMN status_document TEXT;"
    "ALTER TABLE certificates ADD COLUMN replaces TEXT REFERENCES certificates (id);"
    "ALTER TABLE certificates ADD COLUMN replaced_by TEXT REFERENCES certificates (id);"
    "ALTER TABLE certificates ADD COLUMN file_checked INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE certificates ADD COLUMN file_fault INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE certificates ADD COLUMN actor TEXT;"
    "ALTER TABLE certificates ADD COLUMN reason TEXT;"
    "ALTER TABLE certificates ADD COLUMN holder_name TEXT;"
    "ALTER TABLE certificates ADD COLUMN holder_id_number TEXT;"
    "ALTER TABLE certificates ADD COLUMN year INTEGER;"
    "UPDATE certificates SET holder_name = json_extract(record_json, '$.name'),"
    " holder_id_number = json_extract(record_json, '$.id_number'),"
    " year = CAST(json_extract(record_json, '$.year') AS INTEGER) WHERE json_valid(record_json);"
    /* Filters that have no index of their own are judged within these, without reading the rows. */
    "CREATE INDEX certificates_newest ON certificates (created, id, profile, year);"
    "CREATE INDEX certificates_of_organisation ON certificates (organisation, created, id, profile, year);"
    "CREATE INDEX certificates_by_biz_no ON certificates (biz_no);"
    "CREATE INDEX certificates_by_name ON certificates (holder_name, created, id);"
    "CREATE INDEX certificates_by_id_number ON certificates (holder_id_number);"
    "CREATE INDEX certificates_of_status ON certificates (status, created, id) WHERE status <> 'valid';"
    "CREATE INDEX certificates_to_check ON certificates (file_checked, id) WHERE state = 'issued';"
    "CREATE INDEX certificates_faulty ON certificates (id) WHERE file_fault <> 0;"
    "CREATE UNIQUE INDEX certificates_replacing ON certificates (replaces) WHERE replaces IS NOT NULL;"

    "CREATE TABLE certificate_events ("
    " id INTEGER PRIMARY KEY, certificate TEXT NOT NULL REFERENCES certificates (id),"
    " moment INTEGER NOT NULL, event TEXT NOT NULL CHECK (event IN ('issued', 'revoked', 'cancelled',"
    " 'suspended', 'reinstated', 'replaced', 'file-fault', 'file-restored')),"
    " actor TEXT NOT NULL, reason TEXT, document TEXT"
    ") STRICT;"
    "CREATE INDEX certificate_events_of ON certificate_events (certificate);"
    "INSERT INTO certificate_events (certificate, moment, event, actor)"
    " SELECT id, issued, 'issued', 'command line' FROM certificates WHERE state = 'issued' ORDER BY issued;"

    "CREATE TABLE counts ("
    " id INTEGER PRIMARY KEY CHECK (id = 1),"
    " issued INTEGER NOT NULL, reserved INTEGER NOT NULL, file_faults INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO counts SELECT 1, count(*) FILTER (WHERE state = 'issued'),"
    " count(*) FILTER (WHERE state = 'reserved'), 0 FROM certificates;"
    "CREATE TRIGGER certificates_counted AFTER INSERT ON certificates BEGIN"
    " UPDATE counts SET issued = issued + (NEW.state = 'issued'),"
    " reserved = reserved + (NEW.state = 'reserved'), file_faults = file_faults + (NEW.file_fault <> 0);"
    " END;"
    "CREATE TRIGGER certificates_recounted AFTER UPDATE OF state, file_fault ON certificates"
    " WHEN OLD.state <> NEW.state OR (OLD.file_fault <> 0) <> (NEW.file_fault <> 0) BEGIN"
    " UPDATE counts SET issued = issued + (NEW.state = 'issued') - (OLD.state = 'issued'),"
    " reserved = reserved + (NEW.state = 'reserved') - (OLD.state = 'reserved'),"
    " file_faults = file_faults + (NEW.file_fault <> 0) - (OLD.file_fault <> 0);"
    " END;"

    "CREATE TABLE uploads ("
    " id TEXT PRIMARY KEY, organisation TEXT REFERENCES organisations (id), original BLOB NOT NULL,"
    " photo BLOB NOT NULL REFERENCES photos (sha256), crop TEXT NOT NULL, media_type TEXT NOT NULL,"
    " source_width INTEGER NOT NULL, source_height INTEGER NOT NULL, width INTEGER NOT NULL,"
    " height INTEGER NOT NULL, upscaled INTEGER NOT NULL, created INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE api_keys ("
    " id TEXT PRIMARY KEY, hash BLOB NOT NULL, name TEXT NOT NULL, organisation TEXT NOT NULL,"
    " scopes TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, revoked INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE answers ("
    " owner TEXT NOT NULL, idempotency_key TEXT NOT NULL, request BLOB NOT NULL, status INTEGER NOT NULL,"
    " body BLOB NOT NULL, created INTEGER NOT NULL, UNIQUE (owner, idempotency_key)"
    ") STRICT;"

    "CREATE TRIGGER certificates_stay BEFORE DELETE ON certificates BEGIN"
    " SELECT RAISE (ABORT, 'a certificate is never deleted'); END;"
    "CREATE TRIGGER certificates_keep_content BEFORE UPDATE OF id, token, organisation, profile, issuer,"
    " biz_no, number, template, content_hash, order_json, record_json, photo, created, replaces, actor,"
    " reason, holder_name, holder_id_number, year ON certificates BEGIN"
    " SELECT RAISE (ABORT, 'what a certificate says never changes'); END;"
    "CREATE TRIGGER certificates_keep_file BEFORE UPDATE OF state, issued, file_size, file_sha256, "
    "file_crc32,"
    " seals ON certificates WHEN OLD.state = 'issued' BEGIN"
    " SELECT RAISE (ABORT, 'an issued certificate keeps its file'); END;"
    "CREATE TRIGGER certificate_events_stay BEFORE DELETE ON certificate_events BEGIN"
    " SELECT RAISE (ABORT, 'an event is never deleted'); END;"
    "CREATE TRIGGER certificate_events_keep BEFORE UPDATE ON certificate_events BEGIN"
    " SELECT RAISE (ABORT, 'an event never changes'); END;"
    "CREATE TRIGGER answers_stay BEFORE DELETE ON answers BEGIN"
    " SELECT RAISE (ABORT, 'an answer is never deleted'); END;"
    "CREATE TRIGGER answers_keep BEFORE UPDATE ON answers BEGIN"
    " SELECT RAISE (ABORT, 'an answer never changes'); END;"};

#define CERTIFICATE_COLUMNS                                                                                  \
    "id, token, organisation, profile, issuer, biz_no, number, template, content_hash, order_json, "         \
    "record_json, photo, created, state, issued, file_size, file_sha256, file_crc32, seals, status, "        \
    "status_time, status_reason, status_document, replaces, replaced_by, file_checked, file_fault, actor, "  \
    "reason"

/* Newest first, from one index: without naming it, the planner would choose by guesses about the data. ?11
 * and ?12 are where to go on, or later than everything; the cursor and "until" are the same kind of bound. */
#define LIST(index, driven_by)                                                                               \
    "SELECT " CERTIFICATE_COLUMNS " FROM certificates INDEXED BY " index " WHERE " driven_by                 \
    " AND (created, id) < (?11, ?12) AND created >= ?10"                                                     \
    " AND (?1 IS NULL OR organisation = ?1) AND (?2 IS NULL OR biz_no = ?2)"                                 \
    " AND (?3 IS NULL OR number = ?3) AND (?4 IS NULL OR profile = ?4)"                                      \
    " AND (?5 IS NULL OR holder_name = ?5) AND (?6 IS NULL OR holder_id_number = ?6)"                        \
    " AND (?7 IS NULL OR status = ?7) AND (?8 IS NULL OR state = ?8) AND (?9 IS NULL OR year = ?9)"          \
    " ORDER BY created DESC, id DESC LIMIT ?13"

#define UPLOAD_COLUMNS                                                                                       \
    "id, organisation, original, photo, crop, media_type, source_width, source_height, width, height, "      \
    "upscaled, created"
#define KEY_COLUMNS "id, hash, name, organisation, scopes, created, expires, revoked"
#define PROFILE_COLUMNS                                                                                      \
    "id, name, organisation, issuer, committee, template, number_pattern, reissue_prefix, province, "        \
    "region, license_type"

/* The member of the record in parameter ?11, or NULL: what is no JSON has none. */
#define OF_RECORD(member) "CASE WHEN json_valid(?11) THEN json_extract(?11, '$." member "') END"

const char *const statements[STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_PUT_ORGANISATION] =
        "INSERT INTO organisations (id, name, printed_name, uscc, seal_id) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (id) DO UPDATE SET name = ?2, printed_name = ?3, uscc = ?4, seal_id = ?5",
    [SQL_ORGANISATION] = "SELECT id, name, printed_name, uscc, seal_id FROM organisations WHERE id = ?1",
    [SQL_ORGANISATIONS] = "SELECT id, name, printed_name, uscc, seal_id FROM organisations ORDER BY id",
    [SQL_PUT_PROFILE] = "INSERT INTO profiles (" PROFILE_COLUMNS ")"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
                        " ON CONFLICT (id) DO UPDATE SET name = ?2, organisation = ?3, issuer = ?4,"
                        " committee = ?5, template = ?6, number_pattern = ?7, reissue_prefix = ?8,"
                        " province = ?9, region = ?10, license_type = ?11",
    [SQL_PROFILE] = "SELECT " PROFILE_COLUMNS " FROM profiles WHERE id = ?1",
    [SQL_PROFILES] =
        "SELECT " PROFILE_COLUMNS " FROM profiles WHERE ?1 IS NULL OR organisation = ?1 ORDER BY id",
    [SQL_PUT_SETTING] = "INSERT INTO settings (name, value) VALUES (?1, ?2)"
                        " ON CONFLICT (name) DO UPDATE SET value = ?2",
    [SQL_SETTING] = "SELECT value FROM settings WHERE name = ?1",
    /* never the value that is there: SQLite does not write a page that stays the same */
    [SQL_PROBE] = "INSERT INTO settings (name, value) VALUES ('probe', ?1 || ' +')"
                  " ON CONFLICT (name) DO UPDATE SET value ="
                  " ?1 || CASE WHEN value LIKE '% +' THEN ' -' ELSE ' +' END",
    [SQL_LAST_SERIAL] = "SELECT max(last) FROM counters WHERE counter = ?1",
    [SQL_SET_SERIAL] = "INSERT INTO counters (issuer, counter, last) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT (issuer, counter) DO UPDATE SET last = ?3 WHERE last < ?3",
    [SQL_NUMBER_TAKEN] = "SELECT 1 FROM certificates WHERE number = ?2 AND (?1 IS NULL OR issuer = ?1)",
    [SQL_RESERVE] =
        "INSERT INTO certificates (id, token, organisation, profile, issuer, biz_no, number,"
        " template, content_hash, order_json, record_json, photo, created, replaces, actor, reason, state,"
        " holder_name, holder_id_number, year)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
        "'reserved', " OF_RECORD("name") ", " OF_RECORD("id_number") ", CAST(" OF_RECORD(
            "year") " AS INTEGER))",
    [SQL_ISSUED] = "UPDATE certificates SET state = 'issued', issued = ?2, file_size = ?3, file_sha256 = ?4,"
                   " file_crc32 = ?5, seals = ?6, file_checked = ?2 WHERE id = ?1 AND state = 'reserved'",
    [SQL_ORIGIN] = "SELECT actor, reason, replaces FROM certificates WHERE id = ?1",
    [SQL_CERTIFICATE] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates WHERE id = ?1",
    [SQL_CERTIFICATE_BY_BIZ_NO] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificates WHERE organisation = ?1 AND biz_no = ?2",
    [SQL_CERTIFICATE_BY_TOKEN] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates WHERE token = ?1",
    [SQL_CERTIFICATE_BY_FILE] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates WHERE file_sha256 = ?1",
    [SQL_CERTIFICATES_BY_NUMBER] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificates INDEXED BY certificates_by_number"
        " WHERE number = ?1 AND state = 'issued' ORDER BY created DESC, id DESC LIMIT ?2",
    /* by the order of writing: a clock may have jumped */
    [SQL_OLDEST_UNFINISHED] = "SELECT id FROM certificates INDEXED BY certificates_unfinished"
                              " WHERE state = 'reserved' ORDER BY rowid LIMIT 1",
    [SQL_NEXT_UNFINISHED] =
        "SELECT id FROM certificates WHERE state = 'reserved' AND id > ?1 ORDER BY id LIMIT 1",
    [SQL_REGISTERED_TIME] = "SELECT issued FROM certificates WHERE file_sha256 = ?1",
    [SQL_LIST_NEWEST] = LIST("certificates_newest", "true"),
    [SQL_LIST_OF_ORGANISATION] = LIST("certificates_of_organisation", "organisation = ?1"),
    [SQL_LIST_BY_BIZ_NO] = LIST("certificates_by_biz_no", "biz_no = ?2"),
    [SQL_LIST_BY_NUMBER] = LIST("certificates_by_number", "number = ?3"),
    [SQL_LIST_BY_NAME] = LIST("certificates_by_name", "holder_name = ?5"),
    [SQL_LIST_BY_ID_NUMBER] = LIST("certificates_by_id_number", "holder_id_number = ?6"),
    [SQL_LIST_OF_STATUS] = LIST("certificates_of_status", "status <> 'valid' AND status = ?7"),
    [SQL_LIST_UNFINISHED] = LIST("certificates_unfinished", "state = 'reserved'"),
    [SQL_STATUS] = "SELECT state, status FROM certificates WHERE id = ?1",
    [SQL_SET_STATUS] = "UPDATE certificates SET status = ?2, status_time = ?3, status_reason = ?4,"
                       " status_document = ?5 WHERE id = ?1",
    [SQL_REPLACEMENT] = "SELECT number FROM certificates WHERE replaces = ?1",
    [SQL_SET_REPLACED_BY] = "UPDATE certificates SET replaced_by = ?2 WHERE id = ?1",
    [SQL_ADD_EVENT] = "INSERT INTO certificate_events (certificate, moment, event, actor, reason, document)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_EVENTS] = "SELECT moment, certificate, event, actor, reason, document FROM certificate_events"
                   " WHERE certificate = ?1 ORDER BY id",
    [SQL_NEXT_TO_CHECK] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates INDEXED BY certificates_to_check"
                          " WHERE state = 'issued' AND file_checked < ?1 ORDER BY file_checked, id LIMIT 1",
    [SQL_CHECKED_AFTER] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificates INDEXED BY certificates_to_check"
        " WHERE state = 'issued' AND file_checked > ?1 ORDER BY file_checked DESC, id DESC LIMIT 1",
    [SQL_NEXT_FAULTY] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates"
                        " WHERE file_fault <> 0 AND id > ?1 ORDER BY id LIMIT 1",
    [SQL_FILE_FAULT] = "SELECT file_fault FROM certificates WHERE id = ?1 AND state = 'issued'",
    [SQL_FILE_CHECKED] = "UPDATE certificates SET file_checked = ?2, file_fault = ?3 WHERE id = ?1",
    [SQL_COUNTS] = "SELECT issued, reserved, file_faults FROM counts WHERE id = 1",
    [SQL_PUT_PHOTO] = "INSERT INTO photos (sha256, jpeg) VALUES (?1, ?2) ON CONFLICT (sha256) DO NOTHING",
    [SQL_PHOTO] = "SELECT jpeg FROM photos WHERE sha256 = ?1",
    [SQL_PUT_UPLOAD] = "INSERT INTO uploads (" UPLOAD_COLUMNS ")"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SQL_UPLOAD] = "SELECT " UPLOAD_COLUMNS " FROM uploads WHERE id = ?1",
    [SQL_PUT_KEY] = "INSERT INTO api_keys (" KEY_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_KEY] = "SELECT " KEY_COLUMNS " FROM api_keys WHERE id = ?1",
    [SQL_KEYS] = "SELECT " KEY_COLUMNS " FROM api_keys ORDER BY created, id",
    [SQL_REVOKE_KEY] = "UPDATE api_keys SET revoked = CASE WHEN revoked = 0 OR revoked > ?2 THEN ?2 ELSE "
                       "revoked END WHERE id = ?1",
    [SQL_PUT_ANSWER] = "INSERT INTO answers (owner, idempotency_key, request, status, body, created)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_ANSWER] = "SELECT owner, idempotency_key, request, status, body FROM answers"
                   " WHERE owner = ?1 AND idempotency_key = ?2",
};
