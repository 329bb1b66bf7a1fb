
/*
 * The estimate of input tokens: against the usage that providers reported for
 * recorded requests, against real tokenizers, and what it costs.
 */

#include "codec/prepare/prepare.h"
#include "ut_exchange.h"
#include "ut_said.h"


#define UT_MAX  1000


/* ---- recordings ---- */

/* Recordings whose usage tells more than the request, and why. */

typedef struct {
    const char  *word;         /* a feature, or a prefix */
    const char  *why;
} ut_reason_t;


static const ut_reason_t  ut_reasons[] = {
    { "server-tool", "the provider's own tools add what they find" },
    { "item-web_search_call", "the provider's own tools add what they find" },
    { "annotations", "the provider's own tools add what they find" },
    { "prompt-feedback", "refused before it was read" },
    { "image-in", "media: guessed from their size alone" },
    { "media-in", "media: guessed from their size alone" },
    { "document-in", "media: guessed from their size alone" },
    { "audio-video-in", "media: guessed from their size alone" },
    { NULL, NULL }
};


typedef struct {
    double   ratio[UT_MAX];
    int      n;
    int      close;            /* within 15 % */
    int64_t  estimated;
    int64_t  actual;
    int      left_out;
} ut_sum_t;


/* What the request is estimated at; -1: it can't be read. */

static int64_t
ut_estimate(const char *path, ccp_str_t body)
{
    int64_t          tokens;
    ut_mem_t         mem;
    ccp_mem_t        m;
    ccp_error_t      err;
    ccp_exchange_t  *x;

    ut_mem_init(&mem);
    m = ut_mem(&mem);
    x = ut_exchange_create(&m, path, NULL);
    tokens = -1;

    if (x && ccp_exchange_request(x, body, ccp_none, &err) == CCP_OK) {
        tokens = ccp_exchange_estimate(x);
    }

    ccp_exchange_destroy(x);

    return tokens;
}


/* ---- recordings ---- */

static const char *
ut_reason(const ut_rec_t *rec)
{
    const ut_reason_t  *r;

    for (r = ut_reasons; r->word; r++) {
        if (strstr(rec->features, r->word)) {
            return r->why;
        }
    }

    return NULL;
}


/* The path that the request went to, which holds Gemini's model. */

static void
ut_path(const ut_rec_t *rec, ccp_proto_e proto, char *path, size_t size)
{
    char       *p;
    size_t      n;
    ccp_str_t   meta;

    static const char  *const paths[CCP_NPROTO] = {
        "/v1/messages", "/v1/chat/completions", "/v1/responses", NULL, NULL
    };

    if (paths[proto]) {
        snprintf(path, size, "%s", paths[proto]);
        return;
    }

    meta = ut_readf("%s.meta.json", rec->path);
    p = meta.p ? strstr((char *) meta.p, "\"url_path\": \"") : NULL;
    p = p ? p + sizeof("\"url_path\": \"") - 1 : "";
    n = strcspn(p, "\"");

    snprintf(path, size, "%.*s", (int) n, p);
    free((void *) meta.p);
}


static void
ut_recording(const ut_rec_t *rec, void *arg)
{
    char          path[256];
    double        ratio;
    int64_t       tokens;
    ut_sum_t     *sum = arg;
    ccp_str_t     body, answer;
    ut_said_t     said;
    ccp_proto_e   proto;

    proto = ut_protocol(rec->protocol);

    if (rec->status != 200 || proto == CCP_NPROTO) {
        return;
    }

    memset(&said, 0, sizeof(said));
    body = ut_rec_request(rec);
    answer = ut_rec_response(rec);

    if (body.p && ut_said_read(&said, proto, answer, 200) && said.in > 0
        && !said.estimated)
    {

        ut_path(rec, proto, path, sizeof(path));
        tokens = ut_estimate(path, body);

        if (tokens >= 0 && ut_reason(rec)) {
            sum[proto].left_out++;

        } else if (tokens >= 0 && sum[proto].n < UT_MAX) {
            ratio = (double) tokens / (double) said.in;

            if (ratio < 0.85 || ratio > 1.15) {
                printf("# %.2f of %lld tokens: %s\n", ratio,
                       (long long) said.in, rec->prefix);
            } else {
                sum[proto].close++;
            }

            sum[proto].ratio[sum[proto].n++] = ratio;
            sum[proto].estimated += tokens;
            sum[proto].actual += said.in;
        }
    }

    ut_said_free(&said);
    free((void *) body.p);
    free((void *) answer.p);
}


static int
ut_compare(const void *a, const void *b)
{
    double  x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}


static int
ut_within(double ratio, double margin)
{
    return ratio >= 1 - margin && ratio <= 1 + margin;
}


static void
ut_test_recordings(void)
{
    int              close, n;
    double           total, median;
    ut_sum_t        *s;
    ccp_proto_e      proto;

    static ut_sum_t  sum[CCP_NPROTO];

    if (ut_recordings(NULL, ut_recording, sum) == 0) {
        return;
    }

    close = 0;
    n = 0;

    for (proto = 0; proto < CCP_NPROTO; proto++) {
        s = &sum[proto];
        UT_CHECK(s->n >= 10, "%s: %d recordings", ut_protocols[proto], s->n);

        if (s->n == 0) {
            continue;
        }

        qsort(s->ratio, s->n, sizeof(double), ut_compare);

        median = s->ratio[s->n / 2];
        total = (double) s->estimated / (double) s->actual;
        close += s->close;
        n += s->n;

        printf("# %s: %d recordings (%d left out), total %.3f, median %.3f, "
               "%d within 15 %%\n", ut_protocols[proto], s->n, s->left_out,
               total, median, s->close);

        UT_CHECK(ut_within(total, 0.15), "%s: total %.3f of the usage",
                 ut_protocols[proto], total);
        UT_CHECK(ut_within(median, 0.10), "%s: median %.3f of the usage",
                 ut_protocols[proto], median);
    }

    UT_CHECK(close * 4 >= n * 3, "%d of %d recordings within 15 %%", close, n);
}


/* ---- texts and real tokenizers ---- */

/* Texts in JSON spelling, and what o200k_base, Llama 3's and Claude's
 * tokenizers make of them. */

typedef struct {
    const char  *name;
    int          o200k;
    int          llama3;
    int          claude;
    const char  *text;
} ut_sample_t;


static const ut_sample_t  ut_samples[] = {
    { "English", 116, 116, 117,
      "The gateway reads a request once and writes it again for who"
      "ever answers. What the client sent stays where it is; only t"
      "he parts that must change are copied. A conversation of seve"
      "ral hundred messages is therefore no more work than a short "
      "one of the same length, and a provider that is slow to answe"
      "r costs nothing but a connection. If it fails before its fir"
      "st word, another one is asked, and nobody notices anything e"
      "xcept the delay. Prices differ between providers by a factor"
      " of fifty, so it is worth the trouble to look at what a requ"
      "est needs before it is sent anywhere." },
    { "C", 199, 197, 248,
      "static ngx_int_t\\nngx_http_demo_handler(ngx_http_request_t"
      " *r)\\n{\\n    size_t      len;\\n    ngx_buf_t  *b;\\n\\n"
      "    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {\\n  "
      "      return NGX_HTTP_NOT_ALLOWED;\\n    }\\n\\n    len ="
      " sizeof(\\\"status: ok\\\\n\\\") - 1;\\n    b = ngx_create_"
      "temp_buf(r->pool, len);\\n\\n    if (b == NULL) {\\n     "
      "   return NGX_HTTP_INTERNAL_SERVER_ERROR;\\n    }\\n\\n  "
      "  b->last = ngx_cpymem(b->last, \\\"status: ok\\\\n\\\", len"
      ");\\n    b->last_buf = 1;\\n\\n    for (i = 0; i < conf->"
      "entries.nelts; i++) {\\n        if (entry[i].key_hash == ha"
      "sh && entry[i].len <= max) {\\n            found = &entry[i"
      "];\\n        }\\n    }\\n\\n    return ngx_http_send_res"
      "ponse(r, found, b);\\n}\\n" },
    { "Python", 208, 207, 239,
      "import json\\nfrom pathlib import Path\\n\\n\\nclass Inv"
      "entory:\\n    \\\"\\\"\\\"Items by name, kept in one JSON f"
      "ile.\\\"\\\"\\\"\\n\\n    def __init__(self, path: Path) -"
      "> None:\\n        self.path = path\\n        self.items = "
      "json.loads(path.read_text()) if path.exists() else {}\\n\\n"
      "    def add(self, name: str, count: int = 1) -> int:\\n    "
      "    if count < 1:\\n            raise ValueError(f\\\"can't"
      " add {count} of {name!r}\\\")\\n        self.items[name] = "
      "self.items.get(name, 0) + count\\n        return self.items"
      "[name]\\n\\n    def save(self) -> None:\\n        self.pa"
      "th.write_text(json.dumps(self.items, indent=2, sort_keys=Tru"
      "e))\\n\\n\\ndef main() -> None:\\n    inventory = Invent"
      "ory(Path(\\\"inventory.json\\\"))\\n    for line in open(\\\""
      "orders.txt\\\", encoding=\\\"utf-8\\\"):\\n        name, _,"
      " count = line.strip().partition(\\\",\\\")\\n        invent"
      "ory.add(name, int(count or 1))\\n    inventory.save()\\n" },
    { "JSON schema", 119, 114, 125,
      "{\\\"type\\\":\\\"object\\\",\\\"properties\\\":{\\\"file_pa"
      "th\\\":{\\\"type\\\":\\\"string\\\",\\\"description\\\":\\\""
      "The absolute path of the file to change\\\"},\\\"old_string\\\""
      ":{\\\"type\\\":\\\"string\\\",\\\"description\\\":\\\"The te"
      "xt to replace, which must occur once\\\"},\\\"new_string\\\""
      ":{\\\"type\\\":\\\"string\\\",\\\"description\\\":\\\"The te"
      "xt to write in its place\\\"},\\\"replace_all\\\":{\\\"type\\\""
      ":\\\"boolean\\\",\\\"default\\\":false,\\\"description\\\":\\\""
      "Replace each occurrence\\\"},\\\"encoding\\\":{\\\"type\\\":"
      "\\\"string\\\",\\\"enum\\\":[\\\"utf-8\\\",\\\"latin-1\\\",\\\""
      "ascii\\\"]}},\\\"required\\\":[\\\"file_path\\\",\\\"old_str"
      "ing\\\",\\\"new_string\\\"],\\\"additionalProperties\\\":fal"
      "se}" },
    { "Markdown", 149, 148, 161,
      "## Limits\\n\\n| what | limit | why |\\n|---|---|---|\\n"
      "| request body | 64 MB | images and documents travel inside "
      "|\\n| header | 32 KB | cookies of proxies |\\n| keep-alive"
      " | 60 s | idle connections cost memory |\\n\\n- **Retries*"
      "* happen before the first byte only.\\n- A *timeout* counts"
      " from the last byte, see `proxy_read_timeout`.\\n- Run `mak"
      "e test` first; then:\\n\\n```sh\\ncurl -s http://127.0.0."
      "1:3456/health | jq .status\\n```\\n\\n1. Write the config"
      "uration.\\n2. Check it with `nginx -t`.\\n3. Reload: `ngin"
      "x -s reload`.\\n" },
    { "German", 97, 123, 141,
      "Der Vermittler liest eine Anfrage genau einmal und schreibt "
      "sie für den gewählten Anbieter neu. Antwortet dieser nicht r"
      "echtzeitig, wird der nächste gefragt, ohne dass der Benutzer"
      " davon mehr bemerkt als eine kleine Verzögerung. Längere Ges"
      "präche werden dorthin geleitet, wo das Gedächtnis groß genug"
      " ist; einfache Aufgaben erledigt ein günstigeres Modell. Die"
      " Schlüssel bleiben auf dem Server und erscheinen weder in Pr"
      "otokollen noch in Fehlermeldungen." },
    { "French", 97, 112, 131,
      "La passerelle lit chaque requête une seule fois et la réécri"
      "t pour le fournisseur choisi. Si celui-ci ne répond pas à te"
      "mps, un autre est interrogé, et l'utilisateur ne remarque qu"
      "'un léger retard. Les longues conversations sont dirigées ve"
      "rs un modèle dont la fenêtre est assez grande ; les tâches s"
      "imples reviennent à un modèle moins coûteux. Les clés resten"
      "t sur le serveur et n'apparaissent ni dans les journaux ni d"
      "ans les messages d'erreur." },
    { "Russian", 94, 113, 183,
      "Шлюз читает запрос один раз и заново записывает его для выбр"
      "анного поставщика. Если тот не отвечает вовремя, запрос уход"
      "ит к следующему, и пользователь замечает лишь небольшую заде"
      "ржку. Длинные разговоры направляются туда, где хватает памят"
      "и, а простые задачи решает более дешёвая модель. Ключи остаю"
      "тся на сервере и не появляются ни в журналах, ни в сообщения"
      "х об ошибках." },
    { "Chinese", 90, 97, 121,
      "网关只读取一次请求，然后按照所选供应商的格式重新写出。如果供"
      "应商没有及时回答，请求会转给下一个供应商，用户只会感觉到一点"
      "延迟。较长的对话会被送到上下文窗口足够大的模型，简单的任务则"
      "交给更便宜的模型处理。密钥始终保存在服务器上，不会出现在日志"
      "或错误信息里。" },
    { "Japanese", 127, 117, 175,
      "ゲートウェイはリクエストを一度だけ読み取り、選ばれたプロバイ"
      "ダーの形式に書き直します。時間内に返事がなければ次のプロバイ"
      "ダーに送られ、利用者が気づくのはわずかな遅れだけです。長い会"
      "話は十分に大きな文脈を持つモデルへ、簡単な仕事はより安いモデ"
      "ルへ回されます。鍵はサーバーに残り、ログやエラーメッセージに"
      "現れることはありません。" },
    { "Korean", 96, 102, 178,
      "게이트웨이는 요청을 한 번만 읽고 선택된 공급자의 형식으로 다"
      "시 씁니다. 제때 응답하지 않으면 다음 공급자에게 보내며, 사용"
      "자는 약간의 지연만 느낍니다. 긴 대화는 문맥이 충분히 큰 모델"
      "로, 간단한 작업은 더 저렴한 모델로 보내집니다. 키는 서버에 남"
      "아 있으며 로그나 오류 메시지에 나타나지 않습니다." }
};

#define UT_NSAMPLES  (sizeof(ut_samples) / sizeof(ut_samples[0]))


/* The estimate for a text alone, said times times. */

static int64_t
ut_text(const char *model, const char *text, size_t times)
{
    char       *p;
    size_t      i, n, size;
    int64_t     tokens[2];
    ccp_str_t   body;

    static const char  end[] = "\"}]}";

    size = strlen(text) * times + 200;
    p = malloc(size);

    for (i = 0; i < 2; i++) {
        n = snprintf(p, size, "{\"model\":\"%s\",\"max_tokens\":9,\"messages\":"
                     "[{\"role\":\"user\",\"content\":\"", model);

        for (; i && times; times--) {
            memcpy(p + n, text, strlen(text));
            n += strlen(text);
        }

        memcpy(p + n, end, sizeof(end));

        body = ccp_cstr(p);
        tokens[i] = ut_estimate("/v1/messages", body);
    }

    free(p);

    return tokens[1] - tokens[0];
}


static void
ut_test_samples(void)
{
    size_t              i;
    double              common, claude, real;
    const ut_sample_t  *s;

    for (i = 0; i < UT_NSAMPLES; i++) {
        s = &ut_samples[i];
        real = (s->o200k + s->llama3) / 2.0;

        common = (double) ut_text("gpt-5", s->text, 1) / real;
        claude = (double) ut_text("claude-sonnet-4-5", s->text, 1)
                 / s->claude;

        UT_CHECK(ut_within(common, 0.20), "%s: %.2f of o200k and Llama 3",
                 s->name, common);
        UT_CHECK(ut_within(claude, 0.20), "%s: %.2f of Claude's", s->name,
                 claude);
    }
}


/* Long texts are sampled. */

static void
ut_test_long(void)
{
    size_t   i;
    double   ratio;
    int64_t  one, all;

    for (i = 0; i < UT_NSAMPLES; i++) {
        one = ut_text("gpt-5", ut_samples[i].text, 20);
        all = ut_text("gpt-5", ut_samples[i].text, 2000);
        ratio = (double) all / (double) (one * 100);

        UT_CHECK(ut_within(ratio, 0.10), "%s: 2000 times as long as 20 times: "
                 "%.3f of a hundredfold", ut_samples[i].name, ratio);
    }
}


/*
 * No filler hides a text from who reads here and there: 60,000 characters in
 * pieces, each behind one of the filler, of all lengths.
 */

static void
ut_test_fillers(void)
{
    char     *text;
    size_t    f, h, size, n, len, i, k;
    double    least, ratio;
    int64_t   open, hidden;

    static const char  *const fillers[] = {
        " ", "\\u0020", "internationalization ", "-", "\\n"
    };
    static const char  *const texts[] = {
        "的一是在不了有和人这", "a b, 7:x;", "The quick brown fox jumps. ",
        "привет мир ", "\\u7684\\u4e00"
    };

    text = malloc(3000000);
    if (text == NULL) {
        abort();
    }

    for (h = 0; h < sizeof(texts) / sizeof(texts[0]); h++) {

        len = strlen(texts[h]);
        open = ut_text("gpt-5", texts[h], 60000 / len);
        least = 1;

        for (f = 0; f < sizeof(fillers) / sizeof(fillers[0]); f++) {
            for (size = 64; size <= 8192; size *= 2) {

                for (n = 0, i = 0; i + len <= 60000; /* void */ ) {

                    for (k = 0; k < size; k += strlen(fillers[f])) {
                        memcpy(text + n, fillers[f], strlen(fillers[f]));
                        n += strlen(fillers[f]);
                    }

                    for (k = 0; k < size && i + len <= 60000; k += len) {
                        memcpy(text + n, texts[h], len);
                        n += len;
                        i += len;
                    }
                }

                text[n] = '\0';
                hidden = ut_text("gpt-5", text, 1);
                ratio = (double) hidden / (double) open;
                least = ratio < least ? ratio : least;
            }
        }

        UT_CHECK(least > 0.4, "\"%s\" behind fillers: %.2f of it at least",
                 texts[h], least);
    }

    free(text);
}


/* ---- what is in a request besides texts ---- */

typedef struct {
    const char  *name;
    const char  *path;
    const char  *less;
    const char  *more;
    int64_t      min;          /* tokens that the second one has more */
    int64_t      max;
} ut_pair_t;


#define UT_ASK(model, messages)  "{\"model\":\"" model "\",\"max_tokens\":9,"   \
                                 "\"messages\":[" messages "]}"
#define UT_USER(text)  "{\"role\":\"user\",\"content\":\"" text "\"}"
#define UT_THOUGHT     "{\"role\":\"assistant\",\"content\":[{\"type\":"         \
                       "\"thinking\",\"thinking\":\"I must look at the weather "\
                       "in Paris, in London and in Rome first.\","            \
                       "\"signature\":\"AAAA\"},"
#define UT_CALL        "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\","   \
                       "\"input\":{}}]},{\"role\":\"user\",\"content\":[{"      \
                       "\"type\":\"tool_result\",\"tool_use_id\":\"t\","       \
                       "\"content\":\"ok\"}]}"
#define UT_CALLED      "{\"role\":\"assistant\",\"content\":[" UT_CALL


static const ut_pair_t  ut_pairs[] = {

    { "escapes count as what they stand for", "/v1/messages",
      UT_ASK("m", UT_USER("na\u00efve caf\u00e9 \u4f60\u597d")),
      UT_ASK("m", UT_USER("na\\u00efve caf\\u00e9 \\u4f60\\u597d")), 0, 0 },

    { "bytes of an image are not read", "/v1/messages",
      UT_ASK("m", "{\"role\":\"user\",\"content\":[{\"type\":\"image\","
             "\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\","
             "\"data\":\"AAAA\"}}]}"),
      UT_ASK("m", "{\"role\":\"user\",\"content\":[{\"type\":\"image\","
             "\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\","
             "\"data\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}"
             "]}"), 0, 0 },

    { "reasoning counts while its turn goes on", "/v1/messages",
      UT_ASK("m", UT_USER("hi") "," UT_CALLED),
      UT_ASK("m", UT_USER("hi") "," UT_THOUGHT UT_CALL), 12, 20 },

    { "and not later", "/v1/messages",
      UT_ASK("m", UT_USER("hi") "," UT_CALLED "," UT_USER("so?")),
      UT_ASK("m", UT_USER("hi") "," UT_THOUGHT UT_CALL "," UT_USER("so?")),
      0, 0 },

    { "a family by its name, whatever the protocol", "/v1/chat/completions",
      UT_ASK("meta/llama-9", UT_USER("hi")),
      UT_ASK("x-ai/Grok-9", UT_USER("hi")), 120, 180 },

    { "what the family's tools bring along", "/v1/messages",
      UT_ASK("claude-opus-9", UT_USER("hi")),
      "{\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],"
      "\"model\":\"claude-opus-9\",\"max_tokens\":9,\"messages\":["
      UT_USER("hi") "]}", 500, 530 },

    { "an embedding's input and nothing else", "/v1/embeddings",
      "{\"model\":\"e\",\"input\":\"one two three\"}",
      "{\"model\":\"e\",\"input\":[\"one two three\",\"four\"]}", 1, 1 }
};


static void
ut_test_pairs(void)
{
    size_t            i;
    int64_t           more;
    const ut_pair_t  *p;

    for (i = 0; i < sizeof(ut_pairs) / sizeof(ut_pairs[0]); i++) {
        p = &ut_pairs[i];

        more = ut_estimate(p->path, ccp_cstr(p->more))
               - ut_estimate(p->path, ccp_cstr(p->less));

        UT_CHECK(more >= p->min && more <= p->max, "%s: %lld more", p->name,
                 (long long) more);
    }
}


int
main(void)
{
    ut_test_recordings();
    ut_test_samples();
    ut_test_long();
    ut_test_fillers();
    ut_test_pairs();

    return ut_done();
}
