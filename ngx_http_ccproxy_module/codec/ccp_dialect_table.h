
/*
 * The data behind ccp_dialect.h: presets, plain rows and model rules.
 */

#ifndef CCP_DIALECT_TABLE_H
#define CCP_DIALECT_TABLE_H

#include "ccp_dialect.h"

#define CCP_RULE_PAIRS  6

typedef struct {
    const char  *column;       /* a name that ccp_dialect_set() knows */
    const char  *value;
} ccp_rule_pair_t;

/*
 * What differs for some models of some providers.  models: patterns by comma,
 * '*' any run, '?' one character, matched without regard to case.
 */
typedef struct {
    const char       *providers;
    const char       *models;
    ccp_rule_pair_t   set[CCP_RULE_PAIRS];
} ccp_rule_t;

/* Each ends with an entry whose first member is NULL. */
extern const ccp_dialect_t  ccp_dialect_rows[];
extern const ccp_rule_t     ccp_dialect_rules[];

/* One row for each protocol, in the order of ccp_proto_e. */
extern const ccp_dialect_t  ccp_dialect_plains[CCP_NPROTO];

#endif /* CCP_DIALECT_TABLE_H */
