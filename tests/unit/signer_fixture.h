/* signer_fixture.h - a data directory with seals, for tests; no pictures, so no fonts are needed. */
#pragma once
#include "base/clock.h"
#include "sign/registry_internal.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define JOURNAL "00112233445566778899aabbccddeeff"

struct fixture {
    char dir[32];
    struct registry registry;
    char service[REGISTRY_ID_SIZE];
};

static inline void fixture_make(struct fixture *f)
{
    struct seal_order o = {.owner = "服务（测试）", .key = SEAL_KEY_P256};
    struct err e = {ERR_NONE, "", "", "", ""};

    (void)snprintf(f->dir, sizeof f->dir, "/tmp/sealpress-sign-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->registry.data_dir = f->dir;
    f->registry.who = (struct signer_identity){geteuid(), geteuid(), getegid(), getegid(), false};
    if (registry_new_test_ca(&f->registry, &e) != 0 ||
        registry_new_service_seal(f->service, &f->registry, &o, true, &e) != 0)
        fail_msg("%s", e.en);
}

static inline int fixture_unlink(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void fixture_remove(struct fixture *f)
{
    assert_int_equal(nftw(f->dir, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* An office's seal with a tiny picture, valid from so many days from now. */
static inline void fixture_seal_for(char id[REGISTRY_ID_SIZE], const struct fixture *f, enum seal_key kind,
                                    int start_days, int days)
{
    struct seal_order o = {.owner = "虚构单位（测试）",
                           .key = kind,
                           .days = days,
                           .start = clock_now() + (int64_t)start_days * 86400 - 60};
    struct chain chain;
    EVP_PKEY *key = NULL;
    struct err e;

    assert_int_equal(registry_key_new(&key, kind, &e), 0);
    assert_int_equal(registry_certify(&chain, &f->registry, &o, key, true, &e), 0);
    {
        struct seal_material m = {o.owner,
                                  "公章",
                                  45,
                                  false,
                                  true,
                                  key,
                                  &chain,
                                  slice_of("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"45mm\" "
                                           "height=\"45mm\" viewBox=\"0 0 45 45\">"
                                           "<rect width=\"45\" height=\"45\" fill=\"#E60012\"/></svg>"),
                                  "svg"};

        assert_int_equal(registry_add(id, &f->registry, &m, &e), 0);
    }
    chain_dispose(&chain);
    EVP_PKEY_free(key);
}

static inline void fixture_seal(char id[REGISTRY_ID_SIZE], const struct fixture *f)
{
    fixture_seal_for(id, f, SEAL_KEY_P256, 0, 100);
}

static inline void fixture_grant(const struct fixture *f, const char *seal, const char *to, int64_t count)
{
    struct grant_order g = {seal, to, NULL, NULL, count};
    char id[REGISTRY_ID_SIZE];
    struct err e;

    assert_int_equal(registry_grant(id, &f->registry, &g, &e), 0);
}
