/* judgement_test.c - which line of the table an uploaded file falls on, and what of the register it shows. */
#include "api/judgement.h"
#include "base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char id[] = "00112233445566778899aabbccddeeff";
/* Three revisions: printed, sealed by the committee, sealed by the issuer; each names the certificate in /ID.
 */
static const char printed[] =
    "%PDF-1.7\nprinted\ntrailer /ID[<00112233445566778899AABBCCDDEEFF><00>]\n%%EOF\n";
static const char first[] =
    "committee /ByteRange [0 1 2 3]\ntrailer /ID [ <00112233445566778899aabbccddeeff>]\n%%EOF\n";
static const char second[] = "issuer /ByteRange [0 1 2 3]\n%%EOF\n";

struct fixture {
    char dir[64];
    struct store *store;
    struct arena a;
    struct err e;
    char whole[1024];
    struct judgement j;
};

static void put_offices(struct fixture *f)
{
    const struct organisation o = {.id = "a", .name = "甲厅"};
    const struct profile p = {.id = "p",
                              .name = "配置",
                              .organisation = "a",
                              .issuer = "a",
                              .template_name = "certificate",
                              .number_pattern = "9{seq:6}",
                              .reissue_prefix = "YB",
                              .province = "34",
                              .region = "00"};
    const uint8_t photo[SHA256_SIZE] = {0};

    assert_int_equal(store_put_organisation(f->store, &o, &f->e), 0);
    assert_int_equal(store_put_profile(f->store, &p, &f->e), 0);
    assert_int_equal(store_put_photo(f->store, photo, slice_of("jpeg"), &f->e), 0);
}

/* seals NULL: two, and the record says that they were for tests. */
static void put_certificate(struct fixture *f, const char *seals)
{
    struct certificate_row row = {.organisation = "a",
                                  .profile = "p",
                                  .issuer = "a",
                                  .biz_no = "B-1",
                                  .number = "9000001",
                                  .template_name = "certificate",
                                  .order_json = "{}",
                                  .record_json = "{\"issuer\":{\"name\":\"虚构|厅\"},\"committee\":{\"name\":"
                                                 "\"评委会\"}}",
                                  .created = 1,
                                  .issued = 2,
                                  .seals_json = seals == NULL ? "[\"committee\",\"issuer\"]" : seals};

    if (seals == NULL)
        row.record_json = "{\"test\":true}";

    memcpy(row.id, id, sizeof row.id);
    (void)snprintf(row.token, sizeof row.token, "AAAAAAAAAAAAAAAAAAAAAA");
    row.file_size = strlen(f->whole);
    sha256(row.file_sha256, slice_of(f->whole));
    assert_int_equal(store_begin(f->store, &f->e), 0);
    assert_int_equal(store_reserve(f->store, &row, &f->e), 0);
    assert_int_equal(store_commit(f->store, &f->e), 0);
    assert_int_equal(store_put_file(f->store, id, slice_of(f->whole), &f->e), 0);
    assert_int_equal(store_issued(f->store, &row, &f->e), 0);
}

static void open_with(struct fixture *f, const char *seals)
{
    memset(f, 0, sizeof *f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/judgement_test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(store_open(&f->store, f->dir, true, &f->e), 0);
    (void)snprintf(f->whole, sizeof f->whole, "%s%s%s", printed, first, second);
    put_offices(f);
    put_certificate(f, seals);
}

static void close_it(struct fixture *f)
{
    char command[128];

    store_close(f->store);
    arena_dispose(&f->a);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a path of our own making */
}

/* A verdict with so many seals; chain of each; what is not intact or allowed is the last one. */
static json_t *verdict_of(const char *kind, int seals, const char *chain, bool fine)
{
    json_t *v = json_pack("{ss ss ss s[] s[]}", "verdict", kind, "reason_en", "because", "reason_zh", "原因",
                          "seals", "revisions");

    for (int i = 0; i < seals; i++) {
        bool good = fine || i + 1 < seals;

        json_array_append_new(json_object_get(v, "seals"),
                              json_pack("{ss ss sb sb ss}", "owner", i == 0 ? "评委会" : "虚构厅", "chain",
                                        chain, "visible", 1, "intact", good, "problem_zh", "坏了"));
        json_array_append_new(json_object_get(v, "revisions"),
                              json_pack("{si sb ss ss}", "number", i + 2, "allowed", good, "change_en",
                                        "page replaced", "change_zh", "正文被替换"));
    }
    assert_non_null(v);
    return v;
}

static void judge(struct fixture *f, const char *pdf, json_t *verdict)
{
    assert_int_equal(judgement_make(&f->j, verdict, slice_of(pdf), f->store, &f->a, &f->e), 0);
    json_decref(verdict);
    assert_non_null(f->j.word_en);
    assert_non_null(f->j.word_zh);
    assert_true(strlen(f->j.sentence_en) > 5);
    assert_true(strlen(f->j.sentence_zh) > 5);
}

static void the_registered_file_is_genuine(void **state)
{
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    judge(&f, f.whole, verdict_of("genuine", 2, "trusted", true));
    assert_int_equal(f.j.kind, JUDGEMENT_GENUINE);
    assert_true(f.j.registered);
    assert_string_equal(f.j.row->id, id);
    assert_int_equal(f.j.intact_seals, 2);
    assert_string_equal(f.j.sentence_zh, "2 枚签章全部真实，签章之后只有正常的会签记录。");
    close_it(&f);
}

static void a_status_counts_more_than_genuine_bytes(void **state)
{
    static const struct {
        enum certificate_status status;
        enum judgement_kind kind;
        const char *words;
    } rows[] = {{STATUS_SUSPENDED, JUDGEMENT_SUSPENDED, "核查"},
                {STATUS_REVOKED, JUDGEMENT_REVOKED, "2026年9月3日"},
                {STATUS_CANCELLED, JUDGEMENT_CANCELLED, "2026年9月3日"}};
    struct certificate_event ev = {.moment = 1788393600, .certificate = id, .event = "x", .actor = "k"};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_with(&f, "[\"committee\",\"issuer\"]");
        ev.event = certificate_status_name(rows[i].status);
        assert_int_equal(store_change_status(f.store, id, rows[i].status, &ev, &f.e), 0);
        judge(&f, f.whole, verdict_of("genuine", 2, "trusted", true));
        assert_int_equal(f.j.kind, rows[i].kind);
        assert_non_null(strstr(f.j.sentence_zh, rows[i].words));
        assert_non_null(strstr(f.j.sentence_zh, "真实"));
        close_it(&f);
    }
}

static void test_seals_are_never_called_genuine(void **state)
{
    struct certificate_event ev = {.moment = 1788393600, .certificate = id, .event = "revoked", .actor = "k"};
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    judge(&f, f.whole, verdict_of("test", 2, "test", true));
    assert_int_equal(f.j.kind, JUDGEMENT_TEST);
    assert_null(strstr(f.j.sentence_zh, "真实"));
    assert_null(strstr(f.j.sentence_en, "enuine"));
    assert_int_equal(store_change_status(f.store, id, STATUS_REVOKED, &ev, &f.e), 0);
    judge(&f, f.whole, verdict_of("test", 2, "test", true));
    assert_int_equal(f.j.kind, JUDGEMENT_REVOKED);
    assert_null(strstr(f.j.sentence_zh, "真实"));
    assert_null(strstr(f.j.sentence_en, "enuine"));
    close_it(&f);
}

static void a_revoked_certificate_does_not_revive_by_losing_its_last_seal(void **state)
{
    char cut[1024];
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    (void)snprintf(cut, sizeof cut, "%s%s", printed, first);
    judge(&f, cut, verdict_of("genuine", 1, "trusted", true));
    assert_int_equal(f.j.kind, JUDGEMENT_ALTERED);
    assert_false(f.j.registered);
    assert_string_equal(f.j.row->id, id);
    assert_int_equal(f.j.change_count, 1);
    assert_string_equal(f.j.changes[0].zh, "虚构厅的签章被删除");
    close_it(&f);
}

static void a_stranger_s_seal_in_place_of_the_lost_one_is_noticed(void **state)
{
    char other[1024];
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    (void)snprintf(other, sizeof other, "%s%sanother office /ByteRange [0 1 2 3] that is longer\n%%%%EOF\n",
                   printed, first);
    judge(&f, other, verdict_of("genuine", 2, "trusted", true));
    assert_int_equal(f.j.kind, JUDGEMENT_ALTERED);
    assert_string_equal(f.j.changes[0].zh, "虚构厅的签章被删除");
    close_it(&f);
}

static void an_altered_file_is_known_by_its_untouched_revision(void **state)
{
    char more[2048];
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    (void)snprintf(more, sizeof more, "%snew page\n%%%%EOF\n", f.whole);
    judge(&f, more, verdict_of("altered", 2, "trusted", false));
    assert_int_equal(f.j.kind, JUDGEMENT_ALTERED);
    assert_string_equal(f.j.row->id, id);
    assert_int_equal(f.j.change_count, 2); /* a revision and a seal */
    assert_string_equal(f.j.changes[0].zh, "正文被替换");
    assert_string_equal(f.j.sentence_zh, "签章之后有 2 处改动，请勿采信。");
    close_it(&f);
}

static void an_id_alone_shows_nobody_s_certificate(void **state)
{
    char forged[1024];
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    /* the number of a certificate on a paper of one's own, even with the printed revision untouched */
    (void)snprintf(forged, sizeof forged, "%%PDF-1.7\nmine /ByteRange\ntrailer /ID[<%s><00>]\n%%%%EOF\n", id);
    judge(&f, forged, verdict_of("altered", 1, "trusted", false));
    assert_null(f.j.row);
    (void)snprintf(forged, sizeof forged, "%smine /ByteRange\n%%%%EOF\n", printed);
    judge(&f, forged, verdict_of("altered", 1, "trusted", false));
    assert_null(f.j.row);
    assert_int_equal(f.j.kind, JUDGEMENT_ALTERED);
    close_it(&f);
}

static void a_damaged_store_still_knows_its_files_by_their_digest(void **state)
{
    char more[2048];
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    assert_int_equal(store_put_file(f.store, id, slice_of("rubbish"), &f.e), 0);
    judge(&f, f.whole, verdict_of("genuine", 2, "trusted", true));
    assert_int_equal(f.j.kind, JUDGEMENT_GENUINE);
    (void)snprintf(more, sizeof more, "%srubbish", f.whole);
    judge(&f, more, verdict_of("altered", 2, "trusted", true));
    assert_string_equal(f.j.row->id, id);
    assert_string_equal(f.j.changes[0].zh, "原因");
    close_it(&f);
}

static void an_expired_chain_does_not_change_the_verdict_of_a_registered_file(void **state)
{
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    judge(&f, f.whole, verdict_of("not-trusted", 2, "expired", true));
    assert_int_equal(f.j.kind, JUDGEMENT_GENUINE);
    judge(&f, f.whole, verdict_of("not-trusted", 2, "unknown", true));
    assert_int_equal(f.j.kind, JUDGEMENT_NOT_OURS);
    assert_null(f.j.row);
    judge(&f, "%PDF-1.7 elsewhere", verdict_of("not-trusted", 2, "expired", true));
    assert_int_equal(f.j.kind, JUDGEMENT_NOT_OURS);
    judge(&f, "%PDF-1.7 elsewhere", verdict_of("not-trusted", 1, "revoked", true));
    assert_non_null(strstr(f.j.sentence_zh, "吊销"));
    close_it(&f);
}

static void an_expired_test_chain_is_still_a_test(void **state)
{
    json_t *marked;
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    marked = verdict_of("not-trusted", 1, "expired", true);
    json_object_set_new(json_array_get(json_object_get(marked, "seals"), 0), "owner",
                        json_string("虚构厅（测试）"));
    judge(&f, f.whole, marked);
    assert_int_equal(f.j.kind, JUDGEMENT_TEST);
    close_it(&f);
    open_with(&f, NULL);
    judge(&f, f.whole, verdict_of("not-trusted", 1, "expired", true));
    assert_int_equal(f.j.kind, JUDGEMENT_TEST);
    close_it(&f);
}

static void what_no_office_sealed_is_identical_or_nothing(void **state)
{
    struct certificate_event ev = {.moment = 5, .certificate = id, .event = "revoked", .actor = "k"};
    json_t *own;
    struct fixture f;

    (void)state;
    open_with(&f, "[\"service\"]");
    own = verdict_of("genuine", 1, "trusted", true);
    json_object_set_new(json_array_get(json_object_get(own, "seals"), 0), "visible", json_false());
    judge(&f, f.whole, json_incref(own));
    assert_int_equal(f.j.kind, JUDGEMENT_IDENTICAL);
    assert_int_equal(store_change_status(f.store, id, STATUS_REVOKED, &ev, &f.e), 0);
    judge(&f, f.whole, json_incref(own));
    assert_int_equal(f.j.kind, JUDGEMENT_REVOKED);
    judge(&f, "%PDF-1.7 unknown", own);
    assert_int_equal(f.j.kind, JUDGEMENT_GENUINE);
    assert_null(f.j.row);
    assert_non_null(strstr(f.j.sentence_zh, "没有单位签章"));
    close_it(&f);
}

static void unsigned_and_unreadable_files_are_told_apart(void **state)
{
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    judge(&f, printed, verdict_of("not-signed", 0, "", true));
    assert_int_equal(f.j.kind, JUDGEMENT_NOT_SIGNED);
    assert_null(f.j.row);
    judge(&f, "%PDF-1.7 garbage", verdict_of("unsupported", 0, "", true));
    assert_int_equal(f.j.kind, JUDGEMENT_UNREADABLE);
    assert_string_equal(f.j.sentence_zh, "原因");
    assert_true(judgement_is_pdf(slice_of("junk %PDF-1.4")));
    assert_false(judgement_is_pdf(slice_of("\xFF\xD8\xFF")));
    assert_false(judgement_is_pdf((struct slice){NULL, 0}));
    close_it(&f);
}

static void ids_cut_short_at_the_end_are_no_ids(void **state)
{
    char text[1024];
    struct fixture f;

    (void)state;
    open_with(&f, "[\"committee\",\"issuer\"]");
    (void)snprintf(text, sizeof text,
                   "%%PDF-1.7 /ByteRange /ID/ID[/ID[[<%s> /ID[<zz112233445566778899aabbccddeeff> "
                   "/ID [<%s",
                   id, id);
    for (size_t len = 0; len <= strlen(text); len++) {
        char *copy = malloc(len + 1); /* so that a step too far is noticed */

        assert_non_null(copy);
        memcpy(copy, text, len);
        copy[len] = '\0';
        judge(&f, copy, verdict_of("altered", 1, "trusted", false));
        assert_null(f.j.row);
        free(copy);
    }
    close_it(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_registered_file_is_genuine),
        cmocka_unit_test(a_status_counts_more_than_genuine_bytes),
        cmocka_unit_test(test_seals_are_never_called_genuine),
        cmocka_unit_test(a_revoked_certificate_does_not_revive_by_losing_its_last_seal),
        cmocka_unit_test(a_stranger_s_seal_in_place_of_the_lost_one_is_noticed),
        cmocka_unit_test(an_altered_file_is_known_by_its_untouched_revision),
        cmocka_unit_test(an_id_alone_shows_nobody_s_certificate),
        cmocka_unit_test(a_damaged_store_still_knows_its_files_by_their_digest),
        cmocka_unit_test(an_expired_chain_does_not_change_the_verdict_of_a_registered_file),
        cmocka_unit_test(an_expired_test_chain_is_still_a_test),
        cmocka_unit_test(what_no_office_sealed_is_identical_or_nothing),
        cmocka_unit_test(unsigned_and_unreadable_files_are_told_apart),
        cmocka_unit_test(ids_cut_short_at_the_end_are_no_ids)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
