
/*
 * "ccproxy_status try": what upstreams were sent for the last requests that
 * the status page made, so that it can show it beside the answer.
 */

#include "nginx/record/ngx_http_ccproxy_record.h"


#define NGX_HTTP_CCPROXY_SENT_HEADER  "x-ccproxy-try"
#define NGX_HTTP_CCPROXY_SENT_MAX     8
#define NGX_HTTP_CCPROXY_SENT_BODY    32768
#define NGX_HTTP_CCPROXY_SENT_URI     256


typedef struct {
    ngx_http_ccproxy_recent_name_t  id;
    ngx_http_ccproxy_recent_name_t  provider;
    size_t                          uri_len;
    size_t                          body_len;
    u_char                          uri[NGX_HTTP_CCPROXY_SENT_URI];
    u_char                          body[NGX_HTTP_CCPROXY_SENT_BODY];
} ngx_http_ccproxy_sent_entry_t;


typedef struct {
    ngx_uint_t                      next;
    ngx_http_ccproxy_sent_entry_t   entry[NGX_HTTP_CCPROXY_SENT_MAX];
} ngx_http_ccproxy_sents_t;


static void *
ngx_http_ccproxy_sent_create(void *mem, size_t size)
{
    (void) size;

    return mem;
}


ngx_int_t
ngx_http_ccproxy_sent_add(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_sent"),
        0,
        sizeof(ngx_http_ccproxy_sents_t),
        ngx_http_ccproxy_sent_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    shm.size = ngx_align(sizeof(ngx_http_ccproxy_sents_t), ngx_pagesize)
               + 16 * ngx_pagesize;

    if (mcf->sent == NULL) {
        mcf->sent = ngx_http_ccproxy_shm_add(cf, &shm);
    }

    return mcf->sent ? NGX_OK : NGX_ERROR;
}


static size_t
ngx_http_ccproxy_sent_copy(u_char *to, const ccp_out_t *body)
{
    size_t     k, n, room;
    ccp_str_t  seg;

    n = 0;

    for (k = 0; (seg = ccp_out_seg(body, k)).p; k++) {
        room = ngx_min(seg.n, NGX_HTTP_CCPROXY_SENT_BODY - n);
        ngx_memcpy(to + n, seg.p, room);
        n += room;
    }

    return n;
}


/* Whether the page made the request. */

static ngx_uint_t
ngx_http_ccproxy_sent_wanted(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_request_t *r)
{
    ngx_str_t  *given, *token;

    if (mcf->sent == NULL) {
        return 0;
    }

    given = ngx_http_ccproxy_header_in(r, NGX_HTTP_CCPROXY_SENT_HEADER);
    token = ngx_http_ccproxy_recent_token(mcf);

    return given && token->len && ngx_http_ccproxy_eq(given, token);
}


void
ngx_http_ccproxy_sent_keep(ngx_http_ccproxy_ctx_t *ctx, const ccp_out_t *body,
    ccp_str_t uri)
{
    ccp_str_t                       id;
    ngx_str_t                      *provider;
    ngx_slab_pool_t                *shpool;
    ngx_http_ccproxy_sents_t       *sents;
    ngx_http_ccproxy_main_conf_t   *mcf;
    ngx_http_ccproxy_sent_entry_t  *e;

    mcf = ngx_http_get_module_main_conf(ctx->request, ngx_http_ccproxy_module);

    if (!ngx_http_ccproxy_sent_wanted(mcf, ctx->request)) {
        return;
    }

    id = ccp_exchange_id(ctx->exchange);
    provider = &ctx->try.target->provider->name;

    shpool = (ngx_slab_pool_t *) mcf->sent->shm.addr;
    sents = mcf->sent->data;

    ngx_shmtx_lock(&shpool->mutex);

    e = &sents->entry[sents->next++ % NGX_HTTP_CCPROXY_SENT_MAX];

    ngx_http_ccproxy_recent_name(&e->id, id.p, id.n);
    ngx_http_ccproxy_recent_name(&e->provider, provider->data, provider->len);
    e->uri_len = ngx_min(uri.n, NGX_HTTP_CCPROXY_SENT_URI);
    ngx_memcpy(e->uri, uri.p, e->uri_len);
    e->body_len = ngx_http_ccproxy_sent_copy(e->body, body);

    ngx_shmtx_unlock(&shpool->mutex);
}


static void
ngx_http_ccproxy_sent_string(ngx_str_t *to, ngx_pool_t *pool, const void *p,
    size_t n)
{
    to->data = ngx_pnalloc(pool, n + 1);
    to->len = 0;

    if (to->data) {
        ngx_memcpy(to->data, p, n);
        to->len = n;
    }
}


/* The last of that id: a request may have had several tries. */

ngx_int_t
ngx_http_ccproxy_sent_get(ngx_http_ccproxy_main_conf_t *mcf, ngx_str_t *id,
    ngx_pool_t *pool, ngx_http_ccproxy_sent_t *sent)
{
    ngx_uint_t                      i;
    ngx_slab_pool_t                *shpool;
    ngx_http_ccproxy_sents_t       *sents;
    ngx_http_ccproxy_sent_entry_t  *e, *last;

    if (mcf->sent == NULL) {
        return NGX_DECLINED;
    }

    shpool = (ngx_slab_pool_t *) mcf->sent->shm.addr;
    sents = mcf->sent->data;
    last = NULL;

    ngx_shmtx_lock(&shpool->mutex);

    for (i = 0; i < NGX_HTTP_CCPROXY_SENT_MAX; i++) {

        e = &sents->entry[(sents->next + i) % NGX_HTTP_CCPROXY_SENT_MAX];

        if (e->id.len && e->id.len == id->len
            && ngx_memcmp(e->id.data, id->data, id->len) == 0)
        {
            last = e;
        }
    }

    if (last) {
        ngx_http_ccproxy_sent_string(&sent->provider, pool,
                                     last->provider.data, last->provider.len);
        ngx_http_ccproxy_sent_string(&sent->uri, pool, last->uri,
                                     last->uri_len);
        ngx_http_ccproxy_sent_string(&sent->body, pool, last->body,
                                     last->body_len);
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return last ? NGX_OK : NGX_DECLINED;
}
