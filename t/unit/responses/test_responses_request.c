
/*
 * Responses requests: in from clients, out to upstreams, and what must stay
 * where it is.
 */

#include "ut_responses.h"


#define A  "/v1/messages"
#define C  "/v1/chat/completions"
#define R  "/v1/responses"


/* ---- in ---- */

/* The request in one line: system, messages with their blocks, tools. */

static void
rs_put(char *p, size_t size, const char *fmt, ccp_str_t s)
{
    char    *t;
    size_t   n;

    n = strlen(p);
    t = s.p ? ut_cstr(s) : strdup("");
    snprintf(p + n, size - n, fmt, t);
    free(t);
}


static void
rs_put_blocks(char *p, size_t size, const ccp_block_t *b)
{
    static const char *const  names[] = {
        "text", "refusal", "think", "image", "doc", "audio", "video", "call",
        "result", "hcall", "hresult", "opaque"
    };

    for ( ; b; b = b->next) {
        rs_put(p, size, " %s", ccp_cstr(names[b->kind]));
        rs_put(p, size, b->free_text ? "!" : "", ccp_none);

        if (b->space.n) {
            rs_put(p, size, " [%s]", b->space);
        }

        if (b->name.n) {
            rs_put(p, size, " %s", b->name);
        }

        if (b->id.n) {
            rs_put(p, size, "#%s", b->id);
        }

        if (b->text.p) {
            rs_put(p, size, "=%s", b->text);
        }

        if (b->media.data.p) {
            rs_put(p, size, " <%s", b->media.mime);
            rs_put(p, size, " %s>", b->media.data);
        }

        if (b->sig.p) {
            rs_put(p, size, " sig:%s", b->sig);
        }

        if (b->error) {
            rs_put(p, size, " error", ccp_none);
        }

        if (b->parts) {
            rs_put(p, size, " (", ccp_none);
            rs_put_blocks(p, size, b->parts);
            rs_put(p, size, " )", ccp_none);
        }
    }
}


static const char *
rs_show(const ccp_request_t *r)
{
    const ccp_tool_t     *t;
    const ccp_message_t  *m;

    static char  buf[8192];

    static const char *const  roles[] = { "system", "user", "assistant" };
    static const char *const  kinds[] = {
        "function", "custom", "builtin", "hosted"
    };

    buf[0] = '\0';
    rs_put_blocks(buf, sizeof(buf), r->system);

    for (m = r->msgs; m; m = m->next) {
        rs_put(buf, sizeof(buf), " | %s:", ccp_cstr(roles[m->role]));
        rs_put_blocks(buf, sizeof(buf), m->blocks);
    }

    for (t = r->tools; t; t = t->next) {
        rs_put(buf, sizeof(buf), " + %s", ccp_cstr(kinds[t->kind]));
        rs_put(buf, sizeof(buf), t->space.n ? " [%s]" : "", t->space);
        rs_put(buf, sizeof(buf), " %s", t->name);
    }

    return buf + (buf[0] == ' ');
}


static const struct {
    const char  *what;
    const char  *in;               /* input, and more members */
    const char  *out;
} rs_inputs[] = {
    { "a string",
      "\"Hi\"", "| user: text=Hi" },
    { "instructions and leading developer items are the system's",
      "[{\"role\":\"developer\",\"content\":\"D\"},"
      "{\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
      "\"text\":\"a\"},{\"type\":\"input_text\",\"text\":\"b\"}]},"
      "{\"type\":\"message\",\"role\":\"developer\",\"content\":\"later\"}],"
      "\"instructions\":\"I\"",
      "text=I text=D | user: text=a text=b | system: text=later" },
    { "calls in a row are one message, results another (reasoning first)",
      "[{\"role\":\"user\",\"content\":\"q\"},"
      "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":"
      "[{\"type\":\"summary_text\",\"text\":\"s1\"},"
      "{\"type\":\"summary_text\",\"text\":\"s2\"}],"
      "\"encrypted_content\":\"gAAA\"},"
      "{\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"f\","
      "\"arguments\":\"{\\\"a\\\":1}\"},"
      "{\"type\":\"function_call\",\"call_id\":\"c2\",\"name\":\"g\","
      "\"arguments\":\"\",\"namespace\":\"ns\"},"
      "{\"type\":\"function_call_output\",\"call_id\":\"c1\","
      "\"output\":\"one\"},"
      "{\"type\":\"function_call_output\",\"call_id\":\"c2\","
      "\"output\":[{\"type\":\"input_text\",\"text\":\"two\"},"
      "{\"type\":\"input_image\",\"image_url\":"
      "\"data:image/png;base64,iVBO\"}]},"
      "{\"type\":\"message\",\"role\":\"assistant\",\"content\":"
      "[{\"type\":\"output_text\",\"text\":\"done\"}]}]",
      "| user: text=q | assistant: think=s1\\n\\ns2 sig:gAAA "
      "call f#c1={\\\"a\\\":1} call [ns] g#c2={} | user: result#c1 ( text=one ) "
      "result#c2 ( text=two image <image/png iVBO> ) | assistant: "
      "text=done" },
    { "T16 custom tools and their calls",
      "[{\"type\":\"custom_tool_call\",\"call_id\":\"c\",\"name\":"
      "\"apply_patch\",\"input\":\"*** Begin\\n\"},"
      "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c\","
      "\"output\":\"ok\"}],\"tools\":[{\"type\":\"custom\",\"name\":"
      "\"apply_patch\",\"format\":{\"type\":\"grammar\",\"syntax\":\"lark\","
      "\"definition\":\"start: x\"}}]",
      "| assistant: call! apply_patch#c=*** Begin\\n | user: result!#c "
      "( text=ok ) + custom apply_patch" },
    { "namespaces, additional tools, hosted and built-in ones",
      "[{\"type\":\"additional_tools\",\"role\":\"developer\",\"tools\":"
      "[{\"type\":\"function\",\"name\":\"late\"}]},"
      "{\"role\":\"user\",\"content\":\"q\"}],\"tools\":["
      "{\"type\":\"namespace\",\"name\":\"ns\",\"tools\":"
      "[{\"type\":\"function\",\"name\":\"f\"}]},"
      "{\"type\":\"web_search_preview\"},{\"type\":\"local_shell\"},"
      "{\"type\":\"file_search\",\"vector_store_ids\":[]},"
      "{\"type\":\"tool_search\",\"execution\":\"client\"},"
      "{\"type\":\"tool_search\"}]",
      "| user: text=q + function [ns] f + hosted web_search "
      "+ builtin local_shell + hosted file_search + function tool_search "
      "+ hosted tool_search + function late" },
    { "built-ins that the client runs",
      "[{\"type\":\"local_shell_call\",\"id\":\"ls_1\",\"call_id\":\"c1\","
      "\"action\":{\"type\":\"exec\",\"command\":[\"ls\"]}},"
      "{\"type\":\"local_shell_call_output\",\"id\":\"ls_1\","
      "\"call_id\":\"c1\",\"output\":\"a\\n\"},"
      "{\"type\":\"apply_patch_call\",\"call_id\":\"c2\",\"operation\":"
      "{\"type\":\"delete_file\",\"path\":\"p\"}},"
      "{\"type\":\"apply_patch_call_output\",\"call_id\":\"c2\","
      "\"status\":\"failed\",\"output\":\"no\"}]",
      "| assistant: call local_shell#c1={\"type\":\"exec\",\"command\":"
      "[\"ls\"]} | user: result#c1 ( text=a\\n ) | assistant: call "
      "apply_patch#c2={\"type\":\"delete_file\",\"path\":\"p\"} | user: "
      "result#c2 error ( text=no )" },
    { "work of the server stays with what it belongs to",
      "[{\"role\":\"user\",\"content\":\"q\"},"
      "{\"type\":\"web_search_call\",\"id\":\"ws_1\",\"status\":"
      "\"completed\"},{\"type\":\"message\",\"role\":\"assistant\","
      "\"content\":\"found\"}]",
      "| user: text=q | assistant: hcall web_search_call#ws_1 text=found" },
    { "files and file ids",
      "[{\"role\":\"user\",\"content\":[{\"type\":\"input_file\","
      "\"filename\":\"a.pdf\",\"file_data\":"
      "\"data:application/pdf;base64,JVBE\"},{\"type\":\"input_file\","
      "\"file_url\":\"https://x/y.pdf\"},{\"type\":\"input_image\","
      "\"file_id\":\"file-1\"},{\"type\":\"input_audio\",\"input_audio\":"
      "{\"data\":\"QQ==\",\"format\":\"mp3\"}}]}]",
      "| user: doc <application/pdf JVBE> doc < https://x/y.pdf> "
      "image < file-1> audio <audio/mp3 QQ==>" },
    { "T31 a packed signature is its maker's again",
      "[{\"type\":\"reasoning\",\"id\":\"rs_x\",\"summary\":[],"
      "\"encrypted_content\":\"ccp1.a.UMhYpA.U0lH\"},"
      "{\"role\":\"assistant\",\"content\":\"x\"}]",
      "| assistant: think sig:U0lH text=x" },
};


static void
rs_test_inputs(void)
{
    char        body[4096];
    size_t      i;
    rs_req_t    q;
    const char *s;

    for (i = 0; i < sizeof(rs_inputs) / sizeof(rs_inputs[0]); i++) {
        snprintf(body, sizeof(body), "{\"model\":\"m\",\"input\":%s}",
                 rs_inputs[i].in);
        s = rs_decode(&q, body) == CCP_OK ? rs_show(&q.r) : "refused";
        UT_CHECK(strcmp(s, rs_inputs[i].out) == 0, "in: %s%s%s",
                 rs_inputs[i].what,
                 strcmp(s, rs_inputs[i].out) == 0 ? "" : ": ",
                 strcmp(s, rs_inputs[i].out) == 0 ? "" : s);
        ccp_arena_destroy(q.a);
    }
}


static void
rs_test_fields(void)
{
    rs_req_t  q;

    UT_CHECK(rs_decode(&q,
        "{\"model\":\"gpt-5\",\"input\":\"x\",\"max_output_tokens\":99,"
        "\"temperature\":0.50,\"top_p\":1,\"stream\":true,"
        "\"parallel_tool_calls\":false,\"prompt_cache_key\":\"k\","
        "\"metadata\":{\"a\":\"b\"},\"service_tier\":\"flex\","
        "\"include\":[\"reasoning.encrypted_content\","
        "\"message.output_text.logprobs\"],\"top_logprobs\":3,"
        "\"reasoning\":{\"effort\":\"high\",\"summary\":\"auto\"},"
        "\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":"
        "\"json_schema\",\"name\":\"n\",\"schema\":{\"type\":\"object\"},"
        "\"strict\":true}},\"safety_identifier\":\"u\"}") == CCP_OK,
        "fields: taken");
    UT_CHECK(q.r.max_tokens == 99 && q.r.stream == 1 && q.r.parallel == 0
             && q.r.logprobs == 1 && q.r.top_logprobs == 3,
             "fields: numbers and flags");
    UT_CHECK(ut_str_is(q.r.temperature, "0.50")
             && ut_str_is(q.r.cache_key, "k") && ut_str_is(q.r.user, "u")
             && ut_str_is(q.r.tier, "flex")
             && ut_str_is(q.r.meta, "{\"a\":\"b\"}"),
             "fields: texts, numbers as spelled");
    UT_CHECK(q.r.think.effort == CCP_EFFORT_HIGH
             && q.r.think.mode == CCP_THINK_ON
             && q.r.think.display == CCP_DISPLAY_SUMMARY
             && q.r.think.want_sig == 1, "fields: reasoning");
    UT_CHECK(q.r.out.kind == CCP_F_SCHEMA && q.r.out.strict == 1
             && ut_str_is(q.r.out.name, "n")
             && ut_str_is(q.r.out.verbosity, "low"), "fields: text");
    ccp_arena_destroy(q.a);
}


static void
rs_test_choice(void)
{
    size_t    i;
    char      body[512];
    rs_req_t  q;

    static const struct {
        const char  *in;
        ccp_tc_e     mode;
        const char  *name;
    } t[] = {
        { "\"auto\"", CCP_TC_AUTO, "" },
        { "\"required\"", CCP_TC_ANY, "" },
        { "{\"type\":\"function\",\"name\":\"f\"}", CCP_TC_NAMED, "f" },
        { "{\"type\":\"custom\",\"name\":\"f\"}", CCP_TC_NAMED, "f" },
        { "{\"type\":\"shell\"}", CCP_TC_NAMED, "shell" },
        { "{\"type\":\"web_search_preview\"}", CCP_TC_NAMED, "web_search" },
        { "{\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":"
          "[{\"type\":\"function\",\"name\":\"f\"}]}", CCP_TC_ALLOWED, "" }
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        snprintf(body, sizeof(body), "{\"model\":\"m\",\"input\":\"x\","
                 "\"tool_choice\":%s}", t[i].in);
        UT_CHECK(rs_decode(&q, body) == CCP_OK
                 && q.r.tool_choice.mode == t[i].mode
                 && (t[i].name[0] == '\0'
                     || ut_str_is(q.r.tool_choice.name, t[i].name)),
                 "tool_choice: %s", t[i].in);
        ccp_arena_destroy(q.a);
    }
}


/* ---- refusals ---- */

static const struct {
    const char  *body;
    const char  *message;          /* part of it */
} rs_bad_bodies[] = {
    { "{\"input\":\"x\"}", "model: missing" },
    { "{\"model\":\"m\"}", "input: missing" },
    { "{\"model\":\"m\",\"input\":[]}", "at least one item" },
    { "{\"model\":\"m\",\"input\":7}", "input: expected a string" },
    { "{\"model\":\"m\",\"input\":[7]}", "input[0]: expected an object" },
    { "{\"model\":\"m\",\"input\":[{}]}", "input[0].type" },
    { "{\"model\":\"m\",\"input\":[{\"role\":\"x\",\"content\":\"\"}]}",
      "input[0].role" },
    { "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":"
      "[{\"type\":\"input_text\"}]}]}", "input[0].content[].text: missing" },
    { "{\"model\":\"m\",\"input\":[{\"type\":\"function_call\","
      "\"name\":\"f\"}]}", "input[0].call_id" },
    { "{\"model\":\"m\",\"input\":\"x\",\"stream\":1}", "stream: expected" },
    { "{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":\"function\"}]}",
      "tools[0].name" },
    { "{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":\"namespace\","
      "\"name\":\"n\",\"tools\":[{\"type\":\"namespace\"}]}]}",
      "holds no namespaces" },
    { "{\"model\":\"m\",\"input\":\"x\",\"tool_choice\":\"maybe\"}",
      "tool_choice" }
};


/* What only the first server can resolve: elsewhere a clear 400, there it
 * passes byte by byte. */

static const char *const  rs_bound[] = {
    "{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":\"resp_1\"}",
    "{\"model\":\"m\",\"previous_response_id\":\"resp_1\"}",
    "{\"model\":\"m\",\"input\":\"x\",\"conversation\":{\"id\":\"c\"}}",
    "{\"model\":\"m\",\"prompt\":{\"id\":\"pmpt_1\"}}",
    "{\"model\":\"m\",\"input\":\"x\",\"background\":true}",
    "{\"model\":\"m\",\"input\":[{\"type\":\"item_reference\",\"id\":"
        "\"msg_1\"},{\"role\":\"user\",\"content\":\"x\"}]}",
    "{\"model\":\"m\",\"input\":[{\"id\":\"msg_1\"}]}",
    "{\"model\":\"m\",\"input\":[{\"type\":\"compaction\","
        "\"encrypted_content\":\"g\"},{\"role\":\"user\",\"content\":"
        "\"x\"}]}",
    "{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":\"file_search\"}],"
        "\"tool_choice\":{\"type\":\"file_search\"}}"
};


static void
rs_test_refusals(void)
{
    int       rc;
    char     *s, *m;
    rs_x_t    u;
    size_t    i;

    for (i = 0; i < sizeof(rs_bad_bodies) / sizeof(rs_bad_bodies[0]); i++) {
        rc = rs_open(&u, NULL, R, rs_bad_bodies[i].body, CCP_RESPONSES, NULL);
        m = ut_cstr(u.err.message);
        UT_CHECK(rc == CCP_INVALID && u.err.cls == CCP_E_BAD_REQUEST
                 && strstr(m, rs_bad_bodies[i].message) != NULL,
                 "refused: %s", m);
        free(m);
        rs_close(&u);
    }

    for (i = 0; i < sizeof(rs_bound) / sizeof(rs_bound[0]); i++) {
        rc = rs_open(&u, NULL, R, rs_bound[i], CCP_CHAT, NULL);
        m = ut_cstr(u.err.message);
        UT_CHECK(rc == CCP_INVALID && u.err.cls == CCP_E_BAD_REQUEST,
                 "not elsewhere: %s", m);
        UT_CHECK(strstr(m, "whole conversation") || strstr(m, "background")
                 || strstr(m, "file_search"), "… and says what to do");
        free(m);
        rs_close(&u);

        rc = rs_open(&u, NULL, R, rs_bound[i], CCP_RESPONSES, NULL);
        s = rc == CCP_OK ? ut_out_text(u.body) : strdup("");
        UT_CHECK(strcmp(s, rs_bound[i]) == 0, "… but as it is to its own");
        free(s);
        rs_close(&u);
    }
}


/* ---- out ---- */

static const struct {
    const char  *what;
    const char  *path;
    const char  *in;
    const char  *out;
} rs_outs[] = {
    { "6.1 system prompt and limits", A,
      "{\"model\":\"m\",\"max_tokens\":64,\"system\":\"Be brief.\","
      "\"messages\":[{\"role\":\"user\",\"content\":\"Count: 1, 2\"}],"
      "\"temperature\":0.2,\"stop_sequences\":[\"5\"]}",
      "{\"model\":\"m\",\"max_output_tokens\":64,\"instructions\":"
      "\"Be brief.\",\"input\":[{\"role\":\"user\",\"content\":"
      "\"Count: 1, 2\"}],\"temperature\":0.2,\"store\":false}" },
    { "6.2 tools", A,
      "{\"model\":\"m\",\"max_tokens\":256,\"messages\":[{\"role\":\"user\","
      "\"content\":\"Weather in Oslo, and the time?\"}],\"tools\":[{\"name\":"
      "\"weather\",\"description\":\"Current weather\",\"input_schema\":"
      "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},"
      "\"required\":[\"city\"]}},{\"name\":\"now\",\"input_schema\":"
      "{\"type\":\"object\",\"properties\":{}}}],\"tool_choice\":"
      "{\"type\":\"auto\"}}",
      "{\"model\":\"m\",\"max_output_tokens\":256,\"input\":[{\"role\":"
      "\"user\",\"content\":\"Weather in Oslo, and the time?\"}],\"tools\":"
      "[{\"type\":\"function\",\"name\":\"weather\",\"description\":"
      "\"Current weather\",\"parameters\":{\"type\":\"object\","
      "\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":"
      "[\"city\"]},\"strict\":false},{\"type\":\"function\",\"name\":\"now\","
      "\"parameters\":{\"type\":\"object\",\"properties\":{}},\"strict\":"
      "false}],\"tool_choice\":\"auto\",\"store\":false}" },
    { "6.3 results, one failed", A,
      "{\"model\":\"m\",\"max_tokens\":256,\"messages\":[{\"role\":\"user\","
      "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":[{\"type\":"
      "\"text\",\"text\":\"Checking.\"},{\"type\":\"tool_use\",\"id\":"
      "\"toolu_a\",\"name\":\"weather\",\"input\":{\"city\":\"Oslo\"}},"
      "{\"type\":\"tool_use\",\"id\":\"toolu_b\",\"name\":\"now\","
      "\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":"
      "\"tool_result\",\"tool_use_id\":\"toolu_a\",\"content\":"
      "\"-3, snow\"},{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_b\","
      "\"content\":\"no clock\",\"is_error\":true}]}]}",
      "{\"model\":\"m\",\"max_output_tokens\":256,\"input\":[{\"role\":"
      "\"user\",\"content\":\"q\"},{\"type\":\"message\",\"role\":"
      "\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":"
      "\"Checking.\",\"annotations\":[]}]},{\"type\":\"function_call\","
      "\"call_id\":\"toolu_a\",\"name\":\"weather\",\"arguments\":"
      "\"{\\\"city\\\":\\\"Oslo\\\"}\"},{\"type\":\"function_call\","
      "\"call_id\":\"toolu_b\",\"name\":\"now\",\"arguments\":\"{}\"},"
      "{\"type\":\"function_call_output\",\"call_id\":\"toolu_a\","
      "\"output\":\"-3, snow\"},{\"type\":\"function_call_output\","
      "\"call_id\":\"toolu_b\",\"output\":\"Error: no clock\"}],"
      "\"store\":false}" },
    { "6.4 image in, schema out", A,
      "{\"model\":\"m\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\","
      "\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\","
      "\"media_type\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}},{\"type\":"
      "\"text\",\"text\":\"Main colour?\"}]}],\"output_config\":{\"format\":"
      "{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\","
      "\"properties\":{\"colour\":{\"type\":\"string\"}},\"required\":"
      "[\"colour\"],\"additionalProperties\":false}}}}",
      "{\"model\":\"m\",\"max_output_tokens\":50,\"input\":[{\"role\":"
      "\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":"
      "\"data:image/png;base64,iVBORw0KGgo=\",\"detail\":\"auto\"},"
      "{\"type\":\"input_text\",\"text\":\"Main colour?\"}]}],\"text\":"
      "{\"format\":{\"type\":\"json_schema\",\"name\":\"response\","
      "\"schema\":{\"type\":\"object\",\"properties\":{\"colour\":{\"type\":"
      "\"string\"}},\"required\":[\"colour\"],\"additionalProperties\":"
      "false},\"strict\":false}},\"store\":false}" },
    { "6.5 reasoning, streamed", A,
      "{\"model\":\"m\",\"max_tokens\":9000,\"stream\":true,\"messages\":"
      "[{\"role\":\"user\",\"content\":\"Time?\"}],\"thinking\":{\"type\":"
      "\"adaptive\"},\"output_config\":{\"effort\":\"medium\"}}",
      "{\"model\":\"m\",\"max_output_tokens\":9000,\"stream\":true,"
      "\"input\":[{\"role\":\"user\",\"content\":\"Time?\"}],\"reasoning\":"
      "{\"effort\":\"medium\",\"summary\":\"auto\"},\"include\":"
      "[\"reasoning.encrypted_content\"],\"store\":false}" },
    { "T44 the cap is at least 16", A,
      "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\","
      "\"content\":\"x\"}]}",
      "{\"model\":\"m\",\"max_output_tokens\":16,\"input\":[{\"role\":"
      "\"user\",\"content\":\"x\"}],\"store\":false}" },
    { "T19 an image in a result stays there", A,
      "{\"model\":\"m\",\"max_tokens\":99,\"messages\":[{\"role\":"
      "\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t1\","
      "\"name\":\"shot\",\"input\":{}}]},{\"role\":\"user\",\"content\":"
      "[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":"
      "[{\"type\":\"text\",\"text\":\"here\"},{\"type\":\"image\",\"source\":"
      "{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":"
      "\"iVBO\"}}]}]}]}",
      "{\"model\":\"m\",\"max_output_tokens\":99,\"input\":[{\"type\":"
      "\"function_call\",\"call_id\":\"t1\",\"name\":\"shot\",\"arguments\":"
      "\"{}\"},{\"type\":\"function_call_output\",\"call_id\":\"t1\","
      "\"output\":[{\"type\":\"input_text\",\"text\":\"here\"},{\"type\":"
      "\"input_image\",\"image_url\":\"data:image/png;base64,iVBO\","
      "\"detail\":\"auto\"}]}],\"store\":false}" },
    { "T31 reasoning goes back to its own server, T26 no other's does", A,
      "{\"model\":\"m\",\"max_tokens\":99,\"messages\":[{\"role\":"
      "\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"t\","
      "\"signature\":\"ccp1.r.UMhYpA.~rs_1.gAAA\"},{\"type\":\"thinking\","
      "\"thinking\":\"u\",\"signature\":\"ccp1.g.UMhYpA.xx\"},{\"type\":"
      "\"thinking\",\"thinking\":\"v\",\"signature\":\"Eo\"},{\"type\":"
      "\"text\",\"text\":\"a\"}]},{\"role\":\"user\",\"content\":\"x\"}]}",
      "{\"model\":\"m\",\"max_output_tokens\":99,\"input\":[{\"type\":"
      "\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"type\":"
      "\"summary_text\",\"text\":\"t\"}],\"encrypted_content\":\"gAAA\"},"
      "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":"
      "\"output_text\",\"text\":\"a\",\"annotations\":[]}]},{\"role\":"
      "\"user\",\"content\":\"x\"}],\"store\":false}" },
    { "T22 a later system message stays in its place", C,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
      "\"one\"},{\"role\":\"developer\",\"content\":\"two\"},{\"role\":"
      "\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":"
      "\"y\"},{\"role\":\"system\",\"content\":\"three\"},{\"role\":"
      "\"user\",\"content\":\"z\"}]}",
      "{\"model\":\"m\",\"instructions\":\"one\",\"input\":[{\"role\":"
      "\"developer\",\"content\":\"two\"},{\"role\":\"user\",\"content\":"
      "\"x\"},{\"type\":\"message\",\"role\":\"assistant\",\"content\":"
      "[{\"type\":\"output_text\",\"text\":\"y\",\"annotations\":[]}]},"
      "{\"role\":\"developer\",\"content\":\"three\"},{\"role\":\"user\","
      "\"content\":\"z\"}],\"store\":false}" },
    { "Chat's custom tool, forced; a hosted search; JSON mode", C,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
      "\"x\"}],\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"p\","
      "\"format\":{\"type\":\"grammar\",\"grammar\":{\"syntax\":\"regex\","
      "\"definition\":\"a+\"}}}}],\"web_search_options\":{},"
      "\"tool_choice\":{\"type\":\"custom\",\"custom\":{\"name\":\"p\"}},"
      "\"parallel_tool_calls\":false,\"response_format\":{\"type\":"
      "\"json_object\"},\"seed\":1,\"user\":\"u\",\"service_tier\":\"flex\","
      "\"verbosity\":\"low\",\"prompt_cache_key\":\"k\"}",
      "{\"model\":\"m\",\"input\":[{\"role\":\"developer\",\"content\":"
      "\"Answer with one JSON object only.\"},{\"role\":\"user\","
      "\"content\":\"x\"}],\"tools\":[{\"type\":\"custom\",\"name\":\"p\","
      "\"format\":{\"type\":\"grammar\",\"syntax\":\"regex\","
      "\"definition\":\"a+\"}},{\"type\":\"web_search\"}],\"tool_choice\":"
      "{\"type\":\"custom\",\"name\":\"p\"},\"parallel_tool_calls\":false,"
      "\"text\":{\"format\":{\"type\":\"json_object\"},\"verbosity\":"
      "\"low\"},\"user\":\"u\",\"prompt_cache_key\":\"k\",\"service_tier\":"
      "\"flex\",\"store\":false}" },
    { "custom calls and their results in the history", C,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":"
      "null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"custom\",\"custom\":"
      "{\"name\":\"p\",\"input\":\"a\\nb\"}}]},{\"role\":\"tool\","
      "\"tool_call_id\":\"c1\",\"content\":\"ok\"}]}",
      "{\"model\":\"m\",\"input\":[{\"type\":\"custom_tool_call\","
      "\"call_id\":\"c1\",\"name\":\"p\",\"input\":\"a\\nb\"},{\"type\":"
      "\"custom_tool_call_output\",\"call_id\":\"c1\",\"output\":\"ok\"}],"
      "\"store\":false}" },
    { "T17 no choice without tools", C,
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
      "\"x\"}],\"tool_choice\":\"auto\",\"parallel_tool_calls\":true}",
      "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":\"x\"}],"
      "\"store\":false}" },
    { "what was packed for a Responses client is opened for its maker, or "
      "left out; all else stays as it was", R,
      "{\"model\":\"m\",\"previous_response_id\":\"resp_0\",\"input\":["
      "{\"type\":\"reasoning\",\"id\":\"rs_ours\",\"summary\":[],"
      "\"encrypted_content\":\"ccp1.r.UMhYpA.~rs_1.gAAA\"},{\"type\":"
      "\"reasoning\",\"id\":\"rs_o2\",\"summary\":[],\"encrypted_content\":"
      "\"ccp1.a.UMhYpA.Eo\"},{\"type\":\"reasoning\",\"id\":\"rs_2\","
      "\"summary\":[],\"encrypted_content\":\"gBBB\"},{\"role\":\"user\","
      "\"content\":\"x\",\"odd\":[1]}],\"client_metadata\":{\"a\":1}}",
      "{\"model\":\"m\",\"previous_response_id\":\"resp_0\",\"input\":["
      "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],"
      "\"encrypted_content\":\"gAAA\"},{\"type\":\"reasoning\",\"id\":"
      "\"rs_2\",\"summary\":[],\"encrypted_content\":\"gBBB\"},{\"role\":"
      "\"user\",\"content\":\"x\",\"odd\":[1]}],\"client_metadata\":"
      "{\"a\":1}}" }
};


static int
rs_try_out(const ccp_mem_t *mem, void *arg)
{
    int      rc;
    rs_x_t   u;
    size_t  *i = arg;

    rc = rs_open(&u, mem, rs_outs[*i].path, rs_outs[*i].in, CCP_RESPONSES,
                 NULL);
    rs_close(&u);

    return rc;
}


static int
rs_try_in(const ccp_mem_t *mem, void *arg)
{
    int          rc;
    char         body[4096];
    rs_x_t       u;
    size_t      *i = arg;

    snprintf(body, sizeof(body), "{\"model\":\"m\",\"input\":%s}",
             rs_inputs[*i].in);
    rc = rs_open(&u, mem, R, body, CCP_RESPONSES, NULL);
    rs_close(&u);

    return rc;
}


static void
rs_test_outs(void)
{
    int      rc;
    char    *s;
    rs_x_t   u;
    size_t   i;

    for (i = 0; i < sizeof(rs_outs) / sizeof(rs_outs[0]); i++) {
        rc = rs_open(&u, NULL, rs_outs[i].path, rs_outs[i].in, CCP_RESPONSES,
                     NULL);
        s = rc == CCP_OK ? ut_out_text(u.body) : ut_cstr(u.err.message);
        rc = ut_json_same(ccp_cstr(s), ccp_cstr(rs_outs[i].out));
        UT_CHECK(rc, "out: %s%s%s", rs_outs[i].what, rc ? "" : ": ",
                 rc ? "" : s);
        free(s);
        rs_close(&u);
        ut_fail_each("out: each allocation fails", rs_try_out, &i);
    }

    for (i = 0; i < sizeof(rs_inputs) / sizeof(rs_inputs[0]); i++) {
        ut_fail_each("in: each allocation fails", rs_try_in, &i);
    }
}


/* Demands that this protocol can't meet. */

static void
rs_test_demands(void)
{
    int      rc;
    char    *m;
    rs_x_t   u;
    size_t   i;

    static const struct {
        const char  *path;
        const char  *body;
        const char  *message;
    } t[] = {
        { C, "{\"model\":\"m\",\"n\":2,\"messages\":[{\"role\":\"user\","
             "\"content\":\"x\"}]}", "n: " },
        { A, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
             "\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":"
             "\"file\",\"file_id\":\"file_9\"}}]}]}", "file_9" },
        { A, "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"x\"}],\"tools\":[{\"type\":"
             "\"web_fetch_20250910\",\"name\":\"web_fetch\"}]}",
             "web_fetch" }
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        rc = rs_open(&u, NULL, t[i].path, t[i].body, CCP_RESPONSES, NULL);
        m = rc == CCP_INVALID ? ut_cstr(u.err.message) : strdup("taken");
        UT_CHECK(strstr(m, t[i].message) != NULL, "demand: %s", m);
        free(m);
        rs_close(&u);
    }
}


int
main(void)
{
    rs_test_inputs();
    rs_test_fields();
    rs_test_choice();
    rs_test_refusals();
    rs_test_outs();
    rs_test_demands();

    return ut_done();
}
