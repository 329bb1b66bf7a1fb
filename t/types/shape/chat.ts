// OpenAI Chat Completions, by the SDK's types.

import type OpenAI from 'openai';
import type { ErrorObject } from 'openai/resources/shared';

export type whole = OpenAI.Chat.ChatCompletion;
export type event = OpenAI.Chat.ChatCompletionChunk | error;
export type error = { error: ErrorObject };
