
/*
 * Connections through an HTTP proxy: CONNECT, RFC 9110, 9.3.6.
 *
 * nginx's upstream knows nothing of it.  It is given a connection that is
 * "being made", and sets its handlers.  Right after that, and before any
 * event of the connection can come, ours take their place till the proxy has
 * answered; then the upstream's are called as if the connection had just been
 * made.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"


/* The header of a proxy's answer; nobody needs so much. */
#define NGX_HTTP_CCPROXY_TUNNEL_MAX  16384

#define NGX_HTTP_CCPROXY_TUNNEL_REQUEST                                       \
    "CONNECT %V HTTP/1.1" CRLF                                                \
    "Host: %V" CRLF                                                           \
    "User-Agent: ccproxy/" NGX_HTTP_CCPROXY_VERSION CRLF


typedef struct {
    ngx_connection_t             *connection;
    ngx_http_ccproxy_provider_t  *provider;
    ngx_http_ccproxy_proxy_t     *proxy;
    ngx_str_t                     target;    /* HOST:PORT */
    ngx_buf_t                     request;
    ngx_buf_t                     answer;
    u_char                       *scanned;   /* no end of the header before */
    ngx_event_t                   begin;

    /* of whoever wants the connection */
    void                         *data;
    ngx_event_handler_pt          read_handler;
    ngx_event_handler_pt          write_handler;
} ngx_http_ccproxy_tunnel_t;


static void ngx_http_ccproxy_tunnel_cleanup(void *data);
static void ngx_http_ccproxy_tunnel_begin(ngx_event_t *ev);
static void ngx_http_ccproxy_tunnel_handler(ngx_event_t *ev);


/* HOST:PORT of the provider; the port is never left out here. */

static ngx_int_t
ngx_http_ccproxy_tunnel_target(ngx_http_ccproxy_tunnel_t *t, ngx_pool_t *pool)
{
    ngx_str_t  *name;

    name = &t->provider->host.name;

    t->target.data = ngx_pnalloc(pool, name->len + sizeof("[]:65535"));
    if (t->target.data == NULL) {
        return NGX_ERROR;
    }

    t->target.len = ngx_sprintf(t->target.data,
                                *name->data != '['
                                && ngx_strlchr(name->data,
                                               name->data + name->len, ':')
                                ? "[%V]:%ui" : "%V:%ui",
                                name, (ngx_uint_t) t->provider->host.port)
                    - t->target.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_tunnel_request(ngx_http_ccproxy_tunnel_t *t, ngx_pool_t *pool)
{
    size_t      len;
    ngx_buf_t  *b;

    b = &t->request;

    len = sizeof(NGX_HTTP_CCPROXY_TUNNEL_REQUEST) + 2 * t->target.len
          + sizeof("Proxy-Authorization: " CRLF CRLF) + t->proxy->auth.len;

    b->start = ngx_pnalloc(pool, len);
    if (b->start == NULL) {
        return NGX_ERROR;
    }

    b->pos = b->start;
    b->last = ngx_sprintf(b->start, NGX_HTTP_CCPROXY_TUNNEL_REQUEST,
                          &t->target, &t->target);

    if (t->proxy->auth.len != 0) {
        b->last = ngx_sprintf(b->last, "Proxy-Authorization: %V" CRLF,
                              &t->proxy->auth);
    }

    *b->last++ = CR;
    *b->last++ = LF;

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_tunnel_create(ngx_connection_t *c,
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_proxy_t *proxy)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_ccproxy_tunnel_t  *t;

    /* the upstream takes it for its own, and lets it go with the connection */

    c->pool = ngx_create_pool(1024, c->log);
    if (c->pool == NULL) {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(c->pool, sizeof(ngx_http_ccproxy_tunnel_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    t = cln->data;
    ngx_memzero(t, sizeof(ngx_http_ccproxy_tunnel_t));

    t->connection = c;
    t->provider = p;
    t->proxy = proxy;

    if (ngx_http_ccproxy_tunnel_target(t, c->pool) != NGX_OK
        || ngx_http_ccproxy_tunnel_request(t, c->pool) != NGX_OK)
    {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_ccproxy_tunnel_cleanup;

    t->begin.data = t;
    t->begin.handler = ngx_http_ccproxy_tunnel_begin;
    t->begin.log = c->log;

    ngx_post_event(&t->begin, &ngx_posted_events);

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_tunnel(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p, ngx_http_ccproxy_proxy_t *proxy)
{
    ngx_int_t              rc;
    ngx_connection_t      *c;
    ngx_peer_connection_t  peer;

    peer = *pc;
    peer.get = ngx_event_get_peer;

    rc = ngx_event_connect_peer(&peer);

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        return rc;
    }

    c = peer.connection;

    if (ngx_http_ccproxy_tunnel_create(c, p, proxy) != NGX_OK) {

        if (c->pool != NULL) {
            ngx_destroy_pool(c->pool);
        }

        ngx_close_connection(c);
        return NGX_ERROR;
    }

    pc->connection = c;

    return NGX_AGAIN;
}


static void
ngx_http_ccproxy_tunnel_cleanup(void *data)
{
    ngx_http_ccproxy_tunnel_t  *t = data;

    if (t->begin.posted) {
        ngx_delete_posted_event(&t->begin);
    }
}


static void
ngx_http_ccproxy_tunnel_begin(ngx_event_t *ev)
{
    ngx_connection_t           *c;
    ngx_http_ccproxy_tunnel_t  *t;

    t = ev->data;
    c = t->connection;

    t->data = c->data;
    t->read_handler = c->read->handler;
    t->write_handler = c->write->handler;

    c->data = t;
    c->read->handler = ngx_http_ccproxy_tunnel_handler;
    c->write->handler = ngx_http_ccproxy_tunnel_handler;

    c->log->action = "connecting to the proxy of the upstream";

    /* a unix socket's or a local connection may be there already */

    if (c->write->ready) {
        ngx_http_ccproxy_tunnel_handler(c->write);
    }
}


/* Back to whoever wants the connection; it may be gone afterwards. */

static void
ngx_http_ccproxy_tunnel_end(ngx_http_ccproxy_tunnel_t *t, ngx_event_t *ev)
{
    ngx_connection_t  *c;

    c = t->connection;

    c->data = t->data;
    c->read->handler = t->read_handler;
    c->write->handler = t->write_handler;

    ev->handler(ev);
}


static ssize_t
ngx_http_ccproxy_tunnel_no_recv(ngx_connection_t *c, u_char *buf, size_t size)
{
    c->read->error = 1;

    return NGX_ERROR;
}


/* What reads the upstream's answer sees an error, about which it says
 * nothing. */

static void
ngx_http_ccproxy_tunnel_fail(ngx_http_ccproxy_tunnel_t *t)
{
    t->connection->recv = ngx_http_ccproxy_tunnel_no_recv;

    ngx_http_ccproxy_tunnel_end(t, t->connection->read);
}


static ngx_int_t
ngx_http_ccproxy_tunnel_test_connect(ngx_http_ccproxy_tunnel_t *t)
{
    int        err;
    socklen_t  len;

    err = 0;
    len = sizeof(int);

    if (getsockopt(t->connection->fd, SOL_SOCKET, SO_ERROR, (void *) &err,
                   &len)
        == -1)
    {
        err = ngx_socket_errno;
    }

    if (err == 0) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, t->connection->log, err,
                  "the proxy \"%V:%ui\" of provider \"%V\" can't be reached",
                  &t->proxy->host.name, (ngx_uint_t) t->proxy->host.port,
                  &t->provider->name);

    return NGX_ERROR;
}


/* NGX_OK: all of it is sent; NGX_AGAIN; NGX_ERROR. */

static ngx_int_t
ngx_http_ccproxy_tunnel_send(ngx_http_ccproxy_tunnel_t *t)
{
    ssize_t            n;
    ngx_buf_t         *b;
    ngx_connection_t  *c;

    b = &t->request;
    c = t->connection;

    if (b->pos == b->start
        && ngx_http_ccproxy_tunnel_test_connect(t) != NGX_OK)
    {
        return NGX_ERROR;
    }

    c->log->action = "asking the proxy of the upstream for a tunnel";

    while (b->pos < b->last) {

        n = c->send(c, b->pos, b->last - b->pos);

        if (n == NGX_AGAIN) {
            return ngx_handle_write_event(c->write, 0) == NGX_OK ? NGX_AGAIN
                                                                 : NGX_ERROR;
        }

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        b->pos += n;
    }

    return ngx_handle_write_event(c->write, 0);
}


/*
 * The end of the header: behind an empty line; NULL if it has not come.  Each
 * byte is looked at once.
 */

static u_char *
ngx_http_ccproxy_tunnel_header_end(ngx_http_ccproxy_tunnel_t *t)
{
    u_char     *p;
    ngx_buf_t  *b;

    b = &t->answer;

    for (p = t->scanned; p < b->last; p++) {

        if (*p != LF) {
            continue;
        }

        if ((p - b->pos >= 1 && p[-1] == LF)
            || (p - b->pos >= 2 && p[-1] == CR && p[-2] == LF))
        {
            return p + 1;
        }
    }

    t->scanned = p;

    return NULL;
}


/* The status of "HTTP/1.x NNN …"; NGX_ERROR: the line is none. */

static ngx_int_t
ngx_http_ccproxy_tunnel_status(u_char *p, u_char *last)
{
    if (last - p < (ssize_t) (sizeof("HTTP/1.1 200") - 1)
        || ngx_strncmp(p, "HTTP/1.", sizeof("HTTP/1.") - 1) != 0
        || p[7] < '0' || p[7] > '9'
        || p[8] != ' ')
    {
        return NGX_ERROR;
    }

    return ngx_atoi(p + 9, 3);
}


static ngx_int_t
ngx_http_ccproxy_tunnel_refused(ngx_http_ccproxy_tunnel_t *t, ngx_int_t status)
{
    char  *remedy;

    remedy = (status == 407) ? ": check user and password of \"proxy\"" : "";

    ngx_log_error(NGX_LOG_ERR, t->connection->log, 0,
                  "the proxy \"%V:%ui\" of provider \"%V\" answered %i when "
                  "asked for a tunnel to \"%V\"%s", &t->proxy->host.name,
                  (ngx_uint_t) t->proxy->host.port, &t->provider->name, status,
                  &t->target, remedy);

    return NGX_ERROR;
}


/* An answer of the proxy that can't be used: what is wrong with it. */

static ngx_int_t
ngx_http_ccproxy_tunnel_wrong(ngx_http_ccproxy_tunnel_t *t, char *what)
{
    ngx_log_error(NGX_LOG_ERR, t->connection->log, 0,
                  "the proxy \"%V:%ui\" of provider \"%V\" %s when asked for "
                  "a tunnel to \"%V\"", &t->proxy->host.name,
                  (ngx_uint_t) t->proxy->host.port, &t->provider->name, what,
                  &t->target);

    return NGX_ERROR;
}


/* NGX_OK: the tunnel stands; NGX_AGAIN: more must be read; NGX_ERROR. */

static ngx_int_t
ngx_http_ccproxy_tunnel_parse(ngx_http_ccproxy_tunnel_t *t)
{
    u_char     *end;
    ngx_int_t   status;
    ngx_buf_t  *b;

    b = &t->answer;

    for ( ;; ) {

        end = ngx_http_ccproxy_tunnel_header_end(t);

        if (end == NULL) {
            return (b->last < b->end)
                   ? NGX_AGAIN
                   : ngx_http_ccproxy_tunnel_wrong(t, "sent too long a header");
        }

        status = ngx_http_ccproxy_tunnel_status(b->pos, end);

        if (status == NGX_ERROR) {
            return ngx_http_ccproxy_tunnel_wrong(t, "sent no HTTP answer");
        }

        if (status < 100 || status >= 200 || status == 101) {
            break;
        }

        /* RFC 9110, 15.2: another answer follows */

        b->pos = end;
        t->scanned = end;
    }

    if (status < 200 || status >= 300) {
        return ngx_http_ccproxy_tunnel_refused(t, status);
    }

    /* nobody at the other end speaks before he is spoken to */

    if (end != b->last) {
        return ngx_http_ccproxy_tunnel_wrong(t, "sent more than its header");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_tunnel_read(ngx_http_ccproxy_tunnel_t *t)
{
    ssize_t            n;
    ngx_int_t          rc;
    ngx_buf_t         *b;
    ngx_connection_t  *c;

    b = &t->answer;
    c = t->connection;

    if (b->start == NULL) {

        b->start = ngx_palloc(c->pool, NGX_HTTP_CCPROXY_TUNNEL_MAX);
        if (b->start == NULL) {
            return NGX_ERROR;
        }

        b->pos = b->start;
        b->last = b->start;
        b->end = b->start + NGX_HTTP_CCPROXY_TUNNEL_MAX;
        t->scanned = b->start;
    }

    for ( ;; ) {

        n = c->recv(c, b->last, b->end - b->last);

        if (n == NGX_AGAIN) {
            return ngx_handle_read_event(c->read, 0) == NGX_OK ? NGX_AGAIN
                                                               : NGX_ERROR;
        }

        if (n == NGX_ERROR || n == 0) {
            return ngx_http_ccproxy_tunnel_wrong(t, "hung up");
        }

        b->last += n;

        rc = ngx_http_ccproxy_tunnel_parse(t);

        if (rc != NGX_AGAIN) {
            break;
        }
    }

    (void) ngx_pfree(c->pool, b->start);
    b->start = NULL;

    return rc;
}


static void
ngx_http_ccproxy_tunnel_handler(ngx_event_t *ev)
{
    ngx_int_t                   rc;
    ngx_connection_t           *c;
    ngx_http_ccproxy_tunnel_t  *t;

    c = ev->data;
    t = c->data;

    if (ev->timedout) {
        ngx_http_ccproxy_tunnel_end(t, ev);
        return;
    }

    rc = NGX_OK;

    if (t->request.pos < t->request.last) {
        rc = ngx_http_ccproxy_tunnel_send(t);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_ccproxy_tunnel_read(t);
    }

    if (rc == NGX_AGAIN) {
        return;
    }

    if (rc == NGX_ERROR) {
        ngx_http_ccproxy_tunnel_fail(t);
        return;
    }

    ngx_http_ccproxy_tunnel_end(t, c->write);
}
