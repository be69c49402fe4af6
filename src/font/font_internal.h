/* font_internal.h - how the files of this room share a face. */
#pragma once
#include "font/font.h"
#include <hb-subset.h>
#include <pthread.h>

/* Characters that no document shows: controls, separators of lines, private use, surrogates,
 * default-ignorables, noncharacters. */
bool codepoint_is_invisible(uint32_t cp);

/* Which of a face's two files has a glyph. */
enum where { WHERE_UNKNOWN, WHERE_NOWHERE, WHERE_WORKING, WHERE_FULL };

/* What all threads have of one font file. */
struct shared_file {
    pthread_mutex_t lock;
    unsigned users;
    hb_face_t *face, *prepared; /* NULL until somebody needs them */
    unsigned subsets;           /* how many were taken before it was prepared */
};
struct shared_file *shared_file_new(void); /* for its first user; NULL without memory */
struct shared_file *shared_file_join(struct shared_file *f);
void shared_file_leave(struct shared_file *f); /* the last one frees it; NULL is fine */
/* Opens it if nobody has. A reference, or NULL where it cannot be read. */
hb_face_t *shared_file_open(struct shared_file *f, const char *path, unsigned index);
/* Called before each subset: gets the face ready for quick ones once it is clear that there will be many. A
 * reference, or NULL as long as that does not pay. The subsets are the same before and after. */
hb_face_t *shared_file_prepared(struct shared_file *f, hb_subset_input_t *input);

/* One thread's end of an open font file. Empty (face == NULL) until it is needed. */
struct source {
    struct shared_file *file; /* borrowed from the face */
    hb_face_t *face;
    hb_font_t *font;          /* scaled to units per em */
    hb_face_t *prepared;      /* what subsets are taken from; face itself until preparing pays */
    hb_subset_input_t *input; /* everything but the glyphs */
    uint16_t *cids;           /* CFF: character identifier of each glyph */
    unsigned glyph_count;
};
MUST_CHECK int source_open(struct source *s, struct shared_file *file, const char *path, unsigned index,
                           const char *package, enum where where, struct err *e);
void source_close(struct source *s);
/* Called before each subset of a working face. */
void source_prepare(struct source *s);
bool source_is_cff(const struct source *s);

/* Reads the charset of a CID-keyed CFF table (Adobe Technical Note 5176, clause 13): one identifier a glyph,
 * to be freed. ERR_INTERNAL if it is not CID-keyed. */
MUST_CHECK int cff_charset(uint16_t **cids, struct slice cff, unsigned glyph_count, struct err *e);
/* Whether a CFF table without subroutines has this many glyphs and each outline runs to its end. */
bool cff_is_whole(struct slice cff, unsigned glyph_count);

/* What is known of a code point in a face. */
struct entry {
    float advance; /* 1/1000 em */
    uint16_t glyph;
    uint8_t where;
};
enum { ENTRY_PAGE = 256, ENTRY_PAGES = 0x110000 / ENTRY_PAGE };

/* What changes behind a const struct face: files opened late, and answers kept. */
struct face_state {
    struct source working, full;
    struct entry *pages[ENTRY_PAGES];
};

struct face {
    int index;
    bool bold, serif;
    char *family, *postscript, *file, *package;
    char *working_path; /* NULL: it has none */
    unsigned ttc_index;
    struct shared_file *working_file, *full_file;
    struct face_state *state;
};

struct fonts {
    struct face *faces;
    int count;
    int *fallback; /* indices of regular faces, in order */
    size_t fallback_count;
};

struct entry face_entry(const struct face *face, uint32_t cp);
/* Opens the whole font if it is not open yet. */
MUST_CHECK int face_open_full(const struct face *face, struct err *e);
MUST_CHECK int face_open_working(const struct face *face, struct err *e);
/* The source that is open at least: the working face, else the full one (opened now). NULL if it cannot be.
 */
struct source *face_any_source(const struct face *face);
