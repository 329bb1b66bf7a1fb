
/*
 * Anthropic Messages: the list of models.
 */

#include "codec/anthropic/anthropic_words.h"
#include "codec/json/json_write.h"


/* Entries of a page, where the client does not say. */
#define CCP_ANTHROPIC_MODELS_PAGE  20


/* Names that Claude Code offers without asking for a list (its SDK's type
 * Model). */

static const char *const  ccp_anthropic_models_known[] = {
    "claude-opus-5", "claude-opus-4-8", "claude-opus-4-6", "claude-opus-4-5",
    "claude-sonnet-5", "claude-sonnet-4-6", "claude-sonnet-4-5",
    "claude-haiku-4-5", "claude-fable-5", NULL
};


static void
ccp_anthropic_models_limit(ccp_out_t *out, const char *name, int64_t n)
{
    if (n == CCP_UNSET_INT) {
        ccp_w_knull(out, name);
    } else {
        ccp_w_kint(out, name, n);
    }
}


static void
ccp_anthropic_models_entry(ccp_out_t *out, const ccp_models_t *l,
    const ccp_model_t *m)
{
    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "model");
    ccp_w_kstr(out, "id", m->id);
    ccp_w_kstr(out, "display_name", m->id);
    ccp_w_kcstr(out, "created_at", l->when);
    ccp_anthropic_models_limit(out, "max_input_tokens", m->context);
    ccp_anthropic_models_limit(out, "max_tokens", m->max_tokens);
    ccp_w_knull(out, "capabilities");
    ccp_w_kcstr(out, "lifecycle", "active");
    ccp_w_knull(out, "line");
    ccp_w_knull(out, "deprecated_at");
    ccp_w_knull(out, "retires_at");
    ccp_w_obj_end(out);
}


/* Where the model of that name is; l->n if nowhere. */

static size_t
ccp_anthropic_models_find(const ccp_models_t *l, ccp_str_t id)
{
    size_t  i;

    for (i = 0; i < l->n; i++) {
        if (ccp_str_eq(l->m[i].id, id)) {
            break;
        }
    }

    return i;
}


static void
ccp_anthropic_models_page(const ccp_models_t *l, ccp_models_page_t *page)
{
    size_t     at, size;
    ccp_str_t  s;

    page->from = 0;
    page->to = l->n;
    size = ccp_models_number(l, "limit", CCP_ANTHROPIC_MODELS_PAGE);

    s = ccp_models_arg(l, "after_id");

    if (s.p) {
        at = ccp_anthropic_models_find(l, s);
        page->from = at < l->n ? at + 1 : 0;
    }

    s = ccp_models_arg(l, "before_id");

    if (s.p) {
        page->to = ccp_anthropic_models_find(l, s);

        if (size && page->to - page->from > size) {
            page->from = page->to - size;
            page->more = 1;
            return;
        }
    }

    ccp_models_cut(page, size);
}


static void
ccp_anthropic_models_list(const ccp_models_t *l, ccp_out_t *out)
{
    ccp_models_page_t  page;

    ccp_anthropic_models_page(l, &page);

    ccp_w_obj(out);
    ccp_w_models(out, "data", l, &page, ccp_anthropic_models_entry);
    ccp_w_kbool(out, "has_more", page.more);

    if (page.from < page.to) {
        ccp_w_kstr(out, "first_id", l->m[page.from].id);
        ccp_w_kstr(out, "last_id", l->m[page.to - 1].id);

    } else {
        ccp_w_knull(out, "first_id");
        ccp_w_knull(out, "last_id");
    }

    ccp_w_obj_end(out);
}


static void
ccp_anthropic_models_one(const ccp_models_t *l, ccp_out_t *out)
{
    ccp_anthropic_models_entry(out, l, &l->m[0]);
}


const ccp_models_ops_t  ccp_anthropic_models = {
    .list = ccp_anthropic_models_list,
    .one = ccp_anthropic_models_one,
    .known = ccp_anthropic_models_known
};
