
/*
 * Responses: an answer that is complete becomes an object, and each of its
 * items one that points into it.
 */

#include "codec/responses/responses_held.h"
#include "codec/json/json_write.h"


/* Times that an answer looks for the end of its conversation, while others
 * are added to it. */
#define CCP_RESPONSES_KEEP_TIMES  4


/* The upstream's own document, taken apart. */

static int
ccp_responses_keep_apart(ccp_keep_t *keep, ccp_arena_t *a, int *pending)
{
    ccp_str_t    status;
    int          rc;
    ccp_out_t    out;
    ccp_edit_t   edit;
    ccp_json_t   doc;
    ccp_jval_t   root, output;

    ccp_json_init(&doc, a);

    rc = ccp_json_parse(&doc, keep->whole.p, keep->whole.n, 0, NULL);
    if (rc != CCP_OK) {
        return rc == CCP_INVALID ? CCP_DECLINED : rc;
    }

    root = ccp_json_root(&doc);
    output = ccp_json_opt(root, "output");

    if (ccp_json_type(output) != CCP_J_ARRAY) {
        return CCP_DECLINED;
    }

    status = ccp_json_gets(root, "status");

    *pending = ccp_str_is(status, "queued")
               || ccp_str_is(status, "in_progress");

    keep->id = ccp_str_plain(a, ccp_json_gets(root, "id"));
    keep->output = ccp_responses_held_inside(ccp_json_raw(output));

    ccp_out_init(&out, a, 0);
    ccp_edit_init(&edit, &doc, a);
    ccp_edit_set(&edit, output, ccp_lit("[]"));

    rc = ccp_edit_write(&edit, &out);

    ccp_edit_free(&edit);

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&out);
    }

    keep->document = ccp_out_all(&out);

    return rc;
}


/*
 * The part becomes the last of its conversation, behind what others have added
 * meanwhile.
 */

int
ccp_responses_keep_part(const ccp_keeper_t *keeper, ccp_arena_t *a,
    ccp_str_t id, ccp_held_t *part)
{
    int             n, rc;
    ccp_held_t     *list;
    ccp_held_ref_t  ref;

    memset(&ref, 0, sizeof(ccp_held_ref_t));
    ref.kind = CCP_HELD_LIST;
    ref.id = id;

    for (n = 0; n < CCP_RESPONSES_KEEP_TIMES; n++) {

        rc = ccp_held_get(keeper, ref, a, &list);
        if (rc != CCP_OK) {
            return rc;
        }

        part->before = list->before;
        part->self.serial = 0;

        rc = ccp_held_put(keeper, part, a);
        if (rc != CCP_OK) {
            return rc;
        }

        list->before = part->self;

        rc = ccp_held_put(keeper, list, a);
        if (rc != CCP_DECLINED) {
            return rc;
        }
    }

    return CCP_DECLINED;
}


static int
ccp_responses_keep_items(const ccp_keeper_t *keeper, ccp_arena_t *a,
    const ccp_held_t *answer)
{
    int          rc;
    ccp_str_t    raw;
    ccp_json_t   doc;
    ccp_held_t   item;
    ccp_jiter_t  it;

    rc = ccp_responses_held_array(a, answer->output, &doc);

    for (it = ccp_json_iter(rc == CCP_OK ? ccp_json_root(&doc)
                                         : ccp_jabsent);
         rc == CCP_OK && ccp_json_next(&it); )
    {
        memset(&item, 0, sizeof(ccp_held_t));
        item.self.kind = CCP_HELD_ITEM;
        item.self.id = ccp_json_gets(it.val, "id");

        if (item.self.id.n == 0) {
            continue;
        }

        item.self.id = ccp_str_plain(a, item.self.id);
        if (item.self.id.p == NULL) {
            return CCP_NOMEM;
        }

        raw = ccp_json_raw(it.val);

        item.before = answer->self;
        item.at = (uint32_t) (raw.p - doc.base - 1);
        item.n = (uint32_t) raw.n;
        rc = ccp_held_put(keeper, &item, a);
    }

    ccp_json_free(&doc);

    return rc;
}


/* An answer of a conversation is a part of it, and an object that has its
 * document. */

static int
ccp_responses_keep_listed(ccp_keep_t *keep, const ccp_keeper_t *keeper,
    ccp_arena_t *a, ccp_held_t *part)
{
    int         rc;
    ccp_held_t  answer;

    part->self.kind = CCP_HELD_PART;

    rc = ccp_responses_keep_part(keeper, a, keep->list.id, part);
    if (rc != CCP_OK) {
        return rc;
    }

    memset(&answer, 0, sizeof(ccp_held_t));
    answer.self.kind = CCP_HELD_ANSWER;
    answer.self.id = keep->id;
    answer.before = part->self;
    answer.list = keep->list.id;
    answer.document = keep->document;
    answer.owner = keep->maker;

    return ccp_held_put(keeper, &answer, a);
}


/* What is known of an answer that was not complete. */

static int
ccp_responses_keep_known(ccp_keep_t *keep, const ccp_keeper_t *keeper,
    ccp_arena_t *a, int pending)
{
    int              rc;
    ccp_held_t      *known;
    ccp_held_ref_t   ref;

    if (pending) {
        return CCP_DECLINED;
    }

    memset(&ref, 0, sizeof(ccp_held_ref_t));
    ref.kind = CCP_HELD_ANSWER;
    ref.id = keep->id;

    rc = ccp_held_get(keeper, ref, a, &known);

    if (rc == CCP_OK) {
        keep->before = known->before;
        keep->input = known->input;
        keep->refs = known->refs;
        keep->maker = known->owner;
    }

    return rc == CCP_OK && !known->pending ? CCP_DECLINED : rc;
}


int
ccp_responses_keep(ccp_keep_t *keep, const ccp_keeper_t *keeper,
    ccp_arena_t *a)
{
    int         rc, pending;
    ccp_held_t  answer;

    rc = CCP_OK;
    pending = 0;

    if (keep->whole.p) {
        rc = ccp_responses_keep_apart(keep, a, &pending);
    }

    if (rc == CCP_OK && keep->known) {
        rc = ccp_responses_keep_known(keep, keeper, a, pending);
    }

    if (rc != CCP_OK || keep->id.n == 0) {
        return rc;
    }

    memset(&answer, 0, sizeof(ccp_held_t));
    answer.self.kind = CCP_HELD_ANSWER;
    answer.self.id = keep->id;
    answer.before = keep->before;
    answer.input = keep->input;
    answer.refs = keep->refs;
    answer.output = keep->output;
    answer.owner = keep->maker;
    answer.pending = pending;

    if (keep->list.kind == CCP_HELD_NONE) {
        answer.document = keep->document;
        rc = ccp_held_put(keeper, &answer, a);

    } else {
        rc = ccp_responses_keep_listed(keep, keeper, a, &answer);
    }

    return rc == CCP_OK ? ccp_responses_keep_items(keeper, a, &answer) : rc;
}
