
/*
 * Chat Completions answer out: a whole answer.
 */

#include "codec/chat/chat_answer.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"


/* All blocks of a kind as one string; nothing if there is none. */

static int
ccp_chat_enc_whole_text(ccp_out_t *out, const char *member,
    const ccp_answer_t *ans, ccp_block_e kind)
{
    int                 open;
    const ccp_block_t  *b;

    open = 0;

    for (b = ans->blocks; b; b = b->next) {
        if (b->kind != kind || b->text.n == 0) {
            continue;
        }

        if (!open) {
            open = 1;
            ccp_w_key(out, member);
            ccp_w_str_open(out);
        }

        ccp_w_str_part(out, b->text);
    }

    if (open) {
        ccp_w_str_close(out);
    }

    return open;
}


static void
ccp_chat_enc_whole_call(ccp_answer_ctx_t *ac, ccp_out_t *out,
    const ccp_block_t *b)
{
    const char  *body;

    body = b->free_text ? "custom" : "function";

    if (!ac->req->legacy_fn) {
        ccp_w_obj(out);
        ccp_w_kstr(out, "id", b->id);
        ccp_w_kcstr(out, "type", body);
        ccp_w_key(out, body);
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "name", b->name);

    if (b->free_text) {
        ccp_w_kstr(out, "input", b->text.p ? b->text : ccp_lit(""));

    } else if (b->truncated || b->text.n) {
        /* as the model wrote them, cut or not */
        ccp_w_kstr(out, "arguments", b->text.p ? b->text : ccp_lit(""));

    } else {
        ccp_w_kcstr(out, "arguments", "{}");
    }

    ccp_w_obj_end(out);

    if (!ac->req->legacy_fn) {
        ccp_w_obj_end(out);
    }
}


static int
ccp_chat_enc_whole_calls(ccp_answer_ctx_t *ac, ccp_out_t *out,
    const ccp_answer_t *ans)
{
    int                 n;
    const ccp_block_t  *b;

    n = 0;

    for (b = ans->blocks; b; b = b->next) {
        if (b->kind != CCP_B_CALL) {
            continue;
        }

        if (ac->req->legacy_fn) {
            /* there is room for one */
            if (n++ == 0) {
                ccp_w_key(out, "function_call");
                ccp_chat_enc_whole_call(ac, out, b);
            }

            continue;
        }

        if (n++ == 0) {
            ccp_w_key(out, "tool_calls");
            ccp_w_arr(out);
        }

        ccp_chat_enc_whole_call(ac, out, b);
    }

    if (n && !ac->req->legacy_fn) {
        ccp_w_arr_end(out);
    }

    return n;
}


static int
ccp_chat_enc_whole_proofs(ccp_answer_ctx_t *ac, ccp_out_t *out,
    const ccp_answer_t *ans)
{
    int                 n, rc;
    const ccp_block_t  *b;

    n = 0;
    rc = CCP_OK;

    for (b = ans->blocks; b && rc == CCP_OK; b = b->next) {
        if (b->sig.n == 0) {
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(out, "reasoning_details");
            ccp_w_arr(out);
        }

        rc = ccp_chat_enc_carrier(ac, out, b->origin, b->item_id, b->sig,
                                  b->redacted && b->kind == CCP_B_THINK);
    }

    if (n) {
        ccp_w_arr_end(out);
    }

    return rc;
}


static int
ccp_chat_enc_whole_has(const ccp_answer_t *ans, ccp_block_e kind)
{
    const ccp_block_t  *b;

    for (b = ans->blocks; b; b = b->next) {
        if (b->kind == kind && (kind == CCP_B_CALL || b->text.n)) {
            return 1;
        }
    }

    return 0;
}


static int
ccp_chat_enc_whole_message(ccp_answer_ctx_t *ac, ccp_out_t *out,
    const ccp_answer_t *ans)
{
    int  rc, refused;

    refused = ans->stop == CCP_STOP_REFUSAL || ans->stop == CCP_STOP_FILTER;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "role", "assistant");

    if (ccp_chat_enc_whole_text(out, "content", ans, CCP_B_TEXT) == 0) {

        if (ccp_chat_enc_whole_has(ans, CCP_B_REFUSAL)
            || ccp_chat_enc_whole_has(ans, CCP_B_CALL))
        {
            ccp_w_knull(out, "content");

        } else if (refused && ans->stop_text.n) {
            /* the user shall see a reason */
            ccp_w_kstr(out, "content", ans->stop_text);

        } else {
            ccp_w_kcstr(out, "content", "");
        }
    }

    if (ccp_chat_enc_whole_text(out, "refusal", ans, CCP_B_REFUSAL) == 0) {
        ccp_w_knull(out, "refusal");
    }

    if (ac->show_think) {
        ccp_chat_enc_whole_text(out, "reasoning_content", ans, CCP_B_THINK);
    }

    if (ccp_chat_enc_whole_cites(ac, out, ans) != CCP_OK) {
        return CCP_NOMEM;
    }

    rc = ccp_chat_enc_whole_proofs(ac, out, ans);
    ccp_chat_enc_whole_calls(ac, out, ans);
    ccp_w_obj_end(out);

    return rc;
}


int
ccp_chat_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out)
{
    int        rc;
    ccp_str_t  id;

    id = ccp_chat_enc_id(ac, ans->id);
    if (id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "id", id);
    ccp_w_kcstr(out, "object", "chat.completion");
    ccp_w_kint(out, "created", ac->created);
    ccp_w_kstr(out, "model", ac->model);
    ccp_w_key(out, "choices");
    ccp_w_arr(out);
    ccp_w_obj(out);
    ccp_w_kint(out, "index", 0);
    ccp_w_key(out, "message");
    rc = ccp_chat_enc_whole_message(ac, out, ans);
    ccp_w_knull(out, "logprobs");
    ccp_w_kcstr(out, "finish_reason",
                ccp_chat_enc_stop_word(ac, ans->stop,
                                    ccp_chat_enc_whole_has(ans,
                                                           CCP_B_REFUSAL)));
    ccp_w_obj_end(out);
    ccp_w_arr_end(out);
    ccp_w_key(out, "usage");
    ccp_chat_enc_usage(out, &ans->usage);
    ccp_w_obj_end(out);

    return rc != CCP_OK || out->err ? CCP_NOMEM : CCP_OK;
}
