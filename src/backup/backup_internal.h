/* backup_internal.h - what making and restoring a backup share. */
#pragma once
#include "backup/tree.h"
#include "base/digest.h"
#include "sign/signer.h"
#include <limits.h>

#define BACKUP_SHEET "backup.json"
/* The setting that holds the last certificate in the signer's log when recover read it: what the database
 * does not know up to there was seen to. */
#define RECOVERED_LOG "recovered_log"

MUST_CHECK int backup_path(char out[PATH_MAX], const char *dir, const char *name, struct err *e);
MUST_CHECK int backup_hash_file(char out[2 * SHA256_SIZE + 1], const char *path, struct err *e);
/* files, originals, seals, trust, and keys where they may be read. who: whose they become (a restore); what
 * is there already stays then. NULL: owners stay as they are. */
MUST_CHECK int backup_copy_folders(const char *from, const char *to, const struct signer_identity *who,
                                   struct backup_report *report, backup_watcher *watch, void *arg,
                                   struct err *e);
bool backup_is_empty(const char *dir);
