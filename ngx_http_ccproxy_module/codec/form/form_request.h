
/*
 * The neutral form of what is asked: one request.  What is answered is
 * form_event.h.
 *
 * Slices point into the client's (or upstream's) bytes or into the arena.
 * Order is the source's.  An absent slice, -1 and the UNSET enumerators mean
 * "the source did not say".  A field that is null in the source is absent.
 */

#ifndef CCP_FORM_REQUEST_H
#define CCP_FORM_REQUEST_H

#include "codec/base/base_str.h"
#include "codec/form/form_proto.h"
#include "codec/json/json_read.h"

typedef enum {                 /* what the endpoint does */
    CCP_OP_GENERATE,
    CCP_OP_COUNT,              /* count tokens */
    CCP_OP_EMBED,
    CCP_OP_COMPACT,            /* make a long conversation short */
    CCP_OP_MODELS,             /* list */
    CCP_OP_MODEL,              /* one model */
    CCP_OP_ROOT,               /* GET / */
    CCP_OP_HEALTH,
    CCP_OP_VERSION,
    CCP_OP_PS,
    CCP_OP_HELD,               /* about what is held for clients */
    CCP_OP_UNKNOWN
} ccp_op_e;

/* A header line, of a request or of an answer. */
typedef struct {
    ccp_str_t    name;
    ccp_str_t    value;
} ccp_header_t;

typedef enum {
    CCP_ROLE_SYSTEM,           /* mid-conversation only */
    CCP_ROLE_USER,             /* tool results live here */
    CCP_ROLE_ASSISTANT
} ccp_role_e;

typedef enum {
    CCP_B_TEXT,
    CCP_B_REFUSAL,             /* text the model marked as a refusal */
    CCP_B_THINK,
    CCP_B_IMAGE,
    CCP_B_DOC,
    CCP_B_AUDIO,
    CCP_B_VIDEO,
    CCP_B_CALL,                /* tool call for the client to run */
    CCP_B_RESULT,              /* its result */
    CCP_B_HCALL,               /* tool run by the provider */
    CCP_B_HRESULT,
    CCP_B_OPAQUE               /* understood by its origin only */
} ccp_block_e;

typedef enum { CCP_CACHE_NONE, CCP_CACHE_5M, CCP_CACHE_1H, CCP_CACHE_30M }
    ccp_cache_e;

typedef enum { CCP_MEDIA_NONE, CCP_MEDIA_B64, CCP_MEDIA_URL, CCP_MEDIA_FILE,
    CCP_MEDIA_TEXT } ccp_media_e;

typedef struct {
    ccp_media_e  kind;
    ccp_str_t    mime;         /* "image/png"; may be absent for a URL */
    ccp_str_t    data;         /* base64 text, URL, file id or plain text */
    ccp_str_t    filename;
    ccp_str_t    detail;       /* auto low high original */
} ccp_media_t;

typedef struct ccp_block_s  ccp_block_t;

struct ccp_block_s {
    ccp_block_e   kind;
    ccp_proto_e   origin;      /* whose server made it (THINK HCALL OPAQUE) */
    ccp_str_t     text;        /* TEXT REFUSAL THINK; CALL: arguments as the
                                  text of a JSON object (json set: spelled
                                  inside a JSON string) or, if custom, the
                                  free input text */
    ccp_str_t     id;          /* CALL, RESULT: the tool call's id */
    ccp_str_t     item_id;     /* Responses item id */
    ccp_str_t     name;        /* tool name; RESULT: if known */
    ccp_str_t     space;       /* namespace, toolset, MCP server */
    ccp_str_t     type;        /* HCALL, OPAQUE, client built-ins: its type */
    ccp_str_t     sig;         /* signature, encrypted content, redacted data */
    ccp_str_t     title;       /* DOC */
    ccp_str_t     context;     /* DOC */
    ccp_media_t   media;
    uint32_t      sig_model;   /* hash of the family that sig is valid for;
                                  0 unknown */
    ccp_block_t  *parts;       /* RESULT, nested DOC */
    ccp_str_t     raw;         /* the source's whole object */
    ccp_cache_e   cache;       /* breakpoint after this block */
    unsigned      free_text:1; /* CALL with free text input */
    unsigned      error:1;     /* RESULT of a failure */
    unsigned      redacted:1;  /* THINK without text, sig is its data */
    unsigned      summary:1;   /* THINK: summary of hidden reasoning */
    unsigned      truncated:1; /* cut by the length limit */
    unsigned      legacy:1;    /* function_call of old Chat */
    unsigned      object:1;    /* RESULT: the text is a raw JSON value */
    ccp_block_t  *next;
};

typedef struct ccp_message_s  ccp_message_t;

struct ccp_message_s {
    ccp_role_e      role;
    ccp_block_t    *blocks;
    ccp_str_t       name;
    ccp_str_t       phase;
    ccp_message_t  *next;
    unsigned        clear_next:1;  /* valid until the next user message */
    unsigned        developer:1;   /* SYSTEM spelled developer */
    unsigned        answers:1;     /* ccp_history_normalise(): it held
                                      results */
    unsigned        present:1;     /* … of the turn that is to be answered */
};

typedef enum {
    CCP_T_FUNCTION,
    CCP_T_FREE_TEXT,           /* free text input, maybe under a grammar */
    CCP_T_BUILTIN,             /* run by the client, schema known by type */
    CCP_T_HOSTED               /* run by the provider */
} ccp_tool_e;

typedef enum { CCP_SCHEMA_JSON, CCP_SCHEMA_GEMINI } ccp_schema_e;

typedef struct ccp_tool_s  ccp_tool_t;

struct ccp_tool_s {
    ccp_tool_e    kind;
    ccp_str_t     name;
    ccp_str_t     space;
    ccp_str_t     desc;
    ccp_str_t     type;        /* bash_20250124, web_search, googleSearch … */
    ccp_str_t     schema;      /* JSON text */
    ccp_schema_e  dialect;
    ccp_str_t     grammar;
    ccp_str_t     syntax;      /* lark, regex */
    int           strict;      /* -1 0 1 */
    int           defer;
    ccp_cache_e   cache;
    ccp_proto_e   origin;
    ccp_str_t     raw;
    unsigned      allowed:1;   /* ccp_history_normalise(): ALLOWED names it */
    ccp_tool_t   *next;
};

typedef enum { CCP_THINK_UNSET, CCP_THINK_OFF, CCP_THINK_ON, CCP_THINK_AUTO,
    CCP_THINK_BETWEEN } ccp_think_e;

typedef enum { CCP_EFFORT_UNSET, CCP_EFFORT_NONE, CCP_EFFORT_MINIMAL,
    CCP_EFFORT_LOW, CCP_EFFORT_MEDIUM, CCP_EFFORT_HIGH, CCP_EFFORT_XHIGH,
    CCP_EFFORT_MAX } ccp_effort_e;

typedef enum { CCP_DISPLAY_UNSET, CCP_DISPLAY_OMIT, CCP_DISPLAY_SUMMARY,
    CCP_DISPLAY_FULL } ccp_display_e;

typedef struct {
    ccp_think_e    mode;
    ccp_effort_e   effort;
    int64_t        budget;     /* tokens; CCP_UNSET_INT unset; -1 dynamic */
    ccp_display_e  display;
    int            want_sig;   /* -1 0 1 */
} ccp_think_t;

#define CCP_UNSET_INT  INT64_MIN

typedef enum { CCP_TC_UNSET, CCP_TC_AUTO, CCP_TC_NONE, CCP_TC_ANY,
    CCP_TC_NAMED, CCP_TC_ALLOWED } ccp_tc_e;

typedef enum { CCP_F_UNSET, CCP_F_TEXT, CCP_F_JSON, CCP_F_SCHEMA }
    ccp_format_e;

typedef struct ccp_item_s  ccp_item_t;  /* list of strings */

struct ccp_item_s {
    ccp_str_t    s;
    ccp_item_t  *next;
    ccp_item_t  *last;             /* of the list; in its first item only */
};

typedef struct ccp_name_s  ccp_name_t;  /* tool name: client <-> upstream */

struct ccp_name_s {
    ccp_str_t    client;
    ccp_str_t    space;        /* namespace to restore; absent if none */
    ccp_str_t    wire;
    unsigned     free_text:1;  /* wire is a function standing for a free-text
                                  tool: {"input": text} */
    ccp_name_t  *next;
    ccp_name_t  *kid[2][2];    /* by a bit of the hash of client, of wire */
};

typedef struct {
    ccp_proto_e     proto;
    ccp_op_e        op;
    ccp_str_t       body;          /* the client's bytes */
    ccp_json_t      doc;           /* parsed from body */
    ccp_str_t       model;         /* as the client wrote it */
    ccp_jval_t      model_val;     /* where it stands; absent: in the path */

    ccp_block_t    *system;        /* leading system text, cache marks kept */
    ccp_message_t  *msgs;
    ccp_tool_t     *tools;

    struct {
        ccp_tc_e     mode;
        ccp_str_t    name;         /* NAMED */
        ccp_item_t  *allowed;      /* ALLOWED */
        int          any;          /* ALLOWED: one of them must be called */
    } tool_choice;

    int             parallel;      /* -1 0 1 */
    int64_t         max_tokens;    /* CCP_UNSET_INT */

    ccp_str_t       temperature;   /* numbers in their spelling */
    ccp_str_t       top_p;
    ccp_str_t       top_k;
    ccp_str_t       min_p;
    ccp_str_t       seed;
    ccp_str_t       freq_pen;
    ccp_str_t       pres_pen;
    ccp_str_t       rep_pen;
    ccp_item_t     *stop;
    int64_t         n;             /* CCP_UNSET_INT */
    int             logprobs;      /* -1 0 1 */
    int64_t         top_logprobs;  /* CCP_UNSET_INT */

    ccp_think_t     think;

    struct {
        ccp_format_e  kind;
        ccp_str_t     name;
        ccp_str_t     desc;
        ccp_str_t     schema;
        ccp_schema_e  dialect;
        int           strict;      /* -1 0 1 */
        ccp_str_t     verbosity;
    } out;

    ccp_str_t       user;
    ccp_str_t       meta;          /* raw JSON object */
    ccp_str_t       tier;
    ccp_str_t       cache_key;
    ccp_str_t       cache_resource;
    ccp_cache_e     cache_auto;    /* mark the last cacheable block */
    ccp_jval_t      root;          /* of doc, for fields that travel only to
                                      the same protocol */

    int             stream;        /* 0 1 */
    int             stream_array;  /* streamed as one JSON array (Gemini) */
    int             include_usage; /* Chat: the usage chunk was asked for */
    int             generate;      /* Ollama: /api/generate */
    int             legacy_fn;     /* Chat: functions/function_call */
    ccp_str_t       version;       /* anthropic-version header, if any */
    ccp_str_t       held;          /* CCP_OP_HELD: what follows the endpoint */

    ccp_item_t     *embed_inputs;  /* CCP_OP_EMBED */
    int64_t         embed_dims;
    ccp_str_t       embed_format;
    ccp_str_t       embed_task;
    int             embed_single;  /* :embedContent, /api/embeddings, string */

    ccp_item_t     *notes;         /* what conversion dropped or changed */
} ccp_request_t;

#endif /* CCP_FORM_REQUEST_H */
