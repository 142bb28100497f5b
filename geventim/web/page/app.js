/** @file What is known, what is shown of it, and when that is drawn. */

import { deeds } from "./deeds.js";
import { byId, focusOn } from "./dom.js";
import { link } from "./link.js";
import * as notify from "./notify.js";
import { pictures } from "./pictures.js";
import { store } from "./store.js";
import * as timeline from "./timeline.js";

/** Conversations whose messages are held, and messages of a page. */
const [HELD, PAGE] = [6, 40];

/** Where it is kept what was shown, and what one prefers. */
const [OPEN, PREFERENCES] = ["open", "preferences"];

/** Notices of what conversations show themselves. */
const SEEN = new Set(["members", "news", "status", "help"]);

/** @returns {Preferences} */
function readPreferences() {
	try {
		const { notify, words, started } = JSON.parse(localStorage.getItem(PREFERENCES) ?? "");
		return { notify, words: words === true, started: Array.isArray(started) ? started : [] };
	} catch {
		// Nothing is kept here, or something else.
		return { notify: "calls", words: false, started: [] };
	}
}

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

	get current() {
		return this.state.conversations.get(this.ui.open);
	},
};

let isDue = false;
let toasts = 0;
const loading = new Set();
/** @type {Id[]} */
let recent = [];
let render = () => {};

/** Whether there is room for several panes. */
const isWide = () => matchMedia("(min-width: 720px)").matches;

/** @type {App} */
const parts = {
	begin(once, how) {
		render = how;
		redraw();
		addEventListener("focus", redraw);
		setInterval(() => (app.state.retry || app.state.transfers.size) && redraw(), 1_000);
		void link.open(once, receive, (line, code) => {
			show({ line, code });
			if (line === "ended") {
				// Nothing of it may be seen by who comes after the user.
				app.state = store.initial();
				app.composing.clear();
				show({ dialog: null, toasts: [], open: "", search: { ...app.ui.search, words: "", found: [] } });
				pictures.forget("");
			}
			load();
		});
	},
	redraw() {
		if (isDue) return;
		isDue = true;
		const now = () => {
			isDue = false;
			render();
		};
		// Nothing is painted while the page is hidden, but its title is seen.
		if (document.hidden) setTimeout(now, 250);
		else requestAnimationFrame(now);
	},
	show(changed) {
		Object.assign(app.ui, changed);
		redraw();
	},
	isShown: (side) => app.ui.side === side && (app.ui.pane === "side" || isWide()),
	toggle: (side) => show(isShown(side) ? { side: "", pane: "talk" } : { side, pane: "side" }),
	ask: (dialog) => show({ dialog }),
	know(changed) {
		app.state = { ...app.state, ...changed };
		redraw();
	},
	prefer(changed) {
		localStorage.setItem(PREFERENCES, JSON.stringify(Object.assign(app.preferences, changed)));
		redraw();
	},
	writing: (id) => app.composing.get(id) ?? { text: app.state.conversations.get(id)?.draft ?? "", reply: null, edit: null, files: [] },
	write(id, changed) {
		app.composing.set(id, { ...writing(id), ...changed });
		redraw();
	},
	toast(text, isBad = false) {
		const id = (toasts += 1);
		show({ toasts: [...app.ui.toasts.filter((each) => each.text !== text).slice(-2), { id, text, isBad }] });
		setTimeout(() => dismiss(id), 5_000 + Math.min(15_000, 60 * text.length));
	},
	dismiss: (id) => show({ toasts: app.ui.toasts.filter((each) => each.id !== id) }),
	complain(error) {
		if (error.message) toast(error.message, true);
		return null;
	},
	wish: (wish, fields, onDone) => link.wish(wish, fields, { onDone }).then((done) => done ?? {}, complain),
	enter(id, focus = true) {
		const conversation = app.state.conversations.get(id);
		if (!conversation) return;
		if (id !== app.ui.open) {
			deeds.keepDraft(app.ui.open);
			recent = [id, ...recent.filter((each) => each !== id)].slice(0, HELD);
			know(store.forget(app.state, recent));
			show({ open: id, newAfter: conversation.unread ? conversation.read : -1, hot: "", flash: "", command: "" });
			timeline.begin(conversation.unread > 0);
			sessionStorage.setItem(OPEN, id);
			const place = store.titleOf(conversation);
			if (place !== app.state.settings.place) deeds.query("change_setting", { name: "place", value: place }, (settings) => know({ settings }));
			// What is typed before the next frame belongs to what is seen.
			render();
			// What is typed goes on after a draft.
			requestAnimationFrame(() => byId("input")?.setSelectionRange(1e6, 1e6));
		}
		show({ pane: "talk" });
		load();
		if (focus) focusOn("input");
	},
	async readPage(id, where, from) {
		const name = `${id} ${where === "around" ? "last" : where}`;
		if (loading.has(name)) return;
		loading.add(name);
		const fields = { conversation: id, limit: PAGE, ...(where === "last" ? {} : { [where]: from }) };
		/** @type {Do<any>} */
		const onDone = ({ messages, damaged }) => {
			const edge = store.messagesOf(app.state, id).at(where === "before" ? 0 : -1);
			// Another page may have come meanwhile, which this one does not join.
			if ((where === "before" || where === "after") && edge?.order !== from) return;
			if (damaged) toast("Some of what was written here is damaged, and cannot be read.", true);
			const isWhole = messages.length < PAGE && !damaged && where !== "around";
			know(store.hold(app.state, id, where, messages, isWhole));
		};
		// What it was around may be gone.
		await link.wish("timeline", fields, { onDone }).catch(() => where === "around" && know(store.hold(app.state, id, "last", [], false)));
		loading.delete(name);
	},
};

export const { ask, begin, complain, dismiss, enter, isShown, know, prefer, readPage, redraw, show, toast, toggle, wish, write, writing } = parts;

/** Read what is shown, if it is not known, or may be out of date. */
function load() {
	const conversation = app.current;
	if (!conversation || app.ui.line !== "open") return;
	const { id, unread, read } = conversation;
	const held = app.state.timelines.get(id);
	if (held && !held.stale) return;
	if (!held) know(store.expect(app.state, id));
	const place = timeline.place(held?.messages ?? []) || (unread > PAGE / 2 ? read : 0);
	void readPage(id, place ? "around" : "last", place);
}

/** What else an event causes. @type {Record<string, Do<any>>} */
const EFFECTS = {
	behind: () => deeds.query("snapshot", {}, (told) => receive({ event: "snapshot", ...told })),
	snapshot: ({ room }) => greet(room),
	message(event) {
		notify.hear(event);
		if (!timeline.isUp() || event.conversation_id !== app.ui.open) know(store.trim(app.state, event.conversation_id));
	},
	secret: notify.hear,
	deleted({ conversation_id: id, message_id }) {
		pictures.forget(message_id);
		const { search } = app.ui;
		const { reply } = writing(id);
		if (reply && reply.message_id === message_id) write(id, { reply: { ...reply, message: "(deleted)" } });
		if (search.found.some((each) => each.message_id === message_id)) show({ search: { ...search, found: search.found.filter((each) => each.message_id !== message_id) } });
	},
	found: (event) => deeds.found(event.messages),
	announcement: ({ text }) => show({ announcement: text }),
	notice(event) {
		const { code, text, request } = event;
		if (code === "added") notify.invited(event);
		else if (text && request === undefined && !SEEN.has(code)) toast(text);
	},
	error: ({ text, request }) => text && request === undefined && toast(text, true),
	conversation({ conversation_id: id, gone }) {
		if (!gone) deeds.checkMembers(id);
		else if (id === app.ui.open) show({ open: "", pane: "list" });
	},
};

/** @param {Told} event */
export function receive(event) {
	know(store.receive(app.state, event, Date.now()));
	EFFECTS[event.event]?.(event);
}

/** @param {string} room */
function greet(room) {
	if (!app.current) enter(sessionStorage.getItem(OPEN) ?? "");
	load();
	deeds.query("settings", {}, (settings) => {
		know({ settings });
		if (app.current || !isWide()) return;
		const all = store.listed(app.state);
		const first = all.find((each) => store.titleOf(each) === settings.place) ?? all.find((each) => each.name === room) ?? all[0];
		if (first) enter(first.id);
	});
	deeds.query("transfers", {}, ({ transfers }) => {
		for (const transfer of transfers) receive({ event: "transfer", transfer });
	});
	deeds.query("secrets", {}, ({ numbers }) => know({ secrets: new Set(numbers) }));
	deeds.query("contacts", {}, ({ nicks }) => know({ contacts: nicks }));
}
