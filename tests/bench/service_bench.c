/* service_bench.c - what the running service does in a second: certificates through HTTP, verification pages.
 * Client and server are separate processes; the server's CPU is that of all its processes.
 *
 * service_bench orders PORT KEY PHOTO_ID COUNT CONNECTIONS SUPERVISOR_PID FIRST
 * service_bench pages PORT TOKENS_FILE COUNT CONNECTIONS SUPERVISOR_PID [IDLE_CONNECTIONS] */
#include "base/file.h"
#include "base/json.h"
#include "bench/cost.h"
#include "bench/workload.h"
#include "support/load.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOKEN = 22, IDLE_MAX = 20000 };

struct bench {
    const char *key, *photo_id;
    long first;
    struct slice tokens; /* one a line */
    long token_count;
    struct buf order;
};

static void next_order(void *arg, long n, struct buf *request)
{
    struct bench *b = arg;

    buf_reset(&b->order);
    workload_order(&b->order, "demo", (int)(b->first + n));
    b->order.len--; /* the brace */
    buf_printf(&b->order, ",\"photo_id\":\"%s\"}", b->photo_id);
    buf_printf(request,
               "POST /v1/certificates HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               b->key, b->order.len);
    buf_append(request, buf_view(&b->order));
}

static void next_page(void *arg, long n, struct buf *request)
{
    struct bench *b = arg;
    uint64_t mixed = (uint64_t)n * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)((mixed >> 20) % (uint64_t)b->token_count) * (TOKEN + 1);

    buf_printf(request, "GET /v/%.*s HTTP/1.1\r\nHost: localhost\r\n\r\n", TOKEN,
               (const char *)b->tokens.ptr + at);
}

static void first_refusal(void *arg, long n, const struct load_answer *a)
{
    static bool said; /* one is enough to see why */

    (void)arg;
    if (a->status / 100 == 2 || said)
        return;
    said = true;
    (void)printf("  first refusal: request %ld, status %d: %.*s\n", n, a->status,
                 (int)(a->body.len < 300 ? a->body.len : 300), (const char *)a->body.ptr);
}

static int run(const struct load *l, long pid, const char *what)
{
    double before = cost_tree_ms((pid_t)pid), own = cost_own_ms(), cpu;
    struct load_report r;
    struct err e;

    if (load_run(&r, l, &e) != 0) {
        (void)fprintf(stderr, "service_bench: %s\n", err_text(&e));
        return 1;
    }
    cpu = cost_tree_ms((pid_t)pid) - before;
    own = cost_own_ms() - own;
    (void)printf("%ld %s over %d connections: %ld fine, %ld refused (4xx), %ld refused (5xx), %ld broken\n",
                 l->count, what, l->connections, r.by_class[2], r.by_class[4], r.by_class[5], r.by_class[0]);
    (void)printf("  %.0f a second of wall time; %.3f ms of server CPU each (%.0f a second and core), %.3f ms "
                 "of client CPU\n",
                 (double)r.by_class[2] / r.wall_ms * 1e3, cpu / (double)l->count,
                 (double)l->count / cpu * 1e3, own / (double)l->count);
    (void)printf("  answered within %.1f ms (half), %.1f (95 %%), %.1f (99 %%), %.1f (all)\n", r.p50_ms,
                 r.p95_ms, r.p99_ms, r.max_ms);
    (void)printf("  memory of all processes (PSS): %.1f MB\n", (double)cost_tree_pss_kib((pid_t)pid) / 1024);
    return 0;
}

static int orders(char **argv)
{
    struct bench b = {.key = argv[3], .photo_id = argv[4], .order = BUF_INIT(64 * 1024)};
    struct load l = {.port = (unsigned)strtoul(argv[2], NULL, 10),
                     .count = strtol(argv[5], NULL, 10),
                     .connections = (int)strtol(argv[6], NULL, 10),
                     .next = next_order,
                     .answered = first_refusal,
                     .arg = &b};
    int status;

    b.first = strtol(argv[8], NULL, 10);
    status = run(&l, strtol(argv[7], NULL, 10), "orders");
    buf_dispose(&b.order);
    return status;
}

static int pages(int argc, char **argv)
{
    struct buf tokens = BUF_INIT((size_t)1 << 30);
    static int idle[IDLE_MAX];
    struct bench b = {.key = NULL};
    struct load l = {.port = (unsigned)strtoul(argv[2], NULL, 10),
                     .count = strtol(argv[4], NULL, 10),
                     .connections = (int)strtol(argv[5], NULL, 10),
                     .next = next_page,
                     .answered = first_refusal,
                     .arg = &b};
    struct err e;
    int status, opened = 0, wanted = argc > 7 ? (int)strtol(argv[7], NULL, 10) : 0;

    if (file_read(&tokens, argv[3], &e) != 0 || tokens.len < TOKEN + 1) {
        (void)fprintf(stderr, "service_bench: no tokens in %s\n", argv[3]);
        return 1;
    }
    b.tokens = buf_view(&tokens);
    b.token_count = (long)(tokens.len / (TOKEN + 1));
    if (wanted > 0) {
        opened = load_idle(idle, wanted < IDLE_MAX ? wanted : IDLE_MAX, l.port);
        (void)printf("beside %d connections that send nothing:\n", opened);
    }
    status = run(&l, strtol(argv[6], NULL, 10), "pages");
    while (opened > 0)
        (void)close(idle[--opened]);
    buf_dispose(&tokens);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 9 && strcmp(argv[1], "orders") == 0)
        return orders(argv);
    if (argc >= 7 && strcmp(argv[1], "pages") == 0)
        return pages(argc, argv);
    (void)fprintf(stderr,
                  "usage: %s orders PORT KEY PHOTO_ID COUNT CONNECTIONS SUPERVISOR_PID FIRST\n"
                  "       %s pages PORT TOKENS_FILE COUNT CONNECTIONS SUPERVISOR_PID [IDLE_CONNECTIONS]\n",
                  argv[0], argv[0]);
    return 2;
}
