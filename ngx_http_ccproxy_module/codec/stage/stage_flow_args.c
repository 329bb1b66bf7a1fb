
/*
 * Flow, arguments that don't begin as an object does: null, "", [], an
 * object that was encoded twice.  They are held till the call closes, for only
 * then it is known what they are; all others pass as they come.
 */

#include "codec/stage/stage_flow.h"
#include "codec/prepare/prepare.h"


int
ccp_flow_args(ccp_flow_t *f, ccp_flow_choice_t *c, ccp_str_t s)
{
    int                begin;
    size_t             n;
    ccp_flow_block_t  *o;

    o = c->open;

    if (o->args.n == 0) {
        begin = ccp_args_begin(s);

        if (begin == 0) {
            return CCP_OK;
        }

        if (begin != 'n' && begin != '"' && begin != '[') {
            return CCP_DECLINED;
        }
    }

    n = o->args.n;

    if (ccp_buf_add_json(&o->args, s) != CCP_OK) {
        return CCP_NOMEM;
    }

    return ccp_flow_hold(f, o, o->args.n - n);
}


int
ccp_flow_args_end(ccp_flow_t *f, ccp_flow_choice_t *c)
{
    int                err;
    ccp_str_t          s, held;
    ccp_flow_block_t  *o;

    o = c->open;
    held = ccp_buf_str(&o->args, 1);

    if (o->truncated) {
        return held.n ? ccp_flow_emit(f, c, CCP_EV_DELTA, held) : CCP_OK;
    }

    err = 0;
    s = ccp_args_object(f->ac->arena, held, &err);

    if (err) {
        return CCP_NOMEM;
    }

    /* text that is no object is the model's word: encoders judge */

    return ccp_flow_emit(f, c, CCP_EV_DELTA, s.p ? s : held);
}
