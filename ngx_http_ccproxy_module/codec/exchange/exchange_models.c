
/*
 * Model lists: what this client may see, in its protocol's form.
 */

#include "codec/exchange/exchange_models.h"
#include "codec/exchange/exchange_private.h"


ccp_str_t
ccp_model_known(ccp_proto_e proto, size_t k)
{
    const char *const  *name;

    name = ccp_proto_ops(proto)->models->known;

    while (name && *name && k > 0) {
        name++;
        k--;
    }

    return name && *name ? ccp_cstr(*name) : ccp_none;
}


int
ccp_models_list(ccp_exchange_t *x, const ccp_model_t *m, size_t n,
    ccp_str_t args, int64_t created, ccp_out_t *out)
{
    size_t         i;
    ccp_model_t   *mine;
    ccp_models_t   l;

    mine = ccp_alloc(x->arena, (n + 1) * sizeof(ccp_model_t));
    if (mine == NULL) {
        return CCP_NOMEM;
    }

    memset(&l, 0, sizeof(ccp_models_t));
    l.m = mine;
    l.args = args;
    l.created = created;
    ccp_time_write(l.when, created);

    for (i = 0; i < n; i++) {
        if (m[i].only == CCP_NPROTO || m[i].only == x->ep.proto) {
            mine[l.n++] = m[i];
        }
    }

    ccp_proto_ops(x->ep.proto)->models->list(&l, out);

    return ccp_out_finish(out);
}


int
ccp_models_loaded(ccp_exchange_t *x, ccp_out_t *out)
{
    return ccp_models_list(x, NULL, 0, ccp_none, 0, out);
}


int
ccp_models_one(ccp_exchange_t *x, const ccp_model_t *m, int64_t created,
    ccp_out_t *out)
{
    ccp_models_t  l;

    memset(&l, 0, sizeof(ccp_models_t));
    l.m = m;
    l.n = 1;
    l.created = created;
    ccp_time_write(l.when, created);

    ccp_proto_ops(x->ep.proto)->models->one(&l, out);

    return ccp_out_finish(out);
}


int
ccp_models_read_asked(ccp_exchange_t *x, ccp_str_t body, ccp_str_t *id,
    ccp_error_t *err)
{
    int                      rc;
    ccp_jerr_t               je;
    const ccp_models_ops_t  *ops;

    *id = x->ep.model;

    if (id->p) {
        return CCP_OK;
    }

    ops = ccp_proto_ops(x->ep.proto)->models;

    rc = ccp_json_parse(&x->req.doc, body.p, body.n, 0, &je);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc == CCP_OK && ops->asked) {
        *id = ccp_str_plain(x->arena, ops->asked(ccp_json_root(&x->req.doc)));

        if (id->n) {
            return CCP_OK;
        }
    }

    return ccp_refuse(err, x->arena, CCP_E_BAD_REQUEST,
                      "model: the name of a model is expected");
}
