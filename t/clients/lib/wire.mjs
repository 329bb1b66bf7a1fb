// Byte-level output: SSE / NDJSON writer that can fragment, delay and die.
export class BadRequest extends Error {
    constructor(message, extra = {}) {
        super(message);
        Object.assign(this, { status: 400 }, extra);
    }
}
const sleep = ms => new Promise(r => setTimeout(r, ms));

export class Out {
    constructor(req, res, opts, plan) {
        Object.assign(this, { req, res, opts, plan, n: 0, dead: false });
        res.on('close', () => {
            if (!res.writableFinished) this.dead = true;
        });
    }
    get quirk() {
        return this.opts.quirks;
    }
    head(status, headers) {
        this.res.writeHead(status, headers);
        this.res.flushHeaders?.();
    }
    async raw(s) {
        if (this.dead) return;
        const buf = Buffer.from(s, 'utf8');
        const f = this.opts.fragment;
        if (!f) {
            this.res.write(buf);
            return;
        }
        for (let i = 0; i < buf.length; i += f) {
            if (this.dead) return;
            this.res.write(buf.subarray(i, i + f));
            await new Promise(r => setImmediate(r));
        }
    }
    // one event; kind 'body' marks events that carry content (for die/slow/error-midstream)
    async event(s, kind = 'meta', errorFrame = null) {
        if (this.dead) return;
        if (this.plan.scenario === 'slow') await sleep(this.opts.delay);
        await this.raw(s);
        if (kind === 'body') {
            this.n++;
            if (this.plan.scenario === 'die-midstream' && this.n === 2) {
                await sleep(30);
                this.dead = true;
                this.res.destroy();
            }
            if (this.plan.scenario === 'error-midstream' && this.n === 2) {
                if (errorFrame) await this.raw(errorFrame);
                this.dead = true;
                this.res.end();
            }
        }
    }
    end() {
        if (!this.dead) this.res.end();
    }
}
