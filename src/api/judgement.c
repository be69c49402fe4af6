/* judgement.c - from the verdict on the bytes and the rows of the register to one answer. */
#include "api/judgement.h"
#include "base/clock.h"
#include "base/json.h"
#include <ctype.h>
#include <string.h>

enum { ID_DIGITS = 32, IDS_MAX = 16, FILE_MAX = 64 * 1024 * 1024, CHANGES_MAX = 64 };

/* What the judgement is made of. */
struct facts {
    struct judgement *out;
    const json_t *verdict;
    struct slice pdf;
    struct store *store;
    struct arena *a;
    const char *kind;  /* of the verdict */
    size_t signatures; /* in the upload, visible or not */
    size_t untouched;  /* signatures inside what the upload shares with the registered file */
    bool cut;          /* signatures of the registered file are missing */
    bool revoked;      /* a signer's certificate was revoked */
};

const char *judgement_name(enum judgement_kind kind)
{
    static const char *const names[] = {"unreadable", "identical", "not-signed", "altered",
                                        "not-ours",   "revoked",   "cancelled",  "suspended",
                                        "replaced",   "undecided", "test",       "genuine"};

    return names[kind];
}

bool judgement_is_pdf(struct slice file)
{
    /* ISO 32000-2 7.5.2 has it at the beginning; readers have always looked through the first 1024 bytes. */
    return slice_find(slice_part(file, 0, 1024), 0, slice_of("%PDF-")) != SIZE_MAX;
}

/* --- the certificate that the file is --- */

static size_t count_signatures(struct slice s)
{
    static const char word[] = "/ByteRange";
    size_t at = 0, count = 0;

    for (; (at = slice_find(s, at, slice_of(word))) != SIZE_MAX; at += sizeof word - 1)
        count++;
    return count;
}

/* How many of its bytes are those of a whole revision of the registered file, 0 for none. */
static size_t shared_revision(struct slice upload, struct slice registered)
{
    static const char end[] = "%%EOF";
    size_t same = 0, best = 0, at = 0;

    while (same < upload.len && same < registered.len && upload.ptr[same] == registered.ptr[same])
        same++;
    for (; (at = slice_find(registered, at, slice_of(end))) != SIZE_MAX; at += sizeof end - 1) {
        if (at + sizeof end - 1 <= same)
            best = at + sizeof end - 1;
    }
    return best;
}

/* Whether the upload begins with a signed revision of this certificate's file. */
static int compare(bool *same, struct facts *f, const struct certificate_row *row, struct err *e)
{
    struct buf file = BUF_INIT(FILE_MAX);
    uint8_t sha[SHA256_SIZE];
    size_t shared = 0, all = 0;
    int rc = 0;

    *same = false;
    if (store_file(&file, f->store, row, e) == 0) {
        shared = shared_revision(f->pdf, buf_view(&file));
        all = count_signatures(buf_view(&file));
    } else if (e->code == ERR_NO_MEMORY) {
        rc = -1;
    } else if (f->pdf.len >= row->file_size) {
        /* the stored file is damaged or gone, but its digest is known */
        sha256(sha, slice_part(f->pdf, 0, row->file_size));
        shared = memcmp(sha, row->file_sha256, sizeof sha) == 0 ? row->file_size : 0;
    }
    f->untouched = count_signatures(slice_part(f->pdf, 0, shared));
    *same = f->untouched > 0;
    f->cut = *same && f->untouched < all;
    buf_dispose(&file);
    return rc;
}

/* Reads "[<32 digits>" behind a "/ID". */
static bool read_id(char id[CERTIFICATE_ID_SIZE], struct slice s, size_t at)
{
    bool open = false;

    for (; at < s.len && (isspace(s.ptr[at]) || (s.ptr[at] == '[' && !open)); at++)
        open |= s.ptr[at] == '[';
    if (!open || at + ID_DIGITS + 2 > s.len || s.ptr[at] != '<' || s.ptr[at + 1 + ID_DIGITS] != '>')
        return false;
    for (size_t i = 0; i < ID_DIGITS; i++) {
        if (!isxdigit(s.ptr[at + 1 + i]))
            return false;
        id[i] = (char)tolower(s.ptr[at + 1 + i]);
    }
    id[ID_DIGITS] = '\0';
    return true;
}

/* A certificate's id is the first half of its file's /ID in every revision (ISO 32000-2 14.4): where to look;
 * whether it is the same file is decided by its bytes. */
static int find_by_id(struct certificate_row *row, bool *found, struct facts *f, struct err *e)
{
    char id[CERTIFICATE_ID_SIZE], last[CERTIFICATE_ID_SIZE] = "";
    size_t at = 0, tried = 0;

    while (!*found && tried < IDS_MAX && (at = slice_find(f->pdf, at, slice_of("/ID"))) != SIZE_MAX) {
        at += 3;
        if (!read_id(id, f->pdf, at) || strcmp(id, last) == 0)
            continue;
        memcpy(last, id, sizeof last);
        tried++;
        if (store_certificate(row, f->store, id, f->a, e) != 0) {
            if (e->code != ERR_NOT_FOUND)
                return -1;
            continue;
        }
        if (row->state == CERTIFICATE_ISSUED && compare(found, f, row, e) != 0)
            return -1;
    }
    return 0;
}

/* Whether its seals were for tests when it was issued. */
static bool issued_as_test(const struct certificate_row *row)
{
    json_t *record = NULL;
    struct err e;
    bool test = row->record_json != NULL &&
                json_read(&record, slice_of(row->record_json), JSON_MAX_BYTES, &e) == 0 &&
                json_is_true(json_object_get(record, "test"));

    json_decref(record);
    return test;
}

static int find_row(struct facts *f, struct err *e)
{
    struct certificate_row *row = arena_alloc(f->a, sizeof *row);
    uint8_t sha[SHA256_SIZE];
    bool found = false;

    if (row == NULL)
        return err_no_memory(e);
    sha256(sha, f->pdf);
    if (store_certificate_by_file(row, f->store, sha, f->a, e) == 0) {
        f->out->registered = found = true;
        f->untouched = f->signatures;
    } else if (e->code != ERR_NOT_FOUND || find_by_id(row, &found, f, e) != 0) {
        return -1;
    }
    if (found) {
        f->out->row = row;
        f->out->since = row->status_time;
        f->out->test = f->out->test || issued_as_test(row);
    }
    return 0;
}

/* --- what the verdict says --- */

static bool verdict_is(const struct facts *f, const char *name)
{
    return strcmp(f->kind, name) == 0;
}

static bool truth(const json_t *object, const char *member)
{
    return json_is_true(json_object_get(object, member));
}

/* A mark that every test seal's owner and the local test CA bear. */
static bool marked_as_test(const json_t *seal)
{
    const char *owner = json_text(seal, "owner"), *root = json_text(seal, "root");

    return (owner != NULL && strstr(owner, "测试") != NULL) || (root != NULL && strstr(root, "测试") != NULL);
}

static void look_at_seals(struct facts *f, bool *only_expired)
{
    const json_t *seals = json_object_get(f->verdict, "seals"), *seal;
    size_t i;

    *only_expired = true;
    json_array_foreach((json_t *)(uintptr_t)seals, i, seal)
    {
        const char *chain = json_text(seal, "chain");
        bool expired = chain != NULL && strcmp(chain, "expired") == 0;
        bool test = chain != NULL && strcmp(chain, "test") == 0;

        f->signatures++;
        f->out->seals += truth(seal, "visible");
        f->out->intact_seals += truth(seal, "visible") && truth(seal, "intact");
        f->out->test |= test || (expired && marked_as_test(seal));
        f->revoked |= chain != NULL && strcmp(chain, "revoked") == 0;
        *only_expired &= expired || test || (chain != NULL && strcmp(chain, "trusted") == 0);
    }
}

/* --- changes --- */

static int add_change(struct facts *f, const char *en, const char *zh, struct err *e)
{
    if (en == NULL || zh == NULL)
        return err_no_memory(e);
    if (f->out->change_count < CHANGES_MAX)
        f->out->changes[f->out->change_count++] = (struct judgement_change){en, zh};
    return 0;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/* The text as a sentence begins. */
static const char *capital(struct arena *a, const char *text)
{
    char *copy = arena_text(a, text);

    if (copy != NULL)
        copy[0] = (char)toupper((unsigned char)copy[0]);
    return copy;
}

static int list_revisions(struct facts *f, struct err *e)
{
    const json_t *list = json_object_get(f->verdict, "revisions"), *one;
    int rc = 0;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)list, i, one)
    {
        if (rc == 0 && !truth(one, "allowed"))
            rc = add_change(f, capital(f->a, or_empty(json_text(one, "change_en"))),
                            arena_text(f->a, or_empty(json_text(one, "change_zh"))), e);
    }
    return rc;
}

static int list_broken_seals(struct facts *f, struct err *e)
{
    const json_t *list = json_object_get(f->verdict, "seals"), *one;
    int rc = 0;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)list, i, one)
    {
        const char *owner = or_empty(json_text(one, "owner"));
        const char *en = or_empty(json_text(one, "problem_en")), *zh = or_empty(json_text(one, "problem_zh"));

        if (rc != 0 || truth(one, "intact"))
            continue;
        if (owner[0] == '\0')
            rc = add_change(f, arena_printf(f->a, "A seal: %s", en), arena_printf(f->a, "一枚签章：%s", zh),
                            e);
        else
            rc = add_change(f, arena_printf(f->a, "Seal of %s: %s", owner, en),
                            arena_printf(f->a, "%s的签章：%s", owner, zh), e);
    }
    return rc;
}

/* The office's name as the certificate bears it, without the places where a line may break. */
static const char *office_name(struct facts *f, const json_t *record, const char *role)
{
    const char *printed = json_text(json_object_get(record, role), "name");
    char *name = arena_text(f->a, printed == NULL ? role : printed), *to = name;

    for (const char *from = name; name != NULL && *from != '\0'; from++) {
        if (*from != '|')
            *to++ = *from;
    }
    if (to != NULL)
        *to = '\0';
    return name;
}

static int add_removed(struct facts *f, const json_t *record, const char *role, struct err *e)
{
    const char *name = office_name(f, record, role);

    if (name == NULL)
        return err_no_memory(e);
    return add_change(f, arena_printf(f->a, "The seal of %s was removed", name),
                      arena_printf(f->a, "%s的签章被删除", name), e);
}

/* Seals of the registered file that the upload has lost: they come last, so the first ones are still there.
 */
static int list_lost_seals(struct facts *f, struct err *e)
{
    const struct certificate_row *row = f->out->row;
    json_t *roles = NULL, *record = NULL;
    int rc = -1;

    if (row == NULL || !f->cut || (verdict_is(f, "altered") && f->signatures != f->untouched))
        return 0;
    if (json_read(&roles, slice_of(or_empty(row->seals_json)), JSON_MAX_BYTES, e) != 0 ||
        json_read(&record, slice_of(or_empty(row->record_json)), JSON_MAX_BYTES, e) != 0)
        goto out;
    for (size_t i = f->untouched; i < json_array_size(roles); i++) {
        const char *role = or_empty(json_string_value(json_array_get(roles, i)));

        if (add_removed(f, record, role, e) != 0)
            goto out;
    }
    rc = 0;
out:
    json_decref(roles);
    json_decref(record);
    return rc;
}

/* The seal's field bears the role's name: whether the upload still shows it. */
static bool has_field(const struct facts *f, const char *role)
{
    const json_t *list = json_object_get(f->verdict, "seals"), *one;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)list, i, one)
    {
        if (strcmp(or_empty(json_text(one, "field")), role) == 0)
            return true;
    }
    return false;
}

/* What is told of a field by its name only is told better by its office. */
static void drop_changes_of(struct facts *f, const char *role)
{
    const char *quoted = arena_printf(f->a, "“%s”", role);
    size_t kept = 0;

    for (size_t i = 0; i < f->out->change_count && quoted != NULL; i++)
        if (strstr(f->out->changes[i].zh, quoted) == NULL)
            f->out->changes[kept++] = f->out->changes[i];
    if (quoted != NULL)
        f->out->change_count = kept;
}

/* Seals whose bytes are all still there, but which a later revision took off the page. */
static int list_removed_seals(struct facts *f, struct err *e)
{
    const struct certificate_row *row = f->out->row;
    json_t *roles = NULL, *record = NULL;
    int rc = -1;

    if (row == NULL || f->signatures >= f->untouched)
        return 0;
    if (json_read(&roles, slice_of(or_empty(row->seals_json)), JSON_MAX_BYTES, e) != 0 ||
        json_read(&record, slice_of(or_empty(row->record_json)), JSON_MAX_BYTES, e) != 0)
        goto out;
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const char *role = or_empty(json_string_value(json_array_get(roles, i)));

        if (has_field(f, role))
            continue;
        drop_changes_of(f, role);
        if (add_removed(f, record, role, e) != 0)
            goto out;
    }
    rc = 0;
out:
    json_decref(roles);
    json_decref(record);
    return rc;
}

static int list_changes(struct facts *f, struct err *e)
{
    f->out->changes = arena_array(f->a, CHANGES_MAX, sizeof *f->out->changes);
    if (f->out->changes == NULL)
        return err_no_memory(e);
    if (list_revisions(f, e) != 0 || list_broken_seals(f, e) != 0 || list_lost_seals(f, e) != 0 ||
        list_removed_seals(f, e) != 0)
        return -1;
    if (f->out->change_count > 0)
        return 0;
    return add_change(f, arena_text(f->a, or_empty(json_text(f->verdict, "reason_en"))),
                      arena_text(f->a, or_empty(json_text(f->verdict, "reason_zh"))), e);
}

/* --- the judgement --- */

static enum judgement_kind kind_of_status(const struct facts *f)
{
    static const enum judgement_kind kinds[] = {[STATUS_VALID] = JUDGEMENT_GENUINE,
                                                [STATUS_SUSPENDED] = JUDGEMENT_SUSPENDED,
                                                [STATUS_REVOKED] = JUDGEMENT_REVOKED,
                                                [STATUS_CANCELLED] = JUDGEMENT_CANCELLED,
                                                [STATUS_REPLACED] = JUDGEMENT_REPLACED};

    return f->out->row == NULL ? JUDGEMENT_GENUINE : kinds[f->out->row->status];
}

/* JUDGEMENT_UNDECIDED is for the day when revocation is asked for online; a CRL of ours always answers. */
static enum judgement_kind kind_of(const struct facts *f, bool only_expired)
{
    enum judgement_kind status = kind_of_status(f);

    if (verdict_is(f, "unsupported"))
        return JUDGEMENT_UNREADABLE;
    if (verdict_is(f, "altered") || (f->cut && !verdict_is(f, "not-signed")))
        return JUDGEMENT_ALTERED;
    if (f->out->registered && f->out->seals == 0 && status == JUDGEMENT_GENUINE)
        return JUDGEMENT_IDENTICAL;
    if (verdict_is(f, "not-signed"))
        return JUDGEMENT_NOT_SIGNED;
    /* the register itself says that the file is the one that was sealed while the chain was valid */
    if (verdict_is(f, "not-trusted") && !(f->out->registered && only_expired))
        return JUDGEMENT_NOT_OURS;
    if (status != JUDGEMENT_GENUINE)
        return status;
    return f->out->test || verdict_is(f, "test") ? JUDGEMENT_TEST : JUDGEMENT_GENUINE;
}

static void words(struct judgement *out)
{
    static const char *const list[][2] = {
        [JUDGEMENT_UNREADABLE] = {"Cannot be read", "文件打不开"},
        [JUDGEMENT_IDENTICAL] = {"Identical to the registered file", "与登记文件完全一致"},
        [JUDGEMENT_NOT_SIGNED] = {"Not signed", "没有签章"},
        [JUDGEMENT_ALTERED] = {"Altered", "文件被改动"},
        [JUDGEMENT_NOT_OURS] = {"Not ours", "不是本机关的文件"},
        [JUDGEMENT_REVOKED] = {"Revoked", "证书已撤销"},
        [JUDGEMENT_CANCELLED] = {"Cancelled", "证书已注销"},
        [JUDGEMENT_SUSPENDED] = {"Suspended", "证书暂停使用"},
        [JUDGEMENT_REPLACED] = {"Replaced", "证书已换发"},
        [JUDGEMENT_UNDECIDED] = {"Undecided", "暂时无法判断"},
        [JUDGEMENT_TEST] = {"Test seals", "测试签章"},
        [JUDGEMENT_GENUINE] = {"Genuine and unaltered", "文件真实，未被改动"},
    };

    out->word_en = list[out->kind][0];
    out->word_zh = list[out->kind][1];
}

static void say(struct judgement *out, const char *en, const char *zh)
{
    out->sentence_en = en;
    out->sentence_zh = zh;
}

/* Test seals are never called genuine, not even those of a revoked certificate. */
static void say_status(struct facts *f)
{
    struct judgement *j = f->out;
    struct date d = date_in_shanghai(j->since);
    const char *en = j->test ? "The file is unaltered" : "The file is genuine and unaltered";
    const char *zh = j->test ? "文件未被改动" : "文件真实、未被改动";

    if (j->kind == JUDGEMENT_REVOKED || j->kind == JUDGEMENT_CANCELLED)
        say(j,
            arena_printf(f->a, "%s, but the certificate is void since %04d-%02d-%02d.", en, d.year, d.month,
                         d.day),
            arena_printf(f->a, "%s，但证书自 %d年%d月%d日 起失效。", zh, d.year, d.month, d.day));
    else if (j->kind == JUDGEMENT_SUSPENDED)
        say(j, arena_printf(f->a, "%s, but the certificate is under review; do not rely on it for now.", en),
            arena_printf(f->a, "%s，但证书正在核查，暂不能采信。", zh));
    else
        say(j, arena_printf(f->a, "%s, but superseded by a new certificate.", en),
            arena_printf(f->a, "%s，但已被新证书取代。", zh));
}

static void say_not_ours(struct facts *f)
{
    size_t n = f->signatures;

    if (f->revoked)
        say(f->out, "The file is unaltered, but a certificate that sealed it was revoked: it proves nothing.",
            "文件未被改动，但签章证书已被吊销，不能证明其真实。");
    else
        say(f->out,
            arena_printf(
                f->a, "The file bears %zu seal(s) and is unaltered, but by offices we do not vouch for.", n),
            arena_printf(
                f->a, "文件有 %zu 枚签章且未被改动，但签章单位不在本机关的信任名单内，不能证明其真实。", n));
}

static void say_genuine(struct facts *f)
{
    size_t n = f->out->seals;

    if (n == 0)
        say(f->out, "The file bears our system's signature and is unaltered; it bears no office's seal.",
            "文件带有本系统的签名且未被改动，但没有单位签章。");
    else if (f->out->row == NULL)
        say(f->out,
            arena_printf(f->a, "All %zu seal(s) are valid, but the register does not know this document.", n),
            arena_printf(f->a, "%zu 枚签章全部真实，但登记库中没有这份文件。", n));
    else
        say(f->out, arena_printf(f->a, "All %zu seal(s) are valid.", n),
            arena_printf(f->a, "%zu 枚签章全部真实，签章之后只有正常的会签记录。", n));
}

static int sentence(struct facts *f, struct err *e)
{
    struct judgement *j = f->out;

    switch (j->kind) {
    case JUDGEMENT_UNREADABLE:
        say(j, arena_text(f->a, or_empty(json_text(f->verdict, "reason_en"))),
            arena_text(f->a, or_empty(json_text(f->verdict, "reason_zh"))));
        break;
    case JUDGEMENT_IDENTICAL:
        say(j, "It bears no electronic seal; rely on the stamped paper.",
            "本文件没有电子签章，以纸质盖章件为准。");
        break;
    case JUDGEMENT_NOT_SIGNED:
        say(j, "This PDF bears no electronic seal and cannot be verified. For paper, scan the QR code.",
            "这份 PDF 没有电子签章，无法核验真伪。打印件请扫描二维码。");
        break;
    case JUDGEMENT_ALTERED:
        say(j,
            arena_printf(f->a, "%zu change(s) were made after sealing. Do not rely on it.", j->change_count),
            arena_printf(f->a, "签章之后有 %zu 处改动，请勿采信。", j->change_count));
        break;
    case JUDGEMENT_NOT_OURS:
        say_not_ours(f);
        break;
    case JUDGEMENT_REVOKED:
    case JUDGEMENT_CANCELLED:
    case JUDGEMENT_SUSPENDED:
    case JUDGEMENT_REPLACED:
        say_status(f);
        break;
    case JUDGEMENT_UNDECIDED:
        say(j, "The seals are unaltered, but whether their certificates were revoked cannot be told now.",
            "签章未被改动，但暂时查不到签章证书是否被吊销。请稍后重试。");
        break;
    case JUDGEMENT_TEST:
        say(j, "The file is unaltered, but its seals are for tests and prove nothing.",
            "文件未被改动，但签章仅供测试，不具有证明效力。");
        break;
    case JUDGEMENT_GENUINE:
        say_genuine(f);
        break;
    }
    return j->sentence_en != NULL && j->sentence_zh != NULL ? 0 : err_no_memory(e);
}

int judgement_make(struct judgement *out, const json_t *verdict, struct slice pdf, struct store *s,
                   struct arena *a, struct err *e)
{
    struct facts f = {.out = out, .verdict = verdict, .pdf = pdf, .store = s, .a = a};
    bool only_expired;

    *out = (struct judgement){.kind = JUDGEMENT_UNREADABLE};
    f.kind = or_empty(json_text(verdict, "verdict"));
    look_at_seals(&f, &only_expired);
    if (find_row(&f, e) != 0)
        return -1;
    out->kind = kind_of(&f, only_expired);
    if (out->kind == JUDGEMENT_ALTERED && list_changes(&f, e) != 0)
        return -1;
    if (out->kind == JUDGEMENT_UNREADABLE || out->kind == JUDGEMENT_NOT_SIGNED ||
        out->kind == JUDGEMENT_NOT_OURS)
        out->row = NULL; /* nothing about a person for a file that proves nothing */
    words(out);
    return sentence(&f, e);
}
