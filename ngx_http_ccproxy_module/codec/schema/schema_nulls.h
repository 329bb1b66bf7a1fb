
/*
 * Which members of a strict tool's arguments may be null for our sake alone:
 * strict mode knows no optional ones, so ccp_schema_closed() makes them
 * nullable.  A null there says that the member is missing.
 */

#ifndef CCP_SCHEMA_NULLS_H
#define CCP_SCHEMA_NULLS_H

#include "codec/schema/schema.h"

typedef struct ccp_schema_nulls_s  ccp_schema_nulls_t;

/*
 * What closing that schema makes nullable.  CCP_OK; CCP_DECLINED: nothing;
 * CCP_NOMEM.
 */
int ccp_schema_nulls(ccp_schema_nulls_t **n, ccp_arena_t *a,
    ccp_str_t schema, ccp_schema_e from);

/* The schema of all arguments; absent ones below know no members. */
ccp_jval_t ccp_schema_nulls_root(const ccp_schema_nulls_t *n);

/*
 * Whether a null of that member of an object was made possible here; child:
 * its schema, absent if it is unknown or one of several.  1, 0, CCP_NOMEM.
 */
int ccp_schema_nulls_member(ccp_schema_nulls_t *n, ccp_jval_t object,
    ccp_str_t key, ccp_jval_t *child);

/* The schema of an array's elements, the same. */
int ccp_schema_nulls_item(ccp_schema_nulls_t *n, ccp_jval_t array,
    ccp_jval_t *child);

#endif /* CCP_SCHEMA_NULLS_H */
