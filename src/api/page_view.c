/* page_view.c - from a row of the journal to a page. */
#include "api/page_view.h"
#include <string.h>

struct page_site page_site_of(const struct app *app, const struct request *req)
{
    return (struct page_site){.host = app->config.host,
                              .title_issuer = app->config.title_issuer,
                              .contact = app->config.contact,
                              .demo = app->config.demo,
                              .english = req->english,
                              .now = clock_now()};
}

/* The office's name without the marks where a line of the paper may break. */
static const char *office_of(const json_t *record, const char *role, struct arena *a)
{
    const char *printed = json_text(json_object_get(record, role), "name");
    char *name = printed == NULL ? NULL : arena_text(a, printed), *to = name;

    for (const char *from = name; name != NULL && *from != '\0'; from++)
        if (*from != '|')
            *to++ = *from;
    if (to != NULL)
        *to = '\0';
    return name;
}

static bool names_role(const json_t *roles, const char *role)
{
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const char *name = json_string_value(json_array_get(roles, i));

        if (name != NULL && strcmp(name, role) == 0)
            return true;
    }
    return false;
}

/* A service's own signature is no office's seal and is not listed. */
static int view_seals(struct page_view *v, const struct app *app, const struct certificate_row *row,
                      struct arena *a, struct err *e)
{
    static const char *const roles[] = {"committee", "issuer"};
    bool test = app->config.demo || json_is_true(json_object_get(v->record, "test"));
    json_t *applied = NULL;

    if (json_read(&applied, slice_of(row->seals_json == NULL ? "[]" : row->seals_json), JSON_MAX_BYTES, e) !=
        0)
        return -1;
    for (size_t i = 0; i < 2; i++) {
        const char *office = office_of(v->record, roles[i], a);

        if (office != NULL)
            v->seals[v->certificate.seal_count++] =
                (struct page_seal){.office = office,
                                   .applied = names_role(applied, roles[i]),
                                   .test = test,
                                   .moment = row->created};
    }
    json_decref(applied);
    return 0;
}

static enum page_verdict verdict_of(const struct page_view *v, const struct certificate_row *row)
{
    static const enum page_verdict verdicts[] = {[STATUS_VALID] = PAGE_VALID,
                                                 [STATUS_SUSPENDED] = PAGE_SUSPENDED,
                                                 [STATUS_REVOKED] = PAGE_REVOKED,
                                                 [STATUS_CANCELLED] = PAGE_CANCELLED,
                                                 [STATUS_REPLACED] = PAGE_REPLACED};

    if (row->status != STATUS_VALID)
        return verdicts[row->status];
    if (row->file_fault != 0)
        return PAGE_CANNOT_CONFIRM;
    for (size_t i = 0; i < v->certificate.seal_count; i++)
        if (!v->seals[i].applied)
            return PAGE_VALID_WITHOUT_SEAL;
    return PAGE_VALID;
}

bool page_view_photo(const struct app *app, const struct certificate_row *row)
{
    return !app->config.hide_photo && row->status == STATUS_VALID && row->file_fault == 0 && !row->recorded;
}

static int view_replacement(struct page_view *v, const struct certificate_row *row, struct store *s,
                            struct arena *a, struct err *e)
{
    struct certificate_row new;

    if (row->status != STATUS_REPLACED || row->replaced_by[0] == '\0')
        return 0;
    if (store_certificate(&new, s, row->replaced_by, a, e) != 0)
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    v->certificate.new_number = new.number;
    return 0;
}

int page_view_init(struct page_view *v, const struct app *app, const struct certificate_row *row,
                   struct store *s, struct arena *a, struct err *e)
{
    struct page_certificate *c = &v->certificate;

    memset(v, 0, sizeof *v);
    if (json_read(&v->record, slice_of(row->record_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    *c = (struct page_certificate){.token = row->token,
                                   .record = v->record,
                                   .number = row->number,
                                   .photo = page_view_photo(app, row),
                                   .seals = v->seals,
                                   .recorded = row->recorded,
                                   .has_file = row->file_size > 0,
                                   .status_time = row->status_time,
                                   .status_document = row->status_document};
    /* on old paper the seals are ink */
    if ((!row->recorded && view_seals(v, app, row, a, e) != 0) || view_replacement(v, row, s, a, e) != 0)
        return -1;
    c->verdict = verdict_of(v, row);
    return 0;
}

void page_view_dispose(struct page_view *v)
{
    json_decref(v->record);
    v->record = NULL;
}

int page_answer(const struct request *req, struct response *res, int status, struct buf *html, int rc)
{
    if (rc == 0) {
        res->status = status;
        response_adopt(res, "text/html; charset=utf-8", html);
        response_header(res, "Content-Language", req->english ? "en" : "zh-CN");
    }
    buf_dispose(html);
    return rc;
}

int page_answer_wait(struct app *app, const struct request *req, struct response *res, unsigned seconds,
                     struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);
    const char *retry = arena_printf(req->arena, "%u", seconds);

    if (retry != NULL)
        response_header(res, "Retry-After", retry);
    return page_answer(req, res, 429, &html, page_wait(&html, &site, seconds, e));
}

int page_answer_row(struct app *app, struct request *req, struct response *res,
                    const struct certificate_row *row, struct err *e)
{
    const struct desk *d = req->thread;
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);
    struct page_view v;
    int rc = page_view_init(&v, app, row, d->store, req->arena, e);
    const char *issuer =
        rc == 0 && site.title_issuer[0] == '\0' ? office_of(v.record, "issuer", req->arena) : NULL;

    if (issuer != NULL) /* an installation of many issuers names none itself */
        site.title_issuer = issuer;
    if (rc == 0)
        rc = page_certificate(&html, &site, &v.certificate, e);
    page_view_dispose(&v);
    return page_answer(req, res, 200, &html, rc);
}
