
/*
 * Recorded requests, which their providers took, written anew for the same
 * provider's preset: nothing at the top is lost without a note, and a strict
 * upstream with the provider's rules takes them still.  (Messages and tools
 * are compared by test_roundtrip.)
 */

#include <fnmatch.h>

#include "codec/exchange/exchange_private.h"
#include "ut_preset.h"
#include "ut_said.h"
#include "ut_strict.h"


/* Members that have another name or are said in another way. */

static const struct {
    ccp_proto_e  proto;
    const char  *name;
    const char  *other;        /* in the new body; NULL: need not be there */
    const char  *why;
} same[] = {
    { CCP_CHAT, "max_tokens", "max_completion_tokens", "the newer name" },
    { CCP_CHAT, "max_completion_tokens", "max_tokens", "the older name" },
    { CCP_CHAT, "n", NULL, "one is the default" },
    { CCP_CHAT, "stream", NULL, "false is the default" },
    { CCP_CHAT, "stream_options", NULL, "of a stream only" },
    { CCP_CHAT, "functions", "tools", "the newer form" },
    { CCP_CHAT, "function_call", "tool_choice", "the newer form" },
    { CCP_CHAT, "tool_choice", NULL, "of tools only" },
    { CCP_CHAT, "parallel_tool_calls", NULL, "of tools only" },
    { CCP_CHAT, "seed", "random_seed", "Mistral's name" },
    { CCP_CHAT, "user", "user_id", "DeepSeek's name" },
    { CCP_CHAT, "include_reasoning", "reasoning", "OpenRouter's older form" },
    { CCP_CHAT, "reasoning", "reasoning_effort", "the word of plain servers" },
    { CCP_ANTHROPIC, "stream", NULL, "false is the default" },
    { CCP_ANTHROPIC, "anthropic_version", NULL, "a header" },
    { CCP_OLLAMA, "stream", NULL, "false is written" },
    { CCP_NPROTO, NULL, NULL, NULL }
};


static json_t  *all;
static int      checked, strictly;


static void
unsplice(ccp_exchange_t *x)
{
    ccp_block_t  *b;

    static ccp_block_t  mark;

    if (x->req.msgs == NULL) {
        return;
    }

    /* a text without a word that has a foreign signature */

    memset(&mark, 0, sizeof(mark));
    mark.kind = CCP_B_TEXT;
    mark.text = ccp_lit("");
    mark.sig = ccp_lit("x");
    mark.origin = x->req.proto == CCP_OLLAMA ? CCP_GEMINI : CCP_OLLAMA;

    if (x->req.msgs->blocks == NULL) {
        x->req.msgs->blocks = &mark;
        return;
    }

    for (b = x->req.msgs->blocks; b->next; b = b->next) {
        /* void */
    }

    b->next = &mark;
}


static json_t *
facts_of(const char *name)
{
    json_t      *f, *base;
    const char  *like;

    f = json_object_get(all, name);
    like = json_string_value(json_object_get(f, "like"));
    base = like ? facts_of(like) : json_object();
    json_object_update(base, f);

    return base;
}


/* The facts of that preset and model: by "models", else the preset's first. */

static json_t *
facts_for(const char *preset, const char *model)
{
    size_t       n;
    char         pattern[128];
    json_t      *v;
    const char  *name, *first, *p;

    first = NULL;

    json_object_foreach(all, name, v) {
        n = strlen(preset);

        if (strncmp(name, preset, n) != 0 || name[n] != ' ') {
            continue;
        }

        first = first ? first : name;

        if (strcmp(name + n + 1, model) == 0) {
            return facts_of(name);
        }

        for (p = json_string_value(json_object_get(v, "models")); p && *p; ) {
            n = strcspn(p, " ");
            snprintf(pattern, sizeof(pattern), "%.*s", (int) n, p);

            if (fnmatch(pattern, model, 0) == 0) {
                return facts_of(name);
            }

            p += n + strspn(p + n, " ");
        }
    }

    return first ? facts_of(first) : NULL;
}


static int
kept(const ut_preset_t *u, json_t *body, ccp_proto_e proto, const char *name,
    json_t *value)
{
    int  i;

    if (json_object_get(body, name) != NULL || json_is_null(value)
        || ut_preset_noted(u, name))
    {
        return 1;
    }

    for (i = 0; same[i].name; i++) {
        if (same[i].proto == proto && strcmp(same[i].name, name) == 0
            && (same[i].other == NULL
                || json_object_get(body, same[i].other) != NULL))
        {
            return 1;
        }
    }

    return json_is_false(value)
           || (json_is_array(value) && json_array_size(value) == 0)
           || (json_is_object(value) && json_object_size(value) == 0)
           || (json_is_string(value) && json_string_length(value) == 0);
}


static void
recorded(const ut_rec_t *rec, void *arg)
{
    int                    ok;
    char                  *text;
    json_t                *was, *body, *facts, *v;
    ccp_str_t              request;
    const char            *name, *wrong, *model;
    ccp_proto_e            proto;
    ut_preset_t            u;
    ccp_provider_t         own;
    const ccp_provider_t  *pr;

    (void) arg;

    proto = ut_protocol(rec->protocol);
    request = ut_rec_request(rec);

    if (request.p == NULL || rec->status >= 400 || proto == CCP_GEMINI
        || proto == CCP_RESPONSES || rec->stream < 0)
    {
        free((void *) request.p);
        return;
    }

    text = ut_cstr(request);
    was = json_loads(text, 0, NULL);
    free(text);
    free((void *) request.p);

    if (!json_is_object(was)
        || (json_object_get(was, "messages") == NULL))
    {
        json_decref(was);
        return;
    }

    pr = ut_said_dialect(rec, &own);
    text = json_dumps(was, JSON_COMPACT);
    model = json_string_value(json_object_get(was, "model"));

    if (ut_preset_send(&u, pr, proto, NULL, text, model) == CCP_INVALID
        && json_integer_value(json_object_get(was, "n")) > 1)
    {
        UT_CHECK(u.err.cls == CCP_E_BAD_REQUEST
                 && ccp_str_starts(u.err.message, "n: "),
                 "%s wants several answers: refused", rec->prefix);

    } else if (u.rc != CCP_OK || ccp_try_spliced(u.try)) {
        UT_CHECK(0, "%s is written anew: %.*s", rec->prefix,
                 (int) u.err.message.n, (const char *) u.err.message.p);

    } else {
        ok = 1;
        body = json_loads(u.body, JSON_REJECT_DUPLICATES, NULL);

        json_object_foreach(was, name, v) {
            if (!kept(&u, body, proto, name, v)) {
                printf("# %s (%s): lost %s\n", rec->prefix, pr->name, name);
                ok = 0;
            }
        }

        facts = proto == CCP_CHAT && pr->base ? facts_for(pr->name, model)
                                              : NULL;

        if (facts) {
            wrong = ut_strict(facts, u.uri + strlen("/root"), u.headers,
                              body);
            strictly++;

            if (wrong) {
                printf("# %s (%s %s): %s\n", rec->prefix, pr->name, model,
                       wrong);
                ok = 0;
            }
        }

        UT_CHECK(ok, "%s to %s again", rec->prefix, pr->name);
        json_decref(facts);
        json_decref(body);
        checked++;
    }

    ut_preset_free(&u);
    free(text);
    json_decref(was);
}


int
main(int argc, char **argv)
{
    json_error_t  err;

    all = json_load_file("t/presets/facts.json", 0, &err);

    if (all == NULL) {
        printf("Bail out! t/presets/facts.json: %s\n", err.text);
        return 1;
    }

    ut_preset_hook = unsplice;

    if (ut_recordings(argc > 1 ? argv[1] : NULL, recorded, NULL) > 0) {
        UT_CHECK(argc > 1 || (checked > 100 && strictly > 80),
                 "%d requests, %d of them to strict upstreams", checked,
                 strictly);
    }

    json_decref(all);

    return ut_done();
}
