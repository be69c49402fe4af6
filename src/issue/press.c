#include "issue/press.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/share.h"
#include <dirent.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { TEMPLATES_MAX = 256 };

struct press {
    bool borrows; /* its templates */
    struct fonts *fonts;
    struct template *templates[TEMPLATES_MAX];
    struct pdf_kit *kits[TEMPLATES_MAX]; /* made when a template is first used */
    size_t count;
};

static int is_template(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int load_template(struct press *p, const char *folder, const char *name, struct err *e)
{
    char dir[PATH_MAX], file[PATH_MAX + 16];

    if (snprintf(dir, sizeof dir, "%s/%s", folder, name) >= (int)sizeof dir)
        return err_set(e, ERR_INTERNAL, "The path of the templates is too long.", "模板路径过长。");
    (void)snprintf(file, sizeof file, "%s/template.md", dir);
    if (!file_exists(file))
        return 0; /* artwork and the like */
    if (p->count == TEMPLATES_MAX)
        return err_set(e, ERR_INTERNAL, "There are more than %d templates.", "模板超过 %d 个。",
                       TEMPLATES_MAX);
    if (template_load(&p->templates[p->count], dir, p->fonts, e) != 0)
        return -1;
    p->count++;
    return 0;
}

static int load_templates(struct press *p, struct err *e)
{
    char folder[PATH_MAX];
    struct dirent **entries = NULL;
    int count, rc = 0;

    if (share_path(folder, sizeof folder, "templates", e) != 0)
        return -1;
    count = scandir(folder, &entries, is_template, alphasort);
    if (count < 0)
        return err_set(e, ERR_INTERNAL, "The templates in %s cannot be read.", "无法读取 %s 中的模板。",
                       folder);
    for (int i = 0; i < count; i++) {
        if (rc == 0)
            rc = load_template(p, folder, entries[i]->d_name, e);
        free(entries[i]);
    }
    free((void *)entries);
    return rc;
}

int press_open(struct press **out, struct err *e)
{
    struct press *p = calloc(1, sizeof *p);
    char folder[PATH_MAX];

    *out = NULL;
    if (p == NULL)
        return err_no_memory(e);
    if (share_path(folder, sizeof folder, "fonts", e) != 0 || fonts_open(&p->fonts, folder, e) != 0 ||
        load_templates(p, e) != 0) {
        press_close(p);
        return -1;
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
    fonts_close(p->fonts);
    free(p);
}

size_t press_template_count(const struct press *p)
{
    return p->count;
}

const struct template *press_template_at(const struct press *p, size_t i)
{
    return p->templates[i]; // cppcheck-suppress CastIntegerToAddressAtReturn
}

int press_template(const struct template **out, const struct press *p, const char *name, struct err *e)
{
    char list[256] = "";

    for (size_t i = 0; i < p->count; i++) {
        size_t used = strlen(list);

        *out = p->templates[i];
        if (strcmp(template_name(p->templates[i]), name) == 0)
            return 0;
        (void)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                       template_name(p->templates[i]));
    }
    *out = NULL;
    return err_set(e, ERR_NOT_FOUND, "There is no template \"%s\"; there are: %s.",
                   "没有模板 “%s”，现有：%s。", name, list);
}

static int kit_of(struct pdf_kit **out, struct press *p, const struct template *t, struct err *e)
{
    const struct face_usage *usages;
    struct arena a = ARENA_INIT;
    size_t i = 0, count;
    int rc = 0;

    while (i < p->count && p->templates[i] != t)
        i++;
    if (i == p->count)
        return err_set(e, ERR_INTERNAL, "The template belongs to another press.", "模板不属于本实例。");
    if (p->kits[i] == NULL) {
        rc = layout_usage(&usages, &count, t, p->fonts, &a, e);
        if (rc == 0)
            rc = pdf_kit_new(&p->kits[i], usages, count, e);
        arena_dispose(&a);
    }
    *out = p->kits[i];
    return rc;
}

int press_lay_out(struct pages *out, struct press *p, const struct print_order *o, struct arena *a,
                  struct err *e)
{
    struct layout_order order = {o->template,   o->record,          o->photo,         o->verify_url,
                                 o->seal_roles, o->seal_role_count, o->service_field, o->mark, o->blank};

    return layout_run(out, &order, p->fonts, a, e);
}

int press_print(struct buf *pdf, struct press *p, const struct pages *pages, const struct print_order *o,
                struct arena *a, struct err *e)
{
    struct pdf_info info = {.author = o->author, .license_id = o->license_id, .created = o->moment};
    struct pdf_kit *kit = NULL;

    memcpy(info.id, o->id, sizeof info.id);
    info.keywords = json_text(o->record, "certificate_no");
    if (template_title(&info.title, o->template, o->record, a, e) != 0 ||
        kit_of(&kit, p, o->template, e) != 0)
        return -1;
    return pdf_write(pdf, kit, pages, &info, e);
}

/* What stands for the time and the identifier of a document that is in no journal: both from its content. */
static int identify(struct print_order *o, struct err *e)
{
    struct buf text = BUF_INIT(DOCUMENT_MAX);
    const char *day = json_text(o->record, "issue_date");
    char moment[32] = "2000-01-01T00:00:00Z";
    uint8_t sha[SHA256_SIZE];
    struct date d;

    if (day != NULL && date_parse(&d, day))
        (void)snprintf(moment, sizeof moment, "%sT00:00:00Z", day);
    if (!clock_parse_rfc3339(&o->moment, moment) || json_write(&text, o->record, e) != 0) {
        buf_dispose(&text);
        return -1;
    }
    buf_append_text(&text, template_name(o->template));
    buf_append(&text, o->photo);
    sha256(sha, buf_view(&text));
    memcpy(o->id, sha, sizeof o->id);
    buf_dispose(&text);
    return 0;
}

int press_specimen(struct buf *pdf, struct press *p, const struct template *t, const json_t *record,
                   struct slice photo, const char *host, struct err *e)
{
    struct print_order o = {.template = t, .record = record, .photo = photo};
    struct arena a = ARENA_INIT;
    struct pages pages;
    int rc = -1;

    o.mark = template_sealable(t) ? MARK_SPECIMEN : MARK_NONE;
    o.verify_url = arena_printf(&a, "https://%s/v/sample", host);
    if (o.verify_url == NULL)
        rc = err_no_memory(e);
    else if (identify(&o, e) == 0 && press_lay_out(&pages, p, &o, &a, e) == 0)
        rc = press_print(pdf, p, &pages, &o, &a, e);
    arena_dispose(&a);
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
            if (warm_template(p, p->templates[i], e) != 0)
                return -1;
        }
    }
    (void)malloc_trim(0);
    return 0;
}
