
/*
 * Slots as nginx has them, for directives and statements of a provider: the
 * value goes to cmd->offset of the configuration.  They differ from nginx's in
 * what they take ("off" beside a time) and in what they say of a mistake.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


/* Tells of a value that can't be. */

static char *
ngx_http_ccproxy_slot_invalid(ngx_conf_t *cf, ngx_http_ccproxy_slot_t *post)
{
    ngx_str_t  *value;

    if (post->wrong) {
        return post->wrong;
    }

    value = cf->args->elts;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, post->invalid, &value[1]);

    return NGX_CONF_ERROR;
}


char *
ngx_http_ccproxy_time_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_int_t                 n;
    ngx_str_t                *value;
    ngx_msec_t               *field;
    ngx_http_ccproxy_slot_t  *post;

    field = (ngx_msec_t *) (p + cmd->offset);
    post = cmd->post;

    if (*field != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (post->off && ngx_strcmp(value[1].data, "off") == 0) {
        *field = 0;
        return NGX_CONF_OK;
    }

    n = ngx_parse_time(&value[1], 0);

    if (n == NGX_ERROR || n == 0) {
        return ngx_http_ccproxy_slot_invalid(cf, post);
    }

    *field = (ngx_msec_t) n;

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_number_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_int_t                 n;
    ngx_str_t                *value;
    ngx_uint_t               *field;
    ngx_http_ccproxy_slot_t  *post;

    field = (ngx_uint_t *) (p + cmd->offset);
    post = cmd->post;

    if (*field != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    n = ngx_atoi(value[1].data, value[1].len);

    if (n == NGX_ERROR || n < post->min || n > post->max) {
        return ngx_http_ccproxy_slot_invalid(cf, post);
    }

    *field = (ngx_uint_t) n;

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_flag_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t   *value;
    ngx_flag_t  *field;

    field = (ngx_flag_t *) (p + cmd->offset);

    if (*field != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "on") == 0) {
        *field = 1;

    } else if (ngx_strcmp(value[1].data, "off") == 0) {
        *field = 0;

    } else {
        return "must be \"on\" or \"off\"";
    }

    return NGX_CONF_OK;
}


/* The full name of a file that can be read now. */

char *
ngx_http_ccproxy_pem_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_fd_t                  fd;
    ngx_str_t                *value, *name;
    ngx_http_ccproxy_slot_t  *post;

    name = (ngx_str_t *) (p + cmd->offset);
    post = cmd->post;

    value = cf->args->elts;
    *name = value[1];

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "can't read the %s in \"%V\": name a PEM file that "
                           "the user who starts nginx may read", post->invalid,
                           name);
        return NGX_CONF_ERROR;
    }

    (void) ngx_close_file(fd);

    return NGX_CONF_OK;
}
