/** @file Where the page begins. */

import { App } from "./app.js";
import { settleDialog } from "./dialogs.js";
import { draw } from "./dom.js";
import { listen } from "./keys.js";
import { drawPage } from "./shell.js";

const place = /** @type {HTMLElement} */ (document.getElementById("page"));
place.replaceChildren();

const app = new App((shown) => {
  draw(place, drawPage(shown));
  settleDialog(shown);
  fitInput();
  shown.timeline.draw();
  shown.notifier.count();
});

// The token of the link stays in no address bar, and in no history.
const once = location.hash.slice(1);
if (once) history.replaceState(null, "", location.pathname);

listen(app);
app.draw();
void app.link.open(once);

/** Make the input as high as what was typed. */
function fitInput() {
  const input = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("input"));
  if (!input || input.value === input.dataset["fit"]) return;
  input.dataset["fit"] = input.value;
  input.style.height = "0";
  input.style.height = `${input.scrollHeight}px`;
}
