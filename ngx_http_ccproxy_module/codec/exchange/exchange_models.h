
/*
 * Model lists: what a client learns of the models it may ask for, in its own
 * protocol.
 *
 *   Anthropic   GET /v1/models[/ID], with an anthropic-version header
 *   Chat        GET /v1/models[/ID]
 *   Gemini      GET /v1beta/models[/ID]
 *   Ollama      GET /api/tags, POST /api/show, GET /api/ps
 */

#ifndef CCP_EXCHANGE_MODELS_H
#define CCP_EXCHANGE_MODELS_H

#include "codec/exchange/exchange.h"
#include "codec/proto/proto_models.h"

/*
 * Name k that clients of this protocol offer their users without asking,
 * absent after the last: it is worth listing where a configuration routes it.
 */
ccp_str_t ccp_model_known(ccp_proto_e proto, size_t k);

/*
 * The list for the client of x, in the order given; args is its query, which
 * may ask for a page (limit, after_id, before_id; pageSize, pageToken).
 * created: seconds since the epoch, of all models.  CCP_OK, CCP_NOMEM.
 */
int ccp_models_list(ccp_exchange_t *x, const ccp_model_t *m, size_t n,
    ccp_str_t args, int64_t created, ccp_out_t *out);

/* Ollama's list of models that are loaded: of other people's, none. */
int ccp_models_loaded(ccp_exchange_t *x, ccp_out_t *out);

/* One model, as the client of x wants it described. */
int ccp_models_one(ccp_exchange_t *x, const ccp_model_t *m, int64_t created,
    ccp_out_t *out);

/*
 * Which model the client asks about: in the path, or in body (/api/show).
 * Plain, in the exchange's arena.  CCP_OK, CCP_INVALID (err), CCP_NOMEM.
 */
int ccp_models_read_asked(ccp_exchange_t *x, ccp_str_t body, ccp_str_t *id,
    ccp_error_t *err);

#endif /* CCP_EXCHANGE_MODELS_H */
