
/*
 * Anthropic Messages, request out: everything but messages and tools.
 */

#include <limits.h>

#include "codec/anthropic/anthropic_request.h"
#include "codec/anthropic/anthropic.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/schema/schema.h"
#include "codec/proto/proto_out.h"


/* Fields that mean something to Anthropic only, in its own spelling. */

static const char *const  ccp_anthropic_write_same_members[] = {
    "context_management", "compaction", "container", "mcp_servers",
    "fallbacks", "fallback_credit_token", "diagnostics", "inference_geo",
    "speed", "billing_policy", "thread"
};


static const char  ccp_anthropic_json_hint[] =
    "Answer with one JSON object only.";

static const char  ccp_anthropic_schema_hint[] =
    "Answer with one JSON object only, valid against this JSON schema: ";


static void
ccp_anthropic_write_thinking(ccp_anthropic_writer_t *w)
{
    ccp_out_t   *o;
    const char  *type;

    o = w->o;

    if (w->off && w->pr->think_off == CCP_OFF_DISABLED) {
        ccp_w_key(o, "thinking");
        ccp_w_obj(o);
        ccp_w_kcstr(o, "type", "disabled");
        ccp_w_obj_end(o);
        return;
    }

    if (!w->think || w->pr->think == CCP_RZ_EFFORT) {
        return;
    }

    type = w->pr->think == CCP_RZ_ADAPTIVE ? "adaptive" : "enabled";

    if (w->r->think.mode == CCP_THINK_BETWEEN) {
        type = "between_tools";
    }

    ccp_w_key(o, "thinking");
    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", type);

    if (w->pr->think == CCP_RZ_BUDGET) {
        ccp_w_kint(o, "budget_tokens", w->budget);
    }

    if (w->r->think.display == CCP_DISPLAY_OMIT) {
        ccp_w_kcstr(o, "display", "omitted");

    } else if (w->r->think.display != CCP_DISPLAY_UNSET) {
        ccp_w_kcstr(o, "display", "summarized");
    }

    ccp_w_obj_end(o);
}


/* Effort, where the target has such a field. */

static const char *
ccp_anthropic_write_effort_word(ccp_anthropic_writer_t *w)
{
    ccp_effort_e  effort;

    if (w->pr->think != CCP_RZ_ADAPTIVE && w->pr->think != CCP_RZ_TYPE_EFFORT
        && w->pr->think != CCP_RZ_EFFORT)
    {
        return NULL;
    }

    if (w->off) {
        /* models that always think are asked to think little */
        return w->pr->think_off == CCP_OFF_NEVER
               ? ccp_provider_effort(w->pr, CCP_EFFORT_LOW) : NULL;
    }

    effort = ccp_think_effort(&w->r->think);

    if (effort == CCP_EFFORT_UNSET || effort == CCP_EFFORT_NONE) {
        return NULL;
    }

    return ccp_provider_effort(w->pr, effort);
}


static int
ccp_anthropic_write_output(ccp_anthropic_writer_t *w)
{
    int             schema;
    ccp_str_t       closed;
    ccp_out_t      *o;
    const char     *effort;
    ccp_jval_t      task;

    o = w->o;
    effort = ccp_anthropic_write_effort_word(w);
    schema = (w->r->out.kind == CCP_F_SCHEMA && !w->pr->fmt_no_schema);

    task = ccp_jabsent;
    if (w->same) {
        task = ccp_json_opt(ccp_json_opt(w->r->root, "output_config"),
                            "task_budget");
    }

    if (effort == NULL && !schema && task.doc == NULL) {
        return CCP_OK;
    }

    ccp_w_key(o, "output_config");
    ccp_w_obj(o);

    if (effort) {
        ccp_w_kcstr(o, "effort", effort);
    }

    if (task.doc) {
        ccp_w_kraw(o, "task_budget", ccp_json_raw(task));
    }

    if (schema) {
        closed = ccp_schema_sealed(w->a, w->r->out.schema,
                                   w->r->out.dialect);
        if (closed.p == NULL) {
            return CCP_NOMEM;
        }

        ccp_w_key(o, "format");
        ccp_w_obj(o);
        ccp_w_kcstr(o, "type", "json_schema");
        ccp_w_kraw(o, "schema", closed);
        ccp_w_obj_end(o);
    }

    ccp_w_obj_end(o);

    return CCP_OK;
}


static void
ccp_anthropic_write_temperature(ccp_anthropic_writer_t *w)
{
    double  v, hi;

    v = ccp_str_double(w->r->temperature);
    hi = w->pr->temp_hi > 0 ? w->pr->temp_hi : 1;

    ccp_w_key(w->o, "temperature");

    if (v > hi) {
        ccp_w_num(w->o, hi);
        ccp_request_note(w->r, w->a,
                         "temperature: lowered to the target's maximum");

    } else if (v <= 0) {
        ccp_w_num(w->o, w->pr->temp_open ? 0.01 : 0);

    } else {
        ccp_w_raw(w->o, w->r->temperature);
    }
}


static void
ccp_anthropic_write_sampling(ccp_anthropic_writer_t *w)
{
    int                    temp, top_p, top_k;
    ccp_request_t         *r;
    const ccp_provider_t  *pr;

    r = w->r;
    pr = w->pr;

    temp = (r->temperature.p != NULL);
    top_p = (r->top_p.p != NULL);
    top_k = (r->top_k.p != NULL);

    if (pr->sampling == CCP_DROP) {
        temp = top_p = top_k = 0;

    } else if (pr->sampling == CCP_DROP_IF_THINKING && w->think) {
        temp = temp && ccp_str_double(r->temperature) == 1;
        top_p = top_p && ccp_str_double(r->top_p) >= 0.95;
        top_k = 0;
    }

    if (temp && top_p && !w->same) {
        /* newer models refuse both together */
        top_p = 0;
    }

    if (temp) {
        ccp_anthropic_write_temperature(w);

    } else if (r->temperature.p) {
        ccp_request_note(r, w->a, "temperature: dropped");
    }

    if (top_p) {
        ccp_w_kraw(w->o, "top_p", r->top_p);

    } else if (r->top_p.p) {
        ccp_request_note(r, w->a, "top_p: dropped");
    }

    if (top_k) {
        ccp_w_kraw(w->o, "top_k", r->top_k);

    } else if (r->top_k.p) {
        ccp_request_note(r, w->a, "top_k: dropped");
    }
}


/* What the protocol has no field for. */

static const ccp_absent_t  ccp_anthropic_absent[] = {
    { "min_p", offsetof(ccp_request_t, min_p) },
    { "seed", offsetof(ccp_request_t, seed) },
    { "frequency_penalty", offsetof(ccp_request_t, freq_pen) },
    { "presence_penalty", offsetof(ccp_request_t, pres_pen) },
    { "repetition_penalty", offsetof(ccp_request_t, rep_pen) },
    { "verbosity", offsetof(ccp_request_t, out.verbosity) },
    { "prompt_cache_key", offsetof(ccp_request_t, cache_key) },
    { "metadata", offsetof(ccp_request_t, meta) },
    { NULL, 0 }
};


static void
ccp_anthropic_note_lost(ccp_anthropic_writer_t *w)
{
    ccp_request_note_absent(w->r, w->a, ccp_anthropic_absent,
                            "not supported by ", "anthropic");

    if (w->r->logprobs == 1) {
        ccp_request_note(w->r, w->a, "logprobs: not supported by anthropic");
    }
}


static int
ccp_anthropic_write_user(ccp_anthropic_writer_t *w)
{
    ccp_str_t  user;

    if (w->r->user.n == 0) {
        return CCP_OK;
    }

    user = w->r->user;

    if (!w->same) {
        user = ccp_request_fit_user(w->a, user, 256);
    }

    if (user.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_key(w->o, "metadata");
    ccp_w_obj(w->o);
    ccp_w_kstr(w->o, "user_id", user);
    ccp_w_obj_end(w->o);

    return CCP_OK;
}


static void
ccp_anthropic_write_tier(ccp_anthropic_writer_t *w)
{
    ccp_str_t  tier;

    tier = w->r->tier;

    if (tier.p == NULL) {
        return;
    }

    if (w->same) {
        ccp_w_kstr(w->o, "service_tier", tier);

    } else if (ccp_str_is(tier, "default") || ccp_str_is(tier, "standard")) {
        ccp_w_kcstr(w->o, "service_tier", "standard_only");

    } else if (!ccp_str_is(tier, "auto")) {
        ccp_request_note(w->r, w->a,
                         "service_tier: no such tier at this target");
    }
}


static void
ccp_anthropic_write_system_block(ccp_anthropic_writer_t *w, ccp_str_t text,
    ccp_str_t more, ccp_cache_e mark)
{
    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "type", "text");
    ccp_w_key(w->o, "text");
    ccp_w_str_open(w->o);
    ccp_w_str_part(w->o, text);

    if (more.n) {
        ccp_w_str_part(w->o, more);
    }

    ccp_w_str_close(w->o);
    ccp_anthropic_write_mark(w, mark, &w->skip_rest);
    ccp_w_obj_end(w->o);
}


static void
ccp_anthropic_write_system(ccp_anthropic_writer_t *w)
{
    size_t              n;
    ccp_str_t           hint, schema;
    ccp_cache_e         mark;
    const ccp_block_t  *b, *one, *last;

    n = 0;
    one = NULL;
    last = NULL;
    hint = ccp_none;
    schema = ccp_none;

    if (w->r->out.kind == CCP_F_JSON) {
        hint = ccp_cstr(ccp_anthropic_json_hint);

    } else if (w->r->out.kind == CCP_F_SCHEMA && w->pr->fmt_no_schema) {
        hint = ccp_cstr(ccp_anthropic_schema_hint);
        schema = w->r->out.schema;
    }

    for (b = w->r->system; b; b = b->next) {
        if (b->kind == CCP_B_TEXT && !ccp_str_blank(b->text)) {
            n++;
            one = b;
            last = b;
        }
    }

    if (n == 0 && hint.p == NULL) {
        return;
    }

    ccp_w_key(w->o, "system");

    if (n == 1 && hint.p == NULL && !w->automark
        && (one->cache == CCP_CACHE_NONE || !w->marks))
    {
        ccp_w_str(w->o, one->text);
        return;
    }

    ccp_w_arr(w->o);

    for (b = w->r->system; b; b = b->next) {
        if (b->kind == CCP_B_TEXT && !ccp_str_blank(b->text)) {
            mark = b == last && w->automark ? CCP_CACHE_5M : b->cache;
            ccp_anthropic_write_system_block(w, b->text, ccp_none, mark);
        }
    }

    if (hint.p) {
        ccp_anthropic_write_system_block(w, hint, schema, CCP_CACHE_NONE);
    }

    ccp_w_arr_end(w->o);
}


/* What a count request has no place for. */

static int
ccp_anthropic_write_generate(ccp_anthropic_writer_t *w)
{
    if (w->r->op == CCP_OP_COUNT) {
        return CCP_OK;
    }

    ccp_w_kint(w->o, "max_tokens", w->max_tokens);

    if (w->r->stream) {
        ccp_w_kbool(w->o, "stream", 1);
    }

    ccp_anthropic_write_sampling(w);
    ccp_w_stop(w->x, w->o, "stop_sequences",
               w->pr->stop_max ? w->pr->stop_max : INT_MAX, 1);
    ccp_anthropic_write_tier(w);
    ccp_anthropic_note_lost(w);

    return ccp_anthropic_write_user(w);
}


static void
ccp_anthropic_write_same(ccp_anthropic_writer_t *w)
{
    size_t      i;
    ccp_jval_t  v;

    for (i = 0; w->same && i < ccp_countof(ccp_anthropic_write_same_members);
         i++)
    {
        v = ccp_json_opt(w->r->root, ccp_anthropic_write_same_members[i]);

        if (v.doc && !(w->pr->no_threads
                       && ccp_str_is(ccp_cstr("thread"),
                                     ccp_anthropic_write_same_members[i])))
        {
            ccp_w_kraw(w->o, ccp_anthropic_write_same_members[i],
                       ccp_json_raw(v));
        }
    }
}


int
ccp_anthropic_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int                     rc;
    ccp_anthropic_writer_t  w;

    memset(&w, 0, sizeof(w));
    w.x = x;
    w.r = x->req;
    w.pr = x->target->provider;
    w.a = x->arena;
    w.o = out;

    rc = ccp_anthropic_plan_request(&w);

    if (rc == CCP_OK && w.same && w.pr->no_threads) {
        rc = ccp_anthropic_check_thread(w.r, w.a, x->err);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "model", x->model);

    rc = ccp_anthropic_write_generate(&w);

    if (rc == CCP_OK) {
        ccp_anthropic_write_thinking(&w);
        rc = ccp_anthropic_write_output(&w);
    }

    if (rc == CCP_OK) {
        ccp_anthropic_write_mark(&w, w.r->cache_auto, &w.skip_rest);
        ccp_anthropic_write_same(&w);
        rc = ccp_anthropic_write_tools(&w);
    }

    if (rc == CCP_OK) {
        ccp_anthropic_write_system(&w);
        rc = ccp_anthropic_write_messages(&w);
    }

    ccp_w_obj_end(out);

    if (rc != CCP_OK) {
        return rc;
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}
