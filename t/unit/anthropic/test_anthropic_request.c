
/*
 * Anthropic: requests in and out, case by case, and the worked examples of
 * the field reference.
 */

#include "ut_anthropic.h"
#include "codec/chat/chat.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"
#include "codec/exchange/exchange.h"


typedef struct {
    ut_mem_t       mem;
    ccp_arena_t   *a;
    ccp_request_t  r;
    ccp_error_t    err;
    ccp_out_t      out;
} ut_req_t;


static int
ut_parse(ut_req_t *q, ccp_proto_e from, ccp_str_t body)
{
    int         rc;
    ccp_mem_t   mem;
    ccp_jerr_t  jerr;

    memset(q, 0, sizeof(ut_req_t));
    ut_mem_init(&q->mem);
    mem = ut_mem(&q->mem);
    q->a = ccp_arena_create(&mem, 0);

    q->r.proto = from;
    q->r.body = body;
    ccp_request_unset(&q->r);

    ccp_json_init(&q->r.doc, q->a);
    ccp_out_init(&q->out, q->a, 0);

    rc = ccp_json_parse(&q->r.doc, body.p, body.n, 0, &jerr);
    if (rc != CCP_OK) {
        return rc;
    }

    q->r.root = ccp_json_root(&q->r.doc);

    return ccp_proto_ops(from)->read_request(&q->r, q->a, &q->err);
}


/* The request for Anthropic; dialect's row, with its rules for the model. */

static int
ut_convert(ut_req_t *q, ccp_proto_e from, ccp_str_t body,
    const char *dialect, const char *model, int strip)
{
    int              rc;
    ccp_target_t     t;
    ccp_write_ctx_t  x;
    ccp_provider_t   d;

    rc = ut_parse(q, from, body);

    if (rc == CCP_OK) {
        rc = ccp_history_normalise(&q->r, q->a);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    memset(&t, 0, sizeof(t));
    memset(&x, 0, sizeof(x));

    d = *ccp_provider_for_model(ccp_provider_find(ccp_cstr(dialect)),
                                ccp_cstr(model), q->a);
    if (strip) {
        d.cache = CCP_CC_STRIP;
    }

    t.proto = CCP_ANTHROPIC;
    t.provider = &d;
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;

    x.arena = q->a;
    x.req = &q->r;
    x.target = &t;
    x.model = q->r.model;
    x.err = &q->err;

    rc = ccp_names_build(&x.names, &q->r, q->a, 64, 1);

    if (rc == CCP_OK) {
        rc = ccp_anthropic_ops.write_request(&x, &q->out);
    }

    return rc == CCP_OK ? ccp_out_finish(&q->out) : rc;
}


static void
ut_end(ut_req_t *q)
{
    ccp_arena_destroy(q->a);
}


/* ---- what is refused ---- */

#define UT_HEAD  "{\"model\":\"m\",\"max_tokens\":5"
#define UT_HI    "{\"role\":\"user\",\"content\":\"hi\"}"

static const struct {
    const char  *body;
    const char  *message;
} ut_bad[] = {
    { "{\"max_tokens\":5,\"messages\":[" UT_HI "]}",
      "model: Field required" },
    { "{\"model\":7,\"max_tokens\":5,\"messages\":[" UT_HI "]}",
      "model: Input should be a valid string" },
    { "{\"model\":\"m\",\"messages\":[" UT_HI "]}",
      "max_tokens: Field required" },
    { "{\"model\":\"m\",\"max_tokens\":\"5\",\"messages\":[" UT_HI "]}",
      "max_tokens: Input should be a valid integer" },
    { "{\"model\":\"m\",\"max_tokens\":-5,\"messages\":[" UT_HI "]}",
      "max_tokens: Input should be greater than or equal to 0" },
    { UT_HEAD "}", "messages: Field required" },
    { UT_HEAD ",\"messages\":\"hi\"}",
      "messages: Input should be a valid list" },
    { UT_HEAD ",\"messages\":[]}",
      "messages: at least one message is required" },
    { UT_HEAD ",\"messages\":[" UT_HI ",7]}",
      "messages.1: Input should be an object" },
    { UT_HEAD ",\"messages\":[{\"content\":\"hi\"}]}",
      "messages.0.role: Field required" },
    { UT_HEAD ",\"messages\":[{\"role\":\"bot\",\"content\":\"hi\"}]}",
      "messages.0.role: Input should be 'user', 'assistant' or 'system'" },
    { UT_HEAD ",\"messages\":[{\"role\":\"user\"}]}",
      "messages.0.content: Field required" },
    { UT_HEAD ",\"messages\":[{\"role\":\"user\",\"content\":{}}]}",
      "messages.0.content: Input should be a valid list" },
    { UT_HEAD ",\"messages\":[" UT_HI "," UT_HI "," UT_HI ",{\"role\":"
      "\"user\",\"content\":[{\"text\":\"x\"}]}]}",
      "messages.3.content.0.type: Field required" },
    { UT_HEAD ",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
      "\"text\"}]}]}",
      "messages.0.content.0.text.text: Field required" },
    { UT_HEAD ",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
      "\"tool_result\",\"tool_use_id\":\"t\",\"content\":[{\"type\":\"text\","
      "\"text\":\"x\"},{\"type\":\"image\"}]}]}]}",
      "messages.0.content.0.tool_result.content.1.image.source: "
      "Field required" },
    { UT_HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
      "\"tool_use\",\"name\":\"f\",\"input\":{}}]}]}",
      "messages.0.content.0.tool_use.id: Field required" },
    { UT_HEAD ",\"system\":7,\"messages\":[" UT_HI "]}",
      "system: Input should be a valid list" },
    { UT_HEAD ",\"system\":[{\"type\":\"text\"}],\"messages\":[" UT_HI "]}",
      "system.0.text.text: Field required" },
    { UT_HEAD ",\"tools\":[{\"description\":\"d\"}],\"messages\":[" UT_HI
      "]}", "tools.0.custom.name: Field required" },
    { UT_HEAD ",\"tool_choice\":{},\"messages\":[" UT_HI "]}",
      "tool_choice.type: Field required" },
    { UT_HEAD ",\"tool_choice\":{\"type\":\"tool\"},\"messages\":[" UT_HI
      "]}", "tool_choice.tool.name: Field required" },
    { UT_HEAD ",\"temperature\":\"hot\",\"messages\":[" UT_HI "]}",
      "temperature: Input should be a valid number" },
    { UT_HEAD ",\"stream\":\"yes\",\"messages\":[" UT_HI "]}",
      "stream: Input should be a valid boolean" },
    { UT_HEAD ",\"stop_sequences\":[1],\"messages\":[" UT_HI "]}",
      "stop_sequences: Input should be a list of strings" },
    { UT_HEAD ",\"thinking\":{\"budget_tokens\":1},\"messages\":[" UT_HI
      "]}", "thinking.type: Field required" }
};


static void
ut_test_bad(void)
{
    int       rc;
    size_t    i;
    ut_req_t  q;

    for (i = 0; i < sizeof(ut_bad) / sizeof(ut_bad[0]); i++) {
        rc = ut_parse(&q, CCP_ANTHROPIC, ccp_cstr(ut_bad[i].body));

        UT_CHECK(rc == CCP_INVALID && q.err.cls == CCP_E_BAD_REQUEST
                 && ut_str_is(q.err.message, ut_bad[i].message),
                 "refused: %s (%.*s)", ut_bad[i].message,
                 (int) q.err.message.n, q.err.message.p
                 ? (const char *) q.err.message.p : "");
        ut_end(&q);
    }
}


/* ---- what is read ---- */

static const char  ut_full[] =
    "{\"model\":\"m\",\"max_tokens\":5,\"unknown\":{\"a\":[1]},"
    "\"system\":[{\"type\":\"text\",\"text\":\"s1\"},{\"type\":\"text\","
    "\"text\":\"s2\",\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":"
    "\"1h\"}}],\"temperature\":1.0,\"top_k\":5,\"stop_sequences\":[\"a\","
    "\"b\"],\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048,"
    "\"display\":\"omitted\"},\"output_config\":{\"effort\":\"xhigh\","
    "\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}},"
    "\"metadata\":{\"user_id\":\"u\\\"1\"},\"service_tier\":\"auto\","
    "\"tools\":[{\"name\":\"f\",\"description\":\"d\",\"input_schema\":{"
    "\"type\":\"object\"},\"strict\":true},{\"type\":\"bash_20250124\","
    "\"name\":\"bash\"},{\"type\":\"web_search_20250305\",\"name\":"
    "\"web_search\"}],\"tool_choice\":{\"type\":\"auto\","
    "\"disable_parallel_tool_use\":true},\"stream\":true,\"messages\":["
    "{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":"
    "\"base64\",\"media_type\":\"image/png\",\"data\":\"AAAA\"}},{\"type\":"
    "\"document\",\"title\":\"t\",\"source\":{\"type\":\"text\","
    "\"media_type\":\"text/plain\",\"data\":\"dt\"}},{\"type\":"
    "\"search_result\",\"source\":\"http://x\",\"title\":\"st\",\"content\":[{"
    "\"type\":\"text\",\"text\":\"found\"}]},{\"type\":\"container_upload\","
    "\"file_id\":\"f1\"}]},"
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":"
    "\"hm\",\"signature\":\"SG\"},{\"type\":\"thinking\",\"thinking\":\"\","
    "\"signature\":\"%s\"},{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\""
    ",\"input\":{\"n\":1.50}},{\"type\":\"server_tool_use\",\"id\":\"s1\","
    "\"name\":\"web_search\",\"input\":{}},{\"type\":"
    "\"web_search_tool_result\",\"tool_use_id\":\"s1\",\"content\":[]}]},"
    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
    "\"t1\",\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"bad\""
    "},{\"type\":\"tool_reference\",\"tool_name\":\"g\"}]}]},"
    "{\"role\":\"system\",\"content\":\"now\",\"clear_at\":"
    "\"next_user_message\",\"output_config\":{\"effort\":\"low\"}}]}";


static void
ut_test_read(void)
{
    int              rc;
    char             body[8192], *carrier;
    ut_req_t         q;
    ccp_str_t        sig;
    ccp_arena_t     *a;
    ccp_block_t     *b;
    ccp_message_t   *m;
    ccp_request_t   *r;

    a = ut_arena();
    sig = ccp_carrier_pack(a, CCP_RESPONSES, ccp_lit("gpt-5"),
                           ccp_lit("rs_1"), ccp_lit("ENC"));
    carrier = ut_cstr(sig);
    snprintf(body, sizeof(body), ut_full, carrier);
    free(carrier);

    rc = ut_parse(&q, CCP_ANTHROPIC, ccp_cstr(body));
    r = &q.r;

    UT_CHECK(rc == CCP_OK, "read: the whole request (%.*s)",
             (int) q.err.message.n, q.err.message.p
             ? (const char *) q.err.message.p : "");
    if (rc != CCP_OK) {
        return;
    }

    UT_CHECK(r->max_tokens == 5 && r->stream == 1 && r->parallel == 0
             && r->tool_choice.mode == CCP_TC_AUTO
             && ut_str_is(r->temperature, "1.0") && ut_str_is(r->top_k, "5")
             && ut_str_is(r->stop->next->s, "b") && r->user.json
             && ut_str_is(r->user, "u\"1") && ut_str_is(r->tier, "auto"),
             "read: limits, sampling, user; numbers as spelled");
    UT_CHECK(r->think.mode == CCP_THINK_ON && r->think.budget == 2048
             && r->think.display == CCP_DISPLAY_OMIT
             && r->think.effort == CCP_EFFORT_LOW,
             "read: thinking; the last effort wins");
    UT_CHECK(r->out.kind == CCP_F_SCHEMA
             && ut_str_is(r->out.schema, "{\"type\":\"object\"}"),
             "read: output schema");
    UT_CHECK(ut_str_is(r->system->text, "s1")
             && r->system->cache == CCP_CACHE_NONE
             && r->system->next->cache == CCP_CACHE_1H,
             "read: system blocks with cache marks");
    UT_CHECK(r->tools->kind == CCP_T_FUNCTION && r->tools->strict == 1
             && r->tools->next->kind == CCP_T_BUILTIN
             && r->tools->next->next->kind == CCP_T_HOSTED,
             "read: tools by kind");

    m = r->msgs;
    b = m->blocks;

    UT_CHECK(b->kind == CCP_B_IMAGE && b->media.kind == CCP_MEDIA_B64
             && ut_str_is(b->media.mime, "image/png")
             && b->next->kind == CCP_B_DOC
             && b->next->media.kind == CCP_MEDIA_TEXT
             && ut_str_is(b->next->title, "t")
             && b->next->next->kind == CCP_B_DOC
             && ut_str_is(b->next->next->parts->text, "found")
             && b->next->next->next->kind == CCP_B_OPAQUE,
             "read: image, documents, search result, upload");

    b = m->next->blocks;

    UT_CHECK(b->kind == CCP_B_THINK && b->origin == CCP_ANTHROPIC
             && ut_str_is(b->sig, "SG"), "T26 read: own signature");
    b = b->next;
    UT_CHECK(b->origin == CCP_RESPONSES && ut_str_is(b->sig, "ENC")
             && ut_str_is(b->item_id, "rs_1")
             && b->sig_model == ccp_model_hash(ccp_lit("gpt-5")),
             "T31 read: a carrier is unpacked");
    b = b->next;
    UT_CHECK(b->kind == CCP_B_CALL && ut_str_is(b->text, "{\"n\":1.50}")
             && !b->text.json && b->next->kind == CCP_B_HCALL
             && b->next->next->kind == CCP_B_HRESULT,
             "T24 read: call with its input as it stands; hosted blocks");

    b = m->next->next->blocks;
    UT_CHECK(b->kind == CCP_B_RESULT && b->error
             && ut_str_is(b->parts->text, "bad")
             && b->parts->next->kind == CCP_B_TEXT
             && ccp_str_starts(b->parts->next->text, "{\"type\""),
             "read: result of a failure, with a reference as text");

    m = m->next->next->next;
    UT_CHECK(m->role == CCP_ROLE_SYSTEM && m->clear_next
             && ut_str_is(m->blocks->text, "now"),
             "T22 read: system message in its place");

    ut_end(&q);
    ccp_arena_destroy(a);
}


static void
ut_test_tool_changes(void)
{
    ut_req_t           q;
    static const char  body[] =
        UT_HEAD ",\"tools\":[{\"name\":\"a\",\"input_schema\":{}},{\"name\":"
        "\"b\",\"input_schema\":{},\"defer_loading\":true}],\"messages\":["
        UT_HI ",{\"role\":\"system\",\"content\":[{\"type\":\"tool_removal\","
        "\"tool\":{\"type\":\"tool_reference\",\"tool_name\":\"a\"}},{"
        "\"type\":\"tool_addition\",\"tool\":{\"type\":\"tool_reference\","
        "\"tool_name\":\"b\"}},{\"type\":\"tool_addition\",\"tool\":{\"type\":"
        "\"tool_definition\",\"name\":\"c\",\"input_schema\":{}}}]}," UT_HI
        "]}";

    UT_CHECK(ut_parse(&q, CCP_ANTHROPIC, ccp_cstr(body)) == CCP_OK
             && ut_str_is(q.r.tools->name, "b") && !q.r.tools->defer
             && ut_str_is(q.r.tools->next->name, "c")
             && q.r.tools->next->kind == CCP_T_FUNCTION
             && q.r.tools->next->next == NULL
             && q.r.msgs->next->next == NULL,
             "read: tools added and removed by system messages");
    ut_end(&q);
}


/* ---- what is written ---- */

typedef struct {
    const char   *name;
    ccp_proto_e   from;
    const char   *dialect;
    const char   *model;
    const char   *in;
    const char   *want;        /* the request, or text of the error */
} ut_conv_t;


#define UT_C(rest)   "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","      \
                     "\"content\":\"hi\"}]" rest "}"
#define UT_A(rest)   "{\"model\":\"m\",\"max_tokens\":8192,\"messages\":[{"    \
                     "\"role\":\"user\",\"content\":\"hi\"}]" rest "}"
#define UT_TOOL_C    ",\"tools\":[{\"type\":\"function\",\"function\":{"       \
                     "\"name\":\"f\",\"parameters\":{\"type\":\"object\","     \
                     "\"properties\":{}}}}]"
#define UT_TOOL_A    ",\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":" \
                     "\"object\",\"properties\":{}}}]"
#define UT_CALL_C    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":"\
                     "[{\"id\":\"c1\",\"type\":\"function\",\"function\":{"     \
                     "\"name\":\"f\",\"arguments\":\"\"}}]}"
#define UT_CALL_A    "{\"role\":\"assistant\",\"content\":[{\"type\":"          \
                     "\"tool_use\",\"id\":\"c1\",\"name\":\"f\",\"input\":{}}]}"

static const ut_conv_t  ut_convs[] = {

    { "T44: max_tokens put in", CCP_CHAT, "anthropic", "m", UT_C(""),
      UT_A("") },
    { "T44: max_tokens over the model's cap", CCP_CHAT, "anthropic",
      "claude-opus-4-1", UT_C(",\"max_tokens\":99999"),
      "{\"model\":\"m\",\"max_tokens\":32000,\"messages\":[" UT_HI "]}" },
    { "sampling: clamped, top_p beside it dropped", CCP_CHAT, "anthropic",
      "claude-3-5-haiku", UT_C(",\"temperature\":1.7,\"top_p\":0.5,\"seed\":1"),
      UT_A(",\"temperature\":1") },
    { "sampling: dropped for new models", CCP_CHAT, "anthropic",
      "claude-opus-4-8", UT_C(",\"temperature\":0.5"), UT_A("") },
    { "n: refused", CCP_CHAT, "anthropic", "m", UT_C(",\"n\":2"),
      "n: not supported" },
    { "stop: blank entries dropped", CCP_CHAT, "anthropic", "m",
      UT_C(",\"stop\":[\"a\",\" \",\"b\"]"),
      UT_A(",\"stop_sequences\":[\"a\",\"b\"]") },

    { "T30: effort for adaptive models", CCP_CHAT, "anthropic",
      "claude-opus-4-6", UT_C(",\"reasoning_effort\":\"high\""),
      UT_A(",\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{"
           "\"effort\":\"high\"}") },
    { "T44: budget below max_tokens", CCP_CHAT, "anthropic",
      "claude-haiku-4-5", UT_C(",\"reasoning_effort\":\"high\","
      "\"max_tokens\":5000"),
      "{\"model\":\"m\",\"max_tokens\":5000,\"thinking\":{\"type\":"
      "\"enabled\",\"budget_tokens\":3976},\"messages\":[" UT_HI "]}" },
    { "T44: no room for thinking: off", CCP_CHAT, "anthropic",
      "claude-haiku-4-5", UT_C(",\"reasoning_effort\":\"high\","
      "\"max_tokens\":900"),
      "{\"model\":\"m\",\"max_tokens\":900,\"thinking\":{\"type\":"
      "\"disabled\"},\"messages\":[" UT_HI "]}" },
    { "budget on top of a cap that we put in", CCP_CHAT, "anthropic",
      "claude-haiku-4-5", UT_C(",\"reasoning_effort\":\"low\""),
      "{\"model\":\"m\",\"max_tokens\":10240,\"thinking\":{\"type\":"
      "\"enabled\",\"budget_tokens\":2048},\"messages\":[" UT_HI "]}" },
    { "a forced call turns thinking off", CCP_CHAT, "anthropic",
      "claude-haiku-4-5", UT_C(",\"reasoning_effort\":\"low\","
      "\"tool_choice\":\"required\"" UT_TOOL_C),
      UT_A(",\"thinking\":{\"type\":\"disabled\"},\"tool_choice\":{\"type\":"
           "\"any\"}" UT_TOOL_A) },
    { "a tool loop that lost its signature goes on without thinking",
      CCP_CHAT, "anthropic", "claude-haiku-4-5",
      "{\"model\":\"m\",\"reasoning_effort\":\"low\",\"messages\":["
      UT_HI "," UT_CALL_C ",{\"role\":\"tool\",\"tool_call_id\":\"c1\","
      "\"content\":\"ok\"}]" UT_TOOL_C "}",
      "{\"model\":\"m\",\"max_tokens\":8192,\"thinking\":{\"type\":"
      "\"disabled\"},\"messages\":[" UT_HI "," UT_CALL_A ",{\"role\":"
      "\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\","
      "\"content\":\"ok\"}]}]" UT_TOOL_A "}" },

    { "T17: tool_choice without tools", CCP_CHAT, "anthropic", "m",
      UT_C(",\"tool_choice\":\"auto\""), UT_A("") },
    { "parallel calls off", CCP_CHAT, "anthropic", "m",
      UT_C(",\"parallel_tool_calls\":false" UT_TOOL_C),
      UT_A(",\"tool_choice\":{\"type\":\"auto\","
           "\"disable_parallel_tool_use\":true}" UT_TOOL_A) },
    { "a named tool", CCP_CHAT, "anthropic", "m",
      UT_C(",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":"
           "\"f\"}}" UT_TOOL_C),
      UT_A(",\"tool_choice\":{\"type\":\"tool\",\"name\":\"f\"}" UT_TOOL_A) },
    { "T14: a long name", CCP_CHAT, "anthropic", "m",
      UT_C(",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}"
           "}]"),
      UT_A(",\"tools\":[{\"name\":\"a_b\",\"input_schema\":{\"type\":"
           "\"object\",\"properties\":{}}}]") },
    { "a history with calls keeps its tools", CCP_CHAT, "anthropic", "m",
      "{\"model\":\"m\",\"messages\":[" UT_HI "," UT_CALL_C
      ",{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"ok\"}]}",
      "{\"model\":\"m\",\"max_tokens\":8192,\"messages\":[" UT_HI ","
      UT_CALL_A ",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
      "\"tool_use_id\":\"c1\",\"content\":\"ok\"}]}]" UT_TOOL_A
      ",\"tool_choice\":{\"type\":\"none\"}}" },

    { "T18: a call without result, T09: no arguments", CCP_CHAT, "anthropic",
      "m", "{\"model\":\"m\",\"messages\":[" UT_HI "," UT_CALL_C "," UT_HI
      "]" UT_TOOL_C "}",
      "{\"model\":\"m\",\"max_tokens\":8192,\"messages\":[" UT_HI ","
      UT_CALL_A ",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
      "\"tool_use_id\":\"c1\",\"content\":\"No result: the call was "
      "interrupted\",\"is_error\":true},{\"type\":\"text\",\"text\":\"hi\"}]}]"
      UT_TOOL_A "}" },
    { "the first turn is the user's", CCP_CHAT, "anthropic", "m",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":"
      "\"yo\"}," UT_HI "]}",
      "{\"model\":\"m\",\"max_tokens\":8192,\"messages\":[{\"role\":\"user\","
      "\"content\":\".\"},{\"role\":\"assistant\",\"content\":\"yo\"}," UT_HI
      "]}" },
    { "T22: system later on stays in its place", CCP_CHAT, "anthropic", "m",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
      "\"s\"}," UT_HI ",{\"role\":\"assistant\",\"content\":\"yo\"},{\"role\":"
      "\"system\",\"content\":\"now\"}," UT_HI "]}",
      "{\"model\":\"m\",\"max_tokens\":8192,\"system\":\"s\",\"messages\":["
      UT_HI ",{\"role\":\"assistant\",\"content\":\"yo\"},{\"role\":\"user\","
      "\"content\":[{\"type\":\"text\",\"text\":\"<system-reminder>now"
      "</system-reminder>\"},{\"type\":\"text\",\"text\":\"hi\"}]}]}" },
    { "T21: blank texts", CCP_CHAT, "anthropic", "m",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{"
      "\"type\":\"text\",\"text\":\" \"},{\"type\":\"text\",\"text\":\"hi\"}]}"
      "]}", UT_A("") },

    { "images by data and by address", CCP_CHAT, "anthropic", "m",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{"
      "\"type\":\"image_url\",\"image_url\":{\"url\":"
      "\"data:image/png;base64,AAAA\"}},{\"type\":\"image_url\",\"image_url\":{"
      "\"url\":\"https://x/y.png\"}}]}]}",
      "{\"model\":\"m\",\"max_tokens\":8192,\"messages\":[{\"role\":\"user\","
      "\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\","
      "\"media_type\":\"image/png\",\"data\":\"AAAA\"}},{\"type\":\"image\","
      "\"source\":{\"type\":\"url\",\"url\":\"https://x/y.png\"}}]}]}" },
    { "a target without images refuses", CCP_CHAT, "deepseek-anthropic", "m",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{"
      "\"type\":\"image_url\",\"image_url\":{\"url\":"
      "\"data:image/png;base64,AAAA\"}}]}]}",
      "image: not supported by this target" },
    { "a target without images forgets old ones", CCP_CHAT,
      "deepseek-anthropic", "m",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{"
      "\"type\":\"image_url\",\"image_url\":{\"url\":"
      "\"data:image/png;base64,AAAA\"}}]},{\"role\":\"assistant\",\"content\":"
      "\"yo\"}," UT_HI "]}",
      "{\"model\":\"m\",\"max_tokens\":8192,\"messages\":[{\"role\":\"user\","
      "\"content\":[{\"type\":\"text\",\"text\":\"[image omitted]\"}]},{"
      "\"role\":\"assistant\",\"content\":\"yo\"}," UT_HI "]}" },
    { "a foreign file id is refused by name", CCP_CHAT, "anthropic", "m",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{"
      "\"type\":\"file\",\"file\":{\"file_id\":\"file-77\"}}]}]}",
      "file-77" },
    { "audio is refused", CCP_CHAT, "anthropic", "m",
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{"
      "\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\",\"format\":"
      "\"wav\"}}]}]}", "audio: not supported" },

    { "JSON mode is a hint", CCP_CHAT, "anthropic", "m",
      UT_C(",\"response_format\":{\"type\":\"json_object\"}"),
      UT_A(",\"system\":[{\"type\":\"text\",\"text\":\"Answer with one JSON "
           "object only.\"}]") },
    { "T45: a user of any length", CCP_CHAT, "anthropic", "m",
      UT_C(",\"user\":\"u1\""), UT_A(",\"metadata\":{\"user_id\":\"u1\"}") },
    { "service tier", CCP_CHAT, "anthropic", "m",
      UT_C(",\"service_tier\":\"default\""),
      UT_A(",\"service_tier\":\"standard_only\"") },

    { "T19: an image in a result stays in it", CCP_ANTHROPIC, "anthropic",
      "m", "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" UT_HI ","
      UT_CALL_A ",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
      "\"tool_use_id\":\"c1\",\"content\":[{\"type\":\"text\",\"text\":\"t\"},{"
      "\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":"
      "\"image/png\",\"data\":\"AAAA\"}}]}]}]" UT_TOOL_A "}",
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" UT_HI ","
      UT_CALL_A ",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
      "\"tool_use_id\":\"c1\",\"content\":[{\"type\":\"text\",\"text\":\"t\"},{"
      "\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":"
      "\"image/png\",\"data\":\"AAAA\"}}]}]}]" UT_TOOL_A "}" },
    { "T23: the billing notice is stripped", CCP_ANTHROPIC, "anthropic", "m",
      "{\"model\":\"m\",\"max_tokens\":9,\"system\":[{\"type\":\"text\","
      "\"text\":\"x-anthropic-billing-header: cch=1\"},{\"type\":\"text\","
      "\"text\":\"s\"}],\"messages\":[" UT_HI "]}",
      "{\"model\":\"m\",\"max_tokens\":9,\"system\":\"s\",\"messages\":["
      UT_HI "]}" },
    { "T26: own thinking byte-exact, unsigned dropped", CCP_ANTHROPIC,
      "anthropic", "m",
      "{\"model\":\"m\",\"max_tokens\":9,\"context_management\":{\"edits\":[]}"
      ",\"messages\":[" UT_HI ",{\"role\":\"assistant\",\"content\":[{\"type\":"
      "\"thinking\",\"thinking\":\"\\u0068m\",\"signature\":\"S+/=\"},{"
      "\"type\":\"thinking\",\"thinking\":\"x\",\"signature\":\"\"},{\"type\":"
      "\"text\",\"text\":\"yo\"}]}," UT_HI "]}",
      "{\"model\":\"m\",\"max_tokens\":9,\"context_management\":{\"edits\":[]}"
      ",\"messages\":[" UT_HI ",{\"role\":\"assistant\",\"content\":[{\"type\":"
      "\"thinking\",\"thinking\":\"hm\",\"signature\":\"S+/=\"},{\"type\":"
      "\"text\",\"text\":\"yo\"}]}," UT_HI "]}" }
};


static void
ut_test_write(void)
{
    int               rc, ok;
    char             *got;
    size_t            i;
    ut_req_t          q;
    const ut_conv_t  *t;

    for (i = 0; i < sizeof(ut_convs) / sizeof(ut_convs[0]); i++) {
        t = &ut_convs[i];
        rc = ut_convert(&q, t->from, ccp_cstr(t->in), t->dialect, t->model,
                        1);

        got = ut_cstr(rc == CCP_OK ? ccp_out_all(&q.out) : q.err.message);

        ok = t->want[0] == '{'
             ? rc == CCP_OK && ut_json_same(ccp_cstr(got), ccp_cstr(t->want))
             : rc == CCP_INVALID && strstr(got, t->want) != NULL;

        UT_CHECK(ok, "out: %s", t->name);

        if (!ok) {
            printf("# want %s\n# got  %s\n", t->want, got);
        }

        free(got);
        ut_end(&q);
    }
}


/* T47: marks on system, last tool and last user turn; the limit of four. */

static void
ut_test_marks(void)
{
    int       n;
    char     *s, *p;
    ut_req_t  q;

#define UT_MARK  "\"cache_control\":{\"type\":\"ephemeral\"}"

    UT_CHECK(ut_convert(&q, CCP_CHAT, ccp_lit(
                 "{\"model\":\"m\",\"messages\":[{\"role\":\"system\","
                 "\"content\":\"s\"}," UT_HI "]" UT_TOOL_C "}"),
                 "anthropic", "m", 0) == CCP_OK
             && ut_json_same(ccp_out_all(&q.out), ccp_lit(
                 "{\"model\":\"m\",\"max_tokens\":8192,\"system\":[{\"type\":"
                 "\"text\",\"text\":\"s\"," UT_MARK "}],\"tools\":[{\"name\":"
                 "\"f\",\"input_schema\":{\"type\":\"object\",\"properties\":"
                 "{}}," UT_MARK "}],\"messages\":[{\"role\":\"user\","
                 "\"content\":[{\"type\":\"text\",\"text\":\"hi\"," UT_MARK
                 "}]}]}")), "T47 out: cache marks where none were given");
    ut_end(&q);

#define UT_MARKED(s)  "{\"type\":\"text\",\"text\":\"" s "\"," UT_MARK "}"

    UT_CHECK(ut_convert(&q, CCP_CHAT, ccp_lit(
                 "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                 "\"content\":[" UT_MARKED("1") "," UT_MARKED("2") ","
                 UT_MARKED("3") "," UT_MARKED("4") "," UT_MARKED("5") "]}]}"),
                 "anthropic", "m", 0) == CCP_OK,
             "T47 out: five marks");

    s = ut_cstr(ccp_out_all(&q.out));

    for (n = 0, p = s; (p = strstr(p, UT_MARK)) != NULL; p++) {
        n++;
    }

    UT_CHECK(n == 4 && strstr(s, "{\"type\":\"text\",\"text\":\"1\"}"),
             "T47 out: … of which the last four stay");

    free(s);
    ut_end(&q);
}


/* ---- worked examples: lines of the field reference ---- */

typedef struct {
    char  text[16384];
    int   given;
} ut_line_t;


static void
ut_example(const char *section, ut_line_t *c_in, ut_line_t *a_in,
    ut_line_t *c_out, ut_line_t *a_out)
{
    ut_an_t      u;
    ut_req_t     q;
    ccp_out_t    o;
    ccp_jerr_t   err;
    ccp_json_t   want, got, doc;
    void        *dec;

    /* in 6.3 the prefix "Error: " of a Chat client makes no failure flag */

    if (c_in->given && a_in->given && strcmp(section, "6.3") != 0) {
        UT_CHECK(ut_convert(&q, CCP_CHAT, ccp_cstr(c_in->text), "anthropic",
                            "m", 1) == CCP_OK
                 && ut_json_same(ccp_out_all(&q.out), ccp_cstr(a_in->text)),
                 "example %s: the request of a Chat client", section);
        ut_end(&q);
    }

    if (a_in->given) {
        UT_CHECK(ut_convert(&q, CCP_ANTHROPIC, ccp_cstr(a_in->text),
                            "anthropic", "m", 1) == CCP_OK
                 && ut_json_same(ccp_out_all(&q.out), ccp_cstr(a_in->text)),
                 "example %s: the request of an Anthropic client", section);
        ut_end(&q);
    }

    if (!c_out->given || !a_out->given
        || strncmp(a_out->text, "{\"id\"", 5) != 0)
    {
        return;
    }

    (void) ut_an_open(&u, NULL, CCP_CHAT);
    dec = ccp_calloc(u.a, ccp_chat_ops.dec_size);
    ccp_json_init(&doc, u.a);
    ccp_json_init(&want, u.a);
    ccp_json_init(&got, u.a);

    UT_CHECK(ccp_chat_ops.dec_init(dec, &u.ac) == CCP_OK
             && ccp_json_parse(&doc, (uint8_t *) c_out->text,
                               strlen(c_out->text), 0, &err) == CCP_OK
             && ccp_chat_ops.dec_whole(dec, ccp_json_root(&doc)) == CCP_OK
             && ccp_flow_eof(u.flow) == CCP_OK
             && ut_an_message(&u, &o) == CCP_OK
             && ccp_json_parse(&got, o.buf.p, o.buf.n, 0, &err) == CCP_OK
             && ccp_json_parse(&want, (uint8_t *) a_out->text,
                               strlen(a_out->text), 0, &err) == CCP_OK,
             "example %s: the answer of a Chat upstream", section);

    UT_CHECK(ut_json_same(ccp_json_raw(ccp_json_get(ccp_json_root(&got),
                                                    "content")),
                          ccp_json_raw(ccp_json_get(ccp_json_root(&want),
                                                    "content")))
             && ut_json_same(ccp_json_raw(ccp_json_get(ccp_json_root(&got),
                                                       "usage")),
                             ccp_json_raw(ccp_json_get(ccp_json_root(&want),
                                                       "usage")))
             && (ccp_str_eq(ccp_json_gets(ccp_json_root(&got),
                                          "stop_reason"),
                            ccp_json_gets(ccp_json_root(&want),
                                          "stop_reason"))
                 /* a Chat upstream can't tell a sequence from an end */
                 || strstr(a_out->text, "\"stop_sequence\":\"")),
             "example %s: T46 content, usage and stop reason", section);

    ut_an_close(&u);
}


static void
ut_take(ut_line_t *l, const char *line)
{
    if (!l->given) {
        snprintf(l->text, sizeof(l->text), "%s", line);
        l->given = 1;
    }
}


static void
ut_test_examples(void)
{
    char              section[16], *line, *save;
    ccp_str_t         file;
    const char       *shared;
    static ut_line_t  l[4];

    shared = getenv("CCPROXY_SHARED");
    file = ut_readf("%s/protocols.md", shared ? shared : "../shared");

    if (file.p == NULL) {
        ut_skip("field reference absent");
        return;
    }

    section[0] = '\0';
    save = (char *) file.p;

    while ((line = strsep(&save, "\n")) != NULL) {

        if (strncmp(line, "## ", 3) == 0) {
            if (section[0] == '6') {
                ut_example(section, &l[0], &l[1], &l[2], &l[3]);
            }

            memset(l, 0, sizeof(l));
            snprintf(section, sizeof(section), "%.3s", line + 3);
        }

        if (section[0] != '6' || section[1] != '.' || strlen(line) < 4) {
            continue;
        }

        if (strncmp(line, "C> ", 3) == 0) {
            ut_take(&l[0], line + 3);
        } else if (strncmp(line, "A> ", 3) == 0) {
            ut_take(&l[1], line + 3);
        } else if (strncmp(line, "C< ", 3) == 0) {
            ut_take(&l[2], line + 3);
        } else if (strncmp(line, "A< ", 3) == 0) {
            ut_take(&l[3], line + 3);
        }
    }

    ut_example(section, &l[0], &l[1], &l[2], &l[3]);
    free((void *) file.p);
}


int
main(void)
{
    ut_test_bad();
    ut_test_read();
    ut_test_tool_changes();
    ut_test_write();
    ut_test_marks();
    ut_test_examples();

    return ut_done();
}
