/* assets.h - the files that embed.cmake puts into the program, and their addresses. */
#pragma once
#include "web/pages.h"

extern const struct asset assets[];
extern const size_t asset_count;
extern const char asset_site[]; /* address of the style sheet */
extern const char asset_icon[];
extern const char asset_console_css[], asset_console_js[];
extern const char asset_cropper_css[], asset_cropper_js[];
