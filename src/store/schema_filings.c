/* schema_filings.c - version 3: people, filings, their entries and the queue; certificates come in versions,
 * and some are only records of paper.
 *
 * SQLite changes no constraint of a table in place, so certificates and their events move into new tables,
 * with the checking of references off (schema_rebuilds) and every reference checked before the commit. */
#include "store/schema.h"

/* A number is one certificate's at a time: a correction is the next version under it. What is only recorded
 * has no photo. rowid is kept: it is the order of writing. */
#define CERTIFICATES                                                                                         \
    "CREATE TABLE certificates_new ("                                                                        \
    " id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE,"                                                      \
    " organisation TEXT NOT NULL REFERENCES organisations (id),"                                             \
    " profile TEXT NOT NULL REFERENCES profiles (id),"                                                       \
    " issuer TEXT NOT NULL REFERENCES organisations (id),"                                                   \
    " biz_no TEXT NOT NULL, number TEXT NOT NULL, template TEXT NOT NULL, content_hash BLOB NOT NULL,"       \
    " order_json TEXT NOT NULL, record_json TEXT NOT NULL, photo BLOB REFERENCES photos (sha256),"           \
    " created INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('reserved', 'issued')),"                \
    " issued INTEGER, file_size INTEGER, file_sha256 BLOB, file_crc32 INTEGER, seals TEXT,"                  \
    " status TEXT NOT NULL DEFAULT 'valid'"                                                                  \
    "  CHECK (status IN ('valid', 'suspended', 'revoked', 'cancelled', 'replaced')),"                        \
    " status_time INTEGER NOT NULL DEFAULT 0, status_reason TEXT, status_document TEXT,"                     \
    " replaces TEXT REFERENCES certificates (id), replaced_by TEXT REFERENCES certificates (id),"            \
    " file_checked INTEGER NOT NULL DEFAULT 0, file_fault INTEGER NOT NULL DEFAULT 0,"                       \
    " actor TEXT, reason TEXT, holder_name TEXT, holder_id_number TEXT, year INTEGER,"                       \
    " version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1), entry TEXT, issuer_grantee TEXT,"             \
    " handed_out INTEGER NOT NULL DEFAULT 0, recorded INTEGER NOT NULL DEFAULT 0"                            \
    "  CHECK (recorded = 0 OR state = 'issued'),"                                                            \
    " CHECK (photo IS NOT NULL OR recorded = 1), CHECK (version = 1 OR replaces IS NOT NULL),"               \
    " UNIQUE (organisation, biz_no), UNIQUE (issuer, number, version)"                                       \
    ") STRICT;"                                                                                              \
    "INSERT INTO certificates_new (rowid, id, token, organisation, profile, issuer, biz_no, number,"         \
    " template, content_hash, order_json, record_json, photo, created, state, issued, file_size,"            \
    " file_sha256, file_crc32, seals, status, status_time, status_reason, status_document, replaces,"        \
    " replaced_by, file_checked, file_fault, actor, reason, holder_name, holder_id_number, year)"            \
    " SELECT rowid, id, token, organisation, profile, issuer, biz_no, number,"                               \
    " template, content_hash, order_json, record_json, photo, created, state, issued, file_size,"            \
    " file_sha256, file_crc32, seals, status, status_time, status_reason, status_document, replaces,"        \
    " replaced_by, file_checked, file_fault, actor, reason, holder_name, holder_id_number, year"             \
    " FROM certificates ORDER BY rowid;"                                                                     \
    "DROP TABLE certificates;"                                                                               \
    "ALTER TABLE certificates_new RENAME TO certificates;"

/* As they were; files are checked only where there is one. An entry has one certificate that replaces
 * nothing, whatever goes wrong elsewhere. */
#define CERTIFICATE_INDEXES                                                                                  \
    "CREATE INDEX certificates_by_number ON certificates (number);"                                          \
    "CREATE INDEX certificates_unfinished ON certificates (id) WHERE state = 'reserved';"                    \
    "CREATE INDEX certificates_by_file ON certificates (file_sha256) WHERE file_sha256 IS NOT NULL;"         \
    "CREATE INDEX certificates_newest ON certificates (created, id, profile, year);"                         \
    "CREATE INDEX certificates_of_organisation ON certificates (organisation, created, id, profile, year);"  \
    "CREATE INDEX certificates_by_biz_no ON certificates (biz_no);"                                          \
    "CREATE INDEX certificates_by_name ON certificates (holder_name, created, id);"                          \
    "CREATE INDEX certificates_by_id_number ON certificates (holder_id_number);"                             \
    "CREATE INDEX certificates_of_status ON certificates (status, created, id) WHERE status <> 'valid';"     \
    "CREATE INDEX certificates_to_check ON certificates (file_checked, id)"                                  \
    " WHERE state = 'issued' AND file_size > 0;"                                                             \
    "CREATE INDEX certificates_faulty ON certificates (id) WHERE file_fault <> 0;"                           \
    "CREATE UNIQUE INDEX certificates_replacing ON certificates (replaces) WHERE replaces IS NOT NULL;"      \
    "CREATE UNIQUE INDEX certificates_of_entry ON certificates (entry)"                                      \
    " WHERE entry IS NOT NULL AND replaces IS NULL;"

#define CERTIFICATE_TRIGGERS                                                                                 \
    "CREATE TRIGGER certificates_counted AFTER INSERT ON certificates BEGIN"                                 \
    " UPDATE counts SET issued = issued + (NEW.state = 'issued'),"                                           \
    " reserved = reserved + (NEW.state = 'reserved'), file_faults = file_faults + (NEW.file_fault <> 0);"    \
    " END;"                                                                                                  \
    "CREATE TRIGGER certificates_recounted AFTER UPDATE OF state, file_fault ON certificates"                \
    " WHEN OLD.state <> NEW.state OR (OLD.file_fault <> 0) <> (NEW.file_fault <> 0) BEGIN"                   \
    " UPDATE counts SET issued = issued + (NEW.state = 'issued') - (OLD.state = 'issued'),"                  \
    " reserved = reserved + (NEW.state = 'reserved') - (OLD.state = 'reserved'),"                            \
    " file_faults = file_faults + (NEW.file_fault <> 0) - (OLD.file_fault <> 0);"                            \
    " END;"                                                                                                  \
    "CREATE TRIGGER certificates_stay BEFORE DELETE ON certificates BEGIN"                                   \
    " SELECT RAISE (ABORT, 'a certificate is never deleted'); END;"                                          \
    "CREATE TRIGGER certificates_keep_content BEFORE UPDATE OF id, token, organisation, profile, issuer,"    \
    " biz_no, number, template, content_hash, order_json, record_json, photo, created, replaces, actor,"     \
    " reason, holder_name, holder_id_number, year, version, entry, issuer_grantee, recorded"                 \
    " ON certificates BEGIN"                                                                                 \
    " SELECT RAISE (ABORT, 'what a certificate says never changes'); END;"                                   \
    "CREATE TRIGGER certificates_keep_file BEFORE UPDATE OF state, issued, file_size, file_sha256,"          \
    " file_crc32, seals ON certificates WHEN OLD.state = 'issued'"                                           \
    " AND (OLD.recorded = 0 OR OLD.file_sha256 IS NOT NULL OR NEW.state <> 'issued'"                         \
    "  OR NEW.issued IS NOT OLD.issued OR NEW.seals IS NOT OLD.seals) BEGIN"                                 \
    " SELECT RAISE (ABORT, 'an issued certificate keeps its file'); END;"                                    \
    "CREATE TRIGGER certificates_keep_handed_out BEFORE UPDATE OF handed_out ON certificates"                \
    " WHEN OLD.handed_out <> 0 OR OLD.state <> 'issued' BEGIN"                                               \
    " SELECT RAISE (ABORT, 'a certificate is handed out once it is issued, for the first time once'); END;"

#define CERTIFICATE_EVENTS                                                                                   \
    "CREATE TABLE certificate_events_new ("                                                                  \
    " id INTEGER PRIMARY KEY, certificate TEXT NOT NULL REFERENCES certificates (id),"                       \
    " moment INTEGER NOT NULL, event TEXT NOT NULL CHECK (event IN ('issued', 'recorded', 'revoked',"        \
    " 'cancelled', 'suspended', 'reinstated', 'replaced', 'corrected', 'file-fault', 'file-restored', "      \
    "'file-added')),"                                                                                        \
    " actor TEXT NOT NULL, reason TEXT, document TEXT"                                                       \
    ") STRICT;"                                                                                              \
    "INSERT INTO certificate_events_new SELECT id, certificate, moment, event, actor, reason, document"      \
    " FROM certificate_events ORDER BY id;"                                                                  \
    "DROP TABLE certificate_events;"                                                                         \
    "ALTER TABLE certificate_events_new RENAME TO certificate_events;"                                       \
    "CREATE INDEX certificate_events_of ON certificate_events (certificate);"                                \
    "CREATE TRIGGER certificate_events_stay BEFORE DELETE ON certificate_events BEGIN"                       \
    " SELECT RAISE (ABORT, 'an event is never deleted'); END;"                                               \
    "CREATE TRIGGER certificate_events_keep BEFORE UPDATE ON certificate_events BEGIN"                       \
    " SELECT RAISE (ABORT, 'an event never changes'); END;"

/* NULL organisations are one: of all. */
#define PERSONS                                                                                              \
    "CREATE TABLE persons ("                                                                                 \
    " id TEXT PRIMARY KEY, organisation TEXT REFERENCES organisations (id), name TEXT NOT NULL,"             \
    " id_type TEXT NOT NULL, id_number TEXT NOT NULL, gender TEXT, birth_date TEXT, mobile TEXT,"            \
    " photo TEXT REFERENCES uploads (id), created INTEGER NOT NULL, changed INTEGER NOT NULL"                \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE UNIQUE INDEX persons_by_document ON persons (id_number, id_type, ifnull(organisation, ''));"     \
    "CREATE INDEX persons_of_organisation ON persons (organisation, id);"                                    \
    "CREATE TRIGGER persons_stay BEFORE DELETE ON persons BEGIN"                                             \
    " SELECT RAISE (ABORT, 'a person is never deleted'); END;"                                               \
    "CREATE TRIGGER persons_keep BEFORE UPDATE OF id, organisation, id_type, id_number, created"             \
    " ON persons BEGIN SELECT RAISE (ABORT, 'a person keeps their document'); END;"

#define FILINGS                                                                                              \
    "CREATE TABLE filings ("                                                                                 \
    " id TEXT PRIMARY KEY, organisation TEXT NOT NULL REFERENCES organisations (id),"                        \
    " profile TEXT NOT NULL REFERENCES profiles (id), issuer TEXT NOT NULL REFERENCES organisations (id),"   \
    " committee TEXT REFERENCES organisations (id), name TEXT NOT NULL, approval_no TEXT NOT NULL,"          \
    " type TEXT NOT NULL, year INTEGER NOT NULL, issue_date TEXT, document_name TEXT,"                       \
    " document_size INTEGER NOT NULL DEFAULT 0, document_sha256 BLOB,"                                       \
    " status TEXT NOT NULL DEFAULT 'editing'"                                                                \
    "  CHECK (status IN ('editing', 'reviewing', 'returned', 'approved')),"                                  \
    " opinion TEXT, submitter TEXT, decider TEXT, submitted INTEGER NOT NULL DEFAULT 0,"                     \
    " decided INTEGER NOT NULL DEFAULT 0, accession INTEGER NOT NULL DEFAULT 0,"                             \
    " accession_state TEXT NOT NULL DEFAULT 'none'"                                                          \
    "  CHECK (accession_state IN ('none', 'checking', 'done', 'refused')),"                                  \
    " grantee TEXT, paused INTEGER NOT NULL DEFAULT 0, hold_until INTEGER NOT NULL DEFAULT 0,"               \
    " hold_code TEXT, hold_en TEXT, hold_zh TEXT, created INTEGER NOT NULL, changed INTEGER NOT NULL,"       \
    " accession_report TEXT,"                                                                                \
    " CHECK (accession_state = 'none' OR status = 'approved')"                                               \
    ") STRICT;"                                                                                              \
    "CREATE INDEX filings_newest ON filings (created, id);"                                                  \
    "CREATE TRIGGER filings_stay BEFORE DELETE ON filings WHEN OLD.submitted <> 0 BEGIN"                     \
    " SELECT RAISE (ABORT, 'a filing that was submitted is never deleted'); END;"                            \
    "CREATE TRIGGER filings_keep BEFORE UPDATE OF id, organisation, created ON filings BEGIN"                \
    " SELECT RAISE (ABORT, 'a filing stays its organiser''s'); END;"                                         \
    "CREATE TRIGGER filings_keep_content BEFORE UPDATE OF profile, issuer, committee, name, approval_no,"    \
    " type, year, issue_date, document_name, document_size, document_sha256 ON filings"                      \
    " WHEN OLD.status NOT IN ('editing', 'returned') BEGIN"                                                  \
    " SELECT RAISE (ABORT, 'what was submitted stays as it is'); END;"                                       \
    "CREATE TRIGGER filings_stay_approved BEFORE UPDATE OF status ON filings"                                \
    " WHEN OLD.status = 'approved' AND NEW.status <> 'approved' BEGIN"                                       \
    " SELECT RAISE (ABORT, 'an approved filing stays approved'); END;"                                       \
    "CREATE TRIGGER filings_stay_done BEFORE UPDATE OF accession_state ON filings"                           \
    " WHEN OLD.accession_state = 'done' AND NEW.accession_state <> 'done' BEGIN"                             \
    " SELECT RAISE (ABORT, 'numbers that were given stay given'); END;"                                      \
    "CREATE TABLE filing_events ("                                                                           \
    " id INTEGER PRIMARY KEY, filing TEXT NOT NULL REFERENCES filings (id), entry TEXT,"                     \
    " moment INTEGER NOT NULL, event TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT"                        \
    ") STRICT;"                                                                                              \
    "CREATE INDEX filing_events_of ON filing_events (filing);"                                               \
    "CREATE TRIGGER filing_events_stay BEFORE DELETE ON filing_events BEGIN"                                 \
    " SELECT RAISE (ABORT, 'an event is never deleted'); END;"                                               \
    "CREATE TRIGGER filing_events_keep BEFORE UPDATE ON filing_events BEGIN"                                 \
    " SELECT RAISE (ABORT, 'an event never changes'); END;"

/* Ids of entries begin with their filing's and go up with their place in it, so that a list of thirty
 * thousand touches the pages of each index once. What is long comes last. issuer is the number's. */
#define ENTRIES                                                                                              \
    "CREATE TABLE entries ("                                                                                 \
    " id TEXT PRIMARY KEY, filing TEXT NOT NULL REFERENCES filings (id), position INTEGER NOT NULL,"         \
    " serial INTEGER NOT NULL, name TEXT NOT NULL, id_type TEXT NOT NULL, id_number TEXT NOT NULL,"          \
    " person TEXT REFERENCES persons (id), photo TEXT REFERENCES uploads (id), issuer TEXT, number TEXT,"    \
    " state TEXT NOT NULL DEFAULT 'listed' CHECK (state IN ('listed', 'waiting', 'queued', 'working',"       \
    "  'made', 'failed', 'removed')),"                                                                       \
    " fault_code TEXT, attempts INTEGER NOT NULL DEFAULT 0, run_after INTEGER NOT NULL DEFAULT 0,"           \
    " fence INTEGER NOT NULL DEFAULT 0, worker TEXT, lease_until INTEGER NOT NULL DEFAULT 0,"                \
    " certificate TEXT REFERENCES certificates (id), corrected INTEGER NOT NULL DEFAULT 0,"                  \
    " changed INTEGER NOT NULL, fault_en TEXT, fault_zh TEXT, data_json TEXT NOT NULL,"                      \
    " CHECK ((number IS NULL) = (state IN ('listed', 'removed'))),"                                          \
    " CHECK ((number IS NULL) = (issuer IS NULL)), CHECK ((certificate IS NOT NULL) = (state = 'made')),"    \
    " CHECK (state NOT IN ('queued', 'working') OR photo IS NOT NULL),"                                      \
    " UNIQUE (filing, serial), UNIQUE (filing, id_number)"                                                   \
    ") STRICT;"                                                                                              \
    "CREATE UNIQUE INDEX entries_by_number ON entries (number, issuer) WHERE number IS NOT NULL;"            \
    "CREATE INDEX entries_in_order ON entries (filing, position, name, number, id_number);"                  \
    "CREATE INDEX entries_of_state ON entries (filing, state, position);"                                    \
    "CREATE INDEX entries_of_person ON entries (person) WHERE certificate IS NULL AND person IS NOT NULL;"   \
    "CREATE INDEX entries_queued ON entries (filing, run_after, position) WHERE state = 'queued';"           \
    "CREATE INDEX entries_working ON entries (lease_until) WHERE state = 'working';"                         \
    "CREATE TRIGGER entries_keep BEFORE UPDATE OF id, filing, position, serial ON entries BEGIN"             \
    " SELECT RAISE (ABORT, 'an entry keeps its place'); END;"                                                \
    "CREATE TRIGGER entries_keep_number BEFORE UPDATE OF number, issuer ON entries"                          \
    " WHEN OLD.number IS NOT NULL BEGIN"                                                                     \
    " SELECT RAISE (ABORT, 'a number stays with its entry'); END;"                                           \
    "CREATE TRIGGER entries_stay BEFORE DELETE ON entries WHEN OLD.number IS NOT NULL OR"                    \
    " (SELECT status FROM filings WHERE id = OLD.filing) NOT IN ('editing', 'returned') BEGIN"               \
    " SELECT RAISE (ABORT, 'an entry that was submitted is never deleted'); END;"                            \
    "CREATE TRIGGER entries_stay_made BEFORE UPDATE OF state ON entries"                                     \
    " WHEN OLD.state IN ('made', 'removed') AND NEW.state <> OLD.state BEGIN"                                \
    " SELECT RAISE (ABORT, 'made and removed are final'); END;"                                              \
    "CREATE TRIGGER entries_keep_data BEFORE UPDATE OF name, id_type, id_number, data_json ON entries"       \
    " WHEN (SELECT status FROM filings WHERE id = OLD.filing) NOT IN ('editing', 'returned')"                \
    " AND NEW.corrected <> OLD.corrected + 1 BEGIN"                                                          \
    " SELECT RAISE (ABORT, 'what was submitted changes only by a correction'); END;"

/* One row a filing: how many entries are in each state, and its place in the order of turns. One row an
 * organisation: how many of its filings have entries that may be claimed, and its turn. Kept by triggers. */
#define QUEUE                                                                                                \
    "CREATE TABLE filing_counts ("                                                                           \
    " filing TEXT PRIMARY KEY, organisation TEXT NOT NULL, turn INTEGER NOT NULL DEFAULT 0,"                 \
    " open INTEGER NOT NULL DEFAULT 0, hold_until INTEGER NOT NULL DEFAULT 0,"                               \
    " listed INTEGER NOT NULL DEFAULT 0, waiting INTEGER NOT NULL DEFAULT 0,"                                \
    " queued INTEGER NOT NULL DEFAULT 0, working INTEGER NOT NULL DEFAULT 0,"                                \
    " made INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,"                                   \
    " removed INTEGER NOT NULL DEFAULT 0"                                                                    \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE INDEX filing_counts_due ON filing_counts (organisation, turn) WHERE open = 1 AND queued > 0;"    \
    "CREATE INDEX filing_counts_queued ON filing_counts (queued) WHERE queued > 0;"                          \
    "CREATE TABLE turns ("                                                                                   \
    " organisation TEXT PRIMARY KEY, turn INTEGER NOT NULL DEFAULT 0, job_turn INTEGER NOT NULL DEFAULT 0,"  \
    " due INTEGER NOT NULL DEFAULT 0"                                                                        \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE INDEX turns_due ON turns (turn) WHERE due > 0;"                                                  \
    "CREATE TABLE next_turn (id INTEGER PRIMARY KEY CHECK (id = 1), turn INTEGER NOT NULL) STRICT;"          \
    "INSERT INTO next_turn VALUES (1, 0);"                                                                   \
    "CREATE TRIGGER filings_counted AFTER INSERT ON filings BEGIN"                                           \
    " INSERT INTO filing_counts (filing, organisation) VALUES (NEW.id, NEW.organisation);"                   \
    " INSERT INTO turns (organisation) VALUES (NEW.organisation) ON CONFLICT (organisation) DO NOTHING;"     \
    " END;"                                                                                                  \
    "CREATE TRIGGER filings_opened AFTER UPDATE OF paused, accession_state, hold_until ON filings BEGIN"     \
    " UPDATE filing_counts SET open = (NEW.paused = 0 AND NEW.accession_state = 'done'),"                    \
    " hold_until = NEW.hold_until WHERE filing = NEW.id; END;"                                               \
    "CREATE TRIGGER filing_counts_due_changed AFTER UPDATE OF open, queued ON filing_counts"                 \
    " WHEN (OLD.open = 1 AND OLD.queued > 0) <> (NEW.open = 1 AND NEW.queued > 0) BEGIN"                     \
    " UPDATE turns SET due = due + CASE WHEN NEW.open = 1 AND NEW.queued > 0 THEN 1 ELSE -1 END"             \
    " WHERE organisation = NEW.organisation; END;"                                                           \
    "CREATE TRIGGER entries_counted AFTER INSERT ON entries BEGIN"                                           \
    " UPDATE filing_counts SET listed = listed + (NEW.state = 'listed') WHERE filing = NEW.filing; END;"     \
    "CREATE TRIGGER entries_begin_listed BEFORE INSERT ON entries WHEN NEW.state <> 'listed' BEGIN"          \
    " SELECT RAISE (ABORT, 'an entry begins in the list'); END;"                                             \
    "CREATE TRIGGER entries_uncounted AFTER DELETE ON entries BEGIN"                                         \
    " UPDATE filing_counts SET listed = listed - (OLD.state = 'listed'),"                                    \
    " removed = removed - (OLD.state = 'removed') WHERE filing = OLD.filing; END;"                           \
    "CREATE TRIGGER entries_recounted AFTER UPDATE OF state ON entries WHEN OLD.state <> NEW.state BEGIN"    \
    " UPDATE filing_counts SET"                                                                              \
    " listed = listed + (NEW.state = 'listed') - (OLD.state = 'listed'),"                                    \
    " waiting = waiting + (NEW.state = 'waiting') - (OLD.state = 'waiting'),"                                \
    " queued = queued + (NEW.state = 'queued') - (OLD.state = 'queued'),"                                    \
    " working = working + (NEW.state = 'working') - (OLD.state = 'working'),"                                \
    " made = made + (NEW.state = 'made') - (OLD.state = 'made'),"                                            \
    " failed = failed + (NEW.state = 'failed') - (OLD.state = 'failed'),"                                    \
    " removed = removed + (NEW.state = 'removed') - (OLD.state = 'removed')"                                 \
    " WHERE filing = NEW.filing; END;"                                                                       \
    "CREATE TABLE progress ("                                                                                \
    " filing TEXT NOT NULL, second INTEGER NOT NULL, made INTEGER NOT NULL, PRIMARY KEY (filing, second)"    \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE TRIGGER progress_short AFTER INSERT ON progress BEGIN"                                           \
    " DELETE FROM progress WHERE filing = NEW.filing AND second <= NEW.second - 60; END;"

#define JOBS                                                                                                 \
    "CREATE TABLE jobs ("                                                                                    \
    " id TEXT PRIMARY KEY, organisation TEXT REFERENCES organisations (id), kind TEXT NOT NULL,"             \
    " actor TEXT NOT NULL, filing TEXT REFERENCES filings (id), file_name TEXT,"                             \
    " state TEXT NOT NULL CHECK (state IN ('waiting', 'working', 'done', 'failed', 'cancelled')),"           \
    " total INTEGER NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL, problem_en TEXT,"              \
    " problem_zh TEXT, created INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL,"          \
    " fence INTEGER NOT NULL, worker TEXT, lease_until INTEGER NOT NULL,"                                    \
    " cleared INTEGER NOT NULL DEFAULT 0, report TEXT"                                                       \
    ") STRICT;"                                                                                              \
    "CREATE UNIQUE INDEX jobs_going ON jobs (filing, kind) WHERE state IN ('waiting', 'working');"           \
    "CREATE INDEX jobs_of_filing ON jobs (filing, kind);"                                                    \
    "CREATE INDEX jobs_open ON jobs (state) WHERE state IN ('waiting', 'working');"                          \
    "CREATE INDEX jobs_to_clear ON jobs (id) WHERE ended <> 0 AND cleared = 0;"                              \
    "CREATE TRIGGER jobs_end_once BEFORE UPDATE OF state ON jobs"                                            \
    " WHEN OLD.state IN ('done', 'failed', 'cancelled') AND NEW.state <> OLD.state BEGIN"                    \
    " SELECT RAISE (ABORT, 'a job that has ended stays ended'); END;"

#define LENT                                                                                                 \
    "CREATE TABLE exports ("                                                                                 \
    " id TEXT PRIMARY KEY, organisation TEXT REFERENCES organisations (id), filing TEXT,"                    \
    " file_name TEXT NOT NULL, list_sha256 BLOB NOT NULL, size INTEGER NOT NULL, files INTEGER NOT NULL,"    \
    " missing INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, list BLOB NOT NULL"      \
    ") STRICT;"                                                                                              \
    "CREATE INDEX exports_of_list ON exports (list_sha256);"                                                 \
    "CREATE INDEX exports_newest ON exports (created, id);"                                                  \
    "CREATE INDEX exports_to_end ON exports (expires);"                                                      \
    "CREATE TABLE links ("                                                                                   \
    " token BLOB PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('certificate', 'export', 'photo')),"        \
    " subject TEXT NOT NULL, entry TEXT, organisation TEXT, actor TEXT, origins TEXT,"                       \
    " created INTEGER NOT NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0, browser BLOB,"    \
    " keep_until INTEGER NOT NULL"                                                                           \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE INDEX links_to_end ON links (keep_until);"                                                       \
    "CREATE TRIGGER links_once BEFORE UPDATE OF used, browser ON links WHEN OLD.used <> 0 BEGIN"             \
    " SELECT RAISE (ABORT, 'a link is used once'); END;"                                                     \
    "CREATE TABLE sessions ("                                                                                \
    " token BLOB PRIMARY KEY, key_id TEXT NOT NULL, form_token TEXT NOT NULL, created INTEGER NOT NULL,"     \
    " seen INTEGER NOT NULL"                                                                                 \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE INDEX sessions_to_end ON sessions (seen);"                                                       \
    "ALTER TABLE api_keys ADD COLUMN origins TEXT;"

const char schema_filings[] = CERTIFICATES CERTIFICATE_INDEXES CERTIFICATE_TRIGGERS CERTIFICATE_EVENTS PERSONS
    FILINGS ENTRIES QUEUE JOBS LENT;
