#include "sign/timestamp.h"
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ts.h>
#include <string.h>
#include <time.h>

/* The imprint is the digest of both ranges. */
static enum cms_state imprint_check(TS_TST_INFO *info, struct slice first, struct slice second)
{
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OCTET_STRING *expected = TS_MSG_IMPRINT_get_msg(imprint);
    const ASN1_OBJECT *oid = NULL;
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    const EVP_MD *md;
    EVP_MD_CTX *ctx;
    bool fine;

    X509_ALGOR_get0(&oid, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
    md = EVP_get_digestbyobj(oid);
    if (md == NULL)
        return CMS_UNSUPPORTED;
    if (EVP_MD_get_size(md) < 32)
        return CMS_WEAK;
    ctx = EVP_MD_CTX_new();
    fine = ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
           EVP_DigestUpdate(ctx, first.ptr, first.len) == 1 &&
           EVP_DigestUpdate(ctx, second.ptr, second.len) == 1 && EVP_DigestFinal_ex(ctx, digest, &len) == 1 &&
           ASN1_STRING_length(expected) == (int)len &&
           memcmp(ASN1_STRING_get0_data(expected), digest, len) == 0;
    EVP_MD_CTX_free(ctx);
    return fine ? CMS_INTACT : CMS_MISMATCH;
}

static bool certificates_copy(struct timestamp *out, CMS_ContentInfo *cms)
{
    STACK_OF(X509) *signers = CMS_get0_signers(cms), *all = CMS_get1_certs(cms);
    unsigned char *der = NULL, *list = NULL, *at;
    int len = sk_X509_num(signers) == 1 ? i2d_X509(sk_X509_value(signers, 0), &der) : -1, total = 0;

    for (int i = 0; i < sk_X509_num(all); i++)
        total += i2d_X509(sk_X509_value(all, i), NULL);
    list = at = OPENSSL_malloc((size_t)total + 1);
    for (int i = 0; list != NULL && i < sk_X509_num(all); i++)
        (void)i2d_X509(sk_X509_value(all, i), &at);
    out->leaf = (struct slice){der, len > 0 ? (size_t)len : 0};
    out->certificates = (struct slice){list, (size_t)total};
    sk_X509_free(signers);
    sk_X509_pop_free(all, X509_free);
    return len > 0 && list != NULL;
}

static enum cms_state token_check(struct timestamp *out, CMS_ContentInfo *cms, struct slice first,
                                  struct slice second)
{
    ASN1_OCTET_STRING **content = CMS_get0_content(cms);
    BIO *sink = BIO_new(BIO_s_null());
    TS_TST_INFO *info = NULL;
    enum cms_state state = CMS_MALFORMED;
    const unsigned char *at;
    struct tm tm;

    memset(&tm, 0, sizeof tm);
    if (sink == NULL || OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_id_smime_ct_TSTInfo ||
        content == NULL || *content == NULL)
        goto out;
    at = ASN1_STRING_get0_data(*content);
    info = d2i_TS_TST_INFO(NULL, &at, ASN1_STRING_length(*content));
    if (info == NULL || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) != 1)
        goto out;
    out->moment = (int64_t)timegm(&tm);
    state = imprint_check(info, first, second);
    if (state == CMS_INTACT &&
        (CMS_verify(cms, NULL, NULL, NULL, sink, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) != 1 ||
         !certificates_copy(out, cms)))
        state = CMS_MISMATCH;
out:
    TS_TST_INFO_free(info);
    BIO_free(sink);
    return state;
}

enum cms_state timestamp_check(struct timestamp *out, struct slice token, struct slice first,
                               struct slice second)
{
    const unsigned char *at = token.ptr;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)token.len);
    enum cms_state state = CMS_MALFORMED;

    memset(out, 0, sizeof *out);
    if (cms != NULL && at == token.ptr + token.len && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed)
        state = token_check(out, cms, first, second);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return state;
}

void timestamp_dispose(struct timestamp *t)
{
    OPENSSL_free((void *)t->leaf.ptr);
    OPENSSL_free((void *)t->certificates.ptr);
    memset(t, 0, sizeof *t);
}
