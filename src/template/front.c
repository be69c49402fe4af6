/* front.c - the front matter between the --- lines: page, fonts, colours, what the record may lack. */
#include "base/file.h"
#include "template/front_internal.h"
#include <string.h>

static struct slice unquoted(struct slice s)
{
    s = trimmed(s);
    if (s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
        s = slice_part(s, 1, s.len - 2);
    return s;
}

/* --- lines --- */

static int read_line(struct front *f, struct slice line)
{
    struct loader *l = f->l;
    bool indented = line.len > 0 && line.ptr[0] == ' ';
    size_t colon = slice_find(line, 0, slice_of(":"));
    struct slice key, value;
    struct entry e = {.source = l->source};

    if (trimmed(line).len == 0 || trimmed(line).ptr[0] == '#')
        return 0;
    if (colon == SIZE_MAX || (indented && f->section == NULL))
        return load_error(
            l, source_offset(l, trimmed(line)),
            "A line of the front matter is \"key: value\" with a half-width colon; --- ends it.",
            "文件头的每一行应为“名称: 值”（半角冒号），以 --- 一行结束。");
    key = unquoted(slice_part(line, 0, colon));
    value = unquoted(slice_part(line, colon + 1, line.len - colon - 1));
    e.key = arena_slice(&l->t->arena, key);
    e.value = arena_slice(&l->t->arena, value);
    if (e.key == NULL || e.value == NULL)
        return err_no_memory(l->e);
    e.key_at = source_offset(l, trimmed(line));
    e.at = value.len > 0 ? source_offset(l, value) : e.key_at;
    if (indented)
        return front_member(f, &e);
    f->section = NULL;
    if (e.value[0] == '\0' && (strcmp(e.key, "colors") == 0 || strcmp(e.key, "defaults") == 0)) {
        f->section = e.key;
        return 0;
    }
    return front_key(f, &e);
}

static struct slice next_line(struct slice *rest)
{
    size_t end = slice_find(*rest, 0, slice_of("\n"));
    struct slice line = end == SIZE_MAX ? *rest : slice_part(*rest, 0, end);

    *rest =
        end == SIZE_MAX ? slice_part(*rest, rest->len, 0) : slice_part(*rest, end + 1, rest->len - end - 1);
    return line;
}

static int read_file(struct front *f, struct slice *body)
{
    struct loader *l = f->l;
    struct slice rest = l->source->text, line = next_line(&rest);

    f->section = NULL;
    memset(f->said, 0, sizeof f->said);
    if (source_check(l) != 0)
        return -1;
    if (!slice_equal(trimmed(line), slice_of("---")))
        return load_error(l, 0, "A template begins with a line --- and its front matter.",
                          "模板须以一行 --- 开始，其后是文件头。");
    while (rest.len > 0) {
        line = next_line(&rest);
        if (slice_equal(trimmed(line), slice_of("---"))) {
            *body = rest;
            return 0;
        }
        if (read_line(f, line) != 0)
            return -1;
    }
    return load_error(l, l->source->text.len, "The front matter has no second line ---.",
                      "文件头缺少结尾的 --- 行。");
}

/* --- like: --- */

/* The value of like: in this file, or nothing. */
static struct slice like_of(struct slice text)
{
    (void)next_line(&text); /* the first --- */
    while (text.len > 0) {
        struct slice line = next_line(&text);

        if (slice_equal(trimmed(line), slice_of("---")))
            break;
        if (slice_starts(line, 0, "like:"))
            return unquoted(slice_part(line, strlen("like:"), line.len - strlen("like:")));
    }
    return (struct slice){NULL, 0};
}

/* Reads the file that this one is like into l->base. */
static int base_open(struct front *f, struct slice name)
{
    struct loader *l = f->l;
    struct arena *a = &l->t->arena;
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES);
    const char *slash = strrchr(l->own.dir, '/'), *path;
    int above = slash != NULL ? (int)(slash - l->own.dir) + 1 : 0, rc = -1;

    l->base.name = arena_slice(a, name);
    l->base.dir = l->base.name != NULL ? arena_printf(a, "%.*s%s", above, l->own.dir, l->base.name) : NULL;
    path = l->base.dir != NULL ? arena_printf(a, "%s/template.md", l->base.dir) : NULL;
    if (path == NULL) {
        err_no_memory(l->e);
        goto out;
    }
    if (strspn(l->base.name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != name.len || name.len > 60 ||
        name.len == 0 || strcmp(l->base.name, l->own.name) == 0 || file_read(&text, path, l->e) != 0) {
        load_error(l, f->like_at, "There is no template \"%.60s\" beside this one to be like.",
                   "本模板旁边没有可沿用的模板“%.60s”。", l->base.name);
        goto out;
    }
    l->base.text.ptr = (const uint8_t *)arena_slice(a, buf_view(&text));
    l->base.text.len = text.len;
    rc = l->base.text.ptr != NULL ? 0 : err_no_memory(l->e);
out:
    buf_dispose(&text);
    return rc;
}

static int read_base(struct front *f, struct slice *body)
{
    struct loader *l = f->l;
    struct slice name = like_of(l->own.text);
    int rc;

    if (name.ptr == NULL)
        return 0;
    f->like_at = source_offset(l, name);
    if (base_open(f, name) != 0)
        return -1;
    l->source = &l->base;
    rc = read_file(f, body);
    if (rc == 0)
        l->source = &l->own;
    return rc;
}

/* --- what is read last --- */

static int edge_text(struct loader *l, const struct entry *e, const struct node **out)
{
    struct node *n;

    *out = NULL;
    if (e->value == NULL || e->value[0] == '\0') /* said to be empty: this file has no such line */
        return 0;
    l->source = e->source;
    n = node_new(l, NODE_PARAGRAPH, e->at);
    if (n == NULL || (n->text = pattern_parse(l, e->at, e->value, false)) == NULL)
        return -1;
    *out = n;
    return 0;
}

static int read_texts(struct front *f)
{
    struct loader *l = f->l;
    struct template *t = l->t;

    if (f->title.value == NULL)
        return load_error(l, 0, "The front matter has no title.", "文件头缺少 title。");
    l->source = f->title.source;
    t->title = pattern_parse(l, f->title.at, f->title.value, false);
    if (t->title == NULL)
        return -1;
    for (int i = 0; i < EDGE_SLOTS; i++)
        if (edge_text(l, &f->header[i], &t->page.header[i]) != 0 ||
            edge_text(l, &f->footer[i], &t->page.footer[i]) != 0)
            return -1;
    return 0;
}

static int settle(struct front *f)
{
    struct loader *l = f->l;
    struct page_setup *p = &l->t->page;

    if (f->color.value != NULL) {
        l->source = f->color.source;
        if (!color_parse(l->t, f->color.value, &p->text.color))
            return front_wrong(f, &f->color);
    }
    if (p->step_count > 0 && p->most_pages == 0) {
        l->source = f->fit.source;
        return load_error(l, f->fit.key_at, "fit needs pages: the number that the text must keep within.",
                          "写了 fit 就须写 pages，即最多几页。");
    }
    p->label.color = p->text.color;
    for (int i = 0; i < HEADING_LEVELS; i++)
        p->heading[i].color = p->text.color;
    if (p->footer_y == 0)
        p->footer_y = p->height - 15;
    if (!f->says_unsealed && !l->t->sealable)
        l->t->unsealed = UNSEALED_PLAIN; /* no seal is missing from what never bears one */
    l->source = &l->own;
    return read_texts(f);
}

static void set_defaults(struct page_setup *p)
{
    *p = (struct page_setup){
        .width = 210,
        .height = 297,
        .margin = {25, 25, 25, 25},
        .text = {.family = "song", .size = 12, .leading = 1.6, .indent = 2, .align = "justify"},
        .label = {.family = "hei", .size = 10, .leading = 1.25, .align = "center"},
        .heading = {{.family = "song", .size = 22, .leading = 31.0 / 22, .bold = true, .align = "center"},
                    {.family = "hei", .size = 15, .leading = 1.323, .align = "center"},
                    {.family = "hei", .size = 12, .leading = 1.5, .align = "left"}},
        .header_y = 15,
        .edge_size = 9};
    for (int i = 0; i < HEADING_LEVELS; i++)
        p->heading[i].tracking = -1;
}

int front_read(struct loader *l, struct slice *body)
{
    struct front f = {.l = l};
    struct slice base_body = {NULL, 0};

    set_defaults(&l->t->page);
    l->t->sealable = true;
    if (read_base(&f, &base_body) != 0 || read_file(&f, body) != 0 || settle(&f) != 0)
        return -1;
    l->source = &l->own;
    if (l->base.text.ptr != NULL && trimmed(*body).len == 0) {
        l->source = &l->base;
        *body = base_body;
    }
    return 0;
}
