/** @file The third pane: details of a conversation, or a search. */

import { app, ask, show, wish } from "./app.js";
import * as deeds from "./deeds.js";
import { h } from "./dom.js";
import * as forms from "./forms.js";
import { icon, mark, person, quiet, sign, tool, TRUST, trustIcon } from "./icons.js";
import { keyOf } from "./store.js";
import * as words from "./words.js";

const { clean } = words;

const TIMERS = [0, 300, 3_600, 86_400, 604_800, 2_419_200];

/** Members that are listed. */
const LISTED = 200;


export function drawSide() {
	const title = app.ui.side === "search" ? "Search" : "Details";
	return h(
		"aside.side",
		{ key: "side", "aria-label": title },
		h(
			"header.bar",
			tool("back", "Back to the conversation", () => show({ pane: "talk" }), { class: "back" }),
			h("h2", title),
			tool("close", "Close", () => show({ side: "", pane: "talk" }), { class: "close" }),
		),
		app.ui.side === "search" ? drawSearch() : app.current && drawDetails(app.current),
	);
}

/** @type {Draw<Conversation>} */
function drawDetails(conversation) {
	const { id, kind, name, keyed, muted, trust } = conversation;
	const timer = app.state.timers.get(id) ?? 0;
	const action = (/** @type {IconName} */ picture, /** @type {string} */ label, /** @type {() => unknown} */ onclick) => h("button.action", { key: label, onclick }, icon(picture), h("span", label));
	const show = (/** @type {Form} */ dialog) => () => ask(dialog);
	return h(
		"div.content",
		{ key: "details" },
		h(
			"div.portrait",
			sign(conversation, app.state),
			h("p.title", { dir: "auto" }, clean(name)),
			h("p.trust", { class: trust }, trustIcon(trust), `End-to-end encrypted, ${TRUST[trust]}`),
		),
		h(
			"div.actions",
			kind === "dm" ? action("shield", "Compare keys", () => deeds.verify(name)) : action("shield", "Compare the code", () => deeds.roomCode(id)),
			action(muted ? "bell" : "mute", muted ? "Unmute" : "Mute", () => deeds.mute(conversation)),
			kind === "group" && action("add", "Add people", show(forms.add(conversation))),
			keyed && action("key", "Change the key", show(forms.newKey(conversation))),
			kind === "dm" ? action("info", "Who is this?", () => deeds.person(name)) : action("close", "Leave", show(forms.leave(conversation))),
			kind === "group" && action("trash", "Delete", show(forms.end(conversation))),
		),
		h(
			"label.field",
			h("span", "Messages disappear"),
			h(
				"select",
				{ onchange: (/** @type {any} */ event) => wish("set_timer", { conversation: id, seconds: Number(event.target.value) }) },
				[...new Set([...TIMERS, timer])].map((seconds) => h("option", { key: `${seconds} ${seconds === timer}`, value: String(seconds), selected: seconds === timer }, seconds ? `${words.duration(seconds)} after reading` : "Never")),
			),
		),
		kind !== "dm" && drawMembers(conversation),
	);
}

/** @type {Draw<Conversation>} */
function drawMembers(conversation) {
	const { people, nick: me, status: mine, members } = app.state;
	const statusOf = (/** @type {string} */ nick) => (nick === me ? mine : people.get(nick));
	const all = [...(members.get(conversation.id) ?? [])].sort((one, other) => Number(!statusOf(one.nick)) - Number(!statusOf(other.nick)) || one.nick.localeCompare(other.nick));
	return h(
		"section.members",
		{ "aria-label": "Members" },
		h("h2", words.plural(conversation.members, "member")),
		h(
			"ul",
			all.slice(0, LISTED).map(({ nick, standing }) => {
				const status = statusOf(nick);
				const isMe = nick === me;
				return h(
					"li",
					{ key: nick },
					h(
						"button.member",
						{ class: status ? "" : "gone", onclick: () => (isMe ? deeds.settings() : deeds.person(nick)) },
						person(nick, status ?? "gone"),
						h("span.name", { dir: "auto" }, clean(nick)),
						!isMe && mark(standing),
						quiet(isMe ? "you" : { normal: "", away: "away", dnd: "do not disturb", gone: "not connected" }[status ?? "gone"]),
					),
					conversation.kind === "group" && !isMe && tool("close", `Remove ${clean(nick)}`, () => ask(forms.remove(conversation, nick))),
				);
			}),
		),
		all.length > LISTED && h("p.quiet", `and ${words.count(all.length - LISTED)} others`),
	);
}

let lull = 0;


function drawSearch() {
	const { words: wanted, conversation, found, busy, done } = app.ui.search;
	const { current } = app;
	const oninput = (/** @type {any} */ event) => {
		clearTimeout(lull);
		lull = window.setTimeout(() => deeds.search(event.target.value), 250);
	};
	const state = busy ? "Searching …" : found.length ? `${words.count(found.length)}${done ? "" : " or more"} found` : wanted.trim() && "Nothing was found.";
	return h(
		"div.content",
		{ key: "search" },
		h("input", { key: "search", id: "search", type: "search", dir: "auto", "aria-label": "Search in messages", placeholder: "Words, “a phrase”, from:nick", autocomplete: "off", oninput }),
		current &&
			h(
				"label.check",
				{ key: "only" },
				h("input", { type: "checkbox", checked: conversation !== "", onchange: (/** @type {any} */ event) => deeds.search(wanted, event.target.checked ? current.id : "") }),
				h("span", `Only in ${clean(current.name)}`),
			),
		h("p.quiet", { key: "state", role: "status" }, state),
		h(
			"ul.found",
			{ key: "found" },
			found.map((message) =>
				h(
					"li",
					{ key: keyOf(message) },
					h(
						"button.hit",
						{ onclick: () => deeds.jump(message.conversation_id, message.message_id) },
						quiet(`${clean(message.conversation)} · ${words.brief(message.date)}, ${words.clock(message.date)}`),
						h("strong", { dir: "auto" }, clean(message.nick)),
						h("span.excerpt", { dir: "auto" }, highlighted(message.message, wanted)),
					),
				),
			),
		),
		found.length > 0 && !done && h("button.button.faint", { key: "more", disabled: busy, onclick: () => deeds.searchMore() }, "Older ones"),
	);
}

/** A text with the words that were looked for marked. @param {string} text @param {string} wanted */
function highlighted(text, wanted) {
	const terms = wanted.replace(/from:\S+|["“”]/g, " ").split(/\s+/).filter(Boolean);
	const pattern = new RegExp(`(${terms.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|") || "$^"})`, "giu");
	const start = Math.max(0, text.search(pattern) - 60);
	return ((start ? "… " : "") + text.slice(start, start + 240)).split(pattern).map((part, at) => (at % 2 ? h("mark", part) : part));
}
