/* template.h - a folder (template.md, sample.json, artwork) becomes a tree, once; a record is bound into the
 * tree.
 *
 * The language is described for authors in templates/README.md. The template is parsed first and data is
 * bound into the parsed tree, so no name, opinion or title can become markup. Any mistake is an error with
 * file, line and column when the template is loaded. */
#pragma once
#include "base/arena.h"
#include "base/json.h"
#include "font/font.h"

struct template; /* immutable once loaded */

/* Loads dir/template.md and everything it names. */
MUST_CHECK int template_load(struct template **out, const char *dir, struct fonts *fonts, struct err *e);
/* Where in which template.md a mistake is; line 0: it has no line (a file is missing). */
struct template_place {
    char name[64];    /* of the template: this one or the one it is like */
    int line, column; /* both from 1; columns are counted in characters */
};
/* The same; *place tells an editor or a preview where the error is. */
MUST_CHECK int template_load_placed(struct template **out, const char *dir, struct fonts *fonts,
                                    struct template_place *place, struct err *e);
void template_free(struct template *t);
const char *template_name(const struct template *t);
/* The sample record of the folder; borrowed. */
const json_t *template_sample(const struct template *t);
/* Whether a record's member of this name is anything to the template: in the sample, optional or a default.
 */
bool template_knows(const struct template *t, const char *member);
/* Names of the seal roles the template places, in order of signing. */
size_t template_role_count(const struct template *t);
const char *template_role(const struct template *t, size_t i);
/* Whether documents of this template can bear seals at all. */
bool template_sealable(const struct template *t);
/* What a document of this template bears that no journal knows (front matter "unsealed"): a certificate is
 * worth something by its look alone and is a specimen; a form is a draft; a paper that only ink makes valid
 * is plain. */
enum unsealed { UNSEALED_SPECIMEN, UNSEALED_DRAFT, UNSEALED_PLAIN };
enum unsealed template_unsealed(const struct template *t);
/* Whether it may be made without data, to be filled in by hand (front matter "blank"). */
bool template_has_blank(const struct template *t);
/* Document title (front matter "title", may hold placeholders) bound with the record; in the arena. */
MUST_CHECK int template_title(const char **out, const struct template *t, const json_t *record,
                              struct arena *a, struct err *e);
/* The same for whom no record is meant: … stands for what records say. The template's name where that makes
 * no title, since a filter needs a real value. */
MUST_CHECK int template_blank_title(const char **out, const struct template *t, struct arena *a,
                                    struct err *e);
