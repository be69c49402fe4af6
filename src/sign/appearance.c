#include "sign/appearance.h"
#include <libdeflate.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PIXELS = 16 * 1000 * 1000, PICTURE_LEVEL = 9, MAX_OBJECTS = 512 };

/* One stream object as it will be written, but for the numbers of the objects it refers to. */
struct part {
    char *head; /* dictionary without /Resources and closing bracket */
    struct slice data;
    const struct artwork_form *form; /* for the resources; NULL: an image */
    int mask;                        /* part that is the image's /SMask, or -1 */
};

struct appearance {
    struct part *parts; /* of a drawing: artwork_form(i); of an image: colours, mask */
    size_t count;
    double width, height;  /* points */
    double unit_w, unit_h; /* of the picture's own space */
    bool image;
    uint8_t *owned[2]; /* data of an image's parts */
};

static bool head_set(struct part *p, struct buf *text)
{
    const char *made = buf_text(text);

    p->head = made == NULL ? NULL : strdup(made);
    return p->head != NULL;
}

static int drawing_prepare(struct appearance *a, const struct artwork *art, struct err *e)
{
    size_t count = artwork_form_count(art);

    if (count == 0 || count > MAX_OBJECTS)
        return err_set(e, ERR_INVALID, "The seal's picture has too many parts.", "印章图案的部件过多。");
    a->parts = calloc(count, sizeof *a->parts);
    if (a->parts == NULL)
        return err_no_memory(e);
    a->count = count;
    for (size_t i = 0; i < a->count; i++) {
        const struct artwork_form *form = artwork_form(art, i);
        struct buf head = BUF_INIT(1024);
        bool fine;

        buf_append_text(&head, "<</Type/XObject/Subtype/Form/FormType 1/BBox[");
        for (int j = 0; j < 4; j++) {
            buf_append_number(&head, form->bbox[j], 3);
            buf_append_char(&head, ' ');
        }
        buf_printf(&head, "]/Filter/FlateDecode/Length %zu", form->deflated.len);
        a->parts[i].data = form->deflated;
        a->parts[i].form = form;
        a->parts[i].mask = -1;
        fine = head_set(&a->parts[i], &head);
        buf_dispose(&head);
        if (!fine)
            return err_no_memory(e);
    }
    a->width = a->unit_w = artwork_width(art);
    a->height = a->unit_h = artwork_height(art);
    return 0;
}

static uint8_t *deflate_bytes(const uint8_t *bytes, size_t len, size_t *out_len)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(PICTURE_LEVEL);
    size_t bound = libdeflate_zlib_compress_bound(c, len);
    uint8_t *out = c == NULL ? NULL : malloc(bound);

    *out_len = out == NULL ? 0 : libdeflate_zlib_compress(c, bytes, len, out, bound);
    libdeflate_free_compressor(c);
    if (*out_len == 0) {
        free(out);
        return NULL;
    }
    return out;
}

/* Adds width * height samples of `channels` bytes each, out of RGBA pixels. */
static bool image_part(struct appearance *a, const uint8_t *rgba, png_uint_32 width, png_uint_32 height,
                       int channels)
{
    size_t pixels = (size_t)width * height, len = 0;
    uint8_t *samples = malloc(pixels * (size_t)channels);
    struct part *p = &a->parts[a->count];
    struct buf head = BUF_INIT(1024);
    bool fine;

    if (samples == NULL)
        return false;
    for (size_t i = 0; i < pixels; i++)
        memcpy(samples + i * (size_t)channels, rgba + 4 * i + (channels == 1 ? 3 : 0), (size_t)channels);
    a->owned[a->count] = deflate_bytes(samples, pixels * (size_t)channels, &len);
    free(samples);
    p->data = (struct slice){a->owned[a->count], len};
    p->mask = channels == 3 ? 1 : -1;
    buf_printf(&head,
               "<</Type/XObject/Subtype/Image/Width %u/Height %u/BitsPerComponent 8/ColorSpace/Device%s"
               "/Filter/FlateDecode/Length %zu",
               width, height, channels == 3 ? "RGB" : "Gray", len);
    fine = len > 0 && head_set(p, &head);
    buf_dispose(&head);
    a->count++;
    return fine;
}

static int image_prepare(struct appearance *a, const struct seal *seal, struct err *e)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    uint8_t *rgba = NULL;
    int rc = -1;

    a->parts = calloc(2, sizeof *a->parts);
    a->image = true;
    a->unit_w = a->unit_h = 1;
    if (a->parts == NULL)
        return err_no_memory(e);
    if (!png_image_begin_read_from_memory(&png, seal->png.data, seal->png.len) || png.width == 0 ||
        png.height == 0 || png.width > MAX_PIXELS / png.height) {
        err_set(e, ERR_INVALID, "The seal's picture is no PNG or larger than 16 million pixels.",
                "印章图片不是 PNG，或超过 1600 万像素。");
        goto out;
    }
    png.format = PNG_FORMAT_RGBA;
    rgba = malloc(PNG_IMAGE_SIZE(png));
    if (rgba == NULL || !png_image_finish_read(&png, NULL, rgba, 0, NULL)) {
        err_set(e, ERR_INVALID, "The seal's picture is damaged; import it again.",
                "印章图片已损坏，请重新导入。");
        goto out;
    }
    if (!image_part(a, rgba, png.width, png.height, 3) || !image_part(a, rgba, png.width, png.height, 1)) {
        err_no_memory(e);
        goto out;
    }
    a->width = (seal->diameter > 0 ? seal->diameter : 42) * 72 / 25.4;
    a->height = a->width * png.height / png.width;
    rc = 0;
out:
    free(rgba);
    png_image_free(&png);
    return rc;
}

int appearance_new(struct appearance **out, const struct seal *seal, struct err *e)
{
    struct appearance *a = calloc(1, sizeof *a);
    int rc = -1;

    *out = NULL;
    if (a == NULL)
        return err_no_memory(e);
    if (seal->picture != NULL)
        rc = drawing_prepare(a, seal->picture, e);
    else if (seal->png.len > 0)
        rc = image_prepare(a, seal, e);
    else
        err_set(e, ERR_INVALID, "This seal has no picture.", "该印章没有图案。");
    if (rc == 0 && !(a->width > 0 && a->height > 0))
        rc = err_set(e, ERR_INVALID, "The seal's picture has no size.", "印章图案没有尺寸。");
    if (rc == 0 && seal->diameter > 0 && !a->image) {
        a->height *= seal->diameter * 72 / 25.4 / a->width; /* the declared size counts */
        a->width = seal->diameter * 72 / 25.4;
    }
    if (rc == 0)
        *out = a;
    else
        appearance_free(a);
    return rc;
}

void appearance_free(struct appearance *a)
{
    if (a == NULL)
        return;
    for (size_t i = 0; i < a->count; i++)
        free(a->parts[i].head);
    free(a->parts);
    free(a->owned[0]);
    free(a->owned[1]);
    free(a);
}

size_t appearance_object_count(const struct appearance *a)
{
    return a->count + 1;
}

static void write_resources(struct buf *out, const struct artwork_form *form, uint32_t first)
{
    buf_append_text(out, "/Resources<<");
    if (form->use_count > 0)
        buf_append_text(out, "/XObject<<");
    for (size_t i = 0; i < form->use_count; i++)
        buf_printf(out, "/F%d %u 0 R", form->uses[i], first + (uint32_t)form->uses[i]);
    if (form->use_count > 0)
        buf_append_text(out, ">>");
    if (form->alpha_count > 0)
        buf_append_text(out, "/ExtGState<<");
    for (size_t i = 0; i < form->alpha_count; i++) {
        buf_printf(out, "/A%d<</ca ", (int)(form->alphas[i] * 1000 + 0.5));
        buf_append_number(out, form->alphas[i], 3);
        buf_append_text(out, "/CA ");
        buf_append_number(out, form->alphas[i], 3);
        buf_append_text(out, ">>");
    }
    if (form->alpha_count > 0)
        buf_append_text(out, ">>");
    buf_append_text(out, ">>");
}

/* Places the picture in the middle of the widget. Its space is `unit` points wide. */
static void write_frame(struct buf *out, const struct appearance *a, uint32_t number, double width,
                        double height)
{
    double fit = 1;
    struct buf ops = BUF_INIT(1024);

    if (a->width * fit > width)
        fit = width / a->width;
    if (a->height * fit > height)
        fit = height / a->height;
    buf_append_text(&ops, "/M gs ");
    buf_append_number(&ops, a->width * fit / a->unit_w, 6);
    buf_append_text(&ops, " 0 0 ");
    buf_append_number(&ops, a->height * fit / a->unit_h, 6);
    buf_append_char(&ops, ' ');
    buf_append_number(&ops, (width - a->width * fit) / 2, 3);
    buf_append_char(&ops, ' ');
    buf_append_number(&ops, (height - a->height * fit) / 2, 3);
    buf_append_text(&ops, " cm /S Do");
    buf_printf(out, "%u 0 obj\n<</Type/XObject/Subtype/Form/FormType 1/BBox[0 0 ", number);
    buf_append_number(out, width, 3);
    buf_append_char(out, ' ');
    buf_append_number(out, height, 3);
    /* Multiply lets the ink below a seal stay black */
    buf_printf(out,
               "]/Matrix[1 0 0 1 0 0]/Resources<</ExtGState<</M<</Type/ExtGState/BM/Multiply>>>>"
               "/XObject<</S %u 0 R>>>>/Length %zu>>\nstream\n",
               number + 1, ops.len);
    buf_append(out, buf_view(&ops));
    buf_append_text(out, "\nendstream\nendobj\n");
    out->failed |= !buf_ok(&ops);
    buf_dispose(&ops);
}

void appearance_write(struct buf *out, const struct appearance *a, uint32_t first, double width,
                      double height, size_t *offsets)
{
    offsets[0] = out->len;
    write_frame(out, a, first, width, height);
    for (size_t i = 0; i < a->count; i++) {
        const struct part *p = &a->parts[i];

        offsets[i + 1] = out->len;
        buf_printf(out, "%u 0 obj\n%s", first + 1 + (uint32_t)i, p->head);
        if (p->form != NULL)
            write_resources(out, p->form, first + 1);
        if (p->mask >= 0)
            buf_printf(out, "/SMask %u 0 R", first + 1 + (uint32_t)p->mask);
        buf_append_text(out, ">>\nstream\n");
        buf_append(out, p->data);
        buf_append_text(out, "\nendstream\nendobj\n");
    }
}
