/** @file The page as a whole. */

import { app, dismiss, show } from "./app.js";
import { drawDialog } from "./dialogs.js";
import { focusOn, h, said } from "./dom.js";
import { banner, icon, lonely, tool } from "./icons.js";
import { drawSide } from "./side.js";
import { drawSidebar } from "./sidebar.js";
import { drawTalk } from "./talk.js";

const COMMAND = "eim-client --web";

/** @returns {Child[]} */
export function drawPage() {
	const { ui, state } = app;
	if (ui.line === "ended") return [h("main", drawEnd(ui.code))];
	if (!state.ready) {
		const text = ui.line === "lost" ? "The client on this machine does not answer." : "One moment …";
		return [h("main", lonely(h("span.spinner"), "geventim", h("p", { role: "status" }, text)))];
	}
	const hasSide = ui.side === "search" || (ui.side === "details" && !!app.current);
	return [
		h("button.skip", { onclick: () => focusOn("input") }, "To the input"),
		h("main.shell", { class: { "has-side": hasSide }, "data-pane": ui.pane }, drawBanners(), drawSidebar(), drawTalk(), hasSide && drawSide()),
		drawDialog(),
		h(
			"div.toasts",
			{ role: "status" },
			ui.toasts.map(({ id, text, isBad }) => h("div.toast", { key: id, class: { bad: isBad } }, said("span", text), tool("close", "Close", () => dismiss(id)))),
		),
		h("div.unseen", { id: "live", "aria-live": "polite", own: true }),
		ui.dragging && h("div.drop", { "aria-hidden": true }, icon("attach"), h("p", `Drop to send to ${app.current?.name ?? ""}`)),
	];
}

function drawBanners() {
	const { ui, state } = app;
	const seconds = Math.ceil((state.retry - Date.now()) / 1_000);
	const offline = seconds > 0 ? `Not connected; the next attempt comes in ${seconds} s.` : "Not connected.";
	const says = { online: "", entering: `Connecting to ${state.server} …`, ended: "The client has ended.", offline }[state.connection];
	return h(
		"div.banners",
		ui.line === "lost"
			? banner("warning", ["The client on this machine does not answer. This page comes back by itself as soon as it does. If the client has ended, ", h("code", COMMAND), " starts it again, and gives another link."])
			: says && banner("clock", [says, " What you write is kept, and sent once you are connected."]),
		ui.announcement && banner("info", [h("strong", "From the operator: "), ui.announcement], tool("close", "Close", () => show({ announcement: "" }))),
	);
}

/** @type {Record<string, string[]>} */
const ENDS = {
	no_link: ["This page needs a link", "It is opened by a link from your client, which works once and for half a minute."],
	old_link: ["This link was used already", "A link works once, and for half a minute. If it was not you who has used it, somebody else on this machine has."],
	elsewhere: ["This session goes on in another tab", "It was made from this one. A second tab at the same time needs a link of its own."],
	taken_over: ["This session was ended", "Its link was used a second time. One of the two may have been somebody else, so neither goes on."],
	left: ["You have left", "This page holds nothing any more. The client goes on."],
	gone: ["The client does not answer", "It may have ended since this link was made."],
};

/** @param {string} code */
function drawEnd(code) {
	const [title, text] = ENDS[code] ?? ["This session is over", "The client that it belonged to has ended, or does not know it any more."];
	return lonely(
		icon("lock"),
		title,
		h("p", text),
		h("p", "To get another link, type ", h("code", "@web"), " in your running client, or start one:"),
		h("pre", { tabindex: "0" }, h("code", COMMAND)),
	);
}
