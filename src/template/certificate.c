/* certificate.c - whether a page is a certificate's by what it shows, whatever its front matter says of it.
 */
#include "template/pattern_internal.h"
#include <string.h>

struct look {
    bool number, photo, proof;
};

static bool says_number(const struct pattern *p)
{
    for (size_t i = 0; p != NULL && i < p->count; i++) {
        const struct path *path = p->segments[i].path;

        if (path != NULL && path->full != NULL && strcmp(path->full, "certificate_no") == 0)
            return true;
    }
    return false;
}

/* What makes a page worth something by its look: its own number, a face, and a seal or the address where it
 * is verified. */
static void look_at(struct look *seen, const struct node *n)
{
    seen->number = seen->number || says_number(n->text);
    seen->photo = seen->photo || n->kind == NODE_PHOTO;
    seen->proof = seen->proof || n->kind == NODE_SEAL || (n->kind == NODE_QR && n->value == NULL);
    for (const struct node *c = n->first; c != NULL; c = c->next)
        look_at(seen, c);
}

int certificate_check(struct loader *l)
{
    const struct template *t = l->t;
    struct look seen = {false, false, false};

    if (t->sealable && t->unsealed == UNSEALED_SPECIMEN && !t->has_blank)
        return 0;
    look_at(&seen, t->body);
    if (!seen.number || !seen.photo || !seen.proof)
        return 0;
    l->source = l->weaker.source;
    return load_error(
        l, l->weaker.at,
        "A page with {{certificate_no}}, a photo and a seal or QR code is a certificate: unissued "
        "it is a specimen, never blank. Remove this line; another paper's number has another name, "
        "original_certificate_no.",
        "印有 {{certificate_no}}、照片及印章或核验二维码的就是证书：未经签发只能是样张，也没有空白证书。"
        "请删去此行；若是他证编号，请改名，如 original_certificate_no。");
}
