/**
 * @file What is known, and what an event makes of it. All functions here are pure: they give another
 * state, which shares with the one before what has not changed.
 *
 * @typedef {import("./types.js").Conversation} Conversation
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Member} Member
 * @typedef {import("./types.js").Event} Event
 *
 * @typedef {object} Timeline a part of what was written in a conversation, without gaps
 * @property {Message[]} messages by order; those that wait come last
 * @property {boolean} before whether there may be older ones that are not here
 * @property {boolean} after whether there are newer ones that are not here
 * @property {boolean} stale whether what is here may be out of date
 *
 * @typedef {object} State
 * @property {boolean} ready whether a snapshot has come
 * @property {string} nick
 * @property {string} server
 * @property {import("./types.js").Connection} connection
 * @property {number} retry when the next attempt comes, in milliseconds since the epoch
 * @property {import("./types.js").Status} status
 * @property {ReadonlyMap<string, Conversation>} conversations
 * @property {ReadonlyMap<string, Member[]>} members by the id of their conversation
 * @property {ReadonlyMap<string, import("./types.js").Status>} people who is connected
 * @property {ReadonlyMap<string, Timeline>} timelines
 * @property {ReadonlyMap<number, import("./types.js").Moving>} transfers those under way
 * @property {ReadonlyMap<string, Event>} changes keys that are not those that were known, by nick
 * @property {ReadonlyMap<string, number>} timers seconds, by the id of the conversation
 */

/** Messages of a timeline that are kept while one reads the newest. */
export const KEPT = 400;

/** Messages of a timeline that are kept at most while one reads older ones. */
export const MOST = 1_500;

/** @type {Timeline} */
export const EMPTY = { messages: [], before: true, after: true, stale: true };

/** @returns {State} */
export function initial() {
  return {
    ready: false,
    nick: "",
    server: "",
    connection: "offline",
    retry: 0,
    status: "normal",
    conversations: new Map(),
    members: new Map(),
    people: new Map(),
    timelines: new Map(),
    transfers: new Map(),
    changes: new Map(),
    timers: new Map(),
  };
}

/**
 * What an event makes of the state.
 * @param {State} state
 * @param {Event} event
 * @param {number} now milliseconds since the epoch
 * @returns {State}
 */
export function receive(state, event, now) {
  const handler = HANDLERS[event.event];
  return handler ? handler(state, event, now) : state;
}

/** @type {Record<string, (state: State, event: any, now: number) => State>} */
const HANDLERS = {
  snapshot: (state, event) => snapshot(state, event),
  connected: (state, { nick, server }) => ({
    ...state,
    nick,
    server,
    connection: "online",
    retry: 0,
  }),
  reconnecting: (state, event, now) => ({
    ...state,
    connection: "offline",
    retry: now + event.in * 1_000,
  }),
  conversation: changeConversation,
  message: (state, event) =>
    put(state, {
      ...event,
      own: "delivery" in event || (event.history && event.nick === state.nick),
    }),
  edited: (state, event) =>
    change(state, event, (message) => ({
      ...message,
      message: event.message,
      plain: event.plain,
      edited: true,
    })),
  deleted: (state, event) =>
    change(state, event, (message) => without(message, event.nick)),
  reacted: (state, event) =>
    change(state, event, (message) => ({ ...message, reactions: event.reactions })),
  timer: (state, event) => ({
    ...note(state, event, timerLine(event, state.nick)),
    timers: set(state.timers, event.conversation_id, event.seconds),
  }),
  secret: (state, event) =>
    put(state, {
      ...event,
      kind: "secret",
      message: "",
      seq: 0,
      order: event.order ?? Infinity,
      conversation: event.nick,
      secret: event.id,
    }),
  joined: (state, { nick, others = [] }) => present(state, [nick, ...others], "normal"),
  left: (state, { nick, others = [] }) => {
    const people = new Map(state.people);
    for (const each of [nick, ...others]) people.delete(each);
    return { ...state, people };
  },
  status: (state, { nick, others = [], status }) => {
    const next = present(state, [nick, ...others], status);
    return nick === state.nick ? { ...next, status } : next;
  },
  names: (state, { names, conversation }) => {
    if (conversation) return state;
    /** @type {Map<string, import("./types.js").Status>} */
    const people = new Map();
    for (const nick of names) people.set(nick, state.people.get(nick) ?? "normal");
    return { ...state, people };
  },
  members: changeMembers,
  "key-changed": (state, event) => ({
    ...state,
    changes: set(state.changes, event.nick, event),
  }),
  trusted: (state, { nick, standing }) => {
    const changes = new Map(state.changes);
    changes.delete(nick);
    return { ...stand(state, nick, standing), changes };
  },
  transfer: (state, { transfer }) => {
    const transfers = new Map(state.transfers);
    if (["waiting", "running"].includes(transfer.state)) transfers.set(transfer.number, transfer);
    else transfers.delete(transfer.number);
    return { ...state, transfers };
  },
  closing: (state) => ({ ...state, connection: "ended" }),
};

/**
 * @template K, V
 * @param {ReadonlyMap<K, V>} map
 * @param {K} key
 * @param {V} value
 * @returns {ReadonlyMap<K, V>}
 */
function set(map, key, value) {
  return new Map(map).set(key, value);
}

/**
 * @param {State} state
 * @param {import("./types.js").Snapshot} told
 * @returns {State}
 */
export function snapshot(state, told) {
  return {
    ...state,
    ready: true,
    nick: told.nick,
    server: told.server,
    connection: told.connection,
    retry: told.connection === "online" ? 0 : state.retry,
    status: told.status,
    conversations: new Map(told.conversations.map((each) => [each.id, each])),
    members: new Map(Object.entries(told.members)),
    people: new Map(told.people.map((each) => [each.nick, each.status])),
    timelines: new Map([...state.timelines].map(([id, each]) => [id, { ...each, stale: true }])),
    transfers: new Map(),
  };
}

/**
 * @param {State} state
 * @param {any} event
 * @returns {State}
 */
function changeConversation(state, event) {
  const { event: _, n: __, request: ___, conversation, conversation_id: id, gone, ...rest } = event;
  const conversations = new Map(state.conversations);
  if (!gone) return { ...state, conversations: conversations.set(id, { ...rest, id, name: conversation }) };
  conversations.delete(id);
  return { ...state, conversations };
}

/**
 * @param {State} state
 * @param {string[]} nicks
 * @param {import("./types.js").Status} status
 */
function present(state, nicks, status) {
  const people = new Map(state.people);
  for (const nick of nicks) people.set(nick, status);
  return { ...state, people };
}

/**
 * @param {State} state
 * @param {any} event
 * @returns {State}
 */
function changeMembers(state, event) {
  const id = event.conversation_id;
  const members = new Map(state.members);
  const before = members.get(id);
  if (before) {
    const there = new Map(before.map((each) => [each.nick, each]));
    for (const nick of event.removed) there.delete(nick);
    for (const nick of event.added) {
      const standing = event.verified?.includes(nick) ? "verified" : "unverified";
      if (!there.has(nick)) there.set(nick, { nick, account: "", standing });
    }
    members.set(id, [...there.values()]);
  }
  return note({ ...state, members }, event, membersLine(event));
}

/**
 * @param {{added: string[], removed: string[], by: string}} event
 * @returns {string}
 */
export function membersLine({ added, removed, by }) {
  const some = (/** @type {string[]} */ nicks) =>
    nicks.length > 4
      ? `${nicks.slice(0, 3).join(", ")} and ${nicks.length - 3} others`
      : nicks.join(", ");
  const said = [];
  if (added.length) {
    said.push(by && !added.includes(by) ? `${by} added ${some(added)}` : `${some(added)} joined`);
  }
  if (removed.length) {
    said.push(by && !removed.includes(by) ? `${by} removed ${some(removed)}` : `${some(removed)} left`);
  }
  return said.join("; ");
}

/**
 * @param {{nick: string, seconds: number}} event
 * @param {string} me
 */
function timerLine({ nick, seconds }, me) {
  const who = nick === me ? "You have" : `${nick} has`;
  return seconds
    ? `${who} set messages to disappear ${duration(seconds)} after they were read`
    : `${who} set messages to stay`;
}

/**
 * So many seconds, in words.
 * @param {number} seconds
 */
export function duration(seconds) {
  for (const [unit, size] of /** @type {const} */ ([["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]])) {
    if (seconds >= size && seconds % size === 0) {
      const count = seconds / size;
      return `${count} ${unit}${count === 1 ? "" : "s"}`;
    }
  }
  return `${seconds} seconds`;
}

/**
 * Write a sentence of ours into a conversation.
 * @param {State} state
 * @param {any} event
 * @param {string} line
 */
function note(state, event, line) {
  if (!line || !event.conversation_id) return state;
  return put(state, {
    conversation: event.conversation,
    conversation_id: event.conversation_id,
    kind: "",
    nick: "",
    message: "",
    date: event.date ?? Date.now() / 1_000,
    seq: 0,
    message_id: `line ${event.n}`,
    order: Infinity,
    line,
  });
}

/**
 * Know everybody who is in a conversation.
 * @param {State} state
 * @param {string} id
 * @param {Member[]} members
 * @returns {State}
 */
export const people = (state, id, members) => ({ ...state, members: set(state.members, id, members) });

/** @param {Message} message */
export const keyOf = (message) => message.message_id || `${message.conversation_id} ${message.seq}`;

/**
 * @param {Message} message
 * @param {string} by
 * @returns {Message}
 */
function without(message, by) {
  const { reactions: _, files: __, reply: ___, edited: ____, ...rest } = message;
  return { ...rest, message: "", deleted: by };
}

/**
 * Have another message in the place of one that is held.
 * @param {State} state
 * @param {{conversation_id: string, message_id: string}} event which one
 * @param {(message: Message) => Message} alter
 * @returns {State}
 */
export function change(state, event, alter) {
  const timeline = state.timelines.get(event.conversation_id);
  const at = timeline?.messages.findLastIndex((each) => each.message_id === event.message_id) ?? -1;
  if (!timeline || at < 0) return state;
  const messages = [...timeline.messages];
  messages[at] = alter(/** @type {Message} */ (messages[at]));
  return { ...state, timelines: set(state.timelines, event.conversation_id, { ...timeline, messages }) };
}

/**
 * Show a message of the user no more, that was not sent.
 * @param {State} state
 * @param {Message} message
 * @returns {State}
 */
export function drop(state, message) {
  const timeline = state.timelines.get(message.conversation_id);
  if (!timeline) return state;
  const messages = timeline.messages.filter((each) => each.message_id !== message.message_id);
  return { ...state, timelines: set(state.timelines, message.conversation_id, { ...timeline, messages }) };
}

/**
 * The message of the user that a wish has caused.
 * @param {State} state
 * @param {string} id of the conversation
 * @param {string} request
 */
export const caused = (state, id, request) =>
  state.timelines.get(id)?.messages.findLast((each) => each.request === request);

/**
 * Have a message in its timeline, if that is held up to its end; once only.
 * @param {State} state
 * @param {Message} message
 * @returns {State}
 */
function put(state, message) {
  const id = message.conversation_id;
  const timeline = state.timelines.get(id);
  if (!timeline || timeline.stale) return state;
  const key = keyOf(message);
  const at = timeline.messages.findLastIndex((each) => keyOf(each) === key);
  // Newer ones are not here: only what the user says now is to be seen at once.
  if (at < 0 && timeline.after) return state;
  const messages = [...timeline.messages];
  if (at >= 0) {
    message = { ...messages[at], ...message };
    messages.splice(at, 1);
  }
  insert(messages, message);
  const next = messages.length > MOST ? messages.slice(0, MOST) : messages;
  const after = timeline.after || next.length < messages.length;
  return { ...state, timelines: set(state.timelines, id, { ...timeline, messages: next, after }) };
}

/**
 * @param {Message[]} messages
 * @param {Message} message
 */
function insert(messages, message) {
  const order = message.order === Infinity ? Number.MAX_VALUE : rank(message);
  let at = messages.length;
  while (at > 0 && rank(/** @type {Message} */ (messages[at - 1])) > order) at -= 1;
  messages.splice(at, 0, message);
}

/**
 * Where a message stands. What waits is after all others; a line of ours stays where it was put.
 * @param {Message} message
 */
function rank(message) {
  if (message.delivery && !message.order) return Infinity;
  return message.order === Infinity ? 0 : message.order;
}

/**
 * Hold a page that was read.
 * @param {State} state
 * @param {string} id of the conversation
 * @param {"last" | "before" | "after" | "around"} where
 * @param {Message[]} page
 * @param {boolean} isWhole whether there is nothing more on that side
 * @returns {State}
 */
export function hold(state, id, where, page, isWhole) {
  const held = state.timelines.get(id) ?? EMPTY;
  const orders = new Set(page.map(keyOf));
  const old = held.messages.filter((each) => !orders.has(keyOf(each)));
  const waiting = held.messages.filter((each) => each.delivery && !each.order && !orders.has(keyOf(each)));
  /** @type {Timeline} */
  let next;
  if (where === "before") {
    const messages = [...page, ...old];
    const kept = messages.slice(0, MOST);
    next = { messages: kept, before: !isWhole, after: held.after || kept.length < messages.length, stale: held.stale };
  } else if (where === "after") {
    const messages = merge(old, page);
    const kept = messages.slice(-MOST);
    next = { messages: kept, before: held.before || kept.length < messages.length, after: !isWhole, stale: false };
  } else {
    next = {
      messages: where === "last" ? [...page, ...waiting] : page,
      before: !isWhole,
      after: where === "around",
      stale: false,
    };
  }
  return { ...state, timelines: set(state.timelines, id, next) };
}

/**
 * @param {Message[]} old
 * @param {Message[]} page
 */
function merge(old, page) {
  const messages = [...old];
  for (const each of page) insert(messages, each);
  return messages;
}

/**
 * Let go of the oldest of a timeline, while one reads the newest.
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
export function trim(state, id) {
  const timeline = state.timelines.get(id);
  if (!timeline || timeline.after || timeline.messages.length <= 2 * KEPT) return state;
  const messages = timeline.messages.slice(-KEPT);
  return { ...state, timelines: set(state.timelines, id, { ...timeline, messages, before: true }) };
}

/**
 * Hold the timelines of these conversations only.
 * @param {State} state
 * @param {Set<string>} ids
 * @returns {State}
 */
export function forget(state, ids) {
  const timelines = new Map([...state.timelines].filter(([id]) => ids.has(id)));
  return timelines.size === state.timelines.size ? state : { ...state, timelines };
}

/**
 * Know another standing of somebody.
 * @param {State} state
 * @param {string} nick
 * @param {import("./types.js").Standing} standing
 * @returns {State}
 */
export function stand(state, nick, standing) {
  const members = new Map(
    [...state.members].map(([id, list]) => [
      id,
      list.some((each) => each.nick === nick && each.standing !== standing)
        ? list.map((each) => (each.nick === nick ? { ...each, standing } : each))
        : list,
    ]),
  );
  return { ...state, members };
}

/** @type {Record<import("./types.js").Kind, number>} */
const KINDS = { room: 0, group: 1, dm: 2 };

/**
 * All conversations, as they are listed.
 * @param {State} state
 */
export function listed(state) {
  return [...state.conversations.values()].sort(
    (one, other) => KINDS[one.kind] - KINDS[other.kind] || one.name.localeCompare(other.name),
  );
}

/**
 * How many messages are new, and how many of them call the user; without what is muted.
 * @param {State} state
 */
export function news(state) {
  let unread = 0;
  let mentions = 0;
  for (const each of state.conversations.values()) {
    if (each.muted) continue;
    unread += each.unread;
    mentions += each.kind === "dm" ? each.unread : each.mentions;
  }
  return { unread, mentions };
}

/**
 * Whether nothing may be sent there before the user has decided whose key that is.
 * @param {State} state
 * @param {Conversation} conversation
 * @returns {string[]} the nicks in question
 */
export function inQuestion(state, conversation) {
  if (conversation.trust !== "changed") return [];
  const found = (state.members.get(conversation.id) ?? [])
    .filter((each) => each.standing === "changed" && each.nick !== state.nick)
    .map((each) => each.nick);
  return found.length ? found : conversation.kind === "dm" ? [conversation.name] : [];
}
