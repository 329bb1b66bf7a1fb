
/*
 * Chat Completions request out: sampling, and the rest of the top-level fields
 * but limits, reasoning (chat_request_out_think.c) and the output's format
 * (chat_request_out_format.c).
 */

#include <stddef.h>
#include <stdio.h>

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/proto/proto_out.h"
#include "codec/proto/proto_words.h"


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

    v = ccp_str_double(s);
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
        ccp_note(co->r, co->x->arena, "stop: not taken by %s, the "
                 "module itself cuts the answer there", co->d->name);
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
