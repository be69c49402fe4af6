#include "sign/pdf_value.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 48, SMALL_DICTIONARY = 32 };

bool pdf_fault_set(struct pdf_fault *f, enum pdf_fault_kind kind, const char *en, const char *zh)
{
    if (f->kind == FAULT_NONE)
        *f = (struct pdf_fault){kind, en, zh};
    return false;
}

bool pdf_damaged(struct pdf_fault *f)
{
    return pdf_fault_set(f, FAULT_DAMAGED, "The structure of the file is damaged.", "文件结构已损坏。");
}

static bool no_memory(struct pdf_fault *f)
{
    return pdf_fault_set(f, FAULT_MEMORY, "There is not enough memory to read the file.",
                         "内存不足，无法读取文件。");
}

static bool too_much(struct pdf_fault *f)
{
    return pdf_fault_set(f, FAULT_UNSUPPORTED, "The file has more parts than can be examined.",
                         "文件包含的对象过多，无法检查。");
}

bool pdf_charge(size_t *budget, size_t bytes, struct pdf_fault *f)
{
    size_t cost = bytes / 64;

    *budget -= cost < *budget ? cost : *budget;
    return *budget > 0 || too_much(f);
}

/* 1: white space, 2: delimiter (7.2.2) */
static const uint8_t classes[256] = {
    [0] = 1,   ['\t'] = 1, ['\n'] = 1, ['\f'] = 1, ['\r'] = 1, [' '] = 1, ['('] = 2, [')'] = 2,
    ['<'] = 2, ['>'] = 2,  ['['] = 2,  [']'] = 2,  ['{'] = 2,  ['}'] = 2, ['/'] = 2, ['%'] = 2};

bool pdf_is_space(uint8_t c)
{
    return classes[c] == 1;
}

static int peek(const struct pdf_reader *r, size_t ahead)
{
    return ahead < r->bytes.len - r->at ? r->bytes.ptr[r->at + ahead] : -1;
}

void pdf_skip_space(struct pdf_reader *r)
{
    while (r->at < r->bytes.len) {
        uint8_t c = r->bytes.ptr[r->at];

        if (c == '%') {
            while (r->at < r->bytes.len && r->bytes.ptr[r->at] != '\n' && r->bytes.ptr[r->at] != '\r')
                r->at++;
        } else if (classes[c] != 1) {
            return;
        } else {
            r->at++;
        }
    }
}

bool pdf_take(struct pdf_reader *r, const char *keyword)
{
    size_t len = strlen(keyword);

    if (len > r->bytes.len - r->at || memcmp(r->bytes.ptr + r->at, keyword, len) != 0)
        return false;
    if (peek(r, len) >= 0 && classes[peek(r, len)] == 0)
        return false;
    r->at += len;
    return true;
}

bool pdf_take_number(struct pdf_reader *r, uint64_t *out)
{
    size_t start = r->at;

    *out = 0;
    while (r->at < r->bytes.len && r->bytes.ptr[r->at] >= '0' && r->bytes.ptr[r->at] <= '9') {
        *out = *out * 10 + (uint64_t)(r->bytes.ptr[r->at] - '0');
        if (++r->at - start > 15)
            return false;
    }
    return r->at > start;
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_name(struct pdf_reader *r, struct pdf_value *out)
{
    size_t start = ++r->at, escapes = 0, put = 0;
    uint8_t *decoded;

    while (r->at < r->bytes.len && classes[r->bytes.ptr[r->at]] == 0)
        escapes += r->bytes.ptr[r->at++] == '#';
    out->kind = PDF_NAME;
    out->text = slice_part(r->bytes, start, r->at - start);
    if (escapes == 0)
        return true;
    decoded = arena_alloc(r->arena, out->text.len);
    if (decoded == NULL)
        return no_memory(r->fault);
    for (size_t i = 0; i < out->text.len; i++) {
        uint8_t c = out->text.ptr[i];

        if (c == '#') {
            int high = i + 2 < out->text.len ? hex_digit(out->text.ptr[i + 1]) : -1;
            int low = i + 2 < out->text.len ? hex_digit(out->text.ptr[i + 2]) : -1;

            if (high < 0 || low < 0)
                return pdf_damaged(r->fault);
            c = (uint8_t)(high << 4 | low);
            i += 2;
        }
        decoded[put++] = c;
    }
    out->text = (struct slice){decoded, put};
    return true;
}

/* The digits between < and >, decoded; long ones stay as they are written, since only a signature's /Contents
 * is that long and it has rules of its own. */
static bool read_hexadecimal(struct pdf_reader *r, struct pdf_value *out)
{
    size_t start = ++r->at, put = 0;
    const uint8_t *close =
        r->at < r->bytes.len ? memchr(r->bytes.ptr + start, '>', r->bytes.len - start) : NULL;
    struct slice digits;
    uint8_t *decoded;
    int high = -1;

    if (close == NULL)
        return pdf_damaged(r->fault);
    digits = slice_part(r->bytes, start, (size_t)(close - r->bytes.ptr) - start);
    r->at = start + digits.len + 1;
    out->kind = PDF_STRING;
    out->hexadecimal = true;
    out->text = digits;
    if (digits.len > PDF_LONG_HEXADECIMAL)
        return true;
    decoded = arena_alloc(r->arena, digits.len / 2 + 1);
    if (decoded == NULL)
        return no_memory(r->fault);
    for (size_t i = 0; i < digits.len; i++) {
        int digit = hex_digit(digits.ptr[i]);

        if (digit < 0 && classes[digits.ptr[i]] != 1)
            return pdf_damaged(r->fault);
        if (digit >= 0 && high >= 0)
            decoded[put++] = (uint8_t)(high << 4 | digit);
        if (digit >= 0)
            high = high < 0 ? digit : -1;
    }
    if (high >= 0)
        decoded[put++] = (uint8_t)(high << 4);
    out->text = (struct slice){decoded, put};
    return true;
}

/* The character behind a backslash (table 3); -1 for one that stands for nothing. */
static int read_escape(struct pdf_reader *r)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    int c = peek(r, 0), value = 0;
    const char *known = c > 0 ? strchr(from, c) : NULL;

    r->at++;
    if (known != NULL)
        return to[known - from];
    if (c == '\r' || c == '\n') {
        r->at += c == '\r' && peek(r, 0) == '\n';
        return -1;
    }
    if (c < '0' || c > '7')
        return c;
    value = c - '0';
    for (int i = 0; i < 2 && peek(r, 0) >= '0' && peek(r, 0) <= '7'; i++)
        value = value * 8 + r->bytes.ptr[r->at++] - '0';
    return value & 0xFF;
}

static size_t literal_end(const struct pdf_reader *r)
{
    size_t depth = 1, i = r->at;

    for (; i < r->bytes.len && depth > 0; i++) {
        if (r->bytes.ptr[i] == '\\')
            i++;
        else if (r->bytes.ptr[i] == '(')
            depth++;
        else if (r->bytes.ptr[i] == ')')
            depth--;
    }
    return depth == 0 && i <= r->bytes.len ? i : SIZE_MAX;
}

static bool read_literal(struct pdf_reader *r, struct pdf_value *out)
{
    size_t end, put = 0;
    uint8_t *decoded;

    r->at++;
    end = literal_end(r);
    if (end == SIZE_MAX)
        return pdf_damaged(r->fault);
    decoded = arena_alloc(r->arena, end - r->at);
    if (decoded == NULL)
        return no_memory(r->fault);
    while (r->at < end - 1) {
        int c = r->bytes.ptr[r->at++];

        if (c == '\\') {
            c = read_escape(r);
            if (c < 0)
                continue;
        } else if (c == '\r') { /* every end of line is a line feed (7.3.4.2) */
            r->at += peek(r, 0) == '\n';
            c = '\n';
        }
        decoded[put++] = (uint8_t)c;
    }
    r->at = end;
    out->kind = PDF_STRING;
    out->text = (struct slice){decoded, put};
    return true;
}

static bool read_real_or_integer(struct pdf_reader *r, struct pdf_value *out)
{
    size_t digits = 0, points = 0;
    bool negative = peek(r, 0) == '-';

    r->at += peek(r, 0) == '-' || peek(r, 0) == '+';
    for (; peek(r, 0) == '.' || (peek(r, 0) >= '0' && peek(r, 0) <= '9'); r->at++) {
        if (peek(r, 0) == '.') {
            points++;
            continue;
        }
        if (++digits > 18)
            return pdf_damaged(r->fault);
        out->number = out->number * 10 + (peek(r, 0) - '0');
    }
    if (digits == 0 || points > 1 || (peek(r, 0) >= 0 && classes[peek(r, 0)] == 0))
        return pdf_damaged(r->fault);
    out->kind = points ? PDF_REAL : PDF_INTEGER;
    if (negative)
        out->number = -out->number;
    return true;
}

/* "12 0 R" where "12" was just read. */
static void maybe_reference(struct pdf_reader *r, struct pdf_value *v)
{
    size_t back = r->at;
    uint64_t generation = 0;

    if (v->number < 0 || v->number > INT32_MAX || !pdf_is_space((uint8_t)(peek(r, 0) < 0 ? 'x' : peek(r, 0))))
        return;
    pdf_skip_space(r);
    if (pdf_take_number(r, &generation) && generation <= 65535 && peek(r, 0) >= 0 &&
        pdf_is_space((uint8_t)peek(r, 0))) {
        pdf_skip_space(r);
        if (pdf_take(r, "R")) {
            v->kind = PDF_REFERENCE;
            v->generation = (uint32_t)generation;
            return;
        }
    }
    r->at = back;
}

static bool push(struct pdf_reader *r, const struct pdf_value *v)
{
    if (r->stack_count == r->stack_capacity) {
        size_t capacity = r->stack_capacity ? r->stack_capacity * 2 : 64;
        struct pdf_value *stack = realloc(r->stack, capacity * sizeof *stack);

        if (stack == NULL)
            return no_memory(r->fault);
        r->stack = stack;
        r->stack_capacity = capacity;
    }
    r->stack[r->stack_count++] = *v;
    return true;
}

static int name_order(const void *a, const void *b)
{
    const struct pdf_value *const *x = a, *const *y = b;
    size_t lx = (*x)->text.len, ly = (*y)->text.len;
    int order = memcmp((*x)->text.ptr, (*y)->text.ptr, lx < ly ? lx : ly);

    return order != 0 ? order : (lx > ly) - (lx < ly);
}

/* Readers disagree which of two equal keys counts, so a file that has them cannot be judged. */
static bool keys_unique(struct pdf_reader *r, const struct pdf_value *d)
{
    const struct pdf_value **sorted;
    size_t keys = d->count / 2;

    if (keys <= SMALL_DICTIONARY) {
        for (size_t i = 0; i < d->count; i += 2)
            for (size_t j = 0; j < i; j += 2)
                if (slice_equal(d->items[i].text, d->items[j].text))
                    return false;
        return true;
    }
    sorted = arena_array(r->arena, keys, sizeof(struct pdf_value *));
    if (sorted == NULL)
        return no_memory(r->fault);
    for (size_t i = 0; i < keys; i++)
        sorted[i] = &d->items[2 * i];
    qsort(sorted, keys, sizeof(struct pdf_value *), name_order);
    for (size_t i = 1; i < keys; i++)
        if (name_order(&sorted[i - 1], &sorted[i]) == 0)
            return false;
    return true;
}

static bool close_compound(struct pdf_reader *r, struct pdf_value *out, size_t from)
{
    struct pdf_value *items = NULL;

    out->count = r->stack_count - from;
    if (out->count > 0) {
        items = arena_array(r->arena, out->count, sizeof *items);
        if (items == NULL)
            return no_memory(r->fault);
        memcpy(items, r->stack + from, out->count * sizeof *items);
    }
    out->items = items;
    r->stack_count = from;
    if (out->kind == PDF_ARRAY)
        return true;
    if (out->count % 2 != 0)
        return pdf_damaged(r->fault);
    if (!keys_unique(r, out))
        return pdf_fault_set(r->fault, FAULT_UNSUPPORTED, "The file defines the same entry twice.",
                             "文件中同一项目被重复定义。");
    return true;
}

static bool read_value(struct pdf_reader *r, struct pdf_value *out, int depth);

static bool read_compound(struct pdf_reader *r, struct pdf_value *out, int depth)
{
    size_t from = r->stack_count;
    struct pdf_value v;

    out->kind = peek(r, 0) == '[' ? PDF_ARRAY : PDF_DICTIONARY;
    r->at += out->kind == PDF_ARRAY ? 1 : 2;
    for (;;) {
        pdf_skip_space(r);
        if (out->kind == PDF_ARRAY && peek(r, 0) == ']') {
            r->at++;
            break;
        }
        if (out->kind == PDF_DICTIONARY && peek(r, 0) == '>' && peek(r, 1) == '>') {
            r->at += 2;
            break;
        }
        if (!read_value(r, &v, depth + 1))
            return false;
        if (out->kind == PDF_DICTIONARY && (r->stack_count - from) % 2 == 0 && v.kind != PDF_NAME)
            return pdf_damaged(r->fault);
        if (!push(r, &v))
            return false;
    }
    return close_compound(r, out, from);
}

static bool read_keyword(struct pdf_reader *r, struct pdf_value *out)
{
    if (pdf_take(r, "null")) {
        out->kind = PDF_NULL;
    } else if (pdf_take(r, "true")) {
        out->kind = PDF_BOOLEAN;
        out->number = 1;
    } else if (pdf_take(r, "false")) {
        out->kind = PDF_BOOLEAN;
    } else {
        return pdf_damaged(r->fault);
    }
    return true;
}

static bool read_value(struct pdf_reader *r, struct pdf_value *out, int depth)
{
    size_t start;
    int c;
    bool fine;

    memset(out, 0, sizeof *out);
    pdf_skip_space(r);
    start = r->at;
    c = peek(r, 0);
    if (depth > MAX_DEPTH || *r->budget == 0)
        return too_much(r->fault);
    --*r->budget;
    if (c == '[' || (c == '<' && peek(r, 1) == '<'))
        fine = read_compound(r, out, depth);
    else if (c == '<')
        fine = read_hexadecimal(r, out);
    else if (c == '(')
        fine = read_literal(r, out);
    else if (c == '/')
        fine = read_name(r, out);
    else if (c == '+' || c == '-' || c == '.' || (c >= '0' && c <= '9'))
        fine = read_real_or_integer(r, out);
    else
        fine = read_keyword(r, out);
    if (!fine)
        return false;
    if (out->kind == PDF_INTEGER)
        maybe_reference(r, out);
    out->source = slice_part(r->bytes, start, r->at - start);
    return true;
}

bool pdf_read(struct pdf_reader *r, struct pdf_value *out)
{
    r->stack_count = 0;
    return read_value(r, out, 0);
}

void pdf_reader_dispose(struct pdf_reader *r)
{
    free(r->stack);
    r->stack = NULL;
    r->stack_count = r->stack_capacity = 0;
}

const struct pdf_value *pdf_get(const struct pdf_value *d, const char *key)
{
    size_t len = strlen(key);

    if (d == NULL || d->kind != PDF_DICTIONARY)
        return NULL;
    for (size_t i = 0; i + 1 < d->count; i += 2)
        if (d->items[i].text.len == len && memcmp(d->items[i].text.ptr, key, len) == 0)
            return &d->items[i + 1];
    return NULL;
}

bool pdf_name_is(const struct pdf_value *v, const char *name)
{
    return v != NULL && v->kind == PDF_NAME && slice_equal(v->text, slice_of(name));
}

bool pdf_number(const struct pdf_value *v, double *out)
{
    double value = 0, scale = 0;

    if (v == NULL || (v->kind != PDF_INTEGER && v->kind != PDF_REAL))
        return false;
    for (size_t i = 0; i < v->source.len; i++) {
        uint8_t c = v->source.ptr[i];

        if (c == '.') {
            scale = 1;
        } else if (c >= '0' && c <= '9') {
            value = value * 10 + (c - '0');
            scale *= 10;
        }
    }
    *out = (scale > 0 ? value / scale : value) * (v->source.ptr[0] == '-' ? -1 : 1);
    return true;
}

static bool items_equal(const struct pdf_value *a, const struct pdf_value *b, size_t *budget)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct pdf_value *other = &b->items[i];

        if (a->kind == PDF_DICTIONARY) {
            size_t j = i;

            /* mostly in the same order; else look for it */
            if (!slice_equal(a->items[i].text, b->items[j].text)) {
                for (j = 0; j<b->count; j += 2, *budget -= *budget> 0)
                    if (slice_equal(a->items[i].text, b->items[j].text))
                        break;
            }
            if (j >= b->count)
                return false;
            other = &b->items[j + 1];
            i++;
        }
        if (!pdf_equal(&a->items[i], other, budget))
            return false;
    }
    return true;
}

bool pdf_equal(const struct pdf_value *a, const struct pdf_value *b, size_t *budget)
{
    double x = 0, y = 0;

    if (*budget == 0)
        return false;
    --*budget;
    if (pdf_number(a, &x) && pdf_number(b, &y))
        return x >= y && x <= y;
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case PDF_NAME:
    case PDF_STRING:
        return slice_equal(a->text, b->text);
    case PDF_ARRAY:
    case PDF_DICTIONARY:
        return items_equal(a, b, budget);
    case PDF_REFERENCE:
        return a->number == b->number && a->generation == b->generation;
    default:
        return a->number == b->number;
    }
}

static const char *text_of_utf16(struct slice s, struct arena *a)
{
    char *out = arena_alloc(a, s.len / 2 * 3 + 1);
    size_t put = 0;

    for (size_t i = 2; out != NULL && i + 1 < s.len; i += 2) {
        uint32_t c = (uint32_t)(s.ptr[i] << 8 | s.ptr[i + 1]);

        if (c >= 0xD800 && c < 0xDC00 && i + 3 < s.len && (s.ptr[i + 2] & 0xFC) == 0xDC) {
            c = 0x10000 + ((c - 0xD800) << 10) + ((uint32_t)(s.ptr[i + 2] & 3) << 8 | s.ptr[i + 3]);
            i += 2;
        } else if (c >= 0xD800 && c < 0xE000) {
            c = 0xFFFD;
        }
        put += utf8_put(out + put, c == 0 ? 0xFFFD : c);
    }
    return out;
}

const char *pdf_text(const struct pdf_value *v, struct arena *a)
{
    struct slice s;
    char *out;
    size_t put = 0;

    if (v == NULL || v->kind != PDF_STRING)
        return "";
    s = v->text;
    if (s.len >= 2 && s.ptr[0] == 0xFE && s.ptr[1] == 0xFF)
        return text_of_utf16(s, a);
    if (s.len >= 3 && memcmp(s.ptr, "\xEF\xBB\xBF", 3) == 0) {
        s = slice_part(s, 3, s.len);
        return utf8_valid(s) ? arena_slice(a, s) : "";
    }
    out = arena_alloc(a, 2 * s.len + 1);
    for (size_t i = 0; out != NULL && i < s.len; i++)
        put += utf8_put(out + put, s.ptr[i] == 0 ? 0xFFFD : s.ptr[i]);
    return out;
}
