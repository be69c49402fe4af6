/* registry.json is ours, but a wrong row must never open a seal: whatever is not as expected refuses all. */
#include "base/clock.h"
#include "base/digest.h"
#include "sign/registry_internal.h"
#include <stdlib.h>
#include <string.h>

int64_t registry_day_start(struct date d)
{
    char text[32];
    int64_t moment = 0;

    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", d.year, d.month, d.day);
    (void)clock_parse_rfc3339(&moment, text);
    return moment - 8 * 3600;
}

static bool copy_text(char *out, size_t size, const json_t *object, const char *member)
{
    const char *text = json_text(object, member);

    return text != NULL && (size_t)snprintf(out, size, "%s", text) < size;
}

static bool read_seal(struct seal_row *out, const json_t *row)
{
    const char *state = json_text(row, "state");
    const json_t *service = json_object_get(row, "service");
    const json_t *rate = json_object_get(row, "rate_per_minute");

    if (!copy_text(out->id, sizeof out->id, row, "id") ||
        !copy_text(out->name, sizeof out->name, row, "name") ||
        !hex_decode(out->key_id, sizeof out->key_id, out->id, strlen(out->id)) || state == NULL ||
        !json_is_boolean(service) || !json_is_integer(rate) || json_integer_value(rate) < 1)
        return false;
    out->enabled = strcmp(state, "enabled") == 0;
    out->service = json_is_true(service);
    out->rate_per_minute = json_integer_value(rate);
    return out->enabled || strcmp(state, "disabled") == 0;
}

static bool read_day(int64_t *out, const json_t *row, const char *member, int64_t absent, int64_t offset)
{
    const char *text = json_text(row, member);
    struct date day;

    *out = absent;
    if (text == NULL)
        return json_is_null(json_object_get(row, member));
    if (!date_parse(&day, text))
        return false;
    *out = registry_day_start(day) + offset;
    return true;
}

static bool read_grant(struct grant *out, const json_t *row)
{
    const char *seal = json_text(row, "seal");
    const json_t *revoked = json_object_get(row, "revoked");
    const json_t *count = json_object_get(row, "count");

    if (!copy_text(out->id, sizeof out->id, row, "id") || strlen(out->id) != GRANT_ID_SIZE - 1 ||
        seal == NULL || !hex_decode(out->seal, sizeof out->seal, seal, strlen(seal)) ||
        !copy_text(out->to, sizeof out->to, row, "to") || out->to[0] == '\0' ||
        (revoked != NULL && !json_is_boolean(revoked)) || !read_day(&out->from, row, "from", INT64_MIN, 0) ||
        !read_day(&out->until, row, "until", INT64_MAX, (int64_t)24 * 3600))
        return false;
    out->revoked = json_is_true(revoked);
    if (json_is_null(count))
        return true;
    out->count = json_integer_value(count);
    return json_is_integer(count) && out->count > 0;
}

static bool read_grants(struct registry_rows *out, const json_t *grants)
{
    const json_t *row;
    size_t i;

    if (!json_is_array(grants))
        return false;
    out->grants = calloc(json_array_size(grants) + 1, sizeof *out->grants);
    if (out->grants == NULL)
        return false;
    json_array_foreach(grants, i, row)
    {
        if (!read_grant(&out->grants[out->grant_count++], row))
            return false;
    }
    return true;
}

/* Absent until the operator takes back the first grant that the service gave. */
static bool read_revoked(struct registry_rows *out, const json_t *revoked)
{
    const json_t *id;
    size_t i;

    if (revoked == NULL)
        return true;
    out->revoked = calloc(json_array_size(revoked) + 1, sizeof *out->revoked);
    if (!json_is_array(revoked) || out->revoked == NULL)
        return false;
    json_array_foreach(revoked, i, id)
    {
        if (!json_is_string(id) || json_string_length(id) != GRANT_ID_SIZE - 1)
            return false;
        memcpy(out->revoked[out->revoked_count++], json_string_value(id), GRANT_ID_SIZE);
    }
    return true;
}

static bool read_rows(struct registry_rows *out, const json_t *root)
{
    const json_t *seals = json_object_get(root, "seals"), *row;
    size_t i;

    if (!json_is_array(seals) || json_integer_value(json_object_get(root, "version")) != 1)
        return false;
    out->seals = calloc(json_array_size(seals) + 1, sizeof *out->seals);
    if (out->seals == NULL)
        return false;
    json_array_foreach(seals, i, row)
    {
        if (!read_seal(&out->seals[out->seal_count++], row))
            return false;
    }
    return read_grants(out, json_object_get(root, "grants")) &&
           read_revoked(out, json_object_get(root, "revoked"));
}

static bool read_service_rows(struct registry_rows *out, const json_t *root)
{
    if (json_integer_value(json_object_get(root, "version")) != 1 ||
        !read_grants(out, json_object_get(root, "grants")))
        return false;
    for (size_t i = 0; i < out->grant_count; i++) {
        if (out->grants[i].to[0] == '@') /* only the operator delegates */
            return false;
    }
    return true;
}

int registry_rows_read(struct registry_rows *out, struct slice text, struct err *e)
{
    json_t *root = NULL;
    struct err why = {ERR_NONE, "", "", "", ""};
    bool fine;

    *out = (struct registry_rows){.seals = NULL};
    fine = json_read(&root, text, REGISTRY_MAX_BYTES, &why) == 0 && read_rows(out, root);
    json_decref(root);
    if (fine)
        return 0;
    registry_rows_dispose(out);
    err_set(
        e, ERR_INTERNAL,
        "keys/registry.json is damaged, so no seal can be used. Restore it from a backup; it is only ever "
        "changed by \"sealpress seal\".",
        "keys/registry.json 已损坏，所有印章暂不能使用。请从备份恢复；该文件只能由 sealpress seal "
        "命令修改。");
    return err_detail(e, "%s", why.en);
}

int registry_service_rows_read(struct registry_rows *out, json_t **root, struct slice text, struct err *e)
{
    json_t *read = NULL;
    struct err why = {ERR_NONE, "", "", "", ""};
    bool fine;

    *out = (struct registry_rows){.seals = NULL};
    fine = json_read(&read, text, REGISTRY_MAX_BYTES, &why) == 0 && read_service_rows(out, read);
    if (fine && root != NULL)
        *root = json_incref(read);
    json_decref(read);
    if (fine)
        return 0;
    registry_rows_dispose(out);
    err_set(
        e, ERR_INTERNAL,
        "keys/service-grants.json is damaged, so no grant that was given through the service can be used. "
        "Restore it from a backup, or remove it and give the grants again.",
        "keys/service-grants.json 已损坏，通过服务给出的授权暂不能使用。请从备份恢复，或删除后重新授权。");
    return err_detail(e, "%s", why.en);
}

void registry_rows_dispose(struct registry_rows *rows)
{
    free(rows->seals);
    free(rows->grants);
    free(rows->revoked);
    *rows = (struct registry_rows){.seals = NULL};
}
