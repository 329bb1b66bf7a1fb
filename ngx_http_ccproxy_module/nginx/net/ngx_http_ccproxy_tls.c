
/*
 * TLS towards providers: a context for each, certificates verified against
 * the system's bundle or one of its own, sessions resumed.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"


#if (NGX_HTTP_SSL)

/* Certificates between a server's own and a trusted one. */
#define NGX_HTTP_CCPROXY_TLS_DEPTH  9


/* Where systems keep the certificates they trust. */

static ngx_str_t  ngx_http_ccproxy_bundles[] = {
    ngx_string("/etc/ssl/certs/ca-certificates.crt"),   /* Debian, Alpine */
    ngx_string("/etc/pki/tls/certs/ca-bundle.crt"),     /* Fedora, RHEL */
    ngx_string("/etc/ssl/ca-bundle.pem"),               /* SUSE */
    ngx_string("/etc/ssl/cert.pem"),                    /* BSD, macOS */
    ngx_string("/usr/local/share/certs/ca-root-nss.crt"),
    ngx_null_string
};


static ngx_str_t *
ngx_http_ccproxy_tls_bundle(void)
{
    ngx_str_t        *name;
    ngx_file_info_t   fi;

    for (name = ngx_http_ccproxy_bundles; name->len; name++) {
        if (ngx_file_info(name->data, &fi) != NGX_FILE_ERROR
            && ngx_is_file(&fi))
        {
            return name;
        }
    }

    return NULL;
}


static void
ngx_http_ccproxy_tls_cleanup(void *data)
{
    ngx_http_ccproxy_provider_t  *p = data;

    if (p->session != NULL) {
        ngx_ssl_free_session(p->session);
        p->session = NULL;
    }

    ngx_ssl_cleanup_ctx(p->tls);
}


/*
 * A bundle is more than a megabyte in memory: providers that trust the same
 * one share it.
 */

static ngx_http_ccproxy_provider_t *
ngx_http_ccproxy_tls_same(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    ngx_uint_t                      i;
    ngx_http_ccproxy_provider_t   **pp;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    pp = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        if (pp[i] != p
            && pp[i]->tls != NULL
            && pp[i]->tls_verify
            && pp[i]->tls_ca.len == p->tls_ca.len
            && ngx_strncmp(pp[i]->tls_ca.data, p->tls_ca.data, p->tls_ca.len)
               == 0)
        {
            return pp[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_ccproxy_tls_trust(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    ngx_str_t                    *bundle, ca;
    ngx_http_ccproxy_provider_t  *other;

    if (p->tls_ca.len == 0) {

        bundle = ngx_http_ccproxy_tls_bundle();

        if (bundle == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "provider \"%V\" needs trusted certificates, and "
                          "the system has none: install \"ca-certificates\" "
                          "or write \"tls_ca FILE;\" in %s:%ui",
                          &p->name, p->file, p->line);
            return NGX_ERROR;
        }

        p->tls_ca = *bundle;
    }

    SSL_CTX_set_verify_depth(p->tls->ctx, NGX_HTTP_CCPROXY_TLS_DEPTH);

    other = ngx_http_ccproxy_tls_same(cf, p);

    if (other != NULL) {
        SSL_CTX_set1_cert_store(p->tls->ctx,
                                SSL_CTX_get_cert_store(other->tls->ctx));
        return NGX_OK;
    }

    /* a copy, as nginx changes what it is given */

    ca = p->tls_ca;

    if (ngx_ssl_trusted_certificate(cf, p->tls, &ca,
                                    NGX_HTTP_CCPROXY_TLS_DEPTH)
        != NGX_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "provider \"%V\": \"%V\" holds no usable certificates "
                      "in %s:%ui", &p->name, &p->tls_ca, p->file, p->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * nginx compares names only: an address in place of a host is verified within
 * the handshake.
 */

static ngx_int_t
ngx_http_ccproxy_tls_address(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    u_char     *text;
    ngx_str_t   ip;

    ip = p->host.name;

    if (*ip.data == '[') {
        ip.data++;
        ip.len -= 2;
    }

    text = ngx_pnalloc(cf->temp_pool, ip.len + 1);
    if (text == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(text, ip.data, ip.len + 1);

    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(p->tls->ctx),
                                      (char *) text)
        == 0)
    {
        return NGX_ERROR;
    }

    SSL_CTX_set_verify(p->tls->ctx, SSL_VERIFY_PEER, NULL);

    return NGX_OK;
}


/* What the provider knows us by. */

static ngx_int_t
ngx_http_ccproxy_tls_certificate(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_str_t    *empty;
    ngx_array_t  *passwords;

    if (p->tls_certificate.len == 0 || p->tls_certificate_key.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "provider \"%V\" needs both \"tls_certificate\" and "
                      "\"tls_certificate_key\" in %s:%ui", &p->name, p->file,
                      p->tls_certificate_line);
        return NGX_ERROR;
    }

    /* one password, which is wrong: else OpenSSL asks the terminal for it */

    passwords = ngx_array_create(cf->temp_pool, 1, sizeof(ngx_str_t));
    if (passwords == NULL) {
        return NGX_ERROR;
    }

    empty = ngx_array_push(passwords);
    if (empty == NULL) {
        return NGX_ERROR;
    }

    ngx_str_null(empty);

    if (ngx_ssl_certificate(cf, p->tls, &p->tls_certificate,
                            &p->tls_certificate_key, passwords)
        != NGX_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "provider \"%V\": \"%V\" and \"%V\" must be a "
                      "certificate and its key without a password, as PEM, "
                      "in %s:%ui", &p->name, &p->tls_certificate,
                      &p->tls_certificate_key, p->file,
                      p->tls_certificate_line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_tls_init(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    ngx_ssl_t           *tls;
    ngx_pool_cleanup_t  *cln;

    tls = ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t));
    if (tls == NULL) {
        return NGX_ERROR;
    }

    tls->log = cf->log;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    if (ngx_ssl_create(tls, NGX_SSL_TLSv1_2|NGX_SSL_TLSv1_3, NULL) != NGX_OK) {
        return NGX_ERROR;
    }

    p->tls = tls;

    cln->handler = ngx_http_ccproxy_tls_cleanup;
    cln->data = p;

    if (ngx_ssl_client_session_cache(cf, tls, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    if (p->tls_certificate_line != 0
        && ngx_http_ccproxy_tls_certificate(cf, p) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!p->tls_verify) {
        return NGX_OK;
    }

    if (ngx_http_ccproxy_tls_trust(cf, p) != NGX_OK) {
        return NGX_ERROR;
    }

    return p->host.literal ? ngx_http_ccproxy_tls_address(cf, p) : NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_tls_set_session(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p)
{
    return ngx_ssl_set_session(pc->connection, p->session);
}


void
ngx_http_ccproxy_tls_save_session(ngx_peer_connection_t *pc,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_ssl_session_t  *session;

    session = ngx_ssl_get_session(pc->connection);

    if (session == NULL) {
        return;
    }

    if (p->session != NULL) {
        ngx_ssl_free_session(p->session);
    }

    p->session = session;
}

#endif
