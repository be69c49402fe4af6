/* fonts.c - the faces that fonts.json names, and who stands in for whom. */
#include "base/file.h"
#include "base/json.h"
#include "font/font_internal.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FACES = 64, MAX_CATALOGUE = 64 * 1024 };

static int broken(const char *path, struct err *e)
{
    return err_set(e, ERR_INTERNAL, "%s is damaged; install the program again.",
                   "%s 已损坏，请重新安装程序。", path);
}

/* The font must be the one its working face was made from: otherwise common and rare characters of one
 * document would come from two designs. */
static int check_file(const struct face *face, const json_t *entry, struct err *e)
{
    const json_t *size = json_object_get(entry, "size");
    struct stat st;

    if (stat(face->file, &st) != 0)
        return err_set(e, ERR_INTERNAL, "The font %s is missing; install the Debian package %s.",
                       "缺少字体 %s，请安装 Debian 软件包 %s。", face->file, face->package);
    if (face->working_path == NULL)
        return 0;
    if (!file_exists(face->working_path))
        return err_set(e, ERR_INTERNAL, "%s is missing; install the program again.",
                       "缺少 %s，请重新安装程序。", face->working_path);
    if (size != NULL && json_integer_value(size) != (json_int_t)st.st_size)
        return err_set(e, ERR_INTERNAL,
                       "The font %s (package %s) was replaced since the program was built; build it again.",
                       "字体 %s（软件包 %s）在程序构建后已被替换，请重新构建程序。", face->file,
                       face->package);
    return 0;
}

static int read_face(struct face *face, const json_t *entry, const char *dir, struct err *e)
{
    const char *family = json_text(entry, "family"), *postscript = json_text(entry, "postscript");
    const char *file = json_text(entry, "file"), *package = json_text(entry, "package");
    const char *working = json_text(entry, "working");

    if (family == NULL || postscript == NULL || file == NULL || package == NULL)
        return broken(dir, e);
    face->bold = json_is_true(json_object_get(entry, "bold"));
    face->serif = json_is_true(json_object_get(entry, "serif"));
    face->ttc_index = (unsigned)json_integer_value(json_object_get(entry, "index"));
    face->family = strdup(family);
    face->postscript = strdup(postscript);
    face->file = strdup(file);
    face->package = strdup(package);
    face->state = calloc(1, sizeof *face->state);
    face->working_file = shared_file_new();
    face->full_file = shared_file_new();
    if (working != NULL && asprintf(&face->working_path, "%s/%s", dir, working) < 0)
        face->working_path = NULL;
    if (face->family == NULL || face->postscript == NULL || face->file == NULL || face->package == NULL ||
        face->state == NULL || face->working_file == NULL || face->full_file == NULL ||
        (working != NULL && face->working_path == NULL))
        return err_no_memory(e);
    return check_file(face, entry, e);
}

static int find_family(const struct fonts *fonts, const char *family, bool bold)
{
    for (int i = 0; i < fonts->count; i++) {
        if (strcmp(fonts->faces[i].family, family) == 0 && fonts->faces[i].bold == bold)
            return i;
    }
    return -1;
}

static int read_fallback(struct fonts *fonts, const json_t *names, const char *path, struct err *e)
{
    fonts->fallback = calloc(json_array_size(names) + 1, sizeof *fonts->fallback);
    if (fonts->fallback == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *family = json_string_value(json_array_get(names, i));
        int found = family != NULL ? find_family(fonts, family, false) : -1;

        if (found < 0)
            return broken(path, e);
        fonts->fallback[fonts->fallback_count++] = found;
    }
    return 0;
}

static int read_catalogue(struct fonts *fonts, const json_t *catalogue, const char *dir, const char *path,
                          struct err *e)
{
    const json_t *faces = json_object_get(catalogue, "faces");
    size_t count = json_array_size(faces);

    if (count == 0 || count > MAX_FACES)
        return broken(path, e);
    fonts->faces = calloc(count, sizeof *fonts->faces);
    if (fonts->faces == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < count; i++) {
        fonts->faces[i].index = fonts->count++;
        if (read_face(&fonts->faces[i], json_array_get(faces, i), dir, e) != 0)
            return -1;
    }
    return read_fallback(fonts, json_object_get(catalogue, "fallback"), path, e);
}

int fonts_open(struct fonts **out, const char *dir, struct err *e)
{
    struct fonts *fonts = calloc(1, sizeof *fonts);
    json_t *catalogue = NULL;
    char *path = NULL;
    int rc = -1;

    if (fonts == NULL || asprintf(&path, "%s/fonts.json", dir) < 0) {
        path = NULL;
        (void)err_no_memory(e);
        goto out;
    }
    if (json_read_file(&catalogue, path, MAX_CATALOGUE, e) != 0 ||
        read_catalogue(fonts, catalogue, dir, path, e) != 0)
        goto out;
    *out = fonts;
    fonts = NULL;
    rc = 0;
out:
    fonts_close(fonts);
    json_decref(catalogue);
    free(path);
    return rc;
}

static void dispose_face(struct face *face)
{
    if (face->state != NULL) {
        source_close(&face->state->working);
        source_close(&face->state->full);
        for (size_t i = 0; i < ENTRY_PAGES; i++)
            free(face->state->pages[i]);
    }
    free(face->state);
    free(face->family);
    free(face->postscript);
    free(face->file);
    free(face->package);
    free(face->working_path);
    shared_file_leave(face->working_file);
    shared_file_leave(face->full_file);
}

static char *copy(const char *text, bool *fine)
{
    char *made = text != NULL ? strdup(text) : NULL;

    *fine = *fine && (made != NULL || text == NULL);
    return made;
}

static int share_face(struct face *face, const struct face *first, struct err *e)
{
    bool fine = true;

    *face = (struct face){.index = first->index,
                          .bold = first->bold,
                          .serif = first->serif,
                          .family = copy(first->family, &fine),
                          .postscript = copy(first->postscript, &fine),
                          .file = copy(first->file, &fine),
                          .package = copy(first->package, &fine),
                          .working_path = copy(first->working_path, &fine),
                          .ttc_index = first->ttc_index,
                          .working_file = shared_file_join(first->working_file),
                          .full_file = shared_file_join(first->full_file),
                          .state = calloc(1, sizeof *face->state)};
    return fine && face->state != NULL ? 0 : err_no_memory(e);
}

int fonts_open_beside(struct fonts **out, const struct fonts *first, struct err *e)
{
    struct fonts *fonts = calloc(1, sizeof *fonts);
    int rc = -1;

    *out = NULL;
    if (fonts == NULL)
        return err_no_memory(e);
    fonts->faces = calloc((size_t)first->count, sizeof *fonts->faces);
    fonts->fallback = calloc(first->fallback_count + 1, sizeof *fonts->fallback);
    if (fonts->faces == NULL || fonts->fallback == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    memcpy(fonts->fallback, first->fallback, first->fallback_count * sizeof *fonts->fallback);
    fonts->fallback_count = first->fallback_count;
    while (fonts->count < first->count) {
        int i = fonts->count++;

        if (share_face(&fonts->faces[i], &first->faces[i], e) != 0)
            goto out;
    }
    *out = fonts;
    fonts = NULL;
    rc = 0;
out:
    fonts_close(fonts);
    return rc;
}

void fonts_close(struct fonts *fonts)
{
    if (fonts == NULL)
        return;
    for (int i = 0; i < fonts->count; i++)
        dispose_face(&fonts->faces[i]);
    free(fonts->faces);
    free(fonts->fallback);
    free(fonts);
}

const struct face *fonts_lookup(const struct fonts *fonts, const char *family, bool bold)
{
    int found = find_family(fonts, family, bold);

    if (found < 0)
        found = find_family(fonts, family, false);
    return found < 0 ? NULL : &fonts->faces[found];
}

const struct face *fonts_cover(struct fonts *fonts, const struct face *wanted, uint32_t cp)
{
    if (face_entry(wanted, cp).where != WHERE_NOWHERE)
        return wanted;
    for (size_t i = 0; i < fonts->fallback_count; i++) {
        const struct face *regular = &fonts->faces[fonts->fallback[i]];
        const struct face *face = fonts_lookup(fonts, regular->family, wanted->bold);

        if (face_entry(face, cp).where != WHERE_NOWHERE)
            return face;
        if (face != regular && face_entry(regular, cp).where != WHERE_NOWHERE)
            return regular;
    }
    return NULL;
}

int fonts_count(const struct fonts *fonts)
{
    return fonts->count;
}
