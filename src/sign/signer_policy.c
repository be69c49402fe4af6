/* Whether a seal may be used: its state, its chain's dates, a grant, the rate. Each refusal names the command
 * that mends it. */
#include "base/clock.h"
#include "sign/signer_internal.h"
#include <string.h>

static void day_text(char out[24], int64_t moment)
{
    struct date d = date_in_shanghai(moment);

    (void)snprintf(out, 24, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static int check_chain(const struct signer_seal *seal, int64_t now, struct err *e)
{
    char day[24];

    if (seal->broken)
        return err_set(
            e, ERR_FORBIDDEN,
            "Seal %s (%s): its key or chain in keys/ cannot be read. Restore keys/ from a backup, or "
            "import the seal again: sealpress seal import.",
            "印章 %s（%s）：keys/ 中的密钥或证书链无法读取。请从备份恢复，或重新导入：sealpress seal "
            "import。",
            seal->row.id, seal->row.name);
    if (now < seal->valid_from) {
        day_text(day, seal->valid_from);
        return err_set(
            e, ERR_FORBIDDEN,
            "Seal %s (%s): its certificate chain is not valid before %s. Wait, or import a valid chain: "
            "sealpress seal import.",
            "印章 %s（%s）：证书链自 %s 起才有效。请等待，或导入有效的证书链：sealpress seal import。",
            seal->row.id, seal->row.name, day);
    }
    if (now <= seal->valid_to)
        return 0;
    day_text(day, seal->valid_to);
    return err_set(
        e, ERR_FORBIDDEN,
        "Seal %s (%s): its certificate chain expired on %s. Import the renewed one: sealpress seal "
        "import, then grant it and disable this one.",
        "印章 %s（%s）：证书链已于 %s 过期。请导入续期后的证书链：sealpress seal "
        "import，授权后停用本印章。",
        seal->row.id, seal->row.name, day);
}

enum grant_fault { NO_GRANT, GRANT_USED_UP, GRANT_NOT_YET, GRANT_ENDED };

static int refuse_grant(const struct signer_seal *seal, const char *grantee, enum grant_fault fault,
                        struct err *e)
{
    const char *id = seal->row.id, *name = seal->row.name;

    switch (fault) {
    case GRANT_USED_UP:
        return err_set(
            e, ERR_FORBIDDEN,
            "Seal %s (%s): its grant for %s is used up. Grant more: sealpress seal grant %s --to %s --count "
            "N",
            "印章 %s（%s）：给 %s 的授权次数已用完。请再授权：sealpress seal grant %s --to %s --count N", id,
            name, grantee, id, grantee);
    case GRANT_NOT_YET:
        return err_set(e, ERR_FORBIDDEN,
                       "Seal %s (%s): its grant for %s has not begun yet. Grant it from today: sealpress "
                       "seal grant %s --to %s",
                       "印章 %s（%s）：给 %s 的授权尚未开始。如需即日起使用：sealpress seal grant %s --to %s",
                       id, name, grantee, id, grantee);
    case GRANT_ENDED:
        return err_set(
            e, ERR_FORBIDDEN,
            "Seal %s (%s): its grant for %s has ended. Grant it again: sealpress seal grant %s --to %s",
            "印章 %s（%s）：给 %s 的授权已到期。请重新授权：sealpress seal grant %s --to %s", id, name,
            grantee, id, grantee);
    case NO_GRANT:
        break;
    }
    if (strcmp(grantee, SIGNER_DELEGATE) == 0)
        return err_set(
            e, ERR_FORBIDDEN,
            "Seal %s (%s): its operator has not let the service give grants for it. To let it: "
            "sealpress seal grant %s --to " SIGNER_DELEGATE " --count N",
            "印章 %s（%s）：管理员未允许通过服务授权。如需允许：sealpress seal grant %s --to " SIGNER_DELEGATE
            " --count N",
            id, name, id);
    return err_set(e, ERR_FORBIDDEN,
                   "Seal %s (%s): no grant allows it for %s. Grant it: sealpress seal grant %s --to %s",
                   "印章 %s（%s）：没有给 %s 的授权。请授权：sealpress seal grant %s --to %s", id, name,
                   grantee, id, grantee);
}

const struct grant *grant_book_at(const struct grant_book *b, size_t index)
{
    if (index < b->registry->grant_count)
        return &b->registry->grants[index];
    index -= b->registry->grant_count;
    return index < b->service->grant_count ? &b->service->grants[index] : NULL;
}

bool grant_book_active(const struct grant_book *b, const struct grant *g)
{
    if (g->revoked)
        return false;
    for (size_t i = 0; i < b->registry->revoked_count; i++) {
        if (memcmp(b->registry->revoked[i], g->id, GRANT_ID_SIZE) == 0)
            return false;
    }
    return true;
}

/* "*" stands for every profile and kind of document, which SIGNER_DELEGATE is not. */
static bool names(const struct grant *g, const struct signer_seal *seal, const char *grantee)
{
    return memcmp(g->seal, seal->row.key_id, sizeof g->seal) == 0 &&
           (strcmp(g->to, grantee) == 0 || (strcmp(g->to, "*") == 0 && grantee[0] != '@'));
}

static int find_grant(const struct grant **grant, const struct signer_seal *seal,
                      const struct grant_book *book, const char *grantee, int64_t now, struct err *e)
{
    enum grant_fault fault = NO_GRANT;
    const struct grant *g;

    for (size_t i = 0; (g = grant_book_at(book, i)) != NULL; i++) {
        if (!names(g, seal, grantee) || !grant_book_active(book, g))
            continue;
        if (now < g->from)
            fault = GRANT_NOT_YET;
        else if (now >= g->until)
            fault = GRANT_ENDED;
        else if (!counts_left(book->counts, g->id, g->count))
            fault = GRANT_USED_UP;
        else {
            *grant = g;
            return 0;
        }
    }
    return refuse_grant(seal, grantee, fault, e);
}

static int check_seal(const struct signer_seal *seal, int64_t now, struct err *e)
{
    if (!seal->row.enabled)
        return err_set(e, ERR_FORBIDDEN, "Seal %s (%s) is disabled. Enable it: sealpress seal enable %s",
                       "印章 %s（%s）已停用。请启用：sealpress seal enable %s", seal->row.id, seal->row.name,
                       seal->row.id);
    return check_chain(seal, now, e);
}

/* Who sends requests could otherwise sign with what was delegated to him. */
static int refuse_name(const struct signer_seal *seal, const char *grantee, struct err *e)
{
    return err_set(e, ERR_FORBIDDEN,
                   "Seal %s (%s): no issuing profile or kind of document is called %s, so it cannot seal.",
                   "印章 %s（%s）：%s 不是发证配置或文书种类的编号，不能盖章。", seal->row.id, seal->row.name,
                   grantee);
}

int signer_policy_check(const struct grant **grant, const struct signer_seal *seal,
                        const struct grant_book *book, const char *grantee, int64_t now, struct err *e)
{
    *grant = NULL;
    if (check_seal(seal, now, e) != 0)
        return -1;
    if (grantee[0] == '@')
        return refuse_name(seal, grantee, e);
    if (seal->row.service)
        return 0;
    return find_grant(grant, seal, book, grantee, now, e);
}

int signer_policy_delegation(const struct grant **grant, const struct signer_seal *seal,
                             const struct grant_book *book, int64_t now, struct err *e)
{
    *grant = NULL;
    if (seal->row.service)
        return err_set(e, ERR_FORBIDDEN, "The service's own seal (%s) needs no grant.",
                       "服务自身的印章（%s）无需授权。", seal->row.id);
    if (check_seal(seal, now, e) != 0)
        return -1;
    return find_grant(grant, seal, book, SIGNER_DELEGATE, now, e);
}

int64_t signer_policy_left(const struct signer_seal *seal, const struct grant_book *book, const char *grantee,
                           int64_t now)
{
    const struct grant *g;
    int64_t left = 0;

    if (seal->row.service)
        return INT64_MAX;
    for (size_t i = 0; (g = grant_book_at(book, i)) != NULL; i++) {
        int64_t used;

        if (!names(g, seal, grantee) || now < g->from || now >= g->until || !grant_book_active(book, g))
            continue;
        if (g->count == 0)
            return INT64_MAX;
        used = counts_used(book->counts, g->id);
        if (used < g->count)
            left = left > INT64_MAX - (g->count - used) ? INT64_MAX : left + (g->count - used);
    }
    return left;
}

/* A token bucket that holds one minute's worth. */
int signer_policy_rate(struct signer_seal *seal, int64_t now_ms, struct err *e)
{
    int64_t full = seal->row.rate_per_minute * 1000, passed = now_ms - seal->token_ms;
    int64_t gained = passed > 60 * 1000 ? full : passed * seal->row.rate_per_minute / 60;

    if (seal->token_ms == 0)
        gained = full;
    if (gained > 0) { /* what is less than a thousandth stays to come */
        seal->tokens += gained;
        seal->token_ms = now_ms;
    }
    if (seal->tokens > full)
        seal->tokens = full;
    if (seal->tokens < 1000)
        return err_set(
            e, ERR_UNAVAILABLE,
            "Seal %s (%s) was used %lld times within a minute, as often as it may; try again in a moment.",
            "印章 %s（%s）一分钟内已使用 %lld 次，达到上限，请稍后重试。", seal->row.id, seal->row.name,
            (long long)seal->row.rate_per_minute);
    seal->tokens -= 1000;
    return 0;
}
