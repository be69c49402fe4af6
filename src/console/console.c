#include "console/console.h"

const struct route *const console_routes[] = {NULL};
