
/*
 * Statements of a provider about its connections: how many are kept, how long
 * things may take, and TLS.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


char *
ngx_http_ccproxy_network_keepalive(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    ngx_int_t   n;
    ngx_str_t  *value;

    value = cf->args->elts;
    n = ngx_atoi(value[1].data, value[1].len);

    if (n == NGX_ERROR || n > 65535) {
        return "needs a number from 0 to 65535";
    }

    p->keepalive = n;

    return NGX_CONF_OK;
}


static char *
ngx_http_ccproxy_network_time(ngx_conf_t *cf, ngx_msec_t *time)
{
    ngx_int_t   n;
    ngx_str_t  *value;

    value = cf->args->elts;
    n = ngx_parse_time(&value[1], 0);

    if (n == NGX_ERROR || n == 0) {
        return "needs a time such as \"10s\" or \"5m\"";
    }

    *time = n;

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_network_idle(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    return ngx_http_ccproxy_network_time(cf, &p->keepalive_timeout);
}


char *
ngx_http_ccproxy_network_connect(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    return ngx_http_ccproxy_network_time(cf, &p->connect_timeout);
}


char *
ngx_http_ccproxy_network_read(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    return ngx_http_ccproxy_network_time(cf, &p->read_timeout);
}


char *
ngx_http_ccproxy_network_verify(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "on") == 0) {
        p->tls_verify = 1;

    } else if (ngx_strcmp(value[1].data, "off") == 0) {
        p->tls_verify = 0;

    } else {
        return "must be \"on\" or \"off\"";
    }

    return NGX_CONF_OK;
}


/* The full name of a file that can be read now. */

static char *
ngx_http_ccproxy_network_file(ngx_conf_t *cf, ngx_str_t *name, char *what)
{
    ngx_fd_t    fd;
    ngx_str_t  *value;

    value = cf->args->elts;
    *name = value[1];

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "can't read the %s in \"%V\": name a PEM file that "
                           "the user who starts nginx may read", what, name);
        return NGX_CONF_ERROR;
    }

    (void) ngx_close_file(fd);

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_network_ca(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    return ngx_http_ccproxy_network_file(cf, &p->tls_ca, "certificates");
}


char *
ngx_http_ccproxy_network_certificate(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    p->tls_certificate_line = cf->conf_file->line;

    return ngx_http_ccproxy_network_file(cf, &p->tls_certificate,
                                         "certificate");
}


char *
ngx_http_ccproxy_network_certificate_key(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    p->tls_certificate_line = cf->conf_file->line;

    return ngx_http_ccproxy_network_file(cf, &p->tls_certificate_key,
                                         "certificate's key");
}
