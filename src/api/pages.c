/* pages.c - the public pages: behind the QR code, for typing, the specimen's, and the files they need. */
#include "api/page_view.h"
#include "base/utf8.h"
#include "image/photo.h"
#include "records/text.h"
#include "seal/seal.h"
#include "web/console_pages.h"
#include <ctype.h>
#include <string.h>

enum {
    FIND_ROWS = 8,
    FIND_BYTES = 4096,
    PHOTO_WIDTH = 210,
    PHOTO_HEIGHT = 294,
    PHOTO_SMALL_BYTES = 16 * 1024,
    NAME_SVG_BYTES = 512 * 1024
};

/* --- /v/{token} and what belongs to it --- */

static int answer_unknown(struct app *app, const struct request *req, struct response *res, struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);

    return page_answer(req, res, 404, &html, page_unknown(&html, &site, e));
}

/* The issued row of the token in the path. *answered: the response says already why there is none; an unknown
 * token, a malformed one and one whose certificate is not yet issued take the same way. Only these are held
 * up when they are many: whoever shares the address, behind a carrier's NAT, may still check a paper, and 128
 * bits are not guessed by being fast. */
static int find_row(struct certificate_row *row, bool *answered, struct app *app, struct request *req,
                    struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    unsigned seconds;
    int rc;

    *answered = false;
    rc = store_certificate_by_token(row, d->store, req->params[0], req->arena, e);
    if (rc == 0 && row->state == CERTIFICATE_ISSUED)
        return 0;
    if (rc != 0 && e->code != ERR_NOT_FOUND)
        return -1;
    *answered = true;
    if (!limiter_allows(app->wrong_tokens, req->address, &seconds))
        return page_answer_wait(app, req, res, seconds, e);
    limiter_hit(app->wrong_tokens, req->address);
    return answer_unknown(app, req, res, e);
}

static int certificate_get(void *app, struct request *req, struct response *res, struct err *e)
{
    struct certificate_row row;
    bool answered;

    if (find_row(&row, &answered, app, req, res, e) != 0)
        return -1;
    return answered ? 0 : page_answer_row(app, req, res, &row, e);
}

/* The crop is of our own making; photo_small() looks at it all the same. */
static int small_photo(struct buf *out, struct page_cache *cache, struct store *s, const uint8_t *sha256,
                       struct err *e)
{
    struct buf crop = BUF_INIT(PHOTO_MAX_BYTES);
    int rc = 0;

    if (page_cache_photo(out, cache, sha256))
        return 0;
    if (store_photo(&crop, s, sha256, e) != 0 ||
        photo_small(out, buf_view(&crop), PHOTO_WIDTH, PHOTO_HEIGHT, PHOTO_SMALL_BYTES, e) != 0)
        rc = -1;
    else
        page_cache_keep_photo(cache, sha256, buf_view(out));
    buf_dispose(&crop);
    return rc;
}

static int photo_get(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct app *app = arg;
    const struct desk *d = req->thread;
    struct buf jpeg = BUF_INIT((size_t)4 * PHOTO_SMALL_BYTES); /* tries at better qualities are larger */
    struct certificate_row row;
    bool answered;
    int rc;

    if (find_row(&row, &answered, app, req, res, e) != 0)
        return -1;
    if (answered)
        return 0;
    if (!page_view_photo(app, &row))
        return answer_unknown(app, req, res, e);
    rc = small_photo(&jpeg, app->page_cache, d->store, row.photo, e);
    if (rc == 0)
        response_adopt(res, "image/jpeg", &jpeg);
    buf_dispose(&jpeg);
    return rc;
}

static int name_get(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct app *app = arg;
    struct buf svg = BUF_INIT(NAME_SVG_BYTES);
    struct certificate_row row;
    json_t *record = NULL;
    const char *name;
    bool answered;
    int rc;

    if (find_row(&row, &answered, app, req, res, e) != 0)
        return -1;
    if (answered)
        return 0;
    rc = json_read(&record, slice_of(row.record_json), JSON_MAX_BYTES, e);
    name = rc == 0 ? json_text(record, "name") : NULL;
    if (rc == 0)
        rc = page_cache_name(&svg, app->page_cache, name == NULL ? "" : name, e);
    if (rc == 0)
        response_adopt(res, "image/svg+xml", &svg);
    json_decref(record);
    buf_dispose(&svg);
    return rc;
}

/* The picture of a seal, by the certificate that signed. Whoever opens it by itself gets a picture and
 * nothing that could act. */
static int seal_get(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct app *app = arg;
    struct buf picture = BUF_INIT(SEAL_MAX_PICTURE);
    const char *type = NULL;
    int rc = page_seals_picture(&picture, &type, page_cache_seals(app->page_cache), app->data_dir,
                                req->params[0], e);

    if (rc == 0) {
        response_header(res, "Content-Security-Policy",
                        "default-src 'none'; sandbox; frame-ancestors 'none'");
        response_adopt(res, type, &picture);
    } else if (e->code == ERR_NOT_FOUND) {
        rc = answer_unknown(app, req, res, e);
    }
    buf_dispose(&picture);
    return rc;
}

/* --- /v/: typing instead of scanning --- */

static int answer_find(struct app *app, const struct request *req, struct response *res, int status,
                       enum page_find_note note, const struct page_typed *typed, struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);

    return page_answer(req, res, status, &html, page_find(&html, &site, note, typed, e));
}

static int find_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return answer_find(app, req, res, 200, FIND_EMPTY, &(struct page_typed){NULL, NULL}, e);
}

/* What was typed, without the blanks that a copy brings along. */
static const char *typed(const struct request *req, const char *field, size_t most)
{
    static const char wide[] = "\xe3\x80\x80"; /* U+3000 */
    const char *text = request_field(req, field);
    size_t len;

    if (text == NULL || strlen(text) > most)
        return NULL;
    for (;;) {
        if (isspace((unsigned char)*text))
            text++;
        else if (strncmp(text, wide, 3) == 0)
            text += 3;
        else
            break;
    }
    len = strlen(text);
    for (;;) {
        if (len > 0 && isspace((unsigned char)text[len - 1]))
            len--;
        else if (len >= 3 && memcmp(text + len - 3, wide, 3) == 0)
            len -= 3;
        else
            break;
    }
    return len == 0 ? NULL : arena_slice(req->arena, (struct slice){(const uint8_t *)text, len});
}

/* Digits and letters of an input method's full width as they are printed. NULL without memory. */
static const char *narrow(const char *text, struct arena *a)
{
    struct slice s = slice_of(text);
    char *out = arena_alloc(a, s.len + 1);
    size_t at = 0, used = 0;
    uint32_t cp;

    if (out == NULL)
        return NULL;
    while (utf8_next(s, &at, &cp)) {
        if ((cp >= 0xFF10 && cp <= 0xFF19) || (cp >= 0xFF21 && cp <= 0xFF3A) ||
            (cp >= 0xFF41 && cp <= 0xFF5A))
            cp -= 0xFF00 - 0x20;
        used += utf8_put(out + used, cp);
    }
    out[used] = '\0';
    return out;
}

/* A name as an order of it would have been mended: its holder may type the • that his own keyboard has. What
 * no order may hold stays as it is and matches nothing. */
static int mend_name(const char **name, struct arena *a, struct err *e)
{
    static const struct text_rule rule = {.max = NUMBER_BYTES, .is_person = true};
    const char *mended;
    unsigned changes;

    if (text_clean(&mended, &changes, *name, &rule, a, e) == 0)
        *name = mended;
    else if (e->code == ERR_NO_MEMORY)
        return -1;
    return 0;
}

static bool same_text(const char *a, const char *b)
{
    size_t len = strlen(a);

    return strlen(b) == len && bytes_equal_constant_time(a, b, len);
}

/* The last six characters of an identity document; a final x is an X. */
static bool same_last_six(const char *number, const char *six)
{
    size_t len = strlen(number), count = 0;
    unsigned different = 0;

    while (len > 0 && count < 6) {
        len--;
        count += ((unsigned char)number[len] & 0xC0) != 0x80;
    }
    number += len;
    if (strlen(number) != strlen(six))
        return false;
    for (size_t i = 0; number[i] != '\0'; i++)
        different |= (unsigned)(toupper((unsigned char)number[i]) ^ toupper((unsigned char)six[i]));
    return different == 0;
}

/* What is compared when there is nothing to compare with: a miss costs the same whatever was wrong. */
static const char nobody[] =
    "{\"birth_date\":\"1900-01-01\",\"certificate_no\":\"-\",\"committee\":{\"name\":\"-\"},\"gender\":\"-\","
    "\"id_number\":\"000000000000000000\",\"id_type\":\"-\",\"issue_date\":\"1900-01-01\",\"issuer\":{"
    "\"name\":\"-\"},\"level\":\"-\",\"name\":\"-\",\"series\":\"-\",\"specialty\":\"-\",\"title\":\"-\"}";

static int compare(bool *same, const char *record_json, const char *name, const char *six, struct err *e)
{
    json_t *record;
    const char *their_name, *their_number;

    if (json_read(&record, slice_of(record_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    their_name = json_text(record, "name");
    their_number = json_text(record, "id_number");
    *same = same_text(their_name == NULL ? "" : their_name, name) &
            same_last_six(their_number == NULL ? "" : their_number, six);
    json_decref(record);
    return 0;
}

/* What was typed, and as it is compared. */
struct asked {
    struct page_typed typed;
    const char *number, *name, *six;
};

static int ask(struct asked *q, struct arena *a, struct err *e)
{
    q->number = narrow(q->typed.number, a);
    q->six = narrow(q->six, a);
    q->name = q->typed.name;
    if (q->number == NULL || q->six == NULL) {
        (void)err_no_memory(e);
        return -1;
    }
    return mend_name(&q->name, a, e);
}

/* By the number in narrow digits, as almost all are, else as it was typed: old ones are of any characters. */
static int find_rows(struct certificate_row *rows, size_t *count, struct store *s, const struct asked *q,
                     struct arena *a, struct err *e)
{
    const char *const numbers[] = {q->number, q->typed.number};

    *count = 0;
    for (size_t i = 0; i < 2 && *count == 0; i++) {
        if (i > 0 && strcmp(numbers[0], numbers[i]) == 0)
            break;
        if (store_certificates_by_number(rows, FIND_ROWS, count, s, numbers[i], a, e) != 0 &&
            e->code != ERR_NOT_FOUND)
            return -1;
    }
    return 0;
}

/* *found stays NULL where not all three match. */
static int find_typed(const struct certificate_row **found, struct request *req, const struct asked *q,
                      struct err *e)
{
    const struct desk *d = req->thread;
    struct certificate_row *rows = arena_array(req->arena, FIND_ROWS, sizeof *rows);
    size_t count = 0;
    bool same;

    *found = NULL;
    if (rows == NULL)
        return err_no_memory(e);
    if (find_rows(rows, &count, d->store, q, req->arena, e) != 0)
        return -1;
    for (size_t i = 0; i < (count == 0 ? 1 : count); i++) {
        if (compare(&same, count == 0 ? nobody : rows[i].record_json, q->name, q->six, e) != 0)
            return -1;
        if (same && count > 0)
            *found = &rows[i];
    }
    return 0;
}

/* A name for the limiter that has a fixed length and says nothing. */
static void number_key(char out[40], const char *number)
{
    uint8_t digest[SHA256_SIZE];

    sha256(digest, slice_of(number));
    out[0] = 'n';
    hex_encode(out + 1, (struct slice){digest, 16});
}

static int find_post(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct app *app = arg;
    struct asked q = {.typed = {typed(req, "number", NUMBER_BYTES), typed(req, "name", NUMBER_BYTES)},
                      .six = typed(req, "last6", 24)};
    const struct certificate_row *row;
    unsigned seconds;
    char key[40];

    if (q.typed.number == NULL || q.typed.name == NULL || q.six == NULL)
        return answer_find(app, req, res, 400, FIND_INCOMPLETE, &q.typed, e);
    if (ask(&q, req->arena, e) != 0)
        return -1;
    number_key(key, q.number); /* one key for all ways to write it */
    if (!limiter_allows(app->wrong_numbers, req->address, &seconds) ||
        !limiter_allows(app->wrong_numbers, key, &seconds))
        return page_answer_wait(app, req, res, seconds, e);
    if (find_typed(&row, req, &q, e) != 0)
        return -1;
    if (row != NULL)
        return page_answer_row(app, req, res, row, e);
    limiter_hit(app->wrong_numbers, req->address);
    limiter_hit(app->wrong_numbers, key);
    return answer_find(app, req, res, 404, FIND_NO_MATCH, &q.typed, e);
}

/* --- the rest --- */

static int sample_get(void *app, struct request *req, struct response *res, struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);

    return page_answer(req, res, 200, &html, page_sample(&html, &site, e));
}

static bool takes_gzip(const struct request *req)
{
    const char *accepted = request_header(req, "Accept-Encoding");
    const char *gzip = accepted == NULL ? NULL : strstr(accepted, "gzip");

    return gzip != NULL && strncmp(gzip + 4, ";q=0", 4) != 0;
}

static int static_get(void *app, struct request *req, struct response *res, struct err *e)
{
    const char *path = arena_printf(req->arena, "/static/%s", req->params[0]);
    const struct asset *asset = path == NULL ? NULL : asset_find(path);

    (void)app;
    if (path == NULL)
        return err_no_memory(e);
    if (asset == NULL)
        return err_set(e, ERR_NOT_FOUND, "There is no such file.", "没有这个文件。");
    response_header(res, "Vary", "Accept-Encoding");
    response_header(res, "Cache-Control", "public, max-age=31536000, immutable");
    if (takes_gzip(req)) {
        response_header(res, "Content-Encoding", "gzip");
        response_fixed(res, asset->content_type, asset->gzip);
    } else {
        response_fixed(res, asset->content_type, asset->plain);
    }
    return 0;
}

static int robots_get(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    (void)req;
    (void)e;
    response_fixed(res, "text/plain", slice_of("User-agent: *\nDisallow: /\n"));
    return 0;
}

/* --- failures --- */

static bool below(const struct request *req, const char *prefix)
{
    return req->path != NULL && strncmp(req->path, prefix, strlen(prefix)) == 0;
}

const char console_policy[] =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; script-src 'self'; connect-src 'self'; frame-src 'self'; "
    "require-trusted-types-for 'script'";

/* Refused before anybody could look who is signed in, so without the menu. */
static int refuse_console_page(struct buf *html, const struct request *req, struct response *res, int status,
                               const char *text, struct err *e)
{
    const struct console_site site = {.now = clock_now()};
    bool again = req->method == HTTP_GET && (status == 429 || status >= 500);

    response_header(res, "Content-Security-Policy", console_policy);
    response_header(res, "Referrer-Policy", "same-origin");
    return console_problem_page(html, &site, status, text, again ? req->path : NULL, e);
}

static int refuse_page(struct buf *html, struct app *app, const struct request *req, int *status,
                       unsigned retry_after, const struct err *why, struct err *e)
{
    struct page_site site = page_site_of(app, req);
    bool upload = below(req, "/v/upload") && req->method == HTTP_POST;
    bool told = why->code != ERR_NONE && why->code != ERR_INTERNAL;

    if (*status == 429)
        return page_wait(html, &site, retry_after, e);
    if (upload && *status == 413)
        return page_upload_form(html, &site, UPLOAD_TOO_LARGE, 0, e);
    if (upload && *status == 503)
        return page_upload_form(html, &site, UPLOAD_BUSY, retry_after, e);
    if (*status == 503)
        return page_unavailable(html, &site, e);
    /* an address that cannot even be a token is as unknown as any */
    if (below(req, "/v/") && req->method == HTTP_GET && (*status == 400 || *status == 404)) {
        *status = 404;
        return page_unknown(html, &site, e);
    }
    if (told)
        return page_problem(html, &site, *status, req->english ? why->en : why->zh, e);
    return page_problem(html, &site, *status,
                        req->english ? "Something went wrong here. Please try again later."
                                     : "服务出现问题，请稍后再试。",
                        e);
}

void pages_refuse(struct app *app, const struct request *req, struct response *res, int status,
                  unsigned retry_after, const struct err *e)
{
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);
    bool told = e->code != ERR_NONE && e->code != ERR_INTERNAL;
    struct err unasked;
    int rc = below(req, "/console/")
                 ? refuse_console_page(&html, req, res, status, told ? e->zh : "服务出现问题，请稍后再试。",
                                       &unasked)
                 : refuse_page(&html, app, req, &status, retry_after, e, &unasked);

    if (page_answer(req, res, status, &html, rc) != 0) {
        res->status = 503;
        response_fixed(res, "text/plain; charset=utf-8", slice_of("内存不足，请稍后再试。 Out of memory.\n"));
    }
}

const struct route page_routes[] = {
    {.method = HTTP_GET, .pattern = "/v/", .handle = find_get, .lane = LANE_INLINE},
    {.method = HTTP_POST,
     .pattern = "/v/",
     .handle = find_post,
     .lane = LANE_INLINE,
     .max_body = FIND_BYTES,
     .flags = ROUTE_FORM},
    {.method = HTTP_GET, .pattern = "/v/sample", .handle = sample_get, .lane = LANE_INLINE},
    {.method = HTTP_GET, .pattern = "/v/upload", .handle = page_upload_get, .lane = LANE_INLINE},
    {.method = HTTP_POST,
     .pattern = "/v/upload",
     .handle = page_upload_post,
     .lane = LANE_INSPECTION,
     .max_body = UPLOAD_MAX_BYTES + UPLOAD_FORM_BYTES,
     .flags = ROUTE_FORM},
    {.method = HTTP_GET, .pattern = "/v/seal/{certificate}", .handle = seal_get, .lane = LANE_INLINE},
    {.method = HTTP_GET, .pattern = "/v/{token}", .handle = certificate_get, .lane = LANE_INLINE},
    {.method = HTTP_GET, .pattern = "/v/{token}/photo.jpg", .handle = photo_get, .lane = LANE_INLINE},
    {.method = HTTP_GET, .pattern = "/v/{token}/name.svg", .handle = name_get, .lane = LANE_INLINE},
    {.method = HTTP_GET, .pattern = "/static/{name}", .handle = static_get, .lane = LANE_INLINE},
    {.method = HTTP_GET, .pattern = "/robots.txt", .handle = robots_get, .lane = LANE_INLINE},
    {.pattern = NULL},
};
