
/*
 * What the module answers itself: GET /, /health and its version.
 */

#include "codec/exchange/exchange_private.h"
#include "codec/json/json_write.h"


int
ccp_exchange_local(ccp_exchange_t *x, ccp_out_t *out)
{
    switch (x->ep.op) {

    case CCP_OP_ROOT:
        ccp_w_obj(out);
        ccp_w_kcstr(out, "message", "ccproxy for nginx");
        ccp_w_kcstr(out, "status", "ok");
        ccp_w_kcstr(out, "version", CCP_VERSION);
        ccp_w_obj_end(out);
        break;

    case CCP_OP_HEALTH:
        ccp_w_obj(out);
        ccp_w_kcstr(out, "status", "ok");
        ccp_w_kcstr(out, "version", CCP_VERSION);
        ccp_w_obj_end(out);
        break;

    case CCP_OP_VERSION:
        ccp_w_obj(out);
        ccp_w_kcstr(out, "version",
                    ccp_proto_ops(x->ep.proto)->version);
        ccp_w_obj_end(out);
        break;

    default:
        return CCP_DECLINED;
    }

    return ccp_out_finish(out);
}
