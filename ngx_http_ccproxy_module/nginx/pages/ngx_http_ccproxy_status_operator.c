
/*
 * "ccproxy_status admin": an operator puts pairs on hold, gives them other
 * weights, ends their waiting, and ends requests.
 *
 * A POST with the token that the page was sent.  Pages of other sites can't
 * read it, nor send the header that it goes in.
 */

#include "nginx/record/ngx_http_ccproxy_record.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "codec/json/json_read.h"
#include "codec/json/json_write.h"


#define NGX_HTTP_CCPROXY_OPERATOR_TOKEN   "x-ccproxy-token"

#define NGX_HTTP_CCPROXY_OPERATOR_WEIGHT  1000000


/* What is asked for; absent names match anything. */

typedef struct {
    ngx_str_t                 action;
    ngx_str_t                 what;
    ngx_str_t                 pool;
    ngx_str_t                 provider;
    ngx_str_t                 model;
    ngx_str_t                 key;
    ngx_str_t                 id;
    ngx_str_t                 weight;
    ngx_int_t                 n;          /* the weight */
    ccp_pool_what_e           of;
} ngx_http_ccproxy_order_t;


typedef int (*ngx_http_ccproxy_order_pt)(ccp_pool_t *pool,
    ccp_pool_pair_t *pair, const ngx_http_ccproxy_order_t *o);


static const struct {
    const char  *name;
    size_t       offset;
} ngx_http_ccproxy_order_args[] = {
    { "action", offsetof(ngx_http_ccproxy_order_t, action) },
    { "what", offsetof(ngx_http_ccproxy_order_t, what) },
    { "pool", offsetof(ngx_http_ccproxy_order_t, pool) },
    { "provider", offsetof(ngx_http_ccproxy_order_t, provider) },
    { "model", offsetof(ngx_http_ccproxy_order_t, model) },
    { "key", offsetof(ngx_http_ccproxy_order_t, key) },
    { "id", offsetof(ngx_http_ccproxy_order_t, id) },
    { "weight", offsetof(ngx_http_ccproxy_order_t, weight) },
    { NULL, 0 }
};


/* ---- who asks ---- */

/* Whether the page that asks, if one does, is this server's. */

static ngx_uint_t
ngx_http_ccproxy_operator_same(ngx_http_request_t *r)
{
    u_char     *p;
    ngx_str_t  *origin, *host;

    if (ngx_http_ccproxy_group_foreign(r)) {
        return 0;
    }

    origin = ngx_http_ccproxy_header_in(r, "origin");

    if (origin == NULL) {
        return 1;
    }

    host = ngx_http_ccproxy_header_in(r, "host");
    p = (u_char *) memmem(origin->data, origin->len, "://", 3);

    if (host == NULL || p == NULL) {
        return 0;
    }

    p += 3;

    return (size_t) (origin->data + origin->len - p) == host->len
           && ngx_strncasecmp(p, host->data, host->len) == 0;
}


/* Time depends on nothing that the token is. */

static ngx_uint_t
ngx_http_ccproxy_operator_token(ngx_http_request_t *r)
{
    ngx_str_t                     *given, *token;
    ngx_uint_t                     i;
    volatile u_char                diff;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    token = ngx_http_ccproxy_recent_token(mcf);
    given = ngx_http_ccproxy_header_in(r, NGX_HTTP_CCPROXY_OPERATOR_TOKEN);

    if (given == NULL || token->len == 0 || given->len != token->len) {
        return 0;
    }

    diff = 0;

    for (i = 0; i < token->len; i++) {
        diff |= given->data[i] ^ token->data[i];
    }

    return diff == 0;
}


void
ngx_http_ccproxy_operator_write(ngx_http_request_t *r, ccp_out_t *out)
{
    ngx_http_ccproxy_loc_conf_t   *lcf;
    ngx_http_ccproxy_main_conf_t  *mcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    ccp_w_obj(out);

    if ((lcf->admin || lcf->try_it) && ngx_http_ccproxy_operator_same(r)) {
        ccp_w_kbool(out, "admin", lcf->admin);
        ccp_w_kbool(out, "try", lcf->try_it);
        ccp_w_kstr(out, "token",
                   ngx_http_ccproxy_slice(ngx_http_ccproxy_recent_token(mcf)));
    }

    ccp_w_obj_end(out);
}


/* ---- what is asked for ---- */

static ngx_int_t
ngx_http_ccproxy_operator_read(ngx_http_request_t *r,
    ngx_http_ccproxy_order_t *o)
{
    u_char      *src, *dst;
    ngx_str_t    value, *to;
    ngx_uint_t   i;

    ngx_memzero(o, sizeof(ngx_http_ccproxy_order_t));

    for (i = 0; ngx_http_ccproxy_order_args[i].name; i++) {

        if (ngx_http_arg(r, (u_char *) ngx_http_ccproxy_order_args[i].name,
                         ngx_strlen(ngx_http_ccproxy_order_args[i].name),
                         &value)
            != NGX_OK)
        {
            continue;
        }

        to = (ngx_str_t *) ((u_char *) o
                            + ngx_http_ccproxy_order_args[i].offset);

        to->data = ngx_pnalloc(r->pool, value.len + 1);
        if (to->data == NULL) {
            return NGX_ERROR;
        }

        src = value.data;
        dst = to->data;
        ngx_unescape_uri(&dst, &src, value.len, 0);
        to->len = dst - to->data;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_ccproxy_operator_is(ngx_str_t *s, const char *word)
{
    return s->len == ngx_strlen(word)
           && ngx_strncmp(s->data, word, s->len) == 0;
}


static ngx_uint_t
ngx_http_ccproxy_operator_names(ngx_str_t *wanted, const void *p, size_t n)
{
    return wanted->data == NULL
           || (wanted->len == n && ngx_memcmp(wanted->data, p, n) == 0);
}


static int
ngx_http_ccproxy_order_hold(ccp_pool_t *pool, ccp_pool_pair_t *pair,
    const ngx_http_ccproxy_order_t *o)
{
    return ccp_pool_hold(pool, pair, o->of, 1);
}


static int
ngx_http_ccproxy_order_release(ccp_pool_t *pool, ccp_pool_pair_t *pair,
    const ngx_http_ccproxy_order_t *o)
{
    return ccp_pool_hold(pool, pair, o->of, 0);
}


static int
ngx_http_ccproxy_order_weigh(ccp_pool_t *pool, ccp_pool_pair_t *pair,
    const ngx_http_ccproxy_order_t *o)
{
    return ccp_pool_weigh(pool, pair, (uint32_t) o->n);
}


static int
ngx_http_ccproxy_order_thaw(ccp_pool_t *pool, ccp_pool_pair_t *pair,
    const ngx_http_ccproxy_order_t *o)
{
    (void) o;

    ccp_pool_thaw(pool, pair);

    return 1;
}


static const struct {
    const char                 *name;
    ngx_http_ccproxy_order_pt   carry;
} ngx_http_ccproxy_orders[] = {
    { "hold", ngx_http_ccproxy_order_hold },
    { "release", ngx_http_ccproxy_order_release },
    { "weight", ngx_http_ccproxy_order_weigh },
    { "thaw", ngx_http_ccproxy_order_thaw },
    { NULL, NULL }
};


/* All pairs of a pool that the order names; their number. */

static ngx_uint_t
ngx_http_ccproxy_operator_pool(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_pool_t *pool, const ngx_http_ccproxy_order_t *o,
    ngx_http_ccproxy_order_pt carry)
{
    ngx_str_t                *key;
    ngx_uint_t                i, n;
    ngx_http_ccproxy_pair_t  *pair;

    n = 0;

    if (!ngx_http_ccproxy_operator_names((ngx_str_t *) &o->pool,
                                         pool->uscf->host.data,
                                         pool->uscf->host.len))
    {
        return 0;
    }

    for (i = 0; i < pool->npairs; i++) {

        pair = &pool->pairs[i];
        key = ngx_http_ccproxy_key_name(pair->key);

        if (!ngx_http_ccproxy_operator_names((ngx_str_t *) &o->provider,
                                       pair->target->provider->name.data,
                                       pair->target->provider->name.len)
            || !ngx_http_ccproxy_operator_names((ngx_str_t *) &o->model,
                                          pair->target->target.model.p,
                                          pair->target->target.model.n)
            || !ngx_http_ccproxy_operator_names((ngx_str_t *) &o->key,
                                                key->data, key->len))
        {
            continue;
        }

        ngx_shmtx_lock(&mcf->zone->shpool->mutex);
        n += carry(mcf->zone->pool, &pool->list.pairs[i], o) ? 1 : 0;
        ngx_shmtx_unlock(&mcf->zone->shpool->mutex);
    }

    return n;
}


static ngx_uint_t
ngx_http_ccproxy_operator_pairs(ngx_http_ccproxy_main_conf_t *mcf,
    const ngx_http_ccproxy_order_t *o, ngx_http_ccproxy_order_pt carry)
{
    ngx_uint_t                 i, n;
    ngx_http_ccproxy_pool_t  **pp;

    n = 0;
    pp = mcf->pools.elts;

    for (i = 0; i < mcf->pools.nelts; i++) {
        n += ngx_http_ccproxy_operator_pool(mcf, pp[i], o, carry);
    }

    pp = mcf->direct.elts;

    for (i = 0; i < mcf->direct.nelts; i++) {
        n += ngx_http_ccproxy_operator_pool(mcf, pp[i], o, carry);
    }

    return n;
}


/* The function for it; NULL: *why tells what is wrong. */

static ngx_http_ccproxy_order_pt
ngx_http_ccproxy_operator_check(ngx_http_ccproxy_order_t *o, char **why)
{
    ngx_uint_t  i;

    o->of = CCP_POOL_THE_PAIR;

    if (ngx_http_ccproxy_operator_is(&o->what, "key")) {
        o->of = CCP_POOL_THE_KEY;

    } else if (ngx_http_ccproxy_operator_is(&o->what, "target")) {
        o->of = CCP_POOL_THE_TARGET;

    } else if (o->what.len
               && !ngx_http_ccproxy_operator_is(&o->what, "pair"))
    {
        *why = "what: pair, key or target";
        return NULL;
    }

    if (o->provider.len == 0) {
        *why = "name a provider";
        return NULL;
    }

    for (i = 0; ngx_http_ccproxy_orders[i].name; i++) {
        if (ngx_http_ccproxy_operator_is(&o->action,
                                         ngx_http_ccproxy_orders[i].name))
        {
            break;
        }
    }

    if (ngx_http_ccproxy_orders[i].carry == ngx_http_ccproxy_order_weigh) {
        o->n = ngx_atoi(o->weight.data, o->weight.len);

        if (o->n < 0 || o->n > NGX_HTTP_CCPROXY_OPERATOR_WEIGHT) {
            *why = "weight: 1 to 1000000; 0 takes it back";
            return NULL;
        }
    }

    *why = "action: hold, release, weight, thaw or stop";

    return ngx_http_ccproxy_orders[i].carry;
}


/* Names are the configuration's: what of them matched nothing is not logged. */

static void
ngx_http_ccproxy_operator_log(ngx_http_request_t *r,
    ngx_http_ccproxy_order_t *o, ngx_uint_t n)
{
    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                  "ccproxy: an operator: %V%s%V%s%V, pool \"%V\", provider "
                  "\"%V\", model \"%V\", key \"%V\": %ui pairs",
                  &o->action, o->what.len ? " of " : "", &o->what,
                  o->weight.len ? " " : "", &o->weight, &o->pool,
                  &o->provider, &o->model, &o->key, n);
}


static ngx_int_t
ngx_http_ccproxy_operator_done(ngx_http_request_t *r, ngx_uint_t n)
{
    ngx_str_t  type, body;

    body.data = ngx_pnalloc(r->pool, sizeof("{\"changed\":}\n")
                                     + NGX_INT_T_LEN);
    if (body.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    body.len = ngx_sprintf(body.data, "{\"changed\":%ui}\n", n) - body.data;
    ngx_str_set(&type, "application/json");

    return ngx_http_ccproxy_send(r, NGX_HTTP_OK, &type, &body);
}


static ngx_int_t
ngx_http_ccproxy_operator_carry(ngx_http_request_t *r,
    ngx_http_ccproxy_order_t *o)
{
    char                          *why;
    ngx_uint_t                     n;
    ngx_http_ccproxy_order_pt      carry;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    if (ngx_http_ccproxy_operator_is(&o->action, "stop")) {

        if (!ngx_http_ccproxy_recent_stop(mcf, &o->id)) {
            return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_NOT_FOUND,
                                      "no request of this id is under way");
        }

        ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                      "ccproxy: an operator: ends request \"%V\"", &o->id);

        return ngx_http_ccproxy_operator_done(r, 1);
    }

    carry = ngx_http_ccproxy_operator_check(o, &why);

    if (carry == NULL || mcf->zone == NULL) {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_BAD_REQUEST, why);
    }

    n = ngx_http_ccproxy_operator_pairs(mcf, o, carry);

    if (n == 0) {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_NOT_FOUND,
                                             "no pair has these names");
    }

    ngx_http_ccproxy_operator_log(r, o, n);

    return ngx_http_ccproxy_operator_done(r, n);
}


/* The body, which may be no more than a document's beginning. */

static void
ngx_http_ccproxy_operator_body(ngx_str_t *body, ccp_out_t *out)
{
    ccp_json_t  doc;

    ccp_json_init(&doc, out->buf.arena);

    if (ccp_json_parse(&doc, body->data, body->len, 0, NULL) == CCP_OK) {
        ccp_w_raw(out, ngx_http_ccproxy_slice(body));

    } else {
        ccp_w_str(out, ngx_http_ccproxy_slice(body));
    }

    ccp_json_free(&doc);
}


/* What an upstream was sent for a request that the page made. */

static void
ngx_http_ccproxy_operator_sent_write(ngx_http_request_t *r, ccp_out_t *out)
{
    ngx_str_t                      id;
    ngx_http_ccproxy_sent_t        sent;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    ccp_w_obj(out);

    if (ngx_http_arg(r, (u_char *) "sent", 4, &id) == NGX_OK
        && ngx_http_ccproxy_sent_get(mcf, &id, r->pool, &sent) == NGX_OK)
    {
        ccp_w_kstr(out, "provider", ngx_http_ccproxy_slice(&sent.provider));
        ccp_w_kstr(out, "uri", ngx_http_ccproxy_slice(&sent.uri));
        ccp_w_key(out, "body");

        ngx_http_ccproxy_operator_body(&sent.body, out);

    } else {
        ccp_w_kcstr(out, "error", "nothing was sent for this request, or it "
                    "was long ago");
    }

    ccp_w_obj_end(out);
}


static ngx_int_t
ngx_http_ccproxy_operator_sent(ngx_http_request_t *r)
{
    ngx_int_t  rc;
    ngx_str_t  type;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!ngx_http_ccproxy_operator_same(r)
        || !ngx_http_ccproxy_operator_token(r))
    {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_FORBIDDEN,
                                             "only the page may ask for it");
    }

    ngx_str_set(&type, "application/json");

    return ngx_http_ccproxy_reply_document(r, NGX_HTTP_OK, &type,
                                         ngx_http_ccproxy_operator_sent_write);
}


ngx_int_t
ngx_http_ccproxy_operator(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_str_t                      arg;
    ngx_http_ccproxy_order_t       o;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->try_it && r->method == NGX_HTTP_GET
        && ngx_http_arg(r, (u_char *) "sent", 4, &arg) == NGX_OK)
    {
        return ngx_http_ccproxy_operator_sent(r);
    }

    if (r->method != NGX_HTTP_POST
        || ngx_http_arg(r, (u_char *) "action", 6, &arg) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!lcf->admin) {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_FORBIDDEN,
                        "nobody operates here: write ccproxy_status admin");
    }

    if (!ngx_http_ccproxy_operator_same(r)) {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_FORBIDDEN,
                                   "pages of other sites are not served here");
    }

    if (!ngx_http_ccproxy_operator_token(r)) {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_FORBIDDEN,
                        "send the header X-Ccproxy-Token with the page's "
                        "token");
    }

    if (ngx_http_ccproxy_operator_read(r, &o) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_ccproxy_operator_carry(r, &o);
}
