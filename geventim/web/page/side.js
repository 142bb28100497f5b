/** @file The third pane: details of a conversation, or a search. */

import { ofConversation } from "./actions.js";
import { app, show, wish } from "./app.js";
import { deeds } from "./deeds.js";
import { h, said } from "./dom.js";
import { forms } from "./forms.js";
import { button, check, icon, mark, named, person, quiet, seek, select, sign, STATUSES, tool, trustSign } from "./icons.js";
import { store } from "./store.js";
import { clean, words } from "./words.js";

const TIMERS = [0, 300, 3_600, 86_400, 604_800, 2_419_200];

/** Members that are listed. */
const LISTED = 200;

export function drawSide() {
	const isSearch = app.ui.side === "search";
	const title = isSearch ? "Search" : "Details";
	return h(
		"section.side",
		{ "aria-label": title },
		h("header.bar", tool("back", "Back to the conversation", () => show({ pane: "talk" })), h("h2", title), tool("close", "Close", () => show({ side: "", pane: "talk" }))),
		isSearch ? drawSearch() : app.current && drawDetails(app.current),
	);
}

/** @type {Draw<Conversation>} */
function drawDetails(conversation) {
	const { id, kind, name, trust } = conversation;
	const timer = app.state.timers.get(id) ?? 0;
	const times = [...new Set([...TIMERS, timer])].map((seconds) => [String(seconds), seconds ? `${words.duration(seconds)} after reading` : "Never"]);
	return h(
		"div.content",
		{ key: id },
		h("div.portrait", sign(conversation, app.state), said("p.title", clean(name)), trustSign(trust, "End-to-end encrypted, ")),
		h("div.actions", ofConversation(conversation).map(({ icon: name, label, run }) => h("button.action", { onclick: run }, icon(name), h("span", label)))),
		select("Messages disappear", times, String(timer), (seconds) => wish("set_timer", { conversation: id, seconds: Number(seconds) })),
		kind !== "dm" && drawMembers(conversation),
	);
}

/** @type {Draw<Conversation>} */
function drawMembers(conversation) {
	const { people, nick: me, status: mine, members } = app.state;
	const statusOf = (/** @type {string} */ nick) => (nick === me ? mine : (people.get(nick) ?? "gone"));
	const isGone = (/** @type {Member} */ { nick }) => Number(statusOf(nick) === "gone");
	const all = [...(members.get(conversation.id) ?? [])].sort((one, other) => isGone(one) - isGone(other) || one.nick.localeCompare(other.nick));
	return h(
		"section",
		h("h2.label", words.plural(conversation.members, "member")),
		h(
			"ul",
			all.slice(0, LISTED).map(({ nick, standing }) => {
				const status = statusOf(nick);
				const isMe = nick === me;
				return h(
					"li.row",
					{ key: nick },
					h(
						"button.member",
						{ class: status, onclick: () => (isMe ? deeds.settings() : deeds.person(nick)) },
						person(nick, status),
						named(nick),
						!isMe && mark(standing),
						quiet(isMe ? "You" : status !== "normal" && STATUSES[status]),
					),
					conversation.kind === "group" && !isMe && tool("close", `Remove ${clean(nick)}`, () => forms.remove(conversation, nick)),
				);
			}),
		),
		all.length > LISTED && h("p.quiet", `and ${words.count(all.length - LISTED)} others`),
	);
}

let lull = 0;

/** @param {string} words */
function lookSoon(words) {
	clearTimeout(lull);
	lull = window.setTimeout(() => deeds.search(words), 250);
}

function drawSearch() {
	const { words: wanted, conversation, found, busy, done } = app.ui.search;
	const { current } = app;
	const state = busy ? "Searching …" : found.length ? `${words.count(found.length)}${done ? "" : " or more"} found` : wanted.trim() && "Nothing was found.";
	return h(
		"div.content",
		seek("Search in messages", "Words, “a phrase”, from:nick, until:2026-01-31, has:file", lookSoon, { id: "search", dir: "auto" }),
		current && check(`Only in ${clean(current.name)}`, conversation !== "", (only) => deeds.search(wanted, only ? current.id : "")),
		h("p.quiet", { role: "status" }, state),
		h(
			"ul",
			found.map((message) =>
				h(
					"li",
					{ key: store.keyOf(message) },
					h(
						"button.hit",
						{ onclick: () => deeds.jump(message.conversation_id, message.message_id) },
						quiet(`${clean(message.conversation)} · ${words.brief(message.date)}`),
						said("strong", clean(message.nick)),
						said("span.excerpt", highlighted(message.message, wanted), message.files?.map((file) => [" ", icon("file"), clean(file.name)])),
					),
				),
			),
		),
		found.length > 0 && !done && button("Older ones", deeds.searchMore, "faint"),
	);
}

/** A text with the words that were looked for marked. @type {Marked} */
function highlighted(text, wanted) {
	const terms = wanted.replace(/(from|until):\S+|has:file\b|["“”]/g, " ").split(/\s+/).filter(Boolean);
	const pattern = new RegExp(`(${terms.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|") || "$^"})`, "giu");
	const start = Math.max(0, text.search(pattern) - 60);
	return ((start ? "… " : "") + text.slice(start, start + 240)).split(pattern).map((part, at) => (at % 2 ? h("mark", part) : part));
}
