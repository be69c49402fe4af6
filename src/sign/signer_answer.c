/* One request at a time, each judged afresh. */
#include "base/clock.h"
#include "base/digest.h"
#include "sign/cms.h"
#include "sign/signer_internal.h"
#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { COMPLAINTS_PER_MINUTE = 60, SERIALS_PER_MINUTE = 6000 };

struct signer_log_key signer_head_key(const struct signer_state *s)
{
    const struct signer_seal *service = signer_seals_service(s->seals);

    return service == NULL ? (struct signer_log_key){NULL, NULL}
                           : (struct signer_log_key){service->row.id, service->key};
}

/* The error log is no secret, but a stranger's bytes stay out of it: names are checked before. */
void signer_complain(struct signer_state *s, const char *what)
{
    int64_t now = clock_now();
    struct err unsaid;

    if (s->complaint_minute != now / 60) {
        s->complaint_minute = now / 60;
        s->complaints = 0;
    }
    if (s->complaints++ < COMPLAINTS_PER_MINUTE && signer_log_append(s->log, what, now, &unsaid) != 0)
        (void)fprintf(stderr, "sealpress-signer: %s\n", unsaid.en);
}

static void complain_refusal(struct signer_state *s, const struct signer_request *q, enum err_code code)
{
    char seal[33], what[96];

    hex_encode(seal, (struct slice){q->seal, sizeof q->seal});
    (void)snprintf(what, sizeof what, "event=refused seal=%s code=%d%s", seal, (int)code,
                   q->op == SIGNER_OP_GRANT_NEW ? " op=grant" : "");
    signer_complain(s, what);
}

static int log_use(struct signer_state *s, const struct signer_request *q, const struct grant *grant,
                   int64_t now, struct err *e)
{
    char seal[33], journal[33], digest[65], what[512];

    hex_encode(seal, (struct slice){q->seal, sizeof q->seal});
    hex_encode(journal, (struct slice){q->journal, sizeof q->journal});
    hex_encode(digest, (struct slice){q->digest, sizeof q->digest});
    (void)snprintf(what, sizeof what, "seal=%s grant=%s journal=%s digest=%s", seal,
                   grant == NULL ? "service" : grant->id, journal, digest);
    return signer_log_append(s->log, what, now, e);
}

static void log_name(char out[3 * GRANTEE_SIZE], const char *name);

/* On the disk before the answer: the numbers that follow from it are given out at once. */
static int note_serial(struct signer_state *s, const struct signer_request *q, int64_t now, struct err *e)
{
    char counter[3 * GRANTEE_SIZE], what[sizeof counter + 64];

    if (s->serial_minute != now / 60) {
        s->serial_minute = now / 60;
        s->serials = 0;
    }
    if (s->serials++ >= SERIALS_PER_MINUTE)
        return err_set(e, ERR_UNAVAILABLE,
                       "Too many counters of numbers are noted in one minute; wait a minute.",
                       "一分钟内登记的编号流水过多，请稍候一分钟。");
    log_name(counter, q->grantee);
    (void)snprintf(what, sizeof what, "event=serial counter=%s serial=%lld", counter, (long long)q->count);
    return signer_log_append(s->log, what, now, e) == 0 ? signer_log_sync(s->log, e) : -1;
}

static struct grant_book book_of(const struct signer_state *s)
{
    return (struct grant_book){signer_seals_rows(s->seals), service_grants_rows(s->grants), s->counts};
}

/* The use is counted and logged before the signature leaves: what was handed out is on record. */
static int sign(struct signer_state *s, const struct signer_request *q, struct signer_seal *seal, int64_t now,
                struct err *e)
{
    struct grant_book book = book_of(s);
    const struct grant *grant;

    buf_reset(&s->cms);
    if (signer_policy_check(&grant, seal, &book, q->grantee, now, e) != 0 ||
        signer_policy_rate(seal, clock_monotonic_ms(), e) != 0 ||
        cms_build(&s->cms, q->digest, seal->leaf, seal->issuers, seal->key, e) != 0 ||
        (grant != NULL && counts_take(s->counts, grant->id, grant->count, e) != 0) ||
        log_use(s, q, grant, now, e) != 0)
        return -1;
    memcpy(s->answer.body.cms, s->cms.data, s->cms.len);
    s->answer.len = (uint32_t)s->cms.len;
    return 0;
}

static int check(struct signer_state *s, const struct signer_request *q, const struct signer_seal *seal,
                 int64_t now, struct err *e)
{
    struct grant_book book = book_of(s);
    const struct grant *grant;

    if (signer_policy_check(&grant, seal, &book, q->grantee, now, e) != 0)
        return -1;
    s->answer.body.left = signer_policy_left(seal, &book, q->grantee, now);
    s->answer.len = sizeof s->answer.body.left;
    return 0;
}

/* A name from outside in a line of printable ASCII without spaces. */
static void log_name(char out[3 * GRANTEE_SIZE], const char *name)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = 0;

    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;

        if (c < 0x80 && (isalnum(c) || strchr("-._*", c) != NULL)) {
            out[len++] = (char)c;
        } else {
            out[len++] = '%';
            out[len++] = digits[c >> 4];
            out[len++] = digits[c & 15];
        }
    }
    out[len] = '\0';
}

static int log_grant(struct signer_state *s, const char *event, const char *id, const struct grant_order *o,
                     const char *actor, const char *by, int64_t now, struct err *e)
{
    char to[3 * GRANTEE_SIZE], what[600];

    log_name(to, o->to);
    (void)snprintf(what, sizeof what,
                   "event=%s grant=%s seal=%s to=%s from=%s until=%s count=%lld by=%s actor=%s", event, id,
                   o->seal, to, o->from == NULL ? "-" : o->from, o->until == NULL ? "-" : o->until,
                   (long long)o->count, by, actor);
    return signer_log_append(s->log, what, now, e);
}

static bool actor_fine(const char *actor)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";

    return actor[0] != '\0' && strspn(actor, allowed) == strlen(actor);
}

static int bad_actor(struct err *e)
{
    return err_set(e, ERR_INVALID,
                   "Who gives or revokes a grant is named by 1 to 63 letters, digits and \"-._\".",
                   "授权操作人应以 1 至 63 位字母、数字或 “-._” 表示。");
}

static void show(struct signer_state *s, const struct grant *g, bool active);
static void write_day(char out[11], int64_t moment, int64_t offset);

static const struct grant *find(const struct registry_rows *rows, const char *id)
{
    for (size_t i = 0; i < rows->grant_count; i++) {
        if (strcmp(rows->grants[i].id, id) == 0)
            return &rows->grants[i];
    }
    return NULL;
}

/* Whether g is what the request asks for. */
static bool is_asked_for(const struct signer_state *s, const struct grant *g, const struct signer_request *q)
{
    char from[11], until[11];

    write_day(from, g->from, 0);
    write_day(until, g->until, 1);
    return find(service_grants_rows(s->grants), g->id) == g &&
           memcmp(g->seal, q->seal, sizeof g->seal) == 0 && strcmp(g->to, q->grantee) == 0 &&
           strcmp(from, q->from) == 0 && strcmp(until, q->until) == 0 && g->count == q->count;
}

/* The id of a new grant: the one that the client chose, or any. *given: the grant that has it already,
 * because the same was asked before; else NULL. */
static int choose_id(char id[GRANT_ID_SIZE], const struct grant **given, const struct signer_state *s,
                     const struct signer_request *q, struct err *e)
{
    struct grant_book book = book_of(s);
    uint8_t number[8];

    *given = NULL;
    if (q->grant[0] == '\0') {
        if (random_bytes(number, sizeof number, e) != 0)
            return -1;
        hex_encode(id, (struct slice){number, sizeof number});
        return 0;
    }
    if (strlen(q->grant) != GRANT_ID_SIZE - 1 || strspn(q->grant, "0123456789abcdef") != GRANT_ID_SIZE - 1)
        return err_set(e, ERR_INVALID, "The id of a grant is 16 hexadecimal digits.",
                       "授权编号应为 16 位十六进制数字。");
    memcpy(id, q->grant, GRANT_ID_SIZE);
    for (size_t i = 0; *given == NULL && grant_book_at(&book, i) != NULL; i++) {
        if (strcmp(grant_book_at(&book, i)->id, id) == 0)
            *given = grant_book_at(&book, i);
    }
    if (*given == NULL || is_asked_for(s, *given, q))
        return 0;
    return err_set(e, ERR_CONFLICT, "This request gave another grant before.",
                   "该请求此前已给出另一项授权。");
}

/* First the delegation is counted, then the log says it, then it is so: no grant without both. */
static int give(struct signer_state *s, const struct signer_request *q, const struct signer_seal *seal,
                int64_t now, struct err *e)
{
    struct grant_order o = {seal->row.id, q->grantee, q->from[0] == '\0' ? NULL : q->from,
                            q->until[0] == '\0' ? NULL : q->until, q->count};
    struct grant_book book = book_of(s);
    char id[GRANT_ID_SIZE], by[GRANT_ID_SIZE];
    const struct grant *delegation, *given;
    struct err unsaid;

    if (!actor_fine(q->actor))
        return bad_actor(e);
    if (registry_check_grant(&o, e) != 0)
        return -1;
    if (o.to[0] == '@')
        return err_set(e, ERR_FORBIDDEN, "Only the operator can let the service give grants.",
                       "只有管理员可以允许通过服务授权。");
    if (choose_id(id, &given, s, q, e) != 0)
        return -1;
    if (given != NULL) {
        show(s, given, grant_book_active(&book, given));
        return 0;
    }
    if (signer_policy_delegation(&delegation, seal, &book, now, e) != 0)
        return -1;
    memcpy(by, delegation->id, sizeof by);
    if (counts_take(s->counts, by, delegation->count, e) != 0 ||
        log_grant(s, "grant", id, &o, q->actor, by, now, e) != 0)
        return -1;
    if (service_grants_add(s->grants, id, &o, e) != 0) {
        (void)log_grant(s, "grant-failed", id, &o, q->actor, by, now, &unsaid);
        return -1;
    }
    given = find(service_grants_rows(s->grants), id);
    if (given == NULL)
        return err_no_memory(e); /* it was written a moment ago */
    show(s, given, true);
    return 0;
}

static int take_back(struct signer_state *s, const struct signer_request *q, int64_t now, struct err *e)
{
    struct grant_book book = book_of(s);
    const struct grant *g = find(book.service, q->grant);
    char what[160];

    if (!actor_fine(q->actor))
        return bad_actor(e);
    if (find(book.registry, q->grant) != NULL)
        return err_set(e, ERR_FORBIDDEN,
                       "Grant %s was given by the operator, who alone can revoke it: sealpress seal "
                       "revoke-grant %s",
                       "授权 %s 由管理员给出，只能由管理员撤销：sealpress seal revoke-grant %s", q->grant,
                       q->grant);
    if (g == NULL)
        return err_set(e, ERR_NOT_FOUND, "There is no such grant.", "没有该授权。");
    if (!grant_book_active(&book, g))
        return 0;
    if (service_grants_revoke(s->grants, q->grant, e) != 0)
        return -1;
    (void)snprintf(what, sizeof what, "event=revoke-grant grant=%s actor=%s", q->grant, q->actor);
    return signer_log_append(s->log, what, now, e);
}

/* The day of a moment, or "" for never. offset: until is the end of its day. */
static void write_day(char out[11], int64_t moment, int64_t offset)
{
    struct date d;

    out[0] = '\0';
    if (moment == INT64_MIN || moment == INT64_MAX)
        return;
    d = date_in_shanghai(moment - offset);
    (void)snprintf(out, 11, "%04u-%02u-%02u", (unsigned)d.year % 10000, (unsigned)d.month % 100,
                   (unsigned)d.day % 100);
}

static void show(struct signer_state *s, const struct grant *g, bool active)
{
    struct signer_grant *out = &s->answer.body.grant;

    memset(out, 0, sizeof *out);
    memcpy(out->id, g->id, sizeof g->id);
    hex_encode(out->seal_id, (struct slice){g->seal, sizeof g->seal});
    memcpy(out->grantee, g->to, sizeof g->to);
    write_day(out->from, g->from, 0);
    write_day(out->until, g->until, 1);
    out->count = g->count;
    out->used = counts_used(s->counts, g->id);
    out->active = active;
    out->by_operator = find(service_grants_rows(s->grants), g->id) == NULL;
    s->answer.len = sizeof *out;
}

static int show_at(struct signer_state *s, const struct signer_request *q, const struct signer_seal *seal,
                   struct err *e)
{
    struct grant_book book = book_of(s);
    const struct grant *g;
    int64_t before = q->count;

    for (size_t i = 0; (g = grant_book_at(&book, i)) != NULL; i++) {
        if (memcmp(g->seal, seal->row.key_id, sizeof g->seal) == 0 && before-- == 0) {
            show(s, g, grant_book_active(&book, g));
            return 0;
        }
    }
    return err_set(e, ERR_NOT_FOUND, "The seal has no further grant.", "该印章没有更多授权。");
}

static bool ended(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

static bool request_fine(const struct signer_request *q, size_t len)
{
    return len == sizeof *q && q->version == SIGNER_PROTOCOL && q->op >= SIGNER_OP_SIGN &&
           q->op <= SIGNER_OP_LAST && ended(q->grantee, sizeof q->grantee) &&
           ended(q->grant, sizeof q->grant) && ended(q->actor, sizeof q->actor) &&
           ended(q->from, sizeof q->from) && ended(q->until, sizeof q->until);
}

/* Operations on one seal. */
static int handle_seal(struct signer_state *s, const struct signer_request *q, int64_t now, struct err *e)
{
    struct signer_seal *seal = signer_seals_lookup(s->seals, q->seal);
    int rc = -1;

    if (seal == NULL) {
        char id[33];

        hex_encode(id, (struct slice){q->seal, sizeof q->seal});
        err_set(e, ERR_NOT_FOUND, "There is no seal %s; \"sealpress seal list\" shows them.",
                "没有印章 %s，可用 sealpress seal list 查看。", id);
    } else if (q->op == SIGNER_OP_CHECK) {
        return check(s, q, seal, now, e);
    } else if (q->op == SIGNER_OP_GRANT_AT) {
        return show_at(s, q, seal, e);
    } else {
        rc = q->op == SIGNER_OP_SIGN ? sign(s, q, seal, now, e) : give(s, q, seal, now, e);
    }
    if (rc != 0)
        complain_refusal(s, q, e->code);
    return rc;
}

static int handle(struct signer_state *s, const struct signer_request *q, struct err *e)
{
    int64_t now = clock_now();

    if (q->op == SIGNER_OP_PING)
        return 0;
    if (q->op == SIGNER_OP_SERIAL)
        return note_serial(s, q, now, e);
    if (signer_seals_refresh(s->seals, e) != 0)
        return -1;
    return q->op == SIGNER_OP_GRANT_REVOKE ? take_back(s, q, now, e) : handle_seal(s, q, now, e);
}

bool signer_answer_request(struct signer_state *s, const struct signer_request *q, size_t len)
{
    bool fine = request_fine(q, len);
    struct err e;
    int rc;

    memset(&e, 0, sizeof e);
    s->answer.len = 0;
    if (fine) {
        rc = handle(s, q, &e);
    } else {
        signer_complain(s, "event=malformed-request");
        rc = err_set(&e, ERR_INTERNAL, "The signer was asked in a way it does not understand.",
                     "签名进程收到无法识别的请求。");
    }
    signer_answer_fill(&s->answer, q->number, rc, &e);
    return fine;
}

void signer_answer_fill(struct signer_answer *a, uint64_t number, int rc, const struct err *e)
{
    a->version = SIGNER_PROTOCOL;
    a->number = number;
    a->code = rc == 0 ? ERR_NONE : e->code;
    a->reserved = 0;
    if (rc == 0)
        return;
    a->len = 0;
    memcpy(a->body.why.en, e->en, sizeof e->en);
    memcpy(a->body.why.zh, e->zh, sizeof e->zh);
    memcpy(a->body.why.detail, e->detail, sizeof e->detail);
}

size_t signer_answer_size(const struct signer_answer *a)
{
    return SIGNER_ANSWER_HEAD + (a->code == ERR_NONE ? a->len : sizeof a->body.why);
}
