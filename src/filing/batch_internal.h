/* batch_internal.h - a workbench from the inside. */
#pragma once
#include "filing/work_internal.h"
#include "image/photo.h"
#include <limits.h>

/* What becomes of one claimed entry. */
enum ending {
    ENDING_NONE,
    ENDING_OUTAGE, /* back to the queue, nobody's failure */
    ENDING_HELD,   /* the same, and its filing waits */
    ENDING_FAILED, /* its own failure */
    ENDING_MADE    /* by somebody who could not tell the entry */
};
struct outcome {
    enum ending ending;
    struct err why;
    char certificate[CERTIFICATE_ID_SIZE];
};

/* An entry that fails although everything it needs is there. */
struct suspect {
    char entry[CERTIFICATE_ID_SIZE];
    unsigned strikes;
};
enum { SUSPECTS = 64 };

struct workbench {
    char data_dir[PATH_MAX], name[WORKER_NAME_MAX];
    struct press *press;
    struct helper *helper;
    photo_opener *open_photo;
    int64_t (*now)(void);
    struct signer *signer;
    struct issuer *issuer;
    struct store *own, *store; /* store: own, or the issuer's once that is open */

    struct claim claim; /* with outcomes that are not in the store yet: unsettled */
    struct arena arena; /* of the claim and its orders */
    bool unsettled;
    struct outcome outcomes[CLAIM_MAX];
    struct issue_item items[CLAIM_MAX];
    struct entry_claim claims[CLAIM_MAX];
    struct buf photos[CLAIM_MAX];
    struct suspect suspects[SUSPECTS];
    size_t next_suspect;

    struct job_row job;
    struct arena job_arena;
    bool has_job, job_turn, worked;
    int64_t job_look; /* when to look for a job again */
    struct accession_task *accession;
    struct photo_task *photo_task;

    struct err outage;
    int64_t outage_until;
};

MUST_CHECK int workbench_issuer(struct workbench *b, struct err *e);

/* Claims a batch, makes its certificates, settles it. -1: an outage; nothing is lost. */
MUST_CHECK int batch_make(struct workbench *b, bool *did, int64_t now, struct err *e);
/* Writes what became of the last batch, unless that was done. */
MUST_CHECK int batch_settle(struct workbench *b, struct err *e);
void batch_dispose(struct workbench *b);
