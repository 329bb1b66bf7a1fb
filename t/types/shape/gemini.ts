// Gemini generateContent, by the SDK's types; errors are google.rpc.Status
// as the API spells it.

import type { GenerateContentResponse } from '@google/genai';

export type whole = GenerateContentResponse;
export type event = GenerateContentResponse | error;

export type error = { error: { code: number; message: string; status: Code;
    details?: { '@type': string; [member: string]: unknown }[] } };

type Code = 'CANCELLED' | 'UNKNOWN' | 'INVALID_ARGUMENT' | 'DEADLINE_EXCEEDED'
    | 'NOT_FOUND' | 'ALREADY_EXISTS' | 'PERMISSION_DENIED'
    | 'UNAUTHENTICATED' | 'RESOURCE_EXHAUSTED' | 'FAILED_PRECONDITION'
    | 'ABORTED' | 'OUT_OF_RANGE' | 'UNIMPLEMENTED' | 'INTERNAL'
    | 'UNAVAILABLE' | 'DATA_LOSS';
