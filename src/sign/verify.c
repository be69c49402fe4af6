#include "sign/verify.h"
#include "base/digest.h"
#include "sign/signature.h"
#include "sign/timestamp.h"
#include "sign/trust.h"
#include "sign/verify_internal.h"
#include <string.h>

static const size_t max_memory = 128 * 1024 * 1024; /* for what is read from the file */
enum { MAX_EVIDENCE = 64 };

struct examination {
    struct pdf_file f;
    struct slice bytes;
    const struct verify_order *order;
    bool fresh;
    struct arena scratch, *arena; /* what is forgotten; the caller's */
    struct verdict *v;
    struct examined *list;
    struct signature *places;
    size_t count, pending;
    bool no_memory, hashed;
    int64_t trusted_moment;
};

static void conclude(struct examination *x, enum verdict_kind kind, const char *en, const char *zh)
{
    x->v->kind = kind;
    x->v->reason_en = en;
    x->v->reason_zh = zh;
}

/* --- files that cannot be read: still, were they altered? --- */

static bool number_read(struct slice s, size_t *at, uint64_t *out)
{
    struct pdf_reader r = {.bytes = s, .at = *at};
    bool fine;

    pdf_skip_space(&r);
    fine = pdf_take_number(&r, out);
    *at = r.at;
    return fine;
}

/* Does the signature whose "/ByteRange" ends at `at` hold for the bytes as they are? Uncertain means yes. */
static bool raw_signature_holds(struct examination *x, size_t at, size_t *hashed, bool *to_the_end)
{
    struct slice s = x->bytes, range[2];
    uint64_t n[4];
    struct examined one;
    struct signer_facts facts;
    bool holds = false, too_much = false;
    enum cms_state state;
    uint8_t whole[SHA256_SIZE];

    memset(&one, 0, sizeof one);
    while (at < s.len && pdf_is_space(s.ptr[at]))
        at++;
    if (at >= s.len || s.ptr[at++] != '[')
        return true; /* a word in some text */
    for (int i = 0; i < 4; i++)
        if (!number_read(s, &at, &n[i]) || n[i] > s.len)
            return false;
    if (n[0] != 0 || n[2] < n[1] + 2 || n[2] + n[3] > s.len || s.ptr[n[1]] != '<' || s.ptr[n[2] - 1] != '>')
        return false;
    *hashed += n[2] + n[3];
    *to_the_end |= n[2] + n[3] == s.len;
    if (*hashed > 4 * (size_t)VERIFY_MAX_BYTES)
        return true;
    range[0] = slice_part(s, n[1] + 1, n[2] - n[1] - 2);
    state = contents_decode(&one.der, range[0], &x->scratch);
    if (state == CMS_INTACT)
        state = cms_read(&one.cms, one.der);
    if (state != CMS_INTACT)
        return state != CMS_MALFORMED;
    one.place = (struct signature){.open = n[1], .close = n[2], .end = n[2] + n[3], .placed = true};
    if (!signatures_hash(&one, 1, s, whole, &too_much) || too_much ||
        !trust_judge(&facts, x->order->trust, one.cms.leaf, one.cms.certificates, x->order->moment,
                     TRUST_SEAL, x->fresh, &x->scratch))
        return true;
    holds = facts.key != NULL &&
            cms_check(&one.cms, (struct slice){one.digest, one.digest_len}, facts.key, false) == CMS_INTACT;
    EVP_PKEY_free(facts.key);
    return holds;
}

/* Looks for signatures without reading the structure. */
static bool traces_of_alteration(struct examination *x, bool *any)
{
    static const char word[] = "/ByteRange";
    size_t at = 0, hashed = 0, seen = 0;
    bool holds = true, to_the_end = false;

    *any = false;
    while (seen++ < MAX_EVIDENCE && (at = slice_find(x->bytes, at, slice_of(word))) != SIZE_MAX) {
        at += sizeof word - 1;
        *any = true;
        holds &= raw_signature_holds(x, at, &hashed, &to_the_end);
    }
    return *any && (!holds || !to_the_end);
}

static void conclude_fault(struct examination *x)
{
    struct pdf_fault fault = x->f.fault;
    bool any;

    x->v->seal_count = x->v->revision_count = 0;
    if (fault.kind == FAULT_MEMORY) {
        conclude(x, VERDICT_UNSUPPORTED, fault.en, fault.zh);
        return;
    }
    if (traces_of_alteration(x, &any))
        conclude(x, VERDICT_ALTERED,
                 "The file was signed and has been altered since: its structure is damaged.",
                 "该文件签名后已被改动，文件结构已损坏。");
    else
        conclude(x, VERDICT_UNSUPPORTED, fault.en, fault.zh);
}

/* --- seals --- */

static void state_judge(struct examined *s, enum cms_state state)
{
    if (state == CMS_WEAK)
        examined_fail(s, FATE_UNSUPPORTED,
                      "The signature uses a digest that can be forged today (MD5 or SHA-1).",
                      "签名采用的摘要算法（MD5 或 SHA-1）已不安全。");
    else if (state == CMS_UNSUPPORTED)
        examined_fail(s, FATE_UNSUPPORTED,
                      "The signature uses an algorithm or encoding that is not supported.",
                      "不支持该签名所用的算法或编码。");
    else if (state == CMS_MALFORMED)
        examined_fail(s, FATE_ALTERED, "The signature itself is damaged.", "签名数据已损坏。");
    else if (state == CMS_MISMATCH)
        examined_fail(s, FATE_ALTERED, "The file is not what was signed.", "文件内容与签名时不一致。");
}

static bool facts_use(struct examination *x, struct examined *s, struct seal_verdict *out,
                      const struct signer_facts *facts, const char *digest)
{
    out->owner = facts->owner;
    out->issuer = facts->issuer;
    out->root = facts->root;
    out->valid_from = facts->valid_from;
    out->valid_to = facts->valid_to;
    out->chain = facts->chain;
    out->algorithm = arena_printf(x->arena, "%s SHA-%s", facts->algorithm, digest);
    if (facts->forged)
        examined_fail(s, FATE_ALTERED, "A certificate inside the signature is damaged.",
                      "签名中的证书已损坏。");
    return out->algorithm != NULL;
}

static const char *fingerprint(struct slice der, struct arena *a)
{
    uint8_t digest[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];

    sha256(digest, der);
    hex_encode(text, (struct slice){digest, sizeof digest});
    return arena_text(a, text);
}

static bool seal_judge(struct examination *x, struct examined *s, struct seal_verdict *out)
{
    const struct verify_order *o = x->order;
    struct signer_facts facts;

    if (s->cms.leaf.len == 0)
        return true;
    out->certificate = fingerprint(s->cms.leaf, x->arena);
    if (out->certificate == NULL)
        return false;
    if (!trust_judge(&facts, o->trust, s->cms.leaf, s->cms.certificates, o->moment, TRUST_SEAL, x->fresh,
                     x->arena) ||
        !facts_use(x, s, out, &facts, s->cms.digest_name == NULL ? "?" : s->cms.digest_name + 3))
        return false;
    if (s->fate == FATE_INTACT)
        state_judge(s, cms_check(&s->cms, (struct slice){s->digest, s->digest_len}, facts.key, s->needs_ess));
    if (s->unknown_kind)
        examined_fail(s, FATE_UNSUPPORTED, "This kind of signature is not supported.",
                      "不支持该类型的签名。");
    EVP_PKEY_free(facts.key);
    return true;
}

static bool timestamp_judge(struct examination *x, struct examined *s, struct seal_verdict *out)
{
    struct timestamp t;
    struct signer_facts facts;
    enum cms_state state;
    bool fine = true;

    if (s->fate != FATE_INTACT)
        return true;
    state = timestamp_check(&t, s->der, slice_part(x->bytes, 0, s->place.open),
                            slice_part(x->bytes, s->place.close, s->place.end - s->place.close));
    state_judge(s, state);
    if (state == CMS_INTACT) {
        fine = trust_judge(&facts, x->order->trust, t.leaf, t.certificates, x->order->moment, TRUST_TIMESTAMP,
                           x->fresh, x->arena) &&
               facts_use(x, s, out, &facts, "2");
        if (fine)
            EVP_PKEY_free(facts.key);
        out->signed_at = t.moment;
        out->has_time = true;
    }
    timestamp_dispose(&t);
    return fine;
}

static bool is_visible(struct examination *x, const struct form_field *field)
{
    size_t view = x->f.revision_count - 1;
    const struct pdf_value *rect = pdf_lookup(&x->f, field->dictionary, "Rect", view);
    double c[4];

    if (rect->kind != PDF_ARRAY || rect->count != 4)
        return pdf_get(field->dictionary, "Kids") != NULL;
    for (int i = 0; i < 4; i++)
        if (!pdf_number(&rect->items[i], &c[i]))
            return false;
    return (c[0] < c[2] || c[2] < c[0]) && (c[1] < c[3] || c[3] < c[1]) &&
           pdf_lookup(&x->f, pdf_lookup(&x->f, field->dictionary, "AP", view), "N", view)->kind != PDF_NULL;
}

static bool seal_fill(struct examination *x, struct examined *s, const struct form_field *field,
                      struct seal_verdict *out)
{
    *out = (struct seal_verdict){.owner = "",
                                 .issuer = "",
                                 .root = "",
                                 .algorithm = "",
                                 .certificate = "",
                                 .chain = CHAIN_UNKNOWN,
                                 .timestamp = s->place.timestamp};
    s->widget = field->number;
    out->field = arena_text(x->arena, field->name);
    out->visible = is_visible(x, field);
    out->certifies = s->place.permission != 0;
    out->revision = s->place.placed ? s->place.revision + 1 : 0;
    out->has_time = signature_time(&out->signed_at, pdf_get(s->place.dictionary, "M"));
    return out->field != NULL;
}

static bool is_signature(const struct examination *x, const struct form_field *field)
{
    return !field->widget_only && field->value != NULL &&
           (pdf_name_is(field->type, "Sig") ||
            pdf_get(pdf_resolve((struct pdf_file *)&x->f, field->value, x->f.revision_count - 1),
                    "ByteRange") != NULL);
}

/* Two fields with one signature, or two signatures over one revision, are no signer's work. */
static void doubles_find(struct examination *x)
{
    for (size_t i = 0; i < x->count; i++)
        for (size_t j = 0; j < i; j++)
            if (x->list[i].place.object == x->list[j].place.object ||
                (x->list[i].place.placed && x->list[j].place.placed &&
                 x->list[i].place.revision == x->list[j].place.revision))
                examined_fail(&x->list[i], FATE_ALTERED,
                              "Two signature fields share a signature or a revision.",
                              "两个签名域共用同一签名或同一版本。");
}

static bool signatures_find(struct examination *x, const struct form *form)
{
    size_t at = 0;

    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];

        x->count += is_signature(x, field);
        x->pending += !field->widget_only && field->value == NULL && pdf_name_is(field->type, "Sig");
    }
    x->list = arena_array(&x->scratch, x->count + 1, sizeof *x->list);
    x->places = arena_array(&x->scratch, x->count + 1, sizeof *x->places);
    x->v->seals = arena_array(x->arena, x->count + 1, sizeof *x->v->seals);
    if (x->list == NULL || x->places == NULL || x->v->seals == NULL)
        return false;
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];

        if (!is_signature(x, field))
            continue;
        signature_place(&x->list[at], &x->f, field, &x->scratch);
        if (!seal_fill(x, &x->list[at], field, &x->v->seals[at]))
            return false;
        at++;
    }
    doubles_find(x);
    return true;
}

/* In the order in which they were made. */
static void seals_sort(struct examination *x)
{
    for (size_t i = 1; i < x->count; i++) {
        struct examined one = x->list[i];
        struct seal_verdict seal = x->v->seals[i];
        size_t j = i;

        for (; j > 0 && x->list[j - 1].place.revision > one.place.revision; j--) {
            x->list[j] = x->list[j - 1];
            x->v->seals[j] = x->v->seals[j - 1];
        }
        x->list[j] = one;
        x->v->seals[j] = seal;
    }
    for (size_t i = 0; i < x->count; i++)
        x->places[i] = x->list[i].place;
}

static bool signatures_judge(struct examination *x)
{
    bool too_much = false;

    if (!signatures_hash(x->list, x->count, x->bytes, x->v->sha256, &too_much))
        return false;
    x->hashed = true;
    if (too_much)
        return pdf_fault_set(&x->f.fault, FAULT_UNSUPPORTED,
                             "The file has more signatures than can be examined.",
                             "文件的签名过多，无法检查。");
    for (size_t i = 0; i < x->count; i++) {
        struct examined *s = &x->list[i];

        if (!(s->place.timestamp ? timestamp_judge : seal_judge)(x, s, &x->v->seals[i]))
            return false;
    }
    return true;
}

static void seals_finish(struct examination *x)
{
    for (size_t i = 0; i < x->count; i++) {
        struct seal_verdict *seal = &x->v->seals[i];

        seal->intact = x->list[i].fate == FATE_INTACT;
        seal->problem_en = x->list[i].en;
        seal->problem_zh = x->list[i].zh;
    }
    x->v->seal_count = x->count;
}

/* --- revisions --- */

static void revision_describe(struct examination *x, size_t i, const struct change *c)
{
    struct revision_verdict *r = &x->v->revisions[i];

    r->change_en = c->en;
    r->change_zh = c->zh;
    for (size_t j = 0; j < x->count && c->level != CHANGE_FORBIDDEN; j++) {
        const struct seal_verdict *seal = &x->v->seals[j];

        if (x->places[j].revision != i || x->places[j].timestamp)
            continue;
        r->change_en =
            arena_printf(x->arena, seal->visible ? "seal of %s placed" : "record of %s signed", seal->owner);
        r->change_zh = arena_printf(x->arena, seal->visible ? "加盖%s印章" : "%s签署系统记录", seal->owner);
    }
    if (r->change_en == NULL) {
        r->change_en = i == 0 ? "document made" : "nothing that can be seen";
        r->change_zh = i == 0 ? "生成文件" : "无可见变化";
    }
}

/* Ours are complete with their last signature: nothing may follow it. */
static bool is_ours(struct examination *x)
{
    const struct pdf_value *info =
        pdf_lookup(&x->f, &x->f.revisions[x->places[0].revision].trailer, "Info", x->places[0].revision);
    const char *producer = pdf_text(pdf_lookup(&x->f, info, "Producer", 0), &x->scratch);

    return producer != NULL && strncasecmp(producer, "Sealpress", 9) == 0;
}

static bool revision_judge(struct examination *x, size_t i, size_t first, size_t last, size_t trap)
{
    struct revision_verdict *r = &x->v->revisions[i];
    struct change c = {CHANGE_NONE, NULL, NULL};

    r->number = i + 1;
    r->end = x->f.revisions[i].end;
    r->allowed = true;
    if (i > first && !change_judge(&c, &x->f, i, x->places, x->count, x->arena))
        return false;
    if (i > last && c.level == CHANGE_FILL)
        c = (struct change){CHANGE_FORBIDDEN, "changed after the last signature without being signed",
                            "文件末尾多出未签章的版本"};
    if (i > last && c.level != CHANGE_FORBIDDEN && is_ours(x))
        c = (struct change){CHANGE_FORBIDDEN, "something was added after the last signature",
                            "文件末尾多出未签章的版本"};
    if (i == trap)
        c = (struct change){CHANGE_FORBIDDEN,
                            "supplies an object that earlier revisions were made to wait for",
                            "提供了先前版本预留引用的对象"};
    r->allowed = c.level != CHANGE_FORBIDDEN;
    revision_describe(x, i, &c);
    return true;
}

static bool revisions_judge(struct examination *x)
{
    size_t first = SIZE_MAX, last = SIZE_MAX, trap = SIZE_MAX;

    for (size_t i = 0; i < x->count; i++) {
        if (!x->places[i].placed)
            continue;
        if (first == SIZE_MAX)
            first = x->places[i].revision;
        last = x->places[i].revision;
    }
    x->v->revisions = arena_array(x->arena, x->f.revision_count, sizeof *x->v->revisions);
    if (x->v->revisions == NULL)
        return false;
    if (first != SIZE_MAX && first + 1 < x->f.revision_count &&
        !change_find_trap(&trap, &x->f, x->places, x->count))
        return false;
    for (size_t i = 0; i < x->f.revision_count; i++)
        if (!revision_judge(x, i, first, last, trap))
            return false;
    x->v->revision_count = x->f.revision_count;
    return true;
}

/* --- where it all is --- */

static void places_find(struct examination *x)
{
    struct seal_place *places = arena_array(&x->scratch, x->count + 1, sizeof *places);

    if (places == NULL)
        return; /* the verdict stands without it */
    for (size_t i = 0; i < x->count; i++)
        places[i] = (struct seal_place){.widget = x->list[i].widget};
    x->v->pages = pages_find(&x->f, places, x->count);
    for (size_t i = 0; i < x->v->seal_count; i++)
        x->v->seals[i].page = x->v->seals[i].visible ? places[i].page : 0;
}

/* --- the verdict --- */

/* Bytes behind what the last signature covers, or behind the last revision, belong to nobody. */
static bool has_loose_end(const struct examination *x)
{
    size_t last = x->f.revision_count - 1, end = x->f.revisions[last].end;
    const uint8_t *tail = x->bytes.ptr + end;
    size_t extra = x->bytes.len - end;

    for (size_t i = 0; i < x->count; i++)
        if (x->places[i].placed && x->places[i].revision == last)
            return x->places[i].end != x->bytes.len;
    return extra > 2 || (extra == 2 && (tail[0] != '\r' || tail[1] != '\n')) ||
           (extra == 1 && tail[0] != '\n' && tail[0] != '\r');
}

/* A signature behind the last one that any field knows. */
static bool has_lost_signature(const struct examination *x)
{
    size_t end = 0;

    for (size_t i = 0; i < x->count; i++)
        if (x->places[i].placed && x->places[i].end > end)
            end = x->places[i].end;
    return slice_find(x->bytes, end, slice_of("/ByteRange")) != SIZE_MAX;
}

static bool conclude_altered(struct examination *x)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->list[i].fate == FATE_ALTERED) {
            conclude(x, VERDICT_ALTERED, x->list[i].en, x->list[i].zh);
            return true;
        }
    for (size_t i = 0; i < x->v->revision_count; i++) {
        const struct revision_verdict *r = &x->v->revisions[i];

        if (r->allowed)
            continue;
        conclude(x, VERDICT_ALTERED,
                 arena_printf(x->arena, "The file was changed after it was signed: revision %zu: %s.",
                              r->number, r->change_en),
                 arena_printf(x->arena, "该文件签名后被改动：第 %zu 版：%s。", r->number, r->change_zh));
        return true;
    }
    if (has_lost_signature(x)) {
        conclude(x, VERDICT_ALTERED, "The file holds a signature that no field of it shows.",
                 "文件中有未被任何签名域引用的签名。");
        return true;
    }
    if (has_loose_end(x))
        conclude(x, VERDICT_ALTERED, "Bytes were added behind the end of the signed file.",
                 "文件末尾有多余数据。");
    return has_loose_end(x);
}

static const char *chain_problem(enum chain_state state, bool chinese)
{
    switch (state) {
    case CHAIN_EXPIRED:
        return chinese ? "证书已过期" : "the certificate has expired";
    case CHAIN_NOT_YET_VALID:
        return chinese ? "证书尚未生效" : "the certificate is not valid yet";
    case CHAIN_REVOKED:
        return chinese ? "证书已被吊销" : "the certificate was revoked";
    case CHAIN_NOT_FOR_SIGNING:
        return chinese ? "证书不用于签章" : "the certificate is not meant for seals";
    default:
        return chinese ? "证书颁发者不受信任" : "nobody trusted vouches for the certificate";
    }
}

static bool conclude_mistrust(struct examination *x)
{
    for (size_t i = 0; i < x->count; i++) {
        const struct seal_verdict *s = &x->v->seals[i];

        if (s->chain == CHAIN_TRUSTED || s->chain == CHAIN_TEST)
            continue;
        conclude(x, VERDICT_NOT_TRUSTED,
                 arena_printf(x->arena,
                              "The file is intact, but whether the seal of %s is real is not known: %s.",
                              s->owner, chain_problem(s->chain, false)),
                 arena_printf(x->arena, "文件未被改动，但无法确认“%s”印章的身份：%s。", s->owner,
                              chain_problem(s->chain, true)));
        return true;
    }
    return false;
}

/* A file cut back to its first seals is intact for these; that others were meant to follow is said. */
static void conclude_intact(struct examination *x)
{
    bool test = false, sealed = false;
    const char *en, *zh;

    for (size_t i = 0; i < x->count; i++) {
        test |= x->v->seals[i].chain == CHAIN_TEST;
        sealed |= x->v->seals[i].visible;
    }
    if (sealed) {
        en = test ? "Test seals: the file is intact, but its seals come from a test authority and prove "
                    "nothing."
                  : "The file is genuine: it is unchanged since it was sealed, and the seals are trusted.";
        zh = test ? "测试签章：文件未被改动，但印章由测试机构签发，不具有证明效力。"
                  : "真实有效：文件自签章以来未被改动，印章可信。";
    } else {
        en = test ? "Test signature: the file is intact, but its signature comes from a test authority and "
                    "proves "
                    "nothing. It bears no office's seal."
                  : "The file is genuine: it is unchanged since the system signed it. It bears no office's "
                    "seal.";
        zh = test ? "测试签章：文件未被改动，但签名由测试机构签发，不具有证明效力；文件没有单位印章。"
                  : "真实有效：文件自平台签名以来未被改动；文件没有单位印章。";
    }
    if (x->pending > 0) {
        en = arena_printf(x->arena, "%s %zu more place(s) for seals are empty.", en, x->pending);
        zh = arena_printf(x->arena, "%s另有 %zu 处签章位置为空。", zh, x->pending);
    }
    conclude(x, test ? VERDICT_TEST : VERDICT_GENUINE, en, zh);
}

/* Whoever pays gets a timestamp for whatever he likes: it says when, not who. */
static bool has_only_timestamps(const struct examination *x)
{
    for (size_t i = 0; i < x->count; i++)
        if (!x->list[i].place.timestamp)
            return false;
    return true;
}

static void conclude_signed(struct examination *x)
{
    if (conclude_altered(x))
        return;
    if (has_only_timestamps(x)) {
        conclude(x, VERDICT_NOT_SIGNED, "The file bears a timestamp, but nobody's seal or signature.",
                 "该文件只有时间戳，没有任何单位的签章。");
        return;
    }
    for (size_t i = 0; i < x->count; i++)
        if (x->list[i].fate == FATE_UNSUPPORTED) {
            conclude(x, VERDICT_UNSUPPORTED, x->list[i].en, x->list[i].zh);
            return;
        }
    if (!conclude_mistrust(x))
        conclude_intact(x);
}

static void conclude_unsigned(struct examination *x)
{
    bool any;

    (void)traces_of_alteration(x, &any);
    if (any)
        conclude(x, VERDICT_ALTERED, "The file was signed, but its signatures were taken away.",
                 "该文件曾经签名，但签名已被移除。");
    else
        conclude(x, VERDICT_NOT_SIGNED, "The file bears no signature.", "该文件没有签名。");
}

static bool examine(struct examination *x)
{
    struct form form;

    if (!pdf_open(&x->f, x->bytes, &x->scratch) || !pdf_form_read(&form, &x->f, x->f.revision_count - 1) ||
        !signatures_find(x, &form))
        return false;
    if (x->count == 0) {
        conclude_unsigned(x);
        return x->f.fault.kind == FAULT_NONE;
    }
    seals_sort(x);
    if (!signatures_judge(x))
        return false;
    for (size_t i = 0; i < x->count; i++)
        x->places[i].owner = x->v->seals[i].owner;
    if (!revisions_judge(x) || x->f.fault.kind != FAULT_NONE)
        return false;
    seals_finish(x);
    conclude_signed(x);
    return x->v->reason_en != NULL && x->v->reason_zh != NULL;
}

int verify_bytes(struct verdict *v, struct slice pdf, const struct verify_order *o, bool fresh,
                 struct arena *a, struct err *e)
{
    struct examination x = {.bytes = pdf, .order = o, .fresh = fresh, .arena = a, .v = v};

    x.scratch.max = max_memory;
    memset(v, 0, sizeof *v);
    v->size = pdf.len;
    if (pdf.len > VERIFY_MAX_BYTES)
        conclude(&x, VERDICT_UNSUPPORTED, "The file is larger than 64 MB.", "文件超过 64 MB。");
    else if (!examine(&x))
        conclude_fault(&x);
    else
        places_find(&x);
    if (!x.hashed)
        sha256(v->sha256, pdf);
    pdf_close(&x.f);
    arena_dispose(&x.scratch);
    return v->reason_en == NULL || v->reason_zh == NULL ? err_no_memory(e) : 0;
}

int verify_pdf(struct verdict *v, struct slice pdf, const struct verify_order *o, struct arena *a,
               struct err *e)
{
    return verify_bytes(v, pdf, o, false, a, e);
}
