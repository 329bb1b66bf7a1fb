
/*
 * Chat to Chat: members of the client's body that a provider refuses, calls
 * otherwise or bounds; and the name under which the encoder sends a member.
 */

#include "codec/chat/chat_member.h"
#include "codec/chat/chat_request.h"
#include "codec/prepare/prepare.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/schema/schema.h"
#include "codec/proto/proto_out.h"


/* Longest name of a member that is looked at. */
#define CCP_CHAT_SPLICE_NAME  64

/* Of the end user's name, in OpenAI's document. */
#define CCP_CHAT_SPLICE_USER  64

/* Where zero itself is refused. */
#define CCP_CHAT_SPLICE_COLD  "0.01"


typedef struct {
    ccp_request_t         *r;
    const ccp_target_t    *t;
    const ccp_provider_t  *pr;
    ccp_edit_t            *e;
    unsigned               preset:1;
    unsigned               thinks:1;
} ccp_chat_splice_t;


static const char *const  ccp_chat_splice_samplers[] = {
    "temperature", "top_p", "top_k", "min_p", "repetition_penalty",
    "frequency_penalty", "presence_penalty", "logit_bias", "logprobs",
    "top_logprobs", NULL
};

/* No part of OpenAI's own API. */
static const char *const  ccp_chat_splice_foreign[] = {
    "top_k", "min_p", "repetition_penalty", NULL
};

static const char *const  ccp_chat_splice_own_extensions[] = {
    "model", "messages", "stream", "max_tokens", "max_completion_tokens", NULL
};

/* What the neutral form knows and an encoder may leave out on purpose. */
static const char *const  ccp_chat_splice_known[] = {
    "model", "messages", "stream", "max_tokens", "max_completion_tokens",
    "temperature", "top_p", "top_k", "min_p", "seed", "random_seed",
    "frequency_penalty", "presence_penalty", "repetition_penalty", "stop",
    "n", "logprobs", "top_logprobs", "user", "safety_identifier",
    "service_tier", "prompt_cache_key", "verbosity", "metadata", "tools",
    "tool_choice", "parallel_tool_calls", "functions", "function_call",
    "response_format", "reasoning_effort", "reasoning", "thinking",
    "thinking_budget", "enable_thinking", "include_reasoning",
    "reasoning_format", "stream_options", "web_search_options",
    "logit_bias", "prediction", "modalities", "audio", "store", "moderation",
    "prompt_cache_options", "prompt_cache_retention", "safe_prompt", NULL
};


static int
ccp_chat_splice_among(const char *const *list, const char *name)
{
    for ( /* void */ ; *list; list++) {
        if (strcmp(*list, name) == 0) {
            return 1;
        }
    }

    return 0;
}


int
ccp_chat_splice_is_ruled(const ccp_provider_t *pr)
{
    return pr->user != NULL
           || strcmp(pr->name, ccp_provider_plain(pr->proto)->name) != 0;
}


int
ccp_chat_splice_thinks(const ccp_request_t *r, const ccp_provider_t *pr)
{
    int  wanted;

    wanted = ccp_think_wanted(&r->think);

    return wanted == 1 || pr->think_off == CCP_OFF_NEVER
           || (wanted == -1 && pr->think_default);
}


const char *
ccp_chat_member_name(ccp_chat_writer_t *w, const char *name)
{
    if (ccp_provider_drops(w->pr, name)) {
        ccp_request_note(w->r, w->x->arena, "%s: not taken by %s", name,
                         w->pr->name);
        return NULL;
    }

    return ccp_provider_field(w->pr, name);
}


/* The member's name as a string; 0: none that could be in a list. */

static int
ccp_chat_splice_key(ccp_str_t key, char *name)
{
    if (key.esc || key.n == 0 || key.n >= CCP_CHAT_SPLICE_NAME) {
        return 0;
    }

    memcpy(name, key.p, key.n);
    name[key.n] = '\0';

    return 1;
}


static void
ccp_chat_splice_drop(ccp_chat_splice_t *s, ccp_jval_t v, const char *name)
{
    ccp_edit_drop(s->e, v);
    ccp_request_note(s->r, s->e->arena, "%s: not taken by %s", name,
                     s->pr->name);
}


static int
ccp_chat_splice_refuses(ccp_chat_splice_t *s, const char *name)
{
    const ccp_provider_t  *plain;

    plain = ccp_provider_plain(CCP_CHAT);

    if (ccp_provider_drops(s->pr, name) && !ccp_provider_drops(plain, name)) {
        return 1;
    }

    if (ccp_chat_splice_among(ccp_chat_splice_samplers, name)
        && (s->pr->sampling == CCP_DROP
            || (s->pr->sampling == CCP_DROP_IF_THINKING && s->thinks)))
    {
        return 1;
    }

    if (s->preset && ccp_chat_splice_among(ccp_chat_splice_foreign, name)
        && !ccp_provider_samples(s->pr, name))
    {
        return 1;
    }

    if (s->preset && s->r->tools == NULL
        && (strcmp(name, "tool_choice") == 0
            || strcmp(name, "parallel_tool_calls") == 0))
    {
        /* a choice among nothing (T17) */
        return 1;
    }

    return (s->pr->stop_max < 0 && strcmp(name, "stop") == 0)
           || (s->pr->no_stream_opts && strcmp(name, "stream_options") == 0)
           || (s->pr->drop_format && s->r->tools
               && strcmp(name, "response_format") == 0)
           || (s->pr->par && strcmp(s->pr->par, "-") == 0
               && strcmp(name, "parallel_tool_calls") == 0)
           || (s->pr->think == CCP_RZ_NONE
               && strcmp(name, "reasoning_effort") == 0);
}


static void
ccp_chat_splice_temperature(ccp_chat_splice_t *s, ccp_jval_t v)
{
    char       *text;
    double      t, hi;
    ccp_out_t   o;

    t = ccp_json_num(v, 0);
    hi = s->pr->temp_hi > 0 ? s->pr->temp_hi : 2;

    if (ccp_json_type(v) != CCP_J_NUMBER
        || (t <= hi && (t > 0 || !s->pr->temp_open)))
    {
        return;
    }

    if (t <= hi) {
        ccp_edit_set(s->e, v, ccp_lit(CCP_CHAT_SPLICE_COLD));
        text = "raised from zero";

    } else {
        ccp_out_init(&o, s->e->arena, 0);
        ccp_w_num(&o, hi);
        s->e->err |= (ccp_out_finish(&o) != CCP_OK);
        ccp_edit_set(s->e, v, ccp_out_all(&o));
        text = "lowered";
    }

    ccp_request_note(s->r, s->e->arena, "temperature: %s for %s", text,
                     s->pr->name);
}


static void
ccp_chat_splice_stop(ccp_chat_splice_t *s, ccp_jval_t v)
{
    int          n;
    ccp_jiter_t  it;

    if (ccp_json_type(v) != CCP_J_ARRAY || s->pr->stop_max <= 0) {
        return;
    }

    for (n = 0, it = ccp_json_iter(v); ccp_json_next(&it); n++) {
        if (n >= s->pr->stop_max) {
            ccp_edit_drop(s->e, it.val);
        }
    }

    if (n > s->pr->stop_max) {
        ccp_request_note(s->r, s->e->arena, "stop: only the first %d are sent",
                         s->pr->stop_max);
    }
}


/* The provider's word for an effort, and for "some tool". */

static void
ccp_chat_splice_words(ccp_chat_splice_t *s, const char *name, ccp_jval_t v)
{
    char         buf[32], *copy;
    const char  *word;

    if (strcmp(name, "tool_choice") == 0) {
        word = s->pr->tc_any;

        if (word && s->r->tool_choice.mode == CCP_TC_ANY
            && ccp_json_type(v) == CCP_J_STRING)
        {
            ccp_edit_set_str(s->e, v, ccp_cstr(word));
        }

        return;
    }

    if ((!s->preset && s->pr->effort == NULL)
        || s->r->think.effort == CCP_EFFORT_UNSET)
    {
        return;
    }

    word = ccp_provider_effort(s->pr, s->r->think.effort, buf, sizeof(buf));

    if (word == NULL) {
        ccp_chat_splice_drop(s, v, name);

    } else if (!ccp_json_is(v, word)) {
        copy = ccp_alloc(s->e->arena, sizeof(buf));

        if (copy == NULL) {
            s->e->err = 1;
            return;
        }

        memcpy(copy, buf, sizeof(buf));
        ccp_edit_set_str(s->e, v, ccp_cstr(copy));
        ccp_request_note(s->r, s->e->arena, "reasoning_effort: sent as %s",
                         copy);
    }
}


static void
ccp_chat_splice_user(ccp_chat_splice_t *s, ccp_jval_t v)
{
    ccp_str_t  user;

    user = ccp_request_fit_user(s->e->arena, ccp_json_str(v),
                                CCP_CHAT_SPLICE_USER);

    if (user.p == NULL) {
        s->e->err |= (ccp_json_type(v) == CCP_J_STRING);

    } else if (s->preset && !ccp_str_eq(user, ccp_json_str(v))) {
        ccp_edit_set_str(s->e, v, user);
    }
}


static int64_t
ccp_chat_splice_within(ccp_chat_splice_t *s, int64_t n)
{
    n = s->pr->max_lo > n ? s->pr->max_lo : n;
    n = s->pr->max_hi > 0 && n > s->pr->max_hi ? s->pr->max_hi : n;

    return s->t->max_tokens > 0 && n > s->t->max_tokens ? s->t->max_tokens : n;
}


/* The limit that the provider needs, where the client gave none. */

static void
ccp_chat_splice_need_limit(ccp_chat_splice_t *s, const char *name)
{
    ccp_out_t   o;
    ccp_jval_t  v;

    v = ccp_json_get(s->r->root, name);

    if (v.doc) {
        ccp_edit_set_int(s->e, v, ccp_chat_splice_within(s, s->pr->max_req));
        return;
    }

    ccp_out_init(&o, s->e->arena, 0);
    ccp_w_int(&o, ccp_chat_splice_within(s, s->pr->max_req));
    s->e->err |= (ccp_out_finish(&o) != CCP_OK);
    ccp_edit_add(s->e, s->r->root, ccp_cstr(name), ccp_out_all(&o));
}


/* One name for the limit, and its bounds. */

static void
ccp_chat_splice_limit(ccp_chat_splice_t *s)
{
    int64_t      n, m;
    ccp_jval_t   v, other;
    const char  *want, *else_;

    want = s->pr->max_field;

    if (want == NULL) {
        want = s->preset ? "max_tokens" : NULL;
    }

    v = ccp_json_opt(s->r->root, want ? want : "max_completion_tokens");
    else_ = want && strcmp(want, "max_completion_tokens") == 0
            ? "max_tokens" : "max_completion_tokens";
    other = ccp_json_opt(s->r->root, want ? else_ : "max_tokens");

    if (want && v.doc && other.doc) {
        ccp_edit_drop(s->e, other);

    } else if (v.doc == NULL && other.doc) {
        v = other;

        if (want) {
            ccp_edit_name(s->e, v, ccp_cstr(want));
        }
    }

    if (v.doc == NULL && s->pr->max_req > 0) {
        ccp_chat_splice_need_limit(s, want ? want : "max_tokens");
        return;
    }

    n = ccp_json_int(v, 0);

    if (n <= 0) {
        return;
    }

    m = ccp_chat_splice_within(s, n);

    if (m != n) {
        ccp_edit_set_int(s->e, v, m);
    }
}


static void
ccp_chat_splice_member(ccp_chat_splice_t *s, const char *name, ccp_jval_t v)
{
    const char  *to;

    if (ccp_chat_splice_refuses(s, name)) {
        ccp_chat_splice_drop(s, v, name);
        return;
    }

    to = ccp_provider_field(s->pr, name);

    if (strcmp(name, "parallel_tool_calls") == 0 && s->pr->par) {
        to = s->pr->par;
    }

    if (strcmp(to, name) != 0) {
        if (ccp_json_get(s->r->root, to).doc) {
            ccp_edit_drop(s->e, v);
        } else {
            ccp_edit_name(s->e, v, ccp_cstr(to));
        }
    }

    if (strcmp(name, "temperature") == 0) {
        ccp_chat_splice_temperature(s, v);

    } else if (strcmp(name, "stop") == 0) {
        ccp_chat_splice_stop(s, v);

    } else if (strcmp(name, "user") == 0) {
        ccp_chat_splice_user(s, v);

    } else if (strcmp(name, "tool_choice") == 0
               || strcmp(name, "reasoning_effort") == 0)
    {
        ccp_chat_splice_words(s, name, v);
    }
}


/* Roles and names of messages. */

static void
ccp_chat_splice_messages(ccp_chat_splice_t *s)
{
    ccp_jval_t   v;
    ccp_jiter_t  it;
    const char  *role;

    static const char  *const roles[] = { "system", "developer", "user" };

    role = roles[s->pr->sys];

    for (it = ccp_json_iter(ccp_json_get(s->r->root, "messages"));
         ccp_json_next(&it); /* void */ )
    {
        v = ccp_json_get(it.val, "role");

        if ((ccp_json_is(v, "system") || ccp_json_is(v, "developer"))
            && !ccp_json_is(v, role)
            && (s->preset || s->pr->sys != CCP_SYS_SYSTEM))
        {
            ccp_edit_set_str(s->e, v, ccp_cstr(role));
        }

        if (s->pr->no_msg_name && !ccp_json_is(v, "tool")
            && !ccp_json_is(v, "function"))
        {
            v = ccp_json_get(it.val, "name");

            if (v.doc) {
                ccp_edit_drop(s->e, v);
            }
        }
    }
}


/* A schema as the provider reads it, where that isn't how it stands there. */

static void
ccp_chat_splice_schema(ccp_chat_splice_t *s, ccp_str_t schema, int strict)
{
    ccp_str_t   fit;
    ccp_jval_t  v;

    if (schema.p == NULL || strict == 1) {
        return;
    }

    v = ccp_json_at(&s->r->doc, schema);
    if (v.doc == NULL) {
        return;
    }

    fit = ccp_schema_of(s->e->arena, &s->r->doc, schema, CCP_SCHEMA_JSON,
                        s->pr->schema);
    if (fit.p == NULL) {
        s->e->err = 1;

    } else if (fit.p != schema.p) {
        ccp_edit_set(s->e, v, fit);
    }
}


static void
ccp_chat_splice_schemas(ccp_chat_splice_t *s)
{
    const ccp_tool_t  *t;

    for (t = s->r->tools; t && s->preset; t = t->next) {
        if (t->kind == CCP_T_FUNCTION) {
            ccp_chat_splice_schema(s, t->schema, t->strict);
        }
    }

    if (s->preset) {
        ccp_chat_splice_schema(s, s->r->out.schema, s->r->out.strict);
    }
}


int
ccp_chat_splice_edit(ccp_request_t *r, const ccp_target_t *t, ccp_edit_t *e,
    ccp_error_t *err)
{
    char               name[CCP_CHAT_SPLICE_NAME];
    ccp_jiter_t        it;
    ccp_chat_splice_t  s;

    memset(&s, 0, sizeof(ccp_chat_splice_t));
    s.r = r;
    s.t = t;
    s.pr = t->provider;
    s.e = e;
    s.preset = strcmp(s.pr->name, ccp_provider_plain(CCP_CHAT)->name) != 0;
    s.thinks = ccp_chat_splice_thinks(r, s.pr);

    if (r->n != CCP_UNSET_INT && r->n > 1
        && ccp_chat_splice_refuses(&s, "n"))
    {
        return ccp_refuse(err, e->arena, CCP_E_BAD_REQUEST,
                          "n: %lld answers can't be had from this target",
                          (long long) r->n);
    }

    ccp_chat_splice_limit(&s);
    ccp_chat_splice_messages(&s);
    ccp_chat_splice_schemas(&s);

    for (it = ccp_json_iter(r->root); ccp_json_next(&it); /* void */ ) {
        if (ccp_chat_splice_key(it.key, name)
            && !ccp_chat_splice_among(ccp_chat_splice_own_extensions, name))
        {
            ccp_chat_splice_member(&s, name, it.val);
        }
    }

    return CCP_OK;
}


void
ccp_chat_splice_carry(const ccp_request_t *r, const ccp_provider_t *pr,
    ccp_edit_t *e)
{
    char         name[CCP_CHAT_SPLICE_NAME];
    ccp_jval_t   root;
    ccp_jiter_t  it;
    const char  *to;

    root = ccp_json_root(e->doc);

    for (it = ccp_json_iter(r->root); ccp_json_next(&it); /* void */ ) {

        if (!ccp_chat_splice_key(it.key, name)
            || ccp_chat_splice_among(ccp_chat_splice_known, name)
            || ccp_provider_drops(pr, name))
        {
            continue;
        }

        to = ccp_provider_field(pr, name);

        if (ccp_json_get(root, to).doc == NULL) {
            ccp_edit_add(e, root, to == name ? it.key : ccp_cstr(to),
                         ccp_json_raw(it.val));
        }
    }
}
