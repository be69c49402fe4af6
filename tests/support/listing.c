/* listing.c - lists as people fill them in, and the filing that takes them. */
#include "support/listing.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct listing listing;
struct filing_actor listing_organiser = {"key-organiser", "unsealed", 1790000000},
                    listing_issuer = {"key-issuer", "issuer", 1790000000},
                    listing_stranger = {"key-stranger", "counted", 1790000000},
                    listing_all = {"command line", NULL, 1790000000};
const char listing_head[] =
    "序号*,姓名*,证件类型*,证件号码*,性别*,出生日期*,手机号码,所在单位*,统一社会信用代码,系列*,专业*,"
    "资格名称*,级别*,取得方式*,取得资格时间*,资格性质,证书编号(历史),备注\n";

int listing_open(void **state)
{
    static const struct filing_order order = {.name = "2025年度卫生系列高级职称",
                                              .approval_no = "皖测社秘〔2026〕1号",
                                              .type = "评审",
                                              .profile = "sealed",
                                              .issue_date = "2026-01-15",
                                              .year = 2025};
    struct faults faults = {.count = 0};

    (void)issuing_copy(state);
    listing = (struct listing){.packed = BUF_INIT(SHEET_OUT_MAX)};
    if (store_open(&listing.store, issuing_dir, false, &listing.e) != 0 ||
        filing_create(&listing.filing, listing.store, &order, &listing_organiser, &faults, &listing.arena,
                      &listing.e) != 0)
        fail_msg("%s (%s)", listing.e.en, listing.e.detail);
    return 0;
}

int listing_close(void **state)
{
    store_close(listing.store);
    arena_dispose(&listing.arena);
    buf_dispose(&listing.packed);
    return issuing_remove(state);
}

void listing_id_number(char out[19], unsigned n)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    /* all of them women born on a day of the 1970s and 1980s */
    (void)snprintf(out, 19, "340000%04u%02u%02u%02u%c", 1970 + n / 14000 % 20, 1 + n / 1400 % 10,
                   1 + n / 50 % 28, n % 50 * 2 % 100, '2');
    for (int i = 0; i < 17; i++)
        sum += (out[i] - '0') * weights[i];
    out[17] = "10X98765432"[sum % 11];
    out[18] = '\0';
}

const char *listing_row(unsigned n, const char *name)
{
    static char row[512];
    static const char *const given[] = {"琢颜", "慧敏", "思远", "文静", "若楠", "海燕", "秀英"};
    char id[19], own[32], birth[11];

    listing_id_number(id, n);
    (void)snprintf(own, sizeof own, "欧阳%s", given[n % 7]);
    (void)snprintf(birth, sizeof birth, "%.4s-%.2s-%.2s", id + 6, id + 10, id + 12);
    (void)snprintf(row, sizeof row,
                   "%u,%s,居民身份证,%s,女,%s,,虚构市第一人民医院,,卫生技术人员,心血管内科,主任医师,正高级,"
                   "评审,2025-12-20,,,\n",
                   n + 1, name != NULL ? name : own, id, birth);
    return row;
}

int listing_try(const char *csv, const struct import_order *how, struct issuer *i)
{
    struct import_order order = how != NULL ? *how : (struct import_order){.check_only = false};

    buf_reset(&listing.packed);
    if (sheet_pack(&listing.packed, slice_of(csv), SHEET_CSV, &listing.e) != 0)
        fail_msg("%s", listing.e.en);
    order.packed = buf_view(&listing.packed);
    if (order.filing == NULL && order.plan == NULL)
        order.filing = listing.filing.id;
    return filing_import(&listing.report, listing.store, i, &order, &listing_organiser, &listing.arena,
                         &listing.e);
}

void listing_import(const char *csv, const struct import_order *how)
{
    if (listing_try(csv, how, NULL) != 0)
        fail_msg("%s (%s)", listing.e.en, listing.e.detail);
}

const struct row_fault *listing_fault(unsigned row, int column)
{
    const struct row_faults *f = &listing.report.faults;

    for (size_t i = 0; i < f->count; i++) {
        if (f->list[i].row == row && f->list[i].column == column)
            return &f->list[i];
    }
    return NULL;
}
