/* A test seal from nothing but a name: always recognisable as one. */
#include "base/share.h"
#include "base/utf8.h"
#include "seal/seal.h"
#include "sign/registry_internal.h"
#include <limits.h>
#include <string.h>

enum { MAX_OWNER = 64 /* characters: X.509's upper bound for an organisation */ };

static const char mark[] = "测试", bracketed[] = "（测试）";

static int draw(struct buf *svg, const struct seal_order *o, struct fonts *fonts, struct err *e)
{
    char arc[256], path[PATH_MAX];
    struct seal_drawing d = {arc, o->line, o->diameter, o->color == NULL ? "#E60012" : o->color, true};
    struct fonts *own = NULL;
    int rc = -1;

    (void)seal_name_arc(arc, sizeof arc, o->owner);
    if (fonts == NULL) {
        if (share_path(path, sizeof path, "fonts", e) != 0 || fonts_open(&own, path, e) != 0)
            return -1;
        fonts = own;
    }
    rc = seal_draw(svg, &d, fonts, e);
    fonts_close(own);
    return rc;
}

/* Owner and diameter as they will be on record. */
static int complete(struct seal_order *full, char *owner, size_t size, const struct seal_order *o,
                    struct err *e)
{
    size_t len;

    *full = *o;
    (void)snprintf(owner, size, "%s%s", o->owner, strstr(o->owner, mark) == NULL ? bracketed : "");
    len = utf8_valid(slice_of(owner)) ? utf8_length(slice_of(owner)) : 0;
    if (len == 0 || len > MAX_OWNER || strlen(o->owner) >= size - sizeof bracketed)
        return err_set(e, ERR_INVALID, "The name of the office has at most %d characters.",
                       "单位名称最多 %d 个字符。", MAX_OWNER - 4);
    if (o->line != NULL && (strlen(o->line) > 60 || !utf8_valid(slice_of(o->line))))
        return err_set(e, ERR_INVALID, "The line below the star is too long.", "五角星下方的文字过长。");
    full->owner = owner;
    if (o->diameter == 0)
        full->diameter = 45;
    return 0;
}

int registry_new_seal(char id[REGISTRY_ID_SIZE], const struct registry *r, const struct seal_order *o,
                      struct fonts *fonts, struct err *e)
{
    struct chain chain = {{NULL}, 0, NULL};
    struct buf svg = BUF_INIT(ARTWORK_MAX_BYTES);
    struct seal_order full;
    EVP_PKEY *key = NULL;
    char owner[256];
    int rc = -1;

    if (complete(&full, owner, sizeof owner, o, e) == 0 && draw(&svg, &full, fonts, e) == 0 &&
        registry_prepare(r, e) == 0 && registry_key_new(&key, o->key, e) == 0 &&
        registry_certify(&chain, r, &full, key, true, e) == 0) {
        const char *called = o->name != NULL ? o->name : o->line != NULL ? o->line : "公章";
        struct seal_material m = {owner, called, full.diameter,  false, true,
                                  key,   &chain, buf_view(&svg), "svg"};

        rc = registry_add(id, r, &m, e);
    }
    chain_dispose(&chain);
    EVP_PKEY_free(key);
    buf_dispose(&svg);
    return rc;
}
