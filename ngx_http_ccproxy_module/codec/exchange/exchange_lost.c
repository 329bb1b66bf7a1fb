
/*
 * Members of a request that only the servers of its own protocol know and
 * that may be left out elsewhere: a conversion says which ones were.  What
 * may not be left out is the protocol's convertible() to refuse.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/form/form_block.h"


typedef struct {
    ccp_proto_e   proto;
    const char   *parent;      /* NULL: the request itself */
    const char   *name;
} ccp_lost_t;


static const ccp_lost_t  ccp_lost_members[] = {
    { CCP_ANTHROPIC, NULL, "billing_policy" },
    { CCP_ANTHROPIC, NULL, "container" },
    { CCP_ANTHROPIC, NULL, "context_management" },
    { CCP_ANTHROPIC, NULL, "diagnostics" },
    { CCP_ANTHROPIC, NULL, "fallback_credit_token" },
    { CCP_ANTHROPIC, NULL, "fallbacks" },
    { CCP_ANTHROPIC, NULL, "inference_geo" },
    { CCP_ANTHROPIC, NULL, "mcp_servers" },
    { CCP_ANTHROPIC, NULL, "speed" },
    { CCP_ANTHROPIC, "output_config", "task_budget" },

    { CCP_CHAT, NULL, "logit_bias" },
    { CCP_CHAT, NULL, "moderation" },
    { CCP_CHAT, NULL, "prediction" },
    { CCP_CHAT, NULL, "store" },

    { CCP_RESPONSES, NULL, "client_metadata" },
    { CCP_RESPONSES, NULL, "context_management" },
    { CCP_RESPONSES, NULL, "max_tool_calls" },
    { CCP_RESPONSES, NULL, "moderation" },
    { CCP_RESPONSES, NULL, "truncation" },

    { CCP_GEMINI, NULL, "labels" },
    { CCP_GEMINI, NULL, "modelArmorConfig" },
    { CCP_GEMINI, NULL, "safetySettings" },
    { CCP_GEMINI, NULL, "safety_settings" },
    { CCP_GEMINI, "generationConfig", "imageConfig" },
    { CCP_GEMINI, "generationConfig", "mediaResolution" },
    { CCP_GEMINI, "generationConfig", "routingConfig" },
    { CCP_GEMINI, "generationConfig", "speechConfig" },

    { CCP_OLLAMA, NULL, "context" },
    { CCP_OLLAMA, NULL, "keep_alive" },
    { CCP_OLLAMA, NULL, "template" },
    { CCP_OLLAMA, "options", "mirostat" },
    { CCP_OLLAMA, "options", "num_ctx" },
    { CCP_OLLAMA, "options", "num_keep" },
    { CCP_OLLAMA, "options", "repeat_last_n" },
    { CCP_OLLAMA, "options", "tfs_z" },
    { CCP_OLLAMA, "options", "typical_p" }
};

#define CCP_NLOST  ccp_countof(ccp_lost_members)


/* Clients send members that they don't use as empty ones or false. */

static int
ccp_lost_is_given(ccp_jval_t v)
{
    ccp_str_t  raw;

    if (!ccp_json_has(v)) {
        return 0;
    }

    raw = ccp_json_raw(v);

    return ccp_json_type(v) != CCP_J_FALSE && !ccp_str_is(raw, "\"\"") && !ccp_str_is(raw, "[]")
           && !ccp_str_is(raw, "{}");
}


/* What stands in messages and tools, and not every protocol has. */

typedef struct {
    unsigned      name:1;      /* of a message's author */
    unsigned      detail:1;    /* of an image */
    unsigned      cache:1;
    unsigned      strict:1;
} ccp_lost_seen_t;


static void
ccp_lost_see_blocks(ccp_lost_seen_t *seen, const ccp_block_t *b)
{
    for ( ; b; b = b->next) {
        seen->cache |= (b->cache != CCP_CACHE_NONE);
        seen->detail |= (b->kind == CCP_B_IMAGE && b->media.detail.n
                         && !ccp_str_is(b->media.detail, "auto"));

        ccp_lost_see_blocks(seen, b->parts);
    }
}


static void
ccp_lost_note_kinds(ccp_request_t *r, ccp_arena_t *a,
    const ccp_target_t *target)
{
    int                   openai;
    ccp_lost_seen_t       seen;
    const char           *to;
    const ccp_tool_t     *t;
    const ccp_message_t  *m;

    memset(&seen, 0, sizeof(ccp_lost_seen_t));
    ccp_lost_see_blocks(&seen, r->system);

    for (m = r->msgs; m; m = m->next) {
        seen.name |= (r->proto == CCP_CHAT && m->name.n && m->blocks
                      && m->blocks->kind != CCP_B_RESULT);
        ccp_lost_see_blocks(&seen, m->blocks);
    }

    for (t = r->tools; t; t = t->next) {
        seen.cache |= (t->cache != CCP_CACHE_NONE);
        seen.strict |= (t->strict == 1);
    }

    to = ccp_proto_ops(target->proto)->name;
    openai = (target->proto == CCP_CHAT || target->proto == CCP_RESPONSES);

    if (seen.name) {
        ccp_request_note(r, a, "messages.name: not taken by %s", to);
    }

    if (seen.detail && !openai) {
        ccp_request_note(r, a, "image detail: not taken by %s", to);
    }

    if (seen.strict && !openai && target->proto != CCP_ANTHROPIC) {
        ccp_request_note(r, a, "tools.strict: not taken by %s", to);
    }

    if (seen.cache && target->provider->cache != CCP_CC_KEEP
        && target->provider->cache != CCP_CC_KEEP_TEXT)
    {
        ccp_request_note(r, a,
            "cache marks: not taken by %s, which caches by itself "
                         "or not", target->provider->name);
    }
}


void
ccp_lost_note(ccp_request_t *r, ccp_arena_t *a, const ccp_target_t *target)
{
    size_t             i;
    ccp_jval_t         v;
    const ccp_lost_t  *m;

    for (i = 0; i < CCP_NLOST; i++) {
        m = &ccp_lost_members[i];

        if (m->proto != r->proto) {
            continue;
        }

        v = m->parent ? ccp_json_opt(r->root, m->parent) : r->root;

        if (ccp_lost_is_given(ccp_json_opt(v, m->name))) {
            ccp_request_note(r, a, "%s%s%s: known to %s alone",
                             m->parent ? m->parent : "", m->parent ? "." : "",
                             m->name, ccp_proto_ops(r->proto)->name);
        }
    }

    ccp_lost_note_kinds(r, a, target);
}
