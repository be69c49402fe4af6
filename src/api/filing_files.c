/* filing_files.c - what is sent into a filing and taken out of it as a file: the approval document, an
 * archive of photos, all certificates. */
#include "api/filings.h"
#include "records/text.h"
#include <string.h>

static const char *const file_names[] = {"file_name", NULL};
static const char *const no_names[] = {NULL};

enum { FILE_NAME_MAX = 120 };

/* ?file_name=, for showing only. */
static int read_file_name(const char **out, const struct request *req, struct err *e)
{
    const struct text_rule rule = {FILE_NAME_MAX, false};
    const char *given;
    unsigned changes;

    *out = NULL;
    if (request_query_check(req, file_names, e) != 0 || query_text(&given, req, "file_name", e) != 0)
        return -1;
    if (given != NULL && text_clean(out, &changes, given, &rule, req->arena, e) != 0)
        return err_field(e, "?file_name");
    return 0;
}

static int no_body(struct err *e, const char *en, const char *zh)
{
    return err_set(e, ERR_INVALID, "The body is empty; send %1$s itself as the body.%2$.0s",
                   "请求内容为空，请直接以%2$s作为请求内容。%1$.0s", en, zh);
}

/* --- the approval document --- */

static int take_document(const struct filing_row *f, struct store *s, const struct spool *file,
                         const char *name, int64_t now, struct err *e)
{
    struct spool_view view;
    int rc;

    if (spool_map(&view, file, e) != 0)
        return -1;
    if (view.bytes.len < 5 || memcmp(view.bytes.ptr, "%PDF-", 5) != 0)
        rc = err_set(e, ERR_INVALID, "The approval document must be a PDF file.",
                     "批复文件应为 PDF 文件，请将扫描件或文档另存为 PDF 后上传。");
    else
        rc = store_put_filing_document(s, f->id, name, view.bytes, now, e);
    spool_unmap(&view);
    return rc;
}

int filing_document_put(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct filing_rights rights;
    struct filing_actor who;
    struct filing_row f;
    struct spool file;
    const char *name;

    (void)app;
    if (read_file_name(&name, req, e) != 0 || filing_asked(&f, &who, req, e) != 0)
        return -1;
    filing_rights(&rights, &f, &who);
    if (filing_allows(rights.edit, &f, &who, e) != 0)
        return -1;
    if (!request_spool(&file, req))
        return no_body(e, "the PDF file", " PDF 文件");
    if (take_document(&f, d->store, &file, name, who.now, e) != 0 || filing_asked(&f, &who, req, e) != 0)
        return -1;
    return respond_json(res, 200, filing_view(req, d->store, &f), e);
}

/* A stranger's file: saved, never opened within our address. */
static int answer_document(struct request *req, struct response *res, const struct filing_row *f,
                           struct buf *pdf, struct err *e)
{
    const char *name =
        f->document_no != NULL ? f->document_no : arena_printf(req->arena, "%s_批复文件.pdf", f->approval_no);
    const char *disposition =
        name != NULL ? respond_disposition(req->arena, "attachment", "approval.pdf", name) : NULL;
    char hex[2 * SHA256_SIZE + 1];

    hex_encode(hex, (struct slice){f->document_sha256, SHA256_SIZE});
    res->etag = arena_printf(req->arena, "\"%s\"", hex);
    if (disposition == NULL || res->etag == NULL)
        return err_no_memory(e);
    res->ranges = true;
    response_adopt(res, "application/pdf", pdf);
    response_header(res, "Content-Disposition", disposition);
    response_header(res, "Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'self'");
    response_header(res, "Cache-Control", "private, no-cache");
    return 0;
}

int filing_document_get(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct buf pdf = BUF_INIT(DOCUMENT_PDF_MAX);
    struct filing_actor who;
    struct filing_row f;
    int rc = -1;

    (void)app;
    if (request_query_check(req, no_names, e) != 0 || filing_asked(&f, &who, req, e) != 0)
        goto out;
    if (f.document_size == 0)
        (void)err_set(e, ERR_NOT_FOUND, "The filing has no approval document yet.",
                      "该备案尚未上传批复文件。");
    else if (store_filing_document(&pdf, d->store, &f, e) == 0)
        rc = answer_document(req, res, &f, &pdf, e);
out:
    buf_dispose(&pdf);
    return rc;
}

/* --- an archive of photos --- */

int filing_photos_put(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    char job[CERTIFICATE_ID_SIZE];
    struct filing_actor who;
    struct filing_row f;
    struct spool file;
    const char *name;

    if (read_file_name(&name, req, e) != 0 || filing_asked(&f, &who, req, e) != 0)
        return -1;
    if (!request_spool(&file, req))
        return no_body(e, "the ZIP archive of photos", "照片压缩包（ZIP）");
    if (filing_take_archive(job, d->store, f.id, file.fd, file.offset, file.size, name, &who, e) != 0)
        return -1;
    service_wake(app);
    return respond_job(req, res, job, e);
}

/* --- all certificates --- */

int filing_certificates_zip(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct export_order order = {.filing = req->params[0]};
    struct filing_actor who;
    struct export_row x;
    struct filing_row f;
    const char *address;

    (void)app;
    if (request_query_check(req, no_names, e) != 0 || filing_asked(&f, &who, req, e) != 0 ||
        export_freeze(&x, d->store, &order, &who, req->arena, e) != 0)
        return -1;
    address = arena_printf(req->arena, "/v1/exports/%s.zip", x.id);
    if (address == NULL)
        return err_no_memory(e);
    res->status = 303;
    response_header(res, "Location", address);
    return 0;
}
