
/*
 * What request encoders share: pairing of calls and results, tool names and
 * ids on the wire, schemas, reasoning wishes, signature carriers, text.
 */

#ifndef CCP_PREPARE_H
#define CCP_PREPARE_H

#include "codec/base/base_arena.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/proto/proto.h"

/* How ids begin that ccp_normalise() makes for calls without one: protocols
 * whose ids are optional leave them out again. */
#define CCP_ID_MADE  "call_ccp"

/* What a request has for "unset" where the members have no zero for it. */
void ccp_request_unset(ccp_request_t *r);

/*
 * Normalises the history (once per request, before any encoder; not for the
 * splice): every CALL has exactly one RESULT in the following USER message, in
 * call order and before other blocks; consecutive assistant messages with calls
 * are joined; orphan and duplicate results, interrupted calls, empty texts and
 * empty messages are mended (T18, T21); system text that only bills is dropped
 * (T23); clear_next texts that are over are dropped.  Idempotent.  CCP_OK or
 * CCP_NOMEM.
 */
int ccp_normalise(ccp_request_t *r, ccp_arena_t *a);

/*
 * Builds the map of tool names for a target: charset, length (T14), clashes;
 * tools with a namespace become ns__name; custom tools that must travel as
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
 * Writes a CALL's arguments as a JSON object: verbatim where they are one,
 * {} where empty, {"input": text} otherwise (custom calls too).
 */
void ccp_w_args(ccp_out_t *o, ccp_arena_t *a, const ccp_block_t *call);
/* The same as a JSON string that holds the object's text. */
void ccp_w_args_str(ccp_out_t *o, ccp_arena_t *a, const ccp_block_t *call);

/*
 * A free-text tool as a function of one string: the member "description",
 * unless there is nothing to say, with the grammar in words; and the schema.
 */
void ccp_w_freetext(ccp_out_t *o, const ccp_tool_t *t);
extern const char  ccp_freetext_schema[];

/* Whether a system or user text speaks of JSON, as JSON mode demands. */
int ccp_mentions_json(const ccp_request_t *r);

/*
 * A tool's or format's schema for the target as JSON text, from whichever
 * dialect it came in: upper-case types lowered, nullable, "properties" added,
 * null members dropped (T43); CCP_SCHEMA_SUBSET: Gemini's `parameters` (T42:
 * only schema positions are cleaned, $ref inlined up to a cycle, hints go to
 * the description).  The source slice itself when nothing changes.  An absent
 * schema gives {"type":"object","properties":{}}.  Absent: no memory.
 */
ccp_str_t ccp_schema_for(ccp_arena_t *a, ccp_str_t schema, ccp_schema_e from,
    ccp_schemas_e to);
/* The same; a schema that is a value of doc is not read again. */
ccp_str_t ccp_schema_of(ccp_arena_t *a, const ccp_json_t *doc,
    ccp_str_t schema, ccp_schema_e from, ccp_schemas_e to);
/* The same and fit for strict mode: all required, additionalProperties. */
ccp_str_t ccp_schema_closed(ccp_arena_t *a, ccp_str_t schema,
    ccp_schema_e from);
/* The same, but what is optional stays so: additionalProperties alone. */
ccp_str_t ccp_schema_sealed(ccp_arena_t *a, ccp_str_t schema,
    ccp_schema_e from);

/* The schema of a client-run built-in tool type, and a description; absent
 * if the type is unknown. */
ccp_str_t ccp_builtin_schema(ccp_str_t type, ccp_str_t *desc);

/* Whether the client demands a call of this very tool. */
int ccp_tool_forced(const ccp_request_t *r, const ccp_tool_t *t);
/* Whether it is a web search that the provider runs. */
int ccp_tool_searches(const ccp_tool_t *t);

/*
 * Reasoning wish, resolved: effort from budget and budget from effort; off,
 * unset and dynamic stay.
 */
ccp_effort_e ccp_think_effort(const ccp_think_t *t);
int64_t ccp_think_budget(const ccp_think_t *t);
/* Whether the wish is "reason" (1), "don't" (0) or nothing (-1). */
int ccp_think_wanted(const ccp_think_t *t);

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
 * Splits "data:image/png;base64,…" into mime and data (kind B64), takes other
 * URLs as kind URL.
 */
void ccp_media_url(ccp_media_t *m, ccp_str_t url);
/* The reverse: a JSON string "data:M;base64,D", or the URL. */
void ccp_w_media_url(ccp_out_t *o, const ccp_media_t *m);

/* Blocks and lists in the arena; NULL: no memory. */
ccp_block_t *ccp_block_new(ccp_arena_t *a, ccp_block_e kind);
/* Appends to the list that *tail ends; returns the new tail. */
ccp_block_t **ccp_block_push(ccp_block_t **tail, ccp_block_t *b);
ccp_message_t *ccp_message_new(ccp_arena_t *a, ccp_role_e role);
int ccp_item_add(ccp_arena_t *a, ccp_item_t **list, ccp_str_t s);

/* All TEXT of a block list as one slice, joined by sep; a single text is
 * returned as it stands.  Absent if there is none; err set without memory. */
ccp_str_t ccp_blocks_text(ccp_arena_t *a, const ccp_block_t *b,
    const char *sep, int *err);

/* Writes a plain slice as a segment of a path, percent-encoded. */
void ccp_out_segment(ccp_out_t *out, ccp_str_t s);

/* Hash of a user id to 32 hex digits where it is longer than max. */
ccp_str_t ccp_user_fit(ccp_arena_t *a, ccp_str_t user, size_t max);

/*
 * The name of an Ollama client's model without the tag ":latest", which is
 * what a name without a tag means there, and which no other protocol knows.
 */
ccp_str_t ccp_model_untag(ccp_str_t model);

/* Estimate of a request's input tokens from its bytes, without decoding. */
int64_t ccp_estimate(const ccp_request_t *r);
/*
 * The same for an answer whose usage, u or NULL, may tell the number of input
 * tokens itself: then 0, and nothing is estimated.
 */
int64_t ccp_res_estimate(ccp_res_t *rs, const ccp_usage_t *u);

#endif /* CCP_PREPARE_H */
