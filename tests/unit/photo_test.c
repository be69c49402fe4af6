/* photo_test.c - every kind of picture people send, judged by the pixels that come out, and every kind they
 * should not have sent. The pictures are built here with the libraries that write them. */
#include "base/file.h"
#include "image/photo_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <lcms2.h>
#include <libdeflate.h>
#include <png.h>

enum { W = 600, H = 840, MAX = 12 * 1024 * 1024 };
enum { RED, GREEN, BLUE, YELLOW, WHITE };
static const uint8_t colours[][3] = {
    {230, 20, 30}, {20, 200, 40}, {30, 40, 220}, {240, 220, 20}, {255, 255, 255}};

/* Four coloured quarters: red and green above, blue and yellow below. */
static const uint8_t *upright(int x, int y, int width, int height)
{
    return colours[(y >= height / 2) * 2 + (x >= width / 2)];
}

/* ---- making JPEGs ---- */

struct recipe {
    int width, height; /* upright; 0 for the usual */
    int orientation;
    J_COLOR_SPACE space; /* JCS_YCbCr for 0 */
    bool progressive, separate, not_adobe;
    int scans; /* gray, that many progressive scans */
    struct slice profile;
    void (*paint)(uint8_t rgb[3], int x, int y, int width, int height);
};

/* EXIF says on which edge of the upright picture the first coded row and column lie (CIPA DC-008 table). */
static void place(int orientation, int column, int row, int width, int height, int *x, int *y)
{
    static const char *const edges[] = {"TL", "TR", "BR", "BL", "LT", "RT", "RB", "LB"};
    int along[2] = {row, column};

    for (int i = 0; i < 2; i++) {
        switch (edges[orientation - 1][i]) {
        case 'T':
            *y = along[i];
            break;
        case 'B':
            *y = height - 1 - along[i];
            break;
        case 'L':
            *x = along[i];
            break;
        default:
            *x = width - 1 - along[i];
        }
    }
}

static void write_exif(struct jpeg_compress_struct *j, int orientation)
{
    uint8_t exif[] = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";

    exif[25] = (uint8_t)orientation;
    jpeg_write_marker(j, JPEG_APP0 + 1, exif, sizeof exif - 1);
}

static void colour_pixel(uint8_t *to, const uint8_t *rgb, J_COLOR_SPACE space, bool inverted)
{
    if (space == JCS_GRAYSCALE) {
        to[0] = rgb[0];
    } else if (space == JCS_CMYK) {
        /* some of the colour as black ink, so that K counts */
        int black = 255 - (rgb[0] > rgb[1] ? (rgb[0] > rgb[2] ? rgb[0] : rgb[2])
                                           : (rgb[1] > rgb[2] ? rgb[1] : rgb[2]));

        for (int i = 0; i < 3; i++)
            to[i] = (uint8_t)(black == 255 ? 0 : 255 - (rgb[i] * 255) / (255 - black));
        to[3] = (uint8_t)black;
        for (int i = 0; i < 4 && inverted; i++)
            to[i] = (uint8_t)(255 - to[i]);
    } else {
        memcpy(to, rgb, 3);
    }
}

static void choose_space(struct jpeg_compress_struct *j, const struct recipe *r)
{
    bool four = r->space == JCS_CMYK || r->space == JCS_YCCK;

    j->in_color_space = four ? JCS_CMYK : r->space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    j->input_components = four ? 4 : r->space == JCS_GRAYSCALE ? 1 : 3;
    jpeg_set_defaults(j);
    if (r->space != JCS_UNKNOWN)
        jpeg_set_colorspace(j, r->space);
    if (r->not_adobe)
        j->write_Adobe_marker = FALSE;
}

static void choose_scans(struct jpeg_compress_struct *j, const struct recipe *r, jpeg_scan_info scans[64])
{
    for (int i = 0; i < 64; i++)
        scans[i] = (jpeg_scan_info){1, {r->separate ? i : 0}, i, i, 0, 0};
    if (r->separate)
        for (int i = 0; i < 3; i++)
            scans[i] = (jpeg_scan_info){1, {i}, 0, 63, 0, 0};
    if (r->progressive)
        jpeg_simple_progression(j);
    if (r->scans > 0 || r->separate) {
        j->scan_info = scans;
        j->num_scans = r->separate ? 3 : r->scans;
    }
}

static struct buf make_jpeg(struct recipe r)
{
    struct buf out = BUF_INIT(MAX);
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr errors;
    jpeg_scan_info scans[64];
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    uint8_t *row;
    bool swapped = r.orientation >= 5;

    if (r.width == 0) {
        r.width = W;
        r.height = H;
    }
    j.err = jpeg_std_error(&errors);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &bytes, &len);
    j.image_width = (JDIMENSION)(swapped ? r.height : r.width);
    j.image_height = (JDIMENSION)(swapped ? r.width : r.height);
    choose_space(&j, &r);
    jpeg_set_quality(&j, 90, TRUE);
    choose_scans(&j, &r, scans);
    jpeg_start_compress(&j, TRUE);
    if (r.orientation != 0)
        write_exif(&j, r.orientation);
    if (r.profile.len > 0)
        jpeg_write_icc_profile(&j, r.profile.ptr, (unsigned)r.profile.len);
    row = malloc((size_t)j.image_width * 4);
    for (int y = 0; y < (int)j.image_height; y++) {
        for (int x = 0; x < (int)j.image_width; x++) {
            int ux = 0, uy = 0;
            uint8_t rgb[3];

            place(r.orientation ? r.orientation : 1, x, y, r.width, r.height, &ux, &uy);
            memcpy(rgb, upright(ux, uy, r.width, r.height), 3);
            if (r.paint != NULL)
                r.paint(rgb, ux, uy, r.width, r.height);
            colour_pixel(row + x * j.input_components, rgb, j.in_color_space, !r.not_adobe);
        }
        jpeg_write_scanlines(&j, &row, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    buf_append_bytes(&out, bytes, len);
    free(row);
    free(bytes);
    assert_true(buf_ok(&out));
    return out;
}

/* ---- making PNGs ---- */

struct png_recipe {
    int width, height, type, depth;
    bool interlaced, transparent_green; /* tRNS, or alpha 0 in the green quarter */
    int orientation;
    double gamma;
    struct slice profile;
    const char *chunk; /* an extra one before IDAT */
    struct slice chunk_body;
};

static void png_take(png_structp png, png_bytep bytes, size_t len)
{
    buf_append_bytes(png_get_io_ptr(png), bytes, len);
}

static void png_flushed(png_structp png)
{
    (void)png;
}

static void png_pixel(uint8_t *row, int x, const struct png_recipe *r, int index)
{
    uint8_t alpha = r->transparent_green && index == GREEN ? 0 : 255;
    int n = 0, bytes = r->depth / 8, channels[4];
    uint8_t gray = (uint8_t)(60 * index + 20);

    if (r->type == PNG_COLOR_TYPE_PALETTE) {
        row[x / 2] = (uint8_t)(x % 2 ? row[x / 2] | index : index << 4);
        return;
    }
    for (int i = 0; i < (r->type & PNG_COLOR_MASK_COLOR ? 3 : 1); i++)
        channels[n++] = r->type & PNG_COLOR_MASK_COLOR ? colours[index][i] : gray;
    if (r->type & PNG_COLOR_MASK_ALPHA)
        channels[n++] = alpha;
    for (int i = 0; i < n; i++) {
        row[(x * n + i) * bytes] = (uint8_t)channels[i];
        if (bytes == 2)
            row[(x * n + i) * bytes + 1] = (uint8_t)channels[i];
    }
}

static void png_head(png_structp png, png_infop info, const struct png_recipe *r)
{
    static const uint8_t exif[] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    png_color palette[4];
    png_byte alphas[2] = {255, 0};

    png_set_IHDR(png, info, (png_uint_32)r->width, (png_uint_32)r->height, r->depth, r->type,
                 r->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    for (int i = 0; i < 4; i++)
        palette[i] = (png_color){colours[i][0], colours[i][1], colours[i][2]};
    if (r->type == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, palette, 4);
        if (r->transparent_green)
            png_set_tRNS(png, info, alphas, 2, NULL);
    }
    if (r->gamma > 0)
        png_set_gAMA(png, info, r->gamma);
    png_write_info(png, info);
    if (r->profile.len > 0) { /* by hand: any bytes */
        struct buf body = BUF_INIT(MAX);
        struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
        uint8_t *to;

        buf_append_bytes(&body, "x\0", 3);
        to = buf_room(&body, r->profile.len + 1000);
        assert_non_null(to);
        buf_wrote(&body,
                  libdeflate_zlib_compress(c, r->profile.ptr, r->profile.len, to, r->profile.len + 1000));
        png_write_chunk(png, (png_const_bytep) "iCCP", body.data, body.len);
        libdeflate_free_compressor(c);
        buf_dispose(&body);
    }
    if (r->orientation == 6)
        png_write_chunk(png, (png_const_bytep) "eXIf", exif, sizeof exif - 1);
    if (r->chunk != NULL)
        png_write_chunk(png, (png_const_bytep)r->chunk, r->chunk_body.ptr, r->chunk_body.len);
}

static struct buf make_png(struct png_recipe r)
{
    struct buf out = BUF_INIT(MAX);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    uint8_t **rows;

    if (r.width == 0) {
        r.width = W;
        r.height = H;
    }
    rows = malloc((size_t)r.height * sizeof *rows);
    png_set_write_fn(png, &out, png_take, png_flushed);
    png_set_compression_level(png, 1);
    png_head(png, info, &r);
    for (int y = 0; y < r.height; y++) {
        rows[y] = calloc((size_t)r.width, 8);
        for (int x = 0; x < r.width; x++)
            png_pixel(rows[y], x, &r, (y >= r.height / 2) * 2 + (x >= r.width / 2));
    }
    png_write_image(png, rows);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    for (int y = 0; y < r.height; y++)
        free(rows[y]);
    free(rows);
    assert_true(buf_ok(&out));
    return out;
}

/* ---- judging what comes out ---- */

struct image {
    int width, height;
    uint8_t *rgb;
};

static struct image decoded(struct slice jpeg)
{
    struct jpeg_decompress_struct j;
    struct jpeg_error_mgr errors;
    struct image out;

    j.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&j);
    jpeg_mem_src(&j, jpeg.ptr, (unsigned long)jpeg.len);
    jpeg_save_markers(&j, JPEG_COM, 0xFFFF);
    for (int i = 1; i < 16; i++)
        jpeg_save_markers(&j, JPEG_APP0 + i, 0xFFFF);
    jpeg_read_header(&j, TRUE);
    assert_null(j.marker_list); /* no metadata */
    assert_false(j.progressive_mode);
    assert_int_equal(j.num_components, 3);
    assert_int_equal(j.density_unit, 1);
    assert_int_equal(j.X_density, 300);
    jpeg_start_decompress(&j);
    out.width = (int)j.output_width;
    out.height = (int)j.output_height;
    out.rgb = malloc((size_t)out.width * (size_t)out.height * 3);
    while (j.output_scanline < j.output_height) {
        uint8_t *row = out.rgb + (size_t)j.output_scanline * (size_t)out.width * 3;

        jpeg_read_scanlines(&j, &row, 1);
    }
    jpeg_finish_decompress(&j);
    assert_int_equal(j.err->num_warnings, 0);
    jpeg_destroy_decompress(&j);
    return out;
}

static const uint8_t *pixel(const struct image *i, double x, double y)
{
    return i->rgb + ((size_t)(y * (i->height - 1)) * (size_t)i->width + (size_t)(x * (i->width - 1))) * 3;
}

static void is_colour(const struct image *i, double x, double y, const uint8_t rgb[3], int tolerance)
{
    const uint8_t *p = pixel(i, x, y);

    for (int c = 0; c < 3; c++)
        if (abs(p[c] - rgb[c]) > tolerance)
            fail_msg("at %.2f,%.2f there is %d,%d,%d instead of %d,%d,%d", x, y, p[0], p[1], p[2], rgb[0],
                     rgb[1], rgb[2]);
}

static const struct photo_crop plain = {.size = PHOTO_2_CUN};

static struct image cropped(struct buf *picture, const struct photo_crop *crop)
{
    struct buf jpeg = BUF_INIT(MAX);
    struct photo_report report;
    struct err e = {0};
    struct image out;
    int width, height;

    if (photo_make(&jpeg, buf_view(picture), crop, &report, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    assert_int_equal(photo_inspect(buf_view(&jpeg), &width, &height, &e), 0);
    assert_in_range(jpeg.len, 1000, 60 * 1024);
    out = decoded(buf_view(&jpeg));
    assert_int_equal(out.width, width);
    assert_int_equal(report.height, height);
    buf_dispose(&jpeg);
    return out;
}

/* The four quarters where they belong, up to and beside their borders. */
static void quarters_are(struct buf *picture, const struct photo_crop *crop, const uint8_t *const at[4],
                         int tolerance)
{
    static const double places[][2] = {{0, 0}, {0.48, 0.48}, {0.25, 0.1}, {0.03, 0.46}};
    struct image i = cropped(picture, crop);

    for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
        double x = places[k][0], y = places[k][1];

        is_colour(&i, x, y, at[0], tolerance);
        is_colour(&i, 1 - x, y, at[1], tolerance);
        is_colour(&i, x, 1 - y, at[2], tolerance);
        is_colour(&i, 1 - x, 1 - y, at[3], tolerance);
    }
    free(i.rgb);
    buf_dispose(picture);
}

static const uint8_t *const in_order[4] = {colours[0], colours[1], colours[2], colours[3]};

static void is_refused(struct slice picture, const struct photo_crop *crop, enum err_code code,
                       const char *says)
{
    struct buf jpeg = BUF_INIT(MAX);
    struct photo_report report;
    struct err e = {0};

    if (photo_make(&jpeg, picture, crop, &report, &e) != -1)
        fail_msg("accepted, but should be refused: %s", says);
    assert_int_equal(e.code, code);
    if (strstr(e.en, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", e.en, says);
    assert_true(strlen(e.zh) > 10);
    buf_dispose(&jpeg);
}

/* ---- what comes out right ---- */

static void each_of_the_eight_exif_orientations_comes_out_upright(void **state)
{
    (void)state;
    for (int orientation = 0; orientation <= 8; orientation++) {
        struct buf picture = make_jpeg((struct recipe){.orientation = orientation});

        quarters_are(&picture, &plain, in_order, 12);
    }
}

static void an_orientation_nobody_defined_counts_as_upright(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.orientation = 1});

    (void)state;
    *(picture.data + slice_find(buf_view(&picture), 0, slice_of("Exif")) + 25) = 9;
    quarters_are(&picture, &plain, in_order, 12);
}

static void progressive_and_sequential_pictures_in_several_scans_come_out_right(void **state)
{
    struct buf progressive = make_jpeg((struct recipe){.progressive = true, .orientation = 3});
    struct buf separate = make_jpeg((struct recipe){.separate = true});

    (void)state;
    quarters_are(&progressive, &plain, in_order, 12);
    quarters_are(&separate, &plain, in_order, 12);
}

static void cmyk_of_every_convention_has_the_right_colours(void **state)
{
    struct buf adobe = make_jpeg((struct recipe){.space = JCS_CMYK});
    struct buf ycck = make_jpeg((struct recipe){.space = JCS_YCCK});
    struct buf bare = make_jpeg((struct recipe){.space = JCS_CMYK, .not_adobe = true});

    (void)state;
    quarters_are(&adobe, &plain, in_order, 14);
    quarters_are(&ycck, &plain, in_order, 14);
    quarters_are(&bare, &plain, in_order, 14);
}

static void gray_becomes_three_equal_components(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.space = JCS_GRAYSCALE});
    uint8_t grays[4][3];
    const uint8_t *const expected[4] = {grays[0], grays[1], grays[2], grays[3]};

    (void)state;
    for (int i = 0; i < 4; i++)
        memset(grays[i], colours[i][0], 3);
    quarters_are(&picture, &plain, expected, 6);
}

static void png_of_every_kind_comes_out_right(void **state)
{
    static const struct png_recipe rows[] = {
        {.type = PNG_COLOR_TYPE_RGB, .depth = 8},
        {.type = PNG_COLOR_TYPE_RGB, .depth = 16},
        {.type = PNG_COLOR_TYPE_RGB, .depth = 8, .interlaced = true},
        {.type = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 16, .interlaced = true},
        {.type = PNG_COLOR_TYPE_PALETTE, .depth = 4},
        {.type = PNG_COLOR_TYPE_PALETTE, .depth = 4, .interlaced = true},
        {.type = PNG_COLOR_TYPE_RGB, .depth = 8, .width = 3000, .height = 4200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf picture = make_png(rows[i]);

        quarters_are(&picture, &plain, in_order, 12);
    }
}

static void what_is_transparent_becomes_white(void **state)
{
    static const struct png_recipe rows[] = {
        {.type = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 8, .transparent_green = true},
        {.type = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 16, .transparent_green = true},
        {.type = PNG_COLOR_TYPE_PALETTE, .depth = 4, .transparent_green = true},
    };
    const uint8_t *const expected[4] = {colours[RED], colours[WHITE], colours[BLUE], colours[YELLOW]};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf picture = make_png(rows[i]);

        quarters_are(&picture, &plain, expected, 12);
    }
}

static void gray_png_with_alpha_comes_out_right(void **state)
{
    struct buf picture = make_png(
        (struct png_recipe){.type = PNG_COLOR_TYPE_GRAY_ALPHA, .depth = 8, .transparent_green = true});
    static const uint8_t g[3][3] = {{20, 20, 20}, {140, 140, 140}, {200, 200, 200}};
    const uint8_t *const expected[4] = {g[0], colours[WHITE], g[1], g[2]};

    (void)state;
    quarters_are(&picture, &plain, expected, 6);
}

static void the_exif_of_a_png_turns_it(void **state)
{
    struct buf picture = make_png((struct png_recipe){
        .type = PNG_COLOR_TYPE_RGB, .depth = 8, .width = H, .height = W, .orientation = 6});
    const uint8_t *const expected[4] = {colours[BLUE], colours[RED], colours[YELLOW], colours[GREEN]};

    (void)state;
    quarters_are(&picture, &plain, expected, 12);
}

static void a_linear_gamma_is_honoured(void **state)
{
    struct buf picture = make_png((struct png_recipe){.type = PNG_COLOR_TYPE_RGB, .depth = 8, .gamma = 1.0});
    struct image i = cropped(&picture, &plain);
    static const uint8_t red[3] = {244, 79, 96}; /* (230, 20, 30) of linear light in sRGB */

    (void)state;
    is_colour(&i, 0.2, 0.2, red, 8);
    free(i.rgb);
    buf_dispose(&picture);
}

/* ---- colour profiles ---- */

static struct buf saved(cmsHPROFILE profile)
{
    struct buf out = BUF_INIT(MAX);
    cmsUInt32Number len = 0;

    assert_true(cmsSaveProfileToMem(profile, NULL, &len));
    assert_non_null(buf_room(&out, len));
    assert_true(cmsSaveProfileToMem(profile, out.data, &len));
    buf_wrote(&out, len);
    cmsCloseProfile(profile);
    return out;
}

/* sRGB with red and green exchanged: whoever overlooks the profile is found out. */
static struct buf exchanged_profile(void)
{
    cmsCIExyY white = {0.3127, 0.329, 1};
    cmsCIExyYTRIPLE primaries = {{0.3, 0.6, 1}, {0.64, 0.33, 1}, {0.15, 0.06, 1}};
    cmsFloat64Number srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    cmsToneCurve *curve = cmsBuildParametricToneCurve(NULL, 4, srgb), *curves[3] = {curve, curve, curve};
    struct buf out = saved(cmsCreateRGBProfile(&white, &primaries, curves));

    cmsFreeToneCurve(curve);
    return out;
}

static void exchanged(uint8_t expected[4][3])
{
    for (int i = 0; i < 4; i++) {
        expected[i][0] = colours[i][1];
        expected[i][1] = colours[i][0];
        expected[i][2] = colours[i][2];
    }
}

static void an_rgb_profile_is_converted_to_srgb(void **state)
{
    struct buf profile = exchanged_profile();
    struct buf jpeg = make_jpeg((struct recipe){.profile = buf_view(&profile), .orientation = 6});
    struct buf png =
        make_png((struct png_recipe){.type = PNG_COLOR_TYPE_RGB, .depth = 8, .profile = buf_view(&profile)});
    uint8_t e[4][3];
    const uint8_t *const expected[4] = {e[0], e[1], e[2], e[3]};

    (void)state;
    exchanged(e);
    quarters_are(&jpeg, &plain, expected, 14);
    quarters_are(&png, &plain, expected, 14);
    buf_dispose(&profile);
}

static void a_gray_profile_is_converted_to_srgb(void **state)
{
    cmsToneCurve *linear = cmsBuildGamma(NULL, 1.0);
    struct buf profile = saved(cmsCreateGrayProfile(cmsD50_xyY(), linear));
    struct buf picture = make_jpeg((struct recipe){.space = JCS_GRAYSCALE, .profile = buf_view(&profile)});
    struct image i = cropped(&picture, &plain);
    static const uint8_t above[3] = {244, 244, 244}, below[3] = {96, 96, 96};

    (void)state;
    is_colour(&i, 0.2, 0.2, above, 4);
    is_colour(&i, 0.2, 0.8, below, 4);
    free(i.rgb);
    cmsFreeToneCurve(linear);
    buf_dispose(&profile);
    buf_dispose(&picture);
}

/* A press with strange inks: cyan prints black, the others print nothing. */
static cmsInt32Number strange_inks(const cmsUInt16Number in[], cmsUInt16Number out[], void *cargo)
{
    cmsCIELab lab = {100.0 * (65535 - in[0]) / 65535, 0, 0};

    (void)cargo;
    cmsFloat2LabEncoded(out, &lab);
    return TRUE;
}

static struct buf strange_cmyk_profile(void)
{
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(NULL);
    cmsPipeline *pipeline = cmsPipelineAlloc(NULL, 4, 3);
    cmsStage *clut = cmsStageAllocCLut16bit(NULL, 2, 4, 3, NULL);
    struct buf out;

    assert_true(cmsStageSampleCLut16bit(clut, strange_inks, NULL, 0));
    cmsPipelineInsertStage(pipeline, cmsAT_BEGIN, cmsStageAllocToneCurves(NULL, 4, NULL));
    cmsPipelineInsertStage(pipeline, cmsAT_END, clut);
    cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(NULL, 3, NULL));
    cmsSetProfileVersion(profile, 4.3);
    cmsSetDeviceClass(profile, cmsSigOutputClass);
    cmsSetColorSpace(profile, cmsSigCmykData);
    cmsSetPCS(profile, cmsSigLabData);
    assert_true(cmsWriteTag(profile, cmsSigAToB0Tag, pipeline));
    cmsPipelineFree(pipeline);
    out = saved(profile);
    return out;
}

static void a_cmyk_profile_is_converted_to_srgb_with_the_inks_the_right_way_round(void **state)
{
    struct buf profile = strange_cmyk_profile();

    (void)state;
    for (int bare = 0; bare < 2; bare++) {
        struct buf picture =
            make_jpeg((struct recipe){.space = JCS_CMYK, .not_adobe = bare, .profile = buf_view(&profile)});
        struct image i = cropped(&picture, &plain);

        /* red and yellow hold no cyan, blue and green much */
        assert_true(pixel(&i, 0.2, 0.2)[1] > 240);
        assert_true(pixel(&i, 0.8, 0.8)[2] > 240);
        assert_true(pixel(&i, 0.8, 0.2)[0] < 60);
        assert_true(pixel(&i, 0.2, 0.8)[0] < 60);
        free(i.rgb);
        buf_dispose(&picture);
    }
    buf_dispose(&profile);
}

static void a_broken_or_foreign_profile_is_left_aside(void **state)
{
    struct buf exchange = exchanged_profile(), strange = strange_cmyk_profile();
    struct buf cut = make_jpeg((struct recipe){.profile = slice_part(buf_view(&exchange), 0, 140)});
    struct buf foreign = make_jpeg((struct recipe){.profile = buf_view(&strange)});
    struct buf png = make_png(
        (struct png_recipe){.type = PNG_COLOR_TYPE_RGB, .depth = 8, .profile = slice_of("no profile")});

    (void)state;
    quarters_are(&cut, &plain, in_order, 12);
    quarters_are(&foreign, &plain, in_order, 12);
    quarters_are(&png, &plain, in_order, 12);
    buf_dispose(&exchange);
    buf_dispose(&strange);
}

/* ---- rotation, crop, zoom ---- */

static void quarter_turns_are_clockwise_and_follow_the_exif_orientation(void **state)
{
    const uint8_t *const right[4] = {colours[BLUE], colours[RED], colours[YELLOW], colours[GREEN]};
    const uint8_t *const left[4] = {colours[GREEN], colours[YELLOW], colours[RED], colours[BLUE]};
    struct photo_crop crop = plain;

    (void)state;
    for (int orientation = 1; orientation <= 8; orientation += 5) {
        struct recipe lying = {.width = H, .height = W, .orientation = orientation};
        struct buf a = make_jpeg(lying), b = make_jpeg(lying), c = make_jpeg(lying);

        crop.rotate = 90;
        quarters_are(&a, &crop, right, 12);
        crop.rotate = -90;
        quarters_are(&b, &crop, left, 12);
        crop.rotate = 450;
        quarters_are(&c, &crop, right, 12);
    }
}

/* White with a dark disc of radius 20 at 360, 220. */
static void paint_disc(uint8_t rgb[3], int x, int y, int width, int height)
{
    double dx = x + 0.5 - 360, dy = y + 0.5 - 220;

    (void)width;
    (void)height;
    memset(rgb, dx * dx + dy * dy < 400 ? 0 : 255, 3);
}

static void centre_of_darkness(const struct image *i, double *x, double *y)
{
    double sum = 0, sum_x = 0, sum_y = 0;

    for (int row = 0; row < i->height; row++) {
        for (int column = 0; column < i->width; column++) {
            double dark = 255 - i->rgb[(row * i->width + column) * 3];

            dark = dark < 40 ? 0 : dark;
            sum += dark;
            sum_x += dark * (column + 0.5);
            sum_y += dark * (row + 0.5);
        }
    }
    assert_true(sum > 0);
    *x = sum_x / sum;
    *y = sum_y / sum;
}

static void any_angle_turns_about_the_middle_and_leaves_no_empty_corner(void **state)
{
    static const double angles[] = {0, 3.5, -7, 30, 181.25, -30};

    (void)state;
    for (size_t k = 0; k < sizeof angles / sizeof angles[0]; k++) {
        struct buf picture = make_jpeg((struct recipe){.paint = paint_disc});
        struct photo_crop crop = {.size = PHOTO_2_CUN, .rotate = angles[k]};
        struct image i = cropped(&picture, &crop);
        double a = angles[k] * 3.14159265358979 / 180, c = fabs(cos(a)), s = fabs(sin(a));
        double per_pixel = fmin(W / (413 * c + 579 * s), H / (413 * s + 579 * c));
        double dx = 360 - W / 2.0, dy = 220 - H / 2.0, x, y;

        centre_of_darkness(&i, &x, &y);
        assert_true(fabs(x - 413 / 2.0 - (dx * cos(a) - dy * sin(a)) / per_pixel) < 0.3);
        assert_true(fabs(y - 579 / 2.0 - (dx * sin(a) + dy * cos(a)) / per_pixel) < 0.3);
        is_colour(&i, 0, 0, colours[WHITE], 3);
        is_colour(&i, 1, 1, colours[WHITE], 3);
        free(i.rgb);
        buf_dispose(&picture);
    }
}

static void the_crop_rectangle_and_zoom_show_what_they_enclose(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.width = 1200, .height = 1680, .progressive = true});
    struct photo_crop crop = {.size = PHOTO_2_CUN, .x = 20, .y = 30, .width = 413, .height = 579};
    struct photo_crop zoomed = {.size = PHOTO_LARGE_2_CUN, .zoom = 1.7};
    struct image i = cropped(&picture, &crop);

    (void)state;
    for (int k = 0; k < 4; k++)
        is_colour(&i, k & 1, k >> 1, colours[RED], 8);
    free(i.rgb);
    crop.x = 700;
    crop.y = 1000;
    i = cropped(&picture, &crop);
    for (int k = 0; k < 4; k++)
        is_colour(&i, k & 1, k >> 1, colours[YELLOW], 8);
    free(i.rgb);
    crop =
        (struct photo_crop){.size = PHOTO_2_CUN, .x = 600 - 103, .y = 840 - 289, .width = 413, .height = 579};
    i = cropped(&picture, &crop); /* a quarter of the width to the left of the border */
    is_colour(&i, 0.24, 0.2, colours[RED], 12);
    is_colour(&i, 0.26, 0.2, colours[GREEN], 12);
    free(i.rgb);
    quarters_are(&picture, &zoomed, in_order, 12);
}

static void the_result_has_the_size_of_each_target(void **state)
{
    static const int expected[][2] = {{295, 413}, {413, 579}, {413, 626}, {413, 531}};

    (void)state;
    for (int size = PHOTO_1_CUN; size <= PHOTO_SMALL_2_CUN; size++) {
        struct photo_crop crop = {.size = (enum photo_size)size};
        struct buf picture = make_jpeg((struct recipe){.width = 900, .height = 1000});
        struct image i = cropped(&picture, &crop);

        assert_int_equal(i.width, expected[size][0]);
        assert_int_equal(i.height, expected[size][1]);
        free(i.rgb);
        buf_dispose(&picture);
    }
}

static void a_rectangle_of_another_shape_is_refused_with_the_right_numbers(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.width = 1000, .height = 1200});
    struct photo_crop crop = {.size = PHOTO_2_CUN, .x = 10, .y = 10, .width = 500, .height = 600};
    struct image i;

    (void)state;
    is_refused(buf_view(&picture), &crop, ERR_INVALID, "Take 500×701 or 428×600");
    crop.height = 712; /* 1.5 % */
    is_refused(buf_view(&picture), &crop, ERR_INVALID, "distorted");
    crop.height = 705; /* 0.6 %: trimmed */
    i = cropped(&picture, &crop);
    free(i.rgb);
    buf_dispose(&picture);
}

static void a_rectangle_beyond_the_picture_is_refused_with_one_that_fits(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.width = 1000, .height = 1200});
    struct photo_crop beyond = {.size = PHOTO_2_CUN, .x = 600, .y = 10, .width = 413, .height = 579};
    struct photo_crop corner = {
        .size = PHOTO_2_CUN, .rotate = 20, .x = 0, .y = 0, .width = 413, .height = 579};
    struct photo_crop wide = {.size = PHOTO_2_CUN, .zoom = 0.5};
    struct photo_crop nan = {.size = PHOTO_2_CUN, .zoom = 1, .rotate = NAN};
    struct photo_crop tiny = {.size = PHOTO_2_CUN, .zoom = 8};

    (void)state;
    is_refused(buf_view(&picture), &beyond, ERR_INVALID, "The largest centred one is 73,0,855,1200");
    is_refused(buf_view(&picture), &corner, ERR_INVALID, "beyond the picture");
    is_refused(buf_view(&picture), &wide, ERR_INVALID, "beyond the picture");
    is_refused(buf_view(&picture), &nan, ERR_INVALID, "rotation");
    is_refused(buf_view(&picture), &tiny, ERR_INVALID, "blurred");
    buf_dispose(&picture);
}

static void enlarging_is_reported(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.width = 413, .height = 579});
    struct buf jpeg = BUF_INIT(MAX);
    struct photo_crop crop = {.size = PHOTO_2_CUN, .zoom = 1.4};
    struct photo_report report;
    struct err e = {0};

    (void)state;
    assert_int_equal(photo_crop(&jpeg, buf_view(&picture), &crop, &report, &e), 0);
    assert_false(report.warn_upscaled);
    crop.zoom = 1.6;
    assert_int_equal(photo_crop(&jpeg, buf_view(&picture), &crop, &report, &e), 0);
    assert_true(report.warn_upscaled);
    assert_true(fabs(report.scale - 1.6) < 0.001);
    buf_dispose(&jpeg);
    buf_dispose(&picture);
}

static void the_same_photo_gives_the_same_bytes(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.orientation = 7});
    struct buf a = BUF_INIT(MAX), b = BUF_INIT(MAX);
    struct photo_crop crop = {.size = PHOTO_2_CUN, .rotate = 2.5, .zoom = 1.1};
    struct photo_report report;
    struct err e = {0};

    (void)state;
    assert_int_equal(photo_crop(&a, buf_view(&picture), &crop, &report, &e), 0);
    assert_int_equal(photo_crop(&b, buf_view(&picture), &crop, &report, &e), 0);
    assert_true(slice_equal(buf_view(&a), buf_view(&b)));
    buf_dispose(&a);
    buf_dispose(&b);
    buf_dispose(&picture);
}

/* ---- what is refused ---- */

static void a_file_cut_anywhere_is_refused(void **state)
{
    struct buf files[] = {
        make_jpeg((struct recipe){.orientation = 6}), make_jpeg((struct recipe){.progressive = true}),
        make_png((struct png_recipe){.type = PNG_COLOR_TYPE_RGB, .depth = 8}),
        make_png((struct png_recipe){.type = PNG_COLOR_TYPE_PALETTE, .depth = 4, .interlaced = true})};

    (void)state;
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        for (size_t cut = 8; cut < files[k].len; cut += cut < 64 ? 1 : 1 + files[k].len / 40)
            is_refused(slice_part(buf_view(&files[k]), 0, cut), &plain, ERR_INVALID, "");
        is_refused(slice_part(buf_view(&files[k]), 0, files[k].len - 1), &plain, ERR_INVALID, "damaged");
        buf_dispose(&files[k]);
    }
}

static void a_jpeg_with_its_middle_missing_is_refused_though_it_ends_well(void **state)
{
    struct buf whole = make_jpeg((struct recipe){0});
    struct buf half = BUF_INIT(MAX);

    (void)state;
    buf_append(&half, slice_part(buf_view(&whole), 0, whole.len / 2));
    buf_append_bytes(&half, "\xFF\xD9", 2);
    is_refused(buf_view(&half), &plain, ERR_INVALID, "damaged");
    buf_dispose(&half);
    buf_dispose(&whole);
}

static void any_flipped_bit_of_a_png_is_refused(void **state)
{
    struct buf png =
        make_png((struct png_recipe){.type = PNG_COLOR_TYPE_PALETTE, .depth = 4, .gamma = 0.45455});

    (void)state;
    for (size_t at = 0; at < png.len; at += at < 120 ? 1 : 1 + png.len / 40) {
        struct buf jpeg = BUF_INIT(MAX);
        struct photo_report report;
        struct err e = {0};

        png.data[at] ^= (uint8_t)(1 << at % 8);
        assert_int_equal(photo_make(&jpeg, buf_view(&png), &plain, &report, &e), -1);
        png.data[at] ^= (uint8_t)(1 << at % 8);
        buf_dispose(&jpeg);
    }
    buf_dispose(&png);
}

static void flipped_bits_of_a_jpeg_give_a_clean_photo_or_a_reason(void **state)
{
    struct buf picture =
        make_jpeg((struct recipe){.width = 300, .height = 420, .orientation = 6, .progressive = true});
    struct photo_crop one = {.size = PHOTO_1_CUN};
    int refused = 0;

    (void)state;
    for (size_t at = 0; at < picture.len; at += at < 640 ? 5 : 1 + picture.len / 30) {
        struct buf jpeg = BUF_INIT(MAX);
        struct photo_report report;
        struct err e = {0};
        int width, height;

        picture.data[at] ^= (uint8_t)(1 << at % 8);
        if (photo_make(&jpeg, buf_view(&picture), &one, &report, &e) == 0) {
            assert_int_equal(photo_inspect(buf_view(&jpeg), &width, &height, &e), 0);
        } else {
            assert_true(strlen(e.en) > 20 && strlen(e.zh) > 20);
            refused++;
        }
        picture.data[at] ^= (uint8_t)(1 << at % 8);
        buf_dispose(&jpeg);
    }
    assert_true(refused > 40);
    buf_dispose(&picture);
}

/* Phones append films and depth maps; attackers append archives. */
static void what_follows_the_picture_is_dropped(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.orientation = 1});
    struct buf a = BUF_INIT(MAX), b = BUF_INIT(MAX);
    struct photo_report report;
    struct err e = {0};

    (void)state;
    assert_int_equal(photo_crop(&a, buf_view(&picture), &plain, &report, &e), 0);
    buf_append_text(&picture, "PK\x03\x04 an archive behind the picture <script>");
    assert_int_equal(photo_crop(&b, buf_view(&picture), &plain, &report, &e), 0);
    assert_true(slice_equal(buf_view(&a), buf_view(&b)));
    assert_true(slice_find(buf_view(&b), 0, slice_of("archive")) == SIZE_MAX);
    buf_dispose(&picture);
    buf_dispose(&a);
    buf_dispose(&b);
}

static void a_picture_below_one_inch_is_refused_but_not_one_inch_itself(void **state)
{
    struct photo_crop one = {.size = PHOTO_1_CUN};
    struct buf small = make_jpeg((struct recipe){.width = 200, .height = 200});
    struct buf lying = make_jpeg((struct recipe){.width = 800, .height = 412});
    struct buf turned = make_jpeg((struct recipe){.width = 412, .height = 800, .orientation = 6});
    struct buf exact = make_jpeg((struct recipe){.width = 295, .height = 413, .orientation = 8});
    struct photo_crop upright_again = {.size = PHOTO_1_CUN, .rotate = 90};
    struct image i;

    (void)state;
    is_refused(buf_view(&small), &one, ERR_INVALID, "only 200×200 pixels; at least 295×413");
    is_refused(buf_view(&lying), &one, ERR_INVALID, "only 800×412");
    i = cropped(&turned, &one);
    free(i.rgb);
    i = cropped(&lying, &upright_again);
    free(i.rgb);
    i = cropped(&exact, &one);
    free(i.rgb);
    buf_dispose(&small);
    buf_dispose(&lying);
    buf_dispose(&turned);
    buf_dispose(&exact);
}

static uint8_t *frame_of(struct buf *jpeg, uint8_t code)
{
    uint8_t marker[2] = {0xFF, code};
    size_t at = slice_find(buf_view(jpeg), 0, (struct slice){marker, 2});

    assert_true(at != SIZE_MAX);
    return jpeg->data + at + 5; /* height, width */
}

static void put16(uint8_t *at, int value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void too_many_pixels_are_refused_by_the_header_alone(void **state)
{
    struct buf jpeg = make_jpeg((struct recipe){0});
    struct buf progressive = make_jpeg((struct recipe){.progressive = true});
    struct buf png = make_png((struct png_recipe){.type = PNG_COLOR_TYPE_RGB, .depth = 8});
    struct buf interlaced =
        make_png((struct png_recipe){.type = PNG_COLOR_TYPE_RGB, .depth = 8, .interlaced = true});

    (void)state;
    put16(frame_of(&jpeg, 0xC0), 9000);
    put16(frame_of(&jpeg, 0xC0) + 2, 12000);
    is_refused(buf_view(&jpeg), &plain, ERR_TOO_LARGE, "12000×9000");
    put16(frame_of(&progressive, 0xC2), 4001);
    put16(frame_of(&progressive, 0xC2) + 2, 4000);
    is_refused(buf_view(&progressive), &plain, ERR_TOO_LARGE, "baseline");
    put16(png.data + 18, 12000);
    put16(png.data + 22, 9000);
    is_refused(buf_view(&png), &plain, ERR_TOO_LARGE, "12000×9000");
    put16(interlaced.data + 18, 4001);
    put16(interlaced.data + 22, 4000);
    is_refused(buf_view(&interlaced), &plain, ERR_TOO_LARGE, "interlaced");
    buf_dispose(&jpeg);
    buf_dispose(&progressive);
    buf_dispose(&png);
    buf_dispose(&interlaced);
}

static void twenty_scans_pass_and_twenty_one_do_not(void **state)
{
    struct buf twenty = make_jpeg((struct recipe){.space = JCS_GRAYSCALE, .scans = 20});
    struct buf more = make_jpeg((struct recipe){.space = JCS_GRAYSCALE, .scans = 21});
    struct image i = cropped(&twenty, &plain);

    (void)state;
    is_refused(buf_view(&more), &plain, ERR_TOO_LARGE, "21 scans");
    free(i.rgb);
    buf_dispose(&twenty);
    buf_dispose(&more);
}

static void a_file_above_ten_megabytes_is_refused(void **state)
{
    struct buf picture = make_jpeg((struct recipe){0});
    struct buf jpeg = BUF_INIT(MAX);
    struct photo_report report;
    struct err e = {0};
    size_t pad = PHOTO_MAX_BYTES - picture.len;

    (void)state;
    assert_non_null(buf_room(&picture, pad + 1));
    memset(picture.data + picture.len, 0, pad + 1);
    buf_wrote(&picture, pad);
    assert_int_equal(photo_crop(&jpeg, buf_view(&picture), &plain, &report, &e), 0);
    buf_wrote(&picture, 1);
    assert_int_equal(photo_crop(&jpeg, buf_view(&picture), &plain, &report, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_non_null(strstr(e.en, "10 MB"));
    buf_dispose(&picture);
    buf_dispose(&jpeg);
}

static void other_formats_are_called_by_their_names(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } rows[] = {{"\0\0\0\x18"
                 "ftypheic\0\0\0\0",
                 16, "HEIC"},
                {"RIFF\x10\0\0\0WEBPVP8 ", 16, "WebP"},
                {"GIF89a\x01\0\x01\0", 10, "GIF"},
                {"BM\x46\0\0\0", 6, "BMP"},
                {"%PDF-1.7\n", 9, "PDF"},
                {"II*\0\x08\0\0\0", 8, "TIFF"},
                {"PK\x03\x04", 4, "ZIP"},
                {"hello, world", 12, "not a photo"},
                {"\xFF\xD8", 2, "not a photo"},
                {"", 0, "empty"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_refused((struct slice){(const uint8_t *)rows[i].bytes, rows[i].len}, &plain, ERR_INVALID,
                   rows[i].says);
}

/* ---- bombs ---- */

static struct buf squeezed_zeros(size_t count, const char *before, size_t before_len)
{
    struct buf out = BUF_INIT(MAX);
    uint8_t *zeros = calloc(count, 1);
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    uint8_t *to;

    buf_append_bytes(&out, before, before_len);
    to = buf_room(&out, count / 500 + 1000);
    assert_non_null(to);
    buf_wrote(&out, libdeflate_zlib_compress(c, zeros, count, to, count / 500 + 1000));
    libdeflate_free_compressor(c);
    free(zeros);
    return out;
}

static void compressed_text_and_profiles_are_never_unpacked_beyond_measure(void **state)
{
    enum { HUGE_TEXT = 64 * 1024 * 1024 };
    struct buf ztxt = squeezed_zeros(HUGE_TEXT, "Comment\0", 9);
    struct buf itxt = squeezed_zeros(HUGE_TEXT, "Comment\0\x01\0\0", 12);
    struct buf iccp = squeezed_zeros(HUGE_TEXT, "x\0", 3);
    const struct {
        const char *name;
        struct buf *body;
    } rows[] = {{"zTXt", &ztxt}, {"iTXt", &itxt}, {"iCCP", &iccp}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf png = make_png((struct png_recipe){.type = PNG_COLOR_TYPE_RGB,
                                                      .depth = 8,
                                                      .chunk = rows[i].name,
                                                      .chunk_body = buf_view(rows[i].body)});

        quarters_are(&png, &plain, in_order, 12);
        buf_dispose(rows[i].body);
    }
}

static void append_chunk(struct buf *out, const char *name, struct slice body)
{
    uint8_t len[4] = {(uint8_t)(body.len >> 24), (uint8_t)(body.len >> 16), (uint8_t)(body.len >> 8),
                      (uint8_t)body.len};
    size_t from = out->len + 4;
    uint32_t crc;

    buf_append_bytes(out, len, 4);
    buf_append_text(out, name);
    buf_append(out, body);
    crc = libdeflate_crc32(0, out->data + from, out->len - from);
    for (int i = 24; i >= 0; i -= 8)
        buf_append_char(out, (char)(crc >> i));
}

static void a_png_that_holds_more_or_fewer_pixels_than_it_says_is_refused(void **state)
{
    static const uint8_t ihdr[13] = {0, 0, 600 >> 8, 600 & 255, 0, 0, 840 >> 8, 840 & 255, 8, 2, 0, 0, 0};
    static const size_t honest = (600 * 3 + 1) * 840;
    const size_t counts[] = {honest - 1, honest + 1, 64UL * 1024 * 1024, honest};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct buf idat = squeezed_zeros(counts[i], "", 0);
        struct buf png = BUF_INIT(MAX), jpeg = BUF_INIT(MAX);
        struct photo_report report;
        struct err e = {0};

        buf_append_bytes(&png, "\x89PNG\r\n\x1A\n", 8);
        append_chunk(&png, "IHDR", (struct slice){ihdr, 13});
        append_chunk(&png, "IDAT", buf_view(&idat));
        append_chunk(&png, "IEND", (struct slice){NULL, 0});
        assert_int_equal(photo_make(&jpeg, buf_view(&png), &plain, &report, &e),
                         counts[i] == honest ? 0 : -1);
        buf_dispose(&idat);
        buf_dispose(&png);
        buf_dispose(&jpeg);
    }
}

/* In the sandbox, within 256 MB and one second of CPU. */
static void forty_million_pixels_pass_through_the_sandbox(void **state)
{
    struct buf picture = make_jpeg((struct recipe){.width = 7700, .height = 5190, .orientation = 1});
    struct buf jpeg = BUF_INIT(MAX);
    struct photo_report report;
    struct photo_crop crop = {.size = PHOTO_2_CUN, .rotate = 12};
    struct err e = {0};
    struct image i;

    (void)state;
    if (photo_crop(&jpeg, buf_view(&picture), &crop, &report, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    assert_int_equal(report.source_width, 7700);
    i = decoded(buf_view(&jpeg));
    is_colour(&i, 0, 0, colours[RED], 12);
    is_colour(&i, 1, 1, colours[YELLOW], 12);
    free(i.rgb);
    buf_dispose(&picture);
    buf_dispose(&jpeg);
}

/* ---- what is already ours ---- */

static void only_a_photo_of_ours_passes_inspection(void **state)
{
    struct recipe recipes[] = {{.progressive = true},
                               {.space = JCS_GRAYSCALE},
                               {.orientation = 1},
                               {.space = JCS_CMYK},
                               {.separate = true}};
    struct buf picture = make_jpeg((struct recipe){0}), jpeg = BUF_INIT(MAX);
    struct photo_report report;
    struct err e = {0};
    int width, height;

    (void)state;
    for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
        struct buf other = make_jpeg(recipes[i]);

        assert_int_equal(photo_inspect(buf_view(&other), &width, &height, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
        buf_dispose(&other);
    }
    assert_int_equal(photo_crop(&jpeg, buf_view(&picture), &plain, &report, &e), 0);
    assert_int_equal(photo_inspect(buf_view(&jpeg), &width, &height, &e), 0);
    assert_int_equal(width, 413);
    assert_int_equal(height, 579);
    for (size_t cut = 0; cut < jpeg.len; cut += 7)
        assert_int_equal(photo_inspect(slice_part(buf_view(&jpeg), 0, cut), &width, &height, &e), -1);
    buf_append_char(&jpeg, 'x');
    assert_int_equal(photo_inspect(buf_view(&jpeg), &width, &height, &e), -1);
    buf_dispose(&picture);
    buf_dispose(&jpeg);
}

static void a_small_copy_is_the_same_picture_within_its_bytes(void **state)
{
    static const struct {
        double x, y;
        int colour;
    } quarters[] = {{0.25, 0.25, RED}, {0.75, 0.25, GREEN}, {0.25, 0.75, BLUE}, {0.75, 0.75, YELLOW}};
    struct buf picture = make_jpeg((struct recipe){0}), jpeg = BUF_INIT(MAX), small = BUF_INIT(MAX);
    struct photo_report report;
    struct err e = {0};
    struct image i;

    (void)state;
    assert_int_equal(photo_make(&jpeg, buf_view(&picture), &plain, &report, &e), 0);
    assert_int_equal(photo_small(&small, buf_view(&jpeg), 210, 294, 16 * 1024, &e), 0);
    assert_in_range(small.len, 500, 16 * 1024);
    i = decoded(buf_view(&small));
    assert_int_equal(i.width, 210);
    assert_int_equal(i.height, 294);
    for (size_t q = 0; q < 4; q++)
        is_colour(&i, quarters[q].x, quarters[q].y, colours[quarters[q].colour], 12);
    free(i.rgb);
    buf_reset(&small);
    assert_int_equal(photo_small(&small, buf_view(&jpeg), 210, 294, 100, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_int_equal(small.len, 0);
    assert_int_equal(photo_small(&small, buf_view(&picture), 0, 294, 16 * 1024, &e), -1);
    for (size_t cut = 0; cut < jpeg.len; cut += 97)
        assert_int_equal(photo_small(&small, slice_part(buf_view(&jpeg), 0, cut), 210, 294, 16 * 1024, &e),
                         -1);
    jpeg.data[jpeg.len / 2] ^= 0xFF; /* noise or a reason, never a crash */
    (void)!photo_small(&small, buf_view(&jpeg), 210, 294, 16 * 1024, &e);
    buf_dispose(&picture);
    buf_dispose(&jpeg);
    buf_dispose(&small);
}

static void sizes_are_read_by_their_names(void **state)
{
    enum photo_size size;

    (void)state;
    assert_true(photo_size_parse(&size, "大2寸") && size == PHOTO_LARGE_2_CUN);
    assert_true(photo_size_parse(&size, "小2") && size == PHOTO_SMALL_2_CUN);
    assert_true(photo_size_parse(&size, "1") && size == PHOTO_1_CUN);
    assert_true(photo_size_parse(&size, "2cun") && size == PHOTO_2_CUN);
    assert_false(photo_size_parse(&size, "3寸"));
    assert_false(photo_size_parse(&size, "2寸寸"));
    assert_false(photo_size_parse(&size, ""));
    assert_false(photo_size_parse(&size, "large"));
}

static void the_sample_photo_can_be_used(void **state)
{
    struct buf picture = BUF_INIT(PHOTO_MAX_BYTES);
    struct err e = {0};
    char path[4096];
    struct image i;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/samples/photo.jpg", getenv("SEALPRESS_SOURCE"));
    assert_int_equal(file_read(&picture, path, &e), 0);
    i = cropped(&picture, &plain);
    assert_true(pixel(&i, 0.02, 0.02)[2] > 150); /* a blue wall */
    free(i.rgb);
    buf_dispose(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_the_eight_exif_orientations_comes_out_upright),
        cmocka_unit_test(an_orientation_nobody_defined_counts_as_upright),
        cmocka_unit_test(progressive_and_sequential_pictures_in_several_scans_come_out_right),
        cmocka_unit_test(cmyk_of_every_convention_has_the_right_colours),
        cmocka_unit_test(gray_becomes_three_equal_components),
        cmocka_unit_test(png_of_every_kind_comes_out_right),
        cmocka_unit_test(what_is_transparent_becomes_white),
        cmocka_unit_test(gray_png_with_alpha_comes_out_right),
        cmocka_unit_test(the_exif_of_a_png_turns_it),
        cmocka_unit_test(a_linear_gamma_is_honoured),
        cmocka_unit_test(an_rgb_profile_is_converted_to_srgb),
        cmocka_unit_test(a_gray_profile_is_converted_to_srgb),
        cmocka_unit_test(a_cmyk_profile_is_converted_to_srgb_with_the_inks_the_right_way_round),
        cmocka_unit_test(a_broken_or_foreign_profile_is_left_aside),
        cmocka_unit_test(quarter_turns_are_clockwise_and_follow_the_exif_orientation),
        cmocka_unit_test(any_angle_turns_about_the_middle_and_leaves_no_empty_corner),
        cmocka_unit_test(the_crop_rectangle_and_zoom_show_what_they_enclose),
        cmocka_unit_test(the_result_has_the_size_of_each_target),
        cmocka_unit_test(a_rectangle_of_another_shape_is_refused_with_the_right_numbers),
        cmocka_unit_test(a_rectangle_beyond_the_picture_is_refused_with_one_that_fits),
        cmocka_unit_test(enlarging_is_reported),
        cmocka_unit_test(the_same_photo_gives_the_same_bytes),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_jpeg_with_its_middle_missing_is_refused_though_it_ends_well),
        cmocka_unit_test(any_flipped_bit_of_a_png_is_refused),
        cmocka_unit_test(flipped_bits_of_a_jpeg_give_a_clean_photo_or_a_reason),
        cmocka_unit_test(what_follows_the_picture_is_dropped),
        cmocka_unit_test(a_picture_below_one_inch_is_refused_but_not_one_inch_itself),
        cmocka_unit_test(too_many_pixels_are_refused_by_the_header_alone),
        cmocka_unit_test(twenty_scans_pass_and_twenty_one_do_not),
        cmocka_unit_test(a_file_above_ten_megabytes_is_refused),
        cmocka_unit_test(other_formats_are_called_by_their_names),
        cmocka_unit_test(compressed_text_and_profiles_are_never_unpacked_beyond_measure),
        cmocka_unit_test(a_png_that_holds_more_or_fewer_pixels_than_it_says_is_refused),
        cmocka_unit_test(forty_million_pixels_pass_through_the_sandbox),
        cmocka_unit_test(only_a_photo_of_ours_passes_inspection),
        cmocka_unit_test(a_small_copy_is_the_same_picture_within_its_bytes),
        cmocka_unit_test(sizes_are_read_by_their_names),
        cmocka_unit_test(the_sample_photo_can_be_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
