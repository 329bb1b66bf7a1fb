
/*
 * ccproxy_transcript: one JSON line for each request, with what was said on
 * both sides; ccproxy_redact: what must not get into it.
 */

#include "nginx/record/ngx_http_ccproxy_record.h"
#include "nginx/conf/ngx_http_ccproxy_conf.h"

#if (NGX_THREADS)
#include <ngx_thread_pool.h>
#endif


static void *
ngx_http_ccproxy_transcripts_create(void *mem, size_t size)
{
    (void) size;

    return mem;
}


ngx_http_ccproxy_transcripts_t *
ngx_http_ccproxy_transcripts(ngx_http_ccproxy_main_conf_t *mcf)
{
    return mcf->transcripts ? mcf->transcripts->data : NULL;
}


/* ---- a request is over ---- */

/* Requests that go to models, whether or not one was asked. */

static ngx_uint_t
ngx_http_ccproxy_transcript_wanted(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_transcript_t *conf)
{
    ngx_str_t  value;

    switch (ctx->endpoint.op) {

    case CCP_OP_GENERATE:
    case CCP_OP_COUNT:
    case CCP_OP_EMBED:
    case CCP_OP_COMPACT:
        break;

    default:
        return 0;
    }

    if (r->method != NGX_HTTP_POST) {
        return 0;
    }

    if (conf->filter == NULL) {
        return 1;
    }

    return ngx_http_complex_value(r, conf->filter, &value) == NGX_OK
           && value.len != 0 && !(value.len == 1 && value.data[0] == '0');
}


static ngx_int_t
ngx_http_ccproxy_transcript_handler(ngx_http_request_t *r)
{
    ngx_http_ccproxy_ctx_t        *ctx;
    ngx_http_ccproxy_job_t        *job;
    ngx_http_ccproxy_loc_conf_t   *lcf;
    ngx_http_ccproxy_main_conf_t  *mcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    if (lcf->transcript == NULL || !lcf->enable || r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_ccproxy_find_ctx(r);

    if (ctx == NULL
        || !ngx_http_ccproxy_transcript_wanted(r, ctx, lcf->transcript))
    {
        return NGX_OK;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    job = ngx_http_ccproxy_job_create(r, ctx);

    if (job) {
        ngx_http_ccproxy_queue_add(mcf, job);

    } else {
        (void) ngx_atomic_fetch_add(&ngx_http_ccproxy_transcripts(mcf)->failed,
                                    1);
    }

    return NGX_OK;
}


/* ---- configuration ---- */

#if (NGX_THREADS)

static char *
ngx_http_ccproxy_transcript_param(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_ccproxy_transcript_t *t)
{
    ssize_t                            n;
    ngx_str_t                          s;
    ngx_http_compile_complex_value_t   ccv;

    if (value->len > 3 && ngx_strncmp(value->data, "if=", 3) == 0) {

        s.data = value->data + 3;
        s.len = value->len - 3;

        t->filter = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
        if (t->filter == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));
        ccv.cf = cf;
        ccv.value = &s;
        ccv.complex_value = t->filter;

        return ngx_http_compile_complex_value(&ccv) == NGX_OK
               ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    if (value->len == sizeof("format=full") - 1
        && ngx_strncmp(value->data, "format=", 7) == 0
        && (ngx_strcmp(value->data + 7, "full") == 0
            || ngx_strcmp(value->data + 7, "meta") == 0))
    {
        t->meta = (value->data[7] == 'm');
        return NGX_CONF_OK;
    }

    if (value->len > 4 && ngx_strncmp(value->data, "max=", 4) == 0) {

        s.data = value->data + 4;
        s.len = value->len - 4;
        n = ngx_parse_size(&s);

        if (n >= NGX_HTTP_CCPROXY_TRANSCRIPT_MIN) {
            t->max = (size_t) n;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\" in \"ccproxy_transcript\": "
                       "write \"if=$VARIABLE\", \"format=full\", "
                       "\"format=meta\" or \"max=1m\", of 4k at least",
                       value);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_ccproxy_transcript_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_http_ccproxy_transcript_t *t)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_transcripts"),
        0,
        sizeof(ngx_http_ccproxy_transcripts_t),
        ngx_http_ccproxy_transcripts_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (name->len == 0 || ngx_http_script_variables_count(name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid file \"%V\" in \"ccproxy_transcript\": "
                           "write a path without variables, or \"off\"",
                           name);
        return NGX_CONF_ERROR;
    }

    t->file = ngx_conf_open_file(cf->cycle, name);

    if (t->file == NULL || ngx_thread_pool_add(cf, NULL) == NULL) {
        return NGX_CONF_ERROR;
    }

    if (mcf->transcripts == NULL) {
        mcf->transcripts = ngx_http_ccproxy_shm_add(cf, &shm);
    }

    return mcf->transcripts ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_ccproxy_transcript(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    char                           *rc;
    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_ccproxy_transcript_t  *t;

    (void) cmd;

    if (lcf->transcript != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        lcf->transcript = NULL;
        return NGX_CONF_OK;
    }

    t = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_transcript_t));
    if (t == NULL) {
        return NGX_CONF_ERROR;
    }

    t->max = NGX_HTTP_CCPROXY_TRANSCRIPT_MAX;
    t->fd = NGX_INVALID_FILE;

    rc = ngx_http_ccproxy_transcript_file(cf, &value[1], t);

    for (i = 2; i < cf->args->nelts && rc == NGX_CONF_OK; i++) {
        rc = ngx_http_ccproxy_transcript_param(cf, &value[i], t);
    }

    lcf->transcript = t;

    return rc;
}

#else

char *
ngx_http_ccproxy_transcript(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_str_t  *value;

    (void) cmd;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        lcf->transcript = NULL;
        return NGX_CONF_OK;
    }

    return "needs an nginx that was built with \"--with-threads\": lines are "
           "written by a thread";
}

#endif


char *
ngx_http_ccproxy_redact_pattern(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    int                            rc;
    char                           wrong[128];
    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ccp_arena_t                   *arena;
    ccp_record_pattern_t          *p, **last;

    (void) cmd;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {

        if (lcf->redact != NGX_CONF_UNSET_PTR) {
            return "is duplicate";
        }

        lcf->redact = NULL;
        return NGX_CONF_OK;
    }

    if (lcf->redact == NULL) {
        return "stands beside \"ccproxy_redact off\": remove one of them";
    }

    if (lcf->redact == NGX_CONF_UNSET_PTR) {
        lcf->redact = NULL;
    }

    arena = ngx_http_ccproxy_conf_arena(cf);
    if (arena == NULL) {
        return NGX_CONF_ERROR;
    }

    for (last = &lcf->redact; *last; last = &(*last)->next) {
        /* void */
    }

    for (i = 1; i < cf->args->nelts; i++) {

        p = ngx_pcalloc(cf->pool, sizeof(ccp_record_pattern_t));
        if (p == NULL) {
            return NGX_CONF_ERROR;
        }

        rc = ccp_record_pattern(p, ngx_http_ccproxy_slice(&value[i]),
                                arena, wrong, sizeof(wrong));

        if (rc == CCP_INVALID) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid expression \"%V\" in "
                               "\"ccproxy_redact\": %s", &value[i], wrong);
        }

        if (rc != CCP_OK) {
            return NGX_CONF_ERROR;
        }

        *last = p;
        last = &p->next;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_ccproxy_record_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt           *h;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->transcripts == NULL) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_ccproxy_transcript_handler;

    return NGX_OK;
}
