/* openapi_text.c - the description of the API, as openapi.json was when the program was built. */
#include "api/app.h"

/* Made from openapi.json by embed_text.cmake. */
extern const unsigned char openapi_json[];
extern const unsigned openapi_json_size;

struct slice openapi_text(void)
{
    return (struct slice){openapi_json, openapi_json_size};
}
