
/*
 * "default NAME VALUE [model=PATTERN]…;" and "param NAME VALUE …;" of a
 * provider: members of the body that its targets get.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


/* Member names in one NAME. */
#define NGX_HTTP_CCPROXY_PARAM_DEPTH  16


struct ngx_http_ccproxy_param_s {
    ccp_param_t   param;
    ngx_str_t     name;                    /* with its dots */
    ngx_str_t     word;                    /* "param" or "default" */
    u_char       *file;
    ngx_uint_t    line;
};


static void *
ngx_http_ccproxy_conf_alloc(void *data, size_t n)
{
    ngx_pool_t  *pool = data;

    return ngx_palloc(pool, n);
}


static void
ngx_http_ccproxy_conf_free(void *data, void *p)
{
    ngx_pool_t  *pool = data;

    (void) ngx_pfree(pool, p);
}


ccp_arena_t *
ngx_http_ccproxy_conf_arena(ngx_conf_t *cf)
{
    ccp_mem_t                      mem;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->arena == NULL) {
        mem.alloc = ngx_http_ccproxy_conf_alloc;
        mem.free = ngx_http_ccproxy_conf_free;
        mem.ctx = cf->pool;

        mcf->arena = ccp_arena_create(&mem, 0);
    }

    return mcf->arena;
}


/* "a.b" as a list of names, in place; NULL: a name is empty or too deep. */

static const char *const *
ngx_http_ccproxy_param_path(ngx_conf_t *cf, ngx_str_t *name)
{
    u_char       *p, *dot;
    ngx_uint_t    n;
    const char  **path;

    path = ngx_pcalloc(cf->pool, (NGX_HTTP_CCPROXY_PARAM_DEPTH + 1)
                                 * sizeof(char *));
    p = ngx_pnalloc(cf->pool, name->len + 1);

    if (path == NULL || p == NULL) {
        return NULL;
    }

    (void) ngx_cpystrn(p, name->data, name->len + 1);

    for (n = 0; n < NGX_HTTP_CCPROXY_PARAM_DEPTH; n++) {
        dot = (u_char *) ngx_strchr(p, '.');

        if (*p == '\0' || dot == p) {
            return NULL;
        }

        path[n] = (char *) p;

        if (dot == NULL) {
            return path;
        }

        *dot = '\0';
        p = dot + 1;
    }

    return NULL;
}


/* The words behind the value. */

static char *
ngx_http_ccproxy_param_models(ngx_conf_t *cf, ccp_param_t *param)
{
    ccp_str_t   *models;
    ngx_str_t   *value, pattern;
    ngx_uint_t   i;

    value = cf->args->elts;

    if (cf->args->nelts == 3) {
        return NGX_CONF_OK;
    }

    models = ngx_palloc(cf->pool, (cf->args->nelts - 3) * sizeof(ccp_str_t));
    if (models == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 3; i < cf->args->nelts; i++) {

        if (value[i].len < 7 || ngx_strncmp(value[i].data, "model=", 6) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "unknown word \"%V\": write \"%V NAME VALUE "
                               "[model=PATTERN]...;\", a VALUE with blanks or "
                               "braces in single quotes", &value[i],
                               &value[0]);
            return NGX_CONF_ERROR;
        }

        pattern.data = value[i].data + 6;
        pattern.len = value[i].len - 6;
        models[i - 3] = ngx_http_ccproxy_slice(&pattern);
    }

    param->models = models;
    param->nmodels = cf->args->nelts - 3;

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_provider_param(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    int                         rc;
    ngx_str_t                  *value;
    ccp_jerr_t                  err;
    ccp_arena_t                *arena;
    ngx_http_ccproxy_param_t   *param, **pp;

    value = cf->args->elts;

    param = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_param_t));
    arena = ngx_http_ccproxy_conf_arena(cf);
    pp = ngx_array_push(&p->params);

    if (param == NULL || arena == NULL || pp == NULL) {
        return NGX_CONF_ERROR;
    }

    *pp = param;

    param->name = value[1];
    param->word = value[0];
    param->file = cf->conf_file->file.name.data;
    param->line = cf->conf_file->line;
    param->param.fills = (value[0].data[0] == 'd');
    param->param.path = ngx_http_ccproxy_param_path(cf, &value[1]);

    if (param->param.path == NULL) {
        return "needs the name of a member of the body, such as "
               "\"temperature\" or \"options.num_ctx\"";
    }

    rc = ccp_param_value(ngx_http_ccproxy_slice(&value[2]), arena,
                         &param->param.value, &err);

    if (rc == CCP_INVALID) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the value of \"%V\" is no JSON: %s at byte %uz; "
                           "put single quotes around it, as in "
                           "'{\"type\":\"json_object\"}'", &value[1],
                           err.what, err.offset);
    }

    if (rc != CCP_OK) {
        return NGX_CONF_ERROR;
    }

    if (param->param.fills && param->param.value.p == NULL) {
        return "can't be null: \"param NAME null;\" leaves a member out";
    }

    return ngx_http_ccproxy_param_models(cf, &param->param);
}


/* Whether the one's name is the other's, or a part of the way to it. */

static ngx_uint_t
ngx_http_ccproxy_param_overlap(const char *const *a, const char *const *b)
{
    while (*a && *b) {
        if (ngx_strcmp(*a++, *b++) != 0) {
            return 0;
        }
    }

    return 1;
}


/* One statement against one before it: NULL or what is wrong. */

static char *
ngx_http_ccproxy_param_clash(ngx_http_ccproxy_param_t *before,
    ngx_http_ccproxy_param_t *p)
{
    if (!ngx_http_ccproxy_param_overlap(before->param.path, p->param.path)) {
        return NULL;
    }

    if (before->name.len != p->name.len) {
        return "names a part of the other: name the members one by one";
    }

    if (before->param.fills == p->param.fills && before->param.nmodels == 0) {
        return "is never used, as the other is for all models: write the one "
               "with \"model=\" first";
    }

    return NULL;
}


ngx_int_t
ngx_http_ccproxy_provider_params(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    char                        *wrong;
    ngx_uint_t                   i, k;
    const ccp_param_t          **last;
    ngx_http_ccproxy_param_t   **params;

    params = p->params.elts;
    last = &p->param_list;

    for (i = 0; i < p->params.nelts; i++) {

        if (ccp_param_is_owned(ccp_proto_ops(p->row.proto),
                               params[i]->param.path[0]))
        {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"%V %V\" can't be set: the module itself writes "
                          "this member for each request in %s:%ui",
                          &params[i]->word, &params[i]->name,
                          params[i]->file, params[i]->line);
            return NGX_ERROR;
        }

        for (k = 0; k < i; k++) {
            wrong = ngx_http_ccproxy_param_clash(params[k], params[i]);

            if (wrong) {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "\"%V %V\" stands beside \"%V %V\" of line %ui "
                              "and %s in %s:%ui",
                              &params[i]->word, &params[i]->name,
                              &params[k]->word, &params[k]->name,
                              params[k]->line, wrong,
                              params[i]->file, params[i]->line);
                return NGX_ERROR;
            }
        }

        *last = &params[i]->param;
        last = &params[i]->param.next;
    }

    return NGX_OK;
}
