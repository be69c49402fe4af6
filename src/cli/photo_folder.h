/* photo_folder.h - a folder of photos as the archive that the filing takes. */
#pragma once
#include "base/err.h"
#include <stdint.h>

/* *fd gets an open file without a name that holds the folder's files (not those of folders in it) as a ZIP
 * archive; the caller closes it. */
MUST_CHECK int photo_folder_pack(int *fd, uint64_t *size, const char *folder, struct err *e);
