
/*
 * Whose fault an error of a provider's is: the request's, that of this key
 * with this model, or the key's.  The first row that fits decides.
 *
 * A client must not be able to put aside what it shares with others: only an
 * error that is known to speak of the key closes it.  What is not known is
 * the request's, unless it recurs for other clients.
 */

#include "codec/provider/provider_table.h"
#include "codec/base/base_match.h"


#define CCP_FAULT_REQUEST  CCP_BLAME_REQUEST, 0
#define CCP_FAULT_FINAL    CCP_BLAME_REQUEST, 1
#define CCP_FAULT_MODEL    CCP_BLAME_MODEL, 0
#define CCP_FAULT_KEY      CCP_BLAME_KEY, 0
#define CCP_FAULT_DOUBT    CCP_BLAME_DOUBT, 0

/* The classes of errors that can be a key's. */
#define CCP_FAULT_BIT(cls)  (1u << (cls))
#define CCP_FAULT_ACCESS    (CCP_FAULT_BIT(CCP_E_AUTH)                        \
                             | CCP_FAULT_BIT(CCP_E_FORBIDDEN))
#define CCP_FAULT_MONEY     (CCP_FAULT_BIT(CCP_E_BILLING)                     \
                             | CCP_FAULT_BIT(CCP_E_QUOTA))
#define CCP_FAULT_PACE      CCP_FAULT_BIT(CCP_E_RATE)
#define CCP_FAULT_SPENT     (CCP_FAULT_MONEY | CCP_FAULT_PACE)

/* What is searched for words, bytes. */
#define CCP_FAULT_TEXT      4096

typedef struct {
    const char   *provider;        /* a pattern; NULL: any */
    int           lo;              /* statuses; 0: inside of an answer */
    int           hi;
    unsigned      classes;
    const char   *code;            /* code or type, by "|"; NULL: any */
    const char   *words;           /* in the document, by "|"; NULL: any */
    ccp_blame_e   blame;
    unsigned      final;
} ccp_fault_t;


/* With both, a row fits by its code or by its words. */

static const ccp_fault_t  ccp_faults[] = {

    /* accounts that are closed: some say for what prompts */

    { NULL, 0, 403, CCP_FAULT_ACCESS, "account_deactivated",
      "organization has been disabled|account has been|account is not active|"
      "access was terminated|has been suspended|consumer_suspended",
      CCP_FAULT_KEY },

    /* an account, project or workspace that the request named */

    { NULL, 0, 404, CCP_FAULT_ACCESS,
      "mismatched_organization|invalid_organization|mismatched_project|"
      "invalid_project",
      "should match organization|no such organization|should match project|"
      "no such project|openai-organization header|openai-project header",
      CCP_FAULT_REQUEST },
    { "gemini*", 0, 404, CCP_FAULT_ACCESS, NULL,
      "user_project_denied|permission to use project", CCP_FAULT_REQUEST },
    { "anthropic", 0, 404, CCP_FAULT_ACCESS, NULL, "workspace",
      CCP_FAULT_REQUEST },

    /* a model, or what this model can't for this account */

    { NULL, 0, 404, CCP_FAULT_ACCESS,
      "model_not_found|model_not_allowed|model_permission_blocked_org|"
      "model_permission_blocked_project|model_terms_required|no_access",
      "access to model|access to the model|access to this model|"
      "access to the requested model|access to claude|access model|"
      "use this model|use the model|model access|is blocked at the|"
      "terms acceptance|gated repo|not allowed to sample from this model|"
      "model is not available|model does not exist|model not exist",
      CCP_FAULT_REQUEST },
    { NULL, 0, 404, CCP_FAULT_ACCESS, NULL, "must be verified|to be verified",
      CCP_FAULT_REQUEST },

    /* what a prompt says */

    { NULL, 0, 451, CCP_FAULT_ACCESS,
      "content_filter|content_policy_violation|data_inspection_failed|"
      "cyber_policy_violation|moderation_blocked|1301",
      "moderation|flagged|usage guidelines|safety|content policy|"
      "content filter|content management policy|usage polic|"
      "responsible ai|inappropriate content|prohibited content|"
      "content exists risk|sensitive content", CCP_FAULT_FINAL },

    /* files and what else a request names that belongs to another */

    { NULL, 0, 404, CCP_FAULT_ACCESS, NULL,
      "access the file|access this file|access to file|access to the file|"
      "access the uploaded|file not found|no such file|cachedcontent|"
      "cached content|access the tuned|tunedmodel|access the conversation|"
      "access the response|access the container|access the vector store|"
      "access the thread|access the prompt", CCP_FAULT_REQUEST },

    /* what is too much for a key, but would go if it were less */

    { NULL, 0, 429, CCP_FAULT_PACE, NULL,
      "request too large|request is too large|too large for|"
      "must be reduced in order|long context|"
      "exceeds the maximum tokens per request", CCP_FAULT_REQUEST },
    { NULL, 0, 429, CCP_FAULT_SPENT, NULL,
      "fewer max_tokens|lower max_tokens|reduce max_tokens|can only afford|"
      "prompt tokens limit exceeded", CCP_FAULT_REQUEST },

    /* limits that pass */

    { "openrouter", 402, 402, CCP_FAULT_MONEY, NULL, "in_flight_budget",
      CCP_FAULT_MODEL },
    { NULL, 0, 429, CCP_FAULT_SPENT, NULL, "permodel", CCP_FAULT_MODEL },
    { NULL, 0, 429, CCP_FAULT_SPENT,
      "usage_limit_reached|usage_not_included", NULL, CCP_FAULT_KEY },
    { NULL, 0, 599, CCP_FAULT_PACE, NULL, NULL, CCP_FAULT_MODEL },

    /* keys */

    { NULL, 0, 599, CCP_FAULT_MONEY, NULL, NULL, CCP_FAULT_KEY },
    { NULL, 403, 403, CCP_FAULT_ACCESS,
      "invalid_api_key|authentication_error|"
      "unsupported_country_region_territory",
      "api key|api-key|api_key|apikey|access token|invalid token|credential|"
      "authenticat|unauthorized|key limit|revoked|token expired|"
      "token has expired|service_disabled|missing scopes|scope requirement|"
      "ip address|ip_address",
      CCP_FAULT_KEY },
    { NULL, 0, 599, CCP_FAULT_BIT(CCP_E_FORBIDDEN), NULL, NULL,
      CCP_FAULT_DOUBT },
    { NULL, 0, 599, CCP_FAULT_BIT(CCP_E_AUTH), NULL, NULL, CCP_FAULT_KEY }
};


size_t
ccp_fault_count(void)
{
    return ccp_countof(ccp_faults);
}


static int
ccp_fault_word(const ccp_error_t *e, ccp_str_t word, int equal)
{
    size_t     i;
    ccp_str_t  s;

    const ccp_str_t  in[] = { e->code, e->type, e->message, e->raw };

    for (i = 0; i < (equal ? 2 : ccp_countof(in)); i++) {
        s = in[i];
        s.n = s.n < CCP_FAULT_TEXT ? s.n : CCP_FAULT_TEXT;

        if (s.p && s.n >= word.n && ccp_str_after(s, word)
            && (!equal || s.n == word.n))
        {
            return 1;
        }
    }

    return 0;
}


static int
ccp_fault_words(const ccp_error_t *e, const char *list, int equal)
{
    size_t      n;
    ccp_str_t   word;

    word = ccp_none;

    for ( /* void */ ; *list != '\0'; list += n + (list[n] == '|')) {
        n = strcspn(list, "|");

        word.p = (const uint8_t *) list;
        word.n = n;

        if (ccp_fault_word(e, word, equal)) {
            return 1;
        }
    }

    return 0;
}


static int
ccp_fault_fits(const ccp_fault_t *f, const ccp_provider_t *pr,
    const ccp_error_t *e)
{
    if (!(f->classes & CCP_FAULT_BIT(e->cls))
        || e->status < f->lo || e->status > f->hi)
    {
        return 0;
    }

    if (f->provider
        && !ccp_str_glob(ccp_cstr(f->provider), ccp_cstr(pr->name)))
    {
        return 0;
    }

    if (f->code == NULL && f->words == NULL) {
        return 1;
    }

    return (f->code && ccp_fault_words(e, f->code, 1))
           || (f->words && ccp_fault_words(e, f->words, 0));
}


size_t
ccp_fault_find(const ccp_provider_t *pr, ccp_error_t *e)
{
    size_t  i;

    e->final = 0;

    switch (e->cls) {

    case CCP_E_AUTH:
    case CCP_E_FORBIDDEN:
    case CCP_E_BILLING:
    case CCP_E_QUOTA:
    case CCP_E_RATE:
        break;

    case CCP_E_NONE:
    case CCP_E_SERVER:
    case CCP_E_OVERLOADED:
    case CCP_E_TIMEOUT:
    case CCP_E_MALFORMED:
        e->blame = CCP_BLAME_NONE;
        return ccp_countof(ccp_faults);

    default:
        e->blame = CCP_BLAME_REQUEST;
        return ccp_countof(ccp_faults);
    }

    for (i = 0; i < ccp_countof(ccp_faults); i++) {
        if (ccp_fault_fits(&ccp_faults[i], pr, e)) {
            break;
        }
    }

    /* the last rows take all of a class */

    e->blame = i < ccp_countof(ccp_faults) ? ccp_faults[i].blame
                                           : CCP_BLAME_DOUBT;
    e->final = i < ccp_countof(ccp_faults) && ccp_faults[i].final;

    return i;
}
