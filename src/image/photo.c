#include "image/photo.h"
#include "base/worker.h"
#include "image/photo_internal.h"
#include <string.h>

static const struct {
    const char *name, *latin;
    int width, height;
} sizes[] = {
    [PHOTO_1_CUN] = {"1", "1cun", 295, 413},
    [PHOTO_2_CUN] = {"2", "2cun", 413, 579},
    [PHOTO_LARGE_2_CUN] = {"大2", "large2", 413, 626},
    [PHOTO_SMALL_2_CUN] = {"小2", "small2", 413, 531},
};

bool photo_size_parse(enum photo_size *out, const char *text)
{
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t len = strlen(sizes[i].name);

        if (strcmp(text, sizes[i].latin) == 0 || (strncmp(text, sizes[i].name, len) == 0 &&
                                                  (text[len] == '\0' || strcmp(text + len, "寸") == 0))) {
            *out = (enum photo_size)i;
            return true;
        }
    }
    return false;
}

const char *photo_size_name(enum photo_size size)
{
    return sizes[size].latin;
}

void photo_size_pixels(enum photo_size size, int *width, int *height)
{
    *width = sizes[size].width;
    *height = sizes[size].height;
}

struct task {
    struct slice picture;
    const struct photo_crop *crop;
};

/* In the child. The answer is the report, then the JPEG. */
static int crop_job(struct buf *out, void *arg, struct err *e)
{
    const struct task *task = arg;
    struct photo_report report;
    uint8_t *at;

    memset(&report, 0, sizeof report);
    at = buf_room(out, sizeof report);
    if (at == NULL)
        return err_no_memory(e);
    buf_wrote(out, sizeof report);
    if (photo_make(out, task->picture, task->crop, &report, e) != 0)
        return -1;
    memcpy(out->data, &report, sizeof report);
    return 0;
}

static void explain(enum worker_end end, struct err *e)
{
    char detail[sizeof e->detail];

    memcpy(detail, e->detail, sizeof detail);
    if (end == WORKER_CRASHED && e->code == ERR_INVALID)
        photo_damaged(e, detail);
    if (end == WORKER_OUT_OF_BOUNDS || (end == WORKER_REFUSED && e->code == ERR_NO_MEMORY)) {
        err_set(
            e, ERR_TOO_LARGE,
            "Opening this photo takes more than 256 MB of memory or 1 second. Make it smaller (3000×4200 "
            "is plenty), save it as an ordinary (baseline) JPEG and send it again.",
            "打开该照片需要的内存超过 256 MB 或时间超过 1 秒。请缩小（3000×4200 已足够）并另存为普通（基线）"
            "JPEG 后重新提供。");
        err_detail(e, "%s", detail);
    }
}

int photo_crop(struct buf *jpeg, struct slice picture, const struct photo_crop *crop,
               struct photo_report *report, struct err *e)
{
    static const struct worker_limits limits = {256UL * 1024 * 1024, 1, 10000, 1024UL * 1024};
    struct buf answer = BUF_INIT(limits.answer_bytes);
    struct task task = {picture, crop};
    enum worker_end end;
    int rc = -1;

    if (picture.len > PHOTO_MAX_BYTES)
        picture.len = task.picture.len = PHOTO_MAX_BYTES + 1;
    if (worker_run(&answer, &limits, crop_job, &task, &end, e) != 0) {
        explain(end, e);
        goto out;
    }
    if (answer.len <= sizeof *report) {
        err_set(e, ERR_INTERNAL, "The photo's sandbox gave no answer; try again.",
                "照片处理进程没有返回结果，请重试。");
        goto out;
    }
    memcpy(report, answer.data, sizeof *report);
    buf_append(jpeg, slice_part(buf_view(&answer), sizeof *report, answer.len));
    rc = buf_ok(jpeg) ? 0 : err_no_memory(e);
out:
    buf_dispose(&answer);
    return rc;
}

int photo_inspect(struct slice jpeg, int *width, int *height, struct err *e)
{
    struct photo_header h;
    struct err why;
    int rc = -1;

    header_init(&h);
    if (jpeg.len < 4 || jpeg.len > PHOTO_MAX_BYTES || memcmp(jpeg.ptr, "\xFF\xD8\xFF", 3) != 0 ||
        header_read_jpeg(&h, jpeg, &why) != 0 || !h.sequential || h.scans != 1 || h.components != 3 ||
        h.metadata > 0 || h.end != jpeg.len) {
        err_set(e, ERR_INVALID,
                "This is no photo that was checked and cropped here. Upload the photo again (command line: "
                "\"sealpress "
                "photo\").",
                "照片未经检查和裁剪，请重新上传照片（命令行：sealpress photo）。");
        goto out;
    }
    *width = h.width;
    *height = h.height;
    rc = 0;
out:
    header_dispose(&h);
    return rc;
}
