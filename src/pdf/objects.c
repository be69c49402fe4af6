/* objects.c - indirect objects through libharu, which numbers them and writes the cross-reference table.
 *
 * libharu's errors are sticky and a later one overwrites the first, so the first is kept here; every one of
 * them means that there was no memory, since nothing from outside reaches it. */
#include "pdf/pdf_internal.h"
#include <hpdf_utils.h>
#include <string.h>

/* Takes the place of libharu's own, which copies byte by byte and costs a fifth of a document. Its callers
 * go on writing at what it returns: the end, not the start. */
HPDF_BYTE *HPDF_MemCpy(HPDF_BYTE *out, const HPDF_BYTE *in, HPDF_UINT n)
{
    if (n > 0)
        memcpy(out, in, n);
    return out + n;
}

static void keep_first_error(HPDF_STATUS error, HPDF_STATUS detail, void *user)
{
    struct objects *o = user;

    (void)detail;
    if (o->first_error == HPDF_OK)
        o->first_error = error;
}

int objects_failed(const struct objects *o, struct err *e)
{
    if (o->first_error == HPDF_OK || (o->first_error & 0xFFFF) == HPDF_FAILD_TO_ALLOC_MEM)
        return err_no_memory(e);
    (void)err_set(e, ERR_INTERNAL, "The PDF could not be written; report this as a bug.",
                  "无法写出 PDF 文件，请作为程序缺陷报告。");
    return err_detail(e, "libharu error %#lx", (unsigned long)o->first_error);
}

int objects_open(struct objects *o, struct arena *arena, struct err *e)
{
    *o = (struct objects){NULL, arena, HPDF_OK};
    o->doc = HPDF_New(keep_first_error, o); /* not from its pool, which misaligns */
    if (o->doc == NULL)
        return objects_failed(o, e);
    o->doc->pdf_version = HPDF_VER_17;
    return 0;
}

void objects_close(struct objects *o)
{
    if (o->doc != NULL)
        HPDF_Free(o->doc);
    o->doc = NULL;
}

static HPDF_STATUS write_body(HPDF_Dict dict, HPDF_Stream stream)
{
    const struct object *object = dict->attr;
    HPDF_STATUS status = HPDF_Stream_Write(stream, object->body.ptr, (HPDF_UINT)object->body.len);

    return status != HPDF_OK ? status : HPDF_Stream_WriteStr(stream, "\n");
}

struct object *object_adopt(struct objects *o, HPDF_Dict dict)
{
    struct object *object = arena_alloc(o->arena, sizeof *object);

    if (dict == NULL || object == NULL)
        return NULL;
    object->dict = dict;
    dict->attr = object;
    dict->write_fn = write_body;
    return object;
}

struct object *object_direct_new(struct objects *o)
{
    return object_adopt(o, HPDF_Dict_New(o->doc->mmgr));
}

struct object *object_new(struct objects *o)
{
    HPDF_Dict dict = HPDF_Dict_New(o->doc->mmgr);

    if (dict == NULL || HPDF_Xref_Add(o->doc->xref, dict) != HPDF_OK)
        return NULL;
    return object_adopt(o, dict);
}

unsigned object_id(const struct object *object)
{
    return object->dict->header.obj_id & 0x00FFFFFF;
}

static HPDF_STATUS data_read(HPDF_Stream stream, HPDF_BYTE *ptr, HPDF_UINT *size)
{
    struct object *object = stream->attr;
    struct slice part = slice_part(object->data, object->at, *size);
    bool whole = part.len == *size;

    if (part.len > 0)
        memcpy(ptr, part.ptr, part.len);
    object->at += part.len;
    *size = (HPDF_UINT)part.len;
    return whole ? HPDF_OK : HPDF_STREAM_EOF;
}

static HPDF_STATUS data_seek(HPDF_Stream stream, HPDF_INT position, HPDF_WhenceMode mode)
{
    (void)mode; /* only ever to the start */
    ((struct object *)stream->attr)->at = (size_t)position;
    return HPDF_OK;
}

static HPDF_INT32 data_tell(HPDF_Stream stream)
{
    return (HPDF_INT32)((struct object *)stream->attr)->at;
}

static HPDF_UINT32 data_size(HPDF_Stream stream)
{
    return (HPDF_UINT32)((struct object *)stream->attr)->data.len;
}

/* Lets libharu read the stream's bytes from where they are. */
static bool set_data(struct objects *o, struct object *object, struct slice data)
{
    HPDF_Stream reader =
        HPDF_CallbackReader_New(o->doc->mmgr, data_read, data_seek, data_tell, data_size, object);

    if (reader == NULL)
        return false;
    HPDF_Stream_Free(object->dict->stream);
    object->dict->stream = reader;
    object->data = data;
    return true;
}

struct object *object_stream_new(struct objects *o, struct slice data)
{
    HPDF_Dict dict = HPDF_DictStream_New(o->doc->mmgr, o->doc->xref);
    struct object *object = object_adopt(o, dict);

    return object != NULL && set_data(o, object, data) ? object : NULL;
}

bool object_adopt_stream(struct objects *o, HPDF_Dict dict, struct slice body, struct slice data)
{
    struct object *object = object_adopt(o, dict);

    if (object == NULL || !set_data(o, object, data))
        return false;
    object->body = body;
    return true;
}

struct slice body_keep(struct objects *o, struct buf *text)
{
    char *copy = buf_ok(text) ? arena_slice(o->arena, buf_view(text)) : NULL;
    struct slice kept = {(const uint8_t *)copy, copy != NULL ? text->len : 0};

    if (copy == NULL && o->first_error == HPDF_OK)
        o->first_error = HPDF_FAILD_TO_ALLOC_MEM;
    buf_reset(text);
    return kept;
}

static HPDF_STATUS write_out(HPDF_Stream stream, const HPDF_BYTE *ptr, HPDF_UINT size)
{
    struct buf *out = stream->attr;

    buf_append_bytes(out, ptr, size);
    return buf_ok(out) ? HPDF_OK : HPDF_FAILD_TO_ALLOC_MEM;
}

int objects_save(struct objects *o, struct buf *out, struct err *e)
{
    static const char header[] = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"; /* four bytes above 127: a binary file */
    HPDF_Doc doc = o->doc;
    HPDF_Stream stream;

    if (o->first_error != HPDF_OK)
        return objects_failed(o, e);
    stream = HPDF_CallbackWriter_New(doc->mmgr, write_out, out);
    if (stream == NULL)
        return objects_failed(o, e);
    if (HPDF_Stream_WriteStr(stream, header) != HPDF_OK ||
        HPDF_Dict_Add(doc->trailer, "Root", doc->catalog) != HPDF_OK ||
        HPDF_Xref_WriteToStream(doc->xref, stream, NULL) != HPDF_OK || o->first_error != HPDF_OK) {
        HPDF_Stream_Free(stream);
        if (!buf_ok(out))
            return err_set(
                e, ERR_TOO_LARGE,
                "The document would be larger than %zu bytes; divide its rows among several documents.",
                "文件将超过 %zu 字节，请把各行分到几份文件中。", out->max);
        return objects_failed(o, e);
    }
    HPDF_Stream_Free(stream);
    return 0;
}
