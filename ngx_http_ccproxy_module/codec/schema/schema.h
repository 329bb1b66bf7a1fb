
/*
 * JSON Schema in the form that a target takes.
 */

#ifndef CCP_SCHEMA_H
#define CCP_SCHEMA_H

#include "codec/base/base_arena.h"
#include "codec/json/json_read.h"
#include "codec/form/form_request.h"

/* What a target takes of JSON Schema.  FULL: all of it; PLAIN: all, but
 * arrays say what is in them and the root is as ccp_schema_root_e says. */
typedef enum { CCP_SCHEMA_PLAIN, CCP_SCHEMA_FULL, CCP_SCHEMA_TIDY,
    CCP_SCHEMA_SUBSET, CCP_SCHEMA_MFJS, CCP_SCHEMA_INLINE } ccp_schemas_e;

/*
 * What the root of a schema is: anything; one object, without alternatives
 * and references, if it is an object at all (answers); one object, whatever it
 * says (arguments).  Where the target takes it all, that is no matter.
 */
typedef enum { CCP_SCHEMA_ANY, CCP_SCHEMA_OBJECT, CCP_SCHEMA_ARGS }
    ccp_schema_root_e;

/*
 * A tool's or format's schema for the target as JSON text, from whichever
 * dialect it came in: upper-case types lowered, nullable, "properties" added,
 * null members dropped (T43); CCP_SCHEMA_SUBSET: Gemini's `parameters` (T42:
 * only schema positions are cleaned, $ref inlined up to a cycle, hints go to
 * the description).  The source slice itself when nothing changes.  An absent
 * schema gives {"type":"object","properties":{}}.  A schema that is a value of
 * doc, which may be NULL, is not read again.  Absent: no memory.
 */
ccp_str_t ccp_schema_of(ccp_arena_t *a, const ccp_json_t *doc,
    ccp_str_t schema, ccp_schema_e from, ccp_schemas_e to,
    ccp_schema_root_e root);
/* The same and fit for strict mode: all required, additionalProperties. */
ccp_str_t ccp_schema_closed(ccp_arena_t *a, ccp_str_t schema,
    ccp_schema_e from, ccp_schema_root_e root);
/* The same, but what is optional stays so: additionalProperties alone. */
ccp_str_t ccp_schema_sealed(ccp_arena_t *a, ccp_str_t schema,
    ccp_schema_e from);

/* Whether the root of a schema, a value of doc, is what it may be. */
int ccp_schema_root_fits(const ccp_json_t *doc, ccp_str_t schema,
    ccp_schema_root_e root);

/* What the root of an answer's schema may be. */
static inline ccp_schema_root_e
ccp_schema_answer_root(ccp_schemas_e to)
{
    return to == CCP_SCHEMA_TIDY ? CCP_SCHEMA_OBJECT : CCP_SCHEMA_ANY;
}

#endif /* CCP_SCHEMA_H */
