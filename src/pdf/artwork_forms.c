/* artwork_forms.c - pictures as XObjects (ISO 32000-1, 8.9 and 8.10), each once in a document. */
#include "image/photo.h"
#include "pdf/pdf_internal.h"
#include <math.h>
#include <stdlib.h>

static struct xobject *find(struct document *d, const void *key, unsigned *name)
{
    for (size_t i = 0; i < d->xobject_count; i++) {
        if (d->xobjects[i].key == key) {
            *name = (unsigned)i;
            return &d->xobjects[i];
        }
    }
    return NULL;
}

static int remember(struct document *d, const void *key, const struct object *object, bool transparent,
                    unsigned *name, struct err *e)
{
    if (object == NULL)
        return objects_failed(&d->objects, e);
    if (d->xobject_count == d->xobject_room) {
        size_t room = d->xobject_room * 2 + 8;
        struct xobject *grown = realloc(d->xobjects, room * sizeof *grown);

        if (grown == NULL)
            return err_no_memory(e);
        d->xobjects = grown;
        d->xobject_room = room;
    }
    *name = (unsigned)d->xobject_count;
    d->xobjects[d->xobject_count++] = (struct xobject){key, object_id(object), transparent};
    return 0;
}

unsigned alpha_object(struct document *d, int permille)
{
    struct object *object;
    struct buf text = BUF_INIT(64);

    if (d->alpha_ids[permille] != 0)
        return d->alpha_ids[permille];
    object = object_new(&d->objects);
    if (object == NULL)
        return 0;
    buf_append_text(&text, "/Type /ExtGState /ca ");
    buf_append_number(&text, permille / 1000.0, 3);
    buf_append_text(&text, " /CA ");
    buf_append_number(&text, permille / 1000.0, 3);
    object->body = body_keep(&d->objects, &text);
    buf_dispose(&text);
    return d->alpha_ids[permille] = object_id(object);
}

static void form_body(struct document *d, struct buf *text, const struct artwork_form *form,
                      struct object *const *objects, bool *transparent)
{
    buf_append_text(text, "/Type /XObject /Subtype /Form /BBox [");
    canvas_numbers(text, form->bbox, 4, 3);
    buf_append_text(text, "] /Resources <<");
    if (form->use_count > 0) {
        buf_append_text(text, "/XObject <<");
        for (size_t i = 0; i < form->use_count; i++)
            buf_printf(text, "/F%d %u 0 R ", form->uses[i], object_id(objects[form->uses[i]]));
        buf_append_text(text, ">>");
    }
    if (form->alpha_count > 0) {
        buf_append_text(text, "/ExtGState <<");
        for (size_t i = 0; i < form->alpha_count; i++) {
            int permille = (int)lround(form->alphas[i] * 1000);

            permille = permille < 0 ? 0 : permille > 1000 ? 1000 : permille;
            *transparent = *transparent || permille < 1000;
            buf_printf(text, "/A%d %u 0 R ", permille, alpha_object(d, permille));
        }
        buf_append_text(text, ">>");
    }
    buf_append_text(text, ">> /Filter /FlateDecode");
}

int artwork_form_add(struct document *d, const struct artwork *artwork, unsigned *name, bool *transparent,
                     struct err *e)
{
    const struct xobject *known = find(d, artwork, name);
    size_t count = artwork_form_count(artwork);
    struct object **objects;
    struct buf text = BUF_INIT(PDF_MAX_BYTES);

    if (known != NULL) {
        *transparent = known->transparent;
        return 0;
    }
    objects = arena_array(d->objects.arena, count + 1, sizeof(struct object *));
    if (objects == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < count; i++) {
        objects[i] = object_stream_new(&d->objects, artwork_form(artwork, i)->deflated);
        if (objects[i] == NULL)
            return objects_failed(&d->objects, e);
    }
    for (size_t i = 0; i < count; i++) {
        form_body(d, &text, artwork_form(artwork, i), objects, transparent);
        objects[i]->body = body_keep(&d->objects, &text);
    }
    buf_dispose(&text);
    return remember(d, artwork, objects[0], *transparent, name, e);
}

int photo_add(struct document *d, struct slice jpeg, unsigned *name, struct err *e)
{
    struct buf text = BUF_INIT(256);
    struct object *object;
    int width = 0, height = 0;

    if (find(d, jpeg.ptr, name) != NULL)
        return 0;
    if (photo_inspect(jpeg, &width, &height, e) != 0)
        return -1;
    object = object_stream_new(&d->objects, jpeg);
    if (object != NULL) {
        buf_printf(&text,
                   "/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB "
                   "/BitsPerComponent 8 /Filter /DCTDecode",
                   width, height);
        object->body = body_keep(&d->objects, &text);
    }
    buf_dispose(&text);
    return remember(d, jpeg.ptr, object, false, name, e);
}
