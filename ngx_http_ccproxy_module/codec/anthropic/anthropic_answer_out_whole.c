
/*
 * Anthropic Messages: a whole answer for the client.
 */

#include "codec/anthropic/anthropic_answer.h"
#include "codec/anthropic/anthropic.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


/* One thinking block; sig is as the client gets it, or absent. */

static void
ccp_anthropic_enc_whole_think(ccp_out_t *o, ccp_str_t text, ccp_str_t sig)
{
    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", "thinking");
    ccp_w_kstr(o, "thinking", text.p ? text : ccp_lit(""));
    ccp_w_kstr(o, "signature", sig.p ? sig : ccp_lit(""));
    ccp_w_obj_end(o);
}


/* Citations: only Anthropic's own are in its form. */

static void
ccp_anthropic_enc_whole_text(ccp_out_t *o, ccp_str_t text,
    const ccp_block_t *parts)
{
    int  n;

    n = 0;

    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", "text");
    ccp_w_kstr(o, "text", text);

    for ( /* void */ ; parts; parts = parts->next) {
        if (parts->origin != CCP_ANTHROPIC
            || !ccp_str_is(parts->type, "citation"))
        {
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(o, "citations");
            ccp_w_arr(o);
        }

        ccp_w_raw(o, parts->raw);
    }

    if (n) {
        ccp_w_arr_end(o);
    }

    ccp_w_obj_end(o);
}


static int
ccp_anthropic_enc_whole_sig(ccp_answer_ctx_t *ac, const ccp_block_t *b,
    ccp_str_t *sig)
{
    *sig = ccp_none;

    if (b->sig.n == 0) {
        return CCP_OK;
    }

    *sig = ccp_anthropic_enc_sig(ac, ccp_anthropic_signer(ac, b->origin),
                                 b->item_id, b->sig);

    return sig->p ? CCP_OK : CCP_NOMEM;
}


/* *used: the signature of this block stands in the thinking before it. */

static int
ccp_anthropic_enc_whole_signed(ccp_answer_ctx_t *ac, const ccp_block_t *b,
    int *used, ccp_out_t *o)
{
    int                 rc;
    ccp_str_t           sig;
    const ccp_block_t  *next;

    rc = ccp_anthropic_enc_whole_sig(ac, b, &sig);
    if (rc != CCP_OK) {
        return rc;
    }

    if (b->kind != CCP_B_THINK) {
        if (sig.p && !*used) {
            ccp_anthropic_enc_whole_think(o, ccp_none, sig);
        }

        *used = 0;
        return CCP_OK;
    }

    if (b->redacted) {
        if (sig.p) {
            ccp_w_obj(o);
            ccp_w_kcstr(o, "type", "redacted_thinking");
            ccp_w_kstr(o, "data", sig);
            ccp_w_obj_end(o);
        }

        return CCP_OK;
    }

    next = b->next;

    if (sig.p == NULL && ac->show_think && next && next->sig.n
        && (next->kind == CCP_B_CALL || next->kind == CCP_B_TEXT))
    {
        rc = ccp_anthropic_enc_whole_sig(ac, next, &sig);
        *used = 1;
    }

    if (sig.p || (ac->show_think && b->text.n)) {
        ccp_anthropic_enc_whole_think(o, ac->show_think ? b->text : ccp_none,
                                      sig);
    }

    return rc;
}


static int
ccp_anthropic_enc_whole_block(ccp_answer_ctx_t *ac, const ccp_block_t *b,
    int *used, int *text, ccp_out_t *o)
{
    int                     rc;
    ccp_anthropic_search_t  search;

    switch (b->kind) {

    case CCP_B_THINK:
        return ccp_anthropic_enc_whole_signed(ac, b, used, o);

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        rc = ccp_anthropic_enc_whole_signed(ac, b, used, o);

        if (b->text.n) {
            ccp_anthropic_enc_whole_text(o, b->text,
                                         ccp_anthropic_signer(ac,
                                                              CCP_ANTHROPIC)
                                         == CCP_ANTHROPIC ? b->parts : NULL);
            *text = 1;
        }

        return rc;

    case CCP_B_CALL:
        if (b->truncated) {
            /* what is left of its input is none to run a tool with */
            return CCP_OK;
        }

        rc = ccp_anthropic_enc_whole_signed(ac, b, used, o);

        ccp_w_obj(o);
        ccp_w_kcstr(o, "type", "tool_use");
        ccp_w_kstr(o, "id", b->id);
        ccp_w_kstr(o, "name", b->name);
        ccp_w_key(o, "input");
        ccp_w_args(o, ac->arena, b);
        ccp_w_obj_end(o);

        return rc;

    case CCP_B_HCALL:
        if (b->origin == CCP_ANTHROPIC && b->type.p) {
            ccp_w_obj(o);
            ccp_w_kstr(o, "type", b->type);
            ccp_w_kstr(o, "id", b->id);
            ccp_w_kstr(o, "name", b->name);
            ccp_w_kstr_opt(o, "server_name", b->space);
            ccp_w_key(o, "input");
            ccp_w_args(o, ac->arena, b);
            ccp_w_obj_end(o);
            return CCP_OK;
        }

        rc = ccp_anthropic_enc_search(ac, b, b->next, &search);

        if (rc == CCP_OK) {
            ccp_anthropic_enc_search_use(o, &search, search.input);
            ccp_anthropic_enc_search_result(o, &search);
        }

        return rc == CCP_NOMEM ? rc : CCP_OK;

    case CCP_B_HRESULT:
    case CCP_B_OPAQUE:
        if (b->origin == CCP_ANTHROPIC && b->raw.p) {
            ccp_w_raw(o, b->raw);
        }

        return CCP_OK;

    default:
        return CCP_OK;
    }
}


/* The search that the sources of the texts tell of, where no other does.
 * CCP_OK; CCP_DECLINED: there is none; CCP_NOMEM. */

static int
ccp_anthropic_enc_whole_cites(ccp_answer_ctx_t *ac, const ccp_block_t *b,
    ccp_anthropic_search_t *s)
{
    int                     rc;
    const ccp_block_t      *part;
    ccp_anthropic_links_t   links;

    memset(&links, 0, sizeof(ccp_anthropic_links_t));
    ccp_anthropic_links_init(&links, ac);

    if (!links.wanted
        || ccp_anthropic_signer(ac, CCP_ANTHROPIC) == CCP_ANTHROPIC)
    {
        return CCP_DECLINED;
    }

    for ( /* void */ ; b; b = b->next) {
        if (b->kind == CCP_B_HCALL) {
            return CCP_DECLINED;
        }

        for (part = b->kind == CCP_B_TEXT ? b->parts : NULL; part;
             part = part->next)
        {
            rc = ccp_str_is(part->type, "citation")
                 ? ccp_anthropic_links_add(&links, part->raw) : CCP_OK;

            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    rc = ccp_anthropic_enc_search_cites(&links, s);
    ccp_json_free(&links.doc);

    return rc;
}


int
ccp_anthropic_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *o)
{
    int                     rc, used, text, cites;
    ccp_usage_t             usage;
    ccp_anthropic_search_t  search;
    int64_t                 bytes;
    const ccp_block_t      *b;

    used = 0;
    text = 0;
    bytes = 0;
    usage = ans->usage;
    cites = ccp_anthropic_enc_whole_cites(ac, ans->blocks, &search);

    if (cites == CCP_NOMEM) {
        return cites;
    }

    ccp_w_obj(o);
    ccp_anthropic_enc_id(o, ac, ans->id);
    ccp_w_kcstr(o, "type", "message");
    ccp_w_kcstr(o, "role", "assistant");
    ccp_w_kstr(o, "model", ac->model);
    ccp_w_key(o, "content");
    ccp_w_arr(o);

    for (b = ans->blocks; b; b = b->next) {
        bytes += (int64_t) b->text.n;

        if (cites == CCP_OK && b->kind == CCP_B_TEXT) {
            ccp_anthropic_enc_search_use(o, &search, search.input);
            ccp_anthropic_enc_search_result(o, &search);
            usage.searches = usage.searches < 1 ? 1 : usage.searches;
            cites = CCP_DECLINED;
        }

        rc = ccp_anthropic_enc_whole_block(ac, b, &used, &text, o);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (ccp_anthropic_is_refusal(ans->stop) && !text && ans->stop_text.n) {
        ccp_anthropic_enc_whole_text(o, ans->stop_text, NULL);
    }

    ccp_w_arr_end(o);

    ccp_w_kcstr(o, "stop_reason", ccp_anthropic_enc_stop_name(ans->stop,
                                  ac->req ? ac->req->version : ccp_none));

    if (ans->stop == CCP_STOP_SEQ && ans->stop_text.p) {
        ccp_w_kstr(o, "stop_sequence", ans->stop_text);
    } else {
        ccp_w_knull(o, "stop_sequence");
    }

    ccp_anthropic_enc_stop_details(o, ans->stop, ans->category, ans->stop_text,
                                   1);
    ccp_anthropic_enc_usage(o, &usage, ccp_estimate_answer(ac, &ans->usage),
                            (bytes + 3) / 4);
    ccp_w_obj_end(o);

    return o->err ? CCP_NOMEM : CCP_OK;
}
