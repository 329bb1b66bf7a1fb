
/*
 * JSON Schema in the form that a target takes.
 */

#ifndef CCP_SCHEMA_H
#define CCP_SCHEMA_H

#include "codec/base/base_arena.h"
#include "codec/json/json_read.h"
#include "codec/form/form_request.h"

/* What a target takes of JSON Schema. */
typedef enum { CCP_SCHEMA_FULL, CCP_SCHEMA_TIDY, CCP_SCHEMA_SUBSET,
    CCP_SCHEMA_MFJS, CCP_SCHEMA_INLINE } ccp_schemas_e;

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

#endif /* CCP_SCHEMA_H */
