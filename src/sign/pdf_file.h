/* pdf_file.h - a PDF as its revisions: cross-reference tables and streams, object streams, each object as any
 * revision sees it. Read strictly and at a bounded cost. */
#pragma once
#include "sign/pdf_value.h"

struct pdf_object {
    struct pdf_value value;
    bool is_stream;
    struct slice data;     /* of a stream, as stored */
    size_t begin, end;     /* from its number to endobj; 0, 0 inside an object stream */
    struct pdf_pack *pack; /* an object stream's contents, once unpacked */
};

/* What one incremental update, or the first writing, left behind. */
struct pdf_revision {
    size_t xref;                   /* offset of its cross-reference section */
    size_t end;                    /* behind its %%EOF */
    size_t first_entry, entry_end; /* its lines among the file's entries */
    struct pdf_value trailer;
};

/* One line of a cross-reference section; those of one number are linked from new to old. */
struct pdf_entry {
    uint32_t revision, section;
    uint32_t number, older; /* index + 1 of the entry before */
    uint32_t generation;    /* of a plain object; index in an object stream */
    uint8_t type;           /* 0 free, 1 plain, 2 in an object stream */
    bool busy;
    uint32_t mark; /* of the walk that was here last */
    uint64_t at;   /* offset, or number of the object stream */
    struct pdf_object *object;
};

struct pdf_file {
    struct slice bytes;
    struct arena *arena;
    struct pdf_fault fault;
    struct pdf_reader reader;
    size_t budget;   /* values that may still be read or compared */
    size_t inflated; /* bytes that came out of compressed streams so far */
    struct pdf_revision *revisions;
    size_t revision_count;
    struct pdf_entry *entries;
    size_t entry_count, entry_capacity;
    uint32_t *heads; /* by object number: index + 1 of its newest entry */
    size_t head_count;
    size_t sections;
    uint32_t walks; /* so many marks were given out */
    int depth;      /* of objects read for the sake of others */
};

/* Reads all cross-reference sections. false with a fault; close it in any case. */
bool pdf_open(struct pdf_file *f, struct slice bytes, struct arena *a);
void pdf_close(struct pdf_file *f);

/* How that revision (counted from 0) sees an object number; NULL: not at all. */
struct pdf_entry *pdf_entry_at(const struct pdf_file *f, uint64_t number, size_t revision);
/* The object itself; NULL if it is not there or cannot be read (then there is a fault). */
const struct pdf_object *pdf_object_of(struct pdf_file *f, struct pdf_entry *entry);
const struct pdf_object *pdf_object_at(struct pdf_file *f, uint64_t number, size_t revision);
/* v itself or what it refers to; never NULL, but a null object for nothing. */
const struct pdf_value *pdf_resolve(struct pdf_file *f, const struct pdf_value *v, size_t revision);
/* pdf_get and pdf_resolve in one. */
const struct pdf_value *pdf_lookup(struct pdf_file *f, const struct pdf_value *d, const char *key,
                                   size_t revision);
