// Anthropic Messages, by the SDK's types.

import type Anthropic from '@anthropic-ai/sdk';
import type { ErrorResponse } from '@anthropic-ai/sdk/resources/shared';

export type whole = Anthropic.Message;
export type event = Anthropic.RawMessageStreamEvent | ping | ErrorResponse;
export type error = ErrorResponse;

// no type of the SDK's, which skips it
type ping = { type: 'ping' };
