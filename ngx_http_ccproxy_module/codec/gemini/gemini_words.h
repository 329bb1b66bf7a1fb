
/*
 * Gemini: words that requests and answers share (gemini_words.c).
 */

#ifndef CCP_GEMINI_WORDS_H
#define CCP_GEMINI_WORDS_H

#include "codec/proto/proto.h"
#include "codec/proto/proto_models.h"
#include "codec/prepare/prepare.h"

/* Item id that marks a carrier of redacted reasoning. */
#define CCP_GEMINI_REDACTED  "redacted"

/* A name of the wire: camelCase is canonical, snake_case is read too. */
int ccp_gemini_is_named(ccp_str_t key, const char *name);
/* Member by either spelling; null counts as absent. */
ccp_jval_t ccp_gemini_get(ccp_jval_t obj, const char *name);
ccp_str_t ccp_gemini_gets(ccp_jval_t obj, const char *name);
/* Equality with an upper-case word, in whatever case. */
int ccp_gemini_is_word(ccp_str_t s, const char *word);

/*
 * Steps over a list's elements; one object alone is taken as a list of one,
 * as the service does.
 */
typedef struct {
    ccp_jiter_t  it;
    ccp_jval_t   val;
    unsigned     single:1;
} ccp_gemini_iter_t;

ccp_gemini_iter_t ccp_gemini_list_iter(ccp_jval_t list);
int ccp_gemini_list_next(ccp_gemini_iter_t *it);

/* Fills media; the block's kind comes from its mime type. */
ccp_block_e ccp_gemini_read_media_object(ccp_media_t *m, ccp_jval_t v,
    int file);

/* What a finishReason means. */
typedef enum {
    CCP_GEMINI_STOP,           /* stop says what */
    CCP_GEMINI_OPEN,           /* says nothing: fine if there was content */
    CCP_GEMINI_FAIL            /* the model failed */
} ccp_gemini_end_e;

typedef struct {
    const char        *word;
    int                number; /* of the enumerator; 0 unknown */
    ccp_gemini_end_e   end;
    ccp_stop_e         stop;
} ccp_gemini_reason_t;

/* The row of a finishReason, a word or a number; never NULL. */
const ccp_gemini_reason_t *ccp_gemini_dec_reason_row(ccp_jval_t v);
/*
 * The word for a stop; category: the upstream's own word, which is kept if it
 * is one of this protocol's and means the same.
 */
const char *ccp_gemini_enc_stop_word(ccp_stop_e stop, ccp_str_t category);

/* Writes {"error":{code,message,status}}, without framing; its status. */
int ccp_gemini_enc_error_document(const ccp_error_t *err, ccp_str_t request_id,
    ccp_out_t *out);
int ccp_gemini_error_status(const ccp_error_t *err);
int ccp_gemini_own_error(const ccp_error_t *err, ccp_jval_t root);

/* Parts of the row: gemini_models.c, gemini_embed.c. */
extern const ccp_models_ops_t        ccp_gemini_models;
extern const struct ccp_embed_ops_s  ccp_gemini_embed;

#endif /* CCP_GEMINI_WORDS_H */
