#include "store/config.h"
#include "base/file.h"
#include "base/json.h"
#include <limits.h>
#include <string.h>

enum { CONFIG_MAX_BYTES = 64 * 1024 };

static int bad_url(struct err *e, const char *url)
{
    err_set(e, ERR_INVALID,
            "\"%.200s\" cannot be the public address: it is https:// and a host name, with a port if need "
            "be, and "
            "nothing after it, for instance https://zs.example.cn.",
            "“%.200s” 不能作为公开网址：应为 https:// 加域名（可带端口），后面不带路径，例如 "
            "https://zs.example.cn。",
            url);
    return err_field(e, "/public_url");
}

int config_set_url(struct config *c, const char *url, struct err *e)
{
    static const char scheme[] = "https://";
    const char *host = url + sizeof scheme - 1;
    size_t len, name_len;

    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return bad_url(e, url);
    len = strlen(host);
    if (len > 0 && host[len - 1] == '/')
        len--;
    name_len = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
    /* 120: the QR code of a longer address would need smaller modules than a phone reads */
    if (len == 0 || len > 120 || name_len == 0 || host[0] == '.' || host[0] == '-')
        return bad_url(e, url);
    if (name_len < len && (host[name_len] != ':' || name_len + 1 == len || len - name_len > 6 ||
                           strspn(host + name_len + 1, "0123456789") < len - name_len - 1))
        return bad_url(e, url);
    (void)snprintf(c->host, sizeof c->host, "%.*s", (int)len, host);
    (void)snprintf(c->public_url, sizeof c->public_url, "%s%.*s", scheme, (int)len, host);
    return 0;
}

static void config_path(char out[PATH_MAX], const char *data_dir)
{
    (void)snprintf(out, PATH_MAX, "%s/config.json", data_dir);
}

static int take_members(struct config *out, const json_t *json, struct err *e)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)json, name, value)
    {
        bool fine = (strcmp(name, "public_url") == 0 && (json_is_string(value) || json_is_null(value))) ||
                    (strcmp(name, "demo") == 0 && json_is_boolean(value)) ||
                    (strcmp(name, "format") == 0 && json_integer_value(value) == 1);

        if (fine)
            continue;
        err_set(
            e, ERR_INVALID,
            "config.json: this member is unknown or of a wrong kind; known are public_url, demo and format.",
            "config.json：此项未知或类型错误，可用的有 public_url、demo 和 format。");
        return err_field(e, "/%s", name);
    }
    out->demo = json_is_true(json_object_get(json, "demo"));
    if (json_text(json, "public_url") == NULL)
        return 0;
    return config_set_url(out, json_text(json, "public_url"), e);
}

int config_load(struct config *out, const char *data_dir, struct err *e)
{
    char path[PATH_MAX];
    json_t *json = NULL;
    int rc;

    *out = (struct config){.demo = false};
    config_path(path, data_dir);
    if (!file_exists(path))
        return err_set(
            e, ERR_NOT_FOUND,
            "%s is no data directory; make one with \"sealpress init\", or name the right one with --data.",
            "%s 不是数据目录，请用 “sealpress init” 建立，或用 --data 指定正确的目录。", data_dir);
    rc = json_read_file(&json, path, CONFIG_MAX_BYTES, e);
    if (rc == 0)
        rc = take_members(out, json, e);
    json_decref(json);
    return rc;
}

int config_save(const struct config *c, const char *data_dir, struct err *e)
{
    struct buf text = BUF_INIT(CONFIG_MAX_BYTES);
    json_t *json = json_object();
    char path[PATH_MAX];
    int rc;

    config_path(path, data_dir);
    if (json == NULL || json_object_set_new(json, "demo", json_boolean(c->demo)) != 0 ||
        json_object_set_new(json, "format", json_integer(1)) != 0 ||
        (c->public_url[0] != '\0' &&
         json_object_set_new(json, "public_url", json_string(c->public_url)) != 0))
        rc = err_no_memory(e);
    else
        rc = json_write(&text, json, e);
    if (rc == 0)
        rc = file_write(path, buf_view(&text), 0644, e);
    json_decref(json);
    buf_dispose(&text);
    return rc;
}
