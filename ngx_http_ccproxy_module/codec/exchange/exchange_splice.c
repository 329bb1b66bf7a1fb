
/*
 * The splice: client and upstream speak the same protocol, so the client's
 * bytes pass as they came but for the values that must change.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/chat/chat_member.h"


/* Where a protocol keeps the cap of the output. */

typedef struct {
    ccp_proto_e   proto;
    const char   *parent;
    const char   *name;
} ccp_splice_cap_t;


static const ccp_splice_cap_t  ccp_splice_cap_table[] = {
    { CCP_ANTHROPIC, NULL, "max_tokens" },
    { CCP_CHAT, NULL, "max_tokens" },
    { CCP_CHAT, NULL, "max_completion_tokens" },
    { CCP_RESPONSES, NULL, "max_output_tokens" },
    { CCP_GEMINI, "generationConfig", "maxOutputTokens" },
    { CCP_OLLAMA, "options", "num_predict" }
};

#define CCP_SPLICE_NCAPS  ccp_countof(ccp_splice_cap_table)


/*
 * A signature of another origin, which this gateway packed for the client
 * (prepare.h), means nothing to this provider: such a history is written
 * anew, without it.
 */

int
ccp_splice_fits(const ccp_request_t *r, const ccp_target_t *t)
{
    const ccp_block_t    *b;
    const ccp_message_t  *m;

    if (r->proto != t->proto) {
        return 0;
    }

    for (m = r->msgs; m; m = m->next) {
        for (b = m->blocks; b; b = b->next) {
            if (b->sig.p && b->origin != r->proto) {
                return 0;
            }
        }
    }

    return 1;
}


static void
ccp_splice_caps(const ccp_request_t *r, const ccp_target_t *t, ccp_edit_t *e)
{
    size_t      i;
    ccp_jval_t  v;

    for (i = 0; i < CCP_SPLICE_NCAPS && t->max_tokens != CCP_UNSET_INT; i++) {

        if (ccp_splice_cap_table[i].proto != r->proto) {
            continue;
        }

        v = r->root;
        if (ccp_splice_cap_table[i].parent) {
            v = ccp_json_get(v, ccp_splice_cap_table[i].parent);
        }

        v = ccp_json_opt(v, ccp_splice_cap_table[i].name);

        if (ccp_json_int(v, 0) > t->max_tokens) {
            ccp_edit_set_int(e, v, t->max_tokens);
        }
    }
}


/* What a provider refuses is known of the protocol that most speak. */

static int
ccp_splice_by_rules(const ccp_request_t *r, const ccp_target_t *t)
{
    return r->op == CCP_OP_GENERATE && r->proto == CCP_CHAT
           && t->proto == CCP_CHAT && ccp_chat_splice_is_ruled(t->provider);
}


int
ccp_splice_is_anew(ccp_request_t *r, const ccp_target_t *t,
    ccp_arena_t *a)
{
    return ccp_splice_by_rules(r, t)
           ? ccp_chat_splice_is_anew(r, t, a)
           : 0;
}


int
ccp_splice_edit(ccp_request_t *r, const ccp_target_t *t, ccp_edit_t *e,
    ccp_error_t *err)
{
    if (t->model.p && ccp_json_has(r->model_val)
        && !ccp_str_eq(t->model, r->model))
    {
        ccp_edit_set_str(e, r->model_val, t->model);
    }

    if (ccp_splice_by_rules(r, t)) {
        return ccp_chat_splice_edit(r, t, e, err);
    }

    ccp_splice_caps(r, t, e);

    return CCP_OK;
}
