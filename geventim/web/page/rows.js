/** @file The rows of a timeline: messages, and what is between them. */

import { store } from "./store.js";
import { words } from "./words.js";

/** Seconds between two messages that are drawn as one block. */
const PAUSE = 300;

/** What was asked last, and the answer. @type {unknown[]} */
let asked = [];
/** @type {Row[]} */
let rows = [];

/** @type {RowsOf} */
export function rowsOf(...of) {
	if (of.every((each, at) => each === asked[at])) return rows;
	const [timeline, , newAfter] = (asked = of);
	rows = [{ kind: timeline.before ? "more" : "begin", key: "edge" }];
	/** @type {Message | null} */
	let previous = null;
	let day = "";
	let isNew = newAfter < 0;
	for (const message of said(...of)) {
		const key = store.keyOf(message);
		if (words.dayOf(message.date) !== day) {
			day = words.dayOf(message.date);
			rows.push({ kind: "day", key: `day ${key}`, date: message.date });
			previous = null;
		}
		if (!isNew && !message.own && message.order > newAfter) {
			isNew = true;
			rows.push({ kind: "new", key: "new" });
			previous = null;
		}
		if (message.line) {
			rows.push({ kind: "line", key, message });
			previous = null;
		} else {
			const first = !previous || previous.nick !== message.nick || previous.verified !== message.verified || message.date - previous.date > PAUSE || !!message.reply;
			rows.push({ kind: "message", key, message, first });
			previous = message;
		}
	}
	return rows;
}

/** Each note before the message that was written after it, and what waits at the end. @type {Said} */
function said({ messages, before, after }, notes = [], _, waiting, id) {
	let from = 0;
	if (before) while (notes[from] && messages[0] && notes[from].date < messages[0].date) from += 1;
	const found = [];
	for (const message of messages) {
		while (notes[from]?.date < message.date) found.push(notes[from++]);
		found.push(message);
	}
	return after ? found : [...found, ...notes.slice(from), ...[...waiting.values()].filter((each) => each.conversation_id === id)];
}
