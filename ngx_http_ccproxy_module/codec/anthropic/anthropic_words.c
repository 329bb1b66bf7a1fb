
/*
 * Anthropic Messages: words of the wire, usage, signatures, cache marks and
 * the error document.  What the row and every other file here stands on; it
 * calls none of them.
 */

#include <inttypes.h>
#include <stdio.h>

#include "codec/anthropic/anthropic_answer.h"
#include "codec/anthropic/anthropic_request.h"
#include "codec/json/json_write.h"


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
    { CCP_E_TIMEOUT, 504, "timeout_error" }
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


/* Claude Code starts compaction when it reads these words. */

static int
ccp_anthropic_text_says(ccp_str_t s, const char *words)
{
    size_t  i, k, n;

    n = strlen(words);

    for (i = 0; i + n <= s.n; i++) {
        for (k = 0; k < n && (s.p[i + k] | 0x20) == words[k]; k++) {
            /* void */
        }

        if (k == n) {
            return 1;
        }
    }

    return 0;
}


/* Sizes of context windows; other numbers mean something else. */
#define CCP_ANTHROPIC_WINDOW_MIN  1000
#define CCP_ANTHROPIC_WINDOW_MAX  1000000000000


static size_t
ccp_anthropic_skip_digits(ccp_str_t s, size_t i)
{
    size_t  n;

    for (n = 0; i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9'; n++) {
        /* void */
    }

    return n;
}


/*
 * Length of the number at i, which may have "," between its thousands.  Its
 * value is 0 if it is a part of a name, such as gpt-4-1106, or no count.
 */

static size_t
ccp_anthropic_find_number(ccp_str_t s, size_t i, int64_t *value)
{
    int      part;
    size_t   start;
    int64_t  n;

    n = 0;
    start = i;
    part = i && (memchr("-._", s.p[i - 1], 3)
                 || ((s.p[i - 1] | 0x20) >= 'a' && (s.p[i - 1] | 0x20) <= 'z'));

    for ( ; i < s.n; i++) {

        if (s.p[i] >= '0' && s.p[i] <= '9') {
            n = n < CCP_ANTHROPIC_WINDOW_MAX ? n * 10 + (s.p[i] - '0') : n;

        } else if (s.p[i] != ',' || ccp_anthropic_skip_digits(s, i + 1) != 3) {
            break;
        }
    }

    *value = part || n >= CCP_ANTHROPIC_WINDOW_MAX ? 0 : n;

    return i - start;
}


/*
 * What the prompt has and what it may have, of any provider's words for it:
 * the two largest numbers.  0 if there are no two.
 */

static int
ccp_anthropic_find_excess(ccp_str_t s, int64_t *has, int64_t *may)
{
    size_t   i;
    int64_t  n;

    *has = 0;
    *may = 0;

    for (i = 0; i < s.n; ) {

        if (ccp_anthropic_skip_digits(s, i) == 0) {
            i++;
            continue;
        }

        i += ccp_anthropic_find_number(s, i, &n);

        if (n > *has) {
            *may = *has;
            *has = n;

        } else if (n > *may && n < *has) {
            *may = n;
        }
    }

    return *may >= CCP_ANTHROPIC_WINDOW_MIN;
}


/* Anthropic's words for a prompt that is too long, in front of others. */

static void
ccp_anthropic_enc_too_long(ccp_str_t message, ccp_out_t *out)
{
    char               buf[80];
    int64_t            has, may;
    static const char  words[] = "prompt is too long";

    if (ccp_anthropic_text_says(message, words)) {
        return;
    }

    ccp_w_str_part(out, ccp_cstr(words));

    if (ccp_anthropic_find_excess(message, &has, &may)) {
        snprintf(buf, sizeof(buf), ": %" PRId64 " tokens > %" PRId64
                 " maximum", has, may);
        ccp_w_str_part(out, ccp_cstr(buf));
    }

    if (message.n) {
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
        ccp_anthropic_enc_too_long(err->message, out);
    }

    if (err->message.n) {
        ccp_w_str_part(out, err->message);
    }

    ccp_w_str_close(out);
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
