/* console_gallery.c - writes every page of the console in every state as a file. Usage: console_gallery
 * DIRECTORY
 */
#include "base/file.h"
#include "support/console_facts.h"
#include "web/assets.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void keep(void *folder, const char *name, struct buf *html)
{
    char path[4096];
    struct err e = {0};

    (void)snprintf(path, sizeof path, "%s/%s", (const char *)folder, name);
    if (!buf_ok(html) || file_write(path, buf_view(html), 0644, &e) != 0) {
        (void)fprintf(stderr, "console_gallery: %s: %s\n", name, e.en);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    char path[4096];

    if (argc != 2)
        return 2;
    (void)mkdir(argv[1], 0755);
    (void)snprintf(path, sizeof path, "%s/static", argv[1]);
    (void)mkdir(path, 0755);
    for (size_t i = 0; i < asset_count; i++) {
        struct buf b = BUF_INIT(1024 * 1024);

        buf_append(&b, assets[i].plain);
        keep(argv[1], assets[i].path + 1, &b);
        buf_dispose(&b);
    }
    console_facts_pages(NULL, keep, argv[1]);
    return 0;
}
