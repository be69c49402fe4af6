/* photo_internal.h - the steps between photo_crop()'s door and its answer: header, geometry, rows, colour. */
#pragma once
#include "image/photo.h"

enum {
    PHOTO_MIN_WIDTH = 295, /* 1寸 at 300 dpi: less is no portrait for print */
    PHOTO_MIN_HEIGHT = 413,
    PHOTO_MAX_PIXELS = 40 * 1000 * 1000,
    PHOTO_MAX_BUFFERED_PIXELS = 16 * 1000 * 1000, /* progressive, several scans, interlaced */
    PHOTO_MAX_SCANS = 20,
    PHOTO_MAX_PROFILE = 4 * 1024 * 1024
};

enum photo_format { FORMAT_JPEG, FORMAT_PNG };

/* What the bytes say of themselves before anything is decoded. */
struct photo_header {
    enum photo_format format;
    int width, height; /* as coded */
    int orientation;   /* EXIF 0x0112, 1 to 8 */
    bool buffered;     /* the decoder must keep the whole picture */
    int scans, components, precision;
    bool sequential;     /* SOF0 */
    bool adobe;          /* JPEG with an Adobe marker: CMYK is stored inverted */
    size_t metadata;     /* segments beyond JFIF: EXIF, ICC, comments */
    size_t end;          /* JPEG: offset behind EOI, 0 without one */
    struct buf profile;  /* ICC, empty without one or where it is broken */
    bool srgb;           /* PNG says so */
    double gamma;        /* PNG gAMA, 0 without */
    double primaries[8]; /* PNG cHRM: white, red, green, blue as x, y; all 0 without */
};

void header_init(struct photo_header *h);
void header_dispose(struct photo_header *h);
/* Reads and judges the header; ERR_INVALID or ERR_TOO_LARGE say what to do. */
int header_read(struct photo_header *h, struct slice picture, struct err *e);
int header_read_jpeg(struct photo_header *h, struct slice jpeg, struct err *e);
int header_read_png(struct photo_header *h, struct slice png, struct err *e);
/* Orientation of a TIFF block, 1 where it has none or is broken. */
int exif_orientation(struct slice tiff);
/* The one sentence for every kind of damage. */
int photo_damaged(struct err *e, const char *detail);

/* x' = a x + c y + e, y' = b x + d y + f */
struct affine {
    double a, b, c, d, e, f;
};

/* Where each pixel of the result comes from. */
struct geometry {
    int width, height;                              /* of the result */
    struct affine coded;                            /* from the result to the coded picture, in pixels */
    double step;                                    /* coded pixels per result pixel */
    int left, top, right, bottom;                   /* what of the coded picture is needed */
    int source_width, source_height;                /* after EXIF orientation */
    double crop_x, crop_y, crop_width, crop_height; /* of the rotated picture */
};

int geometry_plan(struct geometry *g, const struct photo_header *h, const struct photo_crop *crop,
                  struct err *e);

/* The needed part of the picture, made smaller by whole factors while its rows come in. */
struct raster {
    int channels, width, height;
    int left, top, right, bottom; /* in decoded pixels */
    int shrink;                   /* decoded pixels per sample */
    int scale_denom;              /* coded pixels per decoded pixel: 1, 2, 4, 8 */
    uint8_t *samples;
    uint32_t *sums;
};

/* The factors for a decoder that can itself scale by 1/max_denom at most. */
void raster_plan(struct raster *r, const struct geometry *g, int max_denom);
int raster_open(struct raster *r, int channels, struct err *e);
void raster_row(struct raster *r, int y, const uint8_t *row);
void raster_close(struct raster *r);
/* g->width * g->height pixels of r's channels into out. */
int raster_resample(uint8_t *out, const struct raster *r, const struct geometry *g, struct err *e);

/* Fill r (planned, not yet open). Any warning of the decoder is an error. */
int jpeg_read(struct raster *r, const struct photo_header *h, struct slice jpeg, struct err *e);
int png_read(struct raster *r, const struct photo_header *h, struct slice png, struct err *e);

/* count pixels of 1 (gray), 3 (RGB) or 4 (CMYK) channels become sRGB. */
int colour_to_srgb(uint8_t *rgb, const uint8_t *pixels, size_t count, int channels,
                   const struct photo_header *h, struct err *e);
/* Baseline JPEG, 300 dpi, no metadata. */
int jpeg_write(struct buf *out, const uint8_t *rgb, int width, int height, struct err *e);
/* The same at one quality; chroma is how many pixels share a colour, across and down. -1 without memory. */
int jpeg_write_at(struct buf *out, const uint8_t *rgb, int width, int height, int quality, int chroma);

/* All of it in this process: the job of the worker, and what is fuzzed. Appends the JPEG. */
int photo_make(struct buf *jpeg, struct slice picture, const struct photo_crop *crop,
               struct photo_report *report, struct err *e);
