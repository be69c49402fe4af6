/* A verdict as flat bytes for the pipe, and as JSON for everybody else. */
#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "sign/verify_internal.h"
#include <string.h>

enum { MAX_LISTED = 4096 };

const char *verdict_name(enum verdict_kind kind)
{
    static const char *const names[] = {"genuine",     "test",       "altered",
                                        "not-trusted", "not-signed", "unsupported"};

    return names[kind];
}

static const char *chain_name(enum chain_state state)
{
    static const char *const names[] = {"trusted",       "test",    "unknown",        "expired",
                                        "not-yet-valid", "revoked", "not-for-signing"};

    return names[state];
}

/* --- flat --- */

static void put_number(struct buf *out, uint64_t value)
{
    buf_append_bytes(out, &value, sizeof value);
}

/* NULL stays NULL. */
static void put_text(struct buf *out, const char *text)
{
    put_number(out, text == NULL ? UINT64_MAX : strlen(text));
    if (text != NULL)
        buf_append_text(out, text);
}

static void put_seal(struct buf *out, const struct seal_verdict *s)
{
    put_text(out, s->field);
    put_text(out, s->owner);
    put_text(out, s->issuer);
    put_text(out, s->root);
    put_text(out, s->algorithm);
    put_text(out, s->certificate);
    put_text(out, s->problem_en);
    put_text(out, s->problem_zh);
    put_number(out, (uint64_t)s->signed_at);
    put_number(out, (uint64_t)s->valid_from);
    put_number(out, (uint64_t)s->valid_to);
    put_number(out, s->revision);
    put_number(out, s->page);
    put_number(out, (uint64_t)s->chain);
    put_number(out, (s->has_time ? 1U : 0) | (s->intact ? 2U : 0) | (s->certifies ? 4U : 0) |
                        (s->visible ? 8U : 0) | (s->timestamp ? 16U : 0));
}

void verdict_flatten(struct buf *out, const struct verdict *v)
{
    put_number(out, (uint64_t)v->kind);
    put_text(out, v->reason_en);
    put_text(out, v->reason_zh);
    put_number(out, v->size);
    put_number(out, v->pages);
    buf_append_bytes(out, v->sha256, sizeof v->sha256);
    put_number(out, v->seal_count);
    for (size_t i = 0; i < v->seal_count; i++)
        put_seal(out, &v->seals[i]);
    put_number(out, v->revision_count);
    for (size_t i = 0; i < v->revision_count; i++) {
        put_number(out, v->revisions[i].number);
        put_number(out, v->revisions[i].end);
        put_number(out, v->revisions[i].allowed);
        put_text(out, v->revisions[i].change_en);
        put_text(out, v->revisions[i].change_zh);
    }
}

/* Reading latches its failure, as struct buf does. */
struct flat {
    struct slice rest;
    struct arena *arena;
    bool failed;
};

static uint64_t take_number(struct flat *f, uint64_t max)
{
    uint64_t value = 0;

    if (f->rest.len < sizeof value) {
        f->failed = true;
        return 0;
    }
    memcpy(&value, f->rest.ptr, sizeof value);
    f->rest = slice_part(f->rest, sizeof value, SIZE_MAX);
    if (value > max) {
        f->failed = true;
        return 0;
    }
    return value;
}

static const char *take_text(struct flat *f)
{
    uint64_t len = take_number(f, UINT64_MAX);
    const char *text;

    if (len == UINT64_MAX || f->failed)
        return NULL;
    if (len > f->rest.len) {
        f->failed = true;
        return NULL;
    }
    text = arena_slice(f->arena, slice_part(f->rest, 0, len));
    f->rest = slice_part(f->rest, len, SIZE_MAX);
    f->failed |= text == NULL;
    return text;
}

static void take_seal(struct flat *f, struct seal_verdict *s)
{
    uint64_t bits;

    s->field = take_text(f);
    s->owner = take_text(f);
    s->issuer = take_text(f);
    s->root = take_text(f);
    s->algorithm = take_text(f);
    s->certificate = take_text(f);
    s->problem_en = take_text(f);
    s->problem_zh = take_text(f);
    s->signed_at = (int64_t)take_number(f, UINT64_MAX);
    s->valid_from = (int64_t)take_number(f, UINT64_MAX);
    s->valid_to = (int64_t)take_number(f, UINT64_MAX);
    s->revision = take_number(f, UINT64_MAX);
    s->page = take_number(f, UINT64_MAX);
    s->chain = (enum chain_state)take_number(f, CHAIN_NOT_FOR_SIGNING);
    bits = take_number(f, 31);
    s->has_time = bits & 1;
    s->intact = bits & 2;
    s->certifies = bits & 4;
    s->visible = bits & 8;
    s->timestamp = bits & 16;
    f->failed |= s->field == NULL || s->owner == NULL || s->issuer == NULL || s->root == NULL ||
                 s->algorithm == NULL || s->certificate == NULL;
}

static void take_revision(struct flat *f, struct revision_verdict *r)
{
    r->number = take_number(f, UINT64_MAX);
    r->end = take_number(f, UINT64_MAX);
    r->allowed = take_number(f, 1) == 1;
    r->change_en = take_text(f);
    r->change_zh = take_text(f);
    f->failed |= r->change_en == NULL || r->change_zh == NULL;
}

bool verdict_unflatten(struct verdict *v, struct slice flat, struct arena *a)
{
    struct flat f = {flat, a, false};

    memset(v, 0, sizeof *v);
    v->kind = (enum verdict_kind)take_number(&f, VERDICT_UNSUPPORTED);
    v->reason_en = take_text(&f);
    v->reason_zh = take_text(&f);
    v->size = take_number(&f, UINT64_MAX);
    v->pages = take_number(&f, UINT64_MAX);
    if (f.rest.len < sizeof v->sha256)
        return false;
    memcpy(v->sha256, f.rest.ptr, sizeof v->sha256);
    f.rest = slice_part(f.rest, sizeof v->sha256, SIZE_MAX);
    v->seal_count = take_number(&f, MAX_LISTED);
    v->seals = arena_array(a, v->seal_count + 1, sizeof *v->seals);
    for (size_t i = 0; v->seals != NULL && i < v->seal_count && !f.failed; i++)
        take_seal(&f, &v->seals[i]);
    v->revision_count = take_number(&f, MAX_LISTED);
    v->revisions = arena_array(a, v->revision_count + 1, sizeof *v->revisions);
    for (size_t i = 0; v->revisions != NULL && i < v->revision_count && !f.failed; i++)
        take_revision(&f, &v->revisions[i]);
    return !f.failed && f.rest.len == 0 && v->reason_en != NULL && v->reason_zh != NULL && v->seals != NULL &&
           v->revisions != NULL;
}

/* --- JSON --- */

static json_t *json_moment(int64_t moment)
{
    char text[21];

    clock_rfc3339(text, moment);
    return json_string(text);
}

static json_t *json_maybe(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

static json_t *seal_json(const struct seal_verdict *s)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:b, s:b, s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "field",
        s->field, "owner", s->owner, "issuer", s->issuer, "root", s->root, "signed_at",
        s->has_time ? json_moment(s->signed_at) : json_null(), "valid_from", json_moment(s->valid_from),
        "valid_to", json_moment(s->valid_to), "intact", s->intact, "certifies", s->certifies, "visible",
        s->visible, "timestamp", s->timestamp, "certificate_sha256", s->certificate, "chain",
        chain_name(s->chain), "algorithm", s->algorithm, "revision", (json_int_t)s->revision, "page",
        (json_int_t)s->page, "problem_en", json_maybe(s->problem_en), "problem_zh",
        json_maybe(s->problem_zh));
}

static json_t *revision_json(const struct revision_verdict *r)
{
    return json_pack("{s:I, s:I, s:b, s:s, s:s}", "number", (json_int_t)r->number, "end", (json_int_t)r->end,
                     "allowed", r->allowed, "change_en", r->change_en, "change_zh", r->change_zh);
}

int verdict_json(struct buf *out, const struct verdict *v, struct err *e)
{
    json_t *seals = json_array(), *revisions = json_array(), *all;
    char digest[2 * SHA256_SIZE + 1];
    bool fine = seals != NULL && revisions != NULL;
    int rc = -1;

    for (size_t i = 0; fine && i < v->seal_count; i++)
        fine = json_array_append_new(seals, seal_json(&v->seals[i])) == 0;
    for (size_t i = 0; fine && i < v->revision_count; i++)
        fine = json_array_append_new(revisions, revision_json(&v->revisions[i])) == 0;
    hex_encode(digest, (struct slice){v->sha256, sizeof v->sha256});
    all = json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:I, s:I}", "verdict", verdict_name(v->kind), "reason_en",
                    v->reason_en, "reason_zh", v->reason_zh, "seals", seals, "revisions", revisions, "sha256",
                    digest, "size", (json_int_t)v->size, "pages", (json_int_t)v->pages);
    if (!fine || all == NULL)
        err_no_memory(e);
    else
        rc = json_write(out, all, e);
    json_decref(all);
    return rc;
}
