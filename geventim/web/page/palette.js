/** @file Goes anywhere by a few letters. */

import * as actions from "./actions.js";
import { app, ask, enter } from "./app.js";
import { deeds } from "./deeds.js";
import { h } from "./dom.js";
import { icon, named, person, quiet, sign } from "./icons.js";
import { store } from "./store.js";
import { words } from "./words.js";

const MOST = 12;

/** How well a text fits the letters that were typed; 0: not at all. @type {Fit} */
function fit(text, wanted) {
	const low = text.toLowerCase();
	if (low.startsWith(wanted)) return 4;
	if (low.includes(wanted)) return low.split(/[\s_.-]+/).some((each) => each.startsWith(wanted)) ? 3 : 2;
	let at = 0;
	for (const sign of low) if (sign === wanted[at]) at += 1;
	return at === wanted.length ? 1 : 0;
}

/** @param {string} letters @returns {Choice[]} */
function choices(letters) {
	const wanted = letters.replace(/^[/@#]/, "").trim().toLowerCase();
	const isCommand = letters.startsWith("/");
	const places = isCommand ? [] : [...conversations(), ...(wanted ? people() : [])];
	const ranked = [...places, ...commands()].map((choice) => ({ choice, rank: Math.max(fit(choice.label, wanted), choice.words && wanted ? fit(choice.words, wanted) - 0.5 : 0) }));
	if (wanted) ranked.sort((one, other) => other.rank - one.rank);
	const found = ranked.flatMap(({ choice, rank }) => (rank > 0 ? choice : [])).slice(0, MOST);
	if (wanted && !isCommand) found.push({ key: "search", label: `Search messages for “${wanted}”`, sign: icon("search"), run: () => actions.openSearch("", wanted) });
	return found;
}

/** @returns {Choice[]} */
const conversations = () =>
	store.listed(app.state).map((each) => ({ key: each.id, label: each.name, sign: sign(each, app.state), hint: each.unread ? `${words.count(each.unread)} new` : "", run: () => enter(each.id) }));

/** Those with whom there is no conversation. @returns {Choice[]} */
function people() {
	const known = new Set([...app.state.conversations.values()].flatMap((each) => (each.kind === "dm" ? each.name : [])));
	return store.everybody(app.state).flatMap((nick) => (known.has(nick) ? [] : { key: `@${nick}`, label: nick, sign: person(nick), hint: "Write to them", run: () => deeds.openDm(nick) }));
}

/** @returns {Choice[]} */
function commands() {
	const { current } = app;
	const here = current ? actions.ofConversation(current).map((each) => ({ ...each, hint: current.name })) : [];
	return [...here, ...actions.begin(), ...actions.everywhere()].map((each) => ({ ...each, key: each.label, sign: icon(each.icon) }));
}

/** @param {Dialog} dialog @returns {Child[]} */
export function drawPalette(dialog) {
	const found = choices(dialog.words);
	const at = Math.min(dialog.at, found.length - 1);
	const change = (/** @type {object} */ changed) => ask({ ...dialog, ...changed });
	const take = (/** @type {Choice | undefined} */ choice) => {
		if (choice) ask(null);
		choice?.run();
	};
	const onkeydown = (/** @type {any} */ event) => {
		const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" && found.length - 1;
		const words = event.target.value;
		if (step) change({ at: (at + step) % found.length });
		// What was typed since this was drawn counts.
		else if (event.key === "Enter") take(words === dialog.words ? found[at] : choices(words)[0]);
		else return;
		event.preventDefault();
		requestAnimationFrame(() => document.querySelector("#palette [aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
	};
	return [
		h("input.wide", {
			type: "text",
			role: "combobox",
			dir: "auto",
			autocomplete: "off",
			"aria-label": "Go to, or do",
			"aria-expanded": true,
			"aria-controls": "palette",
			"aria-activedescendant": found[at] && `choice-${at}`,
			placeholder: "A conversation, a person, or what you want to do",
			value: dialog.words,
			oninput: ({ target }) => change({ words: target.value, at: 0 }),
			onkeydown,
		}),
		h(
			"ul.content",
			{ id: "palette", role: "listbox", "aria-label": "Choices" },
			found.map((each, place) =>
				h("li", { key: each.key, id: `choice-${place}`, role: "option", "aria-selected": place === at, onclick: () => take(each) }, each.sign, named(each.label), each.hint && quiet(each.hint)),
			),
		),
	];
}
