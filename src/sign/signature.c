#include "sign/signature.h"
#include "base/digest.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_SIGNATURE_BYTES = 1024 * 1024, MAX_SIGNATURES = 64 };
static const size_t max_hashed = 512 * 1024 * 1024; /* beyond the file itself, for all signatures together */

void examined_fail(struct examined *x, enum fate fate, const char *en, const char *zh)
{
    if (x->fate != FATE_INTACT)
        return;
    x->fate = fate;
    x->en = en;
    x->zh = zh;
}

static void altered(struct examined *x, const char *en, const char *zh)
{
    examined_fail(x, FATE_ALTERED, en, zh);
}

/* How many bytes of an end of line may belong to the revision that ends here. */
static bool ends_revision(const struct pdf_file *f, size_t revision, uint64_t end)
{
    const uint8_t *tail = f->bytes.ptr + f->revisions[revision].end;
    uint64_t extra = end - f->revisions[revision].end;

    if (end < f->revisions[revision].end || extra > 2)
        return false;
    return extra == 0 || (extra == 1 && (tail[0] == '\n' || tail[0] == '\r')) ||
           (extra == 2 && tail[0] == '\r' && tail[1] == '\n');
}

static bool range_read(struct examined *x, struct pdf_file *f)
{
    const struct pdf_value *range = pdf_get(x->place.dictionary, "ByteRange");
    int64_t n[4];

    if (range == NULL || range->kind != PDF_ARRAY || range->count != 4)
        return false;
    for (int i = 0; i < 4; i++) {
        n[i] = range->items[i].number;
        if (range->items[i].kind != PDF_INTEGER || n[i] < 0 || (uint64_t)n[i] > f->bytes.len)
            return false;
    }
    if (n[0] != 0 || n[1] < 1 || n[2] < n[1] + 2 || (uint64_t)(n[2] + n[3]) > f->bytes.len)
        return false;
    x->place.open = (size_t)n[1];
    x->place.close = (size_t)n[2];
    x->place.end = (size_t)(n[2] + n[3]);
    return true;
}

/* The gap is this dictionary's own /Contents and nothing else; the end is the end of a revision. */
static bool range_check(struct examined *x, struct pdf_file *f)
{
    const struct pdf_value *contents = pdf_get(x->place.dictionary, "Contents");

    if (contents == NULL || contents->kind != PDF_STRING || !contents->hexadecimal ||
        contents->source.ptr != f->bytes.ptr + x->place.open ||
        contents->source.len != x->place.close - x->place.open)
        return false;
    for (size_t i = 0; i < f->revision_count; i++) {
        if (!ends_revision(f, i, x->place.end))
            continue;
        x->place.revision = i;
        return true;
    }
    return false;
}

/* The digits of one signature are written in one case: another would go unnoticed in the gap. */
static int digit_value(uint8_t c, unsigned *cases)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f') {
        *cases |= 1;
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        *cases |= 2;
        return c - 'A' + 10;
    }
    return -1;
}

static bool decode(uint8_t *out, struct slice digits, size_t len, unsigned *cases)
{
    for (size_t i = 0; i < len; i++) {
        int high = digit_value(digits.ptr[2 * i], cases), low = digit_value(digits.ptr[2 * i + 1], cases);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return *cases != 3;
}

static size_t der_length(const uint8_t head[6])
{
    size_t digits = head[1] & 0x7F, len = 0;

    if (head[1] < 0x80)
        return 2 + (size_t)head[1];
    if (digits == 0 || digits > 4)
        return 0;
    for (size_t i = 0; i < digits; i++)
        len = len << 8 | head[2 + i];
    return 2 + digits + len;
}

/* Each digit is '0': the first is, and each is like the one before it (two memory blocks compare faster than
 * digits). */
static bool only_zeros(struct slice digits)
{
    return digits.len == 0 ||
           (digits.ptr[0] == '0' && memcmp(digits.ptr, digits.ptr + 1, digits.len - 1) == 0);
}

enum cms_state contents_decode(struct slice *der, struct slice digits, struct arena *a)
{
    uint8_t head[6], *out;
    unsigned cases = 0;
    size_t len;

    if (digits.len < 2 * sizeof head || digits.len % 2 != 0 || !decode(head, digits, sizeof head, &cases) ||
        head[0] != 0x30)
        return CMS_MALFORMED;
    if (head[1] == 0x80 && head[2] == 0x06 && head[3] == 9)
        return CMS_UNSUPPORTED; /* BER of indefinite length, an OID inside */
    len = der_length(head);
    if (len < sizeof head || len > digits.len / 2)
        return CMS_MALFORMED;
    if (len > MAX_SIGNATURE_BYTES)
        return CMS_UNSUPPORTED;
    if (!only_zeros(slice_part(digits, 2 * len, digits.len)))
        return CMS_MALFORMED;
    out = arena_alloc(a, len);
    if (out == NULL)
        return CMS_UNSUPPORTED;
    if (!decode(out, digits, len, &cases))
        return CMS_MALFORMED;
    *der = (struct slice){out, len};
    return CMS_INTACT;
}

static void lock_read(struct examined *x, struct pdf_file *f, const struct pdf_value *parameters, size_t view)
{
    const struct pdf_value *action = pdf_lookup(f, parameters, "Action", view);

    x->place.lock = pdf_name_is(action, "All")       ? LOCK_ALL
                    : pdf_name_is(action, "Include") ? LOCK_INCLUDE
                    : pdf_name_is(action, "Exclude") ? LOCK_EXCLUDE
                                                     : LOCK_ALL; /* in doubt, the stricter */
    x->place.locked = pdf_lookup(f, parameters, "Fields", view);
}

static void references_read(struct examined *x, struct pdf_file *f)
{
    size_t view = f->revision_count - 1;
    const struct pdf_value *list = pdf_lookup(f, x->place.dictionary, "Reference", view);

    for (size_t i = 0; list->kind == PDF_ARRAY && i < list->count; i++) {
        const struct pdf_value *d = pdf_resolve(f, &list->items[i], view);
        const struct pdf_value *method = pdf_lookup(f, d, "TransformMethod", view);
        const struct pdf_value *parameters = pdf_lookup(f, d, "TransformParams", view);

        if (pdf_name_is(method, "DocMDP")) {
            const struct pdf_value *p = pdf_lookup(f, parameters, "P", view);

            x->place.permission = 2;
            if (p->kind == PDF_INTEGER)
                x->place.permission = p->number == 3 ? 3 : p->number == 2 ? 2 : 1;
        } else if (pdf_name_is(method, "FieldMDP")) {
            lock_read(x, f, parameters, view);
        }
    }
}

/* The field held this very signature already in the revision that the signature covers. */
static bool was_in_place(const struct examined *x, struct pdf_file *f, const struct form_field *field)
{
    const struct pdf_object *then = pdf_object_at(f, field->number, x->place.revision);
    const struct pdf_entry *own = pdf_entry_at(f, x->place.object, f->revision_count - 1);
    const struct pdf_value *value = then == NULL ? NULL : pdf_get(&then->value, "V");

    return own != NULL && own->type == 1 && own->revision <= x->place.revision && value != NULL &&
           value->kind == PDF_REFERENCE && (uint64_t)value->number == x->place.object;
}

static void kind_read(struct examined *x, struct pdf_file *f)
{
    size_t view = f->revision_count - 1;
    const struct pdf_value *sub = pdf_lookup(f, x->place.dictionary, "SubFilter", view);
    const struct pdf_value *type = pdf_lookup(f, x->place.dictionary, "Type", view);

    x->place.timestamp = pdf_name_is(sub, "ETSI.RFC3161");
    x->needs_ess = pdf_name_is(sub, "ETSI.CAdES.detached");
    x->unknown_kind = !x->place.timestamp && !x->needs_ess && !pdf_name_is(sub, "adbe.pkcs7.detached");
    if (x->place.timestamp != pdf_name_is(type, "DocTimeStamp"))
        altered(x, "The signature contradicts itself about its kind.", "签名的类型自相矛盾。");
}

static void contents_read(struct examined *x, struct pdf_file *f, struct arena *a)
{
    struct slice digits = slice_part(f->bytes, x->place.open + 1, x->place.close - x->place.open - 2);
    enum cms_state state = contents_decode(&x->der, digits, a);

    if (state == CMS_INTACT && !x->place.timestamp)
        state = cms_read(&x->cms, x->der);
    if (state == CMS_MALFORMED && x->unknown_kind)
        state = CMS_UNSUPPORTED;
    if (state == CMS_WEAK)
        examined_fail(x, FATE_UNSUPPORTED,
                      "The signature uses a digest that can be forged today (MD5 or SHA-1).",
                      "签名采用的摘要算法（MD5 或 SHA-1）已不安全。");
    else if (state == CMS_UNSUPPORTED)
        examined_fail(x, FATE_UNSUPPORTED,
                      "The signature uses an algorithm or encoding that is not supported.",
                      "不支持该签名所用的算法或编码。");
    else if (state != CMS_INTACT)
        altered(x, "The signature itself is damaged.", "签名数据已损坏。");
}

void signature_place(struct examined *out, struct pdf_file *f, const struct form_field *field,
                     struct arena *a)
{
    memset(out, 0, sizeof *out);
    out->place.field = field->name;
    out->place.dictionary = pdf_resolve(f, field->value, f->revision_count - 1);
    out->place.revision = SIZE_MAX;
    if (field->value->kind != PDF_REFERENCE || out->place.dictionary->kind != PDF_DICTIONARY) {
        altered(out, "The field holds something that is no signature.", "签名域中的内容不是签名。");
        return;
    }
    out->place.object = (uint64_t)field->value->number;
    kind_read(out, f);
    if (!range_read(out, f)) {
        altered(out, "The signature does not say which bytes it covers.", "签名未正确说明其覆盖的字节范围。");
        return;
    }
    if (!range_check(out, f)) {
        altered(out,
                "The signature leaves out bytes other than its own, or does not end where a revision ends.",
                "签名遗漏了自身以外的字节，或未覆盖到版本结尾。");
        return;
    }
    if (!was_in_place(out, f, field)) {
        altered(out, "The signature was moved to another field.", "签名被移到了其他签名域。");
        return;
    }
    out->place.placed = true;
    references_read(out, f);
    contents_read(out, f, a);
}

/* --- hashing --- */

static int by_gap(const void *a, const void *b)
{
    const struct examined *const *x = a, *const *y = b;

    return ((*x)->place.open > (*y)->place.open) - ((*x)->place.open < (*y)->place.open);
}

static bool hash_other(struct examined *x, struct slice bytes)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_MD *md = EVP_MD_fetch(NULL, x->cms.digest_name, NULL);
    unsigned int len = 0;
    bool fine = ctx != NULL && md != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
                EVP_DigestUpdate(ctx, bytes.ptr, x->place.open) == 1 &&
                EVP_DigestUpdate(ctx, bytes.ptr + x->place.close, x->place.end - x->place.close) == 1 &&
                EVP_DigestFinal_ex(ctx, x->digest, &len) == 1;

    x->digest_len = len;
    EVP_MD_free(md);
    EVP_MD_CTX_free(ctx);
    return fine;
}

static bool hash_branch(struct examined *x, struct slice bytes, const EVP_MD_CTX *common)
{
    EVP_MD_CTX *own = EVP_MD_CTX_new();
    unsigned int len = 0;
    bool fine = own != NULL && EVP_MD_CTX_copy_ex(own, common) == 1 &&
                EVP_DigestUpdate(own, bytes.ptr + x->place.close, x->place.end - x->place.close) == 1 &&
                EVP_DigestFinal_ex(own, x->digest, &len) == 1;

    x->digest_len = len;
    EVP_MD_CTX_free(own);
    return fine;
}

/* The hash of the whole file runs along; each signature branches off at its gap. */
static bool hash_sorted(struct examined *const *sorted, size_t count, struct slice bytes, uint8_t whole[32])
{
    EVP_MD_CTX *common = EVP_MD_CTX_new();
    bool fine = common != NULL && EVP_DigestInit_ex(common, EVP_sha256(), NULL) == 1;
    size_t at = 0;

    for (size_t i = 0; i < count && fine; i++) {
        struct examined *x = sorted[i];

        if (x->cms.digest_name != NULL && strcmp(x->cms.digest_name, "SHA256") != 0) {
            fine = hash_other(x, bytes);
            continue;
        }
        fine = EVP_DigestUpdate(common, bytes.ptr + at, x->place.open - at) == 1 &&
               hash_branch(x, bytes, common);
        at = x->place.open;
    }
    fine = fine && EVP_DigestUpdate(common, bytes.ptr + at, bytes.len - at) == 1 &&
           EVP_DigestFinal_ex(common, whole, NULL) == 1;
    EVP_MD_CTX_free(common);
    return fine;
}

bool signatures_hash(struct examined *list, size_t count, struct slice bytes, uint8_t whole[32],
                     bool *too_much)
{
    struct examined *sorted[MAX_SIGNATURES];
    size_t cost = 0, placed = 0;

    *too_much = count > MAX_SIGNATURES;
    for (size_t i = 0; i < count && !*too_much; i++) {
        struct examined *x = &list[i];
        bool other = x->cms.digest_name != NULL && strcmp(x->cms.digest_name, "SHA256") != 0;

        if (!x->place.placed || x->fate != FATE_INTACT)
            continue;
        cost += other ? 3 * x->place.end : x->place.end - x->place.close;
        sorted[placed++] = x;
        *too_much = cost > max_hashed;
    }
    if (*too_much) {
        sha256(whole, bytes);
        return true;
    }
    qsort(sorted, placed, sizeof(struct examined *), by_gap);
    return hash_sorted(sorted, placed, bytes, whole);
}

/* --- time --- */

static bool two_digits(struct slice s, size_t at, int low, int high, int *out)
{
    if (at + 2 > s.len || s.ptr[at] < '0' || s.ptr[at] > '9' || s.ptr[at + 1] < '0' || s.ptr[at + 1] > '9')
        return false;
    *out = (s.ptr[at] - '0') * 10 + s.ptr[at + 1] - '0';
    return *out >= low && *out <= high;
}

bool signature_time(int64_t *out, const struct pdf_value *v)
{
    struct tm tm;
    struct slice s;
    int century, year, month, hours = 0, minutes = 0;

    memset(&tm, 0, sizeof tm);
    if (v == NULL || v->kind != PDF_STRING || v->text.len < 16 || memcmp(v->text.ptr, "D:", 2) != 0)
        return false;
    s = v->text;
    if (!two_digits(s, 2, 19, 29, &century) || !two_digits(s, 4, 0, 99, &year) ||
        !two_digits(s, 6, 1, 12, &month) || !two_digits(s, 8, 1, 31, &tm.tm_mday) ||
        !two_digits(s, 10, 0, 23, &tm.tm_hour) || !two_digits(s, 12, 0, 59, &tm.tm_min) ||
        !two_digits(s, 14, 0, 59, &tm.tm_sec))
        return false;
    tm.tm_year = century * 100 + year - 1900;
    tm.tm_mon = month - 1;
    *out = (int64_t)timegm(&tm);
    if (s.len > 16 && (s.ptr[16] == '+' || s.ptr[16] == '-')) {
        if (!two_digits(s, 17, 0, 23, &hours))
            return false;
        if (s.len >= 22 && !two_digits(s, 20, 0, 59, &minutes))
            return false;
        *out -= (s.ptr[16] == '+' ? 1 : -1) * (hours * 3600 + minutes * 60);
    }
    return true;
}
