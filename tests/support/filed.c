/* filed.c - filings to make certificates of. */
#include "support/filed.h"
#include "base/digest.h"
#include "image/photo.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct filing_actor filed_organiser = {"command line", NULL, 0};
int64_t filed_now;
static int listener = -1;
static pid_t signer;

int64_t filed_clock(void)
{
    return filed_now;
}

void filed_signer_start(void)
{
    struct signer_identity who = {getuid(), getuid(), getgid(), getgid(), false};
    struct err e;

    if (listener < 0)
        assert_int_equal(signer_listen(&listener, issuing_dir, &who, &e), 0);
    if (signer_start(&signer, listener, issuing_dir, &who, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
}

void filed_signer_stop(void)
{
    if (signer == 0)
        return;
    assert_int_equal(kill(signer, SIGTERM), 0);
    assert_int_equal(waitpid(signer, NULL, 0), signer);
    signer = 0;
}

void filed_signer_forget(void)
{
    filed_signer_stop();
    if (listener >= 0)
        (void)close(listener);
    listener = -1;
}

static void put_photo(char id[CERTIFICATE_ID_SIZE], struct store *s)
{
    struct upload u = {.crop_json = "{}",
                       .media_type = "image/jpeg",
                       .source_width = 413,
                       .source_height = 579,
                       .width = 413,
                       .height = 579,
                       .created = filed_now};
    uint8_t bytes[16];
    struct err e;

    assert_int_equal(random_bytes(bytes, sizeof bytes, &e), 0);
    hex_encode(u.id, (struct slice){bytes, sizeof bytes});
    sha256(u.original, buf_view(&issuing_photo));
    sha256(u.photo, buf_view(&issuing_photo));
    if (store_put_upload(s, &u, buf_view(&issuing_photo), buf_view(&issuing_photo), &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    memcpy(id, u.id, sizeof u.id);
}

static struct entry entry_of(const struct filed_list *list, size_t row, char document[32])
{
    static const char *const levels[] = {"正高级", "副高级"};
    struct entry entry = {.serial = (unsigned)row,
                          .name = row == 2 && list->odd_name != NULL ? list->odd_name : "欧阳琢颜",
                          .id_type = "护照",
                          .id_number = document,
                          .gender = "女",
                          .birth_date = "1985-02-12",
                          .employer = "虚构市第一人民医院",
                          .series_code = "05",
                          .series_name = "卫生",
                          .specialty = "心血管内科",
                          .title = "主任医师",
                          .level = levels[row % 3 == 0],
                          .obtain_mode = "评审",
                          .obtained_date = "2025-12-20",
                          .certificate_no = row == 3 ? list->given_no : NULL};

    (void)snprintf(document, 32, "E%08zu", row);
    return entry;
}

static void add_row(struct store *s, const char *filing, const struct filed_list *list, size_t row,
                    const char *photo)
{
    char document[32];
    struct entry entry = entry_of(list, row, document);
    struct person person = {.organisation = "unsealed",
                            .name = entry.name,
                            .id_type = entry.id_type,
                            .id_number = document,
                            .gender = entry.gender,
                            .birth_date = entry.birth_date};
    struct entry_row r = {.position = (unsigned)row,
                          .serial = (unsigned)row,
                          .name = entry.name,
                          .id_type = entry.id_type,
                          .id_number = document};
    json_t *json = entry_json(&entry);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    struct err e;
    bool made;

    r.data_json = text;
    (void)snprintf(r.filing, sizeof r.filing, "%s", filing);
    (void)snprintf(r.photo_id, sizeof r.photo_id, "%s", photo);
    assert_int_equal(store_put_person(&person, &made, s, filed_now, &e), 0);
    memcpy(r.person, person.id, sizeof r.person);
    if (store_add_entry(s, &r, filed_now, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    free(text);
    json_decref(json);
}

static void approve(struct store *s, const char *id)
{
    static const char *const moves[] = {"submitted", "passed"};
    struct err e;

    for (size_t k = 0; k < 2; k++) {
        struct filing_event ev = {
            .moment = filed_now, .filing = id, .event = moves[k], .actor = "command line"};

        if (store_move_filing(s, &ev, NULL, &e) != 0)
            fail_msg("%s (%s)", e.en, e.detail);
    }
}

void filed_make(char id[CERTIFICATE_ID_SIZE], struct store *s, const struct filed_list *list)
{
    struct filing_row f = {.organisation = strcmp(list->issuer, "unsealed") == 0 ? "counted" : "unsealed",
                           .profile = list->profile,
                           .issuer = list->issuer,
                           .committee = "committee",
                           .name = "2025 年度卫生系列高级职称",
                           .approval_no = "皖测社秘〔2026〕1号",
                           .type = "评审",
                           .year = 2025,
                           .issue_date = "2026-01-15",
                           .created = filed_now};
    char photo[CERTIFICATE_ID_SIZE] = "";
    struct err e;

    if (store_add_filing(s, &f, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    memcpy(id, f.id, sizeof f.id);
    if (!list->no_photos)
        put_photo(photo, s);
    assert_int_equal(store_begin(s, &e), 0);
    for (size_t row = 1; row <= list->rows; row++)
        add_row(s, f.id, list, row, photo);
    assert_int_equal(store_commit(s, &e), 0);
    approve(s, f.id);
}

struct workbench *filed_bench(const char *name)
{
    struct workbench *b;
    struct err e;

    if (workbench_open(&b, issuing_dir, issuing_press, NULL, NULL, name, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    workbench_set_clock(b, filed_clock);
    return b;
}

void filed_work(struct workbench *b)
{
    bool did = true;
    struct err e;

    while (did) {
        if (workbench_step(b, &did, &e) != 0)
            fail_msg("%s (%s)", e.en, e.detail);
    }
}

void filed_accession(struct store *s, struct workbench *b, const char *id)
{
    char job[CERTIFICATE_ID_SIZE];
    struct err e;

    filed_now += 2; /* benches look for jobs once a second */
    if (filing_accession(job, s, id, &filed_organiser, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    filed_work(b);
}
