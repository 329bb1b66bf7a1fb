
/*
 * Responses: items of the upstream's answer into blocks.
 *
 * A message gives one block for each of its parts, reasoning one for all, a
 * call one.  What deltas have shown is counted, so that a complete part or
 * item adds no more than the rest of it (T01).
 */

#include "codec/responses/responses_answer.h"
#include "codec/base/base_utf8.h"
#include "codec/form/form_event.h"
#include "codec/prepare/prepare.h"


typedef struct {
    const char   *type;
    ccp_block_e   kind;
} ccp_responses_dec_kind_t;

static const ccp_responses_dec_kind_t  ccp_responses_dec_kinds[] = {
    { "message", CCP_B_TEXT },
    { "reasoning", CCP_B_THINK },
    { "function_call", CCP_B_CALL },
    { "custom_tool_call", CCP_B_CALL },
    { "local_shell_call", CCP_B_CALL },
    { "shell_call", CCP_B_CALL },
    { "apply_patch_call", CCP_B_CALL },
    { "tool_search_output", CCP_B_HRESULT },
    { "mcp_list_tools", CCP_B_OPAQUE },
    { "mcp_approval_request", CCP_B_OPAQUE },
    { "compaction", CCP_B_OPAQUE },
    { NULL, CCP_B_HCALL }
};


/* Whether the client has a tool of that name. */

static int
ccp_responses_dec_is_offered(const ccp_responses_dec_t *d, ccp_str_t name)
{
    const ccp_tool_t  *t;

    if (d->ac->req->msgs == NULL
        || (d->ac->names && ccp_name_client(d->ac->names, name)))
    {
        /* a request without messages says nothing of its tools */
        return 1;
    }

    for (t = d->ac->req->tools; t && !ccp_str_eq(t->name, name); t = t->next) {
        /* void */
    }

    return t != NULL;
}


/*
 * Calls that the provider runs itself: a command in a container of its own,
 * and tools that the client doesn't have, as xAI shows its searches.
 */

static int
ccp_responses_dec_is_hosted(const ccp_responses_dec_t *d, ccp_jval_t item,
    ccp_str_t type)
{
    ccp_jval_t  where;

    if (ccp_str_is(type, "shell_call")) {
        where = ccp_json_get(ccp_json_opt(item, "environment"), "type");

        return ccp_json_has(where) && !ccp_json_is(where, "local");
    }

    return ccp_str_is(type, "custom_tool_call")
           && ccp_json_gets(item, "name").n
           && !ccp_responses_dec_is_offered(d, ccp_json_gets(item, "name"));
}


ccp_block_e
ccp_responses_dec_kind(const ccp_responses_dec_t *d, ccp_jval_t item)
{
    ccp_str_t                        type;
    const ccp_responses_dec_kind_t  *k;

    type = ccp_json_gets(item, "type");

    if (ccp_responses_dec_is_hosted(d, item, type)) {
        return CCP_B_HCALL;
    }

    for (k = ccp_responses_dec_kinds; k->type; k++) {
        if (ccp_str_is(type, k->type)) {
            break;
        }
    }

    return k->kind;
}


static uint64_t
ccp_responses_dec_id_key(const ccp_responses_dec_t *d, ccp_str_t id)
{
    return ccp_str_hash(id, (uint64_t) (uintptr_t) d);
}


ccp_responses_dec_item_t *
ccp_responses_dec_known_item(const ccp_responses_dec_t *d, int index,
    ccp_block_e kind, ccp_str_t id)
{
    ccp_responses_dec_item_t  *it;

    if (index >= 0) {
        return ccp_index_get(&d->kinds[kind].by_index, (uint64_t) index);
    }

    if (id.n == 0) {
        return NULL;
    }

    it = ccp_index_get(&d->kinds[kind].by_id,
                       ccp_responses_dec_id_key(d, id));

    return it && ccp_str_eq(it->id, id) ? it : NULL;
}


/* The first item of an index or id is the one that is known by it. */

static int
ccp_responses_dec_list_item(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it)
{
    uint64_t                         key;
    ccp_responses_dec_kind_items_t  *k;

    k = &d->kinds[it->kind];
    k->last = it;
    *k->tail = it;
    k->tail = &it->same;
    *d->tail = it;
    d->tail = &it->next;

    key = (uint64_t) it->index;

    if (it->index >= 0 && ccp_index_get(&k->by_index, key) == NULL
        && ccp_index_put(&k->by_index, key, it) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    key = it->id.n ? ccp_responses_dec_id_key(d, it->id) : 0;

    if (it->id.n && ccp_index_get(&k->by_id, key) == NULL) {
        return ccp_index_put(&k->by_id, key, it);
    }

    return CCP_OK;
}


ccp_responses_dec_item_t *
ccp_responses_dec_new_item(ccp_responses_dec_t *d, int index, ccp_block_e kind,
    ccp_str_t id)
{
    ccp_responses_dec_item_t  *it;

    it = ccp_calloc(d->ac->arena, sizeof(ccp_responses_dec_item_t));
    if (it == NULL) {
        return NULL;
    }

    it->index = index;
    it->kind = kind;
    it->part = -1;

    if (id.n) {
        it->id = ccp_str_dup(d->ac->arena, id);
        if (it->id.p == NULL) {
            return NULL;
        }
    }

    return ccp_responses_dec_list_item(d, it) == CCP_OK ? it : NULL;
}


static int
ccp_responses_dec_start_block(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_block_t *b)
{
    it->seen = 0;

    return ccp_say_block(&d->say, &it->block, b);
}


/* Decoded bytes of an escape; *len is its spelling's.  Halves of a surrogate
 * pair are worth two each, so that it doesn't matter where deltas cut. */

static size_t
ccp_responses_dec_escape(const uint8_t *p, const uint8_t *end, size_t *len)
{
    uint32_t  cp;

    *len = 2;

    if (end - p < 6 || p[1] != 'u') {
        return 1;
    }

    *len = 6;
    cp = ccp_hex4(p + 2);

    if (cp < 0x80) {
        return 1;
    }

    return cp < 0x800 || (cp >= 0xd800 && cp < 0xe000) ? 2 : 3;
}


/* Steps over n decoded bytes of text, to the end of a character; returns
 * those there were. */

static size_t
ccp_responses_dec_skip(ccp_str_t *s, size_t n)
{
    size_t          k, len;
    const uint8_t  *p, *end;

    p = s->p;
    end = p + s->n;

    for (k = 0; k < n && p < end; p += len) {
        if (s->json && *p == '\\' && end - p > 1) {
            k += ccp_responses_dec_escape(p, end, &len);

        } else {
            len = 1;
            k++;
        }
    }

    while (p < end && (*p & 0xc0) == 0x80) {
        p++;
    }

    s->n = (size_t) (end - p);
    s->p = p;

    return k;
}


static size_t
ccp_responses_dec_units(ccp_str_t s)
{
    return s.json && s.esc ? ccp_responses_dec_skip(&s, SIZE_MAX) : s.n;
}


/* Begins the block that text of that kind and part goes to. */

static int
ccp_responses_dec_ready_part(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_block_e kind, int part)
{
    ccp_block_t  b;

    if (it->block.open && it->part == part) {
        return CCP_OK;
    }

    /* parts of reasoning are paragraphs of one block */

    if (it->block.open && kind == CCP_B_THINK) {
        it->part = part;
        it->seen = 0;
        return it->any
               ? ccp_say_delta(&d->say, &it->block,
                               (ccp_str_t) { (const uint8_t *) "\\n\\n",
                                             4, 1, 1 })
               : CCP_OK;
    }

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = kind;
    b.item_id = it->id;
    b.summary = kind == CCP_B_THINK && !it->content;

    it->part = part;
    it->cites = 0;
    d->refusal |= kind == CCP_B_REFUSAL;

    return ccp_responses_dec_start_block(d, it, &b);
}


int
ccp_responses_dec_text(ccp_responses_dec_t *d, ccp_responses_dec_item_t *it,
    ccp_block_e kind, int part, ccp_str_t text, int whole)
{
    if (it->done || text.n == 0) {
        return CCP_OK;
    }

    /* a part that was left: its whole text comes once more */

    if (whole && part < it->part) {
        return CCP_OK;
    }

    if (ccp_responses_dec_ready_part(d, it, kind, part) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (whole) {
        (void) ccp_responses_dec_skip(&text, it->seen);
    }

    if (text.n == 0) {
        return CCP_OK;
    }

    it->seen += ccp_responses_dec_units(text);
    it->any = 1;

    return ccp_say_delta(&d->say, &it->block, text);
}


int
ccp_responses_dec_cite(ccp_responses_dec_t *d, ccp_responses_dec_item_t *it,
    ccp_jval_t annotation)
{
    if (!ccp_json_has(annotation)) {
        return CCP_OK;
    }

    it->cites += it->block.open;

    return ccp_say_cite(&d->say, &it->block, ccp_json_raw(annotation));
}


/* ---- complete items ---- */

static int
ccp_responses_dec_whole_message(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t item)
{
    int          rc, part;
    unsigned     n;
    ccp_jval_t   v;
    ccp_jiter_t  parts, notes;

    rc = CCP_OK;
    part = 0;

    for (parts = ccp_json_iter(ccp_json_opt(item, "content"));
         rc == CCP_OK && ccp_json_next(&parts); part++)
    {
        v = parts.val;

        if (ccp_json_is(ccp_json_get(v, "type"), "refusal")) {
            rc = ccp_responses_dec_text(d, it, CCP_B_REFUSAL, part,
                                        ccp_json_gets(v, "refusal"), 1);
            continue;
        }

        rc = ccp_responses_dec_text(d, it, CCP_B_TEXT, part,
                                    ccp_json_gets(v, "text"), 1);

        if (it->part != part) {
            continue;
        }

        n = 0;

        for (notes = ccp_json_iter(ccp_json_opt(v, "annotations"));
             rc == CCP_OK && ccp_json_next(&notes); n++)
        {
            if (n >= it->cites) {
                rc = ccp_responses_dec_cite(d, it, notes.val);
            }
        }

        v = ccp_json_opt(v, "logprobs");

        if (rc == CCP_OK && !it->probs && ccp_json_count(v) > 0) {
            rc = ccp_say_logprobs(&d->say, &it->block, ccp_json_raw(v));
        }
    }

    return rc;
}


static int
ccp_responses_dec_whole_reasoning(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t item)
{
    int          rc, part;
    ccp_str_t    sig;
    ccp_jval_t   list;
    ccp_jiter_t  parts;
    ccp_block_t  b;

    rc = CCP_OK;
    list = ccp_json_opt(item, "summary");

    if (it->content || (!it->any && ccp_json_count(list) == 0)) {
        list = ccp_json_opt(item, "content");
        it->content = 1;
    }

    for (part = 0, parts = ccp_json_iter(list);
         rc == CCP_OK && ccp_json_next(&parts); part++)
    {
        rc = ccp_responses_dec_text(d, it, CCP_B_THINK, part,
                                    ccp_json_gets(parts.val, "text"), 1);
    }

    sig = ccp_json_gets(item, "encrypted_content");

    if (rc != CCP_OK || sig.n == 0) {
        return rc;
    }

    if (!it->block.open) {
        memset(&b, 0, sizeof(ccp_block_t));
        b.kind = CCP_B_THINK;
        b.item_id = it->id.n ? it->id : ccp_json_gets(item, "id");
        rc = ccp_responses_dec_start_block(d, it, &b);
    }

    return rc == CCP_OK
           ? ccp_say_sig(&d->say, &it->block, CCP_RESPONSES, sig) : rc;
}


/*
 * A call that has no tool name yet is not begun: without `added` events the
 * name comes with the complete item.
 */

int
ccp_responses_dec_begin_call(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t item)
{
    ccp_str_t                       type;
    ccp_block_t                     b;
    const ccp_responses_builtin_t  *row;

    if (it->block.open) {
        return CCP_OK;
    }

    memset(&b, 0, sizeof(ccp_block_t));
    type = ccp_json_gets(item, "type");
    row = ccp_responses_find_builtin_item(type);

    b.kind = CCP_B_CALL;
    b.name = row ? ccp_cstr(row->tool) : ccp_json_gets(item, "name");
    b.id = ccp_json_gets(item, "call_id");
    b.item_id = ccp_json_gets(item, "id");
    b.free_text = ccp_str_is(type, "custom_tool_call");

    if (b.id.n == 0) {
        b.id = b.item_id;
    }

    if (d->ac->req->proto == CCP_RESPONSES) {
        b.space = ccp_json_gets(item, "namespace");
    }

    return b.name.n ? ccp_responses_dec_start_block(d, it, &b) : CCP_OK;
}


int
ccp_responses_dec_args(ccp_responses_dec_t *d, ccp_responses_dec_item_t *it,
    ccp_str_t args, int whole)
{
    if (it->done || !it->block.open) {
        return CCP_OK;
    }

    if (whole && args.n) {
        (void) ccp_responses_dec_skip(&args, it->seen);
    }

    if (args.n == 0) {
        return CCP_OK;
    }

    it->seen += ccp_responses_dec_units(args);

    return ccp_say_delta(&d->say, &it->block, args);
}


static int
ccp_responses_dec_whole_call(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t item)
{
    int                             rc;
    ccp_str_t                       args;
    ccp_jval_t                      v;
    const char                     *member;
    const ccp_responses_builtin_t  *row;

    rc = ccp_responses_dec_begin_call(d, it, item);

    if (rc != CCP_OK || !it->block.open) {
        return rc;
    }

    row = ccp_responses_find_builtin_item(ccp_json_gets(item, "type"));
    member = row ? row->member
                 : ccp_json_is(ccp_json_get(item, "type"),
                               "custom_tool_call") ? "input" : "arguments";

    v = ccp_json_opt(item, member);
    args = ccp_json_type(v) == CCP_J_OBJECT || ccp_json_type(v) == CCP_J_ARRAY
           ? ccp_json_raw(v) : ccp_json_str(v);

    return ccp_responses_dec_args(d, it, args, 1);
}


/* Work of the server itself, as it reports it. */

static int
ccp_responses_dec_whole_hosted(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t item)
{
    ccp_block_t  b;

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = it->kind;
    b.type = ccp_json_gets(item, "type");
    b.name = b.type;
    b.id = ccp_json_gets(item, "id");
    b.item_id = b.id;
    b.space = ccp_json_gets(item, "server_label");
    b.raw = ccp_json_raw(item);

    d->searches += ccp_str_is(b.type, "web_search_call");

    if (ccp_str_is(b.type, "mcp_call")) {
        b.name = ccp_json_gets(item, "name");
    }

    return ccp_responses_dec_start_block(d, it, &b);
}


int
ccp_responses_dec_finish_item(ccp_responses_dec_t *d,
    ccp_responses_dec_item_t *it, ccp_jval_t item)
{
    int  rc, cut;

    if (it->done) {
        return CCP_OK;
    }

    cut = ccp_json_is(ccp_json_get(item, "status"), "incomplete");

    switch (it->kind) {

    case CCP_B_TEXT:
        rc = ccp_responses_dec_whole_message(d, it, item);
        break;

    case CCP_B_THINK:
        rc = ccp_responses_dec_whole_reasoning(d, it, item);
        break;

    case CCP_B_CALL:
        rc = ccp_responses_dec_whole_call(d, it, item);
        break;

    default:
        rc = ccp_responses_dec_whole_hosted(d, it, item);
        break;
    }

    it->done = 1;

    return rc == CCP_OK ? ccp_say_stop(&d->say, &it->block, cut) : rc;
}
