#include "issue/press.h"
#include "base/file.h"
#include "base/share.h"
#include <dirent.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { TEMPLATES_MAX = 256 };

/* A folder whose template.md, sample.json or artwork is wrong: the others must not suffer from it. */
struct broken_template {
    char name[NAME_MAX + 1];
    struct err why;
};

struct press {
    bool borrows; /* its templates and what is wrong with others */
    struct fonts *fonts;
    struct template *templates[TEMPLATES_MAX];
    struct pdf_kit *kits[TEMPLATES_MAX]; /* made when a template is first used */
    size_t count;
    struct broken_template *broken;
    size_t broken_count;
};

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int note_broken(struct press *p, const char *name, const struct err *why, struct err *e)
{
    struct broken_template *list = realloc(p->broken, (p->broken_count + 1) * sizeof *list);

    if (list == NULL || why->code == ERR_NO_MEMORY) {
        p->broken = list == NULL ? p->broken : list;
        return err_no_memory(e);
    }
    p->broken = list;
    list[p->broken_count].why = *why;
    (void)snprintf(list[p->broken_count].name, sizeof list->name, "%s", name);
    p->broken_count++;
    return 0;
}

static int visit_entry(template_visitor *each, void *arg, const char *folder, const char *name, struct err *e)
{
    char dir[PATH_MAX], file[PATH_MAX + 16];

    if (snprintf(dir, sizeof dir, "%s/%s", folder, name) >= (int)sizeof dir)
        return err_set(e, ERR_INTERNAL, "The path of the templates is too long.", "模板路径过长。");
    (void)snprintf(file, sizeof file, "%s/template.md", dir);
    return file_exists(file) ? each(arg, name, dir, e) : 0; /* else artwork and the like */
}

int press_installed(template_visitor *each, void *arg, struct err *e)
{
    char folder[PATH_MAX];
    struct dirent **entries = NULL;
    int count, rc = 0;

    if (share_path(folder, sizeof folder, "templates", e) != 0)
        return -1;
    count = scandir(folder, &entries, is_visible, alphasort);
    if (count < 0)
        return err_set(e, ERR_INTERNAL, "The templates in %s cannot be read.", "无法读取 %s 中的模板。",
                       folder);
    for (int i = 0; i < count; i++) {
        if (rc == 0)
            rc = visit_entry(each, arg, folder, entries[i]->d_name, e);
        free(entries[i]);
    }
    free((void *)entries);
    return rc;
}

struct loading {
    struct press *press;
    const char *only; /* the one that is wanted, or NULL: all */
};

static int load_template(void *arg, const char *name, const char *dir, struct err *e)
{
    const struct loading *l = arg;
    struct press *p = l->press;
    struct err why;

    if (l->only != NULL && strcmp(l->only, name) != 0)
        return 0;
    if (p->count + p->broken_count == TEMPLATES_MAX)
        return err_set(e, ERR_INTERNAL, "There are more than %d templates.", "模板超过 %d 个。",
                       TEMPLATES_MAX);
    if (template_load(&p->templates[p->count], dir, p->fonts, &why) != 0)
        return note_broken(p, name, &why, e);
    p->count++;
    return 0;
}

static int open_with(struct press **out, const char *only, struct err *e)
{
    struct press *p = calloc(1, sizeof *p);
    struct loading loading = {p, only};
    char folder[PATH_MAX];

    *out = NULL;
    if (p == NULL)
        return err_no_memory(e);
    if (share_path(folder, sizeof folder, "fonts", e) != 0 || fonts_open(&p->fonts, folder, e) != 0 ||
        press_installed(load_template, &loading, e) != 0) {
        press_close(p);
        return -1;
    }
    *out = p;
    return 0;
}

int press_open(struct press **out, struct err *e)
{
    return open_with(out, NULL, e);
}

int press_open_only(struct press **out, const char *name, struct err *e)
{
    struct press *p;

    *out = NULL;
    if (open_with(&p, name, e) != 0)
        return -1;
    if (p != NULL && p->count + p->broken_count == 0 && name[0] != '\0') {
        press_close(p); /* who asks for what is not there is told what there is */
        return open_with(out, NULL, e);
    }
    *out = p;
    return 0;
}

int press_open_beside(struct press **out, const struct press *first, struct err *e)
{
    struct press *p = calloc(1, sizeof *p);

    *out = NULL;
    if (p == NULL)
        return err_no_memory(e);
    p->borrows = true;
    memcpy(p->templates, first->templates, sizeof p->templates);
    p->count = first->count;
    p->broken = first->broken;
    p->broken_count = first->broken_count;
    if (fonts_open_beside(&p->fonts, first->fonts, e) != 0) {
        press_close(p);
        return -1;
    }
    *out = p;
    return 0;
}

void press_close(struct press *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->count; i++) {
        pdf_kit_free(p->kits[i]);
        if (!p->borrows)
            template_free(p->templates[i]);
    }
    if (!p->borrows)
        free(p->broken);
    fonts_close(p->fonts);
    free(p);
}

bool press_makes_certificates(const struct template *t)
{
    return template_sealable(t) && template_unsealed(t) == UNSEALED_SPECIMEN;
}

size_t press_template_count(const struct press *p)
{
    return p->count;
}

const struct template *press_template_at(const struct press *p, size_t i)
{
    return p->templates[i]; // cppcheck-suppress CastIntegerToAddressAtReturn
}

size_t press_broken_count(const struct press *p)
{
    return p->broken_count;
}

const char *press_broken_at(const struct press *p, size_t i, struct err *why)
{
    *why = p->broken[i].why;
    return p->broken[i].name;
}

static void list_names(const struct press *p, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < p->count && used < size; i++)
        used +=
            (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", template_name(p->templates[i]));
}

int press_template(const struct template **out, const struct press *p, const char *name, struct err *e)
{
    char list[320];

    *out = NULL;
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(template_name(p->templates[i]), name) == 0) {
            *out = p->templates[i];
            return 0;
        }
    }
    for (size_t i = 0; i < p->broken_count; i++) {
        if (strcmp(p->broken[i].name, name) == 0) {
            *e = p->broken[i].why;
            return -1;
        }
    }
    list_names(p, list, sizeof list);
    return err_set(e, ERR_NOT_FOUND, "There is no template \"%s\"; there are: %s.",
                   "没有模板 “%s”，现有：%s。", name, list);
}

int press_load(struct template **out, const struct press *p, const char *dir, struct template_place *place,
               struct err *e)
{
    struct template_place unused;

    return template_load_placed(out, dir, p->fonts, place == NULL ? &unused : place, e);
}

const struct face *press_face(const struct press *p, const char *family)
{
    return fonts_lookup(p->fonts, family, false);
}

static int kit_make(struct pdf_kit **out, struct press *p, const struct template *t, struct err *e)
{
    const struct face_usage *usages;
    struct arena a = ARENA_INIT;
    size_t count;
    int rc = layout_usage(&usages, &count, t, p->fonts, &a, e);

    if (rc == 0)
        rc = pdf_kit_new(out, usages, count, e);
    arena_dispose(&a);
    return rc;
}

/* What documents of one template share pays only from the second on: a template that is not the press's own
 * gets *own, with nothing in it, which its document is made with and which goes with it. */
static int kit_of(struct pdf_kit **out, struct pdf_kit **own, struct press *p, const struct template *t,
                  struct err *e)
{
    size_t i = 0;

    *own = NULL;
    while (i < p->count && p->templates[i] != t)
        i++;
    if (i == p->count) {
        if (pdf_kit_new(own, NULL, 0, e) != 0)
            return -1;
        *out = *own;
        return 0;
    }
    if (p->kits[i] == NULL && kit_make(&p->kits[i], p, t, e) != 0)
        return -1;
    *out = p->kits[i];
    return 0;
}

int press_lay_out(struct pages *out, struct press *p, const struct print_order *o, struct arena *a,
                  struct err *e)
{
    struct layout_order order = {o->template,        o->record,        o->photo, o->verify_url, o->seal_roles,
                                 o->seal_role_count, o->service_field, o->mark,  o->blank};

    if (layout_run(out, &order, p->fonts, a, e) == 0)
        return 0;
    if (e->code == ERR_NO_MEMORY && a->full) /* trying again would end the same way */
        return err_set(
            e, ERR_TOO_LARGE,
            "What the record says takes more room than one document has; shorten it, or divide it among "
            "several documents.",
            "数据内容超过了一份文件所能容纳的篇幅，请缩短，或分到几份文件中。");
    return -1;
}

int press_print(struct buf *pdf, struct press *p, const struct pages *pages, const struct print_order *o,
                struct arena *a, struct err *e)
{
    struct pdf_info info = {.author = o->author, .license_id = o->license_id, .created = o->moment};
    struct pdf_kit *kit = NULL, *own = NULL;
    int rc;

    memcpy(info.id, o->id, sizeof info.id);
    info.keywords = json_text(o->record, "certificate_no");
    if (info.keywords == NULL)
        info.keywords = json_text(o->record, "document_no");
    rc = o->blank ? template_blank_title(&info.title, o->template, a, e)
                  : template_title(&info.title, o->template, o->record, a, e);
    if (rc == 0)
        rc = kit_of(&kit, &own, p, o->template, e);
    if (rc == 0)
        rc = pdf_write(pdf, kit, pages, &info, e);
    pdf_kit_free(own);
    return rc;
}

/* The template's own sample with other texts: those of the sample are in the fonts that every document of the
 * template shares. */
static json_t *common_record(const struct template *t)
{
    static const char *const names[] = {"name", "specialty", "title", "employer"};
    json_t *record = json_copy((json_t *)(uintptr_t)template_sample(t));
    bool fine = record != NULL;

    for (size_t i = 0; fine && i < sizeof names / sizeof names[0]; i++) {
        if (json_text(record, names[i]) != NULL)
            fine = json_object_set_new(record, names[i], json_string("王小明")) == 0;
    }
    if (fine)
        return record;
    json_decref(record);
    return NULL;
}

/* A document, thrown away. */
static int warm_template(struct press *p, const struct template *t, struct err *e)
{
    json_t *record = common_record(t);
    struct print_order o = {.template = t, .record = record, .verify_url = "https://warm.invalid/v/sample"};
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    struct arena a = ARENA_INIT;
    struct pages pages;
    int rc = -1;

    if (record == NULL)
        (void)err_no_memory(e);
    else if (press_lay_out(&pages, p, &o, &a, e) == 0)
        rc = press_print(&pdf, p, &pages, &o, &a, e);
    json_decref(record);
    buf_dispose(&pdf);
    arena_dispose(&a);
    return rc;
}

int press_warm(struct press *p, struct err *e)
{
    enum { ROUNDS = 10 }; /* fonts are prepared once they were used a few times */

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < p->count; i++) {
            if (!press_makes_certificates(p->templates[i]))
                continue; /* no certificate: its first document may take as long as it does */
            if (warm_template(p, p->templates[i], e) != 0 && e->code != ERR_INVALID)
                return -1; /* a sample that cannot be printed is for "templates check" to say */
        }
    }
    (void)malloc_trim(0);
    return 0;
}
