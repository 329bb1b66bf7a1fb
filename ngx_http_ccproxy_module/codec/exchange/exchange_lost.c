
/*
 * Members of a request that only the servers of its own protocol know and
 * that may be left out elsewhere: a conversion says which ones were.  What
 * may not be left out is the protocol's convertible() to refuse.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/form/form_block.h"


/* Clients send members that they don't use as empty ones or false. */

static int
ccp_lost_is_given(ccp_jval_t v)
{
    ccp_str_t  raw;

    if (!ccp_json_has(v)) {
        return 0;
    }

    raw = ccp_json_raw(v);

    return ccp_json_type(v) != CCP_J_FALSE && !ccp_str_is(raw, "\"\"")
           && !ccp_str_is(raw, "[]") && !ccp_str_is(raw, "{}");
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
    ccp_lost_seen_t       seen;
    const ccp_ops_t      *to;
    const ccp_tool_t     *t;
    const ccp_message_t  *m;

    memset(&seen, 0, sizeof(ccp_lost_seen_t));
    ccp_lost_see_blocks(&seen, r->system);

    for (m = r->msgs; m; m = m->next) {
        seen.name |= (m->name.n && m->blocks
                      && m->blocks->kind != CCP_B_RESULT);
        ccp_lost_see_blocks(&seen, m->blocks);
    }

    for (t = r->tools; t; t = t->next) {
        seen.cache |= (t->cache != CCP_CACHE_NONE);
        seen.strict |= (t->strict == 1);
    }

    to = ccp_proto_ops(target->proto);

    if (seen.name) {
        ccp_request_note(r, a, "messages.name: not taken by %s",
                         to->name);
    }

    if (seen.detail && !to->detail) {
        ccp_request_note(r, a, "image detail: not taken by %s",
                         to->name);
    }

    if (seen.strict && !to->strict) {
        ccp_request_note(r, a, "tools.strict: not taken by %s", to->name);
    }

    if (seen.cache && target->provider->cache != CCP_CC_KEEP
        && target->provider->cache != CCP_CC_KEEP_TEXT)
    {
        ccp_request_note(r, a,
                         "cache marks: not taken by %s, which caches by "
                         "itself or not", target->provider->name);
    }
}


void
ccp_lost_note(ccp_request_t *r, ccp_arena_t *a, const ccp_target_t *target)
{
    ccp_jval_t                v;
    const ccp_ops_t          *from;
    const ccp_member_path_t  *m;

    from = ccp_proto_ops(r->proto);

    for (m = from->lost; m && m->name; m++) {
        v = m->parent ? ccp_json_opt(r->root, m->parent) : r->root;

        if (ccp_lost_is_given(ccp_json_opt(v, m->name))) {
            ccp_request_note(r, a, "%s%s%s: known to %s alone",
                             m->parent ? m->parent : "", m->parent ? "." : "",
                             m->name, from->name);
        }
    }

    ccp_lost_note_kinds(r, a, target);
}
