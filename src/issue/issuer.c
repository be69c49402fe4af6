/* issuer.c - what stays open between certificates. */
#include "issue/issue_internal.h"
#include "issue/lock.h"
#include "sign/verify.h"
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

void issue_reached(struct issuer *i, enum issue_stage stage)
{
    if (i->watch != NULL)
        i->watch(i->watch_arg, stage);
}

void issuer_watch(struct issuer *i, void (*watch)(void *arg, enum issue_stage stage), void *arg)
{
    i->watch = watch;
    i->watch_arg = arg;
}

struct store *issuer_store(struct issuer *i)
{
    return i->store;
}

int issuer_check_open(struct issuer *i, struct err *e)
{
    struct arena a = ARENA_INIT;
    const char *why;
    int rc = store_issuing_closed(&why, i->store, &a, e);

    if (rc == 0 && why != NULL)
        rc = err_set(e, ERR_UNAVAILABLE,
                     "Issuing is closed: %s. When that is settled, \"sealpress recover\" opens it again.",
                     "目前暂停制发证书：%s。处理完毕后请运行 “sealpress recover” 恢复制发。", why);
    arena_dispose(&a);
    return rc;
}

static int open_parts(struct issuer *i, struct err *e)
{
    char trust[PATH_MAX + 8];

    if (config_load(&i->config, i->data_dir, e) != 0)
        return -1;
    if (i->config.public_url[0] == '\0')
        return err_set(
            e, ERR_INVALID,
            "The public address is not set, and QR codes bear it for ever: set it with \"sealpress init "
            "--public-url https://...\".",
            "尚未设置公开网址（二维码将永久使用它），请用 “sealpress init --public-url https://…” 设置。");
    (void)snprintf(trust, sizeof trust, "%s/trust", i->data_dir);
    if (store_open(&i->store, i->data_dir, false, e) != 0 ||
        store_setting(&i->service_seal, i->store, "service_seal", &i->settings, e) != 0 ||
        seal_rack_new(&i->rack, i->data_dir, e) != 0 || trust_load(&i->trust, trust, e) != 0)
        return -1;
    return lock_open(&i->lock, i->data_dir, e);
}

int issuer_open(struct issuer **out, const char *data_dir, struct press *press, struct signer *signer,
                struct err *e)
{
    struct issuer *i = calloc(1, sizeof *i);

    *out = NULL;
    if (i == NULL)
        return err_no_memory(e);
    i->press = press;
    i->signer = signer;
    i->lock = -1;
    for (size_t k = 0; k < ISSUE_BATCH_MAX; k++)
        buf_init(&i->slots[k].pdf, DOCUMENT_MAX);
    (void)snprintf(i->data_dir, sizeof i->data_dir, "%s", data_dir);
    if (open_parts(i, e) != 0) {
        issuer_close(i);
        return -1;
    }
    *out = i;
    return 0;
}

static void empty_slots(struct issuer *i)
{
    for (size_t k = 0; k < ISSUE_BATCH_MAX; k++) {
        arena_dispose(&i->slots[k].arena);
        buf_dispose(&i->slots[k].pdf);
    }
}

void issuer_rest(struct issuer *i)
{
    empty_slots(i);
    for (size_t k = 0; k < ISSUE_BATCH_MAX; k++)
        buf_init(&i->slots[k].pdf, DOCUMENT_MAX);
    (void)malloc_trim(0);
}

void issuer_close(struct issuer *i)
{
    if (i == NULL)
        return;
    if (i->lock >= 0)
        (void)close(i->lock);
    known_profile_free(i->known);
    trust_free(i->trust);
    seal_rack_free(i->rack);
    store_close(i->store);
    empty_slots(i);
    arena_dispose(&i->settings);
    free(i);
}
