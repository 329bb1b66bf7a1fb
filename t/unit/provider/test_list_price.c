
/*
 * List prices of presets: the table is whole, and the right row is found.
 */

#include "codec/provider/provider_prices.h"
#include "ut.h"


static int64_t
ut_in(const char *preset, const char *model, int64_t prompt)
{
    ccp_str_t                name;
    const ccp_list_price_t  *p;

    p = ccp_list_price_first(preset);

    if (p == NULL) {
        return -2;
    }

    name = ccp_none;
    name.p = (const uint8_t *) model;
    name.n = strlen(model);

    p = ccp_list_price(p, name, prompt);

    return p ? p->in : -1;
}


static void
ut_rows(void)
{
    const ccp_list_price_t  *p;

    for (p = ccp_list_prices; p->presets; p++) {
        UT_CHECK(p->in >= 0 && p->out >= 0 && p->cached <= p->in
                 && p->write_1h >= p->write
                 && strlen(p->date) == 10,
                 "%s of %s", p->models, p->presets);
    }
}


int
main(void)
{
    ut_rows();

    UT_CHECK(ut_in("openai", "gpt-4o-mini", 10) == 150000000, "a model");
    UT_CHECK(ut_in("openai-responses", "gpt-4o-mini-2024-07-18", 10)
             == 150000000, "a dated one, of the other preset");
    UT_CHECK(ut_in("openai", "gpt-4o-2024-05-13", 10) == 5000000000,
             "a dated one with a price of its own");
    UT_CHECK(ut_in("anthropic", "claude-opus-4-6-20260205", 10) == 5000000000
             && ut_in("anthropic", "claude-opus-4-1", 10) == 15000000000,
             "the closer pattern comes first");
    UT_CHECK(ut_in("gemini", "gemini-2.5-pro", 200000) == 1250000000
             && ut_in("gemini", "gemini-2.5-pro", 200001) == 2500000000,
             "long prompts");
    UT_CHECK(ut_in("ollama", "anything", 10) == 0, "one's own hardware");
    UT_CHECK(ut_in("openai", "claude-opus-4-1", 10) == -1,
             "another preset's model");
    UT_CHECK(ut_in("perplexity", "sonar", 10) == -2, "a preset without");

    return ut_done();
}
