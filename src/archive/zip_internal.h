/* zip_internal.h - the table of contents of a stranger's archive, read and judged before anything else is. */
#pragma once
#include "archive/zip.h"

enum {
    ZIP_LOCAL = 30, /* fixed parts of the records (APPNOTE 4.3) */
    ZIP_CENTRAL = 46,
    ZIP_END = 22,
    ZIP64_END = 56,
    ZIP64_LOCATOR = 20,
    ZIP_FLAG_ENCRYPTED = 1 << 0,
    ZIP_FLAG_STRONG = 1 << 6,
    ZIP_FLAG_UTF8 = 1 << 11,
    ZIP_FLAG_HIDDEN = 1 << 13, /* the table of contents is encrypted */
    ZIP_METHOD_STORED = 0,
    ZIP_METHOD_DEFLATE = 8
};

/* Little-endian, as everything in an archive. */
static inline uint16_t zip_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t zip_get32(const uint8_t *at)
{
    return zip_get16(at) | (uint32_t)zip_get16(at + 2) << 16;
}

static inline uint64_t zip_get64(const uint8_t *at)
{
    return zip_get32(at) | (uint64_t)zip_get32(at + 4) << 32;
}

struct zip_record {
    uint64_t offset; /* of its local header */
    uint64_t packed, size;
    uint32_t crc32;
    uint16_t method, flags;
    bool folder;
    bool lost; /* no local header is where it should be */
};

struct zip_directory {
    struct zip_record *records;
    size_t count;
};

/* The part of the file, or the bytes in memory, that are the archive. */
struct zip_part {
    int fd;
    uint64_t offset, size;
    const uint8_t *bytes; /* NULL: a file */
};
/* Exactly len bytes; ERR_INVALID where the archive ends before them. */
MUST_CHECK int zip_part_read(void *out, const struct zip_part *p, uint64_t at, size_t len, struct err *e);

/* Refuses what is no archive, one of several volumes, damaged, larger than the limits, ambiguous (two ends)
 * or has entries that overlap each other or the table. */
MUST_CHECK int zip_directory_read(struct zip_directory *out, const struct zip_part *p,
                                  const struct zip_limits *limits, struct err *e);
void zip_directory_dispose(struct zip_directory *d);
