/* persons.h - people whose certificates are made, as far as that needs them: who they are and their photo.
 *
 * A person belongs to the organisation that stored them, or to all (organisation NULL: stored by a key for
 * all organisations). Lists find their own people first, then those of all. */
#pragma once
#include "store/store.h"

struct person {
    char id[CERTIFICATE_ID_SIZE];
    const char *organisation; /* NULL: of all */
    const char *name, *id_type, *id_number, *gender, *birth_date;
    const char *mobile;                 /* or NULL */
    char photo_id[CERTIFICATE_ID_SIZE]; /* the current photo (store_upload()), or "" */
    int64_t created, changed;
};
/* Adds the person, or brings name, gender, birth_date and mobile of the one with the same organisation,
 * id_type and id_number up to date (NULL mobile: as it was). id, photo_id, created and changed are filled;
 * *made says which it was. Certificates and entries that exist keep what they say. */
MUST_CHECK int store_put_person(struct person *p, bool *made, struct store *s, int64_t now, struct err *e);
/* ERR_NOT_FOUND. Texts are the arena's. */
MUST_CHECK int store_person(struct person *out, struct store *s, const char *id, struct arena *a,
                            struct err *e);
/* The organisation's own person with that document, else the one of all. ERR_NOT_FOUND */
MUST_CHECK int store_person_by_document(struct person *out, struct store *s, const char *organisation,
                                        const char *id_type, const char *id_number, struct arena *a,
                                        struct err *e);
/* At most max people of the organisation (NULL: everybody) after this id ("" for the first), by id. */
MUST_CHECK int store_list_persons(struct person *out, size_t max, size_t *count, struct store *s,
                                  const char *organisation, const char *after, struct arena *a,
                                  struct err *e);
/* Makes the upload the person's photo. In the same transaction every entry of that person that has no
 * certificate takes it, and those that have their number are queued: *queued of them. The photo of a person
 * of all is also that of an organisation's own person with the same document and name, while that one has
 * none: for entries that are there and for those that come. ERR_NOT_FOUND: no such person or upload. */
MUST_CHECK int store_set_person_photo(struct store *s, const char *person, const char *upload, int64_t now,
                                      size_t *queued, struct err *e);
