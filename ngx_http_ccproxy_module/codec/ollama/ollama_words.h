
/*
 * Ollama: words that requests and answers share (ollama_words.c).
 */

#ifndef CCP_OLLAMA_WORDS_H
#define CCP_OLLAMA_WORDS_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_in.h"
#include "codec/proto/proto_models.h"
#include "codec/prepare/prepare.h"

/* Numbers of options that have a place in the neutral form. */
extern const ccp_member_t  ccp_ollama_option_table[];

/* The error document and its status, as the row has them. */
int ccp_ollama_enc_error_document(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out);
int ccp_ollama_error_status(const ccp_error_t *err);
int ccp_ollama_own_error(const ccp_error_t *err, ccp_jval_t root);

/* What a name without a tag stands for. */
#define CCP_OLLAMA_LATEST  ":latest"

/* A model's name without that tag, which no other protocol knows. */
ccp_str_t ccp_ollama_untag(ccp_str_t model);

/* Parts of the row: ollama_models.c, ollama_embed.c. */
extern const ccp_models_ops_t        ccp_ollama_models;
extern const struct ccp_embed_ops_s  ccp_ollama_embed;

#endif /* CCP_OLLAMA_WORDS_H */
