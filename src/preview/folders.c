/* folders.c - where templates and records lie, and whether anything there changed. */
#include "base/file.h"
#include "preview/preview_internal.h"
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int add(void *arg, const char *id, const char *dir, struct err *e)
{
    struct folders *f = arg;
    struct folder *added = &f->list[f->count];

    if (f->count == FOLDERS_MAX)
        return err_set(e, ERR_INTERNAL, "There are more than %d templates.", "模板超过 %d 个。", FOLDERS_MAX);
    *added = (struct folder){strdup(id), strdup(dir), NULL};
    f->count++;
    if (added->id == NULL || added->dir == NULL)
        return err_no_memory(e);
    added->label = strrchr(added->id, '/') == NULL ? added->id : strrchr(added->id, '/') + 1;
    return 0;
}

int folders_list(struct folders *out, const char *own, struct err *e)
{
    char dir[PATH_MAX], file[PATH_MAX + 16];

    *out = (struct folders){.count = 0};
    if (own != NULL) {
        size_t len = strlen(own);

        while (len > 1 && own[len - 1] == '/')
            len--;
        (void)snprintf(dir, sizeof dir, "%.*s", (int)len, own);
        if (snprintf(file, sizeof file, "%s/template.md", dir) >= (int)sizeof file || !file_exists(file))
            return err_set(e, ERR_NOT_FOUND, "There is no %.200s/template.md.", "没有 %.200s/template.md。",
                           own);
        if (add(out, dir, dir, e) != 0)
            return -1;
    }
    return press_installed(add, out, e);
}

void folders_dispose(struct folders *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->list[i].id);
        free(f->list[i].dir);
    }
    f->count = 0;
}

const struct folder *folders_lookup(const struct folders *f, const char *id)
{
    for (size_t i = 0; i < f->count; i++) {
        if (strcmp(f->list[i].id, id) == 0)
            return &f->list[i];
    }
    return NULL;
}

/* --- records --- */

static int is_record(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

int records_list(struct records *out, const struct folder *f, struct arena *a, struct err *e)
{
    struct dirent **entries = NULL;
    int count = scandir(f->dir, &entries, is_record, alphasort), rc = 0;

    *out = (struct records){.list = {"sample.json"},
                            .count = 1}; /* also while it is missing: that is a mistake */
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;

        if (rc == 0 && out->count < RECORDS_MAX && strcmp(name, "sample.json") != 0) {
            out->list[out->count] = arena_text(a, name);
            if (out->list[out->count++] == NULL)
                rc = err_no_memory(e);
        }
        free(entries[i]);
    }
    free((void *)entries);
    return rc;
}

/* --- changes --- */

/* FNV-1a: nobody has a reason to make two states of his own files look alike. */
static void mix(uint64_t *hash, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        *hash = (*hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3u;
}

static void mix_file(uint64_t *hash, const char *path, const char *name)
{
    struct stat s;

    if (stat(path, &s) != 0 || !S_ISREG(s.st_mode))
        return;
    mix(hash, name, strlen(name) + 1);
    mix(hash, &s.st_ino, sizeof s.st_ino);
    mix(hash, &s.st_size, sizeof s.st_size);
    mix(hash, &s.st_mtim.tv_sec, sizeof s.st_mtim.tv_sec);
    mix(hash, &s.st_mtim.tv_nsec, sizeof s.st_mtim.tv_nsec);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void mix_folder(uint64_t *hash, const char *dir)
{
    char path[PATH_MAX + NAME_MAX + 2];
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, visible, alphasort);

    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
        mix_file(hash, path, entries[i]->d_name);
        free(entries[i]);
    }
    free((void *)entries);
}

/* What a front matter's like: says, in the text; empty if nothing. */
static struct slice like_name(struct slice text)
{
    struct slice name = {NULL, 0};

    for (int i = 0; i < 64 && text.len > 0; i++) {
        size_t end = slice_find(text, 0, slice_of("\n"));
        struct slice line = slice_part(text, 0, end == SIZE_MAX ? text.len : end);

        text = slice_part(text, line.len + 1, text.len);
        if (i > 0 && line.len >= 3 && memcmp(line.ptr, "---", 3) == 0)
            break;
        if (line.len < 5 || memcmp(line.ptr, "like:", 5) != 0)
            continue;
        for (line = slice_part(line, 5, line.len); line.len > 0 && strchr(" \t\"", *line.ptr) != NULL;)
            line = slice_part(line, 1, line.len);
        while (name.len < line.len && strchr(" \t\r\"", line.ptr[name.len]) == NULL)
            name = (struct slice){line.ptr, name.len + 1};
        break;
    }
    return name;
}

/* The folder of the template that this one is like, beside it; false if it is like none. */
static bool like_folder(char *out, size_t size, const char *dir)
{
    struct buf text = BUF_INIT(SOURCE_MAX);
    struct slice name = {NULL, 0};
    char path[PATH_MAX + 16];
    struct err unread;
    bool found;

    (void)snprintf(path, sizeof path, "%s/template.md", dir);
    if (file_read(&text, path, &unread) == 0) /* never waits, whatever is in the file's place */
        name = like_name(buf_view(&text));
    found = name.len > 0 && memchr(name.ptr, '/', name.len) == NULL &&
            memchr(name.ptr, '\0', name.len) == NULL &&
            snprintf(out, size, "%s/../%.*s", dir, (int)name.len, (const char *)name.ptr) < (int)size;
    buf_dispose(&text);
    return found;
}

void folder_stamp(char out[STAMP_SIZE], const struct folder *f, const char *extra)
{
    uint64_t hash = 0xCBF29CE484222325u;
    char like[PATH_MAX];

    mix_folder(&hash, f->dir);
    if (like_folder(like, sizeof like, f->dir))
        mix_folder(&hash, like);
    if (extra != NULL)
        mix_file(&hash, extra, "");
    (void)snprintf(out, STAMP_SIZE, "%016" PRIx64, hash);
}
