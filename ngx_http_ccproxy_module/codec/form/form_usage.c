
/*
 * Usage of an answer: none at all.
 */

#include "codec/form/form_event.h"


const ccp_usage_t  ccp_usage_none = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, { NULL, 0, 0, 0 }, 0
};
