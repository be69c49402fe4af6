/* view.c - what the files that answer have in common. */
#include "api/view.h"
#include "api/certificates.h"
#include "records/members.h"
#include <stdlib.h>
#include <string.h>

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 200, FILTER_MAX = 8 * 1024, VALUE_MAX = 256, REASON_MAX = 200 };

bool view_value(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

bool view_text(json_t *object, const char *name, const char *text)
{
    return text == NULL || text[0] == '\0' || view_value(object, name, json_string(text));
}

bool view_moment(json_t *object, const char *name, int64_t moment)
{
    char text[21];

    if (moment == 0)
        return true;
    clock_rfc3339(text, moment);
    return view_text(object, name, text);
}

bool view_number(json_t *object, const char *name, uint64_t value)
{
    return view_value(object, name, json_integer((json_int_t)value));
}

bool view_flag(json_t *object, const char *name, bool value)
{
    return view_value(object, name, json_boolean(value));
}

bool view_stored(json_t *object, const char *name, const char *json)
{
    return json == NULL || json[0] == '\0' ||
           view_value(object, name, json_loads(json, JSON_DECODE_ANY, NULL));
}

int query_refuse(struct err *e, const char *name, const char *en, const char *zh)
{
    err_set(e, ERR_INVALID, "%1$s: %2$s%3$.0s", "%1$s：%3$s%2$.0s", name, en, zh);
    return err_field(e, "?%s", name);
}

int query_number(int *out, const struct request *req, const char *name, int least, int most, struct err *e)
{
    const char *text = request_query(req, name);
    long value;

    if (text == NULL)
        return 0;
    if (text[0] == '\0' || strlen(text) > 6 || text[strspn(text, "0123456789")] != '\0' ||
        (value = strtol(text, NULL, 10)) < least || value > most) {
        err_set(e, ERR_INVALID, "%s is a whole number from %d to %d.", "%s 应为 %d 至 %d 的整数。", name,
                least, most);
        return err_field(e, "?%s", name);
    }
    *out = (int)value;
    return 0;
}

int query_flag(bool *out, const struct request *req, const char *name, struct err *e)
{
    const char *text = request_query(req, name);

    *out = text != NULL && strcmp(text, "true") == 0;
    if (text == NULL || *out || strcmp(text, "false") == 0)
        return 0;
    return query_refuse(e, name, "write true or false.", "应为 true 或 false。");
}

int query_text(const char **out, const struct request *req, const char *name, struct err *e)
{
    *out = request_query(req, name);
    if (*out == NULL || ((*out)[0] != '\0' && strlen(*out) <= VALUE_MAX))
        return 0;
    return query_refuse(e, name, "it is empty or too long.", "为空或过长。");
}

static const char *filter_text(const struct request *req, const char *const *names)
{
    const struct caller *c = caller_of(req);
    struct buf text = BUF_INIT(FILTER_MAX);
    const char *kept = NULL;

    buf_printf(&text, "%s %s\n", req->route->pattern,
               c != NULL && c->organisation != NULL ? c->organisation : "*");
    for (; *names != NULL; names++) {
        const char *value = request_query(req, *names);

        if (value != NULL)
            buf_printf(&text, "%s=%s\n", *names, value);
    }
    if (buf_ok(&text))
        kept = arena_slice(req->arena, buf_view(&text));
    buf_dispose(&text);
    return kept;
}

int page_order_read(struct page_order *out, const struct request *req, const char *const *names,
                    struct err *e)
{
    const char *text = request_query(req, "cursor");
    struct cursor at;

    *out = (struct page_order){.limit = LIMIT_DEFAULT, .filter = filter_text(req, names)};
    if (out->filter == NULL)
        return err_no_memory(e);
    if (query_number(&out->limit, req, "limit", 1, LIMIT_MAX, e) != 0)
        return -1;
    if (text == NULL)
        return 0;
    if (!cursor_read(&at, text, out->filter))
        return query_refuse(e, "cursor", "send next_cursor of the page before, with the same filters.",
                            "请原样使用上一页的 next_cursor，并保持筛选条件不变。");
    out->after_created = at.created;
    out->after_id = arena_text(req->arena, at.id);
    return out->after_id != NULL ? 0 : err_no_memory(e);
}

int respond_page(struct response *res, json_t *items, const struct page_order *order,
                 const struct page_end *end, struct err *e)
{
    char text[CURSOR_SIZE];
    struct cursor at = {.created = end->created};

    if (items == NULL)
        return err_no_memory(e);
    if (!end->more)
        return respond_json(res, 200, json_pack("{so sn}", "items", items, "next_cursor"), e);
    (void)snprintf(at.id, sizeof at.id, "%s", end->id);
    cursor_write(text, &at, order->filter);
    return respond_json(res, 200, json_pack("{so ss}", "items", items, "next_cursor", text), e);
}

/* A text that outlives its JSON. */
static const char *kept_text(const struct members *m, const struct member_rule *rule)
{
    const char *text = member_text(m, rule);

    return text != NULL ? arena_text(m->a, text) : NULL;
}

int decision_read(struct decision *out, const struct request *req, bool required, struct faults *faults,
                  struct err *e)
{
    static const char *const names[] = {"reason", "document", NULL};
    const struct member_rule reason = {"reason", MEMBER_TEXT, REASON_MAX, required, NULL},
                             document = {"document", MEMBER_TEXT, 100, false, NULL};
    struct members m = {NULL, "", req->arena, faults};
    json_t *body = NULL;

    *out = (struct decision){NULL, NULL};
    if (req->body.len > 0 && request_json(&body, req, e) != 0)
        return -1;
    if (body == NULL && (body = json_object()) == NULL)
        return err_no_memory(e);
    m.object = body;
    if (members_only(&m, names)) {
        out->reason = kept_text(&m, &reason);
        out->document = kept_text(&m, &document);
    }
    json_decref(body);
    return faults_judge(faults, e);
}
