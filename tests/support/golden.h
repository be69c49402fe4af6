/* golden.h - what was made before and looked at by a person, compared with what is made now. */
#pragma once
#include "base/buf.h"

/* Fails the test with the first line that differs. With SEALPRESS_GOLDEN_UPDATE in the environment it is kept
 * instead. */
void golden_compare(const char *path, struct buf *made);
