/* shared_file.c - what all threads have of one font file: opened once, prepared once, read only from then on.
 * HarfBuzz counts its users atomically and fills its own tables under locks. */
#include "font/font_internal.h"
#include <malloc.h>
#include <stdlib.h>

struct shared_file *shared_file_new(void)
{
    struct shared_file *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    if (pthread_mutex_init(&f->lock, NULL) != 0) {
        free(f);
        return NULL;
    }
    f->users = 1;
    return f;
}

struct shared_file *shared_file_join(struct shared_file *f)
{
    (void)pthread_mutex_lock(&f->lock);
    f->users++;
    (void)pthread_mutex_unlock(&f->lock);
    return f;
}

void shared_file_leave(struct shared_file *f)
{
    unsigned left;

    if (f == NULL)
        return;
    (void)pthread_mutex_lock(&f->lock);
    left = --f->users;
    (void)pthread_mutex_unlock(&f->lock);
    if (left > 0)
        return;
    hb_face_destroy(f->prepared);
    hb_face_destroy(f->face);
    (void)pthread_mutex_destroy(&f->lock);
    free(f);
}

hb_face_t *shared_file_open(struct shared_file *f, const char *path, unsigned index)
{
    hb_face_t *face;

    (void)pthread_mutex_lock(&f->lock);
    if (f->face == NULL) {
        hb_blob_t *blob = hb_blob_create_from_file_or_fail(path);

        if (blob != NULL && index < hb_face_count(blob)) {
            f->face = hb_face_create(blob, index);
            hb_face_make_immutable(f->face);
        }
        hb_blob_destroy(blob);
    }
    face = f->face != NULL ? hb_face_reference(f->face) : NULL;
    (void)pthread_mutex_unlock(&f->lock);
    return face;
}

/* The first subset of a prepared face fills what the later ones, in any thread, only read. */
static hb_face_t *prepare(hb_face_t *face, hb_subset_input_t *input)
{
    hb_face_t *prepared = hb_subset_preprocess(face);

    if (prepared == NULL)
        return NULL;
    hb_face_destroy(hb_subset_or_fail(prepared, input));
    hb_face_make_immutable(prepared);
    (void)malloc_trim(0); /* preparing takes five times the memory that it keeps */
    return prepared;
}

hb_face_t *shared_file_prepared(struct shared_file *f, hb_subset_input_t *input)
{
    enum { PAYS_AFTER = 8 }; /* preparing takes as long as a hundred unprepared subsets, and 8 MB */
    hb_face_t *prepared;

    (void)pthread_mutex_lock(&f->lock);
    if (f->prepared == NULL && f->subsets++ >= PAYS_AFTER)
        f->prepared = prepare(f->face, input);
    prepared = f->prepared != NULL ? hb_face_reference(f->prepared) : NULL;
    (void)pthread_mutex_unlock(&f->lock);
    return prepared;
}
