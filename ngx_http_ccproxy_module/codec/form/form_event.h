
/*
 * The neutral form of what is answered: one vocabulary of events, usage, the
 * whole answer that events make.  Slices as in form_request.h.
 */

#ifndef CCP_FORM_EVENT_H
#define CCP_FORM_EVENT_H

#include "codec/form/form_error.h"
#include "codec/form/form_request.h"

typedef struct {               /* disjoint input parts; -1 unknown */
    int64_t   in_fresh;
    int64_t   in_read;         /* from the prompt cache */
    int64_t   in_write;        /* into the prompt cache, all lifetimes */
    int64_t   in_write_5m;
    int64_t   in_write_1h;
    int64_t   in_tool;         /* Gemini's toolUsePromptTokenCount */
    int64_t   out_total;       /* reasoning included */
    int64_t   out_reason;
    int64_t   searches;
    ccp_str_t tier;
    unsigned  estimated:1;
} ccp_usage_t;

extern const ccp_usage_t  ccp_usage_none;      /* nothing is known */

/* Where the counts lie in it. */
#define CCP_USAGE_NCOUNT  9

extern const size_t  ccp_usage_counts[CCP_USAGE_NCOUNT];

/* A count of an upstream's, the member of an object; -1: absent, or beyond
 * reason. */
int64_t ccp_usage_value(ccp_jval_t v);
int64_t ccp_usage_count(ccp_jval_t obj, const char *name);
/* in_fresh: what of a prompt that counts in_read and in_write is neither;
 * they are cut to what a prompt of that length can hold. */
void ccp_usage_split(ccp_usage_t *u, int64_t prompt);
/* Adds what is known. */
void ccp_usage_add(ccp_usage_t *sum, const ccp_usage_t *u);
/* All tokens, read and written; -1: nothing is known. */
int64_t ccp_usage_total(const ccp_usage_t *u);
/* Makes counts that contradict one another fit (form_usage.c says how). */
void ccp_usage_settle(ccp_usage_t *u);

typedef enum {                 /* the later beats the earlier */
    CCP_STOP_NONE,
    CCP_STOP_END,
    CCP_STOP_PAUSE,
    CCP_STOP_SEQ,
    CCP_STOP_TOOL,
    CCP_STOP_COMPACT,
    CCP_STOP_REFUSAL,
    CCP_STOP_FILTER,
    CCP_STOP_LENGTH,
    CCP_STOP_CONTEXT
} ccp_stop_e;

typedef enum {
    CCP_EV_START,              /* id, model, created, usage so far */
    CCP_EV_BLOCK_START,        /* index, block: kind, id, name … */
    CCP_EV_DELTA,              /* index, text: text, arguments, input */
    CCP_EV_SIG,                /* index, text: signature of that block */
    CCP_EV_CITE,               /* index, raw citation */
    CCP_EV_LOGPROBS,           /* index, raw */
    CCP_EV_BLOCK_STOP,         /* index */
    CCP_EV_USAGE,              /* usage: members known now; later ones win */
    CCP_EV_FINISH,             /* stop, stop_text, refusal category */
    CCP_EV_ERROR,              /* error */
    CCP_EV_PING,
    CCP_EV_END                 /* the upstream's own terminal */
} ccp_event_e;

typedef struct {
    ccp_event_e         kind;
    int                 choice;
    int                 index;     /* of the block, the source's numbering */
    const ccp_block_t  *block;     /* BLOCK_START; never NULL there */
    ccp_str_t           text;
    ccp_str_t           raw;       /* CITE LOGPROBS: JSON text */
    ccp_proto_e         origin;
    ccp_str_t           id;        /* START */
    ccp_str_t           model;     /* START */
    int64_t             created;   /* START; 0 unknown */
    const ccp_usage_t  *usage;     /* USAGE; START if known, else NULL */
    ccp_stop_e          stop;      /* FINISH */
    ccp_str_t           stop_text; /* FINISH: SEQ: the sequence; REFUSAL,
                                      FILTER: explanation */
    ccp_str_t           category;  /* FINISH: REFUSAL, FILTER */
    const ccp_error_t  *error;     /* ERROR */
    unsigned            truncated:1; /* BLOCK_STOP: cut */
} ccp_event_t;

/* An event with no more than that. */
static inline void
ccp_event_init(ccp_event_t *ev, ccp_event_e kind, int choice, int index,
    ccp_proto_e origin)
{
    memset(ev, 0, sizeof(ccp_event_t));
    ev->kind = kind;
    ev->choice = choice;
    ev->index = index;
    ev->origin = origin;
}

/* A whole answer, aggregated from events. */
typedef struct {
    ccp_str_t     id;
    ccp_str_t     model;
    int64_t       created;
    ccp_block_t  *blocks;      /* texts json-spelled; sig set where it came */
    ccp_usage_t   usage;
    ccp_stop_e    stop;
    ccp_str_t     stop_text;
    ccp_str_t     category;
} ccp_answer_t;

/* Receives events; slices are valid during the call only.  CCP_OK, or
 * CCP_NOMEM, which ends the conversion. */
typedef struct {
    int   (*fn)(void *ctx, const ccp_event_t *ev);
    void   *ctx;
} ccp_sink_t;

#define ccp_emit(s, ev)   ((s)->fn((s)->ctx, ev))

#endif /* CCP_FORM_EVENT_H */
