/* export_list.c - the frozen list as it is kept: text, one line an entry, fields between tabs. */
#include "filing/export_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 12 };
static const char head[] = "sealpress export 1\t";

static void put_text(struct buf *out, const char *text)
{
    buf_append_char(out, '\t');
    for (const char *at = text ? text : ""; *at != '\0'; at++)
        buf_append_char(out, (unsigned char)*at < 0x20 || *at == 0x7F ? ' ' : *at);
}

void export_list_begin(struct buf *out, int64_t moment)
{
    buf_printf(out, "%s%" PRId64 "\n", head, moment);
}

void export_list_put(struct buf *out, const struct export_line *line)
{
    char sha[2 * SHA256_SIZE + 1] = "";

    if (line->has_file)
        hex_encode(sha, (struct slice){line->sha256, SHA256_SIZE});
    buf_printf(out, "%c\t%u", line->has_file ? '+' : '-', line->serial);
    put_text(out, line->certificate);
    put_text(out, line->number);
    put_text(out, line->name);
    put_text(out, line->masked);
    put_text(out, line->state);
    put_text(out, line->reason);
    buf_printf(out, "\t%" PRIu64 "\t%08" PRIx32 "\t%s", line->size, line->crc32, sha);
    put_text(out, line->file);
    buf_append_char(out, '\n');
}

static int damaged(struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "The kept list of this export is damaged; make a new one.",
                   "此批量下载的存档清单已损坏，请重新生成。");
}

/* The next line without its end, ended with a NUL; NULL where there is no whole one. */
static char *next_line(struct export_list *l)
{
    size_t end = slice_find(l->rest, 0, slice_of("\n"));
    const char *text;

    if (end == SIZE_MAX)
        return NULL;
    buf_reset(&l->line);
    buf_append(&l->line, slice_part(l->rest, 0, end));
    text = buf_text(&l->line);
    l->rest = slice_part(l->rest, end + 1, l->rest.len - end - 1);
    return text ? (char *)l->line.data : NULL;
}

int export_list_open(struct export_list *out, struct slice list, struct err *e)
{
    const size_t len = sizeof head - 1;
    char *line, *end;

    *out = (struct export_list){.rest = list};
    buf_init(&out->line, EXPORT_LINE_MAX);
    line = next_line(out);
    if (line == NULL || strncmp(line, head, len) != 0)
        return damaged(e);
    out->moment = strtoll(line + len, &end, 10);
    return line[len] != '\0' && *end == '\0' ? 0 : damaged(e);
}

void export_list_close(struct export_list *l)
{
    buf_dispose(&l->line);
}

static bool number_read(uint64_t *out, const char *text, int base)
{
    char *end;

    *out = strtoull(text, &end, base);
    return *text != '\0' && *end == '\0';
}

static bool line_read(struct export_line *line, char *const fields[FIELDS])
{
    uint64_t serial, crc;

    *line = (struct export_line){.has_file = fields[0][0] == '+',
                                 .certificate = fields[2],
                                 .number = fields[3],
                                 .name = fields[4],
                                 .masked = fields[5],
                                 .state = fields[6],
                                 .reason = fields[7],
                                 .file = fields[11]};
    if (!number_read(&serial, fields[1], 10) || !number_read(&line->size, fields[8], 10) ||
        !number_read(&crc, fields[9], 16))
        return false;
    line->serial = (unsigned)serial;
    line->crc32 = (uint32_t)crc;
    return !line->has_file || (strlen(line->certificate) == CERTIFICATE_ID_SIZE - 1 &&
                               hex_decode(line->sha256, SHA256_SIZE, fields[10], strlen(fields[10])));
}

bool export_list_next(struct export_line *line, struct export_list *l, int *rc, struct err *e)
{
    char *fields[FIELDS], *at;

    *rc = 0;
    if (l->rest.len == 0)
        return false;
    at = next_line(l);
    for (size_t i = 0; at != NULL && i < FIELDS; i++) {
        char *tab = strchr(at, '\t');

        fields[i] = at;
        if ((tab == NULL) != (i + 1 == FIELDS)) /* too few, or too many */
            at = NULL;
        else if (tab != NULL) {
            *tab = '\0';
            at = tab + 1;
        }
    }
    if (at != NULL && line_read(line, fields))
        return true;
    *rc = damaged(e);
    return false;
}
