
/*
 * Chat Completions request out: how a wish for reasoning is said, which every
 * provider spells in its own way.  The same words go into a body that is
 * written and into a client's that is edited.
 */

#include "codec/chat/chat_member.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"


typedef struct {
    ccp_chat_rules_t  *k;
    ccp_out_t         *o;      /* where a value goes */
    ccp_edit_t        *e;      /* of the client's body, or NULL */
    ccp_out_t          value;  /* … with this as the value */
    ccp_str_t          name;
    ccp_str_t          to;     /* as it is sent */
} ccp_chat_wish_t;


/* The members that a spelling is made of, and the words of a type. */

typedef struct {
    uint64_t     fields;
    const char  *on;
    const char  *off;
} ccp_chat_spelling_t;

static const ccp_chat_spelling_t  ccp_chat_spellings[] = {
    [CCP_RZ_NONE] = { 0, NULL, NULL },
    [CCP_RZ_EFFORT] = { CCP_FIELD(reasoning_effort), NULL, NULL },
    [CCP_RZ_OBJECT] = { CCP_FIELD(reasoning), NULL, NULL },
    [CCP_RZ_TYPE] = { CCP_FIELD(thinking), "enabled", "disabled" },
    [CCP_RZ_TYPE_EFFORT] = { CCP_FIELD(thinking) | CCP_FIELD(reasoning_effort),
                             "enabled", "disabled" },
    [CCP_RZ_ADAPTIVE] = { CCP_FIELD(thinking), "adaptive", "disabled" },
    [CCP_RZ_BUDGET] = { CCP_FIELD(thinking), "enabled", "disabled" },
    [CCP_RZ_ENABLE_THINKING] = { CCP_FIELD(enable_thinking)
                                 | CCP_FIELD(thinking_budget), NULL, NULL },
    [CCP_RZ_TEMPLATE] = { CCP_FIELD(chat_template_kwargs), NULL, NULL },
    [CCP_RZ_TEMPLATE_EFFORT] = { CCP_FIELD(chat_template_kwargs)
                                 | CCP_FIELD(reasoning_effort), NULL, NULL }
};


int
ccp_chat_think_passes(const ccp_chat_rules_t *k, ccp_field_e f)
{
    ccp_jval_t  v;

    if (k->verbatim || f == CCP_NFIELDS
        || !(CCP_CHAT_THINK & CCP_FIELD_BIT(f)))
    {
        return 1;
    }

    if (k->said & CCP_FIELD_BIT(f)) {
        return 0;
    }

    switch (f) {

    case CCP_FIELD_include_reasoning:
    case CCP_FIELD_reasoning_format:
        /* the object says that, too */
        return k->pr->think != CCP_RZ_OBJECT || k->wanted < 0;

    case CCP_FIELD_chat_template_kwargs:
        v = ccp_json_get(k->r->root, ccp_field_names[f]);

        if (!ccp_json_has(ccp_json_opt(v, "enable_thinking"))
            && !ccp_json_has(ccp_json_opt(v, "thinking")))
        {
            return 1;
        }

        break;

    default:
        break;
    }

    /* words that are none we know: the provider may */

    return k->wanted < 0
           && (ccp_chat_spellings[k->pr->think].fields & CCP_FIELD_BIT(f));
}


/* A member is begun; 0: the provider refuses it. */

static int
ccp_chat_wish_open(ccp_chat_wish_t *s, ccp_str_t name)
{
    char               key[CCP_CHAT_NAME_MAX];
    const char        *to;
    ccp_field_e        f;
    ccp_chat_rules_t  *k;

    k = s->k;
    f = ccp_field_find(name);
    s->name = name;
    s->to = name;

    if (ccp_chat_member_key(name, key)) {
        to = ccp_chat_judge(k, f, key);
        if (to == NULL) {
            return 0;
        }

        if (to != key) {
            s->to = ccp_cstr(to);
        }
    }

    k->said |= f != CCP_NFIELDS ? CCP_FIELD_BIT(f) : 0;

    if (s->e) {
        ccp_out_init(&s->value, k->a, 0);
        s->o = &s->value;

    } else {
        ccp_w_keys(s->o, s->to);
    }

    return 1;
}


/* It ends: in place of the client's member of that name, if there is one. */

static void
ccp_chat_wish_close(ccp_chat_wish_t *s)
{
    ccp_str_t   text;
    ccp_jval_t  v;

    if (s->e == NULL) {
        return;
    }

    s->e->err |= (ccp_out_finish(&s->value) != CCP_OK);
    text = ccp_out_all(&s->value);
    v = ccp_json_member(s->k->r->root, (const char *) s->name.p, s->name.n);

    if (v.doc == NULL) {
        ccp_edit_add(s->e, s->k->r->root, s->to, text);
        return;
    }

    if (s->to.p != s->name.p) {
        ccp_edit_name(s->e, v, s->to);
    }

    if (!ccp_str_eq(ccp_json_raw(v), text)) {
        ccp_edit_set(s->e, v, text);
        ccp_request_note(s->k->r, s->k->a, "%.*s: sent as %.*s",
                         (int) s->name.n, (const char *) s->name.p,
                         (int) text.n - 2 * (*text.p == '"'),
                         (const char *) text.p + (*text.p == '"'));
    }
}


/* The object ends with what a Chat client's says beside the wish. */

static void
ccp_chat_wish_end(ccp_chat_wish_t *s)
{
    size_t       i;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    static const char  *const known[] = {
        "type", "budget_tokens", "effort", "max_tokens", "enabled", "exclude",
        "enable_thinking", "thinking"
    };

    v = s->k->own ? ccp_json_member(s->k->r->root, (const char *) s->name.p,
                                    s->name.n)
                  : ccp_jabsent;

    if (ccp_json_type(v) == CCP_J_OBJECT) {

        for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */ ) {

            for (i = 0; i < ccp_countof(known); i++) {
                if (ccp_str_is(it.key, known[i])) {
                    break;
                }
            }

            if (i == ccp_countof(known)) {
                ccp_w_keys(s->o, it.key);
                ccp_w_raw(s->o, ccp_json_raw(it.val));
            }
        }
    }

    ccp_w_obj_end(s->o);
    ccp_chat_wish_close(s);
}


/* A budget below the limit, so that there is room for an answer. */

static int64_t
ccp_chat_fit_budget(const ccp_chat_rules_t *k, int64_t budget)
{
    return k->max != CCP_UNSET_INT && budget >= k->max ? k->max - 1 : budget;
}


static void
ccp_chat_wish_effort(ccp_chat_wish_t *s, const char *word)
{
    if (word && ccp_chat_wish_open(s, ccp_lit("reasoning_effort"))) {
        ccp_w_cstr(s->o, word);
        ccp_chat_wish_close(s);
    }
}


static void
ccp_chat_wish_type(ccp_chat_wish_t *s, const char *type, int64_t budget)
{
    if (!ccp_chat_wish_open(s, ccp_lit("thinking"))) {
        return;
    }

    ccp_w_obj(s->o);
    ccp_w_kcstr(s->o, "type", type);

    if (budget > 0) {
        ccp_w_kint(s->o, "budget_tokens", budget);
    }

    ccp_chat_wish_end(s);
}


/* OpenRouter's object: {"effort":…} or {"max_tokens":…}, {"enabled":true}. */

static void
ccp_chat_wish_object(ccp_chat_wish_t *s, const char *word)
{
    int64_t             budget;
    const ccp_think_t  *th;

    th = &s->k->r->think;
    budget = s->k->wanted == 1 && th->effort == CCP_EFFORT_UNSET
             && th->budget > 0
             ? ccp_chat_fit_budget(s->k, th->budget) : 0;

    if ((s->k->wanted == 0 && word == NULL)
        || !ccp_chat_wish_open(s, ccp_lit("reasoning")))
    {
        return;
    }

    ccp_w_obj(s->o);

    if (budget > 0) {
        ccp_w_kint(s->o, "max_tokens", budget);

    } else if (word) {
        ccp_w_kcstr(s->o, "effort", word);

    } else {
        ccp_w_kbool(s->o, "enabled", 1);
    }

    if (th->display == CCP_DISPLAY_OMIT) {
        ccp_w_kbool(s->o, "exclude", 1);
    }

    ccp_chat_wish_end(s);
}


/* Variables of the model's template; both: of several families' templates. */

static void
ccp_chat_wish_template(ccp_chat_wish_t *s, int both)
{
    if (!ccp_chat_wish_open(s, ccp_lit("chat_template_kwargs"))) {
        return;
    }

    ccp_w_obj(s->o);
    ccp_w_kbool(s->o, "enable_thinking", s->k->wanted);

    if (both) {
        ccp_w_kbool(s->o, "thinking", s->k->wanted);
    }

    ccp_chat_wish_end(s);
}


static void
ccp_chat_wish_enable(ccp_chat_wish_t *s)
{
    int64_t  budget;

    if (ccp_chat_wish_open(s, ccp_lit("enable_thinking"))) {
        ccp_w_bool(s->o, s->k->wanted);
        ccp_chat_wish_close(s);
    }

    budget = ccp_chat_fit_budget(s->k, s->k->r->think.budget);

    if (s->k->wanted && budget > 0
        && ccp_chat_wish_open(s, ccp_lit("thinking_budget")))
    {
        ccp_w_int(s->o, budget);
        ccp_chat_wish_close(s);
    }
}


/*
 * One spelling for one provider, never a switch and an effort that
 * contradict each other (T30).
 */

static void
ccp_chat_wish_write(ccp_chat_wish_t *s)
{
    int                         on, off;
    int64_t                     budget;
    const char                 *word;
    const ccp_provider_t       *pr;
    const ccp_chat_spelling_t  *sw;

    pr = s->k->pr;
    on = s->k->wanted;
    word = ccp_provider_effort(pr, ccp_think_effort(&s->k->r->think));

    if (!on && pr->think_off == CCP_OFF_OMIT) {
        ccp_request_note(s->k->r, s->k->a,
                         "reasoning: can't be turned off at %s", pr->name);
    }

    sw = &ccp_chat_spellings[pr->think];

    if (sw->fields == CCP_FIELD(reasoning)) {
        ccp_chat_wish_object(s, word);
        return;
    }

    /* where there is no switch, at most the least effort */

    off = !on && (pr->think_off == CCP_OFF_NEVER
                  || pr->think_off == CCP_OFF_OMIT);

    if (!off && sw->on) {
        budget = on && pr->think == CCP_RZ_BUDGET
                 ? ccp_think_budget(&s->k->r->think) : 0;
        ccp_chat_wish_type(s, on ? sw->on : sw->off,
                           ccp_chat_fit_budget(s->k, budget));
    }

    if (!off && (sw->fields & CCP_FIELD(enable_thinking))) {
        ccp_chat_wish_enable(s);
    }

    if (!off && (sw->fields & CCP_FIELD(chat_template_kwargs))) {
        ccp_chat_wish_template(s, pr->think == CCP_RZ_TEMPLATE_EFFORT);
    }

    if ((sw->fields & CCP_FIELD(reasoning_effort))
        && (on || off || pr->think == CCP_RZ_EFFORT))
    {
        ccp_chat_wish_effort(s, word);
    }
}


/* "tool_stream:true,prompt_mode:reasoning": fields beside the wish; a Chat
 * client's own word on them is kept. */

static void
ccp_chat_wish_extra(ccp_chat_wish_t *s)
{
    size_t       n;
    ccp_str_t    name, value;
    const char  *p, *colon;

    for (p = s->k->pr->think_extra; p && *p; p += n + (p[n] == ',')) {
        n = strcspn(p, ",");
        colon = memchr(p, ':', n);

        if (colon == NULL) {
            continue;
        }

        name = (ccp_str_t) { (const uint8_t *) p, (size_t) (colon - p), 0, 0 };
        value = ccp_none;
        value.p = (const uint8_t *) colon + 1;
        value.n = n - (size_t) (colon + 1 - p);

        if ((s->k->own
             && ccp_json_member(s->k->r->root, p, name.n).doc != NULL)
            || !ccp_chat_wish_open(s, name))
        {
            continue;
        }

        if (ccp_str_is(value, "true") || ccp_str_is(value, "false")) {
            ccp_w_raw(s->o, value);

        } else {
            ccp_w_str(s->o, value);
        }

        ccp_chat_wish_close(s);
    }
}


void
ccp_chat_write_think(ccp_chat_rules_t *k, ccp_out_t *body, ccp_edit_t *e)
{
    ccp_chat_wish_t  s;

    if (k->verbatim) {
        return;
    }

    memset(&s, 0, sizeof(ccp_chat_wish_t));
    s.k = k;
    s.o = body;
    s.e = e;

    if (ccp_chat_spellings[k->pr->think].fields == 0) {
        if (k->wanted == 1 && e == NULL) {
            ccp_request_note(k->r, k->a, "reasoning: no switch for it at %s",
                             k->pr->name);
        }

    } else if (k->wanted >= 0) {
        ccp_chat_wish_write(&s);
    }

    if (k->thinks) {
        ccp_chat_wish_extra(&s);
    }
}
