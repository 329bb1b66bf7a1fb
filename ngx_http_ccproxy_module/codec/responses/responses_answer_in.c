
/*
 * Responses: the upstream's answer, streamed or whole, into events.
 *
 * Servers that leave out `added` events, deltas, or complete items are met:
 * an item is known by its output_index from whatever event names it first,
 * and the terminal event's output fills in what never came.
 */

#include "codec/responses/responses_answer.h"
#include "codec/responses/responses.h"
#include "codec/provider/provider_error.h"


typedef int (*ccp_responses_event_pt)(ccp_responses_dec_t *d, ccp_jval_t v);

typedef struct {
    const char             *type;
    ccp_responses_event_pt  fn;
} ccp_responses_event_t;


int
ccp_responses_dec_init(void *data, ccp_answer_ctx_t *ac)
{
    size_t                i;
    ccp_responses_dec_t  *d = data;

    d->ac = ac;
    ccp_say_init(&d->say, ac, CCP_RESPONSES);
    d->tail = &d->items;

    for (i = 0; i < ccp_countof(d->kinds); i++) {
        d->kinds[i].tail = &d->kinds[i].first;
        ccp_index_init(&d->kinds[i].by_index, ac->arena);
        ccp_index_init(&d->kinds[i].by_id, ac->arena);
    }

    return CCP_OK;
}


/* ---- errors ---- */

static int
ccp_responses_dec_malformed(ccp_responses_dec_t *d, const char *what)
{
    return ccp_say_fail(&d->say, CCP_E_MALFORMED, what);
}


static int
ccp_responses_dec_keep(ccp_arena_t *a, ccp_str_t *s)
{
    ccp_str_t  copy;

    if (s->p == NULL) {
        return CCP_OK;
    }

    copy = ccp_str_dup(a, *s);
    *s = copy;

    return copy.p ? CCP_OK : CCP_NOMEM;
}


/*
 * An error event may be followed by response.failed, which says the same,
 * perhaps with more words: the fuller one counts.
 */

static int
ccp_responses_dec_hold_error(ccp_responses_dec_t *d, ccp_jval_t v)
{
    int          rc;
    ccp_error_t  err;

    rc = ccp_error_read_json(&err, d->ac->arena, 0, v);
    if (rc != CCP_OK) {
        return rc;
    }

    if (err.cls == CCP_E_NONE) {
        err.cls = CCP_E_SERVER;
    }

    if (d->held && d->error.message.n >= err.message.n) {
        return CCP_OK;
    }

    d->error = err;
    d->error.raw = ccp_none;
    d->held = 1;

    if (ccp_responses_dec_keep(d->ac->arena, &d->error.message) != CCP_OK
        || ccp_responses_dec_keep(d->ac->arena, &d->error.code) != CCP_OK
        || ccp_responses_dec_keep(d->ac->arena, &d->error.type) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return CCP_OK;
}


static int
ccp_responses_dec_error_event(ccp_responses_dec_t *d, ccp_jval_t v)
{
    ccp_jval_t  inner;

    inner = ccp_json_opt(v, "error");

    return ccp_responses_dec_hold_error(d, ccp_json_has(inner) ? inner : v);
}


static int
ccp_responses_dec_failed(ccp_responses_dec_t *d, ccp_jval_t v)
{
    int         rc;
    ccp_jval_t  err;

    rc = CCP_OK;
    err = ccp_json_opt(ccp_json_opt(v, "response"), "error");

    if (ccp_json_has(err)) {
        rc = ccp_responses_dec_hold_error(d, err);
    }

    if (rc == CCP_OK && !d->held) {
        return ccp_responses_dec_malformed(d,
                                           "the upstream's response failed");
    }

    return rc == CCP_OK ? ccp_say_error(&d->say, &d->error) : rc;
}


/* ---- beginning and end ---- */

static int
ccp_responses_dec_begin(ccp_responses_dec_t *d, ccp_jval_t response)
{
    if (d->id.p == NULL) {
        d->id = ccp_str_dup(d->ac->arena, ccp_json_gets(response, "id"));
    }

    return ccp_say_start(&d->say, ccp_json_gets(response, "id"),
                         ccp_json_gets(response, "model"),
                         ccp_json_int(ccp_json_opt(response, "created_at"), 0),
                         NULL);
}


static int
ccp_responses_dec_created(ccp_responses_dec_t *d, ccp_jval_t v)
{
    d->ac->again = d->say.started;

    return ccp_responses_dec_begin(d, ccp_json_opt(v, "response"));
}


static int
ccp_responses_dec_usage(ccp_responses_dec_t *d, ccp_jval_t response)
{
    ccp_jval_t   v, part;
    ccp_usage_t  u;

    v = ccp_json_opt(response, "usage");

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return CCP_OK;
    }

    u = ccp_usage_none;
    part = ccp_json_opt(v, "input_tokens_details");
    u.in_read = ccp_usage_count(part, "cached_tokens");
    u.in_write = ccp_usage_count(part, "cache_write_tokens");
    ccp_usage_split(&u, ccp_usage_count(v, "input_tokens"));

    u.out_total = ccp_usage_count(v, "output_tokens");

    part = ccp_json_opt(v, "output_tokens_details");
    u.out_reason = ccp_usage_count(part, "reasoning_tokens");
    u.tier = ccp_json_gets(response, "service_tier");
    u.searches = d->searches ? d->searches : -1;

    return ccp_say_usage(&d->say, &u);
}


/*
 * The terminal output: items or ends of them that did not come.  An item was
 * already streamed if it is the k-th of its kind, since ids and indexes of
 * some servers differ between the two.
 */

static int
ccp_responses_dec_fill_items(ccp_responses_dec_t *d, ccp_jval_t response)
{
    int                        rc, i;
    ccp_block_e                kind;
    ccp_jiter_t                it;
    ccp_responses_dec_item_t  *item;

    ccp_responses_dec_item_t  **nth[ccp_countof(d->kinds)];

    for (i = 0; i < (int) ccp_countof(d->kinds); i++) {
        nth[i] = &d->kinds[i].first;
    }

    rc = CCP_OK;

    for (i = 0, it = ccp_json_iter(ccp_json_opt(response, "output"));
         rc == CCP_OK && ccp_json_next(&it); i++)
    {
        if (ccp_json_type(it.val) != CCP_J_OBJECT) {
            continue;
        }

        kind = ccp_responses_dec_kind(d, it.val);
        item = *nth[kind];

        if (item == NULL) {
            item = ccp_responses_dec_new_item(d, i, kind,
                                              ccp_json_gets(it.val, "id"));
            if (item == NULL) {
                return CCP_NOMEM;
            }
        }

        nth[kind] = &item->same;
        rc = ccp_responses_dec_finish_item(d, item, it.val);
    }

    return rc;
}


static ccp_stop_e
ccp_responses_dec_stop(ccp_responses_dec_t *d, ccp_jval_t response,
    ccp_str_t status)
{
    ccp_str_t  reason;

    if (ccp_str_is(status, "incomplete")) {
        reason = ccp_json_gets(ccp_json_opt(response, "incomplete_details"),
                               "reason");

        return ccp_str_is(reason, "content_filter") ? CCP_STOP_FILTER
                                                    : CCP_STOP_LENGTH;
    }

    return d->refusal ? CCP_STOP_REFUSAL : CCP_STOP_END;
}


static int
ccp_responses_dec_finish(ccp_responses_dec_t *d, ccp_jval_t response,
    ccp_str_t status)
{
    int                        rc;
    ccp_responses_dec_item_t  *it;

    rc = ccp_responses_dec_begin(d, response);

    if (rc == CCP_OK) {
        rc = ccp_responses_dec_fill_items(d, response);
    }

    /* what neither the stream nor the terminal event has closed */

    for (it = d->items; rc == CCP_OK && it; it = it->next) {
        rc = ccp_say_stop(&d->say, &it->block,
                          ccp_str_is(status, "incomplete"));
    }

    if (rc == CCP_OK) {
        rc = ccp_responses_dec_usage(d, response);
    }

    if (rc == CCP_OK) {
        rc = ccp_say_finish(&d->say, 0,
                            ccp_responses_dec_stop(d, response, status),
                            ccp_none, ccp_none);
    }

    return rc == CCP_OK ? ccp_say_end(&d->say) : rc;
}


/* For who keeps the answer, if the client gets it as it is. */

static int
ccp_responses_dec_note(ccp_responses_dec_t *d, ccp_jval_t response)
{
    ccp_keep_t  *keep;

    keep = d->ac->keep;

    if (keep == NULL || !keep->wanted || d->ac->client != d->ac->up
        || !ccp_json_has(response))
    {
        return CCP_OK;
    }

    keep->whole = ccp_str_dup(d->ac->arena, ccp_json_raw(response));

    return keep->whole.p ? CCP_OK : CCP_NOMEM;
}


static int
ccp_responses_dec_complete(ccp_responses_dec_t *d, ccp_jval_t response,
    ccp_str_t status)
{
    return ccp_responses_dec_note(d, response) == CCP_OK
           ? ccp_responses_dec_finish(d, response, status) : CCP_NOMEM;
}


static int
ccp_responses_dec_completed(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_complete(d, ccp_json_opt(v, "response"),
                                      ccp_lit("completed"));
}


static int
ccp_responses_dec_incomplete(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_complete(d, ccp_json_opt(v, "response"),
                                      ccp_lit("incomplete"));
}


static int
ccp_responses_dec_cancelled(ccp_responses_dec_t *d, ccp_jval_t v)
{
    (void) v;

    return ccp_responses_dec_malformed(d,
                                       "the upstream cancelled the response");
}


/* ---- items ---- */

/* The item an event is about; made if none is known.  NULL: no memory. */

static ccp_responses_dec_item_t *
ccp_responses_dec_find_item(ccp_responses_dec_t *d, ccp_jval_t v,
    ccp_block_e kind)
{
    int                        index;
    ccp_str_t                  id;
    ccp_responses_dec_item_t  *it;

    index = (int) ccp_json_int(ccp_json_opt(v, "output_index"), -1);
    id = ccp_json_gets(v, "item_id");
    it = ccp_responses_dec_known_item(d, index, kind, id);

    if (it) {
        return it;
    }

    /* an event that names nothing goes on with the last of its kind */

    it = d->kinds[kind].last;

    if (index < 0 && it && !it->done && id.n == 0) {
        return it;
    }

    return ccp_responses_dec_new_item(d, index, kind, id);
}


static int
ccp_responses_dec_item_added(ccp_responses_dec_t *d, ccp_jval_t v)
{
    ccp_str_t                  type;
    ccp_jval_t                 item;
    ccp_block_e                kind;
    ccp_responses_dec_item_t  *it;

    item = ccp_json_opt(v, "item");
    type = ccp_json_gets(item, "type");

    if (type.n == 0) {
        return CCP_OK;
    }

    kind = ccp_responses_dec_kind(d, item);

    it = ccp_responses_dec_new_item(d, (int) ccp_json_int(
                                             ccp_json_opt(v, "output_index"),
                                             -1),
                                    kind, ccp_json_gets(item, "id"));
    if (it == NULL) {
        return CCP_NOMEM;
    }

    return kind == CCP_B_CALL ? ccp_responses_dec_begin_call(d, it, item)
                              : CCP_OK;
}


static int
ccp_responses_dec_item_done(ccp_responses_dec_t *d, ccp_jval_t v)
{
    ccp_str_t                  type;
    ccp_jval_t                 item;
    ccp_responses_dec_item_t  *it;

    item = ccp_json_opt(v, "item");
    type = ccp_json_gets(item, "type");

    if (type.n == 0) {
        return CCP_OK;
    }

    it = ccp_responses_dec_find_item(d, v, ccp_responses_dec_kind(d, item));

    return it ? ccp_responses_dec_finish_item(d, it, item) : CCP_NOMEM;
}


static int
ccp_responses_dec_part_text(ccp_responses_dec_t *d, ccp_jval_t v,
    ccp_block_e kind, const char *index, const char *member)
{
    ccp_responses_dec_item_t  *it;

    it = ccp_responses_dec_find_item(d, v, kind == CCP_B_REFUSAL ? CCP_B_TEXT
                                                                 : kind);
    if (it == NULL) {
        return CCP_NOMEM;
    }

    return ccp_responses_dec_text(d, it, kind,
                                  (int) ccp_json_int(ccp_json_opt(v, index),
                                                     0),
                                  ccp_json_gets(v, member),
                                  strcmp(member, "delta") != 0);
}


static int
ccp_responses_dec_logprobs(ccp_responses_dec_t *d, ccp_jval_t v)
{
    ccp_jval_t                 list;
    ccp_responses_dec_item_t  *it;

    list = ccp_json_opt(v, "logprobs");

    if (ccp_json_type(list) != CCP_J_ARRAY || ccp_json_count(list) == 0) {
        return CCP_OK;
    }

    it = ccp_responses_dec_find_item(d, v, CCP_B_TEXT);
    if (it == NULL) {
        return CCP_NOMEM;
    }

    it->probs |= it->block.open;

    return ccp_say_logprobs(&d->say, &it->block, ccp_json_raw(list));
}


static int
ccp_responses_dec_text_delta(ccp_responses_dec_t *d, ccp_jval_t v)
{
    int  rc;

    rc = ccp_responses_dec_part_text(d, v, CCP_B_TEXT, "content_index",
                                     "delta");

    return rc == CCP_OK ? ccp_responses_dec_logprobs(d, v) : rc;
}


static int
ccp_responses_dec_text_done(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_part_text(d, v, CCP_B_TEXT, "content_index",
                                       "text");
}


static int
ccp_responses_dec_refusal_delta(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_part_text(d, v, CCP_B_REFUSAL, "content_index",
                                       "delta");
}


static int
ccp_responses_dec_refusal_done(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_part_text(d, v, CCP_B_REFUSAL, "content_index",
                                       "refusal");
}


/* A reasoning item shows its content or a summary of it; the first counts. */

static int
ccp_responses_dec_reasoning_text(ccp_responses_dec_t *d, ccp_jval_t v,
    int content, const char *member)
{
    ccp_responses_dec_item_t  *it;

    it = ccp_responses_dec_find_item(d, v, CCP_B_THINK);
    if (it == NULL) {
        return CCP_NOMEM;
    }

    if (it->any && it->content != (unsigned) content) {
        return CCP_OK;
    }

    it->content = content != 0;

    return ccp_responses_dec_part_text(d, v, CCP_B_THINK,
                                       content ? "content_index"
                                               : "summary_index", member);
}


static int
ccp_responses_dec_summary_delta(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_reasoning_text(d, v, 0, "delta");
}


static int
ccp_responses_dec_summary_done(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_reasoning_text(d, v, 0, "text");
}


static int
ccp_responses_dec_content_delta(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_reasoning_text(d, v, 1, "delta");
}


static int
ccp_responses_dec_content_done(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_reasoning_text(d, v, 1, "text");
}


static int
ccp_responses_dec_annotation(ccp_responses_dec_t *d, ccp_jval_t v)
{
    ccp_responses_dec_item_t  *it;

    it = ccp_responses_dec_find_item(d, v, CCP_B_TEXT);

    return it ? ccp_responses_dec_cite(d, it, ccp_json_opt(v, "annotation"))
              : CCP_NOMEM;
}


/* Arguments of a call that is not begun are left to the complete item. */

static int
ccp_responses_dec_args_text(ccp_responses_dec_t *d, ccp_jval_t v,
    const char *member)
{
    ccp_responses_dec_item_t  *it;

    if (ccp_responses_dec_known_item(d,
                                     (int) ccp_json_int(
                                         ccp_json_opt(v, "output_index"), -1),
                                     CCP_B_HCALL, ccp_json_gets(v, "item_id")))
    {
        /* of a call that the provider runs */
        return CCP_OK;
    }

    it = ccp_responses_dec_find_item(d, v, CCP_B_CALL);
    if (it == NULL) {
        return CCP_NOMEM;
    }

    return ccp_responses_dec_args(d, it, ccp_json_gets(v, member),
                                  strcmp(member, "delta") != 0);
}


static int
ccp_responses_dec_args_delta(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_args_text(d, v, "delta");
}


static int
ccp_responses_dec_args_done(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_args_text(d, v, "arguments");
}


static int
ccp_responses_dec_input_done(ccp_responses_dec_t *d, ccp_jval_t v)
{
    return ccp_responses_dec_args_text(d, v, "input");
}


static const ccp_responses_event_t  ccp_responses_dec_event_table[] = {
    { "response.output_text.delta", ccp_responses_dec_text_delta },
    { "response.function_call_arguments.delta", ccp_responses_dec_args_delta },
    { "response.reasoning_summary_text.delta",
      ccp_responses_dec_summary_delta },
    { "response.reasoning_text.delta", ccp_responses_dec_content_delta },
    { "response.custom_tool_call_input.delta", ccp_responses_dec_args_delta },
    { "response.refusal.delta", ccp_responses_dec_refusal_delta },
    { "response.created", ccp_responses_dec_created },
    { "response.output_item.added", ccp_responses_dec_item_added },
    { "response.output_item.done", ccp_responses_dec_item_done },
    { "response.output_text.done", ccp_responses_dec_text_done },
    { "response.output_text.annotation.added", ccp_responses_dec_annotation },
    { "response.refusal.done", ccp_responses_dec_refusal_done },
    { "response.reasoning_summary_text.done", ccp_responses_dec_summary_done },
    { "response.reasoning_text.done", ccp_responses_dec_content_done },
    { "response.function_call_arguments.done", ccp_responses_dec_args_done },
    { "response.custom_tool_call_input.done", ccp_responses_dec_input_done },
    { "response.completed", ccp_responses_dec_completed },
    { "response.done", ccp_responses_dec_completed },
    { "response.incomplete", ccp_responses_dec_incomplete },
    { "response.failed", ccp_responses_dec_failed },
    { "response.cancelled", ccp_responses_dec_cancelled },
    { "error", ccp_responses_dec_error_event }
};

#define CCP_RESPONSES_NEVENTS  ccp_countof(ccp_responses_dec_event_table)


int
ccp_responses_dec_event(void *data, ccp_str_t event, ccp_str_t text,
    ccp_jval_t v)
{
    size_t                i;
    ccp_str_t             type;
    ccp_responses_dec_t  *d = data;

    if (d->say.over) {
        return CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        if (ccp_str_blank(text) || ccp_str_is(text, "[DONE]")) {
            return CCP_OK;
        }

        return d->held
               ? ccp_say_error(&d->say, &d->error)
               : ccp_responses_dec_malformed(d, "the upstream sent an event "
                                             "that is no JSON object");
    }

    type = ccp_json_gets(v, "type");

    if (type.p == NULL) {
        type = ccp_json_has(ccp_json_get(v, "error")) ? ccp_lit("error")
                                                      : event;
    }

    d->seq = ccp_json_int(ccp_json_opt(v, "sequence_number"), d->seq) + 1;

    /* an error that is held waits for response.failed, for nothing else */

    if (d->held && !(type.p && (ccp_str_is(type, "response.failed")
                                || ccp_str_is(type, "error"))))
    {
        return ccp_say_error(&d->say, &d->error);
    }

    for (i = 0; type.p && i < CCP_RESPONSES_NEVENTS; i++) {
        if (ccp_str_is(type, ccp_responses_dec_event_table[i].type)) {
            return ccp_responses_dec_event_table[i].fn(d, v);
        }
    }

    return CCP_OK;
}


int
ccp_responses_dec_whole(void *data, ccp_jval_t root)
{
    ccp_str_t             status;
    ccp_jval_t            err;
    ccp_responses_dec_t  *d = data;

    err = ccp_json_opt(root, "error");

    if (ccp_json_has(err)) {
        return ccp_responses_dec_error_event(d, root);
    }

    status = ccp_json_gets(root, "status");

    if (ccp_str_is(status, "failed")) {
        return ccp_responses_dec_malformed(d,
                                           "the upstream's response failed");
    }

    if (d->ac->client == d->ac->up
        && (ccp_str_is(status, "queued")
            || ccp_str_is(status, "in_progress")))
    {
        d->ac->pending = 1;
        return ccp_responses_dec_complete(d, root, status);
    }

    if (ccp_str_is(status, "queued") || ccp_str_is(status, "in_progress")
        || ccp_str_is(status, "cancelled"))
    {
        return ccp_responses_dec_malformed(d,
            "the upstream's response is not complete: "
            "background answers can't be waited for");
    }

    if (ccp_json_type(ccp_json_opt(root, "output")) != CCP_J_ARRAY) {
        return ccp_responses_dec_malformed(d,
            "the upstream's answer has no output");
    }

    return ccp_responses_dec_complete(d, root, status);
}


int
ccp_responses_dec_eof(void *data)
{
    ccp_responses_dec_t  *d = data;

    return d->held && !d->say.over ? ccp_say_error(&d->say, &d->error)
                               : CCP_OK;
}
