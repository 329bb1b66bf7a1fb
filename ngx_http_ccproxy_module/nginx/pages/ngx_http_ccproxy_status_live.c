
/*
 * The status as server-sent events: a page that is open sees what goes on.
 * Each event is the whole status, as JSON for programs.
 */

#include "nginx/pages/ngx_http_ccproxy_pages.h"


/* Pages that are open, per worker. */
#define NGX_HTTP_CCPROXY_LIVE_MAX    32

/* Time between events, ms, and for a status that is this long. */
#define NGX_HTTP_CCPROXY_LIVE_PACE   2000
#define NGX_HTTP_CCPROXY_LIVE_SLOW   10000
#define NGX_HTTP_CCPROXY_LIVE_LARGE  65536

/* A page that takes nothing for so long is gone, ms. */
#define NGX_HTTP_CCPROXY_LIVE_STALL  60000


typedef struct {
    ngx_http_request_t  *request;
    ngx_event_t          timer;
    ngx_connection_t     conn;        /* for the timer's log messages */
    ngx_pool_t          *pool;        /* of the last event: filters look at
                                         its buffer once more with the next */
    ngx_msec_t           pace;
    ngx_msec_t           sent;
    unsigned             counted:1;
    unsigned             begun:1;
} ngx_http_ccproxy_live_t;


static ngx_uint_t  ngx_http_ccproxy_live_open;


static void
ngx_http_ccproxy_live_cleanup(void *data)
{
    ngx_http_ccproxy_live_t  *live = data;

    if (live->timer.timer_set) {
        ngx_del_timer(&live->timer);
    }

    if (live->pool) {
        ngx_destroy_pool(live->pool);
    }

    if (live->counted) {
        ngx_http_ccproxy_live_open--;
    }
}


/* What waits for the client: nothing is added to it. */

static ngx_uint_t
ngx_http_ccproxy_live_waits(ngx_http_request_t *r)
{
    return r->out != NULL || r->connection->buffered;
}


/* One event; its memory is given back after the next one. */

static ngx_int_t
ngx_http_ccproxy_live_event(ngx_http_ccproxy_live_t *live)
{
    ngx_int_t             rc;
    ngx_buf_t            *b;
    ngx_str_t             body;
    ngx_pool_t           *last;
    ngx_chain_t           out;
    ngx_http_request_t   *r;

    r = live->request;
    last = live->pool;

    live->pool = ngx_create_pool(1024, r->connection->log);
    if (live->pool == NULL) {
        live->pool = last;
        return NGX_ERROR;
    }

    b = ngx_calloc_buf(live->pool);

    if (b == NULL
        || ngx_http_ccproxy_reply_text(r, live->pool,
                                       ngx_http_ccproxy_status_event, &body)
           != NGX_OK)
    {
        ngx_destroy_pool(live->pool);
        live->pool = last;
        return NGX_ERROR;
    }

    live->pace = body.len > NGX_HTTP_CCPROXY_LIVE_LARGE
                 ? NGX_HTTP_CCPROXY_LIVE_SLOW : NGX_HTTP_CCPROXY_LIVE_PACE;
    live->pace -= NGX_HTTP_CCPROXY_LIVE_PACE / 2;   /* of a timer's tick */
    live->sent = ngx_current_msec;

    b->pos = body.data;
    b->last = body.data + body.len;
    b->memory = 1;
    b->flush = 1;

    out.buf = b;
    out.next = NULL;

    rc = ngx_http_output_filter(r, &out);

    if (last) {
        ngx_destroy_pool(last);
    }

    return rc;
}


/* A worker that ends has no more to tell: the page asks the next one.  The
 * worker waits for that, as the timer is none that can be left. */

static void
ngx_http_ccproxy_live_step(ngx_http_ccproxy_live_t *live)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = live->request;
    rc = NGX_OK;

    if (ngx_exiting || ngx_terminate) {
        ngx_http_finalize_request(r, ngx_http_send_special(r, NGX_HTTP_LAST));
        return;
    }

    /* the header goes with the first event */

    if (!live->begun
        || (!ngx_http_ccproxy_live_waits(r)
            && ngx_current_msec - live->sent >= live->pace))
    {
        live->begun = 1;
        rc = ngx_http_ccproxy_live_event(live);

    } else if (ngx_current_msec - live->sent > NGX_HTTP_CCPROXY_LIVE_STALL) {
        rc = NGX_ERROR;
    }

    if (rc == NGX_ERROR
        || (ngx_http_ccproxy_live_waits(r)
            && ngx_handle_write_event(r->connection->write, 0) != NGX_OK))
    {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    ngx_add_timer(&live->timer, NGX_HTTP_CCPROXY_LIVE_PACE);
}


static void
ngx_http_ccproxy_live_timer(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_http_ccproxy_live_t  *live;

    c = ev->data;
    live = c->data;
    c = live->request->connection;

    ngx_http_set_log_request(c->log, live->request);

    ngx_http_ccproxy_live_step(live);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_ccproxy_live_write(ngx_http_request_t *r)
{
    if (ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    if (ngx_handle_write_event(r->connection->write, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
    }
}


ngx_uint_t
ngx_http_ccproxy_live_wanted(ngx_http_request_t *r)
{
    ngx_str_t  *accept;

    accept = ngx_http_ccproxy_header_in(r, "accept");

    return accept
           && ngx_strlcasestrn(accept->data, accept->data + accept->len,
                               (u_char *) "text/event-stream", 17 - 1)
              != NULL;
}


ngx_int_t
ngx_http_ccproxy_live(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_pool_cleanup_t       *cln;
    ngx_http_ccproxy_live_t  *live;

    static ngx_str_t  no_store = ngx_string("no-store");
    static ngx_str_t  no = ngx_string("no");

    if (ngx_http_ccproxy_live_open >= NGX_HTTP_CCPROXY_LIVE_MAX) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_ccproxy_live_t));
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    live = cln->data;
    ngx_memzero(live, sizeof(ngx_http_ccproxy_live_t));
    cln->handler = ngx_http_ccproxy_live_cleanup;

    live->request = r;
    live->counted = 1;
    ngx_http_ccproxy_live_open++;

    if (ngx_http_ccproxy_header_out(r, "Cache-Control", &no_store) != NGX_OK
        || ngx_http_ccproxy_header_out(r, "X-Accel-Buffering", &no) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_OK;
    ngx_str_set(&r->headers_out.content_type, "text/event-stream");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    ngx_http_clear_content_length(r);

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    live->conn.fd = (ngx_socket_t) -1;
    live->conn.data = live;
    live->timer.data = &live->conn;
    live->timer.handler = ngx_http_ccproxy_live_timer;
    live->timer.log = r->connection->log;

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_ccproxy_live_write;
    r->main->count++;

    ngx_http_ccproxy_live_step(live);

    return NGX_DONE;
}
