
/*
 * The splice: client and upstream speak the same protocol, so the client's
 * bytes pass as they came but for the values that must change.
 */

#include "ccp_exchange.h"


/* Where a protocol keeps the cap of the output. */

typedef struct {
    ccp_proto_e   proto;
    const char   *parent;
    const char   *name;
} ccp_cap_t;


static const ccp_cap_t  ccp_caps[] = {
    { CCP_ANTHROPIC, NULL, "max_tokens" },
    { CCP_CHAT, NULL, "max_tokens" },
    { CCP_CHAT, NULL, "max_completion_tokens" },
    { CCP_RESPONSES, NULL, "max_output_tokens" },
    { CCP_GEMINI, "generationConfig", "maxOutputTokens" },
    { CCP_OLLAMA, "options", "num_predict" }
};

#define CCP_NCAPS   (sizeof(ccp_caps) / sizeof(ccp_caps[0]))


/* A value of the body and what stands there instead. */

typedef struct {
    ccp_str_t   old;           /* its JSON text in the body */
    ccp_str_t   model;         /* a string, or */
    int64_t     number;
} ccp_edit_t;


/*
 * A signature of another origin, which this gateway packed for the client
 * (ccp_tools.h), means nothing to this provider: such a history is written
 * anew, without it.
 */

int
ccp_spliceable(const ccp_request_t *r, const ccp_target_t *t)
{
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    if (r->proto != t->proto) {
        return 0;
    }

    for (m = r->msgs; m; m = m->next) {
        for (b = m->blocks; b; b = b->next) {
            if (b->sig.p && b->origin != r->proto) {
                return 0;
            }
        }
    }

    return 1;
}


static size_t
ccp_splice_edits(const ccp_request_t *r, const ccp_target_t *t,
    ccp_edit_t *edits)
{
    size_t      i, n;
    ccp_jval_t  v;

    n = 0;

    if (t->model.p && ccp_json_has(r->model_val)
        && !ccp_str_eq(t->model, r->model))
    {
        edits[n].old = ccp_json_raw(r->model_val);
        edits[n].model = t->model;
        n++;
    }

    for (i = 0; i < CCP_NCAPS && t->max_tokens != CCP_UNSET_INT; i++) {

        if (ccp_caps[i].proto != r->proto) {
            continue;
        }

        v = r->root;
        if (ccp_caps[i].parent) {
            v = ccp_json_get(v, ccp_caps[i].parent);
        }

        v = ccp_json_opt(v, ccp_caps[i].name);

        if (ccp_json_int(v, 0) > t->max_tokens) {
            edits[n].old = ccp_json_raw(v);
            edits[n].model = ccp_none;
            edits[n].number = t->max_tokens;
            n++;
        }
    }

    return n;
}


static void
ccp_splice_copy(ccp_out_t *out, const uint8_t *p, const uint8_t *end)
{
    ccp_str_t  s = ccp_none;

    s.p = p;
    s.n = end - p;
    out->comma = 0;
    ccp_w_raw(out, s);
    out->comma = 0;
}


int
ccp_splice(const ccp_request_t *r, const ccp_target_t *t, ccp_out_t *out)
{
    size_t          i, k, n;
    ccp_edit_t      edits[CCP_NCAPS + 1], *e;
    const uint8_t  *p;

    n = ccp_splice_edits(r, t, edits);
    p = r->body.p;

    for (i = 0; i < n; i++) {

        /* the next one in the body's order: there are three at most */

        e = NULL;
        for (k = 0; k < n; k++) {
            if (edits[k].old.p >= p && (e == NULL || edits[k].old.p < e->old.p))
            {
                e = &edits[k];
            }
        }

        ccp_splice_copy(out, p, e->old.p);

        if (e->model.p) {
            ccp_w_str(out, e->model);
        } else {
            ccp_w_int(out, e->number);
        }

        p = e->old.p + e->old.n;
    }

    ccp_splice_copy(out, p, r->body.p + r->body.n);

    return ccp_out_finish(out);
}
