/** @file Keys, and files that are dropped or pasted. */

import { ofMessage, openSearch } from "./actions.js";
import { app, ask, enter, redraw, show, toggle, writing } from "./app.js";
import { deedOf, nameOf } from "./bindings.js";
import { deeds } from "./deeds.js";
import { byId, focusOn } from "./dom.js";
import { store } from "./store.js";
import { completionKey } from "./talk.js";
import { isUp } from "./timeline.js";

/** What may be a command of other front ends: no path, one line, and not what one does. */
const COMMAND = /^\/(?!me )([a-z]{2,12})(?: [^\n]*)?$/;

/** What F6 goes through: areas, and what has the focus there. */
const PARTS = { ".sidebar": ".conversation.open", ".timeline": '.timeline [tabindex="0"]', ".composer": "#input", ".side": ".side .close" };

/** Take keys and files for the whole page. */
export function listen() {
	document.addEventListener("keydown", (event) => {
		if (!event.isComposing && app.ui.line !== "ended" && app.state.ready && take(event)) event.preventDefault();
	});
	// The caret decides what is completed.
	document.addEventListener("selectionchange", () => document.activeElement?.id === "input" && redraw());
	document.addEventListener("paste", (event) => {
		const files = [...(event.clipboardData?.files ?? [])];
		if (!files.length || app.ui.dialog) return;
		event.preventDefault();
		deeds.attach(files);
	});
	for (const name of ["dragover", "dragleave", "drop"]) {
		document.addEventListener(name, (/** @type {any} */ event) => {
			// The browser would leave the page for the file.
			event.preventDefault();
			const { type, dataTransfer, relatedTarget } = event;
			if (type === "drop" && app.ui.dragging) deeds.attach(dataTransfer.files);
			const dragging = type === "dragover" ? !!app.current && !app.ui.dialog && dataTransfer.types.includes("Files") : type === "dragleave" && !!relatedTarget;
			if (dragging !== app.ui.dragging) show({ dragging });
		});
	}
}

/** Whether it was for the page. @param {KeyboardEvent} event @returns {boolean} */
function take(event) {
	const name = nameOf(event);
	const target = /** @type {HTMLElement} */ (event.target);
	const isInput = target.id === "input";
	if (app.ui.dialog) return name === "Ctrl+k" && DEEDS.palette(event) !== false;
	if (isInput && completionKey(name)) return true;
	if (isInput && name === "Enter" && !matchMedia("(pointer: coarse)").matches) {
		send();
		return true;
	}
	const place = isInput ? "While writing" : target.matches("[data-key]") ? "On a message" : "";
	const deed = deedOf(place, name) ?? deedOf("Everywhere", name);
	if (!deed || (target.matches("input, textarea, select") && name.length === 1)) return false;
	if (DEEDS[deed]) return DEEDS[deed](event) !== false;
	const message = [...store.messagesOf(app.state, app.ui.open), ...app.state.waiting.values()].find((each) => store.keyOf(each) === app.ui.hot);
	const [action] = message ? ofMessage(message, deed) : [];
	action?.run();
	return !!action;
}

function send() {
	const { text, edit } = writing(app.ui.open);
	const command = COMMAND.exec(text)?.[1];
	if (command && !edit && !app.ui.command) show({ command: `/${command}` });
	else void deeds.send();
}

/** A deed that gives false was none. @type {Record<string, Do<any>>} */
const DEEDS = {
	palette: () => ask({ kind: "palette", words: "", at: 0 }),
	search: () => openSearch(app.ui.open),
	next: () => deeds.step(1),
	previous: () => deeds.step(-1),
	nextNew: () => deeds.step(1, true),
	previousNew: () => deeds.step(-1, true),
	news: deeds.goToNews,
	details: () => toggle("details"),
	help: () => ask({ kind: "help" }),
	newest: deeds.toNewest,
	editLast() {
		const { text, edit } = writing(app.ui.open);
		return !text && !edit && void deeds.editLast();
	},
	page({ key }) {
		const timeline = document.querySelector(".timeline");
		timeline?.scrollBy({ top: (key === "PageUp" ? -0.85 : 0.85) * timeline.clientHeight });
	},
	move({ key, target }) {
		const next = key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
		let row = target[next];
		while (row && !row.matches("[tabindex]")) row = row[next];
		if (row) row.focus();
		else if (key === "ArrowDown") focusOn("input");
	},
	escape() {
		const { edit, reply } = writing(app.ui.open);
		const { side, pane, open } = app.ui;
		if (edit || reply) deeds.stopWriting();
		else if (side === "search" || pane === "side") show({ side: side === "search" ? "" : side, pane: "talk" });
		else if (document.activeElement === byId("input") && isUp()) deeds.toNewest();
		else if (open) enter(open);
		focusOn("input");
	},
	part() {
		const areas = Object.keys(PARTS);
		const here = areas.findIndex((each) => document.activeElement?.closest(each));
		/** @type {any[]} */
		const seen = Object.values(PARTS).map((each) => [...document.querySelectorAll(each)].find((part) => part.checkVisibility()));
		[...seen.slice(here + 1), ...seen].find(Boolean)?.focus();
	},
};
