
/*
 * The line of a transcript.  This runs on a thread: nothing here touches what
 * the event loop has, but for the configuration, which does not change.
 */

#include "nginx/record/ngx_http_ccproxy_record.h"
#include "codec/base/base_mask.h"
#include "codec/json/json_write.h"


/* The longest text where lines are too long, in order. */

static const size_t  ngx_http_ccproxy_line_texts[] = {
    0, 65536, 16384, 4096, 1024, 256, 64
};

#define NGX_HTTP_CCPROXY_LINE_TEXTS                                           \
    (sizeof(ngx_http_ccproxy_line_texts) / sizeof(size_t))


/* An answer as it is told, and what is wrong with it. */

typedef struct {
    ccp_out_t    doc;
    ccp_error_t  err;
} ngx_http_ccproxy_told_t;


static void
ngx_http_ccproxy_line_digest(ccp_str_t s, uint8_t *out)
{
    ngx_str_t  text;

    text.data = (u_char *) s.p;
    text.len = s.n;

    ngx_http_ccproxy_sha256(&text, out);
}


/* Stars over all that is a credential, however it got there. */

static void
ngx_http_ccproxy_line_mask(void *data, uint8_t *p, size_t n)
{
    ngx_http_ccproxy_job_t  *job = data;

    ngx_uint_t                      i, k;
    ngx_http_ccproxy_key_t         *key;
    ngx_http_ccproxy_provider_t   **provider;

    provider = job->providers->elts;

    for (i = 0; i < job->providers->nelts; i++) {
        key = provider[i]->keys.elts;

        for (k = 0; k < provider[i]->keys.nelts; k++) {
            ccp_mask(p, n, ngx_http_ccproxy_slice(&key[k].value));
        }
    }

    for (i = 0; i < job->nsecrets; i++) {
        ccp_mask(p, n, job->secrets[i]);
    }
}


void
ngx_http_ccproxy_line_rules(ngx_http_ccproxy_job_t *job, size_t text_max,
    ccp_record_rules_t *rules)
{
    rules->digest = ngx_http_ccproxy_line_digest;
    rules->mask = ngx_http_ccproxy_line_mask;
    rules->ctx = job;
    rules->patterns = job->redact;
    rules->text_max = text_max;
}


static int
ngx_http_ccproxy_line_told(ngx_http_ccproxy_job_t *job,
    ngx_http_ccproxy_side_t *side, ngx_http_ccproxy_told_t *told)
{
    int  rc;

    ccp_out_init(&told->doc, job->arena, 0);

    if (side->answer.p == NULL) {
        return CCP_OK;
    }

    rc = ccp_record_answer(&side->ep, side->request, side->answer, job->arena,
                           &told->doc, &told->err);

    return rc == CCP_OK ? ccp_out_finish(&told->doc) : rc;
}


/* The bytes were the same on both sides. */

static ngx_uint_t
ngx_http_ccproxy_line_same(ccp_str_t a, ccp_str_t b)
{
    return a.p && b.p && a.n == b.n && ngx_memcmp(a.p, b.p, a.n) == 0;
}


/* A body where even its short texts are too many. */

static void
ngx_http_ccproxy_line_mark(ccp_out_t *out, ccp_str_t body)
{
    u_char     hex[2 * NGX_HTTP_CCPROXY_SHA256];
    u_char     digest[NGX_HTTP_CCPROXY_SHA256];
    ccp_str_t  s;

    ngx_http_ccproxy_line_digest(body, digest);
    (void) ngx_hex_dump(hex, digest, sizeof(digest));

    s = ccp_none;
    s.p = hex;
    s.n = sizeof(hex);

    ccp_w_obj(out);
    ccp_w_kint(out, "cut", (int64_t) body.n);
    ccp_w_kstr(out, "sha256", s);
    ccp_w_obj_end(out);
}


/* rules NULL: no more than its mark. */

static int
ngx_http_ccproxy_line_body(ngx_http_ccproxy_job_t *job,
    const ccp_record_rules_t *rules, const char *name, ccp_str_t body,
    ccp_out_t *out)
{
    if (body.p == NULL) {
        return CCP_OK;
    }

    ccp_w_key(out, name);

    if (rules == NULL) {
        ngx_http_ccproxy_line_mark(out, body);
        return CCP_OK;
    }

    return ccp_record_body(rules, body, job->arena, out);
}


static int
ngx_http_ccproxy_line_answer(ngx_http_ccproxy_job_t *job,
    const ccp_record_rules_t *rules, const char *const names[3],
    ngx_http_ccproxy_side_t *side, ngx_http_ccproxy_told_t *told,
    ccp_out_t *out)
{
    int        rc;
    ccp_str_t  doc;

    if (side->answer.p == NULL) {
        return CCP_OK;
    }

    doc = ccp_out_all(&told->doc);
    rc = ngx_http_ccproxy_line_body(job, rules, names[0], doc, out);

    if (rc == CCP_OK && told->err.cls != CCP_E_NONE) {
        rc = ngx_http_ccproxy_line_body(job, rules, names[1],
                                        told->err.message, out);
    }

    if (side->total > side->answer.n) {
        ccp_w_kint(out, names[2], (int64_t) side->total);
    }

    return rc;
}


static int
ngx_http_ccproxy_line_bodies(ngx_http_ccproxy_job_t *job,
    const ccp_record_rules_t *rules, ngx_http_ccproxy_told_t *up,
    ngx_http_ccproxy_told_t *client, ccp_out_t *out)
{
    int  rc;

    static const char  *const of_up[] = {
        "upstream_response", "upstream_response_error",
        "upstream_response_bytes"
    };

    static const char  *const of_client[] = {
        "response", "response_error", "response_bytes"
    };

    rc = ngx_http_ccproxy_line_body(job, rules, "request",
                                    job->client.request, out);

    if (rc == CCP_OK
        && !ngx_http_ccproxy_line_same(job->client.request, job->up.request))
    {
        rc = ngx_http_ccproxy_line_body(job, rules, "upstream_request",
                                        job->up.request, out);
    }

    if (rc == CCP_OK && !job->same) {
        rc = ngx_http_ccproxy_line_answer(job, rules, of_up, &job->up, up,
                                          out);
    }

    return rc == CCP_OK
           ? ngx_http_ccproxy_line_answer(job, rules, of_client, &job->client,
                                          client, out)
           : rc;
}


/* One attempt; texts beyond NGX_HTTP_CCPROXY_LINE_TEXTS: marks alone. */

static int
ngx_http_ccproxy_line_write(ngx_http_ccproxy_job_t *job, ngx_uint_t texts,
    ngx_http_ccproxy_told_t *up, ngx_http_ccproxy_told_t *client,
    ccp_out_t *out)
{
    int                  rc;
    ccp_str_t            head;
    ccp_record_rules_t   rules;

    ccp_out_reset(out);

    ngx_http_ccproxy_line_rules(job, texts < NGX_HTTP_CCPROXY_LINE_TEXTS
                                     ? ngx_http_ccproxy_line_texts[texts] : 0,
                                &rules);

    head = ccp_out_all(&job->head);
    ccp_out_bytes(out, head.p, head.n);
    out->comma = 1;

    rc = ngx_http_ccproxy_line_bodies(job, texts < NGX_HTTP_CCPROXY_LINE_TEXTS
                                           ? &rules : NULL, up, client, out);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_w_obj_end(out);
    ccp_out_lit(out, "\n");

    return ccp_out_finish(out);
}


int
ngx_http_ccproxy_line(ngx_http_ccproxy_job_t *job, ccp_str_t *line)
{
    int                       rc;
    ccp_out_t                 out;
    ngx_uint_t                texts;
    ngx_http_ccproxy_told_t   up, client;

    ngx_memzero(&up, sizeof(ngx_http_ccproxy_told_t));
    ngx_memzero(&client, sizeof(ngx_http_ccproxy_told_t));

    job->same = ngx_http_ccproxy_line_same(job->up.answer, job->client.answer)
                && job->up.ep.proto == job->client.ep.proto;

    rc = ccp_out_finish(&job->head);

    if (rc == CCP_OK && !job->same) {
        rc = ngx_http_ccproxy_line_told(job, &job->up, &up);
    }

    if (rc == CCP_OK) {
        rc = ngx_http_ccproxy_line_told(job, &job->client, &client);
    }

    ccp_out_init(&out, job->arena, 0);

    for (texts = 0; rc == CCP_OK; texts++) {

        rc = ngx_http_ccproxy_line_write(job, texts, &up, &client, &out);

        if (ccp_out_size(&out) <= job->conf->max
            || texts == NGX_HTTP_CCPROXY_LINE_TEXTS)
        {
            break;
        }
    }

    if (rc != CCP_OK) {
        return rc;
    }

    *line = ccp_out_all(&out);
    ngx_http_ccproxy_line_mask(job, (uint8_t *) line->p, line->n);

    return CCP_OK;
}
