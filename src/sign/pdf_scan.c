#include "sign/pdf_scan.h"
#include "sign/pdf_stream.h"
#include <string.h>

struct scan {
    const uint8_t *at, *end;
    pdf_visitor *visit;
    void *arg;
    uint64_t numbers[2]; /* the last two integers in a row */
    unsigned run;        /* how many there were */
    size_t depth;        /* of open arrays and dictionaries */
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

/* Some programs read "7 0R", "+7 0 R" or "7.0 0 R" as references too. What is no plain number ends the run,
 * so that its R stands alone; what is no number at all is refused here. */
static bool number_take(struct scan *s)
{
    uint64_t value = 0;
    struct slice word = word_take(s);
    bool plain = true;

    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.ptr[i];

        if (c != '.' && c != '-' && c != '+' && (c < '0' || c > '9'))
            return false;
        plain = plain && c >= '0' && i < 10;
        value = plain ? value * 10 + (uint64_t)(c - '0') : 0;
    }
    if (!plain) {
        s->run = 0;
        return true;
    }
    s->numbers[0] = s->numbers[1];
    s->numbers[1] = value;
    s->run++;
    return true;
}

/* Two integers stand before an R; anything else could be a reference for some programs, but not here. */
static bool word_judge(struct scan *s, bool *ended)
{
    struct slice word = word_take(s);

    *ended = slice_equal(word, slice_of("endobj")) || slice_equal(word, slice_of("stream"));
    if (*ended)
        return s->depth == 0; /* inside they would hide the rest */
    if (slice_equal(word, slice_of("R"))) {
        if (s->run < 2)
            return false;
        s->visit(s->arg, s->numbers[0]);
    }
    s->run = 0;
    s->is_pack |= slice_equal(word, slice_of("/ObjStm"));
    return true;
}

static bool bracket_take(struct scan *s)
{
    uint8_t c = *s->at;
    bool twice = (c == '<' || c == '>') && s->at + 1 < s->end && s->at[1] == c;

    s->at += twice ? 2 : 1;
    s->run = 0;
    if (c == '[' || c == '<')
        s->depth++;
    else if ((c == ']' || c == '>') && s->depth-- == 0)
        return false;
    return c == '[' || c == ']' || twice;
}

static void comment_skip(struct scan *s)
{
    while (s->at < s->end && *s->at != '\n' && *s->at != '\r')
        s->at++;
}

/* Goes to the end, or to the keyword that ends the object or its dictionary. */
static bool scan_tokens(struct scan *s)
{
    while (s->at < s->end) {
        uint8_t c = *s->at;
        bool fine = true, ended = false;

        if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0')
            s->at++;
        else if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')
            fine = number_take(s);
        else if (c == '%')
            comment_skip(s);
        else if (c == '(')
            fine = skip_literal(s);
        else if (c == '<' && s->at + 1 < s->end && s->at[1] != '<')
            fine = skip_hexadecimal(s);
        else if (c != '/' && ends_token(c))
            fine = bracket_take(s);
        else
            fine = word_judge(s, &ended);
        if (!fine || ended)
            return fine;
    }
    return s->depth == 0;
}

/* Each object by itself: read in one go, an object could hide in a string of the one before it. */
static bool scan_pack(struct pdf_file *f, struct pdf_entry *entry, struct scan *s)
{
    const struct pdf_object *o = pdf_object_of(f, entry);

    if (o == NULL || !pdf_name_is(pdf_get(&o->value, "Type"), "ObjStm"))
        return f->fault.kind == FAULT_NONE;
    if (!pdf_pack_open(f, (struct pdf_object *)o))
        return false;
    for (size_t i = 0; i < pdf_pack_count(o->pack); i++) {
        struct slice part;

        if (!pdf_pack_part(o->pack, i, &part))
            return false;
        s->at = part.ptr;
        s->end = part.ptr + part.len;
        s->run = 0;
        s->depth = 0;
        if (!scan_tokens(s))
            return false;
    }
    return true;
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
