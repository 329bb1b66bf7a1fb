
/*
 * Calls written as text: finding one in a stream of characters, reading one
 * that is complete.  Used by the stage in ccp_toolcall.c alone.
 */

#ifndef CCP_TOOLCALL_H
#define CCP_TOOLCALL_H

#include "ccp_stage.h"

typedef enum {
    CCP_CT_JSON,               /* {"name":…,"arguments":{…}}, or a list */
    CCP_CT_FUNCTION,           /* <function=N><parameter=K>V</parameter>… */
    CCP_CT_INVOKE              /* <invoke name="N"><parameter name="K">… */
} ccp_calltext_e;

/* ---- finding (ccp_toolcall_scan.c) ---- */

typedef enum {
    CCP_CALL_NONE = 0,             /* no text block */
    CCP_CALL_TEXT = 1,
    CCP_CALL_AFTER = 2,            /* behind a call */
    CCP_CALL_WRAP = 4,             /* in <tool_call>, before its content */
    CCP_CALL_GROUP = 8,            /* in <function_calls> */
    CCP_CALL_LIST = 16,            /* behind [TOOL_CALLS] */
    CCP_CALL_HEAD_TAG = 32,        /* in <function=… or <invoke … */
    CCP_CALL_BODY = 64,            /* between parameters */
    CCP_CALL_PARAM = 128,          /* in a parameter, up to its end tag */
    CCP_CALL_VALUE = 256           /* in JSON, up to its last bracket */
} ccp_call_e;

/* Where a call may begin. */
#define CCP_CALL_OUT     (CCP_CALL_TEXT|CCP_CALL_AFTER)

/* What becomes of a character. */
typedef enum {
    CCP_CALL_PASS,
    CCP_CALL_HOLD,
    CCP_CALL_DROP,
    CCP_CALL_NO                    /* what is held is no call */
} ccp_does_e;

/* What opens and closes calls. */
typedef struct {
    const char      *text;
    unsigned         states;       /* where it is looked for */
    ccp_call_e       next;         /* NONE: a call is complete */
    ccp_calltext_e   form;         /* of a HEAD_TAG */
} ccp_cword_t;

/* The text of one choice. */
typedef struct {
    ccp_call_e           state;
    ccp_calls_e          mode;
    int                  choice;
    int                  src;      /* index of the text block */
    int                  out;      /* index that its text has now */
    int                  serial;
    ccp_proto_e          origin;
    ccp_buf_t            hold;     /* in JSON spelling */
    size_t               from;     /* where in it the call begins */
    size_t               mark;     /* where the word that is matched does */
    size_t               n;        /* characters of it so far */
    const ccp_cword_t   *word;     /* one that has them all */
    ccp_calltext_e       form;
    size_t               depth;    /* VALUE: open brackets */
    size_t               ticks;    /* backquotes at the start of the line */
    unsigned             string:1; /* VALUE: in a string, */
    unsigned             escape:1; /* … behind a backslash */
    unsigned             whole:1;  /* what is held is complete */
    unsigned             open:1;   /* block `out` was started */
    unsigned             lead:1;   /* no text has passed yet */
    unsigned             finish:1; /* nothing is held back any more */
    unsigned             fence:1;  /* in fenced code */
    unsigned             words:1;  /* line: not only backquotes */
    unsigned             opens:1;  /* line: the first of fenced code */
    unsigned             shuts:1;  /* line: the last, if nothing follows */
} ccp_calling_t;

/* Text begins: at the start of a line, outside of code. */
void ccp_call_begin(ccp_calling_t *c);
/*
 * The next character (-1: none of ASCII): what it means and what becomes of
 * it.  whole is set if a word, a tag or a value ends with it.
 */
ccp_does_e ccp_call_char(ccp_calling_t *c, int ch);
/* The same character, for fences, which go on inside of what is held. */
void ccp_call_fence(ccp_calling_t *c, int ch);

/* ---- reading (ccp_toolcall_read.c) ---- */

/* What reading needs; one per answer, its memory is reused. */
typedef struct {
    ccp_res_t   *rs;
    ccp_json_t   doc;
    ccp_json_t   schema;
    ccp_json_t   value;
    ccp_buf_t    args;
} ccp_calltext_t;

void ccp_calltext_init(ccp_calltext_t *ct, ccp_res_t *rs);

/* The offered tool of that wire name which the client runs; NULL if none. */
const ccp_tool_t *ccp_calltext_tool(ccp_calltext_t *ct, ccp_str_t name);

/*
 * The name in an opening tag at the start of a plain text, and in *at the
 * bytes of the tag; absent if there is none.
 */
ccp_str_t ccp_calltext_name(ccp_str_t text, ccp_calltext_e form, size_t *at);

/*
 * Name and arguments (a JSON object's text) of a call: of an object, of
 * tags in a plain text, whose values get the types of the tool's schema.
 * Valid until the next call.  CCP_OK, CCP_DECLINED (no valid call of an
 * offered tool), CCP_NOMEM.
 */
int ccp_calltext_json(ccp_calltext_t *ct, ccp_jval_t v, ccp_str_t *name,
    ccp_str_t *args);
int ccp_calltext_tags(ccp_calltext_t *ct, ccp_str_t text,
    ccp_calltext_e form, ccp_str_t *name, ccp_str_t *args);

#endif /* CCP_TOOLCALL_H */
