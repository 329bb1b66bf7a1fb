
/*
 * The data behind provider.h: presets, plain rows and model rules.
 */

#ifndef CCP_PROVIDER_TABLE_H
#define CCP_PROVIDER_TABLE_H

#include "codec/provider/provider.h"

#define CCP_RULE_COLUMNS  6

/*
 * What differs for some models of some providers.  models: patterns by comma,
 * '*' any run, '?' one character, matched without regard to case.
 */
typedef struct {
    const char         *providers;
    const char         *models;
    ccp_column_value_t  set[CCP_RULE_COLUMNS];
} ccp_provider_rule_t;

/* Another name of a row. */
typedef struct {
    const char       *name;
    const char       *row;
} ccp_provider_alias_t;

/* Each ends with an entry whose first member is NULL. */
extern const ccp_provider_t        ccp_provider_rows[];
extern const ccp_provider_rule_t   ccp_provider_rules[];
extern const ccp_provider_alias_t  ccp_provider_aliases[];

/* One row for each protocol, in the order of ccp_proto_e. */
extern const ccp_provider_t        ccp_provider_plains[CCP_NPROTO];

/*
 * Whose fault an error is whose class is known already (provider_fault.c):
 * sets blame and final.  The row that decided, or ccp_fault_count() where the
 * class did.
 */
size_t ccp_fault_find(const ccp_provider_t *pr, ccp_error_t *e);
size_t ccp_fault_count(void);

#endif /* CCP_PROVIDER_TABLE_H */
