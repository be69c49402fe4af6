/* export.c - freezing: what is in the archive, in which order, and what is said of those that are not. */
#include "filing/export_internal.h"
#include "records/members.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 500, SHOWN_MAX = 96, STATE_REASON_MAX = 600 };

/* A list on its way. */
struct freezing {
    struct store *s;
    const struct filing_actor *who;
    struct arena *a;             /* of one step: emptied */
    struct buf lines;            /* without the head */
    json_t *names;               /* of files, folded: a set */
    char name[EXPORT_NAME_SIZE]; /* of the file of the line at hand */
    const char **handed;         /* ids of certificates that leave the house for the first time */
    size_t handed_count, handed_room;
    int64_t moment; /* the newest certificate's */
    uint64_t files, missing, lines_count;
    uint64_t without_photo;   /* of the missing */
    const char *organisation; /* of the first certificate; the arena's of export_freeze() */
    bool mixed;               /* there is another organisation's, too */
};

/* --- words --- */

static const char *status_word(enum certificate_status s)
{
    static const char *const words[] = {[STATUS_VALID] = "已生成",
                                        [STATUS_SUSPENDED] = "已冻结",
                                        [STATUS_REVOKED] = "已撤销",
                                        [STATUS_CANCELLED] = "已注销",
                                        [STATUS_REPLACED] = "已换发"};

    return words[s];
}

static const char *state_word(enum entry_state s)
{
    static const char *const words[] = {
        [ENTRY_LISTED] = "未入库",    [ENTRY_WAITING] = "未生成", [ENTRY_QUEUED] = "排队中",
        [ENTRY_WORKING] = "正在生成", [ENTRY_MADE] = "已生成",    [ENTRY_FAILED] = "失败",
        [ENTRY_REMOVED] = "核减"};

    return words[s];
}

static const char *state_reason(const struct entry_row *row)
{
    switch (row->state) {
    case ENTRY_WAITING:
        return "缺少照片，上传照片后自动生成";
    case ENTRY_QUEUED:
    case ENTRY_FAILED:
        return row->fault_zh ? row->fault_zh : "";
    case ENTRY_LISTED:
    case ENTRY_WORKING:
    case ENTRY_MADE:
    case ENTRY_REMOVED:
    case ENTRY_STATES:
        break;
    }
    return "";
}

/* --- names of files --- */

/* As systems see it that do not tell letter cases apart. */
static const char *fold(struct freezing *f, const char *name)
{
    char *folded = arena_text(f->a, name);

    for (char *at = folded; at != NULL && *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return folded;
}

/* "{number}_{name}.pdf", "... (2).pdf" where there is one. */
static int file_name(struct freezing *f, const struct export_line *l, struct err *e)
{
    const char *stem = arena_printf(f->a, "%s_%s", l->number, l->name), *folded;
    char ending[32] = ".pdf";

    for (unsigned n = 2; stem != NULL; n++) {
        zip_safe_name(f->name, sizeof f->name, stem, ending);
        folded = fold(f, f->name);
        if (folded == NULL)
            break;
        if (json_object_get(f->names, folded) == NULL)
            return json_object_set_new(f->names, folded, json_true()) == 0 ? 0 : err_no_memory(e);
        (void)snprintf(ending, sizeof ending, " (%u).pdf", n);
    }
    return err_no_memory(e);
}

/* --- lines --- */

static int put_line(struct freezing *f, const struct export_line *l, bool counts, struct err *e)
{
    if (++f->lines_count > EXPORT_ENTRIES_MAX)
        return err_set(e, ERR_TOO_LARGE, "At most %d entries go into one archive; choose fewer.",
                       "一个压缩包最多包含 %d 条，请减少选择。", EXPORT_ENTRIES_MAX);
    if (l->has_file)
        f->files++;
    else if (counts)
        f->missing++;
    export_list_put(&f->lines, l);
    return buf_ok(&f->lines) ? 0 : err_no_memory(e);
}

static int note_handed(struct freezing *f, const struct certificate_row *row, struct err *e)
{
    if (row->handed_out != 0)
        return 0;
    if (f->handed_count == f->handed_room) {
        size_t room = f->handed_room ? f->handed_room * 2 : 256;
        const char **more = realloc(f->handed, room * sizeof *more);

        if (more == NULL)
            return err_no_memory(e);
        f->handed = more;
        f->handed_room = room;
    }
    f->handed[f->handed_count] = strdup(row->id);
    if (f->handed[f->handed_count] == NULL)
        return err_no_memory(e);
    f->handed_count++;
    return 0;
}

/* Why the certificate's file does not go in, or NULL. */
static const char *refusal(const struct freezing *f, const struct certificate_row *row)
{
    if (row->recorded && row->file_size == 0)
        return "历史证书，没有电子文件";
    if (row->file_fault != 0 || row->file_size > EXPORT_FILE_MAX ||
        !export_file_there(store_data_dir(f->s), row->id, row->file_size))
        return "存档文件缺失或与签发时不一致，请联系管理员从备份恢复";
    return NULL;
}

/* l has serial, number, name and masked. */
static int put_certificate(struct freezing *f, struct export_line *l, const struct certificate_row *row,
                           struct err *e)
{
    const char *why = NULL;

    l->state = status_word(row->status);
    if (row->state != CERTIFICATE_ISSUED) {
        l->state = state_word(ENTRY_WORKING);
    } else if (row->status != STATUS_VALID) {
        why = row->status_reason;
    } else if ((why = refusal(f, row)) != NULL) {
        l->state = row->recorded ? "仅登记" : "文件异常";
    } else {
        l->has_file = true;
        l->certificate = row->id;
        l->size = row->file_size;
        l->crc32 = row->file_crc32;
        memcpy(l->sha256, row->file_sha256, SHA256_SIZE);
        if (row->issued > f->moment)
            f->moment = row->issued;
        if (file_name(f, l, e) != 0 || note_handed(f, row, e) != 0)
            return -1;
        l->file = f->name;
    }
    l->reason = why;
    return put_line(f, l, true, e);
}

static int put_entry(struct freezing *f, const struct entry_row *row, struct err *e)
{
    char masked[SHOWN_MAX * 4 + 16] = "";
    struct certificate_row certificate;
    struct export_line l = {.serial = row->serial,
                            .number = row->number,
                            .name = row->name,
                            .masked = masked,
                            .state = state_word(row->state),
                            .reason = state_reason(row)};

    if (row->id_number != NULL && strlen(row->id_number) <= SHOWN_MAX)
        id_number_mask(masked, sizeof masked, row->id_number);
    if (row->certificate[0] == '\0') {
        f->without_photo += row->state != ENTRY_REMOVED && row->photo_id[0] == '\0';
        return put_line(f, &l, row->state != ENTRY_REMOVED, e);
    }
    if (store_certificate(&certificate, f->s, row->certificate, f->a, e) != 0)
        return -1;
    l.number = certificate.number;
    return put_certificate(f, &l, &certificate, e);
}

/* --- of a filing --- */

static int id_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int no_such_id(struct err *e, const char *id)
{
    return err_set(e, ERR_NOT_FOUND, "There is no \"%.40s\" here; check the ids.",
                   "这里没有“%.40s”，请核对标识。", id);
}

/* The ids in order, so that each entry finds its own quickly; NULL: all. */
struct choice {
    const char **ids;
    bool *found;
    size_t count;
};

static int choice_make(struct choice *c, const struct export_order *o, struct err *e)
{
    *c = (struct choice){NULL, NULL, 0};
    if (o->ids == NULL)
        return 0;
    c->ids = calloc(o->id_count + 1, sizeof *c->ids);
    c->found = calloc(o->id_count + 1, sizeof *c->found);
    if (c->ids == NULL || c->found == NULL)
        return err_no_memory(e);
    memcpy(c->ids, o->ids, o->id_count * sizeof *c->ids);
    c->count = o->id_count;
    qsort(c->ids, c->count, sizeof *c->ids, id_compare);
    return 0;
}

static bool choice_has(struct choice *c, const char *id)
{
    const char **at;

    if (c->ids == NULL)
        return true;
    at = bsearch(&id, c->ids, c->count, sizeof *c->ids, id_compare);
    if (at == NULL)
        return false;
    for (size_t i = (size_t)(at - c->ids) + 1; i-- > 0 && strcmp(c->ids[i], id) == 0;)
        c->found[i] = true;
    for (size_t i = (size_t)(at - c->ids) + 1; i < c->count && strcmp(c->ids[i], id) == 0; i++)
        c->found[i] = true;
    return true;
}

/* In the order in which they were asked for. */
static int choice_judge(const struct choice *c, const struct export_order *o, struct err *e)
{
    for (size_t i = 0; c->ids != NULL && i < o->id_count; i++) {
        const char **at = bsearch(&o->ids[i], c->ids, c->count, sizeof *c->ids, id_compare);

        if (at != NULL && !c->found[at - c->ids])
            return no_such_id(e, o->ids[i]);
    }
    return 0;
}

static int collect_filing(struct freezing *f, const struct export_order *o, struct err *e)
{
    struct entry_row *rows = calloc(STEP, sizeof *rows);
    struct choice chosen = {NULL, NULL, 0};
    unsigned position = 0;
    size_t count = STEP;
    int rc = -1;

    if (rows == NULL) {
        err_no_memory(e);
        goto out;
    }
    if (choice_make(&chosen, o, e) != 0)
        goto out;
    while (count == STEP) {
        arena_reset(f->a);
        if (store_next_entries(rows, STEP, &count, f->s, o->filing, position, f->a, e) != 0)
            goto out;
        for (size_t i = 0; i < count; i++) {
            position = rows[i].position;
            if (choice_has(&chosen, rows[i].id) && put_entry(f, &rows[i], e) != 0)
                goto out;
        }
    }
    rc = choice_judge(&chosen, o, e);
out:
    free(rows);
    free(chosen.ids);
    free(chosen.found);
    return rc;
}

/* --- of certificates --- */

/* Name and document number as they are printed. */
static int person_read(struct export_line *l, char *masked, size_t size, const struct certificate_row *row,
                       struct freezing *f, struct err *e)
{
    json_t *record = json_loads(row->record_json, 0, NULL);
    const char *name = json_string_value(json_object_get(record, "name")),
               *number = json_string_value(json_object_get(record, "id_number"));
    int rc = 0;

    l->name = arena_text(f->a, name ? name : "");
    if (l->name == NULL)
        rc = err_no_memory(e);
    masked[0] = '\0';
    if (number != NULL && strlen(number) <= SHOWN_MAX)
        id_number_mask(masked, size, number);
    json_decref(record);
    return rc;
}

static int put_by_id(struct freezing *f, const char *id, unsigned serial, struct arena *kept, struct err *e)
{
    char masked[SHOWN_MAX * 4 + 16];
    struct export_line l = {.serial = serial, .masked = masked};
    struct certificate_row row;

    if (store_certificate(&row, f->s, id, f->a, e) != 0)
        return e->code == ERR_NOT_FOUND ? no_such_id(e, id) : -1;
    if (f->who->organisation != NULL && strcmp(f->who->organisation, row.organisation) != 0)
        return no_such_id(e, id);
    if (f->organisation == NULL && (f->organisation = arena_text(kept, row.organisation)) == NULL)
        return err_no_memory(e);
    f->mixed = f->mixed || strcmp(f->organisation, row.organisation) != 0;
    l.number = row.number;
    return person_read(&l, masked, sizeof masked, &row, f, e) == 0 ? put_certificate(f, &l, &row, e) : -1;
}

static int collect_certificates(struct freezing *f, const struct export_order *o, struct arena *kept,
                                struct err *e)
{
    struct choice seen;
    int rc = choice_make(&seen, o, e);
    unsigned serial = 0;

    for (size_t i = 0; rc == 0 && i < o->id_count; i++) {
        const char **at = bsearch(&o->ids[i], seen.ids, seen.count, sizeof *seen.ids, id_compare);

        if (at != NULL && seen.found[at - seen.ids]) /* named twice */
            continue;
        arena_reset(f->a);
        (void)choice_has(&seen, o->ids[i]);
        rc = put_by_id(f, o->ids[i], ++serial, kept, e);
    }
    free(seen.ids);
    free(seen.found);
    return rc;
}

/* --- kept --- */

static int keep(struct export_row *out, struct freezing *f, const struct filing_row *filing, struct arena *a,
                struct err *e)
{
    struct buf list = BUF_INIT(EXPORT_LIST_MAX);
    struct export_archive *x = NULL;
    char *name = arena_alloc(a, EXPORT_NAME_SIZE);
    int rc = -1;

    export_list_begin(&list, f->moment);
    buf_append(&list, buf_view(&f->lines));
    if (name == NULL || !buf_ok(&list)) {
        err_no_memory(e);
        goto out;
    }
    zip_safe_name(name, EXPORT_NAME_SIZE, filing ? filing->name : "证书",
                  f->files + f->missing > 1 || filing ? "_证书.zip" : ".zip");
    /* several organisations' is none of theirs: only who asked, for all of them, sees it */
    *out = (struct export_row){.organisation = f->who->organisation ? f->who->organisation
                                               : f->mixed           ? NULL
                                                                    : f->organisation,
                               .file_name = name,
                               .list = buf_view(&list),
                               .files = f->files,
                               .missing = f->missing,
                               .created = f->who->now};
    if (filing != NULL)
        (void)snprintf(out->filing, sizeof out->filing, "%s", filing->id);
    sha256(out->list_sha256, out->list);
    if (export_build(&x, store_data_dir(f->s), name, out->list, out->list_sha256, e) != 0)
        goto out;
    out->size = export_size(x);
    for (size_t i = 0; i < f->handed_count; i++) {
        if (store_handed_out(f->s, f->handed[i], f->who->now, e) != 0)
            goto out;
    }
    rc = store_add_export(f->s, out, e);
out:
    out->list = (struct slice){NULL, 0};
    export_close(x);
    buf_dispose(&list);
    return rc;
}

/* Waiting helps nobody whose photo is missing. */
static int nothing_made(const struct freezing *f, struct err *e)
{
    if (f->without_photo > 0 && f->without_photo == f->missing)
        return err_set(
            e, ERR_CONFLICT,
            "No photo has been uploaded, so no certificate is made: these can be looked at but not "
            "downloaded. Upload the photos first.",
            "未上传照片，证书未生成，只能查看，不能下载；请先上传照片。");
    return err_set(e, ERR_CONFLICT,
                   "None of these has a certificate that can be downloaded yet; wait until some are made.",
                   "所选人员都还没有可以下载的证书，请等待生成后再下载。");
}

static int freeze(struct export_row *out, struct freezing *f, const struct export_order *o, struct arena *a,
                  struct err *e)
{
    struct filing_row filing;

    if (o->filing != NULL) {
        if (filing_find(&filing, f->s, o->filing, f->who, a, e) != 0)
            return -1;
        f->organisation = filing.organisation;
    }
    if ((o->filing ? collect_filing(f, o, e) : collect_certificates(f, o, a, e)) != 0)
        return -1;
    if (f->files == 0)
        return nothing_made(f, e);
    return keep(out, f, o->filing ? &filing : NULL, a, e);
}

int export_freeze(struct export_row *out, struct store *s, const struct export_order *o,
                  const struct filing_actor *who, struct arena *a, struct err *e)
{
    struct arena step = ARENA_INIT;
    struct freezing f = {.s = s, .who = who, .a = &step, .names = json_object()};
    int rc = -1;

    buf_init(&f.lines, EXPORT_LIST_MAX);
    if (f.names == NULL) {
        err_no_memory(e);
        goto out;
    }
    /* One transaction: what was replaced or revoked meanwhile must not be handed out by this. */
    if (store_begin(s, e) != 0)
        goto out;
    rc = freeze(out, &f, o, a, e);
    if (rc == 0)
        rc = store_commit(s, e);
    if (rc != 0)
        store_rollback(s);
out:
    for (size_t i = 0; i < f.handed_count; i++)
        free((char *)f.handed[i]);
    free(f.handed);
    json_decref(f.names);
    buf_dispose(&f.lines);
    arena_dispose(&step);
    return rc;
}
