/**
 * @file The page as a whole: what is known, what is shown of it, and when that is drawn.
 *
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Conversation} Conversation
 * @typedef {{text: string, reply: Message | null, edit: Message | null, files: File[]}} Composing
 * @typedef {{id: number, text: string, tone: "plain" | "bad", label?: string, run?: () => void}} Toast
 * @typedef {{kind: string} & Record<string, any>} Dialog
 *
 * @typedef {object} Search
 * @property {string} words
 * @property {string} conversation its id; empty for all
 * @property {Message[]} found
 * @property {boolean} busy
 * @property {boolean} done whether there is nothing more
 *
 * @typedef {object} Ui
 * @property {import("./link.js").LineState} line
 * @property {string} code why the line has ended
 * @property {string} open the id of the conversation that is shown
 * @property {"list" | "talk" | "side"} pane the one that is shown where there is room for one
 * @property {"details" | "search" | ""} side what the third pane shows
 * @property {number} newAfter the order of the last message that had been read; -1 for no such line
 * @property {string} hot the key of the message that can be acted upon
 * @property {string} flash the key of the message that was jumped to
 * @property {Dialog | null} dialog
 * @property {Toast[]} toasts
 * @property {Search | null} search
 * @property {string} announcement of the operator
 * @property {boolean} dragging whether a file hovers above the page
 * @property {string} command what looks like a command, and was not sent
 */

import { Deeds } from "./deeds.js";
import { Link } from "./link.js";
import { Notifier } from "./notify.js";
import { Pictures } from "./pictures.js";
import { Preferences } from "./preferences.js";
import * as store from "./store.js";
import { TimelineView } from "./timeline.js";

/** Conversations whose messages are held. */
const HELD = 6;

/** Messages of a page. */
const PAGE = 60;

export class App {
  state = store.initial();

  /** @type {Ui} */
  ui = {
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
    search: null,
    announcement: "",
    dragging: false,
    command: "",
  };

  /** @type {Map<string, Composing>} by the id of a conversation */
  composing = new Map();

  preferences = new Preferences();
  link = new Link(
    (event) => this.#receive(event),
    (line, code) => this.#lineChanged(line, code),
  );
  deeds = new Deeds(this);
  pictures = new Pictures(this);
  notifier = new Notifier(this);
  timeline = new TimelineView(this);

  #isDue = false;
  #toast = 0;
  /** @type {Set<string>} */
  #loading = new Set();
  /** @type {string[]} */
  #recent = [];
  /** @type {() => void} */
  #render;

  /** @param {(app: App) => void} render */
  constructor(render) {
    this.#render = () => render(this);
    addEventListener("focus", () => this.draw());
    // Times that count down.
    setInterval(() => {
      if (this.state.retry || this.state.transfers.size) this.draw();
    }, 1_000);
  }

  /** Have everything drawn before the next frame. */
  draw() {
    if (this.#isDue) return;
    this.#isDue = true;
    const now = () => {
      if (!this.#isDue) return;
      this.#isDue = false;
      this.#render();
    };
    // Nothing is painted while the page is hidden, but title and counts are seen.
    if (document.hidden) setTimeout(now, 250);
    else requestAnimationFrame(now);
  }

  /** @param {Partial<Ui>} changed */
  show(changed) {
    Object.assign(this.ui, changed);
    this.draw();
  }

  /** @param {store.State} state */
  know(state) {
    if (state === this.state) return;
    this.state = state;
    this.draw();
  }

  /** The conversation that is shown. */
  get current() {
    return this.state.conversations.get(this.ui.open);
  }

  /**
   * What is being written in a conversation.
   * @param {string} id
   * @returns {Composing}
   */
  writing(id) {
    const known = this.composing.get(id);
    if (known) return known;
    return { text: this.state.conversations.get(id)?.draft ?? "", reply: null, edit: null, files: [] };
  }

  /**
   * @param {string} id
   * @param {Partial<Composing>} changed
   */
  write(id, changed) {
    this.composing.set(id, { ...this.writing(id), ...changed });
    this.draw();
  }

  /**
   * @param {string} text
   * @param {{tone?: "plain" | "bad", label?: string, run?: () => void}} [more]
   */
  toast(text, { tone = "plain", label, run } = {}) {
    this.#toast += 1;
    const id = this.#toast;
    const toast = /** @type {Toast} */ ({ id, text, tone, ...(label ? { label, run } : {}) });
    this.show({ toasts: [...this.ui.toasts.filter((each) => each.text !== text).slice(-2), toast] });
    setTimeout(() => this.dismiss(id), Math.min(20_000, 5_000 + 60 * text.length));
  }

  /** @param {number} id */
  dismiss(id) {
    this.show({ toasts: this.ui.toasts.filter((each) => each.id !== id) });
  }

  /**
   * Wish for something; what comes of it otherwise is said to the user.
   * @param {string} wish
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<any>} null if it was refused
   */
  async wish(wish, fields) {
    try {
      return (await this.link.wish(wish, fields)) ?? {};
    } catch (error) {
      this.toast(/** @type {Error} */ (error).message, { tone: "bad" });
      return null;
    }
  }

  /**
   * Show a conversation.
   * @param {string} id
   * @param {{focus?: boolean}} [how]
   */
  open(id, { focus = true } = {}) {
    const conversation = this.state.conversations.get(id);
    if (!conversation) return;
    if (id !== this.ui.open) {
      this.deeds.keepDraft(this.ui.open);
      this.#recent = [id, ...this.#recent.filter((each) => each !== id)].slice(0, HELD);
      this.state = store.forget(this.state, new Set(this.#recent));
      this.show({
        open: id,
        newAfter: conversation.unread ? conversation.read : -1,
        hot: "",
        flash: "",
        command: "",
      });
      this.timeline.begin(conversation.unread > 0);
    }
    this.show({ pane: "talk" });
    this.load();
    if (focus) requestAnimationFrame(() => document.getElementById("input")?.focus());
  }

  /** Read what is shown, if it is not known, or may be out of date. */
  load() {
    const conversation = this.current;
    if (!conversation || this.ui.line !== "open") return;
    const held = this.state.timelines.get(conversation.id);
    if (held && !held.stale) return;
    const place = this.timeline.place(held?.messages ?? []);
    if (place) this.page(conversation.id, "around", place);
    else if (conversation.unread > PAGE / 2) this.page(conversation.id, "around", conversation.read);
    else this.page(conversation.id, "last");
  }

  /**
   * Read a page of a conversation.
   * @param {string} id
   * @param {"last" | "before" | "after" | "around"} where
   * @param {number | string} [from] an order, or the id of a message
   */
  async page(id, where, from) {
    const name = `${id} ${where === "around" ? "last" : where}`;
    if (this.#loading.has(name)) return;
    this.#loading.add(name);
    const fields = { conversation: id, limit: PAGE, ...(where === "last" ? {} : { [where]: from }) };
    const onDone = (/** @type {{messages: Message[], damaged: boolean}} */ { messages, damaged }) => {
      const isWhole = messages.length < PAGE && !damaged && where !== "around";
      this.know(store.hold(this.state, id, where, messages, isWhole));
    };
    try {
      await this.link.wish("timeline", fields, { onDone });
    } catch (error) {
      // What it was around is gone, or the page of another session.
      this.know(store.hold(this.state, id, "last", [], true));
      this.toast(/** @type {Error} */ (error).message, { tone: "bad" });
    } finally {
      this.#loading.delete(name);
    }
  }

  /** @param {import("./types.js").Event} event */
  #receive(event) {
    const before = this.state;
    if (event.event === "behind") {
      this.link.wish("snapshot", {}, { onDone: (told) => this.#begin(told) }).catch(() => null);
      return;
    }
    this.know(store.receive(before, event, Date.now()));
    if (event.event === "snapshot") this.#begin(event);
    if (event.event === "found") this.deeds.found(event.messages);
    if (event.event === "message" || event.event === "secret") {
      this.notifier.hear(event);
      if (!this.timeline.isUp) this.know(store.trim(this.state, event.conversation_id));
    }
    if (event.event === "announcement") this.show({ announcement: event.text });
    if (event.event === "deleted") this.pictures.forget(event.message_id);
    if (["notice", "error"].includes(event.event) && event.request === undefined) {
      this.#notice(event);
    }
    if (event.event === "conversation") this.#conversation(event);
    if (event.event === "closing") this.draw();
  }

  /** @param {import("./types.js").Event} event */
  #notice(event) {
    // What is seen in the list and in the conversation itself needs no words.
    if (["members", "news", "status", "help"].includes(event.code)) return;
    if (event.text) this.toast(event.text, { tone: event.event === "error" ? "bad" : "plain" });
  }

  /** @param {import("./types.js").Event} event */
  #conversation(event) {
    const id = event.conversation_id;
    if (event.gone && id === this.ui.open) this.show({ open: "", pane: "list" });
    if (!event.gone && !this.state.members.has(id)) this.deeds.learnMembers(id);
    else if (!event.gone) this.deeds.checkMembers(id);
  }

  /** @param {any} told */
  #begin(told) {
    if (told.event !== "snapshot") this.know(store.snapshot(this.state, told));
    const isWide = matchMedia("(min-width: 720px)").matches;
    if (!this.current && (isWide || this.ui.open)) {
      const room = [...this.state.conversations.values()].find((each) => each.name === told.room);
      const first = room ?? store.listed(this.state)[0];
      if (first && isWide) this.open(first.id);
    }
    this.load();
    this.link
      .wish("transfers", {}, {
        onDone: ({ transfers }) => {
          for (const transfer of transfers) {
            this.know(store.receive(this.state, { event: "transfer", transfer }, Date.now()));
          }
        },
      })
      .catch(() => null);
  }

  /**
   * @param {import("./link.js").LineState} line
   * @param {string} code
   */
  #lineChanged(line, code) {
    this.show({ line, code });
    if (line === "open") this.load();
    if (line === "ended") this.show({ dialog: null });
  }
}
