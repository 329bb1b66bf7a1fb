
/*
 * Gemini answer out: a whole answer.
 */

#include "codec/gemini/gemini_answer.h"
#include "codec/gemini/gemini.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"


typedef struct {
    ccp_answer_ctx_t  *ac;
    ccp_out_t         *o;
    ccp_str_t          sig;    /* for the next call */
    int                n;      /* parts written */
    int                cut;    /* the length limit was met */
} ccp_gemini_enc_whole_t;


static void
ccp_gemini_enc_whole_text(ccp_gemini_enc_whole_t *w, ccp_str_t text,
    int thought, ccp_str_t sig)
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
ccp_gemini_enc_whole_flush(ccp_gemini_enc_whole_t *w)
{
    if (w->sig.n) {
        ccp_gemini_enc_whole_text(w, ccp_lit(""), 0, w->sig);
        w->sig = ccp_none;
    }
}


static void
ccp_gemini_enc_whole_call(ccp_gemini_enc_whole_t *w, const ccp_block_t *b,
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
    ccp_w_args(o, w->ac->arena, b);
    ccp_w_obj_end(o);

    if (sig.n) {
        ccp_w_kstr(o, "thoughtSignature", sig);
    }

    ccp_w_obj_end(o);
    w->n++;
}


static int
ccp_gemini_enc_whole_block(ccp_gemini_enc_whole_t *w, const ccp_block_t *b)
{
    ccp_str_t  sig;

    sig = ccp_none;

    if (b->sig.n) {
        sig = ccp_gemini_enc_sig(w->ac, b->origin,
                                 b->kind == CCP_B_THINK ? b->item_id
                                                        : ccp_none,
                                 b->sig, b->redacted
                                 && b->kind == CCP_B_THINK);
        if (sig.p == NULL) {
            return CCP_NOMEM;
        }
    }

    switch (b->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        if (b->text.n || sig.n) {
            ccp_gemini_enc_whole_text(w, b->text.p ? b->text : ccp_lit(""), 0,
                                      sig);
        }

        break;

    case CCP_B_THINK:
        if (w->ac->show_think && b->text.n) {
            ccp_gemini_enc_whole_text(w, b->text, 1, ccp_none);
        }

        if (sig.n) {
            ccp_gemini_enc_whole_flush(w);
            w->sig = sig;
        }

        break;

    case CCP_B_CALL:
        if (b->truncated
            || (w->cut && !ccp_gemini_enc_args_are_whole(w->ac->arena, b)))
        {
            break;
        }

        if (sig.n == 0) {
            sig = w->sig;
            w->sig = ccp_none;
        }

        ccp_gemini_enc_whole_call(w, b, sig);
        break;

    default:
        if (b->origin == CCP_GEMINI && b->raw.n) {
            ccp_w_raw(w->o, b->raw);
            w->n++;
        }
    }

    return CCP_OK;
}


/* The parts of that kind; citations of one of the two forms (source). */

static int
ccp_gemini_enc_whole_parts(ccp_gemini_enc_whole_t *w, const ccp_answer_t *ans,
    const char *type, int source, int write, int *n)
{
    int                 is;
    const ccp_block_t  *b, *p;

    *n = 0;

    for (b = ans->blocks; b; b = b->next) {
        for (p = b->parts; p; p = p->next) {
            if (p->origin != CCP_GEMINI || p->raw.n == 0
                || !ccp_str_is(p->type, type))
            {
                continue;
            }

            if (ccp_gemini_enc_is_source(w->ac->arena, p->raw, &is)
                != CCP_OK)
            {
                return CCP_NOMEM;
            }

            if (is == source && write && (source || *n == 0)) {
                ccp_w_raw(w->o, p->raw);
            }

            *n += is == source;
        }
    }

    return CCP_OK;
}


/* What Gemini said about its sources and chances, back in its place. */

static int
ccp_gemini_enc_whole_extras(ccp_gemini_enc_whole_t *w, const ccp_answer_t *ans)
{
    int     n, rc;
    size_t  i;

    static const struct {
        const char  *type;
        const char  *member;
        const char  *list;     /* in it; NULL: the value itself */
    } extras[] = {
        { "citation", "groundingMetadata", NULL },
        { "logprobs", "logprobsResult", NULL },
        { "citation", "citationMetadata", "citationSources" }
    };

    rc = CCP_OK;

    for (i = 0; i < ccp_countof(extras); i++) {
        rc = ccp_gemini_enc_whole_parts(w, ans, extras[i].type,
                                        extras[i].list != NULL, 0, &n);
        if (rc != CCP_OK || n == 0) {
            continue;
        }

        ccp_w_key(w->o, extras[i].member);

        if (extras[i].list) {
            ccp_w_obj(w->o);
            ccp_w_key(w->o, extras[i].list);
            ccp_w_arr(w->o);
        }

        rc = ccp_gemini_enc_whole_parts(w, ans, extras[i].type,
                                        extras[i].list != NULL, 1, &n);

        if (extras[i].list) {
            ccp_w_arr_end(w->o);
            ccp_w_obj_end(w->o);
        }
    }

    return rc;
}


static int
ccp_gemini_enc_whole_candidate(ccp_gemini_enc_whole_t *w,
    const ccp_answer_t *ans)
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
            rc = ccp_gemini_enc_whole_block(w, b);
        }

        ccp_gemini_enc_whole_flush(w);

        if (w->n == 0) {
            ccp_gemini_enc_whole_text(w, ccp_lit(""), 0, ccp_none);
        }

        ccp_w_arr_end(o);
        ccp_w_obj_end(o);
    }

    ccp_w_kcstr(o, "finishReason",
                ccp_gemini_enc_stop_word(ans->stop, ans->category));

    if (refused && ans->stop_text.n) {
        ccp_w_kstr(o, "finishMessage", ans->stop_text);
    }

    ccp_w_kint(o, "index", 0);

    if (rc == CCP_OK) {
        rc = ccp_gemini_enc_whole_extras(w, ans);
    }

    ccp_w_obj_end(o);
    ccp_w_arr_end(o);

    return rc;
}


int
ccp_gemini_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *o)
{
    int                     rc;
    ccp_gemini_enc_whole_t  w;

    memset(&w, 0, sizeof(w));
    w.ac = ac;
    w.o = o;
    w.cut = ans->stop >= CCP_STOP_LENGTH;
    rc = CCP_OK;

    ccp_w_obj(o);

    if (ans->blocks == NULL
        && ccp_gemini_enc_is_blocked(&ans->usage, ans->stop))
    {
        ccp_gemini_enc_feedback(o, ans->category, ans->stop_text);

    } else {
        rc = ccp_gemini_enc_whole_candidate(&w, ans);
    }

    ccp_w_key(o, "usageMetadata");
    ccp_gemini_enc_usage(o, ac, &ans->usage, 0);
    ccp_w_kstr(o, "modelVersion", ac->model);
    ccp_w_kstr(o, "responseId", ccp_gemini_enc_id(ac, ans->id));
    ccp_w_obj_end(o);

    return rc != CCP_OK || o->err ? CCP_NOMEM : CCP_OK;
}
