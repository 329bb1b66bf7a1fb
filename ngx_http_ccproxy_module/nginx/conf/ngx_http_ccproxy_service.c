
/*
 * Variables of the environment belong to the service: a binary that replaces
 * another gets them from it, and who tests a configuration from a shell, or
 * sends a signal, need not have them.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


ngx_int_t
ngx_http_ccproxy_service_keep(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t        *var;
    ngx_uint_t        i;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cf->cycle->conf_ctx,
                                           ngx_core_module);
    var = ccf->env.elts;

    for (i = 0; i < ccf->env.nelts; i++) {
        if (var[i].len >= name->len
            && ngx_memcmp(var[i].data, name->data, name->len) == 0
            && (var[i].len == name->len || var[i].data[name->len] == '='))
        {
            return NGX_OK;
        }
    }

    var = ngx_array_push(&ccf->env);
    if (var == NULL) {
        return NGX_ERROR;
    }

    /* with a zero behind it: nginx compares it as a string */

    var->data = ngx_pnalloc(cf->pool, name->len + 1);
    if (var->data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(var->data, name->data, name->len + 1);
    var->len = name->len;

    return NGX_OK;
}


/* The nginx whose number is in the file of "pid"; NGX_DECLINED: none runs. */

static ngx_int_t
ngx_http_ccproxy_service_pid(ngx_conf_t *cf)
{
    ngx_fd_t          fd;
    u_char            text[NGX_INT64_LEN + 2];
    ssize_t           n;
    ngx_int_t         pid;
    ngx_str_t         name;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cf->cycle->conf_ctx,
                                           ngx_core_module);

    name = ccf->pid;

    if (name.len == 0) {
        ngx_str_set(&name, NGX_PID_PATH);
    }

    if (ngx_conf_full_name(cf->cycle, &name, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        return NGX_DECLINED;
    }

    n = ngx_read_fd(fd, text, sizeof(text));

    (void) ngx_close_file(fd);

    while (n > 0 && (text[n - 1] == LF || text[n - 1] == CR)) {
        n--;
    }

    pid = n > 0 ? ngx_atoi(text, n) : NGX_ERROR;

    return pid > 0 && (kill((ngx_pid_t) pid, 0) == 0 || ngx_errno == NGX_EPERM)
           ? pid : NGX_DECLINED;
}


ngx_int_t
ngx_http_ccproxy_service_has(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret)
{
    ngx_int_t  pid;

    static const char  stand_in[] = "stand-in-for-";

    if (!ngx_test_config && ngx_process != NGX_PROCESS_SIGNALLER) {
        return NGX_DECLINED;
    }

    pid = ngx_http_ccproxy_service_pid(cf);

    if (pid < 0) {
        return pid;
    }

    secret->len = sizeof(stand_in) - 1 + name->len;
    secret->data = ngx_pnalloc(cf->pool, secret->len);
    if (secret->data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(secret->data, "%s%V", stand_in, name);

    if (ngx_test_config) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"%V\" is not in this environment: the nginx that "
                           "runs, process %i, must have it", name, pid);
    }

    return NGX_OK;
}
