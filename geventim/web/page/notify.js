/** @file Calls the user: notifications, and counts in title and icon. */

import { app, enter, toast } from "./app.js";
import { byId } from "./dom.js";
import { store } from "./store.js";
import { clean } from "./words.js";

/** Milliseconds for which announcements are gathered. */
const PAUSE = 1_000;

const ICON = "/page/icon.svg";

let [shown, said, heard, speaking] = ["", "", 0, 0];

/** @param {Told} event a message or a secret */
export function hear({ history, delivery, nick, message, mention, event, conversation_id: id }) {
	const { state, ui, preferences } = app;
	if (history || delivery || nick === state.nick) return;
	const conversation = state.conversations.get(id);
	const text = event === "secret" ? "A secret message" : message || "A file";
	if (id === ui.open && document.hasFocus()) return announce(clean(nick), text);
	if (!conversation || conversation.muted || state.status === "dnd") return;
	if (event === "secret") toast(`${clean(nick)} has sent a secret.`);
	const isDm = conversation.kind === "dm";
	if (preferences.notify === "calls" && !mention && !isDm) return;
	call(clean(nick) + (isDm ? "" : ` in ${clean(conversation.name)}`), text, "New message", () => id);
}

/** @param {Told} event somebody has added the user to a group, or to several */
export function invited({ text, facts: { name, nick } }) {
	const group = () => [...app.state.conversations.values()].find((each) => each.kind === "group" && each.name === name);
	if (group()?.muted || app.state.status === "dnd") return;
	toast(clean(text));
	if (!document.hasFocus()) call(clean(nick), text, "New group", () => group()?.id ?? "");
}

/** Notify the user, if they want that; a click leads to the conversation. @type {Call} */
function call(title, text, brief, idOf) {
	const { notify, words } = app.preferences;
	if (notify === "none" || window.Notification?.permission !== "granted") return;
	const note = new Notification(title, { body: words ? text.slice(0, 200) : brief, tag: idOf() || title });
	note.onclick = () => {
		window.focus();
		enter(idOf());
		note.close();
	};
}

/** Say it to who listens, but not everything that a crowd says. @type {Two} */
function announce(nick, text) {
	heard += 1;
	said = heard === 1 ? `${nick}: ${text.slice(0, 300)}` : `${heard} new messages, the last from ${nick}`;
	speaking ||= window.setTimeout(() => {
		const place = byId("live");
		if (place) place.textContent = said;
		heard = speaking = 0;
	}, PAUSE);
}

export function count() {
	const { unread, calls } = store.news(app.state);
	const name = app.current?.name;
	const title = `${calls ? `(${calls}) ` : unread ? "• " : ""}${name ? `${clean(name)} – ` : ""}geventim`;
	if (document.title !== title) document.title = title;
	const sign = calls > 9 ? "9+" : String(calls || (unread ? "•" : ""));
	if (sign !== shown) void badge((shown = sign));
}

/** Put a sign upon the icon, or none. @param {string} sign */
async function badge(sign) {
	const link = byId("icon");
	const picture = await fetch(ICON).then((response) => response.text());
	if (sign !== shown) return;
	URL.revokeObjectURL(link.href);
	const text = `<circle cx="44" cy="44" r="20" fill="${sign === "•" ? "#ffb020" : "#e5484d"}"/><text x="44" y="54" font-size="28" font-weight="bold" fill="#fff" text-anchor="middle">${sign}</text></svg>`;
	link.href = sign ? URL.createObjectURL(new Blob([picture.replace("</svg>", text)], { type: "image/svg+xml" })) : ICON;
}
