
/*
 * What the readers of requests share: typed members, read by a reader that
 * knows where it stands ("messages[3].content") and keeps the first error.
 *
 * Once there is an error, lists end and no other one is set; values of a
 * wrong type are absent.  So a reader asks for rc at its end alone, and where
 * it would go on with what isn't there.
 */

#ifndef CCP_PROTO_IN_H
#define CCP_PROTO_IN_H

#include <stddef.h>

#include "codec/form/form_block.h"
#include "codec/form/form_error.h"
#include "codec/json/json_read.h"
#include "codec/proto/proto_words.h"

/* What a member has to be. */
typedef enum {
    CCP_M_NUMBER,                  /* kept in its spelling */
    CCP_M_INT,
    CCP_M_BOOL,
    CCP_M_STRING,
    CCP_M_NAME,                    /* a string that is not empty */
    CCP_M_OBJECT,
    CCP_M_ARRAY,
    CCP_M_NKINDS
} ccp_member_e;

/* How a protocol speaks of its members. */
typedef struct {
    const char  *open;             /* before and behind an index */
    const char  *close;
    const char  *missing;          /* "missing, expected " */
    const char  *wrong;            /* "expected " */
    const char  *got;              /* ", got "; NULL: not told */
    unsigned     bare:1;           /* missing says no more */
    unsigned     null:1;           /* a member that is null is missing */
    const char  *wants[CCP_M_NKINDS];
} ccp_in_words_t;

/* "messages[3].content: expected a string, got a number" */
extern const ccp_in_words_t  ccp_in_plain_words;

/* What a protocol takes. */
typedef struct {
    const ccp_in_words_t  *words;
    /* a member, by all its spellings, and whether a key is one of them; NULL:
     * by its name */
    ccp_jval_t           (*get)(ccp_jval_t obj, const char *name);
    int                  (*is_named)(ccp_str_t key, const char *name);
    unsigned               digits:1;   /* a string of digits as an integer */
    unsigned               single:1;   /* an object as a list of one */
} ccp_in_style_t;

/* Chat, Responses, Ollama */
extern const ccp_in_style_t  ccp_in_plain_style;

/* A step on the way to what is read. */
typedef struct {
    const char  *name;
    long         index;            /* -1: no list */
} ccp_in_step_t;

/* Deeper steps are not told. */
#define CCP_IN_STEPS  12

typedef struct {
    ccp_arena_t           *a;
    ccp_error_t           *err;
    const ccp_in_style_t  *style;
    int                    rc;     /* CCP_OK, or of the first error */
    unsigned               depth;
    ccp_in_step_t          steps[CCP_IN_STEPS];
} ccp_in_t;

/* A list's elements. */
typedef struct {
    ccp_in_t      *in;             /* NULL: no list, or its end */
    ccp_jval_t     val;
    uint32_t       pos;            /* nodes of the document */
    uint32_t       end;
} ccp_in_list_t;

/* A member that is one scalar or is kept as it stands. */
typedef struct {
    const char    *name;
    ccp_member_e   kind;
    size_t         off;            /* in ccp_request_t: INT int64_t, BOOL int,
                                      others ccp_str_t (OBJECT its text) */
} ccp_member_t;

#define ccp_at(f)  offsetof(ccp_request_t, f)

void ccp_in_init(ccp_in_t *in, const ccp_in_style_t *style, ccp_arena_t *a,
    ccp_error_t *err);

/*
 * Errors; name is the member of what is read, "" itself.  wrong: "WHERE.name:
 * expected WANT, got a TYPE" in the protocol's words; refuse: "WHERE.name:
 * TEXT".
 */
void ccp_in_wrong(ccp_in_t *in, const char *name, ccp_jval_t v,
    const char *want);
void ccp_in_refuse(ccp_in_t *in, const char *name, const char *text);
void ccp_in_nomem(ccp_in_t *in);

/* An object's text; as with ccp_in_opt() and its kin below, absent if it is
 * not there, is null, or (an error) is of another kind. */
ccp_str_t ccp_in_raw(ccp_in_t *in, ccp_jval_t obj, const char *name);
/* Members of a table, which ends with a name of NULL; of two names for one
 * place the later wins. */
void ccp_in_members(ccp_in_t *in, ccp_jval_t obj, const ccp_member_t *table,
    ccp_request_t *r);

/*
 * Refuses members that readers of JSON take for different ones: those of the
 * table, which ends with NULL, in other letters ("Model") or twice.  What one
 * reader passes over decides at the next (T60).  At most 64 names.
 */
void ccp_in_distinct(ccp_in_t *in, ccp_jval_t obj, const char *const *names);

/* How a key stands to a name: camelCase with snake, if that may be spelled in
 * snake_case. */
typedef enum {
    CCP_IN_OTHER,                  /* it is another one */
    CCP_IN_ALIKE,                  /* some readers take it for that */
    CCP_IN_NAMED                   /* all do */
} ccp_in_spelling_e;

ccp_in_spelling_e ccp_in_spelling(ccp_str_t key, int snake, const char *name);
/* Whether it is camelCase, or that in snake_case. */
int ccp_in_is_snake(ccp_str_t key, const char *name);

/* The arguments of a call, a member (T62); want says what they should be. */
void ccp_in_args(ccp_in_t *in, ccp_block_t *b, ccp_jval_t obj,
    const char *name, const char *want);

/* Audio: bare base64 text, a data URL or a URL; format may be absent. */
void ccp_in_audio(ccp_in_t *in, ccp_media_t *m, ccp_str_t data,
    ccp_str_t format);

/* Appends to lists; NULL, and an error, without memory. */
ccp_block_t *ccp_in_block(ccp_in_t *in, ccp_block_e kind,
    ccp_block_t ***tail);
ccp_block_t *ccp_in_text(ccp_in_t *in, ccp_str_t text, ccp_block_t ***tail);
ccp_message_t *ccp_in_message(ccp_in_t *in, ccp_role_e role,
    ccp_message_t ***tail);
/* A tool that is written as v. */
ccp_tool_t *ccp_in_tool(ccp_in_t *in, ccp_tool_e kind, ccp_proto_e origin,
    ccp_jval_t v, ccp_tool_t ***tail);
void ccp_in_item(ccp_in_t *in, ccp_item_t **list, ccp_str_t s);
/* The strings of a list; want says what an element should be. */
void ccp_in_items(ccp_in_t *in, ccp_in_list_t l, ccp_item_t **list,
    const char *want);


/* ---- inline, for names and kinds are mostly literals ---- */

static inline int
ccp_in_fits(const ccp_in_t *in, ccp_jval_t v, ccp_member_e kind)
{
    switch (kind) {

    case CCP_M_NUMBER:
        return ccp_json_type(v) == CCP_J_NUMBER;

    case CCP_M_INT:
        return (ccp_json_type(v) == CCP_J_NUMBER || in->style->digits)
               && ccp_json_int(v, CCP_UNSET_INT) != CCP_UNSET_INT;

    case CCP_M_BOOL:
        return ccp_json_bool(v, -1) >= 0;

    case CCP_M_STRING:
        return ccp_json_type(v) == CCP_J_STRING;

    case CCP_M_NAME:
        return ccp_json_str(v).n != 0;

    case CCP_M_OBJECT:
        return ccp_json_type(v) == CCP_J_OBJECT;

    default:
        return ccp_json_type(v) == CCP_J_ARRAY
               || (in->style->single && ccp_json_type(v) == CCP_J_OBJECT);
    }
}

static inline ccp_jval_t
ccp_in_get(const ccp_in_t *in, ccp_jval_t obj, const char *name)
{
    return in->style->get ? in->style->get(obj, name)
                          : ccp_json_get(obj, name);
}

/* A member that must be there. */
static inline ccp_jval_t
ccp_in_need(ccp_in_t *in, ccp_jval_t obj, const char *name, ccp_member_e kind)
{
    ccp_jval_t  v = ccp_in_get(in, obj, name);

    if (ccp_in_fits(in, v, kind)) {
        return v;
    }

    ccp_in_wrong(in, name, v, in->style->words->wants[kind]);

    return ccp_jabsent;
}

/* … that may be there. */
static inline ccp_jval_t
ccp_in_opt(ccp_in_t *in, ccp_jval_t obj, const char *name, ccp_member_e kind)
{
    ccp_jval_t  v = ccp_in_get(in, obj, name);

    if (!ccp_json_has(v)) {
        return ccp_jabsent;
    }

    if (ccp_in_fits(in, v, kind)) {
        return v;
    }

    ccp_in_wrong(in, name, v, in->style->words->wants[kind]);

    return ccp_jabsent;
}

/* A string that may be there. */
static inline ccp_str_t
ccp_in_str(ccp_in_t *in, ccp_jval_t obj, const char *name)
{
    return ccp_json_str(ccp_in_opt(in, obj, name, CCP_M_STRING));
}

/* A string that must be there and not be empty. */
static inline ccp_str_t
ccp_in_name(ccp_in_t *in, ccp_jval_t obj, const char *name)
{
    return ccp_json_str(ccp_in_need(in, obj, name, CCP_M_NAME));
}

/* What is read is an object; 0: it isn't, which is an error. */
static inline int
ccp_in_is_object(ccp_in_t *in, ccp_jval_t v)
{
    if (ccp_json_type(v) == CCP_J_OBJECT) {
        return 1;
    }

    ccp_in_wrong(in, "", v, in->style->words->wants[CCP_M_OBJECT]);

    return 0;
}

/* Where the reader stands: in a member of where it stood, and back again. */
static inline void
ccp_in_enter(ccp_in_t *in, const char *name)
{
    if (in->depth < CCP_IN_STEPS) {
        in->steps[in->depth].name = name;
        in->steps[in->depth].index = -1;
    }

    in->depth++;
}

static inline void
ccp_in_leave(ccp_in_t *in)
{
    in->depth--;
}

/*
 * for (l = ccp_in_list(in, obj, "tools"); ccp_in_next(&l); ) reads l.val and
 * stands in it.  Such a loop is left by its end, or for good.  ccp_in_each()
 * is for a value that is known to be a list, or its single element, already.
 */
static inline ccp_in_list_t
ccp_in_each(ccp_in_t *in, ccp_jval_t v, const char *name)
{
    ccp_in_list_t  l = { NULL, v, 0, 0 };

    if (ccp_json_has(v)) {
        l.in = in;
        l.pos = v.i + (ccp_json_type(v) == CCP_J_ARRAY);
        l.end = v.doc->nodes[v.i].next;
        ccp_in_enter(in, name);
    }

    return l;
}

static inline ccp_in_list_t
ccp_in_list(ccp_in_t *in, ccp_jval_t obj, const char *name)
{
    return ccp_in_each(in, ccp_in_opt(in, obj, name, CCP_M_ARRAY), name);
}

static inline int
ccp_in_next(ccp_in_list_t *l)
{
    if (l->in == NULL || l->in->rc != CCP_OK) {
        return 0;
    }

    if (l->pos >= l->end) {
        ccp_in_leave(l->in);
        l->in = NULL;
        return 0;
    }

    l->val.i = l->pos;
    l->pos = l->val.doc->nodes[l->pos].next;

    if (l->in->depth <= CCP_IN_STEPS) {
        l->in->steps[l->in->depth - 1].index++;
    }

    return 1;
}

#endif /* CCP_PROTO_IN_H */
