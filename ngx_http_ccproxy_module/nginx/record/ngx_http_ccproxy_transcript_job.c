
/*
 * A request that is over, as a job for the writing thread: what is known of it
 * in short members, and copies of the bodies.
 */

#include "nginx/record/ngx_http_ccproxy_record.h"
#include "codec/json/json_write.h"


/* Headers that say how a request is to be read; none is a credential. */

static const char  *const ngx_http_ccproxy_job_headers[] = {
    "user-agent", "anthropic-version", "anthropic-beta", "openai-beta",
    "traceparent", NULL
};


typedef enum {
    NGX_HTTP_CCPROXY_JOB_TEXT,
    NGX_HTTP_CCPROXY_JOB_NUMBER,
    NGX_HTTP_CCPROXY_JOB_FLAG
} ngx_http_ccproxy_job_e;


/* Members that are variables. */

static const struct {
    const char               *name;
    const char               *variable;
    ngx_http_ccproxy_job_e    type;
} ngx_http_ccproxy_job_vars[] = {
    { "client", "ccproxy_client", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "address", "remote_addr", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "session", "ccproxy_session", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "protocol", "ccproxy_protocol", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "group", "ccproxy_group", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "model", "ccproxy_model", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "stream", "ccproxy_stream", NGX_HTTP_CCPROXY_JOB_FLAG },
    { "pool", "ccproxy_pool", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "provider", "ccproxy_provider", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "target_model", "ccproxy_target_model", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "key", "ccproxy_key_name", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "upstream_status", "ccproxy_upstream_status",
      NGX_HTTP_CCPROXY_JOB_NUMBER },
    { "stop_reason", "ccproxy_stop_reason", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "error", "ccproxy_error", NGX_HTTP_CCPROXY_JOB_TEXT },
    { "input_tokens", "ccproxy_input_tokens", NGX_HTTP_CCPROXY_JOB_NUMBER },
    { "output_tokens", "ccproxy_output_tokens", NGX_HTTP_CCPROXY_JOB_NUMBER },
    { "cached_tokens", "ccproxy_cached_tokens", NGX_HTTP_CCPROXY_JOB_NUMBER },
    { "reasoning_tokens", "ccproxy_reasoning_tokens",
      NGX_HTTP_CCPROXY_JOB_NUMBER },
    { "cost", "ccproxy_cost", NGX_HTTP_CCPROXY_JOB_NUMBER },
    { "ttft_seconds", "ccproxy_ttft", NGX_HTTP_CCPROXY_JOB_NUMBER },
    { NULL, NULL, NGX_HTTP_CCPROXY_JOB_TEXT }
};


static void *
ngx_http_ccproxy_job_alloc(void *data, size_t n)
{
    (void) data;

    return ngx_alloc(n, ngx_cycle->log);
}


static void
ngx_http_ccproxy_job_free(void *data, void *p)
{
    (void) data;

    ngx_free(p);
}


/* The variable's value; empty where it has none, or there is none. */

static ngx_str_t
ngx_http_ccproxy_job_var(ngx_http_request_t *r, const char *name)
{
    u_char                      low[32];
    ngx_str_t                   s;
    ngx_uint_t                  hash;
    ngx_http_variable_value_t  *v;

    s.len = ngx_strlen(name);
    s.data = low;
    hash = ngx_hash_strlow(low, (u_char *) name, s.len);

    v = ngx_http_get_variable(r, &s, hash);

    ngx_str_null(&s);

    if (v && !v->not_found) {
        s.data = v->data;
        s.len = v->len;
    }

    return s;
}


/* Text of a client's or an upstream's, which may be anything. */

static void
ngx_http_ccproxy_job_text(ngx_http_ccproxy_job_t *job, const char *name,
    ngx_str_t *s)
{
    ccp_record_rules_t  rules;

    ngx_http_ccproxy_line_rules(job, NGX_HTTP_CCPROXY_TRANSCRIPT_TEXT, &rules);

    ccp_w_key(&job->head, name);

    if (ccp_record_text(&rules, ngx_http_ccproxy_slice(s), job->arena,
                        &job->head)
        != CCP_OK)
    {
        job->head.err = 1;
    }
}


static void
ngx_http_ccproxy_job_members(ngx_http_request_t *r,
    ngx_http_ccproxy_job_t *job)
{
    ccp_str_t   raw;
    ngx_str_t   s;
    ngx_uint_t  i;

    for (i = 0; ngx_http_ccproxy_job_vars[i].name; i++) {

        s = ngx_http_ccproxy_job_var(r, ngx_http_ccproxy_job_vars[i].variable);

        if (s.len == 0) {
            continue;
        }

        switch (ngx_http_ccproxy_job_vars[i].type) {

        case NGX_HTTP_CCPROXY_JOB_NUMBER:
            raw = ngx_http_ccproxy_slice(&s);
            ccp_w_kraw(&job->head, ngx_http_ccproxy_job_vars[i].name, raw);
            break;

        case NGX_HTTP_CCPROXY_JOB_FLAG:
            ccp_w_kbool(&job->head, ngx_http_ccproxy_job_vars[i].name,
                        s.data[0] == '1');
            break;

        default: /* NGX_HTTP_CCPROXY_JOB_TEXT */
            ngx_http_ccproxy_job_text(job, ngx_http_ccproxy_job_vars[i].name,
                                      &s);
        }
    }
}


static void
ngx_http_ccproxy_job_seconds(ccp_out_t *out, const char *name, ngx_msec_t ms)
{
    u_char     buf[NGX_TIME_T_LEN + 5];
    ccp_str_t  s;

    s = ccp_none;
    s.p = buf;
    s.n = ngx_sprintf(buf, "%T.%03M", (time_t) (ms / 1000), ms % 1000) - buf;

    ccp_w_kraw(out, name, s);
}


/* When it began, UTC. */

static void
ngx_http_ccproxy_job_time(ngx_http_request_t *r, ccp_out_t *out)
{
    u_char      buf[64];
    ngx_tm_t    tm;
    ccp_str_t   s;

    ngx_gmtime(r->start_sec, &tm);

    s = ccp_none;
    s.p = buf;
    s.n = ngx_sprintf(buf, "%4d-%02d-%02dT%02d:%02d:%02d.%03MZ",
                      tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                      tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec,
                      r->start_msec)
          - buf;

    ccp_w_kstr(out, "time", s);
}


static void
ngx_http_ccproxy_job_tries(ngx_http_ccproxy_ctx_t *ctx, ccp_out_t *out)
{
    ngx_uint_t                 i;
    ngx_http_ccproxy_tried_t  *tried;

    /* one that goes on until the client has left is told by nobody else */

    if (ctx->try.ticket.held && !ctx->try.ticket.told) {
        ngx_http_ccproxy_tape_try(ctx, CCP_POOL_NOTHING);
    }

    tried = ctx->tape->tries.elts;

    ccp_w_key(out, "tries");
    ccp_w_arr(out);

    for (i = 0; i < ctx->tape->tries.nelts; i++) {

        ccp_w_obj(out);
        ccp_w_kstr(out, "provider",
                   ngx_http_ccproxy_slice(
                       &tried[i].pair->target->provider->name));
        ccp_w_kstr_opt(out, "model", tried[i].pair->target->target.model);

        if (tried[i].pair->key) {
            ccp_w_kstr(out, "key",
                       ngx_http_ccproxy_slice(&tried[i].pair->key->name));
        }

        if (tried[i].status) {
            ccp_w_kint(out, "status", (int64_t) tried[i].status);
        }

        ccp_w_kcstr(out, "outcome",
                    ngx_http_ccproxy_outcome_name(tried[i].outcome));
        ngx_http_ccproxy_job_seconds(out, "seconds", tried[i].time);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
}


static void
ngx_http_ccproxy_job_notes(ngx_http_ccproxy_ctx_t *ctx, ccp_out_t *out)
{
    ngx_uint_t            i;
    const ccp_item_t     *note;
    const ccp_item_t     *lists[2];
    const ccp_request_t  *req;

    req = ctx->exchange ? ccp_exchange_req(ctx->exchange) : NULL;

    lists[0] = req ? req->notes : NULL;
    lists[1] = ctx->try.codec ? ccp_try_notes(ctx->try.codec) : NULL;

    if (lists[0] == NULL && lists[1] == NULL) {
        return;
    }

    ccp_w_key(out, "notes");
    ccp_w_arr(out);

    for (i = 0; i < 2; i++) {
        for (note = lists[i]; note; note = note->next) {
            ccp_w_str(out, note->s);
        }
    }

    ccp_w_arr_end(out);
}


static void
ngx_http_ccproxy_job_header(ngx_http_request_t *r, ngx_http_ccproxy_job_t *job)
{
    ngx_str_t   *h;
    ngx_uint_t   i;

    ccp_w_key(&job->head, "headers");
    ccp_w_obj(&job->head);

    for (i = 0; ngx_http_ccproxy_job_headers[i]; i++) {
        h = ngx_http_ccproxy_header_in(r, ngx_http_ccproxy_job_headers[i]);

        if (h && h->len) {
            ngx_http_ccproxy_job_text(job, ngx_http_ccproxy_job_headers[i], h);
        }
    }

    ccp_w_obj_end(&job->head);
}


/* How it ended for the client. */

static const char *
ngx_http_ccproxy_job_end(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_uint_t status)
{
    ccp_outcome_t  o;

    if (status == NGX_HTTP_CLIENT_CLOSED_REQUEST
        || ctx->out.state == NGX_HTTP_CCPROXY_OUT_HELD
        || ctx->out.state == NGX_HTTP_CCPROXY_OUT_OPEN
        || r->connection->error)
    {
        return "client_left";
    }

    if (ngx_http_ccproxy_answering(ctx)) {
        ccp_answer_outcome(ctx->try.codec, &o);

        if (o.error) {
            return "error";
        }
    }

    return status >= NGX_HTTP_BAD_REQUEST ? "error" : "complete";
}


static void
ngx_http_ccproxy_job_head(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_job_t *job)
{
    ccp_out_t   *out;
    ngx_uint_t   status;

    out = &job->head;

    status = r->err_status ? r->err_status : r->headers_out.status;

    ccp_w_obj(out);
    ngx_http_ccproxy_job_time(r, out);

    if (ctx->exchange) {
        ccp_w_kstr(out, "id", ccp_exchange_id(ctx->exchange));
    }

    ccp_w_kint(out, "status", (int64_t) status);
    ccp_w_kcstr(out, "end", ngx_http_ccproxy_job_end(r, ctx, status));
    ngx_http_ccproxy_job_text(job, "path", &r->uri);
    ngx_http_ccproxy_job_members(r, job);
    ngx_http_ccproxy_job_seconds(out, "seconds",
                                 ngx_current_msec - ctx->start);

    if (ctx->tape) {
        ngx_http_ccproxy_job_tries(ctx, out);
        ngx_http_ccproxy_job_notes(ctx, out);
        ngx_http_ccproxy_job_header(r, job);
    }
}


/* ---- bodies ---- */

static ngx_int_t
ngx_http_ccproxy_job_copy(ngx_http_ccproxy_job_t *job, ccp_str_t *to,
    const void *p, size_t n)
{
    u_char  *copy;

    *to = ccp_none;

    if (n == 0) {
        return NGX_OK;
    }

    copy = ccp_alloc(job->arena, n);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, p, n);
    to->p = copy;
    to->n = n;
    job->size += n;

    return NGX_OK;
}


/* What the last upstream was sent. */

static ngx_int_t
ngx_http_ccproxy_job_up(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_job_t *job)
{
    size_t            k, n;
    u_char           *p;
    ccp_str_t         seg, uri;
    ccp_error_t       err;
    const ccp_out_t  *body;

    if (ctx->try.codec == NULL || ctx->try.target == NULL
        || ccp_try_request(ctx->try.codec, ngx_http_ccproxy_slice(&r->args),
                           &body, &uri, &err)
           != CCP_OK)
    {
        return NGX_OK;
    }

    ccp_endpoint_parse(&job->up.ep, uri, ccp_none, 0);
    job->up.ep.proto = ctx->try.target->target.proto;
    job->up.ep.op = ctx->endpoint.op;
    job->up.ep.model = ccp_none;
    job->up.ep.group = ccp_none;

    n = ccp_out_size(body);

    p = ccp_alloc(job->arena, n + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    job->up.request.p = p;
    job->up.request.n = n;
    job->size += n;

    for (k = 0; (seg = ccp_out_seg(body, k)).p; k++) {
        p = ngx_cpymem(p, seg.p, seg.n);
    }

    return NGX_OK;
}


/* A reel is taken over as it is. */

static void
ngx_http_ccproxy_job_reel(ngx_http_ccproxy_job_t *job,
    ngx_http_ccproxy_reel_t *reel, ngx_http_ccproxy_side_t *side,
    u_char **owned)
{
    side->answer = ccp_none;

    if (reel->len) {
        side->answer.p = reel->data;
        side->answer.n = reel->len;
    }

    side->total = reel->total;
    job->size += reel->cap;

    *owned = reel->data;
    ngx_memzero(reel, sizeof(ngx_http_ccproxy_reel_t));
}


static ngx_int_t
ngx_http_ccproxy_job_bodies(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_job_t *job)
{
    job->client.ep = ctx->endpoint;
    job->client.ep.model = ccp_none;
    job->client.ep.group = ccp_none;

    if (ngx_http_ccproxy_job_copy(job, &job->client.request, ctx->in.body,
                                  ctx->in.body ? ctx->in.len : 0)
        != NGX_OK
        || ngx_http_ccproxy_job_up(r, ctx, job) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->tape) {
        ngx_http_ccproxy_job_reel(job, &ctx->tape->up, &job->up,
                                  &job->reels[0]);
        ngx_http_ccproxy_job_reel(job, &ctx->tape->client, &job->client,
                                  &job->reels[1]);
    }

    if (ctx->out.page.len && job->client.answer.p == NULL) {

        /* a document of the module's own */

        job->client.total = ctx->out.page.len;

        return ngx_http_ccproxy_job_copy(job, &job->client.answer,
                                         ctx->out.page.data,
                                         ctx->out.page.len);
    }

    return NGX_OK;
}


/* Whatever the client presented as a credential. */

static ngx_int_t
ngx_http_ccproxy_job_secrets(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx, ngx_http_ccproxy_job_t *job)
{
    size_t       skip;
    ngx_str_t   *h;
    ngx_uint_t   i;

    for (i = 0; i < NGX_HTTP_CCPROXY_CREDENTIALS; i++) {
        h = ngx_http_ccproxy_header_in(r, ngx_http_ccproxy_credentials[i]);

        if (h == NULL) {
            continue;
        }

        /* the word before it, "Bearer", is none */

        skip = 0;

        if (i == 0) {
            while (skip < h->len && h->data[skip] != ' ') {
                skip++;
            }

            while (skip < h->len && h->data[skip] == ' ') {
                skip++;
            }

            skip = skip == h->len ? 0 : skip;
        }

        if (ngx_http_ccproxy_job_copy(job, &job->secrets[job->nsecrets++],
                                      h->data + skip, h->len - skip)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_ccproxy_job_copy(job, &job->secrets[job->nsecrets++],
                                     ctx->secret.data, ctx->secret.len);
}


ngx_http_ccproxy_job_t *
ngx_http_ccproxy_job_create(ngx_http_request_t *r, ngx_http_ccproxy_ctx_t *ctx)
{
    ccp_mem_t                      mem;
    ngx_http_ccproxy_job_t        *job;
    ngx_http_ccproxy_loc_conf_t   *lcf;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);
    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    mem.alloc = ngx_http_ccproxy_job_alloc;
    mem.free = ngx_http_ccproxy_job_free;
    mem.ctx = NULL;

    job = ngx_calloc(sizeof(ngx_http_ccproxy_job_t), ngx_cycle->log);
    if (job == NULL) {
        return NULL;
    }

    job->arena = ccp_arena_create(&mem, 0);
    if (job->arena == NULL) {
        ngx_free(job);
        return NULL;
    }

    job->conf = lcf->transcript;
    job->redact = lcf->redact;
    job->providers = &mcf->providers;
    job->size = sizeof(ngx_http_ccproxy_job_t);

    /* secrets first: texts of the head may be cut */

    if (ngx_http_ccproxy_job_secrets(r, ctx, job) != NGX_OK) {
        ngx_http_ccproxy_job_destroy(job);
        return NULL;
    }

    ccp_out_init(&job->head, job->arena, 0);
    ngx_http_ccproxy_job_head(r, ctx, job);

    if (job->head.err
        || (!lcf->transcript->meta
            && ngx_http_ccproxy_job_bodies(r, ctx, job) != NGX_OK))
    {
        ngx_http_ccproxy_job_destroy(job);
        return NULL;
    }

    job->size += ccp_out_size(&job->head);

    return job;
}


void
ngx_http_ccproxy_job_empty(ngx_http_ccproxy_job_t *job)
{
    ngx_uint_t  i;

    for (i = 0; i < 2; i++) {
        if (job->reels[i]) {
            ngx_free(job->reels[i]);
            job->reels[i] = NULL;
        }
    }

    if (job->arena) {
        ccp_arena_destroy(job->arena);
        job->arena = NULL;
    }
}


void
ngx_http_ccproxy_job_destroy(ngx_http_ccproxy_job_t *job)
{
    ngx_http_ccproxy_job_empty(job);
    ngx_free(job);
}
