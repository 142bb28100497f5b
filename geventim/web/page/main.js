/** @file Where the page begins. */

import { begin } from "./app.js";
import { settleDialog } from "./dialogs.js";
import { byId, draw } from "./dom.js";
import { listen } from "./keys.js";
import { count } from "./notify.js";
import { drawPage } from "./shell.js";
import { drawTimeline } from "./timeline.js";

const place = byId("page");
place.replaceChildren();

// The token of the link stays in no address bar and no history.
const once = location.hash.slice(1);
if (once) history.replaceState(null, "", location.pathname);

listen();
begin(once, () => {
	draw(place, drawPage());
	settleDialog();
	fitInput(byId("input"));
	drawTimeline();
	count();
});

/** Make the input as high as its text. @param {HTMLTextAreaElement | null} input */
function fitInput(input) {
	if (!input || input.value === input.dataset["fit"]) return;
	input.dataset["fit"] = input.value;
	input.style.height = "0";
	input.style.height = `${input.scrollHeight}px`;
}
