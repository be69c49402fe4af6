#include "sign/pdf_stream.h"
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INFLATED = 64 * 1024 * 1024, MAX_COLUMNS = 65536 };

struct pdf_pack {
    struct slice bytes;
    size_t first, count;
    uint32_t *numbers, *offsets;
};

static bool unsupported(struct pdf_file *f)
{
    return pdf_fault_set(&f->fault, FAULT_UNSUPPORTED,
                         "The file is compressed in a way that cannot be examined.",
                         "文件采用了无法检查的压缩方式。");
}

/* The size is not known beforehand: try with ever more room, within what all streams together may take. */
static bool inflate_data(struct pdf_file *f, struct slice data, struct slice *out)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t size = data.len < 1024 ? 8192 : data.len * 8, taken = 0, made = 0;
    enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
    uint8_t *bytes = NULL;

    while (d != NULL && result == LIBDEFLATE_INSUFFICIENT_SPACE) {
        if (size > MAX_INFLATED - f->inflated)
            size = MAX_INFLATED - f->inflated;
        free(bytes);
        bytes = malloc(size + 1);
        if (bytes == NULL)
            break;
        result = libdeflate_zlib_decompress_ex(d, data.ptr, data.len, bytes, size, &taken, &made);
        if (result == LIBDEFLATE_INSUFFICIENT_SPACE && size == MAX_INFLATED - f->inflated)
            break;
        size = size > MAX_INFLATED / 4 ? MAX_INFLATED : size * 4;
    }
    libdeflate_free_decompressor(d);
    if (result == LIBDEFLATE_SUCCESS) {
        uint8_t *copy = arena_alloc(f->arena, made + 1);

        if (copy != NULL)
            memcpy(copy, bytes, made);
        *out = (struct slice){copy, copy == NULL ? 0 : made};
        f->inflated += made;
    }
    free(bytes);
    if (result == LIBDEFLATE_SUCCESS && out->ptr != NULL)
        return true;
    return result == LIBDEFLATE_BAD_DATA ? pdf_damaged(&f->fault) : unsupported(f);
}

static uint8_t paeth(int left, int up, int corner)
{
    int p = left + up - corner, a = abs(p - left), b = abs(p - up), c = abs(p - corner);

    return (uint8_t)(a <= b && a <= c ? left : b <= c ? up : corner);
}

/* PNG filters (RFC 2083 6) of rows of bytes, in place; each row sheds its filter type. */
static bool unpredict(struct slice *s, size_t columns)
{
    uint8_t *bytes = (uint8_t *)s->ptr;
    size_t rows = s->len / (columns + 1);

    if (rows * (columns + 1) != s->len)
        return false;
    for (size_t y = 0; y < rows; y++) {
        const uint8_t *in = bytes + y * (columns + 1), *up = y ? bytes + (y - 1) * columns : bytes;
        uint8_t *row = bytes + y * columns, type = *in++;

        for (size_t x = 0; x < columns; x++) {
            uint8_t left = x ? row[x - 1] : 0, above = y ? up[x] : 0, corner = x && y ? up[x - 1] : 0;
            uint8_t add = type == 1   ? left
                          : type == 2 ? above
                          : type == 3 ? (uint8_t)((left + above) / 2)
                          : type == 4 ? paeth(left, above, corner)
                                      : 0;

            row[x] = (uint8_t)(in[x] + add);
        }
        if (type > 4)
            return false;
    }
    s->len = rows * columns;
    return true;
}

static const struct pdf_value *only(const struct pdf_value *v)
{
    return v != NULL && v->kind == PDF_ARRAY && v->count == 1 ? &v->items[0] : v;
}

static int64_t parameter(const struct pdf_value *d, const char *key, int64_t otherwise)
{
    const struct pdf_value *v = pdf_get(d, key);

    return v == NULL ? otherwise : v->kind == PDF_INTEGER ? v->number : -1;
}

bool pdf_unpack(struct pdf_file *f, const struct pdf_object *o, struct slice *out)
{
    const struct pdf_value *filter = only(pdf_get(&o->value, "Filter"));
    const struct pdf_value *parameters = only(pdf_get(&o->value, "DecodeParms"));
    int64_t predictor = parameter(parameters, "Predictor", 1), columns = parameter(parameters, "Columns", 1);

    if (!o->is_stream)
        return pdf_damaged(&f->fault);
    *out = o->data;
    if (filter == NULL)
        return true;
    if (!pdf_name_is(filter, "FlateDecode") || (parameters != NULL && parameters->kind != PDF_DICTIONARY) ||
        (predictor != 1 && (predictor < 10 || predictor > 15)) || columns < 1 || columns > MAX_COLUMNS ||
        parameter(parameters, "Colors", 1) != 1 || parameter(parameters, "BitsPerComponent", 8) != 8)
        return unsupported(f);
    if (!inflate_data(f, o->data, out))
        return false;
    return predictor == 1 || unpredict(out, (size_t)columns) || pdf_damaged(&f->fault);
}

static bool index_read(struct pdf_file *f, struct pdf_pack *pack)
{
    struct pdf_reader r = {.bytes = slice_part(pack->bytes, 0, pack->first)};

    for (size_t i = 0; i < pack->count; i++) {
        uint64_t number, offset;

        pdf_skip_space(&r);
        if (!pdf_take_number(&r, &number) || number > UINT32_MAX)
            return pdf_damaged(&f->fault);
        pdf_skip_space(&r);
        if (!pdf_take_number(&r, &offset) || offset >= pack->bytes.len - pack->first)
            return pdf_damaged(&f->fault);
        pack->numbers[i] = (uint32_t)number;
        pack->offsets[i] = (uint32_t)offset;
    }
    return true;
}

bool pdf_pack_open(struct pdf_file *f, struct pdf_object *o)
{
    int64_t count = parameter(&o->value, "N", -1), first = parameter(&o->value, "First", -1);
    struct pdf_pack *pack;

    if (o->pack != NULL)
        return true;
    pack = arena_alloc(f->arena, sizeof *pack);
    if (pack == NULL || !pdf_name_is(pdf_get(&o->value, "Type"), "ObjStm") || first < 0 || count < 0 ||
        !pdf_unpack(f, o, &pack->bytes) || (uint64_t)first > pack->bytes.len ||
        (uint64_t)count > pack->bytes.len)
        return pdf_damaged(&f->fault);
    pack->first = (size_t)first;
    pack->count = (size_t)count;
    pack->numbers = arena_array(f->arena, pack->count, sizeof *pack->numbers);
    pack->offsets = arena_array(f->arena, pack->count, sizeof *pack->offsets);
    if (pack->numbers == NULL || pack->offsets == NULL || !index_read(f, pack))
        return pdf_damaged(&f->fault);
    o->pack = pack;
    return true;
}

bool pdf_pack_read(struct pdf_file *f, const struct pdf_pack *pack, uint32_t index, uint32_t number,
                   struct pdf_value *out)
{
    struct pdf_reader r = {.bytes = pack->bytes, .arena = f->arena, .budget = &f->budget, .fault = &f->fault};
    bool fine;

    if (index >= pack->count || pack->numbers[index] != number)
        return pdf_damaged(&f->fault);
    r.at = pack->first + pack->offsets[index];
    fine = pdf_read(&r, out);
    pdf_reader_dispose(&r);
    return pdf_charge(&f->budget, r.at - pack->first - pack->offsets[index], &f->fault) && fine;
}

bool pdf_pack_part(const struct pdf_pack *pack, size_t i, struct slice *out)
{
    size_t from, to;

    if (i >= pack->count)
        return false;
    from = pack->offsets[i];
    to = i + 1 < pack->count ? pack->offsets[i + 1] : pack->bytes.len - pack->first;
    if (to < from)
        return false;
    *out = slice_part(pack->bytes, pack->first + from, to - from);
    return true;
}

size_t pdf_pack_count(const struct pdf_pack *pack)
{
    return pack->count;
}
