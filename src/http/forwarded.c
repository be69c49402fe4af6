#include "http/parse.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static bool is_mapped(const uint8_t bytes[16])
{
    return memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

/* An address without port: IPv4 or IPv6, the latter also in brackets. */
static bool address_read(uint8_t out[16], const char *text, size_t len, bool *four)
{
    char copy[INET6_ADDRSTRLEN];

    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= sizeof copy || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *four = strchr(copy, ':') == NULL;
    if (!*four)
        return inet_pton(AF_INET6, copy, out) == 1;
    memcpy(out, mapped_prefix, sizeof mapped_prefix);
    return inet_pton(AF_INET, copy, out + 12) == 1;
}

bool network_read(struct network *out, const char *text)
{
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    unsigned longest, bits = 0;
    bool four;

    if (!address_read(out->bytes, text, len, &four))
        return false;
    longest = four ? 32 : 128;
    if (slash == NULL) {
        bits = longest;
    } else {
        size_t digits = strspn(slash + 1, "0123456789");

        if (digits == 0 || digits > 3 || slash[1 + digits] != '\0')
            return false;
        bits = (unsigned)strtoul(slash + 1, NULL, 10);
        if (bits > longest)
            return false;
    }
    out->bits = four ? bits + 96 : bits;
    return true;
}

static bool network_has(const struct network *n, const uint8_t address[16])
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;

    if (memcmp(n->bytes, address, whole) != 0)
        return false;
    return rest == 0 || ((n->bytes[whole] ^ address[whole]) & (0xFF << (8 - rest)) & 0xFF) == 0;
}

static bool is_trusted(const uint8_t address[16], const struct network *trusted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (network_has(&trusted[i], address))
            return true;
    }
    return false;
}

static bool peer_read(uint8_t out[16], const struct sockaddr *peer)
{
    if (peer != NULL && peer->sa_family == AF_INET) {
        memcpy(out, mapped_prefix, sizeof mapped_prefix);
        memcpy(out + 12, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
        return true;
    }
    if (peer != NULL && peer->sa_family == AF_INET6) {
        memcpy(out, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 16);
        return true;
    }
    return false;
}

/* Walks X-Forwarded-For from the right: each proxy we trust vouches for the entry before it. */
static void walk_back(uint8_t address[16], const char *forwarded, const struct network *trusted, size_t count)
{
    size_t end = strlen(forwarded);

    while (end > 0 && is_trusted(address, trusted, count)) {
        size_t from = end, len;
        uint8_t next[16];
        bool four;

        while (from > 0 && forwarded[from - 1] != ',')
            from--;
        len = end - from;
        end = from > 0 ? from - 1 : 0;
        while (len > 0 && (forwarded[from] == ' ' || forwarded[from] == '\t')) {
            from++;
            len--;
        }
        while (len > 0 && (forwarded[from + len - 1] == ' ' || forwarded[from + len - 1] == '\t'))
            len--;
        if (!address_read(next, forwarded + from, len, &four))
            return;
        memcpy(address, next, sizeof next);
    }
}

void client_address(char out[ADDRESS_SIZE], const struct sockaddr *peer, const char *forwarded,
                    const struct network *trusted, size_t trusted_count)
{
    uint8_t address[16];

    memcpy(out, "unknown", sizeof "unknown");
    if (!peer_read(address, peer))
        return;
    if (forwarded != NULL)
        walk_back(address, forwarded, trusted, trusted_count);
    if (is_mapped(address)) {
        inet_ntop(AF_INET, address + 12, out, ADDRESS_SIZE);
        return;
    }
    memset(address + 8, 0, 8); /* a household has a /64: limits count it as one */
    inet_ntop(AF_INET6, address, out, ADDRESS_SIZE);
}
