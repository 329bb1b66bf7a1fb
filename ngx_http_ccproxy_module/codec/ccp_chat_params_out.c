
/*
 * Chat Completions request out: limits, sampling, reasoning, output format
 * and the rest of the top-level fields.
 */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "ccp_chat.h"


#define CCP_CHAT_STOP_MAX   4      /* of the protocol's document */
#define CCP_CHAT_USER_MAX   64
#define CCP_CHAT_TEMP_LEAST 0.01   /* where zero itself is refused */
#define CCP_CHAT_NAME_MAX   64     /* of a member passed as it is */


/* Numbers that pass as they are spelled. */

typedef struct {
    const char  *name;
    size_t       off;
    unsigned     sampling:1;       /* refused by models that reason */
    unsigned     extension:1;      /* no part of OpenAI's own API */
} ccp_chat_number_t;

#define ccp_chat_off(f)   offsetof(ccp_request_t, f)

static const ccp_chat_number_t  ccp_chat_numbers[] = {
    { "temperature", ccp_chat_off(temperature), 1, 0 },
    { "top_p", ccp_chat_off(top_p), 1, 0 },
    { "top_k", ccp_chat_off(top_k), 1, 1 },
    { "min_p", ccp_chat_off(min_p), 1, 1 },
    { "repetition_penalty", ccp_chat_off(rep_pen), 1, 1 },
    { "frequency_penalty", ccp_chat_off(freq_pen), 1, 0 },
    { "presence_penalty", ccp_chat_off(pres_pen), 1, 0 },
    { "seed", ccp_chat_off(seed), 0, 0 },
    { NULL, 0, 0, 0 }
};


/*
 * Members of a Chat request that are written from what they mean; all others
 * of a Chat client's are known to some Chat upstream alone and pass as they
 * are.
 */

static const char *const  ccp_chat_meant[] = {
    "model", "messages", "stream", "stream_options", "max_tokens",
    "max_completion_tokens", "tools", "tool_choice", "parallel_tool_calls",
    "functions", "function_call", "web_search_options", "temperature",
    "top_p", "top_k", "min_p", "repetition_penalty", "frequency_penalty",
    "presence_penalty", "seed", "random_seed", "stop", "n", "logprobs",
    "top_logprobs", "response_format", "reasoning_effort", "reasoning",
    "reasoning_format", "include_reasoning", "thinking", "enable_thinking",
    "thinking_budget", "chat_template_kwargs", "user", "safety_identifier",
    "metadata", "service_tier", "prompt_cache_key", "verbosity", NULL
};


static double
ccp_chat_value(ccp_str_t s)
{
    char  buf[64];

    if (s.n >= sizeof(buf)) {
        return 0;
    }

    memcpy(buf, s.p, s.n);
    buf[s.n] = '\0';

    return strtod(buf, NULL);
}


static int
ccp_chat_no_sampling(ccp_chat_out_t *co)
{
    return co->d->sampling == CCP_DROP
           || (co->d->sampling == CCP_DROP_IF_THINKING && co->thinks);
}


static void
ccp_chat_write_temperature(ccp_chat_out_t *co, const char *name, ccp_str_t s)
{
    double  v, hi;

    v = ccp_chat_value(s);
    hi = co->d->temp_hi > 0 ? co->d->temp_hi : 2;

    if (v > hi) {
        ccp_note(co->r, co->x->arena, "temperature: lowered to %g", hi);
        ccp_w_key(co->out, name);
        ccp_w_num(co->out, hi);

    } else if (v < 0 || (v == 0 && co->d->temp_open)) {
        ccp_w_key(co->out, name);
        ccp_w_num(co->out, co->d->temp_open ? CCP_CHAT_TEMP_LEAST : 0);

    } else {
        ccp_w_kraw(co->out, name, s);
    }
}


static void
ccp_chat_write_sampling(ccp_chat_out_t *co)
{
    ccp_str_t                 s;
    const char               *name;
    const ccp_chat_number_t  *f;

    for (f = ccp_chat_numbers; f->name; f++) {
        s = *(const ccp_str_t *) (const void *)
             ((const uint8_t *) co->r + f->off);

        if (s.p == NULL) {
            continue;
        }

        if ((f->sampling && ccp_chat_no_sampling(co))
            || (f->extension && !ccp_dialect_samples(co->d, f->name)))
        {
            ccp_note(co->r, co->x->arena, "%s: not taken by %s", f->name,
                     co->d->name);
            continue;
        }

        name = ccp_chat_field(co, f->name);

        if (name && f->off == ccp_chat_off(temperature)) {
            ccp_chat_write_temperature(co, name, s);

        } else if (name) {
            ccp_w_kraw(co->out, name, s);
        }
    }
}


static void
ccp_chat_write_stop(ccp_chat_out_t *co)
{
    int                n, max;
    ccp_out_t         *out;
    const char        *name;
    const ccp_item_t  *it;

    out = co->out;
    max = co->d->stop_max ? co->d->stop_max : CCP_CHAT_STOP_MAX;

    if (co->r->stop == NULL) {
        return;
    }

    if (max < 0) {
        ccp_note(co->r, co->x->arena, "stop: not taken by %s", co->d->name);
        return;
    }

    name = ccp_chat_field(co, "stop");
    if (name == NULL) {
        return;
    }

    ccp_w_key(out, name);
    ccp_w_arr(out);

    for (n = 0, it = co->r->stop; it && n < max; it = it->next, n++) {
        ccp_w_str(out, it->s);
    }

    ccp_w_arr_end(out);

    if (it) {
        ccp_note(co->r, co->x->arena, "stop: only the first %d are sent",
                 max);
    }
}


static void
ccp_chat_write_logprobs(ccp_chat_out_t *co)
{
    const char  *name;

    if (co->r->logprobs < 0 && co->r->top_logprobs == CCP_UNSET_INT) {
        return;
    }

    if (ccp_chat_no_sampling(co)) {
        ccp_note(co->r, co->x->arena, "logprobs: not taken by %s",
                 co->d->name);
        return;
    }

    if (co->r->logprobs >= 0) {
        name = ccp_chat_field(co, "logprobs");

        if (name) {
            ccp_w_kbool(co->out, name, co->r->logprobs);
        }
    }

    if (co->r->top_logprobs != CCP_UNSET_INT && co->r->logprobs != 0) {
        name = ccp_chat_field(co, "top_logprobs");

        if (name) {
            ccp_w_kint(co->out, name, co->r->top_logprobs);
        }
    }
}


/* A budget below the limit, so that there is room for an answer. */

static int64_t
ccp_chat_budget(ccp_chat_out_t *co, int64_t budget)
{
    if (co->max != CCP_UNSET_INT && budget >= co->max) {
        return co->max - 1;
    }

    return budget;
}


static void
ccp_chat_write_type(ccp_chat_out_t *co, const char *type, int64_t budget)
{
    ccp_w_key(co->out, "thinking");
    ccp_w_obj(co->out);
    ccp_w_kcstr(co->out, "type", type);

    if (budget > 0) {
        ccp_w_kint(co->out, "budget_tokens", budget);
    }

    ccp_w_obj_end(co->out);
}


/* OpenRouter's object: {"effort":…} or {"max_tokens":…}, {"enabled":true}. */

static void
ccp_chat_write_reasoning(ccp_chat_out_t *co, const char *word)
{
    int64_t             budget;
    ccp_out_t          *out;
    const ccp_think_t  *th;

    th = &co->r->think;
    out = co->out;
    budget = co->wanted == 1 && th->effort == CCP_EFFORT_UNSET
             && th->budget > 0
             ? ccp_chat_budget(co, th->budget) : 0;

    if (co->wanted == 0 && word == NULL) {
        return;
    }

    ccp_w_key(out, "reasoning");
    ccp_w_obj(out);

    if (budget > 0) {
        ccp_w_kint(out, "max_tokens", budget);

    } else if (word) {
        ccp_w_kcstr(out, "effort", word);

    } else {
        ccp_w_kbool(out, "enabled", 1);
    }

    if (th->display == CCP_DISPLAY_OMIT) {
        ccp_w_kbool(out, "exclude", 1);
    }

    ccp_w_obj_end(out);
}


static void
ccp_chat_write_template(ccp_chat_out_t *co)
{
    ccp_w_key(co->out, "chat_template_kwargs");
    ccp_w_obj(co->out);
    ccp_w_kbool(co->out, "enable_thinking", co->wanted);
    ccp_w_obj_end(co->out);
}


static void
ccp_chat_write_enable(ccp_chat_out_t *co)
{
    int64_t  budget;

    ccp_w_kbool(co->out, "enable_thinking", co->wanted);

    budget = ccp_chat_budget(co, ccp_think_budget(&co->r->think));

    if (co->wanted && co->r->think.budget > 0 && budget > 0) {
        ccp_w_kint(co->out, "thinking_budget", budget);
    }
}


/*
 * One spelling for one provider, never a switch and an effort that
 * contradict each other (T30).
 */

static void
ccp_chat_write_wish(ccp_chat_out_t *co)
{
    int64_t      budget;
    char         buf[32];
    const char  *word;

    word = ccp_dialect_effort(co->d, ccp_think_effort(&co->r->think), buf,
                              sizeof(buf));

    if (co->wanted == 0 && co->d->think_off == CCP_OFF_OMIT) {
        ccp_note(co->r, co->x->arena, "reasoning: can't be turned off at %s",
                 co->d->name);
    }

    if (co->d->think == CCP_RZ_EFFORT) {
        ccp_w_kstr_opt(co->out, "reasoning_effort",
                       word ? ccp_cstr(word) : ccp_none);
        return;
    }

    if (co->d->think == CCP_RZ_OBJECT) {
        ccp_chat_write_reasoning(co, word);
        return;
    }

    if (co->wanted == 0 && (co->d->think_off == CCP_OFF_NEVER
                            || co->d->think_off == CCP_OFF_OMIT))
    {
        /* no switch: at most the least effort */
        if (co->d->think == CCP_RZ_TYPE_EFFORT && word) {
            ccp_w_kcstr(co->out, "reasoning_effort", word);
        }

        return;
    }

    switch (co->d->think) {

    case CCP_RZ_TYPE:
        ccp_chat_write_type(co, co->wanted ? "enabled" : "disabled", 0);
        break;

    case CCP_RZ_TYPE_EFFORT:
        ccp_chat_write_type(co, co->wanted ? "enabled" : "disabled", 0);

        if (co->wanted && word) {
            ccp_w_kcstr(co->out, "reasoning_effort", word);
        }

        break;

    case CCP_RZ_ADAPTIVE:
        ccp_chat_write_type(co, co->wanted ? "adaptive" : "disabled", 0);
        break;

    case CCP_RZ_BUDGET:
        budget = ccp_chat_budget(co, ccp_think_budget(&co->r->think));
        ccp_chat_write_type(co, co->wanted ? "enabled" : "disabled",
                            co->wanted ? budget : 0);
        break;

    case CCP_RZ_ENABLE_THINKING:
        ccp_chat_write_enable(co);
        break;

    case CCP_RZ_TEMPLATE:
        ccp_chat_write_template(co);
        break;

    default:
        break;
    }
}


/* "tool_stream:true,prompt_mode:reasoning": fields beside the wish. */

static void
ccp_chat_write_extra(ccp_chat_out_t *co)
{
    size_t       n;
    ccp_str_t    value;
    const char  *p, *colon;

    for (p = co->d->think_extra; p && *p; p += n + (p[n] == ',')) {
        n = strcspn(p, ",");
        colon = memchr(p, ':', n);

        if (colon == NULL) {
            continue;
        }

        value = ccp_none;
        value.p = (const uint8_t *) colon + 1;
        value.n = n - (size_t) (colon + 1 - p);

        ccp_w_keys(co->out, (ccp_str_t) { (const uint8_t *) p,
                                          (size_t) (colon - p), 0, 0 });

        if (ccp_str_is(value, "true") || ccp_str_is(value, "false")) {
            ccp_w_raw(co->out, value);

        } else {
            ccp_w_str(co->out, value);
        }
    }
}


static void
ccp_chat_write_think(ccp_chat_out_t *co)
{
    if (co->d->think == CCP_RZ_NONE) {
        if (co->wanted == 1) {
            ccp_note(co->r, co->x->arena, "reasoning: no switch for it at %s",
                     co->d->name);
        }

    } else if (co->wanted >= 0) {
        ccp_chat_write_wish(co);
    }

    if (co->thinks) {
        ccp_chat_write_extra(co);
    }
}


void
ccp_chat_survey_format(ccp_chat_out_t *co)
{
    ccp_format_e  want;

    want = co->r->out.kind;
    co->format = want;

    if (want != CCP_F_JSON && want != CCP_F_SCHEMA) {
        co->format = CCP_F_UNSET;
        return;
    }

    if (co->d->drop_format && co->tools) {
        co->format = CCP_F_UNSET;

    } else if (want == CCP_F_SCHEMA && co->d->fmt_no_schema) {
        co->format = co->d->fmt_no_object ? CCP_F_UNSET : CCP_F_JSON;

    } else if (want == CCP_F_JSON && co->d->fmt_no_object) {
        co->format = co->d->fmt_no_schema ? CCP_F_UNSET : CCP_F_SCHEMA;
    }

    co->hint = (co->format == CCP_F_JSON && want == CCP_F_SCHEMA)
               || (co->format == CCP_F_JSON && !ccp_mentions_json(co->r))
               || co->format == CCP_F_UNSET;

    if (co->format != want) {
        ccp_note(co->r, co->x->arena,
                 "response_format: in words, %s doesn't take it as it is",
                 co->d->name);
    }
}


int
ccp_chat_write_hint(ccp_chat_out_t *co)
{
    ccp_str_t  schema;

    if (co->r->out.schema.p == NULL) {
        ccp_w_str_part(co->out,
                       ccp_lit("Answer with one JSON object only."));
        return CCP_OK;
    }

    schema = ccp_schema_of(co->x->arena, &co->r->doc, co->r->out.schema,
                           co->r->out.dialect, CCP_SCHEMA_FULL);
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_str_part(co->out, ccp_lit("Answer with one JSON object only, which "
                                    "fits this JSON schema: "));
    ccp_w_str_part(co->out, schema);

    return CCP_OK;
}


ccp_str_t
ccp_chat_closed(ccp_chat_out_t *co, ccp_str_t schema, ccp_schema_e from)
{
    schema = ccp_schema_closed(co->x->arena, schema, from);

    if (schema.p == NULL || co->d->schema == CCP_SCHEMA_FULL
        || co->d->schema == CCP_SCHEMA_TIDY)
    {
        return schema;
    }

    return ccp_schema_for(co->x->arena, schema, CCP_SCHEMA_JSON,
                          co->d->schema);
}


static int
ccp_chat_write_format(ccp_chat_out_t *co)
{
    int             strict;
    ccp_out_t      *out;
    ccp_str_t       schema;
    ccp_request_t  *r;

    r = co->r;
    out = co->out;

    if (co->format == CCP_F_UNSET) {
        return CCP_OK;
    }

    ccp_w_key(out, "response_format");
    ccp_w_obj(out);

    if (co->format == CCP_F_JSON) {
        ccp_w_kcstr(out, "type", "json_object");
        ccp_w_obj_end(out);
        return CCP_OK;
    }

    strict = r->out.strict == 1 && co->d->strict == CCP_STRICT_KEEP;

    schema = strict
             ? ccp_chat_closed(co, r->out.schema, r->out.dialect)
             : ccp_schema_of(co->x->arena, &r->doc, r->out.schema,
                             r->out.dialect, co->d->schema);
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kcstr(out, "type", "json_schema");
    ccp_w_key(out, "json_schema");
    ccp_w_obj(out);
    ccp_w_kstr(out, "name", r->out.name.n ? r->out.name
                                          : ccp_lit("response"));
    ccp_w_kstr_opt(out, "description", r->out.desc);
    ccp_w_kraw(out, "schema", schema);
    ccp_w_kbool(out, "strict", strict);
    ccp_w_obj_end(out);
    ccp_w_obj_end(out);

    return CCP_OK;
}


static const ccp_chat_word_t  ccp_chat_tiers[] = {
    { "standard_only", 1 },
    { "standard", 1 },
    { NULL, 0 }
};


static void
ccp_chat_write_tier(ccp_chat_out_t *co)
{
    const char  *name;

    if (co->r->tier.p == NULL
        || (co->r->proto != CCP_CHAT && ccp_str_is(co->r->tier, "auto")))
    {
        return;
    }

    name = ccp_chat_field(co, "service_tier");

    if (name) {
        ccp_w_kstr(co->out, name,
                   ccp_chat_find(ccp_chat_tiers, co->r->tier, 0)
                   ? ccp_lit("default") : co->r->tier);
    }
}


/* The tags of a stored answer, for APIs that store one. */

static void
ccp_chat_write_meta(ccp_chat_out_t *co)
{
    if (co->r->meta.p == NULL) {
        return;
    }

    if ((co->r->proto == CCP_CHAT || co->r->proto == CCP_RESPONSES)
        && ccp_json_bool(ccp_json_get(co->r->root, "store"), 0) == 1
        && !ccp_dialect_drops(co->d, "store")
        && !ccp_dialect_drops(co->d, "metadata"))
    {
        ccp_w_kraw(co->out, "metadata", co->r->meta);

        if (co->r->proto == CCP_RESPONSES) {
            ccp_w_kbool(co->out, "store", 1);
        }

        return;
    }

    ccp_note(co->r, co->x->arena, "metadata: not sent to %s", co->d->name);
}


static void
ccp_chat_write_cache_key(ccp_chat_out_t *co, ccp_str_t user)
{
    ccp_str_t    key;
    const char  *name;

    name = co->d->cache_key;

    if (name == NULL) {
        name = co->r->cache_key.p ? ccp_chat_field(co, "prompt_cache_key")
                                  : NULL;

    } else if (strncmp(name, "header:", 7) == 0) {
        name = NULL;
    }

    if (name == NULL) {
        return;
    }

    key = co->r->cache_key;

    if (key.p == NULL && co->d->cache == CCP_CC_AUTO_KEY) {
        /* who asks stands for what is asked */
        key = user;
    }

    ccp_w_kstr_opt(co->out, name, key);
}


static int
ccp_chat_write_user(ccp_chat_out_t *co)
{
    ccp_str_t    user;
    const char  *name;

    user = ccp_none;

    if (co->r->user.p) {
        user = ccp_user_fit(co->x->arena, co->r->user, CCP_CHAT_USER_MAX);
        if (user.p == NULL) {
            return CCP_NOMEM;
        }

        name = ccp_chat_field(co, "user");

        if (name) {
            ccp_w_kstr(co->out, name, user);
        }
    }

    ccp_chat_write_cache_key(co, user);

    return CCP_OK;
}


static int
ccp_chat_is_meant(ccp_str_t key)
{
    const char *const  *name;

    for (name = ccp_chat_meant; *name; name++) {
        if (ccp_str_is(key, *name)) {
            return 1;
        }
    }

    return 0;
}


static void
ccp_chat_write_own(ccp_chat_out_t *co)
{
    char          name[CCP_CHAT_NAME_MAX];
    const char   *to;
    ccp_jiter_t   it;

    it = ccp_json_iter(co->r->root);

    while (co->r->proto == CCP_CHAT && ccp_json_next(&it)) {

        if (it.key.esc || it.key.n == 0 || it.key.n >= sizeof(name)
            || !ccp_json_has(it.val) || ccp_chat_is_meant(it.key))
        {
            continue;
        }

        memcpy(name, it.key.p, it.key.n);
        name[it.key.n] = '\0';

        if (strcmp(name, "logit_bias") == 0 && ccp_chat_no_sampling(co)) {
            ccp_note(co->r, co->x->arena, "logit_bias: not taken by %s",
                     co->d->name);
            continue;
        }

        to = ccp_chat_field(co, name);

        if (to) {
            ccp_w_kraw(co->out, to, ccp_json_raw(it.val));
        }
    }
}


int
ccp_chat_write_params(ccp_chat_out_t *co)
{
    const char  *name;

    ccp_chat_write_sampling(co);
    ccp_chat_write_stop(co);

    ccp_chat_write_logprobs(co);
    ccp_chat_write_think(co);

    if (ccp_chat_write_format(co) != CCP_OK
        || ccp_chat_write_user(co) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    ccp_chat_write_tier(co);
    ccp_chat_write_meta(co);
    ccp_chat_write_own(co);

    if (co->r->out.verbosity.p) {
        name = ccp_chat_field(co, "verbosity");

        if (name) {
            ccp_w_kstr(co->out, name, co->r->out.verbosity);
        }
    }

    /* an answer that must be streamed is put together for the client */

    if (co->r->stream || (co->d->think_stream && co->thinks)) {
        ccp_w_kbool(co->out, "stream", 1);

        if (!co->d->no_stream_opts) {
            /* without it there is no usage; the client needn't see it */
            ccp_w_key(co->out, "stream_options");
            ccp_w_obj(co->out);
            ccp_w_kbool(co->out, "include_usage", 1);
            ccp_w_obj_end(co->out);
        }
    }

    return CCP_OK;
}
