/**
 * @file Dialogs that ask for something.
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {"text" | "password" | "textarea" | "select" | "checkbox" | "people"} [type]
 * @property {string} [value]
 * @property {string} [hint]
 * @property {string} [autocomplete]
 * @property {boolean} [required]
 * @property {[string, string][]} [options] of a select
 *
 * @typedef {object} Form
 * @property {"form"} kind
 * @property {string} title
 * @property {string} [text]
 * @property {Field[]} fields
 * @property {string} submit
 * @property {boolean} [danger]
 * @property {(values: Record<string, string>) => Promise<unknown>} run does it; what it rejects with is shown
 * @property {() => void} [cancelled]
 */

/** @typedef {import("./app.js").App} App */

/**
 * @param {{title: string, text: string, submit: string, run: () => Promise<unknown>}} about
 * @returns {Form}
 */
export const confirm = (about) => ({ kind: "form", fields: [], danger: true, ...about });

/**
 * @param {(passphrase: string) => Promise<void>} run
 * @param {() => void} cancelled
 * @returns {Form}
 */
export const unlock = (run, cancelled) => ({
  kind: "form",
  title: "Your passphrase, please",
  text: "This could do harm in wrong hands. Enter the passphrase of your identity once more.",
  fields: [
    { name: "passphrase", label: "Passphrase", type: "password", required: true, autocomplete: "off" },
  ],
  submit: "Go on",
  run: ({ passphrase = "" }) => run(passphrase),
  cancelled,
});

/**
 * @param {import("./types.js").Message} message
 * @param {(key: string) => Promise<void>} run
 * @returns {Form}
 */
export const openSecret = (message, run) => ({
  kind: "form",
  title: "Open a secret",
  text: `${message.nick} has sealed this with a key that you have agreed upon. It is shown once, to you alone.`,
  fields: [{ name: "key", label: "Key", type: "password", required: true, autocomplete: "off" }],
  submit: "Open",
  run: ({ key = "" }) => run(key),
});

/**
 * @param {App} app
 * @param {string} nick
 * @returns {Form}
 */
export const sendSecret = (app, nick) => ({
  kind: "form",
  title: `A secret for ${nick}`,
  text: "Only who knows the key reads it, even where somebody looks over a shoulder. Tell the key on another way.",
  fields: [
    { name: "text", label: "What you want to say", type: "textarea", required: true },
    { name: "key", label: "Key", type: "password", required: true, autocomplete: "off" },
  ],
  submit: "Send",
  run: async ({ text, key }) => {
    await app.link.wish("secret", { nick, key, text });
    app.show({ dialog: null });
    app.toast("The secret was sent.");
  },
});

/**
 * @param {App} app
 * @returns {Form}
 */
export const message = (app) => ({
  kind: "form",
  title: "Message somebody",
  fields: [{ name: "nick", label: "Nick", type: "people", required: true, hint: "Who is not connected gets it on return." }],
  submit: "Begin",
  run: async ({ nick = "" }) => app.deeds.enter(await app.link.wish("open_dm", { nick: nick.trim().replace(/^@/, "") })),
});

/**
 * @param {App} app
 * @returns {Form}
 */
export const join = (app) => ({
  kind: "form",
  title: "Join a room",
  fields: [
    { name: "name", label: "Name of the room", required: true },
    { name: "key", label: "Key", type: "password", hint: "Only if it is a keyed room.", autocomplete: "off" },
  ],
  submit: "Join",
  run: async ({ name = "", key = "" }) =>
    app.deeds.enter(await app.link.wish("join", { name: name.trim().replace(/^#/, ""), ...(key ? { key } : {}) })),
});

/**
 * @param {App} app
 * @returns {Form}
 */
export const room = (app) => ({
  kind: "form",
  title: "Make a room",
  text: "Everybody on this server can join a room, unless it has a key.",
  fields: [
    { name: "name", label: "Name", required: true },
    { name: "keyed", label: "Only who has its key may enter", type: "checkbox" },
  ],
  submit: "Make it",
  run: async ({ name = "", keyed }) => {
    if (!keyed) return app.deeds.enter(await app.link.wish("create_room", { name: name.trim() }));
    const done = await app.link.wish("new_key", { conversation: name.trim(), create: true });
    const made = [...app.state.conversations.values()].find((each) => each.name === done.name);
    if (made) app.open(made.id);
    app.show({ dialog: { kind: "key", ...done } });
    return null;
  },
});

/**
 * @param {App} app
 * @returns {Form}
 */
export const group = (app) => ({
  kind: "form",
  title: "Make a group",
  text: "A group is for those whom its members let in.",
  fields: [
    { name: "name", label: "Name", required: true },
    { name: "members", label: "People", type: "people", hint: "Several nicks with commas between them." },
  ],
  submit: "Make it",
  run: async ({ name = "", members = "" }) => {
    const done = await app.link.wish("create_group", { name: name.trim(), members: nicks(members) });
    app.deeds.enter(done);
  },
});

/**
 * @param {App} app
 * @param {import("./types.js").Conversation} conversation
 * @returns {Form}
 */
export const add = (app, conversation) => ({
  kind: "form",
  title: `Add people to ${conversation.name}`,
  text: "They read what is said from now on.",
  fields: [{ name: "members", label: "People", type: "people", required: true, hint: "Several nicks with commas between them." }],
  submit: "Add",
  run: async ({ members = "" }) => {
    await app.link.wish("add", { conversation: conversation.id, members: nicks(members) });
    app.show({ dialog: null });
    void app.deeds.learnMembers(conversation.id);
  },
});

/** @param {string} text */
const nicks = (text) =>
  text
    .split(/[,\s]+/)
    .map((each) => each.replace(/^@/, ""))
    .filter(Boolean);

/**
 * @param {App} app
 * @param {import("./types.js").Conversation} conversation
 * @param {string} nick
 * @returns {Form}
 */
export const remove = (app, conversation, nick) =>
  confirm({
    title: `Remove ${nick}?`,
    text: `${nick} reads nothing more of ${conversation.name}.`,
    submit: "Remove",
    run: async () => {
      await app.link.wish("remove", { conversation: conversation.id, members: [nick] });
      app.show({ dialog: null });
      void app.deeds.learnMembers(conversation.id);
    },
  });

/**
 * @param {App} app
 * @param {import("./types.js").Conversation} conversation
 * @returns {Form}
 */
export const newKey = (app, conversation) =>
  confirm({
    title: "Change the key?",
    text: `The members of ${conversation.name} get the new key; nobody enters with the old one any more.`,
    submit: "Change it",
    run: async () => {
      const done = await app.link.wish("new_key", { conversation: conversation.id });
      app.show({ dialog: { kind: "key", ...done } });
    },
  });

/**
 * @param {App} app
 * @param {import("./types.js").Conversation} conversation
 * @returns {Form}
 */
export const leave = (app, conversation) =>
  confirm({
    title: `Leave ${conversation.name}?`,
    text:
      conversation.kind === "group"
        ? "You read nothing more of it until a member adds you again."
        : "You can join it again.",
    submit: "Leave",
    run: async () => {
      await app.link.wish("leave", { conversation: conversation.id });
      app.show({ dialog: null });
    },
  });

/**
 * @param {App} app
 * @param {import("./types.js").Conversation} conversation
 * @returns {Form}
 */
export const end = (app, conversation) =>
  confirm({
    title: `Delete ${conversation.name}?`,
    text: "The group ends for all its members. What they have read stays with them.",
    submit: "Delete",
    run: async () => {
      await app.link.wish("delete", { conversation: conversation.id });
      app.show({ dialog: null });
    },
  });
