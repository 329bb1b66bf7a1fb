
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
} ccp_chat_sampler_t;

#define ccp_chat_write_off(f)  offsetof(ccp_request_t, f)

static const ccp_chat_sampler_t  ccp_chat_samplers[] = {
    { "temperature", ccp_chat_write_off(temperature), 1, 0 },
    { "top_p", ccp_chat_write_off(top_p), 1, 0 },
    { "top_k", ccp_chat_write_off(top_k), 1, 1 },
    { "min_p", ccp_chat_write_off(min_p), 1, 1 },
    { "repetition_penalty", ccp_chat_write_off(rep_pen), 1, 1 },
    { "frequency_penalty", ccp_chat_write_off(freq_pen), 1, 0 },
    { "presence_penalty", ccp_chat_write_off(pres_pen), 1, 0 },
    { "seed", ccp_chat_write_off(seed), 0, 0 },
    { NULL, 0, 0, 0 }
};


/*
 * Members of a Chat request that are written from what they mean; all others
 * of a Chat client's are known to some Chat upstream alone and pass as they
 * are.
 */

static const char *const  ccp_chat_known_members[] = {
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
ccp_chat_sampling_refused(ccp_chat_writer_t *w)
{
    return w->pr->sampling == CCP_DROP
           || (w->pr->sampling == CCP_DROP_IF_THINKING && w->thinks);
}


static void
ccp_chat_write_temperature(ccp_chat_writer_t *w, const char *name, ccp_str_t s)
{
    double  v, hi;

    v = ccp_str_double(s);
    hi = w->pr->temp_hi > 0 ? w->pr->temp_hi : 2;

    if (v > hi) {
        ccp_request_note(w->r, w->x->arena, "temperature: lowered to %g", hi);
        ccp_w_key(w->o, name);
        ccp_w_num(w->o, hi);

    } else if (v < 0 || (v == 0 && w->pr->temp_open)) {
        ccp_w_key(w->o, name);
        ccp_w_num(w->o, w->pr->temp_open ? CCP_CHAT_TEMP_LEAST : 0);

    } else {
        ccp_w_kraw(w->o, name, s);
    }
}


static void
ccp_chat_write_sampling(ccp_chat_writer_t *w)
{
    ccp_str_t                  s;
    const char                *name;
    const ccp_chat_sampler_t  *f;

    for (f = ccp_chat_samplers; f->name; f++) {
        s = *(const ccp_str_t *) (const void *)
             ((const uint8_t *) w->r + f->off);

        if (s.p == NULL) {
            continue;
        }

        if ((f->sampling && ccp_chat_sampling_refused(w))
            || (f->extension && !ccp_provider_samples(w->pr, f->name)))
        {
            ccp_request_note(w->r, w->x->arena, "%s: not taken by %s", f->name,
                             w->pr->name);
            continue;
        }

        name = ccp_chat_member_name(w, f->name);

        if (name && f->off == ccp_chat_write_off(temperature)) {
            ccp_chat_write_temperature(w, name, s);

        } else if (name) {
            ccp_w_kraw(w->o, name, s);
        }
    }
}


static void
ccp_chat_write_stop(ccp_chat_writer_t *w)
{
    int                n, max;
    ccp_out_t         *out;
    const char        *name;
    const ccp_item_t  *it;

    out = w->o;
    max = w->pr->stop_max ? w->pr->stop_max : CCP_CHAT_STOP_MAX;

    if (w->r->stop == NULL) {
        return;
    }

    if (max < 0) {
        ccp_request_note(w->r, w->x->arena, "stop: not taken by %s, the "
                         "module itself cuts the answer there", w->pr->name);
        return;
    }

    name = ccp_chat_member_name(w, "stop");
    if (name == NULL) {
        return;
    }

    ccp_w_key(out, name);
    ccp_w_arr(out);

    for (n = 0, it = w->r->stop; it && n < max; it = it->next, n++) {
        ccp_w_str(out, it->s);
    }

    ccp_w_arr_end(out);

    if (it) {
        ccp_request_note(w->r, w->x->arena, "stop: only the first %d are sent",
                         max);
    }
}


static void
ccp_chat_write_logprobs(ccp_chat_writer_t *w)
{
    const char  *name;

    if (w->r->logprobs < 0 && w->r->top_logprobs == CCP_UNSET_INT) {
        return;
    }

    if (ccp_chat_sampling_refused(w)) {
        ccp_request_note(w->r, w->x->arena, "logprobs: not taken by %s",
                         w->pr->name);
        return;
    }

    if (w->r->logprobs >= 0) {
        name = ccp_chat_member_name(w, "logprobs");

        if (name) {
            ccp_w_kbool(w->o, name, w->r->logprobs);
        }
    }

    if (w->r->top_logprobs != CCP_UNSET_INT && w->r->logprobs != 0) {
        name = ccp_chat_member_name(w, "top_logprobs");

        if (name) {
            ccp_w_kint(w->o, name, w->r->top_logprobs);
        }
    }
}


static const ccp_word_t  ccp_chat_tier_words[] = {
    { "standard_only", 1 },
    { "standard", 1 },
    { NULL, 0 }
};


static void
ccp_chat_write_tier(ccp_chat_writer_t *w)
{
    const char  *name;

    if (w->r->tier.p == NULL
        || (w->r->proto != CCP_CHAT && ccp_str_is(w->r->tier, "auto")))
    {
        return;
    }

    name = ccp_chat_member_name(w, "service_tier");

    if (name) {
        ccp_w_kstr(w->o, name,
                   ccp_word_find(ccp_chat_tier_words, w->r->tier, 0)
                   ? ccp_lit("default") : w->r->tier);
    }
}


/* The tags of a stored answer, for APIs that store one. */

static void
ccp_chat_write_meta(ccp_chat_writer_t *w)
{
    if (w->r->meta.p == NULL) {
        return;
    }

    if ((w->r->proto == CCP_CHAT || w->r->proto == CCP_RESPONSES)
        && ccp_json_bool(ccp_json_get(w->r->root, "store"), 0) == 1
        && !ccp_provider_drops(w->pr, "store")
        && !ccp_provider_drops(w->pr, "metadata"))
    {
        ccp_w_kraw(w->o, "metadata", w->r->meta);

        if (w->r->proto == CCP_RESPONSES) {
            ccp_w_kbool(w->o, "store", 1);
        }

        return;
    }

    ccp_request_note(w->r, w->x->arena, "metadata: not sent to %s",
                     w->pr->name);
}


static void
ccp_chat_write_cache_key(ccp_chat_writer_t *w, ccp_str_t user)
{
    ccp_str_t    key;
    const char  *name;

    name = w->pr->cache_key;

    if (name == NULL) {
        name = w->r->cache_key.p ? ccp_chat_member_name(w, "prompt_cache_key")
                                 : NULL;

    } else if (strncmp(name, "header:", 7) == 0) {
        name = NULL;
    }

    if (name == NULL) {
        return;
    }

    key = w->r->cache_key;

    if (key.p == NULL && w->pr->cache == CCP_CC_AUTO_KEY) {
        /* who asks stands for what is asked */
        key = user;
    }

    ccp_w_kstr_opt(w->o, name, key);
}


static int
ccp_chat_write_user(ccp_chat_writer_t *w)
{
    ccp_str_t    user;
    const char  *name;

    user = ccp_none;

    if (w->r->user.p) {
        user = ccp_request_fit_user(w->x->arena, w->r->user,
                                    CCP_CHAT_USER_MAX);
        if (user.p == NULL) {
            return CCP_NOMEM;
        }

        name = ccp_chat_member_name(w, "user");

        if (name) {
            ccp_w_kstr(w->o, name, user);
        }
    }

    ccp_chat_write_cache_key(w, user);

    return CCP_OK;
}


static int
ccp_chat_is_known_member(ccp_str_t key)
{
    const char *const  *name;

    for (name = ccp_chat_known_members; *name; name++) {
        if (ccp_str_is(key, *name)) {
            return 1;
        }
    }

    return 0;
}


static void
ccp_chat_write_unknown(ccp_chat_writer_t *w)
{
    char          name[CCP_CHAT_NAME_MAX];
    const char   *to;
    ccp_jiter_t   it;

    it = ccp_json_iter(w->r->root);

    while (w->r->proto == CCP_CHAT && ccp_json_next(&it)) {

        if (it.key.esc || it.key.n == 0 || it.key.n >= sizeof(name)
            || !ccp_json_has(it.val) || ccp_chat_is_known_member(it.key))
        {
            continue;
        }

        memcpy(name, it.key.p, it.key.n);
        name[it.key.n] = '\0';

        if (strcmp(name, "logit_bias") == 0 && ccp_chat_sampling_refused(w)) {
            ccp_request_note(w->r, w->x->arena, "logit_bias: not taken by %s",
                             w->pr->name);
            continue;
        }

        to = ccp_chat_member_name(w, name);

        if (to) {
            ccp_w_kraw(w->o, to, ccp_json_raw(it.val));
        }
    }
}


int
ccp_chat_write_members(ccp_chat_writer_t *w)
{
    const char  *name;

    ccp_chat_write_sampling(w);
    ccp_chat_write_stop(w);

    ccp_chat_write_logprobs(w);
    ccp_chat_write_think(w);

    if (ccp_chat_write_format(w) != CCP_OK
        || ccp_chat_write_user(w) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    ccp_chat_write_tier(w);
    ccp_chat_write_meta(w);
    ccp_chat_write_unknown(w);

    if (w->r->out.verbosity.p) {
        name = ccp_chat_member_name(w, "verbosity");

        if (name) {
            ccp_w_kstr(w->o, name, w->r->out.verbosity);
        }
    }

    /* an answer that must be streamed is put together for the client */

    if (w->r->stream || (w->pr->think_stream && w->thinks)) {
        ccp_w_kbool(w->o, "stream", 1);

        if (!w->pr->no_stream_opts) {
            /* without it there is no usage; the client needn't see it */
            ccp_w_key(w->o, "stream_options");
            ccp_w_obj(w->o);
            ccp_w_kbool(w->o, "include_usage", 1);
            ccp_w_obj_end(w->o);
        }
    }

    return CCP_OK;
}
