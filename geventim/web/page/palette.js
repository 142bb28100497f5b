/** @file Goes anywhere, and finds every command, by a few letters. */

import { app, ask, enter, show } from "./app.js";
import * as deeds from "./deeds.js";
import { byId, focusOn, h } from "./dom.js";
import * as forms from "./forms.js";
import { icon, person, quiet, sign } from "./icons.js";
import * as store from "./store.js";
import { clean, count } from "./words.js";

/** @typedef {{key: string, label: string, sign: Child, hint?: string, words?: string, run: () => unknown}} Choice */

const MOST = 12;

/** How well a text fits the letters that were typed; 0: not at all. @param {string} text @param {string} wanted in small letters */
export function fit(text, wanted) {
	const low = text.toLowerCase();
	if (low.startsWith(wanted)) return 4;
	if (low.split(/[\s_.-]+/).some((each) => each.startsWith(wanted))) return 3;
	if (low.includes(wanted)) return 2;
	let at = 0;
	for (const sign of low) if (sign === wanted[at]) at += 1;
	return at === wanted.length ? 1 : 0;
}

/** @param {string} letters @returns {Choice[]} */
function choices(letters) {
	const wanted = letters.replace(/^[/@#]/, "").trim().toLowerCase();
	const places = letters.startsWith("/") ? [] : [...conversations(), ...(wanted ? people() : [])];
	const ranked = [...places, ...commands()].map((choice) => {
		const more = choice.words && wanted ? fit(choice.words, wanted) - 0.5 : 0;
		return { choice, rank: Math.max(fit(choice.label, wanted), more) };
	});
	if (wanted) ranked.sort((one, other) => other.rank - one.rank);
	const found = ranked.flatMap(({ choice, rank }) => (rank > 0 ? choice : [])).slice(0, MOST);
	const search = { key: "search", label: `Search messages for “${wanted}”`, sign: icon("search"), run: () => openSearch("", wanted) };
	return wanted && !letters.startsWith("/") ? [...found, search] : found;
}

/** @returns {Choice[]} */
const conversations = () =>
	store.listed(app.state).map((each) => ({
		key: each.id,
		label: each.name,
		sign: sign(each, app.state),
		hint: each.unread ? `${count(each.unread)} new` : "",
		run: () => {
			ask(null);
			enter(each.id);
		},
	}));

/** Those with whom there is no conversation. @returns {Choice[]} */
function people() {
	const known = new Set([...app.state.conversations.values()].flatMap((each) => (each.kind === "dm" ? each.name : [])));
	return store.everybody(app.state).flatMap((nick) => (known.has(nick) ? [] : { key: `@${nick}`, label: nick, sign: person(nick), hint: "Write to them", run: () => deeds.openDm(nick) }));
}

/** @returns {Choice[]} */
function commands() {
	/** @type {Choice[]} */
	const all = [];
	const add = (/** @type {IconName} */ picture, /** @type {string} */ label, /** @type {() => unknown} */ run, words = "", hint = "") => all.push({ key: label, label, sign: icon(picture), hint, words, run });
	const close = (/** @type {() => unknown} */ run) => () => {
		ask(null);
		run();
	};
	const { current } = app;
	if (current) {
		const { id, kind, name, muted, keyed } = current;
		add("search", `Search in ${name}`, close(() => openSearch(id)), "find", "Ctrl-F");
		add("attach", "Attach files", close(() => byId("files")?.click()), "send upload");
		add("mute", `${muted ? "Unmute" : "Mute"} ${name}`, close(() => deeds.mute(current)));
		add("info", "Details", close(() => show({ side: "details", pane: "side" })), "members names timer disappear", "Alt-M");
		if (kind === "dm") {
			add("shield", `Compare keys with ${name}`, () => deeds.verify(name), "verify safety number");
			add("key", `Send a secret to ${name}`, () => ask(forms.sendSecret(name)));
			add("info", `Who is ${name}?`, () => deeds.person(name), "whois");
		} else {
			add("shield", `Compare the code of ${name}`, () => deeds.roomCode(id), "verify");
			add("close", `Leave ${name}`, () => ask(forms.leave(current)));
		}
		if (kind === "group") add("add", `Add people to ${name}`, () => ask(forms.add(current)), "invite");
		if (keyed) add("key", `Change the key of ${name}`, () => ask(forms.newKey(current)), "newkey");
	}
	add("people", "Message somebody", () => ask(forms.message()), "query dm msg");
	add("hash", "Join a room", () => ask(forms.join()), "enter");
	add("add", "Make a room", () => ask(forms.room()), "create newkey");
	add("group", "Make a group", () => ask(forms.group()), "create");
	for (const number of app.state.secrets) add("key", `Open secret ${number}`, () => deeds.openSecret(number));
	add("bell", "Go where something is new", close(deeds.goToNews), "unread", "Alt-A");
	add("gear", "Settings", deeds.settings, "ignore highlights notifications");
	add("info", "Keys", () => ask({ kind: "help" }), "help shortcuts", "?");
	add("clock", "Be away", close(() => deeds.setStatus("away")), "status");
	add("mute", "Do not be disturbed", close(() => deeds.setStatus("dnd")), "status dnd");
	add("check", "Be available", close(() => deeds.setStatus("normal")), "status normal back");
	return all;
}

/** Search in a conversation, or in all. @param {Id} id @param {string} [words] */
export function openSearch(id, words = app.ui.search.words) {
	show({ side: "search", pane: "side", dialog: null });
	void deeds.search(words, id);
	requestAnimationFrame(() => {
		byId("search").value = words;
		focusOn("search");
	});
}

/** @param {Dialog} dialog @returns {Child[]} */
export function drawPalette(dialog) {
	const found = choices(dialog.words);
	const at = Math.min(dialog.at, found.length - 1);
	const change = (/** @type {object} */ changed) => ask({ ...dialog, ...changed });
	// What was typed since this was drawn counts.
	const chosen = (/** @type {string} */ words) => (words === dialog.words ? found[at] : choices(words)[0]);
	const onkeydown = (/** @type {any} */ event) => {
		const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" && found.length - 1;
		if (step) change({ at: (at + step) % found.length });
		else if (event.key === "Enter") chosen(event.target.value)?.run();
		else return;
		event.preventDefault();
		requestAnimationFrame(() => document.querySelector("#palette [aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
	};
	return [
		h("h2.unseen", { key: "title", id: "dialog-title" }, "Go to, or do"),
		h("input.wide", {
			key: "input",
			type: "text",
			role: "combobox",
			dir: "auto",
			autocomplete: "off",
			spellcheck: "false",
			"data-first": true,
			"aria-label": "Go to, or do",
			"aria-expanded": "true",
			"aria-controls": "palette",
			"aria-activedescendant": found[at] && `choice-${at}`,
			placeholder: "A conversation, a person, or what you want to do",
			value: dialog.words,
			oninput: (/** @type {any} */ event) => change({ words: event.target.value, at: 0 }),
			onkeydown,
		}),
		h(
			"ul.content",
			{ key: "list", id: "palette", role: "listbox", "aria-label": "Choices" },
			found.map(({ key, label, sign, hint, run }, place) =>
				h("li", { key, id: `choice-${place}`, role: "option", "aria-selected": String(place === at), onclick: run }, sign, h("span.name", { dir: "auto" }, clean(label)), hint && quiet(hint)),
			),
		),
	];
}
