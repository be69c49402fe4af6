/* console.h - the organiser's console below /console and the pages that photo links lead to: sessions, forms
 * in, pages out. web/console_pages.h writes the HTML. */
#pragma once
#include "api/app.h"

/* For service_order.routes; NULL ends it. */
extern const struct route *const console_routes[];
