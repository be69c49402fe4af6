/* photo_archive.c - an archive of photos matched to a filing's entries, some at a time.
 *
 * Every step takes some pictures, keeps their files, then writes uploads, entries and the job's progress in
 * one transaction: who is killed leaves a row that says exactly where to go on. */
#include "archive/zip.h"
#include "base/clock.h"
#include "filing/import_internal.h"
#include "filing/photos_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    GROUP_MAX = 32,                     /* pictures in one transaction */
    GROUP_BYTES_MAX = 24 * 1024 * 1024, /* of theirs in memory, beside the last one */
    GROUP_MS = 700,
    LOOKED_MAX = 5000, /* names in one step */
    ENTRIES_MAX = 100000,
    REPORT_MAX = 2000,
    OUTAGE_AFTER = 3, /* pictures one after the other that nobody could open */
    NAME_MAX_BYTES = 400
};
static const struct zip_limits limits = {.packed = 4ULL * 1024 * 1024 * 1024,
                                         .entries = ENTRIES_MAX,
                                         .entry_bytes = PHOTO_MAX_BYTES,
                                         .total_bytes = 16ULL * 1024 * 1024 * 1024};

struct picture {
    char entry[CERTIFICATE_ID_SIZE];
    char file[NAME_MAX_BYTES];
    struct upload upload;
    struct buf given, jpeg;
};

struct photo_task {
    struct store *store;
    struct job_row job;
    struct filing_row filing;
    struct err refused; /* the archive is no good, or its filing is gone; else ERR_NONE */
    int fd;
    struct zip_reader *zip;
    size_t next;       /* entry of the archive that was not looked at */
    struct seen *seen; /* entries that had a file */
    json_t *report;
    unsigned unopened; /* pictures that could not be opened for want of a helper, in a row */
    struct arena a;    /* of the task */
    struct arena step;
    struct picture group[GROUP_MAX];
    size_t group_count, group_bytes;
};

/* --- the report --- */

/* File, whose it is if that is known, and why, in both languages. A reason that says itself what to do about
 * it is told in two parts; else advice is that. */
static int add_line(struct photo_task *t, const char *file, const struct entry_row *entry, bool warning,
                    const struct err *why, const char *const advice[2], struct err *e)
{
    struct row_faults parts = {.a = &t->step};
    const struct row_fault *f;
    json_t *line;
    bool own;

    if (!warning)
        t->job.failed++;
    if (json_array_size(t->report) >= REPORT_MAX)
        return 0;
    row_faults_add_err(&parts, 1, why, "");
    if (parts.count == 0)
        return err_no_memory(e);
    f = &parts.list[0];
    own = f->advice[0] != '\0' || f->advice_en[0] != '\0';
    line = json_pack("{ss ss ss ss ss ss}", "file", photo_file_shown(file, &t->step), "name",
                     entry != NULL ? entry->name : "", "problem", own ? f->problem : why->zh, "problem_en",
                     own ? f->problem_en : why->en, "advice", own ? f->advice : advice[0], "advice_en",
                     own ? f->advice_en : advice[1]);
    if (line != NULL && entry != NULL)
        (void)json_object_set_new(line, "serial", json_integer((json_int_t)entry->serial));
    if (line != NULL && warning)
        (void)json_object_set_new(line, "warning", json_true());
    return line != NULL && json_array_append_new(t->report, line) == 0 ? 0 : err_no_memory(e);
}

static const char *const rename_it[2] = {
    "按名单中的序号命名，如 0052.jpg 或 0052_张三.jpg，重新上传",
    "Name it by its serial in the list, such as 0052.jpg, and send it again."};
static const char *const take_another[2] = {"换一张清晰的 JPEG 或 PNG 证件照（2 寸，不超过 10 MB）重新上传",
                                            "Send another JPEG or PNG portrait (2 inch, at most 10 MB)."};
static const char *const leave_it[2] = {"无需处理，或按提示办理", "Nothing needs to be done, or as it says."};
static const char *const keep_one[2] = {"每人只保留一张照片；如要更换，请单独上传",
                                        "Keep one photo for each person; send another one by itself."};

/* --- one file of the archive --- */

/* Whether it is the entry's photo already, as a first run may have left it. */
static int is_there(bool *out, struct photo_task *t, const struct entry_row *entry, struct slice given,
                    struct err *e)
{
    uint8_t hash[SHA256_SIZE];
    struct upload u;

    *out = false;
    if (entry->photo_id[0] == '\0')
        return 0;
    if (store_upload(&u, t->store, entry->photo_id, &t->step, e) != 0)
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    sha256(hash, given);
    *out = memcmp(hash, u.original, sizeof hash) == 0;
    return 0;
}

static bool is_outage(const struct err *e)
{
    return e->code == ERR_UNAVAILABLE || e->code == ERR_NO_MEMORY || e->code == ERR_INTERNAL;
}

/* A picture that kills its helper must not stop the others; helpers that are gone altogether must. */
static int open_picture(struct photo_task *t, struct picture *p, struct photo_report *report,
                        photo_opener *open, void *arg, struct err *e)
{
    struct photo_crop whole = {.size = PHOTO_2_CUN};
    int rc = open(arg, buf_view(&p->given), &whole, &p->jpeg, report, e);

    if (rc != 0 && is_outage(e)) {
        buf_reset(&p->jpeg);
        rc = open(arg, buf_view(&p->given), &whole, &p->jpeg, report, e);
    }
    t->unopened = rc != 0 && is_outage(e) ? t->unopened + 1 : 0;
    return rc;
}

static int take_picture(struct photo_task *t, struct picture *p, const char *file,
                        const struct entry_row *entry, photo_opener *open, void *arg, int64_t now,
                        struct err *e)
{
    struct photo_crop whole = {.size = PHOTO_2_CUN};
    struct photo_report report;
    struct err why;

    if (open_picture(t, p, &report, open, arg, &why) != 0) {
        if (t->unopened >= OUTAGE_AFTER || why.code == ERR_NO_MEMORY) {
            *e = why;
            return -1;
        }
        return add_line(t, file, entry, false, &why, take_another, e);
    }
    if (photo_upload_init(&p->upload, &t->filing, buf_view(&p->given), buf_view(&p->jpeg), &whole, &report,
                          now, &t->step, e) != 0)
        return -1;
    memcpy(p->entry, entry->id, sizeof p->entry);
    (void)snprintf(p->file, sizeof p->file, "%s", file);
    if (report.warn_upscaled) {
        err_set(&why, ERR_INVALID, "The photo is small and was enlarged.", "照片较小，已放大使用。");
        if (add_line(t, file, entry, true, &why, take_another, e) != 0)
            return -1;
    }
    t->group_bytes += p->given.len + p->jpeg.len;
    t->group_count++;
    return 0;
}

/* The entry and that it is the first file for it. 1: goes on; 0: said why not; -1: an outage. */
static int find_entry(struct entry_row *entry, struct photo_task *t, const char *file, struct err *e)
{
    struct err why;
    unsigned other;

    if (photo_file_entry(entry, t->store, t->filing.id, file, &t->step, &why) != 0) {
        if (is_outage(&why)) {
            *e = why;
            return -1;
        }
        return add_line(t, file, NULL, false, &why, rename_it, e);
    }
    other = seen_before(t->seen, 'e', entry->id, (unsigned)t->next + 1);
    if (other == 0 || other == t->next + 1)
        return 1;
    err_set(&why, ERR_CONFLICT, "The archive has two photos of %s; the first one counts.",
            "压缩包中%s有两张照片，以先出现的为准。", entry->name);
    return add_line(t, file, entry, false, &why, keep_one, e);
}

static int look_at_picture(struct photo_task *t, const char *file, photo_opener *open, void *arg, int64_t now,
                           struct err *e)
{
    struct picture *p = &t->group[t->group_count];
    struct entry_row entry;
    struct err why;
    bool there;
    int rc = find_entry(&entry, t, file, e);

    if (rc <= 0)
        return rc;
    buf_reset(&p->given);
    buf_reset(&p->jpeg);
    if (zip_extract(&p->given, t->zip, t->next, &why) != 0) {
        if (!is_outage(&why))
            return add_line(t, file, &entry, false, &why, take_another, e);
        *e = why;
        return -1;
    }
    if (is_there(&there, t, &entry, buf_view(&p->given), e) != 0)
        return -1;
    if (there)
        return 0;
    if (photo_entry_takes(&entry, &why) != 0)
        return add_line(t, file, &entry, false, &why, leave_it, e);
    return take_picture(t, p, file, &entry, open, arg, now, e);
}

static int look_at_next(struct photo_task *t, photo_opener *open, void *arg, int64_t now, struct err *e)
{
    struct zip_entry entry;
    const char *file;
    struct err why;
    int rc = 0;

    if (zip_entry_at(&entry, t->zip, t->next, &why) != 0) {
        if (is_outage(&why)) {
            *e = why;
            return -1;
        }
        rc = add_line(t, "?", NULL, false, &why, rename_it, e);
    } else if ((file = arena_text(&t->step, entry.name)) == NULL) {
        rc = err_no_memory(e);
    } else if (photo_file_kind(file, entry.folder) == PHOTO_FILE_PICTURE) {
        rc = look_at_picture(t, file, open, arg, now, e);
    } else if (photo_file_kind(file, entry.folder) == PHOTO_FILE_OTHER) {
        err_set(&why, ERR_INVALID, "This is no JPEG or PNG file.", "不是 JPEG 或 PNG 照片文件。");
        rc = add_line(t, file, NULL, false, &why, rename_it, e);
    }
    if (rc == 0)
        t->next++;
    return rc;
}

/* --- what a step found is written --- */

static int write_picture(struct photo_task *t, struct picture *p, int64_t now, struct err *e)
{
    struct entry_row entry = {.name = ""};

    if (store_put_upload(t->store, &p->upload, buf_view(&p->given), buf_view(&p->jpeg), e) != 0)
        return -1;
    if (store_set_entry_photo(t->store, p->entry, p->upload.id, now, e) == 0)
        return 0;
    if (e->code != ERR_CONFLICT && e->code != ERR_NOT_FOUND)
        return -1;
    /* its certificate was begun in between */
    if (store_entry(&entry, t->store, p->entry, &t->step, e) != 0)
        return -1;
    return add_line(t, p->file, &entry, false, e, leave_it, e);
}

static int write_job(struct photo_task *t, int64_t now, struct err *e)
{
    char *report = json_dumps(t->report, JSON_COMPACT);
    int rc;

    t->job.report_json = report;
    t->job.done = t->next;
    rc = report != NULL ? store_job_progress(t->store, &t->job, now, e) : err_no_memory(e);
    t->job.report_json = NULL;
    free(report);
    return rc;
}

static int write_group(struct photo_task *t, int64_t now, struct err *e)
{
    for (size_t i = 0; i < t->group_count; i++) {
        if (store_keep_original(t->store, t->group[i].upload.original, buf_view(&t->group[i].given), e) != 0)
            return -1;
    }
    if (store_begin(t->store, e) != 0)
        return -1;
    for (size_t i = 0; i < t->group_count; i++) {
        if (write_picture(t, &t->group[i], now, e) != 0)
            goto back;
    }
    if (write_job(t, now, e) == 0 && store_commit(t->store, e) == 0)
        return 0;
back:
    store_rollback(t->store);
    return -1;
}

/* --- the task --- */

/* The archive is judged here; what is wrong with it is told at the first step, as the job's end. */
static int open_archive(struct photo_task *t, struct err *e)
{
    char path[PATH_MAX];
    struct stat st;

    store_job_file(path, sizeof path, t->store, t->job.id);
    t->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (t->fd < 0 && errno == ENOENT)
        return err_set(&t->refused, ERR_NOT_FOUND, "The archive is not there any more; send it again.",
                       "压缩包已不存在，请重新上传。");
    if (t->fd < 0 || fstat(t->fd, &st) != 0) {
        err_set(e, ERR_UNAVAILABLE, "The archive cannot be read now: %s.", "压缩包暂时无法读取：%s。",
                strerror(errno));
        return err_detail(e, "%s", path);
    }
    if (zip_reader_open(&t->zip, t->fd, 0, (uint64_t)st.st_size, &limits, &t->refused) == 0)
        t->refused.code = ERR_NONE;
    return 0;
}

/* Names that were looked at before a restart: their entries have had their file. */
static int recall_names(struct photo_task *t, struct err *e)
{
    size_t done =
        (size_t)t->job.done < zip_reader_count(t->zip) ? (size_t)t->job.done : zip_reader_count(t->zip);

    for (t->next = 0; t->next < done; t->next++) {
        struct zip_entry file;
        struct entry_row entry;
        struct err why;

        arena_reset(&t->step);
        if (zip_entry_at(&file, t->zip, t->next, &why) != 0 ||
            photo_file_kind(file.name, file.folder) != PHOTO_FILE_PICTURE)
            continue;
        if (photo_file_entry(&entry, t->store, t->filing.id, file.name, &t->step, &why) == 0) {
            (void)seen_before(t->seen, 'e', entry.id, (unsigned)t->next + 1);
        } else if (is_outage(&why)) {
            *e = why;
            return -1;
        }
    }
    return 0;
}

static int begin(struct photo_task *t, struct err *e)
{
    t->report = t->job.report_json != NULL ? json_loads(t->job.report_json, 0, NULL) : json_array();
    t->job.report_json = NULL;
    t->job.state = JOB_WORKING;
    if (!json_is_array(t->report)) {
        json_decref(t->report);
        t->report = json_array();
    }
    if (t->report == NULL)
        return err_no_memory(e);
    if (store_filing(&t->filing, t->store, t->job.filing, &t->a, e) != 0 || open_archive(t, e) != 0)
        return t->refused.code != ERR_NONE ? 0 : -1;
    if (t->refused.code != ERR_NONE)
        return 0;
    t->job.total = zip_reader_count(t->zip);
    return seen_new(&t->seen, zip_reader_count(t->zip), e) == 0 ? recall_names(t, e) : -1;
}

int photo_task_open(struct photo_task **out, struct store *s, const struct job_row *job, struct err *e)
{
    struct photo_task *t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL)
        return err_no_memory(e);
    t->store = s;
    t->job = *job;
    t->fd = -1;
    for (size_t i = 0; i < GROUP_MAX; i++) {
        buf_init(&t->group[i].given, PHOTO_MAX_BYTES);
        buf_init(&t->group[i].jpeg, PHOTO_JPEG_MAX);
    }
    if (begin(t, e) != 0) {
        photo_task_close(t);
        return -1;
    }
    *out = t;
    return 0;
}

void photo_task_close(struct photo_task *t)
{
    if (t == NULL)
        return;
    zip_reader_close(t->zip);
    if (t->fd >= 0)
        (void)close(t->fd);
    for (size_t i = 0; i < GROUP_MAX; i++) {
        buf_dispose(&t->group[i].given);
        buf_dispose(&t->group[i].jpeg);
    }
    seen_free(t->seen);
    json_decref(t->report);
    arena_dispose(&t->a);
    arena_dispose(&t->step);
    free(t);
}

static int finish(struct photo_task *t, enum job_state state, int64_t now, struct err *e)
{
    char path[PATH_MAX];

    t->job.state = state;
    t->job.ended = now;
    if (state == JOB_FAILED) {
        t->job.problem_en = t->refused.en;
        t->job.problem_zh = t->refused.zh;
    }
    if (write_group(t, now, e) != 0) {
        t->job.state = JOB_WORKING;
        t->job.ended = 0;
        return -1;
    }
    store_job_file(path, sizeof path, t->store, t->job.id);
    (void)unlink(path);
    return 0;
}

/* Large pictures leave no storage behind. */
static void empty_group(struct photo_task *t)
{
    for (size_t i = 0; i < GROUP_MAX; i++) {
        if (t->group[i].given.cap > 1024 * 1024)
            buf_dispose(&t->group[i].given);
    }
    t->group_count = t->group_bytes = 0;
    arena_reset(&t->step);
}

static int fill_group(struct photo_task *t, photo_opener *open, void *arg, int64_t now, struct err *e)
{
    int64_t until = clock_monotonic_ms() + GROUP_MS;
    size_t looked = 0, count = zip_reader_count(t->zip);

    while (t->next < count && t->group_count < GROUP_MAX && t->group_bytes < GROUP_BYTES_MAX &&
           looked++ < LOOKED_MAX && (looked == 1 || clock_monotonic_ms() < until)) {
        if (look_at_next(t, open, arg, now, e) != 0)
            return -1;
    }
    return 0;
}

/* As it was before the step, which can then be tried again. */
static void forget_step(struct photo_task *t, size_t next, uint64_t failed, size_t lines)
{
    t->next = next;
    t->job.failed = failed;
    while (json_array_size(t->report) > lines)
        (void)json_array_remove(t->report, json_array_size(t->report) - 1);
}

int photo_task_step(bool *ended, struct photo_task *t, struct store *s, photo_opener *open, void *arg,
                    int64_t now, struct err *e)
{
    size_t next = t->next, lines = json_array_size(t->report);
    uint64_t failed = t->job.failed;
    int rc;

    *ended = true;
    t->store = s;
    if (t->job.started == 0)
        t->job.started = now;
    if (t->refused.code != ERR_NONE)
        return finish(t, JOB_FAILED, now, e);
    rc = fill_group(t, open, arg, now, e);
    *ended = rc == 0 && t->next >= zip_reader_count(t->zip);
    if (rc == 0)
        rc = *ended ? finish(t, JOB_DONE, now, e) : write_group(t, now, e);
    if (rc != 0) {
        *ended = false;
        forget_step(t, next, failed, lines);
    }
    empty_group(t);
    return rc;
}
