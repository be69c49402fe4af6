/* xlsx_internal.h - the parts of a workbook (ECMA-376, transitional and strict) read as streams; for this
 * room only. */
#pragma once
#include "archive/zip.h"
#include "spreadsheet/spreadsheet_internal.h"

/* Elements that matter; all others, and those of other namespaces, are MARK_OTHER. */
enum xml_mark {
    MARK_NONE, /* above the root */
    MARK_OTHER,
    MARK_C,
    MARK_V,
    MARK_T,
    MARK_ROW,
    MARK_IS,
    MARK_R,
    MARK_SI,
    MARK_SHEET_DATA,
    MARK_MERGE_CELLS,
    MARK_MERGE_CELL,
    MARK_XF,
    MARK_CELL_XFS,
    MARK_NUM_FMTS,
    MARK_NUM_FMT,
    MARK_SHEETS,
    MARK_SHEET,
    MARK_WORKBOOK,
    MARK_WORKBOOK_PR,
    MARK_WORKSHEET,
    MARK_SST,
    MARK_STYLE_SHEET,
    MARK_RELATIONSHIPS,
    MARK_RELATIONSHIP
};

/* Attributes of one element, while it is reported. */
struct xml_attributes {
    const unsigned char **list; /* libxml2's: name, prefix, namespace, value, end */
    int count;
};
/* The value of the attribute without namespace; ptr NULL where there is none. */
struct slice xml_attribute(const struct xml_attributes *a, const char *name);
/* r:id, in either namespace of relationships. */
struct slice xml_relation(const struct xml_attributes *a);
bool xml_says_true(struct slice value); /* "1", "true", "on" */
/* A whole number up to max; false for anything else. */
bool xml_number(unsigned *out, struct slice value, unsigned max);
/* Its text where it fits, whole; false and "" where not. */
bool xml_copy(char *out, size_t size, struct slice value);

/* Who is told of a part's elements; any may be NULL. start returns 1 where nothing more is wanted. path[0] is
 * the element, path[1] its parent, path[2] the parent's, and so on to MARK_NONE. */
struct xml_reader {
    int (*start)(void *arg, const uint8_t *path, const struct xml_attributes *a, struct err *e);
    int (*end)(void *arg, const uint8_t *path, struct err *e);
    int (*text)(void *arg, const uint8_t *path, struct slice text, struct err *e);
};

struct xlsx_sheet {
    char name[128], relation[64], part[256];
    bool hidden;
};
enum { XLSX_SHEETS_MAX = 256 };

struct xlsx {
    struct zip_reader *zip;
    char workbook[256], strings_part[256], styles_part[256]; /* "": none */
    bool date1904;
    struct xlsx_sheet *sheets;
    size_t sheet_count;
    bool *is_date; /* of each cell format */
    size_t format_count;
    struct buf strings; /* one after the other */
    uint32_t *string_ends;
    size_t string_count, string_room;
    uint64_t cells, elements; /* seen in all sheets, in all parts */
};

/* Streams the part; ERR_INVALID where it is no well-formed XML, has a DOCTYPE, or is deeper than any
 * workbook. */
MUST_CHECK int xlsx_part_read(struct xlsx *x, const char *part, const struct xml_reader *reader, void *arg,
                              struct err *e);
bool xlsx_part_exists(struct xlsx *x, const char *part);

/* Finds the parts of the workbook, its sheets and what its dates count from. */
MUST_CHECK int xlsx_workbook_read(struct xlsx *x, struct err *e);
MUST_CHECK int xlsx_styles_read(struct xlsx *x, struct err *e);
MUST_CHECK int xlsx_strings_read(struct xlsx *x, struct err *e);
/* Borrowed; false where there is none of that number. */
bool xlsx_string(struct slice *out, const struct xlsx *x, unsigned index);
/* The rows of one sheet. */
MUST_CHECK int xlsx_sheet_pack(struct packer *p, struct xlsx *x, const char *part, struct err *e);
/* Whether any cell says anything. */
MUST_CHECK int xlsx_sheet_has_rows(bool *out, struct xlsx *x, const char *part, struct err *e);

/* Whether a number format shows a day, month or year. */
bool xlsx_format_is_date(const char *code);
bool xlsx_builtin_is_date(unsigned id);
/* "2025-12-20", with " 08:30:00" where there is a time of day; false where the serial is no day of 1900 to
 * 9999. */
bool xlsx_date(char out[32], double serial, bool date1904);
/* _x000D_ and the like (ECMA-376 22.4.2.4) become the characters; in place, returns the length. */
size_t xlsx_unescape(uint8_t *text, size_t len);

int xlsx_damaged(struct err *e, const char *detail);
