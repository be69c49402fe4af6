/* workshop_bench.c - a filing put straight into the store, then checked, numbered and made by a workshop: how
 * long each part takes, certificates a second, CPU a certificate, memory.
 *
 * workshop_bench DATA_DIR PROFILE ORGANISER PHOTO.jpg COUNT THREADS (a demo's data directory; nothing else
 * may run on it) */
#include "base/clock.h"
#include "base/file.h"
#include "bench/cost.h"
#include "bench/workload.h"
#include "filing/workshop.h"
#include "records/order.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS_MAX = 16, PHOTO_MAX = 1024 * 1024 };

struct bench {
    const char *data_dir, *profile, *organiser;
    unsigned count;
    size_t threads;
    struct buf photo;
    struct store *store;
    struct press *presses[THREADS_MAX];
    struct workshop *workshop;
    struct filing_row filing;
    char upload[CERTIFICATE_ID_SIZE];
    struct arena a;
    int listener;
    pid_t signer;
};

static int put_photo(struct bench *b, struct err *e)
{
    struct upload u = {.crop_json = "{}",
                       .media_type = "image/jpeg",
                       .source_width = 413,
                       .source_height = 579,
                       .width = 413,
                       .height = 579,
                       .created = clock_now()};
    uint8_t id[16];

    if (random_bytes(id, sizeof id, e) != 0)
        return -1;
    hex_encode(u.id, (struct slice){id, sizeof id});
    sha256(u.original, buf_view(&b->photo));
    sha256(u.photo, buf_view(&b->photo));
    memcpy(b->upload, u.id, sizeof b->upload);
    return store_put_upload(b->store, &u, buf_view(&b->photo), buf_view(&b->photo), e);
}

/* What the filing says of all its entries comes from the filing. */
static json_t *entry_of(const struct bench *b, unsigned row)
{
    static const char *const of_filing[] = {"profile", "biz_no", "approval_no", "issue_date", "year"};
    struct buf text = BUF_INIT(ORDER_MAX_BYTES);
    json_t *json;

    workload_order(&text, b->profile, (int)row);
    json = buf_ok(&text) ? json_loadb((const char *)text.data, text.len, 0, NULL) : NULL;
    for (size_t k = 0; k < sizeof of_filing / sizeof of_filing[0]; k++)
        (void)json_object_del(json, of_filing[k]);
    (void)json_object_set_new(json, "serial", json_integer(row));
    buf_dispose(&text);
    return json;
}

static int add_row(struct bench *b, unsigned row, int64_t now, struct err *e)
{
    json_t *json = entry_of(b, row);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS), document[32];
    struct entry_row r = {.position = row,
                          .serial = row,
                          .name = json_text(json, "name"),
                          .id_type = json_text(json, "id_type"),
                          .id_number = document,
                          .data_json = text};
    struct person p = {.organisation = b->organiser,
                       .name = r.name,
                       .id_type = r.id_type,
                       .id_number = document,
                       .gender = json_text(json, "gender"),
                       .birth_date = json_text(json, "birth_date")};
    bool made;
    int rc;

    (void)snprintf(document, sizeof document, "B%010u", row); /* the list's own key; the data keeps its own */
    memcpy(r.filing, b->filing.id, sizeof r.filing);
    memcpy(r.photo_id, b->upload, sizeof r.photo_id);
    rc = store_put_person(&p, &made, b->store, now, e);
    if (rc == 0) {
        memcpy(r.person, p.id, sizeof r.person);
        rc = store_add_entry(b->store, &r, now, e);
    }
    free(text);
    json_decref(json);
    return rc;
}

static int move(struct bench *b, const char *event, struct err *e)
{
    struct filing_event ev = {
        .moment = clock_now(), .filing = b->filing.id, .event = event, .actor = "command line"};

    return store_move_filing(b->store, &ev, NULL, e);
}

static int make_filing(struct bench *b, struct err *e)
{
    struct profile p;
    int64_t now = clock_now();

    if (store_profile(&p, b->store, b->profile, &b->a, e) != 0 || put_photo(b, e) != 0)
        return -1;
    b->filing = (struct filing_row){.organisation = b->organiser,
                                    .profile = p.id,
                                    .issuer = p.issuer,
                                    .committee = p.committee,
                                    .name = "测试备案",
                                    .approval_no = "皖测社秘〔2026〕1号",
                                    .type = "评审",
                                    .year = 2025,
                                    .created = now};
    if (store_add_filing(b->store, &b->filing, e) != 0 || store_begin(b->store, e) != 0)
        return -1;
    for (unsigned row = 1; row <= b->count; row++) {
        if (add_row(b, row, now, e) != 0)
            return -1;
    }
    return store_commit(b->store, e) != 0 || move(b, "submitted", e) != 0 ? -1 : move(b, "passed", e);
}

static int prepare(struct bench *b, const char *photo, struct err *e)
{
    struct signer_identity who;

    signer_identity_find(&who);
    if (signer_listen(&b->listener, b->data_dir, &who, e) != 0 ||
        signer_start(&b->signer, b->listener, b->data_dir, &who, e) != 0 ||
        file_read(&b->photo, photo, e) != 0)
        return -1;
    for (size_t t = 0; t < b->threads; t++) {
        if ((t == 0 ? press_open(&b->presses[t], e) : press_open_beside(&b->presses[t], b->presses[0], e)) !=
                0 ||
            (t == 0 && press_warm(b->presses[t], e) != 0))
            return -1;
    }
    if (store_open(&b->store, b->data_dir, false, e) != 0)
        return -1;
    return make_filing(b, e);
}

struct instant {
    double wall, own, signer;
};

static struct instant instant_of(const struct bench *b)
{
    return (struct instant){cost_wall_ms(), cost_own_ms(), cost_process_ms(b->signer)};
}

/* Until `done`, or with the reason why it is not done. */
static int wait_until(struct bench *b, bool (*done)(const uint64_t counts[ENTRY_STATES], uint64_t all),
                      struct err *e)
{
    for (;;) {
        uint64_t counts[ENTRY_STATES];

        if (store_count_entries(counts, b->store, b->filing.id, e) != 0)
            return -1;
        if (done(counts, b->count))
            return 0;
        workshop_halt(e, b->workshop);
        if (e->code != ERR_NONE)
            return -1;
        if (counts[ENTRY_FAILED] > 0 || workshop_wait(b->workshop, 20))
            return err_set(e, ERR_INTERNAL, "It ended early.", "提前结束。");
    }
}

static bool is_numbered(const uint64_t counts[ENTRY_STATES], uint64_t all)
{
    (void)all;
    return counts[ENTRY_LISTED] == 0;
}

static bool is_half(const uint64_t counts[ENTRY_STATES], uint64_t all)
{
    return counts[ENTRY_MADE] >= all / 2;
}

static bool is_made(const uint64_t counts[ENTRY_STATES], uint64_t all)
{
    return counts[ENTRY_MADE] >= all;
}

static void print(const char *what, const struct bench *b, const struct instant *from, double count)
{
    struct instant to = instant_of(b);

    (void)printf("%-12s %8.0f ms  %8.1f/s  CPU ms each: server %.3f signer %.3f all %.3f  PSS MB: server "
                 "%.1f signer %.1f\n",
                 what, to.wall - from->wall, count * 1e3 / (to.wall - from->wall),
                 (to.own - from->own) / count, (to.signer - from->signer) / count,
                 (to.own - from->own + to.signer - from->signer) / count,
                 (double)cost_pss_kib(getpid()) / 1024, (double)cost_pss_kib(b->signer) / 1024);
}

static int measure(struct bench *b, struct err *e)
{
    struct filing_actor who = {"command line", NULL, clock_now()};
    struct workshop_order o = {.data_dir = b->data_dir, .presses = b->presses, .threads = b->threads};
    char job[CERTIFICATE_ID_SIZE];
    struct instant begun = instant_of(b), numbered, half;

    if (filing_accession(job, b->store, b->filing.id, &who, e) != 0 ||
        workshop_start(&b->workshop, &o, e) != 0 || wait_until(b, is_numbered, e) != 0)
        return -1;
    print("checked", b, &begun, b->count);
    numbered = instant_of(b);
    if (wait_until(b, is_half, e) != 0)
        return -1;
    print("first half", b, &numbered, b->count / 2.0);
    half = instant_of(b);
    if (wait_until(b, is_made, e) != 0)
        return -1;
    print("second half", b, &half, b->count / 2.0);
    print("all made", b, &numbered, b->count);
    return 0;
}

static void dispose(struct bench *b)
{
    workshop_stop(b->workshop);
    store_close(b->store);
    for (size_t t = b->threads; t > 0; t--)
        press_close(b->presses[t - 1]);
    if (b->signer > 0 && kill(b->signer, SIGTERM) == 0)
        (void)waitpid(b->signer, NULL, 0);
    buf_dispose(&b->photo);
    arena_dispose(&b->a);
}

int main(int argc, char **argv)
{
    static struct bench b = {.photo = BUF_INIT(PHOTO_MAX), .listener = -1};
    struct err e = {0};
    int status = 1;

    if (argc == 7) {
        b.count = (unsigned)strtoul(argv[5], NULL, 10);
        b.threads = (size_t)strtoul(argv[6], NULL, 10);
    }
    if (b.count < 2 || b.threads < 1 || b.threads > THREADS_MAX) {
        (void)fprintf(stderr, "usage: %s DATA_DIR PROFILE ORGANISER PHOTO.jpg COUNT THREADS\n", argv[0]);
        return 2;
    }
    b.data_dir = argv[1];
    b.profile = argv[2];
    b.organiser = argv[3];
    if (prepare(&b, argv[4], &e) == 0 && measure(&b, &e) == 0)
        status = 0;
    else
        (void)fprintf(stderr, "workshop_bench: %s %s %s\n", e.field, err_text(&e), e.detail);
    dispose(&b);
    return status;
}
