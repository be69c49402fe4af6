/* cropper_pages.c - writes the photo cropper's pages and their files, for a browser to try. Usage:
 * cropper_pages DIRECTORY */
#include "base/file.h"
#include "support/pages.h"
#include "web/assets.h"
#include "web/cropper_page.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE_MAX = 64 * 1024 };

static const char *folder;

static void keep(const char *name, struct slice bytes, int rc, struct err *e)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (rc != 0 || file_write(path, bytes, 0644, e) != 0) {
        (void)fprintf(stderr, "cropper_pages: %s: %s\n", name, e->en);
        exit(1);
    }
}

static void cropper(const char *name, const struct page_site *site, const struct page_cropper *c)
{
    struct buf html = BUF_INIT(PAGE_MAX);
    struct err e = {0};
    int rc = page_cropper(&html, site, c, &e);

    keep(name, buf_view(&html), rc, &e);
    buf_dispose(&html);
}

static void croppers(void)
{
    struct page_cropper c = {
        .post = "/photo/link", .name = "韩春晓", .number = "202634000001", .title = "高级工程师"};

    cropper("plain.html", &site_zh, &c);
    cropper("plain.en.html", &site_en, &c);
    c.embedded = true;
    cropper("embedded.html", &site_zh, &c);
    c.back = "/plain.html";
    c.form_token = "form\"token";
    cropper("back.html", &site_zh, &c);
    c.problem = "照片只有 200×200 像素，至少需要 295×413。";
    cropper("problem.html", &site_zh, &c);
    c.problem = NULL;
    c.preview = "/photo.jpg";
    c.upload = "0123456789abcdef";
    cropper("centred.html", &site_zh, &c);
}

static void ends(void)
{
    struct buf html = BUF_INIT(PAGE_MAX);
    struct err e = {0};
    int rc = page_photo_taken(&html, &site_zh, "韩春晓", getenv("ORIGINS"), &e);

    keep("taken.html", buf_view(&html), rc, &e);
    buf_reset(&html);
    rc = page_photo_link_over(&html, &site_zh, true, &e);
    keep("over.html", buf_view(&html), rc, &e);
    buf_reset(&html);
    rc = page_file_link_over(&html, &site_en, &e);
    keep("file-over.en.html", buf_view(&html), rc, &e);
    buf_dispose(&html);
}

int main(int argc, char **argv)
{
    char path[4096];

    if (argc != 2)
        return 2;
    folder = argv[1];
    (void)snprintf(path, sizeof path, "%s/static", folder);
    if ((mkdir(folder, 0755) != 0 || mkdir(path, 0755) != 0) && access(path, W_OK) != 0)
        return 1;
    for (size_t i = 0; i < asset_count; i++) {
        struct err e = {0};

        keep(assets[i].path + 1, assets[i].plain, 0, &e);
    }
    croppers();
    ends();
    return 0;
}
