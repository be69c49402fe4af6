#include "records/choices.h"
#include <stddef.h>

const char choices_resident_id[] = "居民身份证";

const char *const choices_genders[] = {"男", "女", NULL};
const char *const choices_id_types[] = {
    choices_resident_id,    "军官证", "护照", "港澳居民来往内地通行证", "台湾居民来往大陆通行证",
    "外国人永久居留身份证", "其他",   NULL};
const char *const choices_levels[] = {"正高级", "副高级", "中级", "初级", NULL};
const char *const choices_modes[] = {"评审", "认定", "考试", "考评结合", "确认", NULL};
const char *const choices_natures[] = {"社会化", "单位内部有效", "自主评审", "基层有效", NULL};
const char *const choices_filing_types[] = {"评审", "认定", "考试", "确认", NULL};
