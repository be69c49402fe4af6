#include "sign/changes.h"
#include "sign/pdf_scan.h"
#include <string.h>

enum { MAX_PAGES = 2000, MAX_LEVELS = 32 };

struct view {
    struct pdf_file *f;
    size_t before, after;
    const struct signature *signatures;
    size_t count;
    int permission; /* the strictest of those in force */
    bool certified; /* somebody did */
    struct form old_form;
    struct arena *texts;
    struct change *out;
};

static bool raise(struct view *w, enum change_level level, const char *en, const char *zh)
{
    if (level > w->out->level) {
        w->out->level = level;
        w->out->en = en;
        w->out->zh = zh;
    }
    return true;
}

static bool forbid(struct view *w, const char *en, const char *zh)
{
    return raise(w, CHANGE_FORBIDDEN, en, zh);
}

/* text with its "%s" replaced by the name */
static const char *named(const struct view *w, const char *text, const char *name)
{
    const char *gap = strstr(text, "%s");

    return gap == NULL ? text : arena_printf(w->texts, "%.*s%s%s", (int)(gap - text), text, name, gap + 2);
}

static bool forbid_named(struct view *w, const char *en, const char *zh, const char *name)
{
    return forbid(w, named(w, en, name), named(w, zh, name));
}

/* The seal in a field by its owner, as people know it; by the field where the owner is unknown. */
static bool forbid_seal(struct view *w, const struct form_field *field, const char *en, const char *zh)
{
    const char *owner = NULL;

    for (size_t i = 0; i < w->count && owner == NULL; i++)
        if (strcmp(w->signatures[i].field, field->name) == 0)
            owner = w->signatures[i].owner;
    if (owner == NULL || owner[0] == '\0')
        return forbid(w, named(w, en, arena_printf(w->texts, "seal in field \"%s\"", field->name)),
                      named(w, zh, arena_printf(w->texts, "签名域“%s”的签章", field->name)));
    return forbid(w, named(w, en, arena_printf(w->texts, "seal of %s", owner)),
                  named(w, zh, arena_printf(w->texts, "%s的签章", owner)));
}

static const struct pdf_value *old_of(const struct view *w, const struct pdf_value *d, const char *key)
{
    return pdf_lookup(w->f, d, key, w->before);
}

static const struct pdf_value *new_of(const struct view *w, const struct pdf_value *d, const char *key)
{
    return pdf_lookup(w->f, d, key, w->after);
}

static bool is_new(const struct view *w, const struct pdf_value *reference)
{
    return reference->kind == PDF_REFERENCE &&
           pdf_entry_at(w->f, (uint64_t)reference->number, w->before) == NULL;
}

/* No stream: in a list of page contents that would be painted. */
static bool is_new_dictionary(const struct view *w, const struct pdf_value *reference)
{
    const struct pdf_object *o =
        is_new(w, reference) ? pdf_object_at(w->f, (uint64_t)reference->number, w->after) : NULL;

    return o != NULL && !o->is_stream && o->value.kind == PDF_DICTIONARY;
}

static bool same(const struct view *w, const struct pdf_value *a, const struct pdf_value *b)
{
    return a == b || (a != NULL && b != NULL && pdf_equal(a, b, &w->f->budget));
}

static bool listed(const char *const *list, const struct pdf_value *key)
{
    for (; *list != NULL; list++)
        if (pdf_name_is(key, *list))
            return true;
    return false;
}

/* Every key outside `free` has the same value in both. */
static bool same_but(const struct view *w, const struct pdf_value *a, const struct pdf_value *b,
                     const char *const *free)
{
    size_t kept = 0, found = 0;

    if (a->kind != PDF_DICTIONARY || b->kind != PDF_DICTIONARY)
        return false;
    for (size_t i = 0; i < b->count; i += 2)
        kept += !listed(free, &b->items[i]);
    for (size_t i = 0; i < a->count; i += 2) {
        const struct pdf_value *other = NULL;

        if (listed(free, &a->items[i]))
            continue;
        for (size_t j = 0; j < b->count && other == NULL; j += 2)
            if (slice_equal(a->items[i].text, b->items[j].text))
                other = &b->items[j + 1];
        if (other == NULL || !same(w, &a->items[i + 1], other) ||
            !pdf_charge(&w->f->budget, b->count, &w->f->fault))
            return false;
        found++;
    }
    return found == kept;
}

/* --- how often an object is referred to in the older revision --- */

struct counting {
    uint64_t wanted;
    size_t found;
};

static void count_one(void *arg, uint64_t number)
{
    struct counting *c = arg;

    c->found += number == c->wanted;
}

static bool referred_at_most(struct view *w, uint64_t number, size_t times)
{
    struct counting c = {number, 0};

    for (size_t i = 0; i < w->f->revisions[w->before].entry_end; i++) {
        struct pdf_entry *entry = &w->f->entries[i];

        if (entry->type == 1 && pdf_entry_at(w->f, entry->number, w->before) == entry &&
            !pdf_scan(w->f, entry, count_one, &c))
            return false;
    }
    return c.found <= times;
}

/* --- fields --- */

static bool name_in(const struct pdf_value *list, const char *name, struct arena *a)
{
    for (size_t i = 0; list != NULL && list->kind == PDF_ARRAY && i < list->count; i++) {
        const char *text = pdf_text(&list->items[i], a);
        size_t len = text == NULL ? 0 : strlen(text);

        /* a parent's name stands for what is below it */
        if (text == NULL || (strncmp(text, name, len) == 0 && (name[len] == '\0' || name[len] == '.')))
            return true;
    }
    return false;
}

static bool field_locked(const struct view *w, const char *name)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct signature *s = &w->signatures[i];
        bool in;

        if (s->revision > w->before || s->lock == LOCK_NONE)
            continue;
        in = s->lock == LOCK_ALL || name_in(s->locked, name, w->f->arena);
        if (s->lock == LOCK_EXCLUDE ? !in : in)
            return true;
    }
    return false;
}

static bool is_timestamp(const struct view *w, const struct pdf_value *signature)
{
    return pdf_name_is(new_of(w, signature, "Type"), "DocTimeStamp") &&
           pdf_name_is(new_of(w, signature, "SubFilter"), "ETSI.RFC3161");
}

static bool has_no_size(const struct view *w, const struct pdf_value *widget)
{
    const struct pdf_value *rect = new_of(w, widget, "Rect");
    double c[4];

    if (rect->kind == PDF_NULL)
        return true;
    if (rect->kind != PDF_ARRAY || rect->count != 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (!pdf_number(&rect->items[i], &c[i]))
            return false;
    return !(c[0] < c[2] || c[2] < c[0] || c[1] < c[3] || c[3] < c[1]);
}

/* A new field that holds a document timestamp and shows nothing. */
static bool is_timestamp_field(const struct view *w, const struct pdf_value *reference)
{
    const struct pdf_value *d, *value;

    if (!is_new_dictionary(w, reference))
        return false;
    d = pdf_resolve(w->f, reference, w->after);
    value = pdf_get(d, "V");
    return pdf_name_is(new_of(w, d, "FT"), "Sig") && value != NULL && is_new(w, value) && has_no_size(w, d) &&
           pdf_get(d, "Kids") == NULL && pdf_get(d, "A") == NULL && pdf_get(d, "AA") == NULL &&
           is_timestamp(w, pdf_resolve(w->f, value, w->after));
}

static bool is_plain_annotation(const struct view *w, const struct pdf_value *reference)
{
    const struct pdf_value *d = pdf_resolve(w->f, reference, w->after);

    return is_new_dictionary(w, reference) && pdf_get(d, "Subtype") != NULL &&
           !pdf_name_is(new_of(w, d, "Subtype"), "Widget") && pdf_get(d, "FT") == NULL;
}

static const struct signature *signature_of(const struct view *w, const struct pdf_value *reference)
{
    for (size_t i = 0; i < w->count; i++)
        if (reference->kind == PDF_REFERENCE && w->signatures[i].object == (uint64_t)reference->number)
            return &w->signatures[i];
    return NULL;
}

/* A field made for the signature that this revision brings. Who certified a document decided what can be seen
 * on it, so there it shows nothing. */
static bool is_signature_field(const struct view *w, const struct pdf_value *reference)
{
    const struct signature *s;
    const struct pdf_value *d, *value;

    if (w->permission == 1 || !is_new_dictionary(w, reference))
        return false;
    d = pdf_resolve(w->f, reference, w->after);
    value = pdf_get(d, "V");
    s = value != NULL && is_new(w, value) ? signature_of(w, value) : NULL;
    return s != NULL && s->placed && !s->timestamp && s->revision == w->after &&
           pdf_name_is(new_of(w, d, "FT"), "Sig") && pdf_get(d, "Kids") == NULL &&
           pdf_get(d, "Parent") == NULL && pdf_get(d, "A") == NULL && pdf_get(d, "AA") == NULL &&
           (!w->certified || has_no_size(w, d)) && !field_locked(w, s->field);
}

/* The new list is the old one and some timestamps or new signatures; where annotations are allowed, also
 * those. */
static bool list_grew(const struct view *w, const struct pdf_value *old, const struct pdf_value *new,
                      bool annotations, enum change_level *level)
{
    size_t kept = old->kind == PDF_ARRAY ? old->count : 0;

    if (new->kind != PDF_ARRAY || new->count < kept || (old->kind != PDF_ARRAY && old->kind != PDF_NULL))
        return false;
    for (size_t i = 0; i < kept; i++)
        if (!same(w, &old->items[i], &new->items[i]))
            return false;
    for (size_t i = kept; i < new->count; i++) {
        if (is_timestamp_field(w, &new->items[i]))
            continue;
        if (!is_signature_field(w, &new->items[i]) &&
            (!annotations || w->permission != 3 || !is_plain_annotation(w, &new->items[i])))
            return false;
        *level = CHANGE_FILL;
    }
    return true;
}

static bool signed_field_changed(struct view *w, const struct form_field *field, const struct pdf_value *new)
{
    static const char *const face[] = {"AP", "AS", NULL}, *const place[] = {"Rect", NULL};
    const struct pdf_value *value = pdf_get(new, "V");

    if (!field->widget_only && (value == NULL || value->kind == PDF_NULL))
        return forbid_seal(w, field, "the %s was removed", "%s被删除");
    if (same_but(w, field->dictionary, new, face))
        return forbid_seal(w, field, "the picture of the %s was exchanged", "%s外观被替换");
    if (same_but(w, field->dictionary, new, place))
        return forbid_seal(w, field, "the %s was moved", "%s被移动");
    return forbid_seal(w, field, "the signed field of the %s was changed", "%s的签名域被修改");
}

/* What the field holds afterwards; a widget's field is looked up in the newer form. */
static const struct pdf_value *value_after(struct view *w, const struct form_field *field,
                                           const struct pdf_value *new)
{
    struct form form;
    const struct form_field *found;

    if (!field->widget_only)
        return pdf_get(new, "V");
    found = pdf_form_read(&form, w->f, w->after) ? form_find(&form, field->number) : NULL;
    return found == NULL ? NULL : found->value;
}

/* An empty field may be signed: value and face, and what programs write about the face. */
static bool signature_filled(struct view *w, const struct form_field *field, const struct pdf_value *new)
{
    static const char *const free[] = {"V", "AP", "AS", "F", "DA", "Q", "Ff", "Type", "M", "MK", NULL};
    const struct pdf_value *value = value_after(w, field, new);

    if (!same_but(w, field->dictionary, new, free))
        return forbid_named(w, "the field \"%s\" was changed, not only filled", "域“%s”被修改，而不仅是填写",
                            field->name);
    if (value == NULL || !is_new(w, value) || signature_of(w, value) == NULL)
        return forbid_named(w, "the field \"%s\" got something that is no signature",
                            "域“%s”被填入了非签名内容", field->name);
    if (is_timestamp(w, pdf_resolve(w->f, value, w->after)) && has_no_size(w, new))
        return raise(w, CHANGE_LONG_TERM, "document timestamp added", "添加了文档时间戳");
    if (w->permission == 1)
        return forbid(w, "a signature was added although the first one forbids any change",
                      "首个签名禁止任何修改，但之后又添加了签名");
    if (field_locked(w, field->name))
        return forbid_named(w, "the locked field \"%s\" was changed", "已锁定的域“%s”被修改", field->name);
    return raise(w, CHANGE_FILL, NULL, NULL);
}

static bool form_field_filled(struct view *w, const struct form_field *field, const struct pdf_value *new)
{
    static const char *const free[] = {"V", "AP", "AS", "M", "DA", "Q", "I", "RV", NULL};

    if (!same_but(w, field->dictionary, new, free))
        return forbid_named(w, "the form field \"%s\" was changed, not only filled",
                            "表单域“%s”被修改，而不仅是填写", field->name);
    if (w->permission == 1)
        return forbid_named(
            w, "the form field \"%s\" was filled in although the first signature forbids any change",
            "首个签名禁止任何修改，但表单域“%s”之后被填写", field->name);
    if (field_locked(w, field->name))
        return forbid_named(w, "the locked field \"%s\" was changed", "已锁定的域“%s”被修改", field->name);
    return raise(w, CHANGE_FILL, "form filled in", "填写了表单");
}

static bool field_changed(struct view *w, const struct form_field *field, const struct pdf_value *new)
{
    if (!pdf_name_is(field->type, "Sig"))
        return form_field_filled(w, field, new);
    if (field->value != NULL)
        return signed_field_changed(w, field, new);
    return signature_filled(w, field, new);
}

/* --- catalog, form, the rest --- */

static bool resources_grew(const struct view *w, const struct pdf_value *old, const struct pdf_value *new,
                           int level)
{
    if (level > 2 || new->kind != PDF_DICTIONARY)
        return false;
    if (old->kind == PDF_NULL)
        return true;
    for (size_t i = 0; old->kind == PDF_DICTIONARY && i < old->count; i += 2) {
        const struct pdf_value *other = NULL;

        for (size_t j = 0; j < new->count &&other == NULL; j += 2)
            if (slice_equal(old->items[i].text, new->items[j].text))
                other = &new->items[j + 1];
        if (other == NULL)
            return false;
        if (!same(w, &old->items[i + 1], other) &&
            !(level < 2 && resources_grew(w, pdf_resolve(w->f, &old->items[i + 1], w->before),
                                          pdf_resolve(w->f, other, w->after), level + 1)))
            return false;
    }
    return old->kind == PDF_DICTIONARY;
}

static bool is_signed_field(const struct view *w, const struct pdf_value *field)
{
    return pdf_name_is(new_of(w, field, "FT"), "Sig") && new_of(w, field, "V")->kind != PDF_NULL;
}

static bool adds_signature(const struct view *w, const struct pdf_value *old, const struct pdf_value *new)
{
    for (size_t i = old->kind == PDF_ARRAY ? old->count : 0; new->kind == PDF_ARRAY &&i < new->count; i++)
        if (is_signed_field(w, pdf_resolve(w->f, &new->items[i], w->after)))
            return true;
    return false;
}

static bool form_changed(struct view *w, const struct pdf_value *old, const struct pdf_value *new)
{
    static const char *const free[] = {"Fields", "SigFlags", "DR", "NeedAppearances", NULL};
    const struct pdf_value *needs = new_of(w, new, "NeedAppearances"),
                           *needed = old_of(w, old, "NeedAppearances");
    enum change_level level = CHANGE_LONG_TERM;

    if (!list_grew(w, old_of(w, old, "Fields"), new_of(w, new, "Fields"), false, &level))
        return adds_signature(w, old_of(w, old, "Fields"), new_of(w, new, "Fields"))
                   ? forbid(w, "a signature was added that is not allowed here", "新增了不认识的签章")
                   : forbid(w, "fields were added, removed or put in another order",
                            "表单域被添加、删除或重新排列");
    if (!same_but(w, old, new, free) ||
        (needs->kind == PDF_BOOLEAN && needs->number != 0 &&
         (needed->kind != PDF_BOOLEAN || needed->number == 0)) ||
        (pdf_get(new, "DR") != NULL && !resources_grew(w, old_of(w, old, "DR"), new_of(w, new, "DR"), 0)))
        return forbid(w, "the form's settings were changed", "表单设置被修改");
    return raise(w, level, level == CHANGE_FILL ? "signature added" : "form extended by a timestamp",
                 level == CHANGE_FILL ? "添加了签名" : "表单中增加了时间戳");
}

static bool catalog_changed(struct view *w, const struct pdf_value *old, const struct pdf_value *new)
{
    static const char *const free[] = {"AcroForm", "DSS",     "Extensions", "Metadata",
                                       "MarkInfo", "Version", NULL};

    if (!same_but(w, old, new, free)) {
        if (!same(w, pdf_get(old, "Perms"), pdf_get(new, "Perms")))
            return forbid(w, "the document's permissions were changed", "文档权限被修改");
        return forbid(w, "the document's catalog was changed", "文档目录被修改");
    }
    raise(w, CHANGE_LONG_TERM, "validation data or metadata added", "添加了验证数据或元数据");
    if (!same(w, pdf_get(old, "AcroForm"), pdf_get(new, "AcroForm")))
        return form_changed(w, old_of(w, old, "AcroForm"), new_of(w, new, "AcroForm"));
    return true;
}

/* Is this object part of what this dictionary's /DSS holds, apart from the streams? */
static bool in_security_store(const struct view *w, const struct pdf_value *d, uint64_t number, int level)
{
    for (size_t i = 0; level < 4 && (d->kind == PDF_DICTIONARY || d->kind == PDF_ARRAY) && i < d->count;
         i++) {
        const struct pdf_value *v = &d->items[i];

        if (v->kind == PDF_REFERENCE && (uint64_t)v->number == number)
            return true;
        if (!pdf_charge(&w->f->budget, 64, &w->f->fault))
            return false;
        if (in_security_store(w, pdf_resolve(w->f, v, w->before), number, level + 1))
            return true;
    }
    return false;
}

static const struct pdf_value *trailer_value(const struct view *w, const char *key)
{
    return pdf_get(&w->f->revisions[w->before].trailer, key);
}

static bool refers_to(const struct pdf_value *v, uint64_t number)
{
    return v != NULL && v->kind == PDF_REFERENCE && (uint64_t)v->number == number;
}

/* Objects nobody sees, if nothing else uses them. */
static bool is_background(struct view *w, uint64_t number, const struct pdf_object *old)
{
    const struct pdf_value *root = pdf_resolve(w->f, trailer_value(w, "Root"), w->before);
    const struct pdf_value *dss = pdf_get(root, "DSS");

    if (refers_to(trailer_value(w, "Info"), number))
        return referred_at_most(w, number, 1); /* a cross-reference stream's own dictionary refers to it */
    if (refers_to(pdf_get(root, "Metadata"), number) || refers_to(pdf_get(root, "Extensions"), number))
        return referred_at_most(w, number, 1);
    return dss != NULL && !old->is_stream &&
           (refers_to(dss, number) || in_security_store(w, pdf_resolve(w->f, dss, w->before), number, 0)) &&
           referred_at_most(w, number, 1);
}

/* A face of a form field that may still be filled in. */
static const struct form_field *field_with_face(const struct view *w, uint64_t number)
{
    for (size_t i = 0; i < w->old_form.count; i++) {
        const struct pdf_value *ap = old_of(w, w->old_form.fields[i].dictionary, "AP");
        const struct pdf_value *normal = pdf_get(ap, "N");

        if (refers_to(normal, number))
            return &w->old_form.fields[i];
    }
    return NULL;
}

/* --- saying what it was --- */

struct page_search {
    uint64_t number;
    size_t page, found;
    uint32_t mark;
    bool content, annotations;
};

static void pages_search(struct view *w, const struct pdf_value *v, struct page_search *s, int level)
{
    const struct pdf_value *d = pdf_resolve(w->f, v, w->before), *kids, *contents;
    struct pdf_entry *entry =
        v->kind == PDF_REFERENCE ? pdf_entry_at(w->f, (uint64_t)v->number, w->before) : NULL;

    if (level > MAX_LEVELS || s->page >= MAX_PAGES || s->found != 0 || entry == NULL ||
        entry->mark == s->mark)
        return;
    entry->mark = s->mark;
    kids = old_of(w, d, "Kids");
    if (kids->kind == PDF_ARRAY) {
        for (size_t i = 0; i < kids->count; i++)
            pages_search(w, &kids->items[i], s, level + 1);
        return;
    }
    s->page++;
    contents = pdf_get(d, "Contents");
    s->content = refers_to(contents, s->number);
    s->annotations = refers_to(pdf_get(d, "Annots"), s->number);
    contents = pdf_resolve(w->f, contents, w->before);
    for (size_t i = 0; contents->kind == PDF_ARRAY && i < contents->count; i++)
        s->content |= refers_to(&contents->items[i], s->number);
    if (s->content || s->annotations || (uint64_t)v->number == s->number)
        s->found = s->page;
}

static bool forbid_object(struct view *w, uint64_t number, bool freed)
{
    struct page_search s = {.number = number, .mark = ++w->f->walks};
    const struct form_field *field = field_with_face(w, number);
    const struct pdf_value *root = pdf_resolve(w->f, trailer_value(w, "Root"), w->before);
    const struct pdf_value *pages = pdf_get(root, "Pages");

    if (field != NULL)
        return forbid_seal(w, field, "the picture of the %s was overwritten", "%s外观被替换");
    if (pages != NULL)
        pages_search(w, pages, &s, 0);
    if (s.found != 0 && s.content)
        return forbid(w,
                      arena_printf(w->texts, "page %zu: content %s", s.found, freed ? "removed" : "replaced"),
                      arena_printf(w->texts, "第 %zu 页的正文被%s", s.found, freed ? "删除" : "替换"));
    if (s.found != 0 && s.annotations)
        return forbid(w, arena_printf(w->texts, "page %zu: annotations added or changed", s.found),
                      arena_printf(w->texts, "第 %zu 页的批注有增减或改动", s.found));
    if (s.found != 0)
        return forbid(w, arena_printf(w->texts, "page %zu was %s", s.found, freed ? "removed" : "changed"),
                      arena_printf(w->texts, "第 %zu 页被%s", s.found, freed ? "删除" : "修改"));
    return forbid(
        w,
        arena_printf(w->texts, "object %llu was %s", (unsigned long long)number,
                     freed ? "removed" : "replaced"),
        arena_printf(w->texts, "对象 %llu 被%s", (unsigned long long)number, freed ? "删除" : "替换"));
}

static bool forbid_annotations(struct view *w, uint64_t page, const struct pdf_value *old,
                               const struct pdf_value *new)
{
    struct page_search s = {.number = page, .mark = ++w->f->walks};
    const struct pdf_value *root = pdf_resolve(w->f, trailer_value(w, "Root"), w->before);
    const struct pdf_value *pages = pdf_get(root, "Pages");
    size_t before = old->kind == PDF_ARRAY ? old->count : 0, after = new->kind == PDF_ARRAY ? new->count : 0;

    if (adds_signature(w, old, new))
        return forbid(w, "a signature was added that is not allowed here", "新增了不认识的签章");
    if (pages != NULL)
        pages_search(w, pages, &s, 0);
    if (after > before)
        return forbid(w, arena_printf(w->texts, "page %zu: annotations added", s.found),
                      arena_printf(w->texts, "第 %zu 页多出批注", s.found));
    return forbid(w, arena_printf(w->texts, "page %zu: annotations removed or exchanged", s.found),
                  arena_printf(w->texts, "第 %zu 页的批注或签章位被删除或替换", s.found));
}

/* --- one object --- */

static bool objects_equal(const struct view *w, const struct pdf_object *a, const struct pdf_object *b)
{
    return a->is_stream == b->is_stream && slice_equal(a->data, b->data) && same(w, &a->value, &b->value);
}

static bool dictionary_changed(struct view *w, uint64_t number, const struct pdf_value *old,
                               const struct pdf_value *new, bool *known)
{
    static const char *const annotations[] = {"Annots", NULL};
    const struct pdf_value *root = trailer_value(w, "Root");
    const struct form_field *field = form_find(&w->old_form, number);
    enum change_level level = CHANGE_LONG_TERM;

    *known = true;
    if (refers_to(root, number))
        return catalog_changed(w, old, new);
    if (refers_to(pdf_get(pdf_resolve(w->f, root, w->before), "AcroForm"), number))
        return form_changed(w, old, new);
    if (field != NULL)
        return field_changed(w, field, new);
    if (pdf_name_is(pdf_get(old, "Type"), "Page") && same_but(w, old, new, annotations)) {
        if (list_grew(w, old_of(w, old, "Annots"), new_of(w, new, "Annots"), true, &level))
            return raise(w, level,
                         level == CHANGE_FILL ? "signature or annotations added"
                                              : "place for a timestamp added",
                         level == CHANGE_FILL ? "添加了签名或批注" : "添加了时间戳的位置");
        return forbid_annotations(w, number, old_of(w, old, "Annots"), new_of(w, new, "Annots"));
    }
    *known = false;
    return true;
}

/* The number belongs to the form's fields or to some page's annotations, and to nothing else. */
static bool is_list_of_annotations(struct view *w, uint64_t number)
{
    const struct pdf_value *root = pdf_resolve(w->f, trailer_value(w, "Root"), w->before);
    struct page_search s = {.number = number, .mark = ++w->f->walks};
    const struct pdf_value *pages = pdf_get(root, "Pages");

    if (!referred_at_most(w, number, 1))
        return false;
    if (refers_to(pdf_get(old_of(w, root, "AcroForm"), "Fields"), number))
        return true;
    if (pages != NULL)
        pages_search(w, pages, &s, 0);
    return s.annotations;
}

/* Objects that are no dictionaries, or none with rules of their own. */
static bool other_changed(struct view *w, struct pdf_entry *entry, const struct pdf_object *old,
                          const struct pdf_object *new)
{
    const struct form_field *field = old->is_stream ? field_with_face(w, entry->number) : NULL;
    enum change_level level = CHANGE_LONG_TERM;

    if (old->value.kind == PDF_ARRAY && is_list_of_annotations(w, entry->number) &&
        list_grew(w, &old->value, &new->value, true, &level))
        return raise(w, level, "place for a timestamp or annotation added", "添加了时间戳或批注的位置");
    if (field != NULL && !pdf_name_is(field->type, "Sig") && w->permission > 1 &&
        !field_locked(w, field->name) && new->is_stream && referred_at_most(w, entry->number, 1))
        return raise(w, CHANGE_FILL, "form filled in", "填写了表单");
    if (is_background(w, entry->number, old))
        return raise(w, CHANGE_LONG_TERM, "validation data or metadata changed", "验证数据或元数据有变化");
    return forbid_object(w, entry->number, false);
}

static bool entry_judge(struct view *w, struct pdf_entry *entry)
{
    struct pdf_entry *before = pdf_entry_at(w->f, entry->number, w->before);
    const struct pdf_object *old, *new;
    bool known = false;

    if (before == NULL)
        return true; /* new: what uses it is judged */
    if (entry->type == 0)
        return forbid_object(w, entry->number, true);
    old = pdf_object_of(w->f, before);
    new = pdf_object_of(w->f, entry);
    if (old == NULL || new == NULL)
        return false;
    if (objects_equal(w, old, new) && entry->generation == before->generation)
        return true;
    if (!old->is_stream && !new->is_stream &&
        old->value.kind == PDF_DICTIONARY &&new->value.kind == PDF_DICTIONARY)
        (void)dictionary_changed(w, entry->number, &old->value, &new->value, &known);
    return known || other_changed(w, entry, old, new);
}

static void permissions_find(struct view *w)
{
    w->permission = 2;
    for (size_t i = 0, found = 0; i < w->count; i++) {
        int p = w->signatures[i].permission;

        if (w->signatures[i].revision > w->before || p == 0)
            continue;
        if (found++ == 0 || p < w->permission)
            w->permission = p;
        w->certified = true;
    }
}

bool change_judge(struct change *out, struct pdf_file *f, size_t after, const struct signature *signatures,
                  size_t count, struct arena *texts)
{
    struct view w = {.f = f,
                     .before = after - 1,
                     .after = after,
                     .signatures = signatures,
                     .count = count,
                     .texts = texts,
                     .out = out};
    const struct pdf_revision *r = &f->revisions[after];

    *out = (struct change){CHANGE_NONE, NULL, NULL};
    permissions_find(&w);
    if (!pdf_form_read(&w.old_form, f, w.before))
        return false;
    if (!same(&w, trailer_value(&w, "Root"), pdf_get(&r->trailer, "Root")))
        return forbid(&w, "the document's catalog was exchanged", "文档目录被替换");
    for (size_t i = r->first_entry; i < r->entry_end; i++)
        if (!entry_judge(&w, &f->entries[i]))
            return pdf_damaged(&f->fault);
    return f->fault.kind == FAULT_NONE;
}

/* --- traps --- */

struct trap {
    struct pdf_file *f;
    size_t seen; /* revision that was signed */
    size_t found;
};

static void trap_look(void *arg, uint64_t number)
{
    struct trap *t = arg;
    const struct pdf_entry *entry;

    if (pdf_entry_at(t->f, number, t->seen) != NULL)
        return;
    entry = pdf_entry_at(t->f, number, t->f->revision_count - 1);
    if (entry != NULL && entry->revision > t->seen && entry->revision < t->found)
        t->found = entry->revision;
}

bool change_find_trap(size_t *revision, struct pdf_file *f, const struct signature *signatures, size_t count)
{
    struct trap t = {.f = f, .found = SIZE_MAX};

    *revision = SIZE_MAX;
    for (size_t i = 0; i < f->entry_count; i++) {
        struct pdf_entry *entry = &f->entries[i];

        t.seen = SIZE_MAX;
        for (size_t j = 0; j < count; j++)
            if (signatures[j].revision >= entry->revision && signatures[j].revision < t.seen)
                t.seen = signatures[j].revision;
        if (entry->type != 1 || t.seen >= f->revision_count - 1 ||
            pdf_entry_at(f, entry->number, t.seen) != entry)
            continue;
        if (!pdf_scan(f, entry, trap_look, &t))
            return pdf_damaged(&f->fault);
    }
    *revision = t.found;
    return true;
}
