/** @file Calls the user: notifications as the settings allow, and counts in the title and the icon. */

import * as store from "./store.js";
import { clean } from "./words.js";

/** Milliseconds between two announcements to who listens to the page. */
const PAUSE = 2_000;

export class Notifier {
  #count = -1;
  /** @type {{nick: string, text: string}[]} */
  #waiting = [];
  #isSpeaking = false;

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  #app;

  /** @param {import("./types.js").Event} event a message or a secret */
  hear(event) {
    const { state, ui, preferences } = this.#app;
    if (event.history || event.delivery || event.nick === state.nick) return;
    const conversation = state.conversations.get(event.conversation_id);
    const text = event.event === "secret" ? "A secret message" : event.message || "A file";
    const isOpen = event.conversation_id === ui.open;
    if (isOpen && document.hasFocus()) {
      this.#announce(event.nick, text);
      return;
    }
    if (!conversation || conversation.muted || state.status === "dnd") return;
    const calls = event.mention || conversation.kind === "dm" || event.event === "secret";
    const { notify, words } = preferences.values;
    if (notify === "none" || (notify === "calls" && !calls)) return;
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const where = conversation.kind === "dm" ? "" : ` in ${clean(conversation.name)}`;
    const note = new Notification(`${clean(event.nick)}${where}`, {
      body: words ? text.slice(0, 200) : "New message",
      tag: event.conversation_id,
    });
    note.onclick = () => {
      window.focus();
      this.#app.open(event.conversation_id);
      note.close();
    };
  }

  /**
   * Say it to who listens to the page, but not everything that a crowd says.
   * @param {string} nick
   * @param {string} text
   */
  #announce(nick, text) {
    this.#waiting.push({ nick, text });
    if (this.#isSpeaking) return;
    this.#isSpeaking = true;
    const speak = () => {
      const heard = this.#waiting.splice(0);
      const [only] = heard;
      const place = document.getElementById("live");
      if (place && only) {
        place.textContent =
          heard.length === 1
            ? `${only.nick}: ${only.text.slice(0, 300)}`
            : `${heard.length} new messages, the last from ${heard.at(-1)?.nick}`;
      }
      if (heard.length) setTimeout(speak, PAUSE);
      else this.#isSpeaking = false;
    };
    setTimeout(speak, 150);
  }

  /** Show how much is new. */
  count() {
    const { unread, mentions } = store.news(this.#app.state);
    const name = this.#app.current?.name;
    const mark = mentions ? `(${mentions}) ` : unread ? "• " : "";
    const title = `${mark}${name ? `${clean(name)} – ` : ""}geventim`;
    if (document.title !== title) document.title = title;
    const number = mentions || (unread ? 0.5 : 0);
    if (number === this.#count) return;
    this.#count = number;
    void this.#badge(number);
  }

  /** @param {number} number of what calls the user; a half for what does not */
  async #badge(number) {
    const link = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
    if (!number) {
      link.href = "/page/icon.svg";
      return;
    }
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const context = canvas.getContext("2d");
    const picture = new Image();
    picture.src = "/page/icon.svg";
    await picture.decode().catch(() => null);
    if (!context || number !== this.#count) return;
    context.drawImage(picture, 0, 0, 64, 64);
    context.fillStyle = number < 1 ? "#ffb020" : "#e5484d";
    context.beginPath();
    context.arc(44, 44, number < 1 ? 12 : 20, 0, 2 * Math.PI);
    context.fill();
    if (number >= 1) {
      context.fillStyle = "#fff";
      context.font = "bold 28px system-ui, sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(number > 9 ? "9+" : String(number), 44, 46);
    }
    canvas.toBlob((blob) => {
      if (!blob || number !== this.#count) return;
      if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href);
      link.href = URL.createObjectURL(blob);
    });
  }
}
