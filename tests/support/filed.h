/* filed.h - filings in the data directory of issuing.h, and a signer behind its socket for those who make
 * their certificates. */
#pragma once
#include "filing/work_internal.h"
#include "support/issuing.h"

/* What benches of filed_bench() take for the time; to be set first. */
extern int64_t filed_now;
int64_t filed_clock(void);

/* The signer: started, taken away, started again. */
void filed_signer_start(void);
void filed_signer_stop(void);
/* Closes the socket, too; fine where nothing runs. */
void filed_signer_forget(void);

/* How a list is to be. */
struct filed_list {
    const char *profile; /* of the issuer "issuer" or "unsealed" */
    const char *issuer;
    size_t rows;
    bool no_photos;
    const char *odd_name; /* of row 2, or NULL */
    const char *given_no; /* of row 3, or NULL */
};
/* An approved filing of organiser "unsealed" (or, where that is the issuer, "counted"); its id. */
void filed_make(char id[CERTIFICATE_ID_SIZE], struct store *s, const struct filed_list *list);
extern struct filing_actor filed_organiser; /* for all */

struct workbench *filed_bench(const char *name);
/* Steps until nothing is left to do now; any failure fails the test. */
void filed_work(struct workbench *b);
/* Asks for the accession and works until there is nothing left. */
void filed_accession(struct store *s, struct workbench *b, const char *id);
