
/*
 * Which hosts there are, those whose addresses are in /etc/hosts, and the
 * name servers for the others.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"


#define NGX_HTTP_CCPROXY_HOSTS        "/etc/hosts"
#define NGX_HTTP_CCPROXY_RESOLV_CONF  "/etc/resolv.conf"

/* Both files are small; what lies behind that is not looked at. */
#define NGX_HTTP_CCPROXY_FILE_MAX     65536

/* resolv.conf(5): MAXNS. */
#define NGX_HTTP_CCPROXY_SERVERS_MAX  3

#define NGX_HTTP_CCPROXY_TIMEOUT      30000


/* The file's content in the temporary pool; empty if it can't be read. */

static void
ngx_http_ccproxy_hosts_read(ngx_conf_t *cf, char *name, ngx_str_t *text)
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
ngx_http_ccproxy_hosts_word(ngx_str_t *text, ngx_str_t *word)
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
ngx_http_ccproxy_hosts_next_line(ngx_str_t *text)
{
    u_char  *p, *last;

    last = text->data + text->len;
    p = ngx_strlchr(text->data, last, LF);
    p = (p == NULL) ? last : p + 1;

    text->data = p;
    text->len = last - p;
}


static ngx_int_t
ngx_http_ccproxy_hosts_add(ngx_conf_t *cf, ngx_array_t *addrs,
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
ngx_http_ccproxy_hosts_local(ngx_conf_t *cf, ngx_str_t hosts,
    ngx_http_ccproxy_host_t *h)
{
    ngx_str_t    addr, name;
    ngx_array_t  addrs;

    static ngx_str_t  local = ngx_string("localhost");
    static ngx_str_t  loopback = ngx_string("127.0.0.1");

    if (ngx_array_init(&addrs, cf->pool, 2, sizeof(ngx_addr_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    for ( /* void */ ; hosts.len; ngx_http_ccproxy_hosts_next_line(&hosts)) {

        ngx_http_ccproxy_hosts_word(&hosts, &addr);

        do {
            ngx_http_ccproxy_hosts_word(&hosts, &name);

            if (name.len == h->name.len
                && ngx_strncasecmp(name.data, h->name.data, name.len) == 0)
            {
                if (ngx_http_ccproxy_hosts_add(cf, &addrs, &addr, h->port)
                    != NGX_OK)
                {
                    return NGX_ERROR;
                }

                break;
            }

        } while (name.len);
    }

    if (addrs.nelts == 0
        && h->name.len == local.len
        && ngx_strncasecmp(h->name.data, local.data, local.len) == 0
        && ngx_http_ccproxy_hosts_add(cf, &addrs, &loopback, h->port)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (addrs.nelts != 0) {
        h->addrs = addrs.elts;
        h->naddrs = addrs.nelts;
        h->resolve = 0;
    }

    return NGX_OK;
}


/* The name servers of the system; NGX_DECLINED: it has none. */

static ngx_int_t
ngx_http_ccproxy_hosts_system(ngx_conf_t *cf,
    ngx_http_ccproxy_main_conf_t *mcf)
{
    u_char      *p;
    ngx_str_t    text, word, servers[NGX_HTTP_CCPROXY_SERVERS_MAX];
    ngx_uint_t   n;
    ngx_addr_t   addr;

    n = 0;

    ngx_http_ccproxy_hosts_read(cf, NGX_HTTP_CCPROXY_RESOLV_CONF, &text);

    for ( /* void */ ;
         text.len && n < NGX_HTTP_CCPROXY_SERVERS_MAX;
         ngx_http_ccproxy_hosts_next_line(&text))
    {
        ngx_http_ccproxy_hosts_word(&text, &word);

        if (word.len != 10
            || ngx_strncmp(word.data, "nameserver", 10) != 0)
        {
            continue;
        }

        ngx_http_ccproxy_hosts_word(&text, &word);

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


/* Puts a host that must be resolved on the list, once. */

static ngx_int_t
ngx_http_ccproxy_hosts_need(ngx_conf_t *cf, ngx_str_t hosts,
    ngx_http_ccproxy_host_t *h)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_host_t       **hp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    hp = mcf->hosts.elts;

    for (i = 0; i < mcf->hosts.nelts; i++) {
        if (hp[i] == h) {
            return NGX_OK;
        }
    }

    if (h->resolve && ngx_http_ccproxy_hosts_local(cf, hosts, h) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!h->resolve) {
        return NGX_OK;
    }

    hp = ngx_array_push(&mcf->hosts);
    if (hp == NULL) {
        return NGX_ERROR;
    }

    *hp = h;

    return NGX_OK;
}


/* Hosts that connections of the provider are made to, key by key. */

static ngx_int_t
ngx_http_ccproxy_hosts_provider(ngx_conf_t *cf, ngx_str_t hosts,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_uint_t                i;
    ngx_http_ccproxy_key_t   *key;
    ngx_http_ccproxy_host_t  *h;

    key = p->keys.elts;
    i = 0;

    do {
        h = ngx_http_ccproxy_connection_host(p, p->keys.nelts ? &key[i]
                                                              : NULL);

        if (ngx_http_ccproxy_hosts_need(cf, hosts, h) != NGX_OK) {
            return NGX_ERROR;
        }

    } while (++i < p->keys.nelts);

    return NGX_OK;
}


/* The resolver of the configuration, or one with the system's servers. */

static ngx_int_t
ngx_http_ccproxy_hosts_resolver(ngx_conf_t *cf,
    ngx_http_ccproxy_main_conf_t *mcf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    mcf->resolver_timeout = clcf->resolver_timeout;
    ngx_conf_init_msec_value(mcf->resolver_timeout, NGX_HTTP_CCPROXY_TIMEOUT);

    /* without "resolver" nginx has an empty one here */

    if (clcf->resolver != NULL && clcf->resolver->connections.nelts != 0) {
        mcf->resolver = clcf->resolver;
        return NGX_OK;
    }

    if (ngx_http_ccproxy_hosts_system(cf, mcf) == NGX_ERROR) {
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
ngx_http_ccproxy_hosts_init(ngx_conf_t *cf)
{
    ngx_str_t                       hosts;
    ngx_uint_t                      i;
    ngx_http_ccproxy_provider_t   **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->providers.nelts == 0) {
        return NGX_OK;
    }

    ngx_http_ccproxy_hosts_read(cf, NGX_HTTP_CCPROXY_HOSTS, &hosts);

    pp = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {

        if (pp[i]->used
            && ngx_http_ccproxy_hosts_provider(cf, hosts, pp[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (mcf->hosts.nelts == 0) {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_addresses_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_hosts_resolver(cf, mcf);
}
