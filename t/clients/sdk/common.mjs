// What every SDK's adapter needs.
import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';
import path from 'node:path';

export const [, , client, base, model, key, work, wantChecks, skipChecks] = process.argv;
export const require = createRequire(path.join(process.env.CLIENTS_HOME, 'sdk', 'package.json'));

export const assert = (c, m) => {
    if (!c) throw new Error(m);
};
export const nonce = () => randomBytes(5).toString('hex');

export const SYSTEM = 'You are a helpful test subject. Grüße.';
export const DESC = 'Run a shell command and return its output';
export const PARAMS = {
    type: 'object',
    properties: {
        command: { type: 'string', description: 'The command to run' },
        timeout: { type: 'integer', minimum: 1, maximum: 600000 },
    },
    required: ['command'],
    additionalProperties: false,
};

export const textPrompt = t => `Reply with exactly this token and nothing else: ${t}`;

export function toolPrompt(token, dir, parallel) {
    const use = 'Use your shell (or file-writing) tool';
    const end = `containing the token ${token} and then say done.`;
    return parallel
        ? `[mock:parallel] ${use} twice in one turn to create the file ${dir}/proof.txt ` +
              `and its sibling proof2.txt ${end}`
        : `${use} to create the file ${dir}/proof.txt ${end}`;
}
