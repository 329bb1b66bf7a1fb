// An upstream of five protocols, which answers with the words that it was told and
// calls the tool once.  The Responses one knows what it answered, by its ids.
import http from 'node:http';
import { writeFileSync } from 'node:fs';

let n = 0;
const kept = {};     // of Responses: what was told and said, by id

http.createServer(async (req, res) => {
  let body = ''; for await (const c of req) body += c;
  const uri = req.url; n++;
  if (req.method === 'DELETE') {
    res.writeHead(200, { 'content-type': 'application/json' });
    return res.end(JSON.stringify({ id: uri.split('/').pop(), object: 'response', deleted: true }));
  }

  if (/responses/.test(uri)) {
    const { previous_response_id: before, input } = JSON.parse(body);
    const items = typeof input === 'string' ? [input] : input;
    body = JSON.stringify([before ? kept[before] : '', items.map(i => i.type === 'item_reference' ? kept[i.id] : i), JSON.parse(body)]);
  }
  const said = (/responses/.test(uri) ? JSON.stringify(JSON.parse(body).slice(0, 2)) : body).match(/\b[wa]\d\b/g) ?? [];
  const extra = (body.match(/sunny in \w+/) ?? [''])[0];
  const inst = /instructed/.test(body) ? 'instructed ' : '';
  const call = /calltool/.test(body) && !extra;
  const last = [...body.matchAll(/\bw(\d)\b/g)].at(-1)?.[1] ?? '9';
  const text = `${inst}${said.join(' ')} ${extra} a${last}`;
  const J = JSON.stringify;
  const args = { city: 'Oslo' };
  const stream = /"stream":\s*true/.test(body) || /streamGenerate/.test(uri);
  const sse = (list, named) => { res.writeHead(200, { 'content-type': 'text/event-stream' }); for (const e of list) res.write((named ? `event: ${e.type}\n` : '') + 'data: ' + (typeof e === 'string' ? e : J(e)) + '\n\n'); res.end(); };
  const doc = d => { res.writeHead(200, { 'content-type': 'application/json' }); res.end(J(d)); };
  if (/messages/.test(uri)) {
    const content = call ? { type: 'tool_use', id: 'toolu_' + n, name: 'weather', input: args } : { type: 'text', text };
    const m = { id: 'msg_up' + n, type: 'message', role: 'assistant', model: 'm', content: [content], stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } };
    if (!stream) return doc(m);
    return sse([{ type: 'message_start', message: { ...m, content: [], stop_reason: null } }, { type: 'content_block_start', index: 0, content_block: call ? { ...content, input: {} } : { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: call ? { type: 'input_json_delta', partial_json: J(args) } : { type: 'text_delta', text } }, { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: m.stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } }, { type: 'message_stop' }], true);
  }
  if (/chat\/completions/.test(uri)) {
    const f = { id: 'call_' + n, type: 'function', function: { name: 'weather', arguments: J(args) } };
    const base = { id: 'c' + n, created: 1, model: 'm' };
    if (!stream) return doc({ ...base, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: call ? null : text, ...(call ? { tool_calls: [f] } : {}) }, finish_reason: call ? 'tool_calls' : 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
    const ch = (delta, finish_reason = null) => ({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
    return sse([ch({ role: 'assistant', content: '' }), call ? ch({ tool_calls: [{ index: 0, ...f }] }) : ch({ content: text }), ch({}, call ? 'tool_calls' : 'stop'), '[DONE]']);
  }
  if (/responses/.test(uri)) {
    const item = call ? { id: 'fc_up' + n, type: 'function_call', status: 'completed', call_id: 'call_' + n, name: 'weather', arguments: J(args) }
      : { id: 'msg_up' + n, type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] };
    kept[item.id] = item;
    kept['resp_up' + n] = said.join(' ') + ' ' + text;
    const r = (status, output) => ({ id: 'resp_up' + n, object: 'response', created_at: 1, status, error: null, incomplete_details: null, instructions: null, metadata: {}, model: 'm', output, parallel_tool_calls: true, temperature: 1, tool_choice: 'auto', tools: [], top_p: 1, usage: status === 'completed' ? { input_tokens: 1, input_tokens_details: { cached_tokens: 0 }, output_tokens: 1, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 2 } : null });
    if (!stream) return doc(r('completed', [item]));
    let k = 0; const e = (type, more) => ({ type, sequence_number: k++, ...more });
    const w = { item_id: item.id, output_index: 0, content_index: 0 };
    return sse([e('response.created', { response: r('in_progress', []) }), e('response.output_item.added', { output_index: 0, item: call ? { ...item, arguments: '', status: 'in_progress' } : { ...item, content: [], status: 'in_progress' } }),
      ...(call ? [e('response.function_call_arguments.delta', { item_id: item.id, output_index: 0, delta: J(args) }), e('response.function_call_arguments.done', { item_id: item.id, output_index: 0, arguments: J(args) })]
        : [e('response.content_part.added', { ...w, part: { type: 'output_text', text: '', annotations: [] } }), e('response.output_text.delta', { ...w, delta: text, logprobs: [] }), e('response.output_text.done', { ...w, text, logprobs: [] }), e('response.content_part.done', { ...w, part: item.content[0] })]),
      e('response.output_item.done', { output_index: 0, item }), e('response.completed', { response: r('completed', [item]) })], true);
  }
  if (/models\//.test(uri)) {
    const part = call ? { functionCall: { name: 'weather', args }, thoughtSignature: 'c2lnbmVk' } : { text };
    const d = { candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }, modelVersion: 'm', responseId: 'r' + n };
    return stream ? sse([d]) : doc(d);
  }
  const m = { role: 'assistant', content: call ? '' : text, ...(call ? { tool_calls: [{ function: { name: 'weather', arguments: args } }] } : {}) };
  const l = (message, done) => ({ model: 'm', created_at: '2025-01-01T00:00:00Z', message, done, ...(done ? { done_reason: 'stop', prompt_eval_count: 1, eval_count: 1 } : {}) });
  if (!/"stream":\s*false/.test(body)) { res.writeHead(200, { 'content-type': 'application/x-ndjson' }); res.write(J(l(m, false)) + '\n'); res.end(J(l({ role: 'assistant', content: '' }, true)) + '\n'); return; }
  doc(l(m, true));
}).listen(0, '127.0.0.1', function () { writeFileSync(process.argv[2], String(this.address().port)); });
