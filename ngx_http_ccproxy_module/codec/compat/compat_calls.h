
/*
 * Calls written as text: finding one in a stream of characters, reading one
 * that is complete.  Used by the stage in compat_calls.c alone.
 */

#ifndef CCP_COMPAT_CALLS_H
#define CCP_COMPAT_CALLS_H

#include "codec/base/base_buf.h"
#include "codec/json/json_read.h"
#include "codec/form/form_event.h"
#include "codec/proto/proto.h"
#include "codec/stage/stage.h"

typedef enum {
    CCP_CT_JSON,               /* {"name":…,"arguments":{…}}, or a list */
    CCP_CT_NAMED,              /* a bare name before its JSON */
    CCP_CT_FUNCTION,           /* <function=N><parameter=K>V</parameter>… */
    CCP_CT_INVOKE,             /* <invoke name="N"><parameter name="K">… */
    CCP_CT_DSML,               /* the same, tags in marks of their own */
    CCP_CT_CALL,               /* <ccp:call name="N">JSON, or tags */
    CCP_CT_TOOL,               /* <tool_call name="N">JSON, or tags */
    CCP_CT_USE,                /* <cs:tool_use><name>N</name><args>… */
    CCP_CT_PAIRS,              /* N <arg_key>K</arg_key><arg_value>V… */
    CCP_NCT
} ccp_calltext_e;

/* What a form that is written in tags allows. */
typedef struct {
    const char  *tag;          /* around the call; NULL: no such form */
    const char  *child;        /* tag of its parameters; NULL: any */
    unsigned     json:1;       /* COMPAT: JSON in place of tags */
    unsigned     loose:1;      /* the tool may be named inside */
    unsigned     lines:1;      /* a line end at both ends of a value */
    unsigned     entities:1;   /* values have & < > escaped */
} ccp_cform_t;

extern const ccp_cform_t  ccp_cforms[CCP_NCT];

/* Whether a tag only stands around all parameters. */
int ccp_calltext_group(ccp_str_t tag);

/* ---- finding (compat_calls_scan.c, tables in compat_calls_words.c) ---- */

typedef enum {
    CCP_CALL_NONE = 0,             /* no text block */
    CCP_CALL_TEXT = 1,
    CCP_CALL_AFTER = 2,            /* behind a call */
    CCP_CALL_WRAP = 4,             /* in <tool_call>, before its content */
    CCP_CALL_GROUP = 8,            /* in <function_calls> */
    CCP_CALL_LIST = 16,            /* behind [TOOL_CALLS] */
    CCP_CALL_NAME = 32,            /* in a bare name, up to what follows */
    CCP_CALL_HEAD = 64,            /* in the tag that opens a call */
    CCP_CALL_BODY = 128,           /* between parameters */
    CCP_CALL_CHILD = 256,          /* in a tag of the body */
    CCP_CALL_PARAM = 512,          /* in a parameter, up to its end tag */
    CCP_CALL_FENCE = 1024,         /* behind backquotes, in their line */
    CCP_CALL_BARE = 2048,          /* in JSON, up to its first member */
    CCP_CALL_VALUE = 4096,         /* in JSON, up to its last bracket */
    CCP_CALL_TAIL = 8192,          /* behind JSON that must stand alone */
    CCP_CALL_VOID = 16384          /* behind results that were invented */
} ccp_call_e;

/* Where a call may begin. */
#define CCP_CALL_OUT     (CCP_CALL_TEXT|CCP_CALL_AFTER)

#define CCP_CALLS_BOTH   (CCP_CALLS_NATIVE|CCP_CALLS_COMPAT)

/* Longest tag of a parameter that is known again at its end. */
#define CCP_CALL_TAG     48

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
    unsigned         modes;        /* ccp_calls_e */
    unsigned         states;       /* where it is looked for */
    ccp_call_e       next;         /* NONE: a call is complete */
    ccp_calltext_e   form;         /* of what it opens */
} ccp_cword_t;

extern const ccp_cword_t  ccp_cwords[];
extern const size_t       ccp_ncwords;

/* Where in Markdown the text is. */
typedef struct {
    size_t    run;                 /* backquotes just before */
    size_t    span;                /* … that opened code in this line */
    size_t    fence;               /* … that opened fenced code */
    int       mark;                /* what fence and run consist of */
    unsigned  words:1;             /* line: other characters came */
    unsigned  opens:1;             /* line: the first of fenced code */
    unsigned  shuts:1;             /* line: the last, if nothing follows */
} ccp_code_t;

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
    size_t               from;     /* where in it the call begins, */
    size_t               value;    /* … its JSON */
    size_t               mark;     /* where the word that is matched does */
    size_t               n;        /* characters of it so far */
    const ccp_cword_t   *word;     /* one that has them all */
    ccp_calltext_e       form;
    size_t               depth;    /* open brackets of JSON */
    size_t               kids;     /* parameters so far */
    ccp_call_e           back;     /* state behind FENCE */
    size_t               ntag;
    char                 tag[CCP_CALL_TAG];    /* CHILD, PARAM, FENCE */
    ccp_code_t           code;
    unsigned             string:1; /* VALUE: in a string, */
    unsigned             escape:1; /* … behind a backslash */
    unsigned             whole:1;  /* what is held is complete */
    unsigned             open:1;   /* block `out` was started */
    unsigned             lead:1;   /* no text has passed yet */
    unsigned             finish:1; /* nothing is held back any more */
    unsigned             ended:1;  /* the source's block stopped */
    unsigned             called:1; /* a call was found in this answer */
    unsigned             alone:1;  /* JSON that must be all there is, */
    unsigned             block:1;  /* … in a fenced block */
    unsigned             fenced:1; /* JSON in a fence inside of a call */
    unsigned             next:1;   /* behind a call: JSON is another one */
    unsigned             tagged:1; /* CHILD: its name is complete */
    unsigned             invented:1; /* the rest of the answer is dropped */
    unsigned             slash:1;  /* CHILD, HEAD: a slash came last */
} ccp_calling_t;

/* Text begins: at the start of a line, outside of code. */
void ccp_call_begin(ccp_calling_t *c);
/*
 * The next byte of decoded text: what it means and what becomes of it.
 * whole is set if a word, a tag or a value ends with it.
 */
ccp_does_e ccp_call_char(ccp_calling_t *c, int ch);
/* The same byte, for code, which goes on inside of what is held. */
void ccp_call_code(ccp_code_t *k, int ch);
/* Whether what follows stands in code. */
int ccp_call_coded(const ccp_code_t *k);

/* ---- reading (compat_calls_json.c, _tags.c, _type.c) ---- */

/* What reading needs; one per answer, its memory is reused. */
typedef struct {
    ccp_res_t   *rs;
    ccp_json_t   doc;
    ccp_json_t   inner;        /* arguments that are a string */
    ccp_json_t   schema;
    ccp_json_t   value;
    const ccp_tool_t  *tool;   /* whose schema it is */
    ccp_buf_t    mended;       /* doc's text, if it isn't the given one */
    ccp_buf_t    plain;        /* inner's text */
    ccp_buf_t    inside;       /* the same, mended */
    ccp_buf_t    text;         /* a value without entities */
    ccp_buf_t    args;
} ccp_calltext_t;

void ccp_calltext_init(ccp_calltext_t *ct, ccp_res_t *rs);

/* The offered tool of that wire name which the client runs; NULL if none. */
const ccp_tool_t *ccp_calltext_tool(ccp_calltext_t *ct, ccp_str_t name);

/*
 * The offered tool that a plain text names: an opening tag at its start, or
 * what stands before JSON.  CCP_OK; CCP_DECLINED: another one; CCP_OK and an
 * absent name: the form names it inside.
 */
int ccp_calltext_name(ccp_calltext_t *ct, ccp_str_t text, ccp_calltext_e form,
    ccp_str_t *name);

/*
 * The next value of a plain text of JSON values; *rest is what follows it.
 * Absent if there is none.  Brackets alone are looked at.
 */
ccp_str_t ccp_calltext_value(ccp_str_t text, ccp_str_t *rest);

/*
 * Reads a value into ct->doc; control characters in strings count as escaped.
 * CCP_OK, CCP_DECLINED (no JSON), CCP_NOMEM.
 */
int ccp_calltext_parse(ccp_calltext_t *ct, ccp_str_t text, ccp_jval_t *v);

/* The calls in a value: its elements, those of its tool_calls; else absent,
 * and the value is one itself. */
ccp_jval_t ccp_calltext_list(ccp_jval_t v);

/*
 * Name and arguments (a JSON object's text) of a call: of an object, which
 * must have arguments if full is set; of an object that may be the arguments
 * of the tool of that name; of tags in a plain text, whose values get the
 * types of the tool's schema.  Valid until the next call.  CCP_OK,
 * CCP_DECLINED (no valid call of an offered tool), CCP_NOMEM.
 */
int ccp_calltext_json(ccp_calltext_t *ct, ccp_jval_t v, int full,
    ccp_str_t *name, ccp_str_t *args);
int ccp_calltext_args(ccp_calltext_t *ct, ccp_jval_t v, ccp_str_t name,
    ccp_str_t *args);
int ccp_calltext_tags(ccp_calltext_t *ct, ccp_str_t text,
    ccp_calltext_e form, ccp_str_t *name, ccp_str_t *args);

/*
 * Appends the text of a parameter to ct->args as JSON of a type that its
 * schema (a property of ct->schema's root, which is given for references, or
 * absent) allows; hint: a type where that says none.
 */
int ccp_calltext_typed(ccp_calltext_t *ct, ccp_jval_t root, ccp_jval_t schema,
    ccp_str_t hint, ccp_str_t value);

/* The member of that name, in whatever spelling; absent if there is none. */
ccp_jval_t ccp_calltext_member(ccp_jval_t obj, ccp_str_t key);

/* Without white space at both ends. */
ccp_str_t ccp_calltext_trim(ccp_str_t s);

/* ---- the stage ---- */

struct ccp_toolcall_s {
    ccp_res_t       *rs;
    ccp_sink_t       next;
    size_t           limit;
    int              n;
    ccp_calling_t   *choices;
    ccp_calltext_t   read;
    ccp_buf_t        head;         /* of a call, decoded; */
    ccp_buf_t        text;         /* its JSON or all of it */
    ccp_buf_t        again;        /* what is to be played again */
};

/*
 * What goes out (compat_calls_emit.c): an event of that choice, the start of
 * a text block if none is open, a call block, bytes of the text, all that is
 * held.  CCP_OK or CCP_NOMEM, as all below.
 */
int ccp_call_emit(ccp_toolcall_t *t, ccp_calling_t *c, ccp_event_e kind,
    int index, const ccp_block_t *block, ccp_str_t text);
int ccp_call_open(ccp_toolcall_t *t, ccp_calling_t *c);
int ccp_call_block(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t name,
    ccp_str_t args);
int ccp_call_pass(ccp_toolcall_t *t, ccp_calling_t *c, ccp_str_t s,
    size_t from, size_t to);
int ccp_call_flush(ccp_toolcall_t *t, ccp_calling_t *c);
/* Takes all that is held away; from that byte on it is to be played again,
 * behind ccp_call_turn().  It holds one tag at most, so that no byte is played
 * more than twice. */
int ccp_call_replay(ccp_toolcall_t *t, ccp_calling_t *c, size_t from);

/* A word, a tag or a JSON value is complete (compat_calls_turn.c). */
int ccp_call_turn(ccp_toolcall_t *t, ccp_calling_t *c);
/* Whether what is held may be a call without its end, and what becomes of it
 * if no text follows; cut: it was broken off. */
int ccp_call_almost(const ccp_calling_t *c);
int ccp_call_settle(ccp_toolcall_t *t, ccp_calling_t *c, int cut);

#endif /* CCP_COMPAT_CALLS_H */
