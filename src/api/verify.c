/* verify.c - POST /v1/verify: is this PDF genuine, and what does the register say about it? */
#include "api/app.h"
#include "api/judgement.h"
#include <string.h>

enum { PDF_MAX = 20 * 1024 * 1024 };

static int check_type(const struct request *req, struct err *e)
{
    const char *type = request_header(req, "Content-Type");
    size_t len = type == NULL ? 0 : strcspn(type, "; ");

    if (len == 15 && strncasecmp(type, "application/pdf", len) == 0 && judgement_is_pdf(req->body))
        return 0;
    (void)refuse_as(req, 415, NULL, 0);
    return err_set(e, ERR_INVALID, "Send the PDF itself as the body, with Content-Type application/pdf.",
                   "请直接以 PDF 文件作为请求内容，Content-Type 为 application/pdf。");
}

static json_t *moment_json(int64_t moment)
{
    char text[21];

    if (moment == 0)
        return json_null();
    clock_rfc3339(text, moment);
    return json_string(text);
}

/* Whoever has the file may know its status; which certificate it is, only the organisation that ordered it.
 */
static json_t *certificate_json(const struct request *req, const struct certificate_row *row)
{
    json_t *out;

    if (row == NULL)
        return json_null();
    out = json_pack("{ss so}", "status", certificate_status_name(row->status), "status_time",
                    moment_json(row->status_time));
    if (out != NULL && caller_sees(req, row->organisation) &&
        (json_object_set_new(out, "id", json_string(row->id)) != 0 ||
         json_object_set_new(out, "certificate_no", json_string(row->number)) != 0)) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static json_t *changes_json(const struct request *req, const struct judgement *j)
{
    json_t *list = json_array();

    for (size_t i = 0; i < j->change_count; i++) {
        if (json_array_append_new(list, json_string(req->english ? j->changes[i].en : j->changes[i].zh)) !=
            0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *answer_json(const struct request *req, const struct judgement *j, json_t *verdict)
{
    return json_pack("{ss ss ss sb sb sI sI so so sO}", "judgement", judgement_name(j->kind), "word",
                     req->english ? j->word_en : j->word_zh, "sentence",
                     req->english ? j->sentence_en : j->sentence_zh, "registered", j->registered, "test",
                     j->test, "seals", (json_int_t)j->seals, "intact_seals", (json_int_t)j->intact_seals,
                     "certificate", certificate_json(req, j->row), "changes", changes_json(req, j), "verdict",
                     verdict);
}

static int verify_post(void *app, struct request *req, struct response *res, struct err *e)
{
    struct desk *d = req->thread;
    json_t *verdict = NULL;
    struct judgement j;
    int rc = -1;

    (void)app;
    if (request_query_check(req, (const char *const[]){NULL}, e) == 0 && check_type(req, e) == 0 &&
        inspect_pdf(d, req->body, &verdict, e) == 0 &&
        judgement_make(&j, verdict, req->body, d->store, req->arena, e) == 0)
        rc = respond_json(res, 200, answer_json(req, &j, verdict), e);
    json_decref(verdict);
    return rc;
}

const struct route verify_routes[] = {
    {HTTP_POST, "/v1/verify", verify_post, LANE_INSPECTION, PDF_MAX, 0, SCOPE_VERIFY}, {.pattern = NULL}};
