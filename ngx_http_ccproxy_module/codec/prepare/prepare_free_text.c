
/*
 * A free-text tool where a provider has functions alone: it becomes a function
 * of one string, "input", whose grammar can only be told (T16).
 */

#include "codec/prepare/prepare.h"
#include "codec/json/json_write.h"


const char  ccp_free_text_schema[] =
    "{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},"
    "\"required\":[\"input\"]}";


void
ccp_w_free_text(ccp_out_t *o, const ccp_tool_t *t)
{
    if (t->desc.n == 0 && t->grammar.n == 0) {
        return;
    }

    ccp_w_key(o, "description");
    ccp_w_str_open(o);
    ccp_w_str_part(o, t->desc);

    if (t->grammar.n) {
        ccp_w_str_part(o, t->desc.n ? ccp_lit("\n\nInput grammar (")
                                    : ccp_lit("Input grammar ("));
        ccp_w_str_part(o, t->syntax.n ? t->syntax : ccp_lit("lark"));
        ccp_w_str_part(o, ccp_lit("): "));
        ccp_w_str_part(o, t->grammar);
    }

    ccp_w_str_close(o);
}
