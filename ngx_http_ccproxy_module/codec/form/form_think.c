
/*
 * The wish to reason: effort and budget stand for each other.  Carriers of
 * proofs are in prepare_carrier.c.
 */

#include "codec/form/form_think.h"


/* Tokens for an effort; and the budgets up to which an effort is meant. */
typedef struct {
    ccp_effort_e  effort;
    int64_t       budget;
    int64_t       upto;
} ccp_effort_row_t;


static const ccp_effort_row_t  ccp_effort_table[] = {
    { CCP_EFFORT_NONE,    0,     0 },
    { CCP_EFFORT_MINIMAL, 1024,  1535 },
    { CCP_EFFORT_LOW,     2048,  4095 },
    { CCP_EFFORT_MEDIUM,  8192,  16383 },
    { CCP_EFFORT_HIGH,    24576, 32767 },
    { CCP_EFFORT_XHIGH,   32768, 49151 },
    { CCP_EFFORT_MAX,     65536, INT64_MAX }
};

#define CCP_NEFFORTS  ccp_countof(ccp_effort_table)

/* "As much as you like": no number stands for it. */
#define CCP_BUDGET_DYNAMIC  (-1)


const char *const  ccp_provider_effort_words[] = {
    "", "none", "minimal", "low", "medium", "high", "xhigh", "max"
};


ccp_effort_e
ccp_effort_find(ccp_str_t word)
{
    size_t  i;

    for (i = CCP_EFFORT_NONE; i <= CCP_EFFORT_MAX; i++) {
        if (ccp_str_is(word, ccp_provider_effort_words[i])) {
            return (ccp_effort_e) i;
        }
    }

    return CCP_EFFORT_UNSET;
}


ccp_effort_e
ccp_think_effort(const ccp_think_t *t)
{
    size_t  i;

    if (t->mode == CCP_THINK_OFF) {
        return CCP_EFFORT_NONE;
    }

    if (t->effort != CCP_EFFORT_UNSET) {
        return t->effort;
    }

    if (t->budget == CCP_UNSET_INT || t->budget == CCP_BUDGET_DYNAMIC) {
        return CCP_EFFORT_UNSET;
    }

    for (i = 0; i < CCP_NEFFORTS - 1; i++) {
        if (t->budget <= ccp_effort_table[i].upto) {
            break;
        }
    }

    return ccp_effort_table[i].effort;
}


int64_t
ccp_think_budget(const ccp_think_t *t)
{
    size_t  i;

    if (t->mode == CCP_THINK_OFF) {
        return 0;
    }

    if (t->budget != CCP_UNSET_INT) {
        return t->budget < 0 ? CCP_BUDGET_DYNAMIC : t->budget;
    }

    for (i = 0; i < CCP_NEFFORTS; i++) {
        if (t->effort == ccp_effort_table[i].effort) {
            return ccp_effort_table[i].budget;
        }
    }

    return t->mode == CCP_THINK_UNSET ? CCP_UNSET_INT : CCP_BUDGET_DYNAMIC;
}


int
ccp_think_wanted(const ccp_think_t *t)
{
    if (t->mode == CCP_THINK_OFF || t->effort == CCP_EFFORT_NONE
        || (t->budget == 0 && t->effort == CCP_EFFORT_UNSET))
    {
        return 0;
    }

    if (t->mode != CCP_THINK_UNSET || t->effort != CCP_EFFORT_UNSET
        || t->budget != CCP_UNSET_INT)
    {
        return 1;
    }

    return -1;
}
