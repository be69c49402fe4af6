/* serial.c - how far the numbers have come, told to the signer's log before they are given out: a restored
 * database goes on behind it (recover.h). */
#include "issue/issue_internal.h"
#include <string.h>

enum { NOTE_AHEAD = 256 }; /* one note for so many numbers */

int issuer_note_serial(struct issuer *i, const char *counter, uint64_t serial, struct err *e)
{
    struct noted *n = &i->noted[0];

    for (size_t k = 0; k < NOTED_MAX; k++) {
        if (strcmp(i->noted[k].counter, counter) == 0) {
            n = &i->noted[k];
            if (serial <= n->serial)
                return 0;
            break;
        }
        if (i->noted[k].used < n->used)
            n = &i->noted[k]; /* the one that was used longest ago is forgotten: it is noted once more */
    }
    if (signer_note_serial(i->signer, counter, serial + NOTE_AHEAD - 1, e) != 0)
        return -1;
    (void)snprintf(n->counter, sizeof n->counter, "%s", counter);
    n->serial = serial + NOTE_AHEAD - 1;
    n->used = ++i->notes;
    return 0;
}
