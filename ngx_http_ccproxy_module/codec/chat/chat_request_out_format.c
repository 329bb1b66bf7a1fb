
/*
 * Chat Completions request out: the form of the answer, as a field or, where
 * the provider has none for it, as words in the prompt.
 */

#include "codec/chat/chat_request.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"


void
ccp_chat_survey_format(ccp_chat_writer_t *w)
{
    ccp_format_e  want;

    want = w->r->out.kind;
    w->format = want;

    if (want != CCP_F_JSON && want != CCP_F_SCHEMA) {
        w->format = CCP_F_UNSET;
        return;
    }

    if (w->pr->drop_format && w->tools) {
        w->format = CCP_F_UNSET;

    } else if (want == CCP_F_SCHEMA && w->pr->fmt_no_schema) {
        w->format = w->pr->fmt_no_object ? CCP_F_UNSET : CCP_F_JSON;

    } else if (want == CCP_F_JSON && w->pr->fmt_no_object) {
        w->format = w->pr->fmt_no_schema ? CCP_F_UNSET : CCP_F_SCHEMA;
    }

    w->hint = (w->format == CCP_F_JSON && want == CCP_F_SCHEMA)
              || (w->format == CCP_F_JSON && !ccp_request_says_json(w->r))
              || w->format == CCP_F_UNSET;

    if (w->format != want) {
        ccp_request_note(w->r, w->x->arena,
            "response_format: in words, %s doesn't take it as it is",
            w->pr->name);
    }
}


int
ccp_chat_write_hint(ccp_chat_writer_t *w)
{
    ccp_str_t  schema;

    if (w->r->out.schema.p == NULL) {
        ccp_w_str_part(w->o,
                       ccp_lit("Answer with one JSON object only."));
        return CCP_OK;
    }

    schema = ccp_schema_of(w->x->arena, &w->r->doc, w->r->out.schema,
                           w->r->out.dialect, CCP_SCHEMA_FULL, CCP_SCHEMA_ANY);
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_str_part(w->o, ccp_lit("Answer with one JSON object only, which "
                                 "fits this JSON schema: "));
    ccp_w_str_part(w->o, schema);

    return CCP_OK;
}


ccp_str_t
ccp_chat_closed_schema(ccp_chat_writer_t *w, ccp_str_t schema,
    ccp_schema_e from, ccp_schema_root_e root)
{
    schema = ccp_schema_closed(w->x->arena, schema, from, root);

    if (schema.p == NULL || w->pr->schema <= CCP_SCHEMA_TIDY)
    {
        return schema;
    }

    return ccp_schema_of(w->x->arena, NULL, schema, CCP_SCHEMA_JSON,
                         w->pr->schema, root);
}


int
ccp_chat_write_format(ccp_chat_writer_t *w)
{
    int             strict;
    ccp_out_t      *out;
    ccp_str_t       schema;
    ccp_request_t  *r;

    r = w->r;
    out = w->o;

    if (w->format == CCP_F_UNSET) {
        return CCP_OK;
    }

    ccp_w_key(out, "response_format");
    ccp_w_obj(out);

    if (w->format == CCP_F_JSON) {
        ccp_w_kcstr(out, "type", "json_object");
        ccp_w_obj_end(out);
        return CCP_OK;
    }

    strict = r->out.strict == 1 && w->pr->strict == CCP_STRICT_KEEP;

    schema = strict
             ? ccp_chat_closed_schema(w, r->out.schema, r->out.dialect,
                                      CCP_SCHEMA_OBJECT)
             : ccp_schema_of(w->x->arena, &r->doc, r->out.schema,
                             r->out.dialect, w->pr->schema,
                             ccp_schema_answer_root(w->pr->schema));
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kcstr(out, "type", "json_schema");
    ccp_w_key(out, "json_schema");
    ccp_w_obj(out);
    ccp_w_kstr(out, "name", r->out.name.n ? r->out.name
                                          : ccp_lit("response"));
    ccp_w_kstr_opt(out, "description", r->out.desc);
    ccp_w_kraw(out, "schema", schema);
    ccp_w_kbool(out, "strict", strict);
    ccp_w_obj_end(out);
    ccp_w_obj_end(out);

    return CCP_OK;
}
