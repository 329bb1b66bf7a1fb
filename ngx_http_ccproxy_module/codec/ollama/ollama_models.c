
/*
 * Ollama: /api/tags, /api/ps and /api/show.
 */

#include <stdio.h>

#include "codec/ollama/ollama_words.h"
#include "codec/json/json_write.h"


/* Hexadecimal digits of a model's digest. */
#define CCP_OLLAMA_MODELS_DIGEST  64


static void
ccp_ollama_models_details(ccp_out_t *out)
{
    size_t  i;

    static const char *const  names[] = {
        "parent_model", "format", "family", "parameter_size",
        "quantization_level"
    };

    ccp_w_key(out, "details");
    ccp_w_obj(out);

    for (i = 0; i < ccp_countof(names); i++) {
        ccp_w_kcstr(out, names[i], "");
    }

    ccp_w_key(out, "families");
    ccp_w_arr(out);
    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
}


static void
ccp_ollama_models_name(ccp_out_t *out, const char *key, ccp_str_t id)
{
    ccp_w_key(out, key);
    ccp_w_str_open(out);
    ccp_w_str_part(out, id);

    if (memchr(id.p, ':', id.n) == NULL) {
        ccp_w_str_part(out, ccp_lit(CCP_OLLAMA_LATEST));
    }

    ccp_w_str_close(out);
}


static void
ccp_ollama_models_entry(ccp_out_t *out, const ccp_models_t *l,
    const ccp_model_t *m)
{
    int   i;
    char  digest[CCP_OLLAMA_MODELS_DIGEST + 1];

    /* the same for the same name, as a digest would be */

    for (i = 0; i < CCP_OLLAMA_MODELS_DIGEST / 16; i++) {
        snprintf(digest + 16 * i, 17, "%016llx",
                 (unsigned long long) ccp_str_hash(m->id, (uint64_t) i + 1));
    }

    ccp_w_obj(out);
    ccp_ollama_models_name(out, "name", m->id);
    ccp_ollama_models_name(out, "model", m->id);
    ccp_w_kcstr(out, "modified_at", l->when);
    ccp_w_kint(out, "size", 0);
    ccp_w_kcstr(out, "digest", digest);
    ccp_ollama_models_details(out);
    ccp_w_obj_end(out);
}


static void
ccp_ollama_models_list(const ccp_models_t *l, ccp_out_t *out)
{
    ccp_models_page_t  page = { 0, l->n, 0 };

    ccp_w_obj(out);
    ccp_w_models(out, "models", l, &page, ccp_ollama_models_entry);
    ccp_w_obj_end(out);
}


static void
ccp_ollama_models_show(const ccp_models_t *l, ccp_out_t *out)
{
    size_t  i;

    static const char *const  texts[] = {
        "license", "modelfile", "parameters", "template", "system"
    };

    static const char *const  capabilities[] = {
        "completion", "tools", "vision", "thinking"
    };

    ccp_w_obj(out);

    for (i = 0; i < ccp_countof(texts); i++) {
        ccp_w_kcstr(out, texts[i], "");
    }

    ccp_w_kcstr(out, "modified_at", l->when);
    ccp_ollama_models_details(out);

    ccp_w_key(out, "model_info");
    ccp_w_obj(out);
    ccp_w_kcstr(out, "general.architecture", "ccproxy");

    if (l->m[0].context != CCP_UNSET_INT) {
        ccp_w_kint(out, "ccproxy.context_length", l->m[0].context);
    }

    ccp_w_obj_end(out);

    ccp_w_key(out, "capabilities");
    ccp_w_arr(out);

    for (i = 0; i < ccp_countof(capabilities); i++) {
        ccp_w_cstr(out, capabilities[i]);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
}


static ccp_str_t
ccp_ollama_models_asked(ccp_jval_t root)
{
    ccp_jval_t  v;

    v = ccp_json_opt(root, "model");

    if (!ccp_json_has(v)) {
        v = ccp_json_opt(root, "name");        /* as older clients write it */
    }

    return ccp_ollama_untag(ccp_json_str(v));
}


const ccp_models_ops_t  ccp_ollama_models = {
    .list = ccp_ollama_models_list,
    .one = ccp_ollama_models_show,
    .asked = ccp_ollama_models_asked
};
