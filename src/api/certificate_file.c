/* certificate_file.c - the signed PDF of a certificate, byte for byte as it was acknowledged. */
#include "api/caretaker.h"
#include "api/certificates.h"
#include <string.h>

/* Number and name, and for old programs letters and digits alone. */
static const char *file_name_of(const struct certificate_row *row, const char *name, const char *how,
                                struct arena *a)
{
    static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";
    const char *number = row->number[strspn(row->number, plain)] == '\0' ? row->number : row->id;
    const char *ascii = arena_printf(a, "%s.pdf", number),
               *full = arena_printf(a, "%s_%s.pdf", row->number, name);

    return ascii != NULL && full != NULL ? respond_disposition(a, how, ascii, full) : NULL;
}

int certificate_answer_pdf(struct response *res, const struct request *req, const struct certificate_row *row,
                           struct buf *pdf, struct err *e)
{
    json_t *order = certificate_order_json(row);
    const char *name = json_text(order, "name"), *file_name;
    char hex[2 * SHA256_SIZE + 1];

    file_name =
        file_name_of(row, name != NULL ? name : "", row->recorded ? "attachment" : "inline", req->arena);
    json_decref(order);
    hex_encode(hex, (struct slice){row->file_sha256, SHA256_SIZE});
    res->etag = arena_printf(req->arena, "\"%s\"", hex);
    if (file_name == NULL || res->etag == NULL)
        return err_no_memory(e);
    res->ranges = true;
    response_adopt(res, "application/pdf", pdf);
    response_header(res, "Content-Disposition", file_name);
    /* browsers' own viewers break in a sandbox; what embeds it must be ours. An old certificate's file is a
     * stranger's: saved, never opened within our address. */
    response_header(res, "Content-Security-Policy",
                    row->recorded ? "default-src 'none'; sandbox; frame-ancestors 'self'"
                                  : "frame-ancestors 'self'");
    response_header(res, "Cache-Control", "private, no-cache");
    return 0;
}

int certificate_check_holds(const struct request *req, const struct certificate_row *row, struct err *e)
{
    static const struct {
        const char *code, *en, *zh;
    } why[] = {
        [STATUS_SUSPENDED] = {"certificate-suspended", "suspended", "已冻结"},
        [STATUS_REVOKED] = {"certificate-revoked", "revoked", "已撤销"},
        [STATUS_CANCELLED] = {"certificate-cancelled", "cancelled", "已注销"},
        [STATUS_REPLACED] = {"certificate-replaced", "replaced by another", "已换发"},
    };

    if (row->state != CERTIFICATE_ISSUED) {
        (void)refuse_as(req, 409, "in-progress", 0);
        return err_set(e, ERR_IN_PROGRESS, "The certificate is not finished yet; try again soon.",
                       "证书尚未制成，请稍后重试。");
    }
    if (row->status == STATUS_VALID)
        return 0;
    (void)refuse_as(req, 409, why[row->status].code, 0);
    err_set(e, ERR_CONFLICT,
            "The certificate is %s; its file is handed out with ?archive=true only, to keys with the scope "
            "certificates.revoke.",
            "证书%s，仅可由具有 certificates.revoke 权限的密钥以 ?archive=true 取得存档文件。",
            why[row->status].en);
    (void)snprintf(e->zh, sizeof e->zh,
                   "证书%s，仅可由具有 certificates.revoke 权限的密钥以 ?archive=true 取得存档文件。",
                   why[row->status].zh);
    return -1;
}

int certificate_left(struct store *s, const struct certificate_row *row, struct err *e)
{
    return row->handed_out != 0 ? 0 : store_handed_out(s, row->id, clock_now(), e);
}

/* Whether the file is wanted in spite of what became of the certificate. */
static int read_archive(bool *out, const struct request *req, struct err *e)
{
    const char *text = request_query(req, "archive");

    *out = text != NULL && strcmp(text, "true") == 0;
    if (text != NULL && !*out && strcmp(text, "false") != 0) {
        err_set(e, ERR_INVALID, "archive is true or false.", "archive 应为 true 或 false。");
        return err_field(e, "?archive");
    }
    if (!*out || caller_may(req, SCOPE_REVOKE))
        return 0;
    (void)refuse_as(req, 403, "scope-missing", 0);
    return err_set(e, ERR_FORBIDDEN, "Files of the archive need a key with the scope %s.",
                   "取得存档文件需要具有 %s 权限的密钥。", SCOPE_REVOKE);
}

/* An old certificate is a line in the register; its paper was made elsewhere. */
static int refuse_record(const struct request *req, struct err *e)
{
    (void)refuse_as(req, 409, "certificate-recorded", 0);
    return err_set(e, ERR_CONFLICT,
                   "This is an old certificate of which only the registration is kept; it has no file.",
                   "这是历史证书，系统仅有登记信息，没有电子文件。");
}

static int answer_stored(struct request *req, struct response *res, const struct certificate_row *row,
                         bool archive, struct err *e)
{
    struct desk *d = req->thread;
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    struct err unasked;
    int rc = -1;

    if ((!archive || row->state != CERTIFICATE_ISSUED) && certificate_check_holds(req, row, e) != 0)
        return -1;
    if (row->recorded && row->file_size == 0)
        return refuse_record(req, e);
    if (store_file(&pdf, d->store, row, e) != 0) { /* hashed before a byte leaves */
        if (e->code == ERR_UNAVAILABLE && row->file_fault == 0)
            (void)!caretaker_check_row(d->store, row, clock_now(),
                                       &unasked); /* the page says so from now on */
    } else if (certificate_left(d->store, row, e) == 0) {
        rc = certificate_answer_pdf(res, req, row, &pdf, e);
    }
    buf_dispose(&pdf);
    return rc;
}

int certificate_answer_file(struct request *req, struct response *res, const struct certificate_row *row,
                            struct err *e)
{
    bool archive;

    return read_archive(&archive, req, e) == 0 ? answer_stored(req, res, row, archive, e) : -1;
}

int certificate_pdf(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"archive", NULL};
    const struct desk *d = req->thread;
    struct certificate_row row;
    bool archive;

    (void)app;
    if (request_query_check(req, names, e) != 0 || read_archive(&archive, req, e) != 0 ||
        certificate_find(&row, req, d->store, req->params[0], e) != 0)
        return -1;
    return answer_stored(req, res, &row, archive, e);
}

/* --- an old certificate's own file --- */

static int take_file(const struct certificate_row *row, struct store *s, const struct spool *file,
                     const char *actor, struct err *e)
{
    struct spool_view view;
    int rc;

    if (spool_map(&view, file, e) != 0)
        return -1;
    if (view.bytes.len < 5 || memcmp(view.bytes.ptr, "%PDF-", 5) != 0)
        rc = err_set(e, ERR_INVALID, "The file of a certificate must be a PDF.", "证书文件应为 PDF 文件。");
    else
        rc = store_put_recorded_file(s, row->id, view.bytes, clock_now(), actor, e);
    spool_unmap(&view);
    return rc;
}

int certificate_pdf_put(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {NULL};
    const struct desk *d = req->thread;
    struct certificate_row row;
    struct spool file;

    if (request_query_check(req, names, e) != 0 ||
        certificate_find(&row, req, d->store, req->params[0], e) != 0)
        return -1;
    if (!caller_sees(req, row.issuer))
        return err_set(e, ERR_FORBIDDEN,
                       "The file of an old certificate is given by the authority that issued it.",
                       "历史证书的文件由发证机关提供。");
    if (!request_spool(&file, req))
        return err_set(e, ERR_INVALID, "The body is empty; send the PDF itself as the body.",
                       "请求内容为空，请直接以 PDF 文件作为请求内容。");
    if (take_file(&row, d->store, &file, caller_of(req)->key_id, e) != 0 ||
        certificate_find(&row, req, d->store, req->params[0], e) != 0)
        return -1;
    return respond_json(res, 200, certificate_view(app, &row), e);
}
