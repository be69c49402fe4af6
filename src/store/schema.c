#include "store/schema.h"

#define CERTIFICATE_COLUMNS                                                                                  \
    "id, token, organisation, profile, issuer, biz_no, number, template, content_hash, order_json, "         \
    "record_json, photo, created, state, issued, file_size, file_sha256, file_crc32, seals, status, "        \
    "status_time, status_reason, status_document, replaces, replaced_by, file_checked, file_fault, actor, "  \
    "reason, version, entry, issuer_grantee, handed_out, recorded"

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
#define KEY_COLUMNS "id, hash, name, organisation, scopes, created, expires, revoked, origins"
#define PROFILE_COLUMNS                                                                                      \
    "id, name, organisation, issuer, committee, template, number_pattern, reissue_prefix, province, "        \
    "region, license_type"

/* The member of the record in parameter ?11, or NULL: what is no JSON has none. */
#define OF_RECORD(member) "CASE WHEN json_valid(?11) THEN json_extract(?11, '$." member "') END"
#define WRITTEN_COLUMNS                                                                                      \
    "id, token, organisation, profile, issuer, biz_no, number, template, content_hash, order_json, "         \
    "record_json, photo, created, replaces, actor, reason, version, entry, issuer_grantee, holder_name, "    \
    "holder_id_number, year"
#define WRITTEN_VALUES                                                                                       \
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, " OF_RECORD(      \
        "name") ", " OF_RECORD("id_number") ", CAST(" OF_RECORD("year") " AS INTEGER)"

const char *const statements[STATEMENTS_FIRST_PART] = {
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
    [SQL_COUNTERS] = "SELECT counter, max(last) FROM counters GROUP BY counter ORDER BY counter",
    [SQL_OPEN_ISSUING] = "DELETE FROM settings WHERE name = 'issuing_closed'",
    [SQL_SET_SERIAL] = "INSERT INTO counters (issuer, counter, last) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT (issuer, counter) DO UPDATE SET last = ?3 WHERE last < ?3",
    [SQL_NUMBER_TAKEN] = "SELECT 1 WHERE EXISTS (SELECT 1 FROM certificates INDEXED BY certificates_by_number"
                         "  WHERE number = ?2 AND (?1 IS NULL OR issuer = ?1))"
                         " OR EXISTS (SELECT 1 FROM entries INDEXED BY entries_by_number"
                         "  WHERE number = ?2 AND (?1 IS NULL OR issuer = ?1))",
    [SQL_RESERVE] = "INSERT INTO certificates (" WRITTEN_COLUMNS ", state)"
                    " VALUES (" WRITTEN_VALUES ", 'reserved')",
    [SQL_RECORD] = "INSERT INTO certificates (" WRITTEN_COLUMNS ", state, recorded, issued, file_size,"
                   " file_sha256, file_crc32, seals, file_checked)"
                   " VALUES (" WRITTEN_VALUES ", 'issued', 1, ?20, ?21, ?22, ?23, '[]', ?20)",
    [SQL_RECORD_FILE] = "UPDATE certificates SET file_size = ?2, file_sha256 = ?3, file_crc32 = ?4,"
                        " file_checked = ?5 WHERE id = ?1 AND recorded = 1 AND file_sha256 IS NULL",
    [SQL_HANDED_OUT] =
        "UPDATE certificates SET handed_out = ?2 WHERE id = ?1 AND handed_out = 0 AND state = 'issued'",
    [SQL_PREDECESSOR] = "SELECT issuer, number, version, handed_out FROM certificates WHERE id = ?1",
    [SQL_ISSUED] = "UPDATE certificates SET state = 'issued', issued = ?2, file_size = ?3, file_sha256 = ?4,"
                   " file_crc32 = ?5, seals = ?6, file_checked = ?2 WHERE id = ?1 AND state = 'reserved'",
    /* the entry of what it replaces, and of what that replaced, is its own as well */
    [SQL_ORIGIN] = "SELECT actor, reason, replaces, version, (WITH RECURSIVE chain (entry, replaces) AS ("
                   "  SELECT entry, replaces FROM certificates WHERE id = ?1 UNION ALL"
                   "  SELECT c.entry, c.replaces FROM chain JOIN certificates AS c ON c.id = chain.replaces"
                   "  WHERE chain.entry IS NULL) SELECT entry FROM chain WHERE entry IS NOT NULL)"
                   " FROM certificates WHERE id = ?1",
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
    [SQL_NEXT_TO_CHECK] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificates INDEXED BY certificates_to_check"
        " WHERE state = 'issued' AND file_size > 0 AND file_checked < ?1 ORDER BY file_checked, id LIMIT 1",
    [SQL_CHECKED_AFTER] = "SELECT " CERTIFICATE_COLUMNS " FROM certificates INDEXED BY certificates_to_check"
                          " WHERE state = 'issued' AND file_size > 0 AND file_checked > ?1 ORDER BY "
                          "file_checked DESC, id DESC LIMIT 1",
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
    [SQL_PUT_KEY] = "INSERT INTO api_keys (" KEY_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_KEY] = "SELECT " KEY_COLUMNS " FROM api_keys WHERE id = ?1",
    [SQL_KEYS] = "SELECT " KEY_COLUMNS " FROM api_keys ORDER BY created, id",
    [SQL_REVOKE_KEY] = "UPDATE api_keys SET revoked = CASE WHEN revoked = 0 OR revoked > ?2 THEN ?2 ELSE "
                       "revoked END WHERE id = ?1",
    [SQL_PUT_ANSWER] = "INSERT INTO answers (owner, idempotency_key, request, status, body, created)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_ANSWER] = "SELECT owner, idempotency_key, request, status, body FROM answers"
                   " WHERE owner = ?1 AND idempotency_key = ?2",
};
