/* profile.c - the colour space our pages are meant in: sRGB (IEC 61966-2-1) as an ICC profile.
 *
 * Made by lcms2 rather than read from a file: it is half a kilobyte where the distribution's is seven, and
 * there is no file to be missing. PDF 1.7 allows profiles up to ICC version 4.2; the date, which lcms2 takes
 * from the clock, is set to the day of the standard so that the same input gives the same bytes. */
#include "pdf/pdf_internal.h"
#include <lcms2.h>
#include <stdlib.h>
#include <string.h>

int profile_append(struct buf *out, struct err *e)
{
    static const uint8_t date[12] = {0x07, 0xCF, 0, 10, 0, 18}; /* 1999-10-18 00:00:00 */
    enum { DATE_AT = 24, ID_AT = 84, HEADER = 128 };
    cmsHPROFILE profile = cmsCreate_sRGBProfile();
    cmsUInt32Number size = 0;
    uint8_t *bytes = NULL;
    int rc = -1;

    if (profile == NULL)
        goto out;
    cmsSetProfileVersion(profile, 4.2);
    if (!cmsSaveProfileToMem(profile, NULL, &size) || size <= HEADER)
        goto out;
    bytes = malloc(size);
    if (bytes == NULL || !cmsSaveProfileToMem(profile, bytes, &size))
        goto out;
    memcpy(bytes + DATE_AT, date, sizeof date);
    memset(bytes + ID_AT, 0, 16); /* "not computed": it would cover the date */
    buf_append_bytes(out, bytes, size);
    rc = buf_ok(out) ? 0 : -1;
out:
    free(bytes);
    if (profile != NULL)
        (void)cmsCloseProfile(profile);
    return rc == 0 ? 0 : err_no_memory(e);
}
