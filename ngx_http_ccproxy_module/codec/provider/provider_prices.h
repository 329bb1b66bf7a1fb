
/*
 * Public list prices of presets, which a configuration may take for its own.
 */

#ifndef CCP_PROVIDER_PRICES_H
#define CCP_PROVIDER_PRICES_H

#include "codec/provider/provider.h"

/* Of a million tokens each, in 10^-9 of a US dollar; -1: not given. */
typedef struct {
    const char  *presets;      /* names by comma */
    const char  *models;       /* patterns by comma */
    const char  *date;         /* when they were seen */
    int64_t      above;        /* holds for longer prompts only */
    int64_t      in;
    int64_t      out;
    int64_t      cached;
    int64_t      write;
    int64_t      write_1h;
} ccp_list_price_t;

/* Ends with a row without presets. */
extern const ccp_list_price_t  ccp_list_prices[];

/* The first row of a preset's; NULL: there is none. */
const ccp_list_price_t *ccp_list_price_first(const char *preset);
/* Of the rows from the first one on that for the model (plain) and a prompt of
 * so many tokens; NULL: there is none. */
const ccp_list_price_t *ccp_list_price(const ccp_list_price_t *first,
    ccp_str_t model, int64_t prompt);

#endif /* CCP_PROVIDER_PRICES_H */
