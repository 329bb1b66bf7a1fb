
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
    CCP_CALLS_FORM_JSON,       /* {"name":…,"arguments":{…}}, or a list */
    CCP_CALLS_FORM_NAMED,      /* a bare name before its JSON */
    CCP_CALLS_FORM_FUNCTION,   /* <function=N><parameter=K>V</parameter>… */
    CCP_CALLS_FORM_INVOKE,     /* <invoke name="N"><parameter name="K">… */
    CCP_CALLS_FORM_DSML,       /* the same, tags in marks of their own */
    CCP_CALLS_FORM_CALL,       /* <ccp:call name="N">JSON, or tags */
    CCP_CALLS_FORM_TOOL,       /* <tool_call name="N">JSON, or tags */
    CCP_CALLS_FORM_USE,        /* <cs:tool_use><name>N</name><args>… */
    CCP_CALLS_FORM_PAIRS,      /* N <arg_key>K</arg_key><arg_value>V… */
    CCP_CALLS_NFORMS
} ccp_calls_form_e;

/* What a form that is written in tags allows. */
typedef struct {
    const char  *tag;          /* around the call; NULL: no such form */
    const char  *child;        /* tag of its parameters; NULL: any */
    unsigned     json:1;       /* COMPAT: JSON in place of tags */
    unsigned     loose:1;      /* the tool may be named inside */
    unsigned     lines:1;      /* a line end at both ends of a value */
    unsigned     entities:1;   /* values have & < > escaped */
} ccp_calls_form_t;

extern const ccp_calls_form_t  ccp_calls_forms[CCP_CALLS_NFORMS];

/* Whether a tag only stands around all parameters. */
int ccp_calls_read_group(ccp_str_t tag);

/* ---- finding (compat_calls_scan.c, tables in compat_calls_words.c) ---- */

typedef enum {
    CCP_CALLS_NONE = 0,            /* no text block */
    CCP_CALLS_TEXT = 1,
    CCP_CALLS_AFTER = 2,           /* behind a call */
    CCP_CALLS_WRAP = 4,            /* in <tool_call>, before its content */
    CCP_CALLS_GROUP = 8,           /* in <function_calls> */
    CCP_CALLS_LIST = 16,           /* behind [TOOL_CALLS] */
    CCP_CALLS_NAME = 32,           /* in a bare name, up to what follows */
    CCP_CALLS_HEAD = 64,           /* in the tag that opens a call */
    CCP_CALLS_BODY = 128,          /* between parameters */
    CCP_CALLS_CHILD = 256,         /* in a tag of the body */
    CCP_CALLS_PARAM = 512,         /* in a parameter, up to its end tag */
    CCP_CALLS_FENCE = 1024,        /* behind backquotes, in their line */
    CCP_CALLS_BARE = 2048,         /* in JSON, up to its first member */
    CCP_CALLS_VALUE = 4096,        /* in JSON, up to its last bracket */
    CCP_CALLS_TAIL = 8192,         /* behind JSON that must stand alone */
    CCP_CALLS_VOID = 16384         /* behind results that were invented */
} ccp_calls_state_e;

/* Where a call may begin. */
#define CCP_CALLS_OUT    (CCP_CALLS_TEXT|CCP_CALLS_AFTER)

#define CCP_CALLS_BOTH   (CCP_CALLS_NATIVE|CCP_CALLS_COMPAT)

/* Longest tag of a parameter that is known again at its end. */
#define CCP_CALLS_TAG    48

/* What becomes of a character. */
typedef enum {
    CCP_CALLS_PASS,
    CCP_CALLS_HOLD,
    CCP_CALLS_DROP,
    CCP_CALLS_NO                   /* what is held is no call */
} ccp_calls_does_e;

/* What opens and closes calls. */
typedef struct {
    const char        *text;
    unsigned           modes;      /* ccp_calls_mode_e */
    unsigned           states;     /* where it is looked for */
    ccp_calls_state_e  next;       /* NONE: a call is complete */
    ccp_calls_form_e   form;       /* of what it opens */
} ccp_calls_word_t;

extern const ccp_calls_word_t  ccp_calls_words[];
extern const size_t            ccp_calls_nwords;

/* Where in Markdown the text is. */
typedef struct {
    size_t    run;                 /* backquotes just before */
    size_t    span;                /* … that opened code in this line */
    size_t    fence;               /* … that opened fenced code */
    int       mark;                /* what fence and run consist of */
    unsigned  words:1;             /* line: other characters came */
    unsigned  opens:1;             /* line: the first of fenced code */
    unsigned  shuts:1;             /* line: the last, if nothing follows */
} ccp_calls_code_t;

typedef struct ccp_calls_seen_s  ccp_calls_seen_t;
typedef struct ccp_calls_held_s  ccp_calls_held_t;

/* The text of one choice. */
typedef struct {
    ccp_calls_state_e        state;
    ccp_calls_mode_e         mode;
    int                      choice;
    int                      src;   /* index of the text block */
    int                      out;   /* index that its text has now */
    int                      serial;
    ccp_proto_e              origin;
    ccp_buf_t                hold;  /* in JSON spelling */
    size_t                   from;  /* where in it the call begins, */
    size_t                   value; /* … its JSON */
    size_t                   mark;  /* where the word that is matched does */
    size_t                   n;     /* characters of it so far */
    const ccp_calls_word_t  *word;  /* one that has them all */
    ccp_calls_form_e         form;
    size_t                   depth; /* open brackets of JSON */
    size_t                   kids;  /* parameters so far */
    ccp_calls_state_e        back;  /* state behind FENCE */
    size_t                   ntag;
    char                     tag[CCP_CALLS_TAG]; /* CHILD, PARAM, FENCE */
    ccp_calls_code_t         code;
    ccp_calls_seen_t        *seen;  /* calls that the text made */
    unsigned                 nseen;
    ccp_calls_held_t        *held;  /* other calls that may be the same */
    unsigned                 string:1; /* VALUE: in a string, */
    unsigned                 escape:1; /* … behind a backslash */
    unsigned                 whole:1;  /* what is held is complete */
    unsigned                 open:1;   /* block `out` was started */
    unsigned                 lead:1;   /* no text has passed yet */
    unsigned                 finish:1; /* nothing is held back any more */
    unsigned                 ended:1;  /* the source's block stopped */
    unsigned                 called:1; /* a call was found in this answer */
    unsigned                 alone:1;  /* JSON that must be all there is, */
    unsigned                 block:1;  /* … in a fenced block */
    unsigned                 fenced:1; /* JSON in a fence inside of a call */
    unsigned                 next:1;   /* behind a call: JSON is another one */
    unsigned                 tagged:1; /* CHILD: its name is complete */
    unsigned                 invented:1; /* the rest of the answer is
                                            dropped */
    unsigned                 slash:1; /* CHILD, HEAD: a slash came last */
} ccp_calls_choice_t;

/* Text begins: at the start of a line, outside of code. */
void ccp_calls_scan_begin(ccp_calls_choice_t *c);
/*
 * The next byte of decoded text: what it means and what becomes of it.
 * whole is set if a word, a tag or a value ends with it.
 */
ccp_calls_does_e ccp_calls_scan_char(ccp_calls_choice_t *c, int ch);
/* The same byte, for code, which goes on inside of what is held. */
void ccp_calls_scan_code(ccp_calls_code_t *k, int ch);
/* Whether what follows stands in code. */
int ccp_calls_scan_coded(const ccp_calls_code_t *k);

/* ---- reading (compat_calls_json.c, _tags.c, _type.c) ---- */

/* What reading needs; one per answer, its memory is reused. */
typedef struct {
    ccp_answer_ctx_t  *ac;
    ccp_json_t         doc;
    ccp_json_t         inner;  /* arguments that are a string */
    ccp_json_t         schema;
    ccp_json_t         value;
    const ccp_tool_t  *tool;   /* whose schema it is */
    ccp_buf_t    mended;       /* doc's text, if it isn't the given one */
    ccp_buf_t    plain;        /* inner's text */
    ccp_buf_t    inside;       /* the same, mended */
    ccp_buf_t    text;         /* a value without entities */
    ccp_buf_t    args;
} ccp_calls_read_t;

void ccp_calls_read_init(ccp_calls_read_t *ct, ccp_answer_ctx_t *ac);

/* The offered tool of that wire name which the client runs; NULL if none. */
const ccp_tool_t *ccp_calls_read_tool(ccp_calls_read_t *ct, ccp_str_t name);

/*
 * The offered tool that a plain text names: an opening tag at its start, or
 * what stands before JSON.  CCP_OK; CCP_DECLINED: another one; CCP_OK and an
 * absent name: the form names it inside.
 */
int ccp_calls_read_name(ccp_calls_read_t *ct, ccp_str_t text,
    ccp_calls_form_e form, ccp_str_t *name);

/*
 * The next value of a plain text of JSON values; *rest is what follows it.
 * Absent if there is none.  Brackets alone are looked at.
 */
ccp_str_t ccp_calls_read_value(ccp_str_t text, ccp_str_t *rest);

/*
 * Reads a value into ct->doc; control characters in strings count as escaped.
 * CCP_OK, CCP_DECLINED (no JSON), CCP_NOMEM.
 */
int ccp_calls_read_parse(ccp_calls_read_t *ct, ccp_str_t text, ccp_jval_t *v);

/* The calls in a value: its elements, those of its tool_calls; else absent,
 * and the value is one itself. */
ccp_jval_t ccp_calls_read_list(ccp_jval_t v);

/*
 * Name and arguments (a JSON object's text) of a call: of an object, which
 * must have arguments if full is set; of an object that may be the arguments
 * of the tool of that name; of tags in a plain text, whose values get the
 * types of the tool's schema.  Valid until the next call.  CCP_OK,
 * CCP_DECLINED (no valid call of an offered tool), CCP_NOMEM.
 */
int ccp_calls_read_json(ccp_calls_read_t *ct, ccp_jval_t v, int full,
    ccp_str_t *name, ccp_str_t *args);
int ccp_calls_read_args(ccp_calls_read_t *ct, ccp_jval_t v, ccp_str_t name,
    ccp_str_t *args);
int ccp_calls_read_tags(ccp_calls_read_t *ct, ccp_str_t text,
    ccp_calls_form_e form, ccp_str_t *name, ccp_str_t *args);

/*
 * Appends the text of a parameter to ct->args as JSON of a type that its
 * schema (a property of ct->schema's root, which is given for references, or
 * absent) allows; hint: a type where that says none.
 */
int ccp_calls_read_typed(ccp_calls_read_t *ct, ccp_jval_t root,
    ccp_jval_t schema, ccp_str_t hint, ccp_str_t value);

/* The member of that name, in whatever spelling; absent if there is none. */
ccp_jval_t ccp_calls_read_member(ccp_jval_t obj, ccp_str_t key);

/* Without white space at both ends. */
ccp_str_t ccp_calls_read_trim(ccp_str_t s);

/* ---- the stage ---- */

struct ccp_calls_s {
    ccp_answer_ctx_t    *ac;
    ccp_sink_t           next;
    size_t               limit;
    int                  n;
    unsigned             made;     /* calls that text made */
    ccp_calls_choice_t  *choices;
    ccp_calls_read_t     read;
    ccp_buf_t            head;     /* of a call, decoded; */
    ccp_buf_t            text;     /* its JSON or all of it */
    ccp_buf_t            again;    /* what is to be played again */
};

/*
 * What goes out (compat_calls_emit.c): an event of that choice, the start of
 * a text block if none is open, a call block, bytes of the text, all that is
 * held.  CCP_OK or CCP_NOMEM, as all below.
 */
int ccp_calls_emit(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_event_e kind,
    int index, const ccp_block_t *block, ccp_str_t text);
int ccp_calls_open(ccp_calls_t *t, ccp_calls_choice_t *c);
int ccp_calls_block(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t name,
    ccp_str_t args);
int ccp_calls_pass(ccp_calls_t *t, ccp_calls_choice_t *c, ccp_str_t s,
    size_t from, size_t to);
int ccp_calls_flush(ccp_calls_t *t, ccp_calls_choice_t *c);
/* Takes all that is held away; from that byte on it is to be played again,
 * behind ccp_calls_turn().  It holds one tag at most, so that no byte is
 * played more than twice. */
int ccp_calls_replay(ccp_calls_t *t, ccp_calls_choice_t *c, size_t from);

/*
 * The same call in text and beside it (compat_calls_twice.c).  note: text made
 * a call.  event: one of another block; CCP_OK: it is held or dropped,
 * CCP_DECLINED: it passes.  end: what is held passes.
 */
int ccp_calls_twice_note(ccp_calls_t *t, ccp_calls_choice_t *c,
    ccp_str_t name, ccp_str_t args);
int ccp_calls_twice_event(ccp_calls_t *t, ccp_calls_choice_t *c,
    const ccp_event_t *ev);
int ccp_calls_twice_end(ccp_calls_t *t, ccp_calls_choice_t *c);

/* A word, a tag or a JSON value is complete (compat_calls_turn.c). */
int ccp_calls_turn(ccp_calls_t *t, ccp_calls_choice_t *c);
/* Whether what is held may be a call without its end, and what becomes of it
 * if no text follows; cut: it was broken off. */
int ccp_calls_turn_almost(const ccp_calls_choice_t *c);
int ccp_calls_turn_settle(ccp_calls_t *t, ccp_calls_choice_t *c, int cut);

#endif /* CCP_COMPAT_CALLS_H */
