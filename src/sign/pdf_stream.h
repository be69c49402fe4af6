/* pdf_stream.h - what is inside compressed streams: cross-reference rows and packed objects. */
#pragma once
#include "sign/pdf_file.h"

/* The bytes of a stream: stored, or FlateDecode with an optional PNG predictor (7.4.4). Others are
 * unsupported. */
bool pdf_unpack(struct pdf_file *f, const struct pdf_object *o, struct slice *out);
/* Unpacks an object stream (7.5.7) once. */
bool pdf_pack_open(struct pdf_file *f, struct pdf_object *o);
/* Its index-th object, which must have this number. */
bool pdf_pack_read(struct pdf_file *f, const struct pdf_pack *pack, uint32_t index, uint32_t number,
                   struct pdf_value *out);
size_t pdf_pack_count(const struct pdf_pack *pack);
/* The bytes of the i-th object, up to the next; false if they are in no order. */
bool pdf_pack_part(const struct pdf_pack *pack, size_t i, struct slice *out);
