/* The reader's side: every line and every head, from the first. */
#include "base/digest.h"
#include "base/file.h"
#include "sign/registry_internal.h"
#include "sign/signer_log_internal.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEYS = 16 };

struct reading {
    const char *data_dir;
    FILE *log, *heads;
    struct log_position at;
    int64_t end;
    char kept_hash[HASH_HEX + 1]; /* of the head kept elsewhere */
    int64_t kept_seq;
    signer_log_visitor *visit; /* or NULL */
    void *visit_arg;
    struct {
        char seal[33];
        EVP_PKEY *key;
    } keys[MAX_KEYS]; /* that signed heads so far */
    size_t key_count;
};

static int open_part(FILE **out, const char *data_dir, const char *name, struct err *e)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/keys/log/%s", data_dir, name);
    *out = fopen(path, "re");
    if (*out != NULL)
        return 0;
    if (errno == ENOENT)
        return err_set(e, ERR_NOT_FOUND, "There is no log at %s: nothing was sealed yet.",
                       "%s 没有日志：尚未盖过章。", path);
    return err_set(e, ERR_UNAVAILABLE, "Cannot read %s: %s. Run the command as root or as the signer's user.",
                   "无法读取 %s：%s。请以 root 或签名进程的用户运行。", path, strerror(errno));
}

/* The public key from the chain that everybody sees; heads outlive their seal's state, not its directory. */
static EVP_PKEY *key_of(struct reading *r, const char *seal)
{
    struct registry at = {r->data_dir, {0, 0, 0, 0, false}};
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    struct chain c = {{NULL}, 0, NULL};
    char path[PATH_MAX], name[64];
    EVP_PKEY *key = NULL;
    struct err unsaid;

    for (size_t i = 0; i < r->key_count; i++) {
        if (strcmp(r->keys[i].seal, seal) == 0)
            return r->keys[i].key;
    }
    (void)snprintf(name, sizeof name, "seals/%s/chain.pem", seal);
    if (r->key_count < MAX_KEYS && strspn(seal, "0123456789abcdef") == 32 &&
        registry_path(path, sizeof path, &at, name, &unsaid) == 0 && file_read(&pem, path, &unsaid) == 0 &&
        chain_read(&c, buf_view(&pem), path, &unsaid) == 0) {
        key = X509_get_pubkey(c.certs[0]);
        (void)snprintf(r->keys[r->key_count].seal, sizeof r->keys[0].seal, "%s", seal);
        r->keys[r->key_count++].key = key;
    }
    chain_dispose(&c);
    buf_dispose(&pem);
    return key;
}

static bool signature_holds(EVP_PKEY *key, const struct head *h, const char *line)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool fine = key != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(ctx, h->signature, h->signature_len, (const unsigned char *)line,
                                 h->signed_len) == 1;

    EVP_MD_CTX_free(ctx);
    return fine;
}

static int line_wrong(struct err *e, int64_t seq)
{
    return err_set(
        e, ERR_INVALID,
        "Line %lld of keys/log/seals.log does not follow the line before it: a line was removed, inserted "
        "or changed there.",
        "keys/log/seals.log 第 %lld 行与前一行不衔接：此处有删除、插入或改动。", (long long)seq);
}

static int head_wrong(struct err *e, int64_t seq)
{
    return err_set(
        e, ERR_INVALID,
        "The head for line %lld does not match the log or its signature: the log was rewritten, or the "
        "head is not ours.",
        "第 %lld 行的链头与日志或其签名不符：日志被重写，或链头不是本系统所签。", (long long)seq);
}

/* The next head, if there is one; h->seq is INT64_MAX after the last. A torn end is the writer's to mend. */
static int next_head(struct head *h, char *line, size_t size, const struct reading *r, struct err *e)
{
    size_t len;

    memset(h, 0, sizeof *h);
    h->seq = INT64_MAX;
    if (log_next_line(r->heads, line, size, &len) != 1)
        return 0;
    return head_read(h, line, len) ? 0 : head_wrong(e, r->at.seq);
}

static void note(struct signer_log_report *out, const char *line)
{
    out->lines++;
    if (strstr(line, " event=cut ") != NULL)
        out->cuts++;
    else if (strstr(line, " event=") == NULL)
        out->signatures++;
}

/* The value behind " name=", up to the next space, in out; NULL where there is none. */
static const char *field_of(char *out, size_t size, const char *line, const char *name)
{
    const char *at = strstr(line, name);
    size_t len;

    if (at == NULL)
        return NULL;
    at += strlen(name);
    len = strcspn(at, " ");
    if (len >= size)
        return NULL;
    memcpy(out, at, len);
    out[len] = '\0';
    return out;
}

/* Undoes the escapes of names in the log. */
static void unescape(char *text)
{
    char *out = text;
    uint8_t byte;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '%' && hex_decode(&byte, 1, at + 1, 2)) {
            *out++ = (char)byte;
            at += 2;
        } else {
            *out++ = *at;
        }
    }
    *out = '\0';
}

static int show(const struct reading *r, const char *line, struct err *e)
{
    char journal[40], counter[3 * GRANTEE_SIZE], serial[24];
    struct signer_log_use use = {.journal = NULL};

    if (r->visit == NULL)
        return 0;
    if (strstr(line, " event=serial ") != NULL) {
        use.counter = field_of(counter, sizeof counter, line, " counter=");
        if (use.counter == NULL || field_of(serial, sizeof serial, line, " serial=") == NULL)
            return 0;
        unescape(counter);
        use.serial = strtoll(serial, NULL, 10);
    } else if (strstr(line, " event=") == NULL) {
        use.journal = field_of(journal, sizeof journal, line, " journal=");
    }
    return use.journal != NULL || use.counter != NULL ? r->visit(r->visit_arg, &use, e) : 0;
}

static bool head_fits(struct reading *r, const struct head *h, const char *line)
{
    return h->seq == r->at.seq && h->end == r->end && strcmp(h->hash, r->at.hash) == 0 &&
           signature_holds(key_of(r, h->seal), h, line);
}

static int read_all(struct signer_log_report *out, struct reading *r, struct err *e)
{
    char line[LOG_LINE_MAX], head_line[HEAD_LINE_MAX];
    struct head head;
    size_t len;
    int got;

    if (next_head(&head, head_line, sizeof head_line, r, e) != 0)
        return -1;
    while ((got = log_next_line(r->log, line, sizeof line, &len)) == 1) {
        if (!log_line_follows(&r->at, line, len))
            return line_wrong(e, r->at.seq + 1);
        r->end += (int64_t)len + 1;
        note(out, line);
        if (show(r, line, e) != 0)
            return -1;
        if (r->at.seq == r->kept_seq && strcmp(r->at.hash, r->kept_hash) != 0)
            return head_wrong(e, r->kept_seq);
        while (head.seq <= r->at.seq) {
            if (!head_fits(r, &head, head_line))
                return head_wrong(e, head.seq);
            out->heads++;
            out->signed_lines = head.seq;
            if (next_head(&head, head_line, sizeof head_line, r, e) != 0)
                return -1;
        }
    }
    if (got != 0)
        return line_wrong(e, r->at.seq + 1);
    /* lines cut off the end betray themselves by the heads that remain */
    if (head.seq != INT64_MAX)
        return head_wrong(e, head.seq);
    return r->kept_seq > r->at.seq ? head_wrong(e, r->kept_seq) : 0;
}

static int take_kept(struct reading *r, const char *kept, struct err *e)
{
    char line[HEAD_LINE_MAX];
    struct head h;
    size_t len;

    if (kept == NULL)
        return 0;
    len = strcspn(kept, "\r\n");
    if (len >= sizeof line || kept[len + strspn(kept + len, "\r\n")] != '\0')
        len = 0;
    memcpy(line, kept, len);
    line[len] = '\0';
    if (!head_read(&h, line, len))
        return err_set(
            e, ERR_INVALID,
            "This is no head of the log: give the last line of a kept heads.log, \"seq=... sig=...\".",
            "这不是日志链头：应为所保存 heads.log 的最后一行，形如 “seq=... sig=...”。");
    if (!signature_holds(key_of(r, h.seal), &h, line))
        return head_wrong(e, h.seq);
    r->kept_seq = h.seq;
    memcpy(r->kept_hash, h.hash, sizeof r->kept_hash);
    return 0;
}

static int read_log(struct signer_log_report *out, struct reading *r, const char *data_dir, const char *kept,
                    struct err *e)
{
    int rc = -1;

    memset(out, 0, sizeof *out);
    r->data_dir = data_dir;
    log_position_start(&r->at);
    if (open_part(&r->log, data_dir, "seals.log", e) == 0 &&
        open_part(&r->heads, data_dir, "heads.log", e) == 0 && take_kept(r, kept, e) == 0)
        rc = read_all(out, r, e);
    memcpy(out->head, r->at.hash, sizeof out->head);
    for (size_t i = 0; i < r->key_count; i++)
        EVP_PKEY_free(r->keys[i].key);
    if (r->log != NULL)
        (void)fclose(r->log);
    if (r->heads != NULL)
        (void)fclose(r->heads);
    return rc;
}

int signer_log_check(struct signer_log_report *out, const char *data_dir, const char *kept, struct err *e)
{
    struct reading r = {.visit = NULL};

    return read_log(out, &r, data_dir, kept, e);
}

int signer_log_visit(const char *data_dir, signer_log_visitor *visit, void *arg, struct err *e)
{
    struct reading r = {.visit = visit, .visit_arg = arg};
    struct signer_log_report report;

    return read_log(&report, &r, data_dir, NULL, e);
}
