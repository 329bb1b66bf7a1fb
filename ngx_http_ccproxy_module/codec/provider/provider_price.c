
/*
 * The list price of a model.
 */

#include "codec/base/base_match.h"
#include "codec/provider/provider_prices.h"


const ccp_list_price_t *
ccp_list_price_first(const char *preset)
{
    const ccp_list_price_t  *p;

    for (p = ccp_list_prices; p->presets; p++) {
        if (ccp_list_has(p->presets, preset)) {
            return p;
        }
    }

    return NULL;
}


static int
ccp_list_price_fits(const ccp_list_price_t *p, ccp_str_t model)
{
    ccp_str_t    pattern;
    const char  *list, *item;

    list = p->models;

    while (*list) {
        item = list;

        pattern = ccp_none;
        pattern.n = ccp_list_item(&list);
        pattern.p = (const uint8_t *) item;

        if (ccp_str_glob(pattern, model)) {
            return 1;
        }
    }

    return 0;
}


const ccp_list_price_t *
ccp_list_price(const ccp_list_price_t *first, ccp_str_t model,
    int64_t prompt)
{
    const ccp_list_price_t  *p;

    for (p = first;
         p->presets && strcmp(p->presets, first->presets) == 0;
         p++)
    {
        if ((p->above == 0 || prompt > p->above)
            && ccp_list_price_fits(p, model))
        {
            return p;
        }
    }

    return NULL;
}
