#include "support/console_facts.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run {
    const char *hostile;
    void (*keep)(void *arg, const char *name, struct buf *html);
    void *arg;
    struct console_site site;
};

static const char *t(const struct run *r, const char *text)
{
    return r->hostile != NULL ? r->hostile : text;
}

static void done(const struct run *r, const char *name, struct buf *html, int rc, const struct err *e)
{
    if (rc != 0) {
        (void)fprintf(stderr, "%s: %s\n", name, e->en);
        abort();
    }
    r->keep(r->arg, name, html);
    buf_dispose(html);
}

#define PAGE(r, name, call)                                                                                  \
    do {                                                                                                     \
        struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);                                                        \
        struct err e = {0};                                                                                  \
        int rc = call;                                                                                       \
        done(r, name, &html, rc, &e);                                                                        \
    } while (0)

static struct console_filing filing_of(const struct run *r)
{
    return (struct console_filing){.id = "5f0a4b7c9d8e11223344556677889900",
                                   .name = t(r, "2025年度测试系列高级职称评审结果备案"),
                                   .approval_no = t(r, "皖测社秘〔2026〕1号"),
                                   .type = t(r, "评审"),
                                   .year = 2025,
                                   .organiser = t(r, "安徽省测试系列高级职称评审委员会"),
                                   .issuer = t(r, "安徽省虚构人力资源和社会保障厅（测试）"),
                                   .committee = t(r, "安徽省测试系列高级职称评审委员会"),
                                   .profile = "test-2025",
                                   .status = CONSOLE_APPROVED,
                                   .accession_state = CONSOLE_ENTERED,
                                   .document_size = 1200000,
                                   .document_name = t(r, "批复.pdf"),
                                   .accession = 1773800400,
                                   .counts = {[CONSOLE_WAITING] = 37,
                                              [CONSOLE_QUEUED] = 4,
                                              [CONSOLE_WORKING] = 6,
                                              [CONSOLE_MADE] = 951,
                                              [CONSOLE_FAILED] = 2},
                                   .total = 1000,
                                   .upload_photos = true,
                                   .manage = true,
                                   .correct = true,
                                   .revoke = true};
}

static size_t entries_of(const struct run *r, struct console_entry list[13])
{
    static const struct {
        const char *name, *id, *series, *specialty, *title, *level, *number, *reason;
        enum console_state state;
    } rows[] = {
        {"欧阳琢颖", "340000********0024", "卫生技术人员", "心血管内科", "主任医师", "正高级",
         "9342025000513000127", NULL, CONSOLE_MADE},
        {"买买提·吐尔逊", "340000********4537", "中小学教师", "小学语文", "高级教师", "副高级",
         "9342025000112000128", NULL, CONSOLE_MADE},
        {"龙㛃䶮", "340000********1274", "工程技术人员", "材料工程", "正高级工程师", "正高级",
         "9342025000913000129", NULL, CONSOLE_WORKING},
        {"阿卜杜热合曼·阿卜杜外力·买买提吐尔逊·麦麦提敏", "340000********3318", "中小学教师", "初中数学",
         "高级教师", "副高级", "9342025000112000130", NULL, CONSOLE_MADE},
        {"张测试", "军官证 南字第********45号", "工程技术人员", "电气工程", "高级工程师", "副高级",
         "9342025000912000131", "缺少照片", CONSOLE_WAITING},
        {"周润芝", "340000********5020", "卫生技术人员", "护理学", "主任护师", "正高级",
         "9342025000513000132", NULL, CONSOLE_MADE},
        {"陈鸾", "340000********6611", "农业技术人员", "植物保护", "推广研究员", "正高级",
         "9342025000613000133", "签章服务无应答", CONSOLE_FAILED},
        {"何嘉远", "340000********7735", "工程技术人员", "信息工程", "高级工程师", "副高级",
         "9342025000912000134", NULL, CONSOLE_MADE},
        {"孙予宁", "340000********2244", "卫生技术人员", "儿科学", "副主任医师", "副高级",
         "9342025000512000135", NULL, CONSOLE_MADE},
        {"郑一帆", "340000********8019", "经济专业人员", "工商管理", "高级经济师", "副高级",
         "9342025001612000136", NULL, CONSOLE_QUEUED},
        {"吴墉", "340000********1127", "图书资料人员", "古籍整理", "研究馆员", "正高级",
         "9342025001013000137", NULL, CONSOLE_MADE},
        {"李慕清", "340000********9043", "中小学教师", "高中物理", "正高级教师", "正高级", "第三方33", NULL,
         CONSOLE_MADE},
        {"王晓明", "340000********9044", "中小学教师", "高中物理", "正高级教师", "正高级", NULL, NULL,
         CONSOLE_LISTED},
    };
    size_t count = sizeof rows / sizeof rows[0];

    for (size_t i = 0; i < count; i++)
        list[i] = (struct console_entry){.id = "00112233445566778899aabbccddeeff",
                                         .serial = (unsigned)i + 1,
                                         .name = t(r, rows[i].name),
                                         .id_number = t(r, rows[i].id),
                                         .series = t(r, rows[i].series),
                                         .specialty = t(r, rows[i].specialty),
                                         .title = t(r, rows[i].title),
                                         .level = t(r, rows[i].level),
                                         .number = rows[i].number == NULL ? NULL : t(r, rows[i].number),
                                         .state = rows[i].state,
                                         .reason = rows[i].reason == NULL ? NULL : t(r, rows[i].reason),
                                         .verdict = i == 10 ? t(r, "已撤销") : NULL,
                                         .size = rows[i].state == CONSOLE_MADE ? 196000 : 0};
    return count;
}

static void list_pages(const struct run *r)
{
    struct console_entry entries[13];
    const char *const refused[] = {t(r, "第 7 行 陈鸾：缺字 U+2B74F")};
    struct console_list l = {.filing = filing_of(r),
                             .state = -1,
                             .search = "",
                             .page = 1,
                             .total = 1000,
                             .made_bytes = 186400000,
                             .entries = entries};

    l.count = entries_of(r, entries);
    l.progress = (struct console_progress){.going = GOING_ON, .value = 612, .max = 963};
    (void)snprintf(l.progress.line, sizeof l.progress.line, "正在生成证书　612 / 963");
    (void)snprintf(l.progress.facts[0], sizeof l.progress.facts[0], "52 份/秒");
    (void)snprintf(l.progress.facts[1], sizeof l.progress.facts[1], "剩余约 7 秒");
    (void)snprintf(l.progress.facts[2], sizeof l.progress.facts[2], "可以离开本页");
    PAGE(r, "filing.html", console_list_page(&html, &r->site, &l, &e));
    l.progress.going = GOING_NOTHING;
    l.failures = t(r, "签章服务无应答 2 份");
    l.halt = t(r, "签章服务无应答。");
    PAGE(r, "filing-failed.html", console_list_page(&html, &r->site, &l, &e));
    l.count = 0;
    l.search = t(r, "王晓明");
    l.halt = NULL;
    PAGE(r, "filing-nobody.html", console_list_page(&html, &r->site, &l, &e));
    l = (struct console_list){.filing = filing_of(r), .state = -1, .search = "", .page = 1};
    l.filing.status = CONSOLE_RETURNED;
    l.filing.accession_state = CONSOLE_REFUSED;
    l.filing.opinion = t(r, "第 7 行的专业与批复不一致，请核对。");
    l.filing.edit = l.filing.submit = true;
    l.filing.manage = false;
    l.filing.accession = 0;
    l.filing.total = 0;
    memset(l.filing.counts, 0, sizeof l.filing.counts);
    l.refused = refused;
    l.refused_count = 1;
    PAGE(r, "filing-returned.html", console_list_page(&html, &r->site, &l, &e));
}

static void filings_pages(const struct run *r)
{
    struct console_filing list[7];
    struct console_filings l = {
        .filter = {"", "", "", "", 0}, .list = list, .count = 7, .page = 1, .total = 38, .may_create = true};

    for (int i = 0; i < 7; i++)
        list[i] = filing_of(r);
    list[1].counts[CONSOLE_MADE] = list[1].total = 2318;
    list[2].counts[CONSOLE_MADE] = 7430;
    list[2].total = 12406;
    list[3].status = CONSOLE_REVIEWING;
    list[3].manage = false;
    list[3].decide = true;
    list[4].status = CONSOLE_RETURNED;
    list[4].edit = true;
    list[5].status = CONSOLE_EDITING;
    list[5].edit = true;
    list[5].total = 0;
    list[6].accession_state = CONSOLE_NOT_ENTERED;
    PAGE(r, "filings.html", console_filings_page(&html, &r->site, &l, &e));
    l.count = 0;
    l.total = 0;
    PAGE(r, "filings-none.html", console_filings_page(&html, &r->site, &l, &e));
    l.filter.name = t(r, "王");
    l.filter.approval_no = t(r, "1号");
    PAGE(r, "filings-nothing.html", console_filings_page(&html, &r->site, &l, &e));
}

static void form_pages(const struct run *r)
{
    const struct console_choice profiles[] = {{t(r, "a"), t(r, "安徽省测试系列高级职称证书")}};
    const struct console_fault faults[] = {{"name", t(r, "请填写申请名称。")},
                                           {"profile", t(r, "没有该类别。")}};
    struct console_filing_form f = {.name = "",
                                    .approval_no = t(r, "皖测社秘〔2026〕1号"),
                                    .year = t(r, "2025"),
                                    .type = "评审",
                                    .profile = "a",
                                    .issue_date = "",
                                    .organiser = "",
                                    .profiles = profiles,
                                    .profile_count = 1,
                                    .faults = faults,
                                    .fault_count = 2};

    PAGE(r, "form-faults.html", console_filing_form_page(&html, &r->site, &f, &e));
    f.id = "5f0a4b7c9d8e11223344556677889900";
    f.name = t(r, "2025年度测试系列高级职称评审结果备案");
    f.fault_count = 0;
    f.document_size = 1200000;
    f.document_name = t(r, "批复.pdf");
    f.opinion = t(r, "请核对年度。");
    PAGE(r, "form.html", console_filing_form_page(&html, &r->site, &f, &e));
}

static void person_pages(const struct run *r)
{
    struct console_filing f = filing_of(r);
    struct console_entry entries[13];
    const struct console_event events[] = {{1773800500, t(r, "入库"), NULL},
                                           {1773800900, t(r, "更正"), t(r, "身份证有误")}};
    const struct console_field fields[] = {{"name", "姓名", t(r, "欧阳琢颖")},
                                           {"title", "资格名称", t(r, "主任医师")}};
    struct console_person p = {.gender = t(r, "女"),
                               .birth_date = t(r, "1985-02-12"),
                               .mobile = t(r, "138****0024"),
                               .employer = t(r, "安徽省测试人民医院（虚构）"),
                               .id_type = t(r, "居民身份证"),
                               .obtain_mode = t(r, "评审"),
                               .obtained_date = t(r, "2025-12-30"),
                               .status_word = t(r, "有效"),
                               .token = t(r, "abc"),
                               .seals = t(r, "评审委员会、发证机关"),
                               .made = 1773800497,
                               .photo = true,
                               .events = events,
                               .event_count = 2,
                               .can_correct = true,
                               .can_reissue = true,
                               .can_revoke = true};
    struct console_acting a = {.act = ACT_CORRECT,
                               .fields = fields,
                               .field_count = 2,
                               .reason = t(r, ""),
                               .approver = t(r, ""),
                               .document = t(r, ""),
                               .problem = t(r, "请写明更正依据。")};

    (void)entries_of(r, entries);
    p.entry = entries[0];
    PAGE(r, "person.html", console_person_page(&html, &r->site, &f, &p, &e));
    p.entry = entries[6];
    p.advice = t(r, "请稍后重试；仍不成功时联系系统管理员。");
    p.id_number_full = t(r, "340000198502126611");
    p.can_retry = p.can_photo = p.can_remove = true;
    PAGE(r, "person-failed.html", console_person_page(&html, &r->site, &f, &p, &e));
    PAGE(r, "act-correct.html", console_act_page(&html, &r->site, &f, &entries[0], &a, &e));
    a = (struct console_acting){.act = ACT_REVOKE, .reason = "", .approver = "", .document = ""};
    PAGE(r, "act-revoke.html", console_act_page(&html, &r->site, &f, &entries[0], &a, &e));
}

static void import_pages(const struct run *r)
{
    struct console_filing f = filing_of(r);
    const struct console_row_fault faults[] = {
        {14, t(r, "证件号"), t(r, "340000******0745"), t(r, "位数不对：应为 18 位，填写了 16 位"),
         t(r, "补全 18 位身份证号"), false},
        {87, t(r, "证件号"), t(r, "340000********0025"), t(r, "校验码不对：至少有一位填错"),
         t(r, "对照身份证逐位核对"), false},
        {132, t(r, "出生日期"), t(r, "1985-12-02"), t(r, "与身份证号中的 1985-02-12 不一致"),
         t(r, "核对身份证，改正其中一项"), false},
        {203, t(r, "级别"), t(r, "高级"), t(r, "没有“高级”这个级别"), t(r, "填 正高级 或 副高级"), false},
        {451, t(r, "姓名"), t(r, "陈□"), t(r, "“□”是缺字符号，不是姓名中的字"),
         t(r, "用输入法打出原字，例如 鸾"), false},
        {618, t(r, "证书编号"), t(r, "9342025000512000311"), t(r, "与第 311 行重复"),
         t(r, "留空由系统编号，或改正编号"), false},
        {0, t(r, "姓名"), t(r, "张　三"), t(r, "姓名中有空格"), t(r, "已去掉空格"), true}};
    const struct console_photo_fault photos[] = {
        {t(r, "0052.jpg"), t(r, "韩春晓"), "00112233445566778899aabbccddeeff", t(r, "照片太小：200×200 像素"),
         t(r, "至少 295×413 像素"), 52},
        {t(r, "证件照.jpg"), t(r, ""), NULL, t(r, "文件名不是序号"), t(r, "以序号命名，例如 0318.jpg"), 0}};
    struct console_import i = {.step = STEP_CHOOSE, .has_list = true, .tab = "errors"};
    struct console_photos p = {.job = true,
                               .file_name = t(r, "照片.zip"),
                               .going = GOING_DONE,
                               .total = 963,
                               .done = 963,
                               .failed = 3,
                               .faults = photos,
                               .fault_count = 2};

    PAGE(r, "import.html", console_import_page(&html, &r->site, &f, &i, &e));
    i = (struct console_import){.step = STEP_CHECK,
                                .file_name = t(r, "名单-高级.xlsx"),
                                .token = "tok",
                                .rows = 1000,
                                .good = 994,
                                .bad = 6,
                                .errors = 6,
                                .warnings = 1,
                                .faults = faults,
                                .fault_count = 7,
                                .tab = "errors"};
    PAGE(r, "import-errors.html", console_import_page(&html, &r->site, &f, &i, &e));
    i.tab = "warnings";
    PAGE(r, "import-warnings.html", console_import_page(&html, &r->site, &f, &i, &e));
    i.errors = i.bad = 0;
    i.good = 1000;
    i.tab = "good";
    PAGE(r, "import-clean.html", console_import_page(&html, &r->site, &f, &i, &e));
    i.step = STEP_PHOTOS;
    i.with_photo = 960;
    PAGE(r, "import-photos.html", console_import_page(&html, &r->site, &f, &i, &e));
    PAGE(r, "photos.html", console_photos_page(&html, &r->site, &f, &p, &e));
    p.going = GOING_ON;
    p.fault_count = 0;
    PAGE(r, "photos-going.html", console_photos_page(&html, &r->site, &f, &p, &e));
}

static void other_pages(const struct run *r)
{
    struct console_site nobody = {.form_token = "", .now = r->site.now};
    struct console_entry entries[13];
    const struct console_level levels[] = {{t(r, "正高级"), 420}, {t(r, "副高级"), 580}};
    const char *const warnings[] = {t(r, "第 12 行：与另一备案中的人员重复")};
    struct console_review v = {.filing = filing_of(r),
                               .levels = levels,
                               .level_count = 2,
                               .warnings = warnings,
                               .warning_count = 1,
                               .entries = entries,
                               .page = 1};
    const struct console_export x = {.id = "00112233445566778899aabbccddeeff",
                                     .file_name = t(r, "2025年度测试系列-证书.zip"),
                                     .filing_name = t(r, "2025年度测试系列高级职称评审结果备案"),
                                     .size = 186400000,
                                     .files = 951,
                                     .missing = 49,
                                     .created = 1773800400,
                                     .expires = 1774405200};

    v.count = entries_of(r, entries);
    v.filing.decide = true;
    v.filing.status = CONSOLE_REVIEWING;
    PAGE(r, "login.html",
         console_login_page(&html, &nobody,
                            &(struct console_login){t(r, "密钥不正确或已停用，请核对后重试。"),
                                                    t(r, "/console/filings"), false},
                            &e));
    PAGE(r, "login-over.html",
         console_login_page(&html, &nobody, &(struct console_login){NULL, NULL, true}, &e));
    PAGE(r, "problem.html",
         console_problem_page(&html, &r->site, 503, t(r, "服务暂不可用。"), t(r, "/console/filings"), &e));
    PAGE(r, "review.html", console_review_page(&html, &r->site, &v, &e));
    PAGE(r, "exports.html", console_exports_page(&html, &r->site, &x, 1, &e));
    PAGE(r, "exports-none.html", console_exports_page(&html, &r->site, NULL, 0, &e));
}

void console_facts_pages(const char *hostile, void (*keep)(void *arg, const char *name, struct buf *html),
                         void *arg)
{
    struct run r = {hostile, keep, arg, {.filings = true, .preview = true, .now = 1773800400}};

    r.site.organisation = t(&r, "安徽省测试系列高级职称评审委员会");
    r.site.form_token = t(&r, "token");
    if (hostile != NULL)
        r.site.done = r.site.problem = hostile;
    list_pages(&r);
    filings_pages(&r);
    form_pages(&r);
    person_pages(&r);
    import_pages(&r);
    other_pages(&r);
}
