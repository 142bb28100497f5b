/** @file What the user can do: each is a wish, or several. */

import { app, ask, complain, enter, know, readPage, receive, show, toast, wish, write, writing } from "./app.js";
import { byId, focusOn } from "./dom.js";
import { forms } from "./forms.js";
import { link } from "./link.js";
import { pictures } from "./pictures.js";
import { store } from "./store.js";
import * as timeline from "./timeline.js";
import { clean } from "./words.js";

/** Bytes of a text, files of a message, and messages that are found at a time. */
const [TEXT_SIZE, FILES, FOUND] = [32 * 1024, 10, 30];

/** Milliseconds after the last key until a draft is kept. */
const LULL = 800;

/** What was kept last as drafts. @type {Map<Id, string>} */
const kept = new Map();
/** @type {Set<Id>} */
const learning = new Set();
let [lull, searching] = [0, 0];

/** @type {Say} */
const say = async (to, text, reply_to, chosen) => {
	let request = "";
	try {
		const files = [];
		for (const body of chosen) {
			const response = await link.request(`/files?name=${encodeURIComponent(body.name)}`, { method: "POST", body });
			files.push((await response.json()).file);
		}
		await link.wish("say", { to, text, reply_to, files: files.length ? files : undefined }, { onId: (id) => (request = id) });
	} catch (/** @type {any} */ error) {
		const { code, message: reason } = error;
		if (["cancelled", "over"].includes(code)) return true;
		const message = [...app.state.waiting.values()].find((each) => each.request === request);
		if (!message) return complain(error);
		know(store.wait(app.state, message.message_id, { ...message, delivery: "refused", reason }));
	}
	return true;
};

/** @type {Change} */
function change({ conversation_id: id }, changed) {
	write(id, changed);
	focusOn("input");
	requestAnimationFrame(() => byId("input")?.setSelectionRange(1e6, 1e6));
}

/** @param {Id} id */
function learnMembers(id) {
	if (learning.has(id)) return;
	learning.add(id);
	link.wish("members", { conversation: id }, { onDone: ({ members }) => know(store.people(app.state, id, members)) })
		.catch(() => null)
		.finally(() => learning.delete(id));
}

/** Wish for what may need the passphrase, which is asked for then. @type {App["wish"]} */
const guarded = (wish, fields) =>
	link.wish(wish, fields).catch((error) => {
		if (error.code !== "terminal_only") throw error;
		const before = app.ui.dialog;
		return new Promise((resolve, refused) =>
			forms.unlock(
				async (passphrase) => {
					await link.unlock(passphrase);
					resolve(await link.wish(wish, fields));
					ask(before);
				},
				() => refused(new Error("")),
			),
		);
	});

/** What is looked for, as the field for it says. @param {string} text */
function terms(text) {
	/** @type {Terms} */
	const found = { words: [] };
	for (const [, from, day, file, phrase, word] of text.matchAll(/from:@?(\S+)|until:([\d-]+)|(has:file)\b|["“]([^"”]+)["”]|(\S+)/g)) {
		if (from) found.author = from;
		else if (day) found.until = Date.parse(`${day}T24:00`) / 1_000;
		else if (file) found.with_files = true;
		else if (found.words.length < 64) found.words.push((phrase ?? word).slice(0, 1_024));
	}
	return found;
}

/** @param {Conversation} conversation */
const isNews = ({ unread, muted }) => unread > 0 && !muted;

/** @param {Conversation[]} all */
const goToFirst = ([first]) => (first ? enter(first.id) : toast("Nothing is new."));

/** @type {Deeds} */
export const deeds = {
	query: (wish, fields, onDone) => void link.wish(wish, fields, { onDone }).catch(() => null),
	async send() {
		const conversation = app.current;
		if (!conversation || store.isBlocked(app.state, conversation)) return;
		const { id } = conversation;
		const written = writing(id);
		const text = written.text.trimEnd();
		if (!text && !written.files.length) return;
		if (new TextEncoder().encode(text).length > TEXT_SIZE) {
			write(id, { text: "", files: [...written.files, new File([text], "message.txt")] });
			return toast("That is longer than a message can be: it is attached as a file.");
		}
		write(id, { text: "", reply: null, edit: null, files: [] });
		show({ command: "" });
		deeds.keepDraft(id);
		let isDone;
		if (written.edit) {
			const { message, message_id } = written.edit;
			isDone = text === message || (await wish("edit", { message_id, text }));
		} else {
			deeds.toNewest();
			isDone = await say(id, text, written.reply?.message_id, written.files);
		}
		if (!isDone && !writing(id).text) write(id, written);
	},
	again(message) {
		deeds.discard(message);
		return say(message.conversation_id, message.message, message.reply?.message_id, []);
	},
	discard: ({ message_id }) => know(store.wait(app.state, message_id)),
	async withdraw(message) {
		const { conversation_id: id, message_id, message: text } = message;
		if (!(await wish("cancel", { message_id }))) return;
		deeds.discard(message);
		if (!writing(id).text) write(id, { text });
	},
	attach(files) {
		if (!app.current) return;
		const all = [...writing(app.ui.open).files, ...files];
		if (all.length > FILES) toast(`A message has at most ${FILES} files.`, true);
		write(app.ui.open, { files: all.slice(0, FILES) });
		focusOn("input");
	},
	keepDraft(id) {
		clearTimeout(lull);
		const written = app.composing.get(id);
		const conversation = app.state.conversations.get(id);
		if (!written || !conversation || written.edit) return;
		const text = written.text.slice(0, TEXT_SIZE);
		if (text === (kept.get(id) ?? conversation.draft)) return;
		kept.set(id, text);
		deeds.query("draft", { conversation: id, text });
	},
	type(text) {
		const id = app.ui.open;
		write(id, { text });
		app.ui.command = "";
		clearTimeout(lull);
		lull = window.setTimeout(() => deeds.keepDraft(id), LULL);
	},
	insert(text, from) {
		const input = byId("input");
		input.setRangeText(text, from ?? input.selectionStart, input.selectionEnd, "end");
		deeds.type(input.value);
		focusOn("input");
	},
	reply: (message) => change(message, { reply: message, edit: null }),
	edit: (message) => change(message, { edit: message, reply: null, text: message.message }),
	editLast() {
		const last = store.messagesOf(app.state, app.ui.open).findLast((each) => each.own && each.message);
		if (last) deeds.edit(last);
	},
	quote: (message) => change(message, { text: `${message.message.replace(/^/gm, "> ")}\n\n${writing(message.conversation_id).text}` }),
	stopWriting: () => change({ conversation_id: app.ui.open }, { reply: null, edit: null, ...(writing(app.ui.open).edit && { text: "" }) }),
	copy: (text) =>
		navigator.clipboard.writeText(text).then(
			() => toast("Copied."),
			() => toast("This browser does not let us copy that.", true),
		),
	react({ message_id, reactions }, emoji) {
		const mine = reactions?.find((each) => each.nicks.includes(app.state.nick))?.emoji;
		return wish("react", { message_id, reaction: mine === emoji ? "" : emoji });
	},
	markRead(order) {
		const conversation = app.current;
		if (!conversation?.unread || (order ?? Infinity) <= conversation.read) return;
		// It is said once, until it is told how it is then.
		const changed = order ? { ...conversation, read: order } : { ...conversation, unread: 0, mentions: 0 };
		know({ conversations: new Map(app.state.conversations).set(conversation.id, changed) });
		deeds.query("mark_read", { conversation: conversation.id, order });
	},
	toNewest() {
		timeline.toBottom();
		if (app.state.timelines.get(app.ui.open)?.after) void readPage(app.ui.open, "last");
	},
	async jump(id, message_id) {
		if (id !== app.ui.open) enter(id, false);
		const isHeld = () => store.messagesOf(app.state, id).some((each) => each.message_id === message_id);
		if (!isHeld()) await readPage(id, "around", message_id);
		if (!isHeld()) return;
		timeline.jump(message_id);
		show({ flash: message_id, pane: "talk" });
		setTimeout(() => app.ui.flash === message_id && show({ flash: "" }), 2_500);
	},
	checkMembers(id) {
		const { state } = app;
		const members = state.members.get(id) ?? [];
		const least = ["changed", "unverified", "verified"].find((standing) => members.some((each) => each.nick !== state.nick && each.standing === standing));
		const told = state.conversations.get(id);
		if (members.length !== told?.members || (least && least !== told.trust)) learnMembers(id);
	},
	openDm: (nick) => wish("open_dm", { nick }, deeds.go),
	join: (name) => wish("join", { name }, deeds.go),
	go(conversation) {
		const { id } = conversation;
		if (!app.state.conversations.has(id)) know({ conversations: new Map(app.state.conversations).set(id, conversation) });
		learnMembers(id);
		ask(null);
		enter(id);
	},
	// Nothing is told of what came and went at once.
	quit: (wish, id) => link.wish(wish, { conversation: id }, { onDone: () => receive({ event: "conversation", conversation_id: id, gone: true }) }),
	setStatus: (status) => wish("status", { status }, know),
	verify: (nick) => wish("verify", { nick }, (done) => ask({ kind: "verify", ...done })),
	async trust(how, nick) {
		if (!(await guarded(how, { nick }).then(() => true, complain))) return;
		if (how === "confirm") know(store.stand(app.state, nick, "verified"));
		toast(how === "confirm" ? `You have verified ${clean(nick)}.` : `The new key of ${clean(nick)} is accepted. It is not verified yet.`);
		if (app.ui.dialog?.nick === nick) ask(null);
	},
	async person(nick) {
		ask({ kind: "person", nick });
		const known = await link.wish("whois", { nick }).catch((error) => ({ why: error.message }));
		const ignored = (await wish("ignored"))?.nicks.includes(nick);
		if (app.ui.dialog?.nick === nick) ask({ kind: "person", nick, known, ignored });
	},
	async ignore(nick, ignored) {
		if (!(await wish("ignore", { nick, ignored }))) return;
		toast(`You hear ${ignored ? `nothing of ${clean(nick)} any more` : `of ${clean(nick)} again`}.`);
		const { dialog } = app.ui;
		if (dialog?.kind === "person") ask({ ...dialog, ignored });
		if (dialog?.kind === "settings") await deeds.settings();
	},
	async settings() {
		const [settings, ignored] = await Promise.all([wish("settings"), wish("ignored")]);
		if (!settings || !ignored) return;
		know({ settings });
		ask({ kind: "settings", ignored: ignored.nicks });
	},
	settle: (name, value) => wish("change_setting", { name, value }, (settings) => know({ settings })),
	roomCode: (conversation) => wish("room_code", { conversation }, (done) => ask({ kind: "code", ...done })),
	rooms: (listed = [], words = "") => wish("rooms", { after: listed.at(-1)?.name }, ({ rooms, more }) => ask({ kind: "rooms", rooms: [...listed, ...rooms], more, words })),
	async search(words, conversation = app.ui.search.conversation) {
		const busy = words.trim() !== "";
		searching += 1;
		show({ search: { words, conversation, found: [], busy, done: !busy } });
		if (busy) await deeds.searchMore();
	},
	async searchMore() {
		const number = searching;
		const { words, conversation, found: known } = app.ui.search;
		show({ search: { ...app.ui.search, busy: true } });
		const done = await wish("search", { ...terms(words), conversation: conversation || undefined, limit: FOUND, before: known.at(-1)?.order });
		if (number !== searching) return;
		deeds.found(done?.messages ?? []);
		show({ search: { ...app.ui.search, busy: false, done: (done?.messages.length ?? 0) < FOUND } });
	},
	found(messages) {
		const { search } = app.ui;
		const known = new Set(search.found.map(store.keyOf));
		if (search.busy) show({ search: { ...search, found: [...search.found, ...messages.filter((each) => !known.has(store.keyOf(each)))] } });
	},
	step(step, isNew = false) {
		const all = store.listed(app.state);
		const at = all.findIndex((each) => each.id === app.ui.open);
		const others = [...all.slice(at + 1), ...all.slice(0, Math.max(0, at))];
		goToFirst((step > 0 ? others : others.reverse()).filter((each) => !isNew || isNews(each)));
	},
	goToNews() {
		const all = store.listed(app.state).filter(isNews);
		goToFirst([...all.filter((each) => each.mentions || each.kind === "dm"), ...all]);
	},
	async exportIdentity(passphrase) {
		const { content } = await guarded("export_identity", { passphrase });
		pictures.save(pictures.decode(content), `${app.state.nick}.identity`);
	},
};
