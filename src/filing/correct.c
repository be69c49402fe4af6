/* correct.c - 更正: what an entry says is put right after its number was given. */
#include "base/clock.h"
#include "base/json.h"
#include "filing/work_internal.h"
#include "records/text.h"
#include <stdlib.h>
#include <string.h>

/* What a correction may change: what the list said, not the number nor the place in the list. */
static const char *const correctable[] = {
    "name",   "gender",    "birth_date", "id_type", "id_number",   "mobile", "employer",      "uscc",
    "series", "specialty", "title",      "level",   "obtain_mode", "nature", "obtained_date", "note"};

enum { VALUE_MAX = 500 }; /* characters: what an order allows less of is refused where it is laid out */

struct correcting {
    struct issuer *i;
    struct store *s;
    const struct correction *c;
    const struct filing_actor *who;
    struct arena *a;
    struct faults *faults;
    struct filing_row filing;
    struct entry_row entry;
    json_t *old, *new, *before; /* before: the old values of what changes */
    json_t *order;
    struct buf photo;
};

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static void add_fault(struct correcting *x, const char *field, const char *en, const char *zh)
{
    struct err why;

    err_set(&why, ERR_INVALID, "%s%.0s", "%.0s%s", en, zh);
    err_field(&why, "%s", field);
    faults_add(x->faults, &why);
}

static bool may_change(const char *member)
{
    for (size_t k = 0; k < sizeof correctable / sizeof correctable[0]; k++) {
        if (strcmp(correctable[k], member) == 0)
            return true;
    }
    return false;
}

/* Whether value is a text, or nothing where an entry may lack it. */
static bool is_text(struct correcting *x, const char *field, const json_t *value, bool needed)
{
    const struct text_rule rule = {VALUE_MAX, false};
    const char *text = json_string_value(value), *clean;
    unsigned changes;
    struct err why;

    if (json_is_null(value) && !needed)
        return true;
    if (text == NULL || (needed && is_blank(text))) {
        add_fault(x, field, "This must be a text.", "此项应为文字。");
        return false;
    }
    if (text_clean(&clean, &changes, text, &rule, x->a, &why) == 0)
        return true;
    err_field(&why, "%s", field);
    faults_add(x->faults, &why);
    return false;
}

static bool is_value(struct correcting *x, const char *member, const char *field, const json_t *value)
{
    static const char *const needed[] = {"name", "id_type", "id_number"};
    bool is_needed = false;

    for (size_t k = 0; k < sizeof needed / sizeof needed[0]; k++)
        is_needed = is_needed || strcmp(member, needed[k]) == 0;
    if (strcmp(member, "series") != 0)
        return is_text(x, field, value, is_needed);
    return is_text(x, "/changes/series/code", json_object_get(value, "code"), true) &&
           is_text(x, "/changes/series/name", json_object_get(value, "name"), true);
}

/* The entry with its changes, and what it said before. */
static int apply_changes(struct correcting *x, struct err *e)
{
    const char *member;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)x->c->changes, member, value)
    {
        json_t *was = json_object_get(x->old, member);
        char field[128];

        (void)snprintf(field, sizeof field, "/changes/%.100s", member);
        if (!may_change(member)) {
            add_fault(x, field, "This member cannot be corrected.", "此项不能更正。");
            continue;
        }
        if ((was != NULL && json_equal(was, value)) || !is_value(x, member, field, value))
            continue;
        if (json_object_set_new(x->before, member, was != NULL ? json_incref(was) : json_null()) != 0 ||
            json_object_set(x->new, member, value) != 0)
            return err_no_memory(e);
    }
    if (x->faults->count == 0 && json_object_size(x->before) == 0)
        add_fault(x, "/changes", "Nothing changes: the entry says this already.",
                  "没有需要更正的内容：与现有信息一致。");
    return faults_judge(x->faults, e);
}

static int check_words(struct correcting *x, struct err *e)
{
    if (!json_is_object(x->c->changes) || json_object_size(x->c->changes) == 0)
        add_fault(x, "/changes", "Say what to correct: {\"changes\": {\"name\": ...}}.",
                  "请填写更正内容：{\"changes\": {\"name\": …}}。");
    if (is_blank(x->c->reason))
        add_fault(x, "/reason", "Say on what ground it is corrected.", "请填写更正依据。");
    if (is_blank(x->c->approver))
        add_fault(x, "/approver", "Say who approved the correction.", "请填写更正批准人。");
    return faults_judge(x->faults, e);
}

/* What the reader of entries would make of it: one form for all. */
static int read_anew(struct correcting *x, struct err *e)
{
    struct entry entry;

    if (entry_from_json(&entry, x->new, x->a, e) == 0)
        return 0;
    if (e->code == ERR_INVALID)
        faults_add(x->faults, e);
    return -1;
}

static int find(struct correcting *x, const char *id, const char *entry, struct err *e)
{
    struct filing_rights rights;

    if (filing_find(&x->filing, x->s, id, x->who, x->a, e) != 0 ||
        store_entry(&x->entry, x->s, entry, x->a, e) != 0)
        return -1;
    if (strcmp(x->entry.filing, x->filing.id) != 0)
        return err_set(e, ERR_NOT_FOUND, "The filing has no such entry.", "备案中没有此人员记录。");
    filing_rights(&rights, &x->filing, x->who);
    if (!rights.manage || x->filing.accession_state != ACCESSION_DONE)
        return err_set(e, ERR_CONFLICT,
                       "Corrections are for entries that have their number; before, change the list itself.",
                       "入库后才能更正；入库前请直接修改名单。");
    switch (x->entry.state) {
    case ENTRY_WORKING:
        return err_set(e, ERR_IN_PROGRESS, "The certificate is being made; try again in a moment.",
                       "证书正在生成，请稍后再更正。");
    case ENTRY_REMOVED:
        return err_set(e, ERR_CONFLICT, "The entry was taken out of the filing.", "该人员已核减，不能更正。");
    default:
        return 0;
    }
}

/* A row that reads as the order's own faults do. */
static int check_order(struct correcting *x, const char *biz_no, struct err *e)
{
    struct entry_claim claim = {.entry = x->entry.id, .number = x->entry.number};
    struct issue_request r = {.now = x->who->now, .claim = &claim};
    struct entry_row changed = x->entry;
    char *text = json_dumps(x->new, JSON_COMPACT | JSON_SORT_KEYS);

    changed.data_json = text == NULL ? NULL : arena_text(x->a, text);
    free(text);
    if (changed.data_json == NULL)
        return err_no_memory(e);
    if (making_order(&x->order, &x->filing, &changed, biz_no, x->filing.accession, x->a, e) != 0)
        return -1;
    r.order = x->order;
    return x->i == NULL ? 0 : issue_check(x->i, &r, x->faults, e);
}

/* {"before": {...}, "after": {...}, ...}: kept for ever with the event. */
static const char *event_text(struct correcting *x)
{
    json_t *after = json_object(), *all;
    const char *member, *kept = NULL;
    json_t *value;
    char *text;

    json_object_foreach(x->before, member, value)(void)
        json_object_set(after, member, json_object_get(x->new, member));
    all = json_pack("{s:s, s:s?, s:s?, s:O, s:o}", "reason", x->c->reason, "approver", x->c->approver,
                    "document", x->c->document, "before", x->before, "after", after);
    text = all == NULL ? NULL : json_dumps(all, JSON_COMPACT);
    if (text != NULL)
        kept = arena_text(x->a, text);
    free(text);
    json_decref(all);
    return kept;
}

/* The entry and the event that says what it was, in the caller's transaction or one of its own. */
static int write_entry(struct correcting *x, struct err *e)
{
    char *text = json_dumps(x->new, JSON_COMPACT | JSON_SORT_KEYS);
    struct filing_event ev = {.moment = x->who->now,
                              .filing = x->filing.id,
                              .entry = x->entry.id,
                              .event = "corrected",
                              .actor = x->who->id,
                              .reason = event_text(x)};
    int rc =
        text == NULL || ev.reason == NULL
            ? err_no_memory(e)
            : store_correct_entry(x->s, x->entry.id, json_text(x->new, "name"), json_text(x->new, "id_type"),
                                  json_text(x->new, "id_number"), text, x->who->now, e);

    free(text);
    return rc == 0 ? store_add_filing_event(x->s, &ev, e) : rc;
}

/* What failed for what it said is tried with what it says now. */
static int queue_anew(struct correcting *x, enum entry_state state, struct err *e)
{
    size_t count;

    return state != ENTRY_FAILED
               ? 0
               : store_retry_entries(x->s, x->filing.id, x->entry.id, x->who->now, &count, e);
}

static int write_alone(struct correcting *x, struct err *e)
{
    struct entry_row now;

    if (store_begin(x->s, e) != 0)
        return -1;
    /* a worker may have taken it in the meantime */
    if (store_entry(&now, x->s, x->entry.id, x->a, e) == 0 &&
        (now.state != ENTRY_WORKING && now.certificate[0] == '\0'
             ? 0
             : err_set(e, ERR_IN_PROGRESS, "The certificate is being made; try again in a moment.",
                       "证书正在生成，请稍后再更正。")) == 0 &&
        write_entry(x, e) == 0 && queue_anew(x, now.state, e) == 0 && store_commit(x->s, e) == 0)
        return 0;
    store_rollback(x->s);
    return -1;
}

/* The order of a replacement keeps saying what it replaced. */
static int keep_original(struct correcting *x, const struct certificate_row *old, struct err *e)
{
    static const char *const members[] = {"original_no", "reissue_date"};
    json_t *order;

    if (json_read(&order, slice_of(old->order_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    for (size_t k = 0; k < 2; k++) {
        json_t *value = json_object_get(order, members[k]);

        if (value != NULL)
            (void)json_object_set(x->order, members[k], value);
    }
    json_decref(order);
    return 0;
}

static int read_photo(struct correcting *x, const struct certificate_row *old, struct err *e)
{
    struct err unasked;

    if (making_photo(&x->photo, x->s, &x->entry, x->a, &unasked) == 0)
        return 0;
    buf_reset(&x->photo);
    return store_photo(&x->photo, x->s, old->photo, e);
}

/* The next version under the same number; the old row is replaced by it. */
static int make_version(struct correcting *x, struct err *e)
{
    struct entry_claim claim = {x->entry.id, x->entry.number, x->filing.grantee, 0};
    struct issue_request r = {.now = x->who->now,
                              .actor = x->who->id,
                              .replaces = x->entry.certificate,
                              .reason = x->c->reason,
                              .correction = true,
                              .no_wait = true,
                              .claim = &claim};
    struct issue_answer answer;
    struct certificate_row old;
    const char *biz_no;

    if (x->i == NULL)
        return err_set(e, ERR_UNAVAILABLE, "The signer is away; try again in a moment.",
                       "签章服务无应答，请稍后重试。");
    if (store_certificate(&old, x->s, x->entry.certificate, x->a, e) != 0)
        return -1;
    biz_no = arena_printf(x->a, "entry-%s-v%d", x->entry.id, (old.version > 0 ? old.version : 1) + 1);
    if (biz_no == NULL)
        return err_no_memory(e);
    if (json_object_set_new(x->order, "biz_no", json_string(biz_no)) != 0 || keep_original(x, &old, e) != 0 ||
        read_photo(x, &old, e) != 0)
        return -1;
    r.order = x->order;
    r.photo = buf_view(&x->photo);
    return issue_certificate(&answer, x->i, &r, x->faults, e);
}

static int correct(struct correcting *x, const char *id, const char *entry, struct err *e)
{
    if (find(x, id, entry, e) != 0 || check_words(x, e) != 0 ||
        json_read(&x->old, slice_of(x->entry.data_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    x->new = json_deep_copy(x->old);
    x->before = json_object();
    if (x->new == NULL || x->before == NULL)
        return err_no_memory(e);
    if (apply_changes(x, e) != 0 || read_anew(x, e) != 0 || check_order(x, "check", e) != 0)
        return -1;
    if (x->entry.certificate[0] == '\0')
        return write_alone(x, e);
    /* the entry afterwards: whoever is killed in between corrects once more, and a version more is made */
    if (make_version(x, e) != 0 || store_begin(x->s, e) != 0)
        return -1;
    if (write_entry(x, e) == 0 && store_commit(x->s, e) == 0)
        return 0;
    store_rollback(x->s);
    return -1;
}

int filing_correct(struct issuer *i, struct store *s, const char *id, const char *entry,
                   const struct correction *c, const struct filing_actor *who, struct faults *faults,
                   struct err *e)
{
    struct arena a = ARENA_INIT;
    struct correcting x = {.i = i,
                           .s = i != NULL ? issuer_store(i) : s,
                           .c = c,
                           .who = who,
                           .a = &a,
                           .faults = faults,
                           .photo = BUF_INIT(PHOTO_MAX_BYTES)};
    int rc = correct(&x, id, entry, e);

    json_decref(x.old);
    json_decref(x.new);
    json_decref(x.before);
    json_decref(x.order);
    buf_dispose(&x.photo);
    arena_dispose(&a);
    return rc;
}
