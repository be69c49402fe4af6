/* digest.h - SHA-256 (FIPS 180-4), CRC-32 (ISO 3309), hexadecimal, base64url (RFC 4648) and unguessable
 * bytes. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

enum { SHA256_SIZE = 32 };

void sha256(uint8_t out[SHA256_SIZE], struct slice s);
/* Of an open file, from where it stands to its end, 64 KiB at a time. 0, or -1 with errno. */
int sha256_of_file(uint8_t out[SHA256_SIZE], int fd);
/* Lower case, ended with NUL: out holds 2 * s.len + 1 characters. */
void hex_encode(char *out, struct slice s);
/* Exactly len bytes from 2 * len digits of either case. */
bool hex_decode(uint8_t *out, size_t len, const char *text, size_t text_len);
/* base64url without padding, ended with NUL: out holds (4 * s.len + 2) / 3 + 1 characters. */
void base64url_encode(char *out, struct slice s);
uint32_t crc32_of(struct slice s);
/* From the kernel's generator. ERR_UNAVAILABLE when it has none to give. */
MUST_CHECK int random_bytes(void *out, size_t len, struct err *e);
/* In a time that does not depend on where they differ. */
bool bytes_equal_constant_time(const void *a, const void *b, size_t len);
