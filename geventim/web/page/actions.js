/** @file What can be done with conversations and messages. */

import { app, ask, show, wish } from "./app.js";
import { deeds } from "./deeds.js";
import { byId, focusOn } from "./dom.js";
import { forms } from "./forms.js";

/** @param {...ActionRow} rows */
const actions = (...rows) => rows.flatMap((row) => (row ? { icon: row[0], label: row[1], run: row[2], words: row[3], hint: row[4] } : []));

/** Search in a conversation, or in all. @param {Id} id @param {string} [words] */
export function openSearch(id, words = app.ui.search.words) {
	show({ side: "search", pane: "side", dialog: null });
	void deeds.search(words, id);
	requestAnimationFrame(() => (byId("search").value = words));
	focusOn("search");
}

/** @param {Conversation} conversation */
export function ofConversation(conversation) {
	const { id, kind, name, keyed, muted } = conversation;
	const isDm = kind === "dm";
	return actions(
		isDm ? ["shield", "Compare keys", () => deeds.verify(name), "verify safety number"] : ["shield", "Compare the code", () => deeds.roomCode(id), "verify"],
		[muted ? "bell" : "mute", muted ? "Unmute" : "Mute", () => wish("mute", { conversation: id, muted: !muted })],
		isDm && ["key", "Send a secret", () => forms.sendSecret(name)],
		kind === "group" && ["add", "Add people", () => forms.add(conversation), "invite"],
		keyed && ["key", "Change the key", () => forms.newKey(conversation), "newkey"],
		isDm ? ["info", "Who is this?", () => deeds.person(name), "whois"] : ["close", "Leave", () => forms.leave(conversation)],
		kind === "group" && ["trash", "Delete", () => forms.end(conversation)],
	);
}

export const begin = () =>
	actions(
		["people", "Message somebody", forms.message, "query dm msg", "For the two of you"],
		["hash", "Join a room", () => deeds.rooms(), "enter rooms", "One that is there already"],
		["add", "Make a room", forms.room, "create newkey", "Open to everybody here, or with a key"],
		["group", "Make a group", forms.group, "create", "For those whom you choose"],
	);

/** @type {(number: number) => ActionRow} */
const openSecret = (number) => ["key", `Open secret ${number}`, () => forms.openSecret(number)];

export const everywhere = () =>
	actions(
		...[...app.state.secrets].map(openSecret),
		!!app.current && ["search", "Search here", () => openSearch(app.ui.open), "find", "Ctrl-F"],
		!!app.current && ["attach", "Attach files", () => byId("files").click(), "send upload"],
		!!app.current && ["info", "Details", () => show({ side: "details", pane: "side" }), "members names timer disappear", "Alt-M"],
		["bell", "Go where something is new", deeds.goToNews, "unread", "Alt-A"],
		["gear", "Settings", deeds.settings, "ignore highlights notifications receipts"],
		["info", "Keys", () => ask({ kind: "help" }), "help shortcuts", "?"],
		["clock", "Be away", () => deeds.setStatus("away"), "status"],
		["mute", "Do not be disturbed", () => deeds.setStatus("dnd"), "status dnd"],
		["check", "Be available", () => deeds.setStatus("normal"), "status normal back"],
	);

/** @param {Message} message */
const isThere = ({ order, deleted, secret }) => order > 0 && deleted === undefined && secret === undefined;

/** @param {Message} message */
const hasText = ({ message }) => message !== "";

/** By their names in the table of keys. @type {Record<string, MessageAction>} */
const MESSAGE = {
	react: ["smile", "React", (message) => ask({ kind: "emoji", message }), isThere],
	reply: ["reply", "Reply", (message) => deeds.reply(message), isThere],
	edit: ["edit", "Edit", (message) => deeds.edit(message), (message) => message.own && isThere(message) && hasText(message)],
	copy: ["copy", "Copy the text", ({ message }) => deeds.copy(message), hasText],
	quote: ["reply", "Quote", (message) => deeds.quote(message), hasText],
	who: ["info", "Who is this?", ({ nick }) => deeds.person(nick), ({ own }) => !own],
	remove: ["trash", "Delete for everybody", (message) => forms.deletion(message), (message) => isThere(message) && (message.own || app.current?.kind === "group")],
	menu: ["more", "More", (message) => ask({ kind: "message", message }), ({ deleted, secret }) => deleted === undefined && secret === undefined],
};

/** Those of `names` that can be done with a message. @type {OfMessage} */
export const ofMessage = (message, ...names) =>
	names.flatMap((name) => {
		const [icon, label, run, can] = MESSAGE[name] ?? [];
		return can?.(message) ? { icon, label, run: () => run(message) } : [];
	});
