
/*
 * Edits of a JSON text: some values are replaced, members removed, renamed or
 * added; all other bytes stay as and where they are.  What is kept is not
 * copied where the output takes references (json_out.h).
 *
 *   ccp_edit_init() or ccp_edit_out()
 *   ccp_edit_set() …               any number; cheap if they come mostly in
 *                                  the order of the text
 *   ccp_edit_write()
 *   ccp_edit_free()
 *
 * Texts and names must stay until the output is used no more.  An allocation
 * that fails latches and is reported by ccp_edit_write().
 */

#ifndef CCP_JSON_EDIT_H
#define CCP_JSON_EDIT_H

#include "codec/json/json_out.h"
#include "codec/json/json_read.h"

typedef enum {
    CCP_EDIT_SET,
    CCP_EDIT_DROP,
    CCP_EDIT_NAME,
    CCP_EDIT_FIRST,
    CCP_EDIT_LAST
} ccp_edit_e;

typedef struct {
    uint32_t    at;            /* node of the document */
    ccp_edit_e  kind;
    ccp_str_t   name;
    ccp_str_t   text;
} ccp_edit_op_t;

/* Bytes that stand outside of the document: one byte is in their place. */
typedef struct {
    size_t      off;
    ccp_str_t   bytes;
} ccp_edit_hole_t;

typedef struct {
    const ccp_json_t  *doc;
    ccp_arena_t       *arena;
    ccp_edit_op_t     *ops;
    size_t             n;
    size_t             cap;
    unsigned           err:1;

    /* of ccp_edit_out() */
    ccp_json_t         own;
    ccp_buf_t          text;
    ccp_edit_hole_t   *holes;
    size_t             nholes;
} ccp_edit_t;

/* Edits of a document that is parsed already. */
void ccp_edit_init(ccp_edit_t *e, const ccp_json_t *doc, ccp_arena_t *a);
/*
 * Edits of what an encoder wrote: a finished output whose references are
 * whole values or lie inside of strings; they are not read.  body must stay
 * as it is until the edited output is used no more.  CCP_OK; CCP_INVALID (it
 * is no JSON object); CCP_NOMEM.
 */
int ccp_edit_out(ccp_edit_t *e, const ccp_out_t *body, ccp_arena_t *a);
void ccp_edit_free(ccp_edit_t *e);

/* The value becomes the JSON text; the last one of a value holds. */
void ccp_edit_set(ccp_edit_t *e, ccp_jval_t v, ccp_str_t text);
/* The same by a string or a number. */
void ccp_edit_set_str(ccp_edit_t *e, ccp_jval_t v, ccp_str_t s);
void ccp_edit_set_int(ccp_edit_t *e, ccp_jval_t v, int64_t n);
/* The member (with its name) or element of that value is left out. */
void ccp_edit_drop(ccp_edit_t *e, ccp_jval_t v);
/* The member of that value gets another name. */
void ccp_edit_name(ccp_edit_t *e, ccp_jval_t v, ccp_str_t name);
/* A member behind those of the object. */
void ccp_edit_add(ccp_edit_t *e, ccp_jval_t obj, ccp_str_t name,
    ccp_str_t text);
/* Elements (JSON text) in front of or behind those of the array; in a string,
 * text in front of or behind its own. */
void ccp_edit_first(ccp_edit_t *e, ccp_jval_t v, ccp_str_t text);
void ccp_edit_last(ccp_edit_t *e, ccp_jval_t v, ccp_str_t text);

/* Writes the whole text with all edits.  CCP_OK or CCP_NOMEM. */
int ccp_edit_write(ccp_edit_t *e, ccp_out_t *out);

#endif /* CCP_JSON_EDIT_H */
