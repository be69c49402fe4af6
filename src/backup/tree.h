/* tree.h - folders copied file by file, each whole or not at all. */
#pragma once
#include "backup/backup.h"
#include <sys/types.h>

enum tree_kind {
    TREE_FRESH,     /* small files that may change: copied each time */
    TREE_DOCUMENTS, /* files/: <32 hex>.pdf, which never change */
    TREE_ORIGINALS  /* originals/: <64 hex>, the same */
};
struct tree_copy {
    enum tree_kind kind;
    bool keep; /* what is there already stays, whatever it is */
    bool give; /* to uid and gid, instead of keeping owners */
    uid_t uid;
    gid_t gid;
    struct backup_report *report;
    backup_watcher *watch;
    void *arg;
};
/* Copies the folder from/name to to/name, with its folders; nothing where from has none. Owners are kept by
 * root, modes always. Not synced: tree_sync() afterwards. */
MUST_CHECK int tree_copy(const char *from, const char *to, const char *name, const struct tree_copy *how,
                         struct err *e);
/* One file. *there says whether `from` had it. */
MUST_CHECK int tree_copy_file(bool *there, const char *from, const char *to, const char *name, struct err *e);
/* Whether a file of files/ is a document by its name, and not what is being written. */
bool tree_is_document(const char *name);
/* Everything written to that file system is on the disk. */
MUST_CHECK int tree_sync(const char *dir, struct err *e);
