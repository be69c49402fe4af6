/* import_seen.c - which people, serials and numbers a file has had, and in which row. */
#include "base/digest.h"
#include "filing/import_internal.h"
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 16 };

struct seen {
    size_t mask, count;
    struct place {
        uint8_t key[KEY_BYTES]; /* of a SHA-256: nobody finds two texts with the same */
        unsigned row;           /* 0: free */
    } places[];
};

int seen_new(struct seen **out, size_t rows, struct err *e)
{
    size_t places = 64;

    if (rows > SHEET_ROWS_MAX)
        rows = SHEET_ROWS_MAX;
    while (places < rows * 4) /* three a row, at most three quarters full */
        places *= 2;
    *out = calloc(1, sizeof **out + places * sizeof(struct place));
    if (*out == NULL)
        return err_no_memory(e);
    (*out)->mask = places - 1;
    return 0;
}

void seen_free(struct seen *s)
{
    free(s);
}

unsigned seen_before(struct seen *s, char kind, const char *text, unsigned row)
{
    uint8_t hash[SHA256_SIZE];
    char key[160];
    size_t at;

    (void)snprintf(key, sizeof key, "%c%s", kind, text);
    sha256(hash, slice_of(key));
    memcpy(&at, hash + KEY_BYTES, sizeof at);
    for (at &= s->mask; s->places[at].row != 0; at = (at + 1) & s->mask) {
        if (memcmp(s->places[at].key, hash, KEY_BYTES) == 0)
            return s->places[at].row;
    }
    if (s->count >= s->mask) /* no caller asks for more than it said; a full table would never end */
        return 0;
    s->count++;
    memcpy(s->places[at].key, hash, KEY_BYTES);
    s->places[at].row = row;
    return 0;
}
