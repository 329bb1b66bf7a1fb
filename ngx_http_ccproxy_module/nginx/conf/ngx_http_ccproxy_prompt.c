
/*
 * Prompt tools of a location: ccproxy_prompt, ccproxy_replace,
 * ccproxy_tool_filter, ccproxy_temperature_ratio; and ccproxy_beta, which is a
 * list of patterns as well.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"
#include "nginx/core/ngx_http_ccproxy.h"
#include "codec/base/base_match.h"


#define NGX_HTTP_CCPROXY_PROMPT_MAX  (1024 * 1024)
#define NGX_HTTP_CCPROXY_RATIO_MAX   100


/* "off", alone: nothing of the levels above. */

static ngx_uint_t
ngx_http_ccproxy_prompt_off(ngx_conf_t *cf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    return cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0;
}


static ngx_array_t *
ngx_http_ccproxy_prompt_list(ngx_conf_t *cf, ngx_array_t **list, size_t size)
{
    if (*list == NGX_CONF_UNSET_PTR) {
        *list = ngx_array_create(cf->pool, 2, size);
    }

    return *list;
}


static char *
ngx_http_ccproxy_prompt_file(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *text)
{
    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    switch (ngx_http_ccproxy_file(cf, name, NGX_HTTP_CCPROXY_PROMPT_MAX, 1,
                                  text))
    {
    case NGX_HTTP_CCPROXY_FILE_READ:
        return NGX_CONF_OK;

    case NGX_HTTP_CCPROXY_FILE_CLOSED:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "can't read the prompt in \"%V\"", name);
        break;

    case NGX_HTTP_CCPROXY_FILE_KIND:
    case NGX_HTTP_CCPROXY_FILE_SIZE:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is no file of 1 MB at most", name);
        break;

    default: /* NGX_HTTP_CCPROXY_FILE_FAILED: logged */
        break;
    }

    return NGX_CONF_ERROR;
}


/* The text itself, or that of a file: "file:PATH" or an absolute path. */

static char *
ngx_http_ccproxy_prompt_text(ngx_conf_t *cf, ngx_str_t *value,
    ccp_prompt_t *prompt)
{
    char       *rv;
    ngx_str_t   name, text;

    name = *value;
    text = *value;

    if (value->len > 5 && ngx_strncmp(value->data, "file:", 5) == 0) {
        name.data += 5;
        name.len -= 5;
    }

    if (name.len != value->len || (value->len && value->data[0] == '/')) {

        rv = ngx_http_ccproxy_prompt_file(cf, &name, &text);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    while (text.len && (text.data[text.len - 1] == LF
                        || text.data[text.len - 1] == CR))
    {
        text.len--;
    }

    if (text.len == 0) {
        return "needs a text that is not empty";
    }

    prompt->text = ngx_http_ccproxy_slice(&text);

    return ccp_str_utf8(prompt->text) ? NGX_CONF_OK
                                      : "needs a text in UTF-8";
}


char *
ngx_http_ccproxy_prompt(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_str_t     *value, match;
    ngx_uint_t     i;
    ccp_prompt_t  *prompt;

    value = cf->args->elts;

    if (ngx_http_ccproxy_prompt_list(cf, &lcf->prompts, sizeof(ccp_prompt_t))
        == NULL)
    {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ccproxy_prompt_off(cf)) {
        return NGX_CONF_OK;
    }

    prompt = ngx_array_push(lcf->prompts);
    if (prompt == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(prompt, sizeof(ccp_prompt_t));

    prompt->replace = (ngx_strcmp(value[1].data, "replace") == 0);

    if (cf->args->nelts < 3
        || (!prompt->replace && ngx_strcmp(value[1].data, "enhance") != 0))
    {
        goto usage;
    }

    for (i = 3; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "position=user") == 0) {
            prompt->user = 1;

        } else if (ngx_strcmp(value[i].data, "position=system") == 0) {
            prompt->user = 0;

        } else if (value[i].len > 6
                   && ngx_strncmp(value[i].data, "match=", 6) == 0)
        {
            match.data = value[i].data + 6;
            match.len = value[i].len - 6;
            prompt->match = ngx_http_ccproxy_slice(&match);

        } else {
            goto usage;
        }
    }

    return ngx_http_ccproxy_prompt_text(cf, &value[2], prompt);

usage:

    return "is to be written \"ccproxy_prompt enhance|replace TEXT|file:PATH "
           "[position=system|user] [match=PATTERN];\" or \"ccproxy_prompt "
           "off;\"";
}


char *
ngx_http_ccproxy_replace(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    int                 rc;
    char                wrong[128];
    ccp_str_t           from, to;
    ngx_str_t          *value;
    ccp_arena_t        *arena;
    ccp_prompt_pair_t  *pair;

    value = cf->args->elts;

    if (ngx_http_ccproxy_prompt_list(cf, &lcf->replaces,
                                     sizeof(ccp_prompt_pair_t))
        == NULL)
    {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ccproxy_prompt_off(cf)) {
        return NGX_CONF_OK;
    }

    if (cf->args->nelts != 3 || value[1].len == 0) {
        return "needs what is to be replaced and what comes in its place: "
               "write \"ccproxy_replace FROM TO;\"";
    }

    pair = ngx_array_push(lcf->replaces);
    arena = ngx_http_ccproxy_conf_arena(cf);

    if (pair == NULL || arena == NULL) {
        return NGX_CONF_ERROR;
    }

    from = ngx_http_ccproxy_slice(&value[1]);
    to = ngx_http_ccproxy_slice(&value[2]);

    if (!ccp_str_utf8(from) || !ccp_str_utf8(to)) {
        return "needs texts in UTF-8";
    }

    rc = ccp_prompt_pair(pair, from, to, arena, wrong, sizeof(wrong));

    if (rc == CCP_INVALID) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "can't replace \"%V\" by \"%V\": %s", &value[1],
                           &value[2], wrong);
    }

    return rc == CCP_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* Names or patterns, into the array at cmd->offset; cmd->post says of what. */

char *
ngx_http_ccproxy_patterns(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ccp_str_t     *name;
    ngx_str_t     *value;
    ngx_uint_t     i;
    ngx_array_t  **list;

    value = cf->args->elts;
    list = (ngx_array_t **) ((u_char *) conf + cmd->offset);

    if (ngx_http_ccproxy_prompt_list(cf, list, sizeof(ccp_str_t)) == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ccproxy_prompt_off(cf)) {
        return NGX_CONF_OK;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (value[i].len == 0) {
            return cmd->post;
        }

        name = ngx_array_push(*list);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = ngx_http_ccproxy_slice(&value[i]);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_temperature_ratio(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    char       *end;
    double      ratio;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (lcf->temperature_ratio >= 0) {
        return "is duplicate";
    }

    ratio = strtod((char *) value[1].data, &end);

    if (value[1].len == 0 || value[1].data[0] < '0' || value[1].data[0] > '9'
        || *end != '\0' || !(ratio <= NGX_HTTP_CCPROXY_RATIO_MAX))
    {
        return "needs a number from 0 to 100, such as 0.8";
    }

    lcf->temperature_ratio = ratio;

    return NGX_CONF_OK;
}


void
ngx_http_ccproxy_prompt_create(ngx_http_ccproxy_loc_conf_t *lcf)
{
    lcf->prompts = NGX_CONF_UNSET_PTR;
    lcf->replaces = NGX_CONF_UNSET_PTR;
    lcf->tool_filter = NGX_CONF_UNSET_PTR;
    lcf->betas = NGX_CONF_UNSET_PTR;
    lcf->temperature_ratio = -1;
}


char *
ngx_http_ccproxy_prompt_merge(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *prev, ngx_http_ccproxy_loc_conf_t *conf)
{
    ccp_prompt_rules_t  *rules;

    ngx_conf_merge_ptr_value(conf->prompts, prev->prompts, NULL);
    ngx_conf_merge_ptr_value(conf->replaces, prev->replaces, NULL);
    ngx_conf_merge_ptr_value(conf->tool_filter, prev->tool_filter, NULL);
    ngx_conf_merge_ptr_value(conf->betas, prev->betas, NULL);

    if (conf->temperature_ratio < 0) {
        conf->temperature_ratio = prev->temperature_ratio < 0
                                  ? 1 : prev->temperature_ratio;
    }

    rules = ngx_pcalloc(cf->pool, sizeof(ccp_prompt_rules_t));
    if (rules == NULL) {
        return NGX_CONF_ERROR;
    }

    if (conf->prompts) {
        rules->prompts = conf->prompts->elts;
        rules->nprompts = conf->prompts->nelts;
    }

    if (conf->replaces) {
        rules->pairs = conf->replaces->elts;
        rules->npairs = conf->replaces->nelts;
    }

    if (conf->tool_filter) {
        rules->filter = conf->tool_filter->elts;
        rules->nfilter = conf->tool_filter->nelts;
    }

    rules->ratio = conf->temperature_ratio;

    if (rules->nprompts || rules->npairs || rules->nfilter
        || rules->ratio != 1)
    {
        conf->rules = rules;
    }

    return NGX_CONF_OK;
}
