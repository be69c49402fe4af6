/* pdf_value.h - PDF objects read strictly (ISO 32000-1 7.3): what is not well-formed is a fault, never
 * guessed at. */
#pragma once
#include "base/arena.h"

enum pdf_kind {
    PDF_NULL,
    PDF_BOOLEAN,
    PDF_INTEGER,
    PDF_REAL,
    PDF_NAME,
    PDF_STRING,
    PDF_ARRAY,
    PDF_DICTIONARY,
    PDF_REFERENCE
};

enum { PDF_LONG_HEXADECIMAL = 2048 };

struct pdf_value {
    enum pdf_kind kind;
    bool hexadecimal;              /* a string written as <...>; longer than that, text is its digits */
    uint32_t generation;           /* of a reference */
    int64_t number;                /* integer, boolean, object number of a reference */
    struct slice text;             /* name or string, decoded */
    struct slice source;           /* as written in the file */
    const struct pdf_value *items; /* elements; of a dictionary: key, value, key, value, ... */
    size_t count;                  /* how many of them; of a dictionary: twice the number of keys */
};

/* Why a file cannot be judged. Damage is what no writer makes on purpose; the rest is beyond this reader. */
enum pdf_fault_kind { FAULT_NONE, FAULT_DAMAGED, FAULT_UNSUPPORTED, FAULT_MEMORY };
struct pdf_fault {
    enum pdf_fault_kind kind;
    const char *en, *zh;
};

struct pdf_reader {
    struct slice bytes;
    size_t at;
    struct arena *arena;
    size_t *budget; /* values, or 64 bytes, that may still be read: no file costs more than so much */
    struct pdf_fault *fault;
    struct pdf_value *stack; /* of values whose array or dictionary is not closed yet */
    size_t stack_count, stack_capacity;
};

/* Fills in the first fault only. Returns false, so a reader can end with it. */
bool pdf_fault_set(struct pdf_fault *f, enum pdf_fault_kind kind, const char *en, const char *zh);
bool pdf_damaged(struct pdf_fault *f);

/* Takes the cost of looking at so many bytes out of the budget; false, with a fault, when it is used up. */
bool pdf_charge(size_t *budget, size_t bytes, struct pdf_fault *f);
bool pdf_is_space(uint8_t c);
void pdf_skip_space(struct pdf_reader *r); /* and comments */
/* Takes this keyword if it stands here and ends here. */
bool pdf_take(struct pdf_reader *r, const char *keyword);
/* An unsigned number of at most 15 digits. */
bool pdf_take_number(struct pdf_reader *r, uint64_t *out);
/* Reads one value; false with a fault. Dispose of the reader in the end. */
bool pdf_read(struct pdf_reader *r, struct pdf_value *out);
void pdf_reader_dispose(struct pdf_reader *r);

/* NULL if d is no dictionary or has no such key; only one level, references are not followed. */
const struct pdf_value *pdf_get(const struct pdf_value *d, const char *key);
bool pdf_name_is(const struct pdf_value *v, const char *name);
/* Numbers, integer or real, as coordinates are written. */
bool pdf_number(const struct pdf_value *v, double *out);
/* The same value, however it is spelt: the order of keys and white space do not matter. */
bool pdf_equal(const struct pdf_value *a, const struct pdf_value *b, size_t *budget);
/* A text string (7.9.2.2) as UTF-8, NULL without memory. */
const char *pdf_text(const struct pdf_value *v, struct arena *a);
