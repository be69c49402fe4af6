/* service.c - the service as a whole: what is opened, in which order, and closed again. */
#include "api/desks.h"
#include "base/file.h"
#include "base/log.h"
#include "http/listen.h"
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RECORDS_THREADS = 2,
    RECORDS_WAITING = 256,
    ISSUING_WAITING = 512,
    INSPECTION_WAITING = 64,
    FILING_WAITING = 64,
    THREADS_MAX = 256,
    LIMITER_NAMES = 20000,
    PER_MINUTE_KEYS = 5,
    PER_MINUTE_TOKENS = 60,
    PER_MINUTE_NUMBERS = 10,
    REST_MS = 5000,
    /* a child's own limits are 2 s; then the disk and a busy machine */
    INSPECTION_WALL_MS = 15000,
    INSPECTION_ANSWER = 8 * 1024 * 1024,
    SHEET_WALL_MS = 120000 /* a hundred thousand rows take some seconds */
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
    size_t count;

    app->press_count = app->config.issuing_threads > 0 ? app->config.issuing_threads : cores();
    if (app->press_count > THREADS_MAX)
        app->press_count = THREADS_MAX;
    app->workshop_threads = app->press_count;
    count = app->press_count + FILING_THREADS + app->workshop_threads;
    app->presses = calloc(count, sizeof(struct press *));
    if (app->presses == NULL)
        return err_no_memory(e);
    app->presses_opened = count;
    if (press_open(&app->presses[0], e) != 0)
        return -1;
    log_broken_templates(app->presses[0]);
    if (press_warm(app->presses[0], e) != 0)
        return -1;
    for (size_t i = 1; i < count; i++) {
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
    app->exports = export_cache_new();
    return app->exports != NULL && app->wrong_keys != NULL && app->wrong_tokens != NULL &&
                   app->wrong_numbers != NULL && app->working_keys != NULL
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

/* One more helper of the service. */
static int start_helper(struct app *app, const struct helper_limits *limits, struct err *e)
{
    if (helper_start(&app->helpers[app->helpers_started], inspection_job, app, limits, e) != 0)
        return -1;
    app->helpers_started++;
    return 0;
}

/* Those of LANE_INSPECTION, of LANE_FILING, of the workshop. */
static int start_helpers(struct app *app, struct err *e)
{
    static const struct helper_limits photos = {.answer_bytes = INSPECTION_ANSWER,
                                                .wall_ms = INSPECTION_WALL_MS},
                                      lists = {.answer_bytes = SHEET_OUT_MAX, .wall_ms = SHEET_WALL_MS};
    size_t count;

    app->helper_count = cores() < THREADS_MAX ? cores() : THREADS_MAX;
    count = app->helper_count + FILING_THREADS + app->workshop_threads;
    app->helpers = calloc(count, sizeof(struct helper *));
    if (app->helpers == NULL)
        return err_no_memory(e);
    while (app->helpers_started < count) {
        size_t i = app->helpers_started;
        bool filing = i >= app->helper_count && i < app->helper_count + FILING_THREADS;

        if (start_helper(app, filing ? &lists : &photos, e) != 0)
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

/* Where large bodies and the files of jobs wait: strangers' photos and lists, so nobody else's to read. */
static int make_inbox(struct app *app, struct err *e)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/inbox", app->data_dir);
    app->inbox = strdup(path);
    return app->inbox == NULL ? err_no_memory(e) : dir_make(path, 0700, e);
}

static int listen_and_serve(struct app *app, struct err *e)
{
    const struct http_lane lanes[LANES] = {
        [LANE_INLINE] = {.name = "inline", .open = desk_open_inline, .close = desk_close},
        [LANE_RECORDS] = {.name = "records",
                          .threads = RECORDS_THREADS,
                          .capacity = RECORDS_WAITING,
                          .open = desk_open_records,
                          .close = desk_close},
        [LANE_ISSUING] = {.name = "issuing",
                          .threads = (unsigned)app->press_count,
                          .capacity = ISSUING_WAITING,
                          .open = desk_open_issuing,
                          .close = desk_close,
                          .batch = certificates_batch,
                          .rest = desk_rest,
                          .rest_ms = REST_MS,
                          .together = certificates_together},
        [LANE_INSPECTION] = {.name = "inspection",
                             .threads = (unsigned)app->helper_count,
                             .capacity = INSPECTION_WAITING,
                             .open = desk_open_inspection,
                             .close = desk_close},
        [LANE_FILING] = {.name = "filing",
                         .threads = FILING_THREADS,
                         .capacity = FILING_WAITING,
                         .open = desk_open_filing,
                         .close = desk_close,
                         .rest = desk_rest,
                         .rest_ms = REST_MS},
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
                                 .dress = respond_dress,
                                 .spool_dir = app->inbox};
    struct http_server *server = NULL;

    for (size_t i = 0; i < app->config.proxy_count; i++)
        proxies[i] = app->config.proxies[i];
    if (http_start(&server, &config, e) != 0)
        return -1;
    app->server = server;
    return 0;
}

/* Guards app->workshop: handlers may wake it or ask it while it goes. */
static pthread_rwlock_t workshop_door = PTHREAD_RWLOCK_INITIALIZER;

void service_wake(struct app *app)
{
    (void)pthread_rwlock_rdlock(&workshop_door);
    workshop_wake(app->workshop);
    (void)pthread_rwlock_unlock(&workshop_door);
}

void service_halt(struct err *out, const struct app *app)
{
    out->code = ERR_NONE;
    (void)pthread_rwlock_rdlock(&workshop_door);
    if (app->workshop != NULL)
        workshop_halt(out, app->workshop);
    (void)pthread_rwlock_unlock(&workshop_door);
}

static int start_workshop(struct app *app, struct err *e)
{
    const struct workshop_order o = {.data_dir = app->data_dir,
                                     .presses = app->presses + app->press_count + FILING_THREADS,
                                     .threads = app->workshop_threads,
                                     .helpers = app->helpers + app->helper_count + FILING_THREADS,
                                     .open_photo = helper_open_photo};
    struct workshop *w = NULL;

    if (workshop_start(&w, &o, e) != 0)
        return -1;
    (void)pthread_rwlock_wrlock(&workshop_door);
    app->workshop = w;
    (void)pthread_rwlock_unlock(&workshop_door);
    return 0;
}

static void stop_workshop(struct app *app)
{
    struct workshop *w;

    (void)pthread_rwlock_wrlock(&workshop_door);
    w = app->workshop;
    app->workshop = NULL;
    (void)pthread_rwlock_unlock(&workshop_door);
    workshop_stop(w);
}

int service_start(struct app *app, struct err *e)
{
    if (migrate(app, e) != 0 || make_inbox(app, e) != 0 || start_helpers(app, e) != 0 ||
        listen_and_serve(app, e) != 0 || start_workshop(app, e) != 0)
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
    stop_workshop(app);      /* first: what it makes would go on as long as the slowest download */
    if (app->server != NULL)
        http_stop(app->server);
    for (size_t i = 0; i < app->helpers_started; i++)
        helper_stop(app->helpers[i]);
    for (size_t i = app->presses_opened; i > 0; i--) /* the first holds what all share */
        press_close(app->presses[i - 1]);
    export_cache_free(app->exports);
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
    free((void *)app->inbox);
    free(app);
}
