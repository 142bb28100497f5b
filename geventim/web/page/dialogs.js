/** @file What lies over the page: one dialog at a time, in one element that stays. */

import { h } from "./dom.js";
import { EMOJI, findEmoji } from "./emoji.js";
import { drawForm } from "./fields.js";
import * as forms from "./forms.js";
import { icon } from "./icons.js";
import { BINDINGS, spell } from "./bindings.js";
import { avatar, mark } from "./message.js";
import { drawPalette } from "./palette.js";
import { qr } from "./qr.js";
import { drawSettings } from "./settings.js";
import * as words from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./app.js").Dialog} Dialog */

let shown = "";

/** @param {App} app */
export function closeDialog(app) {
  const { dialog } = app.ui;
  app.show({ dialog: null });
  dialog?.cancelled?.();
}

/** @param {App} app */
export function drawDialog(app) {
  const { dialog } = app.ui;
  return h(
    "dialog",
    {
      key: "dialog",
      class: dialog ? `dialog ${dialog.kind}` : "dialog",
      "aria-labelledby": "dialog-title",
      oncancel: (/** @type {globalThis.Event} */ event) => {
        event.preventDefault();
        closeDialog(app);
      },
      onmousedown: (/** @type {MouseEvent} */ event) => {
        if (event.target === event.currentTarget) closeDialog(app);
      },
    },
    dialog ? drawContent(app, dialog) : null,
  );
}

/**
 * Open or close the element as it was drawn, and put the focus where it is wanted.
 * @param {App} app
 */
export function settleDialog(app) {
  const element = /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog.dialog"));
  const { dialog } = app.ui;
  if (!element) return;
  const name = dialog ? `${dialog.kind} ${dialog.title ?? dialog.nick ?? dialog.name ?? ""}` : "";
  if (dialog && !element.open) element.showModal();
  if (!dialog && element.open) {
    element.close();
    if (document.activeElement === document.body) document.getElementById("input")?.focus();
  }
  if (name !== shown && dialog) {
    const wanted = element.querySelector("[data-first]") ?? element.querySelector("input, textarea, select, .content button");
    /** @type {HTMLElement | null} */ (wanted)?.focus();
  }
  shown = name;
}

/**
 * @param {App} app
 * @param {Dialog} dialog
 * @returns {import("./dom.js").Child}
 */
function drawContent(app, dialog) {
  const draw = DIALOGS[dialog.kind];
  return h("div", { key: `${dialog.kind} ${dialog.title ?? dialog.nick ?? dialog.name ?? ""}`, class: "sheet" }, draw ? draw(app, dialog) : null);
}

/** @type {Record<string, (app: App, dialog: any) => import("./dom.js").Child[]>} */
const DIALOGS = {
  form: (app, dialog) => [title(app, dialog.title), drawForm(app, dialog)],
  begin: drawBegin,
  verify: drawVerify,
  code: drawCode,
  key: drawKey,
  secret: drawSecret,
  person: drawPerson,
  message: drawMessageMenu,
  emoji: drawEmoji,
  picture: drawPicture,
  help: drawHelp,
  palette: drawPalette,
  settings: (app, dialog) => [title(app, "Settings"), drawSettings(app, dialog)],
};

/**
 * @param {App} app
 * @param {string} text
 */
function title(app, text) {
  return h(
    "header",
    { key: "title" },
    h("h2", { id: "dialog-title", dir: "auto" }, text),
    h("button", { type: "button", class: "plain", "aria-label": "Close", title: "Close (Esc)", onclick: () => closeDialog(app) }, icon("close")),
  );
}

/**
 * @param {import("./icons.js").IconName} name
 * @param {string} label
 * @param {() => unknown} run
 * @param {string} [hint]
 */
function choice(name, label, run, hint = "") {
  return h("button", { key: label, type: "button", class: "choice", onclick: run }, icon(name), h("span", null, label, hint ? h("span", { class: "quiet" }, hint) : null));
}

/** @param {App} app */
function drawBegin(app) {
  const show = (/** @type {forms.Form} */ dialog) => () => app.show({ dialog });
  return [
    title(app, "New conversation"),
    h(
      "div",
      { class: "content choices" },
      choice("people", "Message somebody", show(forms.message(app)), "For the two of you"),
      choice("hash", "Join a room", show(forms.join(app)), "One that is there already"),
      choice("add", "Make a room", show(forms.room(app)), "Open to everybody here, or with a key"),
      choice("group", "Make a group", show(forms.group(app)), "For those whom you choose"),
    ),
  ];
}

/**
 * @param {App} app
 * @param {{nick: string, number: string, standing: string}} dialog
 */
function drawVerify(app, { nick, number, standing }) {
  const name = words.clean(nick);
  return [
    title(app, `Is it really ${name}?`),
    h(
      "div",
      { class: "content" },
      h("p", null, `Compare these digits with ${name}, in person or by telephone. If both of you see the same ones, nobody stands between you.`),
      h(
        "div",
        { class: "compare" },
        h("ol", { class: "digits", "aria-label": "Safety number" }, words.groups(number).map((each, at) => h("li", { key: String(at) }, each))),
        drawQr(number),
      ),
      standing === "verified" ? h("p", { class: "trust verified" }, icon("shield"), "You have verified them already.") : null,
      standing === "changed" ? h("p", { class: "trust changed" }, icon("warning"), "The key is not the one that you knew.") : null,
      h(
        "footer",
        null,
        h("button", { type: "button", class: "button faint", onclick: () => copy(app, words.groups(number).join(" ")) }, "Copy"),
        standing === "changed"
          ? h("button", { type: "button", class: "button", onclick: () => app.deeds.trust(nick) }, "Accept the new key")
          : h("button", { type: "button", class: "button", "data-first": "", onclick: () => app.deeds.confirm(nick) }, "They are the same"),
      ),
    ),
  ];
}

/** @param {string} digits */
function drawQr(digits) {
  const rows = qr(digits);
  const size = rows.length + 8;
  const path = rows.map((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join("")).join("");
  return h(
    "svg",
    { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "The same as a QR code" },
    h("rect", { width: String(size), height: String(size), class: "light" }),
    h("path", { d: path, class: "dark" }),
  );
}

/**
 * @param {App} app
 * @param {{conversation: string, code: string, members: number}} dialog
 */
function drawCode(app, { conversation, code, members }) {
  return [
    title(app, `Code of ${words.clean(conversation)}`),
    h(
      "div",
      { class: "content" },
      h("p", null, `All ${members} members see the same digits now, if nobody has come between. They change whenever somebody comes or goes.`),
      h("ol", { class: "digits", "aria-label": "Code" }, words.groups(code).map((each, at) => h("li", { key: String(at) }, each))),
      h("footer", null, h("button", { type: "button", class: "button", "data-first": "", onclick: () => copy(app, words.groups(code).join(" ")) }, "Copy")),
    ),
  ];
}

/**
 * @param {App} app
 * @param {{name: string, key: string}} dialog
 */
function drawKey(app, { name, key }) {
  return [
    title(app, `The key of ${words.clean(name)}`),
    h(
      "div",
      { class: "content" },
      h("p", null, "Give it to those who are to enter, on another way. It is shown now, and not again."),
      h("p", { class: "key" }, h("code", { dir: "ltr" }, key)),
      h(
        "footer",
        null,
        h("button", { type: "button", class: "button faint", onclick: () => closeDialog(app) }, "Done"),
        h("button", { type: "button", class: "button", "data-first": "", onclick: () => copy(app, key) }, "Copy"),
      ),
    ),
  ];
}

/**
 * @param {App} app
 * @param {{nick: string, text: string}} dialog
 */
function drawSecret(app, { nick, text }) {
  return [
    title(app, `A secret of ${words.clean(nick)}`),
    h("div", { class: "content" }, h("p", { class: "opened", dir: "auto" }, text), h("footer", null, h("button", { type: "button", class: "button", "data-first": "", onclick: () => closeDialog(app) }, "Hide it"))),
  ];
}

/**
 * @param {App} app
 * @param {{nick: string, known: any, ignored: boolean | null}} dialog
 */
function drawPerson(app, { nick, known, ignored }) {
  const name = words.clean(nick);
  /** @type {import("./dom.js").Child} */
  let about = h("p", { class: "quiet" }, "…");
  if (known?.why) about = h("p", { class: "quiet" }, known.why);
  else if (known) {
    about = h(
      "dl",
      { class: "facts" },
      h("dt", null, "Key"),
      h("dd", null, h("code", { class: "long" }, known.identity)),
      h("dt", null, "Known since"),
      h("dd", null, words.brief(known.since)),
      known.conversations.length ? [h("dt", null, "In common"), h("dd", { dir: "auto" }, known.conversations.map(words.clean).join(", "))] : null,
    );
  }
  return [
    title(app, name),
    h(
      "div",
      { class: "content" },
      h("div", { class: "portrait" }, avatar(nick, "large"), known?.standing ? h("p", { class: `trust ${known.standing}` }, mark(known.standing), { verified: "Verified", unverified: "Not verified", changed: "The key has changed" }[/** @type {string} */ (known.standing)] ?? "") : null),
      about,
      h(
        "div",
        { class: "choices" },
        choice("reply", "Write to them", () => app.deeds.openDm(nick)),
        choice("shield", "Compare keys", () => app.deeds.verify(nick)),
        choice("key", "Send a secret", () => app.show({ dialog: forms.sendSecret(app, nick) })),
        ignored === null ? null : choice("mute", ignored ? "Hear of them again" : "Ignore", () => app.deeds.ignore(nick, !ignored), ignored ? "" : "You hear nothing of them any more"),
      ),
    ),
  ];
}

/**
 * @param {App} app
 * @param {{message: import("./types.js").Message}} dialog
 */
function drawMessageMenu(app, { message }) {
  const { deeds } = app;
  const run = (/** @type {() => unknown} */ deed) => () => {
    app.show({ dialog: null });
    deed();
  };
  const isThere = message.order > 0 && Number.isFinite(message.order);
  const mayDelete = isThere && (message.own || app.current?.kind === "group");
  return [
    title(app, "Message"),
    h(
      "div",
      { class: "content choices" },
      h("p", { class: "quiet" }, `${words.clean(message.nick)}, ${words.moment(message.date)}`),
      isThere ? choice("reply", "Reply", run(() => deeds.reply(message))) : null,
      isThere ? choice("smile", "React", () => app.show({ dialog: { kind: "emoji", message } })) : null,
      message.message ? choice("copy", "Copy the text", run(() => deeds.copy(message))) : null,
      message.message ? choice("reply", "Quote", run(() => deeds.quote(message))) : null,
      message.own && isThere && message.message ? choice("edit", "Edit", run(() => deeds.edit(message))) : null,
      message.own ? null : choice("info", "Who is this?", () => deeds.person(message.nick)),
      mayDelete ? choice("trash", "Delete for everybody", () => deeds.remove(message)) : null,
    ),
  ];
}

/**
 * @param {App} app
 * @param {{message: import("./types.js").Message | null, words?: string}} dialog
 */
function drawEmoji(app, dialog) {
  const { message, words: wanted = "" } = dialog;
  const pick = (/** @type {string} */ sign) => {
    app.show({ dialog: null });
    if (message) void app.deeds.react(message, sign);
    else insert(app, sign);
  };
  const found = wanted.trim() ? [{ name: "Found", emoji: findEmoji(wanted.trim()) }] : EMOJI;
  const typed = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(wanted) ? wanted.trim() : "";
  return [
    title(app, message ? "React" : "Emoji"),
    h("input", {
      key: "find",
      class: "wide",
      type: "search",
      "aria-label": "Find an emoji",
      placeholder: "Find, or type one",
      value: wanted,
      "data-first": "",
      autocomplete: "off",
      oninput: (/** @type {any} */ event) => app.show({ dialog: { .../** @type {any} */ (app.ui.dialog), words: event.target.value } }),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        const first = typed || found[0]?.emoji[0]?.sign;
        if (event.key !== "Enter" || !first) return;
        event.preventDefault();
        pick(first);
      },
    }),
    h(
      "div",
      { key: "emoji", class: "content", tabindex: "0", role: "group", "aria-label": "Emoji" },
      typed ? h("div", { class: "grid" }, h("button", { type: "button", onclick: () => pick(typed) }, typed)) : null,
      found.map((group) =>
        h(
          "section",
          { key: group.name, "aria-label": group.name },
          h("h3", null, group.name),
          group.emoji.length
            ? h("div", { class: "grid" }, group.emoji.map((each) => h("button", { key: each.sign, type: "button", title: each.words, "aria-label": each.words, onclick: () => pick(each.sign) }, each.sign)))
            : h("p", { class: "quiet" }, "None is called that here."),
        ),
      ),
    ),
  ];
}

/**
 * @param {App} app
 * @param {string} sign
 */
function insert(app, sign) {
  const input = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("input"));
  if (!input) return;
  input.setRangeText(sign, input.selectionStart, input.selectionEnd, "end");
  app.deeds.type(input.value);
  requestAnimationFrame(() => input.focus());
}

/**
 * @param {App} app
 * @param {{message: import("./types.js").Message, file: import("./types.js").Attachment, at: number}} dialog
 */
function drawPicture(app, { message, file, at }) {
  const picture = app.pictures.get(message.message_id, at);
  const name = words.clean(file.name);
  return [
    title(app, name),
    picture?.url ? h("div", { class: "content frame" }, h("img", { src: picture.url, alt: name })) : null,
    h("footer", null, h("button", { type: "button", class: "button", "data-first": "", onclick: () => app.pictures.download(message.message_id, at, name) }, `Save (${words.size(file.size)})`)),
  ];
}

/** @param {App} app */
function drawHelp(app) {
  const sections = [...new Set(BINDINGS.map((each) => each.where))];
  return [
    title(app, "Keys"),
    h(
      "div",
      { class: "content", tabindex: "0", role: "group", "aria-label": "Keys", "data-first": "" },
      sections.map((where) =>
        h(
          "section",
          { key: where },
          h("h3", null, where),
          h(
            "dl",
            { class: "keys" },
            BINDINGS.filter((each) => each.where === where).map((each) => [
              h("dt", { key: `${each.keys} keys` }, each.keys.map((key, at) => [at ? " " : null, h("kbd", null, spell(key))])),
              h("dd", { key: `${each.keys} help` }, each.help),
            ]),
          ),
        ),
      ),
      h("section", { key: "writing" }, h("h3", null, "How to write"), h("p", null, h("code", null, "*emphasis*"), " ", h("code", null, "**strong**"), " ", h("code", null, "`code`"), " ", h("code", null, "> quote"), " ", h("code", null, "- list"), " and three backticks around code of several lines.")),
    ),
  ];
}

/**
 * @param {App} app
 * @param {string} text
 */
async function copy(app, text) {
  await navigator.clipboard.writeText(text).then(
    () => app.toast("Copied."),
    () => app.toast("This browser does not let us copy that.", { tone: "bad" }),
  );
}
