/* gallery.c - writes every public page in every state as a file, for a browser to judge. Usage: gallery
 * DIRECTORY */
#include "base/file.h"
#include "base/share.h"
#include "seal/seal.h"
#include "support/pages.h"
#include "web/assets.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *folder;

static void fail(const char *what, const struct err *e)
{
    (void)fprintf(stderr, "gallery: %s: %s\n", what, e->en);
    exit(1);
}

static void keep(const char *name, struct buf *b)
{
    char path[4096];
    struct err e = {0};

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!buf_ok(b) || file_write(path, buf_view(b), 0644, &e) != 0)
        fail(name, &e);
    buf_dispose(b);
}

static void certificate(const char *name, const struct page_site *site, const struct page_certificate *c)
{
    struct buf html = BUF_INIT(256 * 1024);
    struct err e = {0};

    if (page_certificate(&html, site, c, &e) != 0)
        fail(name, &e);
    keep(name, &html);
}

static void certificates(void)
{
    static const struct {
        enum page_verdict verdict;
        const char *name;
    } states[] = {{PAGE_VALID, "valid"},         {PAGE_VALID_WITHOUT_SEAL, "unsealed"},
                  {PAGE_REVOKED, "revoked"},     {PAGE_CANCELLED, "cancelled"},
                  {PAGE_SUSPENDED, "suspended"}, {PAGE_REPLACED, "replaced"},
                  {PAGE_CANNOT_CONFIRM, "fault"}};
    struct page_case c;
    char name[64];

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        page_case_init(&c);
        c.certificate.verdict = states[i].verdict;
        c.seals[1].applied = states[i].verdict != PAGE_VALID_WITHOUT_SEAL;
        (void)snprintf(name, sizeof name, "%s.html", states[i].name);
        certificate(name, &site_zh, &c.certificate);
        (void)snprintf(name, sizeof name, "%s.en.html", states[i].name);
        certificate(name, &site_en, &c.certificate);
        page_case_dispose(&c);
    }
    page_case_long(&c);
    certificate("long.html", &site_zh, &c.certificate);
    certificate("long.en.html", &site_en, &c.certificate);
    c.certificate.verdict = PAGE_REVOKED;
    certificate("long-revoked.html", &site_zh, &c.certificate);
    page_case_dispose(&c);
    page_case_init(&c);
    c.seals[0].test = c.seals[1].test = true;
    certificate("test.html", &site_zh, &c.certificate);
    page_case_set(&c, "name", "龙㛃䶮");
    c.certificate.photo = false;
    certificate("rare.html", &site_zh, &c.certificate);
    page_case_set(&c, "name",
                  "阿卜杜热合曼·麦麦提吐尔逊·玉素甫艾力·买买提江·𬍛𫖯㛃");
    c.certificate.photo = true;
    c.certificate.token = "long";
    certificate("rare-long.html", &site_zh, &c.certificate);
    page_case_dispose(&c);
}

static void notices(void)
{
    struct err e = {0};
    struct buf b[16];
    static const struct page_typed nothing, typed = {"9342025010012000001", "买买提・吐尔逊"};
    static const char *const names[] = {
        "unknown.html",    "wait.html",       "unavailable.html",   "problem.html",
        "sample.html",     "find.html",       "find-miss.html",     "upload.html",
        "upload-413.html", "unknown.en.html", "upload-400.html",    "upload-415.html",
        "upload-422.html", "upload-503.html", "upload-413.en.html", "find-400.html"};

    for (size_t i = 0; i < 16; i++)
        buf_init(&b[i], 256 * 1024);
    if (page_unknown(&b[0], &site_zh, &e) != 0 || page_wait(&b[1], &site_zh, 41, &e) != 0 ||
        page_unavailable(&b[2], &site_zh, &e) != 0 ||
        page_problem(&b[3], &site_zh, 405, "这个网址不支持该方法。", &e) != 0 ||
        page_sample(&b[4], &site_zh, &e) != 0 || page_find(&b[5], &site_zh, FIND_EMPTY, &nothing, &e) != 0 ||
        page_find(&b[6], &site_zh, FIND_NO_MATCH, &typed, &e) != 0 ||
        page_upload_form(&b[7], &site_zh, UPLOAD_EMPTY, 0, &e) != 0 ||
        page_upload_form(&b[8], &site_zh, UPLOAD_TOO_LARGE, 0, &e) != 0 ||
        page_unknown(&b[9], &site_en, &e) != 0 ||
        page_upload_form(&b[10], &site_zh, UPLOAD_NO_FILE, 0, &e) != 0 ||
        page_upload_form(&b[11], &site_zh, UPLOAD_NOT_PDF, 0, &e) != 0 ||
        page_upload_form(&b[12], &site_zh, UPLOAD_UNREADABLE, 0, &e) != 0 ||
        page_upload_form(&b[13], &site_zh, UPLOAD_BUSY, 7, &e) != 0 ||
        page_upload_form(&b[14], &site_en, UPLOAD_TOO_LARGE, 0, &e) != 0 ||
        page_find(&b[15], &site_zh, FIND_INCOMPLETE, &nothing, &e) != 0)
        fail("notices", &e);
    for (size_t i = 0; i < 16; i++)
        keep(names[i], &b[i]);
}

static void upload(const char *name, const struct page_site *site, const struct page_upload *u)
{
    struct buf html = BUF_INIT(256 * 1024);
    struct err e = {0};

    if (page_upload(&html, site, u, &e) != 0)
        fail(name, &e);
    keep(name, &html);
}

/* The bands that have pages of their own above are not repeated. */
static void verdicts(struct page_upload *u, struct page_case *c, json_t *verdict)
{
    static const struct {
        const char *name, *word, *sentence, *chain;
        enum page_tone tone;
        enum page_verdict state;
        bool person;
    } all[] = {{"up-revoked.html", "证书已撤销", "文件真实、未被改动，但证书自 2026年9月3日 起失效。",
                "trusted", TONE_BAD, PAGE_REVOKED, true},
               {"up-replaced.html", "证书已换发", "文件真实、未被改动，但已被新证书取代。", "trusted",
                TONE_REPLACED, PAGE_REPLACED, true},
               {"up-not-ours.html", "不是本机关的文件",
                "文件有 2 枚签章且未被改动，但签章单位不在本机关的信任名单内，不能证明其真实。", "unknown",
                TONE_WARN, PAGE_VALID, false},
               {"up-undecided.html", "暂时无法判断",
                "签章未被改动，但暂时查不到签章证书是否被吊销。请稍后重试。", "trusted", TONE_UNKNOWN,
                PAGE_VALID, false},
               {"up-test.html", "测试签章", "文件未被改动，但签章仅供测试，不具有证明效力。", "test",
                TONE_WARN, PAGE_VALID, true},
               {"up-not-signed.html", "没有签章", "这份 PDF 没有电子签章，无法核验真伪。打印件请扫描二维码。",
                NULL, TONE_UNKNOWN, PAGE_VALID, false}};
    json_t *seals = json_object_get(verdict, "seals");

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        u->word = all[i].word;
        u->sentence = all[i].sentence;
        u->tone = all[i].tone;
        c->certificate.verdict = all[i].state;
        u->certificate = all[i].person ? &c->certificate : NULL;
        for (size_t j = 0; j < 2 && all[i].chain != NULL; j++)
            json_object_set_new(json_array_get(seals, j), "chain", json_string(all[i].chain));
        if (all[i].chain == NULL || strcmp(all[i].chain, "unknown") == 0)
            u->pictures = NULL;
        u->seals = all[i].chain == NULL ? NULL : seals;
        u->revisions = all[i].chain == NULL ? NULL : json_object_get(verdict, "revisions");
        upload(all[i].name, &site_zh, u);
        page_upload_case_pictures(u);
    }
}

static void uploads(void)
{
    struct page_case c;
    struct page_upload u;
    json_t *verdict;

    page_case_init(&c);
    page_upload_case(&u, &verdict, &c);
    upload("altered.html", &site_zh, &u);
    u.word = "Altered";
    u.sentence = "2 changes were made after sealing. Do not rely on it.";
    upload("altered.en.html", &site_en, &u);
    u.altered = false;
    u.registered = true;
    u.change_count = 0;
    u.tone = TONE_OK;
    u.word = "文件真实，未被改动";
    u.sentence = "2 枚签章全部真实，签章之后只有正常的会签记录。";
    json_array_remove(json_object_get(verdict, "revisions"), 3);
    upload("genuine.html", &site_zh, &u);
    u.word = "Genuine and unaltered";
    u.sentence = "All 2 seals valid.";
    upload("genuine.en.html", &site_en, &u);
    verdicts(&u, &c, verdict);
    page_case_set(&c, "name", "龙㛃䶮");
    u.certificate = &c.certificate;
    upload("up-rare.html", &site_zh, &u);
    json_decref(verdict);
    page_case_dispose(&c);
    page_case_long(&c);
    page_upload_case(&u, &verdict, &c);
    u.file_name = "一个非常非常长的文件名一个非常非常长的文件名ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRST"
                  "UVWXYZ.pdf";
    upload("altered-long.html", &site_zh, &u);
    page_case_set(&c, "name",
                  "阿卜杜热合曼·麦麦提吐尔逊·玉素甫艾力·买买提江·𬍛𫖯㛃");
    upload("up-rare-long.html", &site_zh, &u);
    json_decref(verdict);
    page_case_dispose(&c);
}

static void files(void)
{
    char path[4096], fonts_dir[4096];
    struct buf svg = BUF_INIT(1024 * 1024), photo = BUF_INIT(1024 * 1024);
    struct fonts *fonts = NULL;
    struct err e = {0};

    (void)snprintf(path, sizeof path, "%s/static", folder);
    (void)mkdir(path, 0755);
    for (size_t i = 0; i < asset_count; i++) {
        struct buf b = BUF_INIT(1024 * 1024);

        buf_append(&b, assets[i].plain);
        keep(assets[i].path + 1, &b);
    }
    if (share_path(fonts_dir, sizeof fonts_dir, "fonts", &e) != 0 || fonts_open(&fonts, fonts_dir, &e) != 0 ||
        name_picture(&svg, "龙㛃䶮", fonts, &e) != 0)
        fail("name", &e);
    keep("name.svg", &svg);
    buf_init(&svg, 1024 * 1024);
    if (name_picture(&svg,
                     "阿卜杜热合曼·麦麦提吐尔逊·玉素甫艾力·买买提江·𬍛𫖯㛃",
                     fonts, &e) != 0)
        fail("long name", &e);
    keep("name-long.svg", &svg);
    buf_init(&svg, 1024 * 1024);
    if (seal_draw(&svg, &(struct seal_drawing){"安徽省虚构人力资源和社会保障厅", "测试", 42, "#E60012", true},
                  fonts, &e) != 0)
        fail("seal", &e);
    keep("seal.svg", &svg);
    fonts_close(fonts);
    (void)snprintf(path, sizeof path, "%s/samples/photo.jpg", getenv("SEALPRESS_SOURCE"));
    if (file_read(&photo, path, &e) != 0)
        fail("photo", &e);
    keep("photo.jpg", &photo);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    folder = argv[1];
    (void)mkdir(folder, 0755);
    certificates();
    notices();
    uploads();
    files();
    return 0;
}
