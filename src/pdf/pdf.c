/* pdf.c - a document from its pages: content, fonts, pictures, fields, metadata, in this order. */
#include "pdf/pdf_internal.h"
#include <stdlib.h>
#include <string.h>

static const double MM = 72 / 25.4;

/* So much of a document's page contents is stored as it is: for a certificate's one page, compressing would
 * cost more than writing and hashing the bytes that it saves. */
enum { STORED_AT_MOST = 16 * 1024 };

struct sheet {
    HPDF_Page page;
    struct buf content, deflated;
    bool transparent;
};

static int begin_page(struct document *d, struct sheet *sheet, const struct page *page, size_t number,
                      struct err *e)
{
    buf_init(&sheet->content, PDF_MAX_BYTES);
    buf_init(&sheet->deflated, PDF_MAX_BYTES);
    if (content_paint(&sheet->content, d, page, number, &sheet->transparent, e) != 0)
        return -1;
    d->stored += sheet->content.len;
    if (d->stored > STORED_AT_MOST &&
        deflate_append(&sheet->deflated, buf_view(&sheet->content), d->kit->quick, e) != 0)
        return -1;
    sheet->page = HPDF_AddPage(d->objects.doc);
    if (sheet->page == NULL || HPDF_Page_SetWidth(sheet->page, (HPDF_REAL)(page->width * MM)) != HPDF_OK ||
        HPDF_Page_SetHeight(sheet->page, (HPDF_REAL)(page->height * MM)) != HPDF_OK)
        return objects_failed(&d->objects, e);
    return 0;
}

static int end_page(struct document *d, struct sheet *sheet, struct object *resources, struct err *e)
{
    HPDF_PageAttr attr = sheet->page->attr;
    bool deflated = sheet->deflated.len > 0;
    struct object *group;

    if (HPDF_Dict_Add(sheet->page, "Resources", resources->dict) != HPDF_OK ||
        !object_adopt_stream(&d->objects, attr->contents,
                             deflated ? slice_of("/Filter /FlateDecode") : (struct slice){NULL, 0},
                             buf_view(deflated ? &sheet->deflated : &sheet->content)))
        return objects_failed(&d->objects, e);
    attr->stream = attr->contents->stream;
    if (!sheet->transparent)
        return 0;
    group = object_direct_new(&d->objects);
    if (group == NULL || HPDF_Dict_Add(sheet->page, "Group", group->dict) != HPDF_OK)
        return objects_failed(&d->objects, e);
    group->body = slice_of("/S /Transparency /CS /DeviceRGB");
    return 0;
}

static struct object *write_resources(struct document *d)
{
    struct object *resources = object_new(&d->objects);
    struct buf text = BUF_INIT(PDF_MAX_BYTES);

    if (resources == NULL)
        return NULL;
    buf_append_text(&text, "/Font <<");
    text_write_fonts(d, &text);
    buf_append_text(&text, ">> /XObject <<");
    for (size_t i = 0; i < d->xobject_count; i++)
        buf_printf(&text, "/X%zu %u 0 R ", i, d->xobjects[i].id);
    buf_append_text(&text, ">> /ExtGState <<");
    for (int permille = 0; permille <= 1000; permille++) {
        if (d->alphas[permille])
            buf_printf(&text, "/A%d %u 0 R ", permille, alpha_object(d, permille));
    }
    buf_append_text(&text, ">>");
    resources->body = body_keep(&d->objects, &text);
    buf_dispose(&text);
    return resources;
}

/* A field that will lock itself when it is signed (ISO 32000-1, table 232: an indirect object). */
static struct object *write_lock(struct document *d, const struct field *field, struct buf *text)
{
    struct object *lock = object_new(&d->objects);

    if (lock == NULL)
        return NULL;
    buf_printf(text, "/Type /SigFieldLock /Action /Include /Fields [(%s)]", field->name);
    lock->body = body_keep(&d->objects, text);
    return lock;
}

/* An annotation needs an appearance unless it has no size (ISO 19005-2, 6.3.3); until the seal comes, it is
 * empty. */
static struct object *write_appearance(struct document *d, const struct field *field, struct buf *text)
{
    struct object *form = object_stream_new(&d->objects, (struct slice){NULL, 0});
    double box[4] = {0, 0, field->box.w * MM, field->box.h * MM};

    if (form == NULL)
        return NULL;
    buf_append_text(text, "/Type /XObject /Subtype /Form /Resources <<>> /BBox [");
    canvas_numbers(text, box, 4, 3);
    buf_append_char(text, ']');
    form->body = body_keep(&d->objects, text);
    return form;
}

static bool name_is_plain(const char *name)
{
    return name[0] != '\0' && strlen(name) <= 64 &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(name);
}

/* Field and widget in one object (12.5.6.19): /F 132 is Print and Locked. */
static struct object *write_field(struct document *d, const struct field *field, const struct sheet *sheet,
                                  double page_height, struct buf *text)
{
    const struct box *b = &field->box;
    bool visible = b->w > 0 && b->h > 0;
    double bottom = (page_height - b->y - b->h) * MM;
    double rect[4] = {b->x * MM, bottom, (b->x + b->w) * MM, bottom + b->h * MM};
    struct object *widget = object_new(&d->objects);
    struct object *form = visible ? write_appearance(d, field, text) : NULL;
    struct object *lock = write_lock(d, field, text);

    if (widget == NULL || lock == NULL || (visible && form == NULL))
        return NULL;
    buf_printf(text, "/Type /Annot /Subtype /Widget /FT /Sig /T (%s) /F 132 /Rect [", field->name);
    if (visible)
        canvas_numbers(text, rect, 4, 3);
    else
        buf_append_text(text, "0 0 0 0");
    buf_printf(text, "] /P %u 0 R /Lock %u 0 R", sheet->page->header.obj_id & 0x00FFFFFF, object_id(lock));
    if (visible)
        buf_printf(text, " /AP <</N %u 0 R>>", object_id(form));
    widget->body = body_keep(&d->objects, text);
    return widget;
}

static int add_annotation(struct document *d, HPDF_Page page, struct object *widget, struct err *e)
{
    HPDF_Array annotations = HPDF_Dict_GetItem(page, "Annots", HPDF_OCLASS_ARRAY);

    if (annotations == NULL) {
        annotations = HPDF_Array_New(d->objects.doc->mmgr);
        if (annotations == NULL || HPDF_Dict_Add(page, "Annots", annotations) != HPDF_OK)
            return objects_failed(&d->objects, e);
    }
    if (HPDF_Array_Add(annotations, widget->dict) != HPDF_OK)
        return objects_failed(&d->objects, e);
    return 0;
}

/* All fields stand in the file before the first signature: one that came later would break it. */
static int write_fields(struct document *d, const struct sheet *sheets, const struct pages *pages,
                        struct err *e)
{
    struct buf text = BUF_INIT(PDF_MAX_BYTES), list = BUF_INIT(PDF_MAX_BYTES);
    struct object *form;
    int rc = -1;

    buf_append_text(&list, "/SigFlags 3 /Fields [");
    for (size_t i = 0; i < d->field_count; i++) {
        const struct field *field = &d->fields[i];
        struct object *widget;

        if (!name_is_plain(field->name)) {
            (void)err_set(e, ERR_INVALID,
                          "A signature field cannot be named \"%s\": use letters, digits, - and _.",
                          "签名域不能命名为“%s”，请使用字母、数字、- 和 _。", field->name);
            goto out;
        }
        widget = write_field(d, field, &sheets[field->page], pages->list[field->page].height, &text);
        if (widget == NULL) {
            (void)objects_failed(&d->objects, e);
            goto out;
        }
        if (add_annotation(d, sheets[field->page].page, widget, e) != 0)
            goto out;
        buf_printf(&list, "%u 0 R ", object_id(widget));
    }
    buf_append_char(&list, ']');
    form = d->field_count > 0 ? object_direct_new(&d->objects) : NULL;
    if (form != NULL) {
        form->body = body_keep(&d->objects, &list);
        if (HPDF_Dict_Add(d->objects.doc->catalog, "AcroForm", form->dict) != HPDF_OK) {
            (void)objects_failed(&d->objects, e);
            goto out;
        }
    }
    rc = 0;
out:
    buf_dispose(&text);
    buf_dispose(&list);
    return rc;
}

static int write_guides(struct document *d, const struct sheet *sheets, const struct pages *pages,
                        struct err *e)
{
    unsigned *ids = arena_array(d->objects.arena, pages->count, sizeof *ids);

    if (ids == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < pages->count; i++)
        ids[i] = sheets[i].page->header.obj_id & 0x00FFFFFF;
    return outline_write(&d->objects, pages, ids, e) == 0 ? labels_write(&d->objects, pages, e) : -1;
}

static int write_all(struct buf *out, struct document *d, struct sheet *sheets, const struct pages *pages,
                     const struct pdf_info *info, struct err *e)
{
    struct object *resources;

    if (text_collect(d, pages, e) != 0)
        return -1;
    for (size_t i = 0; i < pages->count; i++) {
        if (begin_page(d, &sheets[i], &pages->list[i], i, e) != 0)
            return -1;
    }
    resources = write_resources(d);
    if (resources == NULL)
        return objects_failed(&d->objects, e);
    for (size_t i = 0; i < pages->count; i++) {
        if (end_page(d, &sheets[i], resources, e) != 0)
            return -1;
    }
    if (write_fields(d, sheets, pages, e) != 0 || write_guides(d, sheets, pages, e) != 0 ||
        metadata_write(&d->objects, info, d->kit, pages->duplex, e) != 0)
        return -1;
    return objects_save(&d->objects, out, e);
}

int pdf_write(struct buf *out, const struct pdf_kit *kit, const struct pages *pages,
              const struct pdf_info *info, struct err *e)
{
    struct document *d = calloc(1, sizeof *d);
    struct sheet *sheets = calloc(pages->count + 1, sizeof *sheets);
    struct arena arena = ARENA_INIT;
    size_t before = out->len;
    int rc = -1;

    if (d == NULL || sheets == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    d->kit = kit;
    if (pages->count == 0) {
        (void)err_set(e, ERR_INTERNAL, "A document needs at least one page.", "文件至少需要一页。");
        goto out;
    }
    if (objects_open(&d->objects, &arena, e) != 0 || write_all(out, d, sheets, pages, info, e) != 0)
        goto out;
    rc = 0;
out:
    if (rc != 0)
        out->len = before; /* never half a document */
    for (size_t i = 0; sheets != NULL && i < pages->count; i++) {
        buf_dispose(&sheets[i].content);
        buf_dispose(&sheets[i].deflated);
    }
    if (d != NULL) {
        objects_close(&d->objects);
        text_dispose(d);
        free(d->xobjects);
        free(d->fields);
    }
    free(d);
    free(sheets);
    arena_dispose(&arena);
    return rc;
}
