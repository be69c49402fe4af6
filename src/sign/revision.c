#include "sign/revision.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "sign/appearance.h"
#include "sign/pdf_file.h"
#include "sign/signer.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_FIELDS = 256,
    MAX_UPDATE_OBJECTS = 600,
    RANGE_WIDTH = 36, /* three offsets of at most 10 digits, and blanks */
    CONTENTS_DIGITS = 2 * SIGNER_MAX_CMS
};

struct field {
    const char *name;
    uint32_t number;
    const struct pdf_value *value; /* its dictionary */
    double width, height;          /* of its rectangle */
    bool filled;
};

struct revision_chain {
    struct buf *pdf;
    struct arena arena;  /* holds copies of the values below: the document moves when it grows */
    uint32_t root, size; /* object number of the catalog; the next free number */
    const struct pdf_value *catalog, *trailer;
    size_t xref; /* offset of the newest cross-reference table */
    struct field fields[MAX_FIELDS];
    size_t field_count;
    bool has_signatures, broken;
    EVP_MD_CTX *common; /* has taken in the first `hashed` bytes */
    size_t hashed;
};

static int not_ours(struct err *e)
{
    return err_set(e, ERR_INVALID, "This PDF was not prepared for seals; make the document again.",
                   "该 PDF 未预留签章位置，请重新生成文件。");
}

/* The same value, independent of the document's bytes. */
static const struct pdf_value *value_keep(struct revision_chain *c, struct pdf_file *f,
                                          const struct pdf_value *v)
{
    char *copy = arena_slice(&c->arena, v->source);
    struct pdf_value *kept = arena_alloc(&c->arena, sizeof *kept);
    struct pdf_reader r = {.arena = &c->arena, .budget = &f->budget, .fault = &f->fault};
    bool fine;

    if (copy == NULL || kept == NULL)
        return NULL;
    r.bytes = (struct slice){(const uint8_t *)copy, v->source.len};
    fine = pdf_read(&r, kept);
    pdf_reader_dispose(&r);
    return fine ? kept : NULL;
}

static bool field_add(struct revision_chain *c, struct pdf_file *f, const struct pdf_value *reference)
{
    struct field *field = &c->fields[c->field_count];
    const struct pdf_value *rect, *d;
    double corners[4];

    if (reference->kind != PDF_REFERENCE)
        return false;
    d = pdf_resolve(f, reference, 0);
    if (!pdf_name_is(pdf_get(d, "FT"), "Sig"))
        return true; /* not for us */
    if (c->field_count == MAX_FIELDS || (d = value_keep(c, f, d)) == NULL)
        return false;
    rect = pdf_get(d, "Rect");
    if (rect == NULL || rect->kind != PDF_ARRAY || rect->count != 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (!pdf_number(&rect->items[i], &corners[i]))
            return false;
    field->name = pdf_text(pdf_get(d, "T"), &c->arena);
    field->number = (uint32_t)reference->number;
    field->value = d;
    field->width = corners[2] - corners[0];
    field->height = corners[3] - corners[1];
    field->filled = pdf_get(d, "V") != NULL;
    c->has_signatures |= field->filled;
    c->field_count++;
    return field->name != NULL && pdf_get(d, "T") != NULL;
}

static bool document_read(struct revision_chain *c, struct pdf_file *f)
{
    const struct pdf_value *trailer, *root, *size, *fields;

    if (!pdf_open(f, buf_view(c->pdf), &c->arena) || f->revision_count != 1)
        return false;
    trailer = &f->revisions[0].trailer;
    root = pdf_get(trailer, "Root");
    size = pdf_get(trailer, "Size");
    if (root == NULL || root->kind != PDF_REFERENCE || size == NULL || size->kind != PDF_INTEGER ||
        size->number < 1 || size->number > 1000000 || pdf_get(trailer, "Type") != NULL)
        return false;
    c->root = (uint32_t)root->number;
    c->size = (uint32_t)size->number;
    c->xref = f->revisions[0].xref;
    c->trailer = value_keep(c, f, trailer);
    c->catalog = value_keep(c, f, pdf_resolve(f, root, 0));
    if (c->trailer == NULL || c->catalog == NULL || c->catalog->kind != PDF_DICTIONARY)
        return false;
    fields = pdf_lookup(f, pdf_lookup(f, c->catalog, "AcroForm", 0), "Fields", 0);
    if (fields->kind != PDF_ARRAY)
        return false;
    for (size_t i = 0; i < fields->count; i++)
        if (!field_add(c, f, &fields->items[i]))
            return false;
    return f->fault.kind == FAULT_NONE;
}

int revision_begin(struct revision_chain **out, struct buf *pdf, struct err *e)
{
    struct revision_chain *c = calloc(1, sizeof *c);
    struct pdf_file f;
    bool fine;

    *out = NULL;
    if (c == NULL)
        return err_no_memory(e);
    c->pdf = pdf;
    c->common = EVP_MD_CTX_new();
    if (c->common == NULL || EVP_DigestInit_ex(c->common, EVP_sha256(), NULL) != 1) {
        revision_end(c);
        return err_no_memory(e);
    }
    fine = document_read(c, &f);
    pdf_close(&f);
    if (!fine) {
        revision_end(c);
        return not_ours(e);
    }
    *out = c;
    return 0;
}

void revision_end(struct revision_chain *c)
{
    if (c == NULL)
        return;
    arena_dispose(&c->arena);
    EVP_MD_CTX_free(c->common);
    free(c);
}

/* One update while it is written: which objects, where. */
struct update {
    struct buf *out;
    const struct revision_order *order;
    struct field *field;
    uint32_t next; /* number for the next new object */
    struct {
        uint32_t number;
        size_t at;
    } objects[MAX_UPDATE_OBJECTS];
    size_t count;
    size_t range_at, contents_at; /* of the place for the numbers; of the < */
};

static void object_begin(struct update *u, uint32_t number)
{
    u->objects[u->count].number = number;
    u->objects[u->count++].at = u->out->len;
    buf_printf(u->out, "%u 0 obj\n", number);
}

/* The dictionary as it was, without the keys that are about to be written. */
static void write_others(struct buf *out, const struct pdf_value *d, const char *const *without)
{
    buf_append_text(out, "<<");
    for (size_t i = 0; i + 1 < d->count; i += 2) {
        bool leave = false;

        for (const char *const *key = without; *key != NULL; key++)
            leave |= pdf_name_is(&d->items[i], *key);
        if (leave)
            continue;
        buf_append(out, d->items[i].source);
        buf_append_char(out, ' ');
        buf_append(out, d->items[i + 1].source);
        buf_append_char(out, '\n');
    }
}

static bool is_plain_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

/* A text string (7.9.2.2). */
static void write_text(struct buf *out, const char *key, const char *text)
{
    struct slice s;
    size_t at = 0;
    uint32_t cp;

    if (text == NULL)
        return;
    buf_append_text(out, key);
    if (is_plain_ascii(text)) {
        buf_append_char(out, '(');
        for (; *text != '\0'; text++) {
            if (*text == '(' || *text == ')' || *text == '\\')
                buf_append_char(out, '\\');
            buf_append_char(out, *text);
        }
        buf_append_text(out, ")\n");
        return;
    }
    buf_append_text(out, "<FEFF");
    for (s = slice_of(text); utf8_next(s, &at, &cp);) {
        if (cp >= 0x10000)
            buf_printf(out, "%04X%04X", 0xD800 + ((cp - 0x10000) >> 10), 0xDC00 + (cp & 0x3FF));
        else
            buf_printf(out, "%04X", cp);
    }
    buf_append_text(out, ">\n");
}

/* DocMDP says that only filling in fields may follow; FieldMDP that this field is closed (12.8.2). */
static void write_references(struct buf *out, const struct update *u, uint32_t root)
{
    buf_append_text(out, "/Reference[");
    if (u->order->certify)
        buf_append_text(out, "<</Type/SigRef/TransformMethod/DocMDP"
                             "/TransformParams<</Type/TransformParams/P 2/V/1.2>>>>");
    buf_append_text(out, "<</Type/SigRef/TransformMethod/FieldMDP"
                         "/TransformParams<</Type/TransformParams/V/1.2/Action/Include/Fields[");
    buf_append(out, pdf_get(u->field->value, "T")->source);
    buf_printf(out, "]>>/Data %u 0 R>>]\n", root);
}

static void write_signature(struct update *u, uint32_t number, uint32_t root)
{
    const struct revision_order *o = u->order;
    struct buf *out = u->out;
    char moment[18];
    uint8_t *room;

    clock_pdf(moment, o->moment);
    object_begin(u, number);
    buf_append_text(out, "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached\n");
    buf_printf(out, "/M(%s)\n", moment);
    write_text(out, "/Name", o->name);
    write_text(out, "/Reason", o->reason);
    write_text(out, "/Location", o->location);
    write_references(out, u, root);
    buf_append_text(out, "/ByteRange[0 ");
    u->range_at = out->len;
    buf_printf(out, "%*s]\n/Contents", RANGE_WIDTH, "");
    u->contents_at = out->len;
    buf_append_char(out, '<');
    room = buf_room(out, CONTENTS_DIGITS);
    if (room != NULL) {
        memset(room, '0', CONTENTS_DIGITS);
        buf_wrote(out, CONTENTS_DIGITS);
    }
    buf_append_text(out, ">>>\nendobj\n");
}

static void write_appearance(struct update *u)
{
    const struct appearance *a = u->order->appearance;
    size_t offsets[MAX_UPDATE_OBJECTS], count = appearance_object_count(a);

    appearance_write(u->out, a, u->next, u->field->width, u->field->height, offsets);
    for (size_t i = 0; i < count; i++) {
        u->objects[u->count].number = u->next++;
        u->objects[u->count++].at = offsets[i];
    }
}

static void write_field(struct update *u, uint32_t signature, uint32_t face)
{
    static const char *const with_face[] = {"V", "AP", NULL}, *const faceless[] = {"V", NULL};

    object_begin(u, u->field->number);
    write_others(u->out, u->field->value, face ? with_face : faceless);
    buf_printf(u->out, "/V %u 0 R\n", signature);
    if (face)
        buf_printf(u->out, "/AP<</N %u 0 R>>\n", face);
    buf_append_text(u->out, ">>\nendobj\n");
}

static void write_catalog(struct update *u, const struct pdf_value *catalog, uint32_t root,
                          uint32_t signature)
{
    static const char *const without[] = {"Perms", NULL};

    object_begin(u, root);
    write_others(u->out, catalog, without);
    buf_printf(u->out, "/Perms<</DocMDP %u 0 R>>\n>>\nendobj\n", signature);
}

/* The first half of /ID stays, the second names this revision (14.4). */
static void write_id(struct buf *out, const struct pdf_value *id, const struct update *u)
{
    uint8_t digest[SHA256_SIZE];
    char digits[2 * SHA256_SIZE + 1], moment[21];
    struct buf seed = BUF_INIT(4096);

    if (id == NULL || id->kind != PDF_ARRAY || id->count != 2)
        return;
    clock_rfc3339(moment, u->order->moment);
    buf_append(&seed, id->items[0].source);
    buf_printf(&seed, " %s %s %zu", u->field->name, moment, u->out->len);
    sha256(digest, buf_view(&seed));
    buf_dispose(&seed);
    hex_encode(digits, (struct slice){digest, 16});
    buf_append_text(out, "/ID[");
    buf_append(out, id->items[0].source);
    buf_printf(out, "<%s>]", digits);
}

static int object_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void write_table(struct revision_chain *c, struct update *u)
{
    const struct pdf_value *info = pdf_get(c->trailer, "Info");
    struct buf *out = u->out;
    size_t xref = out->len;

    qsort(u->objects, u->count, sizeof u->objects[0], object_order);
    buf_append_text(out, "xref\n");
    for (size_t i = 0; i < u->count; i++) {
        size_t run = 1;

        while (i + run < u->count && u->objects[i + run].number == u->objects[i].number + run)
            run++;
        buf_printf(out, "%u %zu\n", u->objects[i].number, run);
        for (size_t j = 0; j < run; j++)
            buf_printf(out, "%010zu 00000 n \n", u->objects[i + j].at);
        i += run - 1;
    }
    buf_printf(out, "trailer\n<</Size %u/Root %u 0 R", u->next, c->root);
    if (info != NULL) {
        buf_append_text(out, "/Info ");
        buf_append(out, info->source);
    }
    write_id(out, pdf_get(c->trailer, "ID"), u);
    buf_printf(out, "/Prev %zu>>\nstartxref\n%zu\n%%%%EOF\n", c->xref, xref);
    c->xref = xref;
}

/* The signature dictionary comes last: what stands before it is hashed once for all later signatures. */
static void write_update(struct revision_chain *c, struct update *u)
{
    uint32_t face = 0, signature;

    if (u->out->len > 0 && u->out->data[u->out->len - 1] != '\n')
        buf_append_char(u->out, '\n');
    if (u->order->appearance != NULL) {
        face = u->next;
        write_appearance(u);
    }
    signature = u->next++;
    write_field(u, signature, face);
    if (u->order->certify)
        write_catalog(u, c->catalog, c->root, signature);
    write_signature(u, signature, c->root);
    write_table(c, u);
}

static void fill_range(struct update *u, size_t after)
{
    char numbers[RANGE_WIDTH + 1];
    int len = snprintf(numbers, sizeof numbers, "%zu %zu %zu", u->contents_at, after, u->out->len - after);

    if (len < 0 || len > RANGE_WIDTH)
        u->out->failed = true;
    else
        memcpy(u->out->data + u->range_at, numbers, (size_t)len);
}

/* Hashes what stands before the signature once and goes on from there for the next one. */
static bool hash_ranges(struct revision_chain *c, const struct update *u, size_t after, uint8_t digest[32])
{
    EVP_MD_CTX *own = EVP_MD_CTX_new();
    const struct buf *pdf = u->out;
    bool fine = own != NULL &&
                EVP_DigestUpdate(c->common, pdf->data + c->hashed, u->contents_at - c->hashed) == 1 &&
                EVP_MD_CTX_copy_ex(own, c->common) == 1 &&
                EVP_DigestUpdate(own, pdf->data + after, pdf->len - after) == 1 &&
                EVP_DigestFinal_ex(own, digest, NULL) == 1;

    c->hashed = u->contents_at;
    EVP_MD_CTX_free(own);
    return fine;
}

static int contents_fill(struct update *u, struct slice cms, struct err *e)
{
    char digits[2 * SIGNER_MAX_CMS + 1];

    if (cms.len == 0 || cms.len > SIGNER_MAX_CMS)
        return err_set(e, ERR_INTERNAL, "The signature does not fit into the document.",
                       "签名过大，无法写入文件。");
    hex_encode(digits, cms);
    memcpy(u->out->data + u->contents_at + 1, digits, 2 * cms.len);
    return 0;
}

static int update_sign(struct revision_chain *c, struct update *u, revision_signer *sign, void *arg,
                       struct err *e)
{
    size_t after = u->contents_at + CONTENTS_DIGITS + 2;
    struct buf cms = BUF_INIT(SIGNER_MAX_CMS);
    uint8_t digest[32];
    int rc = -1;

    if (!buf_ok(u->out))
        return err_set(e, ERR_TOO_LARGE, "The document is too large to be sealed.", "文件过大，无法签章。");
    fill_range(u, after);
    if (!buf_ok(u->out) || !hash_ranges(c, u, after, digest))
        return err_no_memory(e);
    if (sign(arg, digest, &cms, e) == 0 && contents_fill(u, buf_view(&cms), e) == 0)
        rc = 0;
    buf_dispose(&cms);
    return rc;
}

/* The field that may be filled, or NULL with the reason. */
static struct field *field_find(struct revision_chain *c, const struct revision_order *o, struct err *e)
{
    struct field *field = NULL;

    for (size_t i = 0; i < c->field_count && field == NULL; i++)
        if (strcmp(c->fields[i].name, o->field) == 0)
            field = &c->fields[i];
    if (c->broken) {
        err_set(e, ERR_INTERNAL, "An earlier seal on this document failed; make the document again.",
                "该文件此前的签章失败，请重新生成文件。");
        return NULL;
    }
    if (field == NULL) {
        err_set(e, ERR_NOT_FOUND, "The document has no place for a seal named \"%s\".",
                "文件中没有名为“%s”的签章位置。", o->field);
        return NULL;
    }
    if (field->filled) {
        err_set(e, ERR_CONFLICT, "The place \"%s\" bears a seal already.", "签章位置“%s”已有签章。",
                o->field);
        return NULL;
    }
    if (o->certify && c->has_signatures) {
        err_set(e, ERR_CONFLICT, "Only the first signature of a document can certify it.",
                "只有第一个签名可以作为认证签名。");
        return NULL;
    }
    if (o->appearance != NULL && appearance_object_count(o->appearance) > MAX_UPDATE_OBJECTS - 8) {
        err_set(e, ERR_INVALID, "The seal's picture has too many parts.", "印章图案的部件过多。");
        return NULL;
    }
    return field;
}

int revision_sign(struct revision_chain *c, const struct revision_order *o, revision_signer *sign, void *arg,
                  struct err *e)
{
    struct update u;
    size_t before = c->pdf->len;

    memset(&u, 0, offsetof(struct update, objects));
    u.count = 0;
    u.field = field_find(c, o, e);
    if (u.field == NULL)
        return -1;
    u.out = c->pdf;
    u.order = o;
    u.next = c->size;
    write_update(c, &u);
    if (update_sign(c, &u, sign, arg, e) != 0) {
        c->broken = true;
        c->pdf->len = before; /* never hand back a half-signed file */
        c->pdf->failed = false;
        return -1;
    }
    c->size = u.next;
    u.field->filled = true;
    c->has_signatures = true;
    return 0;
}
