#include "sign/test_ca.h"

bool test_ca_is(const X509 *certificate)
{
    ASN1_OBJECT *mark = OBJ_txt2obj(TEST_CA_OID, 1);
    bool found = mark != NULL && X509_get_ext_by_OBJ(certificate, mark, -1) >= 0;

    ASN1_OBJECT_free(mark);
    return found;
}
