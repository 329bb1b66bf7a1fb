
/*
 * Gemini answer out: what streams and whole answers have in common.
 */

#include "codec/gemini/gemini_answer.h"
#include "codec/gemini/gemini.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


static const char  ccp_base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


static int64_t
ccp_gemini_known_or_zero(int64_t n)
{
    return n > 0 ? n : 0;
}


void
ccp_gemini_enc_usage(ccp_out_t *o, ccp_answer_ctx_t *ac, const ccp_usage_t *u,
    int partial)
{
    int64_t  prompt, tool, answer, thoughts;

    u = u ? u : &ccp_usage_none;

    prompt = ccp_gemini_known_or_zero(u->in_fresh)
             + ccp_gemini_known_or_zero(u->in_read)
             + ccp_gemini_known_or_zero(u->in_write);
    tool = ccp_gemini_known_or_zero(u->in_tool);

    if (u->in_fresh < 0 && prompt == 0) {
        prompt = ccp_estimate_answer(ac, u);
    }

    thoughts = ccp_gemini_known_or_zero(u->out_reason);
    answer = ccp_gemini_known_or_zero(u->out_total) - thoughts;
    answer = ccp_gemini_known_or_zero(answer);

    if (partial) {
        answer = 0;
        thoughts = 0;
    }

    ccp_w_obj(o);
    ccp_w_kint(o, "promptTokenCount", prompt);

    if (u->in_read > 0) {
        ccp_w_kint(o, "cachedContentTokenCount", u->in_read);
    }

    if (!partial) {
        ccp_w_kint(o, "candidatesTokenCount", answer);
    }

    if (thoughts) {
        ccp_w_kint(o, "thoughtsTokenCount", thoughts);
    }

    if (tool) {
        ccp_w_kint(o, "toolUsePromptTokenCount", tool);
    }

    ccp_w_kint(o, "totalTokenCount", prompt + tool + answer + thoughts);
    ccp_w_obj_end(o);
}


ccp_str_t
ccp_gemini_enc_id(const ccp_answer_ctx_t *ac, ccp_str_t id)
{
    return id.n && ac->target->proto == CCP_GEMINI ? id : ac->request_id;
}


static ccp_str_t
ccp_gemini_enc_base64(ccp_arena_t *a, ccp_str_t s)
{
    size_t     i, n;
    uint8_t   *p;
    uint32_t   v;
    ccp_str_t  out;

    out = ccp_none;

    p = ccp_alloc(a, (s.n + 2) / 3 * 4 + 1);
    if (p == NULL) {
        return out;
    }

    out.p = p;

    for (i = 0; i < s.n; i += 3) {
        n = s.n - i;
        v = (uint32_t) s.p[i] << 16;
        v |= n > 1 ? (uint32_t) s.p[i + 1] << 8 : 0;
        v |= n > 2 ? s.p[i + 2] : 0;

        *p++ = (uint8_t) ccp_base64[v >> 18];
        *p++ = (uint8_t) ccp_base64[v >> 12 & 63];
        *p++ = (uint8_t) (n > 1 ? ccp_base64[v >> 6 & 63] : '=');
        *p++ = (uint8_t) (n > 2 ? ccp_base64[v & 63] : '=');
    }

    out.n = (size_t) (p - out.p);

    return out;
}


ccp_str_t
ccp_gemini_enc_sig(ccp_answer_ctx_t *ac, ccp_proto_e origin, ccp_str_t item_id,
    ccp_str_t sig, int redacted)
{
    ccp_str_t  model;

    if (origin == CCP_GEMINI) {
        return ccp_str_dup(ac->arena, sig);
    }

    model = ac->target->model.p ? ac->target->model : ac->req->model;

    if (redacted) {
        item_id = ccp_lit(CCP_GEMINI_REDACTED);
    }

    sig = ccp_carrier_pack(ac->arena, origin, model, item_id, sig);

    if (sig.p) {
        sig = ccp_str_plain(ac->arena, sig);
    }

    return sig.p ? ccp_gemini_enc_base64(ac->arena, sig) : sig;
}


/* Sources have their range at the top, grounding has lists. */

int
ccp_gemini_enc_is_source(ccp_arena_t *a, ccp_str_t raw, int *is)
{
    int         rc;
    ccp_jerr_t  jerr;
    ccp_jval_t  v;
    ccp_json_t  doc;

    ccp_json_init(&doc, a);

    rc = ccp_json_parse(&doc, raw.p, raw.n, CCP_JSON_ANY, &jerr);
    v = rc == CCP_OK ? ccp_json_root(&doc) : ccp_jabsent;
    *is = ccp_json_has(ccp_gemini_get(v, "uri"))
          || ccp_json_has(ccp_gemini_get(v, "endIndex"));
    ccp_json_free(&doc);

    return rc == CCP_NOMEM ? rc : CCP_OK;
}


int
ccp_gemini_enc_args_are_whole(ccp_arena_t *a, const ccp_block_t *call)
{
    int         whole;
    ccp_str_t   s;
    ccp_jerr_t  jerr;
    ccp_json_t  doc;

    if (call->free_text || ccp_str_blank(call->text)) {
        return 1;
    }

    s = ccp_str_plain(a, call->text);
    if (s.p == NULL) {
        return 1;
    }

    ccp_json_init(&doc, a);
    whole = ccp_json_parse(&doc, s.p, s.n, 0, &jerr) != CCP_INVALID;
    ccp_json_free(&doc);

    return whole;
}


int
ccp_gemini_enc_is_blocked(const ccp_usage_t *u, ccp_stop_e stop)
{
    return (stop == CCP_STOP_FILTER || stop == CCP_STOP_REFUSAL)
           && (u == NULL || u->out_total <= 0);
}


void
ccp_gemini_enc_feedback(ccp_out_t *o, ccp_str_t category, ccp_str_t text)
{
    ccp_w_key(o, "promptFeedback");
    ccp_w_obj(o);
    ccp_w_kstr(o, "blockReason", category.n ? category : ccp_lit("SAFETY"));

    if (text.n) {
        ccp_w_kstr(o, "blockReasonMessage", text);
    }

    ccp_w_obj_end(o);
}
