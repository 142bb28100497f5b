/**
 * @file A timeline of any length: only what is near stands in the document, and nothing moves under the
 * eyes of who has scrolled up.
 *
 * Rows that are not in the document have the height that they had, or one that is guessed. What is
 * seen is held by an anchor: a row, and how far below the upper edge it begins.
 *
 * @typedef {import("./rows.js").Row} Row
 * @typedef {{key: string, offset: number}} Anchor
 */

import { draw } from "./dom.js";
import { drawRow } from "./message.js";
import { rowsOf } from "./rows.js";
import * as store from "./store.js";

/** Pixels above and below what is seen in which rows stand in the document. */
const MARGIN = 700;

/** Pixels to the end of what is held at which more is read. */
const NEAR = 900;

/** Pixels to the bottom within which one is at the bottom. */
const BOTTOM = 32;

const GUESSES = { message: 28, first: 54, line: 30, day: 44, new: 30, begin: 150, more: 48 };

export class TimelineView {
  /** Whether the newest messages stay in sight. */
  #sticks = true;
  /** @type {Anchor[]} the rows in sight, the upper ones first */
  #anchors = [];
  /** @type {{key: string, share: number} | null} a row that is to be shown, so far down */
  #target = null;
  /** @type {Map<string, number>} */
  #heights = new Map();
  /** @type {Map<string, {on: unknown[], node: import("./dom.js").Node}>} */
  #cache = new Map();
  /** @type {{row: Row, top: number, height: number}[]} what stands in the document, and where */
  #drawn = [];
  /** @type {HTMLElement | null} */
  #scroller = null;
  /** @type {HTMLElement | null} */
  #list = null;
  #open = "";
  #isDue = false;
  #width = 0;
  #sizes = new ResizeObserver((entries) => this.#resized(entries));

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  #app;

  /** Whether one has scrolled up. */
  get isUp() {
    return !this.#sticks;
  }

  /**
   * Show another conversation.
   * @param {boolean} atNew where its new messages begin, instead of its end
   */
  begin(atNew) {
    this.#sticks = !atNew;
    this.#anchors = [];
    this.#target = atNew ? { key: "new", share: 0.3 } : null;
    this.#heights.clear();
    this.#cache.clear();
  }

  /**
   * The order of the message that is held in its place; 0 if the newest are shown.
   * @param {import("./types.js").Message[]} messages
   */
  place(messages) {
    if (this.#sticks || this.#target) return 0;
    const seen = new Set(this.#anchors.map((each) => each.key));
    return messages.find((each) => seen.has(store.keyOf(each)) && Number.isFinite(each.order))?.order ?? 0;
  }

  /** @param {string} key */
  jump(key) {
    this.#sticks = false;
    this.#target = { key, share: 0.4 };
    this.#app.draw();
  }

  toBottom() {
    this.#sticks = true;
    this.#target = null;
    this.#app.draw();
  }

  /** @param {HTMLElement} scroller */
  mount(scroller) {
    this.#scroller = scroller;
    const list = document.createElement("div");
    list.className = "rows";
    scroller.append(list);
    this.#list = list;
    this.#sizes.observe(scroller);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const heat = (/** @type {globalThis.Event} */ event) => this.#heat(event);
    list.addEventListener("pointerover", heat);
    list.addEventListener("focusin", heat);
    list.addEventListener("click", heat);
  }

  /** @param {globalThis.Event} event */
  #heat(event) {
    if (event.type === "pointerover" && /** @type {PointerEvent} */ (event).pointerType === "touch") return;
    const target = /** @type {Element} */ (event.target);
    const key = target.closest("[data-key]")?.getAttribute("data-key") ?? "";
    if (key && key !== this.#app.ui.hot) this.#app.show({ hot: key });
  }

  /** Draw what is seen of the conversation that is shown. */
  draw() {
    const [scroller, list] = [this.#scroller, this.#list];
    if (!scroller || !list || !scroller.isConnected) return;
    const { state, ui } = this.#app;
    if (this.#open !== ui.open) {
      this.#open = ui.open;
      this.#drawn = [];
      draw(list, []);
    }
    const timeline = state.timelines.get(ui.open);
    if (!timeline) {
      draw(list, []);
      return;
    }
    const rows = rowsOf(timeline, ui.newAfter);
    const view = scroller.clientHeight;
    let index = -1;
    let offset = 0;
    if (this.#target && !timeline.stale) {
      const { key, share } = this.#target;
      index = rows.findIndex((row) => row.key === key);
      offset = view * share;
      if (index < 0) this.#sticks = true;
      this.#target = null;
    } else if (!this.#sticks) {
      const known = new Map(rows.map((row, at) => [row.key, at]));
      const anchor = this.#anchors.find((each) => known.has(each.key) && each.key !== "edge");
      if (anchor) [index, offset] = [known.get(anchor.key) ?? -1, anchor.offset];
    }
    const isFree = this.#anchors.length > 0 && index >= 0;
    for (let round = 0; round < 4; round += 1) {
      if (!this.#place(scroller, list, rows, view, index, offset, isFree)) break;
    }
    this.#capture();
    this.#edges(timeline);
    this.#read();
  }

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} list
   * @param {Row[]} rows
   * @param {number} view
   * @param {number} index of the anchor among the rows; -1: the end is shown
   * @param {number} offset
   * @param {boolean} isFree whether the space above may differ from what the rows there would take
   * @returns {boolean} whether a height was not what was thought, so that more may have to be drawn
   */
  #place(scroller, list, rows, view, index, offset, isFree) {
    const tops = new Float64Array(rows.length + 1);
    rows.forEach((row, at) => {
      tops[at + 1] = /** @type {number} */ (tops[at]) + this.#height(row);
    });
    const total = /** @type {number} */ (tops[rows.length]);
    const limit = Math.max(0, total - view);
    const wanted = index < 0 ? limit : /** @type {number} */ (tops[index]) - offset;
    const top = Math.min(Math.max(0, wanted), limit);
    let from = find(tops, top - MARGIN);
    let to = Math.min(rows.length, find(tops, top + view + MARGIN) + 1);
    from = Math.max(0, Math.min(from, rows.length - 1));
    to = Math.max(to, from + 1);
    const shown = rows.slice(from, to);
    draw(list, shown.map((row, at) => this.#node(row, at === shown.length - 1)));
    const hasNews = this.#measure(list, shown);
    const above = shown.slice(0, Math.max(0, index - from)).reduce((sum, row) => sum + this.#height(row), 0);
    let pad = /** @type {number} */ (tops[from]);
    const now = scroller.scrollTop;
    // Where there is room above, it takes up what was guessed wrongly, and nobody has to be moved.
    const free = now + offset - above;
    const isKept = isFree && index >= from && from > 0 && free > 0 && wanted > 0 && wanted < limit;
    if (isKept) pad = free;
    list.style.paddingTop = `${pad}px`;
    list.style.paddingBottom = `${Math.max(0, total - /** @type {number} */ (tops[to]))}px`;
    if (index < 0) scroller.scrollTop = scroller.scrollHeight;
    else if (!isKept && Math.abs(pad + above - offset - now) > 0.5) scroller.scrollTop = pad + above - offset;
    let at = pad;
    this.#drawn = shown.map((row) => {
      const height = this.#height(row);
      at += height;
      return { row, top: at - height, height };
    });
    return hasNews;
  }

  /** @param {Row} row */
  #height(row) {
    const known = this.#heights.get(row.key);
    if (known !== undefined) return known;
    if (row.kind !== "message") return GUESSES[row.kind];
    const lines = Math.min(20, Math.floor(row.message.message.length / 90));
    return (row.first ? GUESSES.first : GUESSES.message) + 20 * lines;
  }

  /**
   * @param {Row} row
   * @param {boolean} isLast
   */
  #node(row, isLast) {
    const { state, ui, pictures } = this.#app;
    const isMessage = row.kind === "message";
    const message = isMessage ? row.message : null;
    const isHot = ui.hot === row.key;
    const on = [
      message ?? (row.kind === "line" ? row.message : null),
      row.kind,
      isMessage && row.first,
      isHot,
      isLast && !ui.hot,
      ui.flash === row.key,
      message?.files ? pictures.get(message.message_id, 0) : null,
      message?.files ? [...state.transfers.values()] : null,
      isHot ? state.connection : "",
    ];
    const held = this.#cache.get(row.key);
    if (held && !message?.files && held.on.every((each, at) => each === on[at])) return held.node;
    const node = drawRow(this.#app, row, { isHot, hasTab: isHot || (isLast && !ui.hot) });
    node.props.mount = (/** @type {Element} */ element) => this.#sizes.observe(element);
    this.#cache.set(row.key, { on, node });
    if (this.#cache.size > 600) this.#cache.delete(/** @type {string} */ (this.#cache.keys().next().value));
    return node;
  }

  /**
   * @param {HTMLElement} list
   * @param {Row[]} shown
   */
  #measure(list, shown) {
    let hasNews = false;
    shown.forEach((row, at) => {
      const element = /** @type {HTMLElement | undefined} */ (list.children[at]);
      if (!element) return;
      const height = element.getBoundingClientRect().height;
      if (Math.abs((this.#heights.get(row.key) ?? -1) - height) < 0.1) return;
      if (Math.abs(this.#height(row) - height) > 0.1) hasNews = true;
      this.#heights.set(row.key, height);
    });
    return hasNews;
  }

  /** @param {ResizeObserverEntry[]} entries */
  #resized(entries) {
    let isDue = false;
    for (const { target, contentRect } of entries) {
      if (!target.isConnected) {
        this.#sizes.unobserve(target);
      } else if (target === this.#scroller) {
        if (contentRect.width !== this.#width) this.#heights.clear();
        this.#width = contentRect.width;
        isDue = true;
      } else {
        const key = target.getAttribute("data-key") ?? "";
        const height = target.getBoundingClientRect().height;
        if (Math.abs((this.#heights.get(key) ?? height) - height) > 0.1) isDue = true;
      }
    }
    if (isDue) this.draw();
  }

  #scrolled() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      const scroller = this.#scroller;
      const timeline = this.#app.state.timelines.get(this.#app.ui.open);
      if (!scroller || !timeline) return;
      const was = this.#sticks;
      const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
      this.#sticks = left < BOTTOM && !timeline.after && !this.#target;
      this.#capture();
      const [first, last] = [this.#drawn[0], this.#drawn.at(-1)];
      const top = scroller.scrollTop;
      const isCovered =
        first &&
        last &&
        (first.row.key === "edge" || first.top < top - MARGIN / 3) &&
        (last.top + last.height > top + scroller.clientHeight + MARGIN / 3 || left < MARGIN / 3);
      if (!isCovered) this.draw();
      else {
        this.#edges(timeline);
        this.#read();
      }
      if (was !== this.#sticks) this.#app.draw();
    });
  }

  #capture() {
    const scroller = this.#scroller;
    if (!scroller) return;
    const top = scroller.scrollTop;
    const end = top + scroller.clientHeight;
    this.#anchors = this.#drawn
      .filter((each) => each.top + each.height > top && each.top < end)
      .map((each) => ({ key: each.row.key, offset: each.top - top }));
    // Far from everything that stands in the document, as after a jump of the scroll bar.
    const [first] = this.#drawn;
    if (!this.#anchors.length && first && !this.#sticks) this.#guess(top);
  }

  /** @param {number} top */
  #guess(top) {
    const timeline = this.#app.state.timelines.get(this.#app.ui.open);
    if (!timeline) return;
    let at = 0;
    for (const row of rowsOf(timeline, this.#app.ui.newAfter)) {
      const height = this.#height(row);
      if (at + height > top && row.key !== "edge") {
        this.#anchors = [{ key: row.key, offset: at - top }];
        return;
      }
      at += height;
    }
  }

  /** @param {store.Timeline} timeline */
  #edges(timeline) {
    const scroller = this.#scroller;
    if (!scroller || timeline.stale || this.#app.ui.line !== "open") return;
    const orders = timeline.messages.filter((each) => each.order && Number.isFinite(each.order));
    const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    if (timeline.before && scroller.scrollTop < NEAR && orders[0]) {
      void this.#app.page(this.#open, "before", orders[0].order);
    }
    if (timeline.after && left < NEAR && orders.length) {
      void this.#app.page(this.#open, "after", orders.at(-1)?.order);
    }
  }

  /** Tell how far the user has read. */
  #read() {
    const scroller = this.#scroller;
    if (!scroller || !document.hasFocus() || this.#app.ui.dialog) return;
    const end = scroller.scrollTop + scroller.clientHeight + 4;
    for (const { row, top, height } of this.#drawn.toReversed()) {
      if (row.kind !== "message" || top + height > end) continue;
      const { order } = row.message;
      if (!order || !Number.isFinite(order)) continue;
      this.#app.deeds.markRead(order);
      return;
    }
  }
}

/**
 * The last place whose value is at most `value`; of ascending values.
 * @param {Float64Array} values
 * @param {number} value
 */
function find(values, value) {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (/** @type {number} */ (values[middle]) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
