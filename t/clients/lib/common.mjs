import { BadRequest } from './wire.mjs';
export const isObj = x => x !== null && typeof x === 'object' && !Array.isArray(x);
export const isStr = x => typeof x === 'string';
export const isInt = x => Number.isInteger(x);
export const bad = (msg, extra) => {
    throw new BadRequest(msg, extra);
};
export const need = (c, msg, extra) => {
    if (!c) bad(msg, extra);
};
export function onlyKeys(o, allowed, fail) {
    for (const k of Object.keys(o)) if (!allowed.includes(k)) fail(k);
}
export const b64 = s =>
    isStr(s) && s.length > 0 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(s.replace(/\s/g, ''));
