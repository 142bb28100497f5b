/** @file The first pane: all conversations. */

import { app, ask, enter, prefer } from "./app.js";
import { deeds } from "./deeds.js";
import { h, said } from "./dom.js";
import { forms } from "./forms.js";
import { icon, link, mark, named, person, quiet, sign, STATUSES, tool } from "./icons.js";
import { store } from "./store.js";
import { clean, words } from "./words.js";

const KINDS = { room: "Rooms", group: "Groups", dm: "People" };

export function drawSidebar() {
	const { nick, status } = app.state;
	const all = store.listed(app.state);
	return h(
		"nav.sidebar",
		{ "aria-label": "Conversations" },
		h("h1.unseen", "Conversations"),
		h(
			"header.bar",
			h("button.me", { title: "Settings", onclick: deeds.settings }, person(nick, status), h("span.who", said("strong", nick), quiet(STATUSES[status]))),
			tool("search", "Find (Ctrl-K)", () => ask({ kind: "palette", words: "", at: 0 })),
			tool("add", "New conversation", () => ask({ kind: "begin" })),
		),
		h(
			"div.conversations",
			Object.entries(KINDS).map(([kind, title]) => {
				const some = all.filter((each) => each.kind === kind);
				return some.length > 0 && h("section", { key: kind }, h("h2.label", title), h("ul", some.map(drawConversation)));
			}),
		),
		drawFirstSteps(all),
	);
}

/** @type {Draw<Conversation>} */
function drawConversation(conversation) {
	const { id, name, kind, unread, mentions, muted, trust } = conversation;
	const isOpen = id === app.ui.open;
	const calls = kind === "dm" ? unread : mentions;
	const draft = !isOpen && (app.composing.get(id)?.text ?? conversation.draft);
	const about = [unread && `${unread} unread`, mentions && `${mentions} for you`, muted && "muted", draft && "with a draft"];
	return h(
		"li",
		{ key: id },
		h(
			"button.conversation",
			{ class: { open: isOpen, unread: unread && !muted, muted }, "aria-current": isOpen && "page", onclick: () => enter(id) },
			sign(conversation, app.state),
			named(name, h("span.unseen", about.flatMap((each) => (each ? `, ${each}` : [])))),
			mark(trust),
			muted && quiet(icon("mute")),
			draft && quiet(icon("edit")),
			unread > 0 && h("span.badge", { class: { calls }, "aria-hidden": true }, words.count(calls || unread)),
		),
	);
}

/** @type {Draw<Conversation[]>} */
function drawFirstSteps(all) {
	const { timelines, members, nick } = app.state;
	const { started } = app.preferences;
	if (started.includes("done")) return null;
	const [room, dm] = ["room", "dm"].map((kind) => all.find((each) => each.kind === kind));
	/** @type {Step[]} */
	const steps = [
		["say", [...timelines.values()].some((each) => each.messages.some((message) => message.own)), `Say hello${room ? ` in ${clean(room.name)}` : ""}`, () => (room ? enter(room.id) : deeds.rooms())],
		["dm", dm, "Write to somebody", forms.message],
		["verify", [...members.values()].flat().some((each) => each.standing === "verified" && each.nick !== nick), "Compare keys with them", () => (dm ? deeds.verify(dm.name) : forms.message())],
		["notify", window.Notification?.permission !== "default", "Choose when you are called", deeds.settings],
	];
	const done = steps.flatMap(([name, is]) => (is || started.includes(name) ? name : []));
	if (done.some((name) => !started.includes(name))) prefer({ started: done });
	return (
		done.length < steps.length &&
		h(
			"section.steps",
			{ "aria-label": "First steps" },
			h("header.row", h("h2.label", "First steps"), quiet(`${done.length} of ${steps.length}`), tool("close", "Hide the first steps", () => prefer({ started: ["done"] }))),
			h(
				"ol",
				steps.map(([name, , text, run]) => {
					const isDone = done.includes(name);
					return h("li.row", { key: name, class: { done: isDone } }, h("span.tick", isDone && icon("check", "done")), isDone ? h("span", text) : link(text, run));
				}),
			),
		)
	);
}
