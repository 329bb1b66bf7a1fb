
/*
 * Members of a Chat request at one target: what the provider's rules come to,
 * and the client's body edited by them.
 */

#include <limits.h>

#include "codec/chat/chat_member.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/schema/schema.h"
#include "codec/proto/proto_out.h"


#define CCP_CHAT_STOP_MAX   4      /* of the protocol's document */
#define CCP_CHAT_TEMP_LEAST 0.01   /* where zero itself is refused */

/* Refused by models that reason. */
#define CCP_CHAT_SAMPLING                                                     \
    (CCP_FIELD(temperature) | CCP_FIELD(top_p)                                \
     | CCP_FIELD(frequency_penalty) | CCP_FIELD(presence_penalty)             \
     | CCP_FIELD(logit_bias) | CCP_FIELD(logprobs) | CCP_FIELD(top_logprobs)  \
     | CCP_CHAT_EXTENSIONS)

/* No part of OpenAI's own API. */
#define CCP_CHAT_EXTENSIONS                                                   \
    (CCP_FIELD(top_k) | CCP_FIELD(min_p) | CCP_FIELD(repetition_penalty))

/* Each has its place, and edits of its kind. */
#define CCP_CHAT_PLACED                                                       \
    (CCP_FIELD(model) | CCP_FIELD(messages) | CCP_FIELD(stream)               \
     | CCP_FIELD(max_tokens) | CCP_FIELD(max_completion_tokens))


typedef struct {
    ccp_chat_rules_t  k;
    ccp_edit_t       *e;
} ccp_chat_splice_t;


int
ccp_chat_splice_is_ruled(const ccp_provider_t *pr)
{
    return pr->user != NULL
           || strcmp(pr->name, ccp_provider_plain(pr->proto)->name) != 0;
}


/* Members that this provider or model refuses, now. */

static uint64_t
ccp_chat_refused(const ccp_chat_rules_t *k)
{
    uint64_t               set;
    const ccp_provider_t  *pr;

    pr = k->pr;
    set = pr->made.drop;

    if (pr->sampling == CCP_DROP
        || (pr->sampling == CCP_DROP_IF_THINKING && k->thinks))
    {
        set |= CCP_CHAT_SAMPLING;
    }

    if (k->preset || !k->own) {
        set |= CCP_CHAT_EXTENSIONS & ~pr->made.samplers;
    }

    if (k->preset && k->r->tools == NULL) {
        /* a choice among nothing (T17) */
        set |= CCP_FIELD(tool_choice) | CCP_FIELD(parallel_tool_calls);
    }

    if (pr->stop_max < 0) {
        set |= CCP_FIELD(stop);
    }

    if (pr->no_stream_opts) {
        set |= CCP_FIELD(stream_options);
    }

    if (pr->drop_format && k->r->tools) {
        set |= CCP_FIELD(response_format);
    }

    if (pr->par && strcmp(pr->par, "-") == 0) {
        set |= CCP_FIELD(parallel_tool_calls);
    }

    return set;
}


int64_t
ccp_chat_fit_limit(const ccp_chat_rules_t *k, int64_t n)
{
    n = k->pr->max_lo > n ? k->pr->max_lo : n;
    n = k->pr->max_hi > 0 && n > k->pr->max_hi ? k->pr->max_hi : n;

    return k->t->max_tokens > 0 && n > k->t->max_tokens ? k->t->max_tokens : n;
}


void
ccp_chat_rules(ccp_chat_rules_t *k, ccp_request_t *r, const ccp_target_t *t,
    ccp_arena_t *a)
{
    unsigned               tc;
    const ccp_provider_t  *pr, *plain;

    pr = t->provider;
    plain = ccp_provider_plain(CCP_CHAT);

    memset(k, 0, sizeof(ccp_chat_rules_t));
    k->r = r;
    k->t = t;
    k->pr = pr;
    k->a = a;
    k->own = r->proto == CCP_CHAT;
    k->preset = strcmp(pr->name, plain->name) != 0;
    k->wanted = ccp_think_wanted(&r->think);
    k->thinks = k->wanted == 1 || pr->think_off == CCP_OFF_NEVER
                || (k->wanted == -1 && pr->think_default);
    k->verbatim = k->own && !k->preset && pr->think == plain->think
                  && pr->think_off == plain->think_off && pr->effort == NULL
                  && pr->think_extra == NULL;

    tc = k->thinks && pr->tc_think ? pr->tc_think : pr->tc;
    k->tc = tc ? tc : CCP_CHAT_TC_ALL;

    k->max = r->max_tokens != CCP_UNSET_INT && r->max_tokens > 0
             ? r->max_tokens : pr->max_req;
    k->max = k->max > 0 ? ccp_chat_fit_limit(k, k->max) : CCP_UNSET_INT;

    k->refused = ccp_chat_refused(k);
}


const char *
ccp_chat_judge(ccp_chat_rules_t *k, ccp_field_e f, const char *name)
{
    if (f == CCP_NFIELDS ? ccp_provider_drops_other(k->pr, ccp_cstr(name))
                         : (k->refused & CCP_FIELD_BIT(f)) != 0)
    {
        ccp_request_note(k->r, k->a, "%s: not taken by %s", name, k->pr->name);
        return NULL;
    }

    if (f == CCP_FIELD_parallel_tool_calls && k->pr->par) {
        return k->pr->par;
    }

    return ccp_provider_field(k->pr, name);
}


int
ccp_chat_member_key(ccp_str_t key, char name[CCP_CHAT_NAME_MAX])
{
    if (key.esc || key.n == 0 || key.n >= CCP_CHAT_NAME_MAX) {
        return 0;
    }

    memcpy(name, key.p, key.n);
    name[key.n] = '\0';

    return 1;
}


ccp_str_t
ccp_chat_fit_temperature(ccp_chat_rules_t *k, ccp_str_t number)
{
    double     v, hi, lo;
    ccp_out_t  o;

    v = ccp_str_double(number);
    lo = k->pr->temp_open ? CCP_CHAT_TEMP_LEAST : 0;
    hi = k->pr->temp_hi > 0 ? k->pr->temp_hi : 2;

    if (v <= hi && (k->pr->temp_open ? v > 0 : v >= 0)) {
        return number;
    }

    ccp_out_init(&o, k->a, 0);
    ccp_w_num(&o, v > hi ? hi : lo);

    ccp_request_note(k->r, k->a, "temperature: %s to %g",
                     v > hi ? "lowered" : "raised", v > hi ? hi : lo);

    return ccp_out_finish(&o) == CCP_OK ? ccp_out_all(&o) : ccp_none;
}


int
ccp_chat_stop_max(const ccp_chat_rules_t *k)
{
    if (k->pr->stop_max != 0) {
        return k->pr->stop_max;
    }

    /* a Chat client knows the provider better than the document does */

    return k->own ? INT_MAX : CCP_CHAT_STOP_MAX;
}


/* ---- the splice ---- */

static void
ccp_chat_splice_temperature(ccp_chat_splice_t *s, ccp_jval_t v)
{
    ccp_str_t  is, fit;

    if (ccp_json_type(v) != CCP_J_NUMBER) {
        return;
    }

    is = ccp_json_number(v);
    fit = ccp_chat_fit_temperature(&s->k, is);

    if (fit.p == NULL) {
        s->e->err = 1;

    } else if (fit.p != is.p) {
        ccp_edit_set(s->e, v, fit);
    }
}


static void
ccp_chat_splice_stop(ccp_chat_splice_t *s, ccp_jval_t v)
{
    int          n, max;
    ccp_jiter_t  it;

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return;
    }

    max = ccp_chat_stop_max(&s->k);

    for (n = 0, it = ccp_json_iter(v); ccp_json_next(&it); n++) {
        if (n >= max) {
            ccp_edit_drop(s->e, it.val);
        }
    }

    if (n > max) {
        ccp_request_note(s->k.r, s->k.a, "stop: only the first %d are sent",
                         max);
    }
}


static void
ccp_chat_splice_user(ccp_chat_splice_t *s, ccp_jval_t v)
{
    ccp_str_t  user;

    user = ccp_request_fit_user(s->k.a, ccp_json_str(v), CCP_CHAT_USER_MAX);

    if (user.p == NULL) {
        s->e->err |= (ccp_json_type(v) == CCP_J_STRING);

    } else if (s->k.preset && !ccp_str_eq(user, ccp_json_str(v))) {
        ccp_edit_set_str(s->e, v, user);
    }
}


/* One name for the limit, and its bounds; one where the provider needs it. */

static void
ccp_chat_splice_limit(ccp_chat_splice_t *s)
{
    size_t       i;
    int64_t      n;
    ccp_out_t    o;
    ccp_jval_t   v, kept, root;
    const char  *want;

    static const char  *const names[] = {
        "max_completion_tokens", "max_tokens"
    };

    root = s->k.r->root;
    kept = ccp_jabsent;
    want = s->k.pr->max_field;

    if (want == NULL && s->k.preset) {
        want = "max_tokens";
    }

    for (i = 0; i < ccp_countof(names); i++) {
        v = ccp_json_opt(root, names[i]);

        if (v.doc == NULL) {
            continue;
        }

        if (want && kept.doc) {
            ccp_edit_drop(s->e, v);
            continue;
        }

        if (want && strcmp(names[i], want) != 0) {
            if (ccp_json_has(ccp_json_opt(root, want))) {
                ccp_edit_drop(s->e, v);
                continue;
            }

            ccp_edit_name(s->e, v, ccp_cstr(want));
        }

        kept = v;
        n = ccp_json_int(v, 0);

        if (n > 0 && ccp_chat_fit_limit(&s->k, n) != n) {
            ccp_edit_set_int(s->e, v, ccp_chat_fit_limit(&s->k, n));
        }
    }

    if (kept.doc || s->k.max == CCP_UNSET_INT) {
        return;
    }

    want = want ? want : "max_tokens";
    v = ccp_json_get(root, want);

    if (v.doc) {
        ccp_edit_set_int(s->e, v, s->k.max);
        return;
    }

    ccp_out_init(&o, s->k.a, 0);
    ccp_w_int(&o, s->k.max);
    s->e->err |= (ccp_out_finish(&o) != CCP_OK);
    ccp_edit_add(s->e, root, ccp_cstr(want), ccp_out_all(&o));
}


static void
ccp_chat_splice_member(ccp_chat_splice_t *s, ccp_field_e f, const char *name,
    ccp_jval_t v)
{
    const char  *to;

    if (f != CCP_NFIELDS && (s->k.said & CCP_FIELD_BIT(f))) {
        return;
    }

    if (!ccp_chat_think_passes(&s->k, f)) {
        ccp_edit_drop(s->e, v);

        /* nothing is lost where other members say it */

        if (!(s->k.said & CCP_CHAT_THINK)) {
            ccp_request_note(s->k.r, s->k.a, "%s: not taken by %s", name,
                             s->k.pr->name);
        }

        return;
    }

    to = ccp_chat_judge(&s->k, f, name);

    if (to == NULL || (to != name && strcmp(to, name) != 0
                       && ccp_json_get(s->k.r->root, to).doc))
    {
        ccp_edit_drop(s->e, v);
        return;
    }

    if (strcmp(to, name) != 0) {
        ccp_edit_name(s->e, v, ccp_cstr(to));
    }

    switch (f) {

    case CCP_FIELD_temperature:
        ccp_chat_splice_temperature(s, v);
        break;

    case CCP_FIELD_stop:
        ccp_chat_splice_stop(s, v);
        break;

    case CCP_FIELD_user:
        ccp_chat_splice_user(s, v);
        break;

    case CCP_FIELD_tool_choice:
        if (s->k.pr->tc_any && s->k.r->tool_choice.mode == CCP_TC_ANY
            && ccp_json_type(v) == CCP_J_STRING)
        {
            ccp_edit_set_str(s->e, v, ccp_cstr(s->k.pr->tc_any));
        }

        break;

    default:
        break;
    }
}


/* An assistant message without words and calls, which servers refuse. */

static int
ccp_chat_splice_is_silent(ccp_jval_t m)
{
    ccp_jval_t   content;
    ccp_jiter_t  it;

    content = ccp_json_get(m, "content");

    if (ccp_json_type(content) == CCP_J_ARRAY ? ccp_json_count(content) > 0
                                              : ccp_json_text(content))
    {
        return 0;
    }

    for (it = ccp_json_iter(m); ccp_json_next(&it); ) {
        if (!ccp_str_is(it.key, "role") && !ccp_str_is(it.key, "content")
            && ccp_json_has(it.val)
            && (ccp_json_type(it.val) != CCP_J_ARRAY
                || ccp_json_count(it.val) > 0))
        {
            return 0;
        }
    }

    return 1;
}


/* Words of the assistant's at the end, as the provider wants them. */

static void
ccp_chat_splice_prefill(ccp_chat_splice_t *s, ccp_jval_t m)
{
    const char  *name;

    if (s->k.pr->prefill == CCP_PREFILL_NONE) {
        ccp_edit_last(s->e, ccp_json_get(s->k.r->root, "messages"),
                      ccp_lit("{\"role\":\"user\",\"content\":\""
                              CCP_CHAT_GO_ON "\"}"));
        return;
    }

    name = s->k.pr->prefill == CCP_PREFILL_PREFIX ? "prefix" : "partial";

    if (s->k.pr->prefill != CCP_PREFILL_KEEP
        && !ccp_json_has(ccp_json_get(m, name))
        && ccp_json_count(ccp_json_opt(m, "tool_calls")) == 0)
    {
        ccp_edit_add(s->e, m, ccp_cstr(name), ccp_lit("true"));
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

    role = roles[s->k.pr->sys];

    for (it = ccp_json_iter(ccp_json_get(s->k.r->root, "messages"));
         ccp_json_next(&it); /* void */ )
    {
        v = ccp_json_get(it.val, "role");

        if (s->k.preset && ccp_json_is(v, "assistant")) {
            if (ccp_chat_splice_is_silent(it.val)) {
                ccp_edit_drop(s->e, it.val);
                continue;
            }

            if (it.pos >= it.end) {
                ccp_chat_splice_prefill(s, it.val);
            }
        }

        if ((ccp_json_is(v, "system") || ccp_json_is(v, "developer"))
            && !ccp_json_is(v, role)
            && (s->k.preset || s->k.pr->sys != CCP_SYS_SYSTEM))
        {
            ccp_edit_set_str(s->e, v, ccp_cstr(role));
        }

        if (s->k.pr->no_msg_name && !ccp_json_is(v, "tool")
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
ccp_chat_splice_schema(ccp_chat_splice_t *s, ccp_str_t schema, int strict,
    ccp_schema_root_e root)
{
    ccp_str_t   fit;
    ccp_jval_t  v;

    if (schema.p == NULL || strict == 1) {
        return;
    }

    v = ccp_json_at(&s->k.r->doc, schema);
    if (v.doc == NULL) {
        return;
    }

    fit = ccp_schema_of(s->k.a, &s->k.r->doc, schema, CCP_SCHEMA_JSON,
                        s->k.pr->schema, root);
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

    for (t = s->k.r->tools; t && s->k.preset; t = t->next) {
        if (t->kind == CCP_T_FUNCTION) {
            ccp_chat_splice_schema(s, t->schema, t->strict, CCP_SCHEMA_ARGS);
        }
    }

    if (s->k.preset) {
        ccp_chat_splice_schema(s, s->k.r->out.schema, s->k.r->out.strict,
                               ccp_schema_answer_root(s->k.pr->schema));
    }
}


int
ccp_chat_splice_edit(ccp_request_t *r, const ccp_target_t *t, ccp_edit_t *e,
    ccp_error_t *err)
{
    char               name[CCP_CHAT_NAME_MAX];
    ccp_field_e        f;
    ccp_jiter_t        it;
    ccp_chat_splice_t  s;

    s.e = e;
    ccp_chat_rules(&s.k, r, t, e->arena);

    if (r->n != CCP_UNSET_INT && r->n > 1
        && (s.k.refused & CCP_FIELD(n)))
    {
        return ccp_refuse(err, e->arena, CCP_E_BAD_REQUEST,
                          "n: %lld answers can't be had from this target",
                          (long long) r->n);
    }

    ccp_chat_splice_limit(&s);
    ccp_chat_splice_messages(&s);
    ccp_chat_splice_schemas(&s);
    ccp_chat_write_think(&s.k, NULL, e);

    for (it = ccp_json_iter(r->root); ccp_json_next(&it); /* void */ ) {
        f = ccp_field_find(it.key);

        if (ccp_chat_member_key(it.key, name)
            && (f == CCP_NFIELDS || !(CCP_CHAT_PLACED & CCP_FIELD_BIT(f))))
        {
            ccp_chat_splice_member(&s, f, name, it.val);
        }
    }

    return CCP_OK;
}
