
/*
 * ccproxy_metrics: answers with the metrics, in pieces, so that requests have
 * their turns between them.
 */

#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "nginx/pages/ngx_http_ccproxy_metrics.h"


typedef struct {
    ngx_http_ccproxy_metrics_t  metrics;
    ccp_arena_t                *arena;
    ngx_buf_t                   buf;
    ngx_chain_t                 chain;
} ngx_http_ccproxy_metrics_run_t;


static void
ngx_http_ccproxy_metrics_cleanup(void *data)
{
    ngx_http_ccproxy_metrics_run_t  *run = data;

    ccp_arena_destroy(run->arena);
}


static ngx_http_ccproxy_metrics_run_t *
ngx_http_ccproxy_metrics_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_ccproxy_metrics_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


static void *
ngx_http_ccproxy_metrics_alloc(void *data, size_t n)
{
    return ngx_alloc(n, data);
}


static void
ngx_http_ccproxy_metrics_free(void *data, void *p)
{
    (void) data;

    ngx_free(p);
}


static ngx_http_ccproxy_metrics_run_t *
ngx_http_ccproxy_metrics_create(ngx_http_request_t *r)
{
    ccp_mem_t                        mem;
    ngx_pool_cleanup_t              *cln;
    ngx_http_ccproxy_metrics_run_t  *run;

    cln = ngx_pool_cleanup_add(r->pool,
                               sizeof(ngx_http_ccproxy_metrics_run_t));
    if (cln == NULL) {
        return NULL;
    }

    run = cln->data;
    ngx_memzero(run, sizeof(ngx_http_ccproxy_metrics_run_t));

    mem.alloc = ngx_http_ccproxy_metrics_alloc;
    mem.free = ngx_http_ccproxy_metrics_free;
    mem.ctx = r->connection->log;

    run->arena = ccp_arena_create(&mem, 0);
    if (run->arena == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_ccproxy_metrics_cleanup;

    ccp_out_init(&run->metrics.out, run->arena, 0);

    run->metrics.mcf = ngx_http_get_module_main_conf(r,
                                                     ngx_http_ccproxy_module);
    run->metrics.ledger = run->metrics.mcf->ledger;

    return run;
}


/* The next piece. */

static ngx_int_t
ngx_http_ccproxy_metrics_send(ngx_http_request_t *r,
    ngx_http_ccproxy_metrics_run_t *run)
{
    ngx_buf_t  *b;
    ccp_str_t   all;

    ccp_out_reset(&run->metrics.out);
    ngx_http_ccproxy_metrics_write(&run->metrics);

    if (ccp_out_finish(&run->metrics.out) != CCP_OK) {
        return NGX_ERROR;
    }

    all = ccp_out_all(&run->metrics.out);

    b = &run->buf;
    ngx_memzero(b, sizeof(ngx_buf_t));

    b->pos = (u_char *) all.p;
    b->last = b->pos + all.n;
    b->memory = all.n ? 1 : 0;
    b->flush = 1;
    b->last_buf = run->metrics.done;
    b->last_in_chain = run->metrics.done;

    run->chain.buf = b;
    run->chain.next = NULL;

    return ngx_http_output_filter(r, &run->chain);
}


/* A piece lies in memory of its own until it is sent. */

static void
ngx_http_ccproxy_metrics_writer(ngx_http_request_t *r)
{
    ngx_int_t                        rc;
    ngx_event_t                     *wev;
    ngx_http_core_loc_conf_t        *clcf;
    ngx_http_ccproxy_metrics_run_t  *run;

    run = ngx_http_ccproxy_metrics_find(r);
    wev = r->connection->write;

    if (wev->timedout) {
        r->connection->timedout = 1;
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    rc = run->buf.pos != run->buf.last || r->buffered || r->connection->buffered
         ? ngx_http_output_filter(r, NULL)
         : ngx_http_ccproxy_metrics_send(r, run);

    if (rc == NGX_ERROR || run->metrics.done) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    if (rc == NGX_OK) {

        if (wev->timer_set) {
            ngx_del_timer(wev);
        }

        ngx_post_event(wev, &ngx_posted_next_events);
        return;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!wev->delayed) {
        ngx_add_timer(wev, clcf->send_timeout);
    }

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
    }
}


static ngx_uint_t
ngx_http_ccproxy_metrics_openmetrics(ngx_http_request_t *r)
{
    ngx_str_t  *accept;

    accept = ngx_http_ccproxy_header_in(r, "accept");

    return accept
           && ngx_strlcasestrn(accept->data, accept->data + accept->len,
                               (u_char *) "application/openmetrics-text",
                               28 - 1)
              != NULL;
}


static ngx_int_t
ngx_http_ccproxy_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t                        rc;
    ngx_http_ccproxy_metrics_run_t  *run;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    run = ngx_http_ccproxy_metrics_create(r);
    if (run == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    run->metrics.openmetrics = ngx_http_ccproxy_metrics_openmetrics(r);

    r->headers_out.status = NGX_HTTP_OK;

    if (run->metrics.openmetrics) {
        ngx_str_set(&r->headers_out.content_type,
                    "application/openmetrics-text; version=1.0.0; "
                    "charset=utf-8");
    } else {
        ngx_str_set(&r->headers_out.content_type,
                    "text/plain; version=0.0.4; charset=utf-8");
    }

    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    r->main->count++;
    r->write_event_handler = ngx_http_ccproxy_metrics_writer;

    ngx_http_ccproxy_metrics_writer(r);

    return NGX_DONE;
}


char *
ngx_http_ccproxy_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;
    (void) conf;

    return ngx_http_ccproxy_reply_handler(cf,
                                          ngx_http_ccproxy_metrics_handler);
}
