CREATE TABLE config (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE ai_model (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, models TEXT NOT NULL, default_model TEXT NOT NULL, api_protocol TEXT NOT NULL, base_url TEXT NOT NULL, api_key TEXT NOT NULL, max_tokens INTEGER NOT NULL DEFAULT 2048, temperature REAL NOT NULL DEFAULT 1.0, top_p REAL NOT NULL DEFAULT 1.0, top_k INTEGER NOT NULL DEFAULT 40, sort_index INTEGER NOT NULL DEFAULT 0, is_default BOOLEAN NOT NULL DEFAULT FALSE, disabled BOOLEAN NOT NULL DEFAULT FALSE, is_official BOOLEAN NOT NULL DEFAULT FALSE, official_id TEXT NOT NULL DEFAULT '', metadata TEXT);
CREATE TABLE proxy_group (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL, prompt_injection TEXT NOT NULL, prompt_text TEXT NOT NULL, tool_filter TEXT NOT NULL, temperature FLOAT NOT NULL, metadata TEXT, disabled BOOLEAN NOT NULL DEFAULT FALSE);
INSERT INTO ai_model (id,name,models,default_model,api_protocol,base_url,api_key,metadata) VALUES
 (1,'Silicon Flow','[]','x','openai','https://api.siliconflow.cn/v1','sk-secret-one
sk-secret-two','{"customHeaders":[{"key":"X-Request","value":"{UUID}"},{"key":"X-Note","value":"id {CONV_ID} \"a\""},{"key":"Authorization","value":"sk-secret-header"}],"customParams":[{"key":"top_k","value":20},{"key":"user","value":"chat speed"}],"proxyType":"http","proxyServer":"http://127.0.0.1:7890","proxyPassword":"sk-secret-proxy"}'),
 (2,'Ollama','[]','x','ollama','http://localhost:11434','',NULL),
 (3,'Claude','[]','x','claude','https://api.anthropic.com/v1','sk-secret-claude','{}');
INSERT INTO ai_model (id,name,models,default_model,api_protocol,base_url,api_key,disabled) VALUES (4,'Old','[]','x','openai','https://old.example.net/v1','sk-secret-old',1);
INSERT INTO proxy_group (name,description,prompt_injection,prompt_text,tool_filter,temperature,metadata) VALUES
 ('default','','off','','',1.0,'{}'),
 ('coder','','enhance','Be "brief".
Use tabs; not blanks.','WebSearch
mcp__*',0.5,'{"promptInjectionPosition":"user","promptReplace":[{"key":"Claude Code","value":"the agent"}],"toolCompatMode":"compat","modelInjectionCondition":"kimi"}');
INSERT INTO config VALUES
 ('chat_completion_proxy','{"default":{"claude-*haiku*":[{"id":2,"model":"qwen3:8b"}],"*":[{"id":1,"model":"zai-org/GLM-4.6"},{"id":3,"model":"claude-sonnet-4-5"},{"id":4,"model":"gone"}]},"coder":{"claude-*":[{"id":1,"model":"Qwen/Qwen3-Coder-480B-A35B-Instruct"}]}}'),
 ('chat_completion_proxy_keys','[{"name":"alice","token":"sk-secret-access"}]'),
 ('chat_completion_proxy_port','11436');
