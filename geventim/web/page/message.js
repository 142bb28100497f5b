/** @file How a row of a timeline is drawn. */

import { app, ask } from "./app.js";
import * as deeds from "./deeds.js";
import * as pictures from "./pictures.js";
import { h } from "./dom.js";
import { OFTEN } from "./emoji.js";
import { icon, mark, person, quiet, tool } from "./icons.js";
import { parse } from "./markup.js";
import { keyOf } from "./store.js";
import * as words from "./words.js";

const { clean } = words;

/** @param {Row} row @param {boolean} isHot @param {boolean} hasTab @returns {VNode} */
export function drawRow(row, isHot, hasTab) {
	const key = { key: row.key, "data-key": row.key };
	switch (row.kind) {
		case "day":
			return h("div.day", key, h("span", words.dayName(row.date, Date.now())));
		case "new":
			return h("div.news", key, h("span", "New"));
		case "more":
			return h("div.edge", key, h("span.spinner", { "aria-label": "Older messages are read", role: "img" }));
		case "begin":
			return drawBegin(app.current, key);
		case "line":
			return h("div.line", key, h("span", { dir: "auto" }, row.message.line), drawTime(row.message));
		default:
			return drawMessage(row.message, row.first, isHot, hasTab);
	}
}

/** @param {Conversation | undefined} conversation @param {object} key */
const drawBegin = (conversation, key) =>
	h(
		"div.begin",
		key,
		icon("lock"),
		h("p", `This is the beginning of ${conversation?.kind === "dm" ? "what you have said to each other" : clean(conversation?.name ?? "")}, as far as it is kept here.`),
		h("p.quiet", "Everything here is encrypted from end to end: the server cannot read it."),
	);

/** @param {Message} message */
const drawTime = ({ date }) => h("time", { title: words.moment(date) }, words.clock(date));

/** Whether a text calls the user; what was written before does not say so. @param {string} text */
const calls = (text) => (` ${text}`.match(/[^\p{L}\p{N}]@[\p{L}\p{N}_.-]+/gu) ?? []).some((each) => each.slice(2) === app.state.nick);

/** @param {Message} message @param {boolean} first @param {boolean} isHot @param {boolean} hasTab */
function drawMessage(message, first, isHot, hasTab) {
	const { nick, own, delivery, deleted } = message;
	const key = keyOf(message);
	const is = { first, own, mention: !own && (message.mention || calls(message.message)), hot: isHot, waits: delivery === "queued", flash: app.ui.flash === key };
	return h(
		"div.message",
		{
			key,
			"data-key": key,
			class: Object.entries(is).flatMap(([name, has]) => (has ? name : [])).join(" "),
			role: "article",
			"aria-label": `${clean(nick)}, ${words.clock(message.date)}: ${deleted === undefined ? message.message.slice(0, 200) : "deleted"}`,
			tabindex: hasTab ? "0" : "-1",
		},
		h("div.margin", first ? person(nick) : drawTime(message)),
		h(
			"div.said",
			first &&
				h(
					"div.head",
					h(
						"button.nick",
						{ dir: "auto", tabindex: "-1", style: { "--hue": String(words.hue(nick)) }, onclick: () => (own ? null : deeds.person(nick)) },
						clean(nick),
					),
					mark(message.verified && !own ? "verified" : ""),
					drawTime(message),
				),
			message.reply && drawReply(message),
			deleted === undefined
				? [drawBody(message), drawFiles(message), drawReactions(message), drawFate(message)]
				: h("p.deleted", icon("trash"), deleted ? `Deleted by ${clean(deleted)}` : "This message has disappeared"),
		),
		isHot && deleted === undefined && message.secret === undefined && drawTools(message),
	);
}

/** @type {Draw<Message>} */
function drawReply({ reply, conversation_id: id }) {
	if (!reply) return null;
	const held = app.state.timelines.get(id)?.messages.find((each) => each.message_id === reply.message_id);
	return h(
		"button.reply",
		{ title: "Go to that message", onclick: () => deeds.jump(id, reply.message_id) },
		h("strong", { dir: "auto" }, clean(reply.nick)),
		reply.quoted_by && quiet(` as quoted by ${clean(reply.quoted_by)}`),
		h("span.excerpt", { dir: "auto" }, held?.deleted === undefined ? reply.excerpt || "an older message" : "deleted"),
	);
}

/** @type {Draw<Message>} */
function drawBody({ secret, nick, message, plain, edited }) {
	if (secret !== undefined) {
		return h(
			"div.sealed",
			icon("key"),
			secret ? "A secret message" : "A secret that you have sent",
			secret !== 0 && h("button.button.small", { onclick: () => deeds.openSecret(secret, nick) }, "Open"),
		);
	}
	return message && h("div.body", { dir: "auto" }, parse(message, plain).map(drawPart), edited && h("span.edited", " (edited)"));
}

/** @param {Part} part @returns {Child} */
function drawPart(part) {
	const auto = { dir: "auto" };
	switch (part.node) {
		case "words":
			return part.text;
		case "code":
			return h("code", part.text);
		case "code_block":
			return h("div.block", { dir: "ltr" }, h("span.language", part.language), h("pre", { tabindex: "0" }, h("code", part.text)));
		case "link": {
			// Only `isUrl` lets one be a link.
			const isPlain = part.text === part.url || `mailto:${part.text}` === part.url;
			const target = !isPlain && h("span.target", { dir: "ltr" }, ` (${part.url})`);
			return h("a", { href: part.url, target: "_blank", rel: "noopener noreferrer", title: part.url }, part.text, target);
		}
		case "list": {
			const items = part.items.map((each) => h("li", auto, each.map(drawPart)));
			return part.first === null ? h("ul", items) : h("ol", { start: String(part.first) }, items);
		}
		default:
			return h({ emphasis: "em", strong: "strong", paragraph: "p", quote: "blockquote" }[part.node], part.node === "paragraph" ? auto : {}, part.parts.map(drawPart));
	}
}

/** @type {Draw<Message>} */
const drawFiles = (message) => message.files?.length && h("div.files", message.files.map((file, at) => drawFile(message, file, at)));

/** @param {Message} message @param {Attachment} file @param {number} at */
function drawFile(message, file, at) {
	const { state } = app;
	const { message_id: id, order } = message;
	const key = `${id}/${at}`;
	const name = clean(file.name);
	if (order && pictures.isPicture(file)) {
		const picture = pictures.get(key);
		if (!picture && pictures.isSmall(file) && pictures.hasRoom()) void pictures.fetch(key);
		const [width, height] = fit(picture?.width || file.width || 0, picture?.height || file.height || 0);
		const style = { width: `${width}px`, "aspect-ratio": `${width} / ${height}` };
		if (picture?.state === "shown") {
			const onclick = () => ask({ kind: "picture", name, key, size: file.size });
			return h("button.picture", { key, style, onclick, title: `${name}, ${words.size(file.size)}` }, h("img", { src: picture.url, alt: name, draggable: "false" }));
		}
		if (!picture || picture.state === "busy") {
			return h(
				"button.picture.empty",
				{ key, style, disabled: !!picture, onclick: () => pictures.fetch(key) },
				picture ? h("span.spinner") : icon("picture"),
				h("span", picture ? name : `Show ${name} (${words.size(file.size)})`),
			);
		}
	}
	const isBusy = pictures.isBusy(key);
	const moving = isBusy && [...state.transfers.values()].find((each) => each.message_id === id && each.name === file.name);
	return h(
		"div.file",
		{ key },
		icon("file"),
		h(
			"div.about",
			h("span.name", { dir: "auto", title: name }, name),
			quiet(moving ? `${words.size(moving.done)} of ${words.size(file.size)}` : words.size(file.size)),
			isBusy && drawProgress(moving || undefined),
		),
		order > 0 && (isBusy ? tool("close", `Cancel ${name}`, () => pictures.cancel(key)) : tool("download", `Save ${name}`, () => pictures.download(key, file.name))),
	);
}

/** @param {Moving} [moving] */
export const drawProgress = (moving) =>
	h("progress.progress", { "aria-label": "Progress", max: moving && String(moving.size || 1), value: moving && moving.done });

/** How large a picture is shown. @param {number} width @param {number} height */
function fit(width, height) {
	if (!width || !height) return [280, 180];
	const scale = Math.min(1, 420 / width, 320 / height);
	return [Math.max(48, Math.round(width * scale)), Math.max(32, Math.round(height * scale))];
}

/** @type {Draw<Message>} */
const drawReactions = (message) =>
	message.reactions?.length &&
	h(
		"div.reactions",
		message.reactions.map(({ emoji, nicks }) => {
			const isMine = nicks.includes(app.state.nick);
			const who = nicks.map((nick) => (nick === app.state.nick ? "you" : clean(nick))).join(", ");
			return h(
				"button.reaction",
				{ key: emoji, class: isMine ? "mine" : "", "aria-pressed": String(isMine), title: who, onclick: () => deeds.react(message, emoji) },
				h("span", emoji),
				h("span.number", words.count(nicks.length)),
			);
		}),
	);

/** What has become of a message of the user. @type {Draw<Message>} */
function drawFate(message) {
	const { delivery, reason = "", expires, own } = message;
	const link = (/** @type {string} */ text, /** @type {(message: Message) => unknown} */ run) => h("button.link", { onclick: () => run(message) }, text);
	if (delivery === "refused") {
		return h("div.fate.bad", icon("warning"), h("span", `Not sent. ${reason}`), message.message && link("Try again", deeds.again), link("Discard", deeds.discard));
	}
	if (delivery === "queued") {
		return h("div.fate", icon("clock"), h("span", app.state.connection === "online" ? "Sending" : "Is sent when you are connected"), link("Don’t send", deeds.withdraw));
	}
	const lasts = expires && `Disappears ${words.duration(expires)} after it was read`;
	return (expires || own) && h("div.sent", lasts && h("span", { title: lasts }, icon("timer", lasts)), own && h("span", { title: "The server has it" }, icon("check", "sent")));
}

/** @type {Draw<Message>} */
function drawTools(message) {
	const isThere = message.order > 0;
	return h(
		"div.tools",
		{ role: "toolbar", "aria-label": "Message" },
		isThere && [
			OFTEN.slice(0, 3).map((emoji) => h("button.plain.quick", { key: emoji, "aria-label": `React with ${emoji}`, title: `React with ${emoji}`, onclick: () => deeds.react(message, emoji) }, emoji)),
			tool("smile", "React", () => ask({ kind: "emoji", message })),
			tool("reply", "Reply", () => deeds.reply(message)),
			message.own && message.message && tool("edit", "Edit", () => deeds.edit(message)),
		],
		tool("more", "More", () => ask({ kind: "message", message })),
	);
}
