#include "support/register.h"
#include "records/order.h"
#include "store/store_internal.h"
#include <stdlib.h>
#include <string.h>

enum { ROUND = 20000 /* rows a transaction */ };

const char register_organisation[] = "register-office", register_profile[] = "register-profile";

static const struct organisation office = {.id = register_organisation,
                                           .name = "测试省人力资源和社会保障厅",
                                           .printed_name = "测试省人力资源|和社会保障厅",
                                           .uscc = "11340000000000000X"};
static const struct profile profile = {.id = register_profile,
                                       .name = "测试登记簿",
                                       .organisation = register_organisation,
                                       .issuer = register_organisation,
                                       .template_name = "certificate",
                                       .number_pattern = "{seq:8}",
                                       .reissue_prefix = "YB",
                                       .province = "34",
                                       .region = "00"};

static void hash_of(uint8_t out[SHA256_SIZE], const char *what, size_t n)
{
    char text[48];

    (void)snprintf(text, sizeof text, "%s %zu", what, n);
    sha256(out, slice_of(text));
}

void register_id(char out[CERTIFICATE_ID_SIZE], size_t n)
{
    uint8_t hash[SHA256_SIZE];

    hash_of(hash, "id", n);
    hex_encode(out, (struct slice){hash, 16});
}

void register_token(char out[TOKEN_SIZE], size_t n)
{
    uint8_t hash[SHA256_SIZE];

    hash_of(hash, "token", n);
    base64url_encode(out, (struct slice){hash, 16});
}

void register_number(char out[32], size_t n)
{
    (void)snprintf(out, 32, "A3426%09zu", n);
}

void register_biz_no(char out[32], size_t n)
{
    (void)snprintf(out, 32, "BIZ-%09zu", n);
}

void register_name(char out[32], size_t n)
{
    static const char *const families[] = {"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"};
    static const char *const given[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋"};

    n = (n * 2654435761U) % 10000;
    (void)snprintf(out, 32, "%s%s%s%s", families[n % 10], given[n / 10 % 10], given[n / 100 % 10],
                   given[n / 1000 % 10]);
}

void register_id_number(char out[32], size_t n)
{
    (void)snprintf(out, 32, "34000019%010zu", n / 2); /* two certificates a person */
}

int64_t register_created(size_t n)
{
    return 1700000000 + (int64_t)(n / 10);
}

/* The texts of one row while it is written. */
struct texts {
    char number[32], biz_no[32], name[32], id_number[32], order[1024];
    char *record;
};

static int make_texts(struct texts *t, size_t n, const char *host)
{
    struct certificate_order o = {.gender = n % 2 != 0 ? "男" : "女",
                                  .birth_date = "1978-11-03",
                                  .id_type = "居民身份证",
                                  .series_name = "工程技术人员",
                                  .specialty = "材料科学与工程",
                                  .title = "正高级工程师",
                                  .level = "正高级",
                                  .year = 2015 + (int)(n % 10),
                                  .obtain_mode = "评审",
                                  .obtained_date = "2025-12-20",
                                  .approval_no = "测人社秘〔2026〕1号",
                                  .issue_date = "2026-01-15",
                                  .employer = "合肥虚构软件科技有限公司"};
    struct certificate_facts facts = {.number = t->number, .issuer = &office, .host = host};
    json_t *record;

    register_number(t->number, n);
    register_biz_no(t->biz_no, n);
    register_name(t->name, n);
    register_id_number(t->id_number, n);
    o.name = t->name;
    o.id_number = t->id_number;
    (void)snprintf(t->order, sizeof t->order,
                   "{\"approval_no\":\"%s\",\"birth_date\":\"%s\",\"biz_no\":\"%s\",\"employer\":\"%s\","
                   "\"gender\":\"%s\",\"id_number\":\"%s\",\"id_type\":\"%s\",\"issue_date\":\"%s\","
                   "\"level\":\"%s\",\"name\":\"%s\",\"obtain_mode\":\"%s\",\"obtained_date\":\"%s\","
                   "\"profile\":\"%s\",\"series\":{\"code\":\"04\",\"name\":\"%s\"},\"specialty\":\"%s\","
                   "\"title\":\"%s\",\"year\":%d}",
                   o.approval_no, o.birth_date, t->biz_no, o.employer, o.gender, o.id_number, o.id_type,
                   o.issue_date, o.level, o.name, o.obtain_mode, o.obtained_date, register_profile,
                   o.series_name, o.specialty, o.title, o.year);
    record = certificate_record(&o, &facts);
    t->record = record == NULL ? NULL : json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(record);
    return t->record == NULL ? -1 : 0;
}

static int put_row(struct store *s, size_t n, const struct register_order *o,
                   const uint8_t photo[SHA256_SIZE], struct err *e)
{
    struct certificate_row row = {.organisation = register_organisation,
                                  .profile = register_profile,
                                  .issuer = register_organisation,
                                  .template_name = "certificate",
                                  .created = register_created(n),
                                  .issued = register_created(n) + 1,
                                  .seals_json = "[\"issuer\"]",
                                  .actor = "command line"};
    struct texts t;
    char file[64];
    int rc = -1;

    if (make_texts(&t, n, o->host) != 0)
        return err_no_memory(e);
    register_id(row.id, n);
    register_token(row.token, n);
    row.number = t.number;
    row.biz_no = t.biz_no;
    row.order_json = t.order;
    row.record_json = t.record;
    hash_of(row.content_hash, "content", n);
    memcpy(row.photo, photo, SHA256_SIZE);
    (void)snprintf(file, sizeof file, "%%PDF-2.0 of certificate %zu", n);
    row.file_size = strlen(file);
    sha256(row.file_sha256, slice_of(file));
    row.file_crc32 = crc32_of(slice_of(file));
    if (store_reserve(s, &row, e) == 0 && store_issued(s, &row, e) == 0)
        rc = n < o->files ? store_put_file(s, row.id, slice_of(file), e) : 0;
    free(t.record);
    return rc;
}

/* Takes the indexes away, or makes them again: they are made faster from all rows at once. Those that hold a
 * promise (UNIQUE) stay. */
static int collect_indexes(struct buf *drop, struct buf *make, struct store *s, struct err *e)
{
    sqlite3_stmt *q = NULL;

    if (sqlite3_prepare_v2(s->db,
                           "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name LIKE"
                           " 'certificate%' AND sql LIKE 'CREATE INDEX%'",
                           -1, &q, NULL) != SQLITE_OK)
        return store_failed(s, e);
    while (sqlite3_step(q) == SQLITE_ROW) {
        buf_printf(drop, "DROP INDEX %s;", (const char *)sqlite3_column_text(q, 0));
        buf_append_text(make, (const char *)sqlite3_column_text(q, 1));
        buf_append_char(make, ';');
    }
    (void)sqlite3_finalize(q);
    return buf_ok(drop) && buf_ok(make) ? 0 : err_no_memory(e);
}

static int fill_rows(struct store *s, const struct register_order *o, struct err *e)
{
    struct slice photo = o->photo.len > 0 ? o->photo : slice_of("no picture");
    uint8_t hash[SHA256_SIZE];

    sha256(hash, photo);
    if (store_put_organisation(s, &office, e) != 0 || store_put_profile(s, &profile, e) != 0 ||
        store_put_photo(s, hash, photo, e) != 0)
        return -1;
    for (size_t n = 0; n < o->rows; n++) {
        if (n % ROUND == 0 && store_begin(s, e) != 0)
            return -1;
        if (put_row(s, n, o, hash, e) != 0)
            return -1;
        if ((n % ROUND == ROUND - 1 || n == o->rows - 1) && store_commit(s, e) != 0)
            return -1;
    }
    return 0;
}

int register_fill(struct store *s, const struct register_order *o, struct err *e)
{
    struct buf drop = BUF_INIT(65536), make = BUF_INIT(65536);
    int rc = -1;

    if (store_execute(s, "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA foreign_keys = OFF",
                      e) != 0 ||
        collect_indexes(&drop, &make, s, e) != 0)
        goto out;
    if (store_execute(s, buf_text(&drop), e) == 0 && fill_rows(s, o, e) == 0)
        rc = 0;
    store_rollback(s);
    if (rc == 0)
        rc = store_execute(s, buf_text(&make), e);
    if (rc == 0)
        rc = store_execute(s,
                           "PRAGMA wal_checkpoint (TRUNCATE); PRAGMA foreign_keys = ON;"
                           "PRAGMA cache_size = -2048; PRAGMA shrink_memory; PRAGMA synchronous = FULL",
                           e);
out:
    buf_dispose(&drop);
    buf_dispose(&make);
    return rc;
}
