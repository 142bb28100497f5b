/** @file The second pane: one conversation, and the input. */

import { app, ask, isShown, redraw, show, toggle, wish, write, writing } from "./app.js";
import { openSearch } from "./actions.js";
import { deeds } from "./deeds.js";
import { byId, h, said } from "./dom.js";
import { findEmoji } from "./emoji.js";
import { forms } from "./forms.js";
import { banner, button, icon, link, lonely, named, person, quiet, sign, STATUSES, tool, trustSign } from "./icons.js";
import { drawCard } from "./message.js";
import { store } from "./store.js";
import * as timeline from "./timeline.js";
import { clean, words } from "./words.js";

export function drawTalk() {
	const conversation = app.current;
	if (!conversation) {
		return lonely(icon("lock"), `Welcome, ${app.state.nick}`, h("p", "Choose a conversation, or begin one."), button("New conversation", () => ask({ kind: "begin" })));
	}
	return h(
		"section.talk",
		{ "aria-label": clean(conversation.name) },
		draw.header(conversation),
		draw.warnings(conversation),
		h("div.timeline", { role: "log", "aria-live": "off", "aria-label": "Messages", own: true, mount: timeline.mount }),
		draw.down(conversation),
		draw.transfers(conversation),
		draw.composer(conversation),
	);
}

/** @type {Draws<Conversation>} */
const draw = {
	header(conversation) {
		const { people } = app.state;
		const { id, kind, name, keyed, trust, members } = conversation;
		return h(
			"header.bar",
			tool("back", "All conversations", () => show({ pane: "list" })),
			sign(conversation, app.state),
			h("div.about", said("h1", clean(name)), h("p.quiet", kind === "dm" ? STATUSES[people.get(name) ?? "gone"] : words.plural(members, "person", "people") + (keyed ? " · keyed room" : ""))),
			h("button.chip", { class: trust, title: "Compare keys", onclick: () => (kind === "dm" ? deeds.verify(name) : deeds.roomCode(id)) }, trustSign(trust)),
			tool("search", "Search (Ctrl-F)", () => (isShown("search") ? toggle("search") : openSearch(id)), { "aria-pressed": isShown("search") }),
			tool("info", "Details", () => toggle("details"), { "aria-pressed": isShown("details") }),
		);
	},
	warnings(conversation) {
		const { id, kind, stage } = conversation;
		const nicks = store.inQuestion(app.state, conversation);
		return h(
			"div.warnings",
			nicks.length > 0 &&
				banner(
					"warning",
					[
						said("strong", clean(nicks.slice(0, 3).join(", "))),
						" ",
						doubt(nicks[0]),
						" Ask them in another way. ",
						kind !== "room" && "Nothing is sent here until you have decided.",
					],
					button("Compare keys", () => deeds.verify(nicks[0]), "small"),
					button("Accept the new key", () => deeds.trust("trust", nicks[0]), "small"),
				),
			stage === "outside" && banner("clock", ["Your client looks for the way back into this conversation."]),
			stage === "stopped" &&
				banner(
					"warning",
					["The server contradicts what your client knows of this conversation. Nothing is sent here until you decide."],
					button("Go on anyway", () => wish("rejoin", { conversation: id }), "small"),
				),
		);
	},
	down({ id, unread }) {
		if (!timeline.isUp() && !app.state.timelines.get(id)?.after) return null;
		const label = `${unread ? `${unread} new: g` : "G"}o to the newest`;
		return h("div.down", h("button.button", { class: { faint: !unread }, onclick: deeds.toNewest, "aria-label": label }, icon("download"), unread > 0 && `${words.count(unread)} new`));
	},
	transfers: ({ id }) =>
		h(
			"div.transfers",
			[...app.state.transfers.values()].map((moving) => {
				const { number, conversation_id, direction, name } = moving;
				return conversation_id === id && direction === "sending" && drawCard(number, moving, moving, tool("close", `Cancel ${clean(name)}`, () => wish("cancel", { transfer: number })));
			}),
		),
	composer(conversation) {
		const { id, kind, name } = conversation;
		const { text, edit, reply, files } = writing(id);
		const disabled = store.isBlocked(app.state, conversation);
		const label = `Message ${kind === "dm" ? "to" : "in"} ${clean(name)}`;
		const about = edit ? "Edit your message" : reply && `Reply to ${clean(reply.nick)}: ${reply.message.slice(0, 120)}`;
		return h(
			"form.composer",
			{
				"aria-label": "Write",
				onsubmit(event) {
					event.preventDefault();
					void deeds.send();
				},
			},
			about && context(edit ? "edit" : "reply", about, tool("close", "Stop (Esc)", deeds.stopWriting)),
			app.ui.command &&
				context(
					"info",
					"This looks like a command, and was not sent.",
					link("Find it", () => ask({ kind: "palette", words: app.ui.command, at: 0 })),
					link("Send as text", deeds.send),
				),
			files.length > 0 &&
				h(
					"div.chosen",
					files.map((file, at) =>
						h(
							"span.chip",
							{ key: at },
							icon("file"),
							named(file.name),
							quiet(words.size(file.size)),
							tool("close", `Remove ${clean(file.name)}`, () => write(id, { files: files.filter((each) => each !== file) })),
						),
					),
				),
			drawCompletion(),
			h(
				"div.write",
				tool("attach", "Attach files", () => byId("files").click(), { disabled }),
				h("input", {
					id: "files",
					type: "file",
					multiple: true,
					hidden: true,
					"aria-label": "Files",
					onchange({ target }) {
						deeds.attach([...target.files]);
						target.value = "";
					},
				}),
				h("textarea", {
					id: "input",
					rows: "1",
					dir: "auto",
					"aria-label": label,
					placeholder: disabled ? "Nothing is sent here at the moment" : label,
					value: text,
					oninput: ({ target }) => deeds.type(target.value),
					onblur: () => deeds.keepDraft(id),
					disabled,
				}),
				kind === "dm" && tool("key", "Send a secret", () => forms.sendSecret(name), { disabled }),
				tool("smile", "Emoji", () => ask({ kind: "emoji" }), { disabled }),
				h("button.button.send", { type: "submit", "aria-label": edit ? "Save" : "Send", disabled: disabled || (!text.trim() && !files.length) }, icon("send")),
			),
		);
	},
};

/** What is wrong with the key of somebody. @param {string} nick */
function doubt(nick) {
	const { why, known = "" } = app.state.doubts.get(nick) ?? {};
	const other = clean(known);
	if (why === "look-alike") return `looks like ${other}, and is somebody else.`;
	if (why === "other-nick") return `has the identity key of ${other}: either ${other} is called so now, or the server confuses them.`;
	return "came with another identity key than before. Somebody may pose as them.";
}

const MOST = 6;

let [chosen, about, dismissed] = [0, "", ""];

/** What could be meant before the caret. */
function completion() {
	const input = byId("input");
	if (!input || document.activeElement !== input || input.selectionStart !== input.selectionEnd) return null;
	const to = input.selectionStart;
	const [whole, sign, word] = /(?<![^\s])([@:])([\p{L}\p{N}_.-]*)$/u.exec(input.value.slice(0, to)) ?? [];
	if (whole === undefined) return null;
	const name = `${to - whole.length} ${sign}`;
	const choices = (sign === "@" ? nicks(word.toLowerCase()) : word.length > 1 ? emoji(word) : []).slice(0, MOST);
	if (name === dismissed || !choices.length) return null;
	if (name + word !== about) [about, chosen] = [name + word, 0];
	return { from: to - whole.length, name, choices };
}

/** @param {string} word */
const nicks = (word) =>
	(app.state.members.get(app.ui.open) ?? [])
		.flatMap(({ nick }) => (nick !== app.state.nick && nick.toLowerCase().startsWith(word) ? nick : []))
		.sort()
		.map((nick) => ({ text: `@${nick} `, label: clean(nick), sign: person(nick) }));

/** @param {string} word */
const emoji = (word) => findEmoji(word).map(({ sign, words }) => ({ text: `${sign} `, label: words, sign: h("span", sign) }));

function drawCompletion() {
	const found = completion();
	if (!found) return null;
	return h(
		"ul.completion",
		{ role: "listbox", "aria-label": "Completions" },
		found.choices.map(({ text, label, sign }, at) => {
			const onmousedown = (/** @type {Event} */ event) => {
				event.preventDefault();
				complete(at);
			};
			return h("li", { key: text, role: "option", "aria-selected": at === chosen, onmousedown }, sign, said("span", label));
		}),
	);
}

/** @param {number} at */
function complete(at) {
	const found = completion();
	if (found) deeds.insert(found.choices[at].text, found.from);
}

/** What a key does to the completions: whether it was for them. @param {string} name */
export function completionKey(name) {
	const found = completion();
	const count = found?.choices.length ?? 0;
	if (!found) return false;
	if (name === "ArrowDown" || name === "ArrowUp") chosen = (chosen + (name === "ArrowDown" ? 1 : count - 1)) % count;
	else if (name === "Tab" || name === "Enter") complete(chosen);
	else if (name === "Escape") dismissed = found.name;
	else return false;
	redraw();
	return true;
}

/** What stands above the input. @type {Context} */
const context = (sign, text, ...more) => h("div.context", { role: "status" }, icon(sign), said("span.excerpt", text), more);

