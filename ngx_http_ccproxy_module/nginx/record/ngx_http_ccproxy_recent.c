
/*
 * What the status page tells of single requests: those under way, and what
 * failed lately.  Both are tables of fixed size in shared memory, which is
 * there only where a location has "ccproxy_status".  Neither texts of clients
 * nor words of upstreams get into them.
 */

#include "nginx/record/ngx_http_ccproxy_record.h"


/* How often a worker looks which of its requests an operator ends, ms. */
#define NGX_HTTP_CCPROXY_RECENT_BEAT  500


/* Bytes of the token that an operator's page has. */
#define NGX_HTTP_CCPROXY_RECENT_TOKEN  16


typedef struct {
    ngx_http_ccproxy_failure_t   failure[NGX_HTTP_CCPROXY_FAILURES];
    ngx_uint_t                   failures;    /* ever */
    ngx_http_ccproxy_open_t      open[NGX_HTTP_CCPROXY_OPEN];
    uint32_t                     next[NGX_HTTP_CCPROXY_OPEN]; /* free ones */
    uint32_t                     free;        /* the first, from 1 on */
    uint32_t                     used;        /* of open, ever: those behind
                                                 are free, too */
    ngx_uint_t                   unlisted;    /* requests without room, ever */
    ngx_str_t                    token;       /* of operators */
    u_char                       hex[2 * NGX_HTTP_CCPROXY_RECENT_TOKEN];
} ngx_http_ccproxy_recent_t;


static void ngx_http_ccproxy_recent_beat(ngx_event_t *ev);


/* Of this worker: whose request an entry is, and the clock for them. */

static ngx_http_ccproxy_ctx_t  *ngx_http_ccproxy_recent_of[
                                                    NGX_HTTP_CCPROXY_OPEN];
static ngx_event_t              ngx_http_ccproxy_recent_timer;
static ngx_connection_t         ngx_http_ccproxy_recent_conn;


/* Without random bytes there is no token, and nobody operates. */

static void *
ngx_http_ccproxy_recent_create(void *mem, size_t size)
{
    ngx_http_ccproxy_recent_t  *recent = mem;

    ssize_t   n;
    u_char    bytes[NGX_HTTP_CCPROXY_RECENT_TOKEN];
    ngx_fd_t  fd;

    (void) size;

    fd = ngx_open_file((u_char *) "/dev/urandom", NGX_FILE_RDONLY,
                       NGX_FILE_OPEN, 0);

    if (fd != NGX_INVALID_FILE) {
        n = ngx_read_fd(fd, bytes, sizeof(bytes));

        if (n == (ssize_t) sizeof(bytes)) {
            (void) ngx_hex_dump(recent->hex, bytes, sizeof(bytes));
            recent->token.data = recent->hex;
            recent->token.len = sizeof(recent->hex);
        }

        (void) ngx_close_file(fd);
    }

    return mem;
}


ngx_str_t *
ngx_http_ccproxy_recent_token(ngx_http_ccproxy_main_conf_t *mcf)
{
    ngx_http_ccproxy_recent_t  *recent;

    recent = mcf->recent->data;

    return &recent->token;
}


/* Adds the tables to a configuration that shows them. */

ngx_int_t
ngx_http_ccproxy_recent_add(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_recent"),
        0,
        sizeof(ngx_http_ccproxy_recent_t),
        ngx_http_ccproxy_recent_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    shm.size = ngx_align(sizeof(ngx_http_ccproxy_recent_t), ngx_pagesize)
               + 16 * ngx_pagesize;

    if (mcf->recent == NULL) {
        mcf->recent = ngx_http_ccproxy_shm_add(cf, &shm);
    }

    return mcf->recent ? NGX_OK : NGX_ERROR;
}


static ngx_http_ccproxy_recent_t *
ngx_http_ccproxy_recent_lock(ngx_http_ccproxy_main_conf_t *mcf)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) mcf->recent->shm.addr;
    ngx_shmtx_lock(&shpool->mutex);

    return mcf->recent->data;
}


static void
ngx_http_ccproxy_recent_unlock(ngx_http_ccproxy_main_conf_t *mcf)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) mcf->recent->shm.addr;
    ngx_shmtx_unlock(&shpool->mutex);
}


void
ngx_http_ccproxy_recent_name(ngx_http_ccproxy_recent_name_t *to,
    const void *p, size_t n)
{
    const u_char  *s = p;

    if (n > sizeof(to->data)) {
        n = sizeof(to->data);

        while (n && (s[n] & 0xc0) == 0x80) {
            n--;
        }
    }

    to->len = (u_char) n;

    if (n) {
        ngx_memcpy(to->data, s, n);
    }
}


static uint64_t
ngx_http_ccproxy_recent_now(void)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    return (uint64_t) tp->sec * 1000 + tp->msec;
}


static void
ngx_http_ccproxy_recent_pair(ngx_http_ccproxy_pair_t *pair,
    ngx_http_ccproxy_recent_name_t *provider,
    ngx_http_ccproxy_recent_name_t *model,
    ngx_http_ccproxy_recent_name_t *key)
{
    ngx_str_t  *name;
    ccp_str_t   m;

    name = &pair->target->provider->name;
    ngx_http_ccproxy_recent_name(provider, name->data, name->len);

    m = pair->target->target.model;
    ngx_http_ccproxy_recent_name(model, m.p, m.n);

    name = ngx_http_ccproxy_key_name(pair->key);
    ngx_http_ccproxy_recent_name(key, name->data, name->len);
}


/* ---- what failed ---- */

static void
ngx_http_ccproxy_recent_fail(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_failure_t *f)
{
    ngx_str_t                     *name;
    ngx_http_ccproxy_recent_t     *recent;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(ctx->request, ngx_http_ccproxy_module);

    f->time = ngx_http_ccproxy_recent_now();

    if (ctx->tries.pool) {
        name = &ctx->tries.pool->uscf->host;
        ngx_http_ccproxy_recent_name(&f->pool, name->data, name->len);
    }

    ngx_http_ccproxy_recent_name(&f->client, ctx->client.data,
                                 ctx->client.len);

    recent = ngx_http_ccproxy_recent_lock(mcf);

    recent->failure[recent->failures % NGX_HTTP_CCPROXY_FAILURES] = *f;
    recent->failures++;

    ngx_http_ccproxy_recent_unlock(mcf);
}


void
ngx_http_ccproxy_recent_try(ngx_http_ccproxy_ctx_t *ctx,
    ccp_pool_outcome_e outcome)
{
    ngx_http_ccproxy_pair_t       *pair;
    ngx_http_ccproxy_failure_t     f;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(ctx->request, ngx_http_ccproxy_module);

    if (mcf->recent == NULL || outcome <= CCP_POOL_GOOD) {
        return;
    }

    ngx_memzero(&f, sizeof(ngx_http_ccproxy_failure_t));

    pair = &ctx->tries.pool->pairs[ctx->try.ticket.index];

    f.outcome = outcome;
    f.status = pair == ctx->try.pair ? (uint16_t) ctx->try.status : 0;
    ngx_http_ccproxy_recent_pair(pair, &f.provider, &f.model, &f.key);

    ngx_http_ccproxy_recent_fail(ctx, &f);
    ctx->failed = 1;
}


/* A request that was refused, or whose answer broke off: where no pair is to
 * blame, this is all that there is to tell. */

static ngx_int_t
ngx_http_ccproxy_recent_log(ngx_http_request_t *r)
{
    ngx_uint_t                     status;
    ccp_outcome_t                  o;
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_failure_t     f;
    ngx_http_ccproxy_loc_conf_t   *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (!lcf->enable || r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_ccproxy_find_ctx(r);
    status = r->err_status ? r->err_status : r->headers_out.status;

    if (ctx == NULL || ctx->failed || r->method != NGX_HTTP_POST
        || status == NGX_HTTP_CLIENT_CLOSED_REQUEST)
    {
        return NGX_OK;
    }

    ngx_memzero(&f, sizeof(ngx_http_ccproxy_failure_t));

    f.cls = ctx->error.cls;

    if (ngx_http_ccproxy_answering(ctx)) {
        ccp_answer_outcome(ctx->try.codec, &o);

        if (o.error) {
            f.cls = o.error->cls;
        }
    }

    if (status < NGX_HTTP_BAD_REQUEST
        && (f.cls == CCP_E_NONE || !ngx_http_ccproxy_answering(ctx)))
    {
        return NGX_OK;
    }

    f.status = (uint16_t) status;

    if (ctx->try.pair) {
        ngx_http_ccproxy_recent_pair(ctx->try.pair, &f.provider, &f.model,
                                     &f.key);
    }

    ngx_http_ccproxy_recent_fail(ctx, &f);

    return NGX_OK;
}


/* ---- what is under way ---- */

static void
ngx_http_ccproxy_recent_free(ngx_http_ccproxy_recent_t *recent, ngx_uint_t i)
{
    recent->open[i].pid = 0;
    recent->next[i] = recent->free;
    recent->free = (uint32_t) i + 1;
}


static void
ngx_http_ccproxy_recent_end(void *data)
{
    ngx_http_ccproxy_ctx_t  *ctx = data;

    ngx_uint_t                     i;
    ngx_http_ccproxy_recent_t     *recent;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(ctx->request, ngx_http_ccproxy_module);
    i = ctx->open - 1;

    recent = ngx_http_ccproxy_recent_lock(mcf);
    ngx_http_ccproxy_recent_free(recent, i);
    ngx_http_ccproxy_recent_unlock(mcf);

    ngx_http_ccproxy_recent_of[i] = NULL;
}


/* Takes an entry; 0: there is none. */

static ngx_uint_t
ngx_http_ccproxy_recent_take(ngx_http_ccproxy_recent_t *recent)
{
    ngx_uint_t  i;

    if (recent->free) {
        i = recent->free;
        recent->free = recent->next[i - 1];
        return i;
    }

    if (recent->used < NGX_HTTP_CCPROXY_OPEN) {
        return ++recent->used;
    }

    recent->unlisted++;

    return 0;
}


static void
ngx_http_ccproxy_recent_start(void)
{
    if (ngx_http_ccproxy_recent_timer.timer_set) {
        return;
    }

    ngx_http_ccproxy_recent_conn.fd = (ngx_socket_t) -1;
    ngx_http_ccproxy_recent_timer.handler = ngx_http_ccproxy_recent_beat;
    ngx_http_ccproxy_recent_timer.data = &ngx_http_ccproxy_recent_conn;
    ngx_http_ccproxy_recent_timer.log = ngx_cycle->log;
    ngx_http_ccproxy_recent_timer.cancelable = 1;

    ngx_add_timer(&ngx_http_ccproxy_recent_timer,
                  NGX_HTTP_CCPROXY_RECENT_BEAT);
}


/* Fills the entry of a request, but for the pair. */

static void
ngx_http_ccproxy_recent_fill(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_open_t *open)
{
    ccp_str_t             s;
    ngx_str_t            *name;
    const ccp_request_t  *req;

    ngx_memzero(open, sizeof(ngx_http_ccproxy_open_t));

    open->pid = ngx_pid;
    open->time = ngx_http_ccproxy_recent_now()
                 - (uint64_t) (ngx_current_msec - ctx->start);

    s = ccp_exchange_id(ctx->exchange);
    ngx_http_ccproxy_recent_name(&open->id, s.p, s.n);

    ngx_http_ccproxy_recent_name(&open->client, ctx->client.data,
                                 ctx->client.len);
    ngx_http_ccproxy_recent_name(&open->asked, ctx->name.model.data,
                                 ctx->name.model.len);

    name = &ctx->tries.pool->uscf->host;
    ngx_http_ccproxy_recent_name(&open->pool, name->data, name->len);

    req = ccp_exchange_req(ctx->exchange);
    open->stream = req && req->stream;
    open->proto = ctx->endpoint.proto;
}


void
ngx_http_ccproxy_recent_open(ngx_http_ccproxy_ctx_t *ctx)
{
    ngx_pool_cleanup_t            *cln;
    ngx_http_ccproxy_open_t       *open;
    ngx_http_ccproxy_recent_t     *recent;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(ctx->request, ngx_http_ccproxy_module);

    if (mcf->recent == NULL || ctx->try.pair == NULL) {
        return;
    }

    cln = NULL;

    if (ctx->open == 0) {
        cln = ngx_pool_cleanup_add(ctx->request->pool, 0);
        if (cln == NULL) {
            return;
        }
    }

    recent = ngx_http_ccproxy_recent_lock(mcf);

    if (cln) {
        ctx->open = ngx_http_ccproxy_recent_take(recent);

        if (ctx->open) {
            ngx_http_ccproxy_recent_fill(ctx, &recent->open[ctx->open - 1]);
        }
    }

    if (ctx->open) {
        open = &recent->open[ctx->open - 1];
        ngx_http_ccproxy_recent_pair(ctx->try.pair, &open->provider,
                                     &open->model, &open->key);
    }

    ngx_http_ccproxy_recent_unlock(mcf);

    if (cln && ctx->open) {
        cln->handler = ngx_http_ccproxy_recent_end;
        cln->data = ctx;
        ngx_http_ccproxy_recent_of[ctx->open - 1] = ctx;
        ngx_http_ccproxy_recent_start();
    }
}


/* Ends requests of this worker's that an operator marked. */

static void
ngx_http_ccproxy_recent_beat(ngx_event_t *ev)
{
    ngx_uint_t                     i, n, left;
    uint16_t                       stop[NGX_HTTP_CCPROXY_OPEN];
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_recent_t     *recent;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf((ngx_cycle_t *) ngx_cycle,
                                              ngx_http_ccproxy_module);

    if (mcf->recent == NULL) {
        return;
    }

    n = 0;
    left = 0;

    recent = ngx_http_ccproxy_recent_lock(mcf);

    for (i = 0; i < recent->used; i++) {

        if (recent->open[i].pid != ngx_pid) {
            continue;
        }

        left++;

        if (recent->open[i].stop) {
            recent->open[i].stop = 0;
            stop[n++] = (uint16_t) i;
        }
    }

    ngx_http_ccproxy_recent_unlock(mcf);

    if (left) {
        ngx_add_timer(ev, NGX_HTTP_CCPROXY_RECENT_BEAT);
    }

    for (i = 0; i < n; i++) {
        ctx = ngx_http_ccproxy_recent_of[stop[i]];

        if (ctx && ctx->stop) {
            ctx->stop(ctx);
        }
    }
}


/* ---- for pages ---- */

/* Requests of workers that died have no end. */

static void
ngx_http_ccproxy_recent_reap(ngx_http_ccproxy_recent_t *recent)
{
    ngx_uint_t  i;
    ngx_pid_t   dead, alive;

    dead = 0;
    alive = ngx_pid;

    for (i = 0; i < recent->used; i++) {

        if (recent->open[i].pid == 0 || recent->open[i].pid == alive) {
            continue;
        }

        if (recent->open[i].pid == dead
            || (kill(recent->open[i].pid, 0) == -1 && ngx_errno == NGX_ESRCH))
        {
            dead = recent->open[i].pid;
            ngx_http_ccproxy_recent_free(recent, i);

        } else {
            alive = recent->open[i].pid;
        }
    }
}


ngx_uint_t
ngx_http_ccproxy_recent_opened(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_open_t *to)
{
    ngx_uint_t                  i, n;
    ngx_http_ccproxy_recent_t  *recent;

    n = 0;
    recent = ngx_http_ccproxy_recent_lock(mcf);
    ngx_http_ccproxy_recent_reap(recent);

    for (i = 0; i < recent->used; i++) {
        if (recent->open[i].pid) {
            to[n++] = recent->open[i];
        }
    }

    ngx_http_ccproxy_recent_unlock(mcf);

    return n;
}


ngx_uint_t
ngx_http_ccproxy_recent_failed(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_failure_t *to)
{
    ngx_uint_t                  i, n;
    ngx_http_ccproxy_recent_t  *recent;

    recent = ngx_http_ccproxy_recent_lock(mcf);
    n = ngx_min(recent->failures, NGX_HTTP_CCPROXY_FAILURES);

    for (i = 0; i < n; i++) {
        to[i] = recent->failure[(recent->failures - 1 - i)
                                % NGX_HTTP_CCPROXY_FAILURES];
    }

    ngx_http_ccproxy_recent_unlock(mcf);

    return n;
}


ngx_uint_t
ngx_http_ccproxy_recent_stop(ngx_http_ccproxy_main_conf_t *mcf, ngx_str_t *id)
{
    ngx_uint_t                  i, found;
    ngx_http_ccproxy_open_t    *open;
    ngx_http_ccproxy_recent_t  *recent;

    found = 0;
    recent = ngx_http_ccproxy_recent_lock(mcf);

    for (i = 0; i < recent->used; i++) {
        open = &recent->open[i];

        if (open->pid && open->id.len == id->len
            && ngx_memcmp(open->id.data, id->data, id->len) == 0)
        {
            open->stop = 1;
            found = 1;
        }
    }

    ngx_http_ccproxy_recent_unlock(mcf);

    return found;
}


ngx_int_t
ngx_http_ccproxy_recent_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt           *h;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->recent == NULL) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_ccproxy_recent_log;

    return NGX_OK;
}
