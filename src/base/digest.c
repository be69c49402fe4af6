#include "base/digest.h"
#include <errno.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum { PIECE = 65536 };

void sha256(uint8_t out[SHA256_SIZE], struct slice s)
{
    (void)SHA256(s.len ? s.ptr : (const uint8_t *)"", s.len, out);
}

static int digest_file(EVP_MD_CTX *context, uint8_t *piece, int fd)
{
    for (;;) {
        ssize_t got = read(fd, piece, PIECE);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        if (EVP_DigestUpdate(context, piece, (size_t)got) != 1) {
            errno = ENOMEM;
            return -1;
        }
    }
}

int sha256_of_file(uint8_t out[SHA256_SIZE], int fd)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t *piece = malloc(PIECE);
    int rc = -1, why;

    errno = ENOMEM;
    if (context != NULL && piece != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
        digest_file(context, piece, fd) == 0) {
        rc = EVP_DigestFinal_ex(context, out, NULL) == 1 ? 0 : -1;
        errno = ENOMEM;
    }
    why = errno;
    free(piece);
    EVP_MD_CTX_free(context);
    errno = why;
    return rc;
}

void hex_encode(char *out, struct slice s)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < s.len; i++) {
        *out++ = digits[s.ptr[i] >> 4];
        *out++ = digits[s.ptr[i] & 15];
    }
    *out = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hex_decode(uint8_t *out, size_t len, const char *text, size_t text_len)
{
    if (text_len != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void base64url_encode(char *out, struct slice s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    int have = 0;

    for (size_t i = 0; i < s.len; i++) {
        bits = bits << 8 | s.ptr[i];
        for (have += 8; have >= 6; have -= 6)
            *out++ = digits[bits >> (have - 6) & 63];
    }
    if (have > 0)
        *out++ = digits[bits << (6 - have) & 63];
    *out = '\0';
}

uint32_t crc32_of(struct slice s)
{
    return libdeflate_crc32(0, s.ptr, s.len);
}

int random_bytes(void *out, size_t len, struct err *e)
{
    ssize_t got = getrandom(out, len, 0);

    if (got < 0 || (size_t)got != len)
        return err_set(e, ERR_UNAVAILABLE, "The system's random number generator did not answer; try again.",
                       "系统随机数发生器没有响应，请重试。");
    return 0;
}

bool bytes_equal_constant_time(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}
