
/*
 * Prompt tools: where a protocol keeps the system prompt and what users
 * wrote, and what is put there; the temperature.
 */

#include <stdio.h>

#include "codec/rewrite/rewrite_private.h"
#include "codec/base/base_match.h"
#include "codec/proto/proto_in.h"


typedef void (*ccp_prompt_text_pt)(ccp_prompt_x_t *x, ccp_jval_t v,
    ccp_place_e place);


static ccp_jval_t
ccp_prompt_member(ccp_prompt_x_t *x, const char *const names[2])
{
    ccp_jval_t  v;

    v = names[0] ? ccp_json_get(x->root, names[0]) : ccp_jabsent;

    if (v.doc == NULL && names[1]) {
        v = ccp_json_get(x->root, names[1]);
    }

    return v;
}


static void
ccp_prompt_part(ccp_prompt_x_t *x, ccp_jval_t part, ccp_place_e place,
    ccp_prompt_text_pt fn)
{
    ccp_str_t   type;
    ccp_jval_t  text;

    text = ccp_json_get(part, "text");
    type = ccp_json_gets(part, "type");

    if (ccp_json_type(text) == CCP_J_STRING
        && (type.p == NULL || ccp_str_is(type, "text")
            || ccp_str_is(type, "input_text")))
    {
        fn(x, text, place);
    }
}


/* The texts of a content: itself, or those of its parts, which may be one
 * alone. */

static void
ccp_prompt_texts(ccp_prompt_x_t *x, ccp_jval_t content, ccp_place_e place,
    ccp_prompt_text_pt fn)
{
    ccp_jval_t   inner;
    ccp_jiter_t  it;

    switch (ccp_json_type(content)) {

    case CCP_J_STRING:
        fn(x, content, place);
        return;

    case CCP_J_OBJECT:
        inner = ccp_json_get(content, x->places->content);

        if (inner.doc && ccp_json_type(inner) != CCP_J_OBJECT) {
            ccp_prompt_texts(x, inner, place, fn);
        } else {
            ccp_prompt_part(x, inner.doc ? inner : content, place, fn);
        }

        return;

    case CCP_J_ARRAY:
        break;

    default:
        return;
    }

    for (it = ccp_json_iter(content); ccp_json_next(&it); /* void */ ) {
        ccp_prompt_part(x, it.val, place, fn);
    }
}


/* Servers that read other spellings of members read those of words, too. */

static int
ccp_prompt_is_role(const ccp_prompt_x_t *x, ccp_str_t role, const char *name)
{
    return x->snake ? ccp_in_spelling(role, 1, name) != CCP_IN_OTHER
                    : ccp_str_is(role, name);
}


ccp_place_e
ccp_prompt_role(const ccp_prompt_x_t *x, ccp_jval_t message)
{
    ccp_str_t  role, type;

    role = ccp_json_gets(message, "role");
    type = x->typed ? ccp_json_gets(message, "type") : ccp_none;

    if (type.p && !ccp_str_is(type, "message")) {
        return CCP_PLACE_NONE;
    }

    if (role.p == NULL) {
        /* Gemini's may be left out */
        return ccp_json_get(message, "parts").doc ? CCP_PLACE_USER
                                                  : CCP_PLACE_NONE;
    }

    if (ccp_prompt_is_role(x, role, "system")
        || ccp_prompt_is_role(x, role, "developer"))
    {
        return CCP_PLACE_SYSTEM;
    }

    return ccp_prompt_is_role(x, role, "user") ? CCP_PLACE_USER
                                               : CCP_PLACE_NONE;
}


/* Walks all texts of the request that the tools are about. */

static void
ccp_prompt_walk(ccp_prompt_x_t *x, ccp_prompt_text_pt fn)
{
    ccp_jval_t   list, content;
    ccp_place_e  place;
    ccp_jiter_t  it;

    x->begun = 0;
    ccp_prompt_texts(x, ccp_prompt_member(x, x->places->system),
                     CCP_PLACE_SYSTEM, fn);

    if (x->places->list == NULL) {
        x->begun = 1;

        if (x->places->content) {
            ccp_prompt_texts(x, ccp_json_get(x->root, x->places->content),
                             CCP_PLACE_USER, fn);
        }

        return;
    }

    list = ccp_json_get(x->root, x->places->list);

    if (ccp_json_type(list) != CCP_J_ARRAY) {
        x->begun = 1;
        ccp_prompt_texts(x, list, CCP_PLACE_USER, fn);
        return;
    }

    for (it = ccp_json_iter(list); ccp_json_next(&it); /* void */ ) {
        place = ccp_prompt_role(x, it.val);

        if (place != CCP_PLACE_SYSTEM) {
            x->begun = 1;
        }

        if (place == CCP_PLACE_NONE) {
            continue;
        }

        content = ccp_json_get(it.val, x->places->content);

        if (place == CCP_PLACE_USER && x->parts.doc == NULL
            && ccp_json_type(content) == CCP_J_ARRAY)
        {
            x->parts = content;
        }

        ccp_prompt_texts(x, content, place, fn);
    }
}


static void
ccp_prompt_find(ccp_prompt_x_t *x, ccp_jval_t v, ccp_place_e place)
{
    if (place == CCP_PLACE_SYSTEM && !x->begun) {
        x->last_system = v;
    }

    if (place == CCP_PLACE_USER && x->first_user.doc == NULL) {
        x->first_user = v;
    }
}


static int
ccp_prompt_same(ccp_jval_t a, ccp_jval_t b)
{
    return a.doc && b.doc && a.i == b.i;
}


/* One text: what is replaced in it, and what is put in. */

static void
ccp_prompt_change(ccp_prompt_x_t *x, ccp_jval_t v, ccp_place_e place)
{
    int         err, front, back;
    ccp_buf_t   b;
    ccp_str_t   text, new;

    if (x->replace && place == CCP_PLACE_SYSTEM) {
        return;
    }

    err = 0;
    text = ccp_json_str(v);
    new = ccp_prompt_replaced(x->rules, text, x->e->arena, &err);

    x->e->err |= err;
    front = x->user.n && ccp_prompt_same(v, x->first_user);
    back = x->system.n && ccp_prompt_same(v, x->last_system) && !x->replace;

    if (new.p == NULL && !front && !back) {
        return;
    }

    text = new.p ? new : text;

    ccp_buf_init(&b, x->e->arena, 0);

    if (new.p) {
        ccp_buf_add(&b, "\"", 1);
    }

    if (front) {
        ccp_buf_add(&b, x->user.p, x->user.n);
        ccp_buf_add(&b, "\\n\\n", text.n ? 4 : 0);
    }

    if (new.p == NULL && front) {
        ccp_edit_first(x->e, v, ccp_buf_str(&b, 0));
        x->e->err |= b.err;
        return;
    }

    if (new.p) {
        ccp_buf_add_json(&b, new);
    }

    if (back) {
        ccp_buf_add(&b, "\\n\\n", text.n ? 4 : 0);
        ccp_buf_add(&b, x->system.p, x->system.n);
    }

    if (new.p) {
        ccp_buf_add(&b, "\"", 1);
        ccp_edit_set(x->e, v, ccp_buf_str(&b, 0));

    } else {
        ccp_edit_last(x->e, v, ccp_buf_str(&b, 0));
    }

    x->e->err |= b.err;
}


/* A form with the text in the place of its "%". */

static ccp_str_t
ccp_prompt_form(ccp_prompt_x_t *x, const char *form, const ccp_buf_t *text)
{
    size_t     n;
    ccp_buf_t  b;

    n = strcspn(form, "%");

    ccp_buf_init(&b, x->e->arena, 0);
    ccp_buf_add(&b, form, n);
    ccp_buf_add(&b, text->p, text->n);
    ccp_buf_add(&b, form + n + 1, strlen(form + n + 1));
    x->e->err |= b.err;

    return ccp_buf_str(&b, 0);
}


/*
 * A message of the system goes.  Its words do where it changes tools as well,
 * which are judged by themselves.
 */

static void
ccp_prompt_drop_message(ccp_prompt_x_t *x, ccp_jval_t message)
{
    int          other;
    ccp_jval_t   content, type;
    ccp_jiter_t  it;

    other = 0;
    content = ccp_json_get(message, x->places->content);

    for (it = ccp_json_iter(content); ccp_json_next(&it); /* void */ ) {
        type = ccp_json_get(it.val, "type");

        other |= !it.object && (ccp_json_is(type, "tool_addition")
                                || ccp_json_is(type, "tool_removal"));
    }

    if (!other) {
        ccp_edit_drop(x->e, message);
        return;
    }

    for (it = ccp_json_iter(content); ccp_json_next(&it); /* void */ ) {
        type = ccp_json_get(it.val, "type");

        if (!ccp_json_is(type, "tool_addition")
            && !ccp_json_is(type, "tool_removal"))
        {
            ccp_edit_drop(x->e, it.val);
        }
    }
}


/* The client's system prompt goes, wherever it stands. */

static void
ccp_prompt_drop_system(ccp_prompt_x_t *x)
{
    ccp_jval_t   v;
    ccp_jiter_t  it;

    v = ccp_prompt_member(x, x->places->system);

    if (v.doc && x->system.n == 0) {
        ccp_edit_drop(x->e, v);
    }

    v = x->places->list ? ccp_json_get(x->root, x->places->list) : ccp_jabsent;

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return;
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */ ) {

        if (ccp_prompt_role(x, it.val) == CCP_PLACE_SYSTEM) {
            ccp_prompt_drop_message(x, it.val);
        }
    }
}


/* A system prompt where there is none, or none is left. */

static void
ccp_prompt_make_system(ccp_prompt_x_t *x)
{
    ccp_str_t   text;
    ccp_jval_t  v;

    text = ccp_prompt_form(x, x->places->make, &x->system);

    if (x->places->system[0] == NULL) {
        v = ccp_json_get(x->root, x->places->list);

        if (ccp_json_type(v) == CCP_J_ARRAY) {
            ccp_edit_first(x->e, v, text);
        }

        return;
    }

    v = ccp_prompt_member(x, x->places->system);

    if (v.doc) {
        ccp_edit_set(x->e, v, text);
    } else {
        ccp_edit_add(x->e, x->root, ccp_cstr(x->places->system[0]), text);
    }
}


/* Whether a prompt is for the model, with or without the group or provider
 * that a client may put in front of it. */

static int
ccp_prompt_matches(const ccp_prompt_t *p, ccp_str_t model)
{
    size_t     i;
    ccp_str_t  name;

    if (p->match.p == NULL || ccp_str_glob(p->match, model)) {
        return 1;
    }

    for (i = 0; i < model.n; i++) {

        if (model.p[i] != '@' && model.p[i] != ',') {
            continue;
        }

        name = ccp_str_range(model.p + i + 1, model.p + model.n);

        if (ccp_str_glob(p->match, name)) {
            return 1;
        }
    }

    return 0;
}


/* What is put in: all texts for this model, one behind the other. */

static void
ccp_prompt_gather(ccp_prompt_x_t *x, ccp_str_t model)
{
    size_t               i;
    ccp_buf_t           *b;
    const ccp_prompt_t  *p;

    ccp_buf_init(&x->system, x->e->arena, 0);
    ccp_buf_init(&x->user, x->e->arena, 0);

    for (i = 0; i < x->rules->nprompts; i++) {
        p = &x->rules->prompts[i];

        if (!ccp_prompt_matches(p, model)) {
            continue;
        }

        x->replace |= p->replace;
        b = p->user ? &x->user : &x->system;

        ccp_buf_add(b, "\\n\\n", b->n ? 4 : 0);
        ccp_buf_add_json(b, p->text);
        x->e->err |= b->err;
    }
}


static void
ccp_prompt_temperature(ccp_prompt_x_t *x)
{
    int         n;
    double      t;
    uint8_t    *text;
    ccp_str_t   s = ccp_none;
    ccp_jval_t  v;

    v = x->places->config[0] ? ccp_prompt_member(x, x->places->config) : x->root;
    v = ccp_json_get(v, "temperature");

    if (x->rules->ratio == 1 || ccp_json_type(v) != CCP_J_NUMBER) {
        return;
    }

    t = ccp_json_num(v, 0) * x->rules->ratio;
    t = t > x->places->hot ? x->places->hot : t;

    text = ccp_alloc(x->e->arena, 32);
    if (text == NULL) {
        x->e->err = 1;
        return;
    }

    n = snprintf((char *) text, 32, "%.6g", t);
    s.p = text;
    s.n = (size_t) n;
    ccp_edit_set(x->e, v, s);
}


/* Whether a system prompt is what was put in, and no more. */

static int
ccp_prompt_is_ours(const ccp_prompt_x_t *x, const ccp_block_t *system)
{
    ccp_str_t  text;

    text = ccp_buf_str(&x->system, 1);
    text.esc = 1;

    return system->next == NULL && system->kind == CCP_B_TEXT
           && ccp_str_eq(system->text, text);
}


static int
ccp_prompt_verdict(const ccp_prompt_x_t *x, ccp_error_t *err)
{
    if (x->e->err) {
        return CCP_NOMEM;
    }

    if (x->spelled) {
        return ccp_refuse(err, x->e->arena, CCP_E_BAD_REQUEST,
                          "%s: another spelling of it is not taken",
                          x->spelled);
    }

    if (x->refused == NULL) {
        return CCP_OK;
    }

    return ccp_refuse(err, x->e->arena, CCP_E_BAD_REQUEST,
                      "%s: not taken here, for it may bring prompts or tools "
                      "that the rules of this place can't look into",
                      x->refused);
}


/* The request itself, where it is a part of a request to count its tokens. */

static ccp_jval_t
ccp_prompt_root(ccp_edit_t *e, const ccp_places_t *places)
{
    ccp_jval_t  root, v;

    root = ccp_json_root(e->doc);
    v = places->counted ? ccp_json_opt(root, places->counted) : ccp_jabsent;

    return ccp_json_type(v) == CCP_J_OBJECT ? v : root;
}


int
ccp_prompt_edit(ccp_edit_t *e, const ccp_prompt_rules_t *rules,
    const ccp_ops_t *ops, int generate, ccp_str_t model, ccp_error_t *err)
{
    ccp_prompt_x_t  x;

    memset(&x, 0, sizeof(ccp_prompt_x_t));
    x.e = e;
    x.rules = rules;
    x.places = generate ? ops->places_generate : ops->places;
    x.known = ops->known;
    x.snake = ops->snake;
    x.typed = ops->typed;
    x.root = ccp_prompt_root(e, x.places);

    model = ccp_str_plain(e->arena, model);
    ccp_prompt_gather(&x, model);

    ccp_policy_sweep(&x);

    if (x.system.n || x.user.n) {
        ccp_prompt_walk(&x, ccp_prompt_find);
    }

    if (x.replace) {
        ccp_prompt_drop_system(&x);
    }

    if (x.system.n && (x.replace || x.last_system.doc == NULL)) {
        ccp_prompt_make_system(&x);
    }

    if (x.user.n && x.first_user.doc == NULL && x.parts.doc && x.places->part) {
        ccp_edit_first(e, x.parts, ccp_prompt_form(&x, x.places->part, &x.user));
    }

    if (x.system.n || x.user.n || rules->npairs) {
        ccp_prompt_walk(&x, ccp_prompt_change);
    }

    ccp_prompt_temperature(&x);

    if (rules->nfilter) {
        ccp_prompt_filter(&x);
    }

    return ccp_prompt_verdict(&x, err);
}


int
ccp_prompt_hold(ccp_edit_t *e, const ccp_prompt_rules_t *rules,
    const ccp_request_t *r, ccp_error_t *err)
{
    const ccp_tool_t     *t;
    ccp_prompt_x_t        x;
    const ccp_message_t  *m;

    memset(&x, 0, sizeof(ccp_prompt_x_t));
    x.e = e;
    x.rules = rules;

    ccp_prompt_gather(&x, ccp_str_plain(e->arena, r->model));

    if (x.replace) {

        if (r->system && !ccp_prompt_is_ours(&x, r->system)) {
            x.refused = "system";
        }

        for (m = r->msgs; m; m = m->next) {
            if (m->role == CCP_ROLE_SYSTEM) {
                x.refused = "system message";
            }
        }
    }

    for (t = r->tools; t && rules->nfilter; t = t->next) {
        if (ccp_prompt_filtered(&x, t->name)
            || ccp_prompt_filtered(&x, t->type))
        {
            x.refused = "tools";
        }
    }

    return ccp_prompt_verdict(&x, err);
}
