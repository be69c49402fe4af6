#include "base/utf8.h"
#include "records/entry.h"
#include <string.h>

enum { FIRST_ROOM = 16, VALUE_BYTES_MAX = 160 };

/* Words around the number, which are no secret: "南字第" and "号" of an officer's number. */
static void find_words(struct slice s, size_t *head, size_t *tail)
{
    bool begun = false;
    size_t at = 0;
    uint32_t cp;

    *head = *tail = 0;
    while (utf8_next(s, &at, &cp)) {
        begun = begun || cp < 0x80;
        *head += begun ? 0 : 1;
        *tail = cp < 0x80 ? 0 : *tail + 1;
    }
}

void id_number_mask(char *out, size_t size, const char *id_number)
{
    enum { HIDDEN_LEAST = 4 };
    struct slice s = slice_of(id_number);
    size_t count = utf8_length(s), at = 0, index = 0, used = 0, head, tail;
    uint32_t cp;

    find_words(s, &head, &tail);
    if (count >= 15 && head == 0) {
        head = 6;
        tail = 4;
    } else if (head + tail + 2 + HIDDEN_LEAST > count) {
        head = 0;
        tail = count >= 6 ? 2 : 0;
    } else {
        tail += 2;
    }

    while (utf8_next(s, &at, &cp) && used + 5 < size) {
        bool shown = index < head || index >= count - tail;

        used += utf8_put(out + used, shown ? cp : '*');
        index++;
    }
    out[used] = '\0';
}

static bool make_room(struct row_faults *f)
{
    size_t room = f->room == 0 ? FIRST_ROOM : 2 * f->room;
    struct row_fault *list;

    if (f->count >= ROW_FAULTS_MAX)
        return false;
    if (f->count < f->room)
        return true;
    list = arena_array(f->a, room, sizeof *list);
    if (list == NULL)
        return false;
    if (f->count > 0)
        memcpy(list, f->list, f->count * sizeof *list);
    f->list = list;
    f->room = room;
    return true;
}

static bool copy(const char **text, struct arena *a, size_t most)
{
    struct slice s = slice_of(*text == NULL ? "" : *text);

    if (s.len > most)
        s.len = utf8_whole((const char *)s.ptr, most);
    *text = arena_slice(a, s);
    return *text != NULL;
}

void row_faults_add(struct row_faults *f, const struct row_fault *fault)
{
    struct row_fault kept = *fault;

    if (fault->warning) {
        f->warnings++;
    } else {
        f->errors++;
        if (fault->row > 0 && fault->row != f->last_bad) {
            f->bad_rows++;
            f->last_bad = fault->row;
        }
    }
    if (make_room(f) && copy(&kept.value, f->a, VALUE_BYTES_MAX) && copy(&kept.problem, f->a, SIZE_MAX) &&
        copy(&kept.problem_en, f->a, SIZE_MAX) && copy(&kept.advice, f->a, SIZE_MAX) &&
        copy(&kept.advice_en, f->a, SIZE_MAX))
        f->list[f->count++] = kept;
    else
        f->left_off++;
}

/* A message says what is wrong and then what to do: here they are two cells of a table. text is cut in two at
 * the first mark (which stays out), ends lose their full stop. */
static const char *split(char *text, const char *const *marks, const char *stop)
{
    size_t len = strlen(text), stop_len = strlen(stop);

    if (len >= stop_len && strcmp(text + len - stop_len, stop) == 0)
        text[len - stop_len] = '\0';
    for (size_t i = 0; marks[i] != NULL; i++) {
        char *at = strstr(text, marks[i]);

        if (at == NULL)
            continue;
        *at = '\0';
        return at + strlen(marks[i]);
    }
    return "";
}

static int column_of(const char *pointer)
{
    size_t len;

    if (pointer[0] != '/')
        return -1;
    pointer++;
    len = strcspn(pointer, "/");
    for (int c = 0; c < ENTRY_COLUMNS; c++) {
        const char *member = entry_column_info((enum entry_column)c)->member;

        if (strlen(member) == len && strncmp(member, pointer, len) == 0)
            return c;
    }
    return -1;
}

void row_faults_add_err(struct row_faults *f, unsigned row, const struct err *why, const char *value)
{
    static const char *const marks[] = {"，请", "。请", "；请", "; ", NULL};
    char zh[sizeof why->zh], en[sizeof why->en], masked[4 * 64 + 16];
    struct row_fault fault = {
        .row = row, .column = column_of(why->field), .value = value == NULL ? "" : value};

    (void)snprintf(zh, sizeof zh, "%s", why->zh);
    (void)snprintf(en, sizeof en, "%s", why->en);
    fault.advice = split(zh, marks, "。");
    fault.advice_en = split(en, marks, ".");
    fault.problem = zh;
    fault.problem_en = en;
    if (fault.column == COLUMN_ID_NUMBER) {
        id_number_mask(masked, sizeof masked, fault.value);
        fault.value = masked;
    }
    row_faults_add(f, &fault);
}
