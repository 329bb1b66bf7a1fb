
/*
 * Model lists: pages, and the list of Chat and Responses.
 */

#include "codec/proto/proto_models.h"
#include "codec/json/json_write.h"


/* What more is cut to. */
#define CCP_MODELS_PAGE_MAX  1000


ccp_str_t
ccp_models_arg(const ccp_models_t *l, const char *name)
{
    size_t          n;
    const uint8_t  *p, *end, *amp;

    if (l->args.p == NULL) {
        return ccp_none;
    }

    n = strlen(name);
    end = l->args.p + l->args.n;

    for (p = l->args.p; p < end; p = amp + 1) {
        amp = memchr(p, '&', end - p);
        amp = amp ? amp : end;

        if ((size_t) (amp - p) > n && memcmp(p, name, n) == 0 && p[n] == '=') {
            return ccp_str_range(p + n + 1, amp);
        }
    }

    return ccp_none;
}


size_t
ccp_models_number(const ccp_models_t *l, const char *name, size_t none)
{
    size_t     i, n;
    ccp_str_t  s;

    s = ccp_models_arg(l, name);

    if (s.n == 0) {
        return none;
    }

    for (i = 0, n = 0; i < s.n; i++) {

        if (s.p[i] < '0' || s.p[i] > '9') {
            return none;
        }

        n = n * 10 + (s.p[i] - '0');
        n = n > CCP_MODELS_PAGE_MAX ? CCP_MODELS_PAGE_MAX : n;
    }

    return n;
}


void
ccp_models_cut(ccp_models_page_t *page, size_t size)
{
    page->from = page->from > page->to ? page->to : page->from;
    page->more = size && page->to - page->from > size;

    if (page->more) {
        page->to = page->from + size;
    }
}


void
ccp_w_models(ccp_out_t *out, const char *key, const ccp_models_t *l,
    const ccp_models_page_t *page,
    void (*entry)(ccp_out_t *out, const ccp_models_t *l,
                  const ccp_model_t *m))
{
    size_t  i;

    ccp_w_key(out, key);
    ccp_w_arr(out);

    for (i = page->from; i < page->to; i++) {
        entry(out, l, &l->m[i]);
    }

    ccp_w_arr_end(out);
}


static void
ccp_openai_models_entry(ccp_out_t *out, const ccp_models_t *l,
    const ccp_model_t *m)
{
    ccp_w_obj(out);
    ccp_w_kstr(out, "id", m->id);
    ccp_w_kcstr(out, "object", "model");
    ccp_w_kint(out, "created", l->created);
    ccp_w_kstr(out, "owned_by", m->owner);
    ccp_w_obj_end(out);
}


static void
ccp_openai_models_one(const ccp_models_t *l, ccp_out_t *out)
{
    ccp_openai_models_entry(out, l, &l->m[0]);
}


static void
ccp_openai_models_list(const ccp_models_t *l, ccp_out_t *out)
{
    ccp_models_page_t  page = { 0, l->n, 0 };

    ccp_w_obj(out);
    ccp_w_kcstr(out, "object", "list");
    ccp_w_models(out, "data", l, &page, ccp_openai_models_entry);
    ccp_w_obj_end(out);
}


const ccp_models_ops_t  ccp_openai_models = {
    .list = ccp_openai_models_list,
    .one = ccp_openai_models_one
};
