/* coverage.c - which code points a document may show at all. */
#include "font/font_internal.h"

/* General categories Cc, Cs, Co, Zl, Zp and the property Default_Ignorable_Code_Point (Unicode 15,
 * DerivedCoreProperties.txt), sorted. */
static const uint32_t invisible[][2] = {
    {0x0000, 0x001F},   {0x007F, 0x009F},    {0x00AD, 0x00AD}, {0x034F, 0x034F},   {0x061C, 0x061C},
    {0x115F, 0x1160},   {0x17B4, 0x17B5},    {0x180B, 0x180F}, {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164},    {0xD800, 0xF8FF}, {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},    {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF},
};

bool codepoint_is_invisible(uint32_t cp)
{
    size_t low = 0, high = sizeof invisible / sizeof invisible[0];

    if (cp > 0x10FFFF || (cp & 0xFFFE) == 0xFFFE)
        return true;
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (cp > invisible[middle][1])
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof invisible / sizeof invisible[0] && cp >= invisible[low][0];
}
