/* jobs.c - /v1/jobs: longer work that somebody asked for, and how far it has come. */
#include "api/filings.h"
#include <math.h>
#include <string.h>

enum { JOBS_LIST_MAX = 100 };

static bool put_times(json_t *view, const struct job_row *j)
{
    return view_moment(view, "created", j->created) && view_moment(view, "started", j->started) &&
           view_moment(view, "ended", j->ended);
}

static bool put_job_links(json_t *view, const struct job_row *j)
{
    char self[64], filing[64], certificates[96];

    (void)snprintf(self, sizeof self, "/v1/jobs/%s", j->id);
    (void)snprintf(filing, sizeof filing, "/v1/filings/%s", j->filing);
    (void)snprintf(certificates, sizeof certificates, "/v1/filings/%s/certificates.zip", j->filing);
    return view_value(view, "links",
                      json_pack("{ss ss ss}", "self", self, "filing", filing, "certificates", certificates));
}

/* What becomes of the filing's entries. */
static bool put_progress(json_t *view, const struct request *req, struct store *s, const struct job_row *j)
{
    struct filing_progress p;
    struct filing_row f;
    struct err unasked;

    return store_filing(&f, s, j->filing, req->arena, &unasked) == 0 &&
           filing_progress(&p, s, &f, clock_now(), req->arena, &unasked) == 0 &&
           view_flag(view, "paused", f.paused) && view_progress(view, req, &p);
}

/* An archive of photos has a pace of its own. */
static bool put_pace(json_t *view, const struct job_row *j)
{
    int64_t now = clock_now(), spent = now - j->started;
    double rate;

    if (strcmp(j->kind, "photos") != 0 || j->state != JOB_WORKING || j->started == 0 || spent <= 0 ||
        j->done == 0)
        return true;
    rate = (double)j->done / (double)spent;
    return json_object_set_new(view, "rate", json_real(round(rate * 10) / 10)) == 0 &&
           (j->total <= j->done ||
            view_moment(view, "estimated_end", now + (int64_t)((double)(j->total - j->done) / rate)));
}

json_t *job_view(const struct request *req, struct store *s, const struct job_row *j)
{
    json_t *view = json_object();
    bool fine = view != NULL && view_text(view, "id", j->id) && view_text(view, "kind", j->kind) &&
                view_text(view, "filing", j->filing) && view_text(view, "state", job_state_name(j->state)) &&
                view_text(view, "file_name", j->file_name) && view_number(view, "total", j->total) &&
                view_number(view, "done", j->done) && view_number(view, "failed", j->failed) &&
                view_stored(view, "report", j->report_json) &&
                view_text(view, "problem", req->english ? j->problem_en : j->problem_zh) &&
                put_progress(view, req, s, j) && put_pace(view, j) && put_times(view, j) &&
                put_job_links(view, j);

    if (fine)
        return view;
    json_decref(view);
    return NULL;
}

static int find_job(struct job_row *out, const struct request *req, const char *id, struct err *e)
{
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct filing_row f;

    if (store_job(out, d->store, id, req->arena, e) == 0 &&
        filing_find(&f, d->store, out->filing, &who, req->arena, e) == 0)
        return 0;
    if (e->code != ERR_NOT_FOUND)
        return -1;
    return err_set(e, ERR_NOT_FOUND, "There is no job with this id.", "没有该标识的任务。");
}

int respond_job(struct request *req, struct response *res, const char *job, struct err *e)
{
    const struct desk *d = req->thread;
    const char *address = arena_printf(req->arena, "/v1/jobs/%s", job);
    struct job_row j;

    if (address == NULL)
        return err_no_memory(e);
    if (find_job(&j, req, job, e) != 0 || respond_json(res, 202, job_view(req, d->store, &j), e) != 0)
        return -1;
    response_header(res, "Location", address);
    response_header(res, "Retry-After", "1");
    return 0;
}

static int job_get(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {NULL};
    const struct desk *d = req->thread;
    struct job_row j;

    (void)app;
    if (request_query_check(req, names, e) != 0 || find_job(&j, req, req->params[0], e) != 0)
        return -1;
    return respond_json(res, 200, job_view(req, d->store, &j), e);
}

/* The newest of each kind. */
static int jobs_of_filing(json_t *items, const struct request *req, const char *id, struct err *e)
{
    static const char *const kinds[] = {"accession", "photos"};
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct filing_row f;

    if (filing_find(&f, d->store, id, &who, req->arena, e) != 0)
        return -1;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct job_row j;

        if (store_filing_job(&j, d->store, f.id, kinds[i], req->arena, e) != 0) {
            if (e->code != ERR_NOT_FOUND)
                return -1;
        } else if (json_array_append_new(items, job_view(req, d->store, &j)) != 0) {
            return err_no_memory(e);
        }
    }
    return 0;
}

/* What is going on, whichever the filing. */
static int jobs_going_on(json_t *items, const struct request *req, struct err *e)
{
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct job_row *rows = arena_array(req->arena, JOBS_LIST_MAX, sizeof *rows);
    size_t count;

    if (rows == NULL)
        return err_no_memory(e);
    if (store_list_open_jobs(rows, JOBS_LIST_MAX, &count, d->store, who.organisation, req->arena, e) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(items, job_view(req, d->store, &rows[i])) != 0)
            return err_no_memory(e);
    }
    return 0;
}

static int jobs_list(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"filing", NULL};
    json_t *items;
    const char *id;

    (void)app;
    if (request_query_check(req, names, e) != 0 || query_text(&id, req, "filing", e) != 0)
        return -1;
    items = json_array();
    if (items == NULL)
        return err_no_memory(e);
    if ((id != NULL ? jobs_of_filing(items, req, id, e) : jobs_going_on(items, req, e)) != 0) {
        json_decref(items);
        return -1;
    }
    return respond_json(res, 200, json_pack("{so}", "items", items), e);
}

const struct route job_routes[] = {
    {HTTP_GET, "/v1/jobs", jobs_list, LANE_RECORDS, 0, 0, SCOPE_FILINGS},
    {HTTP_GET, "/v1/jobs/{id}", job_get, LANE_RECORDS, 0, 0, SCOPE_FILINGS},
    {.pattern = NULL},
};
