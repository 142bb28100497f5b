/** @file How a row of a timeline is drawn. */

import { h } from "./dom.js";
import { OFTEN } from "./emoji.js";
import { icon } from "./icons.js";
import { parse } from "./markup.js";
import { duration, keyOf } from "./store.js";
import * as words from "./words.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./app.js").App} App */

/**
 * @param {App} app
 * @param {import("./rows.js").Row} row
 * @param {{isHot: boolean, hasTab: boolean}} how
 * @returns {import("./dom.js").Node}
 */
export function drawRow(app, row, how) {
  const key = { key: row.key, "data-key": row.key };
  switch (row.kind) {
    case "day":
      return h("div", { ...key, class: "day" }, h("span", null, words.dayName(row.date, Date.now())));
    case "new":
      return h("div", { ...key, class: "news" }, h("span", null, "New"));
    case "more":
      return h("div", { ...key, class: "edge" }, h("span", { class: "spinner", "aria-label": "Older messages are read", role: "img" }));
    case "begin":
      return drawBegin(app, key);
    case "line":
      return h("div", { ...key, class: "line" }, h("span", { dir: "auto" }, row.message.line), drawTime(row.message));
    default:
      return drawMessage(app, row.message, row.first, how);
  }
}

/**
 * @param {App} app
 * @param {Record<string, string>} key
 */
function drawBegin(app, key) {
  const conversation = app.current;
  const what = conversation?.kind === "dm" ? `what you and ${conversation.name} have said` : `${conversation?.name ?? ""}, as far as it is kept here`;
  return h(
    "div",
    { ...key, class: "begin" },
    icon("lock"),
    h("p", null, `This is the beginning of ${what}.`),
    h("p", { class: "quiet" }, "Everything here is encrypted from end to end: the server cannot read it."),
  );
}

/** @param {Message} message */
function drawTime(message) {
  return h("time", { title: words.moment(message.date) }, words.clock(message.date));
}

/**
 * A round sign for somebody.
 * @param {string} name
 * @param {string} [kind]
 */
export function avatar(name, kind = "") {
  return h(
    "span",
    { class: `avatar ${kind}`, style: { "--hue": String(words.hue(name)) }, "aria-hidden": "true" },
    words.initial(name),
  );
}

/**
 * What is held of somebody.
 * @param {string} standing
 */
export function mark(standing) {
  if (standing === "verified") return h("span", { class: "mark good", title: "Verified: you have compared keys" }, icon("shield", "verified"));
  if (standing === "changed") return h("span", { class: "mark bad", title: "The key has changed" }, icon("warning", "key changed"));
  return null;
}

/**
 * @param {App} app
 * @param {Message} message
 * @param {boolean} isFirst
 * @param {{isHot: boolean, hasTab: boolean}} how
 */
function drawMessage(app, message, isFirst, { isHot, hasTab }) {
  const isDeleted = message.deleted !== undefined;
  const classes = [
    "message",
    isFirst ? "first" : "",
    message.own ? "own" : "",
    message.mention ? "mention" : "",
    isHot ? "hot" : "",
    message.delivery === "queued" ? "waits" : "",
    app.ui.flash === keyOf(message) ? "flash" : "",
  ];
  return h(
    "div",
    {
      key: keyOf(message),
      "data-key": keyOf(message),
      class: classes.filter(Boolean).join(" "),
      role: "article",
      "aria-label": `${message.nick}, ${words.clock(message.date)}: ${isDeleted ? "deleted" : message.message.slice(0, 200)}`,
      tabindex: hasTab ? "0" : "-1",
    },
    h("div", { class: "margin" }, isFirst ? avatar(message.nick) : drawTime(message)),
    h(
      "div",
      { class: "said" },
      isFirst
        ? h(
            "div",
            { class: "head" },
            h(
              "button",
              {
                class: "nick",
                type: "button",
                dir: "auto",
                tabindex: "-1",
                style: { "--hue": String(words.hue(message.nick)) },
                onclick: () => (message.own ? null : app.deeds.person(message.nick)),
              },
              words.clean(message.nick),
            ),
            mark(message.verified && !message.own ? "verified" : ""),
            drawTime(message),
          )
        : null,
      message.reply ? drawReply(app, message) : null,
      isDeleted
        ? h("p", { class: "deleted" }, icon("trash"), message.deleted ? `Deleted by ${words.clean(message.deleted)}` : "This message has disappeared")
        : drawBody(app, message),
      isDeleted ? null : drawFiles(app, message),
      drawReactions(app, message),
      drawFate(app, message),
    ),
    isHot && !isDeleted && !message.secret ? drawTools(app, message) : null,
  );
}

/**
 * @param {App} app
 * @param {Message} message
 */
function drawReply(app, message) {
  const reply = /** @type {import("./types.js").Quote} */ (message.reply);
  const held = app.state.timelines.get(message.conversation_id)?.messages.find((each) => each.message_id === reply.message_id);
  const excerpt = held?.deleted !== undefined ? "deleted" : reply.excerpt || "an older message";
  return h(
    "button",
    {
      class: "reply",
      type: "button",
      title: "Go to that message",
      onclick: () => app.deeds.jump(message.conversation_id, reply.message_id),
    },
    h("strong", { dir: "auto" }, words.clean(reply.nick)),
    reply.quoted_by ? h("span", { class: "quiet" }, ` as quoted by ${words.clean(reply.quoted_by)}`) : null,
    h("span", { dir: "auto", class: "excerpt" }, excerpt),
  );
}

/**
 * @param {App} app
 * @param {Message} message
 */
function drawBody(app, message) {
  if (message.kind === "secret") {
    return h(
      "div",
      { class: "sealed" },
      icon("key"),
      h("span", null, message.own ? "A secret that you have sent" : "A secret message"),
      message.secret
        ? h("button", { type: "button", class: "button small", onclick: () => app.deeds.openSecret(message) }, "Open")
        : null,
    );
  }
  if (!message.message) return null;
  return h(
    "div",
    { class: "body", dir: "auto" },
    parse(message.message, message.plain).map((part) => drawPart(part)),
    message.edited ? h("span", { class: "edited" }, " (edited)") : null,
  );
}

/**
 * @param {import("./markup.js").Part} part
 * @returns {import("./dom.js").Child}
 */
function drawPart(part) {
  switch (part.node) {
    case "words":
      return h("span", null, part.text);
    case "code":
      return h("code", null, part.text);
    case "code_block":
      return h(
        "div",
        { class: "block", dir: "ltr" },
        part.language ? h("span", { class: "language" }, part.language) : null,
        h("pre", { tabindex: "0" }, h("code", null, part.text)),
      );
    case "emphasis":
      return h("em", null, part.parts.map(drawPart));
    case "strong":
      return h("strong", null, part.parts.map(drawPart));
    case "paragraph":
      return h("p", { dir: "auto" }, part.parts.map(drawPart));
    case "quote":
      return h("blockquote", { dir: "auto" }, part.parts.map(drawPart));
    case "list": {
      const items = part.items.map((each) => h("li", { dir: "auto" }, each.map(drawPart)));
      return part.first === null ? h("ul", null, items) : h("ol", { start: String(part.first) }, items);
    }
    case "link":
      return drawLink(part.url, part.text);
  }
}

/**
 * @param {string} url one that may be followed: see `isUrl`
 * @param {string} text
 */
function drawLink(url, text) {
  const isPlain = text === url || `mailto:${text}` === url;
  return h(
    "a",
    { href: url, target: "_blank", rel: "noopener noreferrer", title: url },
    isPlain ? text : [text, h("span", { class: "target", dir: "ltr" }, ` (${url})`)],
  );
}

/**
 * @param {App} app
 * @param {Message} message
 */
function drawFiles(app, message) {
  if (!message.files?.length) return null;
  return h("div", { class: "files" }, message.files.map((file, at) => drawFile(app, message, file, at)));
}

/**
 * @param {App} app
 * @param {Message} message
 * @param {import("./types.js").Attachment} file
 * @param {number} at
 */
function drawFile(app, message, file, at) {
  const { pictures } = app;
  const name = words.clean(file.name);
  const id = message.message_id;
  const key = `${id} ${at}`;
  if (pictures.isPicture(file) && message.order) {
    const picture = pictures.get(id, at);
    if (!picture && pictures.isSmall(file)) void pictures.fetch(id, at);
    const [width, height] = fit(file.width ?? 0, file.height ?? 0);
    const style = { width: `${width}px`, "aspect-ratio": `${width} / ${height}` };
    if (picture?.state === "shown") {
      return h(
        "button",
        {
          key,
          class: "picture",
          type: "button",
          style,
          title: `${name}, ${words.size(file.size)}`,
          onclick: () => app.show({ dialog: { kind: "picture", message, file, at } }),
        },
        h("img", { src: picture.url, alt: name, draggable: "false" }),
      );
    }
    if (!picture || picture.state === "busy") {
      return h(
        "button",
        { key, class: "picture empty", type: "button", style, disabled: !!picture, onclick: () => pictures.fetch(id, at) },
        picture ? h("span", { class: "spinner" }) : icon("picture"),
        h("span", null, picture ? name : `Show ${name} (${words.size(file.size)})`),
      );
    }
  }
  const isBusy = pictures.isBusy(id, at);
  const moving = [...app.state.transfers.values()].find((each) => each.message_id === id && each.name === file.name);
  return h(
    "div",
    { key, class: "file" },
    icon("file"),
    h(
      "div",
      { class: "about" },
      h("span", { class: "name", dir: "auto", title: name }, name),
      h("span", { class: "quiet" }, isBusy && moving ? `${words.size(moving.done)} of ${words.size(file.size)}` : words.size(file.size)),
      isBusy ? progress(moving) : null,
    ),
    message.order
      ? isBusy
        ? h("button", { type: "button", class: "plain", "aria-label": `Cancel ${name}`, title: "Cancel", onclick: () => pictures.cancel(id, at) }, icon("close"))
        : h("button", { type: "button", class: "plain", "aria-label": `Save ${name}`, title: "Save", onclick: () => pictures.download(id, at, name) }, icon("download"))
      : null,
  );
}

/** @param {import("./types.js").Moving | undefined} moving */
export function progress(moving) {
  if (!moving) return h("progress", { class: "progress", "aria-label": "Progress" });
  return h("progress", { class: "progress", "aria-label": "Progress", max: String(moving.size || 1), value: moving.done });
}

/**
 * How large a picture is shown.
 * @param {number} width
 * @param {number} height
 */
function fit(width, height) {
  if (!width || !height) return [280, 180];
  const scale = Math.min(1, 420 / width, 320 / height);
  return [Math.max(48, Math.round(width * scale)), Math.max(32, Math.round(height * scale))];
}

/**
 * @param {App} app
 * @param {Message} message
 */
function drawReactions(app, message) {
  if (!message.reactions?.length) return null;
  const me = app.state.nick;
  return h(
    "div",
    { class: "reactions" },
    message.reactions.map(({ emoji, nicks }) => {
      const isMine = nicks.includes(me);
      const who = nicks.map((nick) => (nick === me ? "you" : words.clean(nick))).join(", ");
      return h(
        "button",
        {
          key: emoji,
          type: "button",
          class: isMine ? "reaction mine" : "reaction",
          "aria-pressed": String(isMine),
          "aria-label": `${emoji}, ${words.plural(nicks.length, "person")}: ${who}`,
          title: who,
          onclick: () => app.deeds.react(message, emoji),
        },
        h("span", null, emoji),
        h("span", { class: "number" }, words.count(nicks.length)),
      );
    }),
  );
}

/**
 * What has become of a message of the user.
 * @param {App} app
 * @param {Message} message
 */
function drawFate(app, message) {
  if (message.delivery === "refused") {
    return h(
      "div",
      { class: "fate bad", role: "status" },
      icon("warning"),
      h("span", null, `Not sent. ${message.reason ?? ""}`),
      message.message ? h("button", { type: "button", class: "link", onclick: () => app.deeds.again(message) }, "Try again") : null,
      h("button", { type: "button", class: "link", onclick: () => app.deeds.discard(message) }, "Discard"),
    );
  }
  if (message.delivery === "queued") {
    return h(
      "div",
      { class: "fate" },
      icon("clock"),
      h("span", null, app.state.connection === "online" ? "Sending" : "Is sent when you are connected"),
      h("button", { type: "button", class: "link", onclick: () => app.deeds.withdraw(message) }, "Don’t send"),
    );
  }
  const isSent = message.own && !message.line;
  if (!message.expires && !isSent) return null;
  return h(
    "div",
    { class: "sent" },
    message.expires
      ? h("span", { title: `Disappears ${duration(message.expires)} after it was read` }, icon("timer", `disappears ${duration(message.expires)} after it was read`))
      : null,
    isSent ? h("span", { title: "The server has it" }, icon("check", "sent")) : null,
  );
}

/**
 * @param {App} app
 * @param {Message} message
 */
function drawTools(app, message) {
  const canReact = message.order > 0 && Number.isFinite(message.order);
  const tool = (/** @type {import("./icons.js").IconName} */ name, /** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { key: label, type: "button", class: "plain", "aria-label": label, title: label, onclick: run }, icon(name));
  return h(
    "div",
    { class: "tools", role: "toolbar", "aria-label": "Message" },
    canReact
      ? OFTEN.slice(0, 3).map((emoji) =>
          h("button", { key: emoji, type: "button", class: "plain quick", "aria-label": `React with ${emoji}`, title: `React with ${emoji}`, onclick: () => app.deeds.react(message, emoji) }, emoji),
        )
      : null,
    canReact ? tool("smile", "React", () => app.show({ dialog: { kind: "emoji", message } })) : null,
    canReact ? tool("reply", "Reply", () => app.deeds.reply(message)) : null,
    message.own && canReact && message.message ? tool("edit", "Edit", () => app.deeds.edit(message)) : null,
    tool("more", "More", () => app.show({ dialog: { kind: "message", message } })),
  );
}
