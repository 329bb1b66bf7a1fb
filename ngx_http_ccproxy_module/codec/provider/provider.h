
/*
 * Providers: what each accepts, refuses and answers, as data.
 * A provider is one row of the table in provider_table.c; zero is the
 * default of every column.
 *
 * No column is needed for what holds everywhere: CR LF, comments and blank
 * lines before an answer, errors of any envelope and inside a 200, headers
 * held until the first event, streams without [DONE], all names of reasoning
 * and all places of usage, every spelling of a waiting time.
 */

#ifndef CCP_PROVIDER_H
#define CCP_PROVIDER_H

#include "codec/base/base_arena.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/schema/schema.h"

typedef enum { CCP_AUTH_BEARER, CCP_AUTH_X_API_KEY, CCP_AUTH_API_KEY,
    CCP_AUTH_X_GOOG_API_KEY, CCP_AUTH_NONE } ccp_auth_e;

typedef enum { CCP_KEEP, CCP_DROP, CCP_DROP_IF_THINKING } ccp_sampling_e;
typedef enum { CCP_ID_ANY, CCP_ID_ALNUM9, CCP_ID_SAFE64, CCP_ID_MAX40 }
    ccp_idform_e;
typedef enum { CCP_STRICT_KEEP, CCP_STRICT_DROP, CCP_STRICT_UNIFORM }
    ccp_strict_e;
typedef enum { CCP_SYS_SYSTEM, CCP_SYS_DEVELOPER, CCP_SYS_USER } ccp_sys_e;
typedef enum { CCP_IMG_URL_DATA, CCP_IMG_NONE, CCP_IMG_DATA, CCP_IMG_PLAIN,
    CCP_IMG_FILE_URL } ccp_img_e;
typedef enum { CCP_DOC_NONE, CCP_DOC_FILE, CCP_DOC_URL, CCP_DOC_FILE_URL,
    CCP_DOC_ANTHROPIC, CCP_DOC_INLINE } ccp_doc_e;

/* How the wish to reason is spelled. */
typedef enum { CCP_RZ_NONE, CCP_RZ_EFFORT, CCP_RZ_EFFORT_RESP, CCP_RZ_OBJECT,
    CCP_RZ_TYPE, CCP_RZ_TYPE_EFFORT, CCP_RZ_ADAPTIVE, CCP_RZ_BUDGET,
    CCP_RZ_BUDGET_GEMINI, CCP_RZ_LEVEL_GEMINI, CCP_RZ_ENABLE_THINKING,
    CCP_RZ_TEMPLATE, CCP_RZ_OLLAMA, CCP_RZ_TEMPLATE_EFFORT } ccp_reason_e;
typedef enum { CCP_OFF_OMIT, CCP_OFF_EFFORT, CCP_OFF_DISABLED, CCP_OFF_FALSE,
    CCP_OFF_ZERO, CCP_OFF_NEVER } ccp_off_e;
typedef enum { CCP_RP_NONE, CCP_RP_REASONING_CONTENT, CCP_RP_REASONING,
    CCP_RP_DETAILS, CCP_RP_TAGS, CCP_RP_ARRAY, CCP_RP_THINKING,
    CCP_RP_SIGNATURE, CCP_RP_EXTRA_CONTENT, CCP_RP_ITEMS } ccp_replay_e;
typedef enum { CCP_PREFILL_KEEP, CCP_PREFILL_NONE, CCP_PREFILL_PREFIX,
    CCP_PREFILL_PARTIAL } ccp_prefill_e;
typedef enum { CCP_WHEN_NEVER, CCP_WHEN_TOOL_TURNS, CCP_WHEN_ALWAYS }
    ccp_when_e;
typedef enum { CCP_CC_STRIP, CCP_CC_KEEP, CCP_CC_KEEP_TEXT, CCP_CC_AUTO_KEY }
    ccp_cc_e;

/* tool_choice words a provider takes (bits); others degrade to auto. */
#define CCP_TC_BIT_AUTO      1
#define CCP_TC_BIT_NONE      2
#define CCP_TC_BIT_REQUIRED  4
#define CCP_TC_BIT_FUNCTION  8
#define CCP_TC_BIT_NEVER     16    /* alone: the field isn't sent at all */

/*
 * Members of bodies that rows speak of, in the order of their names, and by
 * number; a set of them is 64 bits.
 */
#define CCP_FIELDS(X)                                                         \
    X(audio) X(chat_template_kwargs) X(enable_thinking) X(frequency_penalty)  \
    X(function_call) X(functions) X(include_reasoning) X(logit_bias)          \
    X(logprobs) X(max_completion_tokens) X(max_tokens) X(messages)            \
    X(metadata) X(min_p) X(modalities) X(model) X(models) X(n)                \
    X(parallel_tool_calls) X(prediction) X(presence_penalty)                  \
    X(prompt_cache_key) X(prompt_cache_retention) X(provider) X(random_seed)  \
    X(reasoning) X(reasoning_effort) X(reasoning_format)                      \
    X(repetition_penalty) X(response_format) X(safety_identifier) X(seed)     \
    X(service_tier) X(stop) X(store) X(stream) X(stream_options)              \
    X(temperature) X(thinking) X(thinking_budget) X(tool_choice) X(tools)     \
    X(top_k) X(top_logprobs) X(top_p) X(user) X(verbosity)                    \
    X(web_search_options)

#define CCP_FIELD_NUMBER(name)  CCP_FIELD_##name,
#define CCP_FIELD(name)         (UINT64_C(1) << CCP_FIELD_##name)
#define CCP_FIELD_BIT(f)        (UINT64_C(1) << (f))

typedef enum { CCP_FIELDS(CCP_FIELD_NUMBER) CCP_NFIELDS } ccp_field_e;

/* ends with NULL */
extern const char *const  ccp_field_names[CCP_NFIELDS + 1];

/* A column by its name in the documentation, and the words of its value. */
typedef struct {
    const char      *column;
    const char      *value;
} ccp_column_value_t;

typedef struct {
    const char      *name;
    const char      *like;         /* the row whose model rules hold here
                                      too; NULL: its own */
    const char      *cite;         /* the provider's document */
    ccp_proto_e      proto;
    ccp_proto_e      tools_proto;  /* CCP_NPROTO: as proto */
    unsigned         search_proto; /* protocol of a web search, and 1; 0: as
                                      it is asked in */
    const char      *base;         /* API root with its version segment */
    const char      *env;          /* variables with the key, by comma */
    const char      *vars;         /* beginning of the variables _BASE_URL,
                                      _MODEL and _MAX_TOKENS; NULL: none */
    ccp_auth_e       auth;
    const char      *head;         /* fixed headers, "name:value", by comma */
    const char      *also;         /* more protocols of the same key, by comma:
                                      "r:" at base, "a:URL" elsewhere */
    const char      *path;         /* "/x/{model}{path}"; NULL: "{path}",
                                      the protocol's */
    const char      *query;        /* "a=b&c=d"; NULL: none */
    unsigned         no_embed;     /* makes no embeddings */
    const char      *max_field;    /* NULL: max_tokens */
    int64_t          max_lo;       /* 0: none */
    int64_t          max_hi;
    int64_t          max_req;      /* put in where the client gave none */
    const char      *drop;         /* fields refused, by comma; NULL: the
                                      default list, "=…" replaces, "+"/"-"
                                      edits it */
    const char      *rename;       /* "from:to", each ended by NUL, an empty
                                      one at the end */
    const char      *samplers;     /* those taken beyond OpenAI's, by comma */
    double           temp_hi;      /* 0: 2 */
    unsigned         temp_open;    /* zero is refused: 0.01 */
    ccp_sampling_e   sampling;
    int              stop_max;     /* 0: 4; -1: field refused */
    unsigned         no_stream_opts;
    unsigned         tools_compat; /* 0 native, 1 compat, 2 auto */
    unsigned         tc;           /* 0: all four */
    unsigned         tc_think;     /* 0: as tc */
    const char      *tc_any;       /* NULL: "required" */
    const char      *par;          /* NULL: parallel_tool_calls; "-": drop */
    ccp_idform_e     id;
    int              name_max;     /* 0: 64 */
    ccp_strict_e     strict;
    unsigned         drop_format;  /* tools win over response_format */
    unsigned         res_name;
    ccp_sys_e        sys;
    unsigned         sys_first;
    unsigned         bridge;
    unsigned         alternate;
    ccp_prefill_e    prefill;      /* words of the assistant's at the end */
    unsigned         no_msg_name;
    unsigned         asst_str;
    ccp_schemas_e    schema;
    unsigned         fmt_no_object;
    unsigned         fmt_no_schema;
    ccp_img_e        img;
    ccp_doc_e        doc;
    ccp_reason_e     think;
    const char      *effort;       /* "xhigh:high,…" edits the default map;
                                      "*:x" all but none */
    ccp_off_e        think_off;
    unsigned         think_default;
    unsigned         think_stream; /* thinks in streamed answers only */
    const char      *think_extra;
    ccp_replay_e     replay;
    ccp_when_e       replay_when;
    unsigned         replay_empty;
    unsigned         r_out;        /* reasoning is outside completion_tokens */
    const char      *e_key;        /* "401,400/words": what blames the key;
                                      NULL: 401, 403 and known words */
    const char      *e_money;      /* the same: the account is empty */
    const char      *e_over;       /* the same: overload */
    const char      *e_ctx;        /* words of a prompt too long, by "|", added
                                      to those known; "^$": no body at all */
    const char      *e_ctx_st;     /* statuses where such words are looked at;
                                      NULL: all that blame nothing else */
    unsigned         no_count;     /* no call that counts a prompt's tokens */
    unsigned         no_threads;   /* holds no conversations of clients */
    unsigned         think_tags;   /* <think>…</think> stands in the text */
    unsigned         call_text;    /* models may write calls as text */
    ccp_cc_e         cache;
    const char      *cache_key;    /* body field, or "header:NAME" */
    const ccp_column_value_t *user; /* set after the model rules; ends with a
                                       NULL column; may be NULL */

    struct {                       /* by ccp_provider_make() */
        uint64_t     drop;         /* sets of ccp_field_e */
        uint64_t     samplers;
        const char  *effort[CCP_EFFORT_MAX + 1];
        unsigned     done;
    } made;
} ccp_provider_t;

/* What ccp_provider_for_model() said of some rows and models. */
typedef struct ccp_provider_memo_s  ccp_provider_memo_t;

struct ccp_provider_memo_s {
    const ccp_provider_t  *base;
    ccp_str_t              model;
    const ccp_provider_t  *provider;
    ccp_provider_memo_t   *next;
};

/* The row of that name or alias, NULL if there is none. */
const ccp_provider_t *ccp_provider_find(ccp_str_t name);
/* The plain row of a protocol, for providers without a preset. */
const ccp_provider_t *ccp_provider_plain(ccp_proto_e proto);
/* Row k, NULL after the last. */
const ccp_provider_t *ccp_provider_row(size_t k);
/*
 * What the provider of d is in another of its protocols (column also), with
 * its own base; out is d itself for its own protocol.  CCP_OK, CCP_DECLINED:
 * it doesn't speak that.
 */
int ccp_provider_also(const ccp_provider_t *pr, ccp_proto_e proto,
    ccp_provider_t *out);
/*
 * The row with the model rules for that model applied, then the user's own
 * columns, and all that made of it: base itself if it is made and no rule
 * speaks of the model, else a copy in the arena; NULL without memory.
 */
const ccp_provider_t *ccp_provider_for_model(const ccp_provider_t *base,
    ccp_str_t model, ccp_arena_t *a);
/* The same, once for each row and model of the memo, which starts as NULL. */
const ccp_provider_t *ccp_provider_remember(ccp_provider_memo_t **memo,
    const ccp_provider_t *base, ccp_str_t model, ccp_arena_t *a);
/* Makes the sets and words of the columns; once they are set, user's too.
 * What follows asks providers that were made.  CCP_OK or CCP_NOMEM. */
int ccp_provider_make(ccp_provider_t *pr, ccp_arena_t *a);
/*
 * Sets a column by its name in the documentation ("stop_max", "sys_pos") to
 * the value's words; effort, and drop with a sign in front, edit what is
 * there; flags take 1, 0, on and off.  column and value must live as long as
 * d.  CCP_OK, CCP_DECLINED (no such column), CCP_INVALID
 * (value), CCP_NOMEM.
 */
int ccp_provider_set_column(ccp_provider_t *pr, ccp_arena_t *a,
    const char *column, const char *value);
/* Name of the column number k that users may set; NULL after the last. */
const char *ccp_provider_column(size_t k);
/* What a value of that column looks like, for a message ("on or off"); NULL
 * if users may not set it. */
const char *ccp_provider_column_values(const char *column);
/*
 * Sets the class of an error that came from this provider by the columns e_*;
 * what they don't speak of stays as it is.
 */
void ccp_provider_blame(const ccp_provider_t *pr, ccp_error_t *err);
/* The number of a member's name; CCP_NFIELDS: none of those. */
ccp_field_e ccp_field_find(ccp_str_t name);
/* Whether the top-level field must not be sent to this provider; other: one
 * that has no number. */
int ccp_provider_drops(const ccp_provider_t *pr, const char *field);
int ccp_provider_drops_other(const ccp_provider_t *pr, ccp_str_t field);
/* The name under which the field is sent: renamed, or itself. */
const char *ccp_provider_field(const ccp_provider_t *pr, const char *field);

/* The provider's word for an effort; NULL: send none. */
static inline const char *
ccp_provider_effort(const ccp_provider_t *pr, ccp_effort_e effort)
{
    return pr->made.effort[effort];
}

struct ccp_param_s;            /* rewrite_params.h */

/* How tools reach a model: by the protocol's own fields, as text, or as text
 * once the upstream has refused the fields. */
typedef enum { CCP_TOOLS_UNSET, CCP_TOOLS_NATIVE, CCP_TOOLS_COMPAT,
    CCP_TOOLS_AUTO } ccp_tools_e;

/* What a client asks of a model that another model may refuse. */
typedef enum {
    CCP_WISH_TOOLS,
    CCP_WISH_TOOL_CHOICE,
    CCP_WISH_PARALLEL,         /* calls beside each other, or not */
    CCP_WISH_STREAM_USAGE,     /* stream_options */
    CCP_WISH_FORMAT,           /* JSON, by a schema or not */
    CCP_WISH_TEMPERATURE,
    CCP_WISH_IMAGE,
    CCP_WISH_THINK,
    CCP_NWISH
} ccp_wish_e;

#define CCP_WISH_BIT(wish)  (1u << (wish))

/* One upstream choice: where a request goes. */
typedef struct {
    const ccp_provider_t  *provider;   /* never NULL */
    ccp_proto_e            proto;
    ccp_str_t              root;       /* path of the API root, "/v1" */
    ccp_str_t              model;      /* absent: the client's */
    int64_t                max_tokens; /* cap; CCP_UNSET_INT */
    int64_t                context;    /* window; CCP_UNSET_INT */
    const struct ccp_param_s  *params; /* of the configuration, or NULL */
    uint64_t               owner;      /* the caller's number for who has
                                          what this target keeps itself; 0:
                                          nobody (form_held.h) */
    ccp_tools_e                tools;  /* UNSET: as the provider says */
    unsigned                   without; /* bits of wishes that it isn't
                                          asked for; of TOOLS, tools tells */
} ccp_target_t;

#endif /* CCP_PROVIDER_H */
