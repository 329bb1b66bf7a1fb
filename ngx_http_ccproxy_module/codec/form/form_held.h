
/*
 * Conversations held for clients: what is asked of the caller, who keeps the
 * objects, and what a request and its answer say of them.
 *
 * An object is an answer with what was new in its request; it names the one
 * that it goes on from.  Whoever names the last one has the whole
 * conversation.
 */

#ifndef CCP_FORM_HELD_H
#define CCP_FORM_HELD_H

#include "codec/base/base_arena.h"
#include "codec/json/json_read.h"

typedef enum {
    CCP_HELD_NONE = 0,
    CCP_HELD_ANSWER,           /* by the id of the answer */
    CCP_HELD_ITEM,             /* a part of an answer, by its own id */
    CCP_HELD_LIST,             /* a conversation with a name of its own, whose
                                  last part changes */
    CCP_HELD_THREAD,           /* an answer of a thread, by its id */
    CCP_HELD_PART              /* a part of it: what was added to it, or an
                                  answer without its document */
} ccp_held_e;

/* Which object; a client says its id alone. */
typedef struct {
    ccp_held_e   kind;         /* NONE: no object */
    ccp_str_t    id;
    uint64_t     serial;       /* an object of that id and no later one; 0:
                                  any */
} ccp_held_ref_t;

/* The caller.  Objects of other clients are not there. */
typedef struct {
    void    *ctx;
    /*
     * The object's bytes, in the arena, its serial in ref, and whose it is: a
     * number of the caller's for an upstream that keeps it too, 0: nobody
     * else does.  CCP_OK, CCP_DECLINED (not there), CCP_NOMEM.
     */
    int    (*get)(void *ctx, ccp_held_ref_t *ref, ccp_arena_t *a,
                  ccp_str_t *bytes, uint64_t *owner);
    /*
     * Keeps bytes under ref->id and sets ref->serial; with a serial, only in
     * place of that object.  CCP_OK; CCP_DECLINED: it can't be kept, or
     * another is there.
     */
    int    (*put)(void *ctx, ccp_held_ref_t *ref, ccp_str_t bytes,
                  uint64_t owner);
    /* CCP_OK or CCP_DECLINED. */
    int    (*drop)(void *ctx, const ccp_held_ref_t *ref);
} ccp_keeper_t;

/* A request, and the answer to it, on the way to become an object. */
typedef struct {
    /* of the request */
    ccp_held_ref_t  before;    /* what it goes on from; NONE: nothing held */
    ccp_str_t       named;     /* the id by which the client named that, */
    ccp_held_ref_t  list;      /* … or the conversation that it belongs to */
    ccp_str_t       input;     /* what is new: elements by commas */
    uint64_t        owner;     /* upstream that has what the request names; 0:
                                  none has, or it names nothing */
    uint64_t        maker;     /* upstream that keeps its answer itself; 0:
                                  it does not */
    unsigned        refs:1;    /* input refers to items by their id */
    unsigned        wanted:1;  /* the answer shall be kept */

    /* of the answer, by who reads or writes it; absent: nothing to keep */
    ccp_str_t       id;
    ccp_str_t       output;    /* elements by commas */
    ccp_str_t       document;  /* the answer without them */
    ccp_str_t       whole;     /* in place of the three: the upstream's own
                                  document */
    unsigned        known:1;   /* it is held, and was not complete */
    unsigned        kept:1;
} ccp_keep_t;

#endif /* CCP_FORM_HELD_H */
