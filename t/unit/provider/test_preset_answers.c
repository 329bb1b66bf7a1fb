
/*
 * How providers without recordings spell reasoning, usage and ends (field
 * reference of the providers, 8, 9, 10 and 13), by each preset to a client of
 * each protocol, streamed and whole.
 */

#define _GNU_SOURCE

#include "ut_said.h"


typedef struct {
    const char  *preset;
    const char  *what;
    const char  *bytes;
    const char  *text;
    const char  *think;
    ccp_stop_e   stop;
    int          in;
    int          cached;
    int          out;
    int          reason;
} ut_answer_t;


#define CHUNK(delta, more)                                                    \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" delta more "}]}\n\n"

#define LAST(reason)   CHUNK("{}", ",\"finish_reason\":\"" reason "\"")

#define USAGE(usage)                                                          \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[],\"usage\":" usage "}\n\n"

#define DONE           "data: [DONE]\n\n"

#define WHOLE(message, usage)                                                 \
    "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":"   \
    "\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":" \
    message "}],\"usage\":" usage "}"


static const ut_answer_t  answers[] = {
    { "xai", "reasoning outside of completion_tokens, no total",
      WHOLE("{\"role\":\"assistant\",\"content\":\"Hi\","
            "\"reasoning_content\":\"Hm\"}",
            "{\"prompt_tokens\":496,\"completion_tokens\":77,"
            "\"completion_tokens_details\":{\"reasoning_tokens\":121}}"),
      "Hi", "Hm", CCP_STOP_END, 496, 0, 198, 121 },
    { "xai", "an empty finish reason is none (T53)",
      CHUNK("{\"role\":\"assistant\",\"content\":\"Hi\"}",
            ",\"finish_reason\":\"\"")
      CHUNK("{\"content\":\" you\"}", ",\"finish_reason\":\"\"")
      LAST("stop") USAGE("{\"prompt_tokens\":9,\"completion_tokens\":7}") DONE,
      "Hi you", "", CCP_STOP_END, 9, 0, 7, 0 },
    { "cerebras", "reasoning inside of completion_tokens, no total",
      WHOLE("{\"role\":\"assistant\",\"content\":\"Hi\","
            "\"reasoning\":\"Hm\"}",
            "{\"prompt_tokens\":9,\"completion_tokens\":77,"
            "\"completion_tokens_details\":{\"reasoning_tokens\":21}}"),
      "Hi", "Hm", CCP_STOP_END, 9, 0, 77, 21 },
    { "minimax", "reasoning in tags",
      CHUNK("{\"role\":\"assistant\",\"content\":\"<thi\"}", "")
      CHUNK("{\"content\":\"nk>Hm</th\"}", "")
      CHUNK("{\"content\":\"ink>\\n\\nHi\"}", "") LAST("stop")
      USAGE("{\"prompt_tokens\":9,\"completion_tokens\":7,"
            "\"total_tokens\":16}") DONE,
      "Hi", "Hm", CCP_STOP_END, 9, 0, 7, 0 },
    { "gemini-openai", "thoughts in tags",
      CHUNK("{\"role\":\"assistant\",\"content\":\"<thought>Hm</thought>Hi\"}",
            "") LAST("stop") DONE,
      "Hi", "Hm", CCP_STOP_END, 0, 0, 0, 0 },
    { "perplexity", "reasoning in tags, CR LF, no [DONE], usage each time",
      "data: {\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
      "\"assistant\",\"content\":\"<think>Hm</think>Hi\"},\"delta\":{\"role\":"
      "\"assistant\",\"content\":\"<think>Hm</think>Hi\"}}],\"usage\":"
      "{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12}}\r\n"
      "\r\ndata: {\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","
      "\"message\":{\"role\":\"assistant\",\"content\":"
      "\"<think>Hm</think>Hi you\"},\"delta\":{\"content\":\" you\"}}],"
      "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,"
      "\"total_tokens\":13,\"reasoning_tokens\":1}}\r\n\r\n",
      "Hi you", "Hm", CCP_STOP_END, 9, 0, 4, 1 },
    { "vllm", "reasoning",
      CHUNK("{\"role\":\"assistant\",\"reasoning\":\"Hm\"}", "")
      CHUNK("{\"content\":\"Hi\"}", "") LAST("stop")
      USAGE("{\"prompt_tokens\":9,\"completion_tokens\":7}") DONE,
      "Hi", "Hm", CCP_STOP_END, 9, 0, 7, 0 },
    { "sambanova", "reasoning",
      WHOLE("{\"role\":\"assistant\",\"content\":\"Hi\",\"reasoning\":\"Hm\"}",
            "{\"prompt_tokens\":9,\"completion_tokens\":7}"),
      "Hi", "Hm", CCP_STOP_END, 9, 0, 7, 0 },
    { "fireworks", "reasoning_content, cached tokens",
      WHOLE("{\"role\":\"assistant\",\"content\":\"Hi\","
            "\"reasoning_content\":\"Hm\"}",
            "{\"prompt_tokens\":90,\"completion_tokens\":7,\"total_tokens\":97,"
            "\"prompt_tokens_details\":{\"cached_tokens\":64}}"),
      "Hi", "Hm", CCP_STOP_END, 90, 64, 7, 0 },
    { "nvidia", "the same text under two names",
      CHUNK("{\"role\":\"assistant\",\"reasoning\":\"Hm\","
            "\"reasoning_content\":\"Hm\"}", "")
      CHUNK("{\"content\":\"Hi\"}", "") LAST("stop")
      USAGE("{\"prompt_tokens\":9,\"completion_tokens\":7}") DONE,
      "Hi", "Hm", CCP_STOP_END, 9, 0, 7, 0 },
    { "qwen", "empty text and null reasoning by turns",
      CHUNK("{\"role\":\"assistant\",\"content\":\"\"}", "")
      CHUNK("{\"content\":\"\",\"reasoning_content\":\"Hm\"}", "")
      CHUNK("{\"content\":\"Hi\",\"reasoning_content\":null}", "")
      LAST("stop")
      USAGE("{\"prompt_tokens\":90,\"completion_tokens\":7,"
            "\"prompt_tokens_details\":{\"cached_tokens\":64,"
            "\"cache_creation_input_tokens\":0}}") DONE,
      "Hi", "Hm", CCP_STOP_END, 90, 64, 7, 0 },
    { "moonshot", "usage inside the choice, cached_tokens at its top",
      CHUNK("{\"role\":\"assistant\",\"reasoning_content\":\"Hm\"}", "")
      CHUNK("{\"content\":\"Hi\"}", "")
      CHUNK("{}", ",\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":"
                  "90,\"completion_tokens\":7,\"cached_tokens\":64}") DONE,
      "Hi", "Hm", CCP_STOP_END, 90, 64, 7, 0 },
    { "deepseek", "blank lines first, hits of the cache",
      "\n\n  \n" WHOLE("{\"role\":\"assistant\",\"content\":\"Hi\","
            "\"reasoning_content\":\"Hm\"}",
            "{\"prompt_tokens\":90,\"completion_tokens\":7,"
            "\"prompt_cache_hit_tokens\":64,\"prompt_cache_miss_tokens\":26}"),
      "Hi", "Hm", CCP_STOP_END, 90, 64, 7, 0 },
    { "groq", "usage in x_groq alone",
      CHUNK("{\"role\":\"assistant\",\"content\":\"Hi\"}", "")
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},"
      "\"finish_reason\":\"stop\"}],\"x_groq\":{\"usage\":{\"prompt_tokens\":9,"
      "\"completion_tokens\":7,\"total_tokens\":16}}}\n\n" DONE,
      "Hi", "", CCP_STOP_END, 9, 0, 7, 0 },
    { "openrouter", "comments, usage with a choice, another's finish reason",
      ": OPENROUTER PROCESSING\n\n"
      CHUNK("{\"role\":\"assistant\",\"content\":\"\",\"reasoning\":\"Hm\","
            "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":"
            "\"Hm\"}]}", "")
      ": \n\n"
      CHUNK("{\"role\":\"assistant\",\"content\":\"Hi\"}", "")
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
      "\"assistant\",\"content\":\"\"},\"finish_reason\":\"length\","
      "\"native_finish_reason\":\"max_tokens\"}],\"usage\":{\"prompt_tokens\":"
      "90,\"completion_tokens\":7,\"cost\":0.1,\"prompt_tokens_details\":"
      "{\"cached_tokens\":64}}}\n\n" DONE,
      "Hi", "Hm", CCP_STOP_LENGTH, 90, 64, 7, 0 },
    { "together", "eos",
      CHUNK("{\"role\":\"assistant\",\"content\":\"Hi\"}", "") LAST("eos")
      USAGE("{\"prompt_tokens\":9,\"completion_tokens\":7}") DONE,
      "Hi", "", CCP_STOP_END, 9, 0, 7, 0 },
    { "zai", "sensitive",
      CHUNK("{\"role\":\"assistant\",\"content\":\"Hi\"}", "")
      LAST("sensitive")
      USAGE("{\"prompt_tokens\":9,\"completion_tokens\":7}") DONE,
      "Hi", "", CCP_STOP_FILTER, 9, 0, 7, 0 },
    { "mistral", "model_length, parts and text mixed",
      CHUNK("{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
            "\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]}]}", "")
      CHUNK("{\"content\":\"Hi\"}", "")
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},"
      "\"finish_reason\":\"model_length\"}],\"usage\":{\"prompt_tokens\":9,"
      "\"completion_tokens\":7,\"total_tokens\":16},\"p\":\"abc\"}\n\n" DONE,
      "Hi", "Hm", CCP_STOP_LENGTH, 9, 0, 7, 0 },
    { "llamacpp", "timings beside the usage",
      CHUNK("{\"role\":\"assistant\",\"reasoning_content\":\"Hm\"}", "")
      CHUNK("{\"content\":\"Hi\"}", "") LAST("stop")
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
      "\"completion_tokens\":7},\"timings\":{\"cache_n\":5}}\n\n" DONE,
      "Hi", "Hm", CCP_STOP_END, 9, 0, 7, 0 },
    { "huggingface", "zero usage in each chunk, the real one last",
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
      "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
      "\"Hi\"}}],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}\n\n"
      LAST("stop") USAGE("{\"prompt_tokens\":9,\"completion_tokens\":7}") DONE,
      "Hi", "", CCP_STOP_END, 9, 0, 7, 0 },
    { "azure", "an empty first chunk with the filter's results",
      "data: {\"id\":\"\",\"object\":\"\",\"created\":0,\"model\":\"\","
      "\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n"
      CHUNK("{\"role\":\"assistant\",\"content\":\"Hi\"}", "") LAST("stop")
      USAGE("{\"prompt_tokens\":9,\"completion_tokens\":7}") DONE,
      "Hi", "", CCP_STOP_END, 9, 0, 7, 0 },
    { "vercel", "reasoning and its details, cost as text",
      WHOLE("{\"role\":\"assistant\",\"content\":\"Hi\",\"reasoning\":\"Hm\","
            "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":"
            "\"Hm\",\"signature\":\"s\"}]}",
            "{\"prompt_tokens\":90,\"completion_tokens\":7,\"cost\":\"0.1\","
            "\"cache_creation_input_tokens\":0,\"prompt_tokens_details\":"
            "{\"cached_tokens\":64}}"),
      "Hi", "Hm", CCP_STOP_END, 90, 64, 7, 0 },
};


static void
answer(const ut_answer_t *a)
{
    int                    bad, stream;
    ut_said_t              want, got;
    ccp_str_t              bytes;
    ccp_head_t             head;
    const char            *diff;
    ccp_proto_e            client;
    ccp_try_t             *try;
    const ccp_provider_t  *pr;

    bad = 0;
    pr = ccp_provider_find(ccp_cstr(a->preset));

    memset(&want, 0, sizeof(want));
    want.text = (char *) a->text;
    want.think = (char *) a->think;
    want.calls = (char *) "";
    want.stop = a->stop;
    want.in = a->in;
    want.fresh = a->in - a->cached;
    want.cached = a->cached;
    want.out = a->out;
    want.reason = a->reason;

    for (client = 0; pr != NULL && client < CCP_NPROTO; client++) {
        for (stream = 0; stream < 2; stream++) {

            if (client == pr->proto) {
                continue;      /* it gets these very bytes */
            }

            try = ut_said_try(client, pr, stream);
            bytes = ut_said_feed(try, ccp_cstr(a->bytes), 200, 0, 5, &head);
            ut_said_read(&got, client, bytes, head.status);
            diff = ut_said_differs(client, &want, &got);

            if (diff == NULL && bytes.p != NULL
                && memmem(bytes.p, bytes.n, "<thi", 4) != NULL)
            {
                diff = "a tag is shown";
            }

            if (diff) {
                printf("# %s client, %s: %s\n", ut_protocols[client],
                       stream ? "stream" : "whole", diff);
                ut_said_print(&want, &got);
                bad++;
            }

            ut_said_free(&got);
            ut_said_close(try);
        }
    }

    UT_CHECK(pr != NULL && bad == 0, "%s: %s", a->preset, a->what);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        answer(&answers[i]);
    }

    UT_CHECK(ut_said_clean(), "nothing is left allocated");

    return ut_done();
}
