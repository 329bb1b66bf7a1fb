
/*
 * Tool compatibility mode: a model without function calling gets the tools
 * described in its prompt, and its history's calls and results as text.  What
 * it calls comes back as text too, which the stage of compat_calls.c reads.
 *
 *   <ccp:call name="TOOL">{"argument":1}</ccp:call>
 *   <ccp:result name="TOOL" id="ID" error="true">text</ccp:result>
 *
 * In a result the "<" of such a tag is written as an entity, in arguments and
 * schemas as JSON's escape: nothing in them can end the element they stand in.
 */

#ifndef CCP_COMPAT_H
#define CCP_COMPAT_H

#include "codec/base/base_buf.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"

/* Longest name of a tool in text. */
#define CCP_COMPAT_NAME_MAX  128

/*
 * The mode that is left to be chosen for a target whose provider, model rules
 * applied, is d: wish, or the provider's own where that is unset.  Never
 * CCP_TOOLS_UNSET.
 */
ccp_tools_e ccp_compat_mode(const ccp_provider_t *pr, ccp_tools_e wish);

/* Whether the request has tools, or calls and results in its history. */
int ccp_compat_needed(const ccp_request_t *r);

/*
 * Makes *to a copy of the normalised request r that has no tools, no choice
 * among them and no calls.  r and its lists stay as they are; what both have
 * in common is shared.  names: of ccp_names_build() with functions only.
 * CCP_OK or CCP_NOMEM.
 */
int ccp_compat_request(ccp_request_t *to, ccp_request_t *r,
    const ccp_name_t *names, ccp_arena_t *a);

/* Whether the client's tools may be called at all (tool_choice, tools). */
int ccp_compat_callable(const ccp_request_t *r);

/*
 * The text that tells the model of the tools, in JSON spelling; absent if
 * there is nothing to tell.  calls: the history has some.  CCP_OK, CCP_NOMEM.
 */
int ccp_compat_prompt(ccp_request_t *r, const ccp_name_t *names,
    ccp_arena_t *a, int calls, ccp_str_t *text);

/* ---- writing to a buffer in JSON spelling ---- */

void ccp_compat_add(ccp_buf_t *b, const char *s);
/* Text, with the entity. */
void ccp_compat_add_text(ccp_buf_t *b, ccp_str_t s);
/* A JSON text, with JSON's escape. */
void ccp_compat_add_json(ccp_buf_t *b, ccp_str_t s);
/* The value of an attribute, without its quotes. */
void ccp_compat_add_attr(ccp_buf_t *b, ccp_str_t s);

#endif /* CCP_COMPAT_H */
