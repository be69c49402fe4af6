/* language.h - whether people read Chinese or English here. */
#pragma once
#include <stdbool.h>

/* Chinese if LC_ALL, LC_MESSAGES or LANG (the first that is set, as POSIX orders them) begins with "zh". */
bool language_is_chinese(void);
/* The text in that language. */
const char *language_pick(const char *en, const char *zh) __attribute__((format_arg(1), format_arg(2)));
