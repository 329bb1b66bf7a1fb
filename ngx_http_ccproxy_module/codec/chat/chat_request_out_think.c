
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


void
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
