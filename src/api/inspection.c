/* inspection.c - what strangers send, opened in a helper process, which opens it in a sandboxed child. */
#include "api/app.h"
#include "sign/verify.h"
#include <limits.h>
#include <string.h>

enum inspection { INSPECT_PHOTO = 1, INSPECT_PDF };

enum { VERDICT_MAX = 4 * 1024 * 1024, CROP_MAX = 1024 * 1024 };

/* What goes to the helper: one of these, then the file. Both ends are the same program. */
struct photo_task {
    struct photo_crop crop;
};
struct pdf_task {
    int64_t moment; /* chains are judged at this moment */
};

static int send_task(struct desk *d, unsigned kind, const void *task, size_t size, struct slice file,
                     struct buf *answer, struct err *e)
{
    struct buf in = BUF_INIT(size + file.len);
    int rc;

    buf_append_bytes(&in, task, size);
    buf_append(&in, file);
    rc = buf_ok(&in) ? helper_call(d->helper, kind, buf_view(&in), answer, e) : err_no_memory(e);
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

int inspection_job(struct buf *out, void *arg, unsigned kind, struct slice in, struct err *e)
{
    if (kind == INSPECT_PHOTO && in.len >= sizeof(struct photo_task))
        return crop_photo(out, in, e);
    if (kind == INSPECT_PDF && in.len >= sizeof(struct pdf_task))
        return judge_pdf(out, arg, in, e);
    return err_set(e, ERR_INTERNAL, "The helper was asked for something it does not do.",
                   "辅助进程收到无法识别的任务。");
}

int inspect_photo(struct desk *d, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                  struct photo_report *report, struct err *e)
{
    struct buf answer = BUF_INIT(sizeof *report + CROP_MAX);
    struct photo_task task;
    int rc;

    memset(&task, 0, sizeof task); /* its padding crosses, too */
    task.crop = *crop;
    rc = send_task(d, INSPECT_PHOTO, &task, sizeof task, picture, &answer, e);
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
    rc = send_task(d, INSPECT_PDF, &task, sizeof task, pdf, &answer, e);
    if (rc == 0)
        rc = json_read(out, buf_view(&answer), VERDICT_MAX, e);
    buf_dispose(&answer);
    return rc;
}
