#include "store/config.h"
#include "base/file.h"
#include "base/json.h"
#include "store/store_internal.h"
#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_MAX_BYTES = 64 * 1024, CONNECTIONS_LEAST = 16, CONNECTIONS_MOST = 100000, THREADS_MOST = 64 };

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

/* An address, or a network: "10.0.0.0/8", "::1". */
static bool is_network(const char *text)
{
    const char *slash = strchr(text, '/');
    size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
    char address[64];
    uint8_t bytes[16];
    unsigned long most;

    if (len == 0 || len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    if (inet_pton(AF_INET, address, bytes) == 1)
        most = 32;
    else if (inet_pton(AF_INET6, address, bytes) == 1)
        most = 128;
    else
        return false;
    if (slash == NULL)
        return true;
    len = strlen(slash + 1);
    return len > 0 && len <= 3 && strspn(slash + 1, "0123456789") == len &&
           strtoul(slash + 1, NULL, 10) <= most;
}

static bool take_text(char *out, size_t size, const json_t *value)
{
    const char *text = json_string_value(value);

    if (text == NULL || strlen(text) >= size)
        return false;
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            return false;
    }
    (void)snprintf(out, size, "%s", text);
    return true;
}

static bool take_number(unsigned *out, const json_t *value, unsigned least, unsigned most)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < least || number > most)
        return false;
    *out = (unsigned)number;
    return true;
}

static bool take_demo(struct config *c, const json_t *value)
{
    c->demo = json_is_true(value);
    return json_is_boolean(value);
}

static bool take_format(struct config *c, const json_t *value)
{
    (void)c;
    return json_is_integer(value) && json_integer_value(value) == 1;
}

static bool take_title_issuer(struct config *c, const json_t *value)
{
    return take_text(c->title_issuer, sizeof c->title_issuer, value);
}

static bool take_contact(struct config *c, const json_t *value)
{
    return take_text(c->contact, sizeof c->contact, value);
}

static bool take_show_photo(struct config *c, const json_t *value)
{
    c->hide_photo = json_is_false(value);
    return json_is_boolean(value);
}

static bool take_proxies(struct config *c, const json_t *value)
{
    if (!json_is_array(value) || json_array_size(value) > sizeof c->proxies / sizeof c->proxies[0])
        return false;
    for (c->proxy_count = 0; c->proxy_count < json_array_size(value); c->proxy_count++) {
        const json_t *one = json_array_get(value, c->proxy_count);

        if (!json_is_string(one) || !is_network(json_string_value(one)) ||
            !take_text(c->proxies[c->proxy_count], sizeof c->proxies[0], one))
            return false;
    }
    return true;
}

static bool take_connections(struct config *c, const json_t *value)
{
    return take_number(&c->connections, value, CONNECTIONS_LEAST, CONNECTIONS_MOST);
}

static bool take_issuing_threads(struct config *c, const json_t *value)
{
    return take_number(&c->issuing_threads, value, 1, THREADS_MOST);
}

/* What a member may be, and how people are told. public_url tells of itself. */
static const struct member {
    const char *name;
    bool (*take)(struct config *c, const json_t *value);
    const char *en, *zh;
} members[] = {
    {"demo", take_demo, "write true or false", "应为 true 或 false"},
    {"format", take_format, "this program knows format 1 only", "本程序只支持格式 1"},
    {"title_issuer", take_title_issuer, "write a line of text, 255 bytes at most",
     "应为一行文字，最多 255 字节"},
    {"contact", take_contact, "write a line of text, 255 bytes at most", "应为一行文字，最多 255 字节"},
    {"show_photo", take_show_photo, "write true or false", "应为 true 或 false"},
    {"trusted_proxies", take_proxies,
     "write a list of at most 8 addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]",
     "应为地址或网段的列表（最多 8 个），例如 [\"127.0.0.1\", \"10.0.0.0/8\"]"},
    {"connections", take_connections, "write a whole number from 16 to 100000", "应为 16 到 100000 的整数"},
    {"issuing_threads", take_issuing_threads, "write a whole number from 1 to 64", "应为 1 到 64 的整数"},
};

static int take_url(struct config *c, const json_t *value, struct err *e)
{
    if (json_is_null(value))
        return 0;
    return config_set_url(c, json_is_string(value) ? json_string_value(value) : "", e);
}

static int take_member(struct config *c, const char *name, const json_t *value, struct err *e)
{
    if (strncmp(name, "//", 2) == 0)
        return 0;
    if (strcmp(name, "public_url") == 0)
        return take_url(c, value, e);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (strcmp(name, members[i].name) != 0)
            continue;
        if (members[i].take(c, value))
            return 0;
        err_set(e, ERR_INVALID, "config.json: %s.", "config.json：%s。", members[i].en);
        (void)snprintf(e->zh, sizeof e->zh, "config.json：%s。", members[i].zh);
        return err_field(e, "/%s", name);
    }
    err_set(e, ERR_INVALID,
            "config.json: there is no such member; known are public_url, title_issuer, contact, show_photo, "
            "trusted_proxies, connections, issuing_threads, demo and format. A comment begins with \"//\".",
            "config.json：没有这一项，可用的有 public_url、title_issuer、contact、show_photo、"
            "trusted_proxies、connections、issuing_threads、demo 和 format；以 “//” 开头的是注释。");
    return err_field(e, "/%s", name);
}

static int take_members(struct config *out, json_t *json, struct err *e)
{
    const char *name;
    json_t *value;

    if (!json_is_object(json))
        return err_set(e, ERR_INVALID, "config.json must be one JSON object: { ... }.",
                       "config.json 应为一个 JSON 对象：{ ... }。");
    json_object_foreach(json, name, value)
    {
        if (take_member(out, name, value, e) != 0)
            return -1;
    }
    return 0;
}

int config_load(struct config *out, const char *data_dir, struct err *e)
{
    char path[PATH_MAX];
    json_t *json = NULL;
    int rc;

    *out = (struct config){.demo = false};
    config_path(path, data_dir);
    if (!store_reaches(path, R_OK, data_dir, e))
        return -1;
    if (!file_exists(path))
        return err_set(
            e, ERR_NOT_FOUND,
            "%s is no data directory; make one with \"sealpress init\", or name the right one with --data.",
            "%s 不是数据目录，请用 “sealpress init” 建立，或用 --data 指定正确的目录。", data_dir);
    rc = json_read_file(&json, path, CONFIG_MAX_BYTES, e);
    if (rc == 0)
        rc = take_members(out, json, e);
    else if (e->code == ERR_INVALID)
        (void)err_field(e, "config.json");
    json_decref(json);
    return rc;
}

static int set(json_t *json, const char *name, json_t *value)
{
    return json_object_set_new(json, name, value);
}

static json_t *proxies_json(const struct config *c)
{
    json_t *list = json_array();

    for (size_t i = 0; i < c->proxy_count; i++) {
        if (json_array_append_new(list, json_string(c->proxies[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* What is at its default is not written, so that a person's file stays short. */
static int put_members(json_t *json, const struct config *c)
{
    bool fine = set(json, "demo", json_boolean(c->demo)) == 0 && set(json, "format", json_integer(1)) == 0;

    if (c->public_url[0] != '\0')
        fine = fine && set(json, "public_url", json_string(c->public_url)) == 0;
    if (c->title_issuer[0] != '\0')
        fine = fine && set(json, "title_issuer", json_string(c->title_issuer)) == 0;
    if (c->contact[0] != '\0')
        fine = fine && set(json, "contact", json_string(c->contact)) == 0;
    if (c->hide_photo)
        fine = fine && set(json, "show_photo", json_false()) == 0;
    if (c->proxy_count > 0)
        fine = fine && set(json, "trusted_proxies", proxies_json(c)) == 0;
    if (c->connections > 0)
        fine = fine && set(json, "connections", json_integer(c->connections)) == 0;
    if (c->issuing_threads > 0)
        fine = fine && set(json, "issuing_threads", json_integer(c->issuing_threads)) == 0;
    return fine ? 0 : -1;
}

/* Members keep the order in which the operator wrote them: his comments stand before what they are about. */
static int write_ordered(struct buf *out, const json_t *json, struct err *e)
{
    char *text = json_dumps(json, JSON_INDENT(2));

    if (text == NULL)
        return err_no_memory(e);
    buf_append_text(out, text);
    buf_append_char(out, '\n');
    free(text);
    return buf_ok(out) ? 0 : err_no_memory(e);
}

int config_save(const struct config *c, const char *data_dir, struct err *e)
{
    struct buf text = BUF_INIT(CONFIG_MAX_BYTES);
    struct config known = {.demo = false};
    json_t *json = NULL;
    char path[PATH_MAX];
    int rc = -1;

    config_path(path, data_dir);
    if (file_exists(path)) {
        if (json_read_file(&json, path, CONFIG_MAX_BYTES, e) != 0 || take_members(&known, json, e) != 0)
            goto out;
    } else if ((json = json_object()) == NULL) {
        err_no_memory(e);
        goto out;
    }
    if (put_members(json, c) != 0) {
        err_no_memory(e);
        goto out;
    }
    if (write_ordered(&text, json, e) == 0 && file_write(path, buf_view(&text), 0644, e) == 0)
        rc = 0;
out:
    json_decref(json);
    buf_dispose(&text);
    return rc;
}
