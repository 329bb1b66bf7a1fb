// Ollama's /api/chat, by the SDK's types.

import type { ChatResponse } from 'ollama';

// A line that is not the last has no counts, and counts of 0 are left out
// (omitempty in api/types.go); the SDK's type demands all of them always.
type Count = 'total_duration' | 'load_duration' | 'prompt_eval_count'
    | 'prompt_eval_duration' | 'eval_count' | 'eval_duration';

export type whole = Omit<ChatResponse, Count | 'done'>
    & { done: true } & Partial<Pick<ChatResponse, Count>>;
export type event = whole | error | (Omit<ChatResponse,
    Count | 'done' | 'done_reason'> & { done: false });
export type error = { error: string };
