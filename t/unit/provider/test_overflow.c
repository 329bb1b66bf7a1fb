
/*
 * Wordings of prompts that are too long: class, the numbers, and what an
 * Anthropic client, which compacts or asks for less by them, is told.
 */

#include "codec/base/base_match.h"
#include "codec/json/json_out.h"
#include "codec/anthropic/anthropic_words.h"
#include "codec/provider/provider_error.h"
#include "ut.h"


static const struct {
    const char  *message;
    const char  *told;         /* the beginning of what a client reads */
} ut_texts[] = {
    { "prompt is too long: 207000 tokens > 200000 maximum",
      "prompt is too long: 207000 tokens > 200000 maximum\"" },
    { "input length and `max_tokens` exceed context limit: 190000 + 20000 > "
      "200000, decrease input length or `max_tokens` and try again",
      "input length and `max_tokens` exceed context limit: 190000 + 20000 > "
      "200000, decrease" },
    { "Too many input tokens. Max input tokens: 128000, request input token "
      "count: 130011", "prompt is too long: 130011 tokens > 128000 maximum" },
    { "Input is too long for requested model.", "prompt is too long: Input" },

    /* of four numbers the window's is the limit */
    { "This model's maximum context length is 8192 tokens. However, you "
      "requested 9000 tokens (8900 in the messages, 100 in the completion).",
      "prompt is too long: 9000 tokens > 8192 maximum: This" },
    { "This model's maximum context length is 128,000 tokens. However, your "
      "messages resulted in 130,500 tokens.",
      "prompt is too long: 130500 tokens > 128000 maximum" },
    { "This endpoint's maximum context length is 262144 tokens. However, you "
      "requested about 305138 tokens (281533 of text input, 7605 of tool "
      "input, 16000 in the output).",
      "prompt is too long: 305138 tokens > 262144 maximum" },

    /* the prompt fits: less output is what helps */
    { "This model's maximum context length is 32768 tokens. However, you "
      "requested 37000 tokens (5000 in the messages, 32000 in the "
      "completion).",
      "input length and `max_tokens` exceed context limit: 5000 + 32000 > "
      "32768, decrease input length or `max_tokens` and try again" },
    { "'max_tokens' or 'max_completion_tokens' is too large: 32000. This "
      "model's maximum context length is 32768 tokens and your request has "
      "5000 input tokens (32000 > 32768 - 5000).",
      "input length and `max_tokens` exceed context limit: 5000 + 32000 > "
      "32768" },
    { "You passed 4000 input tokens and requested 30000 output tokens. "
      "However, the model's context length is only 32768 tokens, resulting "
      "in a maximum input length of 2768 tokens.",
      "input length and `max_tokens` exceed context limit: 4000 + 30000 > "
      "32768" },
    { "Input validation error: `inputs` tokens + `max_new_tokens` must be <= "
      "32768. Given: 10000 `inputs` tokens and 30000 `max_new_tokens`",
      "input length and `max_tokens` exceed context limit: 10000 + 30000 > "
      "32768" },

    { "The prompt (total length 40000) is too long to fit into the model "
      "(context length 32768).",
      "prompt is too long: 40000 tokens > 32768 maximum" },
    { "The decoder prompt (length 40000) is longer than the maximum model "
      "length of 32768.", "prompt is too long: 40000 tokens > 32768 maximum" },
    { "The input (263000 tokens) is longer than the model's context length "
      "(262144 tokens).",
      "prompt is too long: 263000 tokens > 262144 maximum" },
    { "Requested token count exceeds the model's maximum context length of "
      "32768 tokens. You requested a total of 40000 tokens: 39000 tokens "
      "from the input messages and 1000 tokens for the completion.",
      "prompt is too long: 40000 tokens > 32768 maximum" },
    { "The prompt is too long: 140000, model maximum context length: 131071",
      "prompt is too long: 140000 tokens > 131071 maximum: The" },
    { "request (40000 tokens) exceeds the available context size (32768 "
      "tokens), try increasing it",
      "prompt is too long: 40000 tokens > 32768 maximum" },
    { "Trying to keep the first 9000 tokens when context the overflows. "
      "However, the model is loaded with context length of only 4096 tokens",
      "prompt is too long: 9000 tokens > 4096 maximum" },
    { "prompt too long; exceeded max context length by 4000 tokens",
      "prompt is too long: prompt too long" },
    { "prompt token count of 74490 exceeds the limit of 72000",
      "prompt is too long: 74490 tokens > 72000 maximum" },
    { "The input token count (1200000) exceeds the maximum number of tokens "
      "allowed (1048576).",
      "prompt is too long: 1200000 tokens > 1048576 maximum" },
    { "This model's maximum prompt length is 131072 but the request contains "
      "537812 tokens.", "prompt is too long: 537812 tokens > 131072 maximum" },
    { "Prompt contains 65673 tokens and 0 draft tokens, too large for model "
      "with 32768 maximum context length",
      "prompt is too long: 65673 tokens > 32768 maximum" },
    { "too many tokens: total number of tokens in the prompt cannot exceed "
      "4081 - received 5000. Try using a shorter prompt",
      "prompt is too long: 5000 tokens > 4081 maximum" },
    { "Your request exceeded model token limit: 262144 (requested: 270000)",
      "prompt is too long: 270000 tokens > 262144 maximum" },
    { "invalid params, context window exceeds limit (2013)",
      "prompt is too long: invalid" },
    { "Range of input length should be [1, 30720]",
      "prompt is too long: Range" },
    { "Please reduce the length of the messages or completion. Current "
      "length is 9000 while limit is 8192",
      "prompt is too long: 9000 tokens > 8192 maximum" }
};


/* What isn't about the window. */

static const char *const  ut_others[] = {
    "max_tokens: 64000 > 8192, which is the maximum allowed number of output "
        "tokens",
    "context_management: unknown field",
    "messages: at most 100000 are allowed, 100001 given"
};


static void
ut_overflow(const ccp_mem_t *mem, size_t k)
{
    ccp_out_t     out;
    ccp_error_t   e;
    ccp_arena_t  *a;
    ccp_str_t     doc, want;

    a = ccp_arena_create(mem, 0);

    if (a == NULL
        || ccp_error_read(&e, a, 400, ccp_cstr(ut_texts[k].message), ccp_none)
           != CCP_OK)
    {
        abort();
    }

    UT_CHECK(e.cls == CCP_E_TOO_LONG, "class %d: %.60s", (int) e.cls,
             ut_texts[k].message);

    ccp_out_init(&out, a, 0);

    if (ccp_anthropic_enc_error_document(&e, ccp_none, &out) != CCP_OK
        || ccp_out_finish(&out) != CCP_OK)
    {
        abort();
    }

    doc = ccp_out_all(&out);
    want = ccp_cstr(ut_texts[k].told);
    doc.p = ccp_str_after(doc, ccp_lit("\"message\":\""));

    UT_CHECK(doc.p && strncmp((const char *) doc.p,
                              (const char *) want.p, want.n) == 0,
             "%.90s", doc.p ? (const char *) doc.p : "none");

    ccp_arena_destroy(a);
}


int
main(void)
{
    size_t        i;
    ut_mem_t      um;
    ccp_mem_t     mem;
    ccp_error_t   e;
    ccp_arena_t  *a;

    ut_mem_init(&um);
    mem = ut_mem(&um);

    for (i = 0; i < ccp_countof(ut_texts); i++) {
        ut_overflow(&mem, i);
    }

    for (i = 0; i < ccp_countof(ut_others); i++) {
        a = ccp_arena_create(&mem, 0);

        if (a == NULL
            || ccp_error_read(&e, a, 400, ccp_cstr(ut_others[i]), ccp_none)
               != CCP_OK)
        {
            abort();
        }

        UT_CHECK(e.cls == CCP_E_BAD_REQUEST, "not too long: %s",
                 ut_others[i]);
        ccp_arena_destroy(a);
    }

    return ut_done();
}
