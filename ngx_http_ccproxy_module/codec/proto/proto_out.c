
/*
 * What several encoders write, of requests and of answers: segments of paths,
 * user ids, media and documents, stop sequences, estimates, the error document
 * of OpenAI's protocols.
 */

#include <stdio.h>

#include "codec/proto/proto_out.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


void
ccp_out_path_segment(ccp_out_t *out, ccp_str_t s)
{
    char     buf[4];
    size_t   i;
    uint8_t  c;

    for (i = 0; i < s.n; i++) {
        c = s.p[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || memchr("-._~", c, 4))
        {
            ccp_out_bytes(out, &c, 1);

        } else {
            snprintf(buf, sizeof(buf), "%%%02X", c);
            ccp_out_bytes(out, buf, 3);
        }
    }
}


/* Hex digits that stand for a user id that is too long. */
#define CCP_USER_DIGITS  32


ccp_str_t
ccp_request_fit_user(ccp_arena_t *a, ccp_str_t user, size_t max)
{
    size_t             i;
    uint8_t           *p;
    uint64_t           h[2];
    ccp_str_t          s;
    static const char  hex[] = "0123456789abcdef";

    if (user.p == NULL) {
        return user;
    }

    s = ccp_str_plain(a, user);
    if (s.p == NULL || s.n <= max) {
        return s.p == NULL ? s : user;
    }

    p = ccp_alloc(a, CCP_USER_DIGITS);
    if (p == NULL) {
        return ccp_none;
    }

    h[0] = ccp_str_hash(s, 0);
    h[1] = ccp_str_hash(s, h[0]);

    for (i = 0; i < CCP_USER_DIGITS; i++) {
        p[i] = (uint8_t) hex[(h[i / 16] >> (i % 16 * 4)) & 15];
    }

    s.p = p;
    s.n = CCP_USER_DIGITS;

    return s;
}


/* Bytes of a file's id in an error, at most. */
#define CCP_FILE_ID_SHOWN  200


static const struct {
    const char  *word;
    const char  *remark;
} ccp_media_words[] = {
    [CCP_B_IMAGE] = { "image", "[image omitted]" },
    [CCP_B_DOC] = { "document", "[document omitted]" },
    [CCP_B_AUDIO] = { "audio", "[audio omitted]" },
    [CCP_B_VIDEO] = { "video", "[video omitted]" }
};


const char *
ccp_media_word(const ccp_block_t *b)
{
    return b->kind < ccp_countof(ccp_media_words)
           ? ccp_media_words[b->kind].word : NULL;
}


const char *
ccp_media_remark(const ccp_block_t *b)
{
    return ccp_media_words[b->kind].remark;
}


int
ccp_refuse_media(ccp_write_ctx_t *x, const ccp_block_t *b, int data)
{
    const char  *word;

    word = ccp_media_word(b);

    if (b->media.kind == CCP_MEDIA_FILE) {
        return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                          "%s: file id %.*s can't be resolved for this "
                          "target; send the data itself", word,
                          (int) (b->media.data.n > CCP_FILE_ID_SHOWN
                                 ? CCP_FILE_ID_SHOWN : b->media.data.n),
                          (const char *) b->media.data.p);
    }

    if (b->media.kind == CCP_MEDIA_URL && data) {
        return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                          "%s: URLs are not taken by this target; send the "
                          "data as base64", word);
    }

    return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                      "%s: not supported by this target", word);
}


void
ccp_w_document_tag(ccp_out_t *out, ccp_str_t title)
{
    if (title.n == 0) {
        ccp_w_str_part(out, ccp_lit("<document>"));
        return;
    }

    ccp_w_str_part(out, ccp_lit("<document title=\""));
    ccp_w_str_part(out, title);
    ccp_w_str_part(out, ccp_lit("\">"));
}


int
ccp_w_document(ccp_out_t *out, ccp_arena_t *a, const ccp_block_t *b,
    ccp_str_t context)
{
    int        err;
    ccp_str_t  text;

    err = 0;
    text = b->parts ? ccp_block_join_text(a, b->parts, "\n", &err)
           : b->media.kind == CCP_MEDIA_TEXT ? b->media.data : b->text;

    ccp_w_document_tag(out, b->title);

    if (context.n) {
        ccp_w_str_part(out, context);
        ccp_w_str_part(out, ccp_lit("\n"));
    }

    ccp_w_str_part(out, text);
    ccp_w_str_part(out, ccp_lit("</document>"));

    return err ? CCP_NOMEM : CCP_OK;
}


void
ccp_w_stop(ccp_write_ctx_t *x, ccp_out_t *out, const char *key, int max,
    int blank)
{
    int                n;
    const ccp_item_t  *it;

    n = 0;

    for (it = x->req->stop; it; it = it->next) {

        if (blank && ccp_str_blank(it->s)) {
            ccp_request_note(x->req, x->arena, "stop: a blank entry dropped");
            continue;
        }

        if (it->s.n == 0) {
            continue;
        }

        if (n >= max) {
            ccp_request_note(x->req, x->arena,
                             "stop: a surplus entry dropped");
            continue;
        }

        if (n++ == 0) {
            ccp_w_key(out, key);
            ccp_w_arr(out);
        }

        ccp_w_str(out, it->s);
    }

    if (n) {
        ccp_w_arr_end(out);
    }
}


void
ccp_request_note_absent(ccp_request_t *r, ccp_arena_t *a,
    const ccp_absent_t *list, const char *why, const char *who)
{
    const ccp_str_t  *s;

    for ( ; list->name; list++) {
        s = (const ccp_str_t *) ((const uint8_t *) r + list->off);

        if (s->p) {
            ccp_request_note(r, a, "%s: %s%s", list->name, why, who);
        }
    }
}


int64_t
ccp_estimate_answer(ccp_answer_ctx_t *ac, const ccp_usage_t *u)
{
    if (u && u->in_fresh >= 0) {
        return 0;
    }

    if (ac->estimate < 0) {
        ac->estimate = ccp_estimate_request(ac->req, ac->client->family,
                                            ac->client->sealed);
    }

    return ac->estimate;
}


typedef struct {
    int          status;
    const char  *type;
    const char  *code;         /* NULL: the upstream's own, else null */
    const char  *text;         /* where there is no message */
} ccp_openai_error_t;

static const ccp_openai_error_t  ccp_openai_errors[CCP_E_MAX] = {
    [CCP_E_NONE] =
        { 500, "server_error", NULL, "internal error" },
    [CCP_E_BAD_REQUEST] =
        { 400, "invalid_request_error", NULL, "bad request" },
    [CCP_E_TOO_LONG] =
        { 400, "invalid_request_error", "context_length_exceeded",
          "the prompt is too long" },
    [CCP_E_AUTH] =
        { 401, "authentication_error", "invalid_api_key",
          "the credential was refused" },
    [CCP_E_BILLING] =
        { 429, "insufficient_quota", "insufficient_quota",
          "the account has no credit" },
    [CCP_E_QUOTA] =
        { 429, "insufficient_quota", "insufficient_quota",
          "the quota is used up" },
    [CCP_E_FORBIDDEN] =
        { 403, "permission_error", NULL, "forbidden" },
    [CCP_E_NOT_FOUND] =
        { 404, "not_found_error", "model_not_found", "not found" },
    [CCP_E_METHOD] =
        { 405, "invalid_request_error", NULL, "method not allowed" },
    [CCP_E_CONFLICT] =
        { 409, "conflict_error", NULL, "conflict" },
    [CCP_E_TOO_LARGE] =
        { 413, "invalid_request_error", NULL, "the request is too large" },
    [CCP_E_RATE] =
        { 429, "rate_limit_error", "rate_limit_exceeded",
          "too many requests" },
    [CCP_E_SERVER] =
        { 500, "server_error", NULL, "the upstream failed" },
    [CCP_E_OVERLOADED] =
        { 503, "server_error", NULL, "the upstream is overloaded" },
    [CCP_E_TIMEOUT] =
        { 504, "server_error", NULL, "the upstream timed out" },
    [CCP_E_MALFORMED] =
        { 502, "server_error", NULL, "the upstream's answer is unreadable" },
    [CCP_E_UNSUPPORTED] =
        { 501, "invalid_request_error", NULL, "not implemented" },
    [CCP_E_BUDGET] =
        { 402, "insufficient_quota", "insufficient_quota",
          "the budget is used up" },
};


static const ccp_openai_error_t *
ccp_openai_row(const ccp_error_t *err)
{
    unsigned  cls;

    cls = err->cls;

    return &ccp_openai_errors[cls < CCP_E_MAX ? cls : CCP_E_SERVER];
}


/* Gemini and OpenRouter repeat the status as the code: that says nothing. */

static int
ccp_openai_code_is_word(ccp_str_t code)
{
    size_t  i;

    for (i = 0; i < code.n; i++) {
        if (code.p[i] < '0' || code.p[i] > '9') {
            return 1;
        }
    }

    return 0;
}


void
ccp_w_openai_error(ccp_out_t *out, const ccp_error_t *err)
{
    const ccp_openai_error_t  *row;

    row = ccp_openai_row(err);

    ccp_w_obj(out);

    if (err->message.n) {
        ccp_w_kstr(out, "message", err->message);

    } else {
        ccp_w_kcstr(out, "message", row->text);
    }

    ccp_w_kcstr(out, "type", row->type);
    ccp_w_knull(out, "param");

    if (err->cls != CCP_E_TOO_LONG && ccp_openai_code_is_word(err->code)) {
        ccp_w_kstr(out, "code", err->code);

    } else if (row->code) {
        ccp_w_kcstr(out, "code", row->code);

    } else {
        ccp_w_knull(out, "code");
    }

    ccp_w_obj_end(out);
}


int
ccp_openai_error(const ccp_error_t *err, ccp_str_t request_id, ccp_out_t *out)
{
    (void) request_id;

    ccp_w_obj(out);
    ccp_w_key(out, "error");
    ccp_w_openai_error(out, err);
    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


int
ccp_openai_status(const ccp_error_t *err)
{
    return ccp_openai_row(err)->status;
}


int
ccp_openai_own_error(const ccp_error_t *err, ccp_jval_t root)
{
    ccp_jval_t  error;

    error = ccp_json_opt(root, "error");

    return ccp_json_text(ccp_json_opt(error, "message"))
           && ccp_json_text(ccp_json_opt(error, "type"))
           && (err->cls != CCP_E_TOO_LONG
               || ccp_str_is(err->code, "context_length_exceeded"));
}
