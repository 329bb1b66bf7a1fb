
/*
 * Model lists: what a protocol writes of them, and what several write alike.
 */

#ifndef CCP_PROTO_MODELS_H
#define CCP_PROTO_MODELS_H

#include "codec/base/base_time.h"
#include "codec/proto/proto.h"

typedef struct {
    ccp_str_t    id;           /* as clients write it; plain */
    ccp_str_t    owner;        /* who serves it: a pool or a provider */
    int64_t      context;      /* longest prompt, tokens; CCP_UNSET_INT */
    int64_t      max_tokens;   /* longest answer; CCP_UNSET_INT */
    ccp_proto_e  only;         /* listed for these clients alone; CCP_NPROTO:
                                  for all */
} ccp_model_t;

/* What a client may see, in order; the query may ask for a page of it. */
typedef struct {
    const ccp_model_t  *m;
    size_t              n;
    ccp_str_t           args;
    int64_t             created;   /* of all models, seconds */
    char                when[CCP_TIME_LEN];    /* the same in words */
} ccp_models_t;

typedef struct ccp_models_ops_s {
    /* The document of a list; of the model l->m[0]. */
    void      (*list)(const ccp_models_t *l, ccp_out_t *out);
    void      (*one)(const ccp_models_t *l, ccp_out_t *out);

    /* The name that a body asks about; NULL: it is in the path. */
    ccp_str_t (*asked)(ccp_jval_t root);

    /* Names that clients offer their users without asking; NULL ends. */
    const char *const  *known;
} ccp_models_ops_t;

/* OpenAI's. */
extern const ccp_models_ops_t  ccp_openai_models;

/* What a page holds: m[from] up to, but not including, m[to]. */
typedef struct {
    size_t  from;
    size_t  to;
    int     more;              /* models are left */
} ccp_models_page_t;

/* The value of an argument of the query; absent if there is none. */
ccp_str_t ccp_models_arg(const ccp_models_t *l, const char *name);
/* The number in it, at most 1000; or none. */
size_t ccp_models_number(const ccp_models_t *l, const char *name,
    size_t none);
/* Cuts the page behind its first size models; 0: all stay. */
void ccp_models_cut(ccp_models_page_t *page, size_t size);

/* The list's member with the models of the page. */
void ccp_w_models(ccp_out_t *out, const char *key, const ccp_models_t *l,
    const ccp_models_page_t *page,
    void (*entry)(ccp_out_t *out, const ccp_models_t *l,
                  const ccp_model_t *m));

#endif /* CCP_PROTO_MODELS_H */
