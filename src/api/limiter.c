#include "api/app.h"
