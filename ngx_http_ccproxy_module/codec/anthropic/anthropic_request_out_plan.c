
/*
 * Anthropic Messages, request out: what has to be settled before the first
 * byte: limits, thinking, cache marks.
 */

#include "codec/anthropic/anthropic_request.h"
#include "codec/form/form_block.h"
#include "codec/form/form_error.h"
#include "codec/form/form_think.h"
#include "codec/prepare/prepare.h"


int
ccp_anthropic_goes_back(const ccp_anthropic_writer_t *w, const ccp_block_t *b)
{
    return w->pr->replay != CCP_RP_NONE && b->origin == CCP_ANTHROPIC
           && b->sig.n != 0
           && (b->sig_model == 0 || b->sig_model == w->family);
}


static int
ccp_anthropic_count_marks(const ccp_block_t *b)
{
    int  n;

    for (n = 0; b; b = b->next) {
        n += (b->cache != CCP_CACHE_NONE);
        n += ccp_anthropic_count_marks(b->parts);
    }

    return n;
}


/*
 * Cache marks: the client's, up to the limit with the latest kept; from
 * clients without any, ours on system, tools and the user's last turn.
 */

static void
ccp_anthropic_plan_marks(ccp_anthropic_writer_t *w)
{
    int                   msgs, rest, surplus;
    const ccp_tool_t     *t;
    const ccp_message_t  *m;

    w->marks = (w->pr->cache == CCP_CC_KEEP
                || w->pr->cache == CCP_CC_KEEP_TEXT);

    if (!w->marks) {
        return;
    }

    msgs = 0;
    rest = ccp_anthropic_count_marks(w->r->system);

    for (t = w->r->tools; t; t = t->next) {
        rest += (t->cache != CCP_CACHE_NONE);
    }

    for (m = w->r->msgs; m; m = m->next) {
        msgs += ccp_anthropic_count_marks(m->blocks);
    }

    if (w->same) {
        return;
    }

    w->automark = (msgs + rest == 0 && w->r->cache_auto == CCP_CACHE_NONE);

    surplus = msgs + rest - CCP_ANTHROPIC_MARKS;

    if (surplus > 0) {
        w->skip_msgs = surplus < msgs ? surplus : msgs;
        w->skip_rest = surplus - w->skip_msgs;
        ccp_request_note(w->r, w->a, "cache marks: %d over the limit dropped",
                         surplus);
    }
}


/*
 * With a thinking budget a tool loop must go on with the signed thinking of
 * its last call; clients of other protocols may have lost it.
 */

static int
ccp_anthropic_loop_unsigned(ccp_anthropic_writer_t *w)
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
        if (b->kind == CCP_B_THINK && ccp_anthropic_goes_back(w, b)) {
            return 0;
        }
    }

    return 1;
}


static int
ccp_anthropic_is_forced(const ccp_request_t *r)
{
    if (r->tools == NULL) {
        return 0;
    }

    return r->tool_choice.mode == CCP_TC_ANY
           || r->tool_choice.mode == CCP_TC_NAMED
           || (r->tool_choice.mode == CCP_TC_ALLOWED && r->tool_choice.any);
}


static int64_t
ccp_anthropic_cap_tokens(const ccp_anthropic_writer_t *w, int64_t v)
{
    if (w->pr->max_hi > 0 && v > w->pr->max_hi) {
        v = w->pr->max_hi;
    }

    if (w->x->target->max_tokens > 0 && v > w->x->target->max_tokens) {
        v = w->x->target->max_tokens;
    }

    return v < w->pr->max_lo ? w->pr->max_lo : v;
}


/* Thinking needs 1024 tokens at least and less than max_tokens. */

static void
ccp_anthropic_plan_budget(ccp_anthropic_writer_t *w)
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
        w->max_tokens = ccp_anthropic_cap_tokens(w, w->max_tokens + w->budget);
    }

    max = w->max_tokens;

    if (w->budget < max) {
        return;
    }

    w->budget = max > 2048 ? max - 1024 : 1024;

    if (w->budget >= max) {
        w->think = 0;
        w->off = 1;
        ccp_request_note(r, w->a, "thinking: no room below max_tokens: off");
    }
}


static void
ccp_anthropic_plan_think(ccp_anthropic_writer_t *w)
{
    int             wanted;
    ccp_request_t  *r;

    r = w->r;
    wanted = ccp_think_wanted(&r->think);

    if (r->think.mode == CCP_THINK_BETWEEN && !w->same) {
        wanted = 0;
    }

    if (w->pr->think == CCP_RZ_NONE) {
        if (wanted == 1) {
            ccp_request_note(r, w->a, "thinking: not supported by this model");
        }
        return;
    }

    w->think = (wanted == 1);
    w->off = (wanted == 0);

    /* what can't be switched off leaves the choice to the model instead */

    if ((wanted == 1 || (wanted < 0 && w->pr->think_default))
        && w->pr->think_off != CCP_OFF_NEVER && ccp_anthropic_is_forced(r))
    {
        ccp_request_note(r, w->a,
                         "thinking: off, because a tool call is forced");
        w->think = 0;
        w->off = 1;
    }

    if (w->think && w->pr->think == CCP_RZ_BUDGET) {

        if (ccp_anthropic_loop_unsigned(w)) {
            ccp_request_note(r, w->a,
                             "thinking: off in a tool loop that lost its "
                             "signature");
            w->think = 0;
            w->off = 1;
            return;
        }

        ccp_anthropic_plan_budget(w);
    }
}


int
ccp_anthropic_plan_request(ccp_anthropic_writer_t *w)
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
        w->max_tokens = w->pr->max_req > 0 ? w->pr->max_req : 8192;
    }

    w->max_tokens = ccp_anthropic_cap_tokens(w, w->max_tokens);

    if (w->max_tokens < 1 && !w->same) {
        return ccp_refuse(w->x->err, w->a, CCP_E_BAD_REQUEST,
                          "max_tokens: Input should be greater than 0");
    }

    if (w->r->n != CCP_UNSET_INT && w->r->n > 1) {
        return ccp_refuse(w->x->err, w->a, CCP_E_BAD_REQUEST,
                          "n: not supported by this target, it gives one "
                          "answer");
    }

    ccp_anthropic_plan_marks(w);
    ccp_anthropic_plan_think(w);

    return CCP_OK;
}
