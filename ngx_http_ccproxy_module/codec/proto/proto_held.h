
/*
 * Objects that are held for clients (form_held.h): how they are packed, and
 * the way from one to those before it.  What is in them is their protocol's
 * business.
 */

#ifndef CCP_PROTO_HELD_H
#define CCP_PROTO_HELD_H

#include "codec/base/base_id.h"
#include "codec/form/form_error.h"
#include "codec/form/form_held.h"
#include "codec/form/form_request.h"
#include "codec/json/json_edit.h"

/* Objects that one conversation may be made of, and their bytes. */
#define CCP_HELD_DEPTH   4096
#define CCP_HELD_BYTES   (32 * 1024 * 1024)

typedef struct ccp_held_s  ccp_held_t;

struct ccp_held_s {
    ccp_held_ref_t   self;
    uint64_t         owner;
    ccp_held_ref_t   before;   /* NONE: it is the first */
    ccp_str_t        list;     /* id of the conversation that it is part of */
    ccp_str_t        input;    /* elements by commas; absent where empty */
    ccp_str_t        output;
    ccp_str_t        document;
    uint32_t         at;       /* of an item: where it stands in the output */
    uint32_t         n;        /* … of before, and its bytes */
    unsigned         refs:1;   /* input refers to items by their id */
    unsigned         pending:1; /* its upstream makes it yet */
    ccp_held_t      *next;     /* the one that goes on from it */
};

/* What a request that names objects is read with. */
typedef struct ccp_recall_s {
    const ccp_keeper_t   *keeper;
    ccp_arena_t          *arena;
    const ccp_request_t  *r;       /* body, doc, root and op are set */
    ccp_keep_t           *keep;
    ccp_edit_t           *edit;    /* of r->doc: makes the body whole */
    ccp_error_t          *err;
} ccp_recall_t;

/* A request for what is held itself. */
typedef struct ccp_held_call_s {
    const ccp_keeper_t   *keeper;
    ccp_arena_t          *arena;
    ccp_clock_t          *clock;
    ccp_str_t             method;
    ccp_str_t             path;    /* what follows the endpoint; absent: none */
    ccp_str_t             args;
    ccp_jval_t            root;    /* of the body; absent: there is none */
    ccp_out_t            *out;
    ccp_error_t          *err;
    unsigned              list:1;  /* the endpoint of conversations */
    uint64_t              owner;   /* set: who has the object, and is to be
                                      asked; 0: nobody */
    ccp_str_t             model;   /* … by that name of a model */
} ccp_held_call_t;

/* The object; CCP_OK, CCP_DECLINED (not there, or not as it was), CCP_NOMEM. */
int ccp_held_get(const ccp_keeper_t *k, ccp_held_ref_t ref, ccp_arena_t *a,
    ccp_held_t **held);
/* As put of the keeper. */
int ccp_held_put(const ccp_keeper_t *k, ccp_held_t *held, ccp_arena_t *a);

/*
 * The object with all before it, as a list that begins with the first; *last
 * is the one of ref.  CCP_OK, CCP_DECLINED (one of them is not there),
 * CCP_INVALID (they are too many), CCP_NOMEM.
 */
int ccp_held_walk(const ccp_keeper_t *k, ccp_held_ref_t ref, ccp_arena_t *a,
    ccp_held_t **first, ccp_held_t **last);

/* Who has the elements of an answer: itself, or the part of a conversation
 * that it is; results as of ccp_held_get(). */
int ccp_held_elements(const ccp_keeper_t *k, ccp_arena_t *a,
    ccp_held_t *answer, ccp_held_t **body);

/* Appends elements to a list of them. */
void ccp_held_join(ccp_out_t *out, ccp_str_t elements);

#endif /* CCP_PROTO_HELD_H */
