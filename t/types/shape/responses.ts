// OpenAI Responses, by the SDK's types.

import type OpenAI from 'openai';
import type { ErrorObject } from 'openai/resources/shared';

// output_text is what the SDK adds to what came
export type whole = Omit<OpenAI.Responses.Response, 'output_text'>;
export type event = Sent<OpenAI.Responses.ResponseStreamEvent>;
export type error = { error: ErrorObject };

type Sent<T> = T extends { response: OpenAI.Responses.Response }
    ? Omit<T, 'response'> & { response: whole } : T;
