
/*
 * Responses to Responses: ids of a conversation that began elsewhere, in the
 * form that the server takes (T13); edited in the client's body, or written
 * with it where that is written anew.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/json/json_edit.h"
#include "codec/prepare/prepare.h"


/* Bytes of an item's id, at most. */
#define CCP_RESPONSES_ID_MAX  64


/* How ids of items begin that the server made. */

static const char *const  ccp_responses_item_ids[][2] = {
    { "message", "msg" },
    { "function_call", "fc" },
    { "custom_tool_call", "ctc" }
};


ccp_responses_fit_e
ccp_responses_fit_member(const ccp_provider_t *pr, ccp_arena_t *a,
    ccp_jval_t item, ccp_str_t key, ccp_jval_t v, ccp_str_t *fit)
{
    size_t      i;
    ccp_str_t   id;
    ccp_jval_t  type;

    id = ccp_json_str(v);

    if (id.p == NULL || pr->id == CCP_ID_ANY) {
        return CCP_RESPONSES_FITS;
    }

    if (ccp_str_is(key, "call_id")) {
        *fit = ccp_call_id(a, id, pr->id, "call_");

        return fit->p == NULL ? CCP_RESPONSES_NOMEM
               : ccp_str_eq(*fit, id) ? CCP_RESPONSES_FITS
                                      : CCP_RESPONSES_ANEW;
    }

    if (!ccp_str_is(key, "id")) {
        return CCP_RESPONSES_FITS;
    }

    type = ccp_json_get(item, "type");

    for (i = 0; i < ccp_countof(ccp_responses_item_ids); i++) {
        if (ccp_json_is(type, ccp_responses_item_ids[i][0])
            && (id.n > CCP_RESPONSES_ID_MAX
                || !ccp_str_starts(id, ccp_responses_item_ids[i][1])))
        {
            /* the server needs none of them */
            return CCP_RESPONSES_DROP;
        }
    }

    return CCP_RESPONSES_FITS;
}


static int
ccp_responses_splice_is_ruled(const ccp_provider_t *pr)
{
    return pr->id != CCP_ID_ANY;
}


static int
ccp_responses_splice_edit(ccp_request_t *r, const ccp_target_t *t,
    ccp_edit_t *e, ccp_error_t *err)
{
    ccp_str_t    fit;
    ccp_jiter_t  item, it;

    (void) err;

    for (item = ccp_json_iter(ccp_json_get(r->root, "input"));
         ccp_json_next(&item); /* void */ )
    {
        for (it = ccp_json_iter(item.val); it.object && ccp_json_next(&it); ) {

            switch (ccp_responses_fit_member(t->provider, e->arena, item.val,
                                             it.key, it.val, &fit))
            {

            case CCP_RESPONSES_NOMEM:
                e->err = 1;
                return CCP_OK;

            case CCP_RESPONSES_ANEW:
                ccp_edit_set_str(e, it.val, fit);
                break;

            case CCP_RESPONSES_DROP:
                ccp_edit_drop(e, it.val);
                break;

            default:
                break;
            }
        }
    }

    return CCP_OK;
}


const ccp_splice_ops_t  ccp_responses_splice_ops = {
    .is_ruled = ccp_responses_splice_is_ruled,
    .edit = ccp_responses_splice_edit
};
