
/*
 * Variables for maps, limits and logs.  A subrequest that is no request of ours
 * is told what the main one is.  They change while a request goes on, so none
 * but $ccproxy_uuid is cached.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "codec/prepare/prepare.h"
#include "codec/form/form_think.h"


/* How much of each end of a text makes up a session's name. */
#define NGX_HTTP_CCPROXY_SESSION_TEXT  512


typedef enum {
    NGX_HTTP_CCPROXY_V_PROTOCOL,
    NGX_HTTP_CCPROXY_V_GROUP,
    NGX_HTTP_CCPROXY_V_CLIENT,
    NGX_HTTP_CCPROXY_V_SESSION,
    NGX_HTTP_CCPROXY_V_POOL,
    NGX_HTTP_CCPROXY_V_DIGEST,
    NGX_HTTP_CCPROXY_V_PROVIDER,
    NGX_HTTP_CCPROXY_V_TARGET_MODEL,
    NGX_HTTP_CCPROXY_V_KEY_NAME,
    NGX_HTTP_CCPROXY_V_TRIES,
    NGX_HTTP_CCPROXY_V_UPSTREAM_STATUS,
    NGX_HTTP_CCPROXY_V_TTFT,
    NGX_HTTP_CCPROXY_V_ERROR,
    NGX_HTTP_CCPROXY_V_COST,

    /* of the decoded request */

    NGX_HTTP_CCPROXY_V_MODEL,
    NGX_HTTP_CCPROXY_V_STREAM,
    NGX_HTTP_CCPROXY_V_THINKING,
    NGX_HTTP_CCPROXY_V_WEB_SEARCH,
    NGX_HTTP_CCPROXY_V_PROMPT_TOKENS,

    /* of the answer */

    NGX_HTTP_CCPROXY_V_INPUT_TOKENS,
    NGX_HTTP_CCPROXY_V_OUTPUT_TOKENS,
    NGX_HTTP_CCPROXY_V_CACHED_TOKENS,
    NGX_HTTP_CCPROXY_V_REASONING_TOKENS,
    NGX_HTTP_CCPROXY_V_STOP_REASON
} ngx_http_ccproxy_variable_e;


static ngx_int_t ngx_http_ccproxy_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_ccproxy_v_uuid(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


#define ngx_http_ccproxy_var(name, id)                                        \
    { ngx_string("ccproxy_" name), NULL, ngx_http_ccproxy_variable,           \
      NGX_HTTP_CCPROXY_V_##id, NGX_HTTP_VAR_NOCACHEABLE, 0 }


static ngx_http_variable_t  ngx_http_ccproxy_vars[] = {
    ngx_http_ccproxy_var("protocol", PROTOCOL),
    ngx_http_ccproxy_var("group", GROUP),
    ngx_http_ccproxy_var("model", MODEL),
    ngx_http_ccproxy_var("stream", STREAM),
    ngx_http_ccproxy_var("thinking", THINKING),
    ngx_http_ccproxy_var("web_search", WEB_SEARCH),
    ngx_http_ccproxy_var("prompt_tokens", PROMPT_TOKENS),
    ngx_http_ccproxy_var("session", SESSION),
    ngx_http_ccproxy_var("client", CLIENT),
    ngx_http_ccproxy_var("pool", POOL),
    ngx_http_ccproxy_var("digest", DIGEST),
    ngx_http_ccproxy_var("provider", PROVIDER),
    ngx_http_ccproxy_var("target_model", TARGET_MODEL),
    ngx_http_ccproxy_var("key_name", KEY_NAME),
    ngx_http_ccproxy_var("tries", TRIES),
    ngx_http_ccproxy_var("upstream_status", UPSTREAM_STATUS),
    ngx_http_ccproxy_var("input_tokens", INPUT_TOKENS),
    ngx_http_ccproxy_var("output_tokens", OUTPUT_TOKENS),
    ngx_http_ccproxy_var("cached_tokens", CACHED_TOKENS),
    ngx_http_ccproxy_var("reasoning_tokens", REASONING_TOKENS),
    ngx_http_ccproxy_var("stop_reason", STOP_REASON),
    ngx_http_ccproxy_var("ttft", TTFT),
    ngx_http_ccproxy_var("error", ERROR),
    ngx_http_ccproxy_var("cost", COST),

    /* the same all through a request */

    { ngx_string("ccproxy_uuid"), NULL, ngx_http_ccproxy_v_uuid, 0, 0, 0 },

    ngx_http_null_variable
};


static ngx_int_t
ngx_http_ccproxy_v_set(ngx_http_variable_value_t *v, const void *p, size_t n)
{
    if (n == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->len = n;
    v->data = (u_char *) p;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    return NGX_OK;
}


/* A random UUID (RFC 9562, version 4). */

static ngx_int_t
ngx_http_ccproxy_v_uuid(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    u_char      *p, b[16];
    ngx_uint_t   i;

    (void) data;

    v->data = ngx_pnalloc(r->pool, 36);
    if (v->data == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < 16; i++) {
        b[i] = (u_char) (ngx_random() >> 7);
    }

    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;

    p = v->data;

    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *p++ = '-';
        }

        p = ngx_hex_dump(p, &b[i], 1);
    }

    v->len = p - v->data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_v_cstr(ngx_http_variable_value_t *v, const char *s)
{
    return ngx_http_ccproxy_v_set(v, s, s ? ngx_strlen(s) : 0);
}


/* The plain text of a slice, which may be in JSON spelling. */

static ngx_int_t
ngx_http_ccproxy_v_slice(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_variable_value_t *v, ccp_str_t s)
{
    if (s.json && s.esc) {
        s = ccp_str_plain(ccp_exchange_arena(ctx->exchange), s);
    }

    return ngx_http_ccproxy_v_set(v, s.p, s.p ? s.n : 0);
}


/* Negative: not known, which is no value. */

static ngx_int_t
ngx_http_ccproxy_v_int(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    int64_t n)
{
    u_char  *p;

    if (n < 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_v_set(v, p, ngx_sprintf(p, "%L", n) - p);
}


static ngx_int_t
ngx_http_ccproxy_v_msec(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    ngx_msec_t ms)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + 4);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_v_set(v, p,
               ngx_sprintf(p, "%T.%03M", (time_t) ms / 1000, ms % 1000) - p);
}


static ngx_int_t
ngx_http_ccproxy_v_cost(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_variable_value_t *v)
{
    char     *p;
    int64_t   cost;

    cost = ngx_http_ccproxy_settle_cost(ctx);

    if (cost < 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, CCP_MONEY_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_v_set(v, p, ccp_money_print(p, cost));
}


static ngx_int_t
ngx_http_ccproxy_v_error(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_variable_value_t *v)
{
    ccp_outcome_t  o;

    if (ngx_http_ccproxy_answering(ctx)) {
        ccp_answer_outcome(ctx->try.codec, &o);

        if (o.error) {
            return ngx_http_ccproxy_v_slice(ctx, v, o.error->message);
        }
    }

    if (ctx->error.cls == CCP_E_NONE || ctx->exchange == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_ccproxy_v_slice(ctx, v, ctx->error.message);
}


/*
 * What a conversation begins with, which its later turns repeat: all that
 * stands before the first answer.  Clients put the same long texts before each
 * prompt, so both ends of each text count.
 */

static uint64_t
ngx_http_ccproxy_beginning(const ccp_request_t *req, uint64_t hash)
{
    size_t                n;
    ccp_str_t             s;
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    for (m = req->msgs; m && m->role != CCP_ROLE_ASSISTANT; m = m->next) {
        for (b = m->blocks; b; b = b->next) {

            if (b->kind != CCP_B_TEXT || b->text.n == 0) {
                continue;
            }

            n = ngx_min(b->text.n, NGX_HTTP_CCPROXY_SESSION_TEXT);

            s = b->text;
            s.json = 0;
            s.esc = 0;
            s.n = n;
            hash = ccp_str_hash(s, hash);

            s.p = b->text.p + b->text.n - n;
            hash = ccp_str_hash(s, hash ^ b->text.n);
        }
    }

    return hash;
}


/* The client's own word for it; known before the body is. */

static ngx_str_t *
ngx_http_ccproxy_session_header(ngx_http_request_t *r)
{
    ngx_str_t   *h;
    ngx_uint_t   i;

    static const char  *const names[] = {
        "x-claude-code-session-id", "session_id", "session-id",
        "conversation_id"
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        h = ngx_http_ccproxy_header_in(r, names[i]);

        if (h && h->len) {
            return h;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_ccproxy_v_session(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_variable_value_t *v)
{
    u_char               *p;
    uint64_t              hash, first;
    ngx_str_t            *h;
    const ccp_request_t  *req;

    h = ngx_http_ccproxy_session_header(r);

    if (h) {
        return ngx_http_ccproxy_v_set(v, h->data, h->len);
    }

    req = ctx->in.state == NGX_HTTP_CCPROXY_IN_DECODED
          ? ccp_exchange_req(ctx->exchange) : NULL;

    if (req && req->cache_key.n) {
        return ngx_http_ccproxy_v_slice(ctx, v, req->cache_key);
    }

    ngx_http_ccproxy_access_identify(r, ctx);

    first = ccp_str_hash(ngx_http_ccproxy_slice(&ctx->client), 0);
    hash = req ? ngx_http_ccproxy_beginning(req, first) : first;

    if (hash == first) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, 16);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_v_set(v, p, ngx_sprintf(p, "%016xL", hash) - p);
}


static ngx_uint_t
ngx_http_ccproxy_searches(const ccp_request_t *req)
{
    const ccp_tool_t  *t;

    for (t = req->tools; t; t = t->next) {
        if (ccp_tool_searches(t)) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_ccproxy_v_request(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const ccp_request_t  *req;

    if (data == NGX_HTTP_CCPROXY_V_MODEL && ctx->name.known
        && ctx->name.direct == NULL)
    {
        return ngx_http_ccproxy_v_set(v, ctx->name.model.data,
                                      ctx->name.model.len);
    }

    req = ctx->in.state == NGX_HTTP_CCPROXY_IN_DECODED
          ? ccp_exchange_req(ctx->exchange) : NULL;

    if (req == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_CCPROXY_V_MODEL:
        return ngx_http_ccproxy_v_slice(ctx, v, req->model);

    case NGX_HTTP_CCPROXY_V_STREAM:
        return ngx_http_ccproxy_v_cstr(v, req->stream ? "1" : "0");

    case NGX_HTTP_CCPROXY_V_THINKING:
        return ngx_http_ccproxy_v_cstr(v, ccp_think_wanted(&req->think) == 1
                                          ? "1" : "0");

    case NGX_HTTP_CCPROXY_V_WEB_SEARCH:
        return ngx_http_ccproxy_v_cstr(v, ngx_http_ccproxy_searches(req)
                                          ? "1" : "0");

    default: /* NGX_HTTP_CCPROXY_V_PROMPT_TOKENS */
        return ngx_http_ccproxy_v_int(r, v,
                                      ccp_exchange_estimate(ctx->exchange));
    }
}


/* The prompt's tokens, of which some may have come from a cache. */

static int64_t
ngx_http_ccproxy_input_tokens(const ccp_usage_t *u)
{
    if (u->in_fresh < 0 && u->in_read < 0 && u->in_write < 0) {
        return -1;
    }

    return ngx_max(u->in_fresh, 0) + ngx_max(u->in_read, 0)
           + ngx_max(u->in_write, 0) + ngx_max(u->in_tool, 0);
}


static ngx_int_t
ngx_http_ccproxy_v_answer(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ccp_usage_t         used;
    ccp_outcome_t       o;
    const ccp_usage_t  *u;

    if (!ngx_http_ccproxy_answering(ctx)) {
        v->not_found = 1;
        return NGX_OK;
    }

    ccp_answer_outcome(ctx->try.codec, &o);

    if (data == NGX_HTTP_CCPROXY_V_STOP_REASON) {
        return ngx_http_ccproxy_v_cstr(v, o.stop == CCP_STOP_NONE || o.error
                                          ? NULL : ccp_stop_name(o.stop));
    }

    if (ctx->try.ticket.held) {
        u = o.usage;

    } else {

        /* it is over, whoever ended it: what it used, as it was settled */

        ccp_answer_used(ctx->try.codec, &used);
        u = &used;
    }

    if (u == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_CCPROXY_V_INPUT_TOKENS:
        return ngx_http_ccproxy_v_int(r, v, ngx_http_ccproxy_input_tokens(u));

    case NGX_HTTP_CCPROXY_V_OUTPUT_TOKENS:
        return ngx_http_ccproxy_v_int(r, v, u->out_total);

    case NGX_HTTP_CCPROXY_V_CACHED_TOKENS:
        return ngx_http_ccproxy_v_int(r, v, u->in_read);

    default: /* NGX_HTTP_CCPROXY_V_REASONING_TOKENS */
        return ngx_http_ccproxy_v_int(r, v, u->out_reason);
    }
}


static ngx_int_t
ngx_http_ccproxy_v_upstream(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  group;

    switch (data) {

    case NGX_HTTP_CCPROXY_V_GROUP:

        if (ctx->name.known) {
            group = ctx->name.group;

        } else if (ngx_http_ccproxy_name_group(r, ctx, &group) == NGX_ERROR) {
            return NGX_ERROR;
        }

        return ngx_http_ccproxy_v_set(v, group.data, group.len);

    case NGX_HTTP_CCPROXY_V_KEY_NAME:
        return ctx->try.key ? ngx_http_ccproxy_v_set(v,
                                                     ctx->try.key->name.data,
                                                     ctx->try.key->name.len)
                            : ngx_http_ccproxy_v_cstr(v, NULL);

    case NGX_HTTP_CCPROXY_V_TRIES:
        return ngx_http_ccproxy_v_int(r, v, ctx->tries.n);

    case NGX_HTTP_CCPROXY_V_UPSTREAM_STATUS:
        return ngx_http_ccproxy_v_int(r, v, ctx->try.status
                                      ? (int64_t) ctx->try.status : -1);

    default:
        break;
    }

    if (ctx->try.target == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    if (data == NGX_HTTP_CCPROXY_V_PROVIDER) {
        return ngx_http_ccproxy_v_set(v, ctx->try.target->provider->name.data,
                                      ctx->try.target->provider->name.len);
    }

    /* NGX_HTTP_CCPROXY_V_TARGET_MODEL */

    return ctx->try.target->target.model.p
           ? ngx_http_ccproxy_v_slice(ctx, v, ctx->try.target->target.model)
           : ngx_http_ccproxy_v_set(v, ctx->name.model.data,
                                    ctx->name.model.len);
}


static ngx_int_t
ngx_http_ccproxy_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_str_t                     *pool, digest;
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    for ( ;; ) {
        lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);
        ctx = lcf->enable ? ngx_http_ccproxy_get_ctx(r)
                          : ngx_http_ccproxy_find_ctx(r);

        if (ctx || r == r->main) {
            break;
        }

        r = r->main;
    }

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_CCPROXY_V_PROTOCOL:
        return ngx_http_ccproxy_v_cstr(v,
            ccp_proto_ops(ctx->endpoint.proto)->name);

    case NGX_HTTP_CCPROXY_V_CLIENT:
        ngx_http_ccproxy_access_identify(r, ctx);
        return ngx_http_ccproxy_v_set(v, ctx->client.data, ctx->client.len);

    case NGX_HTTP_CCPROXY_V_SESSION:
        return ngx_http_ccproxy_v_session(r, ctx, v);

    case NGX_HTTP_CCPROXY_V_POOL:
        pool = ngx_http_ccproxy_route_match(r, ctx);
        return ngx_http_ccproxy_v_set(v, pool->data, pool->len);

    case NGX_HTTP_CCPROXY_V_DIGEST:
        return ngx_http_ccproxy_digest(r, ctx, &digest) == NGX_OK
               ? ngx_http_ccproxy_v_set(v, digest.data, digest.len)
               : NGX_ERROR;

    case NGX_HTTP_CCPROXY_V_TTFT:
        return ctx->out.content ? ngx_http_ccproxy_v_msec(r, v, ctx->out.ttft)
                            : ngx_http_ccproxy_v_cstr(v, NULL);

    case NGX_HTTP_CCPROXY_V_ERROR:
        return ngx_http_ccproxy_v_error(ctx, v);

    case NGX_HTTP_CCPROXY_V_COST:
        return ngx_http_ccproxy_v_cost(r, ctx, v);

    default:
        break;
    }

    if (data >= NGX_HTTP_CCPROXY_V_INPUT_TOKENS) {
        return ngx_http_ccproxy_v_answer(r, ctx, v, data);
    }

    if (data >= NGX_HTTP_CCPROXY_V_MODEL) {
        return ngx_http_ccproxy_v_request(r, ctx, v, data);
    }

    return ngx_http_ccproxy_v_upstream(r, ctx, v, data);
}


ngx_int_t
ngx_http_ccproxy_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_ccproxy_vars; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
