/* The service's own seal: no picture, a certificate of this installation. */
#include "base/utf8.h"
#include "sign/registry_internal.h"
#include <string.h>

int registry_new_service_seal(char id[REGISTRY_ID_SIZE], const struct registry *r, const struct seal_order *o,
                              bool test, struct err *e)
{
    struct chain chain = {{NULL}, 0, NULL};
    EVP_PKEY *key = NULL;
    int rc = -1;

    if (utf8_length(slice_of(o->owner)) > 64 || o->owner[0] == '\0' || !utf8_valid(slice_of(o->owner)))
        return err_set(e, ERR_INVALID, "The name of the service has 1 to 64 characters.",
                       "服务名称应为 1 至 64 个字符。");
    if (registry_prepare(r, e) == 0 && registry_key_new(&key, o->key, e) == 0 &&
        registry_certify(&chain, r, o, key, test, e) == 0) {
        struct seal_material m = {
            o->owner, o->name == NULL ? "系统签名" : o->name, 0, true, test, key, &chain, {NULL, 0}, ""};

        rc = registry_add(id, r, &m, e);
    }
    chain_dispose(&chain);
    EVP_PKEY_free(key);
    return rc;
}
