
/*
 * Chat Completions request out: how a wish for reasoning is said, which every
 * provider spells in its own way.
 */

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"


/* A budget below the limit, so that there is room for an answer. */

static int64_t
ccp_chat_fit_budget(ccp_chat_writer_t *w, int64_t budget)
{
    if (w->max != CCP_UNSET_INT && budget >= w->max) {
        return w->max - 1;
    }

    return budget;
}


static void
ccp_chat_write_type(ccp_chat_writer_t *w, const char *type, int64_t budget)
{
    ccp_w_key(w->o, "thinking");
    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "type", type);

    if (budget > 0) {
        ccp_w_kint(w->o, "budget_tokens", budget);
    }

    ccp_w_obj_end(w->o);
}


/* OpenRouter's object: {"effort":…} or {"max_tokens":…}, {"enabled":true}. */

static void
ccp_chat_write_reasoning(ccp_chat_writer_t *w, const char *word)
{
    int64_t             budget;
    ccp_out_t          *out;
    const ccp_think_t  *th;

    th = &w->r->think;
    out = w->o;
    budget = w->wanted == 1 && th->effort == CCP_EFFORT_UNSET
             && th->budget > 0
             ? ccp_chat_fit_budget(w, th->budget) : 0;

    if (w->wanted == 0 && word == NULL) {
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
ccp_chat_write_template(ccp_chat_writer_t *w)
{
    ccp_w_key(w->o, "chat_template_kwargs");
    ccp_w_obj(w->o);
    ccp_w_kbool(w->o, "enable_thinking", w->wanted);
    ccp_w_obj_end(w->o);
}


static void
ccp_chat_write_enable(ccp_chat_writer_t *w)
{
    int64_t  budget;

    ccp_w_kbool(w->o, "enable_thinking", w->wanted);

    budget = ccp_chat_fit_budget(w, ccp_think_budget(&w->r->think));

    if (w->wanted && w->r->think.budget > 0 && budget > 0) {
        ccp_w_kint(w->o, "thinking_budget", budget);
    }
}


/*
 * One spelling for one provider, never a switch and an effort that
 * contradict each other (T30).
 */

static void
ccp_chat_write_wish(ccp_chat_writer_t *w)
{
    int64_t      budget;
    char         buf[32];
    const char  *word;

    word = ccp_provider_effort(w->pr, ccp_think_effort(&w->r->think), buf,
                               sizeof(buf));

    if (w->wanted == 0 && w->pr->think_off == CCP_OFF_OMIT) {
        ccp_request_note(w->r, w->x->arena,
                         "reasoning: can't be turned off at %s", w->pr->name);
    }

    if (w->pr->think == CCP_RZ_EFFORT) {
        ccp_w_kstr_opt(w->o, "reasoning_effort",
                       word ? ccp_cstr(word) : ccp_none);
        return;
    }

    if (w->pr->think == CCP_RZ_OBJECT) {
        ccp_chat_write_reasoning(w, word);
        return;
    }

    if (w->wanted == 0 && (w->pr->think_off == CCP_OFF_NEVER
                           || w->pr->think_off == CCP_OFF_OMIT))
    {
        /* no switch: at most the least effort */
        if (w->pr->think == CCP_RZ_TYPE_EFFORT && word) {
            ccp_w_kcstr(w->o, "reasoning_effort", word);
        }

        return;
    }

    switch (w->pr->think) {

    case CCP_RZ_TYPE:
        ccp_chat_write_type(w, w->wanted ? "enabled" : "disabled", 0);
        break;

    case CCP_RZ_TYPE_EFFORT:
        ccp_chat_write_type(w, w->wanted ? "enabled" : "disabled", 0);

        if (w->wanted && word) {
            ccp_w_kcstr(w->o, "reasoning_effort", word);
        }

        break;

    case CCP_RZ_ADAPTIVE:
        ccp_chat_write_type(w, w->wanted ? "adaptive" : "disabled", 0);
        break;

    case CCP_RZ_BUDGET:
        budget = ccp_chat_fit_budget(w, ccp_think_budget(&w->r->think));
        ccp_chat_write_type(w, w->wanted ? "enabled" : "disabled",
                            w->wanted ? budget : 0);
        break;

    case CCP_RZ_ENABLE_THINKING:
        ccp_chat_write_enable(w);
        break;

    case CCP_RZ_TEMPLATE:
        ccp_chat_write_template(w);
        break;

    default:
        break;
    }
}


/* "tool_stream:true,prompt_mode:reasoning": fields beside the wish. */

static void
ccp_chat_write_extra(ccp_chat_writer_t *w)
{
    size_t       n;
    ccp_str_t    value;
    const char  *p, *colon;

    for (p = w->pr->think_extra; p && *p; p += n + (p[n] == ',')) {
        n = strcspn(p, ",");
        colon = memchr(p, ':', n);

        if (colon == NULL) {
            continue;
        }

        value = ccp_none;
        value.p = (const uint8_t *) colon + 1;
        value.n = n - (size_t) (colon + 1 - p);

        ccp_w_keys(w->o, (ccp_str_t) { (const uint8_t *) p,
                                       (size_t) (colon - p), 0, 0 });

        if (ccp_str_is(value, "true") || ccp_str_is(value, "false")) {
            ccp_w_raw(w->o, value);

        } else {
            ccp_w_str(w->o, value);
        }
    }
}


void
ccp_chat_write_think(ccp_chat_writer_t *w)
{
    if (w->pr->think == CCP_RZ_NONE) {
        if (w->wanted == 1) {
            ccp_request_note(w->r, w->x->arena,
                             "reasoning: no switch for it at %s", w->pr->name);
        }

    } else if (w->wanted >= 0) {
        ccp_chat_write_wish(w);
    }

    if (w->thinks) {
        ccp_chat_write_extra(w);
    }
}
