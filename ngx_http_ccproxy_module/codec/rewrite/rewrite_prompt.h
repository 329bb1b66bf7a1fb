
/*
 * Prompt tools: what the configuration of a place (not of a provider) changes
 * in a request, once and for all targets.  They edit the client's own JSON,
 * so what is not touched passes as it came.
 */

#ifndef CCP_REWRITE_PROMPT_H
#define CCP_REWRITE_PROMPT_H

#include "codec/base/base_arena.h"
#include "codec/json/json_edit.h"
#include "codec/form/form_request.h"
#include "codec/proto/proto.h"

/* A text that is put into requests. */
typedef struct {
    ccp_str_t    text;             /* UTF-8, not empty */
    ccp_str_t    match;            /* pattern for the client's model; absent:
                                      any */
    unsigned     replace:1;        /* the client's system prompt goes */
    unsigned     user:1;           /* into the first user message */
} ccp_prompt_t;

/* Texts that become others; made by ccp_prompt_pair(). */
typedef struct {
    ccp_str_t    from;
    ccp_str_t    to;
    void        *re;               /* pcre2_code; NULL: from is the text */
} ccp_prompt_pair_t;

typedef struct {
    const ccp_prompt_t       *prompts;
    size_t                    nprompts;
    const ccp_prompt_pair_t  *pairs;
    size_t                    npairs;
    const ccp_str_t          *filter;      /* patterns of tool names */
    size_t                    nfilter;
    double                    ratio;       /* of the temperature; 1: as is */
} ccp_prompt_rules_t;

/*
 * Fills a pair: from is a text or, behind "~" ("~*": of any case), a regular
 * expression, whose groups $1, ${name} stand for in to.  The slices and the
 * arena must live as long as the pair.  CCP_OK; CCP_INVALID: *wrong says why;
 * CCP_NOMEM.
 */
int ccp_prompt_pair(ccp_prompt_pair_t *pair, ccp_str_t from, ccp_str_t to,
    ccp_arena_t *a, char *wrong, size_t size);

/*
 * Adds the edits that the rules ask for in a client's request of that protocol
 * (generate: as in ccp_request_t); model is the client's.  CCP_OK; CCP_INVALID
 * (err): there is something in it that the rules can't look into; CCP_NOMEM.
 */
int ccp_prompt_edit(ccp_edit_t *e, const ccp_prompt_rules_t *rules,
    const ccp_ops_t *ops, int generate, ccp_str_t model, ccp_error_t *err);

/*
 * The same rules once more on the request that was decoded after that, in
 * whatever spelling it came: what the edits did not catch is refused.  As
 * ccp_prompt_edit(); e adds nothing.
 */
int ccp_prompt_hold(ccp_edit_t *e, const ccp_prompt_rules_t *rules,
    const ccp_request_t *r, ccp_error_t *err);

/* ---- its parts ---- */

/*
 * The text with all pairs applied, plain and in the arena; absent if that
 * changes nothing (*err: or there is no memory).  An expression that needs
 * too many steps leaves the text as it is.
 */
ccp_str_t ccp_prompt_replaced(const ccp_prompt_rules_t *rules, ccp_str_t text,
    ccp_arena_t *a, int *err);

#endif /* CCP_REWRITE_PROMPT_H */
