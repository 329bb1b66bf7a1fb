
/*
 * ccproxy_demo: a location that answers as a provider would, without one.
 */

#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/pages/ngx_http_ccproxy_pages.h"


/* Pace of a streamed answer, in ms a word. */
#define NGX_HTTP_CCPROXY_DEMO_PACE    20

#define NGX_HTTP_CCPROXY_DEMO_MEMORY  (16 * 1024 * 1024)


typedef struct {
    ngx_http_request_t        *request;
    ngx_http_ccproxy_demo_t    demo;
    ccp_out_t                  out;
    ngx_chain_t               *free;
    ngx_chain_t               *busy;
    ngx_event_t                timer;
    ngx_connection_t           conn;      /* for the timer's log messages */
} ngx_http_ccproxy_demo_run_t;


static ngx_int_t ngx_http_ccproxy_demo_handler(ngx_http_request_t *r);


static void *
ngx_http_ccproxy_demo_alloc(void *data, size_t n)
{
    return ngx_alloc(n, data);
}


static void
ngx_http_ccproxy_demo_free(void *data, void *p)
{
    (void) data;

    ngx_free(p);
}


static void
ngx_http_ccproxy_demo_cleanup(void *data)
{
    ngx_http_ccproxy_demo_run_t  *run = data;

    if (run->timer.timer_set) {
        ngx_del_timer(&run->timer);
    }

    ccp_arena_destroy(run->demo.arena);
}


static ngx_http_ccproxy_demo_run_t *
ngx_http_ccproxy_demo_create(ngx_http_request_t *r)
{
    u_char                       *id;
    ccp_mem_t                     mem;
    ngx_pool_cleanup_t           *cln;
    ngx_http_ccproxy_demo_t      *d;
    ngx_http_ccproxy_demo_run_t  *run;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_ccproxy_demo_run_t));
    if (cln == NULL) {
        return NULL;
    }

    run = cln->data;
    ngx_memzero(run, sizeof(ngx_http_ccproxy_demo_run_t));
    run->request = r;

    mem.alloc = ngx_http_ccproxy_demo_alloc;
    mem.free = ngx_http_ccproxy_demo_free;
    mem.ctx = r->connection->log;

    d = &run->demo;

    d->arena = ccp_arena_create(&mem, NGX_HTTP_CCPROXY_DEMO_MEMORY);
    if (d->arena == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_ccproxy_demo_cleanup;

    id = ngx_pnalloc(r->pool, 64);
    if (id == NULL) {
        return NULL;
    }

    d->id.p = id;
    d->id.n = ngx_sprintf(id, "demo%08xD%08xD", (uint32_t) ngx_random(),
                          (uint32_t) ngx_random()) - id;
    d->created = ngx_time();

    ccp_out_init(&run->out, d->arena, 0);

    return run;
}


static ngx_int_t
ngx_http_ccproxy_demo_send(ngx_http_ccproxy_demo_run_t *run, ngx_uint_t last)
{
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ccp_str_t            all;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = run->request;

    if (ccp_out_finish(&run->out) != CCP_OK) {
        return NGX_ERROR;
    }

    all = ccp_out_all(&run->out);

    cl = ngx_chain_get_free_buf(r->pool, &run->free);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    b = cl->buf;

    if ((size_t) (b->end - b->start) < all.n) {
        b->start = ngx_palloc(r->pool, all.n);
        if (b->start == NULL) {
            return NGX_ERROR;
        }
        b->end = b->start + all.n;
    }

    b->pos = b->start;
    b->last = ngx_cpymem(b->start, all.p, all.n);
    b->tag = (ngx_buf_tag_t) &ngx_http_ccproxy_demo_handler;
    b->temporary = 1;
    b->flush = 1;
    b->last_buf = last && r == r->main;
    b->last_in_chain = last;

    ccp_out_reset(&run->out);

    rc = ngx_http_output_filter(r, cl);

    ngx_chain_update_chains(r->pool, &run->free, &run->busy, &cl,
                            (ngx_buf_tag_t) &ngx_http_ccproxy_demo_handler);

    return rc;
}


static void
ngx_http_ccproxy_demo_write_handler(ngx_http_request_t *r)
{
    ngx_event_t               *wev;
    ngx_http_core_loc_conf_t  *clcf;

    wev = r->connection->write;

    if (wev->timedout) {
        r->connection->timedout = 1;
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    if (ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
    }
}


static void
ngx_http_ccproxy_demo_step(ngx_http_ccproxy_demo_run_t *run)
{
    int                  more;
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = run->request;

    more = ngx_http_ccproxy_demo_word(&run->demo, &run->out);
    rc = ngx_http_ccproxy_demo_send(run, !more);

    if (rc == NGX_ERROR || !more) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    if (rc == NGX_AGAIN
        && ngx_handle_write_event(r->connection->write, 0) != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    ngx_add_timer(&run->timer, NGX_HTTP_CCPROXY_DEMO_PACE);
}


static void
ngx_http_ccproxy_demo_timer(ngx_event_t *ev)
{
    ngx_connection_t             *c;
    ngx_http_ccproxy_demo_run_t  *run;

    c = ev->data;
    run = c->data;
    c = run->request->connection;

    ngx_http_set_log_request(c->log, run->request);

    ngx_http_ccproxy_demo_step(run);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_ccproxy_demo_stream(ngx_http_request_t *r,
    ngx_http_ccproxy_demo_run_t *run)
{
    ngx_int_t  rc;

    r->headers_out.status = NGX_HTTP_OK;
    ngx_str_set(&r->headers_out.content_type, "text/event-stream");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    run->conn.fd = (ngx_socket_t) -1;
    run->conn.data = run;
    run->timer.data = &run->conn;
    run->timer.handler = ngx_http_ccproxy_demo_timer;
    run->timer.log = r->connection->log;

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_ccproxy_demo_write_handler;

    ngx_http_ccproxy_demo_step(run);
}


static ngx_int_t
ngx_http_ccproxy_demo_document(ngx_http_request_t *r,
    ngx_http_ccproxy_demo_run_t *run, ngx_uint_t status)
{
    ngx_str_t  body, type;
    ccp_str_t  all;

    if (ccp_out_finish(&run->out) != CCP_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    all = ccp_out_all(&run->out);
    body.data = (u_char *) all.p;
    body.len = all.n;

    ngx_str_set(&type, "application/json");

    return ngx_http_ccproxy_send(r, status, &type, &body);
}


static void
ngx_http_ccproxy_demo_body_handler(ngx_http_request_t *r)
{
    int                           rc;
    ccp_str_t                     body;
    const ccp_ops_t              *ops;
    ngx_http_ccproxy_ctx_t       *ctx;
    ngx_http_ccproxy_demo_run_t  *run;

    run = ngx_http_ccproxy_demo_create(r);

    if (run == NULL) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ctx = ngx_http_ccproxy_get_ctx(r);
    body = ccp_lit("");

    if (ctx == NULL || ngx_http_ccproxy_body_given(r, ctx) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    if (ctx->in.body) {
        body.p = ctx->in.body;
        body.n = ctx->in.len;
    }

    rc = ngx_http_ccproxy_demo_read(&run->demo, body);

    if (rc == CCP_OK && run->demo.stream) {
        ngx_http_ccproxy_demo_stream(r, run);
        return;
    }

    if (rc == CCP_OK) {
        ngx_http_ccproxy_demo_whole(&run->demo, &run->out);
        rc = ngx_http_ccproxy_demo_document(r, run, NGX_HTTP_OK);

    } else if (rc == CCP_INVALID) {
        ops = ccp_proto_ops(CCP_CHAT);
        (void) ops->error(&run->demo.error, run->demo.id, &run->out);
        rc = ngx_http_ccproxy_demo_document(r, run,
                                      ops->error_status(&run->demo.error));

    } else {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_int_t
ngx_http_ccproxy_demo_handler(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_ccproxy_ctx_t  *ctx;

    if (r->method != NGX_HTTP_POST) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    ctx = ngx_http_ccproxy_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!r->headers_in.chunked && r->headers_in.content_length_n > 0) {
        ctx->in.hint = (size_t) r->headers_in.content_length_n;
    }

    rc = ngx_http_read_client_request_body(r,
                                           ngx_http_ccproxy_demo_body_handler);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


char *
ngx_http_ccproxy_demo(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    (void) cmd;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return "stands in a location that has a handler already";
    }

    clcf->handler = ngx_http_ccproxy_demo_handler;
    lcf->demo = 1;

    return NGX_CONF_OK;
}
