
/*
 * How models get the client's tools, as the configuration says it: the word
 * behind "ccproxy_tools", "tools" of a provider and "tools=" of a target.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


typedef struct {
    ngx_str_t     name;
    ccp_tools_e   mode;
} ngx_http_ccproxy_tools_t;


static ngx_http_ccproxy_tools_t  ngx_http_ccproxy_tools_words[] = {
    { ngx_string("native"), CCP_TOOLS_NATIVE },
    { ngx_string("compat"), CCP_TOOLS_COMPAT },
    { ngx_string("auto"), CCP_TOOLS_AUTO },
    { ngx_null_string, CCP_TOOLS_UNSET }
};


ccp_tools_e
ngx_http_ccproxy_tools_word(ngx_conf_t *cf, ngx_str_t *word)
{
    ngx_http_ccproxy_tools_t  *t;

    for (t = ngx_http_ccproxy_tools_words; t->name.len; t++) {
        if (t->name.len == word->len
            && ngx_strncmp(t->name.data, word->data, word->len) == 0)
        {
            return t->mode;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown way to call tools \"%V\": write \"native\", "
                       "\"compat\" or \"auto\"", word);

    return CCP_TOOLS_UNSET;
}


char *
ngx_http_ccproxy_tools_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t   *value;
    ngx_uint_t  *field;

    field = (ngx_uint_t *) (p + cmd->offset);

    if (*field != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    *field = ngx_http_ccproxy_tools_word(cf, &value[1]);

    return *field == CCP_TOOLS_UNSET ? NGX_CONF_ERROR : NGX_CONF_OK;
}
