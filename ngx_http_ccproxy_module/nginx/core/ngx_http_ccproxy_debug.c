
/*
 * Names of states for ngx_log_debug().  Lines of this module begin with
 * "ccproxy"; no secret, and nothing that a client wrote, is in them.
 */

#include "nginx/core/ngx_http_ccproxy.h"


static const char  *ngx_http_ccproxy_ops[] = {
    [CCP_OP_GENERATE] = "generate",
    [CCP_OP_COUNT] = "count",
    [CCP_OP_EMBED] = "embed",
    [CCP_OP_COMPACT] = "compact",
    [CCP_OP_MODELS] = "models",
    [CCP_OP_MODEL] = "model",
    [CCP_OP_ROOT] = "root",
    [CCP_OP_HEALTH] = "health",
    [CCP_OP_VERSION] = "version",
    [CCP_OP_PS] = "ps",
    [CCP_OP_HELD] = "held",
    [CCP_OP_UNKNOWN] = "unknown"
};

static const char  *ngx_http_ccproxy_nexts[] = {
    [NGX_HTTP_CCPROXY_NEXT_PAIR] = "pair",
    [NGX_HTTP_CCPROXY_NEXT_ADDRESS] = "address",
    [NGX_HTTP_CCPROXY_NEXT_FRESH] = "fresh connection",
    [NGX_HTTP_CCPROXY_NEXT_WITHOUT] = "without a wish",
    [NGX_HTTP_CCPROXY_NEXT_SWAP] = "swap",
    [NGX_HTTP_CCPROXY_NEXT_SWAPPED] = "swapped",
    [NGX_HTTP_CCPROXY_NEXT_WAIT] = "wait",
    [NGX_HTTP_CCPROXY_NEXT_WAITED] = "waited"
};

static const char  *ngx_http_ccproxy_outcome_names[CCP_POOL_OUTCOMES] = {
    [CCP_POOL_NOTHING] = "nothing",
    [CCP_POOL_GOOD] = "good",
    [CCP_POOL_RATE] = "rate limit",
    [CCP_POOL_KEY] = "key refused",
    [CCP_POOL_MONEY] = "no credit",
    [CCP_POOL_SERVER] = "server error",
    [CCP_POOL_CONNECT] = "unreachable",
    [CCP_POOL_PATH] = "proxy error",
    [CCP_POOL_PLAN] = "plan limit",
    [CCP_POOL_DOUBT] = "refused"
};


const char *
ngx_http_ccproxy_op_name(ccp_op_e op)
{
    return ngx_http_ccproxy_ops[op];
}


const char *
ngx_http_ccproxy_next_name(ngx_http_ccproxy_next_e next)
{
    return ngx_http_ccproxy_nexts[next];
}


const char *
ngx_http_ccproxy_outcome_name(ccp_pool_outcome_e outcome)
{
    return ngx_http_ccproxy_outcome_names[outcome];
}


ngx_str_t *
ngx_http_ccproxy_key_name(ngx_http_ccproxy_key_t *key)
{
    static ngx_str_t  none = ngx_string("");

    return key ? &key->name : &none;
}
