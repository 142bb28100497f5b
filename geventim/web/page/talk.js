/** @file The second pane: one conversation, and the input. */

import { app, isShown, ask, show, wish, write, writing } from "./app.js";
import * as deeds from "./deeds.js";
import * as timeline from "./timeline.js";
import { drawCompletion } from "./completion.js";
import { byId, focusOn, h } from "./dom.js";
import * as forms from "./forms.js";
import { icon, quiet, sign, tool, TRUST, trustIcon } from "./icons.js";
import { drawProgress } from "./message.js";
import * as store from "./store.js";
import * as words from "./words.js";

const { clean } = words;


export function drawTalk() {
	const conversation = app.current;
	if (!conversation) {
		return h(
			"main.talk.nothing",
			{ key: "nothing" },
			icon("lock"),
			h("h1", `Welcome, ${app.state.nick}`),
			h("p", "Choose a conversation, or begin one."),
			h("button.button", { onclick: () => ask({ kind: "begin" }) }, "New conversation"),
		);
	}
	const place = { key: "timeline", role: "log", "aria-live": "off", "aria-label": "Messages", own: true, mount: timeline.mount };
	return h(
		"main.talk",
		{ key: "talk", "aria-label": clean(conversation.name) },
		drawHeader(conversation),
		drawWarnings(conversation),
		h("div.timeline", place),
		drawDown(conversation),
		drawTransfers(conversation),
		drawComposer(conversation),
	);
}

/** @type {Draw<Conversation>} */
function drawHeader(conversation) {
	const { state } = app;
	const { id, kind, name, keyed, trust } = conversation;
	const status = { normal: "available", away: "away", dnd: "does not want to be disturbed", gone: "not connected" }[state.people.get(name) ?? "gone"];
	const about = kind === "dm" ? status : words.plural(conversation.members, "person", "people") + (keyed ? " · keyed room" : "");
	const toggle = (/** @type {"details" | "search"} */ side) => () => {
		const isOpen = isShown(side);
		show({ side: isOpen ? "" : side, pane: isOpen ? "talk" : "side" });
		if (!isOpen && side === "search") focusOn("search");
	};
	return h(
		"header.bar",
		{ key: "header" },
		tool("back", "All conversations", () => show({ pane: "list" }), { class: "back" }),
		sign(conversation, state),
		h("div.about", h("h1", { dir: "auto" }, clean(name)), h("p.quiet", about)),
		h(
			"button.chip",
			{ class: trust, title: `End-to-end encrypted, ${TRUST[trust]}`, onclick: () => (kind === "dm" ? deeds.verify(name) : deeds.roomCode(id)) },
			trustIcon(trust),
			h("span", TRUST[trust]),
		),
		tool("search", "Search (Ctrl-F)", toggle("search"), { "aria-pressed": String(isShown("search")) }),
		tool("info", "Details", toggle("details"), { "aria-pressed": String(isShown("details")) }),
	);
}

/** @type {Draw<Conversation>} */
function drawWarnings(conversation) {
	const { id, kind, stage } = conversation;
	const nicks = store.inQuestion(app.state, conversation);
	const small = (/** @type {string} */ text, /** @type {() => unknown} */ onclick) => h("button.button.small", { onclick }, text);
	return h(
		"div.warnings",
		{ key: "warnings" },
		nicks.length > 0 &&
			h(
				"div.banner.bad",
				{ key: "changed", role: "alert" },
				icon("warning"),
				h(
					"span",
					h("strong", { dir: "auto" }, clean(nicks.slice(0, 3).join(", "))),
					" came with another identity key than before. Somebody may pose as them: ask them on another way. ",
					kind !== "room" && "Nothing is sent here until you have decided.",
				),
				small("Compare keys", () => deeds.verify(nicks[0])),
				small("Accept the new key", () => deeds.trust(nicks[0])),
			),
		stage === "outside" && h("div.banner", { key: "outside", role: "status" }, icon("clock"), h("span", "Your client looks for the way back into this conversation.")),
		stage === "stopped" &&
			h(
				"div.banner.bad",
				{ key: "stopped", role: "alert" },
				icon("warning"),
				h("span", "The server contradicts what your client knows of this conversation. Nothing is sent here until you decide."),
				small("Go on anyway", () => wish("rejoin", { conversation: id })),
			),
	);
}

/** @type {Draw<Conversation>} */
function drawDown({ id, unread }) {
	if (!timeline.isUp() && !app.state.timelines.get(id)?.after) return null;
	const label = unread ? `${unread} new: go to the newest` : "Go to the newest";
	return h("div.down", { key: "down" }, h("button.button", { class: unread ? "" : "faint", onclick: () => deeds.toNewest(), "aria-label": label }, icon("down"), unread > 0 && `${words.count(unread)} new`));
}

/** @type {Draw<Conversation>} */
const drawTransfers = ({ id }) =>
	h(
		"div.transfers",
		{ key: "transfers" },
		[...app.state.transfers.values()].map((moving) => {
			const { number, size, done, rate, left } = moving;
			const name = clean(moving.name);
			const about = [`${words.size(done)} of ${words.size(size)}`, rate && `${words.size(rate)}/s`, left && `${Math.ceil(left)} s left`];
			return (
				moving.conversation_id === id &&
				moving.direction === "sending" &&
				h(
					"div.file",
					{ key: String(number) },
					icon("file"),
					h("div.about", h("span.name", { dir: "auto" }, name), quiet(about.filter(Boolean).join(" · ")), drawProgress(moving)),
					tool("close", `Cancel ${name}`, () => wish("cancel", { transfer: number })),
				)
			);
		}),
	);

/** @type {Draw<Conversation>} */
function drawComposer(conversation) {
	const { id, kind, name } = conversation;
	const { text, edit, reply, files } = writing(id);
	const isBlocked = store.isBlocked(app.state, conversation);
	const label = `Message ${kind === "dm" ? "to" : "in"} ${clean(name)}`;
	const about = edit ? "Edit your message" : reply && `Reply to ${clean(reply.nick)}: ${reply.message.slice(0, 120)}`;
	const onsubmit = (/** @type {globalThis.Event} */ event) => {
		event.preventDefault();
		void deeds.send();
	};
	const onchange = (/** @type {any} */ { target }) => {
		deeds.attach([...target.files]);
		target.value = "";
	};
	const off = { disabled: isBlocked };
	return h(
		"form.composer",
		{ key: "composer", onsubmit, "aria-label": "Write" },
		about && h("div.context", { key: "about" }, icon(edit ? "edit" : "reply"), h("span.excerpt", { dir: "auto" }, about), tool("close", "Stop (Esc)", () => deeds.stopWriting())),
		app.ui.command &&
			h(
				"div.context",
				{ key: "command", role: "status" },
				icon("info"),
				h("span.excerpt", "This looks like a command, and was not sent."),
				h("button.link", { onclick: () => ask({ kind: "palette", words: app.ui.command, at: 0 }) }, "Find it"),
				h("button.link", { onclick: () => deeds.send() }, "Send as text"),
			),
		files.length > 0 &&
			h(
				"div.chosen",
				{ key: "chosen" },
				files.map((file, at) =>
					h(
						"span.chip",
						{ key: `${at} ${file.name}` },
						icon("file"),
						h("span.name", { dir: "auto" }, clean(file.name)),
						quiet(words.size(file.size)),
						tool("close", `Remove ${clean(file.name)}`, () => write(id, { files: files.filter((each) => each !== file) })),
					),
				),
			),
		drawCompletion(),
		h(
			"div.row",
			{ key: "row" },
			tool("attach", "Attach files", () => byId("files").click(), off),
			h("input", { key: "files", id: "files", type: "file", multiple: true, hidden: true, "aria-label": "Files", onchange }),
			h("textarea", {
				key: "input",
				id: "input",
				rows: "1",
				dir: "auto",
				"aria-label": label,
				placeholder: isBlocked ? "Nothing is sent here at the moment" : label,
				value: text,
				oninput: (/** @type {any} */ event) => deeds.type(event.target.value),
				onblur: () => deeds.keepDraft(id),
				...off,
			}),
			kind === "dm" && tool("key", "Send a secret", () => ask(forms.sendSecret(name)), off),
			tool("smile", "Emoji", () => ask({ kind: "emoji" }), { key: "emoji", ...off }),
			h("button.button.send", { key: "send", type: "submit", "aria-label": edit ? "Save" : "Send", title: "Send (Enter)", disabled: isBlocked || (!text.trim() && !files.length) }, icon("send")),
		),
	);
}
