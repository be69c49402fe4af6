#include "sign/pdf_scan.h"
#include "sign/pdf_stream.h"
#include <string.h>

struct scan {
    const uint8_t *at, *end;
    pdf_visitor *visit;
    void *arg;
    uint64_t numbers[2]; /* the last two integers in a row */
    unsigned run;        /* how many there were */
    bool is_pack;
};

/* Delimiters and white space (7.2.2). */
static const bool ends[256] = {
    ['('] = true,  [')'] = true,  ['<'] = true,  ['>'] = true, ['['] = true,  [']'] = true,
    ['{'] = true,  ['}'] = true,  ['/'] = true,  ['%'] = true, ['\0'] = true, ['\t'] = true,
    ['\n'] = true, ['\f'] = true, ['\r'] = true, [' '] = true};

static bool ends_token(uint8_t c)
{
    return ends[c];
}

static bool skip_literal(struct scan *s)
{
    size_t depth = 0;

    for (; s->at < s->end; s->at++) {
        if (*s->at == '\\')
            s->at++;
        else if (*s->at == '(')
            depth++;
        else if (*s->at == ')' && --depth == 0)
            break;
    }
    s->run = 0;
    return s->at++ < s->end;
}

static bool skip_hexadecimal(struct scan *s)
{
    const uint8_t *close = memchr(s->at, '>', (size_t)(s->end - s->at));

    s->run = 0;
    if (close == NULL)
        return false;
    s->at = close + 1;
    return true;
}

static struct slice word_take(struct scan *s)
{
    const uint8_t *start = s->at++;

    while (s->at < s->end && !ends_token(*s->at))
        s->at++;
    return (struct slice){start, (size_t)(s->at - start)};
}

static void number_take(struct scan *s)
{
    uint64_t value = 0;
    struct slice word = word_take(s);

    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9' || i > 10) {
            s->run = 0;
            return;
        }
        value = value * 10 + (uint64_t)(word.ptr[i] - '0');
    }
    s->numbers[0] = s->numbers[1];
    s->numbers[1] = value;
    s->run++;
}

/* Goes to the end, or to the keyword that ends the object or its dictionary. */
static bool scan_tokens(struct scan *s)
{
    while (s->at < s->end) {
        uint8_t c = *s->at;
        struct slice word;

        if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0') {
            s->at++;
        } else if (c >= '0' && c <= '9') {
            number_take(s);
        } else if (c == '%') {
            while (s->at < s->end && *s->at != '\n' && *s->at != '\r')
                s->at++;
        } else if (c == '(') {
            if (!skip_literal(s))
                return false;
        } else if (c == '<' && s->at + 1 < s->end && s->at[1] != '<') {
            if (!skip_hexadecimal(s))
                return false;
        } else if (c == '<') {
            s->at += 2;
            s->run = 0;
        } else if (c != '/' && ends_token(c)) {
            s->at++;
            s->run = 0;
        } else {
            word = word_take(s);
            if (word.len == 1 && c == 'R' && s->run >= 2)
                s->visit(s->arg, s->numbers[0]);
            s->run = 0;
            s->is_pack |= slice_equal(word, slice_of("/ObjStm"));
            if (slice_equal(word, slice_of("endobj")) || slice_equal(word, slice_of("stream")))
                return true;
        }
    }
    return true;
}

static bool scan_pack(struct pdf_file *f, struct pdf_entry *entry, struct scan *s)
{
    const struct pdf_object *o = pdf_object_of(f, entry);
    struct slice bytes;

    if (o == NULL || !pdf_name_is(pdf_get(&o->value, "Type"), "ObjStm"))
        return f->fault.kind == FAULT_NONE;
    if (!pdf_pack_open(f, (struct pdf_object *)o))
        return false;
    bytes = pdf_pack_bytes(o->pack);
    s->at = bytes.ptr;
    s->end = bytes.ptr + bytes.len;
    s->run = 0;
    return scan_tokens(s);
}

bool pdf_scan(struct pdf_file *f, struct pdf_entry *entry, pdf_visitor *visit, void *arg)
{
    struct slice bytes = slice_part(f->bytes, (size_t)entry->at, SIZE_MAX);
    struct scan s = {.at = bytes.ptr, .end = bytes.ptr + bytes.len, .visit = visit, .arg = arg};

    bool whole;

    if (entry->type != 1)
        return true; /* its object stream is scanned */
    whole = scan_tokens(&s);
    if (!pdf_charge(&f->budget, (size_t)(s.at - bytes.ptr), &f->fault) || !whole)
        return false;
    return !s.is_pack || scan_pack(f, entry, &s);
}
