
/*
 * A request as lines, "field: value", in which two of them can be compared.
 * For C files that define _GNU_SOURCE.
 */

#ifndef UT_LINES_H
#define UT_LINES_H

#include <stdarg.h>

#include <jansson.h>

#include "codec/form/form_request.h"
#include "ut.h"


typedef struct {
    char         *s;
    size_t        n;
    FILE         *f;
    ccp_arena_t  *a;
} ut_lines_t;


static void
ut_say(ut_lines_t *l, const char *field, const char *fmt, ...)
{
    va_list  ap;

    fprintf(l->f, "%s: ", field);
    va_start(ap, fmt);
    vfprintf(l->f, fmt, ap);
    va_end(ap);
    fputc('\n', l->f);
}


static void
ut_say_str(ut_lines_t *l, const char *field, ccp_str_t s)
{
    size_t  i;

    if (s.p == NULL || s.n == 0) {
        return;
    }

    s = ccp_str_plain(l->a, s);
    fprintf(l->f, "%s: ", field);

    for (i = 0; i < s.n; i++) {
        if (s.p[i] == '\n') {
            fputs("\\n", l->f);
        } else {
            fputc(s.p[i], l->f);
        }
    }

    fputc('\n', l->f);
}


/* The order of "required" is free, "$schema" says nothing of the value. */

static int
ut_by_text(const void *a, const void *b)
{
    const char  *x, *y;

    x = json_string_value(*(json_t *const *) a);
    y = json_string_value(*(json_t *const *) b);

    return strcmp(x ? x : "", y ? y : "");
}


static void
ut_sort_required(json_t *j)
{
    size_t       i, n;
    json_t      *v, *req, *list[256];
    const char  *key;

    json_object_foreach(j, key, v) {
        ut_sort_required(v);
    }

    json_array_foreach(j, i, v) {
        ut_sort_required(v);
    }

    json_object_del(j, "$schema");
    req = json_object_get(j, "required");
    n = json_array_size(req);

    if (n == 0 || n > sizeof(list) / sizeof(list[0])) {
        return;
    }

    for (i = 0; i < n; i++) {
        list[i] = json_incref(json_array_get(req, i));
    }

    qsort(list, n, sizeof(list[0]), ut_by_text);
    json_array_clear(req);

    for (i = 0; i < n; i++) {
        json_array_append_new(req, list[i]);
    }
}


/* A JSON value by its meaning, other text as it is. */

static void
ut_say_json(ut_lines_t *l, const char *field, ccp_str_t s)
{
    char    *t;
    json_t  *j;

    if (s.p == NULL || s.n == 0) {
        return;
    }

    s = ccp_str_plain(l->a, s);
    j = json_loadb((const char *) s.p, s.n, JSON_ALLOW_NUL | JSON_DECODE_ANY,
                   NULL);
    ut_sort_required(j);
    t = j ? json_dumps(j, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY)
          : NULL;
    ut_say_str(l, field, t ? ccp_str_dup(l->a, ccp_cstr(t)) : s);
    free(t);
    json_decref(j);
}


static void
ut_say_int(ut_lines_t *l, const char *field, int64_t n, int64_t unset)
{
    if (n != unset) {
        ut_say(l, field, "%lld", (long long) n);
    }
}


static void
ut_say_media(ut_lines_t *l, const ccp_media_t *m)
{
    ut_say(l, "media", "%d", m->kind);
    ut_say_str(l, "media.mime", m->mime);
    ut_say_str(l, "media.data", m->data);
    ut_say_str(l, "media.filename", m->filename);
    ut_say_str(l, "media.detail", m->detail);
}


static void
ut_say_blocks(ut_lines_t *l, const ccp_block_t *b)
{
    static const char  *const kinds[] = {
        "text", "refusal", "think", "image", "doc", "audio", "video", "call",
        "result", "hosted call", "hosted result", "opaque"
    };

    for ( /* void */ ; b; b = b->next) {
        ut_say(l, "block", "%s", kinds[b->kind]);

        if (b->kind == CCP_B_CALL && !b->free_text) {
            ut_say_json(l, "arguments", b->text.n ? b->text : ccp_lit("{}"));
        } else {
            ut_say_str(l, "text", b->text);
        }

        ut_say_str(l, "id", b->id);
        ut_say_str(l, "item", b->item_id);

        if (b->kind != CCP_B_RESULT) {
            ut_say_str(l, "name", b->name);
        }

        ut_say_str(l, "space", b->space);
        ut_say_str(l, "sig", b->sig);
        ut_say_str(l, "title", b->title);
        ut_say_str(l, "context", b->context);
        ut_say_int(l, "cache", b->cache, CCP_CACHE_NONE);
        ut_say_int(l, "custom", b->free_text, 0);
        ut_say_int(l, "error", b->error, 0);
        ut_say_int(l, "redacted", b->redacted, 0);

        if (b->media.kind) {
            ut_say_media(l, &b->media);
        }

        if (b->kind == CCP_B_OPAQUE || b->kind == CCP_B_HCALL
            || b->kind == CCP_B_HRESULT)
        {
            ut_say_json(l, "raw", b->raw);
        }

        if (b->parts) {
            ut_say(l, "parts", "of %s", kinds[b->kind]);
            ut_say_blocks(l, b->parts);
            ut_say(l, "parts", "end");
        }
    }
}


static void
ut_say_tools(ut_lines_t *l, const ccp_request_t *r)
{
    const ccp_tool_t  *t;
    const ccp_item_t  *it;

    for (t = r->tools; t; t = t->next) {
        ut_say(l, "tool", "%d", t->kind);
        ut_say_str(l, "tool.name", t->name);
        ut_say_str(l, "tool.space", t->space);
        ut_say_str(l, "tool.desc", t->desc);
        ut_say_str(l, "tool.type", t->type);
        ut_say_json(l, "tool.schema", t->schema);
        ut_say_str(l, "tool.grammar", t->grammar);
        ut_say_int(l, "tool.strict", t->strict, -1);
        ut_say_int(l, "tool.cache", t->cache, CCP_CACHE_NONE);

        if (t->kind == CCP_T_HOSTED || t->kind == CCP_T_BUILTIN) {
            ut_say_json(l, "tool.raw", t->raw);
        }
    }

    ut_say_int(l, "choice", r->tool_choice.mode, CCP_TC_UNSET);
    ut_say_str(l, "choice.name", r->tool_choice.name);

    for (it = r->tool_choice.allowed; it; it = it->next) {
        ut_say_str(l, "choice.allowed", it->s);
    }

    ut_say_int(l, "parallel", r->parallel, -1);
}


static void
ut_say_params(ut_lines_t *l, const ccp_request_t *r)
{
    const ccp_item_t  *it;

    if (r->proto != CCP_GEMINI) {      /* stands in the path */
        ut_say_str(l, "model", r->model);
    }

    ut_say_int(l, "max_tokens", r->max_tokens, CCP_UNSET_INT);
    ut_say_str(l, "temperature", r->temperature);
    ut_say_str(l, "top_p", r->top_p);
    ut_say_str(l, "top_k", r->top_k);
    ut_say_str(l, "min_p", r->min_p);
    ut_say_str(l, "seed", r->seed);
    ut_say_str(l, "freq_pen", r->freq_pen);
    ut_say_str(l, "pres_pen", r->pres_pen);
    ut_say_str(l, "rep_pen", r->rep_pen);

    for (it = r->stop; it; it = it->next) {
        ut_say_str(l, "stop", it->s);
    }

    ut_say_int(l, "n", r->n, CCP_UNSET_INT);
    ut_say_int(l, "logprobs", r->logprobs, -1);
    ut_say_int(l, "top_logprobs", r->top_logprobs, CCP_UNSET_INT);
    ut_say_int(l, "think.mode", r->think.mode, CCP_THINK_UNSET);
    ut_say_int(l, "think.effort", r->think.effort, CCP_EFFORT_UNSET);
    ut_say_int(l, "think.budget", r->think.budget, CCP_UNSET_INT);
    ut_say_int(l, "think.display", r->think.display, CCP_DISPLAY_UNSET);
    ut_say_int(l, "format", r->out.kind, CCP_F_UNSET);
    ut_say_str(l, "format.name", r->out.name);
    ut_say_str(l, "format.desc", r->out.desc);
    ut_say_json(l, "format.schema", r->out.schema);
    ut_say_int(l, "format.strict", r->out.strict, -1);
    ut_say_str(l, "format.verbosity", r->out.verbosity);
    ut_say_str(l, "user", r->user);
    ut_say_json(l, "meta", r->meta);
    ut_say_str(l, "tier", r->tier);
    ut_say_str(l, "cache_key", r->cache_key);
    ut_say_str(l, "cache_resource", r->cache_resource);
    ut_say_int(l, "cache_auto", r->cache_auto, CCP_CACHE_NONE);
    ut_say_int(l, "stream", r->stream, 0);
    ut_say_int(l, "include_usage", r->include_usage, 0);
}


/* What a request holds, one value a line, to be freed; a is for decoding. */

static char *
ut_lines(const ccp_request_t *r, ccp_arena_t *a)
{
    ut_lines_t             l;
    const ccp_message_t   *m;

    memset(&l, 0, sizeof(l));
    l.a = a;
    l.f = open_memstream(&l.s, &l.n);

    ut_say_params(&l, r);
    ut_say(&l, "system", "begin");
    ut_say_blocks(&l, r->system);

    for (m = r->msgs; m; m = m->next) {
        ut_say(&l, "message", "%d", m->role);
        ut_say_str(&l, "message.name", m->name);
        ut_say_blocks(&l, m->blocks);
    }

    ut_say_tools(&l, r);
    fclose(l.f);

    return l.s;
}


#endif /* UT_LINES_H */
