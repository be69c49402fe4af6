/* fuzz_zip.c - any bytes as an archive: what is read out of it is within all limits, as long and with the sum
 * that it says, and nothing is read twice. */
#include "archive/zip.h"
#include "base/utf8.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ENTRIES = 200, ENTRY_BYTES = 1 << 16, TOTAL_BYTES = 1 << 18, PACKED = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct zip_reader *z)
{
    uint64_t total = 0;

    assert(zip_reader_count(z) <= ENTRIES);
    for (size_t i = 0; i < zip_reader_count(z); i++) {
        struct buf out = BUF_INIT(ENTRY_BYTES);
        struct zip_entry entry;
        struct err e = {0};

        if (zip_entry_at(&entry, z, i, &e) != 0) {
            assert(e.code != ERR_NONE);
            continue;
        }
        assert(utf8_valid(slice_of(entry.name)));
        if (zip_extract(&out, z, i, &e) == 0) {
            assert(out.len == entry.size && !entry.encrypted);
            total += out.len;
        } else {
            assert(e.code != ERR_NONE && e.en[0] != '\0' && e.zh[0] != '\0' && out.len == 0);
        }
        buf_dispose(&out);
    }
    assert(total <= TOTAL_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct zip_limits limits = {PACKED, ENTRIES, ENTRY_BYTES, TOTAL_BYTES};
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    struct zip_reader *z;
    struct err e = {0};

    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
        abort();
    if (zip_reader_open(&z, fd, 0, size, &limits, &e) == 0)
        read_all(z);
    else
        assert(e.code != ERR_NONE && z == NULL);
    zip_reader_close(z);
    (void)close(fd);
    return 0;
}
