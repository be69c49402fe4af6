/* health.c - whether the service lives (/livez), can work (/readyz), and how it does (/metrics). What is
 * behind these was looked at beforehand: asking costs nothing. */
#include "api/caretaker.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { METRICS_MAX = 256 * 1024 };

static int livez(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    (void)req;
    (void)e;
    response_fixed(res, "text/plain; charset=utf-8", slice_of("ok\n"));
    return 0;
}

static json_t *chains_json(const struct health *h)
{
    int64_t days = (h->chain_ends - clock_now()) / 86400;
    char ends[21];

    if (h->chain_ends == 0)
        return json_pack("{sn sn sn sb}", "ends", "seal", "days_left", "warning", 0);
    clock_rfc3339(ends, h->chain_ends);
    return json_pack("{ss ss sI sb}", "ends", ends, "seal", h->chain_seal, "days_left", (json_int_t)days,
                     "warning", days < CHAIN_WARNING_DAYS);
}

static json_t *health_json(const struct request *req, const struct app *app, const struct health *h,
                           bool ready)
{
    const char *problem = req->english ? h->problem_en : h->problem_zh;

    return json_pack("{ss sb sb sI sb sb sb sb sI sI sI sI sb so ss*}", "status",
                     !ready                     ? "not-ready"
                     : h->problem_en[0] == '\0' ? "ready"
                                                : "ready-with-problem",
                     "database", h->database, "disk", h->disk, "disk_free_bytes", (json_int_t)h->disk_free,
                     "signer", h->signer, "resumed", h->resumed, "draining", (bool)app->draining,
                     "keys_isolated", app->keys_isolated, "reserved", (json_int_t)h->reserved, "file_faults",
                     (json_int_t)h->file_faults, "queued", (json_int_t)h->queued, "working",
                     (json_int_t)h->working, "making_halted", h->halted, "chains", chains_json(h), "problem",
                     problem[0] == '\0' ? NULL : problem);
}

/* A damaged file, a chain near its end or a queue that stands still is told, but orders and pages still work:
 * only what stops them is 503. */
static int readyz(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct app *app = arg;
    struct health h;
    bool ready;

    caretaker_look(&h, app);
    ready = h.database && h.disk && h.signer && !app->draining;
    if (!ready)
        response_header(res, "Retry-After", "5");
    return respond_json(res, ready ? 200 : 503, health_json(req, app, &h, ready), e);
}

/* Bytes of this process that are in memory. */
static uint64_t resident_bytes(void)
{
    char text[128] = "";
    FILE *f = fopen("/proc/self/statm", "re");
    char *second;

    if (f == NULL)
        return 0;
    if (fgets(text, sizeof text, f) == NULL)
        text[0] = '\0';
    (void)fclose(f);
    second = strchr(text, ' ');
    return second == NULL ? 0 : strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void put_metric(struct buf *out, const char *name, const char *kind, const char *help, uint64_t value)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, kind, name,
               (unsigned long long)value);
}

static void put_health(struct buf *out, const struct app *app, const struct health *h)
{
    int64_t now = clock_now(), left = h->chain_ends == 0 ? 0 : h->chain_ends - now;

    put_metric(out, "sealpress_certificates_total", "counter", "Certificates issued.", h->issued);
    put_metric(out, "sealpress_certificates_reserved", "gauge", "Certificates with a number but no file yet.",
               h->reserved);
    put_metric(out, "sealpress_file_faults", "gauge", "Stored files that failed their last check.",
               h->file_faults);
    put_metric(out, "sealpress_files_checked_total", "counter", "Stored files hashed anew since the start.",
               h->files_checked);
    put_metric(out, "sealpress_queue_queued", "gauge", "Entries of filings that wait to become certificates.",
               h->queued);
    put_metric(out, "sealpress_queue_working", "gauge", "Entries of which certificates are being made.",
               h->working);
    put_metric(out, "sealpress_queue_oldest_seconds", "gauge", "For how long the first of them has been due.",
               h->oldest == 0 || h->oldest > now ? 0 : (uint64_t)(now - h->oldest));
    put_metric(out, "sealpress_queue_halted", "gauge", "Whether nothing that waits can be made now.",
               h->halted);
    put_metric(out, "sealpress_disk_free_bytes", "gauge", "Free space where the data directory lies.",
               h->disk_free);
    put_metric(out, "sealpress_database_up", "gauge", "Whether the database can be written.", h->database);
    put_metric(out, "sealpress_signer_up", "gauge", "Whether the signer answers.", h->signer);
    put_metric(out, "sealpress_draining", "gauge", "Whether the service is ending.", app->draining);
    if (h->chain_ends != 0)
        buf_printf(out,
                   "# HELP sealpress_chain_days_left Days until the first chain of a seal ends.\n"
                   "# TYPE sealpress_chain_days_left gauge\nsealpress_chain_days_left %lld\n",
                   (long long)(left / 86400));
    put_metric(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
    buf_append_text(out, "# HELP sealpress_build_info The version.\n# TYPE sealpress_build_info gauge\n"
                         "sealpress_build_info{version=\"" SEALPRESS_VERSION "\"} 1\n");
}

static int metrics(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct buf out = BUF_INIT(METRICS_MAX);
    const struct app *app = arg;
    struct health h;

    (void)req;
    caretaker_look(&h, app);
    put_health(&out, app, &h);
    if (app->server != NULL)
        http_metrics(&out, app->server);
    if (!buf_ok(&out)) {
        buf_dispose(&out);
        return err_no_memory(e);
    }
    response_adopt(res, "text/plain; version=0.0.4; charset=utf-8", &out);
    return 0;
}

const struct route health_routes[] = {{HTTP_GET, "/livez", livez, LANE_INLINE, 0, 0, NULL},
                                      {HTTP_GET, "/readyz", readyz, LANE_INLINE, 0, 0, NULL},
                                      {HTTP_GET, "/metrics", metrics, LANE_INLINE, 0, 0, SCOPE_METRICS},
                                      {.pattern = NULL}};
