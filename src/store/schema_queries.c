/* schema_queries.c - every statement about people, filings, entries, the queue, jobs, and what is lent. */
#include "store/schema.h"

#define OF(which) [(which)-STATEMENTS_FIRST_PART]

#define PERSON_COLUMNS                                                                                       \
    "id, organisation, name, id_type, id_number, gender, birth_date, mobile, photo, created, changed"
#define FILING_COLUMNS                                                                                       \
    "id, organisation, profile, issuer, committee, name, approval_no, type, year, issue_date, "              \
    "document_name, document_size, document_sha256, status, opinion, submitter, decider, submitted, "        \
    "decided, accession, accession_state, grantee, paused, hold_until, hold_code, hold_en, hold_zh, "        \
    "created, changed, accession_report"
#define ENTRY_COLUMNS                                                                                        \
    "id, filing, position, serial, name, id_type, id_number, person, photo, number, state, fault_code, "     \
    "attempts, run_after, fence, certificate, changed, fault_en, fault_zh, data_json"
#define JOB_COLUMNS                                                                                          \
    "id, organisation, kind, actor, filing, file_name, state, total, done, failed, problem_en, "             \
    "problem_zh, created, started, ended, fence, report"
#define EXPORT_COLUMNS                                                                                       \
    "id, organisation, filing, file_name, list_sha256, size, files, missing, created, expires"
#define LINK_COLUMNS                                                                                         \
    "token, kind, subject, entry, organisation, actor, origins, created, expires, used, browser"

/* An entry that gets photo ?2 at moment ?3: in the queue where it waited for one. What has a certificate
 * row, be it only reserved, keeps the photo that the row names. */
#define TAKE_PHOTO                                                                                           \
    "UPDATE entries SET photo = ?2, changed = ?3,"                                                           \
    " run_after = CASE WHEN state = 'waiting' OR (state = 'failed' AND fault_code = 'photo')"                \
    "  THEN ?3 ELSE run_after END,"                                                                          \
    " attempts = CASE WHEN state = 'failed' AND fault_code = 'photo' THEN 0 ELSE attempts END,"              \
    " fault_code = CASE WHEN fault_code = 'photo' THEN NULL ELSE fault_code END,"                            \
    " fault_en = CASE WHEN fault_code = 'photo' THEN NULL ELSE fault_en END,"                                \
    " fault_zh = CASE WHEN fault_code = 'photo' THEN NULL ELSE fault_zh END,"                                \
    " state = CASE WHEN state = 'waiting' OR (state = 'failed' AND fault_code = 'photo')"                    \
    "  THEN 'queued' ELSE state END"
#define MAY_TAKE_PHOTO                                                                                       \
    "state IN ('listed', 'waiting', 'queued', 'failed') AND NOT EXISTS (SELECT 1 FROM certificates AS c"     \
    " INDEXED BY certificates_of_entry WHERE c.entry = entries.id AND c.replaces IS NULL)"

/* What an office and what everybody knows of one person (known, own): document and name agree. */
#define SAME_PERSON                                                                                          \
    "persons AS known JOIN persons AS own INDEXED BY persons_by_document"                                    \
    " ON own.id_number = known.id_number AND own.id_type = known.id_type AND own.name = known.name"

/* Which filing's turn it is in organisation t, and of the organisations in their order the first that has
 * one. Those with nothing due are not looked at; each question is a step or two of an index. */
#define DUE_FILING                                                                                           \
    "(SELECT c.filing FROM filing_counts AS c INDEXED BY filing_counts_due"                                  \
    "  WHERE c.organisation = t.organisation AND c.open = 1 AND c.queued > 0 AND c.hold_until <= ?1"         \
    "  AND EXISTS (SELECT 1 FROM entries INDEXED BY entries_queued WHERE state = 'queued'"                   \
    "   AND filing = c.filing AND run_after <= ?1) ORDER BY c.turn LIMIT 1)"
#define DUE_ORGANISATION                                                                                     \
    " FROM turns AS t INDEXED BY turns_due WHERE t.due > 0 AND " DUE_FILING " IS NOT NULL"                   \
    " ORDER BY t.turn LIMIT 1"

const char *const filing_statements[STATEMENTS - STATEMENTS_FIRST_PART] = {
    /* --- people --- */
    OF(SQL_PUT_PERSON) = "INSERT INTO persons (id, organisation, name, id_type, id_number, gender,"
                         " birth_date, mobile, created, changed)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
    OF(SQL_CHANGE_PERSON) = "UPDATE persons SET name = ?2, gender = ?3, birth_date = ?4,"
                            " mobile = ifnull(?5, mobile), changed = ?6 WHERE id = ?1 AND"
                            " (name IS NOT ?2 OR gender IS NOT ?3 OR birth_date IS NOT ?4"
                            " OR mobile IS NOT ifnull(?5, mobile))",
    OF(SQL_PERSON) = "SELECT " PERSON_COLUMNS " FROM persons WHERE id = ?1",
    OF(SQL_PERSON_EXACT) = "SELECT id FROM persons INDEXED BY persons_by_document WHERE id_number = ?3"
                           " AND id_type = ?2 AND ifnull(organisation, '') = ifnull(?1, '')",
    OF(SQL_PERSON_BY_DOCUMENT) =
        "SELECT " PERSON_COLUMNS " FROM persons INDEXED BY persons_by_document WHERE id_number = ?3"
        " AND id_type = ?2 AND ifnull(organisation, '') IN (ifnull(?1, ''), '')"
        " ORDER BY organisation IS NULL LIMIT 1",
    OF(SQL_PERSONS_ALL) = "SELECT " PERSON_COLUMNS " FROM persons WHERE id > ?2 ORDER BY id LIMIT ?3",
    OF(SQL_PERSONS_OF_ORGANISATION) =
        "SELECT " PERSON_COLUMNS " FROM persons INDEXED BY persons_of_organisation"
        " WHERE organisation = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    OF(SQL_PERSON_PHOTO) = "UPDATE persons SET photo = ?2, changed = ?3 WHERE id = ?1",
    OF(SQL_PERSON_ENTRIES_PHOTO) =
        TAKE_PHOTO " WHERE rowid IN (SELECT rowid FROM entries INDEXED BY entries_of_person"
                   "  WHERE person = ?1 AND certificate IS NULL UNION ALL SELECT n.rowid FROM " SAME_PERSON
                   "  JOIN entries AS n INDEXED BY entries_of_person ON n.person = own.id"
                   "  WHERE known.id = ?1 AND known.organisation IS NULL AND own.organisation IS NOT NULL"
                   "  AND n.certificate IS NULL AND n.photo IS NULL) AND " MAY_TAKE_PHOTO
                   " RETURNING state = 'queued' AND run_after = ?3",
    /* of the filing's own organisation: a photo sent for one entry says nothing about a person of all */
    OF(SQL_PERSON_OWN_PHOTO) =
        "UPDATE persons SET photo = ?2, changed = ?3 WHERE id = (SELECT person FROM entries WHERE id = ?1)"
        " AND organisation = (SELECT f.organisation FROM entries AS n JOIN filings AS f ON f.id = n.filing"
        "  WHERE n.id = ?1) RETURNING id",
    OF(SQL_PERSON_OTHER_ENTRIES) =
        TAKE_PHOTO " WHERE rowid IN (SELECT rowid FROM entries INDEXED BY entries_of_person"
                   "  WHERE person = ?1 AND certificate IS NULL) AND photo IS NULL AND " MAY_TAKE_PHOTO,

    /* --- filings --- */
    OF(SQL_ADD_FILING) =
        "INSERT INTO filings (id, organisation, profile, issuer, committee, name, approval_no, type,"
        " issue_date, year, created, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
    OF(SQL_FILING) = "SELECT " FILING_COLUMNS " FROM filings WHERE id = ?1",
    OF(SQL_CHANGE_FILING) = "UPDATE filings SET profile = ?2, issuer = ?3, committee = ?4, name = ?5,"
                            " approval_no = ?6, type = ?7, issue_date = ?8, year = ?9, changed = ?10"
                            " WHERE id = ?1",
    OF(SQL_FILING_DOCUMENT) = "UPDATE filings SET document_name = ?2, document_size = ?3,"
                              " document_sha256 = ?4, changed = ?5 WHERE id = ?1",
    OF(SQL_FILING_STANDING) = "SELECT status, accession_state, paused FROM filings WHERE id = ?1",
    OF(SQL_ADD_FILING_EVENT) = "INSERT INTO filing_events (filing, entry, event, actor, reason, moment)"
                               " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    OF(SQL_FILING_EVENTS) = "SELECT moment, filing, entry, event, actor, reason FROM filing_events"
                            " WHERE filing = ?1 ORDER BY id",
    OF(SQL_SUBMIT_FILING) = "UPDATE filings SET status = 'reviewing', submitter = ?2, submitted = ?3,"
                            " changed = ?3 WHERE id = ?1",
    OF(SQL_DECIDE_FILING) = "UPDATE filings SET status = ?4, decider = ?2, decided = ?3, changed = ?3,"
                            " opinion = ?5, grantee = ?6 WHERE id = ?1",
    OF(SQL_SET_ACCESSION) = "UPDATE filings SET accession_state = ?2, accession_report = ?3, changed = ?4,"
                            " accession = CASE WHEN ?2 = 'done' THEN ?4 ELSE accession END WHERE id = ?1",
    OF(SQL_PAUSE_FILING) = "UPDATE filings SET paused = ?2, changed = ?3 WHERE id = ?1",
    OF(SQL_HOLD_FILING) = "UPDATE filings SET hold_until = ?2, hold_code = ?3, hold_en = ?4, hold_zh = ?5"
                          " WHERE id = ?1 AND (hold_until <> ?2 OR hold_code IS NOT ?3)",
    OF(SQL_LIST_FILINGS) =
        "SELECT " FILING_COLUMNS " FROM filings INDEXED BY filings_newest WHERE (created, id) < (?7, ?8)"
        " AND (?1 IS NULL OR organisation = ?1 OR (issuer = ?1 AND status <> 'editing'))"
        " AND (?2 IS NULL OR instr(name, ?2) > 0) AND (?3 IS NULL OR instr(approval_no, ?3) > 0)"
        " AND (?4 IS NULL OR type = ?4) AND (?5 IS NULL OR status = ?5) AND (?6 IS NULL OR year = ?6)"
        " ORDER BY created DESC, id DESC LIMIT ?9",

    /* --- entries --- */
    OF(SQL_ADD_ENTRY) =
        "INSERT INTO entries (id, filing, position, serial, name, id_type, id_number, person, photo,"
        " data_json, changed) SELECT substr(?1, 1, 16) || printf('%08x', p.next) || ?2, ?1, p.next, ?9, ?3,"
        " ?4, ?5, ?6, coalesce(?7, (SELECT photo FROM persons WHERE id = ?6),"
        "  (SELECT own.photo FROM " SAME_PERSON
        " WHERE known.id = ?6 AND ifnull(own.organisation, '') = '')),"
        " ?8, ?10"
        " FROM filings AS f, (SELECT 1 + ifnull((SELECT position FROM entries INDEXED BY entries_in_order"
        "  WHERE filing = ?1 ORDER BY position DESC LIMIT 1), 0) AS next) AS p"
        " WHERE f.id = ?1 AND f.status IN ('editing', 'returned') RETURNING id, position, photo",
    OF(SQL_CLEAR_ENTRIES) = "DELETE FROM entries WHERE filing = ?1",
    OF(SQL_ENTRY) = "SELECT " ENTRY_COLUMNS " FROM entries WHERE id = ?1",
    OF(SQL_ENTRY_BY_SERIAL) = "SELECT " ENTRY_COLUMNS " FROM entries WHERE filing = ?1 AND serial = ?2",
    OF(SQL_ENTRY_BY_ID_NUMBER) = "SELECT " ENTRY_COLUMNS " FROM entries WHERE filing = ?1 AND id_number = ?2",
    /* positions have no gaps, so the rows to be skipped need not be counted */
    OF(SQL_ENTRIES_PAGE) = "SELECT " ENTRY_COLUMNS " FROM entries INDEXED BY entries_in_order"
                           " WHERE filing = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
    OF(SQL_ENTRIES_OF_STATE) =
        "SELECT " ENTRY_COLUMNS " FROM entries WHERE rowid IN (SELECT rowid FROM entries"
        " INDEXED BY entries_of_state WHERE filing = ?1 AND state = ?4 ORDER BY position"
        " LIMIT ?3 OFFSET ?2) ORDER BY position",
#define FOUND                                                                                                \
    " FROM entries INDEXED BY entries_in_order WHERE filing = ?1 AND (instr(name, ?5) > 0"                   \
    " OR instr(number, ?5) > 0 OR substr(id_number, -length(?5)) = upper(?5))"                               \
    " AND (?4 IS NULL OR state = ?4)"
    OF(SQL_ENTRIES_FOUND) = "SELECT " ENTRY_COLUMNS " FROM entries WHERE rowid IN (SELECT rowid" FOUND
                            " ORDER BY position LIMIT ?3 OFFSET ?2) ORDER BY position",
    OF(SQL_ENTRIES_FOUND_COUNT) = "SELECT count(*)" FOUND,
    OF(SQL_ENTRY_COUNTS) = "SELECT listed, waiting, queued, working, made, failed, removed"
                           " FROM filing_counts WHERE filing = ?1",
    OF(SQL_NUMBER_ENTRY) =
        "UPDATE entries SET issuer = ?2, number = ?3, changed = ?4, run_after = ?4,"
        " state = CASE WHEN photo IS NULL THEN 'waiting' ELSE 'queued' END WHERE id = ?1"
        " AND state = 'listed' AND (SELECT status FROM filings WHERE id = filing) = 'approved'",
    OF(SQL_ENTRY_PHOTO) = TAKE_PHOTO " WHERE id = ?1 AND " MAY_TAKE_PHOTO,
    OF(SQL_REMOVE_ENTRY) = "UPDATE entries SET state = 'removed', changed = ?3"
                           " WHERE id = ?1 AND filing = ?2 AND state = 'listed'",
    /* not while a row of the journal says the old and waits for its file */
    OF(SQL_CORRECT_ENTRY) =
        "UPDATE entries SET name = ?2, id_type = ?3, id_number = ?4, data_json = ?5,"
        " corrected = corrected + 1, changed = ?6 WHERE id = ?1 AND (state = 'made' OR"
        " (state IN ('waiting', 'queued', 'failed') AND NOT EXISTS (SELECT 1 FROM certificates AS c"
        "  INDEXED BY certificates_of_entry WHERE c.entry = entries.id AND c.replaces IS NULL)))",
#define RETRY                                                                                                \
    "UPDATE entries SET state = CASE WHEN photo IS NULL THEN 'waiting' ELSE 'queued' END, attempts = 0,"     \
    " run_after = ?3, changed = ?3, fault_code = NULL, fault_en = NULL, fault_zh = NULL"
    OF(SQL_RETRY_ENTRIES) = RETRY " WHERE rowid IN (SELECT rowid FROM entries INDEXED BY entries_of_state"
                                  " WHERE filing = ?1 AND state = 'failed')",
    OF(SQL_RETRY_ENTRY) = RETRY " WHERE id = ?2 AND filing = ?1 AND state = 'failed'",
    /* a reissue that is asked for again, or told late, comes after what replaced its certificate */
    OF(SQL_ENTRY_CERTIFICATE) = "UPDATE entries SET certificate = CASE WHEN (SELECT replaced_by"
                                "  FROM certificates WHERE id = ?2) IS NULL THEN ?2 ELSE certificate END,"
                                " changed = ?3 WHERE id = ?1 AND state = 'made'",
    OF(SQL_ENTRY_MADE) =
        "UPDATE entries SET state = 'made', certificate = ?2, changed = ?3, worker = NULL, lease_until = 0,"
        " fault_code = NULL, fault_en = NULL, fault_zh = NULL WHERE id = ?1"
        " AND state IN ('waiting', 'queued', 'working', 'failed') RETURNING filing",
    OF(SQL_PROGRESS) = "INSERT INTO progress (filing, second, made) VALUES (?1, ?2, 1)"
                       " ON CONFLICT (filing, second) DO UPDATE SET made = made + 1",
    OF(SQL_NUMBER_OF_ENTRY) = "SELECT issuer, number, state, fence FROM entries WHERE id = ?1",
    OF(SQL_ENTRY_OF_NUMBER) = "SELECT id FROM entries INDEXED BY entries_by_number"
                              " WHERE number = ?2 AND issuer = ?1",
    OF(SQL_CERTIFICATE_OF_NUMBER) = "SELECT 1 FROM certificates WHERE issuer = ?1 AND number = ?2",

    /* --- the queue --- */
    OF(SQL_LEASES_ENDED) =
        "UPDATE entries SET state = 'queued', worker = NULL, lease_until = 0, run_after = ?1"
        " WHERE rowid IN (SELECT rowid FROM entries INDEXED BY entries_working"
        "  WHERE state = 'working' AND lease_until <= ?1 ORDER BY lease_until LIMIT 256)",
    OF(SQL_NEXT_FILING) = "SELECT " DUE_FILING ", t.organisation" DUE_ORGANISATION,
    /* asked without the lock by those that find nothing */
    OF(SQL_DUE_ANY) =
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM entries INDEXED BY entries_working"
        " WHERE state = 'working' AND lease_until <= ?1) OR EXISTS (SELECT 1" DUE_ORGANISATION ")",
    OF(SQL_NEXT_TURN) = "UPDATE next_turn SET turn = turn + 1 WHERE id = 1 RETURNING turn",
    OF(SQL_FILING_TURN) = "UPDATE filing_counts SET turn = ?2 WHERE filing = ?1",
    OF(SQL_ORGANISATION_TURN) = "UPDATE turns SET turn = ?2 WHERE organisation = ?1",
    OF(SQL_CLAIM) =
        "UPDATE entries SET state = 'working', fence = fence + 1, worker = ?2, lease_until = ?3"
        " WHERE rowid IN (SELECT rowid FROM entries INDEXED BY entries_queued WHERE state = 'queued'"
        "  AND filing = ?1 AND run_after <= ?4 ORDER BY run_after, position LIMIT ?5)"
        " RETURNING " ENTRY_COLUMNS,
    OF(SQL_CLAIM_HOLDS) = "SELECT 1 FROM entries WHERE id = ?1 AND fence = ?2 AND state = 'working'",
    OF(SQL_GIVE_BACK) = "UPDATE entries SET state = 'queued', run_after = ?3, worker = NULL,"
                        " lease_until = 0, changed = ?4"
                        " WHERE id = ?1 AND fence = ?2 AND state = 'working'",
    OF(SQL_GIVE_UP_ENTRY) =
        "UPDATE entries SET state = ?5, run_after = ?3, worker = NULL, lease_until = 0, changed = ?4,"
        " attempts = attempts + 1, fault_code = ?6, fault_en = ?7, fault_zh = ?8"
        " WHERE id = ?1 AND fence = ?2 AND state = 'working'",
    OF(SQL_WORKERS) = "SELECT worker FROM entries INDEXED BY entries_working WHERE state = 'working'"
                      " UNION SELECT worker FROM jobs INDEXED BY jobs_open"
                      "  WHERE state IN ('waiting', 'working') AND state = 'working'",
    OF(SQL_GIVE_BACK_WORKER) =
        "UPDATE entries SET state = 'queued', worker = NULL, lease_until = 0, run_after = ?2"
        " WHERE rowid IN (SELECT rowid FROM entries INDEXED BY entries_working"
        "  WHERE state = 'working' AND substr(worker, 1, length(?1)) = ?1)",
    OF(SQL_GIVE_BACK_JOBS) = "UPDATE jobs SET lease_until = 0"
                             " WHERE state IN ('waiting', 'working') AND state = 'working'"
                             " AND substr(worker, 1, length(?1)) = ?1",
    OF(SQL_QUEUE_STATE) =
        "SELECT ifnull((SELECT sum(queued) FROM filing_counts INDEXED BY filing_counts_queued"
        "  WHERE queued > 0), 0),"
        " (SELECT count(*) FROM entries INDEXED BY entries_working WHERE state = 'working'),"
        " ifnull((SELECT min(max(c.hold_until, (SELECT run_after FROM entries INDEXED BY entries_queued"
        "   WHERE state = 'queued' AND filing = c.filing ORDER BY run_after LIMIT 1)))"
        "  FROM filing_counts AS c INDEXED BY filing_counts_due WHERE c.open = 1 AND c.queued > 0), 0)",
    /* in its own organisation each filing gets as many turns as this one, and each organisation as many as
     * this one's */
    OF(SQL_QUEUE_AHEAD) =
        "WITH mine AS (SELECT organisation, queued FROM filing_counts WHERE filing = ?1),"
        " siblings AS (SELECT ifnull(sum(min(c.queued, mine.queued)), 0) AS ahead FROM filing_counts AS c"
        "  INDEXED BY filing_counts_due, mine WHERE c.open = 1 AND c.queued > 0"
        "  AND c.organisation = mine.organisation AND c.filing <> ?1),"
        " others AS (SELECT sum(c.queued) AS queued FROM filing_counts AS c INDEXED BY filing_counts_due,"
        "  mine WHERE c.open = 1 AND c.queued > 0 AND c.organisation <> mine.organisation"
        "  GROUP BY c.organisation)"
        " SELECT siblings.ahead + ifnull((SELECT sum(min(others.queued, siblings.ahead + mine.queued))"
        "  FROM others), 0) FROM siblings, mine WHERE mine.queued > 0",
    OF(SQL_MADE_LATELY) = "SELECT ifnull(sum(made), 0), ifnull(min(second), 0) FROM progress"
                          " WHERE filing = ?1 AND second > ?2 AND second <= ?3",

    /* --- jobs --- */
    OF(SQL_ADD_JOB) = "INSERT INTO jobs (id, organisation, kind, actor, filing, file_name, state, total,"
                      " done, failed, created, started, ended, fence, lease_until)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, 0, 0, ?8, 0, 0, 0, 0)",
    OF(SQL_JOB) = "SELECT " JOB_COLUMNS " FROM jobs WHERE id = ?1",
    OF(SQL_FILING_JOB) = "SELECT " JOB_COLUMNS " FROM jobs INDEXED BY jobs_of_filing WHERE filing = ?1"
                         " AND (?2 IS NULL OR kind = ?2) ORDER BY rowid DESC LIMIT 1",
    OF(SQL_OPEN_JOBS) =
        "SELECT " JOB_COLUMNS " FROM jobs INDEXED BY jobs_open WHERE state IN ('waiting', 'working')"
        " AND (?1 IS NULL OR organisation = ?1 OR EXISTS (SELECT 1 FROM filings AS f WHERE f.id = jobs.filing"
        "  AND f.issuer = ?1 AND f.status <> 'editing')) ORDER BY rowid DESC LIMIT ?2",
    OF(SQL_NEXT_JOB) =
        "SELECT j.id, ifnull(j.organisation, '') FROM jobs AS j INDEXED BY jobs_open"
        " LEFT JOIN turns AS t ON t.organisation = ifnull(j.organisation, '')"
        " WHERE j.state IN ('waiting', 'working') AND (j.state = 'waiting' OR j.lease_until <= ?1)"
        " ORDER BY ifnull(t.job_turn, 0), j.rowid LIMIT 1",
    OF(SQL_CLAIM_JOB) = "UPDATE jobs SET state = 'working', fence = fence + 1, worker = ?2,"
                        " lease_until = ?3, started = CASE WHEN started = 0 THEN ?4 ELSE started END"
                        " WHERE id = ?1 RETURNING " JOB_COLUMNS,
    OF(SQL_JOB_TURN) = "INSERT INTO turns (organisation, job_turn) VALUES (?1, ?2)"
                       " ON CONFLICT (organisation) DO UPDATE SET job_turn = ?2",
    OF(SQL_JOB_PROGRESS) = "UPDATE jobs SET state = ?3, total = ?4, done = ?5, failed = ?6, report = ?7,"
                           " problem_en = ?8, problem_zh = ?9, started = ?10, ended = ?11,"
                           " lease_until = ?12 WHERE id = ?1 AND fence = ?2 AND state = 'working'",
    OF(SQL_CANCEL_JOB) = "UPDATE jobs SET state = 'cancelled', ended = ?2 WHERE id = ?1"
                         " AND state IN ('waiting', 'working')",
    OF(SQL_JOB_TO_CLEAR) = "SELECT id FROM jobs INDEXED BY jobs_to_clear"
                           " WHERE ended <> 0 AND cleared = 0 LIMIT 1",
    OF(SQL_JOB_CLEARED) = "UPDATE jobs SET cleared = 1 WHERE id = ?1",

    /* --- what is lent --- */
    OF(SQL_SAME_EXPORT) = "SELECT " EXPORT_COLUMNS " FROM exports INDEXED BY exports_of_list"
                          " WHERE list_sha256 = ?1 AND organisation IS ?2 AND filing IS ?3"
                          " AND file_name = ?4 AND expires > ?5 ORDER BY expires DESC LIMIT 1",
    OF(SQL_ADD_EXPORT) = "INSERT INTO exports (" EXPORT_COLUMNS ", list)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    OF(SQL_EXPORT) = "SELECT " EXPORT_COLUMNS " FROM exports WHERE id = ?1 AND expires > ?2",
    OF(SQL_EXPORT_WITH_LIST) = "SELECT " EXPORT_COLUMNS ", list FROM exports WHERE id = ?1 AND expires > ?2",
    OF(SQL_EXPORTS) = "SELECT " EXPORT_COLUMNS " FROM exports INDEXED BY exports_newest"
                      " WHERE (?1 IS NULL OR organisation = ?1) AND expires > ?2"
                      " ORDER BY created DESC, id DESC LIMIT ?3",
    OF(SQL_ADD_LINK) = "INSERT INTO links (token, kind, subject, entry, organisation, actor, origins,"
                       " created, expires, keep_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
    OF(SQL_LINK) = "SELECT " LINK_COLUMNS " FROM links WHERE token = ?1 AND keep_until > ?2",
    OF(SQL_USE_LINK) = "UPDATE links SET used = ?3, browser = ?2, keep_until = max(keep_until, ?4)"
                       " WHERE token = ?1 AND used = 0 AND expires > ?3",
    OF(SQL_ADD_SESSION) = "INSERT INTO sessions (token, key_id, form_token, created, seen)"
                          " VALUES (?1, ?2, ?3, ?4, ?5)",
    OF(SQL_SESSION) = "SELECT n.token, n.key_id, n.form_token, n.created, n.seen FROM sessions AS n"
                      " JOIN api_keys AS k ON k.id = n.key_id WHERE n.token = ?1 AND n.seen > ?2"
                      " AND n.created > ?3 AND (k.revoked = 0 OR k.revoked > ?4)"
                      " AND (k.expires = 0 OR k.expires > ?4)",
    OF(SQL_SESSION_SEEN) = "UPDATE sessions SET seen = ?2 WHERE token = ?1 AND seen < ?2",
    OF(SQL_END_SESSION) = "DELETE FROM sessions WHERE token = ?1",
    OF(SQL_SWEEP_EXPORTS) = "DELETE FROM exports WHERE rowid IN (SELECT rowid FROM exports"
                            " INDEXED BY exports_to_end WHERE expires <= ?1 LIMIT 4)",
    OF(SQL_SWEEP_LINKS) = "DELETE FROM links WHERE token IN (SELECT token FROM links"
                          " INDEXED BY links_to_end WHERE keep_until <= ?1 LIMIT 256)",
    OF(SQL_SWEEP_SESSIONS) = "DELETE FROM sessions WHERE token IN (SELECT token FROM sessions"
                             " WHERE seen <= ?1 OR created <= ?2 LIMIT 256)",
    OF(SQL_SWEEP_PROGRESS) = "DELETE FROM progress WHERE second <= ?1 - 60",
#define AHEAD_ENTRIES                                                                                        \
    "FROM filing_counts AS c INDEXED BY filing_counts_queued JOIN entries AS q INDEXED BY entries_queued"    \
    " ON q.filing = c.filing WHERE c.queued > 0 AND q.state = 'queued' AND q.run_after > ?1 + 3600"
#define AHEAD_FILINGS                                                                                        \
    "FROM filing_counts AS c INDEXED BY filing_counts_queued WHERE c.queued > 0 AND c.hold_until > ?1 + "    \
    "3600"
#define AHEAD_LEASES                                                                                         \
    "FROM entries AS w INDEXED BY entries_working WHERE w.state = 'working' AND w.lease_until > ?1 + 3600"
#define AHEAD_JOBS                                                                                           \
    "FROM jobs AS j INDEXED BY jobs_open WHERE j.state IN ('waiting', 'working') AND j.lease_until > ?1 + "  \
    "3600"
    OF(SQL_ANY_AHEAD) =
        "SELECT 1 WHERE EXISTS (SELECT 1 " AHEAD_ENTRIES ") OR EXISTS (SELECT 1 " AHEAD_FILINGS
        ") OR EXISTS (SELECT 1 " AHEAD_LEASES ") OR EXISTS (SELECT 1 " AHEAD_JOBS ")",
    OF(SQL_AHEAD_ENTRIES) =
        "UPDATE entries SET run_after = ?1 WHERE rowid IN (SELECT q.rowid " AHEAD_ENTRIES ")",
    OF(SQL_AHEAD_FILINGS) =
        "UPDATE filings SET hold_until = ?1 WHERE id IN (SELECT c.filing " AHEAD_FILINGS ")",
    OF(SQL_AHEAD_LEASES) = "UPDATE entries SET lease_until = ?1 + 120"
                           " WHERE rowid IN (SELECT w.rowid " AHEAD_LEASES ")",
    OF(SQL_AHEAD_JOBS) =
        "UPDATE jobs SET lease_until = ?1 + 120 WHERE rowid IN (SELECT j.rowid " AHEAD_JOBS ")",
    OF(SQL_ANY_EXPIRED) =
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM exports INDEXED BY exports_to_end WHERE expires <= ?1)"
        " OR EXISTS (SELECT 1 FROM links INDEXED BY links_to_end WHERE keep_until <= ?1)"
        " OR EXISTS (SELECT 1 FROM sessions WHERE seen <= ?2 OR created <= ?3)"
        " OR EXISTS (SELECT 1 FROM progress WHERE second <= ?1 - 60)"
        " OR EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_to_clear WHERE ended <> 0 AND cleared = 0)",
};
