/**
 * @file The line to the client on this machine: a session, a stream of events, and wishes.
 *
 * @typedef {import("./types.js").Event} Event
 * @typedef {import("./types.js").Answer} Answer
 * @typedef {import("./types.js").Refusal} Refusal
 * @typedef {"opening" | "open" | "lost" | "ended"} LineState
 */

const TOKEN = "token";

/** Milliseconds without a byte, after which the line is taken for dead: it gives a sign every 15 s. */
const SILENCE = 40_000;

/** Milliseconds before another attempt. */
const PAUSES = [300, 1_000, 2_000, 4_000, 8_000];

/** A wish that came to nothing, or a request that the door has turned down. */
export class RefusedError extends Error {
  /** @param {Refusal} refusal */
  constructor(refusal) {
    super(refusal.text || refusal.code);
    this.code = refusal.code;
    this.facts = refusal.facts ?? {};
    this.retry = refusal.retry ?? false;
  }
}

/** Takes text in pieces, and gives the records of a stream of events that are whole. */
export class Records {
  #rest = "";

  /**
   * @param {string} text
   * @returns {{id: string, data: string}[]}
   */
  feed(text) {
    const lines = (this.#rest + text).split("\n");
    const found = [];
    let begun = 0;
    let id = "";
    let data = "";
    for (let at = 0; at < lines.length - 1; at += 1) {
      const line = /** @type {string} */ (lines[at]).replace(/\r$/, "");
      if (line === "") {
        if (data) found.push({ id, data });
        id = data = "";
        begun = at + 1;
      } else if (line.startsWith("id:")) id = line.slice(3).trim();
      else if (line.startsWith("data:")) data += (data && "\n") + line.slice(5).replace(/^ /, "");
    }
    this.#rest = lines.slice(begun).join("\n");
    return found;
  }
}

export class Link {
  #token = "";
  #last = "";
  #count = 0;
  // What an earlier page of this session has wished for may still be answered.
  #prefix = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  /** @type {Map<string, {done: (result: any) => void, refused: (error: Error) => void}>} */
  #waiting = new Map();
  /** @type {AbortController | null} */
  #stream = null;
  #heard = 0;
  #attempt = 0;
  #ended = false;
  /** @type {() => void} */
  #wake = () => {};

  /**
   * @param {(event: Event) => void} onEvent takes what came, in order
   * @param {(state: LineState, code: string) => void} onState is told how the line is
   */
  constructor(onEvent, onState) {
    this.#onEvent = onEvent;
    this.#onState = onState;
    setInterval(() => this.#check(SILENCE), 5_000);
    addEventListener("online", () => this.#wake());
    document.addEventListener("visibilitychange", () => {
      // After a sleep nothing may have come for long.
      if (!document.hidden) this.#check(20_000);
    });
  }

  #onEvent;
  #onState;

  /**
   * Begin with what the link brought, or go on with the session of this tab.
   * @param {string} once the token of the link; empty if there is none
   */
  async open(once) {
    this.#token = sessionStorage.getItem(TOKEN) ?? "";
    if (once) {
      const response = await fetch("/session", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token: once }),
        cache: "no-store",
      }).catch(() => null);
      if (response === null) return this.#end("gone");
      if (response.ok) {
        this.#token = (await response.json()).token;
        sessionStorage.setItem(TOKEN, this.#token);
      } else return this.#end(await codeOf(response));
    }
    if (!this.#token) return this.#end("no_token");
    await this.#listen();
  }

  /**
   * Wish for something; gives what it is done with. Rejects with {@link RefusedError}.
   * @param {string} wish
   * @param {Record<string, unknown>} [fields]
   * @param {{onId?: (id: string) => void, onDone?: (result: any) => void}} [told] of the id of the
   *   wish, before it leaves; and of its result, before anything that was told after it
   * @returns {Promise<any>}
   */
  wish(wish, fields = {}, { onId, onDone } = {}) {
    this.#count += 1;
    const id = `${this.#prefix}-${this.#count}`;
    onId?.(id);
    return new Promise((resolve, refused) => {
      const done = (/** @type {any} */ result) => {
        onDone?.(result);
        resolve(result);
      };
      this.#waiting.set(id, { done, refused });
      this.request("/wishes", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ id, wish, ...fields }),
      }).catch((error) => {
        this.#waiting.delete(id);
        refused(error);
      });
    });
  }

  /**
   * Ask the door for something. Rejects with {@link RefusedError}, or when it is cut off.
   * @param {string} path
   * @param {RequestInit} [options]
   */
  async request(path, options = {}) {
    const headers = { ...options.headers, Authorization: `Bearer ${this.#token}` };
    const response = await fetch(path, { ...options, headers, cache: "no-store" }).catch((error) => {
      if (error.name === "AbortError") throw error;
      throw new RefusedError({ code: "cut_off", text: "The client on this machine does not answer." });
    });
    if (response.ok) return response;
    const code = await codeOf(response);
    if (response.status === 401) this.#end(code);
    throw new RefusedError({ code, text: SENTENCES[code] ?? `That was turned down (${code}).` });
  }

  /** Say that this session is over, and forget it. */
  async leave() {
    await this.request("/leave", { method: "POST" }).catch(() => null);
    this.#end("left");
  }

  async #listen() {
    while (!this.#ended) {
      try {
        await this.#read();
      } catch (error) {
        if (error instanceof RefusedError && this.#ended) return;
      }
      this.#stream = null;
      if (this.#ended) return;
      this.#onState("lost", "");
      await this.#pause();
    }
  }

  async #read() {
    const abort = (this.#stream = new AbortController());
    this.#heard = Date.now();
    /** @type {Record<string, string>} */
    const headers = this.#last ? { "Last-Event-ID": this.#last } : {};
    const response = await this.request("/events", { headers, signal: abort.signal });
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    this.#attempt = 0;
    this.#onState("open", "");
    const records = new Records();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#heard = Date.now();
      for (const { id, data } of records.feed(decoder.decode(value, { stream: true }))) {
        if (id) this.#last = id;
        const said = JSON.parse(data);
        if ("answer" in said) this.#answer(said);
        else this.#onEvent(said);
      }
    }
  }

  /** @param {Answer} answer */
  #answer(answer) {
    const waiting = this.#waiting.get(answer.answer);
    this.#waiting.delete(answer.answer);
    if (answer.refused) waiting?.refused(new RefusedError(answer.refused));
    else waiting?.done(answer.done);
  }

  #pause() {
    const milliseconds = PAUSES[Math.min(this.#attempt, PAUSES.length - 1)];
    this.#attempt += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(null);
      };
    });
  }

  /** @param {number} silence */
  #check(silence) {
    if (this.#stream !== null && Date.now() - this.#heard > silence) this.#stream.abort();
    else if (this.#stream === null) this.#wake();
  }

  /** @param {string} code */
  #end(code) {
    if (this.#ended) return;
    this.#ended = true;
    sessionStorage.removeItem(TOKEN);
    this.#stream?.abort();
    for (const { refused } of this.#waiting.values()) {
      refused(new RefusedError({ code, text: "This session is over." }));
    }
    this.#waiting.clear();
    this.#onState("ended", code);
  }
}

/** @type {Record<string, string>} */
const SENTENCES = {
  too_large: "That is too large.",
  no_space: "There is no space left on this machine.",
  wrong_passphrase: "That is not the passphrase.",
  no_passphrase:
    "Your identity has no passphrase. Do this in the terminal, or set one there: eim-client --passphrase.",
  not_found: "That is not there any more.",
};

/** @param {Response} response */
async function codeOf(response) {
  try {
    return String((await response.json()).error);
  } catch {
    return `status ${response.status}`;
  }
}
