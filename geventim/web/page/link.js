/** @file The line to the client on this machine: a session, a stream of events, and wishes. */

const TOKEN = "token";

/** Milliseconds without a byte, after which the line is taken for dead: it gives a sign every 15 s. */
const SILENCE = 40_000;

/** Milliseconds before another attempt. */
const PAUSES = [300, 1_000, 2_000, 4_000, 8_000];

/** @type {Record<string, string>} */
const SENTENCES = {
	cut_off: "The client on this machine does not answer.",
	over: "This session is over.",
	too_large: "That is too large.",
	no_space: "There is no space left on this machine.",
	wrong_passphrase: "That is not the passphrase.",
	no_passphrase: "Your identity has no passphrase. Do this in the terminal, or set one there: eim-client --passphrase.",
	not_found: "That is not there any more.",
};

/** A wish that came to nothing, or a request that the door has turned down. */
export class RefusedError extends Error {
	/** @param {string} code @param {string} [text] */
	constructor(code, text) {
		super(text || (SENTENCES[code] ?? `That was turned down (${code}).`));
		this.code = code;
	}
}

/** Takes text in pieces, and gives the records of a stream of events that are whole. */
export class Records {
	#rest = "";

	/** @param {string} text */
	feed(text) {
		const parts = (this.#rest + text.replaceAll("\r", "")).split("\n\n");
		this.#rest = parts.pop() ?? "";
		return parts.flatMap((part) => {
			let [id, data] = ["", ""];
			for (const line of part.split("\n")) {
				if (line.startsWith("id: ")) id = line.slice(4);
				else if (line.startsWith("data: ")) data += line.slice(6);
			}
			return data ? [{ id, data }] : [];
		});
	}
}

let token = "";
let last = "";
let count = 0;
// What an earlier page of this session has wished for may still be answered.
const prefix = crypto.randomUUID();
/** @type {Map<string, {done: (result: any) => void, refused: (error: Error) => void}>} */
const waiting = new Map();
/** @type {AbortController | null} */
let stream = null;
let heard = 0;
let attempt = 0;
let ended = false;
let wake = () => {};
let onEvent = (/** @type {Told} */ _event) => {};
let onState = (/** @type {LineState} */ _state, /** @type {string} */ _code) => {};

/**
 * Begin with the token of a link, or go on with the session of this tab; `takeEvent` takes what comes.
 * @param {string} once @param {typeof onEvent} takeEvent @param {typeof onState} takeState
 */
export async function open(once, takeEvent, takeState) {
	[onEvent, onState] = [takeEvent, takeState];
	setInterval(() => check(SILENCE), 5_000);
	addEventListener("online", () => wake());
	document.addEventListener("visibilitychange", () => {
		// After a sleep nothing may have come for long.
		if (!document.hidden) check(SILENCE / 2);
	});
	token = sessionStorage.getItem(TOKEN) ?? "";
	if (once) {
		const response = await fetch("/session", post({ token: once })).catch(() => null);
		if (!response?.ok) return end(response ? await codeOf(response) : "gone");
		token = (await response.json()).token;
		sessionStorage.setItem(TOKEN, token);
	}
	if (!token) return end("no_token");
	while (!ended) {
		await read().catch(() => null);
		stream = null;
		if (ended) return;
		onState("lost", "");
		await pause();
	}
}

/**
 * What a wish is done with. Rejects with {@link RefusedError}. `onId` is told its id before it
 * leaves, and `onDone` its result before anything that was told after that.
 * @param {string} wish @param {object} [fields]
 * @param {{onId?: (id: string) => void, onDone?: (result: any) => void}} [told] @returns {Promise<any>}
 */
export function wish(wish, fields = {}, { onId, onDone } = {}) {
	const id = `${prefix}-${(count += 1)}`;
	onId?.(id);
	return new Promise((resolve, refused) => {
		const done = (/** @type {any} */ result) => {
			onDone?.(result);
			resolve(result);
		};
		waiting.set(id, { done, refused });
		request("/wishes", post({ id, wish, ...fields })).catch((error) => {
			waiting.delete(id);
			refused(error);
		});
	});
}

/** Ask the door for something. Rejects with {@link RefusedError}. @param {string} path @param {RequestInit} [options] */
export async function request(path, options = {}) {
	const headers = { ...options.headers, Authorization: `Bearer ${token}` };
	const response = await fetch(path, { ...options, headers, cache: "no-store" }).catch(() => null);
	if (!response) throw new RefusedError("cut_off");
	if (response.ok) return response;
	const code = await codeOf(response);
	if (response.status === 401) end(code);
	throw new RefusedError(code);
}

/** Say the passphrase again. @param {string} passphrase */
export function unlock(passphrase) {
	return request("/unlock", post({ passphrase }));
}

/** Say that this session is over, and forget it. */
export async function leave() {
	await request("/leave", { method: "POST" }).catch(() => null);
	end("left");
}

async function read() {
	stream = new AbortController();
	heard = Date.now();
	const headers = last ? { "Last-Event-ID": last } : undefined;
	const response = await request("/events", { headers, signal: stream.signal });
	const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
	attempt = 0;
	onState("open", "");
	const records = new Records();
	const decoder = new TextDecoder();
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		heard = Date.now();
		for (const { id, data } of records.feed(decoder.decode(value, { stream: true }))) {
			if (id) last = id;
			const said = JSON.parse(data);
			if ("answer" in said) answer(said);
			else if (said.event === "superseded") return end("elsewhere");
			else onEvent(said);
		}
	}
}

/** @param {{answer: string, done?: unknown, refused?: Refusal}} said */
function answer({ answer, done, refused }) {
	const asked = waiting.get(answer);
	waiting.delete(answer);
	if (refused) asked?.refused(new RefusedError(refused.code, refused.text));
	else asked?.done(done);
}

function pause() {
	const milliseconds = PAUSES[Math.min(attempt, PAUSES.length - 1)];
	attempt += 1;
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, milliseconds);
		wake = () => {
			clearTimeout(timer);
			resolve(null);
		};
	});
}

/** @param {number} silence */
function check(silence) {
	if (!stream) wake();
	else if (Date.now() - heard > silence) stream.abort();
}

/** @param {string} code */
function end(code) {
	if (ended) return;
	ended = true;
	sessionStorage.clear();
	stream?.abort();
	for (const { refused } of waiting.values()) refused(new RefusedError("over"));
	waiting.clear();
	onState("ended", code);
}

/** @param {object} body @returns {RequestInit} */
const post = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), cache: "no-store" });

/** @param {Response} response */
const codeOf = (response) =>
	response.json().then(
		(said) => String(said.error),
		() => `status ${response.status}`,
	);
