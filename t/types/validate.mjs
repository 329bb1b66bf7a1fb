// Strict validation by JSON Schema, as far as schemas made from TypeScript
// types need it.  Unlike a usual validator it tells which member of which
// type is wrong: a union is judged by the branch that the value means.

const kindOf = (v) => v === null ? 'null'
    : Array.isArray(v) ? 'array' : typeof v;

const show = (v) => {
    const s = JSON.stringify(v);
    return s.length > 40 ? `${s.slice(0, 40)}…` : s;
};

export class Validator {
    constructor(definitions) {
        this.definitions = definitions;
        this.unions = new Map();
    }

    // The problems of value as that type: [{ at, what }], none if it is one.
    // "at" is the type's name and the member, without array indexes.
    check(name, value) {
        const problems = [];
        this.#walk({ $ref: `#/definitions/${name}` }, value, name, problems);
        return problems;
    }

    #resolve(schema) {
        while (schema.$ref) {
            const name = decodeURIComponent(schema.$ref.slice(14));
            schema = this.definitions[name];
            if (!schema) throw new Error(`no definition ${name}`);
        }
        return schema;
    }

    #walk(schema, value, at, problems) {
        while (schema.$ref) {
            const name = decodeURIComponent(schema.$ref.slice(14));
            schema = this.definitions[name];
            at = name;
        }
        if (schema.anyOf) return this.#union(schema, value, at, problems);
        if (schema.allOf) {
            for (const s of schema.allOf) this.#walk(s, value, at, problems);
            return;
        }
        if ('const' in schema && schema.const !== value) {
            problems.push({ at, what: `${show(value)} for ${show(schema.const)}` });
            return;
        }
        if (schema.enum && !schema.enum.includes(value)) {
            problems.push({ at, what: `word ${show(value)}` });
            return;
        }
        if (schema.type) this.#typed(schema, value, at, problems);
    }

    #typed(schema, value, at, problems) {
        const kind = kindOf(value);
        const types = [].concat(schema.type);
        if (!types.includes(kind) &&
            !(types.includes('integer') && Number.isInteger(value))) {
            problems.push({ at, what: `${kind} for ${types.join('|')}` });
            return;
        }
        if (kind === 'object') this.#object(schema, value, at, problems);
        if (kind === 'array' && schema.items) {
            for (const v of value) this.#walk(schema.items, v, `${at}[]`, problems);
        }
    }

    #object(schema, value, at, problems) {
        const properties = schema.properties ?? {};
        for (const name of schema.required ?? []) {
            if (!(name in value)) problems.push({ at: `${at}.${name}`, what: 'absent' });
        }
        for (const [name, v] of Object.entries(value)) {
            if (Object.hasOwn(properties, name)) {
                this.#walk(properties[name], v, `${at}.${name}`, problems);
            } else if (schema.additionalProperties === false) {
                problems.push({ at: `${at}.${name}`, what: 'unknown' });
            } else if (typeof schema.additionalProperties === 'object') {
                this.#walk(schema.additionalProperties, v, `${at}.*`, problems);
            }
        }
    }

    #union(schema, value, at, problems) {
        let branches = this.#branches(schema);
        for (const narrow of [
            (b) => !b.kinds || b.kinds.includes(kindOf(value)),
            (b) => b.consts.every(([n, words]) => words.includes(value?.[n])),
        ]) {
            const some = branches.filter(narrow);
            if (some.length) branches = some;
            else if (branches.length > 1) {
                problems.push({ at, what: this.#misfit(branches, value) });
                return;
            }
        }
        let best = null, least = Infinity;
        for (const b of branches) {
            const found = [];
            this.#walk(b.schema, value, b.name ?? at, found);
            if (!found.length) return;
            // a member that a branch does not know tells that another is meant
            const off = this.#strange(b.schema, value) * 1e6 + found.length;
            if (off < least) [best, least] = [found, off];
        }
        problems.push(...best);
    }

    #strange(schema, value) {
        if (kindOf(value) !== 'object') return 0;
        const known = schema.properties ?? {};
        return Object.keys(value).filter((name) => !Object.hasOwn(known, name)).length;
    }

    #misfit(branches, value) {
        if (kindOf(value) !== 'object') return `no such branch: ${kindOf(value)}`;
        const named = branches.flatMap((b) => b.consts.map(([n]) => n));
        const name = named.find((n) => n === 'type') ?? named[0];
        return `no such branch: ${name} ${show(value[name] ?? null)}`;
    }

    // The branches of a union, nested unions opened, with what tells them
    // apart: the kind of value and the members that can only be certain words.
    #branches(schema) {
        let found = this.unions.get(schema);
        if (found) return found;
        found = [];
        const open = (s, name) => {
            if (s.$ref) name = decodeURIComponent(s.$ref.slice(14));
            const r = this.#resolve(s);
            if (r.anyOf) return r.anyOf.forEach((b) => open(b, name));
            const words = (p) => 'const' in p ? [p.const] : p.enum;
            found.push({
                schema: r, name, kinds: r.type && [].concat(r.type),
                consts: Object.entries(r.properties ?? {})
                    .filter(([n]) => r.required?.includes(n))
                    .map(([n, p]) => [n, words(this.#resolve(p))])
                    .filter(([n, w]) => w && ['type', 'object', 'done'].includes(n)),
            });
        };
        schema.anyOf.forEach((b) => open(b, null));
        this.unions.set(schema, found);
        return found;
    }
}
