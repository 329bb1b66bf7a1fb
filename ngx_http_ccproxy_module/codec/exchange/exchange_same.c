
/*
 * An error whose document is the client's protocol's already: its type, its
 * param and all that only this provider knows are the client's to read.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/provider/provider_error.h"


static int
ccp_same_text(ccp_jval_t v)
{
    return ccp_json_type(v) == CCP_J_STRING
           && !ccp_str_blank(ccp_json_str(v));
}


/* Whether a client of that protocol finds all that it must have. */

static int
ccp_same_shape(const ccp_try_t *t, ccp_jval_t root)
{
    ccp_jval_t  error;

    error = ccp_json_opt(root, "error");

    if (t->x->ep.proto == CCP_OLLAMA) {
        return ccp_same_text(error)
               && ccp_error_trim(ccp_json_str(error)).p[0] != '{';
    }

    if (!ccp_same_text(ccp_json_opt(error, "message"))) {
        return 0;
    }

    switch (t->x->ep.proto) {

    case CCP_ANTHROPIC:
        return ccp_json_is(ccp_json_opt(root, "type"), "error")
               && ccp_same_text(ccp_json_opt(error, "type"));

    case CCP_GEMINI:
        return ccp_json_int(ccp_json_opt(error, "code"), 0)
               == t->reply.status
               && ccp_same_text(ccp_json_opt(error, "status"));

    default:
        return 1;
    }
}


/* Whether a prompt that is too long is told in the words clients act on. */

static int
ccp_same_words(const ccp_try_t *t, const ccp_error_t *err)
{
    if (err->cls != CCP_E_TOO_LONG) {
        return 1;
    }

    switch (t->x->ep.proto) {

    case CCP_ANTHROPIC:
        return ccp_str_starts(err->message, "prompt is too long: ")
               || ccp_str_starts(err->message, "input length and ");

    case CCP_CHAT:
    case CCP_RESPONSES:
        return ccp_str_is(err->code, "context_length_exceeded");

    default:
        return 1;
    }
}


int
ccp_answer_same_error(ccp_try_t *t, const ccp_error_t *err)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;

    if (rp->up != rp->client || rp->kind != CCP_BODY_OVER
        || rp->status < 400 || err->status != rp->status || err->raw.p == NULL
        || !ccp_same_words(t, err))
    {
        return CCP_DECLINED;
    }

    rc = ccp_json_parse(&rp->doc, err->raw.p, err->raw.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    return rc == CCP_OK && ccp_same_shape(t, ccp_json_root(&rp->doc))
           ? CCP_OK : CCP_DECLINED;
}
