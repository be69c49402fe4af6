/* check.c - everything about an order that can be judged before anything is written. */
#include "base/clock.h"
#include "image/photo.h"
#include "issue/issue_internal.h"
#include <stdlib.h>
#include <string.h>

enum { SAME_NUMBER_MAX = 8 };

int job_check_photo(struct job *j, struct slice photo, struct err *e)
{
    int width, height, want_width, want_height;

    j->photo = photo;
    sha256(j->row.photo, photo);
    photo_size_pixels(PHOTO_2_CUN, &want_width, &want_height);
    if (photo_inspect(photo, &width, &height, e) != 0)
        return err_field(e, "/photo");
    if (width == want_width && height == want_height)
        return 0;
    err_set(e, ERR_INVALID,
            "The photo is %d by %d pixels; a certificate needs %d by %d (35 x 49 mm at 300 dpi).",
            "照片为 %d×%d 像素，证书需要 2 寸（%d×%d）。", width, height, want_width, want_height);
    return err_field(e, "/photo");
}

/* A profile of another organisation is not there, in the same words. */
int job_check_profile(struct job *j, struct faults *faults, struct err *e)
{
    const char *organisation = j->request->organisation;
    struct err why;

    if (j->order.profile == NULL)
        return 0; /* said already */
    if (store_profile(&j->profile, j->i->store, j->order.profile, j->a, e) == 0) {
        if (organisation == NULL || strcmp(organisation, j->profile.organisation) == 0)
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    j->profile = (struct profile){.id = NULL};
    err_set(&why, ERR_INVALID, "There is no issuing profile \"%s\".", "没有发证配置 “%s”。",
            j->order.profile);
    err_field(&why, "/profile");
    faults_add(faults, &why);
    return 0;
}

/* Paper dated in the future is wrong paper: what it says has not happened. */
void job_check_days(const struct job *j, struct faults *faults)
{
    const struct {
        const char *field, *text;
    } days[] = {{"/issue_date", j->order.issue_date},
                {"/obtained_date", j->order.obtained_date},
                {"/reissue_date", j->order.reissue_date}};
    struct date today = date_in_shanghai(j->now), day;

    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        struct err why;

        if (days[i].text == NULL || !date_parse(&day, days[i].text) || date_compare(day, today) <= 0)
            continue;
        err_set(&why, ERR_INVALID, "%s is in the future: today is %04d-%02d-%02d in China.",
                "日期 %s 晚于今天（%04d-%02d-%02d，北京时间）。", days[i].text, today.year, today.month,
                today.day);
        err_field(&why, "%s", days[i].field);
        faults_add(faults, &why);
    }
}

static int not_found(struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, "There is no certificate with this id to be replaced.",
                   "没有此标识的证书，无法补换发。");
}

/* An order that names an original of our own register replaces it, whether or not the caller knew its id: two
 * valid papers for one title must not be. Others' originals are only printed. */
static int find_own_original(struct job *j, struct err *e)
{
    struct certificate_row rows[SAME_NUMBER_MAX];
    size_t count;

    if (j->order.original_no == NULL || j->profile.id == NULL)
        return 0;
    if (store_certificates_by_number(rows, SAME_NUMBER_MAX, &count, j->i->store, j->order.original_no, j->a,
                                     e) != 0)
        return -1;
    for (size_t k = 0; k < count; k++) {
        if (strcmp(rows[k].issuer, j->profile.issuer) == 0 &&
            strcmp(rows[k].organisation, j->profile.organisation) == 0)
            memcpy(j->row.replaces, rows[k].id, sizeof j->row.replaces);
    }
    return 0;
}

/* A correction keeps the number; the certificate it corrects must be the same issuer's. */
static int check_corrected(struct job *j, const struct certificate_row *old, struct faults *faults,
                           struct err *e)
{
    struct err why;

    if (j->profile.id != NULL && strcmp(j->profile.issuer, old->issuer) != 0) {
        err_set(&why, ERR_INVALID,
                "The profile's issuing authority has changed since certificate %s was made; it can be "
                "reissued, not corrected.",
                "发证配置的发证机关已变更，证书 %s 不能更正，请办理补换发。", old->number);
        err_field(&why, "/profile");
        faults_add(faults, &why);
    }
    j->row.version = (old->version > 0 ? old->version : 1) + 1;
    j->fixed_number = arena_text(j->a, old->number);
    (void)snprintf(j->row.replaces, sizeof j->row.replaces, "%s", old->id);
    return j->fixed_number == NULL ? err_no_memory(e) : 0;
}

/* Which certificate is replaced never changes, so this may be judged before the order is known to be new. */
static int check_original(struct job *j, struct faults *faults, struct err *e)
{
    const struct issue_request *r = j->request;
    struct certificate_row old;
    struct err why;

    if (r->replaces == NULL)
        return find_own_original(j, e);
    if (store_certificate(&old, j->i->store, r->replaces, j->a, e) != 0)
        return e->code == ERR_NOT_FOUND ? not_found(e) : -1;
    if (r->organisation != NULL && strcmp(r->organisation, old.organisation) != 0)
        return not_found(e);
    if (j->profile.id != NULL && strcmp(j->profile.organisation, old.organisation) != 0) {
        err_set(&why, ERR_INVALID, "A certificate is replaced by the organisation that ordered it.",
                "证书只能由原申请单位补换发。");
        err_field(&why, "/profile");
        faults_add(faults, &why);
    }
    if (r->correction)
        return check_corrected(j, &old, faults, e);
    if (j->order.original_no == NULL || strcmp(j->order.original_no, old.number) != 0) {
        err_set(&why, ERR_INVALID, "original_no must be the number of the certificate that is replaced, %s.",
                "original_no 应为原证书编号 %s。", old.number);
        err_field(&why, "/original_no");
        faults_add(faults, &why);
    }
    (void)snprintf(j->row.replaces, sizeof j->row.replaces, "%s", old.id);
    return 0;
}

int job_check_replaced(struct job *j, struct err *e)
{
    static const char *const words[] = {[STATUS_VALID] = "有效",
                                        [STATUS_SUSPENDED] = "暂停使用",
                                        [STATUS_REVOKED] = "已撤销",
                                        [STATUS_CANCELLED] = "已注销",
                                        [STATUS_REPLACED] = "已换发"};
    struct certificate_row old;

    if (j->row.replaces[0] == '\0')
        return 0;
    if (store_certificate(&old, j->i->store, j->row.replaces, j->a, e) != 0)
        return -1;
    if (old.state != CERTIFICATE_ISSUED)
        return err_set(e, ERR_CONFLICT, "Certificate %s is not finished yet; it cannot be replaced now.",
                       "证书 %s 尚未办结，暂不能补换发。", old.number);
    if (old.status == STATUS_REPLACED || old.replaced_by[0] != '\0')
        return err_set(e, ERR_CONFLICT, "Certificate %s was replaced already.", "证书 %s 已经换发。",
                       old.number);
    if (old.status != STATUS_VALID) {
        err_set(e, ERR_CONFLICT, "Certificate %s is not valid (%s); it cannot be replaced.",
                "证书 %s 不是有效状态（%s），不能补换发。", old.number, certificate_status_name(old.status));
        (void)snprintf(e->zh, sizeof e->zh, "证书 %s %s，不能补换发。", old.number, words[old.status]);
        return -1;
    }
    if (j->request->correction && old.handed_out != 0)
        return err_set(e, ERR_CONFLICT,
                       "Certificate %s was handed out already, so two papers of one number would differ: "
                       "reissue it instead.",
                       "证书 %s 已被下载，不能再以原编号更正，请办理补换证。", old.number);
    return 0;
}

int job_hash(uint8_t hash[SHA256_SIZE], const struct job *j, const char *template_name, struct err *e)
{
    const struct issue_request *r = j->request;
    struct buf text = BUF_INIT((size_t)2 * JSON_MAX_BYTES);
    uint8_t photo[SHA256_SIZE];
    int rc = 0;

    sha256(photo, r->photo_given.len > 0 ? r->photo_given : r->photo);
    buf_printf(&text, "%s\n%s\n", j->order.canonical, template_name);
    buf_append_bytes(&text, photo, sizeof photo);
    if (r->replaces != NULL)
        buf_printf(&text, "\n%s %s", r->correction ? "corrects" : "replaces", r->replaces);
    if (buf_ok(&text))
        sha256(hash, buf_view(&text));
    else
        rc = err_no_memory(e);
    buf_dispose(&text);
    return rc;
}

/* What an order leaves out it may also give as null or "". */
static char *plain_text(const json_t *order)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)order), *value;
    const char *name;
    void *next;
    char *text;

    json_object_foreach_safe(copy, next, name, value)
    {
        if (json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0))
            (void)json_object_del(copy, name);
    }
    text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(copy);
    return text;
}

/* Whether an order that today's rules refuse is one that yesterday's have taken: then its answer stands. */
static bool taken_before(struct job *j)
{
    struct certificate_row earlier;
    struct err unasked;
    bool found = false;
    char *text;

    if (j->profile.id == NULL || j->order.biz_no == NULL || j->photo.len == 0 ||
        job_find_earlier(&earlier, &found, j, &unasked) != 0 || !found)
        return false;
    text = plain_text(j->request->order);
    found = text != NULL && strcmp(text, earlier.order_json) == 0;
    if (found)
        j->order.canonical = earlier.order_json;
    free(text);
    return found;
}

int job_check(struct job *j, const struct issue_request *r, struct faults *faults, struct err *e)
{
    struct err why;

    j->request = r;
    if (r->claim != NULL) {
        j->fixed_number = r->claim->number;
        j->row.issuer_grantee = r->claim->issuer_grantee;
        (void)snprintf(j->row.entry, sizeof j->row.entry, "%s", r->claim->entry);
    }
    if (job_check_photo(j, r->photo, &why) != 0)
        faults_add(faults, &why);
    if (certificate_order_read(&j->order, r->order, j->a, faults, e) != 0 && faults->count == 0)
        return -1;
    if (job_check_profile(j, faults, e) != 0 || check_original(j, faults, e) != 0)
        return -1;
    job_check_days(j, faults);
    if (faults->count > 0 && taken_before(j))
        faults->count = faults->left_off = 0;
    return faults_judge(faults, e);
}

int job_find_parties(struct job *j, struct err *e)
{
    const char *template_name = j->request->template_name;
    struct store *s = j->i->store;

    /* 认定 is decided without a committee */
    j->has_committee = j->profile.committee != NULL &&
                       (j->order.obtain_mode == NULL || strcmp(j->order.obtain_mode, "认定") != 0);
    if (store_organisation(&j->issuer, s, j->profile.issuer, j->a, e) != 0 ||
        (j->has_committee && store_organisation(&j->committee, s, j->profile.committee, j->a, e) != 0))
        return -1;
    return press_template(&j->template, j->i->press,
                          template_name != NULL ? template_name : j->profile.template_name, e);
}

int job_plan_seals(struct job *j, struct err *e)
{
    struct sealing_parties parties = {j->template,        &j->profile,
                                      &j->issuer,         j->has_committee ? &j->committee : NULL,
                                      j->i->service_seal, j->row.issuer_grantee};

    return sealing_plan(&j->plan, j->i->rack, j->i->signer, &parties, e);
}
