
/*
 * Requests: any bytes as the body of any endpoint, for every protocol's plain
 * dialect and one more, with tools in their fields and as text, with all wishes
 * and without.  Each result is a JSON object, with fields for tools only where
 * they belong, or a refusal.
 * Input: endpoint, dialect, the body.
 */

#include "fuzz_exchange.h"
#include "codec/base/base_buf.h"


static void
fuzz_no_tools(ccp_jval_t root)
{
    size_t  i;

    static const char  *const names[] = {
        "tools", "tool_choice", "functions", "function_call", "toolConfig"
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (ccp_json_get(root, names[i]).doc) {
            abort();
        }
    }
}


static void
fuzz_encode(ccp_exchange_t *x, const ccp_provider_t *pr, ccp_tools_e tools,
    unsigned without)
{
    int               rc;
    size_t            k;
    ccp_buf_t         text;
    ccp_str_t         s;
    ccp_try_t        *try;
    ccp_json_t        doc;
    ccp_error_t       err;
    ccp_target_t      t;
    const ccp_out_t  *body;

    memset(&err, 0, sizeof(ccp_error_t));
    fuzz_target(&t, pr);
    t.tools = tools;
    t.without = without;

    try = fuzz_try(x, &t, &body, &rc, &err);

    if (rc == CCP_INVALID) {
        ccp_try_destroy(try);
        fuzz_refused(x, &err);
        return;
    }

    if (rc != CCP_OK) {
        abort();
    }

    ccp_buf_init(&text, ccp_exchange_arena(x), 0);
    ccp_json_init(&doc, ccp_exchange_arena(x));

    for (k = 0; (s = ccp_out_seg(body, k)).p; k++) {
        ccp_buf_add(&text, s.p, s.n);
    }

    if (ccp_json_parse(&doc, text.p, text.n, 0, NULL) != CCP_OK
        || ccp_json_type(ccp_json_root(&doc)) != CCP_J_OBJECT)
    {
        abort();
    }

    if (tools == CCP_TOOLS_COMPAT && ccp_exchange_req(x)->op != CCP_OP_EMBED) {
        fuzz_no_tools(ccp_json_root(&doc));
    }

    ccp_json_free(&doc);
    ccp_buf_free(&text);
    ccp_try_destroy(try);
}


int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    int                   rc;
    size_t                k, rows;
    ccp_str_t             body = ccp_none;
    ccp_error_t           err;
    ccp_exchange_t       *x;

    if (n < 2) {
        return 0;
    }

    body.p = p + 2;
    body.n = n - 2;

    memset(&err, 0, sizeof(ccp_error_t));
    x = fuzz_open(fuzz_paths[p[0] % FUZZ_PATHS], "");
    rc = ccp_exchange_request(x, body, ccp_none, &err);

    if (rc == CCP_INVALID) {
        fuzz_refused(x, &err);

    } else if (rc == CCP_OK) {

        for (k = 0; k < CCP_NPROTO; k++) {
            fuzz_encode(x, ccp_provider_plain((ccp_proto_e) k),
                        CCP_TOOLS_NATIVE, 0);
            fuzz_encode(x, ccp_provider_plain((ccp_proto_e) k),
                        CCP_TOOLS_COMPAT, 0);
            fuzz_encode(x, ccp_provider_plain((ccp_proto_e) k),
                        CCP_TOOLS_NATIVE, (1u << CCP_NWISH) - 1);
        }

        for (rows = 0; ccp_provider_row(rows); rows++) { /* void */ }

        fuzz_encode(x, ccp_provider_row(p[1] % rows), CCP_TOOLS_UNSET, 0);
        fuzz_encode(x, ccp_provider_row(p[1] % rows), CCP_TOOLS_COMPAT,
                    CCP_WISH_BIT(CCP_WISH_THINK));

    } else {
        abort();
    }

    ccp_exchange_destroy(x);

    return 0;
}
