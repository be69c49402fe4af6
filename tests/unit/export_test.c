/* export_test.c - an export is frozen, whole, the same for everybody, and never gives wrong bytes. */
#include "filing/export.h"
#include "unit/store_filing_fixture.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const struct filing_actor everybody = {.id = "command line", .now = 10000};

/* --- a filing whose certificates are made --- */

static struct store *open_store(void)
{
    struct store *s = open_with_offices();

    put_photo(s, "u1");
    return s;
}

/* The file of certificate n: some hundred bytes to some ten thousand. */
static void file_of(struct buf *out, unsigned n)
{
    buf_printf(out, "%%PDF-2.0 of certificate %u\n", n);
    for (unsigned i = 0; i < n * 7919 % 30011; i++)
        buf_append_char(out, (char)(i * n + i / 255));
}

/* Makes the certificate of the next entries of the queue; ids from `first` on. */
static void make_certificates(struct store *s, const char *prefix, unsigned first, unsigned count)
{
    struct arena a = ARENA_INIT;
    struct claim c = {.count = 0};
    unsigned at = 0;
    struct err e;

    for (unsigned n = 0; n < count; n++) {
        struct buf pdf = BUF_INIT(1 << 20);
        struct sample m;
        char number[32], record[200];

        if (at == c.count) {
            assert_done(store_claim(&c, count - n < CLAIM_MAX ? count - n : CLAIM_MAX, s, "w", 5000, &a, &e),
                        e);
            assert_true(c.count > 0);
            at = 0;
        }
        (void)sample_make(&m, first + n);
        file_of(&pdf, first + n);
        (void)snprintf(number, sizeof number, "%s", c.entries[at].number);
        (void)snprintf(record, sizeof record, "{\"name\":\"%s\",\"id_number\":\"%s\",\"year\":2025}",
                       c.entries[at].name, c.entries[at].id_number);
        (void)snprintf(m.text, sizeof m.text, "%s%u", prefix, first + n);
        m.row.organisation = c.filing.organisation;
        m.row.issuer = c.filing.issuer;
        m.row.number = number;
        m.row.biz_no = m.text;
        m.row.record_json = record;
        m.row.issued = 6000 + n;
        memcpy(m.row.entry, c.entries[at].id, sizeof m.row.entry);
        m.row.file_size = pdf.len;
        sha256(m.row.file_sha256, buf_view(&pdf));
        m.row.file_crc32 = crc32_of(buf_view(&pdf));
        assert_done(store_reserve_entry(s, &m.row, c.entries[at].fence, &e), e);
        assert_done(store_put_file(s, m.row.id, buf_view(&pdf), &e), e);
        assert_done(store_issued(s, &m.row, &e), e);
        buf_dispose(&pdf);
        at++;
    }
    arena_dispose(&a);
}

static void path_of(char out[160], unsigned n)
{
    (void)snprintf(out, 160, "%s/files/00/%032x.pdf", dir, n);
}

static void freeze(struct export_row *x, struct store *s, const struct export_order *o, struct arena *a)
{
    struct err e;

    assert_done(export_freeze(x, s, o, &everybody, a, &e), e);
}

static struct export_archive *open_export(struct store *s, const char *id)
{
    struct export_archive *x;
    struct err e;

    assert_done(export_open(&x, s, id, 10000, &e), e);
    return x;
}

static uint8_t *read_whole(struct export_archive *x)
{
    uint8_t *bytes = malloc(export_size(x) + 1);
    struct export_reader *r;
    struct err e;

    assert_non_null(bytes);
    assert_done(export_reader_open(&r, export_ref(x), &e), e);
    assert_done(export_read(r, 0, bytes, export_size(x), &e), e);
    bytes[export_size(x)] = '\0';
    export_reader_close(r);
    return bytes;
}

/* --- the archive as somebody unpacks it --- */

struct unpacked {
    int fd;
    struct zip_reader *z;
};

static struct unpacked unpack(struct export_archive *x)
{
    const struct zip_limits limits = {UINT64_MAX, 300000, UINT64_MAX, UINT64_MAX};
    struct unpacked u = {.fd = memfd_create("export", MFD_CLOEXEC)};
    uint8_t *bytes = read_whole(x);
    struct err e;

    assert_int_equal(write(u.fd, bytes, export_size(x)), export_size(x));
    assert_done(zip_reader_open(&u.z, u.fd, 0, export_size(x), &limits, &e), e);
    free(bytes);
    return u;
}

static void put_away(struct unpacked *u)
{
    zip_reader_close(u->z);
    close(u->fd);
}

/* The file of that name; the caller disposes of it. */
static struct buf content_of(struct unpacked *u, const char *name)
{
    struct buf out = BUF_INIT(SIZE_MAX);
    struct err e;

    for (size_t i = 0; i < zip_reader_count(u->z); i++) {
        struct zip_entry entry;

        assert_done(zip_entry_at(&entry, u->z, i, &e), e);
        if (strcmp(entry.name, name) != 0)
            continue;
        assert_done(zip_extract(&out, u->z, i, &e), e);
        assert_non_null(buf_text(&out));
        return out;
    }
    fail_msg("%s is not in the archive", name);
    return out;
}

static void expect_in_manifest(struct unpacked *u, const char *text)
{
    struct buf manifest = content_of(u, "manifest.csv");

    if (strstr((const char *)manifest.data, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, (const char *)manifest.data);
    buf_dispose(&manifest);
}

static void all_that_is_made_is_in_it_and_all_else_is_listed(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", 5, "u1");
    struct export_order o = {.filing = f.id};
    struct arena a = ARENA_INIT;
    struct export_archive *x;
    struct export_row row;
    struct unpacked u;
    struct buf got, wanted = BUF_INIT(1 << 20);
    struct zip_entry last;
    struct err e;

    (void)state;
    make_certificates(s, "b", 1, 3);
    freeze(&row, s, &o, &a);
    assert_int_equal(row.files, 3);
    assert_int_equal(row.missing, 2);
    assert_string_equal(row.file_name, "2025年度评审_证书.zip");
    assert_string_equal(row.organisation, "a");
    assert_string_equal(row.filing, f.id);
    x = open_export(s, row.id);
    assert_int_equal(export_size(x), row.size);
    assert_string_equal(export_file_name(x), row.file_name);
    u = unpack(x);
    assert_int_equal(zip_reader_count(u.z), 5);
    got = content_of(&u, "NA2_张三.pdf");
    file_of(&wanted, 2);
    assert_true(slice_equal(buf_view(&got), buf_view(&wanted)));
    buf_dispose(&got);
    got = content_of(&u, "manifest.csv");
    assert_memory_equal(got.data,
                        "\xEF\xBB\xBF"
                        "序号,证书编号,姓名,证件号码,状态,说明,文件名,SHA-256\r\n1,NA1,张三,",
                        strlen("xxx序号,证书编号,姓名,证件号码,状态,说明,文件名,SHA-256\r\n1,NA1,张三,"));
    assert_null(strstr((const char *)got.data, "34000000000001")); /* masked */
    buf_dispose(&got);
    expect_in_manifest(&u, ",已生成,,NA2_张三.pdf,");
    expect_in_manifest(&u, "\r\n5,NA5,张三,");
    expect_in_manifest(&u, ",排队中,,,\r\n");
    assert_int_equal(zip_entry_at(&last, u.z, 4, &e), 0);
    assert_string_equal(last.name, "SHA256SUMS");
    put_away(&u);
    export_close(x);
    buf_dispose(&wanted);
    arena_dispose(&a);
    store_close(s);
}

static void its_sums_are_those_that_sha256sum_finds(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", 4, "u1");
    struct export_order o = {.filing = f.id};
    struct arena a = ARENA_INIT;
    struct export_archive *x;
    struct export_row row;
    struct unpacked u;
    char path[200];
    struct err e;

    (void)state;
    make_certificates(s, "b", 1, 4);
    freeze(&row, s, &o, &a);
    x = open_export(s, row.id);
    u = unpack(x);
    (void)snprintf(path, sizeof path, "%s/out", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < zip_reader_count(u.z); i++) {
        struct buf content = BUF_INIT(SIZE_MAX);
        struct zip_entry entry;

        assert_done(zip_entry_at(&entry, u.z, i, &e), e);
        (void)snprintf(path, sizeof path, "%s/out/%s", dir, entry.name);
        assert_done(zip_extract(&content, u.z, i, &e), e);
        assert_done(file_write(path, buf_view(&content), 0600, &e), e);
        buf_dispose(&content);
    }
    (void)snprintf(path, sizeof path, "cd %s/out && sha256sum --quiet --strict -c SHA256SUMS", dir);
    assert_int_equal(system(path), 0); /* NOLINT(cert-env33-c): a path of our own making */
    (void)snprintf(path, sizeof path, "cd %s/out && test $(wc -l < SHA256SUMS) = 5", dir);
    assert_int_equal(system(path), 0); /* NOLINT(cert-env33-c) */
    put_away(&u);
    export_close(x);
    arena_dispose(&a);
    store_close(s);
}

static void the_same_list_is_the_same_archive_for_ever(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", 6, "u1");
    struct export_order o = {.filing = f.id};
    struct certificate_event ev = {.moment = 9000, .actor = "k", .reason = "材料,虚假"};
    struct arena a = ARENA_INIT;
    struct export_archive *first, *second;
    struct certificate_row certificate;
    struct export_row row, again, later;
    char id[CERTIFICATE_ID_SIZE];
    uint8_t *bytes, *same;
    struct unpacked u;
    struct err e;

    (void)state;
    make_certificates(s, "b", 1, 4);
    freeze(&row, s, &o, &a);
    first = open_export(s, row.id);
    bytes = read_whole(first);
    freeze(&again, s, &o, &a);
    assert_string_equal(again.id, row.id);
    /* what happens afterwards changes nothing in it */
    (void)snprintf(id, sizeof id, "%032x", 2);
    assert_done(store_change_status(s, id, STATUS_REVOKED, &ev, &e), e);
    make_certificates(s, "b", 5, 1);
    second = open_export(s, row.id);
    same = read_whole(second);
    assert_int_equal(export_size(first), export_size(second));
    assert_memory_equal(bytes, same, export_size(first));
    assert_string_equal(export_etag(first), export_etag(second));
    /* but a new one knows */
    freeze(&later, s, &o, &a);
    assert_string_not_equal(later.id, row.id);
    assert_int_equal(later.files, 4);
    assert_int_equal(later.missing, 2);
    free(same);
    export_close(second);
    second = open_export(s, later.id);
    assert_string_not_equal(export_etag(first), export_etag(second));
    u = unpack(second);
    expect_in_manifest(&u, ",已撤销,\"材料,虚假\",,\r\n");
    put_away(&u);
    /* and what left the house is known to have */
    for (unsigned n = 1; n <= 5; n++) {
        (void)snprintf(id, sizeof id, "%032x", n);
        assert_done(store_certificate(&certificate, s, id, &a, &e), e);
        assert_true(certificate.handed_out == 10000);
    }
    free(bytes);
    export_close(first);
    export_close(second);
    arena_dispose(&a);
    store_close(s);
}

static void a_choice_is_in_the_order_of_the_list(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", 5, "u1");
    struct arena a = ARENA_INIT;
    struct entry_row rows[5];
    const char *ids[3];
    struct export_order o = {.filing = f.id, .ids = ids, .id_count = 3};
    struct export_archive *x;
    struct export_row row;
    struct zip_entry entry;
    struct unpacked u;
    size_t count;
    struct err e;

    (void)state;
    make_certificates(s, "b", 1, 5);
    assert_done(store_next_entries(rows, 5, &count, s, f.id, 0, &a, &e), e);
    ids[0] = rows[3].id;
    ids[1] = rows[1].id;
    ids[2] = rows[3].id; /* twice is once */
    freeze(&row, s, &o, &a);
    x = open_export(s, row.id);
    u = unpack(x);
    assert_int_equal(zip_reader_count(u.z), 4);
    assert_done(zip_entry_at(&entry, u.z, 0, &e), e);
    assert_string_equal(entry.name, "NA2_张三.pdf");
    assert_done(zip_entry_at(&entry, u.z, 1, &e), e);
    assert_string_equal(entry.name, "NA4_张三.pdf");
    put_away(&u);
    export_close(x);
    ids[1] = "no such id";
    assert_refused(export_freeze(&row, s, &o, &everybody, &a, &e), e, ERR_NOT_FOUND);
    assert_non_null(strstr(e.en, "no such id"));
    arena_dispose(&a);
    store_close(s);
}

static void without_photos_the_refusal_says_so(void **state)
{
    struct store *s = open_store();
    struct filing_row none = filing_in_queue(s, "a", "A", 2, NULL),
                      waits = filing_in_queue(s, "a", "B", 2, "u1");
    struct export_order o = {.filing = none.id};
    struct arena a = ARENA_INIT;
    struct export_row row;
    struct err e;

    (void)state;
    assert_refused(export_freeze(&row, s, &o, &everybody, &a, &e), e, ERR_CONFLICT);
    assert_non_null(strstr(e.zh, "未上传照片，证书未生成，只能查看，不能下载"));
    o.filing = waits.id;
    assert_refused(export_freeze(&row, s, &o, &everybody, &a, &e), e, ERR_CONFLICT);
    assert_null(strstr(e.zh, "照片"));
    arena_dispose(&a);
    store_close(s);
}

static void who_may_not_see_a_certificate_gets_no_archive_of_it(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", 2, "u1");
    const struct filing_actor stranger = {.id = "k", .organisation = "c", .now = 10000},
                              owner = {.id = "k", .organisation = "a", .now = 10000};
    char id[CERTIFICATE_ID_SIZE];
    const char *ids[] = {id};
    struct export_order whole = {.filing = f.id}, one = {.ids = ids, .id_count = 1};
    struct certificate_row certificate;
    struct arena a = ARENA_INIT;
    struct export_row row;
    struct err e;

    (void)state;
    (void)snprintf(id, sizeof id, "%032x", 1);
    assert_refused(export_freeze(&row, s, &whole, &everybody, &a, &e), e, ERR_CONFLICT); /* none is made */
    make_certificates(s, "b", 1, 2);
    assert_refused(export_freeze(&row, s, &whole, &stranger, &a, &e), e, ERR_NOT_FOUND);
    assert_refused(export_freeze(&row, s, &one, &stranger, &a, &e), e, ERR_NOT_FOUND);
    assert_done(store_certificate(&certificate, s, id, &a, &e), e);
    assert_true(certificate.handed_out == 0); /* nothing left the house */
    assert_done(export_freeze(&row, s, &one, &owner, &a, &e), e);
    assert_int_equal(row.files, 1);
    assert_string_equal(row.organisation, "a");
    arena_dispose(&a);
    store_close(s);
}

static void two_of_one_name_are_told_apart(void **state)
{
    struct store *s = open_store();
    char id[2][CERTIFICATE_ID_SIZE];
    const char *ids[] = {id[0], id[1]};
    struct export_order o = {.ids = ids, .id_count = 2};
    struct arena a = ARENA_INIT;
    struct export_archive *x;
    struct export_row row;
    struct unpacked u;
    struct buf content;

    (void)state;
    (void)filing_in_queue(s, "a", "A", 1, "u1"); /* two issuers may give the same number */
    make_certificates(s, "b", 1, 1);
    (void)filing_in_queue(s, "b", "A", 1, "u1");
    make_certificates(s, "c", 2, 1);
    (void)snprintf(id[0], sizeof id[0], "%032x", 1);
    (void)snprintf(id[1], sizeof id[1], "%032x", 2);
    freeze(&row, s, &o, &a);
    x = open_export(s, row.id);
    u = unpack(x);
    content = content_of(&u, "NA1_张三.pdf");
    buf_dispose(&content);
    content = content_of(&u, "NA1_张三 (2).pdf");
    buf_dispose(&content);
    expect_in_manifest(&u, ",NA1_张三 (2).pdf,");
    put_away(&u);
    export_close(x);
    arena_dispose(&a);
    store_close(s);
}

/* --- files at fault --- */

static void a_file_at_fault_is_listed_instead(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", 4, "u1");
    struct export_order o = {.filing = f.id};
    struct arena a = ARENA_INIT;
    struct export_archive *x;
    struct export_row row;
    struct unpacked u;
    char path[160];

    (void)state;
    make_certificates(s, "b", 1, 4);
    path_of(path, 2);
    assert_int_equal(unlink(path), 0);
    path_of(path, 3);
    assert_int_equal(truncate(path, 5), 0);
    freeze(&row, s, &o, &a);
    assert_int_equal(row.files, 2);
    assert_int_equal(row.missing, 2);
    x = open_export(s, row.id);
    u = unpack(x);
    expect_in_manifest(&u, ",文件异常,存档文件缺失或与签发时不一致，请联系管理员从备份恢复,,\r\n3,");
    put_away(&u);
    export_close(x);
    arena_dispose(&a);
    store_close(s);
}

static void nobody_gets_wrong_bytes(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", 3, "u1");
    struct export_order o = {.filing = f.id};
    struct arena a = ARENA_INIT;
    struct export_archive *x;
    struct export_reader *r;
    struct export_row row;
    uint8_t *bytes, *got;
    char path[160];
    size_t at;
    int fd;
    struct err e;

    (void)state;
    make_certificates(s, "b", 1, 3);
    freeze(&row, s, &o, &a);
    x = open_export(s, row.id);
    bytes = read_whole(x);
    got = malloc(export_size(x));
    assert_non_null(got);
    for (unsigned how = 0; how < 4; how++) {
        struct buf pdf = BUF_INIT(1 << 20);

        path_of(path, 2);
        file_of(&pdf, 2);
        if (how == 0) { /* one bit, at its very end */
            pdf.data[pdf.len - 1] ^= 1;
            assert_done(file_write(path, buf_view(&pdf), 0600, &e), e);
            pdf.data[pdf.len - 1] ^= 1;
        } else if (how == 1) {
            assert_done(file_write(path, (struct slice){pdf.data, pdf.len - 1}, 0600, &e), e);
        } else if (how == 2) {
            fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
            assert_int_equal(write(fd, "more and more", 13), 13);
            close(fd);
        } else {
            assert_int_equal(unlink(path), 0);
        }
        assert_done(export_reader_open(&r, export_ref(x), &e), e);
        for (at = 0; at < export_size(x); at += 100) { /* up to the file at fault everything is right */
            size_t len = export_size(x) - at < 100 ? export_size(x) - at : 100;

            if (export_read(r, at, got, len, &e) != 0)
                break;
            assert_memory_equal(got, bytes + at, len);
        }
        assert_true(at < export_size(x));
        assert_int_equal(e.code, ERR_UNAVAILABLE);
        assert_int_equal(export_read(r, at, got, 100, &e), -1); /* also when asked again */
        assert_done(export_read(r, 0, got, 60, &e), e);         /* the others are as they were */
        assert_memory_equal(got, bytes, 60);
        export_reader_close(r);
        assert_done(store_put_file(s, "00000000000000000000000000000002", buf_view(&pdf), &e), e);
        buf_dispose(&pdf);
    }
    free(got);
    got = read_whole(x);
    assert_memory_equal(got, bytes, export_size(x)); /* restored */
    free(got);
    free(bytes);
    export_close(x);
    arena_dispose(&a);
    store_close(s);
}

static void a_list_that_was_changed_is_not_used(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", 1, "u1");
    struct export_order o = {.filing = f.id};
    struct arena a = ARENA_INIT;
    struct export_archive *x;
    struct export_row row;
    struct err e;

    (void)state;
    make_certificates(s, "b", 1, 1);
    freeze(&row, s, &o, &a);
    assert_refused(export_open(&x, s, row.id, row.expires + 1, &e), e, ERR_NOT_FOUND);
    assert_refused(export_open(&x, s, "nothing", 10000, &e), e, ERR_NOT_FOUND);
    if (store_execute(s, "UPDATE exports SET list = x'00'", &e) ==
        0) { /* unless the store forbids it itself */
        assert_refused(export_open(&x, s, row.id, 10000, &e), e, ERR_UNAVAILABLE);
        assert_null(x);
    }
    arena_dispose(&a);
    store_close(s);
}

/* --- many readers, any pieces --- */

enum { READERS = 50, RANGES = 1000, MANY = 60 };

struct reading {
    struct export_archive *x;
    const uint8_t *bytes;
    unsigned seed;
    bool same;
};

static void *read_in_pieces(void *arg)
{
    struct reading *w = arg;
    uint8_t *piece = malloc(70000);
    struct export_reader *r;
    struct err e;

    w->same = piece != NULL && export_reader_open(&r, export_ref(w->x), &e) == 0;
    for (uint64_t at = 0, len; w->same && at < export_size(w->x); at += len) {
        len = 1 + (unsigned)rand_r(&w->seed) % 65536;
        len = len < export_size(w->x) - at ? len : export_size(w->x) - at;
        w->same = export_read(r, at, piece, len, &e) == 0 && memcmp(piece, w->bytes + at, len) == 0;
    }
    if (piece != NULL)
        export_reader_close(r);
    free(piece);
    return NULL;
}

static void fifty_readers_and_a_thousand_ranges_see_the_same(void **state)
{
    struct store *s = open_store();
    struct filing_row f = filing_in_queue(s, "a", "A", MANY, "u1");
    struct export_order o = {.filing = f.id};
    struct arena a = ARENA_INIT;
    struct reading readings[READERS];
    pthread_t threads[READERS];
    struct export_archive *x;
    struct export_reader *r;
    struct export_row row;
    uint8_t *bytes, *piece;
    struct err e;

    (void)state;
    make_certificates(s, "b", 1, MANY);
    freeze(&row, s, &o, &a);
    x = open_export(s, row.id);
    bytes = read_whole(x);
    for (unsigned i = 0; i < READERS; i++) {
        readings[i] = (struct reading){x, bytes, i, false};
        assert_int_equal(pthread_create(&threads[i], NULL, read_in_pieces, &readings[i]), 0);
    }
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(readings[i].same);
    }
    piece = malloc(export_size(x));
    assert_non_null(piece);
    assert_done(export_reader_open(&r, export_ref(x), &e), e);
    export_close(x); /* the reader keeps it */
    srandom(7);
    for (unsigned i = 0; i < RANGES; i++) {
        uint64_t at = (uint64_t)random() % row.size, len = 1 + (uint64_t)random() % (i % 4 ? 3000 : row.size);

        len = len < row.size - at ? len : row.size - at;
        assert_done(export_read(r, at, piece, len, &e), e);
        assert_memory_equal(piece, bytes + at, len);
    }
    export_reader_close(r);
    free(piece);
    free(bytes);
    arena_dispose(&a);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(all_that_is_made_is_in_it_and_all_else_is_listed),
        WITH_DIRECTORY(its_sums_are_those_that_sha256sum_finds),
        WITH_DIRECTORY(the_same_list_is_the_same_archive_for_ever),
        WITH_DIRECTORY(a_choice_is_in_the_order_of_the_list),
        WITH_DIRECTORY(without_photos_the_refusal_says_so),
        WITH_DIRECTORY(who_may_not_see_a_certificate_gets_no_archive_of_it),
        WITH_DIRECTORY(two_of_one_name_are_told_apart),
        WITH_DIRECTORY(a_file_at_fault_is_listed_instead),
        WITH_DIRECTORY(nobody_gets_wrong_bytes),
        WITH_DIRECTORY(a_list_that_was_changed_is_not_used),
        WITH_DIRECTORY(fifty_readers_and_a_thousand_ranges_see_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
