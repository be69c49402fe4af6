/* photos_pages.c - photos of many people at once: an archive, which a job matches to the list, or some files.
 */
#include "console/console_internal.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PHOTO_FILES = 60, PHOTO_FAULTS = 500 };

static int find_for_photos(struct filing_row *row, struct console_filing *f, struct console_visit *v,
                           struct err *e)
{
    if (console_find_filing(row, f, v, e) != 0)
        return -1;
    if (!f->upload_photos)
        return err_set(e, ERR_FORBIDDEN, "Photos are the organiser's to upload.", "照片由组建单位上传。");
    return 0;
}

static int answer_photos(struct console_visit *v, int status, const struct console_filing *f,
                         const struct console_photos *p, struct err *e)
{
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);

    return console_answer(v, status, &html, console_photos_page(&html, &v->site, f, p, e));
}

/* A line of the job's report; the entry by its serial. */
static void take_photo_fault(struct console_photo_fault *out, struct console_visit *v, const char *filing,
                             const json_t *item)
{
    unsigned serial = (unsigned)json_integer_value(json_object_get(item, "serial"));
    struct entry_row row;
    struct err unasked;

    *out = (struct console_photo_fault){.file = arena_text(v->req->arena, console_text(item, "file")),
                                        .name = arena_text(v->req->arena, console_text(item, "name")),
                                        .problem = arena_text(v->req->arena, console_text(item, "problem")),
                                        .advice = arena_text(v->req->arena, console_text(item, "advice")),
                                        .serial = serial};
    if (serial > 0 && store_entry_by_serial(&row, v->d->store, filing, serial, v->req->arena, &unasked) == 0)
        out->entry = arena_text(v->req->arena, row.id);
}

static int fill_photos(struct console_photos *p, struct console_visit *v, const char *filing, struct err *e)
{
    struct console_photo_fault *list = arena_array(v->req->arena, PHOTO_FAULTS, sizeof *list);
    struct job_row job;
    json_t *report, *item;
    size_t i;

    if (list == NULL)
        return err_no_memory(e);
    if (store_filing_job(&job, v->d->store, filing, "photos", v->req->arena, e) != 0)
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    *p = (struct console_photos){.job = true,
                                 .file_name = job.file_name,
                                 .going = job.state == JOB_WAITING || job.state == JOB_WORKING ? GOING_ON
                                          : job.state == JOB_DONE                              ? GOING_DONE
                                                                  : GOING_STOPPED,
                                 .total = job.total,
                                 .done = job.done,
                                 .failed = job.failed,
                                 .problem = job.problem_zh,
                                 .faults = list};
    report = job.report_json == NULL ? NULL : json_loads(job.report_json, 0, NULL);
    json_array_foreach(report, i, item)
    {
        if (p->fault_count < PHOTO_FAULTS)
            take_photo_fault(&list[p->fault_count++], v, filing, item);
    }
    json_decref(report);
    return 0;
}

static int photos_page(struct console_visit *v, struct err *e)
{
    struct console_photos p = {.job = false};
    struct console_filing f;
    struct filing_row row;

    if (find_for_photos(&row, &f, v, e) != 0 || fill_photos(&p, v, row.id, e) != 0)
        return -1;
    return answer_photos(v, 200, &f, &p, e);
}

/* By its serial (0052.jpg, 0052_name.jpg) or by the document number; the name is kept nowhere. */
static int entry_of_file(struct entry_row *out, struct console_visit *v, const char *filing, const char *file,
                         struct err *e)
{
    char stem[80];
    size_t len = strcspn(file, "._");

    if (len > 0 && len < sizeof stem) {
        (void)snprintf(stem, sizeof stem, "%.*s", (int)len, file);
        if (strlen(stem) <= 6 && stem[strspn(stem, "0123456789")] == '\0') {
            if (store_entry_by_serial(out, v->d->store, filing, (unsigned)strtoul(stem, NULL, 10),
                                      v->req->arena, e) == 0)
                return 0;
        } else if (store_entry_by_id_number(out, v->d->store, filing, stem, v->req->arena, e) == 0) {
            return 0;
        }
    }
    return err_set(e, ERR_INVALID, "The file's name is no serial or document number of the list.",
                   "文件名不是名单中的序号，也不是证件号码。");
}

/* A document number may be a file's name: it is shown masked. */
static const char *file_shown(struct console_visit *v, const char *file)
{
    size_t digits = strspn(file, "0123456789");

    return digits >= 10 ? console_masked(v, file) : arena_text(v->req->arena, file);
}

static int take_file(struct console_photo_fault *fault, struct console_visit *v, const char *filing,
                     const char *name, const struct spool *file, struct err *e)
{
    const struct photo_crop whole = {.size = PHOTO_2_CUN};
    char upload[CERTIFICATE_ID_SIZE];
    struct entry_row row = {.serial = 0};
    struct spool_view view;
    int rc;

    *fault = (struct console_photo_fault){
        .file = file_shown(v, name), .name = "", .advice = "以序号命名，例如 0318.jpg"};
    if (entry_of_file(&row, v, filing, name, e) != 0)
        return -1;
    fault->serial = row.serial;
    fault->name = row.name;
    fault->entry = arena_text(v->req->arena, row.id);
    fault->advice = "更换一张照片";
    if (file->size > PHOTO_MAX_BYTES)
        return err_set(e, ERR_TOO_LARGE, "The photo is larger than 10 MB.", "文件超过 10 MB。");
    if (spool_map(&view, file, e) != 0)
        return -1;
    rc =
        filing_take_photo(upload, v->d->store, row.id, view.bytes, &whole, desk_open_photo, v->d, &v->who, e);
    spool_unmap(&view);
    return rc;
}

static bool is_zip(struct console_visit *v, const struct spool *file)
{
    unsigned char head[2];

    (void)v;
    return file->size > 4 && pread(file->fd, head, 2, (off_t)file->offset) == 2 && head[0] == 'P' &&
           head[1] == 'K';
}

static int take_files(struct console_visit *v, const struct filing_row *row, const struct console_filing *f,
                      struct err *e)
{
    struct console_photo_fault *list = arena_array(v->req->arena, PHOTO_FILES, sizeof *list);
    struct console_photos p = {.job = true, .going = GOING_DONE, .faults = list};
    const char *name;
    struct spool file;

    if (list == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < PHOTO_FILES && request_spooled_file_at(&file, &name, v->req, "photos", i); i++) {
        struct err why;

        p.total++;
        p.done++;
        if (take_file(&list[p.fault_count], v, row->id, name == NULL ? "" : name, &file, &why) == 0)
            continue;
        if (why.code == ERR_UNAVAILABLE || why.code == ERR_NO_MEMORY || why.code == ERR_INTERNAL) {
            *e = why;
            return -1;
        }
        list[p.fault_count++].problem = arena_text(v->req->arena, why.zh);
        p.failed++;
    }
    service_wake(v->app);
    if (p.failed == 0)
        return console_go(v, e, "/console/filings/%s?done=photo", row->id);
    return answer_photos(v, 200, f, &p, e);
}

static int photos_post_page(struct console_visit *v, struct err *e)
{
    struct console_photos p = {.job = true, .going = GOING_STOPPED};
    struct err why = {.code = ERR_NONE};
    char job[CERTIFICATE_ID_SIZE];
    const char *name = NULL;
    struct console_filing f;
    struct filing_row row;
    struct spool file;

    if (find_for_photos(&row, &f, v, e) != 0)
        return -1;
    if (!request_spooled_file(&file, &name, v->req, "photos"))
        return err_set(e, ERR_INVALID, "No file was chosen.", "没有选择文件，请先选择照片或压缩包。");
    if (!is_zip(v, &file))
        return take_files(v, &row, &f, e);
    if (filing_take_archive(job, v->d->store, row.id, file.fd, file.offset, file.size,
                            console_file_name(v, name, NULL), &v->who, &why) == 0) {
        service_wake(v->app);
        return console_go(v, e, "/console/filings/%s/photos", row.id);
    }
    if (why.code != ERR_INVALID && why.code != ERR_TOO_LARGE && why.code != ERR_CONFLICT) {
        *e = why;
        return -1;
    }
    p.problem = why.zh;
    return answer_photos(v, respond_status(why.code), &f, &p, e);
}

static int photos_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, photos_page, e);
}

static int photos_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, photos_post_page, e);
}

const struct route photos_page_routes[] = {
    {HTTP_GET, "/console/filings/{id}/photos", photos_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/photos", photos_post, LANE_FILING, (size_t)4 * 1024 * 1024 * 1024,
     ROUTE_FORM | ROUTE_SPOOL, NULL},
    {.pattern = NULL},
};
