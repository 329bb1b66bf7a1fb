
/*
 * Whose fault an error is: each row of the table by an error that providers
 * send, and errors that differ from those in the point that decides.
 */

#include "codec/json/json_read.h"
#include "codec/provider/provider_error.h"
#include "codec/provider/provider_table.h"
#include "ut.h"


#define REQUEST  CCP_BLAME_REQUEST
#define MODEL    CCP_BLAME_MODEL
#define KEY      CCP_BLAME_KEY
#define DOUBT    CCP_BLAME_DOUBT
#define NONE     CCP_BLAME_NONE

#define OAI(words)        "{\"error\":{\"message\":\"" words "\"}}"
#define CODE(words, code) "{\"error\":{\"message\":\"" words "\",\"code\":\"" \
                          code "\"}}"


static const struct {
    const char   *preset;
    int           status;
    const char   *body;
    ccp_blame_e   blame;
    unsigned      final;
} ut_faults[] = {

    /* the account is closed */

    { "openai", 401, CODE("You can't", "account_deactivated"), KEY, 0 },
    { "openai", 401, OAI("Your access was terminated due to violation of our "
      "usage policies"), KEY, 0 },

    /* an account that the request named */

    { "openai", 401, CODE("OpenAI-Organization header should match "
      "organization for API key", "mismatched_organization"), REQUEST, 0 },
    { "openai", 401, OAI("No such organization: org-x."), REQUEST, 0 },
    { "openai", 401, CODE("x", "mismatched_project"), REQUEST, 0 },
    { "gemini", 403, "{\"error\":{\"code\":403,\"message\":\"Caller does not "
      "have required permission to use project x\",\"status\":"
      "\"PERMISSION_DENIED\",\"details\":[{\"reason\":"
      "\"USER_PROJECT_DENIED\"}]}}", REQUEST, 0 },
    { "anthropic", 403, OAI("no member of this workspace"), REQUEST, 0 },
    { "openai", 403, OAI("no member of this workspace"), DOUBT, 0 },

    /* a model */

    { "openai", 403, CODE("Project `p` does not have access to model `o3`",
      "model_not_found"), REQUEST, 0 },
    { "groq", 403, CODE("The model `x` is blocked at the project level",
      "model_permission_blocked_project"), REQUEST, 0 },
    { "huggingface", 403, "{\"error\":\"Access to this gated repo is "
      "restricted\"}", REQUEST, 0 },
    { "openai", 403, OAI("Your organization must be verified to stream this "
      "model"), REQUEST, 0 },

    /* a prompt */

    { "openrouter", 403, OAI("Your input was flagged for \\\"violence\\\""),
      REQUEST, 1 },
    { "xai", 403, "{\"code\":\"no permission\",\"error\":\"Content violates "
      "usage guidelines. API key ID: k, Failed check: SAFETY_CHECK_BIO\"}",
      REQUEST, 1 },
    { "azure", 403, CODE("x", "content_filter"), REQUEST, 1 },

    /* a file */

    { "gemini", 403, OAI("You do not have permission to access the File abc "
      "or it may not exist."), REQUEST, 0 },
    { "gemini", 403, OAI("CachedContent not found (or permission denied)"),
      REQUEST, 0 },

    /* too much of it */

    { "openai", 429, CODE("Request too large for gpt-4o on tokens per min: "
      "Limit 30000, Requested 50000.", "rate_limit_exceeded"), REQUEST, 0 },
    { "openai", 429, CODE("Rate limit reached for gpt-4o on tokens per min: "
      "Limit 30000, Used 29000, Requested 5000.", "rate_limit_exceeded"),
      MODEL, 0 },
    { "anthropic", 429, OAI("Extra usage is required for long context "
      "requests."), REQUEST, 0 },
    { "openrouter", 402, OAI("This request requires more credits, or fewer "
      "max_tokens. You requested up to 64000 tokens, but can only afford "
      "2341."), REQUEST, 0 },
    { "openrouter", 402, OAI("Prompt tokens limit exceeded: 9000 > 2341"),
      REQUEST, 0 },

    /* limits */

    { "openrouter", 402, "{\"error\":{\"message\":\"wait\",\"code\":402,"
      "\"metadata\":{\"limit_source\":\"openrouter_in_flight_budget\"}}}",
      MODEL, 0 },
    { "openrouter", 402, "{\"error\":{\"message\":\"wait\",\"code\":402,"
      "\"metadata\":{\"limit_source\":\"openrouter_credits\"}}}", KEY, 0 },
    { "gemini", 429, "{\"error\":{\"message\":\"x\",\"details\":[{"
      "\"violations\":[{\"quotaId\":\"GenerateRequestsPerDayPerProject"
      "PerModel-FreeTier\"}]}]}}", MODEL, 0 },
    { "gemini", 429, "{\"error\":{\"message\":\"x\",\"details\":[{"
      "\"violations\":[{\"quotaId\":\"GenerateRequestsPerDayPerProject\"}]}"
      "]}}", KEY, 0 },
    { "openai-responses", 429, "{\"error\":{\"type\":\"usage_limit_reached\","
      "\"message\":\"x\"}}", KEY, 0 },
    { "openai", 429, OAI("slower"), MODEL, 0 },
    { "openai", 429, CODE("x", "insufficient_quota"), KEY, 0 },
    { "deepseek", 402, OAI("Insufficient Balance"), KEY, 0 },

    /* keys, and what may be one */

    { "openai", 401, CODE("Incorrect API key provided", "invalid_api_key"),
      KEY, 0 },
    { "anthropic", 401, OAI("invalid x-api-key"), KEY, 0 },
    { "together", 401, "", KEY, 0 },
    { "xai", 400, "{\"code\":\"invalid-argument\",\"error\":\"Incorrect API "
      "key provided: ab***\"}", KEY, 0 },
    { "gemini", 403, OAI("Your API key was reported as leaked."), KEY, 0 },
    { "openrouter", 403, OAI("Key limit exceeded (total limit)"), KEY, 0 },
    { "openai", 403, OAI("no"), DOUBT, 0 },
    { "openai", 403, "<html>blocked</html>", DOUBT, 0 },

    /* by the class alone */

    { "openai", 400, OAI("incorrect max_tokens"), REQUEST, 0 },
    { "openai", 404, OAI("no such model"), REQUEST, 0 },
    { "openai", 413, OAI("too large"), REQUEST, 0 },
    { "llamacpp", 501, OAI("This server does not support it"), REQUEST, 0 },
    { "openai", 500, OAI("API key"), NONE, 0 },
    { "openai", 503, OAI("API key"), NONE, 0 }
};


int
main(void)
{
    size_t                 i, row, hit[64];
    ut_mem_t               um;
    ccp_mem_t              mem;
    ccp_arena_t           *a;
    ccp_error_t            e;
    const ccp_provider_t  *pr;

    ut_mem_init(&um);
    mem = ut_mem(&um);
    memset(hit, 0, sizeof(hit));

    if (ccp_fault_count() >= ccp_countof(hit)) {
        abort();
    }

    for (i = 0; i < ccp_countof(ut_faults); i++) {

        a = ccp_arena_create(&mem, 0);
        pr = ccp_provider_find(ccp_cstr(ut_faults[i].preset));

        if (a == NULL || pr == NULL
            || ccp_error_read(&e, a, ut_faults[i].status,
                              ccp_cstr(ut_faults[i].body), ccp_none)
               != CCP_OK)
        {
            abort();
        }

        ccp_provider_blame(pr, &e);
        UT_CHECK(e.blame == ut_faults[i].blame
                 && e.final == ut_faults[i].final,
                 "%s: %d %.60s: fault %d", ut_faults[i].preset,
                 ut_faults[i].status, ut_faults[i].body, (int) e.blame);

        row = ccp_fault_find(pr, &e);
        hit[row]++;
        ccp_arena_destroy(a);
    }

    for (i = 0; i < ccp_fault_count(); i++) {
        UT_CHECK(hit[i], "row %zu has %zu errors", i, hit[i]);
    }

    return ut_done();
}
