
/*
 * A file that the configuration names, read at once.  What is said of one that
 * can't be read is up to whoever asks.
 */

#include "nginx/core/ngx_http_ccproxy.h"


ngx_http_ccproxy_file_e
ngx_http_ccproxy_file(ngx_conf_t *cf, ngx_str_t *name, off_t max,
    ngx_uint_t any_mode, ngx_str_t *text)
{
    ssize_t                   n;
    ngx_file_t                file;
    ngx_file_info_t           fi;
    ngx_http_ccproxy_file_e   rc;

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *name;
    file.log = cf->log;
    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        return NGX_HTTP_CCPROXY_FILE_CLOSED;
    }

    if (ngx_fd_info(file.fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)) {
        rc = NGX_HTTP_CCPROXY_FILE_KIND;
        goto done;
    }

    if (!any_mode && (ngx_file_access(&fi) & 077)) {
        rc = NGX_HTTP_CCPROXY_FILE_MODE;
        goto done;
    }

    if (ngx_file_size(&fi) > max) {
        rc = NGX_HTTP_CCPROXY_FILE_SIZE;
        goto done;
    }

    rc = NGX_HTTP_CCPROXY_FILE_FAILED;

    text->data = ngx_pnalloc(cf->pool, (size_t) ngx_file_size(&fi) + 1);
    if (text->data == NULL) {
        goto done;
    }

    n = ngx_read_file(&file, text->data, (size_t) ngx_file_size(&fi), 0);

    if (n != NGX_ERROR) {
        text->len = n;
        rc = NGX_HTTP_CCPROXY_FILE_READ;
    }

done:

    (void) ngx_close_file(file.fd);

    return rc;
}
