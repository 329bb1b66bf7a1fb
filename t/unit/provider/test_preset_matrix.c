
/*
 * Every preset with every client protocol: what is sent must be what a strict
 * upstream with that provider's rules takes.
 *
 * The rules are in t/presets/facts.json, the clients' requests beside it, one
 * file a protocol: a rich one and changes of it (RFC 7396).  A request may be
 * refused only for media that the provider doesn't take.
 */

#include "codec/exchange/exchange_private.h"
#include "ut_preset.h"
#include "ut_strict.h"


static long  refused, sent, spliced;


static json_t *
load(const char *name)
{
    char          path[256];
    json_t       *v;
    json_error_t  err;

    snprintf(path, sizeof(path), "t/presets/%s.json", name);
    v = json_load_file(path, JSON_REJECT_DUPLICATES, &err);

    if (v == NULL) {
        printf("Bail out! %s:%d: %s\n", path, err.line, err.text);
        exit(1);
    }

    return v;
}


/* RFC 7396: objects are merged, null takes away. */

static void
patch(json_t *to, json_t *from)
{
    json_t      *v, *old;
    const char  *key;

    json_object_foreach(from, key, v) {
        old = json_object_get(to, key);

        if (json_is_null(v)) {
            json_object_del(to, key);

        } else if (json_is_object(v) && json_is_object(old)) {
            patch(old, v);

        } else {
            json_object_set_new(to, key, json_deep_copy(v));
        }
    }
}


/* An entry with what it is like, and so on. */

static json_t *
facts_of(json_t *all, const char *name)
{
    json_t      *f, *base;
    const char  *like;

    f = json_object_get(all, name);
    like = json_string_value(json_object_get(f, "like"));

    if (like == NULL) {
        return json_deep_copy(f);
    }

    base = facts_of(all, like);

    if (base == NULL) {
        printf("Bail out! %s is like %s, which is not there\n", name, like);
        exit(1);
    }

    json_object_del(base, "must");
    patch(base, f);

    return base;
}


/* What a client sends for the provider not to understand at all. */

static int
may_refuse(json_t *facts, ccp_proto_e target, const char *variant)
{
    const char  *image, *doc;

    image = ut_fact(facts, "image");
    doc = ut_fact(facts, "document");

    switch (target) {

    case CCP_CHAT:
        return (strcmp(variant, "media") == 0 && strcmp(image, "none") == 0)
               || (strcmp(variant, "link") == 0
                   && (strcmp(image, "none") == 0
                       || strcmp(image, "data") == 0))
               || (strcmp(variant, "paper") == 0 && strcmp(doc, "none") == 0);

    case CCP_ANTHROPIC:
        return ((strcmp(variant, "media") == 0 || strcmp(variant, "link") == 0)
                && strcmp(image, "none") == 0)
               || (strcmp(variant, "paper") == 0 && strcmp(doc, "none") == 0);

    case CCP_OLLAMA:
        return strcmp(variant, "paper") == 0 || strcmp(variant, "link") == 0;

    default:
        return 0;
    }
}


/*
 * A wish in the provider's own words and protocol is the client's affair: it
 * is passed on as it is.
 */

static int
own_affair(json_t *facts, ccp_proto_e client, const char *variant)
{
    if (strcmp(ut_fact(facts, "proto"), ccp_proto_ops(client)->name) != 0) {
        return 0;
    }

    return client == CCP_RESPONSES
           || (client == CCP_GEMINI
               && strstr("think budget nothink thinkany", variant))
           || (client == CCP_ANTHROPIC && strcmp(variant, "hot") == 0);
}


/*
 * Chat to Chat and the like would pass as they are: a signature of another
 * origin has the history written anew.
 */

static void
unsplice(ccp_exchange_t *x)
{
    ccp_request_t  *r;

    r = &x->req;

    if (r->msgs != NULL && r->msgs->blocks != NULL
        && r->msgs->blocks->kind == CCP_B_TEXT)
    {
        r->msgs->blocks->sig = ccp_lit("x");
        r->msgs->blocks->origin = r->proto == CCP_OLLAMA ? CCP_GEMINI
                                                         : CCP_OLLAMA;
    }
}


/* "must": patterns by variant, or by variant/client, that have to be there. */

static int
says(json_t *facts, ccp_proto_e client, const char *variant,
    const ut_preset_t *u)
{
    size_t       i, k, n;
    char         key[64];
    json_t      *list, *v;
    const char  *pattern;

    n = strlen(variant);
    snprintf(key, sizeof(key), "%s/%s", variant, ccp_proto_ops(client)->name);

    for (k = 0; k < 2; k++) {
        key[k == 0 ? sizeof(key) - 1 : n] = '\0';
        list = json_object_get(json_object_get(facts, "must"), key);

        json_array_foreach(list, i, v) {
            pattern = json_string_value(v);

            if (!ut_strict_matches(pattern, u->body)
                && !ut_strict_matches(pattern, u->headers))
            {
                return ut_wrong("it lacks %s", pattern);
            }
        }
    }

    return 1;
}


static const char *
one(json_t *facts, const ccp_provider_t *pr, ccp_proto_e client,
    const char *variant, const char *text, const char *model, int splice)
{
    json_t       *body;
    const char   *wrong;
    ut_preset_t   u;

    wrong = NULL;
    ut_preset_hook = splice ? NULL : unsplice;

    if (ut_preset_send(&u, pr, client, NULL, text, model) != CCP_OK) {
        refused++;

        if (!may_refuse(facts, pr->proto, variant)) {
            (void) ut_wrong("refused: %.*s", (int) u.err.message.n,
                            (const char *) u.err.message.p);
            wrong = ut_strict_last();
        }

        ut_preset_free(&u);
        return wrong;
    }

    if (ccp_try_spliced(u.try)) {
        spliced++;

        /* what a preset refuses is known of Chat alone */

        if (client != CCP_CHAT) {
            ut_preset_free(&u);
            return NULL;
        }
    }

    sent++;
    body = json_loads(u.body, JSON_REJECT_DUPLICATES, NULL);

    if (body == NULL) {
        (void) ut_wrong("no JSON: %.200s", u.body);
        wrong = ut_strict_last();

    } else if (!may_refuse(facts, pr->proto, variant)
               || strcmp(variant, "link") == 0)
    {
        wrong = ut_strict(facts, u.uri + strlen("/root"), u.headers, body);

        if (wrong == NULL && !says(facts, client, variant, &u)) {
            wrong = ut_strict_last();
        }

    } else {
        (void) ut_wrong("not refused");
        wrong = ut_strict_last();
    }

    if (wrong != NULL && getenv("VERBOSE")) {
        printf("# %s\n", u.body);
    }

    json_decref(body);
    ut_preset_free(&u);

    return wrong;
}


static void
row(json_t *all, json_t *requests[CCP_NPROTO], const char *name)
{
    int                    bad, n, tools_only;
    char                  *text, preset[64];
    json_t                *facts, *r, *v, *variants;
    const char            *wrong, *model, *variant;
    ccp_proto_e            client;
    const ccp_provider_t  *pr;

    bad = 0;
    n = 0;
    facts = facts_of(all, name);
    tools_only = json_is_true(json_object_get(facts, "tools_only"));

    snprintf(preset, sizeof(preset), "%s", name);
    preset[strcspn(preset, " ")] = '\0';
    model = name + strlen(preset) + 1;
    pr = ut_preset_row(preset);

    for (client = 0; client < CCP_NPROTO; client++) {
        variants = json_object_get(requests[client], "variants");
        json_object_set_new(variants, "base", json_object());

        json_object_foreach(variants, variant, v) {
            r = json_deep_copy(json_object_get(requests[client], "base"));
            patch(r, v);
            n++;

            if (tools_only && (json_object_get(r, "tools") == NULL
                               || strcmp(variant, "nothink") == 0))
            {
                json_decref(r);
                continue;
            }

            if (own_affair(facts, client, variant)) {
                json_decref(r);
                continue;
            }

            text = json_dumps(r, JSON_COMPACT);
            wrong = one(facts, pr, client, variant, text, model, 0);

            if (wrong == NULL && client == CCP_CHAT && pr->proto == CCP_CHAT) {
                n++;
                wrong = one(facts, pr, client, variant, text, model, 1);
            }

            if (wrong != NULL) {
                printf("# %s, %s client, %s: %s\n", name,
                       ccp_proto_ops(client)->name, variant, wrong);
                bad++;
            }

            free(text);
            json_decref(r);
        }
    }

    UT_CHECK(bad == 0, "%s takes %d requests of five clients", name, n);
    json_decref(facts);
}


/* Each preset has facts, and facts are of presets that are there. */

static void
test_complete(json_t *all)
{
    int                    ok;
    char                   start[64];
    size_t                 i;
    json_t                *v;
    const char            *name;
    const ccp_provider_t  *pr;

    ok = 1;

    for (i = 0; (pr = ccp_provider_row(i)) != NULL; i++) {
        int  found = pr->like != NULL;

        snprintf(start, sizeof(start), "%s ", pr->name);

        json_object_foreach(all, name, v) {
            found |= strncmp(name, start, strlen(start)) == 0;
        }

        if (!found) {
            printf("# no facts of %s\n", pr->name);
            ok = 0;
        }
    }

    UT_CHECK(ok, "facts of each preset");
}


int
main(int argc, char **argv)
{
    json_t      *all, *v, *requests[CCP_NPROTO];
    const char  *name;
    ccp_proto_e  p;

    all = load("facts");

    for (p = 0; p < CCP_NPROTO; p++) {
        requests[p] = load(ccp_proto_ops(p)->name);
    }

    test_complete(all);

    json_object_foreach(all, name, v) {
        if (argc < 2 || strncmp(name, argv[1], strlen(argv[1])) == 0) {
            row(all, requests, name);
        }
    }

    printf("# %ld sent, %ld refused for media, %ld as they came\n", sent,
           refused, spliced);

    for (p = 0; p < CCP_NPROTO; p++) {
        json_decref(requests[p]);
    }

    json_decref(all);

    return ut_done();
}
