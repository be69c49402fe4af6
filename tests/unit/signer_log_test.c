/* signer_log_test.c - the log of what was sealed shows removal, insertion and change. */
#include "base/file.h"
#include "sign/signer_log_internal.h"
#include "signer_fixture.h"
#include <fcntl.h>

enum { LINES = 2500, NOON = 1800000000 };

struct book {
    struct fixture f;
    char log[64], heads[64];
    struct signer_log_key key;
    int log_fd, heads_fd;
    struct signer_log *open;
};

static void book_open(struct book *b, int64_t now)
{
    struct err e;

    b->log_fd = open(b->log, O_RDWR | O_CREAT, 0600);
    b->heads_fd = open(b->heads, O_RDWR | O_CREAT | O_APPEND, 0600);
    if (signer_log_open(&b->open, b->log_fd, b->heads_fd, now, &e) != 0)
        fail_msg("%s", e.en);
}

static void book_close(struct book *b, int64_t now)
{
    signer_log_close(b->open, &b->key, now);
    (void)close(b->log_fd);
    (void)close(b->heads_fd);
    b->open = NULL;
}

static void book_make(struct book *b)
{
    char path[128];
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    struct err e;

    memset(b, 0, sizeof *b);
    fixture_make(&b->f);
    (void)snprintf(b->log, sizeof b->log, "%s/keys/log/seals.log", b->f.dir);
    (void)snprintf(b->heads, sizeof b->heads, "%s/keys/log/heads.log", b->f.dir);
    (void)snprintf(path, sizeof path, "%s/keys/%s.key", b->f.dir, b->f.service);
    assert_int_equal(file_read(&pem, path, &e), 0);
    b->key.seal_id = b->f.service;
    assert_int_equal(key_read(&b->key.key, buf_view(&pem), path, &e), 0);
    buf_dispose(&pem);
    book_open(b, NOON);
}

static void book_write(struct book *b, int count, int64_t now)
{
    struct err e;

    for (int i = 0; i < count; i++) {
        char what[256];

        (void)snprintf(what, sizeof what, "seal=%032d grant=service journal=%032d digest=%064d", 1, i, i);
        assert_int_equal(signer_log_append(b->open, what, now, &e), 0);
        assert_int_equal(signer_log_tend(b->open, &b->key, now, &e), 0);
    }
}

static void book_remove(struct book *b)
{
    EVP_PKEY_free(b->key.key);
    fixture_remove(&b->f);
}

static void slurp(struct buf *out, const char *path)
{
    struct err e;

    assert_int_equal(file_read(out, path, &e), 0);
}

static void must_be_whole(const struct book *b, struct signer_log_report *r)
{
    struct err e;

    if (signer_log_check(r, b->f.dir, NULL, &e) != 0)
        fail_msg("%s", e.en);
}

/* The file with [at, at + drop) replaced by with is not accepted, and then is as it was. */
static void must_notice(const struct book *b, const char *path, size_t at, size_t drop, const char *with)
{
    struct buf old = BUF_INIT(1 << 24), new = BUF_INIT(1 << 24);
    struct signer_log_report r;
    struct err e;

    slurp(&old, path);
    buf_append(&new, slice_part(buf_view(&old), 0, at));
    buf_append_text(&new, with);
    buf_append(&new, slice_part(buf_view(&old), at + drop, old.len));
    assert_int_equal(file_write(path, buf_view(&new), 0600, &e), 0);
    assert_int_equal(signer_log_check(&r, b->f.dir, NULL, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_int_equal(file_write(path, buf_view(&old), 0600, &e), 0);
    buf_dispose(&old);
    buf_dispose(&new);
}

/* Where line n (from 0) begins, and its length with its end. */
static size_t line_at(const struct buf *text, size_t n, size_t *len)
{
    size_t at = 0, end;

    for (;; n--) {
        end = slice_find(buf_view(text), at, slice_of("\n")) + 1;
        if (n == 0)
            break;
        at = end;
    }
    *len = end - at;
    return at;
}

static void a_log_is_whole_and_has_a_head_each_thousand_lines_each_day_and_at_the_end(void **state)
{
    struct signer_log_report r;
    struct book b;

    (void)state;
    book_make(&b);
    book_write(&b, LINES, NOON);
    book_write(&b, 10, NOON + 86400);
    book_close(&b, NOON + 86400);
    must_be_whole(&b, &r);
    assert_int_equal(r.lines, LINES + 10);
    assert_int_equal(r.signatures, LINES + 10);
    assert_int_equal(r.heads, 4);
    assert_int_equal(r.signed_lines, LINES + 10);
    book_open(&b, NOON + 86400);
    book_close(&b, NOON + 86400); /* nothing new, no new head */
    must_be_whole(&b, &r);
    assert_int_equal(r.heads, 4);
    book_remove(&b);
}

static void a_removed_inserted_or_changed_line_is_noticed(void **state)
{
    struct buf text = BUF_INIT(1 << 24);
    size_t at, len, digest;
    char *copy;
    struct book b;

    (void)state;
    book_make(&b);
    book_write(&b, 20, NOON);
    book_close(&b, NOON);
    slurp(&text, b.log);
    for (size_t n = 0; n < 20; n += 19) { /* the first and the last */
        at = line_at(&text, n, &len);
        must_notice(&b, b.log, at, len, "");
    }
    at = line_at(&text, 7, &len);
    copy = strndup((const char *)text.data + at, len);
    must_notice(&b, b.log, at, len, "");
    must_notice(&b, b.log, at, 0, copy);
    must_notice(&b, b.log, at, 0, "seq=8 hello\n");
    must_notice(&b, b.log, at, 0, "\n");
    digest = slice_find(buf_view(&text), at, slice_of("digest=")) + 10;
    must_notice(&b, b.log, digest, 1, "f");
    must_notice(&b, b.log, at + 4, 1, "9");
    must_notice(&b, b.log, 0, text.len, "");
    must_notice(&b, b.log, text.len - 1, 1, "");
    free(copy);
    buf_dispose(&text);
    book_remove(&b);
}

/* Recomputes a chain with one line less, or with another digest in it (changed): what somebody with the
 * signer's rights, but no key, can do. */
static void rewrite(const struct book *b, size_t victim, bool changed)
{
    struct buf old = BUF_INIT(1 << 24), new = BUF_INIT(1 << 24);
    struct log_position p;
    char line[LOG_LINE_MAX];
    struct err e;

    slurp(&old, b->log);
    log_position_start(&p);
    for (size_t n = 0; n < 20; n++) {
        size_t len, at = line_at(&old, n, &len);
        const char *what = strstr((const char *)old.data + at, " seal=") + 1;
        char *cut = strndup(what, (size_t)(strstr(what, " prev=") - what));

        if (n == victim)
            cut[strlen(cut) - 1] = 'f';
        if (n != victim || changed)
            buf_append_bytes(&new, line, log_line_write(line, sizeof line, &p, cut, NOON));
        free(cut);
    }
    assert_int_equal(file_write(b->log, buf_view(&new), 0600, &e), 0);
    buf_dispose(&old);
    buf_dispose(&new);
}

static void a_log_rewritten_with_a_fresh_chain_is_noticed_by_its_heads(void **state)
{
    struct buf kept = BUF_INIT(4096);
    struct signer_log_report r;
    struct book b;
    struct err e;

    (void)state;
    book_make(&b);
    book_write(&b, 20, NOON);
    book_close(&b, NOON);
    slurp(&kept, b.heads);
    assert_int_equal(signer_log_check(&r, b.f.dir, buf_text(&kept), &e), 0);
    rewrite(&b, 4, true);
    assert_int_equal(signer_log_check(&r, b.f.dir, NULL, &e), -1);
    assert_non_null(strstr(e.en, "head"));
    rewrite(&b, 4, false);
    assert_int_equal(signer_log_check(&r, b.f.dir, NULL, &e), -1);
    assert_non_null(strstr(e.en, "head"));
    /* without the heads nothing inside shows it; the head that was kept elsewhere does */
    assert_int_equal(file_write(b.heads, slice_of(""), 0600, &e), 0);
    assert_int_equal(signer_log_check(&r, b.f.dir, NULL, &e), 0);
    assert_int_equal(signer_log_check(&r, b.f.dir, buf_text(&kept), &e), -1);
    kept.data[10] ^= 1;
    assert_int_equal(signer_log_check(&r, b.f.dir, buf_text(&kept), &e), -1);
    assert_int_equal(signer_log_check(&r, b.f.dir, "seq=1", &e), -1);
    buf_dispose(&kept);
    book_remove(&b);
}

static void even_the_last_line_without_a_head_is_held_by_its_own_hash(void **state)
{
    struct signer_log_key none = {NULL, NULL};
    struct buf text = BUF_INIT(1 << 20);
    size_t at, len;
    struct book b;

    (void)state;
    book_make(&b);
    book_write(&b, 5, NOON);
    signer_log_close(b.open, &none, NOON);
    (void)close(b.log_fd);
    (void)close(b.heads_fd);
    slurp(&text, b.log);
    at = line_at(&text, 4, &len);
    must_notice(&b, b.log, at + 5, 0, "x");
    must_notice(&b, b.log, slice_find(buf_view(&text), at, slice_of("digest=")) + 9, 1, "f");
    buf_dispose(&text);
    book_remove(&b);
}

static void a_head_with_a_foreign_signature_is_noticed(void **state)
{
    struct buf heads = BUF_INIT(1 << 20);
    struct book b;
    size_t at;

    (void)state;
    book_make(&b);
    book_write(&b, 3, NOON);
    book_close(&b, NOON);
    slurp(&heads, b.heads);
    at = slice_find(buf_view(&heads), 0, slice_of(" sig=")) + 5;
    must_notice(&b, b.heads, at + 20, 1, heads.data[at + 20] == '0' ? "1" : "0");
    must_notice(&b, b.heads, at, heads.len - at - 1, "00");
    at = slice_find(buf_view(&heads), 0, slice_of("time=")) + 5;
    must_notice(&b, b.heads, at, 4, "1999");
    buf_dispose(&heads);
    book_remove(&b);
}

static void append_raw(const char *path, const char *bytes)
{
    FILE *out = fopen(path, "a");

    assert_true(fputs(bytes, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void a_torn_end_is_cut_and_noted_and_the_chain_goes_on(void **state)
{
    struct signer_log_report r;
    struct book b;

    (void)state;
    book_make(&b);
    book_write(&b, 5, NOON);
    book_close(&b, NOON);
    append_raw(b.log, "seq=6 time=2027-01-1");
    append_raw(b.heads, "seq=6 end=");
    book_open(&b, NOON);
    book_write(&b, 2, NOON);
    book_close(&b, NOON);
    must_be_whole(&b, &r);
    assert_int_equal(r.lines, 8);
    assert_int_equal(r.cuts, 1);
    assert_int_equal(r.heads, 2);
    book_remove(&b);
}

static void lines_after_a_kill_are_kept(void **state)
{
    struct signer_log_report r;
    struct book b;
    struct err e;

    (void)state;
    book_make(&b);
    book_write(&b, 5, NOON);
    book_close(&b, NOON);
    book_open(&b, NOON);
    book_write(&b, 3, NOON);
    {
        struct signer_log_key none = {NULL, NULL}; /* as if killed: no head */

        signer_log_close(b.open, &none, NOON);
    }
    (void)close(b.log_fd);
    (void)close(b.heads_fd);
    assert_int_equal(signer_log_check(&r, b.f.dir, NULL, &e), 0);
    assert_int_equal(r.signed_lines, 5);
    assert_int_equal(r.lines, 8);
    book_open(&b, NOON);
    book_write(&b, 1, NOON);
    book_close(&b, NOON);
    must_be_whole(&b, &r);
    assert_int_equal(r.lines, 9);
    assert_int_equal(r.signed_lines, 9);
    book_remove(&b);
}

static void a_signer_does_not_go_on_from_a_log_that_lost_what_was_signed(void **state)
{
    struct buf text = BUF_INIT(1 << 20);
    struct book b;
    struct err e;

    (void)state;
    book_make(&b);
    book_write(&b, 5, NOON);
    book_close(&b, NOON);
    slurp(&text, b.log);
    text.data[text.len - 10] ^= 1;
    assert_int_equal(file_write(b.log, buf_view(&text), 0600, &e), 0);
    b.log_fd = open(b.log, O_RDWR);
    b.heads_fd = open(b.heads, O_RDWR | O_APPEND);
    assert_int_equal(signer_log_open(&b.open, b.log_fd, b.heads_fd, NOON, &e), -1);
    assert_int_equal(e.code, ERR_INTERNAL);
    assert_int_equal(ftruncate(b.log_fd, 100), 0);
    assert_int_equal(signer_log_open(&b.open, b.log_fd, b.heads_fd, NOON, &e), -1);
    (void)close(b.log_fd);
    (void)close(b.heads_fd);
    buf_dispose(&text);
    book_remove(&b);
}

static void a_bad_head_with_others_behind_it_is_no_torn_end(void **state)
{
    struct buf heads = BUF_INIT(1 << 20), after = BUF_INIT(1 << 20);
    struct book b;
    struct err e;

    (void)state;
    book_make(&b);
    book_write(&b, 5, NOON);
    book_close(&b, NOON);
    book_open(&b, NOON);
    book_write(&b, 5, NOON);
    book_close(&b, NOON);
    slurp(&heads, b.heads);
    heads.data[1] = 'x'; /* of the first */
    assert_int_equal(file_write(b.heads, buf_view(&heads), 0600, &e), 0);
    b.log_fd = open(b.log, O_RDWR);
    b.heads_fd = open(b.heads, O_RDWR | O_APPEND);
    assert_int_equal(signer_log_open(&b.open, b.log_fd, b.heads_fd, NOON, &e), -1);
    assert_int_equal(e.code, ERR_INTERNAL);
    slurp(&after, b.heads); /* what is evidence stays */
    assert_int_equal(after.len, heads.len);
    (void)close(b.log_fd);
    (void)close(b.heads_fd);
    buf_dispose(&heads);
    buf_dispose(&after);
    book_remove(&b);
}

static void a_place_without_a_log_says_so(void **state)
{
    struct signer_log_report r;
    struct err e;

    (void)state;
    assert_int_equal(signer_log_check(&r, "/nonexistent", NULL, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_is_whole_and_has_a_head_each_thousand_lines_each_day_and_at_the_end),
        cmocka_unit_test(a_removed_inserted_or_changed_line_is_noticed),
        cmocka_unit_test(a_log_rewritten_with_a_fresh_chain_is_noticed_by_its_heads),
        cmocka_unit_test(even_the_last_line_without_a_head_is_held_by_its_own_hash),
        cmocka_unit_test(a_head_with_a_foreign_signature_is_noticed),
        cmocka_unit_test(a_torn_end_is_cut_and_noted_and_the_chain_goes_on),
        cmocka_unit_test(lines_after_a_kill_are_kept),
        cmocka_unit_test(a_signer_does_not_go_on_from_a_log_that_lost_what_was_signed),
        cmocka_unit_test(a_bad_head_with_others_behind_it_is_no_torn_end),
        cmocka_unit_test(a_place_without_a_log_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
