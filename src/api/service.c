/* service.c - the service as a whole: what is opened, in which order, and closed again. */
#include "api/app.h"
#include "base/log.h"
#include "http/listen.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RECORDS_THREADS = 2,
    RECORDS_WAITING = 256,
    ISSUING_WAITING = 512,
    INSPECTION_WAITING = 64,
    THREADS_MAX = 256,
    LIMITER_NAMES = 20000,
    PER_MINUTE_KEYS = 5,
    PER_MINUTE_TOKENS = 60,
    PER_MINUTE_NUMBERS = 10,
    REST_MS = 5000,
    /* a child's own limits are 2 s; then the disk and a busy machine */
    INSPECTION_WALL_MS = 15000,
    INSPECTION_ANSWER = 8 * 1024 * 1024
};

/* Those this process may use, which a container may have made fewer. */
static size_t cores(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

    return count < 1 ? 1 : (size_t)count;
}

static int check_may_serve(const struct app *app, struct err *e)
{
    if (app->config.public_url[0] == '\0')
        return err_set(
            e, ERR_INVALID,
            "The public address is not set, and QR codes bear it for ever: set it with \"sealpress "
            "init --public-url https://...\".",
            "尚未设置公开网址（二维码将永久使用它），请用 “sealpress init --public-url https://…” 设置。");
    if (app->config.demo && !listen_is_loopback(app->listen))
        return err_set(
            e, ERR_INVALID,
            "This is a demo directory with test seals; it is served on loopback only, for instance "
            "--listen 127.0.0.1:8080. Make a real one with \"sealpress init\".",
            "这是使用测试印章的示例目录，只能在本机回环地址上提供服务，例如 --listen "
            "127.0.0.1:8080；正式使用请用 “sealpress init” 另建数据目录。");
    return 0;
}

/* They stand in nobody's way but their own documents': said once, and again to whoever asks for one. */
static void log_broken_templates(const struct press *press)
{
    struct log_line l;
    struct err why;

    for (size_t i = 0; i < press_broken_count(press); i++) {
        const char *name = press_broken_at(press, i, &why);

        log_begin(&l, "template_broken");
        log_text(&l, "template", name);
        log_text(&l, "reason", why.en);
        log_end(&l);
    }
}

static int load_presses(struct app *app, struct err *e)
{
    app->press_count = app->config.issuing_threads > 0 ? app->config.issuing_threads : cores();
    if (app->press_count > THREADS_MAX)
        app->press_count = THREADS_MAX;
    app->presses = calloc(app->press_count, sizeof(struct press *));
    if (app->presses == NULL)
        return err_no_memory(e);
    if (press_open(&app->presses[0], e) != 0)
        return -1;
    log_broken_templates(app->presses[0]);
    if (press_warm(app->presses[0], e) != 0)
        return -1;
    for (size_t i = 1; i < app->press_count; i++) {
        if (press_open_beside(&app->presses[i], app->presses[0], e) != 0)
            return -1;
    }
    return page_cache_open(&app->page_cache, e);
}

static int make_limiters(struct app *app, struct err *e)
{
    app->wrong_keys = limiter_new(PER_MINUTE_KEYS, LIMITER_NAMES);
    app->wrong_tokens = limiter_new(PER_MINUTE_TOKENS, LIMITER_NAMES);
    app->wrong_numbers = limiter_new(PER_MINUTE_NUMBERS, LIMITER_NAMES);
    app->working_keys = working_keys_new();
    return app->wrong_keys != NULL && app->wrong_tokens != NULL && app->wrong_numbers != NULL &&
                   app->working_keys != NULL
               ? 0
               : err_no_memory(e);
}

/* Counts the routes of the tables, and lists them where list is not NULL. */
static size_t collect_routes(const struct route **list, const struct route *const *tables)
{
    size_t count = 0;

    for (; tables != NULL && *tables != NULL; tables++) {
        for (const struct route *r = *tables; r->pattern != NULL; r++) {
            if (list != NULL)
                list[count] = r;
            count++;
        }
    }
    return count;
}

/* http/ takes one list of routes. */
static int list_routes(struct app *app, const struct route *const *further, struct err *e)
{
    size_t own = collect_routes(NULL, service_routes);

    app->routes = calloc(own + collect_routes(NULL, further) + 1, sizeof(struct route *));
    if (app->routes == NULL)
        return err_no_memory(e);
    (void)collect_routes(app->routes, service_routes);
    (void)collect_routes(app->routes + own, further);
    return 0;
}

int service_load(struct app **out, const struct service_order *o, struct err *e)
{
    struct app *app = calloc(1, sizeof *app);

    *out = NULL;
    if (app == NULL)
        return err_no_memory(e);
    app->data_dir = strdup(o->data_dir);
    app->listen = strdup(o->listen);
    app->keys_isolated = o->keys_isolated;
    app->limits = o->limits;
    if (app->data_dir == NULL || app->listen == NULL) {
        (void)err_no_memory(e);
        goto fail;
    }
    if (config_load(&app->config, app->data_dir, e) != 0 || check_may_serve(app, e) != 0 ||
        openapi_check(service_routes, openapi_text(), e) != 0 || list_routes(app, o->routes, e) != 0 ||
        make_limiters(app, e) != 0 || load_presses(app, e) != 0)
        goto fail;
    if (app->limits.connections == 0)
        app->limits.connections = app->config.connections;
    *out = app;
    return 0;
fail:
    service_stop(app);
    return -1;
}

int desk_signer(struct desk *d, struct err *e)
{
    if (d->signer != NULL || signer_connect(&d->signer, d->app->data_dir, e) == 0)
        return 0;
    d->signer = NULL;
    if (e->code == ERR_NOT_FOUND) /* here it is an outage, not a wrong question */
        e->code = ERR_UNAVAILABLE;
    return -1;
}

int desk_issuer(struct desk *d, struct err *e)
{
    if (d->issuer != NULL)
        return 0;
    if (desk_signer(d, e) != 0)
        return -1;
    if (issuer_open(&d->issuer, d->app->data_dir, d->press, d->signer, e) != 0) {
        d->issuer = NULL;
        return -1;
    }
    d->store = issuer_store(d->issuer);
    return 0;
}

static void desk_close(void *app, void *thread)
{
    struct desk *d = thread;

    (void)app;
    if (d == NULL)
        return;
    issuer_close(d->issuer);
    signer_close(d->signer);
    store_close(d->own);
    free(d);
}

static struct desk *desk_open(struct app *app, unsigned lane, struct err *e)
{
    struct desk *d = calloc(1, sizeof *d);

    if (d == NULL) {
        (void)err_no_memory(e);
        return NULL;
    }
    d->app = app;
    d->lane = lane;
    if (store_open(&d->own, app->data_dir, false, e) != 0) {
        d->own = NULL;
        desk_close(app, d);
        return NULL;
    }
    d->store = d->own;
    return d;
}

static void *open_inline(void *app, struct err *e)
{
    return desk_open(app, LANE_INLINE, e);
}

static void *open_records(void *app, struct err *e)
{
    struct desk *d = desk_open(app, LANE_RECORDS, e);
    struct err later; /* asked again when it is needed */

    if (d != NULL)
        (void)!desk_signer(d, &later);
    return d;
}

static void *open_issuing(void *arg, struct err *e)
{
    struct app *app = arg;
    struct desk *d = desk_open(app, LANE_ISSUING, e);
    struct err later;

    if (d == NULL)
        return NULL;
    d->press = app->presses[atomic_fetch_add(&app->presses_taken, 1) % app->press_count];
    (void)!desk_issuer(d, &later);
    return d;
}

/* Nobody orders: what only a full batch needs goes back. */
static void rest_issuing(void *app, void *thread)
{
    const struct desk *d = thread;

    (void)app;
    if (d->issuer != NULL)
        issuer_rest(d->issuer);
}

static void *open_inspection(void *arg, struct err *e)
{
    struct app *app = arg;
    struct desk *d = desk_open(app, LANE_INSPECTION, e);

    if (d != NULL)
        d->helper = app->helpers[atomic_fetch_add(&app->helpers_taken, 1) % app->helper_count];
    return d;
}

static int start_helpers(struct app *app, struct err *e)
{
    static const struct helper_limits limits = {.answer_bytes = INSPECTION_ANSWER,
                                                .wall_ms = INSPECTION_WALL_MS};
    size_t count = cores() < THREADS_MAX ? cores() : THREADS_MAX;

    app->helpers = calloc(count, sizeof(struct helper *));
    if (app->helpers == NULL)
        return err_no_memory(e);
    for (; app->helper_count < count; app->helper_count++) {
        if (helper_start(&app->helpers[app->helper_count], inspection_job, app, &limits, e) != 0)
            return -1;
    }
    return 0;
}

/* Once, before anybody else opens it: migration needs the database for itself. */
static int migrate(const struct app *app, struct err *e)
{
    struct store *s = NULL;

    if (store_open(&s, app->data_dir, false, e) != 0)
        return -1;
    store_close(s);
    return 0;
}

static int listen_and_serve(struct app *app, struct err *e)
{
    const struct http_lane lanes[LANES] = {
        [LANE_INLINE] = {.name = "inline", .open = open_inline, .close = desk_close},
        [LANE_RECORDS] = {.name = "records",
                          .threads = RECORDS_THREADS,
                          .capacity = RECORDS_WAITING,
                          .open = open_records,
                          .close = desk_close},
        [LANE_ISSUING] = {.name = "issuing",
                          .threads = (unsigned)app->press_count,
                          .capacity = ISSUING_WAITING,
                          .open = open_issuing,
                          .close = desk_close,
                          .batch = certificates_batch,
                          .rest = rest_issuing,
                          .rest_ms = REST_MS,
                          .together = certificates_together},
        [LANE_INSPECTION] = {.name = "inspection",
                             .threads = (unsigned)app->helper_count,
                             .capacity = INSPECTION_WAITING,
                             .open = open_inspection,
                             .close = desk_close},
    };
    const char *proxies[sizeof app->config.proxies / sizeof app->config.proxies[0] + 1] = {NULL};
    struct http_config config = {.listen = app->listen,
                                 .trusted_proxies = proxies,
                                 .limits = app->limits,
                                 .routes = app->routes,
                                 .lanes = lanes,
                                 .lane_count = LANES,
                                 .app = app,
                                 .enter = caller_enter,
                                 .refuse = respond_refuse,
                                 .dress = respond_dress};
    struct http_server *server = NULL;

    for (size_t i = 0; i < app->config.proxy_count; i++)
        proxies[i] = app->config.proxies[i];
    if (http_start(&server, &config, e) != 0)
        return -1;
    app->server = server;
    return 0;
}

int service_start(struct app *app, struct err *e)
{
    if (migrate(app, e) != 0 || start_helpers(app, e) != 0 || listen_and_serve(app, e) != 0)
        return -1;
    return caretaker_start(app, e);
}

unsigned service_port(const struct app *app)
{
    return http_port(app->server);
}

void service_stop(struct app *app)
{
    if (app == NULL)
        return;
    app->draining = true;
    if (app->caretaker != NULL)
        caretaker_stop(app); /* its work runs on the lanes */
    if (app->server != NULL)
        http_stop(app->server);
    for (size_t i = 0; i < app->helper_count; i++)
        helper_stop(app->helpers[i]);
    for (size_t i = app->press_count; i > 0 && app->presses != NULL; i--) /* the first holds what all share */
        press_close(app->presses[i - 1]);
    page_cache_close(app->page_cache);
    limiter_free(app->wrong_keys);
    limiter_free(app->wrong_tokens);
    limiter_free(app->wrong_numbers);
    working_keys_free(app->working_keys);
    free(app->helpers);
    free(app->presses);
    free((void *)app->routes);
    free((void *)app->data_dir);
    free((void *)app->listen);
    free(app);
}
