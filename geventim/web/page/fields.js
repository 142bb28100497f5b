/** @file A form of a dialog: its fields, and what comes of it. */

import { closeDialog } from "./dialogs.js";
import { h } from "./dom.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./forms.js").Form & {busy?: boolean, error?: string}} Form */

/**
 * @param {App} app
 * @param {Form} form
 */
export function drawForm(app, form) {
  return h(
    "form",
    { key: "form", class: "content", autocomplete: "off", onsubmit: (/** @type {SubmitEvent} */ event) => submit(app, form, event) },
    form.text ? h("p", null, form.text) : null,
    form.fields.map((field, at) => drawField(app, field, at === 0)),
    form.error ? h("p", { key: "error", class: "error", role: "alert" }, form.error) : null,
    h(
      "footer",
      { key: "footer" },
      h("button", { type: "button", class: "button faint", onclick: () => closeDialog(app) }, "Cancel"),
      h("button", { type: "submit", class: form.danger ? "button danger" : "button", disabled: form.busy, "data-first": form.fields.length ? undefined : "" }, form.busy ? "…" : form.submit),
    ),
  );
}

/**
 * @param {App} app
 * @param {import("./forms.js").Field} field
 * @param {boolean} isFirst
 */
function drawField(app, field, isFirst) {
  const { name, label, type = "text", hint, required, autocomplete = "off" } = field;
  const id = `field-${name}`;
  const common = { id, name, required, "data-first": isFirst ? "" : undefined, "aria-describedby": hint ? `${id}-hint` : undefined };
  if (type === "checkbox") {
    return h("label", { key: name, class: "check" }, h("input", { ...common, type: "checkbox" }), h("span", null, label));
  }
  const isPeople = type === "people";
  const input =
    type === "textarea"
      ? h("textarea", { ...common, rows: "4", dir: "auto" })
      : h("input", { ...common, type: isPeople ? "text" : type, dir: "auto", autocomplete, spellcheck: "false", autocapitalize: "off", list: isPeople ? "people" : undefined });
  return h(
    "div",
    { key: name, class: "field" },
    h("label", { for: id }, label),
    input,
    isPeople ? h("datalist", { id: "people" }, people(app).map((nick) => h("option", { key: nick, value: nick }))) : null,
    hint ? h("p", { class: "quiet", id: `${id}-hint` }, hint) : null,
  );
}

/** @param {App} app */
function people({ state }) {
  const known = new Set([...state.people.keys(), ...[...state.members.values()].flat().map((each) => each.nick)]);
  known.delete(state.nick);
  return [...known].sort().slice(0, 500);
}

/**
 * @param {App} app
 * @param {Form} form
 * @param {SubmitEvent} event
 */
async function submit(app, form, event) {
  event.preventDefault();
  if (form.busy) return;
  const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const values = Object.fromEntries([...data].map(([name, value]) => [name, String(value)]));
  const isThere = () => /** @type {any} */ (app.ui.dialog)?.run === form.run;
  app.show({ dialog: { ...form, busy: true, error: "" } });
  try {
    await form.run(values);
    if (isThere()) app.show({ dialog: null });
  } catch (error) {
    if (isThere()) app.show({ dialog: { ...form, busy: false, error: /** @type {Error} */ (error).message } });
  }
}
