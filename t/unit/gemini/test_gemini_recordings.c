
/*
 * Gemini: every recorded exchange.  Requests survive decoding and encoding;
 * answers read the same however they are cut, and with every allocation
 * failing once.
 */

#define _GNU_SOURCE

#include <jansson.h>

#include "codec/gemini/gemini.h"
#include "codec/form/form_block.h"
#include "codec/json/json_read.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto.h"
#include "ut_gemini.h"


#define UT_EVERY_CUT   5000    /* bytes of an answer that is cut everywhere */
#define UT_STARVE_MAX  20000   /* … that is read without memory */


static int  ut_requests, ut_answers;


/* ---- requests ---- */

static char *
ut_camel(const char *key)
{
    char  *s, *p;

    s = strdup(key);

    for (p = s; *key; key++) {
        if (*key == '_' && key[1] >= 'a' && key[1] <= 'z') {
            *p++ = (char) (*++key - 32);
        } else {
            *p++ = *key;
        }
    }

    *p = '\0';

    return s;
}


/* One spelling for what may be spelled in several ways. */

static json_t *
ut_canon(const json_t *v)
{
    char        *key, *text, *p;
    size_t       i;
    json_t      *to, *item;
    const char  *k;

    if (json_is_array(v)) {
        to = json_array();

        json_array_foreach(v, i, item) {
            json_array_append_new(to, ut_canon(item));
        }

        return to;
    }

    if (!json_is_object(v)) {
        return json_deep_copy(v);
    }

    to = json_object();

    json_object_foreach((json_t *) v, k, item) {
        key = ut_camel(k);

        if (!json_is_null(item)
            && !(strcmp(key, "thought") == 0 && json_is_false(item)))
        {
            json_object_set_new(to, key, ut_canon(item));
        }

        free(key);
    }

    /* bytes have two alphabets */

    text = strdup(json_string_value(json_object_get(to, "data"))
                  ? json_string_value(json_object_get(to, "data")) : "");

    for (p = text; *p && json_object_get(to, "mimeType"); p++) {
        *p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
    }

    if (*text) {
        json_object_set_new(to, "data", json_string(text));
    }

    free(text);

    item = json_object_get(to, "functionCall");

    if (json_is_object(item) && json_object_get(item, "args") == NULL) {
        json_object_set_new(item, "args", json_object());
    }

    return to;
}


/* Neighbours of one role are one content; the model stands in the path. */

static json_t *
ut_canon_request(ccp_str_t text)
{
    json_t      *root, *c, *contents, *merged, *item, *last;
    size_t       i;
    const char  *role, *before;

    root = json_loadb((const char *) text.p, text.n, 0, NULL);
    c = ut_canon(root);
    json_decref(root);

    json_object_del(c, "model");
    json_object_del(json_object_get(c, "systemInstruction"), "role");

    if (json_object_size(json_object_get(c, "generationConfig")) == 0) {
        json_object_del(c, "generationConfig");
    }

    contents = json_object_get(c, "contents");
    merged = json_array();
    last = NULL;

    json_array_foreach(contents, i, item) {
        if (json_object_get(item, "role") == NULL) {
            json_object_set_new(item, "role", json_string("user"));
        }

        role = json_string_value(json_object_get(item, "role"));
        before = json_string_value(json_object_get(last, "role"));

        if (before && strcmp(role, before) == 0) {
            json_array_extend(json_object_get(last, "parts"),
                              json_object_get(item, "parts"));

        } else {
            json_array_append(merged, item);
            last = item;
        }
    }

    json_object_set_new(c, "contents", merged);

    return c;
}


static int
ut_again(const ccp_mem_t *mem, ccp_str_t body, char **text, char **why)
{
    int              rc;
    ccp_out_t        out;
    ccp_jerr_t       je;
    ccp_error_t      err;
    ccp_arena_t     *a;
    ccp_write_ctx_t  e;
    ccp_target_t     t;
    ccp_request_t    r;

    *text = NULL;
    memset(&r, 0, sizeof(r));
    ccp_request_unset(&r);
    memset(&e, 0, sizeof(e));
    memset(&t, 0, sizeof(t));
    memset(&err, 0, sizeof(err));

    a = ccp_arena_create(mem, 0);
    if (a == NULL) {
        return CCP_NOMEM;
    }

    ccp_json_init(&r.doc, a);
    ccp_out_init(&out, a, 0);
    r.proto = CCP_GEMINI;
    r.op = CCP_OP_GENERATE;
    r.body = body;
    r.model = ccp_lit("m");
    rc = ccp_json_parse(&r.doc, body.p, body.n, 0, &je);

    if (rc == CCP_OK) {
        r.root = ccp_json_root(&r.doc);
        rc = ccp_gemini_ops.read_request(&r, a, &err);
    }

    if (rc == CCP_OK) {
        rc = ccp_history_normalise(&r, a);
    }

    t.proto = CCP_GEMINI;
    t.provider = ccp_provider_plain(CCP_GEMINI);
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;
    e.arena = a;
    e.req = &r;
    e.target = &t;
    e.model = r.model;
    e.err = &err;

    if (rc == CCP_OK) {
        rc = ccp_gemini_ops.write_request(&e, &out);
    }

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&out);
    }

    if (rc == CCP_OK) {
        *text = ut_cstr(ccp_out_all(&out));

    } else if (rc == CCP_INVALID && why) {
        *why = ut_cstr(err.message);
    }

    ccp_arena_destroy(a);

    return rc;
}


static int
ut_again_starved(const ccp_mem_t *mem, void *arg)
{
    int    rc;
    char  *text;

    rc = ut_again(mem, *(ccp_str_t *) arg, &text, NULL);
    free(text);

    return rc;
}


static void
ut_request(const ut_rec_t *rec, ccp_str_t body)
{
    int         rc, same;
    char       *text, *why;
    json_t     *want, *got;
    ccp_mem_t   mem;

    mem = ut_mem(&gm_counter);
    why = NULL;
    rc = ut_again(&mem, body, &text, &why);

    if (strstr(rec->prefix, "invalid-role")) {
        UT_CHECK(rc == CCP_INVALID && gm_has(why, "valid role"),
                 "%s: refused", rec->prefix);
        free(why);
        return;
    }

    UT_CHECK(rc == CCP_OK, "%s: read and written again %s", rec->prefix,
             why ? why : "");
    free(why);

    if (rc != CCP_OK) {
        return;
    }

    ut_requests++;
    want = ut_canon_request(body);
    got = ut_canon_request(ccp_cstr(text));
    same = json_equal(want, got);
    UT_CHECK(same, "%s: nothing is lost", rec->prefix);

    if (!same) {
        free(text);
        text = json_dumps(want, JSON_SORT_KEYS);
        printf("# want %.3000s\n", text);
        free(text);
        text = json_dumps(got, JSON_SORT_KEYS);
        printf("# got  %.3000s\n", text);
    }

    free(text);
    json_decref(want);
    json_decref(got);

    if (body.n < UT_STARVE_MAX) {
        ut_fail_each(rec->prefix, ut_again_starved, &body);
    }
}


/* ---- answers ---- */

typedef struct {
    ccp_str_t    bytes;
    int          status;
    const char  *path;
    const char  *body;
} ut_reading_t;


static const char  ut_claude[] =
    "{\"model\":\"m\",\"max_tokens\":9,\"stream\":true,\"thinking\":{"
    "\"type\":\"adaptive\"},\"messages\":[{\"role\":\"user\",\"content\":"
    "\"x\"}]}";

/* the proof of another provider keeps this from being a splice */

static const char  ut_gemini[] =
    "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]},{\"role\":\"model\","
    "\"parts\":[{\"text\":\"y\",\"thoughtSignature\":"
    "\"Y2NwMS5hLkFBQUFBQS5TSUc=\"}]},{\"parts\":[{\"text\":\"z\"}]}],"
    "\"generationConfig\":{\"thinkingConfig\":{\"includeThoughts\":true}}}";


static int
ut_take(gm_t *g, const ccp_mem_t *mem, const ut_reading_t *r, size_t first,
    size_t step)
{
    gm_open(g, mem, r->path, "alt=sse", r->body);
    gm_target(g, CCP_GEMINI, NULL, "up-model");

    return gm_answer(g, r->status, r->bytes, first, step);
}


static int
ut_take_starved(const ccp_mem_t *mem, void *arg)
{
    int   rc;
    gm_t  g;

    rc = ut_take(&g, mem, arg, 0, 1 << 30);
    gm_close(&g);

    return rc;
}


static void
ut_cuts(const ut_rec_t *rec, const ut_reading_t *r, const gm_t *whole)
{
    gm_t    g;
    size_t  i, step, bad;

    bad = 0;
    step = r->bytes.n <= UT_EVERY_CUT ? 1 : r->bytes.n / 97 + 1;

    for (i = 0; i < r->bytes.n && !bad; i += step) {
        ut_take(&g, NULL, r, i, i ? 1 << 30 : 1);

        if (g.reply == NULL || strcmp(g.reply, whole->reply) != 0) {
            bad = i + 1;
        }

        gm_close(&g);
    }

    UT_CHECK(bad == 0, "%s: cut in two (%zu)", rec->prefix, bad);
}


/* Text and calls of a reply in this protocol, whatever its framing. */

static void
ut_gather(json_t *v, char **said)
{
    char        *s;
    size_t       i;
    json_t      *item;
    const char  *key;

    if (json_is_array(v)) {
        json_array_foreach(v, i, item) {
            ut_gather(item, said);
        }
        return;
    }

    json_object_foreach(v, key, item) {
        if (strcmp(key, "text") == 0 && json_is_string(item)) {
            s = *said;
            if (asprintf(said, "%s%s", s, json_string_value(item)) < 0) {
                abort();
            }
            free(s);

        } else if (strcmp(key, "candidates") == 0) {
            ut_gather(json_array_get(item, 0), said);

        } else if (strcmp(key, "content") == 0
                   || strcmp(key, "parts") == 0)
        {
            ut_gather(item, said);
        }
    }
}


static char *
ut_said(const char *bytes)
{
    char        *said;
    json_t      *v;
    const char  *p, *end;

    said = strdup("");

    if (strncmp(bytes, "data:", 5) != 0) {
        v = json_loads(bytes, 0, NULL);
        ut_gather(v, &said);
        json_decref(v);
        return said;
    }

    for (p = bytes; p; p = strstr(end, "data:")) {
        end = strchr(p, '\n');
        end = end ? end : p + strlen(p);
        v = json_loadb(p + 5, (size_t) (end - p - 5), 0, NULL);
        ut_gather(v, &said);
        json_decref(v);
    }

    return said;
}


static void
ut_answer(const ut_rec_t *rec, ccp_str_t bytes)
{
    gm_t          g;
    char         *want, *got, *copy;
    ut_reading_t  r;

    ut_answers++;
    memset(&r, 0, sizeof(r));
    r.bytes = bytes;
    r.status = rec->status;
    r.path = GM_CLAUDE;
    r.body = ut_claude;

    UT_CHECK(ut_take(&g, NULL, &r, 0, 1 << 30) == CCP_OK, "%s: read",
             rec->prefix);

    if (g.rc == CCP_OK) {
        ut_cuts(rec, &r, &g);
    }

    gm_close(&g);

    if (bytes.n < UT_STARVE_MAX) {
        ut_fail_each(rec->prefix, ut_take_starved, &r);
    }

    /* written again for a client of its own protocol */

    r.path = GM_STREAM;
    r.body = ut_gemini;

    if (ut_take(&g, NULL, &r, 0, 1 << 30) == CCP_OK
        && g.head.status == 200)
    {
        copy = ut_cstr(bytes);
        want = ut_said(copy);
        got = ut_said(g.reply);

        UT_CHECK(!ccp_try_spliced(g.try) && strcmp(want, got) == 0,
                 "%s: the same words again", rec->prefix);

        if (strcmp(want, got) != 0) {
            printf("# want %.1000s\n# got  %.1000s\n", want, got);
        }

        free(copy);
        free(want);
        free(got);
    }

    gm_close(&g);

    if (bytes.n < UT_STARVE_MAX) {
        ut_fail_each(rec->prefix, ut_take_starved, &r);
    }
}


static void
ut_recorded(const ut_rec_t *rec, void *arg)
{
    ccp_str_t  s;

    (void) arg;

    s = ut_rec_request(rec);

    if (s.p) {
        ut_request(rec, s);
        free((void *) s.p);
    }

    s = ut_rec_response(rec);

    if (s.p) {
        ut_answer(rec, s);
        free((void *) s.p);
    }
}


int
main(void)
{
    if (ut_recordings("gemini", ut_recorded, NULL) > 0) {
        UT_CHECK(ut_requests > 20 && ut_answers > 25,
                 "%d requests, %d answers", ut_requests, ut_answers);
    }

    UT_CHECK(gm_counter.live == 0, "nothing is left allocated");

    return ut_done();
}
