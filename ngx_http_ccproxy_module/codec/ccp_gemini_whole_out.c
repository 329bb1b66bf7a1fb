
/*
 * Gemini response out: a whole answer.
 */

#include "ccp_gemini.h"


typedef struct {
    ccp_res_t  *rs;
    ccp_out_t  *o;
    ccp_str_t   sig;           /* for the next call */
    int         n;             /* parts written */
} ccp_gemini_whole_t;


static void
ccp_gemini_whole_text(ccp_gemini_whole_t *w, ccp_str_t text, int thought,
    ccp_str_t sig)
{
    ccp_w_obj(w->o);
    ccp_w_kstr(w->o, "text", text);

    if (thought) {
        ccp_w_kbool(w->o, "thought", 1);
    }

    if (sig.n) {
        ccp_w_kstr(w->o, "thoughtSignature", sig);
    }

    ccp_w_obj_end(w->o);
    w->n++;
}


static void
ccp_gemini_whole_flush(ccp_gemini_whole_t *w)
{
    if (w->sig.n) {
        ccp_gemini_whole_text(w, ccp_lit(""), 0, w->sig);
        w->sig = ccp_none;
    }
}


static void
ccp_gemini_whole_call(ccp_gemini_whole_t *w, const ccp_block_t *b,
    ccp_str_t sig)
{
    ccp_out_t  *o;

    o = w->o;

    ccp_w_obj(o);
    ccp_w_key(o, "functionCall");
    ccp_w_obj(o);
    ccp_w_kstr(o, "id", b->id);
    ccp_w_kstr(o, "name", b->name);
    ccp_w_key(o, "args");
    ccp_w_args(o, w->rs->arena, b);
    ccp_w_obj_end(o);

    if (sig.n) {
        ccp_w_kstr(o, "thoughtSignature", sig);
    }

    ccp_w_obj_end(o);
    w->n++;
}


static int
ccp_gemini_whole_block(ccp_gemini_whole_t *w, const ccp_block_t *b)
{
    ccp_str_t  sig;

    sig = ccp_none;

    if (b->sig.n) {
        sig = ccp_gemini_sig(w->rs, b->origin,
                             b->kind == CCP_B_THINK ? b->item_id : ccp_none,
                             b->sig, b->redacted && b->kind == CCP_B_THINK);
        if (sig.p == NULL) {
            return CCP_NOMEM;
        }
    }

    switch (b->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        if (b->text.n || sig.n) {
            ccp_gemini_whole_text(w, b->text.p ? b->text : ccp_lit(""), 0,
                                  sig);
        }

        break;

    case CCP_B_THINK:
        if (w->rs->show_think && b->text.n) {
            ccp_gemini_whole_text(w, b->text, 1, ccp_none);
        }

        if (sig.n) {
            ccp_gemini_whole_flush(w);
            w->sig = sig;
        }

        break;

    case CCP_B_CALL:
        if (b->truncated) {
            break;
        }

        if (sig.n == 0) {
            sig = w->sig;
            w->sig = ccp_none;
        }

        ccp_gemini_whole_call(w, b, sig);
        break;

    default:
        if (b->origin == CCP_GEMINI && b->raw.n) {
            ccp_w_raw(w->o, b->raw);
            w->n++;
        }
    }

    return CCP_OK;
}


/* What Gemini said about its sources and chances, back in its place. */

static void
ccp_gemini_whole_extras(ccp_gemini_whole_t *w, const ccp_answer_t *ans)
{
    int                 sources;
    const ccp_block_t  *b, *p;

    sources = 0;

    for (b = ans->blocks; b; b = b->next) {
        for (p = b->parts; p; p = p->next) {
            if (p->origin != CCP_GEMINI || p->raw.n == 0) {
                continue;
            }

            if (ccp_str_is(p->type, "logprobs")) {
                ccp_w_kraw(w->o, "logprobsResult", p->raw);

            } else if (!ccp_str_is(p->type, "citation")) {
                continue;

            } else if (ccp_gemini_is_source(w->rs->arena, p->raw)) {
                sources++;

            } else {
                ccp_w_kraw(w->o, "groundingMetadata", p->raw);
            }
        }
    }

    if (sources == 0) {
        return;
    }

    ccp_w_key(w->o, "citationMetadata");
    ccp_w_obj(w->o);
    ccp_w_key(w->o, "citationSources");
    ccp_w_arr(w->o);

    for (b = ans->blocks; b; b = b->next) {
        for (p = b->parts; p; p = p->next) {
            if (p->origin == CCP_GEMINI && ccp_str_is(p->type, "citation")
                && ccp_gemini_is_source(w->rs->arena, p->raw))
            {
                ccp_w_raw(w->o, p->raw);
            }
        }
    }

    ccp_w_arr_end(w->o);
    ccp_w_obj_end(w->o);
}


static int
ccp_gemini_whole_candidate(ccp_gemini_whole_t *w, const ccp_answer_t *ans)
{
    int                 rc, refused;
    ccp_out_t          *o;
    const ccp_block_t  *b;

    o = w->o;
    rc = CCP_OK;
    refused = ans->stop == CCP_STOP_FILTER || ans->stop == CCP_STOP_REFUSAL;

    ccp_w_key(o, "candidates");
    ccp_w_arr(o);
    ccp_w_obj(o);

    if (!refused || ans->blocks) {
        ccp_w_key(o, "content");
        ccp_w_obj(o);
        ccp_w_kcstr(o, "role", "model");
        ccp_w_key(o, "parts");
        ccp_w_arr(o);

        for (b = ans->blocks; b && rc == CCP_OK; b = b->next) {
            rc = ccp_gemini_whole_block(w, b);
        }

        ccp_gemini_whole_flush(w);

        if (w->n == 0) {
            ccp_gemini_whole_text(w, ccp_lit(""), 0, ccp_none);
        }

        ccp_w_arr_end(o);
        ccp_w_obj_end(o);
    }

    ccp_w_kcstr(o, "finishReason",
                ccp_gemini_stop_word(ans->stop, ans->category));

    if (refused && ans->stop_text.n) {
        ccp_w_kstr(o, "finishMessage", ans->stop_text);
    }

    ccp_w_kint(o, "index", 0);
    ccp_gemini_whole_extras(w, ans);
    ccp_w_obj_end(o);
    ccp_w_arr_end(o);

    return rc;
}


int
ccp_gemini_enc_whole(ccp_res_t *rs, const ccp_answer_t *ans, ccp_out_t *o)
{
    int                 rc;
    ccp_gemini_whole_t  w;

    memset(&w, 0, sizeof(w));
    w.rs = rs;
    w.o = o;
    rc = CCP_OK;

    ccp_w_obj(o);

    if (ans->blocks == NULL && ccp_gemini_blocked(&ans->usage, ans->stop)) {
        ccp_gemini_w_feedback(o, ans->category, ans->stop_text);

    } else {
        rc = ccp_gemini_whole_candidate(&w, ans);
    }

    ccp_w_key(o, "usageMetadata");
    ccp_gemini_w_usage(o, rs, &ans->usage, 0);
    ccp_w_kstr(o, "modelVersion", rs->model);
    ccp_w_kstr(o, "responseId", ccp_gemini_id(rs, ans->id));
    ccp_w_obj_end(o);

    return rc != CCP_OK || o->err ? CCP_NOMEM : CCP_OK;
}
