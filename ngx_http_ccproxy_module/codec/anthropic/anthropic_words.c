
/*
 * Anthropic Messages: words of the wire, usage, signatures, cache marks and
 * the error document.  What the row and every other file here stands on; it
 * calls none of them.
 */

#include <inttypes.h>
#include <stdio.h>

#include "codec/anthropic/anthropic_answer.h"
#include "codec/anthropic/anthropic_request.h"
#include "codec/base/base_match.h"
#include "codec/json/json_write.h"
#include "codec/provider/provider_error.h"


typedef struct {
    const char   *type;
    ccp_block_e   kind;
} ccp_anthropic_kind_t;

typedef struct {
    const char   *name;
    ccp_stop_e    stop;
} ccp_anthropic_stop_t;

typedef struct {
    ccp_err_e     cls;
    int           status;
    const char   *type;
} ccp_anthropic_error_t;


/* In order of frequency. */

static const ccp_anthropic_kind_t  ccp_anthropic_kinds[] = {
    { "text", CCP_B_TEXT },
    { "tool_use", CCP_B_CALL },
    { "tool_result", CCP_B_RESULT },
    { "thinking", CCP_B_THINK },
    { "redacted_thinking", CCP_B_THINK },
    { "image", CCP_B_IMAGE },
    { "document", CCP_B_DOC },
    { "search_result", CCP_B_DOC },
    { "server_tool_use", CCP_B_HCALL },
    { "mcp_tool_use", CCP_B_HCALL }
};


/* A name's first row is the one that is written. */

static const ccp_anthropic_stop_t  ccp_anthropic_stops[] = {
    { "end_turn", CCP_STOP_END },
    { "tool_use", CCP_STOP_TOOL },
    { "max_tokens", CCP_STOP_LENGTH },
    { "stop_sequence", CCP_STOP_SEQ },
    { "pause_turn", CCP_STOP_PAUSE },
    { "refusal", CCP_STOP_REFUSAL },
    { "refusal", CCP_STOP_FILTER },
    { "model_context_window_exceeded", CCP_STOP_CONTEXT },
    { "compaction", CCP_STOP_COMPACT }
};


/* The first row of a type is the class it is read as. */

static const ccp_anthropic_error_t  ccp_anthropic_errors[] = {
    { CCP_E_BAD_REQUEST, 400, "invalid_request_error" },
    { CCP_E_TOO_LONG, 400, "invalid_request_error" },
    { CCP_E_AUTH, 401, "authentication_error" },
    { CCP_E_BILLING, 402, "billing_error" },
    { CCP_E_QUOTA, 402, "billing_error" },
    { CCP_E_FORBIDDEN, 403, "permission_error" },
    { CCP_E_NOT_FOUND, 404, "not_found_error" },
    { CCP_E_METHOD, 405, "invalid_request_error" },
    { CCP_E_CONFLICT, 409, "conflict_error" },
    { CCP_E_TOO_LARGE, 413, "request_too_large" },
    { CCP_E_RATE, 429, "rate_limit_error" },
    { CCP_E_SERVER, 500, "api_error" },
    { CCP_E_MALFORMED, 502, "api_error" },
    { CCP_E_OVERLOADED, 529, "overloaded_error" },
    { CCP_E_TIMEOUT, 504, "timeout_error" },
    { CCP_E_UNSUPPORTED, 501, "invalid_request_error" },
    { CCP_E_BUDGET, 402, "billing_error" }
};



ccp_block_e
ccp_anthropic_block_kind(ccp_str_t type)
{
    size_t                   i;
    static const char        suffix[] = "_tool_result";
    static const size_t      n = sizeof(suffix) - 1;

    for (i = 0; i < ccp_countof(ccp_anthropic_kinds); i++) {
        if (ccp_str_is(type, ccp_anthropic_kinds[i].type)) {
            return ccp_anthropic_kinds[i].kind;
        }
    }

    if (type.n > n && memcmp(type.p + type.n - n, suffix, n) == 0) {
        return CCP_B_HRESULT;
    }

    return CCP_B_OPAQUE;
}


ccp_stop_e
ccp_anthropic_dec_stop(ccp_str_t reason)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_anthropic_stops); i++) {
        if (ccp_str_is(reason, ccp_anthropic_stops[i].name)) {
            return ccp_anthropic_stops[i].stop;
        }
    }

    return CCP_STOP_END;
}


const char *
ccp_anthropic_enc_stop_name(ccp_stop_e stop, ccp_str_t version)
{
    size_t  i;

    /* clients of the first version don't know the newer reason */

    if (stop == CCP_STOP_CONTEXT
        && (version.p == NULL || ccp_str_is(version, "2023-06-01")))
    {
        return "max_tokens";
    }

    for (i = 0; i < ccp_countof(ccp_anthropic_stops); i++) {
        if (ccp_anthropic_stops[i].stop == stop) {
            return ccp_anthropic_stops[i].name;
        }
    }

    return "end_turn";
}


int
ccp_anthropic_is_refusal(ccp_stop_e stop)
{
    return stop == CCP_STOP_REFUSAL || stop == CCP_STOP_FILTER;
}


void
ccp_anthropic_enc_stop_details(ccp_out_t *o, ccp_stop_e stop,
    ccp_str_t category, ccp_str_t text, int always)
{
    size_t  i;

    /* those that the protocol has; clients check */
    static const char *const  words[] = { "cyber", "bio" };

    if (!ccp_anthropic_is_refusal(stop)) {
        if (always) {
            ccp_w_knull(o, "stop_details");
        }
        return;
    }

    ccp_w_key(o, "stop_details");
    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", "refusal");

    for (i = 0; i < ccp_countof(words) && !ccp_str_is(category, words[i]);
         i++)
    {
        /* void */
    }

    if (i < ccp_countof(words)) {
        ccp_w_kcstr(o, "category", words[i]);
    } else {
        ccp_w_knull(o, "category");
    }

    if (text.p) {
        ccp_w_kstr(o, "explanation", text);
    } else {
        ccp_w_knull(o, "explanation");
    }

    ccp_w_obj_end(o);
}


static int64_t
ccp_anthropic_known_or_zero(int64_t v)
{
    return v > 0 ? v : 0;
}


void
ccp_anthropic_enc_usage(ccp_out_t *o, const ccp_usage_t *u, int64_t input,
    int64_t output)
{
    if (u == NULL) {
        u = &ccp_usage_none;
    }

    if (u->in_fresh >= 0) {
        input = u->in_fresh + ccp_anthropic_known_or_zero(u->in_tool);
    }

    if (u->out_total >= 0) {
        output = u->out_total;
    }

    ccp_w_key(o, "usage");
    ccp_w_obj(o);
    ccp_w_kint(o, "input_tokens", ccp_anthropic_known_or_zero(input));
    ccp_w_kint(o, "cache_creation_input_tokens",
               ccp_anthropic_known_or_zero(u->in_write));
    ccp_w_kint(o, "cache_read_input_tokens",
               ccp_anthropic_known_or_zero(u->in_read));

    if (u->in_write_5m >= 0 || u->in_write_1h >= 0) {
        ccp_w_key(o, "cache_creation");
        ccp_w_obj(o);
        ccp_w_kint(o, "ephemeral_5m_input_tokens",
                   ccp_anthropic_known_or_zero(u->in_write_5m));
        ccp_w_kint(o, "ephemeral_1h_input_tokens",
                   ccp_anthropic_known_or_zero(u->in_write_1h));
        ccp_w_obj_end(o);
    }

    ccp_w_kint(o, "output_tokens", ccp_anthropic_known_or_zero(output));

    if (u->out_reason > 0) {
        ccp_w_key(o, "output_tokens_details");
        ccp_w_obj(o);
        ccp_w_kint(o, "thinking_tokens", u->out_reason);
        ccp_w_obj_end(o);
    }

    if (u->searches > 0) {
        ccp_w_key(o, "server_tool_use");
        ccp_w_obj(o);
        ccp_w_kint(o, "web_search_requests", u->searches);
        ccp_w_kint(o, "web_fetch_requests", 0);
        ccp_w_obj_end(o);
    }

    ccp_w_obj_end(o);
}


void
ccp_anthropic_write_mark(ccp_anthropic_writer_t *w, ccp_cache_e c, int *skip)
{
    if (!w->marks || c == CCP_CACHE_NONE) {
        return;
    }

    if (*skip > 0) {
        (*skip)--;
        return;
    }

    ccp_w_key(w->o, "cache_control");
    ccp_w_obj(w->o);
    ccp_w_kcstr(w->o, "type", "ephemeral");

    /* of the two lifetimes the longer one covers OpenAI's half hour */

    if (c != CCP_CACHE_5M) {
        ccp_w_kcstr(w->o, "ttl", "1h");
    }

    ccp_w_obj_end(w->o);
}


void
ccp_anthropic_enc_id(ccp_out_t *o, const ccp_answer_ctx_t *ac, ccp_str_t id)
{
    ccp_w_key(o, "id");

    if (id.p && ccp_str_starts(id, "msg_")) {
        ccp_w_str(o, id);
        return;
    }

    ccp_w_str_open(o);
    ccp_w_str_part(o, ccp_lit("msg_"));
    if (ac->request_id.p) {
        ccp_w_str_part(o, ac->request_id);
    }
    ccp_w_str_close(o);
}


ccp_proto_e
ccp_anthropic_signer(const ccp_answer_ctx_t *ac, ccp_proto_e origin)
{
    return ac->target ? ac->target->proto : origin;
}


ccp_str_t
ccp_anthropic_enc_sig(const ccp_answer_ctx_t *ac, ccp_proto_e origin,
    ccp_str_t item_id, ccp_str_t sig)
{
    ccp_str_t  model;

    if (origin == CCP_ANTHROPIC) {
        return sig;
    }

    model = ac->target && ac->target->model.p ? ac->target->model : ac->model;

    return ccp_carrier_pack(ac->arena, origin, model, item_id, sig);
}


void
ccp_anthropic_enc_line(ccp_out_t *o, ccp_str_t raw)
{
    size_t          n;
    const uint8_t  *p, *last;

    last = raw.p + raw.n;

    for (p = raw.p; p < last; p += n) {
        for (n = 0; p + n < last && p[n] != '\n' && p[n] != '\r'; n++) {
            /* void */
        }

        ccp_out_bytes(o, p, n);

        if (p + n < last) {
            ccp_out_lit(o, " ");
            n++;
        }
    }
}


ccp_err_e
ccp_anthropic_error_class(ccp_str_t type)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_anthropic_errors); i++) {
        if (ccp_str_is(type, ccp_anthropic_errors[i].type)) {
            return ccp_anthropic_errors[i].cls;
        }
    }

    return CCP_E_NONE;
}


static const ccp_anthropic_error_t *
ccp_anthropic_error_row(ccp_err_e cls)
{
    size_t  i;

    for (i = 0; i < ccp_countof(ccp_anthropic_errors); i++) {
        if (ccp_anthropic_errors[i].cls == cls) {
            return &ccp_anthropic_errors[i];
        }
    }

    return ccp_anthropic_error_row(CCP_E_SERVER);
}


/* Whether the words are Anthropic's own; another's may say less than is known,
 * as Fireworks does. */

static int
ccp_anthropic_says_too_long(ccp_str_t message, const ccp_error_t *e)
{
    return ccp_str_after(message, ccp_lit("prompt is too long"))
           && (e->limit == 0 || ccp_str_after(message, ccp_lit(" tokens > ")));
}


/*
 * Anthropic's words for a prompt that is too long, in front of others: Claude
 * Code starts compaction when it reads the one, and asks for less when it
 * reads the other.
 */

static void
ccp_anthropic_enc_too_long(const ccp_error_t *err, ccp_out_t *out)
{
    char         buf[160];
    ccp_error_t  e;

    static const char  prompt[] = "prompt is too long";
    static const char  both[] = "input length and `max_tokens` exceed context "
                                "limit";

    if (ccp_str_after(err->message, ccp_cstr(both))) {
        return;
    }

    e = *err;
    ccp_overflow_numbers(&e);

    if (ccp_overflow_by_output(&e)) {
        snprintf(buf, sizeof(buf), "%s: %" PRId64 " + %" PRId64 " > %" PRId64
                 ", decrease input length or `max_tokens` and try again",
                 both, e.tokens - e.output, e.output, e.limit);

    } else if (ccp_anthropic_says_too_long(err->message, &e)) {
        return;

    } else if (e.tokens > e.limit && e.limit > 0) {
        snprintf(buf, sizeof(buf), "%s: %" PRId64 " tokens > %" PRId64
                 " maximum", prompt, e.tokens, e.limit);

    } else {
        snprintf(buf, sizeof(buf), "%s", prompt);
    }

    ccp_w_str_part(out, ccp_cstr(buf));

    if (err->message.n) {
        ccp_w_str_part(out, ccp_lit(": "));
    }
}


int
ccp_anthropic_enc_error_document(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out)
{
    const ccp_anthropic_error_t  *row;

    row = ccp_anthropic_error_row(err->cls);

    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "error");
    ccp_w_key(out, "error");
    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", row->type);
    ccp_w_key(out, "message");
    ccp_w_str_open(out);

    if (err->cls == CCP_E_TOO_LONG) {
        ccp_anthropic_enc_too_long(err, out);
    }

    if (err->message.n) {
        ccp_w_str_part(out, err->message);
    }

    ccp_w_str_close(out);

    if (err->detailed) {
        ccp_w_key(out, "details");
        ccp_w_obj(out);
        ccp_w_kstr(out, "error_code", err->code);
        ccp_w_obj_end(out);
    }

    ccp_w_obj_end(out);

    if (request_id.p) {
        ccp_w_kstr(out, "request_id", request_id);
    } else {
        ccp_w_knull(out, "request_id");
    }

    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


int
ccp_anthropic_error_status(const ccp_error_t *err)
{
    return ccp_anthropic_error_row(err->cls)->status;
}


int
ccp_anthropic_own_error(const ccp_error_t *err, ccp_jval_t root)
{
    ccp_jval_t  error;

    error = ccp_json_opt(root, "error");

    return ccp_json_is(ccp_json_opt(root, "type"), "error")
           && ccp_json_text(ccp_json_opt(error, "type"))
           && ccp_json_text(ccp_json_opt(error, "message"))
           && (err->cls != CCP_E_TOO_LONG
               || ccp_str_starts(err->message, "prompt is too long: ")
               || ccp_str_starts(err->message, "input length and "));
}
