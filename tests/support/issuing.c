/* issuing.c - a data directory with offices, seals and profiles, and a desk to issue at. */
#include "support/issuing.h"
#include "base/clock.h"
#include "base/file.h"
#include "image/photo.h"
#include "sign/registry.h"
#include "store/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

const char issuing_order[] = "{\"profile\":\"sealed\",\"biz_no\":\"A-1\",\"name\":\"龙㛃䶮\",\"gender\":"
                             "\"男\",\"birth_date\":\"1978-11-03\","
                             "\"id_type\":\"居民身份证\",\"id_number\":\"340000197811031274\",\"series\":"
                             "{\"code\":\"05\",\"name\":\"卫生\"},"
                             "\"specialty\":\"心血管内科\",\"title\":\"主任医师\",\"level\":\"正高级\","
                             "\"year\":2025,\"obtain_mode\":\"评审\","
                             "\"approval_no\":\"皖测社秘〔2026〕1号\",\"issue_date\":\"2026-01-15\"}";

char issuing_dir[64];
struct buf issuing_photo = BUF_INIT(PHOTO_MAX_BYTES);
struct press *issuing_press;
const char *issuing_profile = "sealed";
static char pristine[64]; /* a data directory with seals, of which each test gets a copy */

static void shell(const char *format, const char *a, const char *b)
{
    char command[256];

    /* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): literals of this file */
    (void)snprintf(command, sizeof command, "%s '%s' '%s'", format, a, b);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): paths of our own making */
}

static void put_office(struct store *s, const struct registry *r, const char *id, const char *name,
                       bool sealed, const char *grant_to, int64_t uses)
{
    struct seal_order order = {.owner = name, .diameter = 42, .key = SEAL_KEY_P256};
    struct organisation o = {.id = id, .name = name};
    struct grant_order grant = {.to = grant_to, .count = uses};
    char seal[REGISTRY_ID_SIZE], unused[REGISTRY_ID_SIZE];
    struct err e;

    if (sealed) {
        assert_int_equal(registry_new_seal(seal, r, &order, NULL, &e), 0);
        o.seal_id = seal;
        grant.seal = seal;
        assert_int_equal(registry_grant(unused, r, &grant, &e), 0);
    }
    assert_int_equal(store_put_organisation(s, &o, &e), 0);
}

static void put_profile(struct store *s, const char *id, const char *organisation, const char *issuer,
                        const char *committee)
{
    struct profile p = {id,
                        "配置",
                        organisation,
                        issuer,
                        committee,
                        "certificate",
                        "9{province}{year}{region:2}{series:2}{level:2}{seq:6}",
                        "YB",
                        "34",
                        "00",
                        NULL};
    struct err e;

    assert_int_equal(store_put_profile(s, &p, &e), 0);
}

static void make_offices(void)
{
    struct seal_order service = {.owner = "平台（测试）", .key = SEAL_KEY_P256};
    struct config config = {.demo = true};
    struct registry r = {pristine, {.isolated = false}};
    char id[REGISTRY_ID_SIZE];
    struct store *s;
    struct err e;

    assert_int_equal(config_set_url(&config, "https://zs.example.cn", &e), 0);
    assert_int_equal(config_save(&config, pristine, &e), 0);
    assert_int_equal(registry_prepare(&r, &e), 0);
    assert_int_equal(registry_new_test_ca(&r, &e), 0);
    assert_int_equal(store_open(&s, pristine, true, &e), 0);
    assert_int_equal(registry_new_service_seal(id, &r, &service, true, &e), 0);
    assert_int_equal(store_put_setting(s, "service_seal", id, &e), 0);
    put_office(s, &r, "issuer", "安徽省虚构人力资源和社会保障厅（测试）", true, "sealed", 0);
    put_office(s, &r, "committee", "安徽省测试系列高级职称评审委员会", true, "*", 0);
    put_office(s, &r, "unsealed", "安徽省虚构市人力资源和社会保障局（测试）", false, NULL, 0);
    put_office(s, &r, "counted", "虚构三次授权单位（测试）", true, "counted", 3);
    put_profile(s, "sealed", "issuer", "issuer", "committee");
    put_profile(s, "one-seal", "issuer", "unsealed", "committee");
    put_profile(s, "no-seal", "issuer", "unsealed", NULL);
    put_profile(s, "no-grant", "issuer", "issuer", "committee");
    put_profile(s, "counted", "issuer", "counted", NULL);
    put_profile(s, "foreign", "unsealed", "unsealed", NULL);
    store_close(s);
}

int issuing_prepare(void **state)
{
    struct photo_crop crop = {.size = PHOTO_2_CUN};
    struct buf picture = BUF_INIT(PHOTO_MAX_BYTES);
    struct photo_report report;
    char path[512];
    struct err e;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/samples/photo.jpg", getenv("SEALPRESS_SOURCE"));
    (void)snprintf(pristine, sizeof pristine, "/tmp/issue_test.XXXXXX");
    assert_int_equal(file_read(&picture, path, &e), 0);
    if (photo_crop(&issuing_photo, buf_view(&picture), &crop, &report, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    buf_dispose(&picture);
    assert_non_null(mkdtemp(pristine));
    make_offices();
    return press_open(&issuing_press, &e);
}

int issuing_forget(void **state)
{
    (void)state;
    press_close(issuing_press);
    buf_dispose(&issuing_photo);
    shell("rm -rf", pristine, pristine);
    return 0;
}

int issuing_copy(void **state)
{
    (void)state;
    (void)snprintf(issuing_dir, sizeof issuing_dir, "/tmp/issue_test.XXXXXX");
    assert_non_null(mkdtemp(issuing_dir));
    shell("cp -a -T", pristine, issuing_dir);
    return 0;
}

int issuing_remove(void **state)
{
    (void)state;
    shell("rm -rf", issuing_dir, issuing_dir);
    return 0;
}

void issuing_sit_down(struct desk *d)
{
    struct signer_identity who = {getuid(), getuid(), getgid(), getgid(), false};

    *d = (struct desk){.signer = NULL};
    if (signer_spawn(&d->signer, issuing_dir, &who, &d->e) != 0 ||
        issuer_open(&d->issuer, issuing_dir, issuing_press, d->signer, &d->e) != 0)
        fail_msg("%s (%s)", d->e.en, d->e.detail);
}

void issuing_stand_up(struct desk *d)
{
    issuer_close(d->issuer);
    signer_close(d->signer);
}

/* Issues the order after `member` was set to the text `value`. */
int issuing_with(struct desk *d, const char *member, const char *value)
{
    struct issue_request r = {.photo = buf_view(&issuing_photo), .now = 1790000000};
    json_t *order;
    int rc;

    assert_int_equal(json_read(&order, slice_of(issuing_order), sizeof issuing_order, &d->e), 0);
    (void)json_object_set_new(order, "profile", json_string(issuing_profile));
    if (member != NULL)
        (void)json_object_set_new(order, member, json_string(value));
    r.order = order;
    r.now = clock_now();
    d->faults = (struct faults){.count = 0};
    rc = issue_certificate(&d->answer, d->issuer, &r, &d->faults, &d->e);
    json_decref(order);
    return rc;
}

void issuing_must(struct desk *d, const char *member, const char *value)
{
    if (issuing_with(d, member, value) != 0)
        fail_msg("%s: %s (%s)", d->e.field, d->e.en, d->e.detail);
}
