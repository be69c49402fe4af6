/* backup.h - a data directory is copied while it is in use, put back, and made safe to go on.
 *
 * A backup is a directory: sealpress.db (one consistent moment), files/, originals/, seals/, trust/,
 * config.json, keys/ with the signer's log (only where the caller may read it: root), and backup.json,
 * written last. Files of documents never change, so a second backup into the same directory copies only what
 * is new; an interrupted one leaves the last one whole.
 *
 * What is restored is older than the papers that are out. So issuing stays closed after a restore until
 * recover has raised every counter above what the signer's log says was given out (signer_note_serial()) and
 * above the numbers of the files found. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* Called now and then; NULL is fine. */
typedef void backup_watcher(void *arg, uint64_t files);

struct backup_report {
    uint64_t files, copied, bytes; /* of documents and photos: in the backup, newly copied, of those */
    uint64_t certificates;         /* in the database */
    bool keys;                     /* keys and log are in it */
};
/* ERR_CONFLICT where `to` is there and is no backup of this data directory. */
MUST_CHECK int backup_make(struct backup_report *out, const char *data_dir, const char *to, int64_t now,
                           backup_watcher *watch, void *arg, struct err *e);

/* Puts a backup into data_dir, which must be empty or absent, unless over: then its database is put aside
 * (sealpress.db.before-restore-<n>) and what else is there stays, since files, keys and the signer's log of
 * the directory are as new as the backup's or newer. Issuing is closed afterwards. ERR_CONFLICT while a
 * service runs on data_dir; ERR_INVALID where the backup is damaged. */
MUST_CHECK int backup_restore(struct backup_report *out, const char *from, const char *data_dir, bool over,
                              int64_t now, backup_watcher *watch, void *arg, struct err *e);

struct recover_report {
    bool log_read;             /* the signer's log was there */
    uint64_t counters;         /* that were raised */
    uint64_t signed_unknown;   /* certificates the log knows and the database does not */
    uint64_t files_adopted;    /* files of numbers that were reserved: now issued, as they are */
    uint64_t files_recorded;   /* files the database knew nothing of: now in the register by number */
    uint64_t files_unreadable; /* further ones: nothing could be learned from them */
};
/* Raises the counters, takes in the files, and opens issuing again, in one transaction. margin: how much
 * every counter is raised beyond that, for what no log and no file can tell. Run it as root: the signer's log
 * is read. Doing it again is fine. */
MUST_CHECK int backup_recover(struct recover_report *out, const char *data_dir, uint64_t margin, int64_t now,
                              struct err *e);

/* Whether the signer's log says that more was sealed than the database knows: somebody put an older copy in
 * its place. Issuing is closed then, until recover. Reads only the log's end; where the log is not ours to
 * read, nothing is known and nothing changes. For the start of whatever issues; works in a child process, so
 * the caller has opened nothing and may fork afterwards. */
bool backup_look_behind(const char *data_dir);
