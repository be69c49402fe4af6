#include "http/http.h"

const char *http_method_name(enum http_method m)
{
    static const char *const names[HTTP_METHODS] = {"GET", "POST", "PUT", "DELETE"};

    return names[m];
}
