/* zip.h - ZIP archives (PKWARE APPNOTE 6.3.10): strangers' read with bounds, our own written as a stream
 * whose every byte is known before the first is sent.
 *
 * Written: entries stored, in the order they were added, UTF-8 names flagged in both headers, sizes and
 * CRC-32 in the local headers, Zip64 records only where a size, an offset or the count needs them. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* --- written --- */

struct zip_plan; /* names, sizes and sums; not the contents */

/* mtime of all entries (seconds since 1970; written as the local time of Asia/Shanghai). */
MUST_CHECK int zip_plan_new(struct zip_plan **out, int64_t mtime, struct err *e);
void zip_plan_free(struct zip_plan *p);
/* ERR_INVALID: a name that is empty, longer than 65,535 bytes, begins with "/", has "\\" or ".." in it, or
 * was added before. */
MUST_CHECK int zip_plan_add(struct zip_plan *p, const char *name, uint64_t size, uint32_t crc32,
                            struct err *e);
/* No more entries: then the size is known and pieces can be asked for, from any thread. */
MUST_CHECK int zip_plan_end(struct zip_plan *p, struct err *e);
uint64_t zip_plan_size(const struct zip_plan *p);
size_t zip_plan_count(const struct zip_plan *p);
/* Memory it holds, in bytes. */
size_t zip_plan_memory(const struct zip_plan *p);

/* The piece of the archive that holds byte `at`: bytes of ours, or of an entry's content. */
struct zip_piece {
    bool content;
    size_t entry;    /* of content: which, as it was added */
    uint64_t offset; /* of content: where in it */
    uint64_t len;    /* how many bytes the piece has from `at` on */
};
void zip_plan_locate(struct zip_piece *out, const struct zip_plan *p, uint64_t at);
/* Bytes at..at+len of pieces that are no content; len no longer than the piece. */
void zip_plan_read(uint8_t *out, const struct zip_plan *p, uint64_t at, size_t len);

/* A name that every system can unpack: control characters, the nine that Windows forbids (<>:"/\|?*), dots
 * and spaces at the end, and device names (CON, NUL, COM1, ...) are replaced by "_"; at most 200 bytes, cut
 * between characters, extension kept. "" becomes "_". */
void zip_safe_name(char *out, size_t size, const char *stem, const char *extension);

/* --- read --- */

struct zip_limits {
    uint64_t packed; /* of the file */
    uint64_t entries;
    uint64_t entry_bytes; /* of one entry, counted while inflating */
    uint64_t total_bytes; /* of all that are read, counted while inflating */
};
struct zip_reader; /* "zip_open" and "zip_close" are the library's own names */
/* The part of the file; fd stays the caller's and must stay open. ERR_INVALID, ERR_TOO_LARGE say what the
 * person should do: encrypted archives, several volumes, other methods than stored and deflate, overlapping
 * entries, other archives inside (by name or by their first bytes) are refused or, entry by entry, reported.
 */
MUST_CHECK int zip_reader_open(struct zip_reader **out, int fd, uint64_t offset, uint64_t size,
                               const struct zip_limits *limits, struct err *e);
/* The same of bytes in memory, which stay the caller's: nothing is asked of the system. */
MUST_CHECK int zip_reader_open_bytes(struct zip_reader **out, struct slice bytes,
                                     const struct zip_limits *limits, struct err *e);
void zip_reader_close(struct zip_reader *z);
size_t zip_reader_count(const struct zip_reader *z);
struct zip_entry {
    const char *name; /* UTF-8 (by its flag, or read as GB18030), for showing and matching only: never a path
                         of ours. The reader's, until the next call. */
    uint64_t size;    /* as the archive says */
    bool folder, encrypted;
};
MUST_CHECK int zip_entry_at(struct zip_entry *out, struct zip_reader *z, size_t index, struct err *e);
/* Appends its content; ERR_TOO_LARGE beyond limits or where it is longer than it says, ERR_INVALID where its
 * sum is wrong. */
MUST_CHECK int zip_extract(struct buf *out, struct zip_reader *z, size_t index, struct err *e);
/* In pieces of at most 64 KiB, for parsers that stream; -1 of the callback ends it. */
MUST_CHECK int zip_extract_stream(struct zip_reader *z, size_t index,
                                  int (*take)(void *arg, struct slice piece, struct err *e), void *arg,
                                  struct err *e);
