// The SDKs, against the gateway at 127.0.0.1:PORT; node client.mjs PORT PROTOCOL,…
import { generateText, streamText, tool, stepCountIs } from 'ai';
import { createOpenAI } from '@ai-sdk/openai';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { z } from 'zod';
const port = process.argv[2];
const want = (process.argv[3] ?? 'anthropic,chat,responses,gemini,ollama').split(',');
let bad = 0;
async function check(name, fn) {
  try { await fn(); console.log('ok', name); }
  catch (e) { bad++; console.log('FAIL', name, String(e.message ?? e).slice(0, 300), e.responseBody?.slice?.(0,300) ?? ''); }
}
function need(cond, what) { if (!cond) throw new Error('not so: ' + what); }
for (const up of want) {
  const base = `http://127.0.0.1:${port}/${up}/v1`;
  const openai = createOpenAI({ baseURL: base, apiKey: 'x' });
  const tools = { weather: tool({ description: 'd', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => `sunny in ${city}` }) };
  await check(`${up}: ai, two turns`, async () => {
    const messages = [{ role: 'user', content: 'w1' }];
    const r = await generateText({ model: openai('m'), messages });
    messages.push(...r.response.messages, { role: 'user', content: 'w2' });
    const s = await generateText({ model: openai('m'), messages });
    need(/w1.*a1.*w2/.test(s.text), s.text);
  });
  await check(`${up}: ai, streamed two turns`, async () => {
    const messages = [{ role: 'user', content: 'w1' }];
    const r = streamText({ model: openai('m'), messages });
    await r.consumeStream();
    messages.push(...(await r.response).messages, { role: 'user', content: 'w2' });
    const s = streamText({ model: openai('m'), messages });
    await s.consumeStream();
    need(/w1.*a1.*w2/.test(await s.text), await s.text);
  });
  for (const [how, run] of [['whole', generateText], ['streamed', streamText]]) await check(`${up}: ai, a tool loop, ${how}`, async () => {
    const r = await run({ model: openai('m'), prompt: 'calltool w1', tools, stopWhen: stepCountIs(4) });
    if (how === 'streamed') await r.consumeStream();
    const text = await r.text;
    need(/sunny in Oslo/.test(text), text);
  });
  const oa = new OpenAI({ baseURL: base, apiKey: 'x', maxRetries: 0 });
  await check(`${up}: openai, previous_response_id`, async () => {
    const a = await oa.responses.create({ model: 'm', input: 'w1' });
    const b = await oa.responses.create({ model: 'm', input: 'w2', previous_response_id: a.id });
    need(/w1.*a1.*w2/.test(b.output_text), b.output_text);
    need((await oa.responses.retrieve(b.id)).output_text === b.output_text, 'retrieve');
    const items = []; for await (const i of oa.responses.inputItems.list(b.id)) items.push(i);
    need(items.length === 3, 'input items ' + items.length);
    await oa.responses.delete(b.id);
    let gone; try { await oa.responses.retrieve(b.id); } catch (e) { gone = e; }
    need(gone?.status === 404, 'deleted');
  });
  await check(`${up}: openai, conversations`, async () => {
    const c = await oa.conversations.create({ metadata: { a: 'b' }, items: [{ type: 'message', role: 'user', content: 'w0' }] });
    await oa.responses.create({ model: 'm', input: 'w1', conversation: c.id });
    const s = await oa.responses.create({ model: 'm', input: 'w2', conversation: c.id, stream: true });
    let text = ''; for await (const e of s) if (e.type === 'response.output_text.delta') text += e.delta;
    need(/w0.*w1.*a1.*w2/.test(text), text);
    const items = []; for await (const i of oa.conversations.items.list(c.id, { order: 'asc', limit: 2 })) items.push(i);
    need(items.length === 5, 'items ' + items.length);
    await oa.conversations.delete(c.id);
  });
  const an = new Anthropic({ baseURL: `http://127.0.0.1:${port}/${up}`, apiKey: 'x', maxRetries: 0 });
  for (const stream of [false, true]) await check(`${up}: tool_runner, ${stream ? 'streamed' : 'whole'}`, async () => {
    const weather = betaZodTool({ name: 'weather', description: 'd', inputSchema: z.object({ city: z.string() }), run: ({ city }) => `sunny in ${city}` });
    const runner = an.beta.messages.toolRunner({ model: 'm', max_tokens: 99, stream, system: 'instructed', messages: [{ role: 'user', content: 'calltool w1' }], tools: [weather] });
    const m = await runner.runUntilDone();
    const text = m.content.filter(b => b.type === 'text').map(b => b.text).join('');
    need(/instructed/.test(text) && /sunny in Oslo/.test(text), text);
  });
  await check(`${up}: thread, lost and replayed`, async () => {
    const t = an.beta.messages.thread({ model: 'm', max_tokens: 99, system: 'instructed' });
    await t.send({ role: 'user', content: 'w1' });
    const b = await t.send({ role: 'user', content: 'w2' });
    need(/w1.*a1.*w2/.test(b.content[0].text), b.content[0].text);
  });
}
console.log(bad ? `${bad} failed` : 'all well');
process.exit(bad ? 1 : 0);
