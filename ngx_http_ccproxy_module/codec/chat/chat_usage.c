
/*
 * Token counts of Chat Completions, both ways.
 */

#include "codec/chat/chat_answer.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"


static int64_t
ccp_chat_dec_count(ccp_jval_t u, const char *name, const char *other)
{
    int64_t  n;

    n = ccp_json_int(ccp_json_opt(u, name), -1);

    if (n < 0 && other) {
        n = ccp_json_int(ccp_json_opt(u, other), -1);
    }

    return n;
}


/* Table 3.13: prompt_tokens hold what was cached and written. */

void
ccp_chat_dec_token_counts(ccp_usage_t *usage, ccp_jval_t u, int r_out)
{
    int64_t     prompt, total, outside;
    ccp_jval_t  in, out;

    *usage = ccp_usage_none;
    in = ccp_json_opt(u, "prompt_tokens_details");
    out = ccp_json_opt(u, "completion_tokens_details");
    prompt = ccp_chat_dec_count(u, "prompt_tokens", "input_tokens");
    total = ccp_chat_dec_count(u, "total_tokens", NULL);

    usage->in_read = ccp_chat_dec_count(in, "cached_tokens", NULL);

    if (usage->in_read < 0) {
        usage->in_read = ccp_chat_dec_count(u, "prompt_cache_hit_tokens",
                                            "cached_tokens");
    }

    usage->in_write = ccp_chat_dec_count(in, "cache_write_tokens",
                                         "cache_creation_input_tokens");

    if (usage->in_write < 0) {
        usage->in_write = ccp_chat_dec_count(u, "cache_creation_input_tokens",
                                             NULL);
    }

    usage->in_fresh = prompt;

    if (prompt >= 0 && usage->in_read > prompt) {
        /* seen of Grok; the prompt is what was counted as a whole */
        usage->in_read = prompt;
    }

    if (prompt >= 0) {
        usage->in_fresh -= usage->in_read > 0 ? usage->in_read : 0;
        usage->in_fresh -= usage->in_write > 0 ? usage->in_write : 0;
        usage->in_fresh = usage->in_fresh > 0 ? usage->in_fresh : 0;
    }

    usage->out_total = ccp_chat_dec_count(u, "completion_tokens",
                                          "output_tokens");
    usage->out_reason = ccp_chat_dec_count(out, "reasoning_tokens", NULL);

    if (usage->out_reason < 0) {
        usage->out_reason = ccp_chat_dec_count(u, "reasoning_tokens", NULL);
    }

    if (usage->out_reason > 0 && usage->out_total >= 0) {
        outside = total >= 0
                  ? prompt + usage->out_total + usage->out_reason == total
                  : r_out;

        usage->out_total += outside ? usage->out_reason : 0;
    }
}


static int64_t
ccp_chat_known_or_zero(int64_t n)
{
    return n > 0 ? n : 0;
}


void
ccp_chat_enc_usage(ccp_out_t *out, const ccp_usage_t *u)
{
    int64_t  in, gen, read, written;

    read = ccp_chat_known_or_zero(u->in_read);
    written = ccp_chat_known_or_zero(u->in_write);
    in = ccp_chat_known_or_zero(u->in_fresh) + read + written
         + ccp_chat_known_or_zero(u->in_tool);
    gen = ccp_chat_known_or_zero(u->out_total);

    ccp_w_obj(out);
    ccp_w_kint(out, "prompt_tokens", in);
    ccp_w_kint(out, "completion_tokens", gen);
    ccp_w_kint(out, "total_tokens", in + gen);

    if (read || written) {
        ccp_w_key(out, "prompt_tokens_details");
        ccp_w_obj(out);
        ccp_w_kint(out, "cached_tokens", read);

        if (written) {
            ccp_w_kint(out, "cache_write_tokens", written);
        }

        ccp_w_obj_end(out);
    }

    if (u->out_reason > 0) {
        ccp_w_key(out, "completion_tokens_details");
        ccp_w_obj(out);
        ccp_w_kint(out, "reasoning_tokens", u->out_reason);
        ccp_w_obj_end(out);
    }

    ccp_w_obj_end(out);
}
