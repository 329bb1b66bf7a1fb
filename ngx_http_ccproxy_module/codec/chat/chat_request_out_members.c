
/*
 * Chat Completions request out: sampling, and the rest of the top-level fields
 * but limits, reasoning (chat_request_out_think.c) and the output's format
 * (chat_request_out_format.c).
 */

#include <stdio.h>

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/proto/proto_out.h"
#include "codec/proto/proto_words.h"


/*
 * Members of a Chat client that pass as they are; so do those that have no
 * number.  All others are written from what they mean.
 */
#define CCP_CHAT_CARRIED                                                      \
    (CCP_FIELD(audio) | CCP_FIELD(logit_bias) | CCP_FIELD(metadata)           \
     | CCP_FIELD(modalities) | CCP_FIELD(models) | CCP_FIELD(prediction)      \
     | CCP_FIELD(prompt_cache_retention) | CCP_FIELD(provider)                \
     | CCP_FIELD(store) | CCP_CHAT_THINK)


static const char *
ccp_chat_member_name(ccp_chat_writer_t *w, ccp_field_e f)
{
    return ccp_chat_judge(&w->k, f, ccp_field_names[f]);
}


/* Numbers pass as they are spelled. */

static int
ccp_chat_write_numbers(ccp_chat_writer_t *w)
{
    ccp_str_t            s;
    ccp_field_e          f;
    const char          *name;
    const ccp_member_t  *m;

    for (m = ccp_chat_scalars; m->name && m->kind == CCP_M_NUMBER; m++) {
        s = *(const ccp_str_t *) (const void *)
             ((const uint8_t *) w->r + m->off);

        if (s.p == NULL || m[1].off == m->off) {
            continue;
        }

        f = ccp_field_find(ccp_cstr(m->name));
        name = ccp_chat_member_name(w, f);

        if (name == NULL) {
            continue;
        }

        if (f == CCP_FIELD_temperature) {
            s = ccp_chat_fit_temperature(&w->k, s);
            if (s.p == NULL) {
                return CCP_NOMEM;
            }
        }

        ccp_w_kraw(w->o, name, s);
    }

    return CCP_OK;
}


static void
ccp_chat_write_stop(ccp_chat_writer_t *w)
{
    int                n, max;
    ccp_out_t         *out;
    const char        *name;
    const ccp_item_t  *it;

    out = w->o;
    max = ccp_chat_stop_max(&w->k);

    if (w->r->stop == NULL) {
        return;
    }

    if (max < 0) {
        ccp_request_note(w->r, w->x->arena, "stop: not taken by %s, the "
                         "module itself cuts the answer there", w->pr->name);
        return;
    }

    name = ccp_chat_member_name(w, CCP_FIELD_stop);
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

    if (w->r->logprobs >= 0) {
        name = ccp_chat_member_name(w, CCP_FIELD_logprobs);

        if (name) {
            ccp_w_kbool(w->o, name, w->r->logprobs);
        }
    }

    if (w->r->top_logprobs != CCP_UNSET_INT && w->r->logprobs != 0) {
        name = ccp_chat_member_name(w, CCP_FIELD_top_logprobs);

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

    name = ccp_chat_member_name(w, CCP_FIELD_service_tier);

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
    if (w->r->meta.p == NULL || w->k.own) {
        return;
    }

    if (w->r->proto == CCP_RESPONSES
        && ccp_json_bool(ccp_json_get(w->r->root, "store"), 0) == 1
        && !(w->k.refused & (CCP_FIELD(store) | CCP_FIELD(metadata))))
    {
        ccp_w_kraw(w->o, "metadata", w->r->meta);
        ccp_w_kbool(w->o, "store", 1);
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
        name = w->r->cache_key.p
               ? ccp_chat_member_name(w, CCP_FIELD_prompt_cache_key) : NULL;

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

        name = ccp_chat_member_name(w, CCP_FIELD_user);

        if (name) {
            ccp_w_kstr(w->o, name, user);
        }
    }

    ccp_chat_write_cache_key(w, user);

    return CCP_OK;
}


/* A null says nothing of what is known here. */

static void
ccp_chat_write_carried(ccp_chat_writer_t *w)
{
    char          name[CCP_CHAT_NAME_MAX];
    const char   *to;
    ccp_field_e   f;
    ccp_jiter_t   it;

    it = ccp_json_iter(w->r->root);

    while (w->k.own && ccp_json_next(&it)) {
        f = ccp_field_find(it.key);

        if (!ccp_chat_member_key(it.key, name)
            || (f != CCP_NFIELDS
                && (!(CCP_CHAT_CARRIED & CCP_FIELD_BIT(f))
                    || !ccp_json_has(it.val)
                    || !ccp_chat_think_passes(&w->k, f))))
        {
            continue;
        }

        to = ccp_chat_judge(&w->k, f, name);

        if (to) {
            ccp_w_kraw(w->o, to, ccp_json_raw(it.val));
        }
    }
}


int
ccp_chat_write_members(ccp_chat_writer_t *w)
{
    const char  *name;

    if (ccp_chat_write_numbers(w) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_chat_write_stop(w);
    ccp_chat_write_logprobs(w);
    ccp_chat_write_think(&w->k, w->o, NULL);

    if (ccp_chat_write_format(w) != CCP_OK
        || ccp_chat_write_user(w) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    ccp_chat_write_tier(w);
    ccp_chat_write_meta(w);
    ccp_chat_write_carried(w);

    if (w->r->out.verbosity.p) {
        name = ccp_chat_member_name(w, CCP_FIELD_verbosity);

        if (name) {
            ccp_w_kstr(w->o, name, w->r->out.verbosity);
        }
    }

    /* an answer that must be streamed is put together for the client */

    if (w->r->stream || (w->pr->think_stream && w->k.thinks)) {
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
