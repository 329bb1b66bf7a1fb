
/*
 * The examples of t/cases: <from>-<to>/<name>.in.json is what a client of
 * <from> asks and <name>.out.json what an upstream of <to> gets; answer-*
 * are an upstream's answer in <from> and what a client of <to> gets.  A name
 * <preset>.<name> is about that provider.  The string "*" in what is expected
 * stands for any value.
 */

#include <dirent.h>
#include <jansson.h>

#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"
#include "ut_exchange.h"


/* What a client asks at least, to get an answer. */

static const struct {
    const char  *path;
    const char  *body;
} least[CCP_NPROTO] = {
    { "/v1/messages", "{\"model\":\"m\",\"max_tokens\":64,\"messages\":"
      "[{\"role\":\"user\",\"content\":\"x\"}]}" },
    { "/v1/chat/completions", "{\"model\":\"m\",\"messages\":"
      "[{\"role\":\"user\",\"content\":\"x\"}]}" },
    { "/v1/responses", "{\"model\":\"m\",\"input\":\"x\","
      "\"reasoning\":{\"summary\":\"auto\"}}" },
    { "/v1beta/models/m:generateContent",
      "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}]}" },
    { "/api/chat", "{\"model\":\"m\",\"stream\":false,\"messages\":"
      "[{\"role\":\"user\",\"content\":\"x\"}]}" }
};

static int  ncases;


static ccp_try_t *
try_of(ut_mem_t *mem, ccp_proto_e client, const ccp_provider_t *pr,
    ccp_str_t body, const ccp_out_t **out, ccp_error_t *err)
{
    ccp_mem_t        m;
    ccp_str_t        uri;
    ccp_try_t       *try;
    ccp_target_t     t;
    ccp_exchange_t  *x;

    m = ut_mem(mem);
    ut_target(&t, pr);

    x = ut_exchange_create(&m, least[client].path, NULL);
    try = ccp_try_create(x, &t);
    memset(err, 0, sizeof(*err));

    if (ccp_exchange_request(x, body, ccp_none, err) != CCP_OK
        || ccp_try_request(try, ccp_none, out, &uri, err) != CCP_OK)
    {
        *out = NULL;
    }

    return try;
}


/* The provider of a request's target, by the beginning of the name. */

static const ccp_provider_t *
provider(const char *name, ccp_proto_e to)
{
    ccp_str_t    preset = ccp_none;
    const char  *dot;

    name = strchr(name, '/') + 1;
    dot = strchr(name, '.');

    if (dot == NULL) {
        return ccp_provider_plain(to);
    }

    preset.p = (const uint8_t *) name;
    preset.n = dot - name;

    return ccp_provider_find(preset);
}


/* Arguments are JSON in a string: how they are laid out is no matter. */

static int
same_text(json_t *want, json_t *got)
{
    int      ok;
    json_t  *w, *g;

    w = json_loads(json_string_value(want), 0, NULL);
    g = json_is_string(got) ? json_loads(json_string_value(got), 0, NULL)
                            : NULL;

    ok = w && g ? json_equal(w, g) : json_equal(want, got);

    json_decref(w);
    json_decref(g);

    return ok;
}


static int
same(json_t *want, json_t *got)
{
    size_t       i;
    json_t      *v;
    const char  *key;

    if (json_is_string(want) && strcmp(json_string_value(want), "*") == 0) {
        return got != NULL;
    }

    if (json_is_array(want)) {
        if (json_array_size(want) != json_array_size(got)) {
            return 0;
        }

        json_array_foreach(want, i, v) {
            if (!same(v, json_array_get(got, i))) {
                return 0;
            }
        }

        return 1;
    }

    if (json_is_object(want)) {
        if (json_object_size(want) != json_object_size(got)) {
            return 0;
        }

        json_object_foreach(want, key, v) {
            if (!same(v, json_object_get(got, key))) {
                return 0;
            }
        }

        return 1;
    }

    return json_is_string(want) ? same_text(want, got)
                                : json_equal(want, got);
}


static void
compare(const char *name, ccp_str_t want, ccp_str_t got)
{
    int      ok;
    json_t  *w, *g;

    w = json_loadb((const char *) want.p, want.n, 0, NULL);
    g = json_loadb((const char *) got.p, got.n, 0, NULL);

    ok = w && g && same(w, g);
    UT_CHECK(ok, "%s", name);

    if (!ok) {
        printf("# got %.*s\n", (int) got.n, (const char *) got.p);
    }

    json_decref(w);
    json_decref(g);
}


static void
run(const char *name, ccp_proto_e from, ccp_proto_e to, ccp_str_t in,
    ccp_str_t want, int answer)
{
    ut_mem_t               mem;
    ccp_out_t              res;
    ccp_error_t            err;
    ccp_try_t             *try;
    const ccp_out_t       *out;
    const ccp_provider_t  *pr;

    pr = provider(name, to);

    if (pr == NULL || pr->proto != to) {
        UT_CHECK(0, "%s: a preset of that protocol", name);
        return;
    }

    ut_mem_init(&mem);

    if (!answer) {
        try = try_of(&mem, from, pr, in, &out, &err);

        if (out) {
            compare(name, want, ccp_out_all((ccp_out_t *) out));
        } else {
            UT_CHECK(0, "%s: refused: %s", name, ut_cstr(err.message));
        }

    } else {
        try = try_of(&mem, to, ccp_provider_plain(from),
                     ccp_cstr(least[to].body), &out, &err);
        ccp_out_init(&res, ccp_exchange_arena(ccp_try_exchange(try)), 0);

        if (ccp_answer_begin(try, 200, ccp_lit("application/json"), ccp_none)
            == CCP_OK
            && ccp_answer_feed(try, in.p, in.n, &res) == CCP_OK
            && ccp_answer_end(try, &res) == CCP_OK)
        {
            compare(name, want, ccp_out_all(&res));
        } else {
            UT_CHECK(0, "%s: no memory", name);
        }
    }

    ccp_exchange_destroy(ccp_try_exchange(try));
    UT_CHECK(mem.live == 0, "%s: all memory given back", name);
}


static void
folder(const char *dir)
{
    DIR            *d;
    char            name[512];
    size_t          n;
    ccp_str_t       in, want;
    const char     *dash;
    ccp_proto_e     from, to;
    struct dirent  *e;

    dash = strchr(dir, '-');
    if (dash == NULL) {
        return;
    }

    in.p = (const uint8_t *) dir;
    in.n = dash - dir;
    in.json = 0;
    in.esc = 0;

    from = ccp_proto_find(in);
    to = ccp_proto_find(ccp_cstr(dash + 1));

    snprintf(name, sizeof(name), "t/cases/%s", dir);
    d = opendir(name);

    UT_CHECK(d && from != CCP_NPROTO && to != CCP_NPROTO,
             "%s: a pair of protocols", dir);

    while (d && from != CCP_NPROTO && to != CCP_NPROTO
           && (e = readdir(d)) != NULL)
    {
        n = strlen(e->d_name);
        if (n < 9 || strcmp(e->d_name + n - 8, ".in.json") != 0) {
            continue;
        }

        snprintf(name, sizeof(name), "%s/%.*s", dir, (int) n - 8, e->d_name);

        in = ut_readf("t/cases/%s.in.json", name);
        want = ut_readf("t/cases/%s.out.json", name);

        if (in.p && want.p) {
            run(name, from, to, in, want,
                strncmp(e->d_name, "answer-", 7) == 0);
            ncases++;
        } else {
            UT_CHECK(0, "%s: both files are there", name);
        }

        free((void *) in.p);
        free((void *) want.p);
    }

    if (d) {
        closedir(d);
    }
}


int
main(void)
{
    DIR            *d;
    struct dirent  *e;

    d = opendir("t/cases");

    while (d && (e = readdir(d)) != NULL) {
        folder(e->d_name);
    }

    if (d) {
        closedir(d);
    }

    UT_CHECK(ncases >= 100, "%d examples", ncases);

    return ut_done();
}
