/** @file The page as a whole: what is known, what is shown of it, and when that is drawn. */

import * as deeds from "./deeds.js";
import { focusOn } from "./dom.js";
import * as link from "./link.js";
import * as notify from "./notify.js";
import * as pictures from "./pictures.js";
import { keepPreferences, readPreferences } from "./preferences.js";
import * as store from "./store.js";
import * as timeline from "./timeline.js";

/** Conversations whose messages are held. */
const HELD = 6;

/** Messages of a page. */
const PAGE = 60;

/** Where the conversation that is shown is remembered, for a page that is loaded anew. */
const OPEN = "open";

/** Notices of what is seen in the conversations themselves. */
const SEEN = new Set(["members", "news", "status", "help", "added", "group_deleted"]);

export const app = {
	state: store.initial(),

	/** @type {Ui} */
	ui: {
		line: "opening",
		code: "",
		open: "",
		pane: "list",
		side: matchMedia("(min-width: 1100px)").matches ? "details" : "",
		newAfter: -1,
		hot: "",
		flash: "",
		dialog: null,
		toasts: [],
		search: { words: "", conversation: "", found: [], busy: false, done: true },
		announcement: "",
		dragging: false,
		command: "",
	},

	/** @type {Map<Id, Composing>} */
	composing: new Map(),
	preferences: readPreferences(),

	/** The conversation that is shown. */
	get current() {
		return this.state.conversations.get(this.ui.open);
	},
};

let isDue = false;
let toasts = 0;
/** @type {Set<string>} */
const loading = new Set();
/** @type {Id[]} */
let recent = [];
let render = () => {};

/** Go on with what a link has brought; `how` draws everything. @param {string} once @param {() => void} how */
export function begin(once, how) {
	render = how;
	redraw();
	addEventListener("focus", redraw);
	// Times that count down.
	setInterval(() => (app.state.retry || app.state.transfers.size) && redraw(), 1_000);
	void link.open(once, receive, (line, code) => {
		show({ line, code, ...(line === "ended" ? { dialog: null } : {}) });
		load();
	});
}

/** Have everything drawn before the next frame. */
export function redraw() {
	if (isDue) return;
	isDue = true;
	const now = () => {
		isDue = false;
		render();
	};
	// Nothing is painted while the page is hidden, but its title is seen.
	if (document.hidden) setTimeout(now, 250);
	else requestAnimationFrame(now);
}

/** @param {Partial<Ui>} changed */
export function show(changed) {
	Object.assign(app.ui, changed);
	redraw();
}

/** Whether the third pane is seen, and shows that. @param {Ui["side"]} side */
export const isShown = (side) => app.ui.side === side && (app.ui.pane === "side" || matchMedia("(min-width: 720px)").matches);

/** @param {Dialog | null} dialog */
export const ask = (dialog) => show({ dialog });

/** @param {State} state */
export function know(state) {
	app.state = state;
	redraw();
}

/** @param {Partial<Preferences>} changed */
export function prefer(changed) {
	keepPreferences(Object.assign(app.preferences, changed));
	redraw();
}

/** What is being written in a conversation. @param {Id} id @returns {Composing} */
export const writing = (id) => app.composing.get(id) ?? { text: app.state.conversations.get(id)?.draft ?? "", reply: null, edit: null, files: [] };

/** @param {Id} id @param {Partial<Composing>} changed */
export function write(id, changed) {
	app.composing.set(id, { ...writing(id), ...changed });
	redraw();
}

/** Say something to the user for a while. @param {string} text @param {boolean} [isBad] */
export function toast(text, isBad = false) {
	const id = (toasts += 1);
	show({ toasts: [...app.ui.toasts.filter((each) => each.text !== text).slice(-2), { id, text, isBad }] });
	setTimeout(() => dismiss(id), 5_000 + Math.min(15_000, 60 * text.length));
}

/** @param {number} id */
export const dismiss = (id) => show({ toasts: app.ui.toasts.filter((each) => each.id !== id) });

/** Tell the user what went wrong. @param {any} error */
export function complain(error) {
	if (error.message) toast(error.message, true);
	return null;
}

/** What a wish is done with; null if it was refused, which the user is told. @param {string} wish @param {object} [fields] */
export const wish = (wish, fields) => link.wish(wish, fields).then((done) => done ?? {}, complain);

/** Show a conversation. @param {Id} id @param {boolean} [focus] whether the user is about to write there */
export function enter(id, focus = true) {
	const conversation = app.state.conversations.get(id);
	if (!conversation) return;
	if (id !== app.ui.open) {
		deeds.keepDraft(app.ui.open);
		recent = [id, ...recent.filter((each) => each !== id)].slice(0, HELD);
		know(store.forget(app.state, recent));
		show({ open: id, newAfter: conversation.unread ? conversation.read : -1, hot: "", flash: "", command: "" });
		timeline.begin(conversation.unread > 0);
		sessionStorage.setItem(OPEN, id);
		// What is typed before the next frame belongs to what is seen.
		render();
	}
	show({ pane: "talk" });
	load();
	if (focus) focusOn("input");
}

/** Read what is shown, if it is not known, or may be out of date. */
function load() {
	const conversation = app.current;
	if (!conversation || app.ui.line !== "open") return;
	const { id, unread, read } = conversation;
	const held = app.state.timelines.get(id);
	if (held && !held.stale) return;
	const place = timeline.place(held?.messages ?? []) || (unread > PAGE / 2 ? read : 0);
	void readPage(id, place ? "around" : "last", place);
}

/** Read a page of a conversation. @param {Id} id @param {"last" | "before" | "after" | "around"} where @param {number | Id} [from] an order, or a message */
export async function readPage(id, where, from) {
	const name = `${id} ${where === "around" ? "last" : where}`;
	if (loading.has(name)) return;
	loading.add(name);
	const fields = { conversation: id, limit: PAGE, ...(where === "last" ? {} : { [where]: from }) };
	const onDone = (/** @type {any} */ { messages, damaged }) => {
		const held = app.state.timelines.get(id)?.messages ?? [];
		const edge = where === "before" ? held[0] : held.findLast((each) => each.order);
		// Another page may have come meanwhile, which this one does not join.
		if ((where === "before" || where === "after") && edge?.order !== from) return;
		const isWhole = messages.length < PAGE && !damaged && where !== "around";
		know(store.hold(app.state, id, where, messages, isWhole));
	};
	// What it was around may be gone.
	await link.wish("timeline", fields, { onDone }).catch(() => where === "around" && know(store.hold(app.state, id, "last", [], false)));
	loading.delete(name);
}

/** @param {Told} event */
function receive(event) {
	const id = event.conversation_id;
	know(store.receive(app.state, event, Date.now()));
	switch (event.event) {
		case "behind":
			deeds.query("snapshot", {}, (told) => receive({ event: "snapshot", ...told }));
			break;
		case "snapshot":
			greet(event.room);
			break;
		case "message":
		case "secret":
			notify.hear(event);
			if (!timeline.isUp() || id !== app.ui.open) know(store.trim(app.state, id));
			break;
		case "deleted":
			pictures.forget(event.message_id);
			break;
		case "found":
			deeds.found(event.messages);
			break;
		case "announcement":
			show({ announcement: event.text });
			break;
		case "notice":
		case "error":
			if (event.text && event.request === undefined && !SEEN.has(event.code)) toast(event.text, event.event === "error");
			break;
		case "conversation":
			if (event.gone && id === app.ui.open) show({ open: "", pane: "list" });
			if (!event.gone) deeds.checkMembers(id);
	}
}

/** Show what was shown last, or the room that one is in. @param {string} room */
function greet(room) {
	if (!app.current) {
		const all = store.listed(app.state);
		const kept = sessionStorage.getItem(OPEN);
		const first = all.find((each) => each.id === kept) ?? all.find((each) => each.name === room) ?? all[0];
		if (first && (kept || matchMedia("(min-width: 720px)").matches)) enter(first.id);
	}
	load();
	deeds.query("transfers", {}, ({ transfers }) => {
		for (const transfer of transfers) know(store.receive(app.state, { event: "transfer", transfer }, 0));
	});
	deeds.query("secrets", {}, ({ numbers }) => know({ ...app.state, secrets: new Set(numbers) }));
}
