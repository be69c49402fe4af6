/* pdf_scan.h - the references inside an object, found without building its value. */
#pragma once
#include "sign/pdf_file.h"

typedef void pdf_visitor(void *arg, uint64_t number);

/* Visits every reference of a plain object; of an object stream also those of the objects in it. false: the
 * object is not well-formed. */
bool pdf_scan(struct pdf_file *f, struct pdf_entry *entry, pdf_visitor *visit, void *arg);
