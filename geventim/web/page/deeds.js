/** @file What the user can do: each is a wish, or several. */

import * as forms from "./forms.js";
import { RefusedError } from "./link.js";
import * as store from "./store.js";
import { plural } from "./words.js";

/** @typedef {import("./types.js").Message} Message */

/** Bytes of the text of a message. */
const TEXT_SIZE = 32 * 1024;

/** Files of a message. */
const FILES = 10;

/** Milliseconds after the last key until a draft is kept. */
const LULL = 800;

export class Deeds {
  /** @type {Map<string, string>} what was kept last as a draft, by the id of the conversation */
  #kept = new Map();
  #lull = 0;
  #read = new Map();
  #searching = 0;
  /** @type {Set<string>} */
  #learning = new Set();

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  #app;

  /** Send what was written in the conversation that is shown. */
  async send() {
    const app = this.#app;
    const conversation = app.current;
    if (!conversation) return;
    const id = conversation.id;
    const written = app.writing(id);
    const text = written.text.replace(/\s+$/, "");
    if (!text.trim() && !written.files.length) return;
    if (store.inQuestion(app.state, conversation).length && conversation.kind !== "room") return;
    if (new TextEncoder().encode(text).length > TEXT_SIZE) {
      app.write(id, { text: "", files: [...written.files, new File([text], "message.txt")] });
      app.toast("That is longer than a message can be: it is attached as a file.");
      return;
    }
    const empty = { text: "", reply: null, edit: null, files: [] };
    app.composing.set(id, empty);
    app.show({ command: "" });
    this.keepDraft(id);
    if (written.edit) {
      if (text === written.edit.message) return;
      const fields = { message_id: written.edit.message_id, text };
      if ((await app.wish("edit", fields)) === null) app.write(id, written);
      return;
    }
    this.toNewest();
    if (!(await this.#say(id, text, written.reply, written.files))) {
      if (!app.writing(id).text) app.write(id, written);
    }
  }

  /**
   * @param {string} id
   * @param {string} text
   * @param {Message | null} reply
   * @param {File[]} files
   * @returns {Promise<boolean>} whether it is seen what has become of it
   */
  async #say(id, text, reply, files) {
    const app = this.#app;
    let request = "";
    try {
      const uploads = [];
      for (const file of files) {
        const path = `/files?name=${encodeURIComponent(file.name)}`;
        const response = await app.link.request(path, { method: "POST", body: file });
        uploads.push((await response.json()).file);
      }
      await app.link.wish(
        "say",
        {
          to: id,
          text,
          ...(reply ? { reply_to: reply.message_id } : {}),
          ...(uploads.length ? { files: uploads } : {}),
        },
        { onId: (given) => (request = given) },
      );
      return true;
    } catch (error) {
      const { code, message: reason } = /** @type {RefusedError} */ (error);
      if (code === "cancelled" || code === "withdrawn") return true;
      const message = store.caused(app.state, id, request);
      if (message) {
        app.know(store.change(app.state, message, (each) => ({ ...each, delivery: "refused", reason })));
        return true;
      }
      app.toast(reason, { tone: "bad" });
      return false;
    }
  }

  /** @param {Message} message */
  async again(message) {
    const app = this.#app;
    app.know(store.drop(app.state, message));
    await this.#say(message.conversation_id, message.message, message.reply ? /** @type {any} */ (message.reply) : null, []);
  }

  /** @param {Message} message */
  discard(message) {
    this.#app.know(store.drop(this.#app.state, message));
  }

  /** @param {Message} message */
  async withdraw(message) {
    const app = this.#app;
    const { conversation_id: conversation, message_id } = message;
    if ((await app.wish("withdraw", { conversation, message_id })) === null) return;
    app.know(store.drop(app.state, message));
    const id = message.conversation_id;
    if (!app.writing(id).text) app.write(id, { text: message.message });
  }

  /**
   * Have files go with what is written.
   * @param {Iterable<File>} files
   */
  attach(files) {
    const app = this.#app;
    if (!app.current) return;
    const all = [...app.writing(app.ui.open).files, ...files];
    if (all.length > FILES) app.toast(`A message has at most ${FILES} files.`, { tone: "bad" });
    app.write(app.ui.open, { files: all.slice(0, FILES) });
    document.getElementById("input")?.focus();
  }

  /**
   * Keep what is being written; at once if another conversation is shown.
   * @param {string} id
   */
  keepDraft(id) {
    const app = this.#app;
    clearTimeout(this.#lull);
    const written = app.composing.get(id);
    const conversation = app.state.conversations.get(id);
    if (!written || !conversation || written.edit) return;
    const before = this.#kept.get(id) ?? conversation.draft;
    if (written.text === before) return;
    this.#kept.set(id, written.text);
    app.link.wish("draft", { conversation: id, text: written.text.slice(0, TEXT_SIZE) }).catch(() => null);
  }

  /** @param {string} text */
  type(text) {
    const id = this.#app.ui.open;
    this.#app.write(id, { text });
    if (this.#app.ui.command) this.#app.show({ command: "" });
    clearTimeout(this.#lull);
    this.#lull = window.setTimeout(() => this.keepDraft(id), LULL);
  }

  /** @param {Message} message */
  reply(message) {
    this.#app.write(message.conversation_id, { reply: message, edit: null });
    this.#toInput();
  }

  /** @param {Message} message */
  edit(message) {
    if (!message.own || message.deleted !== undefined || !message.order) return;
    this.#app.write(message.conversation_id, { edit: message, reply: null, text: message.message });
    this.#toInput();
  }

  /** Edit the last message of the user. */
  editLast() {
    const messages = this.#app.state.timelines.get(this.#app.ui.open)?.messages ?? [];
    const last = messages.findLast(
      (each) => each.own && each.order && each.message && each.deleted === undefined && !each.line,
    );
    if (last) this.edit(last);
  }

  /** Neither answer nor edit anything. */
  stopWriting() {
    const { edit } = this.#app.writing(this.#app.ui.open);
    this.#app.write(this.#app.ui.open, { reply: null, edit: null, ...(edit ? { text: "" } : {}) });
    this.#toInput();
  }

  #toInput() {
    requestAnimationFrame(() => {
      const input = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("input"));
      input?.focus();
      input?.setSelectionRange(input.value.length, input.value.length);
    });
  }

  /** @param {Message} message */
  quote(message) {
    const id = message.conversation_id;
    const quoted = message.message.replace(/^/gm, "> ");
    this.#app.write(id, { text: `${quoted}\n\n${this.#app.writing(id).text}` });
    this.#toInput();
  }

  /** @param {Message} message */
  async copy(message) {
    await navigator.clipboard.writeText(message.message).catch(() => null);
    this.#app.toast("Copied.");
  }

  /**
   * React with an emoji, or take it back if that is how the user has reacted.
   * @param {Message} message
   * @param {string} emoji
   */
  async react(message, emoji) {
    const mine = message.reactions?.find((each) => each.nicks.includes(this.#app.state.nick));
    const reaction = mine?.emoji === emoji ? "" : emoji;
    await this.#app.wish("react", { message_id: message.message_id, reaction });
  }

  /** @param {Message} message */
  remove(message) {
    this.#app.show({
      dialog: forms.confirm({
        title: "Delete this message?",
        text: "It is deleted for everybody. Who has read it has read it.",
        submit: "Delete",
        run: () => this.#app.link.wish("delete_message", { message_id: message.message_id }),
      }),
    });
  }

  /**
   * The user has read up to there.
   * @param {number} order
   */
  markRead(order) {
    const conversation = this.#app.current;
    if (!conversation || !conversation.unread || order <= conversation.read) return;
    if (order <= (this.#read.get(conversation.id) ?? 0)) return;
    this.#read.set(conversation.id, order);
    this.#app.link.wish("mark_read", { conversation: conversation.id, order }).catch(() => null);
  }

  /** Show the newest messages. */
  toNewest() {
    const app = this.#app;
    const timeline = app.state.timelines.get(app.ui.open);
    app.timeline.toBottom();
    if (timeline?.after) void app.page(app.ui.open, "last");
  }

  /**
   * Show a message where it was written.
   * @param {string} id of the conversation
   * @param {string} message_id
   */
  async jump(id, message_id) {
    const app = this.#app;
    if (id !== app.ui.open) app.open(id, { focus: false });
    const isHeld = () =>
      app.state.timelines.get(id)?.messages.some((each) => each.message_id === message_id);
    if (!isHeld()) await app.page(id, "around", message_id);
    if (!isHeld()) return;
    app.timeline.jump(message_id);
    app.show({ flash: message_id, pane: "talk" });
    setTimeout(() => {
      if (app.ui.flash === message_id) app.show({ flash: "" });
    }, 2_500);
  }

  /** @param {string} id */
  async learnMembers(id) {
    if (this.#learning.has(id)) return;
    this.#learning.add(id);
    const onDone = (/** @type {any} */ { members }) => {
      this.#app.know(store.people(this.#app.state, id, members));
    };
    await this.#app.link.wish("members", { conversation: id }, { onDone }).catch(() => null);
    this.#learning.delete(id);
  }

  /**
   * Ask again who is there, if that is not as it was told.
   * @param {string} id
   */
  checkMembers(id) {
    const conversation = this.#app.state.conversations.get(id);
    const members = this.#app.state.members.get(id) ?? [];
    const others = members.filter((each) => each.nick !== this.#app.state.nick);
    const least = ["changed", "unverified", "verified"].find((standing) =>
      others.some((each) => each.standing === standing),
    );
    if (members.length !== conversation?.members || (least && least !== conversation.trust)) {
      void this.learnMembers(id);
    }
  }

  /** @param {string} nick */
  async openDm(nick) {
    const done = await this.#app.wish("open_dm", { nick });
    if (done) this.enter(done);
  }

  /**
   * Show a conversation that a wish was done with.
   * @param {import("./types.js").Conversation} conversation
   */
  enter(conversation) {
    const app = this.#app;
    if (!app.state.conversations.has(conversation.id)) {
      const conversations = new Map(app.state.conversations).set(conversation.id, conversation);
      app.know({ ...app.state, conversations });
    }
    void this.learnMembers(conversation.id);
    app.show({ dialog: null });
    app.open(conversation.id);
  }

  /** @param {import("./types.js").Status} status */
  async setStatus(status) {
    const done = await this.#app.wish("status", { status });
    if (done) this.#app.know({ ...this.#app.state, status: done.status });
  }

  /** @param {import("./types.js").Conversation} conversation */
  async mute({ id, muted }) {
    await this.#app.wish("mute", { conversation: id, muted: !muted });
  }

  /**
   * @param {string} conversation
   * @param {number} seconds
   */
  async setTimer(conversation, seconds) {
    await this.#app.wish("set_timer", { conversation, seconds });
  }

  /**
   * Wish for something that may need the passphrase; then it is asked for.
   * @param {string} wish
   * @param {Record<string, unknown>} fields
   * @returns {Promise<any>}
   */
  async guarded(wish, fields) {
    try {
      return await this.#app.link.wish(wish, fields);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== "terminal_only") throw error;
      const before = this.#app.ui.dialog;
      return await new Promise((resolve, refused) => {
        this.#app.show({
          dialog: forms.unlock(
            async (passphrase) => {
              await this.#app.link.request("/unlock", {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ passphrase }),
              });
              const done = await this.#app.link.wish(wish, fields);
              this.#app.show({ dialog: before });
              resolve(done);
            },
            () => refused(new RefusedError({ code: "cancelled", text: "" })),
          ),
        });
      });
    }
  }

  /** @param {string} nick */
  async verify(nick) {
    const done = await this.#app.wish("verify", { nick });
    if (done) this.#app.show({ dialog: { kind: "verify", ...done } });
  }

  /** @param {string} nick */
  async confirm(nick) {
    if ((await this.#app.wish("confirm", { nick })) === null) return;
    this.#app.know(store.stand(this.#app.state, nick, "verified"));
    this.#app.show({ dialog: null });
    this.#app.toast(`You have verified ${nick}.`);
  }

  /** @param {string} nick */
  async trust(nick) {
    try {
      await this.guarded("trust", { nick });
      this.#app.toast(`The new key of ${nick} is accepted. It is not verified yet.`);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      if (message) this.#app.toast(message, { tone: "bad" });
    }
  }

  /** @param {string} nick */
  async person(nick) {
    const app = this.#app;
    app.show({ dialog: { kind: "person", nick, known: null, ignored: null } });
    const [known, ignored] = await Promise.all([
      app.link.wish("whois", { nick }).catch((error) => ({ why: error.message })),
      app.link.wish("ignored").catch(() => ({ nicks: [] })),
    ]);
    if (app.ui.dialog?.kind !== "person" || app.ui.dialog.nick !== nick) return;
    app.show({ dialog: { kind: "person", nick, known, ignored: ignored.nicks.includes(nick) } });
  }

  /**
   * @param {string} nick
   * @param {boolean} ignored
   */
  async ignore(nick, ignored) {
    const done = await this.#app.wish("ignore", ignored ? { nick } : { nick, ignored });
    if (!done) return;
    this.#app.toast(ignored ? `You hear nothing of ${nick} any more.` : `You hear of ${nick} again.`);
    const { dialog } = this.#app.ui;
    if (dialog?.kind === "person") this.#app.show({ dialog: { ...dialog, ignored } });
    if (dialog?.kind === "settings") this.#app.show({ dialog: { ...dialog, ignored: done.nicks } });
  }

  async settings() {
    const app = this.#app;
    const [settings, ignored] = await Promise.all([app.wish("settings"), app.wish("ignored")]);
    if (!settings) return;
    app.show({ dialog: { kind: "settings", highlights: settings.highlights, ignored: ignored?.nicks ?? [] } });
  }

  /** @param {string} conversation */
  async roomCode(conversation) {
    const done = await this.#app.wish("room_code", { conversation });
    if (done) this.#app.show({ dialog: { kind: "code", ...done } });
  }

  /** @param {string} words */
  async search(words) {
    const app = this.#app;
    const known = app.ui.search;
    const conversation = known?.conversation ?? "";
    this.#searching += 1;
    app.show({ search: { words, conversation, found: [], busy: !!words.trim(), done: !words.trim() } });
    if (words.trim()) await this.#find(this.#searching);
  }

  /** @param {string} conversation */
  async searchIn(conversation) {
    const known = this.#app.ui.search;
    this.#app.show({ search: { words: "", found: [], busy: false, done: true, ...known, conversation } });
    if (known?.words.trim()) await this.search(known.words);
  }

  async searchMore() {
    const { search } = this.#app.ui;
    if (!search || search.busy || search.done) return;
    this.#app.show({ search: { ...search, busy: true } });
    await this.#find(this.#searching, search.found.at(-1)?.order);
  }

  /**
   * @param {number} number
   * @param {number} [before]
   */
  async #find(number, before) {
    const app = this.#app;
    const search = /** @type {import("./app.js").Search} */ (app.ui.search);
    const { words, author } = terms(search.words);
    const fields = {
      words,
      limit: 30,
      ...(author ? { author } : {}),
      ...(search.conversation ? { conversation: search.conversation } : {}),
      ...(before === undefined ? {} : { before }),
    };
    const done = await app.wish("search", fields);
    if (number !== this.#searching || !app.ui.search) return;
    this.found(done?.messages ?? []);
    const isAll = !done || done.messages.length < 30;
    app.show({ search: { .../** @type {any} */ (app.ui.search), busy: false, done: isAll } });
  }

  /** @param {Message[]} messages */
  found(messages) {
    const { search } = this.#app.ui;
    if (!search?.busy) return;
    const known = new Set(search.found.map(store.keyOf));
    const fresh = messages.filter((each) => !known.has(store.keyOf(each)));
    if (fresh.length) this.#app.show({ search: { ...search, found: [...search.found, ...fresh] } });
  }

  /** @param {Message} message */
  openSecret(message) {
    const app = this.#app;
    app.show({
      dialog: forms.openSecret(message, async (key) => {
        const done = await app.link.wish("open_secret", { number: message.secret, key });
        app.show({ dialog: { kind: "secret", nick: done.nick, text: done.message } });
      }),
    });
  }

  /**
   * Go to the next conversation in the list, or the one before.
   * @param {1 | -1} step
   * @param {boolean} [isNew] whether there has to be something new
   */
  go(step, isNew = false) {
    const app = this.#app;
    const all = store.listed(app.state);
    const at = all.findIndex((each) => each.id === app.ui.open);
    for (let count = 1; count <= all.length; count += 1) {
      const next = all[(at + step * count + all.length * 2) % all.length];
      if (next && (!isNew || (next.unread && !next.muted))) return app.open(next.id);
    }
    if (isNew) app.toast("Nothing is new.");
  }

  /** Go where something is new, first where the user is called. */
  goToNews() {
    const all = store.listed(this.#app.state).filter((each) => each.unread && !each.muted);
    const calls = all.find((each) => each.mentions || each.kind === "dm") ?? all[0];
    if (calls) this.#app.open(calls.id);
    else this.#app.toast("Nothing is new.");
  }

  /**
   * What the people in question are called.
   * @param {string[]} nicks
   */
  name(nicks) {
    return nicks.length > 2 ? plural(nicks.length, "person") : nicks.join(" and ");
  }
}

/**
 * What is looked for: words, phrases in quotation marks, and `from:nick`.
 * @param {string} text
 */
export function terms(text) {
  const words = [];
  let author = "";
  for (const match of text.matchAll(/from:@?(\S+)|"([^"]+)"|(\S+)/g)) {
    if (match[1]) author = match[1];
    else words.push((match[2] ?? match[3] ?? "").slice(0, 1_024));
  }
  return { words: words.slice(0, 64), author };
}
