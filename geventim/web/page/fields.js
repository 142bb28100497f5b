/** @file A form of a dialog: its fields, and what comes of it. */

import { app, ask, show } from "./app.js";
import { h } from "./dom.js";
import { everybody } from "./store.js";

/** @param {Form} form @param {() => void} cancel */
export const drawForm = (form, cancel) =>
	h(
		"form.content",
		{ autocomplete: "off", onsubmit: (/** @type {SubmitEvent} */ event) => submit(form, event) },
		form.text && h("p", form.text),
		form.fields?.map((field) => drawField(field)),
		form.error && h("p.error", { key: "error", role: "alert" }, form.error),
		h(
			"footer",
			{ key: "footer" },
			h("button.button.faint", { onclick: cancel }, "Cancel"),
			h("button.button", { type: "submit", class: form.danger ? "danger" : "", disabled: form.busy, "data-first": !form.fields }, form.busy ? "…" : form.submit),
		),
	);

/** @type {Draw<Field>} */
function drawField({ name, label, type = "text", hint, optional }) {
	const id = `field-${name}`;
	const input = { id, name, dir: "auto", required: !optional, autocomplete: "off", spellcheck: "false", "aria-describedby": hint && `${id}-hint` };
	if (type === "checkbox") return h("label.check", { key: name }, h("input", { id, name, type }), h("span", label));
	const isPeople = type === "people";
	return h(
		"div.field",
		{ key: name },
		h("label", { for: id }, label),
		type === "textarea" ? h("textarea", { ...input, rows: "4" }) : h("input", { ...input, type: isPeople ? "text" : type, list: isPeople && "people" }),
		isPeople && h("datalist", { id: "people" }, everybody(app.state).slice(0, 500).map((nick) => h("option", { key: nick, value: nick }))),
		hint && h("p.quiet", { id: `${id}-hint` }, hint),
	);
}

/** @param {Form} form @param {SubmitEvent} event */
async function submit(form, event) {
	event.preventDefault();
	if (form.busy) return;
	const values = Object.fromEntries([...new FormData(/** @type {HTMLFormElement} */ (event.target))].map(([name, value]) => [name, String(value)]));
	const isThere = () => app.ui.dialog?.["run"] === form.run;
	ask({ ...form, busy: true, error: "" });
	try {
		await form.run(values);
		if (isThere()) show({ dialog: null });
	} catch (error) {
		if (isThere()) show({ dialog: { ...form, busy: false, error: /** @type {Error} */ (error).message } });
	}
}
