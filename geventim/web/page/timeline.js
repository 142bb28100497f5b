/**
 * @file A timeline of any length: only what is near stands in the document, and nothing moves under the
 * eyes of who has scrolled up.
 *
 * Rows that are not in the document have the height that they had, or one that is guessed. What is
 * seen is held by an anchor: a row, and how far below the upper edge it begins.
 */

import { app, readPage, redraw, show } from "./app.js";
import { markRead } from "./deeds.js";
import { draw } from "./dom.js";
import { drawRow } from "./message.js";
import * as pictures from "./pictures.js";
import { rowsOf } from "./rows.js";
import { keyOf } from "./store.js";

/** Pixels above and below what is seen in which rows stand in the document. */
const MARGIN = 700;

/** Pixels to the end of what is held at which more is read. */
const NEAR = 900;

/** Pixels to the bottom within which one is at the bottom. */
const BOTTOM = 32;

const GUESSES = { message: 28, line: 30, day: 44, new: 30, begin: 150, more: 48 };

/** Whether the newest messages stay in sight. */
let sticks = true;
/** The rows in sight, the upper ones first. @type {Anchor[]} */
let anchors = [];
/** A row that is to be shown, so far down. @type {{key: string, share: number} | null} */
let target = null;
/** @type {Map<string, number>} */
const heights = new Map();
/** @type {Map<string, {on: unknown[], node: VNode}>} */
const cache = new Map();
/** What stands in the document, and where. @type {{row: Row, top: number, height: number}[]} */
let drawn = [];
/** @type {HTMLElement | null} */
let scroller = null;
const list = document.createElement("div");
let open = "";
let isDue = false;
/** The order of the last message that was seen. */
let seen = 0;
let width = 0;
const sizes = new ResizeObserver((entries) => resized(entries));
list.className = "rows";
for (const name of ["pointerover", "focusin", "click"]) list.addEventListener(name, heat);

/** Whether one has scrolled up. */
export const isUp = () => !sticks;

/** Show another conversation. @param {boolean} atNew where its new messages begin, instead of its end */
export function begin(atNew) {
	sticks = !atNew;
	anchors = [];
	seen = 0;
	target = atNew ? { key: "new", share: 0.3 } : null;
	heights.clear();
	cache.clear();
}

/** The order of the message that is held in its place; 0 if the newest are shown. @param {Message[]} messages */
export function place(messages) {
	if (sticks || target) return 0;
	const seen = new Set(anchors.map((each) => each.key));
	return messages.find((each) => seen.has(keyOf(each)))?.order ?? 0;
}

/** @param {string} key */
export function jump(key) {
	sticks = false;
	target = { key, share: 0.4 };
	redraw();
}

export function toBottom() {
	sticks = true;
	target = null;
	redraw();
}

/** @param {HTMLElement} element */
export function mount(element) {
	scroller = element;
	open = "";
	element.append(list);
	sizes.observe(element);
	element.addEventListener("scroll", scrolled, { passive: true });
}

/** @param {globalThis.Event & {pointerType?: string}} event */
function heat({ type, pointerType, target }) {
	if (type === "pointerover" && pointerType === "touch") return;
	const key = /** @type {Element} */ (target).closest("[data-key]")?.getAttribute("data-key");
	if (key && key !== app.ui.hot) show({ hot: key });
}

/** Draw what is seen of the conversation that is shown. */
export function drawTimeline() {
	if (!scroller?.isConnected) return;
	const { state, ui } = app;
	const timeline = state.timelines.get(ui.open);
	if (open !== ui.open || !timeline) {
		drawn = [];
		draw(list, []);
	}
	open = ui.open;
	if (!timeline) return;
	const rows = rowsOf(timeline, state.notes.get(ui.open) ?? [], ui.newAfter);
	const isFree = anchors.length > 0;
	let [index, offset] = [-1, 0];
	if (target && !timeline.stale) {
		const { key, share } = target;
		[index, offset] = [rows.findIndex((row) => row.key === key), scroller.clientHeight * share];
		sticks = index < 0;
		target = null;
	} else if (!sticks) {
		const known = new Map(rows.map((row, at) => [row.key, at]));
		const anchor = anchors.find((each) => known.has(each.key) && each.key !== "edge");
		if (anchor) [index, offset] = [known.get(anchor.key) ?? -1, anchor.offset];
	}
	for (let round = 0; round < 4 && arrange(scroller, rows, index, offset, isFree); round += 1);
	const isEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < BOTTOM && !timeline.after;
	if (isEnd && !sticks) {
		sticks = true;
		redraw();
	}
	capture();
	extend();
}

/**
 * Have the rows in the document that are near the anchor; `index` is its place among them, or -1 if
 * the end is shown. With `isFree` the space above may differ from what the rows there would take.
 * Gives whether a height was not what was thought, so that more may have to be drawn.
 * @param {HTMLElement} scroller @param {Row[]} rows @param {number} index @param {number} offset @param {boolean} isFree
 */
function arrange(scroller, rows, index, offset, isFree) {
	const view = scroller.clientHeight;
	const tops = new Float64Array(rows.length + 1);
	rows.forEach((row, at) => (tops[at + 1] = tops[at] + heightOf(row)));
	const total = tops[rows.length];
	const limit = Math.max(0, total - view);
	const wanted = index < 0 ? limit : tops[index] - offset;
	const top = Math.min(Math.max(0, wanted), limit);
	const from = Math.min(find(tops, top - MARGIN), rows.length - 1);
	const to = Math.min(rows.length, Math.max(from, find(tops, top + view + MARGIN)) + 1);
	const shown = rows.slice(from, to);
	draw(list, shown.map((row, at) => node(row, at === shown.length - 1)));
	const hasNews = measure(shown);
	const above = shown.slice(0, Math.max(0, index - from)).reduce((sum, row) => sum + heightOf(row), 0);
	const now = scroller.scrollTop;
	// Where there is room above, it takes up what was guessed wrongly, and nobody has to be moved.
	const room = now + offset - above;
	const isKept = isFree && index > from && from > 0 && room > 0 && wanted > 0 && wanted < limit;
	const pad = isKept ? room : tops[from];
	list.style.paddingTop = `${pad}px`;
	list.style.paddingBottom = `${total - tops[to]}px`;
	if (index < 0) scroller.scrollTop = scroller.scrollHeight;
	else if (!isKept && Math.abs(pad + above - offset - now) > 0.5) scroller.scrollTop = pad + above - offset;
	let at = pad;
	drawn = shown.map((row) => {
		const height = heightOf(row);
		return { row, height, top: (at += height) - height };
	});
	return hasNews;
}

/** @param {Row} row */
function heightOf(row) {
	const known = heights.get(row.key);
	if (known !== undefined || row.kind !== "message") return known ?? GUESSES[row.kind];
	return GUESSES.message + (row.first ? 26 : 0) + 20 * Math.min(20, Math.floor(row.message.message.length / 90));
}

/** @param {Row} row @param {boolean} isLast */
function node(row, isLast) {
	const { state, ui } = app;
	const message = "message" in row ? row.message : null;
	const isHot = ui.hot === row.key;
	const hasTab = isHot || (isLast && !ui.hot);
	/** @type {unknown[]} */
	const on = [message, row.kind, row.kind === "message" && row.first, isHot, hasTab, ui.flash === row.key, isHot || message?.delivery ? state.connection : ""];
	if (message?.files) on.push(pictures.get(`${message.message_id}/0`), state.transfers, {});
	const held = cache.get(row.key);
	if (held && held.on.every((each, at) => each === on[at])) return held.node;
	const node = drawRow(row, isHot, hasTab);
	node.props.mount = (/** @type {Element} */ element) => sizes.observe(element);
	cache.set(row.key, { on, node });
	if (cache.size > 600) cache.delete([...cache.keys()][0]);
	return node;
}

/** @param {Row[]} shown */
function measure(shown) {
	let hasNews = false;
	shown.forEach((row, at) => {
		const { height } = list.children[at].getBoundingClientRect();
		if (Math.abs(heightOf(row) - height) > 0.1) hasNews = true;
		heights.set(row.key, height);
	});
	return hasNews;
}

/** @param {ResizeObserverEntry[]} entries */
function resized(entries) {
	let isDue = false;
	for (const { target, contentRect } of entries) {
		if (target === scroller) {
			if (contentRect.width !== width) heights.clear();
			width = contentRect.width;
			isDue = true;
		} else if (!target.isConnected) sizes.unobserve(target);
		else {
			const known = heights.get(target.getAttribute("data-key") ?? "") ?? 0;
			isDue ||= Math.abs(known - target.getBoundingClientRect().height) > 0.1;
		}
	}
	// Drawing at once would change sizes while they are told.
	if (isDue) requestAnimationFrame(drawTimeline);
}

function scrolled() {
	if (isDue) return;
	isDue = true;
	requestAnimationFrame(() => {
		isDue = false;
		if (!scroller) return;
		const { scrollTop: top, clientHeight: view, scrollHeight } = scroller;
		const was = sticks;
		const left = scrollHeight - top - view;
		sticks = left < BOTTOM && !target && (sticks || !app.state.timelines.get(open)?.after);
		capture();
		const [first, last] = [drawn[0], drawn.at(-1)];
		const near = MARGIN / 3;
		const isCovered = first && last && (first.row.key === "edge" || first.top < top - near) && (last.top + last.height > top + view + near || left < near);
		if (isCovered) extend();
		else drawTimeline();
		if (was !== sticks) redraw();
	});
}

/** Remember what is seen. */
function capture() {
	const { scrollTop: top, clientHeight: view } = /** @type {HTMLElement} */ (scroller);
	const seen = drawn.filter((each) => each.top + each.height > top && each.top < top + view);
	anchors = seen.map((each) => ({ key: each.row.key, offset: each.top - top }));
	const timeline = app.state.timelines.get(open);
	if (seen.length || sticks || !timeline) return;
	// Far from everything that stands in the document, as after a jump of the scroll bar.
	let at = 0;
	for (const row of rowsOf(timeline, app.state.notes.get(open) ?? [], app.ui.newAfter)) {
		at += heightOf(row);
		if (at > top && row.key !== "edge") {
			anchors = [{ key: row.key, offset: at - heightOf(row) - top }];
			return;
		}
	}
}

/** Read more where one comes near to the end of what is held, and tell how far the user has read. */
function extend() {
	const timeline = app.state.timelines.get(open);
	const { scrollTop: top, clientHeight: view, scrollHeight } = /** @type {HTMLElement} */ (scroller);
	if (!timeline || timeline.stale || app.ui.line !== "open") return;
	const { messages, before, after } = timeline;
	if (before && top < NEAR && messages[0]?.order) void readPage(open, "before", messages[0].order);
	const last = messages.findLast((each) => each.order);
	if (after && scrollHeight - top - view < NEAR && last) void readPage(open, "after", last.order);
	if (!document.hasFocus() || app.ui.dialog) return;
	if (sticks && !after) {
		seen = last?.order ?? 0;
		return markRead();
	}
	const read = drawn.findLast((each) => each.row.kind === "message" && each.row.message.order && each.top + each.height <= top + view + 4);
	if (read?.row.kind === "message") seen = Math.max(seen, read.row.message.order);
	// What is unread is told a moment later, when one may look elsewhere already.
	markRead(seen);
}

/** The last place whose value is at most `value`; of ascending values. @param {Float64Array} values @param {number} value */
function find(values, value) {
	let [low, high] = [0, values.length - 1];
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (values[middle] <= value) low = middle;
		else high = middle - 1;
	}
	return low;
}
