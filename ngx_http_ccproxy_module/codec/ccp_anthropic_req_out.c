
/*
 * Anthropic Messages, request out: everything but messages and tools.
 */

#include <stdlib.h>

#include "ccp_anthropic_out.h"


/* Fields that mean something to Anthropic only, in its own spelling. */

static const char *const  ccp_an_same[] = {
    "context_management", "compaction", "container", "mcp_servers",
    "fallbacks", "fallback_credit_token", "diagnostics", "inference_geo",
    "speed", "billing_policy", "thread"
};


static const char  ccp_an_json_hint[] =
    "Answer with one JSON object only.";

static const char  ccp_an_schema_hint[] =
    "Answer with one JSON object only, valid against this JSON schema: ";


void
ccp_anthropic_w_mark(ccp_anthropic_req_t *w, ccp_cache_e c, int *skip)
{
    if (!w->marks || c == CCP_CACHE_NONE) {
        return;
    }

    if (*skip > 0) {
        (*skip)--;
        return;
    }

    ccp_w_key(w->o, "cache_control");
    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "type", "ephemeral");

    /* of the two lifetimes the longer one covers OpenAI's half hour */

    if (c != CCP_CACHE_5M) {
        ccp_w_kcstr(w->o, "ttl", "1h");
    }

    ccp_w_obj_end(w->o);
}


int
ccp_anthropic_own(const ccp_anthropic_req_t *w, const ccp_block_t *b)
{
    return w->d->replay != CCP_RP_NONE && b->origin == CCP_ANTHROPIC
           && b->sig.n != 0
           && (b->sig_model == 0 || b->sig_model == w->family);
}


static int
ccp_an_block_marks(const ccp_block_t *b)
{
    int  n;

    for (n = 0; b; b = b->next) {
        n += (b->cache != CCP_CACHE_NONE);
        n += ccp_an_block_marks(b->parts);
    }

    return n;
}


/*
 * Cache marks: the client's, up to the limit with the latest kept; from
 * clients without any, ours on system, tools and the user's last turn.
 */

static void
ccp_an_plan_marks(ccp_anthropic_req_t *w)
{
    int                   msgs, rest, surplus;
    const ccp_tool_t     *t;
    const ccp_message_t  *m;

    w->marks = (w->d->cache == CCP_CC_KEEP || w->d->cache == CCP_CC_KEEP_TEXT);

    if (!w->marks) {
        return;
    }

    msgs = 0;
    rest = ccp_an_block_marks(w->r->system);

    for (t = w->r->tools; t; t = t->next) {
        rest += (t->cache != CCP_CACHE_NONE);
    }

    for (m = w->r->msgs; m; m = m->next) {
        msgs += ccp_an_block_marks(m->blocks);
    }

    if (w->same) {
        return;
    }

    w->automark = (msgs + rest == 0 && w->r->cache_auto == CCP_CACHE_NONE);

    surplus = msgs + rest - CCP_ANTHROPIC_MARKS;

    if (surplus > 0) {
        w->skip_msgs = surplus < msgs ? surplus : msgs;
        w->skip_rest = surplus - w->skip_msgs;
        ccp_note(w->r, w->a, "cache marks: %d over the limit dropped",
                 surplus);
    }
}


/*
 * With a thinking budget a tool loop must go on with the signed thinking of
 * its last call; clients of other protocols may have lost it.
 */

static int
ccp_an_loop_unsigned(ccp_anthropic_req_t *w)
{
    const ccp_block_t    *b;
    const ccp_message_t  *m, *call;

    call = NULL;

    for (m = w->r->msgs; m; m = m->next) {
        if (m->role == CCP_ROLE_ASSISTANT) {
            call = NULL;

            for (b = m->blocks; b; b = b->next) {
                if (b->kind == CCP_B_CALL) {
                    call = m;
                }
            }

        } else if (m->role == CCP_ROLE_USER
                   && (m->blocks == NULL
                       || m->blocks->kind != CCP_B_RESULT))
        {
            call = NULL;
        }
    }

    if (call == NULL) {
        return 0;
    }

    for (b = call->blocks; b; b = b->next) {
        if (b->kind == CCP_B_THINK && ccp_anthropic_own(w, b)) {
            return 0;
        }
    }

    return 1;
}


static int
ccp_an_forced(const ccp_request_t *r)
{
    if (r->tools == NULL) {
        return 0;
    }

    return r->tool_choice.mode == CCP_TC_ANY
           || r->tool_choice.mode == CCP_TC_NAMED
           || (r->tool_choice.mode == CCP_TC_ALLOWED && r->tool_choice.any);
}


static int64_t
ccp_an_cap(const ccp_anthropic_req_t *w, int64_t v)
{
    if (w->d->max_hi > 0 && v > w->d->max_hi) {
        v = w->d->max_hi;
    }

    if (w->x->target->max_tokens > 0 && v > w->x->target->max_tokens) {
        v = w->x->target->max_tokens;
    }

    return v < w->d->max_lo ? w->d->max_lo : v;
}


/* Thinking needs 1024 tokens at least and less than max_tokens. */

static void
ccp_an_plan_budget(ccp_anthropic_req_t *w)
{
    int64_t         max;
    ccp_request_t  *r;

    r = w->r;

    w->budget = ccp_think_budget(&r->think);

    if (w->budget <= 0) {
        w->budget = 8192;
    }

    if (w->budget < 1024) {
        w->budget = 1024;
    }

    if (r->max_tokens == CCP_UNSET_INT) {
        w->max_tokens = ccp_an_cap(w, w->max_tokens + w->budget);
    }

    max = w->max_tokens;

    if (w->budget < max) {
        return;
    }

    w->budget = max > 2048 ? max - 1024 : 1024;

    if (w->budget >= max) {
        w->think = 0;
        w->off = 1;
        ccp_note(r, w->a, "thinking: no room below max_tokens: off");
    }
}


static void
ccp_an_plan_think(ccp_anthropic_req_t *w)
{
    int             wanted;
    ccp_request_t  *r;

    r = w->r;
    wanted = ccp_think_wanted(&r->think);

    if (r->think.mode == CCP_THINK_BETWEEN && !w->same) {
        wanted = 0;
    }

    if (w->d->think == CCP_RZ_NONE) {
        if (wanted == 1) {
            ccp_note(r, w->a, "thinking: not supported by this model");
        }
        return;
    }

    w->think = (wanted == 1);
    w->off = (wanted == 0);

    if ((wanted == 1 || (wanted < 0 && w->d->think_default))
        && ccp_an_forced(r))
    {
        ccp_note(r, w->a, "thinking: off, because a tool call is forced");
        w->think = 0;
        w->off = 1;
    }

    if (w->think && w->d->think == CCP_RZ_BUDGET) {

        if (ccp_an_loop_unsigned(w)) {
            ccp_note(r, w->a, "thinking: off in a tool loop that lost its "
                              "signature");
            w->think = 0;
            w->off = 1;
            return;
        }

        ccp_an_plan_budget(w);
    }
}


static int
ccp_an_plan(ccp_anthropic_req_t *w)
{
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    w->same = (w->r->proto == CCP_ANTHROPIC);
    w->family = ccp_model_hash(w->x->model);

    for (m = w->r->msgs; m; m = m->next) {
        for (b = m->blocks; b; b = b->next) {
            if (b->kind == CCP_B_CALL) {
                w->calls = 1;
            }
        }
    }

    w->max_tokens = w->r->max_tokens;

    if (w->max_tokens == CCP_UNSET_INT) {
        w->max_tokens = w->d->max_req > 0 ? w->d->max_req : 8192;
    }

    w->max_tokens = ccp_an_cap(w, w->max_tokens);

    if (w->max_tokens < 1 && !w->same) {
        return ccp_error_set(w->x->err, w->a, CCP_E_BAD_REQUEST,
                             "max_tokens: Input should be greater than 0");
    }

    if (w->r->n != CCP_UNSET_INT && w->r->n > 1) {
        return ccp_error_set(w->x->err, w->a, CCP_E_BAD_REQUEST,
                             "n: not supported by this target, it gives one "
                             "answer");
    }

    ccp_an_plan_marks(w);
    ccp_an_plan_think(w);

    return CCP_OK;
}


static void
ccp_an_w_thinking(ccp_anthropic_req_t *w)
{
    ccp_out_t   *o;
    const char  *type;

    o = w->o;

    if (w->off && w->d->think_off == CCP_OFF_DISABLED) {
        ccp_w_key(o, "thinking");
        ccp_w_obj(o);
        ccp_w_kcstr(o, "type", "disabled");
        ccp_w_obj_end(o);
        return;
    }

    if (!w->think) {
        return;
    }

    type = w->d->think == CCP_RZ_ADAPTIVE ? "adaptive" : "enabled";

    if (w->r->think.mode == CCP_THINK_BETWEEN) {
        type = "between_tools";
    }

    ccp_w_key(o, "thinking");
    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", type);

    if (w->d->think == CCP_RZ_BUDGET) {
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
ccp_an_effort(ccp_anthropic_req_t *w, char *buf, size_t size)
{
    ccp_effort_e  effort;

    if (w->d->think != CCP_RZ_ADAPTIVE && w->d->think != CCP_RZ_TYPE_EFFORT) {
        return NULL;
    }

    if (w->off) {
        /* models that always think are asked to think little */
        return w->d->think_off == CCP_OFF_NEVER
               ? ccp_dialect_effort(w->d, CCP_EFFORT_LOW, buf, size) : NULL;
    }

    effort = ccp_think_effort(&w->r->think);

    if (effort == CCP_EFFORT_UNSET || effort == CCP_EFFORT_NONE) {
        return NULL;
    }

    return ccp_dialect_effort(w->d, effort, buf, size);
}


static int
ccp_an_w_output(ccp_anthropic_req_t *w)
{
    char            buf[32];
    int             schema;
    ccp_str_t       closed;
    ccp_out_t      *o;
    const char     *effort;
    ccp_jval_t      task;

    o = w->o;
    effort = ccp_an_effort(w, buf, sizeof(buf));
    schema = (w->r->out.kind == CCP_F_SCHEMA && !w->d->fmt_no_schema);

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
        closed = ccp_schema_closed(w->a, w->r->out.schema,
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


/* The value of a number in its spelling; they are short. */

static double
ccp_an_double(ccp_str_t s)
{
    char  buf[40];

    if (s.n >= sizeof(buf)) {
        return 0;
    }

    memcpy(buf, s.p, s.n);
    buf[s.n] = '\0';

    return strtod(buf, NULL);
}


static void
ccp_an_w_temperature(ccp_anthropic_req_t *w)
{
    double  v, hi;

    v = ccp_an_double(w->r->temperature);
    hi = w->d->temp_hi > 0 ? w->d->temp_hi : 1;

    ccp_w_key(w->o, "temperature");

    if (v > hi) {
        ccp_w_num(w->o, hi);
        ccp_note(w->r, w->a, "temperature: lowered to the target's maximum");

    } else if (v <= 0) {
        ccp_w_num(w->o, w->d->temp_open ? 0.01 : 0);

    } else {
        ccp_w_raw(w->o, w->r->temperature);
    }
}


static void
ccp_an_w_sampling(ccp_anthropic_req_t *w)
{
    int                   temp, top_p, top_k;
    ccp_request_t        *r;
    const ccp_dialect_t  *d;

    r = w->r;
    d = w->d;

    temp = (r->temperature.p != NULL);
    top_p = (r->top_p.p != NULL);
    top_k = (r->top_k.p != NULL);

    if (d->sampling == CCP_DROP) {
        temp = top_p = top_k = 0;

    } else if (d->sampling == CCP_DROP_IF_THINKING && w->think) {
        temp = temp && ccp_an_double(r->temperature) == 1;
        top_p = top_p && ccp_an_double(r->top_p) >= 0.95;
        top_k = 0;
    }

    if (temp && top_p && !w->same) {
        /* newer models refuse both together */
        top_p = 0;
    }

    if (temp) {
        ccp_an_w_temperature(w);

    } else if (r->temperature.p) {
        ccp_note(r, w->a, "temperature: dropped");
    }

    if (top_p) {
        ccp_w_kraw(w->o, "top_p", r->top_p);

    } else if (r->top_p.p) {
        ccp_note(r, w->a, "top_p: dropped");
    }

    if (top_k) {
        ccp_w_kraw(w->o, "top_k", r->top_k);

    } else if (r->top_k.p) {
        ccp_note(r, w->a, "top_k: dropped");
    }
}


static void
ccp_an_w_stop(ccp_anthropic_req_t *w)
{
    int                n;
    const ccp_item_t  *it;

    n = 0;

    for (it = w->r->stop; it; it = it->next) {
        if (ccp_str_blank(it->s)) {
            ccp_note(w->r, w->a, "stop: a blank entry dropped");
            continue;
        }

        if (w->d->stop_max < 0 || (w->d->stop_max && n == w->d->stop_max)) {
            ccp_note(w->r, w->a, "stop: a surplus entry dropped");
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(w->o, "stop_sequences");
            ccp_w_arr(w->o);
        }

        ccp_w_str(w->o, it->s);
    }

    if (n) {
        ccp_w_arr_end(w->o);
    }
}


/* What the protocol has no field for. */

static void
ccp_an_lost(ccp_anthropic_req_t *w, const char *name, int given)
{
    if (given) {
        ccp_note(w->r, w->a, "%s: not supported by anthropic", name);
    }
}


static void
ccp_an_note_lost(ccp_anthropic_req_t *w)
{
    const ccp_request_t  *r;

    r = w->r;

    ccp_an_lost(w, "min_p", r->min_p.p != NULL);
    ccp_an_lost(w, "seed", r->seed.p != NULL);
    ccp_an_lost(w, "frequency_penalty", r->freq_pen.p != NULL);
    ccp_an_lost(w, "presence_penalty", r->pres_pen.p != NULL);
    ccp_an_lost(w, "repetition_penalty", r->rep_pen.p != NULL);
    ccp_an_lost(w, "logprobs", r->logprobs == 1);
    ccp_an_lost(w, "verbosity", r->out.verbosity.p != NULL);
    ccp_an_lost(w, "prompt_cache_key", r->cache_key.p != NULL);
}


static int
ccp_an_w_user(ccp_anthropic_req_t *w)
{
    ccp_str_t  user;

    if (w->r->user.n == 0) {
        return CCP_OK;
    }

    user = w->r->user;

    if (!w->same) {
        user = ccp_user_fit(w->a, user, 256);
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
ccp_an_w_tier(ccp_anthropic_req_t *w)
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
        ccp_note(w->r, w->a, "service_tier: no such tier at this target");
    }
}


static void
ccp_an_w_system_block(ccp_anthropic_req_t *w, ccp_str_t text,
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
    ccp_anthropic_w_mark(w, mark, &w->skip_rest);
    ccp_w_obj_end(w->o);
}


static void
ccp_an_w_system(ccp_anthropic_req_t *w)
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
        hint = ccp_cstr(ccp_an_json_hint);

    } else if (w->r->out.kind == CCP_F_SCHEMA && w->d->fmt_no_schema) {
        hint = ccp_cstr(ccp_an_schema_hint);
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
            ccp_an_w_system_block(w, b->text, ccp_none, mark);
        }
    }

    if (hint.p) {
        ccp_an_w_system_block(w, hint, schema, CCP_CACHE_NONE);
    }

    ccp_w_arr_end(w->o);
}


/* What a count request has no place for. */

static int
ccp_an_w_generate(ccp_anthropic_req_t *w)
{
    if (w->r->op == CCP_OP_COUNT) {
        return CCP_OK;
    }

    ccp_w_kint(w->o, "max_tokens", w->max_tokens);

    if (w->r->stream) {
        ccp_w_kbool(w->o, "stream", 1);
    }

    ccp_an_w_sampling(w);
    ccp_an_w_stop(w);
    ccp_an_w_tier(w);
    ccp_an_note_lost(w);

    return ccp_an_w_user(w);
}


static void
ccp_an_w_same(ccp_anthropic_req_t *w)
{
    size_t      i;
    ccp_jval_t  v;

    for (i = 0; w->same
                && i < sizeof(ccp_an_same) / sizeof(ccp_an_same[0]); i++)
    {
        v = ccp_json_opt(w->r->root, ccp_an_same[i]);

        if (v.doc) {
            ccp_w_kraw(w->o, ccp_an_same[i], ccp_json_raw(v));
        }
    }
}


int
ccp_anthropic_encode(ccp_encode_t *x, ccp_out_t *out)
{
    int                  rc;
    ccp_anthropic_req_t  w;

    memset(&w, 0, sizeof(w));
    w.x = x;
    w.r = x->req;
    w.d = x->target->dialect;
    w.a = x->arena;
    w.o = out;

    rc = ccp_an_plan(&w);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "model", x->model);

    rc = ccp_an_w_generate(&w);

    if (rc == CCP_OK) {
        ccp_an_w_thinking(&w);
        rc = ccp_an_w_output(&w);
    }

    if (rc == CCP_OK) {
        ccp_anthropic_w_mark(&w, w.r->cache_auto, &w.skip_rest);
        ccp_an_w_same(&w);
        rc = ccp_anthropic_w_tools(&w);
    }

    if (rc == CCP_OK) {
        ccp_an_w_system(&w);
        rc = ccp_anthropic_w_messages(&w);
    }

    ccp_w_obj_end(out);

    if (rc != CCP_OK) {
        return rc;
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}
