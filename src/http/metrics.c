#include "http/http_internal.h"
#include <inttypes.h>

static unsigned long read_count(const atomic_ulong *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

static void metric(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP sealpress_http_%s %s\n# TYPE sealpress_http_%s %s\n", name, help, name, type);
}

static void gauge(struct buf *out, const char *name, const char *help, uint64_t value)
{
    metric(out, name, "gauge", help);
    buf_printf(out, "sealpress_http_%s %" PRIu64 "\n", name, value);
}

static void classes(struct buf *out, const char *method, const char *pattern, const atomic_ulong counts[6])
{
    for (unsigned c = 0; c < 6; c++) {
        unsigned long count = read_count(&counts[c]);

        if (count > 0)
            buf_printf(out, "sealpress_http_requests_total{method=\"%s\",route=\"%s\",status=\"%uxx\"} %lu\n",
                       method, pattern, c, count);
    }
}

static void requests(struct buf *out, const struct http_server *s)
{
    metric(out, "requests_total", "counter", "Requests by route and class of status (0xx: cut).");
    for (size_t i = 0; i < s->routes.count; i++) {
        const struct route_entry *entry = &s->routes.entries[i];

        classes(out, http_method_name(entry->route->method), entry->route->pattern, entry->answered);
    }
    classes(out, "-", "-", s->unrouted);
}

static void durations(struct buf *out, const struct http_server *s)
{
    metric(out, "duration_seconds", "histogram",
           "From the whole request to its answer, waiting in the lane included.");
    for (size_t i = 0; i < s->config.lane_count; i++) {
        const struct lane *l = &s->lanes[i];
        const char *name = l->config->name;
        unsigned long sum = 0;

        for (size_t b = 0; b < LANE_BUCKETS; b++) {
            sum += read_count(&l->buckets[b]);
            buf_printf(out, "sealpress_http_duration_seconds_bucket{lane=\"%s\",le=\"%g\"} %lu\n", name,
                       lane_bucket_ms[b] / 1000.0, sum);
        }
        sum += read_count(&l->buckets[LANE_BUCKETS]);
        buf_printf(out, "sealpress_http_duration_seconds_bucket{lane=\"%s\",le=\"+Inf\"} %lu\n", name, sum);
        buf_printf(out, "sealpress_http_duration_seconds_sum{lane=\"%s\"} %.6f\n", name,
                   (double)read_count(&l->duration_us) / 1e6);
        buf_printf(out, "sealpress_http_duration_seconds_count{lane=\"%s\"} %lu\n", name, sum);
    }
}

/* The lanes' locks are theirs to take: asking how long a queue is changes nothing else. */
static size_t lane_waiting(const struct lane *l)
{
    return atomic_load_explicit(&l->waiting, memory_order_relaxed);
}

static void queues(struct buf *out, const struct http_server *s)
{
    metric(out, "lane_waiting", "gauge", "Requests waiting in the lane.");
    for (size_t i = 1; i < s->config.lane_count; i++)
        buf_printf(out, "sealpress_http_lane_waiting{lane=\"%s\"} %zu\n", s->lanes[i].config->name,
                   lane_waiting(&s->lanes[i]));
    metric(out, "lane_running", "gauge", "Requests in the hands of the lane's threads.");
    for (size_t i = 1; i < s->config.lane_count; i++)
        buf_printf(out, "sealpress_http_lane_running{lane=\"%s\"} %u\n", s->lanes[i].config->name,
                   atomic_load_explicit(&s->lanes[i].running, memory_order_relaxed));
    metric(out, "lane_refused_total", "counter", "Requests refused because the lane was full.");
    for (size_t i = 1; i < s->config.lane_count; i++)
        buf_printf(out, "sealpress_http_lane_refused_total{lane=\"%s\"} %lu\n", s->lanes[i].config->name,
                   read_count(&s->lanes[i].refused));
}

static void connections(struct buf *out, const struct http_server *s)
{
    static const char *const names[CUTS] = {"slow_header", "slow_body", "slow_reader", "long_response",
                                            "evicted"};
    const struct registry *r = &s->registry;

    gauge(out, "connections", "Open connections.", atomic_load(&r->open));
    gauge(out, "connections_limit", "Connections at most.", r->limits.connections);
    gauge(out, "in_flight", "Requests begun and not yet answered.", atomic_load(&s->in_flight));
    gauge(out, "body_bytes", "Bytes of request bodies in memory.", atomic_load(&s->body_bytes));
    gauge(out, "spool_bytes", "Bytes of request bodies on disk, or announced for it.",
          atomic_load(&s->spooler.bytes));
    gauge(out, "lingering", "Closed connections whose client still reads or sends.",
          atomic_load(&r->lingerer_count));
    metric(out, "connections_total", "counter", "Connections accepted.");
    buf_printf(out, "sealpress_http_connections_total %lu\n", read_count(&r->opened));
    metric(out, "cut_total", "counter", "Connections closed by us, by cause.");
    for (size_t i = 0; i < CUTS; i++)
        buf_printf(out, "sealpress_http_cut_total{cause=\"%s\"} %lu\n", names[i], read_count(&r->cuts[i]));
    metric(out, "refused_total", "counter", "Requests refused before their route was looked for.");
    buf_printf(out, "sealpress_http_refused_total{cause=\"crowded\"} %lu\n", read_count(&s->refused_busy));
    buf_printf(out, "sealpress_http_refused_total{cause=\"malformed\"} %lu\n", read_count(&s->malformed));
    metric(out, "sent_bytes_total", "counter", "Bytes of response bodies.");
    buf_printf(out, "sealpress_http_sent_bytes_total %lu\n", read_count(&s->sent_bytes));
}

void http_metrics(struct buf *out, const struct http_server *s)
{
    requests(out, s);
    durations(out, s);
    queues(out, s);
    connections(out, s);
}
