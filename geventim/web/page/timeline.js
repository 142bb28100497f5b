/**
 * @file A timeline of any length: only what is near is held, and nothing moves under the eyes of who has
 * scrolled up. An anchor holds what is seen: a row, and how far below the upper edge it begins.
 */

import { app, readPage, redraw, show } from "./app.js";
import { deeds } from "./deeds.js";
import { draw } from "./dom.js";
import { drawRow } from "./message.js";
import { rowsOf } from "./rows.js";
import { MOST, store } from "./store.js";

/** Pixels to an end at which more is read, and to the bottom within which one is there. */
const [NEAR, BOTTOM] = [700, 32];

/** Whether the newest messages stay in sight. */
let sticks = true;
/** The rows in sight, the upper ones first. @type {Anchor[]} */
let anchors = [];
/** A row that is to be shown, so far down. @type {{key: string, share: number} | null} */
let target = null;
/** @type {Map<string, Drawn>} */
const cache = new Map();
/** @type {HTMLElement | null} */
let scroller = null;
const list = document.createElement("div");
// The conversation; the last order that was seen; where the user was, and which way they have gone.
let [open, seen, last, way, isDue] = ["", 0, 0, 0, false];
const sizes = new ResizeObserver(() => requestAnimationFrame(drawTimeline));
list.className = "rows";
sizes.observe(list);
for (const name of ["pointerover", "focusin", "click"]) list.addEventListener(name, heat);

export const isUp = () => !sticks;

/** Keep the newest in sight, or not, which is seen elsewhere too. @param {boolean} does */
function stick(does) {
	if (sticks !== does) redraw();
	sticks = does;
}

/** Show another conversation. @param {boolean} atNew where its new messages begin, instead of its end */
export function begin(atNew) {
	sticks = !atNew;
	anchors = [];
	seen = way = 0;
	target = atNew ? { key: "new", share: 0.3 } : null;
	cache.clear();
}

/** The order of the message that is held in its place; 0 if the newest are shown. @param {Message[]} messages */
export function place(messages) {
	if (sticks || target) return 0;
	const seen = new Set(anchors.map((each) => each.key));
	return messages.find((each) => seen.has(store.keyOf(each)))?.order ?? 0;
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
	element.append(list);
	sizes.observe(element);
	element.addEventListener("scroll", scrolled, { passive: true });
}

/** @param {any} event */
function heat({ type, pointerType, target }) {
	if (type === "pointerover" && pointerType === "touch") return;
	const key = target.closest("[data-key]")?.getAttribute("data-key");
	if (key && key !== app.ui.hot) show({ hot: key });
}

/** Draw what is held of the conversation that is shown. */
export function drawTimeline() {
	if (!scroller?.isConnected) return;
	const { state, ui } = app;
	const timeline = state.timelines.get(ui.open);
	if (open !== ui.open) draw(list, []);
	open = ui.open;
	const rows = timeline ? rowsOf(timeline, state.notes.get(open), ui.newAfter, state.waiting, open) : [];
	// The user may have scrolled since that was told.
	const went = scroller.scrollTop - last;
	if (went < 0 && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight > BOTTOM) stick(false);
	draw(list, rows.map((row, at) => node(row, at === rows.length - 1)));
	if (!timeline) return;
	const topOf = (/** @type {string} */ key) => {
		const at = rows.findIndex((row) => row.key === key);
		return at < 0 ? null : list.children[at].getBoundingClientRect().top - box.top;
	};
	const box = scroller.getBoundingClientRect();
	if (target && !timeline.stale) {
		const top = topOf(target.key);
		stick(top === null);
		scroller.scrollTop += (top ?? 0) - box.height * target.share;
		target = null;
	} else if (!sticks) {
		const anchor = anchors.find((each) => each.key !== "edge" && topOf(each.key) !== null);
		const moved = anchor ? (topOf(anchor.key) ?? 0) - anchor.offset + went : 0;
		if (Math.abs(moved) > 0.5) scroller.scrollTop += moved;
	}
	if (sticks) scroller.scrollTop = scroller.scrollHeight;
	settle();
}

/** @param {Row} row @param {boolean} isLast */
function node(row, isLast) {
	const { state, ui } = app;
	const message = "message" in row ? row.message : null;
	const isHot = ui.hot === row.key;
	const hasTab = isHot || (isLast && !ui.hot);
	/** @type {unknown[]} */
	const on = [message, row.kind, row.kind === "message" && row.first, isHot, hasTab, ui.flash === row.key, isHot || message?.delivery ? state.connection : ""];
	if (message?.own) on.push(state.members.get(open));
	if (message?.files) on.push({});
	const held = cache.get(row.key);
	if (held?.on.every((each, at) => each === on[at])) return held.node;
	const node = drawRow(row, isHot, hasTab);
	cache.set(row.key, { on, node });
	if (cache.size > 2 * MOST) cache.delete([...cache.keys()][0]);
	return node;
}

function scrolled() {
	if (isDue) return;
	isDue = true;
	requestAnimationFrame(() => {
		isDue = false;
		if (!scroller) return;
		way = scroller.scrollTop - last || way;
		settle();
	});
}

/** Remember what is seen, read more near an end, and tell how far the user has read. */
function settle() {
	const timeline = app.state.timelines.get(open);
	if (!timeline || !scroller) return;
	const { scrollTop: top, clientHeight: view, scrollHeight } = scroller;
	last = top;
	const left = scrollHeight - top - view;
	stick(left < BOTTOM && !target && (sticks || !timeline.after));
	const edge = scroller.getBoundingClientRect().top;
	anchors = [...list.children].flatMap((each) => {
		const { top, bottom } = each.getBoundingClientRect();
		return bottom > edge && top < edge + view ? { key: each.getAttribute("data-key") ?? "", offset: top - edge, end: bottom - edge } : [];
	});
	const { messages, before, after, stale } = timeline;
	if (stale || app.ui.line !== "open") return;
	const [oldest, newest] = [messages[0], messages.at(-1)];
	const isFew = messages.length < MOST;
	if (before && top < NEAR && (way < 0 || isFew) && oldest) void readPage(open, "before", oldest.order);
	if (after && left < NEAR && (sticks || way > 0 || isFew) && newest) void readPage(open, "after", newest.order);
	if (!document.hasFocus() || app.ui.dialog) return;
	if (sticks && !after) {
		seen = newest?.order ?? 0;
		return deeds.markRead();
	}
	const whole = new Set(anchors.flatMap((each) => (each.end <= view + 4 ? each.key : [])));
	// What is unread is told a moment later, when one may look elsewhere already.
	seen = Math.max(seen, messages.findLast((each) => whole.has(store.keyOf(each)))?.order ?? 0);
	deeds.markRead(seen);
}
