
/*
 * Token counts of Chat Completions, both ways.
 */

#include "codec/chat/chat_answer.h"
#include "codec/chat/chat.h"
#include "codec/json/json_write.h"


/* The first of three members that is a count. */

static int64_t
ccp_chat_dec_count(ccp_jval_t u, const char *name, const char *second,
    const char *third)
{
    int64_t  n;

    n = ccp_usage_count(u, name);

    if (n < 0 && second) {
        n = ccp_usage_count(u, second);
    }

    return n < 0 && third ? ccp_usage_count(u, third) : n;
}


/* Table 3.13: prompt_tokens hold what was cached and written. */

void
ccp_chat_dec_token_counts(ccp_usage_t *usage, ccp_jval_t u, int r_out)
{
    int         outside;
    int64_t     prompt, total;
    ccp_jval_t  in, out;

    *usage = ccp_usage_none;
    in = ccp_json_opt(u, "prompt_tokens_details");
    out = ccp_json_opt(u, "completion_tokens_details");
    prompt = ccp_chat_dec_count(u, "prompt_tokens", "input_tokens", NULL);
    total = ccp_usage_count(u, "total_tokens");

    usage->in_read = ccp_usage_count(in, "cached_tokens");

    if (usage->in_read < 0) {
        usage->in_read = ccp_chat_dec_count(u, "prompt_cache_hit_tokens",
                                            "cached_tokens",
                                            "num_cached_tokens");
    }

    usage->in_write = ccp_chat_dec_count(in, "cache_write_tokens",
                                         "cache_creation_input_tokens", NULL);

    if (usage->in_write < 0) {
        usage->in_write = ccp_usage_count(u, "cache_creation_input_tokens");
    }

    ccp_usage_split(usage, prompt);

    usage->out_total = ccp_chat_dec_count(u, "completion_tokens",
                                          "output_tokens", NULL);
    usage->out_reason = ccp_usage_count(out, "reasoning_tokens");

    if (usage->out_reason < 0) {
        usage->out_reason = ccp_usage_count(u, "reasoning_tokens");
    }

    if (r_out && usage->out_reason <= 0 && prompt >= 0
        && usage->out_total >= 0 && total > prompt + usage->out_total)
    {
        /* reasoning that the total alone tells of */
        usage->out_reason = total - prompt - usage->out_total;
    }

    if (usage->out_reason > 0 && usage->out_total >= 0) {
        outside = total >= 0
                  ? prompt + usage->out_total + usage->out_reason == total
                  : r_out;

        /* what holds more than the whole is no part of it */
        outside |= usage->out_reason > usage->out_total;

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
