/** @file What the user can do: each is a wish, or several. */

import { app, ask, complain, enter, know, readPage, show, toast, wish, write, writing } from "./app.js";
import { byId, focusOn } from "./dom.js";
import * as forms from "./forms.js";
import * as link from "./link.js";
import * as pictures from "./pictures.js";
import * as store from "./store.js";
import * as timeline from "./timeline.js";
import { clean } from "./words.js";

/** Bytes of the text of a message. */
const TEXT_SIZE = 32 * 1024;

/** Files of a message. */
const FILES = 10;

/** Milliseconds after the last key until a draft is kept. */
const LULL = 800;

/** What is found at a time. */
const FOUND = 30;

/** What was kept last as drafts. @type {Map<Id, string>} */
const kept = new Map();
/** @type {Set<Id>} */
const learning = new Set();
let lull = 0;
let searching = 0;

/** Wish for what nobody has to be told of if it is refused. @param {string} wish @param {object} fields @param {(done: any) => void} [onDone] */
export const query = (wish, fields, onDone) => link.wish(wish, fields, { onDone }).catch(() => null);

/** Send what was written in the conversation that is shown. */
export async function send() {
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
	keepDraft(id);
	let isDone;
	if (written.edit) {
		const { message, message_id } = written.edit;
		isDone = text === message || (await wish("edit", { message_id, text }));
	} else {
		toNewest();
		isDone = await say(id, text, written.reply?.message_id, written.files);
	}
	if (!isDone && !writing(id).text) write(id, written);
}

/** Whether it is seen what has become of it. @param {Id} to @param {string} text @param {Id | undefined} reply_to @param {File[]} chosen */
async function say(to, text, reply_to, chosen) {
	let request = "";
	try {
		const files = [];
		for (const body of chosen) {
			const response = await link.request(`/files?name=${encodeURIComponent(body.name)}`, { method: "POST", body });
			files.push((await response.json()).file);
		}
		await link.wish("say", { to, text, reply_to, files: files.length ? files : undefined }, { onId: (id) => (request = id) });
	} catch (error) {
		const { code, message: reason } = /** @type {link.RefusedError} */ (error);
		if (["cancelled", "over"].includes(code)) return true;
		const message = store.caused(app.state, to, request);
		if (!message) return complain(error);
		know(store.change(app.state, message, (each) => ({ ...each, delivery: "refused", reason })));
	}
	return true;
}

/** Say what was refused once more. @param {Message} message */
export function again(message) {
	discard(message);
	return say(message.conversation_id, message.message, message.reply?.message_id, []);
}

/** @param {Message} message */
export const discard = (message) => know(store.change(app.state, message, () => null));

/** Send it not at all, but have it as what is being written. @param {Message} message */
export async function withdraw(message) {
	const { conversation_id: id, message_id, message: text } = message;
	if (!(await wish("cancel", { message_id }))) return;
	discard(message);
	if (!writing(id).text) write(id, { text });
}

/** Have files go with what is written. @param {Iterable<File>} files */
export function attach(files) {
	if (!app.current) return;
	const all = [...writing(app.ui.open).files, ...files];
	if (all.length > FILES) toast(`A message has at most ${FILES} files.`, true);
	write(app.ui.open, { files: all.slice(0, FILES) });
	focusOn("input");
}

/** Keep what is being written. @param {Id} id */
export function keepDraft(id) {
	clearTimeout(lull);
	const written = app.composing.get(id);
	const conversation = app.state.conversations.get(id);
	if (!written || !conversation || written.edit) return;
	const text = written.text.slice(0, TEXT_SIZE);
	if (text === (kept.get(id) ?? conversation.draft)) return;
	kept.set(id, text);
	void query("draft", { conversation: id, text });
}

/** @param {string} text */
export function type(text) {
	const id = app.ui.open;
	write(id, { text });
	app.ui.command = "";
	clearTimeout(lull);
	lull = window.setTimeout(() => keepDraft(id), LULL);
}

/** Put something where the caret is, in the place of what begins there. @param {string} text @param {number} [from] */
export function insert(text, from) {
	const input = byId("input");
	input.setRangeText(text, from ?? input.selectionStart, input.selectionEnd, "end");
	type(input.value);
	focusOn("input");
}

/** @param {{conversation_id: Id}} where @param {Partial<Composing>} changed */
function change({ conversation_id: id }, changed) {
	write(id, changed);
	focusOn("input");
	requestAnimationFrame(() => byId("input")?.setSelectionRange(1e6, 1e6));
}

/** @param {Message} message */
export const reply = (message) => change(message, { reply: message, edit: null });

/** @param {Message} message */
export const edit = (message) => message.own && message.order && message.message && change(message, { edit: message, reply: null, text: message.message });

/** Edit the last message of the user. */
export function editLast() {
	const last = app.state.timelines.get(app.ui.open)?.messages.findLast((each) => each.own && each.order && each.message);
	if (last) edit(last);
}

/** @param {Message} message */
export const quote = (message) => change(message, { text: `${message.message.replace(/^/gm, "> ")}\n\n${writing(message.conversation_id).text}` });

/** Neither answer nor edit anything. */
export function stopWriting() {
	const { edit } = writing(app.ui.open);
	change({ conversation_id: app.ui.open }, { reply: null, edit: null, ...(edit ? { text: "" } : {}) });
}

/** @param {string} text */
export const copy = (text) =>
	navigator.clipboard.writeText(text).then(
		() => toast("Copied."),
		() => toast("This browser does not let us copy that.", true),
	);

/** React with an emoji, or take it back if that is how the user has reacted. @param {Message} message @param {string} emoji */
export function react({ message_id, reactions }, emoji) {
	const mine = reactions?.find((each) => each.nicks.includes(app.state.nick))?.emoji;
	return wish("react", { message_id, reaction: mine === emoji ? "" : emoji });
}

/** The user has read what is shown: up to a message, or all of it. @param {number} [order] */
export function markRead(order) {
	const conversation = app.current;
	if (!conversation?.unread || (order ?? Infinity) <= conversation.read) return;
	// It is said once, until it is told how it is then.
	const changed = order ? { ...conversation, read: order } : { ...conversation, unread: 0, mentions: 0 };
	know({ ...app.state, conversations: new Map(app.state.conversations).set(conversation.id, changed) });
	void query("mark_read", { conversation: conversation.id, order });
}

/** Show the newest messages. */
export function toNewest() {
	timeline.toBottom();
	if (app.state.timelines.get(app.ui.open)?.after) void readPage(app.ui.open, "last");
}

/** Show a message where it was written. @param {Id} id @param {Id} message_id */
export async function jump(id, message_id) {
	if (id !== app.ui.open) enter(id, false);
	const isHeld = () => app.state.timelines.get(id)?.messages.some((each) => each.message_id === message_id);
	if (!isHeld()) await readPage(id, "around", message_id);
	if (!isHeld()) return;
	timeline.jump(message_id);
	show({ flash: message_id, pane: "talk" });
	setTimeout(() => app.ui.flash === message_id && show({ flash: "" }), 2_500);
}

/** Ask who is in a conversation. @param {Id} id */
async function learnMembers(id) {
	if (learning.has(id)) return;
	learning.add(id);
	await query("members", { conversation: id }, ({ members }) => know(store.people(app.state, id, members)));
	learning.delete(id);
}

/** Ask that again, if it is not as it was told. @param {Id} id */
export function checkMembers(id) {
	const { state } = app;
	const members = state.members.get(id) ?? [];
	const standings = members.filter((each) => each.nick !== state.nick).map((each) => each.standing);
	const least = /** @type {Standing[]} */ (["changed", "unverified", "verified"]).find((each) => standings.includes(each));
	const told = state.conversations.get(id);
	if (members.length !== told?.members || (least && least !== told.trust)) void learnMembers(id);
}

/** @param {string} nick */
export const openDm = (nick) => wish("open_dm", { nick }).then((done) => done && go(done));

/** Show a conversation that a wish was done with. @param {Conversation} conversation */
export function go(conversation) {
	const { id } = conversation;
	if (!app.state.conversations.has(id)) know({ ...app.state, conversations: new Map(app.state.conversations).set(id, conversation) });
	void learnMembers(id);
	ask(null);
	enter(id);
}

/** @param {Status} status */
export const setStatus = (status) => wish("status", { status }).then((done) => done && know({ ...app.state, status }));

/** @param {Conversation} conversation */
export const mute = ({ id, muted }) => wish("mute", { conversation: id, muted: !muted });

/** Wish for something that may need the passphrase; then that is asked for. @param {string} wish @param {object} fields @returns {Promise<any>} */
async function guarded(wish, fields) {
	try {
		return await link.wish(wish, fields);
	} catch (error) {
		if (/** @type {link.RefusedError} */ (error).code !== "terminal_only") throw error;
		const before = app.ui.dialog;
		return await new Promise((resolve, refused) => {
			const run = async (/** @type {string} */ passphrase) => {
				await link.unlock(passphrase);
				resolve(await link.wish(wish, fields));
				ask(before);
			};
			ask(forms.unlock(run, () => refused(new Error(""))));
		});
	}
}

/** @param {string} nick */
export const verify = (nick) => wish("verify", { nick }).then((done) => done && ask({ kind: "verify", ...done }));

/** @param {string} nick */
export async function confirm(nick) {
	if (!(await wish("confirm", { nick }))) return;
	know(store.stand(app.state, nick, "verified"));
	ask(null);
	toast(`You have verified ${clean(nick)}.`);
}

/** @param {string} nick */
export async function trust(nick) {
	const done = await guarded("trust", { nick }).then(() => true, complain);
	if (done) toast(`The new key of ${clean(nick)} is accepted. It is not verified yet.`);
	if (done && app.ui.dialog?.nick === nick) ask(null);
}

/** @param {string} nick */
export async function person(nick) {
	ask({ kind: "person", nick });
	const known = await link.wish("whois", { nick }).catch((error) => ({ why: error.message }));
	const ignored = (await wish("ignored"))?.nicks.includes(nick);
	if (app.ui.dialog?.nick === nick) ask({ kind: "person", nick, known, ignored });
}

/** @param {string} nick @param {boolean} ignored */
export async function ignore(nick, ignored) {
	if (!(await wish("ignore", { nick, ignored }))) return;
	toast(ignored ? `You hear nothing of ${clean(nick)} any more.` : `You hear of ${clean(nick)} again.`);
	const { dialog } = app.ui;
	if (dialog?.kind === "person") ask({ ...dialog, ignored });
	if (dialog?.kind === "settings") await settings();
}

export async function settings() {
	const [settings, ignored] = await Promise.all([wish("settings"), wish("ignored")]);
	if (settings && ignored) ask({ kind: "settings", highlights: settings.highlights, ignored: ignored.nicks });
}

/** @param {Id} conversation */
export const roomCode = (conversation) => wish("room_code", { conversation }).then((done) => done && ask({ kind: "code", ...done }));

/** @param {number | undefined} number @param {string} [nick] */
export function openSecret(number, nick) {
	ask(
		forms.openSecret(nick, async (key) => {
			const done = await link.wish("open_secret", { number, key });
			ask({ kind: "secret", nick: done.nick, text: done.message });
		}),
	);
}

/** Search, in all conversations or in one. @param {string} words @param {Id} [conversation] */
export async function search(words, conversation = app.ui.search.conversation) {
	const isWanted = words.trim() !== "";
	searching += 1;
	show({ search: { words, conversation, found: [], busy: isWanted, done: !isWanted } });
	if (isWanted) await searchMore();
}

/** Search for older ones. */
export async function searchMore() {
	const number = searching;
	const { words, conversation, found: known } = app.ui.search;
	show({ search: { ...app.ui.search, busy: true } });
	const done = await wish("search", { ...terms(words), conversation: conversation || undefined, limit: FOUND, before: known.at(-1)?.order });
	if (number !== searching) return;
	found(done?.messages ?? []);
	show({ search: { ...app.ui.search, busy: false, done: (done?.messages.length ?? 0) < FOUND } });
}

/** @param {Message[]} messages */
export function found(messages) {
	const { search } = app.ui;
	const known = new Set(search.found.map(store.keyOf));
	if (search.busy) show({ search: { ...search, found: [...search.found, ...messages.filter((each) => !known.has(store.keyOf(each)))] } });
}

/** Go to the next conversation in the list, or the one before. @param {1 | -1} step @param {boolean} [isNew] whether something has to be new there */
export function step(step, isNew = false) {
	const all = store.listed(app.state);
	const at = all.findIndex((each) => each.id === app.ui.open);
	for (let count = 1; count <= all.length; count += 1) {
		const { id, unread, muted } = all[(at + step * count + 2 * all.length) % all.length];
		if (!isNew || (unread && !muted)) return enter(id);
	}
	toast("Nothing is new.");
}

/** Go where something is new, first where the user is called. */
export function goToNews() {
	const all = store.listed(app.state).filter((each) => each.unread && !each.muted);
	const next = all.find((each) => each.mentions || each.kind === "dm") ?? all[0];
	if (next) enter(next.id);
	else toast("Nothing is new.");
}

/** Save what moves the user to another machine. @param {string} passphrase */
export async function exportIdentity(passphrase) {
	const { content } = await guarded("export_identity", { passphrase });
	pictures.save(new Blob([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))]), `${app.state.nick}.identity`);
}

/** What is looked for: words, phrases in quotation marks, and `from:nick`. @param {string} text */
export function terms(text) {
	const words = [];
	/** @type {string | undefined} */
	let author;
	for (const [, from, phrase, word] of text.matchAll(/from:@?(\S+)|["“]([^"”]+)["”]|(\S+)/g)) {
		if (from) author = from;
		else words.push((phrase ?? word).slice(0, 1_024));
	}
	return { words: words.slice(0, 64), author };
}
