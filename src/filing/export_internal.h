/* export_internal.h - the frozen list of an export, and the archive it stands for. */
#pragma once
#include "filing/export.h"

enum {
    EXPORT_LIST_MAX = 256 * 1024 * 1024,
    EXPORT_FILE_MAX = 16 * 1024 * 1024, /* of a stored certificate */
    EXPORT_LINE_MAX = 64 * 1024,
    EXPORT_NAME_SIZE = 224 /* of a file in the archive */
};

/* One line: a certificate with its file, or a row of the list that has none. */
struct export_line {
    bool has_file;
    unsigned serial;         /* 序号 */
    const char *certificate; /* of has_file: its id */
    const char *number, *name, *masked, *state, *reason;
    uint64_t size;
    uint32_t crc32;
    uint8_t sha256[SHA256_SIZE];
    const char *file; /* name in the archive */
};

/* The list: a head with the moment that all files of the archive bear, then a line an entry. */
void export_list_begin(struct buf *out, int64_t moment);
void export_list_put(struct buf *out, const struct export_line *line);
/* Reads it again; the texts of *line are of *l, until the next line. export_list_close() in any case. */
struct export_list {
    struct slice rest;
    int64_t moment;
    struct buf line;
};
MUST_CHECK int export_list_open(struct export_list *out, struct slice list, struct err *e);
void export_list_close(struct export_list *l);
/* false at its end (*rc 0) or where it is damaged (*rc -1). */
bool export_list_next(struct export_line *line, struct export_list *l, int *rc, struct err *e);

/* The archive of a list; data_dir is copied, the list not kept. name and sha256 (of the list) are for
 * export_file_name() and export_etag(). */
MUST_CHECK int export_build(struct export_archive **out, const char *data_dir, const char *name,
                            struct slice list, const uint8_t sha256[SHA256_SIZE], struct err *e);
/* Whether the stored file is there and as long as it should be. */
bool export_file_there(const char *data_dir, const char *certificate, uint64_t size);
