/* inspection.c - what strangers send, opened in a helper process, which opens it in a sandboxed child. */
#include "api/app.h"
#include "base/log.h"
#include "base/worker.h"
#include "sign/verify.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum inspection { INSPECT_PHOTO = 1, INSPECT_PDF, INSPECT_SHEET };

enum {
    VERDICT_MAX = 4 * 1024 * 1024,
    CROP_MAX = 1024 * 1024,
    SHEET_MEMORY = 768 * 1024 * 1024,
    SHEET_CPU_S = 60,
    SHEET_WALL_MS = 100 * 1000 /* less than the helper's own */
};

/* What goes to the helper: one of these, then the file. Both ends are the same program. */
struct photo_task {
    struct photo_crop crop;
};
struct pdf_task {
    int64_t moment; /* chains are judged at this moment */
};

static int send_task(struct helper *h, unsigned kind, const void *task, size_t size, struct slice file,
                     struct buf *answer, struct err *e)
{
    struct buf in = BUF_INIT(size + file.len);
    int rc;

    buf_append_bytes(&in, task, size);
    buf_append(&in, file);
    rc = buf_ok(&in) ? helper_call(h, kind, buf_view(&in), answer, e) : err_no_memory(e);
    buf_dispose(&in);
    return rc;
}

/* Answers with the report and the JPEG behind it. */
static int crop_photo(struct buf *out, struct slice in, struct err *e)
{
    struct buf jpeg = BUF_INIT(CROP_MAX);
    struct photo_task task;
    struct photo_report report;
    int rc;

    memcpy(&task, in.ptr, sizeof task);
    memset(&report, 0, sizeof report);
    rc = photo_crop(&jpeg, slice_part(in, sizeof task, in.len - sizeof task), &task.crop, &report, e);
    if (rc == 0) {
        buf_append_bytes(out, &report, sizeof report);
        buf_append(out, buf_view(&jpeg));
    }
    buf_dispose(&jpeg);
    return rc;
}

static int judge_pdf(struct buf *out, const struct app *app, struct slice in, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct trust *trust = NULL;
    struct verify_order order;
    struct pdf_task task;
    char dir[PATH_MAX];
    struct verdict v;
    int rc = -1;

    memcpy(&task, in.ptr, sizeof task);
    (void)snprintf(dir, sizeof dir, "%s/trust", app->data_dir);
    /* read each time: revocation lists are renewed while the service runs */
    if (trust_load(&trust, dir, e) != 0)
        goto out;
    order = (struct verify_order){trust, task.moment};
    if (verify_untrusted(&v, slice_part(in, sizeof task, in.len - sizeof task), &order, &a, e) == 0)
        rc = verdict_json(out, &v, e);
out:
    trust_free(trust);
    arena_dispose(&a);
    return rc;
}

static int pack_in_worker(struct buf *out, void *arg, struct err *e)
{
    const struct slice *bytes = arg;

    return sheet_pack(out, *bytes, sheet_format_of(*bytes), e);
}

/* XML and compressed data by strangers: one child for each file, which can do nothing else. */
static int pack_sheet(struct buf *out, struct slice in, struct err *e)
{
    static const struct worker_limits limits = {.memory_bytes = SHEET_MEMORY,
                                                .cpu_seconds = SHEET_CPU_S,
                                                .wall_ms = SHEET_WALL_MS,
                                                .answer_bytes = SHEET_OUT_MAX};
    char detail[sizeof e->detail];
    struct log_line l;
    enum worker_end end;
    int rc = worker_run(out, &limits, pack_in_worker, &in, &end, e);

    if (rc != 0)
        (void)snprintf(detail, sizeof detail, "%s", e->detail);
    if (rc != 0 && end == WORKER_CRASHED)
        err_set(e, ERR_INVALID, "The file is damaged and cannot be read; save it again and send that.",
                "文件已损坏，无法读取，请重新保存后再上传。");
    if (rc != 0 && end == WORKER_OUT_OF_BOUNDS)
        err_set(e, ERR_TOO_LARGE,
                "The file takes too much to be read; split the list into several filings, or save it as CSV.",
                "文件过于复杂，无法读取，请拆分名单或另存为 CSV 后再上传。");
    if (rc != 0 && end != WORKER_REFUSED) {
        (void)err_detail(e, "%s", detail);
        log_begin(&l, "list_worker_ended"); /* a stranger's file, or a fault of ours */
        log_text(&l, "detail", detail);
        log_end(&l);
    }
    return rc;
}

int inspection_job(struct buf *out, void *arg, unsigned kind, struct slice in, struct err *e)
{
    if (kind == INSPECT_PHOTO && in.len >= sizeof(struct photo_task))
        return crop_photo(out, in, e);
    if (kind == INSPECT_PDF && in.len >= sizeof(struct pdf_task))
        return judge_pdf(out, arg, in, e);
    if (kind == INSPECT_SHEET)
        return pack_sheet(out, in, e);
    return err_set(e, ERR_INTERNAL, "The helper was asked for something it does not do.",
                   "辅助进程收到无法识别的任务。");
}

int helper_open_photo(void *helper, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                      struct photo_report *report, struct err *e)
{
    struct helper *h = helper;
    struct buf answer = BUF_INIT(sizeof *report + CROP_MAX);
    struct photo_task task;
    int rc;

    memset(&task, 0, sizeof task); /* its padding crosses, too */
    task.crop = *crop;
    rc = send_task(h, INSPECT_PHOTO, &task, sizeof task, picture, &answer, e);
    if (rc == 0 && answer.len <= sizeof *report)
        rc = err_set(e, ERR_INTERNAL, "The helper's answer is too short.", "辅助进程的回答不完整。");
    if (rc == 0) {
        memcpy(report, answer.data, sizeof *report);
        buf_append_bytes(jpeg, answer.data + sizeof *report, answer.len - sizeof *report);
        if (!buf_ok(jpeg))
            rc = err_no_memory(e);
    }
    buf_dispose(&answer);
    return rc;
}

int inspect_photo(struct desk *d, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                  struct photo_report *report, struct err *e)
{
    return helper_open_photo(d->helper, picture, crop, jpeg, report, e);
}

int desk_open_photo(void *desk, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                    struct photo_report *report, struct err *e)
{
    const struct desk *d = desk;

    return helper_open_photo(d->helper, picture, crop, jpeg, report, e);
}

/* Files of our own are judged at the moment they were issued. */
static int moment_of(int64_t *moment, struct desk *d, struct slice pdf, struct err *e)
{
    uint8_t digest[SHA256_SIZE];
    bool found;

    sha256(digest, pdf);
    if (store_registered_time(&found, moment, d->store, digest, e) != 0)
        return -1;
    if (!found)
        *moment = clock_now();
    return 0;
}

int inspect_pdf(struct desk *d, struct slice pdf, json_t **out, struct err *e)
{
    struct buf answer = BUF_INIT(VERDICT_MAX);
    struct pdf_task task;
    int rc;

    *out = NULL;
    memset(&task, 0, sizeof task);
    if (moment_of(&task.moment, d, pdf, e) != 0)
        return -1;
    rc = send_task(d->helper, INSPECT_PDF, &task, sizeof task, pdf, &answer, e);
    if (rc == 0)
        rc = json_read(out, buf_view(&answer), VERDICT_MAX, e);
    buf_dispose(&answer);
    return rc;
}

int spool_map(struct spool_view *out, const struct spool *file, struct err *e)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), from = file->offset / page * page;

    *out = (struct spool_view){.base = NULL};
    if (file->size == 0)
        return 0;
    out->len = (size_t)(file->offset + file->size - from);
    out->base = mmap(NULL, out->len, PROT_READ, MAP_PRIVATE, file->fd, (off_t)from);
    if (out->base == MAP_FAILED) {
        out->base = NULL;
        return err_set(e, ERR_UNAVAILABLE, "The upload cannot be read: %s.", "无法读取上传的文件：%s。",
                       strerror(errno));
    }
    out->bytes = (struct slice){(const uint8_t *)out->base + (file->offset - from), (size_t)file->size};
    return 0;
}

void spool_unmap(struct spool_view *v)
{
    if (v->base != NULL)
        (void)munmap(v->base, v->len);
    v->base = NULL;
}

int desk_pack_sheet(struct buf *packed, struct desk *d, const struct spool *file, struct err *e)
{
    struct spool_view view;
    int rc;

    if (file->size > SHEET_PACKED_MAX)
        return err_set(e, ERR_TOO_LARGE,
                       "The list is larger than %d MB; split it, or save it without pictures.",
                       "名单文件超过 %d MB，请拆分，或去除图片后重新保存。", SHEET_PACKED_MAX / 1024 / 1024);
    if (file->size == 0)
        return err_set(e, ERR_INVALID, "The file is empty; choose the list (XLSX or CSV).",
                       "文件为空，请选择名单文件（XLSX 或 CSV）。");
    if (spool_map(&view, file, e) != 0)
        return -1;
    rc = helper_call(d->helper, INSPECT_SHEET, view.bytes, packed, e);
    spool_unmap(&view);
    return rc;
}
