/** @file Completes nicks and emoji while they are typed. */

import { app, redraw } from "./app.js";
import * as deeds from "./deeds.js";
import { byId, h } from "./dom.js";
import { findEmoji } from "./emoji.js";
import { person } from "./icons.js";
import { clean } from "./words.js";

const MOST = 6;

let chosen = 0;
let about = "";
let dismissed = "";

/** What could be meant before the caret. */
function completion() {
	const input = byId("input");
	if (!input || document.activeElement !== input || input.selectionStart !== input.selectionEnd) return null;
	const to = input.selectionStart;
	const [whole, sign, word] = /(?<![^\s])([@:])([\p{L}\p{N}_.-]*)$/u.exec(input.value.slice(0, to)) ?? [];
	if (whole === undefined) return null;
	const name = `${to - whole.length} ${sign}`;
	const choices = sign === "@" ? nicks(word.toLowerCase()) : word.length > 1 ? emoji(word) : [];
	if (name === dismissed || !choices.length) return null;
	if (name + word !== about) [about, chosen] = [name + word, 0];
	return { from: to - whole.length, name, choices };
}

/** @param {string} word */
const nicks = (word) =>
	(app.state.members.get(app.ui.open) ?? [])
		.map((each) => each.nick)
		.filter((nick) => nick !== app.state.nick && nick.toLowerCase().startsWith(word))
		.sort()
		.slice(0, MOST)
		.map((nick) => ({ text: `@${nick} `, label: clean(nick), sign: person(nick) }));

/** @param {string} word */
const emoji = (word) => findEmoji(word).slice(0, MOST).map(({ sign, words }) => ({ text: `${sign} `, label: words, sign: h("span", sign) }));


export function drawCompletion() {
	const found = completion();
	const choose = (/** @type {number} */ at) => (/** @type {globalThis.Event} */ event) => {
		event.preventDefault();
		complete(at);
	};
	return (
		found &&
		h(
			"ul.completion",
			{ key: "completion", role: "listbox", "aria-label": "Completions" },
			found.choices.map(({ text, label, sign }, at) => h("li", { key: text, role: "option", "aria-selected": String(at === chosen), onmousedown: choose(at) }, sign, h("span", { dir: "auto" }, label))),
		)
	);
}

/** @param {number} at */
function complete(at) {
	const found = completion();
	if (!found) return;
	deeds.insert(found.choices[at].text, found.from);
}

/** What a key does to the completions: whether it was for them. @param {KeyboardEvent} event */
export function completionKey({ key, altKey, ctrlKey, metaKey, shiftKey }) {
	const found = completion();
	if (!found || altKey || ctrlKey || metaKey || shiftKey) return false;
	const count = found.choices.length;
	if (key === "ArrowDown" || key === "ArrowUp") chosen = (chosen + (key === "ArrowDown" ? 1 : count - 1)) % count;
	else if (key === "Tab" || key === "Enter") complete(chosen);
	else if (key === "Escape") dismissed = found.name;
	else return false;
	redraw();
	return true;
}
