#include "base/digest.h"
#include "base/worker.h"
#include "sign/verify_internal.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

static const struct worker_limits limits = {.memory_bytes = (size_t)256 * 1024 * 1024,
                                            .cpu_seconds = 2,
                                            .wall_ms = 2000,
                                            .answer_bytes = 4 * 1024 * 1024};

struct job {
    struct slice pdf;
    const struct verify_order *order;
};

static int job_run(struct buf *out, void *arg, struct err *e)
{
    const struct job *job = arg;
    struct arena arena = ARENA_INIT;
    struct verdict v;
    int rc = verify_bytes(&v, job->pdf, job->order, true, &arena, e);

    if (rc == 0)
        verdict_flatten(out, &v);
    arena_dispose(&arena);
    return rc;
}

/* What the child could not load any more: it may open nothing. */
static void algorithms_load(void)
{
    static const char *const digests[] = {"SHA256", "SHA384", "SHA512", "SHA1"};

    (void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++)
        EVP_MD_free(EVP_MD_fetch(NULL, digests[i], NULL));
}

int verify_untrusted(struct verdict *v, struct slice pdf, const struct verify_order *o, struct arena *a,
                     struct err *e)
{
    struct job job = {pdf, o};
    struct buf answer = BUF_INIT(limits.answer_bytes);
    enum worker_end end = WORKER_CRASHED;
    int rc;

    algorithms_load();
    rc = worker_run(&answer, &limits, job_run, &job, &end, e);
    if (rc == 0 && !verdict_unflatten(v, buf_view(&answer), a)) {
        rc = -1;
        end = WORKER_CRASHED;
    }
    buf_dispose(&answer);
    if (rc == 0 || (end == WORKER_REFUSED && e->code == ERR_NO_MEMORY) ||
        (end == WORKER_CRASHED && e->code == ERR_UNAVAILABLE))
        return rc;
    memset(v, 0, sizeof *v);
    v->kind = VERDICT_UNSUPPORTED;
    v->reason_en =
        "The file takes more time or memory to examine than any honest one, or cannot be examined.";
    v->reason_zh = "检查该文件所需的时间或内存超出正常范围，或文件无法检查。";
    v->size = pdf.len;
    sha256(v->sha256, pdf);
    return 0;
}
