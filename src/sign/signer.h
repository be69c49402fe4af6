/* signer.h - a digest in, a detached CMS signature out. Private keys stay behind this door.
 *
 * The signer is a child process that alone may open keys/. Requests and answers have a fixed size: no path,
 * DER or PEM goes in. It rebuilds the signed attributes itself, checks state, dates and grant of the seal and
 * a rate cap, writes its hash-chained log, and answers with CMS (PAdES B-B: ETSI.CAdES.detached, no
 * signing-time, signing-certificate-v2). */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <sys/types.h>

enum { SIGNER_MAX_CMS = 16 * 1024 }; /* sizes every /Contents */

struct signer; /* the client's end: a socket to the process */

struct signer_identity {
    uid_t server_uid, signer_uid;
    gid_t server_gid, signer_gid;
    bool isolated; /* two uids, and we are root: keys/ is closed to the server */
};
/* Reads who the processes should be: as root the users "sealpress" and "sealpress-signer", if they exist;
 * else everybody is who we are and isolated is false. */
void signer_identity_find(struct signer_identity *out);

/* Forks the signer for data_dir. Call before threads, SQLite or OpenSSL are touched, and before
 * signer_become_server(): only root can give the child its own user. Returns when it has read its keys. One
 * signer serves a data directory at a time; another one's end is waited for, 20 seconds at most.
 *
 * A signer that dies leaves ERR_UNAVAILABLE at every call; close it and spawn another. Who must outlive that
 * keeps a supervisor process with the privilege, which spawns signer and server and hands the socket on.
 * A struct signer serves one thread. */
MUST_CHECK int signer_spawn(struct signer **out, const char *data_dir, const struct signer_identity *who,
                            struct err *e);
/* Makes the calling process the server's user, for good; nothing when not isolated. */
MUST_CHECK int signer_become_server(const struct signer_identity *who, struct err *e);
/* Ends it: it signs its log's head and exits. */
void signer_close(struct signer *s);
pid_t signer_pid(const struct signer *s);

struct sign_request {
    const char *seal_id; /* 32 hex digits */
    const char
        *grantee; /* id of the issuing profile or kind of document the grant must name; at most 63 bytes */
    const char *journal_id; /* 32 hex digits: the certificate's id, for the log */
    const uint8_t *digest;  /* SHA-256 of the byte ranges, 32 bytes */
};
/* Appends DER to cms. ERR_FORBIDDEN: disabled seal, chain expired or not yet valid, no grant or used up.
 * ERR_UNAVAILABLE: the signer does not answer, or the rate cap. */
MUST_CHECK int signer_sign(struct signer *s, const struct sign_request *r, struct buf *cms, struct err *e);
/* What signer_sign() would refuse, asked before a number is reserved. */
MUST_CHECK int signer_check(struct signer *s, const char *seal_id, const char *grantee, struct err *e);
