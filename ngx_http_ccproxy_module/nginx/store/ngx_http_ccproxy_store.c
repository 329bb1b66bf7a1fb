
/*
 * What the codec asks of who keeps conversations: objects of one client, in
 * the memory that workers share.
 *
 * An object's key is a digest of its client, its kind and its id: whoever is
 * another client has no way to it, whatever id is asked for.
 */

#include "nginx/store/ngx_http_ccproxy_store.h"


/* A client's word for an object that is longer than any id. */
#define NGX_HTTP_CCPROXY_STORE_ID  256


typedef struct {
    ngx_http_request_t        *request;
    ngx_http_ccproxy_store_t  *store;
    u_char                     scope[NGX_HTTP_CCPROXY_SHA256];
    ccp_keeper_t               keeper;
} ngx_http_ccproxy_store_client_t;


static void
ngx_http_ccproxy_store_lock(ngx_http_ccproxy_store_client_t *c)
{
    ngx_shmtx_lock(&c->store->shpool->mutex);

    if (ccp_store_enter(c->store->store, c->store->ttl)) {
        ngx_log_error(NGX_LOG_WARN, c->request->connection->log, 0,
                      "ccproxy store: a worker died while it wrote to \"%V\": "
                      "what it wrote is dropped", &c->store->name);
    }
}


static void
ngx_http_ccproxy_store_unlock(ngx_http_ccproxy_store_client_t *c)
{
    ccp_store_leave(c->store->store);

    ngx_shmtx_unlock(&c->store->shpool->mutex);
}


/* NGX_DECLINED: no object can have such an id. */

static ngx_int_t
ngx_http_ccproxy_store_key(ngx_http_ccproxy_store_client_t *c,
    const ccp_held_ref_t *ref, uint8_t *key)
{
    u_char     *p, digest[NGX_HTTP_CCPROXY_SHA256];
    u_char      text[NGX_HTTP_CCPROXY_SHA256 + 1
                     + NGX_HTTP_CCPROXY_STORE_ID];
    ngx_str_t   s;

    if (ref->id.n == 0 || ref->id.n > NGX_HTTP_CCPROXY_STORE_ID) {
        return NGX_DECLINED;
    }

    p = ngx_cpymem(text, c->scope, NGX_HTTP_CCPROXY_SHA256);
    *p++ = (u_char) ref->kind;
    p = ngx_cpymem(p, ref->id.p, ref->id.n);

    s.data = text;
    s.len = p - text;

    ngx_http_ccproxy_sha256(&s, digest);
    ngx_memcpy(key, digest, CCP_STORE_KEY);

    return NGX_OK;
}


static void
ngx_http_ccproxy_store_count(ngx_http_ccproxy_store_client_t *c,
    ngx_uint_t found)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(c->request, ngx_http_ccproxy_module);

    ccp_meter_bump(mcf->ledger->meter, found ? CCP_METER_STORE_HITS
                                             : CCP_METER_STORE_MISSES, 1);
}


/* The object's bytes as they are stored; *p NULL: no memory. */

static ngx_int_t
ngx_http_ccproxy_store_copy(ngx_http_ccproxy_store_client_t *c,
    ccp_arena_t *a, const uint8_t *key, ccp_store_entry_t *e, u_char **p)
{
    uint32_t  at;

    ngx_http_ccproxy_store_lock(c);

    at = ccp_store_find(c->store->store, key, ngx_current_msec, e);

    ngx_http_ccproxy_store_count(c, at != 0);

    if (at == 0) {
        ngx_http_ccproxy_store_unlock(c);
        return NGX_DECLINED;
    }

    *p = ccp_alloc(a, e->len ? e->len : 1);

    if (*p) {
        ccp_store_read(c->store->store, at, *p);
    }

    ngx_http_ccproxy_store_unlock(c);

    if (*p == NULL || ccp_store_is_whole(c->store->store, e, *p)) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ALERT, c->request->connection->log, 0,
                  "ccproxy store: an object of \"%V\" is not what was put "
                  "there: it is dropped", &c->store->name);

    ngx_http_ccproxy_store_lock(c);
    (void) ccp_store_drop(c->store->store, key);
    ngx_http_ccproxy_store_unlock(c);

    return NGX_DECLINED;
}


static int
ngx_http_ccproxy_store_get(void *ctx, ccp_held_ref_t *ref, ccp_arena_t *a,
    ccp_str_t *bytes, uint64_t *owner)
{
    u_char             *p, *raw;
    uint8_t             key[CCP_STORE_KEY];
    ccp_store_entry_t   e;

    ngx_http_ccproxy_store_client_t  *c = ctx;

    if (ngx_http_ccproxy_store_key(c, ref, key) != NGX_OK
        || ngx_http_ccproxy_store_copy(c, a, key, &e, &p) != NGX_OK)
    {
        return CCP_DECLINED;
    }

    if (p == NULL) {
        return CCP_NOMEM;
    }

    *bytes = ccp_str_range(p, p + e.len);

    if (e.raw) {

        raw = ccp_alloc(a, e.raw);
        if (raw == NULL) {
            return CCP_NOMEM;
        }

        if (ngx_http_ccproxy_store_unpack(c->request->connection->log, p,
                                          e.len, raw, e.raw)
            != NGX_OK)
        {
            return CCP_DECLINED;
        }

        *bytes = ccp_str_range(raw, raw + e.raw);
    }

    ref->serial = e.serial;
    *owner = e.owner;

    return CCP_OK;
}


static int
ngx_http_ccproxy_store_put(void *ctx, ccp_held_ref_t *ref, ccp_str_t bytes,
    uint64_t owner)
{
    int                 kept;
    size_t              len;
    u_char             *packed;
    const uint8_t      *p;
    ccp_store_entry_t   e;

    ngx_http_ccproxy_store_client_t  *c = ctx;

    ngx_memzero(&e, sizeof(ccp_store_entry_t));

    if (bytes.n > c->store->item
        || ngx_http_ccproxy_store_key(c, ref, e.key) != NGX_OK)
    {
        ngx_log_error(NGX_LOG_INFO, c->request->connection->log, 0,
                      "ccproxy store: an object of %uz bytes is too long "
                      "for \"%V\": it is not kept", bytes.n, &c->store->name);
        return CCP_DECLINED;
    }

    packed = ngx_http_ccproxy_store_pack(c->request->connection->log, bytes.p,
                                         bytes.n, &len);
    p = packed ? packed : bytes.p;

    e.len = (uint32_t) (packed ? len : bytes.n);
    e.raw = packed ? (uint32_t) bytes.n : 0;
    e.kind = ref->kind;
    e.serial = ref->serial;
    e.owner = owner;
    e.sum = ccp_store_sum(c->store->store, p, e.len);

    ngx_http_ccproxy_store_lock(c);
    kept = ccp_store_put(c->store->store, &e, p, ngx_current_msec);
    ngx_http_ccproxy_store_unlock(c);

    if (packed) {
        ngx_free(packed);
    }

    ngx_log_debug4(NGX_LOG_DEBUG_HTTP, c->request->connection->log, 0,
                   "ccproxy store: kind %d, %uz bytes, as %uD, kept %d",
                   (int) ref->kind, bytes.n, e.len, kept);

    ref->serial = kept ? e.serial : 0;

    return kept ? CCP_OK : CCP_DECLINED;
}


static int
ngx_http_ccproxy_store_drop(void *ctx, const ccp_held_ref_t *ref)
{
    int      found;
    uint8_t  key[CCP_STORE_KEY];

    ngx_http_ccproxy_store_client_t  *c = ctx;

    if (ngx_http_ccproxy_store_key(c, ref, key) != NGX_OK) {
        return CCP_DECLINED;
    }

    ngx_http_ccproxy_store_lock(c);
    found = ccp_store_drop(c->store->store, key);
    ngx_http_ccproxy_store_unlock(c);

    return found ? CCP_OK : CCP_DECLINED;
}


/* A name and an address are never the same client. */

static ngx_int_t
ngx_http_ccproxy_store_scope(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, u_char *digest)
{
    u_char     *p;
    ngx_str_t   who, text;

    who = ctx->client.len ? ctx->client : r->connection->addr_text;

    text.len = who.len + 2;
    text.data = ngx_pnalloc(r->pool, text.len);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    p = text.data;
    *p++ = ctx->access ? 'k' : ctx->client.len ? 'c' : 'a';
    *p++ = ':';
    ngx_memcpy(p, who.data, who.len);

    ngx_http_ccproxy_sha256(&text, digest);

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_store_keeper(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, const ccp_keeper_t **keeper)
{
    ngx_http_ccproxy_loc_conf_t      *lcf;
    ngx_http_ccproxy_store_client_t  *c;

    *keeper = NULL;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->store == NULL) {
        return NGX_OK;
    }

    c = ngx_palloc(r->pool, sizeof(ngx_http_ccproxy_store_client_t));
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->request = r;
    c->store = lcf->store;

    if (ngx_http_ccproxy_store_scope(r, ctx, c->scope) != NGX_OK) {
        return NGX_ERROR;
    }

    c->keeper.ctx = c;
    c->keeper.get = ngx_http_ccproxy_store_get;
    c->keeper.put = ngx_http_ccproxy_store_put;
    c->keeper.drop = ngx_http_ccproxy_store_drop;

    *keeper = &c->keeper;

    return NGX_OK;
}
