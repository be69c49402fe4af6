/* import_work.c - a filing found or made, filled, moved on, and its certificates made, by the server's user.
 */
#include "api/app.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/language.h"
#include "base/worker.h"
#include "cli/import_task.h"
#include "filing/workshop.h"
#include "store/config.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    THREADS_MOST = 16,
    FILINGS_MAX = 200,
    LOOK_MS = 250,
    OUTAGE_MS = 60 * 1000, /* an outage that lasts longer ends the command; the work stays */
    STILL_MS = 15 * 1000,  /* only failures are left, which wait for their next try */
    FAILED_SHOWN = 20,
    PHOTO_WALL_MS = 20 * 1000,
    SHEET_MEMORY = 768 * 1024 * 1024,
    SHEET_CPU_S = 60,
    SHEET_WALL_MS = 100 * 1000
};

struct work {
    const struct import_task *t;
    struct press *press, *presses[THREADS_MOST];
    struct helper *helpers[THREADS_MOST];
    size_t threads, helpers_started;
    struct store *store;
    struct issuer *issuer; /* for laying out; without a signer */
    struct workshop *workshop;
    struct buf packed;
    struct filing_actor who; /* the organiser's part, for all organisations */
    struct import_outcome *o;
    struct arena *a;
};

static volatile sig_atomic_t end_asked;

static void note_end(int number)
{
    (void)number;
    end_asked = 1;
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = note_end};

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* --- prepared --- */

static int pack(struct buf *out, void *arg, struct err *e)
{
    const struct buf *list = arg;

    return sheet_pack(out, buf_view(list), sheet_format_of(buf_view(list)), e);
}

/* Strangers' compressed files are read by a process that can do nothing else. */
static int pack_list(struct work *w, struct err *e)
{
    static const struct worker_limits limits = {SHEET_MEMORY, SHEET_CPU_S, SHEET_WALL_MS, SHEET_OUT_MAX};
    struct buf list = w->t->entries;
    enum worker_end end;

    if (w->t->entries_path == NULL && w->t->old_path == NULL)
        return 0;
    if (worker_run(&w->packed, &limits, pack, &list, &end, e) == 0)
        return 0;
    if (end == WORKER_CRASHED)
        err_set(e, ERR_INVALID, "The list is damaged and cannot be read; save it again.",
                "名单文件已损坏，无法读取，请重新保存。");
    if (end == WORKER_OUT_OF_BOUNDS)
        err_set(e, ERR_TOO_LARGE, "The list takes too much to be read; divide it, or save it as CSV.",
                "名单文件过于复杂，无法读取，请拆分或另存为 CSV。");
    return -1;
}

static size_t cores(const struct config *config)
{
    long count = config->issuing_threads > 0 ? (long)config->issuing_threads : sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : count > THREADS_MOST ? THREADS_MOST : (size_t)count;
}

static bool makes_anything(const struct import_task *t)
{
    return t->approved || t->photos >= 0;
}

/* What reads the installation, before the rights to do so go. */
static int open_presses(struct work *w, struct err *e)
{
    if (press_open(&w->press, e) != 0)
        return -1;
    for (size_t i = 0; i < w->threads && makes_anything(w->t); i++) {
        if (press_open_beside(&w->presses[i], w->press, e) != 0)
            return -1;
    }
    return 0;
}

static int start_helpers(struct work *w, struct err *e)
{
    static const struct helper_limits limits = {.answer_bytes = 2 * 1024 * 1024, .wall_ms = PHOTO_WALL_MS};

    for (; w->helpers_started < w->threads && makes_anything(w->t); w->helpers_started++) {
        if (helper_start(&w->helpers[w->helpers_started], inspection_job, NULL, &limits, e) != 0)
            return -1;
    }
    return 0;
}

static int prepare(struct work *w, struct err *e)
{
    struct config config;

    if (config_load(&config, w->t->data_dir, e) != 0)
        return -1;
    w->threads = cores(&config);
    if (open_presses(w, e) != 0 || signer_become_server(&w->t->who, e) != 0 || pack_list(w, e) != 0 ||
        start_helpers(w, e) != 0 || store_open(&w->store, w->t->data_dir, false, e) != 0)
        return -1;
    return w->t->old_path != NULL ? 0 : issuer_open(&w->issuer, w->t->data_dir, w->press, NULL, e);
}

static void clean_up(struct work *w)
{
    workshop_stop(w->workshop);
    issuer_close(w->issuer);
    store_close(w->store);
    for (size_t i = 0; i < w->helpers_started; i++)
        helper_stop(w->helpers[i]);
    for (size_t i = 0; i < w->threads; i++)
        press_close(w->presses[i]);
    press_close(w->press);
    buf_dispose(&w->packed);
}

/* --- the filing --- */

/* The organiser's filing with this approval number, if there is one: then the command is called again. */
static int find_filing(bool *found, struct work *w, const struct filing_row *plan, struct err *e)
{
    struct filing_filter filter = {.organisation = plan->organisation, .approval_no = plan->approval_no};
    struct filing_row *list = arena_array(w->a, FILINGS_MAX, sizeof *list);
    size_t count;

    *found = false;
    if (list == NULL)
        return err_no_memory(e);
    if (store_list_filings(list, FILINGS_MAX, &count, w->store, &filter, w->a, e) != 0)
        return -1;
    for (size_t i = 0; i < count && !*found; i++) {
        if (strcmp(list[i].approval_no, plan->approval_no) == 0 &&
            strcmp(list[i].organisation, plan->organisation) == 0) {
            w->o->filing = list[i];
            *found = true;
        }
    }
    return 0;
}

static bool is_open(const struct filing_row *f)
{
    return f->status == FILING_EDITING || f->status == FILING_RETURNED;
}

static int keep_filing(struct work *w, const struct filing_order *order, struct faults *faults, struct err *e)
{
    char id[CERTIFICATE_ID_SIZE];
    struct filing_row plan;
    bool found;

    if (filing_plan(&plan, w->store, order, &w->who, faults, w->a, e) != 0 ||
        find_filing(&found, w, &plan, e) != 0)
        return -1;
    if (!found && w->t->check) {
        w->o->filing = plan;
        return 0;
    }
    if (!found)
        return filing_create(&w->o->filing, w->store, order, &w->who, faults, w->a, e);
    memcpy(id, w->o->filing.id, sizeof id);
    if (w->t->check || !is_open(&w->o->filing))
        return 0;
    return filing_change(&w->o->filing, w->store, id, order, &w->who, faults, w->a, e);
}

static int read_filing(struct work *w, struct faults *faults, struct err *e)
{
    struct filing_order order;
    json_t *json = NULL;
    int rc = -1;

    if (json_read(&json, buf_view(&w->t->filing), JSON_MAX_BYTES, e) == 0 &&
        filing_order_read(&order, json, w->a, faults, e) == 0)
        rc = keep_filing(w, &order, faults, e);
    json_decref(json);
    return rc;
}

/* --- filled --- */

static int take_list(struct work *w, struct err *e)
{
    struct filing_row *f = &w->o->filing;
    struct import_order order = {.filing = f->id,
                                 .plan = f->id[0] == '\0' ? f : NULL,
                                 .packed = buf_view(&w->packed),
                                 .check_only = w->t->check,
                                 .partial = w->t->partial,
                                 .replace = true};

    if (w->t->entries_path == NULL)
        return 0;
    if (!is_open(f)) {
        cli_note("the filing was submitted before; its list stays as it is.",
                 "备案已提交过，名单保持不变，未重新导入。");
        return 0;
    }
    cli_progress("checking the list ...", "正在检查名单……");
    w->o->listed = true;
    if (filing_import(&w->o->report, w->store, w->issuer, &order, &w->who, w->a, e) != 0)
        return -1;
    cli_progress(NULL, NULL);
    return 0;
}

static int take_document(struct work *w, struct err *e)
{
    const char *path = w->t->document_path, *name;

    if (path == NULL || !is_open(&w->o->filing))
        return 0;
    name = strrchr(path, '/');
    return store_put_filing_document(w->store, w->o->filing.id, name != NULL ? name + 1 : path,
                                     buf_view(&w->t->document), w->who.now, e);
}

/* An archive of an interrupted call is still being read: that one is waited for. */
static int take_photos(struct work *w, struct err *e)
{
    const char *path = w->t->photos_path, *name;
    char job[CERTIFICATE_ID_SIZE];

    if (w->t->photos < 0)
        return 0;
    name = strrchr(path, '/');
    w->o->has_photos = true;
    if (filing_take_archive(job, w->store, w->o->filing.id, w->t->photos, 0, w->t->photos_size,
                            name != NULL ? name + 1 : path, &w->who, e) == 0)
        return store_job(&w->o->photos, w->store, job, w->a, e);
    if (e->code != ERR_CONFLICT)
        return -1;
    return store_filing_job(&w->o->photos, w->store, w->o->filing.id, "photos", w->a, e);
}

/* --- moved on --- */

static int look_again(struct work *w, struct err *e)
{
    char id[CERTIFICATE_ID_SIZE];

    memcpy(id, w->o->filing.id, sizeof id);
    return store_filing(&w->o->filing, w->store, id, w->a, e);
}

static int submit(struct work *w, struct err *e)
{
    if (look_again(w, e) != 0)
        return -1;
    if (w->t->draft || !is_open(&w->o->filing))
        return 0;
    if (w->o->filing.document_size == 0 && !w->t->approved) {
        cli_note("not submitted yet: the approval document is missing (--document FILE).",
                 "尚未提交审核：缺少批复文件（--document 文件）。");
        return 0;
    }
    return filing_submit(w->store, w->o->filing.id, &w->who, e) == 0 ? look_again(w, e) : -1;
}

static int pass(struct work *w, struct err *e)
{
    struct filing_actor issuer = {w->who.id, w->o->filing.issuer, w->who.now};
    struct signer *signer = NULL;
    int rc;

    if (w->o->filing.status != FILING_REVIEWING)
        return 0;
    if (signer_connect(&signer, w->t->data_dir, e) != 0)
        return -1;
    rc = filing_pass(w->store, signer, w->o->filing.id, NULL, &issuer, e);
    signer_close(signer);
    return rc == 0 ? look_again(w, e) : -1;
}

static int approve(struct work *w, struct err *e)
{
    char job[CERTIFICATE_ID_SIZE];

    if (!w->t->approved)
        return 0;
    if (pass(w, e) != 0)
        return -1;
    if (w->o->filing.accession_state == ACCESSION_DONE)
        return 0;
    return filing_accession(job, w->store, w->o->filing.id, &w->who, e) == 0 ? look_again(w, e) : -1;
}

/* --- made --- */

struct wait {
    int64_t halted_since, made_since; /* milliseconds; 0: not so */
    uint64_t made;
    struct err halt;
};

static bool has_ended(const struct job_row *j)
{
    return j->state != JOB_WAITING && j->state != JOB_WORKING;
}

/* Entries that still wait have all failed before. */
static int only_failures(bool *out, struct work *w, struct arena *a, struct err *e)
{
    static const enum entry_state queued = ENTRY_QUEUED;
    struct entry_filter filter = {.filing = w->o->filing.id, .state = &queued};
    struct entry_row *rows = arena_array(a, FAILED_SHOWN, sizeof *rows);
    uint64_t total;
    size_t count;

    *out = false;
    if (rows == NULL)
        return err_no_memory(e);
    if (store_list_entries(rows, 0, FAILED_SHOWN, &count, &total, w->store, &filter, a, e) != 0)
        return -1;
    *out = total > 0 && total <= FAILED_SHOWN;
    for (size_t i = 0; i < count && *out; i++)
        *out = rows[i].attempts > 0;
    return 0;
}

static int judge_wait(bool *over, struct work *w, struct wait *wait, struct arena *a, struct err *e)
{
    const struct filing_progress *p = &w->o->progress;
    int64_t now = clock_monotonic_ms();

    workshop_halt(&wait->halt, w->workshop);
    if (wait->halt.code == ERR_NONE)
        wait->halted_since = 0;
    else if (wait->halted_since == 0)
        wait->halted_since = now;
    if (wait->halted_since != 0 && now - wait->halted_since > OUTAGE_MS) {
        *e = wait->halt;
        return -1;
    }
    if (wait->made != p->counts[ENTRY_MADE] || wait->made_since == 0 || p->counts[ENTRY_WORKING] > 0) {
        wait->made = p->counts[ENTRY_MADE];
        wait->made_since = now;
    }
    if (now - wait->made_since > STILL_MS && wait->halt.code == ERR_NONE)
        return only_failures(over, w, a, e);
    return 0;
}

/* The accession's job, while it checks and numbers. */
static int accession_job(struct job_row *out, struct work *w, struct arena *a, struct err *e)
{
    *out = (struct job_row){.state = JOB_DONE};
    if (!w->t->approved || w->o->filing.accession_state != ACCESSION_CHECKING)
        return 0;
    return store_filing_job(out, w->store, w->o->filing.id, "accession", a, e);
}

/* One look: *over when nothing more is to be waited for. */
static int look(bool *over, struct work *w, struct wait *wait, struct arena *a, struct err *e)
{
    struct job_row numbering;
    struct filing_row now;

    if (store_filing(&now, w->store, w->o->filing.id, a, e) != 0)
        return -1;
    w->o->filing.accession_state = now.accession_state;
    if (filing_progress(&w->o->progress, w->store, &now, clock_now(), a, e) != 0 ||
        accession_job(&numbering, w, a, e) != 0 ||
        (w->o->has_photos && store_job(&w->o->photos, w->store, w->o->photos.id, a, e) != 0))
        return -1;
    *over = end_asked || ((!w->o->has_photos || has_ended(&w->o->photos)) && has_ended(&numbering) &&
                          (!w->t->approved || w->o->progress.to_make == 0 || now.paused));
    if (!*over && judge_wait(over, w, wait, a, e) != 0)
        return -1;
    import_show_progress(w->o,
                         !has_ended(&numbering)                          ? &numbering
                         : w->o->has_photos && !has_ended(&w->o->photos) ? &w->o->photos
                                                                         : NULL,
                         &wait->halt);
    return 0;
}

static int wait_for_all(struct work *w, struct err *e)
{
    const struct timespec nap = {0, LOOK_MS * 1000L * 1000L};
    struct arena a = ARENA_INIT;
    struct wait wait = {.made = 0};
    bool over = false;
    int rc = 0;

    while (!over && (rc = look(&over, w, &wait, &a, e)) == 0) {
        arena_reset(&a);
        if (!over)
            (void)nanosleep(&nap, NULL);
    }
    cli_progress(NULL, NULL);
    arena_dispose(&a);
    if (rc == 0 && end_asked)
        rc = err_set(e, ERR_UNAVAILABLE, "Interrupted. What was done is kept: run the same command again.",
                     "已中断。已完成的部分已保存，请再次运行同一命令。");
    return rc;
}

static int make(struct work *w, struct err *e)
{
    struct workshop_order order = {.data_dir = w->t->data_dir,
                                   .presses = w->presses,
                                   .threads = w->threads,
                                   .helpers = w->helpers,
                                   .open_photo = helper_open_photo};
    int rc;

    if (!w->t->approved && !w->o->has_photos)
        return 0;
    if (workshop_start(&w->workshop, &order, e) != 0)
        return -1;
    rc = wait_for_all(w, e);
    workshop_stop(w->workshop);
    w->workshop = NULL;
    return rc;
}

/* What there is to tell at the end; texts of the last look are gone. */
static int take_stock(struct work *w, struct err *e)
{
    static const enum entry_state failed = ENTRY_FAILED;
    struct entry_filter filter = {.filing = w->o->filing.id, .state = &failed};
    struct entry_row *rows = arena_array(w->a, FAILED_SHOWN, sizeof *rows);
    uint64_t total;

    if (w->o->filing.id[0] == '\0')
        return 0;
    if (rows == NULL)
        return err_no_memory(e);
    w->o->failed = rows;
    if (look_again(w, e) != 0 ||
        filing_progress(&w->o->progress, w->store, &w->o->filing, clock_now(), w->a, e) != 0 ||
        store_list_entries(rows, 0, FAILED_SHOWN, &w->o->failed_count, &total, w->store, &filter, w->a, e) !=
            0)
        return -1;
    return w->o->has_photos ? store_job(&w->o->photos, w->store, w->o->photos.id, w->a, e) : 0;
}

/* --- the whole --- */

/* Nothing was kept of a list that is refused, so nothing goes on behind it. */
static bool list_refused(const struct work *w)
{
    return w->o->listed && w->o->report.faults.errors > 0 && (w->o->report.imported == 0 || w->t->check);
}

static bool all_well(const struct work *w)
{
    const struct import_outcome *o = w->o;

    return (!o->listed || o->report.faults.errors == 0) &&
           (!o->has_photos || (o->photos.state == JOB_DONE && o->photos.failed == 0)) &&
           (!w->t->approved || (o->filing.accession_state == ACCESSION_DONE &&
                                o->progress.counts[ENTRY_FAILED] == 0 && o->progress.to_make == 0));
}

static int file_all(struct work *w, struct faults *faults, struct err *e)
{
    if (read_filing(w, faults, e) != 0 || take_list(w, e) != 0)
        return -1;
    if (list_refused(w) || w->t->check)
        return 0;
    if (take_document(w, e) != 0 || take_photos(w, e) != 0 || submit(w, e) != 0 || approve(w, e) != 0 ||
        make(w, e) != 0)
        return -1;
    return take_stock(w, e);
}

static int enter_old(struct work *w, struct err *e)
{
    struct import_order order = {
        .packed = buf_view(&w->packed), .check_only = w->t->check, .partial = w->t->partial};

    w->o->listed = true;
    return filing_import_old(&w->o->report, w->store, w->t->profile, &order, &w->who, w->a, e);
}

static int fail_all(const struct faults *faults, const struct err *e)
{
    for (size_t i = 0; i < faults->count; i++)
        (void)cli_fail(&faults->list[i]);
    return faults->count > 0 ? cli_status(faults->list[0].code) : cli_fail(e);
}

int import_work(const struct import_task *t)
{
    struct arena a = {.max = (size_t)256 * 1024 * 1024};
    struct faults faults = {.count = 0};
    struct import_outcome outcome = {.listed = false};
    struct work w = {.t = t,
                     .packed = BUF_INIT(SHEET_OUT_MAX),
                     .who = {"command line", NULL, clock_now()},
                     .o = &outcome,
                     .a = &a};
    struct err e;
    int status;

    watch_signals();
    if (prepare(&w, &e) != 0 || (t->old_path != NULL ? enter_old(&w, &e) : file_all(&w, &faults, &e)) != 0)
        status = fail_all(&faults, &e);
    else if (import_show(t, &outcome, &e) != 0)
        status = cli_fail(&e);
    else
        status = all_well(&w) ? CLI_FINE : CLI_REFUSED;
    clean_up(&w);
    arena_dispose(&a);
    return status;
}
