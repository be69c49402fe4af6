#include "image/photo_internal.h"
#include <lcms2.h>
#include <math.h>
#include <string.h>

/* A PNG's own idea of gamma and primaries, worth a conversion only where it differs visibly from sRGB. */
static cmsHPROFILE profile_of_png(const struct photo_header *h)
{
    static const double srgb[8] = {0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06};
    const double *p = h->primaries;
    bool same = fabs(h->gamma * 2.2 - 1) < 0.05;
    cmsCIExyY white;
    cmsCIExyYTRIPLE triple;
    cmsToneCurve *curve, *curves[3];
    cmsHPROFILE profile;

    if (h->srgb || h->gamma < 0.2 || h->gamma > 1.5)
        return NULL;
    if (p[1] == 0)
        p = srgb;
    for (int i = 0; i < 8; i++) {
        same = same && fabs(p[i] - srgb[i]) < 0.01;
        if (p[i] < 0 || p[i] > 1)
            return NULL;
    }
    if (same || p[1] <= 0 || p[3] <= 0 || p[5] <= 0 || p[7] <= 0)
        return NULL;
    white = (cmsCIExyY){p[0], p[1], 1};
    triple = (cmsCIExyYTRIPLE){{p[2], p[3], 1}, {p[4], p[5], 1}, {p[6], p[7], 1}};
    curve = cmsBuildGamma(NULL, 1 / h->gamma);
    curves[0] = curves[1] = curves[2] = curve;
    profile = curve != NULL ? cmsCreateRGBProfile(&white, &triple, curves) : NULL;
    cmsFreeToneCurve(curve);
    return profile;
}

static cmsHPROFILE profile_of(const struct photo_header *h, int channels)
{
    cmsColorSpaceSignature wanted = channels == 1   ? cmsSigGrayData
                                    : channels == 3 ? cmsSigRgbData
                                                    : cmsSigCmykData;
    cmsHPROFILE profile = NULL;

    if (h->profile.len > 0)
        profile = cmsOpenProfileFromMem(h->profile.data, (cmsUInt32Number)h->profile.len);
    else if (h->format == FORMAT_PNG && channels == 3)
        profile = profile_of_png(h);
    if (profile != NULL && cmsGetColorSpace(profile) != wanted) {
        (void)cmsCloseProfile(profile);
        profile = NULL;
    }
    return profile;
}

/* Without a profile: gray as it is, CMYK by the textbook (ISO 32000-2 10.4.2.5, with black as a factor). */
static void plain_to_srgb(uint8_t *rgb, const uint8_t *pixels, size_t count, int channels, bool inverted)
{
    if (channels == 3)
        memcpy(rgb, pixels, 3 * count);
    for (size_t i = 0; channels == 1 && i < count; i++)
        memset(rgb + 3 * i, pixels[i], 3);
    for (size_t i = 0; channels == 4 && i < 3 * count; i++) {
        int ink = pixels[i / 3 * 4 + i % 3], black = pixels[i / 3 * 4 + 3];

        rgb[i] = (uint8_t)(inverted ? (ink * black + 127) / 255 : ((255 - ink) * (255 - black) + 127) / 255);
    }
}

int colour_to_srgb(uint8_t *rgb, const uint8_t *pixels, size_t count, int channels,
                   const struct photo_header *h, struct err *e)
{
    bool inverted = channels == 4 && h->adobe;
    cmsUInt32Number type = channels == 1   ? TYPE_GRAY_8
                           : channels == 3 ? TYPE_RGB_8
                           : inverted      ? TYPE_CMYK_8_REV
                                           : TYPE_CMYK_8;
    cmsHPROFILE from = profile_of(h, channels), to = NULL;
    cmsHTRANSFORM transform = NULL;
    int rc = -1;

    if (from != NULL) {
        to = cmsCreate_sRGBProfile();
        if (to == NULL) {
            err_no_memory(e);
            goto out;
        }
        transform = cmsCreateTransform(from, type, to, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC,
                                       cmsFLAGS_BLACKPOINTCOMPENSATION);
    }
    /* A profile nothing can be made of is left aside, as browsers do. */
    if (transform != NULL)
        cmsDoTransform(transform, pixels, rgb, (cmsUInt32Number)count);
    else
        plain_to_srgb(rgb, pixels, count, channels, inverted);
    rc = 0;
out:
    if (transform != NULL)
        cmsDeleteTransform(transform);
    if (to != NULL)
        (void)cmsCloseProfile(to);
    if (from != NULL)
        (void)cmsCloseProfile(from);
    return rc;
}
