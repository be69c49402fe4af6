#include "support/pages.h"
#include <stdlib.h>
#include <string.h>

enum { NOW = 1795242728 }; /* 2026-11-21 14:32:08 in Shanghai */

const struct page_site site_zh = {"zs.example.gov.cn",
                                  "安徽省虚构人力资源和社会保障厅（测试）",
                                  "发证机关咨询电话 0551-0000 0000（工作日 9:00—17:00）",
                                  false,
                                  false,
                                  NOW};
const struct page_site site_en = {"zs.example.gov.cn",
                                  "安徽省虚构人力资源和社会保障厅（测试）",
                                  "发证机关咨询电话 0551-0000 0000（工作日 9:00—17:00）",
                                  false,
                                  true,
                                  NOW};

static void office(struct page_case *c, size_t i, const char *role, const char *printed, const char *name)
{
    json_object_set_new(c->record, role, json_pack("{s:s}", "name", printed));
    c->seals[i] = (struct page_seal){name, true, false, 1773800496 + (int64_t)i};
}

void page_case_set(struct page_case *c, const char *member, const char *text)
{
    json_object_set_new(c->record, member, json_string(text));
}

void page_case_init(struct page_case *c)
{
    memset(c, 0, sizeof *c);
    c->record =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "certificate_no",
                  "9342025000513000127", "name", "欧阳琢颜", "gender", "女", "birth_date", "1985-02-28",
                  "id_type", "居民身份证", "id_number", "340000198502280024", "series", "卫生技术人员",
                  "specialty", "心血管内科", "title", "主任医师", "level", "正高级", "obtain_mode", "评审",
                  "approval_no", "皖测社秘〔2026〕1号", "issue_date", "2026-03-18", "year", 2025);
    office(c, 0, "committee", "安徽省测试系列高级职称评审委员会", "安徽省测试系列高级职称评审委员会");
    office(c, 1, "issuer", "安徽省虚构|人力资源和社会保障厅（测试）",
           "安徽省虚构人力资源和社会保障厅（测试）");
    c->certificate = (struct page_certificate){.verdict = PAGE_VALID,
                                               .token = "Zm9vYmFyYmF6cXV4cXV1eA",
                                               .record = c->record,
                                               .number = "9342025000513000127",
                                               .photo = true,
                                               .seals = c->seals,
                                               .seal_count = 2,
                                               .status_time = 1788400800, /* 2026-09-03 */
                                               .status_document = "皖测社函〔2026〕31号",
                                               .new_number = "YB9342026000513000008"};
}

void page_case_long(struct page_case *c)
{
    static const char office_30[] = "安徽省合肥市虚构经济技术开发区人力资源和社会保障事务管理服务中心";

    page_case_init(c);
    page_case_set(c, "name", "阿卜杜热合曼·麦麦提吐尔逊·玉素甫艾力·买买提江·吾甫尔");
    page_case_set(c, "specialty",
                  "材料科学与工程（先进陶瓷材料与表面工程技术方向）、无机非金属材料工程、粉末冶金新材料");
    page_case_set(c, "title", "正高级工程师（材料科学与工程、冶金工程、化学工程与技术）");
    page_case_set(c, "series", "工程技术人员（自然资源、生态环境、交通运输、水利水电）");
    page_case_set(c, "approval_no", "皖虚人社秘〔2026〕第123456789号（关于工程系列高级职称评审结果的批复）");
    page_case_set(c, "original_no", "第三方33");
    page_case_set(c, "reissue_date", "2026-06-12");
    page_case_set(c, "certificate_no", "YB93420260005130000089342026000513000008934202600051300000812345");
    c->certificate.number = "YB93420260005130000089342026000513000008934202600051300000812345";
    office(c, 0, "committee", office_30, office_30);
    office(c, 1, "issuer", office_30, office_30);
}

void page_case_dispose(struct page_case *c)
{
    json_decref(c->record);
    c->record = NULL;
}

static json_t *seal(const char *field, const char *owner, int revision)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:i, s:s, s:i, s:n, s:n}", "field", field,
                     "owner", owner, "issuer", "虚构签章CA", "root", "虚构根CA", "signed_at",
                     revision == 2 ? "2026-03-18T02:21:36Z" : "2026-03-18T02:21:37Z", "intact", 1,
                     "certifies", revision == 2, "visible", 1, "page", 1, "chain", "trusted", "revision",
                     revision, "problem_en", "problem_zh");
}

void page_upload_case_pictures(struct page_upload *u)
{
    static const char *const pictures[] = {"/v/seal/0123", "/v/seal/4567"};

    u->pictures = pictures;
}

void page_upload_case(struct page_upload *u, json_t **verdict, const struct page_case *c)
{
    static const struct page_change changes[] = {
        {"The text of page 1 was replaced", "第 1 页的正文被替换"},
        {"1 revision without a seal at the end of the file", "文件末尾多出 1 个未签章的版本"}};

    *verdict = json_pack(
        "{s:[o,o], s:[{s:i,s:b,s:s,s:s},{s:i,s:b,s:s,s:s},{s:i,s:b,s:s,s:s},{s:i,s:b,s:s,s:s}]}", "seals",
        seal("committee", c->seals[0].office, 2), seal("issuer", c->seals[1].office, 3), "revisions",
        "number", 1, "allowed", 1, "change_en", "document made", "change_zh", "生成文件", "number", 2,
        "allowed", 1, "change_en", "seal of the committee placed", "change_zh", "加盖评审组织签章", "number",
        3, "allowed", 1, "change_en", "seal of the issuer placed", "change_zh", "加盖发证机关签章", "number",
        4, "allowed", 0, "change_en", "page 1: content replaced", "change_zh", "第 1 页的正文被替换");
    *u = (struct page_upload){.tone = TONE_BAD,
                              .word = "文件被改动",
                              .sentence = "签章之后有 2 处改动，请勿采信。",
                              .altered = true,
                              .file_name = "职称证书.pdf",
                              .size = 213400,
                              .pages = 1,
                              .sha256 = "9f2c41d70000000000000000000000000000000000000000000000000"
                                        "7be5a10",
                              .seals = json_object_get(*verdict, "seals"),
                              .revisions = json_object_get(*verdict, "revisions"),
                              .changes = changes,
                              .change_count = 2,
                              .certificate = &c->certificate};
    page_upload_case_pictures(u);
}
