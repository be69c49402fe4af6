#include "console/console_internal.h"

const struct route *const console_routes[] = {session_routes,
                                              form_page_routes,
                                              filing_page_routes,
                                              person_page_routes,
                                              act_page_routes,
                                              entry_photo_routes,
                                              photos_page_routes,
                                              import_page_routes,
                                              download_routes,
                                              photo_page_routes,
                                              NULL};
