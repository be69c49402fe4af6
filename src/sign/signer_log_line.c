#include "base/clock.h"
#include "base/digest.h"
#include "sign/signer_log_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void log_position_start(struct log_position *p)
{
    p->seq = 0;
    memset(p->hash, '0', HASH_HEX);
    p->hash[HASH_HEX] = '\0';
}

static void hash_hex(char out[HASH_HEX + 1], const char *text, size_t len)
{
    uint8_t digest[SHA256_SIZE];

    sha256(digest, (struct slice){(const uint8_t *)text, len});
    hex_encode(out, (struct slice){digest, sizeof digest});
}

size_t log_line_write(char *out, size_t size, struct log_position *p, const char *what, int64_t now)
{
    char time[21], hash[HASH_HEX + 1];
    long long seq = p->seq + 1;
    int len, rest;

    clock_rfc3339(time, now);
    len = snprintf(out, size, "seq=%lld time=%s %s prev=%s", seq, time, what, p->hash);
    if (len < 0 || (size_t)len + HASH_HEX + 8 > size)
        return 0;
    hash_hex(hash, out, (size_t)len);
    rest = snprintf(out + len, size - (size_t)len, " hash=%s\n", hash);
    memcpy(p->hash, hash, sizeof hash);
    p->seq++;
    return (size_t)len + (size_t)rest;
}

/* Reads "<name><digits>" and stands at the space behind it. */
static bool take_number(const char **at, const char *name, int64_t *number)
{
    size_t n = strlen(name);
    char *end;

    if (strncmp(*at, name, n) != 0 || (*at)[n] < '1' || (*at)[n] > '9')
        return false;
    errno = 0;
    *number = strtoll(*at + n, &end, 10);
    *at = end;
    return errno == 0 && *end == ' ';
}

bool log_line_follows(struct log_position *p, const char *line, size_t len)
{
    enum { TAIL = 6 + HASH_HEX, BEFORE = 6 + HASH_HEX }; /* " hash=", " prev=" and a digit of room */
    char hash[HASH_HEX + 1], prev[8 + HASH_HEX];
    const char *at = line;
    size_t body = len - TAIL;
    int64_t seq;

    if (len < TAIL + BEFORE || strlen(line) != len || !take_number(&at, "seq=", &seq) || seq != p->seq + 1)
        return false;
    (void)snprintf(prev, sizeof prev, " prev=%s", p->hash);
    hash_hex(hash, line, body);
    if (memcmp(line + body, " hash=", 6) != 0 || memcmp(line + body + 6, hash, HASH_HEX) != 0 ||
        memcmp(line + body - strlen(prev), prev, strlen(prev)) != 0)
        return false;
    memcpy(p->hash, hash, sizeof hash);
    p->seq = seq;
    return true;
}

static bool take(const char **at, const char *name, char *out, size_t len)
{
    size_t n = strlen(name);

    if (strncmp(*at, name, n) != 0 || strlen(*at + n) < len)
        return false;
    memcpy(out, *at + n, len);
    out[len] = '\0';
    *at += n + len;
    return true;
}

bool head_read(struct head *out, const char *line, size_t len)
{
    char time[21];
    const char *at = line;
    size_t digits;

    memset(out, 0, sizeof *out);
    if (strlen(line) != len || !take_number(&at, "seq=", &out->seq) ||
        !take_number(&at, " end=", &out->end) || !take(&at, " time=", time, 20) ||
        !take(&at, " hash=", out->hash, HASH_HEX) || !take(&at, " seal=", out->seal, 32) ||
        strncmp(at, " sig=", 5) != 0)
        return false;
    out->signed_len = (size_t)(at - line);
    digits = strlen(at + 5);
    out->signature_len = digits / 2;
    return digits % 2 == 0 && out->signature_len <= sizeof out->signature &&
           hex_decode(out->signature, out->signature_len, at + 5, digits);
}

static bool sign_text(uint8_t *out, size_t *len, EVP_PKEY *key, const char *text, size_t text_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool fine = ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(ctx, out, len, (const unsigned char *)text, text_len) == 1;

    EVP_MD_CTX_free(ctx);
    return fine;
}

int head_write(char *out, size_t size, const struct log_position *p, int64_t end,
               const struct signer_log_key *key, int64_t now, struct err *e)
{
    uint8_t signature[512];
    char time[21], hex[2 * sizeof signature + 1];
    size_t signature_len = sizeof signature;
    int len;

    clock_rfc3339(time, now);
    len = snprintf(out, size, "seq=%lld end=%lld time=%s hash=%s seal=%s", (long long)p->seq, (long long)end,
                   time, p->hash, key->seal_id);
    if (len < 0 || (size_t)len + 8 + 2 * sizeof signature > size ||
        !sign_text(signature, &signature_len, key->key, out, (size_t)len))
        return err_set(e, ERR_INTERNAL, "The head of the signer's log could not be signed.",
                       "无法对签章日志的链头签名。");
    hex_encode(hex, (struct slice){signature, signature_len});
    (void)snprintf(out + len, size - (size_t)len, " sig=%s\n", hex);
    return 0;
}

int log_next_line(FILE *in, char *out, size_t size, size_t *len)
{
    if (fgets(out, (int)size, in) == NULL)
        return 0;
    *len = strlen(out);
    if (*len == 0 || out[*len - 1] != '\n')
        return -1;
    out[--*len] = '\0';
    return 1;
}
