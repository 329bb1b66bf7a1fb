
/*
 * Gemini generateContent: the list of models.
 */

#include <stdio.h>

#include "codec/gemini/gemini_words.h"
#include "codec/json/json_write.h"


/* Entries of a page, where the client does not say. */
#define CCP_GEMINI_MODELS_PAGE  50


static void
ccp_gemini_models_entry(ccp_out_t *out, const ccp_models_t *l,
    const ccp_model_t *m)
{
    size_t  i;

    static const char *const  methods[] = {
        "generateContent", "streamGenerateContent", "countTokens"
    };

    (void) l;

    ccp_w_obj(out);

    ccp_w_key(out, "name");
    ccp_w_str_open(out);
    ccp_w_str_part(out, ccp_lit("models/"));
    ccp_w_str_part(out, m->id);
    ccp_w_str_close(out);

    ccp_w_kcstr(out, "version", "001");
    ccp_w_kstr(out, "displayName", m->id);

    if (m->context != CCP_UNSET_INT) {
        ccp_w_kint(out, "inputTokenLimit", m->context);
    }

    if (m->max_tokens != CCP_UNSET_INT) {
        ccp_w_kint(out, "outputTokenLimit", m->max_tokens);
    }

    ccp_w_key(out, "supportedGenerationMethods");
    ccp_w_arr(out);

    for (i = 0; i < ccp_countof(methods); i++) {
        ccp_w_cstr(out, methods[i]);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
}


static void
ccp_gemini_models_list(const ccp_models_t *l, ccp_out_t *out)
{
    char               token[24];
    ccp_models_page_t  page;

    page.from = ccp_models_number(l, "pageToken", 0);
    page.to = l->n;
    ccp_models_cut(&page, ccp_models_number(l, "pageSize",
                                            CCP_GEMINI_MODELS_PAGE));

    ccp_w_obj(out);
    ccp_w_models(out, "models", l, &page, ccp_gemini_models_entry);

    if (page.more) {
        snprintf(token, sizeof(token), "%zu", page.to);
        ccp_w_kcstr(out, "nextPageToken", token);
    }

    ccp_w_obj_end(out);
}


static void
ccp_gemini_models_one(const ccp_models_t *l, ccp_out_t *out)
{
    ccp_gemini_models_entry(out, l, &l->m[0]);
}


const ccp_models_ops_t  ccp_gemini_models = {
    .list = ccp_gemini_models_list,
    .one = ccp_gemini_models_one
};
