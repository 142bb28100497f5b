/** @file The line to the client on this machine. */

const TOKEN = "token";

/** Milliseconds without a byte, after which the line is taken for dead. */
const SILENCE = 40_000;

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

/** A wish or a request that came to nothing. */
class RefusedError extends Error {
	/** @param {string} code @param {string} [text] */
	constructor(code, text) {
		super(text || (SENTENCES[code] ?? `That was turned down (${code}).`));
		this.code = code;
	}
}

let [token, last, count] = ["", "", 0];
// What an earlier page of this session has wished for may still be answered.
const prefix = crypto.randomUUID();
/** @type {Map<string, Asked>} */
const waiting = new Map();
/** @type {AbortController | null} */
let stream = null;
let [heard, attempt, ended] = [0, 0, false];
let wake = () => {};
/** @type {Parameters<Link["open"]>} */
let [, onEvent, onState] = ["", () => {}, () => {}];

/** @param {object} body @returns {RequestInit} */
const post = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), cache: "no-store" });

/** @param {Response} response @returns {Promise<string>} */
const codeOf = (response) =>
	response.json().then(
		({ error }) => error,
		() => `status ${response.status}`,
	);

async function read() {
	stream = new AbortController();
	heard = Date.now();
	const headers = last ? { "Last-Event-ID": last } : undefined;
	const response = await link.request("/events", { headers, signal: stream.signal });
	const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
	attempt = 0;
	onState("open", "");
	const decoder = new TextDecoder();
	let text = "";
	for (;;) {
		const { done, value } = await reader.read();
		if (done || ended) return;
		heard = Date.now();
		const records = (text + decoder.decode(value, { stream: true })).split("\n\n");
		text = records.pop() ?? "";
		for (const record of records) {
			const [, id, data] = /^(?:id: (.*)\n)?data: (.*)$/.exec(record) ?? [];
			if (!data) continue;
			if (id) last = id;
			const said = JSON.parse(data);
			if ("answer" in said) answer(said);
			else if (said.event === "superseded") return end("elsewhere");
			else onEvent(said);
		}
	}
}

/** @param {any} said */
function answer({ answer, done, refused }) {
	const asked = waiting.get(answer);
	waiting.delete(answer);
	if (refused) asked?.refused(new RefusedError(refused.code, refused.text));
	else asked?.done(done);
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

/** @type {Link} */
export const link = {
	async open(once, takeEvent, takeState) {
		[onEvent, onState] = [takeEvent, takeState];
		setInterval(() => check(SILENCE), 5_000);
		addEventListener("online", () => wake());
		// After a sleep nothing may have come for long.
		document.addEventListener("visibilitychange", () => !document.hidden && check(SILENCE / 2));
		token = sessionStorage.getItem(TOKEN) ?? "";
		if (once) {
			const response = await fetch("/session", post({ token: once })).catch(() => null);
			if (!response?.ok) return end(response ? await codeOf(response) : "gone");
			token = (await response.json()).token;
			sessionStorage.setItem(TOKEN, token);
		}
		if (!token) return end("no_link");
		for (;;) {
			await read().catch(() => null);
			stream = null;
			if (ended) return;
			onState("lost", "");
			await new Promise((resolve) => {
				wake = () => resolve(null);
				setTimeout(wake, Math.min(8_000, 300 * 2 ** attempt));
			});
			attempt += 1;
		}
	},
	wish(wish, fields, { onId, onDone } = {}) {
		const id = `${prefix}-${(count += 1)}`;
		onId?.(id);
		return new Promise((resolve, refused) => {
			const done = (/** @type {any} */ result) => {
				onDone?.(result);
				resolve(result);
			};
			waiting.set(id, { done, refused });
			link.request("/wishes", post({ id, wish, ...fields })).catch((error) => {
				waiting.delete(id);
				refused(error);
			});
		});
	},
	async request(path, options = {}) {
		const headers = { ...options.headers, Authorization: `Bearer ${token}` };
		const response = await fetch(path, { ...options, headers, cache: "no-store" }).catch(() => null);
		if (!response) throw new RefusedError("cut_off");
		if (response.ok) return response;
		const code = await codeOf(response);
		if (response.status === 401) end(code);
		throw new RefusedError(code);
	},
	unlock: (passphrase) => link.request("/unlock", post({ passphrase })),
	async leave() {
		await link.request("/leave", { method: "POST" }).catch(() => null);
		end("left");
	},
};
