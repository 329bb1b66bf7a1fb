
/*
 * Providers as data.  A new provider is one row here; a column that is left
 * out has its default (provider.h).  Rows and rules state what providers
 * document or were seen to do in 2026; users override them by `quirk`.
 */

#include "codec/provider/provider_table.h"


/* What a preset and the plain row of its protocol have in common. */

#define CCP_ANTHROPIC_COLUMNS                                                 \
    .name = "anthropic", .proto = CCP_ANTHROPIC,                              \
    .tools_proto = CCP_NPROTO, .auth = CCP_AUTH_X_API_KEY,                    \
    .head = "anthropic-version:2023-06-01", .max_req = 8192, .temp_hi = 1,    \
    .sampling = CCP_DROP_IF_THINKING,                                         \
    .doc = CCP_DOC_ANTHROPIC, .think = CCP_RZ_ADAPTIVE,                       \
    .effort = "minimal:low,low:low,medium:medium,high:high,xhigh:xhigh,"      \
              "max:max",                                                      \
    .think_off = CCP_OFF_DISABLED, .replay = CCP_RP_THINKING,                 \
    .id = CCP_ID_SAFE64, .cache = CCP_CC_KEEP

#define CCP_RESPONSES_COLUMNS                                                 \
    .proto = CCP_RESPONSES, .tools_proto = CCP_NPROTO,                        \
    .max_lo = 16,                                                             \
    .drop = "=stop,n,seed,presence_penalty,frequency_penalty,logit_bias",     \
    .id = CCP_ID_SAFE64,                                                      \
    .schema = CCP_SCHEMA_TIDY, .doc = CCP_DOC_FILE,                           \
    .think = CCP_RZ_EFFORT_RESP, .think_off = CCP_OFF_EFFORT,                 \
    .replay = CCP_RP_ITEMS

#define CCP_GEMINI_COLUMNS                                                    \
    .name = "gemini", .proto = CCP_GEMINI, .tools_proto = CCP_NPROTO,         \
    .auth = CCP_AUTH_X_GOOG_API_KEY,                                          \
    .stop_max = 5, .doc = CCP_DOC_INLINE, .think = CCP_RZ_LEVEL_GEMINI,       \
    .replay = CCP_RP_SIGNATURE

#define CCP_OLLAMA_COLUMNS                                                    \
    .name = "ollama", .proto = CCP_OLLAMA, .tools_proto = CCP_NPROTO,         \
    .auth = CCP_AUTH_NONE, .img = CCP_IMG_DATA, .think = CCP_RZ_OLLAMA,       \
    .effort = "minimal:low,low:low,medium:medium,high:high,xhigh:max,max:max",\
    .think_off = CCP_OFF_FALSE, .replay = CCP_RP_THINKING,                    \
    .replay_when = CCP_WHEN_TOOL_TURNS, .call_text = 1


/* Providers with more than one site: the keys of one are unknown at the
 * other. */

#define CCP_MOONSHOT_COLUMNS                                                  \
    .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,                             \
    .max_field = "max_completion_tokens", .drop = "+seed",                    \
    .sampling = CCP_DROP, .tc_think = CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE,      \
    .par = "-", .strict = CCP_STRICT_DROP, .schema = CCP_SCHEMA_MFJS,         \
    .prefill = CCP_PREFILL_PARTIAL, .think = CCP_RZ_TYPE,                     \
    .effort = "minimal:low,low:low,medium:high,high:high,xhigh:max,max:max",  \
    .think_off = CCP_OFF_DISABLED, .replay = CCP_RP_REASONING_CONTENT,        \
    .replay_when = CCP_WHEN_ALWAYS, .replay_empty = 1,                        \
    .e_ctx = "exceeded model token limit", .cache = CCP_CC_AUTO_KEY,          \
    .cache_key = "prompt_cache_key", .think_default = 1,                      \
    .e_money = "402,403/balance,429/exceeded_current_quota",                  \
    .e_over = "503,429/overloaded", .no_embed = 1

#define CCP_QWEN_COLUMNS                                                      \
    .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,                             \
    .drop = "+frequency_penalty", .samplers = "top_k,repetition_penalty",     \
    .tc = CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE | CCP_TC_BIT_FUNCTION,            \
    .tc_think = CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE,                            \
    .prefill = CCP_PREFILL_PARTIAL,                                           \
    .schema = CCP_SCHEMA_INLINE, .think = CCP_RZ_ENABLE_THINKING,             \
    .think_off = CCP_OFF_FALSE, .e_ctx = "Range of input length",             \
    .cache = CCP_CC_KEEP_TEXT,                                                \
    .e_money = "402,400/Arrearage,403/FreeTierOnly"

#define CCP_ZAI_COLUMNS                                                       \
    .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,                             \
    .drop = "+presence_penalty,frequency_penalty,seed,n,user,logprobs,"       \
            "top_logprobs",                                                   \
    .temp_open = 1, .temp_hi = 1, .stop_max = 1,                              \
    .tc = CCP_TC_BIT_AUTO, .par = "-",                                        \
    .strict = CCP_STRICT_DROP, .no_msg_name = 1, .fmt_no_schema = 1,          \
    .think = CCP_RZ_TYPE, .think_off = CCP_OFF_DISABLED,                      \
    .think_extra = "tool_stream:true", .replay = CCP_RP_REASONING_CONTENT,    \
    .replay_when = CCP_WHEN_TOOL_TURNS,                                       \
    .e_ctx = "model_context_window_exceeded|exceeds max length",              \
    .think_default = 1, .e_money = "402,429/1113"

#define CCP_ZAI_ANTHROPIC_COLUMNS                                             \
    .proto = CCP_ANTHROPIC, .tools_proto = CCP_NPROTO,                        \
    .auth = CCP_AUTH_X_API_KEY, .max_req = 8192, .temp_open = 1,              \
    .temp_hi = 1, .think = CCP_RZ_TYPE, .think_off = CCP_OFF_DISABLED,        \
    .think_default = 1, .replay = CCP_RP_THINKING,                            \
    .e_money = "402,429/1113", .no_embed = 1, .no_threads = 1

#define CCP_MINIMAX_COLUMNS                                                   \
    .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,                             \
    .max_field = "max_completion_tokens",                                     \
    .drop = "+presence_penalty,frequency_penalty", .temp_open = 1,            \
    .temp_hi = 1, .tc = CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE, .par = "-",        \
    .strict = CCP_STRICT_DROP, .fmt_no_object = 1, .fmt_no_schema = 1,        \
    .think = CCP_RZ_ADAPTIVE, .think_off = CCP_OFF_DISABLED,                  \
    .think_extra = "reasoning_split:true", .replay = CCP_RP_DETAILS,          \
    .replay_when = CCP_WHEN_ALWAYS, .e_ctx = "context window exceeds limit",  \
    .think_default = 1, .think_tags = 1


/* Providers without a preset: the protocol as its vendor documents it. */

const ccp_provider_t  ccp_provider_plains[CCP_NPROTO] = {
    [CCP_ANTHROPIC] = { CCP_ANTHROPIC_COLUMNS },
    [CCP_CHAT] = {
        .name = "chat", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .drop = "=", .schema = CCP_SCHEMA_TIDY,
        .doc = CCP_DOC_FILE, .think = CCP_RZ_EFFORT,
        .replay = CCP_RP_REASONING_CONTENT,
        .replay_when = CCP_WHEN_TOOL_TURNS, .think_tags = 1,
        .call_text = 1
    },
    [CCP_RESPONSES] = { .name = "responses", CCP_RESPONSES_COLUMNS },
    [CCP_GEMINI] = { CCP_GEMINI_COLUMNS, .schema = CCP_SCHEMA_TIDY },
    [CCP_OLLAMA] = { CCP_OLLAMA_COLUMNS },
};


const ccp_provider_t  ccp_provider_rows[] = {
    {
        .name = "openai", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .search_proto = CCP_RESPONSES + 1,
        .base = "https://api.openai.com/v1", .env = "OPENAI_API_KEY",
        .vars = "OPENAI",
        .max_field = "max_completion_tokens", .drop = "=",
        .id = CCP_ID_MAX40, .schema = CCP_SCHEMA_TIDY, .doc = CCP_DOC_FILE,
        .think = CCP_RZ_EFFORT,
        .effort =
            "minimal:minimal,low:low,medium:medium,high:high,xhigh:xhigh,"
            "max:xhigh",
        .think_off = CCP_OFF_EFFORT, .cache = CCP_CC_AUTO_KEY,
        .cache_key = "prompt_cache_key",
        .cite = "https://developers.openai.com/api/reference",
        .also = "r:"
    },
    {
        .name = "openai-responses", CCP_RESPONSES_COLUMNS,
        .base = "https://api.openai.com/v1", .env = "OPENAI_API_KEY",
        .cache = CCP_CC_AUTO_KEY, .cache_key = "prompt_cache_key",
        .cite = "https://developers.openai.com/api/reference/responses",
        .also = "c:"
    },
    {
        CCP_ANTHROPIC_COLUMNS,
        .base = "https://api.anthropic.com/v1", .env = "ANTHROPIC_API_KEY",
        .cite = "https://platform.claude.com/docs/en/api",
        .e_money = "402,400/credit balance",
        .no_embed = 1
    },
    {
        CCP_GEMINI_COLUMNS,
        .base = "https://generativelanguage.googleapis.com/v1beta",
        .env = "GEMINI_API_KEY,GOOGLE_API_KEY", .vars = "GEMINI",
        .schema = CCP_SCHEMA_SUBSET,
        .cite = "https://ai.google.dev/api",
        .also =
            "c:https://generativelanguage.googleapis.com/v1beta/openai",
        .e_key = "401,403,400/API_KEY_INVALID",
        .e_money = "402,429/PerDay"
    },
    {
        .name = "gemini-openai", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://generativelanguage.googleapis.com/v1beta/openai",
        .env = "GEMINI_API_KEY,GOOGLE_API_KEY", .schema = CCP_SCHEMA_SUBSET,
        .think = CCP_RZ_EFFORT, .think_off = CCP_OFF_EFFORT,
        .replay = CCP_RP_EXTRA_CONTENT, .replay_when = CCP_WHEN_ALWAYS,
        .think_tags = 1, .r_out = 1,
        .cite = "https://ai.google.dev/gemini-api/docs/openai",
        .e_key = "401,403,400/API_KEY_INVALID",
        .e_money = "402,429/PerDay"
    },
    {
        .name = "groq", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.groq.com/openai/v1", .env = "GROQ_API_KEY",
        .vars = "GROQ",
        .drop = "+logprobs,top_logprobs", .drop_format = 1, .no_msg_name = 1,
        .think = CCP_RZ_EFFORT, .replay = CCP_RP_REASONING,
        .replay_when = CCP_WHEN_TOOL_TURNS,
        .cite = "https://console.groq.com/docs/openai",
        .also = "r:",
        .e_over = "503,498",
        .e_ctx_st = "400",
        .no_embed = 1
    },
    {
        .name = "openrouter", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://openrouter.ai/api/v1", .env = "OPENROUTER_API_KEY",
        .vars = "OPENROUTER",
        .doc = CCP_DOC_FILE, .think = CCP_RZ_OBJECT,
        .effort =
            "minimal:minimal,low:low,medium:medium,high:high,xhigh:xhigh,"
            "max:xhigh",
        .think_off = CCP_OFF_EFFORT, .replay = CCP_RP_DETAILS,
        .replay_when = CCP_WHEN_ALWAYS, .cache = CCP_CC_KEEP_TEXT,
        .cache_key = "session_id",
        .cite = "https://openrouter.ai/docs/api-reference",
        .also = "r:,a:https://openrouter.ai/api/v1",
        .e_over = "502,503",
        .samplers = "top_k,min_p,repetition_penalty"
    },
    {
        .name = "xai", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .search_proto = CCP_RESPONSES + 1,
        .base = "https://api.x.ai/v1", .env = "XAI_API_KEY",
        .vars = "XAI",
        .drop = "+presence_penalty,frequency_penalty", .stop_max = -1,
        .par = "parallel_function_calling", .think = CCP_RZ_EFFORT,
        .think_off = CCP_OFF_EFFORT, .r_out = 1,
        .e_ctx = "maximum prompt length is",
        .cache_key = "header:x-grok-conv-id",
        .cite = "https://docs.x.ai/docs/api-reference",
        .also = "r:",
        .e_key = "401,403,400/Incorrect API key"
    },
    {
        .name = "mistral", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.mistral.ai/v1", .env = "MISTRAL_API_KEY",
        .vars = "MISTRAL",
        .drop = "+user,logprobs,top_logprobs", .rename = "seed:random_seed\0",
        .no_stream_opts = 1, .tc_any = "any", .id = CCP_ID_ALNUM9,
        .res_name = 1, .bridge = 1, .prefill = CCP_PREFILL_PREFIX,
        .no_msg_name = 1, .img = CCP_IMG_PLAIN,
        .doc = CCP_DOC_URL, .replay = CCP_RP_ARRAY,
        .replay_when = CCP_WHEN_TOOL_TURNS,
        .e_ctx = "too large for model with", .cache_key = "header:x-affinity",
        .cite = "https://docs.mistral.ai/api"
    },
    {
        CCP_OLLAMA_COLUMNS,
        .base = "http://localhost:11434", .env = "OLLAMA_API_KEY",
        .vars = "OLLAMA",
        .cite = "https://docs.ollama.com/api",
        .also = "c:http://localhost:11434/v1"
    },
    {
        .name = "ollama-v1", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "http://localhost:11434/v1", .env = "OLLAMA_API_KEY",
        .auth = CCP_AUTH_NONE, .drop = "+user,n,logprobs,top_logprobs",
        .tc = CCP_TC_BIT_NEVER,
        .par = "-", .strict = CCP_STRICT_DROP, .img = CCP_IMG_DATA,
        .think = CCP_RZ_EFFORT,
        .effort =
            "minimal:low,low:low,medium:medium,high:high,xhigh:max,max:max",
        .think_off = CCP_OFF_EFFORT, .replay = CCP_RP_REASONING,
        .replay_when = CCP_WHEN_TOOL_TURNS, .call_text = 1,
        .cite = "https://docs.ollama.com/api/openai-compatibility",
        .also = "r:,a:http://localhost:11434/v1"
    },
    {
        .name = "deepseek", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.deepseek.com/v1", .env = "DEEPSEEK_API_KEY",
        .drop = "+seed,n", .rename = "user:user_id\0",
        .tc_think = CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE,
        .strict = CCP_STRICT_DROP, .fmt_no_schema = 1, .img = CCP_IMG_NONE,
        .think = CCP_RZ_TYPE_EFFORT,
        .effort =
            "minimal:low,low:low,medium:high,high:high,xhigh:high,max:max",
        .think_off = CCP_OFF_DISABLED, .replay = CCP_RP_REASONING_CONTENT,
        .replay_when = CCP_WHEN_ALWAYS, .replay_empty = 1,
        .e_ctx = "maximum context length", .think_default = 1,
        .cite = "https://api-docs.deepseek.com",
        .also = "r:,a:https://api.deepseek.com/anthropic/v1",
        .no_embed = 1
    },
    {
        .name = "deepseek-anthropic", .proto = CCP_ANTHROPIC,
        .tools_proto = CCP_NPROTO,
        .base = "https://api.deepseek.com/anthropic/v1",
        .env = "DEEPSEEK_API_KEY", .auth = CCP_AUTH_X_API_KEY, .max_req = 8192,
        .img = CCP_IMG_NONE,
        .think = CCP_RZ_TYPE_EFFORT,
        .effort =
            "minimal:low,low:low,medium:high,high:high,xhigh:high,max:max",
        .think_off = CCP_OFF_DISABLED, .replay = CCP_RP_THINKING,
        .think_default = 1,
        .cite = "https://api-docs.deepseek.com/guides/anthropic_api",
        .no_embed = 1, .no_threads = 1
    },
    {
        .name = "azure", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .search_proto = CCP_RESPONSES + 1,
        .base = "https://RESOURCE.openai.azure.com/openai/v1",
        .env = "AZURE_OPENAI_API_KEY", .auth = CCP_AUTH_API_KEY,
        .max_field = "max_completion_tokens", .drop = "=",
        .id = CCP_ID_MAX40, .schema = CCP_SCHEMA_TIDY, .think = CCP_RZ_EFFORT,
        .cache = CCP_CC_AUTO_KEY, .cache_key = "prompt_cache_key",
        .cite = "https://learn.microsoft.com/azure/ai-foundry/openai/reference",
        .also = "r:"
    },
    {
        .name = "azure-deployments", .like = "azure", .proto = CCP_CHAT,
        .tools_proto = CCP_NPROTO,
        .base = "https://RESOURCE.openai.azure.com/openai",
        .env = "AZURE_OPENAI_API_KEY", .auth = CCP_AUTH_API_KEY,
        .path = "/deployments/{model}{path}",
        .query = "api-version=2024-10-21",
        .max_field = "max_completion_tokens", .drop = "=",
        .id = CCP_ID_MAX40, .schema = CCP_SCHEMA_TIDY, .think = CCP_RZ_EFFORT,
        .cache = CCP_CC_AUTO_KEY, .cache_key = "prompt_cache_key",
        .cite = "https://learn.microsoft.com/azure/ai-foundry/openai/reference"
    },
    {
        .name = "together", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.together.xyz/v1",
        .env = "TOGETHER_API_KEY,TOGETHER_AI_API_KEY", .drop = "-logit_bias",
        .think = CCP_RZ_EFFORT, .replay = CCP_RP_REASONING,
        .replay_when = CCP_WHEN_TOOL_TURNS,
        .e_ctx = "must be less than the context length", .think_tags = 1,
        .cite = "https://docs.together.ai/docs/openai-api-compatibility",
        .also = "r:",
        .e_key = "401",
        .e_ctx_st = "400,403,413,422",
        .samplers = "top_k,min_p,repetition_penalty"
    },
    {
        .name = "fireworks", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.fireworks.ai/inference/v1",
        .env = "FIREWORKS_API_KEY", .drop = "+user", .think = CCP_RZ_EFFORT,
        .think_off = CCP_OFF_EFFORT, .replay = CCP_RP_REASONING_CONTENT,
        .replay_when = CCP_WHEN_TOOL_TURNS, .cache = CCP_CC_AUTO_KEY,
        .cache_key = "prompt_cache_key", .think_tags = 1,
        .cite = "https://docs.fireworks.ai/tools-sdks/openai-compatibility",
        .also = "r:",
        .samplers = "top_k,min_p,repetition_penalty"
    },
    {
        .name = "cerebras", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.cerebras.ai/v1", .env = "CEREBRAS_API_KEY",
        .max_field = "max_completion_tokens",
        .drop = "+frequency_penalty,presence_penalty", .temp_hi = 1.5,
        .par = "-", .strict = CCP_STRICT_UNIFORM, .drop_format = 1,
        .think = CCP_RZ_EFFORT, .replay = CCP_RP_REASONING,
        .replay_when = CCP_WHEN_TOOL_TURNS, .e_ctx = "^$",
        .cite = "https://inference-docs.cerebras.ai/resources/openai",
        .no_embed = 1
    },
    {
        .name = "nvidia", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://integrate.api.nvidia.com/v1", .env = "NVIDIA_API_KEY",
        .drop = "+user,presence_penalty,frequency_penalty", .par = "-",
        .strict = CCP_STRICT_DROP, .asst_str = 1,
        .think = CCP_RZ_TEMPLATE_EFFORT, .effort = "*:",
        .think_off = CCP_OFF_FALSE, .replay = CCP_RP_REASONING_CONTENT,
        .replay_when = CCP_WHEN_TOOL_TURNS, .call_text = 1,
        .cite = "https://docs.api.nvidia.com/nim/reference/llm-apis"
    },
    {
        .name = "moonshot", CCP_MOONSHOT_COLUMNS,
        .base = "https://api.moonshot.ai/v1",
        .env = "MOONSHOT_API_KEY,KIMI_API_KEY",
        .cite = "https://platform.moonshot.ai/docs/api/chat",
        .also = "r:,a:https://api.moonshot.ai/anthropic/v1"
    },
    {
        .name = "moonshot-cn", CCP_MOONSHOT_COLUMNS,
        .like = "moonshot",
        .base = "https://api.moonshot.cn/v1",
        .env = "MOONSHOT_API_KEY,KIMI_API_KEY",
        .cite = "https://platform.moonshot.ai/docs/api/chat",
        .also = "r:"
    },
    {
        .name = "moonshot-anthropic", .proto = CCP_ANTHROPIC,
        .tools_proto = CCP_NPROTO,
        .base = "https://api.moonshot.ai/anthropic/v1",
        .env = "MOONSHOT_API_KEY,KIMI_API_KEY", .auth = CCP_AUTH_X_API_KEY,
        .max_req = 8192, .sampling = CCP_DROP,
        .schema = CCP_SCHEMA_MFJS, .think = CCP_RZ_TYPE,
        .think_off = CCP_OFF_DISABLED,
        .replay = CCP_RP_THINKING,
        .think_default = 1,
        .cite = "https://platform.moonshot.ai/docs/guide/agent-support",
        .no_embed = 1, .no_threads = 1
    },
    {
        .name = "kimi-coding", .proto = CCP_ANTHROPIC,
        .tools_proto = CCP_NPROTO, .base = "https://api.kimi.com/coding/v1",
        .env = "KIMI_API_KEY,KIMI_CODING_API_KEY", .auth = CCP_AUTH_X_API_KEY,
        .max_req = 8192, .sampling = CCP_DROP,
        .schema = CCP_SCHEMA_MFJS, .think = CCP_RZ_TYPE,
        .think_off = CCP_OFF_DISABLED, .think_default = 1,
        .replay = CCP_RP_THINKING,
        .cite = "https://www.kimi.com/code/docs",
        .e_money = "402,403/usage limit",
        .no_embed = 1, .no_threads = 1
    },
    {
        .name = "qwen", CCP_QWEN_COLUMNS,
        .base = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        .env = "DASHSCOPE_API_KEY,ALIBABA_API_KEY,QWEN_API_KEY",
        .cite = "https://www.alibabacloud.com/help/en/model-studio/"
            "compatibility-of-openai-with-dashscope",
        .also = "r:"
    },
    {
        .name = "qwen-cn", CCP_QWEN_COLUMNS,
        .like = "qwen",
        .base = "https://dashscope.aliyuncs.com/compatible-mode/v1",
        .env = "DASHSCOPE_API_KEY,ALIBABA_API_KEY,QWEN_API_KEY",
        .cite = "https://www.alibabacloud.com/help/en/model-studio/"
            "compatibility-of-openai-with-dashscope",
        .also = "r:"
    },
    {
        .name = "zai", CCP_ZAI_COLUMNS,
        .base = "https://api.z.ai/api/paas/v4",
        .env = "ZAI_API_KEY,ZHIPU_API_KEY,Z_AI_API_KEY",
        .cite = "https://docs.z.ai/api-reference",
        .also = "a:https://api.z.ai/api/anthropic/v1"
    },
    {
        .name = "zai-coding", CCP_ZAI_COLUMNS,
        .like = "zai",
        .base = "https://api.z.ai/api/coding/paas/v4",
        .env = "ZAI_API_KEY,ZHIPU_API_KEY,Z_AI_API_KEY",
        .cite = "https://docs.z.ai/api-reference",
        .also = "a:https://api.z.ai/api/anthropic/v1"
    },
    {
        .name = "zhipu", CCP_ZAI_COLUMNS,
        .like = "zai",
        .base = "https://open.bigmodel.cn/api/paas/v4",
        .env = "ZHIPU_API_KEY,ZHIPUAI_API_KEY,ZAI_API_KEY",
        .cite = "https://docs.bigmodel.cn/cn/api/introduction",
        .also = "a:https://open.bigmodel.cn/api/anthropic/v1"
    },
    {
        .name = "zai-anthropic", CCP_ZAI_ANTHROPIC_COLUMNS,
        .base = "https://api.z.ai/api/anthropic/v1",
        .env = "ZAI_API_KEY,ZHIPU_API_KEY",
        .cite = "https://docs.z.ai/devpack/quick-start"
    },
    {
        .name = "zhipu-anthropic", CCP_ZAI_ANTHROPIC_COLUMNS,
        .like = "zai-anthropic",
        .base = "https://open.bigmodel.cn/api/anthropic/v1",
        .env = "ZHIPU_API_KEY,ZHIPUAI_API_KEY,ZAI_API_KEY",
        .cite = "https://docs.bigmodel.cn/cn/guide/develop/claude"
    },
    {
        .name = "minimax", CCP_MINIMAX_COLUMNS,
        .base = "https://api.minimax.io/v1",
        .env = "MINIMAX_API_KEY",
        .cite =
            "https://platform.minimax.io/docs/api-reference/text-openai-api",
        .also = "r:,a:https://api.minimax.io/anthropic/v1"
    },
    {
        .name = "minimax-cn", CCP_MINIMAX_COLUMNS,
        .like = "minimax",
        .base = "https://api.minimaxi.com/v1",
        .env = "MINIMAX_API_KEY",
        .cite =
            "https://platform.minimax.io/docs/api-reference/text-openai-api",
        .also = "r:"
    },
    {
        .name = "minimax-anthropic", .proto = CCP_ANTHROPIC,
        .tools_proto = CCP_NPROTO,
        .base = "https://api.minimax.io/anthropic/v1",
        .env = "MINIMAX_API_KEY", .auth = CCP_AUTH_X_API_KEY, .max_req = 8192,
        .temp_open = 1, .temp_hi = 1, .think = CCP_RZ_ADAPTIVE, .effort = "*:",
        .think_off = CCP_OFF_DISABLED, .replay = CCP_RP_THINKING,
        .cache = CCP_CC_KEEP,
        .think_default = 1,
        .cite =
            "https://platform.minimax.io/docs/api-reference/text-anthropic-api",
        .no_embed = 1, .no_threads = 1
    },
    {
        .name = "perplexity", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.perplexity.ai",
        .env = "PERPLEXITY_API_KEY,PPLX_API_KEY",
        .drop = "+seed,user,logprobs,top_logprobs,-web_search_options",
        .stop_max = -1, .tools_compat = 1,
        .sys_first = 1, .alternate = 1, .no_msg_name = 1, .fmt_no_object = 1,
        .doc = CCP_DOC_FILE_URL,
        .e_ctx = "too_many_prompt_tokens|messages is too long",
        .think_tags = 1,
        .cite = "https://docs.perplexity.ai/api-reference"
    },
    {
        .name = "huggingface", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://router.huggingface.co/v1", .env = "HF_TOKEN",
        .think = CCP_RZ_EFFORT, .replay = CCP_RP_REASONING_CONTENT,
        .replay_when = CCP_WHEN_TOOL_TURNS, .call_text = 1,
        .cite = "https://huggingface.co/docs/inference-providers",
        .also = "r:",
        .no_embed = 1
    },
    {
        .name = "vercel", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://ai-gateway.vercel.sh/v1",
        .env =
            "AI_GATEWAY_API_KEY,VERCEL_AI_GATEWAY_API_KEY,VERCEL_OIDC_TOKEN",
        .doc = CCP_DOC_FILE, .think = CCP_RZ_OBJECT,
        .effort =
            "minimal:minimal,low:low,medium:medium,high:high,xhigh:xhigh,"
            "max:xhigh",
        .think_off = CCP_OFF_EFFORT, .replay = CCP_RP_DETAILS,
        .replay_when = CCP_WHEN_ALWAYS, .cache = CCP_CC_KEEP_TEXT,
        .cite = "https://vercel.com/docs/ai-gateway",
        .also = "r:,a:https://ai-gateway.vercel.sh/v1",
        .e_over = "503,424",
        .samplers = "top_k,min_p,repetition_penalty"
    },
    {
        .name = "llamacpp", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "http://localhost:8080/v1", .auth = CCP_AUTH_NONE, .drop = "=",
        .sys_first = 1, .schema = CCP_SCHEMA_FULL,
        .think = CCP_RZ_TEMPLATE,
        .think_off = CCP_OFF_FALSE, .replay = CCP_RP_REASONING_CONTENT,
        .replay_when = CCP_WHEN_TOOL_TURNS,
        .e_ctx = "exceeds the available context size", .call_text = 1,
        .cite =
            "https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
        .also = "r:,a:http://localhost:8080/v1",
        .samplers = "top_k,min_p,repetition_penalty",
        .tc = CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE | CCP_TC_BIT_REQUIRED
    },
    {
        .name = "lmstudio", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "http://localhost:1234/v1",
        .env = "LM_API_TOKEN,LMSTUDIO_API_KEY", .auth = CCP_AUTH_NONE,
        .drop = "-logit_bias", .sys_first = 1, .schema = CCP_SCHEMA_FULL,
        .img = CCP_IMG_DATA, .fmt_no_object = 1, .e_ctx = "greater than the context length",
        .think_tags = 1, .call_text = 1,
        .cite = "https://lmstudio.ai/docs/developer",
        .also = "r:,a:http://localhost:1234/v1",
        .samplers = "top_k,repetition_penalty",
        .rename = "repetition_penalty:repeat_penalty\0",
        .tc = CCP_TC_BIT_AUTO | CCP_TC_BIT_NONE | CCP_TC_BIT_REQUIRED
    },
    {
        .name = "vllm", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "http://localhost:8000/v1", .env = "VLLM_API_KEY",
        .auth = CCP_AUTH_NONE, .drop = "=", .sys_first = 1,
        .schema = CCP_SCHEMA_FULL,
        .think = CCP_RZ_TEMPLATE, .think_off = CCP_OFF_FALSE,
        .replay = CCP_RP_REASONING, .replay_when = CCP_WHEN_TOOL_TURNS,
        .e_ctx = "maximum context length", .think_tags = 1, .call_text = 1,
        .cite =
            "https://docs.vllm.ai/en/latest/serving/openai_compatible_server",
        .also = "r:,a:http://localhost:8000/v1",
        .samplers = "top_k,min_p,repetition_penalty"
    },
    {
        .name = "sambanova", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.sambanova.ai/v1", .env = "SAMBANOVA_API_KEY",
        .drop = "+presence_penalty,frequency_penalty,n",
        .think = CCP_RZ_EFFORT,
        .cite =
            "https://docs.sambanova.ai/docs/en/features/openai-compatibility",
        .also = "r:,a:https://api.sambanova.ai/v1",
        .samplers = "top_k"
    },
    {
        .name = "cohere", .proto = CCP_CHAT, .tools_proto = CCP_NPROTO,
        .base = "https://api.cohere.ai/compatibility/v1",
        .env = "COHERE_API_KEY,CO_API_KEY",
        .drop = "+n,user,seed,logprobs,top_logprobs",
        .no_stream_opts = 1,
        .tc = CCP_TC_BIT_NONE | CCP_TC_BIT_REQUIRED,
        .par = "-",
        .cite = "https://docs.cohere.com/docs/compatibility-api"
    },
    { .name = NULL }
};
