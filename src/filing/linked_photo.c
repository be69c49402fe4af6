/* linked_photo.c - a photo that came by a link: the person's or the entry's, and the link used up, at once.
 */
#include "filing/photos_internal.h"
#include <string.h>

/* Files first: what a row names is on the disk. */
static int make_upload(struct upload *u, struct store *s, const char *organisation,
                       const struct opened_photo *p, int64_t now, struct arena *a, struct err *e)
{
    const struct filing_row of = {.organisation = organisation};

    if (photo_upload_init(u, &of, p->picture, p->jpeg, p->crop, p->report, now, a, e) != 0)
        return -1;
    return store_put_upload(s, u, p->picture, p->jpeg, e);
}

int filing_keep_photo(char upload_id[CERTIFICATE_ID_SIZE], struct store *s, const char *organisation,
                      const struct opened_photo *p, int64_t now, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct upload u;
    int rc = make_upload(&u, s, organisation, p, now, &a, e);

    if (rc == 0)
        memcpy(upload_id, u.id, sizeof u.id);
    arena_dispose(&a);
    return rc;
}

/* Of whose organisation the upload is; ERR_CONFLICT where an entry takes no photo any more. */
static int find_owner(const char **organisation, struct store *s, const struct link_row *l, struct arena *a,
                      struct err *e)
{
    struct filing_row filing;
    struct entry_row entry;
    struct person person;

    if (l->entry == NULL) {
        if (store_person(&person, s, l->subject, a, e) != 0)
            return -1;
        *organisation = person.organisation;
        return 0;
    }
    if (store_entry(&entry, s, l->entry, a, e) != 0 || photo_entry_takes(&entry, e) != 0 ||
        store_filing(&filing, s, entry.filing, a, e) != 0)
        return -1;
    *organisation = filing.organisation;
    return 0;
}

static int set_photo(struct store *s, const struct link_row *l, const char *upload, int64_t now,
                     struct err *e)
{
    size_t queued;

    if (l->entry != NULL)
        return store_set_entry_photo(s, l->entry, upload, now, e);
    return store_set_person_photo(s, l->subject, upload, now, &queued, e);
}

int filing_take_linked_photo(bool *mine, struct store *s, const struct link_row *l,
                             const struct opened_photo *p, int64_t now, struct err *e)
{
    static const uint8_t no_browser[SHA256_SIZE] = {0};
    struct arena a = ARENA_INIT;
    const char *organisation;
    struct upload u;
    int rc = -1;

    *mine = false;
    if (find_owner(&organisation, s, l, &a, e) != 0 || make_upload(&u, s, organisation, p, now, &a, e) != 0 ||
        store_begin(s, e) != 0)
        goto out;
    rc = store_use_link(s, l->token, no_browser, now, mine, e);
    if (rc == 0 && *mine)
        rc = set_photo(s, l, u.id, now, e);
    if (rc == 0 && *mine)
        rc = store_commit(s, e);
    else
        store_rollback(s);
out:
    arena_dispose(&a);
    return rc;
}
