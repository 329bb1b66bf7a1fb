
/*
 * Responses: the output item that a block becomes, with the events about it.
 *
 * A call or text is announced with its first byte, so that proof that came
 * for it can stand before it, as a reasoning item.
 */

#include "codec/responses/responses_answer.h"
#include "codec/responses/responses.h"
#include "codec/base/base_id.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"


#define CCP_RESPONSES_ID_DIGITS  24


/* An event about the open item; part: the member that says which part. */

static void
ccp_responses_enc_open_item(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *type, const char *part)
{
    ccp_responses_enc_event_begin(e, out, type);
    ccp_w_kstr(out, "item_id", ccp_buf_str(&e->item, 1));
    ccp_w_kint(out, "output_index", e->index);

    if (part) {
        ccp_w_kint(out, part, 0);
    }
}


static const char *
ccp_responses_enc_id_prefix(const ccp_responses_enc_t *e)
{
    switch (e->kind) {

    case CCP_B_THINK:
        return "rs_";

    case CCP_B_CALL:
        return e->free_text ? "ctc_" : "fc_";

    default:
        return "msg_";
    }
}


/* The item's id: the source's if it is of this protocol's form, else ours. */

static int
ccp_responses_enc_item_id(ccp_responses_enc_t *e, ccp_str_t id)
{
    const char  *prefix;

    prefix = ccp_responses_enc_id_prefix(e);

    if (!ccp_str_starts(id, prefix)) {
        id = ccp_id_new(e->ac->clock, e->ac->arena, prefix,
                        CCP_RESPONSES_ID_DIGITS);
        if (id.p == NULL) {
            return CCP_NOMEM;
        }
    }

    return ccp_buf_add_json(&e->item, id);
}


/* The row if the client knows this call by an item type of its own. */

static const ccp_responses_builtin_t *
ccp_responses_enc_find_builtin(const ccp_responses_enc_t *e,
    const ccp_block_t *b)
{
    const ccp_tool_t  *t;

    if (b->free_text || b->space.n) {
        return NULL;
    }

    for (t = e->ac->req->tools; t; t = t->next) {
        if (t->origin == CCP_RESPONSES && t->kind != CCP_T_HOSTED
            && t->type.n && ccp_str_eq(t->name, b->name))
        {
            return ccp_responses_find_builtin(t->type);
        }
    }

    return NULL;
}


int
ccp_responses_enc_open_block(ccp_responses_enc_t *e, const ccp_block_t *b)
{
    e->open = 1;
    e->added = 0;
    e->part = 0;
    e->kind = b->kind;
    e->free_text = b->free_text;
    e->redacted = b->redacted;
    e->nnotes = 0;
    e->builtin = b->kind == CCP_B_CALL ? ccp_responses_enc_find_builtin(e, b)
                                       : NULL;

    e->item.n = 0;
    e->call.n = 0;
    e->name.n = 0;
    e->space.n = 0;
    e->text.n = 0;
    e->sig.n = 0;
    e->notes.n = 0;
    e->probs.n = 0;
    e->raw.n = 0;

    switch (b->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
    case CCP_B_THINK:
        return ccp_responses_enc_item_id(e, b->item_id);

    case CCP_B_CALL:
        if (ccp_responses_enc_item_id(e, b->item_id) != CCP_OK
            || ccp_buf_add_json(&e->call, b->id) != CCP_OK
            || ccp_buf_add_json(&e->name, b->name) != CCP_OK)
        {
            return CCP_NOMEM;
        }

        return ccp_buf_add_json(&e->space, b->space);

    default:
        if (b->origin == CCP_RESPONSES && b->raw.n) {
            return ccp_buf_add(&e->raw, b->raw.p, b->raw.n);
        }

        /* what another server did by itself has no item here */

        e->open = 0;
        return CCP_OK;
    }
}


static void
ccp_responses_enc_item_event(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *type, ccp_str_t item)
{
    ccp_responses_enc_event_begin(e, out, type);
    ccp_w_kint(out, "output_index", e->index);
    ccp_w_kraw(out, "item", item);
    ccp_responses_enc_event_end(out);
}


void
ccp_responses_enc_announce(ccp_responses_enc_t *e, ccp_out_t *out)
{
    if (e->added || e->quiet) {
        return;
    }

    e->added = 1;

    ccp_responses_enc_event_begin(e, out, "response.output_item.added");
    ccp_w_kint(out, "output_index", e->index);
    ccp_w_key(out, "item");
    ccp_responses_enc_item(e, out, 0, "in_progress");
    ccp_responses_enc_event_end(out);

    if (e->kind == CCP_B_TEXT || e->kind == CCP_B_REFUSAL) {
        ccp_responses_enc_open_item(e, out, "response.content_part.added",
                                    "content_index");
        ccp_w_key(out, "part");
        ccp_responses_enc_part(e, out, 0);
        ccp_responses_enc_event_end(out);
        e->part = 1;
    }
}


/* What deltas and ends are called, by the kind of the item. */

typedef struct {
    const char  *delta;
    const char  *done;
    const char  *part;             /* member with the part's number */
    const char  *member;           /* of done: the whole text */
} ccp_responses_event_names_t;

static const ccp_responses_event_names_t *
ccp_responses_enc_event_names(const ccp_responses_enc_t *e)
{
    static const ccp_responses_event_names_t  text = {
        "response.output_text.delta", "response.output_text.done",
        "content_index", "text"
    };

    static const ccp_responses_event_names_t  refusal = {
        "response.refusal.delta", "response.refusal.done",
        "content_index", "refusal"
    };

    static const ccp_responses_event_names_t  think = {
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "summary_index", "text"
    };

    static const ccp_responses_event_names_t  call = {
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done", NULL, "arguments"
    };

    static const ccp_responses_event_names_t  free_text = {
        "response.custom_tool_call_input.delta",
        "response.custom_tool_call_input.done", NULL, "input"
    };

    switch (e->kind) {

    case CCP_B_REFUSAL:
        return &refusal;

    case CCP_B_THINK:
        return &think;

    case CCP_B_CALL:
        return e->free_text ? &free_text : &call;

    default:
        return &text;
    }
}


static void
ccp_responses_enc_summary_part(ccp_responses_enc_t *e, ccp_out_t *out,
    const char *type, ccp_str_t text)
{
    ccp_responses_enc_open_item(e, out, type, "summary_index");
    ccp_w_key(out, "part");
    ccp_responses_enc_summary(out, text);
    ccp_responses_enc_event_end(out);
}


int
ccp_responses_enc_add_text(ccp_responses_enc_t *e, ccp_str_t text,
    ccp_out_t *out)
{
    const ccp_responses_event_names_t  *n;

    if (ccp_buf_add_json(&e->text, text) != CCP_OK) {
        return CCP_NOMEM;
    }

    if (e->quiet || e->raw.n || e->builtin
        || (e->kind == CCP_B_THINK && !e->ac->show_think))
    {
        return CCP_OK;
    }

    ccp_responses_enc_announce(e, out);

    if (e->kind == CCP_B_THINK && !e->part) {
        ccp_responses_enc_summary_part(e, out,
                                       "response.reasoning_summary_part.added",
                                       ccp_lit(""));
        e->part = 1;
    }

    n = ccp_responses_enc_event_names(e);
    ccp_responses_enc_open_item(e, out, n->delta, n->part);
    ccp_w_kstr(out, "delta", text);

    if (e->kind == CCP_B_TEXT) {
        ccp_w_key(out, "logprobs");
        ccp_w_arr(out);
        ccp_w_arr_end(out);
    }

    ccp_responses_enc_event_end(out);

    return CCP_OK;
}


/* The events that end the parts of an item. */

static void
ccp_responses_enc_parts_done(ccp_responses_enc_t *e, ccp_out_t *out)
{
    ccp_str_t                           text;
    const ccp_responses_event_names_t  *n;

    if (e->raw.n || e->builtin || (e->kind == CCP_B_THINK && !e->part)) {
        return;
    }

    n = ccp_responses_enc_event_names(e);
    text = ccp_buf_str(&e->text, 1);

    ccp_responses_enc_open_item(e, out, n->done, n->part);

    if (e->kind == CCP_B_CALL && !e->free_text) {
        ccp_w_kstr(out, "name", ccp_buf_str(&e->name, 1));
    }

    ccp_w_kstr(out, n->member, text);

    if (e->kind == CCP_B_TEXT) {
        ccp_w_key(out, "logprobs");
        ccp_w_arr(out);

        if (e->probs.n) {
            ccp_w_raw(out, ccp_buf_str(&e->probs, 0));
        }

        ccp_w_arr_end(out);
    }

    ccp_responses_enc_event_end(out);

    if (e->kind == CCP_B_THINK) {
        ccp_responses_enc_summary_part(e, out,
                                       "response.reasoning_summary_part.done",
                                       text);

    } else if (e->kind != CCP_B_CALL) {
        ccp_responses_enc_open_item(e, out, "response.content_part.done",
                                    "content_index");
        ccp_w_key(out, "part");
        ccp_responses_enc_part(e, out, 1);
        ccp_responses_enc_event_end(out);
    }
}


/* Where the next item of the output will begin. */

static size_t
ccp_responses_enc_next_item(const ccp_responses_enc_t *e)
{
    return e->output.buf.n + (e->output.buf.n ? 1 : 0);
}


/* The item that stands at the end of the output: it is complete. */

static int
ccp_responses_enc_item_done(ccp_responses_enc_t *e, size_t at, ccp_out_t *out)
{
    ccp_str_t  item = ccp_none;

    if (e->output.err) {
        return CCP_NOMEM;
    }

    item.p = e->output.buf.p + at;
    item.n = e->output.buf.n - at;

    if (!e->quiet) {
        ccp_responses_enc_item_event(e, out, "response.output_item.done",
                                     item);
    }

    e->index++;

    return CCP_OK;
}


/* ---- proof ---- */

static ccp_proto_e
ccp_responses_enc_signer(const ccp_responses_enc_t *e)
{
    return e->ac->target ? e->ac->target->proto : CCP_RESPONSES;
}


/*
 * Proof as the client gets it: this protocol's own as it came; another's is
 * packed, and reasoning without any too, so that it is known for ours when
 * it comes back.
 */

static int
ccp_responses_enc_pack_sig(ccp_responses_enc_t *e, ccp_str_t sig,
    ccp_buf_t *to)
{
    ccp_str_t          model;
    ccp_answer_ctx_t  *ac;

    ac = e->ac;
    to->n = 0;

    if (ccp_responses_enc_signer(e) != CCP_RESPONSES) {
        model = ac->target->model.p ? ac->target->model : ac->req->model;
        sig = ccp_carrier_pack(ac->arena, ccp_responses_enc_signer(e), model,
                               e->redacted && e->kind == CCP_B_THINK
                               ? ccp_lit("redacted") : ccp_none, sig);
        if (sig.p == NULL) {
            return CCP_NOMEM;
        }
    }

    return ccp_buf_add_json(to, sig);
}


/* A reasoning item of nothing but proof that came with a text or a call. */

static int
ccp_responses_enc_proof_item(ccp_responses_enc_t *e, ccp_out_t *out)
{
    size_t     at;
    ccp_str_t  id;

    id = ccp_id_new(e->ac->clock, e->ac->arena, "rs_",
                    CCP_RESPONSES_ID_DIGITS);
    if (id.p == NULL) {
        return CCP_NOMEM;
    }

    at = ccp_responses_enc_next_item(e);
    ccp_responses_enc_proof(&e->output, id, ccp_buf_str(&e->sig, 1));
    e->sig.n = 0;

    if (!e->quiet) {
        ccp_responses_enc_event_begin(e, out, "response.output_item.added");
        ccp_w_kint(out, "output_index", e->index);
        ccp_w_key(out, "item");
        ccp_w_obj(out);
        ccp_w_kstr(out, "id", id);
        ccp_w_kcstr(out, "type", "reasoning");
        ccp_w_key(out, "summary");
        ccp_w_arr(out);
        ccp_w_arr_end(out);
        ccp_w_obj_end(out);
        ccp_responses_enc_event_end(out);
    }

    return ccp_responses_enc_item_done(e, at, out);
}


int
ccp_responses_enc_add_sig(ccp_responses_enc_t *e, ccp_str_t sig,
    ccp_out_t *out)
{
    if (ccp_responses_enc_pack_sig(e, sig, &e->sig) != CCP_OK) {
        return CCP_NOMEM;
    }

    /* one that comes late follows its item */

    return e->kind == CCP_B_THINK || e->added
           ? CCP_OK
           : ccp_responses_enc_proof_item(e, out);
}


/* ---- end of an item ---- */

/* Whether the open block makes an item at all. */

static int
ccp_responses_enc_is_worth(ccp_responses_enc_t *e, int *rc)
{
    ccp_str_t   args;
    ccp_jerr_t  jerr;

    *rc = CCP_OK;

    if (e->kind == CCP_B_TEXT || e->kind == CCP_B_REFUSAL) {
        return e->text.n || e->nnotes;
    }

    if (e->builtin == NULL) {
        return 1;
    }

    /* an action that was cut can't be shown */

    args = ccp_str_plain(e->ac->arena, ccp_buf_str(&e->text, 1));

    *rc = args.p ? ccp_json_parse(&e->doc, args.p, args.n, 0, &jerr)
                 : CCP_NOMEM;

    return *rc == CCP_OK
           && ccp_json_type(ccp_json_root(&e->doc)) == CCP_J_OBJECT;
}


int
ccp_responses_enc_close_block(ccp_responses_enc_t *e, int cut, ccp_out_t *out)
{
    int     rc;
    size_t  at;

    e->open = 0;

    if (!ccp_responses_enc_is_worth(e, &rc)) {
        return rc == CCP_NOMEM ? rc : CCP_OK;
    }

    if (e->kind == CCP_B_THINK && e->sig.n == 0
        && ccp_responses_enc_signer(e) != CCP_RESPONSES
        && ccp_responses_enc_pack_sig(e, ccp_none, &e->sig) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    ccp_responses_enc_announce(e, out);

    if (!e->quiet) {
        ccp_responses_enc_parts_done(e, out);
    }

    e->text_seen |= e->kind == CCP_B_TEXT;
    e->refusal_seen |= e->kind == CCP_B_REFUSAL;

    at = ccp_responses_enc_next_item(e);
    ccp_responses_enc_item(e, &e->output, 1, cut ? "incomplete" : "completed");

    if (ccp_responses_enc_item_done(e, at, out) != CCP_OK) {
        return CCP_NOMEM;
    }

    return e->sig.n && e->kind != CCP_B_THINK
           ? ccp_responses_enc_proof_item(e, out)
           : CCP_OK;
}
