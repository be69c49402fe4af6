#include "sign/pdf_file.h"
#include "sign/pdf_stream.h"
#include <stdlib.h>
#include <string.h>

enum {
    MAX_REVISIONS = 256,
    MAX_ENTRIES = 1 << 20,
    MAX_NUMBER = 1 << 21,
    MAX_VALUES = 1 << 20, /* of about 100 bytes each */
    MAX_NESTING = 8,      /* a stream's length, in a packed object, whose stream's length ... */
    MAX_LINKS = 16        /* references that lead to references */
};

static const struct pdf_value null_value;

/* A cross-reference section as the chain of /Prev meets it: newest first. */
struct section {
    size_t at;   /* its offset */
    size_t body; /* of the first subsection, or of the stream's object */
    size_t end;  /* behind its %%EOF */
    uint64_t startxref;
    bool is_stream;
    struct pdf_object object; /* the stream, or the trailer as its value */
};

static bool unsupported(struct pdf_file *f, const char *en, const char *zh)
{
    return pdf_fault_set(&f->fault, FAULT_UNSUPPORTED, en, zh);
}

static bool no_memory(struct pdf_file *f)
{
    return pdf_fault_set(&f->fault, FAULT_MEMORY, "There is not enough memory to read the file.",
                         "内存不足，无法读取文件。");
}

static bool damaged(struct pdf_file *f)
{
    return pdf_damaged(&f->fault);
}

static bool entry_add(struct pdf_file *f, const struct pdf_entry *entry)
{
    uint32_t *head;

    if (entry->number >= MAX_NUMBER || f->entry_count >= MAX_ENTRIES)
        return unsupported(f, "The file has more parts than can be examined.",
                           "文件包含的对象过多，无法检查。");
    if (f->entry_count == f->entry_capacity) {
        size_t capacity = f->entry_capacity ? f->entry_capacity * 2 : 256;
        struct pdf_entry *entries = realloc(f->entries, capacity * sizeof *entries);

        if (entries == NULL)
            return no_memory(f);
        f->entries = entries;
        f->entry_capacity = capacity;
    }
    if (entry->number >= f->head_count) {
        size_t count = f->head_count ? f->head_count * 2 : 512;
        uint32_t *heads;

        while (count <= entry->number)
            count *= 2;
        heads = realloc(f->heads, count * sizeof *heads);
        if (heads == NULL)
            return no_memory(f);
        memset(heads + f->head_count, 0, (count - f->head_count) * sizeof *heads);
        f->heads = heads;
        f->head_count = count;
    }
    head = &f->heads[entry->number];
    if (*head != 0 && f->entries[*head - 1].section == entry->section)
        return unsupported(f, "The file defines the same object twice in one revision.",
                           "文件在同一版本中重复定义了同一对象。");
    f->entries[f->entry_count] = *entry;
    f->entries[f->entry_count].older = *head;
    *head = (uint32_t)++f->entry_count;
    return true;
}

struct pdf_entry *pdf_entry_at(const struct pdf_file *f, uint64_t number, size_t revision)
{
    uint32_t at = number < f->head_count ? f->heads[number] : 0;

    while (at != 0 && f->entries[at - 1].revision > revision)
        at = f->entries[at - 1].older;
    return at == 0 || f->entries[at - 1].type == 0 ? NULL : &f->entries[at - 1];
}

static bool stream_length(struct pdf_file *f, const struct pdf_object *o, size_t revision, bool early,
                          uint64_t *out)
{
    const struct pdf_value *length = pdf_get(&o->value, "Length");

    if (length != NULL && !early)
        length = pdf_resolve(f, length, revision);
    if (length == NULL || length->kind != PDF_INTEGER || length->number < 0 ||
        (uint64_t)length->number > f->bytes.len)
        return damaged(f);
    *out = (uint64_t)length->number;
    return true;
}

/* "stream" was read; the reader is shared, so its place is kept by the caller. */
static bool read_stream(struct pdf_file *f, struct pdf_object *o, size_t revision, bool early)
{
    struct pdf_reader *r = &f->reader;
    size_t at = r->at;
    uint64_t length = 0;

    at += at < f->bytes.len && f->bytes.ptr[at] == '\r';
    if (at >= f->bytes.len || f->bytes.ptr[at] != '\n')
        return damaged(f);
    at++;
    if (!stream_length(f, o, revision, early, &length) || length > f->bytes.len - at)
        return damaged(f);
    o->is_stream = true;
    o->data = slice_part(f->bytes, at, length);
    r->at = at + length;
    pdf_skip_space(r);
    if (!pdf_take(r, "endstream"))
        return damaged(f);
    pdf_skip_space(r);
    return true;
}

static bool read_head(struct pdf_file *f, uint64_t number, uint64_t generation)
{
    struct pdf_reader *r = &f->reader;
    uint64_t found;

    if (!pdf_take_number(r, &found) || found != number)
        return false;
    pdf_skip_space(r);
    if (!pdf_take_number(r, &found) || found != generation)
        return false;
    pdf_skip_space(r);
    return pdf_take(r, "obj");
}

/* early: the cross-reference is not known yet, so nothing may be looked up. */
static bool read_object(struct pdf_file *f, struct pdf_object *o, const struct pdf_entry *where, bool early)
{
    struct pdf_reader *r = &f->reader;
    bool fine;

    memset(o, 0, sizeof *o);
    r->at = o->begin = (size_t)where->at;
    fine = read_head(f, where->number, where->generation) && pdf_read(r, &o->value);
    if (!pdf_charge(&f->budget, r->at - o->begin, &f->fault) || !fine)
        return damaged(f);
    pdf_skip_space(r);
    if (o->value.kind == PDF_DICTIONARY && pdf_take(r, "stream") &&
        !read_stream(f, o, where->revision, early))
        return false;
    o->end = r->at;
    return (pdf_take(r, "endobj") && pdf_charge(&f->budget, r->at - o->begin - o->data.len, &f->fault)) ||
           damaged(f);
}

static bool read_packed(struct pdf_file *f, struct pdf_object *o, const struct pdf_entry *where)
{
    struct pdf_entry *pack_entry = pdf_entry_at(f, where->at, where->revision);
    const struct pdf_object *pack;

    memset(o, 0, sizeof *o);
    if (pack_entry == NULL || pack_entry->type != 1)
        return damaged(f);
    pack = pdf_object_of(f, pack_entry);
    return pack != NULL && pdf_pack_open(f, (struct pdf_object *)pack) &&
           pdf_pack_read(f, pack->pack, where->generation, where->number, &o->value);
}

const struct pdf_object *pdf_object_of(struct pdf_file *f, struct pdf_entry *entry)
{
    struct pdf_object *o;
    bool fine;

    if (entry == NULL || entry->object != NULL || f->fault.kind != FAULT_NONE)
        return entry == NULL || f->fault.kind != FAULT_NONE ? NULL : entry->object;
    o = arena_alloc(f->arena, sizeof *o);
    if (o == NULL || entry->busy || f->depth >= MAX_NESTING) {
        (void)(o == NULL ? no_memory(f) : damaged(f));
        return NULL;
    }
    entry->busy = true;
    f->depth++;
    fine = entry->type == 1 ? read_object(f, o, entry, false) : read_packed(f, o, entry);
    entry->busy = false;
    f->depth--;
    if (!fine) {
        (void)damaged(f);
        return NULL;
    }
    entry->object = o;
    return o;
}

const struct pdf_object *pdf_object_at(struct pdf_file *f, uint64_t number, size_t revision)
{
    return pdf_object_of(f, pdf_entry_at(f, number, revision));
}

const struct pdf_value *pdf_resolve(struct pdf_file *f, const struct pdf_value *v, size_t revision)
{
    for (int i = 0; v != NULL && v->kind == PDF_REFERENCE && i < MAX_LINKS; i++) {
        struct pdf_entry *entry = pdf_entry_at(f, (uint64_t)v->number, revision);
        const struct pdf_object *o;

        if (entry == NULL || (entry->type == 1 ? entry->generation : 0) != v->generation)
            return &null_value;
        o = pdf_object_of(f, entry);
        v = o == NULL ? NULL : &o->value;
    }
    return v == NULL || v->kind == PDF_REFERENCE ? &null_value : v;
}

const struct pdf_value *pdf_lookup(struct pdf_file *f, const struct pdf_value *d, const char *key,
                                   size_t revision)
{
    return pdf_resolve(f, pdf_get(d, key), revision);
}

/* --- cross-reference sections --- */

/* "startxref", the offset and "%%EOF". A section without them ends nowhere: fine for the first of a
 * linearized file. */
static void read_end(struct pdf_file *f, struct section *s)
{
    struct pdf_reader *r = &f->reader;

    pdf_skip_space(r);
    if (!pdf_take(r, "startxref"))
        return;
    while (r->at < f->bytes.len && pdf_is_space(f->bytes.ptr[r->at]))
        r->at++;
    if (!pdf_take_number(r, &s->startxref))
        return;
    while (r->at < f->bytes.len && pdf_is_space(f->bytes.ptr[r->at]))
        r->at++;
    if (f->bytes.len - r->at >= 5 && memcmp(f->bytes.ptr + r->at, "%%EOF", 5) == 0)
        s->end = r->at + 5;
}

/* Walks over the table's entries to its trailer. */
static bool table_skip(struct pdf_file *f, struct section *s)
{
    struct pdf_reader *r = &f->reader;
    uint64_t first, count;

    pdf_skip_space(r);
    s->body = r->at;
    while (pdf_take_number(r, &first)) {
        pdf_skip_space(r);
        if (!pdf_take_number(r, &count))
            return damaged(f);
        while (r->at < f->bytes.len && f->bytes.ptr[r->at] != '\n' && f->bytes.ptr[r->at] != '\r' &&
               pdf_is_space(f->bytes.ptr[r->at]))
            r->at++;
        r->at += r->at < f->bytes.len && f->bytes.ptr[r->at] == '\r';
        r->at += r->at < f->bytes.len && f->bytes.ptr[r->at] == '\n';
        if (count > MAX_ENTRIES || count * 20 > f->bytes.len - r->at)
            return damaged(f);
        r->at += count * 20;
        pdf_skip_space(r);
    }
    if (!pdf_take(r, "trailer") || !pdf_read(r, &s->object.value) || s->object.value.kind != PDF_DICTIONARY)
        return damaged(f);
    return true;
}

/* The number at the reader starts an object: which one? */
static bool stream_section(struct pdf_file *f, struct section *s)
{
    struct pdf_entry where = {.type = 1, .at = s->at};
    uint64_t number, generation;

    if (!pdf_take_number(&f->reader, &number) || number >= MAX_NUMBER)
        return damaged(f);
    pdf_skip_space(&f->reader);
    if (!pdf_take_number(&f->reader, &generation) || generation > 65535)
        return damaged(f);
    where.number = (uint32_t)number;
    where.generation = (uint32_t)generation;
    s->is_stream = true;
    return read_object(f, &s->object, &where, true) && s->object.is_stream &&
           pdf_name_is(pdf_get(&s->object.value, "Type"), "XRef");
}

static bool section_read(struct pdf_file *f, struct section *s, uint64_t at)
{
    bool fine;

    memset(s, 0, sizeof *s);
    if (at >= f->bytes.len)
        return damaged(f);
    s->at = f->reader.at = (size_t)at;
    fine = pdf_take(&f->reader, "xref") ? table_skip(f, s) : stream_section(f, s);
    if (fine)
        read_end(f, s);
    return (pdf_charge(&f->budget, f->reader.at - s->at, &f->fault) && fine) || damaged(f);
}

static bool digits_read(const uint8_t *at, size_t count, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(at[i] - '0');
    }
    return true;
}

static bool entry_read(struct pdf_entry *entry, const uint8_t *at)
{
    uint64_t offset, generation;

    if (!digits_read(at, 10, &offset) || at[10] != ' ' || !digits_read(at + 11, 5, &generation) ||
        at[16] != ' ' || (at[17] != 'n' && at[17] != 'f') ||
        !((at[18] == ' ' && (at[19] == '\n' || at[19] == '\r')) || (at[18] == '\r' && at[19] == '\n')))
        return false;
    entry->type = at[17] == 'n';
    entry->at = offset;
    entry->generation = (uint32_t)generation;
    return true;
}

/* hidden: the section of the /XRefStm beside this table, whose objects the table calls free (7.5.8.4); 0. */
static bool table_load(struct pdf_file *f, const struct section *s, struct pdf_entry entry, uint32_t hidden)
{
    struct pdf_reader *r = &f->reader;
    uint64_t first, count;

    r->at = s->body;
    while (pdf_take_number(r, &first)) {
        pdf_skip_space(r);
        (void)pdf_take_number(r, &count);
        while (r->at < f->bytes.len && pdf_is_space(f->bytes.ptr[r->at]))
            r->at++;
        for (uint64_t i = 0; i < count; i++, r->at += 20) {
            const struct pdf_entry *other;

            if (f->bytes.len - r->at < 20 || !entry_read(&entry, f->bytes.ptr + r->at))
                return damaged(f);
            if (first + i >= MAX_NUMBER)
                return unsupported(f, "The file has more parts than can be examined.",
                                   "文件包含的对象过多，无法检查。");
            entry.number = (uint32_t)(first + i);
            other = hidden ? pdf_entry_at(f, entry.number, entry.revision) : NULL;
            if (entry.type == 0 && other != NULL && other->section == hidden)
                continue;
            if (entry.type == 1 && entry.at >= f->revisions[entry.revision].end)
                return damaged(f);
            if (!entry_add(f, &entry))
                return false;
        }
        pdf_skip_space(r);
    }
    return true;
}

static bool fields_load(struct pdf_file *f, struct pdf_entry entry, const uint8_t *row, const int w[3])
{
    uint64_t fields[3] = {1, 0, 0};

    for (int i = 0; i < 3; i++) {
        if (w[i] > 0)
            fields[i] = 0;
        for (int j = 0; j < w[i]; j++)
            fields[i] = fields[i] << 8 | *row++;
    }
    if (fields[0] > 2 || fields[2] > UINT32_MAX ||
        (fields[0] == 1 && fields[1] >= f->revisions[entry.revision].end))
        return damaged(f);
    entry.type = (uint8_t)fields[0];
    entry.at = fields[1];
    entry.generation = (uint32_t)fields[2];
    return entry_add(f, &entry);
}

static bool stream_widths(const struct pdf_value *d, int w[3])
{
    const struct pdf_value *v = pdf_get(d, "W");

    if (v == NULL || v->kind != PDF_ARRAY || v->count != 3)
        return false;
    for (int i = 0; i < 3; i++) {
        if (v->items[i].kind != PDF_INTEGER || v->items[i].number < 0 || v->items[i].number > 8)
            return false;
        w[i] = (int)v->items[i].number;
    }
    return w[0] + w[1] + w[2] > 0;
}

static bool stream_load(struct pdf_file *f, const struct section *s, struct pdf_entry entry)
{
    const struct pdf_value *d = &s->object.value, *size = pdf_get(d, "Size"), *index = pdf_get(d, "Index");
    struct pdf_value whole[2] = {{.kind = PDF_INTEGER}, {.kind = PDF_INTEGER}};
    struct pdf_value all = {.kind = PDF_ARRAY, .items = whole, .count = 2};
    struct slice rows;
    size_t at = 0, width;
    int w[3];

    if (size == NULL || size->kind != PDF_INTEGER || !stream_widths(d, w) ||
        !pdf_unpack(f, &s->object, &rows))
        return damaged(f);
    whole[1].number = size->number;
    if (index == NULL)
        index = &all;
    width = (size_t)w[0] + (size_t)w[1] + (size_t)w[2];
    if (index->kind != PDF_ARRAY || index->count % 2 != 0)
        return damaged(f);
    for (size_t i = 0; i < index->count; i += 2) {
        const struct pdf_value *pair = index->items + i;

        if (pair[0].kind != PDF_INTEGER || pair[1].kind != PDF_INTEGER || pair[0].number < 0 ||
            pair[1].number < 0 || pair[0].number >= MAX_NUMBER || pair[1].number > MAX_NUMBER ||
            (uint64_t)pair[1].number > (rows.len - at) / width)
            return damaged(f);
        for (int64_t j = 0; j < pair[1].number; j++, at += width) {
            entry.number = (uint32_t)(pair[0].number + j);
            if (!fields_load(f, entry, rows.ptr + at, w))
                return false;
        }
    }
    return true;
}

static bool hybrid_load(struct pdf_file *f, const struct section *s, struct pdf_entry entry, bool *found)
{
    const struct pdf_value *at = pdf_get(&s->object.value, "XRefStm");
    struct section stream;

    *found = at != NULL;
    if (at == NULL)
        return true;
    memset(&stream, 0, sizeof stream);
    if (at->kind != PDF_INTEGER || at->number < 0 || (uint64_t)at->number >= f->bytes.len)
        return damaged(f);
    stream.at = f->reader.at = (size_t)at->number;
    return (stream_section(f, &stream) && stream_load(f, &stream, entry)) || damaged(f);
}

static bool section_load(struct pdf_file *f, const struct section *s, size_t revision)
{
    struct pdf_entry entry = {.revision = (uint32_t)revision};
    bool hybrid = false;

    entry.section = (uint32_t)++f->sections;
    if (s->is_stream)
        return stream_load(f, s, entry);
    if (!hybrid_load(f, s, entry, &hybrid))
        return false;
    entry.section += hybrid;
    f->sections += hybrid;
    return table_load(f, s, entry, hybrid ? entry.section - 1 : 0);
}

static size_t last_startxref(struct slice s)
{
    static const char word[] = "startxref";
    size_t len = sizeof word - 1;

    for (size_t i = s.len; i >= len; i--) {
        const uint8_t *last = memrchr(s.ptr, 's', i - len + 1);

        if (last == NULL)
            return SIZE_MAX;
        i = (size_t)(last - s.ptr) + len;
        if (memcmp(last, word, len) == 0)
            return (size_t)(last - s.ptr);
    }
    return SIZE_MAX;
}

/* Follows /Prev; sections[0] is the newest. */
static bool chain_read(struct pdf_file *f, struct section *sections, size_t *count)
{
    size_t at = last_startxref(f->bytes);
    uint64_t next;

    if (at == SIZE_MAX)
        return damaged(f);
    f->reader.at = at + 9;
    pdf_skip_space(&f->reader);
    if (!pdf_take_number(&f->reader, &next))
        return damaged(f);
    for (;;) {
        const struct pdf_value *prev;

        for (size_t i = 0; i < *count; i++)
            if (sections[i].at == next)
                return damaged(f); /* a loop */
        if (*count == MAX_REVISIONS)
            return unsupported(f, "The file has too many revisions to be examined.",
                               "文件的修订次数过多，无法检查。");
        if (!section_read(f, &sections[*count], next))
            return false;
        prev = pdf_get(&sections[(*count)++].object.value, "Prev");
        if (prev == NULL)
            return true;
        if (prev->kind != PDF_INTEGER || prev->number < 0)
            return damaged(f);
        next = (uint64_t)prev->number;
    }
}

/* sections run from new to old. The two oldest of a linearized file are one revision (annex F): the first of
 * them in the chain lies first in the file. */
static bool revisions_make(struct pdf_file *f, const struct section *sections, size_t count)
{
    bool linear = count > 1 && sections[count - 2].at < sections[count - 1].at;
    size_t before = 0;

    f->revisions = arena_array(f->arena, count, sizeof *f->revisions);
    if (f->revisions == NULL)
        return no_memory(f);
    f->revision_count = linear ? count - 1 : count;
    for (size_t i = 0; i < f->revision_count; i++) {
        const struct section *s = &sections[f->revision_count - 1 - i];
        const struct section *last = linear && i == 0 ? &sections[count - 1] : s;

        if (last->startxref != s->at || s->at < before || last->end <= s->at)
            return damaged(f);
        f->revisions[i] = (struct pdf_revision){s->at, last->end, 0, 0, s->object.value};
        before = last->end;
    }
    for (size_t i = count; i-- > 0;) {
        size_t revision = i < f->revision_count ? f->revision_count - 1 - i : 0;

        if (!section_load(f, &sections[i], revision))
            return false;
        f->revisions[revision].entry_end = f->entry_count;
    }
    for (size_t i = 1; i < f->revision_count; i++)
        f->revisions[i].first_entry = f->revisions[i - 1].entry_end;
    return true;
}

bool pdf_open(struct pdf_file *f, struct slice bytes, struct arena *a)
{
    struct section *sections = calloc(MAX_REVISIONS, sizeof *sections);
    size_t count = 0;
    bool fine;

    memset(f, 0, sizeof *f);
    f->bytes = bytes;
    f->arena = a;
    f->budget = MAX_VALUES;
    f->reader = (struct pdf_reader){.bytes = bytes, .arena = a, .budget = &f->budget, .fault = &f->fault};
    if (sections == NULL)
        return no_memory(f);
    if (bytes.len < 9 || (memcmp(bytes.ptr, "%PDF-1.", 7) != 0 && memcmp(bytes.ptr, "%PDF-2.", 7) != 0))
        fine = pdf_fault_set(&f->fault, FAULT_DAMAGED, "The file is not a PDF.", "该文件不是 PDF 文件。");
    else
        fine = chain_read(f, sections, &count) && revisions_make(f, sections, count);
    for (size_t i = 0; fine && i < f->revision_count; i++)
        if (pdf_get(&f->revisions[i].trailer, "Encrypt") != NULL)
            fine = unsupported(f, "The file is encrypted and cannot be examined.", "文件已加密，无法检查。");
    free(sections);
    return fine;
}

void pdf_close(struct pdf_file *f)
{
    pdf_reader_dispose(&f->reader);
    free(f->entries);
    free(f->heads);
    f->entries = NULL;
    f->heads = NULL;
}
