
/*
 * OpenAI Responses, https://platform.openai.com/docs/api-reference/responses:
 * the row of the table of protocols.
 */

#include "ccp_proto.h"


static int
ccp_responses_decode(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    (void) r;

    return ccp_error_set(err, a, CCP_E_BAD_REQUEST,
                         "the Responses protocol is not converted by this "
                         "version");
}


static int
ccp_responses_encode(ccp_encode_t *x, ccp_out_t *out)
{
    (void) out;

    return ccp_error_set(x->err, x->arena, CCP_E_BAD_REQUEST,
                         "the Responses protocol is not converted by this "
                         "version");
}


static int
ccp_responses_path(ccp_encode_t *x, ccp_out_t *out)
{
    (void) x;

    ccp_out_lit(out, "/responses");

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_responses_none(void *d, ccp_res_t *rs)
{
    (void) d;
    (void) rs;

    return CCP_OK;
}


static int
ccp_responses_dec_event(void *d, ccp_str_t event, ccp_str_t data,
    ccp_jval_t v)
{
    (void) d;
    (void) event;
    (void) data;
    (void) v;

    return CCP_OK;
}


static int
ccp_responses_dec_whole(void *d, ccp_jval_t root)
{
    (void) d;
    (void) root;

    return CCP_OK;
}


static int
ccp_responses_dec_eof(void *d)
{
    (void) d;

    return CCP_OK;
}


static int
ccp_responses_enc_event(void *e, const ccp_event_t *ev, ccp_out_t *out)
{
    (void) e;
    (void) ev;
    (void) out;

    return CCP_OK;
}


static int
ccp_responses_enc_whole(ccp_res_t *rs, const ccp_answer_t *ans,
    ccp_out_t *out)
{
    (void) rs;
    (void) ans;
    (void) out;

    return CCP_OK;
}


static int
ccp_responses_error(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out)
{
    (void) request_id;

    ccp_w_obj(out);
    ccp_w_key(out, "error");
    ccp_w_obj(out);
    ccp_w_kstr(out, "message", err->message);
    ccp_w_kcstr(out, "type", "invalid_request_error");
    ccp_w_knull(out, "param");
    ccp_w_knull(out, "code");
    ccp_w_obj_end(out);
    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_responses_error_status(const ccp_error_t *err)
{
    (void) err;

    return 400;
}


const ccp_ops_t  ccp_responses_ops = {
    .name = "responses",
    .stream_type = "text/event-stream; charset=utf-8",
    .framing = CCP_FRAME_SSE,
    .decode = ccp_responses_decode,
    .encode = ccp_responses_encode,
    .path = ccp_responses_path,
    .dec_size = 1,
    .dec_init = ccp_responses_none,
    .dec_event = ccp_responses_dec_event,
    .dec_whole = ccp_responses_dec_whole,
    .dec_eof = ccp_responses_dec_eof,
    .enc_size = 1,
    .enc_init = ccp_responses_none,
    .enc_event = ccp_responses_enc_event,
    .enc_whole = ccp_responses_enc_whole,
    .error = ccp_responses_error,
    .error_status = ccp_responses_error_status,
};
