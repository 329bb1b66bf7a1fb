
/*
 * What makes a decoded request fit for an encoder: pairs of calls and results,
 * tool names and ids on the wire, arguments, built-in and free-text tools,
 * carriers of signatures, the estimate of tokens.
 */

#ifndef CCP_PREPARE_H
#define CCP_PREPARE_H

#include "codec/base/base_arena.h"
#include "codec/json/json_out.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"

/* How ids begin that ccp_history_normalise() makes for calls without one:
 * protocols whose ids are optional leave them out again. */
#define CCP_ID_MADE  "call_ccp"

/*
 * Normalises the history (once per request, before any encoder; not for the
 * splice): every CALL has exactly one RESULT in the following USER message, in
 * call order and before other blocks; consecutive assistant messages with calls
 * are joined; orphan and duplicate results, interrupted calls, empty texts and
 * empty messages are mended (T18, T21); system text that only bills is dropped
 * (T23); clear_next texts that are over are dropped; tools that the choice
 * allows are marked.  Idempotent.  CCP_OK or CCP_NOMEM.
 */
int ccp_history_normalise(ccp_request_t *r, ccp_arena_t *a);

/*
 * Builds the map of tool names for a target: charset, length (T14), clashes;
 * tools with a namespace become ns__name; free-text tools that must travel as
 * functions are marked (functions_only).  NULL map: nothing needs mapping.
 */
int ccp_names_build(ccp_name_t **names, const ccp_request_t *r,
    ccp_arena_t *a, size_t name_max, int functions_only);
/* The wire name of a client's tool (itself if not in the map). */
ccp_str_t ccp_name_wire(const ccp_name_t *names, ccp_str_t space,
    ccp_str_t name);
/* The map's entry of a wire name; NULL: unchanged. */
const ccp_name_t *ccp_name_client(const ccp_name_t *names, ccp_str_t wire);

/*
 * A tool call id in the target's form: itself where it fits, else a stable
 * hash of it with the given prefix (T13).  Same id in, same id out.
 */
ccp_str_t ccp_call_id(ccp_arena_t *a, ccp_str_t id, ccp_idform_e form,
    const char *prefix);

/*
 * Arguments as clients and models spell them, on their way into a CALL's
 * text: "{}" for null, nothing and an empty list; the object itself where it
 * was encoded as a string again or is a list's only element; all else as it
 * is.  *err without memory.
 */
ccp_str_t ccp_args_settle(ccp_arena_t *a, ccp_str_t s, int *err);

/*
 * Arguments as the plain text of an object, however they were wrapped: {} of
 * none, null, "" and []; the object in a string or in a list of one.  Absent:
 * they are no object; *err: no memory.
 */
ccp_str_t ccp_args_object(ccp_arena_t *a, ccp_str_t text, int *err);
/* The first character of arguments that is no white space; 0: none is. */
int ccp_args_begin(ccp_str_t s);

/*
 * Writes a CALL's arguments as a JSON object: verbatim where they are one,
 * {} where empty, {"input": text} otherwise (free-text calls too).
 */
void ccp_w_args(ccp_out_t *o, ccp_arena_t *a, const ccp_block_t *call);
/* The same as a JSON string that holds the object's text. */
void ccp_w_args_str(ccp_out_t *o, ccp_arena_t *a, const ccp_block_t *call);

/*
 * A free-text tool as a function of one string: the member "description",
 * unless there is nothing to say, with the grammar in words; and the schema.
 */
void ccp_w_free_text(ccp_out_t *o, const ccp_tool_t *t);
extern const char  ccp_free_text_schema[];

/* Whether a system or user text speaks of JSON, as JSON mode demands. */
int ccp_request_says_json(const ccp_request_t *r);

/* The schema of a client-run built-in tool type, and a description; absent
 * if the type is unknown. */
ccp_str_t ccp_builtin_schema(ccp_str_t type, ccp_str_t *desc);

/* Whether the client demands a call of this very tool. */
int ccp_tool_forced(const ccp_request_t *r, const ccp_tool_t *t);
/* Whether it is a web search that the provider runs. */
int ccp_tool_searches(const ccp_tool_t *t);

/*
 * Carriers of signatures through foreign clients: "ccp1.<o>.<model
 * hash>.<bytes>", o is the origin's letter.  pack: what the client gets;
 * unpack: 1 and the parts if sig is a carrier, else 0 and *origin unchanged.
 */
ccp_str_t ccp_carrier_pack(ccp_arena_t *a, ccp_proto_e origin,
    ccp_str_t model, ccp_str_t item_id, ccp_str_t sig);
int ccp_carrier_unpack(ccp_arena_t *a, ccp_str_t sig, ccp_proto_e *origin,
    uint32_t *model_hash, ccp_str_t *item_id, ccp_str_t *bytes);
uint32_t ccp_model_hash(ccp_str_t model);  /* of the model's family */

/*
 * Estimate of a request's input tokens from its bytes, without decoding.
 * family: of the model, if its name tells none.  sealed: the history's
 * reasoning is a summary of what is encrypted.
 */
int64_t ccp_estimate_request(const ccp_request_t *r, const char *family,
    int sealed);

#endif /* CCP_PREPARE_H */
