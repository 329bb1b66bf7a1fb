
/*
 * Chat to Chat: whether messages or tools have a form that the provider doesn't
 * take, so that editing members is not enough.
 */

#include "codec/chat/chat_member.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"


typedef struct {
    ccp_chat_rules_t       k;
    const ccp_provider_t  *pr;
    ccp_str_t              before;     /* role of the message before */
    unsigned               systems;
    unsigned               err:1;
} ccp_chat_anew_t;


static int
ccp_chat_anew_image(const ccp_provider_t *pr, ccp_jval_t part)
{
    ccp_str_t  url;

    switch (pr->img) {

    case CCP_IMG_URL_DATA:
        return 0;

    case CCP_IMG_DATA:
        url = ccp_json_gets(ccp_json_get(part, "image_url"), "url");
        return url.p == NULL || !ccp_str_starts(url, "data:");

    case CCP_IMG_PLAIN:
        return ccp_json_type(ccp_json_get(part, "image_url")) != CCP_J_STRING;

    default:
        return 1;
    }
}


static int
ccp_chat_anew_content(ccp_chat_anew_t *x, ccp_jval_t content, ccp_str_t role)
{
    ccp_str_t    type;
    ccp_jiter_t  it;

    if (ccp_json_type(content) != CCP_J_ARRAY) {
        return 0;
    }

    if (x->pr->asst_str && ccp_str_is(role, "assistant")) {
        return 1;
    }

    for (it = ccp_json_iter(content); ccp_json_next(&it); /* void */ ) {
        type = ccp_json_gets(it.val, "type");

        if ((ccp_str_is(type, "image_url")
             && ccp_chat_anew_image(x->pr, it.val))
            || (ccp_str_is(type, "file") && x->pr->doc != CCP_DOC_FILE))
        {
            return 1;
        }

        if (ccp_json_get(it.val, "cache_control").doc
            && x->pr->cache != CCP_CC_KEEP && x->pr->cache != CCP_CC_KEEP_TEXT)
        {
            return 1;
        }
    }

    return 0;
}


static int
ccp_chat_anew_id(ccp_chat_anew_t *x, ccp_str_t id)
{
    ccp_str_t  fit;

    if (x->pr->id == CCP_ID_ANY || id.p == NULL) {
        return 0;
    }

    fit = ccp_call_id(x->k.a, id, x->pr->id, "call_");
    x->err |= (fit.p == NULL);

    return !ccp_str_eq(fit, id);
}


static int
ccp_chat_anew_calls(ccp_chat_anew_t *x, ccp_jval_t message)
{
    ccp_jiter_t  it;

    for (it = ccp_json_iter(ccp_json_get(message, "tool_calls"));
         ccp_json_next(&it); /* void */ )
    {
        if (ccp_chat_anew_id(x, ccp_json_gets(it.val, "id"))) {
            return 1;
        }
    }

    return ccp_chat_anew_id(x, ccp_json_gets(message, "tool_call_id"));
}


/* Earlier reasoning under a name that isn't this provider's, or left out. */

static int
ccp_chat_anew_replay(ccp_chat_anew_t *x, ccp_jval_t message)
{
    int          k, has, own;
    const char  *want;

    static const char  *const names[] = {
        "reasoning_content", "reasoning", "reasoning_details"
    };

    want = x->pr->replay == CCP_RP_REASONING_CONTENT ? names[0]
           : x->pr->replay == CCP_RP_REASONING ? names[1]
           : x->pr->replay == CCP_RP_DETAILS ? names[2] : "";

    has = 0;
    own = 0;

    for (k = 0; k < 3; k++) {
        if (ccp_json_has(ccp_json_opt(message, names[k]))) {
            has = 1;
            own |= (strcmp(names[k], want) == 0);
        }
    }

    if (!has) {
        return x->pr->replay_empty && x->k.thinks
               && ccp_json_count(ccp_json_opt(message, "tool_calls"));
    }

    return !own;
}


static int
ccp_chat_anew_message(ccp_chat_anew_t *x, ccp_jval_t m, int first)
{
    int        system;
    ccp_str_t  role;

    role = ccp_json_gets(m, "role");
    system = ccp_str_is(role, "system") || ccp_str_is(role, "developer");
    x->systems += system;

    if (x->pr->sys_first && system && (!first || x->systems > 1)) {
        return 1;
    }

    if (x->pr->bridge && ccp_str_is(role, "user")
        && ccp_str_is(x->before, "tool"))
    {
        return 1;
    }

    if (x->pr->alternate && !system && x->before.p
        && ccp_str_eq(role, x->before))
    {
        return 1;
    }

    if (x->pr->res_name && ccp_str_is(role, "tool")
        && ccp_json_gets(m, "name").p == NULL)
    {
        return 1;
    }

    if (ccp_str_is(role, "assistant") && ccp_chat_anew_replay(x, m)) {
        return 1;
    }

    x->before = role;

    return ccp_chat_anew_content(x, ccp_json_get(m, "content"), role)
           || ccp_chat_anew_calls(x, m);
}


static int
ccp_chat_anew_schema(const ccp_provider_t *pr)
{
    return pr->schema == CCP_SCHEMA_SUBSET || pr->schema == CCP_SCHEMA_MFJS
           || pr->schema == CCP_SCHEMA_INLINE;
}


/* Whether a tool may bear that name everywhere. */

static int
ccp_chat_anew_name(const ccp_provider_t *pr, ccp_str_t name)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < name.n; i++) {
        c = name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-'))
        {
            return 0;
        }
    }

    return name.n <= (pr->name_max ? (size_t) pr->name_max : 64);
}


static int
ccp_chat_anew_tools(ccp_chat_anew_t *x)
{
    const ccp_tool_t  *t;

    if (x->k.r->tools == NULL) {
        return 0;
    }

    if (ccp_chat_anew_schema(x->pr)) {
        return 1;
    }

    for (t = x->k.r->tools; t; t = t->next) {
        if ((t->strict >= 0 && x->pr->strict != CCP_STRICT_KEEP)
            || !ccp_chat_anew_name(x->pr, t->name)
            || (t->cache != CCP_CACHE_NONE && x->pr->cache != CCP_CC_KEEP))
        {
            return 1;
        }
    }

    switch (x->k.r->tool_choice.mode) {

    case CCP_TC_ANY:
        return !(x->k.tc & CCP_TC_BIT_REQUIRED);

    case CCP_TC_NONE:
        return !(x->k.tc & CCP_TC_BIT_NONE);

    case CCP_TC_NAMED:
        return !(x->k.tc & CCP_TC_BIT_FUNCTION);

    case CCP_TC_ALLOWED:
        return x->k.tc != CCP_CHAT_TC_ALL;

    default:
        return 0;
    }
}


int
ccp_chat_splice_is_anew(ccp_request_t *r, const ccp_target_t *t,
    ccp_arena_t *a)
{
    int                    first;
    ccp_jiter_t            it;
    ccp_chat_anew_t        x;
    const ccp_provider_t  *pr;

    pr = t->provider;

    memset(&x, 0, sizeof(ccp_chat_anew_t));
    x.pr = pr;
    ccp_chat_rules(&x.k, r, t, a);

    if ((r->out.kind == CCP_F_SCHEMA
         && (pr->fmt_no_schema || ccp_chat_anew_schema(pr)))
        || (r->out.kind == CCP_F_JSON && pr->fmt_no_object)
        || (pr->think_stream && x.k.thinks && !r->stream)
        || ccp_chat_anew_tools(&x))
    {
        return 1;
    }

    first = 1;

    for (it = ccp_json_iter(ccp_json_get(r->root, "messages"));
         ccp_json_next(&it); first = 0)
    {
        if (ccp_chat_anew_message(&x, it.val, first)) {
            return 1;
        }
    }

    if (x.err) {
        return CCP_NOMEM;
    }

    return pr->alternate && !ccp_str_is(x.before, "user");
}
