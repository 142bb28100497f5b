/** @file The page as a whole: three panes, what stands above them, and what lies over them. */

import { app, dismiss, show } from "./app.js";
import { drawDialog } from "./dialogs.js";
import { focusOn, h } from "./dom.js";
import { icon, tool } from "./icons.js";
import { drawSide } from "./side.js";
import { drawSidebar } from "./sidebar.js";
import { drawTalk } from "./talk.js";

const COMMAND = "eim-client --web";

/** @returns {Child[]} */
export function drawPage() {
	const { ui, state } = app;
	if (ui.line === "ended") return [drawEnd(ui.code)];
	if (!state.ready) {
		const text = ui.line === "lost" ? "The client on this machine does not answer." : "One moment …";
		return [h("main.lonely", { key: "waiting", role: "status" }, h("span.spinner.large"), h("h1", "geventim"), h("p", text))];
	}
	const hasSide = ui.side === "search" || (ui.side === "details" && !!app.current);
	const skip = (/** @type {globalThis.Event} */ event) => {
		event.preventDefault();
		focusOn("input");
	};
	return [
		h("a.skip", { key: "skip", href: "#input", onclick: skip }, "To the input"),
		h("div.shell", { key: "shell", class: hasSide ? "has-side" : "", "data-pane": ui.pane }, drawBanners(), drawSidebar(), drawTalk(), hasSide && drawSide()),
		drawDialog(),
		h(
			"div.toasts",
			{ key: "toasts", role: "status" },
			ui.toasts.map(({ id, text, isBad }) =>
				h("div.toast", { key: String(id), class: isBad ? "bad" : "" }, h("span", { dir: "auto" }, text), tool("close", "Close", () => dismiss(id))),
			),
		),
		h("div.unseen", { key: "live", id: "live", "aria-live": "polite", own: true }),
		ui.dragging && h("div.drop", { key: "drop", "aria-hidden": "true" }, icon("attach"), h("p", `Drop to send to ${app.current?.name ?? ""}`)),
	];
}


function drawBanners() {
	const { ui, state } = app;
	const banners = [];
	if (ui.line === "lost") {
		const text = ["The client on this machine does not answer. This page comes back by itself as soon as it does. If the client has ended, ", h("code", COMMAND), " starts it again, and gives another link."];
		banners.push(h("div.banner.bad", { key: "line", role: "alert" }, icon("warning"), h("span", text)));
	} else if (state.connection !== "online") {
		const seconds = Math.ceil((state.retry - Date.now()) / 1_000);
		const says = { online: "", entering: `Connecting to ${state.server} …`, ended: "The client has ended.", offline: seconds > 0 ? `Not connected; the next attempt comes in ${seconds} s.` : "Not connected." }[state.connection];
		banners.push(h("div.banner", { key: "connection", role: "status" }, icon("clock"), h("span", says, " What you write is kept, and sent once you are connected.")));
	}
	if (ui.announcement) {
		banners.push(
			h("div.banner", { key: "announcement", role: "status" }, icon("info"), h("span", h("strong", "From the operator: "), ui.announcement), tool("close", "Close", () => show({ announcement: "" }))),
		);
	}
	return h("div.banners", { key: "banners" }, banners);
}

/** @type {Record<string, [string, string]>} */
const ENDS = {
	no_token: ["This page needs a link", "It is opened by a link from your client, which works once and for half a minute."],
	old_link: ["This link was used already", "A link works once, and for half a minute. If it was not you who has used it, somebody else on this machine has."],
	elsewhere: ["This session goes on in another tab", "It was made from this one. A second tab at the same time needs a link of its own."],
	taken_over: ["This session was ended", "Its link was used a second time. One of the two may have been somebody else, so neither goes on."],
	too_many: ["This session was ended", "There were too many at a time."],
	left: ["You have left", "This page holds nothing any more. The client goes on."],
	gone: ["The client does not answer", "It may have ended since this link was made."],
};

/** @param {string} code */
function drawEnd(code) {
	const [title, text] = ENDS[code] ?? ["This session is over", "The client that it belonged to has ended, or does not know it any more."];
	return h(
		"main.lonely",
		{ key: "end" },
		icon("lock"),
		h("h1", title),
		h("p", text),
		h("p", "To get another link, type ", h("code", "@web"), " in your running client, or start one:"),
		h("pre.command", { tabindex: "0" }, h("code", COMMAND)),
	);
}
