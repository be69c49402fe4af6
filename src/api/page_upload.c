/* page_upload.c - GET and POST /v/upload: somebody's PDF in, the judgement on it out. Nothing is kept. */
#include "api/judgement.h"
#include "api/page_view.h"

static int answer_form(struct app *app, const struct request *req, struct response *res, int status,
                       enum page_upload_note note, struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);

    return page_answer(req, res, status, &html, page_upload_form(&html, &site, note, 0, e));
}

int page_upload_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return answer_form(app, req, res, 200, UPLOAD_EMPTY, e);
}

static enum page_tone tone_of(enum judgement_kind kind)
{
    static const enum page_tone tones[] = {
        [JUDGEMENT_UNREADABLE] = TONE_UNKNOWN, [JUDGEMENT_IDENTICAL] = TONE_OK,
        [JUDGEMENT_NOT_SIGNED] = TONE_UNKNOWN, [JUDGEMENT_ALTERED] = TONE_BAD,
        [JUDGEMENT_NOT_OURS] = TONE_WARN,      [JUDGEMENT_REVOKED] = TONE_BAD,
        [JUDGEMENT_CANCELLED] = TONE_BAD,      [JUDGEMENT_SUSPENDED] = TONE_WARN,
        [JUDGEMENT_REPLACED] = TONE_REPLACED,  [JUDGEMENT_UNDECIDED] = TONE_UNKNOWN,
        [JUDGEMENT_TEST] = TONE_WARN,          [JUDGEMENT_GENUINE] = TONE_OK};

    return tones[kind];
}

/* Only a file that is ours, whole or inside an altered one, brings personal data to light. */
static bool may_show_person(const struct judgement *j)
{
    return j->row != NULL && j->kind != JUDGEMENT_NOT_SIGNED && j->kind != JUDGEMENT_NOT_OURS &&
           j->kind != JUDGEMENT_UNREADABLE;
}

static int list_changes(struct page_upload *u, const struct judgement *j, struct arena *a, struct err *e)
{
    struct page_change *list = arena_array(a, j->change_count + 1, sizeof *list);

    if (list == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < j->change_count; i++)
        list[i] = (struct page_change){j->changes[i].en, j->changes[i].zh};
    u->changes = list;
    u->change_count = j->kind == JUDGEMENT_ALTERED ? j->change_count : 0;
    return 0;
}

/* Only beside a seal that holds: what merely bears an office's certificate is not that office's seal. */
static int list_pictures(struct page_upload *u, const struct app *app, struct arena *a, struct err *e)
{
    const char **list = arena_array(a, json_array_size(u->seals) + 1, sizeof *list);
    const json_t *seal;
    size_t i;

    if (list == NULL)
        return err_no_memory(e);
    json_array_foreach((json_t *)(uintptr_t)u->seals, i, seal)
    {
        const char *certificate = json_text(seal, "certificate_sha256");

        list[i] = NULL;
        if (i >= PAGE_SEALS_SHOWN || !json_is_true(json_object_get(seal, "intact")) ||
            !json_is_true(json_object_get(seal, "visible")) ||
            !page_seals_have(page_cache_seals(app->page_cache), app->data_dir, certificate))
            continue;
        list[i] = arena_printf(a, "/v/seal/%s", certificate);
        if (list[i] == NULL)
            return err_no_memory(e);
    }
    u->pictures = list;
    return 0;
}

static int answer_judgement(struct app *app, struct request *req, struct response *res,
                            const struct judgement *j, const json_t *verdict, const struct page_upload *file,
                            struct err *e)
{
    const struct desk *d = req->thread;
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);
    struct page_view v = {.record = NULL};
    struct page_upload u = *file;
    const char *sha256 = json_text(verdict, "sha256");
    int rc = -1;

    u.tone = tone_of(j->kind);
    u.word = req->english ? j->word_en : j->word_zh;
    u.sentence = req->english ? j->sentence_en : j->sentence_zh;
    u.altered = j->kind == JUDGEMENT_ALTERED;
    u.registered = j->registered;
    u.sha256 = sha256 == NULL ? "" : sha256;
    u.seals = json_object_get(verdict, "seals");
    u.revisions = json_object_get(verdict, "revisions");
    u.pages = (size_t)json_integer_value(json_object_get(verdict, "pages"));
    if (list_changes(&u, j, req->arena, e) != 0 || list_pictures(&u, app, req->arena, e) != 0)
        goto out;
    if (may_show_person(j)) {
        if (page_view_init(&v, app, j->row, d->store, req->arena, e) != 0)
            goto out;
        u.certificate = &v.certificate;
    }
    rc = page_upload(&html, &site, &u, e);
out:
    page_view_dispose(&v);
    return page_answer(req, res, 200, &html, rc);
}

int page_upload_post(void *app, struct request *req, struct response *res, struct err *e)
{
    struct desk *d = req->thread;
    struct page_upload u = {.file_name = ""};
    struct judgement j;
    struct slice pdf = {NULL, 0};
    json_t *verdict = NULL;
    int rc = -1;

    if (!request_file(&pdf, &u.file_name, req, "file") || pdf.len == 0)
        return answer_form(app, req, res, 400, UPLOAD_NO_FILE, e);
    if (pdf.len > UPLOAD_MAX_BYTES)
        return answer_form(app, req, res, 413, UPLOAD_TOO_LARGE, e);
    if (!judgement_is_pdf(pdf))
        return answer_form(app, req, res, 415, UPLOAD_NOT_PDF, e);
    if (u.file_name == NULL)
        u.file_name = "";
    u.size = pdf.len;
    if (inspect_pdf(d, pdf, &verdict, e) != 0 ||
        judgement_make(&j, verdict, pdf, d->store, req->arena, e) != 0)
        goto out;
    rc = j.kind == JUDGEMENT_UNREADABLE ? answer_form(app, req, res, 422, UPLOAD_UNREADABLE, e)
                                        : answer_judgement(app, req, res, &j, verdict, &u, e);
out:
    json_decref(verdict);
    return rc;
}
