
/*
 * An error whose document is the client's protocol's already: its type, its
 * param and all that only this provider knows are the client's to read.
 */

#include "codec/exchange/exchange_private.h"


int
ccp_answer_same_error(ccp_try_t *t, const ccp_error_t *err)
{
    int           rc;
    ccp_reply_t  *rp;

    rp = &t->reply;

    if (rp->up != rp->client || rp->kind != CCP_BODY_OVER
        || rp->status < 400 || err->status != rp->status || err->raw.p == NULL)
    {
        return CCP_DECLINED;
    }

    rc = ccp_json_parse(&rp->doc, err->raw.p, err->raw.n, 0, NULL);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    return rc == CCP_OK && rp->client->own_error(err, ccp_json_root(&rp->doc))
           ? CCP_OK : CCP_DECLINED;
}
