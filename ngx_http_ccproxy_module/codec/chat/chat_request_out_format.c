
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
ccp_chat_survey_format(ccp_chat_out_t *co)
{
    ccp_format_e  want;

    want = co->r->out.kind;
    co->format = want;

    if (want != CCP_F_JSON && want != CCP_F_SCHEMA) {
        co->format = CCP_F_UNSET;
        return;
    }

    if (co->d->drop_format && co->tools) {
        co->format = CCP_F_UNSET;

    } else if (want == CCP_F_SCHEMA && co->d->fmt_no_schema) {
        co->format = co->d->fmt_no_object ? CCP_F_UNSET : CCP_F_JSON;

    } else if (want == CCP_F_JSON && co->d->fmt_no_object) {
        co->format = co->d->fmt_no_schema ? CCP_F_UNSET : CCP_F_SCHEMA;
    }

    co->hint = (co->format == CCP_F_JSON && want == CCP_F_SCHEMA)
               || (co->format == CCP_F_JSON && !ccp_mentions_json(co->r))
               || co->format == CCP_F_UNSET;

    if (co->format != want) {
        ccp_note(co->r, co->x->arena,
                 "response_format: in words, %s doesn't take it as it is",
                 co->d->name);
    }
}


int
ccp_chat_write_hint(ccp_chat_out_t *co)
{
    ccp_str_t  schema;

    if (co->r->out.schema.p == NULL) {
        ccp_w_str_part(co->out,
                       ccp_lit("Answer with one JSON object only."));
        return CCP_OK;
    }

    schema = ccp_schema_of(co->x->arena, &co->r->doc, co->r->out.schema,
                           co->r->out.dialect, CCP_SCHEMA_FULL);
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_str_part(co->out, ccp_lit("Answer with one JSON object only, which "
                                    "fits this JSON schema: "));
    ccp_w_str_part(co->out, schema);

    return CCP_OK;
}


ccp_str_t
ccp_chat_closed(ccp_chat_out_t *co, ccp_str_t schema, ccp_schema_e from)
{
    schema = ccp_schema_closed(co->x->arena, schema, from);

    if (schema.p == NULL || co->d->schema == CCP_SCHEMA_FULL
        || co->d->schema == CCP_SCHEMA_TIDY)
    {
        return schema;
    }

    return ccp_schema_for(co->x->arena, schema, CCP_SCHEMA_JSON,
                          co->d->schema);
}


int
ccp_chat_write_format(ccp_chat_out_t *co)
{
    int             strict;
    ccp_out_t      *out;
    ccp_str_t       schema;
    ccp_request_t  *r;

    r = co->r;
    out = co->out;

    if (co->format == CCP_F_UNSET) {
        return CCP_OK;
    }

    ccp_w_key(out, "response_format");
    ccp_w_obj(out);

    if (co->format == CCP_F_JSON) {
        ccp_w_kcstr(out, "type", "json_object");
        ccp_w_obj_end(out);
        return CCP_OK;
    }

    strict = r->out.strict == 1 && co->d->strict == CCP_STRICT_KEEP;

    schema = strict
             ? ccp_chat_closed(co, r->out.schema, r->out.dialect)
             : ccp_schema_of(co->x->arena, &r->doc, r->out.schema,
                             r->out.dialect, co->d->schema);
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
