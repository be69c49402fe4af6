/* preview.c - the preview as a whole: opened, answering, closed again. */
#include "http/listen.h"
#include "preview/preview_internal.h"
#include <stdlib.h>
#include <string.h>

enum { WATCHERS = 8, WAITING = 32, CONNECTIONS = 64, DRAIN_MS = 2000, ROUTES_MAX = 16 };

static int choose_first(struct preview *p, const struct preview_order *o, struct err *e)
{
    if (o->folder != NULL) {
        p->first = &p->folders.list[0];
        return 0;
    }
    p->first = folders_lookup(&p->folders, o->name);
    if (p->first == NULL)
        return err_set(
            e, ERR_NOT_FOUND,
            "There is no template \"%.60s\"; \"sealpress templates list\" names those there are, and a "
            "folder of yours is written with a slash, ./%.60s.",
            "没有模板 “%1$.60s”，“sealpress templates list” 列出现有模板；自己的文件夹请写成 ./%2$.60s。",
            o->name, o->name);
    return 0;
}

static int serve(struct preview *p, const char *listen, struct err *e)
{
    const struct http_lane lanes[] = {
        {.name = "inline"},
        {.name = "press", .threads = 1, .capacity = WAITING},
        {.name = "watch", .threads = WATCHERS, .capacity = WAITING},
    };
    const struct route *routes[ROUTES_MAX] = {NULL};
    struct http_config config = {.listen = listen,
                                 .threads = 1,
                                 .limits = {.connections = CONNECTIONS, .drain_ms = DRAIN_MS},
                                 .routes = routes,
                                 .lanes = lanes,
                                 .lane_count = sizeof lanes / sizeof lanes[0],
                                 .app = p,
                                 .enter = preview_enter,
                                 .refuse = preview_refuse,
                                 .dress = preview_dress,
                                 .quiet = true};

    for (size_t i = 0; preview_routes[i].pattern != NULL; i++)
        routes[i] = &preview_routes[i];
    return http_start(&p->server, &config, e);
}

int preview_start(struct preview **out, const struct preview_order *o, struct err *e)
{
    struct preview *p;

    *out = NULL;
    if (!listen_is_loopback(o->listen))
        return err_set(
            e, ERR_INVALID,
            "The preview shows files of this machine and listens on loopback only, such as 127.0.0.1:8090; "
            "\"%.60s\" is not.",
            "预览会显示本机文件，只能在回环地址上监听，例如 127.0.0.1:8090；“%.60s” 不是。", o->listen);
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return err_no_memory(e);
    if (o->record != NULL && (p->extra = strdup(o->record)) == NULL) {
        preview_stop(p);
        return err_no_memory(e);
    }
    if (folders_list(&p->folders, o->folder, e) != 0 || choose_first(p, o, e) != 0 ||
        press_open_only(&p->press, "", e) != 0 || serve(p, o->listen, e) != 0) {
        preview_stop(p);
        return -1;
    }
    *out = p;
    return 0;
}

unsigned preview_port(const struct preview *p)
{
    return http_port(p->server);
}

void preview_stop(struct preview *p)
{
    if (p == NULL)
        return;
    atomic_store(&p->ending, true);
    http_stop(p->server);
    for (size_t i = 0; i < KEPT_MAX; i++)
        buf_dispose(&p->kept[i].pdf);
    press_close(p->press);
    folders_dispose(&p->folders);
    free(p->extra);
    free(p);
}
