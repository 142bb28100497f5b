/** @file Keys, and files that are dropped or pasted. */

import { app, ask, enter, isShown, redraw, show, writing } from "./app.js";
import { deedOf, EVERYWHERE, MESSAGE, nameOf, WRITING } from "./bindings.js";
import { completionKey } from "./completion.js";
import * as deeds from "./deeds.js";
import { byId, focusOn } from "./dom.js";
import * as forms from "./forms.js";
import { openSearch } from "./palette.js";
import { keyOf } from "./store.js";
import { isUp } from "./timeline.js";

/** What may be a command of the other front ends: no path, and no text of several lines. */
const COMMAND = /^\/([a-z]{2,12})(?: [^\n]*)?$/;

/** What F6 goes through. */
const PARTS = [".conversation.open", '.timeline [tabindex="0"]', "#input", ".side .close"];

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
	let depth = 0;
	const drag = (/** @type {string} */ name, /** @type {(event: DragEvent) => void} */ run) =>
		document.addEventListener(name, (/** @type {any} */ event) => {
			// The browser would leave the page for the file.
			event.preventDefault();
			if (event.dataTransfer?.types.includes("Files")) run(event);
		});
	drag("dragover", () => {});
	drag("dragenter", () => show({ dragging: (depth += 1) > 0 && !!app.current && !app.ui.dialog }));
	drag("dragleave", () => (depth -= 1) <= 0 && show({ dragging: false }));
	drag("drop", ({ dataTransfer }) => {
		depth = 0;
		if (app.ui.dragging) deeds.attach(dataTransfer?.files ?? []);
		show({ dragging: false });
	});
}

/** Whether it was for the page. @param {KeyboardEvent} event @returns {boolean} */
function take(event) {
	const name = nameOf(event);
	const target = /** @type {HTMLElement} */ (event.target);
	const isInput = target.id === "input";
	if (app.ui.dialog) {
		if (name === "Ctrl+k") palette();
		return name === "Ctrl+k";
	}
	if (isInput && completionKey(event)) return true;
	if (isInput && name === "Enter" && !matchMedia("(pointer: coarse)").matches) {
		send();
		return true;
	}
	const place = isInput ? WRITING : target.matches("[data-key]") ? MESSAGE : "";
	const deed = deedOf(place, name) ?? deedOf(EVERYWHERE, name);
	if (!deed || (target.matches("input, textarea, select") && name.length === 1)) return false;
	return DEEDS[deed](event) !== false;
}

function send() {
	const { text, edit } = writing(app.ui.open);
	const command = COMMAND.exec(text)?.[1];
	if (command && !edit && !app.ui.command) show({ command: `/${command}` });
	else void deeds.send();
}

const palette = () => ask({ kind: "palette", words: "", at: 0 });

/** @param {(message: Message) => unknown} deed */
const on = (deed) => () => {
	const message = app.state.timelines.get(app.ui.open)?.messages.find((each) => keyOf(each) === app.ui.hot);
	return !!message && message.deleted === undefined && void deed(message);
};

/** A deed that gives false was none. @type {Record<string, (event: KeyboardEvent) => unknown>} */
const DEEDS = {
	palette,
	search: () => openSearch(app.ui.open),
	next: () => deeds.step(1),
	previous: () => deeds.step(-1),
	nextNew: () => deeds.step(1, true),
	previousNew: () => deeds.step(-1, true),
	news: deeds.goToNews,
	details: () => show(isShown("details") ? { side: "", pane: "talk" } : { side: "details", pane: "side" }),
	help: () => ask({ kind: "help" }),
	newest: deeds.toNewest,
	reply: on((message) => message.order && deeds.reply(message)),
	edit: on(deeds.edit),
	react: on((message) => message.order && ask({ kind: "emoji", message })),
	copy: on((message) => deeds.copy(message.message)),
	quote: on(deeds.quote),
	remove: on((message) => message.own && ask(forms.deletion(message))),
	who: on((message) => !message.own && deeds.person(message.nick)),
	menu: on((message) => ask({ kind: "message", message })),
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
		let row = /** @type {any} */ (target)[next];
		while (row && !row.matches("[tabindex]")) row = row[next];
		if (row) row.focus();
		else if (key === "ArrowDown") focusOn("input");
	},
	escape() {
		const { edit, reply } = writing(app.ui.open);
		const isWriting = document.activeElement === byId("input");
		if (edit || reply) deeds.stopWriting();
		else if (app.ui.side === "search" || app.ui.pane === "side") show({ side: app.ui.side === "search" ? "" : app.ui.side, pane: "talk" });
		else if (isWriting && isUp()) deeds.toNewest();
		else if (app.ui.open) enter(app.ui.open);
		focusOn("input");
	},
	part() {
		const parts = PARTS.flatMap((each) => [...document.querySelectorAll(each)].filter((part) => part.checkVisibility()).slice(0, 1));
		const areas = [".sidebar", ".timeline", ".composer", ".side"];
		const areaOf = (/** @type {Element | null} */ each) => areas.findIndex((area) => each?.closest(area));
		const here = areaOf(document.activeElement);
		const next = parts.find((each) => areaOf(each) > here) ?? parts[0];
		/** @type {HTMLElement} */ (next).focus();
	},
};
