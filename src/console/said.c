/* said.c - texts that people typed and that are kept: the console takes no more of them than the API does. */
#include "console/console_internal.h"
#include "records/text.h"

enum { FILE_NAME_MAX = 120 };

int console_said(const char **out, const struct console_visit *v, const char *field, const char *what,
                 size_t max, struct err *e)
{
    const struct text_rule rule = {max, false};
    const char *text = console_field(v, field);
    struct err why;
    unsigned changes;

    *out = NULL;
    if (text[0] == '\0' || text_clean(out, &changes, text, &rule, v->req->arena, &why) == 0)
        return 0;
    return err_set(e, why.code == ERR_NO_MEMORY ? ERR_NO_MEMORY : ERR_INVALID, "%1$s: %2$s%3$.0s%4$.0s",
                   "%3$s：%4$s%1$.0s%2$.0s", field, why.en, what, why.zh);
}

const char *console_file_name(const struct console_visit *v, const char *name, const char *otherwise)
{
    const struct text_rule rule = {FILE_NAME_MAX, false};
    const char *clean;
    unsigned changes;
    struct err why;

    if (name == NULL || name[0] == '\0' ||
        text_clean(&clean, &changes, name, &rule, v->req->arena, &why) != 0)
        return otherwise;
    return clean;
}
