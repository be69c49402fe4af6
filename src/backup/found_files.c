/* found_files.c - files of certificates that a restored database does not know: what can be learned from
 * them. */
#include "backup/recover_internal.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 16 * 1024 * 1024, TEXT_MAX = 4096 };

/* A text of the information dictionary as this program writes it (pdf/metadata.c): "/Key <FEFF...>". NULL
 * where there is none. */
static const char *info_text(struct buf *out, struct slice pdf, const char *key)
{
    char wanted[32];
    size_t len = (size_t)snprintf(wanted, sizeof wanted, "/%s <FEFF", key);
    const uint8_t *at = memmem(pdf.ptr, pdf.len, wanted, len), *end = pdf.ptr + pdf.len;
    uint32_t high = 0;

    if (at == NULL)
        return NULL;
    for (at += len; end - at >= 4 && *at != '>'; at += 4) {
        uint8_t bytes[2];
        uint32_t unit;

        if (!hex_decode(bytes, sizeof bytes, (const char *)at, 4))
            return NULL;
        unit = (uint32_t)bytes[0] << 8 | bytes[1];
        if (unit >= 0xD800 && unit < 0xDC00)
            high = unit;
        else if (unit >= 0xDC00 && unit < 0xE000 && high != 0)
            utf8_append(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
        else
            utf8_append(out, unit);
    }
    return buf_text(out);
}

/* The files of this house have seals of this house; what somebody laid there is left alone. */
static int judge(struct verdict *v, bool *ours, struct recovery *r, struct slice pdf, struct arena *a,
                 struct err *e)
{
    struct verify_order order = {r->trust, r->now};

    *ours = false;
    if (verify_untrusted(v, pdf, &order, a, e) != 0)
        return -1;
    *ours = v->kind == VERDICT_GENUINE || v->kind == VERDICT_TEST || v->kind == VERDICT_NOT_TRUSTED;
    return 0;
}

static const char *seals_json(const struct verdict *v, struct arena *a)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    const char *kept;

    buf_append_char(&text, '[');
    for (size_t i = 0; i < v->seal_count; i++)
        buf_printf(&text, "%s\"%s\"", i == 0 ? "" : ",", v->seals[i].field);
    buf_append_char(&text, ']');
    kept = buf_text(&text) != NULL ? arena_text(a, (const char *)text.data) : NULL;
    buf_dispose(&text);
    return kept;
}

static void describe_file(struct certificate_row *row, const struct verdict *v, struct slice pdf,
                          int64_t moment)
{
    row->issued = moment;
    row->file_size = pdf.len;
    row->file_crc32 = crc32_of(pdf);
    memcpy(row->file_sha256, v->sha256, SHA256_SIZE);
}

/* The number was reserved when the backup was made, and its certificate finished afterwards: this file it is,
 * since another one under the same number would be a second paper. */
static int adopt(struct recovery *r, struct certificate_row *row, const struct verdict *v, struct slice pdf,
                 int64_t moment, struct arena *a, struct err *e)
{
    describe_file(row, v, pdf, moment);
    row->seals_json = seals_json(v, a);
    if (row->seals_json == NULL)
        return err_no_memory(e);
    if (store_issued(r->store, row, e) != 0)
        return -1;
    r->report->files_adopted++;
    return 0;
}

/* "...（name，number）" is how titles of certificates end. */
static const char *name_in_title(const char *title, struct arena *a)
{
    const char *open = NULL, *at = title, *comma;
    struct slice name;

    while (title != NULL && (at = strstr(at, "（")) != NULL)
        open = at++;
    comma = open == NULL ? NULL : strstr(open, "，");
    if (comma == NULL)
        return "";
    open += strlen("（");
    name = (struct slice){(const uint8_t *)open, (size_t)(comma - open)};
    return arena_slice(a, name);
}

static const struct profile *profile_of(const struct recovery *r, const char *author)
{
    struct organisation o;
    struct arena a = ARENA_INIT;
    const struct profile *found = &r->profiles[0];
    struct err unasked;

    for (size_t i = 0; author != NULL && i < r->profile_count; i++) {
        if (store_organisation(&o, r->store, r->profiles[i].issuer, &a, &unasked) == 0 &&
            strcmp(o.name, author) == 0) {
            found = &r->profiles[i];
            break;
        }
    }
    arena_dispose(&a);
    return found;
}

/* Nothing but the file is left of it: kept as a record, so that its number is taken and its file known. */
static int record(struct recovery *r, const char *id, const char *number, const struct verdict *v,
                  struct slice pdf, int64_t moment, struct arena *a, struct err *e)
{
    struct buf title = BUF_INIT(TEXT_MAX), author = BUF_INIT(TEXT_MAX);
    struct certificate_row row = {
        .number = number, .template_name = "", .order_json = "{}", .recorded = true};
    const struct profile *p = profile_of(r, info_text(&author, pdf, "Author"));
    const char *name = name_in_title(info_text(&title, pdf, "Title"), a);
    json_t *facts = json_pack("{ss ss}", "certificate_no", number, "name", name == NULL ? "" : name);
    char *text = facts != NULL ? json_dumps(facts, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    uint8_t token[16];
    int rc = -1;

    (void)snprintf(row.id, sizeof row.id, "%s", id);
    row.organisation = p->organisation;
    row.profile = p->id;
    row.issuer = p->issuer;
    row.biz_no = arena_printf(a, "recovered-%s", id);
    row.record_json = text;
    row.created = moment;
    row.actor = "recover";
    describe_file(&row, v, pdf, moment);
    sha256(row.content_hash, pdf);
    row.seals_json = seals_json(v, a);
    if (text == NULL || row.biz_no == NULL || row.seals_json == NULL)
        (void)err_no_memory(e);
    else if (random_bytes(token, sizeof token, e) == 0) {
        base64url_encode(row.token, (struct slice){token, sizeof token});
        rc = store_record_certificate(r->store, &row, e);
        /* a number that is taken stays that of whoever has it; the file is told of, not lost */
        if (rc != 0 && e->code == ERR_CONFLICT) {
            r->report->files_unreadable++;
            rc = 0;
        } else if (rc == 0) {
            r->report->files_recorded++;
        }
    }
    free(text);
    json_decref(facts);
    buf_dispose(&title);
    buf_dispose(&author);
    return rc;
}

static int take_file(struct recovery *r, const char *id, const char *path, bool known,
                     struct certificate_row *row, struct arena *a, struct err *e)
{
    struct buf pdf = BUF_INIT(FILE_MAX), keywords = BUF_INIT(TEXT_MAX);
    const char *number = NULL;
    struct verdict v;
    struct stat st;
    bool ours = false;
    int rc = file_read(&pdf, path, e);

    if (rc == 0 && stat(path, &st) == 0)
        rc = judge(&v, &ours, r, buf_view(&pdf), a, e);
    if (rc == 0 && ours)
        number = info_text(&keywords, buf_view(&pdf), "Keywords");
    if (rc != 0) {
        if (e->code != ERR_NO_MEMORY)
            rc = 0;
    }
    if (rc == 0 && number != NULL)
        recovery_raise(r, number);
    if (rc == 0 && (number == NULL || (known && strcmp(row->number, number) != 0) || r->profile_count == 0))
        r->report->files_unreadable++;
    else if (rc == 0 && known)
        rc = adopt(r, row, &v, buf_view(&pdf), st.st_mtime, a, e);
    else if (rc == 0)
        rc = record(r, id, number, &v, buf_view(&pdf), st.st_mtime, a, e);
    buf_dispose(&pdf);
    buf_dispose(&keywords);
    return rc;
}

static int look_at_file(struct recovery *r, const char *name, struct err *e)
{
    char id[CERTIFICATE_ID_SIZE], path[PATH_MAX], file[64];
    struct arena a = ARENA_INIT;
    struct certificate_row row;
    bool known;
    int rc = 0;

    (void)snprintf(id, sizeof id, "%.32s", name);
    known = store_certificate(&row, r->store, id, &a, e) == 0;
    if (!known && e->code != ERR_NOT_FOUND)
        rc = -1;
    else if (!known || row.state == CERTIFICATE_RESERVED) {
        store_file_name(file, id);
        rc = backup_path(path, r->data_dir, file, e);
        if (rc == 0)
            rc = take_file(r, id, path, known, &row, &a, e);
    }
    arena_dispose(&a);
    return rc;
}

static int look_at_folder(struct recovery *r, const char *folder, struct err *e)
{
    const struct dirent *entry;
    DIR *list = opendir(folder);
    int rc = 0;

    while (list != NULL && rc == 0 && (entry = readdir(list)) != NULL) {
        if (tree_is_document(entry->d_name))
            rc = look_at_file(r, entry->d_name, e);
    }
    if (list != NULL)
        (void)closedir(list);
    return rc;
}

int recovery_look_at_files(struct recovery *r, struct err *e)
{
    char folder[PATH_MAX + 16];
    int rc = 0;

    for (unsigned i = 0; i < 256 && rc == 0; i++) {
        (void)snprintf(folder, sizeof folder, "%s/files/%02x", r->data_dir, i);
        rc = look_at_folder(r, folder, e);
    }
    return rc;
}
