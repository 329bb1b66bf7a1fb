
/*
 * Addresses of providers.  Literal ones and those in /etc/hosts are known at
 * configuration time; the others are asked for by each worker, again when
 * their TTL is over, so that nginx starts with DNS down and recovers alone.
 */

#include "ngx_http_ccproxy.h"


#define NGX_HTTP_CCPROXY_HOSTS        "/etc/hosts"
#define NGX_HTTP_CCPROXY_RESOLV_CONF  "/etc/resolv.conf"

/* Both files are small; what lies behind that is not looked at. */
#define NGX_HTTP_CCPROXY_FILE_MAX     65536

/* resolv.conf(5): MAXNS. */
#define NGX_HTTP_CCPROXY_SERVERS_MAX  3

/* Bounds of a TTL in seconds. */
#define NGX_HTTP_CCPROXY_TTL_MIN      5
#define NGX_HTTP_CCPROXY_TTL_MAX      3600

/* When to ask again after a failure: twice as late each time. */
#define NGX_HTTP_CCPROXY_AGAIN_MIN    1000
#define NGX_HTTP_CCPROXY_AGAIN_MAX    30000

#define NGX_HTTP_CCPROXY_TIMEOUT      30000


static void ngx_http_ccproxy_resolve_cleanup(void *data);
static void ngx_http_ccproxy_resolve_again(ngx_http_ccproxy_provider_t *p);
static void ngx_http_ccproxy_resolve_timer(ngx_event_t *ev);
static void ngx_http_ccproxy_resolve_handler(ngx_resolver_ctx_t *rctx);


/* The file's content in the temporary pool; empty if it can't be read. */

static void
ngx_http_ccproxy_resolve_read(ngx_conf_t *cf, char *name, ngx_str_t *text)
{
    ssize_t     n;
    ngx_file_t  file;

    ngx_str_null(text);
    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name.data = (u_char *) name;
    file.name.len = ngx_strlen(name);
    file.log = cf->log;
    file.fd = ngx_open_file(name, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        return;
    }

    text->data = ngx_pnalloc(cf->temp_pool, NGX_HTTP_CCPROXY_FILE_MAX);

    if (text->data != NULL) {
        n = ngx_read_file(&file, text->data, NGX_HTTP_CCPROXY_FILE_MAX, 0);
        text->len = (n == NGX_ERROR) ? 0 : n;
    }

    (void) ngx_close_file(file.fd);
}


/*
 * The next word of the line at text; empty at its end or at a comment.  text
 * goes behind it.
 */

static void
ngx_http_ccproxy_resolve_word(ngx_str_t *text, ngx_str_t *word)
{
    u_char  *p, *last;

    p = text->data;
    last = p + text->len;

    while (p < last && (*p == ' ' || *p == '\t' || *p == CR)) {
        p++;
    }

    word->data = p;

    while (p < last && *p != ' ' && *p != '\t' && *p != CR && *p != LF
           && *p != '#' && *p != ';')
    {
        p++;
    }

    word->len = p - word->data;

    text->data = p;
    text->len = last - p;
}


static void
ngx_http_ccproxy_resolve_next_line(ngx_str_t *text)
{
    u_char  *p, *last;

    last = text->data + text->len;
    p = ngx_strlchr(text->data, last, LF);
    p = (p == NULL) ? last : p + 1;

    text->data = p;
    text->len = last - p;
}


static ngx_int_t
ngx_http_ccproxy_resolve_add(ngx_conf_t *cf, ngx_array_t *addrs,
    ngx_str_t *text, in_port_t port)
{
    u_char      *p;
    ngx_addr_t   addr, *new;

    if (ngx_parse_addr(cf->pool, &addr, text->data, text->len) != NGX_OK) {
        /* not an address of a kind that is known: the next line */
        return NGX_OK;
    }

    ngx_inet_set_port(addr.sockaddr, port);

    p = ngx_pnalloc(cf->pool, NGX_SOCKADDR_STRLEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    addr.name.len = ngx_sock_ntop(addr.sockaddr, addr.socklen, p,
                                  NGX_SOCKADDR_STRLEN, 1);
    addr.name.data = p;

    new = ngx_array_push(addrs);
    if (new == NULL) {
        return NGX_ERROR;
    }

    *new = addr;

    return NGX_OK;
}


/* hosts(5): an address, a name, other names. */

static ngx_int_t
ngx_http_ccproxy_resolve_hosts(ngx_conf_t *cf, ngx_str_t hosts,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_str_t    addr, name;
    ngx_array_t  addrs;

    static ngx_str_t  local = ngx_string("localhost");
    static ngx_str_t  loopback = ngx_string("127.0.0.1");

    if (ngx_array_init(&addrs, cf->pool, 2, sizeof(ngx_addr_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    for ( /* void */ ; hosts.len; ngx_http_ccproxy_resolve_next_line(&hosts)) {

        ngx_http_ccproxy_resolve_word(&hosts, &addr);

        do {
            ngx_http_ccproxy_resolve_word(&hosts, &name);

            if (name.len == p->host.len
                && ngx_strncasecmp(name.data, p->host.data, name.len) == 0)
            {
                if (ngx_http_ccproxy_resolve_add(cf, &addrs, &addr, p->port)
                    != NGX_OK)
                {
                    return NGX_ERROR;
                }

                break;
            }

        } while (name.len);
    }

    if (addrs.nelts == 0
        && p->host.len == local.len
        && ngx_strncasecmp(p->host.data, local.data, local.len) == 0
        && ngx_http_ccproxy_resolve_add(cf, &addrs, &loopback, p->port)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (addrs.nelts != 0) {
        p->addrs = addrs.elts;
        p->naddrs = addrs.nelts;
        p->resolve = 0;
    }

    return NGX_OK;
}


/* The name servers of the system; NGX_DECLINED: it has none. */

static ngx_int_t
ngx_http_ccproxy_resolve_system(ngx_conf_t *cf,
    ngx_http_ccproxy_main_conf_t *mcf)
{
    u_char      *p;
    ngx_str_t    text, word, servers[NGX_HTTP_CCPROXY_SERVERS_MAX];
    ngx_uint_t   n;
    ngx_addr_t   addr;

    n = 0;

    ngx_http_ccproxy_resolve_read(cf, NGX_HTTP_CCPROXY_RESOLV_CONF, &text);

    for ( /* void */ ;
         text.len && n < NGX_HTTP_CCPROXY_SERVERS_MAX;
         ngx_http_ccproxy_resolve_next_line(&text))
    {
        ngx_http_ccproxy_resolve_word(&text, &word);

        if (word.len != 10
            || ngx_strncmp(word.data, "nameserver", 10) != 0)
        {
            continue;
        }

        ngx_http_ccproxy_resolve_word(&text, &word);

        if (ngx_parse_addr(cf->temp_pool, &addr, word.data, word.len)
            != NGX_OK)
        {
            continue;
        }

        p = ngx_pnalloc(cf->pool, word.len + 2);
        if (p == NULL) {
            return NGX_ERROR;
        }

        servers[n].data = p;
        p = ngx_sprintf(p, addr.sockaddr->sa_family == AF_INET ? "%V" : "[%V]",
                        &word);
        servers[n].len = p - servers[n].data;
        n++;
    }

    if (n == 0) {
        return NGX_DECLINED;
    }

    mcf->resolver = ngx_resolver_create(cf, servers, n);

    return mcf->resolver == NULL ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_resolve_init(ngx_conf_t *cf)
{
    ngx_str_t                       hosts;
    ngx_uint_t                      i, names;
    ngx_pool_cleanup_t             *cln;
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_ccproxy_provider_t   **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    pp = mcf->providers.elts;
    names = 0;

    if (mcf->providers.nelts == 0) {
        return NGX_OK;
    }

    ngx_http_ccproxy_resolve_read(cf, NGX_HTTP_CCPROXY_HOSTS, &hosts);

    for (i = 0; i < mcf->providers.nelts; i++) {

        if (pp[i]->resolve
            && ngx_http_ccproxy_resolve_hosts(cf, hosts, pp[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (!pp[i]->resolve || !pp[i]->used) {
            continue;
        }

        names++;

        cln = ngx_pool_cleanup_add(cf->pool, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        cln->handler = ngx_http_ccproxy_resolve_cleanup;
        cln->data = pp[i];
    }

    if (names == 0) {
        return NGX_OK;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    mcf->resolver_timeout = clcf->resolver_timeout;
    ngx_conf_init_msec_value(mcf->resolver_timeout, NGX_HTTP_CCPROXY_TIMEOUT);

    /* without "resolver" nginx has an empty one here */

    if (clcf->resolver != NULL && clcf->resolver->connections.nelts != 0) {
        mcf->resolver = clcf->resolver;
        return NGX_OK;
    }

    if (ngx_http_ccproxy_resolve_system(cf, mcf) == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (mcf->resolver == NULL) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "names of providers can't be resolved: there is no name "
                      "server in " NGX_HTTP_CCPROXY_RESOLV_CONF "; add a "
                      "\"resolver\" directive to \"http\"");
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_resolve_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_provider_t   **pp, *p;
    ngx_http_ccproxy_main_conf_t   *mcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    if (mcf == NULL || mcf->resolver == NULL) {
        return NGX_OK;
    }

    pp = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        p = pp[i];

        if (!p->resolve || !p->used) {
            continue;
        }

        /* a timer needs a connection to be named by in the debug log */

        p->timer_conn.fd = (ngx_socket_t) -1;
        p->timer_conn.data = p;

        p->timer.data = &p->timer_conn;
        p->timer.handler = ngx_http_ccproxy_resolve_timer;
        p->timer.log = cycle->log;
        p->timer.cancelable = 1;

        ngx_http_ccproxy_resolve_timer(&p->timer);
    }

    return NGX_OK;
}


static void
ngx_http_ccproxy_resolve_cleanup(void *data)
{
    ngx_http_ccproxy_provider_t  *p = data;

    if (p->addr_pool != NULL) {
        ngx_destroy_pool(p->addr_pool);
        p->addr_pool = NULL;
        p->naddrs = 0;
    }
}


static void
ngx_http_ccproxy_resolve_timer(ngx_event_t *ev)
{
    ngx_connection_t              *c;
    ngx_resolver_ctx_t            *rctx;
    ngx_http_ccproxy_provider_t   *p;
    ngx_http_ccproxy_main_conf_t  *mcf;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    c = ev->data;
    p = c->data;

    mcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                              ngx_http_ccproxy_module);

    rctx = ngx_resolve_start(mcf->resolver, NULL);

    if (rctx == NULL || rctx == NGX_NO_RESOLVER) {
        ngx_http_ccproxy_resolve_again(p);
        return;
    }

    rctx->name = p->host;
    rctx->handler = ngx_http_ccproxy_resolve_handler;
    rctx->data = p;
    rctx->timeout = mcf->resolver_timeout;
    rctx->cancelable = 1;

    if (ngx_resolve_name(rctx) != NGX_OK) {
        ngx_http_ccproxy_resolve_again(p);
    }
}


static void
ngx_http_ccproxy_resolve_again(ngx_http_ccproxy_provider_t *p)
{
    if (ngx_exiting || ngx_terminate) {
        return;
    }

    p->ask_again = ngx_max(2 * p->ask_again, NGX_HTTP_CCPROXY_AGAIN_MIN);
    p->ask_again = ngx_min(p->ask_again, NGX_HTTP_CCPROXY_AGAIN_MAX);

    ngx_add_timer(&p->timer, p->ask_again);
}


/* Replaces the provider's addresses; requests have copies of their own. */

static ngx_int_t
ngx_http_ccproxy_resolve_take(ngx_http_ccproxy_provider_t *p,
    ngx_resolver_ctx_t *rctx)
{
    u_char      *text;
    ngx_uint_t   i;
    ngx_addr_t  *addrs;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(512, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    addrs = ngx_palloc(pool, rctx->naddrs * sizeof(ngx_addr_t));
    if (addrs == NULL) {
        goto failed;
    }

    for (i = 0; i < rctx->naddrs; i++) {

        addrs[i].socklen = rctx->addrs[i].socklen;
        addrs[i].sockaddr = ngx_palloc(pool, addrs[i].socklen);
        text = ngx_pnalloc(pool, NGX_SOCKADDR_STRLEN);

        if (addrs[i].sockaddr == NULL || text == NULL) {
            goto failed;
        }

        ngx_memcpy(addrs[i].sockaddr, rctx->addrs[i].sockaddr,
                   addrs[i].socklen);
        ngx_inet_set_port(addrs[i].sockaddr, p->port);

        addrs[i].name.data = text;
        addrs[i].name.len = ngx_sock_ntop(addrs[i].sockaddr, addrs[i].socklen,
                                          text, NGX_SOCKADDR_STRLEN, 1);
    }

    if (p->addr_pool != NULL) {
        ngx_destroy_pool(p->addr_pool);
    }

    p->addr_pool = pool;
    p->addrs = addrs;
    p->naddrs = rctx->naddrs;

    return NGX_OK;

failed:

    ngx_destroy_pool(pool);

    return NGX_ERROR;
}


static void
ngx_http_ccproxy_resolve_handler(ngx_resolver_ctx_t *rctx)
{
    time_t                        ttl;
    ngx_http_ccproxy_provider_t  *p;

    p = rctx->data;

    if (rctx->state) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "host \"%V\" of provider \"%V\" could not be resolved "
                      "(%i: %s)", &p->host, &p->name, rctx->state,
                      ngx_resolver_strerror(rctx->state));

        ngx_http_ccproxy_resolve_again(p);

    } else if (ngx_http_ccproxy_resolve_take(p, rctx) != NGX_OK) {
        ngx_http_ccproxy_resolve_again(p);

    } else {
        ttl = rctx->valid - ngx_time();
        ttl = ngx_max(ttl, NGX_HTTP_CCPROXY_TTL_MIN);
        ttl = ngx_min(ttl, NGX_HTTP_CCPROXY_TTL_MAX);

        p->ask_again = 0;

        if (!ngx_exiting && !ngx_terminate) {
            ngx_add_timer(&p->timer, ttl * 1000);
        }
    }

    ngx_resolve_name_done(rctx);
}
