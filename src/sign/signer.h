/* signer.h - a digest in, a detached CMS signature out. Private keys stay behind this door.
 *
 * The signer is a child process that alone may open keys/. Requests and answers have a fixed size: no path,
 * DER or PEM goes in. It rebuilds the signed attributes itself, checks state, dates and grant of the seal and
 * a rate cap, writes its hash-chained log, and answers with CMS (PAdES B-B: ETSI.CAdES.detached, no
 * signing-time, signing-certificate-v2). */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>
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
/* For a service: a signer that many processes and threads call, behind data_dir/signer.socket
 * (SOCK_SEQPACKET, root's, mode 0660 with the server's group; who is not isolated: 0600). Only the server's
 * user, the signer's and root are answered (SO_PEERCRED). The supervisor keeps the listening socket, so that
 * a signer that died is replaced behind the same address; nobody else should: close it in the server, or
 * clients believe in a service that is gone. What a dead supervisor left there is replaced; ERR_CONFLICT: a
 * live one listens. */
MUST_CHECK int signer_listen(int *listener, const char *data_dir, const struct signer_identity *who,
                             struct err *e);
/* Forks a signer that serves listener; returns when it has read its keys (as signer_spawn, it waits for
 * another's end first). The caller waits for *pid; SIGTERM lets it sign its log's head and end, and the end
 * of the process that forked it does the same. */
MUST_CHECK int signer_start(pid_t *pid, int listener, const char *data_dir, const struct signer_identity *who,
                            struct err *e);
/* Connects to the signer of a running service. ERR_NOT_FOUND: none is running. When the signer was started
 * again the next call connects anew by itself, and waits up to 2 seconds for that. What cannot be done twice
 * (signer_sign, signer_grant_new) is not repeated once the signer may have done it: then ERR_UNAVAILABLE.
 * Thread-safe between different struct signer. */
MUST_CHECK int signer_connect(struct signer **out, const char *data_dir, struct err *e);

/* Ends it: it signs its log's head and exits. One that was connected is only left. */
void signer_close(struct signer *s);
pid_t signer_pid(const struct signer *s); /* 0 of one that was connected */

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
/* Notes in the log that numbers of this counter (records/number.h: number_counter(); at most 63 bytes) may
 * have been given out up to this serial; on the disk when it returns. A database that is restored from an
 * older copy learns from these lines where to go on. ERR_UNAVAILABLE: the disk, or more than 6,000 notes in a
 * minute. */
MUST_CHECK int signer_note_serial(struct signer *s, const char *counter, uint64_t serial, struct err *e);
/* What signer_sign() would refuse, asked before a number is reserved. */
MUST_CHECK int signer_check(struct signer *s, const char *seal_id, const char *grantee, struct err *e);
/* The same, and how many uses are left (1 at least; INT64_MAX: any number). Others may take them meanwhile.
 */
MUST_CHECK int signer_check_left(struct signer *s, const char *seal_id, const char *grantee, int64_t *left,
                                 struct err *e);

/* Grants given through the service. The signer keeps them beside the operator's and logs them with the actor.
 * It obeys only for seals whose operator said so, by a grant to SIGNER_DELEGATE ("sealpress seal grant SEAL
 * --to @grants"); every grant given uses that one once, and outlives it. */
#define SIGNER_DELEGATE "@grants"
struct signer_grant {
    char id[17]; /* 16 hex digits */
    char seal_id[33];
    char grantee[64];
    char from[11], until[11]; /* YYYY-MM-DD in Asia/Shanghai, or "" */
    int64_t count, used;      /* count 0: any number */
    bool active;              /* false: revoked */
    bool by_operator; /* signer_grant_revoke() is refused; its grantee may be "*" or SIGNER_DELEGATE */
};
/* seal_id, grantee, from, until and count are the order; the rest is filled. id may be chosen, too ("": any):
 * then the same order again finds the grant that it made before, and another one is ERR_CONFLICT. ERR_INVALID
 * says what no grant can be. actor: id of the API key, for the log, at most 63 bytes of letters, digits and
 * "-._". ERR_FORBIDDEN without delegation. */
MUST_CHECK int signer_grant_new(struct signer *s, struct signer_grant *g, const char *actor, struct err *e);
/* ERR_NOT_FOUND; ERR_FORBIDDEN: the operator's. Revoking twice is fine. */
MUST_CHECK int signer_grant_revoke(struct signer *s, const char *grant_id, const char *actor, struct err *e);
/* The index-th grant of the seal (also the operator's). ERR_NOT_FOUND behind the last. */
MUST_CHECK int signer_grant_at(struct signer_grant *out, struct signer *s, const char *seal_id, size_t index,
                               struct err *e);
/* Whether it answers, within 2 seconds: for /readyz. */
MUST_CHECK int signer_ping(struct signer *s, struct err *e);
