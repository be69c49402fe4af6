/* workbook.h - workbooks made by hand, part by part, for tests of what reads them. */
#pragma once
#include "base/buf.h"

struct workbook_part {
    const char *name;
    struct slice content;
};
/* Appends a ZIP archive of the parts, deflated. */
void workbook_zip(struct buf *out, const struct workbook_part *parts, size_t count);

#define WORKBOOK_MAIN   "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define WORKBOOK_STRICT "http://purl.oclc.org/ooxml/spreadsheetml/main"

/* What may differ from the plainest workbook there is; NULL: as there. */
struct workbook_text {
    const char *ns;        /* namespace of all parts */
    const char *workbook;  /* whole part */
    const char *sheet;     /* what stands in <worksheet>; of sheet1.xml */
    const char *sheet2;    /* of sheet2.xml */
    const char *strings;   /* what stands in <sst> */
    const char *styles;    /* what stands in <styleSheet> */
    const char *relations; /* whole part xl/_rels/workbook.xml.rels */
};
void workbook_make(struct buf *out, const struct workbook_text *w);
