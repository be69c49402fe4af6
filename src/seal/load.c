/* load.c - seals/<id>/ of the data directory. */
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "seal/seal_internal.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum { SEAL_JSON_MAX = 16 * 1024, CHAIN_PEM_MAX = 64 * 1024 };

static bool id_valid(const char *id)
{
    return strspn(id, "0123456789abcdef") == 32 && id[32] == '\0';
}

/* Ours to write, so a fault is a broken installation. */
static int broken(const char *id, const char *file, const char *why_en, const char *why_zh, struct err *e)
{
    return err_set(e, ERR_INTERNAL, "%1$s of the seal %2$s is damaged: %3$s. Restore it from a backup.%4$.0s",
                   "印章 %2$s 的 %1$s 已损坏：%3$.0s%4$s。请从备份恢复。", file, id, why_en, why_zh);
}

static int seal_path(char *out, size_t size, const char *data_dir, const char *id, const char *file,
                     struct err *e)
{
    int length = snprintf(out, size, "%s/seals/%s/%s", data_dir, id, file);

    if (length < 0 || (size_t)length >= size)
        return err_set(e, ERR_INVALID, "The path of the data directory is too long.", "数据目录的路径过长。");
    return 0;
}

/* Reads data_dir/seals/<id>/<file>. ERR_NOT_FOUND if it is not there. */
static int read_part(struct buf *out, const char *data_dir, const struct seal *s, const char *file,
                     struct err *e)
{
    char path[PATH_MAX];

    return seal_path(path, sizeof path, data_dir, s->id, file, e) != 0 ? -1 : file_read(out, path, e);
}

static bool copy_text(char *out, size_t size, const json_t *object, const char *member)
{
    const char *text = json_text(object, member);

    if (text == NULL || text[0] == '\0' || strlen(text) >= size || !utf8_valid(slice_of(text)))
        return false;
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool members_known(const json_t *object)
{
    static const char *const known[] = {"id", "name", "owner", "kind", "diameter_mm", "test"};
    const char *member;
    json_t *value;

    /* jansson's walk wants a plain pointer but changes nothing. */
    json_object_foreach((json_t *)(uintptr_t)object, member, value)
    {
        size_t i = 0, count = sizeof known / sizeof known[0];

        (void)value;
        while (i < count && strcmp(member, known[i]) != 0)
            i++;
        if (i == count)
            return false;
    }
    return true;
}

static bool fill_facts(struct seal *s, const json_t *o)
{
    const json_t *diameter = json_object_get(o, "diameter_mm"), *test = json_object_get(o, "test");
    const char *id = json_text(o, "id"), *kind = json_text(o, "kind");

    if (!json_is_object(o) || !members_known(o) || id == NULL || strcmp(id, s->id) != 0 || kind == NULL ||
        !json_is_boolean(test) || !copy_text(s->name, sizeof s->name, o, "name") ||
        !copy_text(s->owner, sizeof s->owner, o, "owner"))
        return false;
    s->test = json_is_true(test);
    s->service = strcmp(kind, "service") == 0;
    s->diameter = s->service ? 0 : json_number_value(diameter);
    if (s->service)
        return diameter == NULL || json_is_number(diameter);
    return strcmp(kind, "office") == 0 && json_is_number(diameter) && s->diameter >= 10 && s->diameter <= 100;
}

static int load_facts(struct seal *s, const char *data_dir, struct err *e)
{
    struct buf text = BUF_INIT(SEAL_JSON_MAX);
    json_t *facts = NULL;
    int rc = -1;

    if (read_part(&text, data_dir, s, "seal.json", e) != 0) {
        if (e->code == ERR_NOT_FOUND)
            (void)err_set(e, ERR_NOT_FOUND, "There is no seal %s.", "没有印章 %s。", s->id);
        goto out;
    }
    if (json_read(&facts, buf_view(&text), SEAL_JSON_MAX, e) != 0 || !fill_facts(s, facts)) {
        (void)broken(s->id, "seal.json", "a member is missing, unknown or of the wrong kind",
                     "有成员缺失、多余或类型错误", e);
        goto out;
    }
    rc = 0;
out:
    json_decref(facts);
    buf_dispose(&text);
    return rc;
}

static int add_certificate(struct seal *s, X509 *x, struct err *e)
{
    struct buf *to = &s->chain_der[s->chain_count];
    uint8_t *der = NULL;
    int len = i2d_X509(x, &der);
    int rc = -1;

    buf_init(to, CHAIN_PEM_MAX);
    if (len > 0)
        buf_append_bytes(to, der, (size_t)len);
    s->chain_count++;
    if (len > 0 && buf_ok(to))
        rc = 0;
    else
        (void)err_no_memory(e);
    OPENSSL_free(der);
    return rc;
}

/* Each certificate is DER again; a self-signed end, which verifiers have or do not believe, is left out. */
static int read_chain(struct seal *s, BIO *pem, struct err *e)
{
    X509 *x;

    while ((x = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL) {
        bool root = s->chain_count > 0 && X509_self_signed(x, 0) == 1;
        int rc = 0;

        if (s->chain_count == SEAL_MAX_CHAIN && !root)
            rc = broken(s->id, "chain.pem", "it has more than 4 certificates", "证书多于 4 张", e);
        else if (!root)
            rc = add_certificate(s, x, e);
        X509_free(x);
        if (rc != 0)
            return -1;
    }
    /* At the end PEM_read_bio says that no further start line is there; anything else is a fault. */
    if (s->chain_count == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return broken(s->id, "chain.pem", "it is no PEM with certificates", "不是含证书的 PEM 文件", e);
    return 0;
}

static int load_chain(struct seal *s, const char *data_dir, struct err *e)
{
    struct buf text = BUF_INIT(CHAIN_PEM_MAX);
    BIO *pem = NULL;
    int rc = -1;

    if (read_part(&text, data_dir, s, "chain.pem", e) != 0) {
        if (e->code == ERR_NOT_FOUND)
            (void)broken(s->id, "chain.pem", "it is missing", "文件不存在", e);
        goto out;
    }
    ERR_clear_error();
    pem = BIO_new_mem_buf(text.data, (int)text.len);
    if (pem == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    rc = read_chain(s, pem, e);
    ERR_clear_error();
out:
    BIO_free(pem);
    buf_dispose(&text);
    return rc;
}

static int load_svg(struct seal *s, const char *data_dir, struct err *e)
{
    struct buf text = BUF_INIT(SEAL_MAX_PICTURE);
    int rc = read_part(&text, data_dir, s, "picture.svg", e);

    if (rc == 0)
        rc = artwork_read(&s->picture, buf_view(&text), "picture.svg", e);
    buf_dispose(&text);
    return rc;
}

/* SVG, else PNG; only the service's own seal has neither. */
static int load_picture(struct seal *s, const char *data_dir, struct err *e)
{
    if (load_svg(s, data_dir, e) == 0)
        return 0;
    if (e->code != ERR_NOT_FOUND)
        return -1;
    if (read_part(&s->png, data_dir, s, "picture.png", e) == 0)
        return png_head_check(buf_view(&s->png), e);
    if (e->code == ERR_NOT_FOUND && s->service)
        return 0;
    return e->code == ERR_NOT_FOUND ? broken(s->id, "picture.svg", "it is missing", "文件不存在", e) : -1;
}

int seal_load(struct seal **out, const char *data_dir, const char *id, struct err *e)
{
    struct seal *s = NULL;
    int rc = -1;

    *out = NULL;
    if (!id_valid(id))
        return err_set(e, ERR_INVALID, "The id of a seal is 32 lower-case hexadecimal digits.",
                       "印章标识应为 32 位小写十六进制数字。");
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_no_memory(e);
    memcpy(s->id, id, sizeof s->id);
    buf_init(&s->png, SEAL_MAX_PICTURE);
    if (load_facts(s, data_dir, e) != 0 || load_chain(s, data_dir, e) != 0 ||
        load_picture(s, data_dir, e) != 0)
        goto out;
    *out = s;
    s = NULL;
    rc = 0;
out:
    seal_free(s);
    return rc;
}

void seal_free(struct seal *s)
{
    if (s == NULL)
        return;
    artwork_free(s->picture);
    buf_dispose(&s->png);
    for (size_t i = 0; i < s->chain_count; i++)
        buf_dispose(&s->chain_der[i]);
    free(s);
}
