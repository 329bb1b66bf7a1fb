
/*
 * The log format "ccproxy", which an access_log may name without declaring it:
 * a line of JSON for each request, with nothing secret in it.  A format of
 * that name that is declared before is the user's, and stays.
 */

#include "nginx/request/ngx_http_ccproxy_request.h"


extern ngx_module_t  ngx_http_log_module;


/* Numbers that may be unknown are strings: an empty one is valid JSON. */

static ngx_str_t  ngx_http_ccproxy_log_words[] = {
    ngx_string("log_format"),
    ngx_string("ccproxy"),
    ngx_string("escape=json"),
    ngx_string("{\"time\":\"$time_iso8601\","
               "\"id\":\"$sent_http_x_ccproxy_request_id\","
               "\"client\":\"$ccproxy_client\","
               "\"protocol\":\"$ccproxy_protocol\","
               "\"model\":\"$ccproxy_model\","
               "\"session\":\"$ccproxy_session\","
               "\"stream\":\"$ccproxy_stream\",\"status\":$status,"
               "\"pool\":\"$ccproxy_pool\","
               "\"provider\":\"$ccproxy_provider\","
               "\"target_model\":\"$ccproxy_target_model\","
               "\"key\":\"$ccproxy_key_name\",\"tries\":\"$ccproxy_tries\","
               "\"upstream_status\":\"$ccproxy_upstream_status\","
               "\"input\":\"$ccproxy_input_tokens\","
               "\"cached\":\"$ccproxy_cached_tokens\","
               "\"output\":\"$ccproxy_output_tokens\","
               "\"reasoning\":\"$ccproxy_reasoning_tokens\","
               "\"cost\":\"$ccproxy_cost\","
               "\"stop\":\"$ccproxy_stop_reason\","
               "\"ttft\":\"$ccproxy_ttft\",\"time_total\":$request_time,"
               "\"error\":\"$ccproxy_error\"}")
};


static ngx_uint_t
ngx_http_ccproxy_log_named(ngx_str_t *word)
{
    return ngx_http_ccproxy_eq(word, &ngx_http_ccproxy_log_words[1]);
}


/* Declares the format as if the user had, once. */

static char *
ngx_http_ccproxy_log_declare(ngx_conf_t *cf)
{
    char                *rv;
    void                *conf;
    ngx_array_t         *args, words;
    ngx_command_t       *cmd;
    ngx_http_conf_ctx_t *ctx;

    ctx = cf->ctx;
    conf = ctx->main_conf[ngx_http_log_module.ctx_index];

    for (cmd = ngx_http_log_module.commands; cmd->name.len; cmd++) {
        if (ngx_http_ccproxy_eq(&cmd->name, &ngx_http_ccproxy_log_words[0])) {
            break;
        }
    }

    if (cmd->name.len == 0) {
        return "has no formats in this nginx";
    }

    ngx_memzero(&words, sizeof(ngx_array_t));

    words.elts = ngx_http_ccproxy_log_words;
    words.nelts = ccp_countof(ngx_http_ccproxy_log_words);
    words.size = sizeof(ngx_str_t);

    args = cf->args;
    cf->args = &words;

    rv = cmd->set(cf, cmd, conf);

    cf->args = args;

    return rv;
}


char *
ngx_http_ccproxy_log_format(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                     *value;
    ngx_http_ccproxy_main_conf_t  *mcf;

    value = cf->args->elts;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (ngx_http_ccproxy_log_named(&value[1])) {

        if (mcf->log_format == NGX_HTTP_CCPROXY_LOG_OURS) {
            return "\"ccproxy\" comes too late: an \"access_log\" above has "
                   "the module's format of that name; declare it before, or "
                   "give it another name";
        }

        mcf->log_format = NGX_HTTP_CCPROXY_LOG_USERS;
    }

    return ngx_http_ccproxy_early_pass(cf, cmd, conf);
}


char *
ngx_http_ccproxy_log_access(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                          *rv;
    ngx_str_t                     *value;
    ngx_http_ccproxy_main_conf_t  *mcf;

    value = cf->args->elts;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (cf->args->nelts > 2 && ngx_http_ccproxy_log_named(&value[2])
        && mcf->log_format == NGX_HTTP_CCPROXY_LOG_NONE)
    {
        rv = ngx_http_ccproxy_log_declare(cf);

        if (rv != NGX_CONF_OK) {
            return rv;
        }

        mcf->log_format = NGX_HTTP_CCPROXY_LOG_OURS;
    }

    return ngx_http_ccproxy_early_pass(cf, cmd, conf);
}
