/**
 * @file What is known, and what an event makes of it. All functions here are pure: they give another
 * state, which shares with the one before what has not changed.
 */

import { duration } from "./words.js";

/** Messages of a timeline that are kept while one reads the newest. */
export const KEPT = 400;

/** Messages of a timeline that are kept at most while one reads older ones. */
export const MOST = 1_500;

/** @returns {State} */
export const initial = () => ({
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
	notes: new Map(),
	transfers: new Map(),
	timers: new Map(),
	secrets: new Set(),
});

/** What an event makes of the state. @param {State} state @param {Told} event @param {number} now milliseconds since the epoch */
export const receive = (state, event, now) => HANDLERS[event.event]?.(state, event, now) ?? state;

/** @type {Record<string, (state: State, event: any, now: number) => State>} */
const HANDLERS = {
	snapshot: (state, event) => snapshot(state, event),
	connected: (state, { nick, server }) => ({ ...state, nick, server, connection: "online", retry: 0 }),
	reconnecting: (state, event, now) => ({ ...state, connection: "offline", retry: now + event.in * 1_000 }),
	closing: (state) => ({ ...state, connection: "ended" }),
	message: (state, event) => put(state, { ...event, own: "delivery" in event || (event.history && event.nick === state.nick) }),
	edited: (state, { message, plain, ...event }) => change(state, event, (old) => ({ ...old, message, plain, edited: true })),
	reacted: (state, event) => change(state, event, (old) => ({ ...old, reactions: event.reactions })),
	deleted: (state, event) =>
		change(state, event, ({ reactions: _1, files: _2, reply: _3, edited: _4, ...old }) => ({ ...old, message: "", deleted: event.nick })),
	timer: (state, event) => ({
		...note(state, event, { line: timerLine(event, state.nick) }),
		timers: set(state.timers, event.conversation_id, event.seconds),
	}),
	secret: (state, event) => ({
		...note(state, event, { kind: "secret", nick: event.nick, secret: event.id }),
		secrets: new Set(state.secrets).add(event.id),
	}),
	sent: (state, event) => (event.kind === "secret" ? note(state, event, { kind: "secret", nick: state.nick, secret: 0, own: true }) : state),
	conversation({ conversations, ...state }, { event: _1, n: _2, request: _3, conversation: name, conversation_id: id, gone, ...rest }) {
		const all = new Map(conversations);
		if (gone) all.delete(id);
		else all.set(id, { ...rest, id, name });
		return { ...state, conversations: all };
	},
	joined: (state, { nick, others = [] }) => present(state, [nick, ...others], "normal"),
	left(state, { nick, others = [] }) {
		const people = new Map(state.people);
		for (const each of [nick, ...others]) people.delete(each);
		return { ...state, people };
	},
	status(state, { nick, others = [], status }) {
		const next = present(state, [nick, ...others], status);
		return nick === state.nick ? { ...next, status } : next;
	},
	names: (state, { names, conversation }) => (conversation ? state : present({ ...state, people: new Map() }, names, "normal", state.people)),
	members(state, event) {
		const { conversation_id: id, added, removed, verified = [] } = event;
		const there = new Map(state.members.get(id)?.map((each) => [each.nick, each]));
		for (const nick of removed) there.delete(nick);
		for (const nick of added) {
			if (!there.has(nick)) there.set(nick, { nick, account: "", standing: verified.includes(nick) ? "verified" : "unverified" });
		}
		const members = state.members.has(id) ? set(state.members, id, [...there.values()]) : state.members;
		return note({ ...state, members }, event, { line: membersLine(event) });
	},
	trusted: (state, { nick, standing }) => stand(state, nick, standing),
	transfer(state, { transfer }) {
		const transfers = new Map(state.transfers);
		if (["waiting", "running"].includes(transfer.state)) transfers.set(transfer.number, transfer);
		else transfers.delete(transfer.number);
		return { ...state, transfers };
	},
};

/** @template K, V @param {ReadonlyMap<K, V>} map @param {K} key @param {V} value @returns {ReadonlyMap<K, V>} */
const set = (map, key, value) => new Map(map).set(key, value);

/** @param {State} state @param {Snapshot} told @returns {State} */
export const snapshot = (state, { nick, server, connection, status, conversations, members, people }) => ({
	...state,
	ready: true,
	nick,
	server,
	connection,
	status,
	retry: connection === "online" ? 0 : state.retry,
	conversations: new Map(conversations.map((each) => [each.id, each])),
	members: new Map(Object.entries(members)),
	people: new Map(people.map((each) => [each.nick, each.status])),
	timelines: new Map([...state.timelines].map(([id, each]) => [id, { ...each, stale: true }])),
	transfers: new Map(),
});

/** @param {State} state @param {string[]} nicks @param {Status} status @param {State["people"]} [known] */
function present(state, nicks, status, known) {
	const people = new Map(state.people);
	for (const nick of nicks) people.set(nick, known?.get(nick) ?? status);
	return { ...state, people };
}

/** @param {{added: string[], removed: string[], by: string}} event */
export function membersLine({ added, removed, by }) {
	const some = (/** @type {string[]} */ nicks) =>
		nicks.length > 4 ? `${nicks.slice(0, 3).join(", ")} and ${nicks.length - 3} others` : nicks.join(", ");
	const says = (/** @type {string[]} */ nicks, /** @type {string} */ alone, /** @type {string} */ did) =>
		nicks.length ? [by && !nicks.includes(by) ? `${by} ${did} ${some(nicks)}` : `${some(nicks)} ${alone}`] : [];
	return [...says(added, "joined", "added"), ...says(removed, "left", "removed")].join("; ");
}

/** @param {{nick: string, seconds: number}} event @param {string} me */
function timerLine({ nick, seconds }, me) {
	const who = nick === me ? "You have" : `${nick} has`;
	return `${who} set messages to ${seconds ? `disappear ${duration(seconds)} after they were read` : "stay"}`;
}

/** Remember what is no message. @param {State} state @param {any} event @param {Partial<Message>} what @returns {State} */
function note(state, event, what) {
	const id = event.conversation_id;
	if (!id || what.line === "") return state;
	const message = { conversation: event.conversation ?? event.nick, conversation_id: id, kind: "", nick: "", message: "", seq: 0, order: 0 };
	const before = state.notes.get(id) ?? [];
	const message_id = event.message_id || `note ${event.n}`;
	if (before.some((each) => each.message_id === message_id)) return state;
	const noted = { ...message, date: event.date ?? Date.now() / 1_000, message_id, ...what };
	return { ...state, notes: set(state.notes, id, [...before, noted].slice(-200)) };
}

/** @param {Message} message */
export const keyOf = ({ message_id, conversation_id, seq }) => message_id || `${conversation_id} ${seq}`;

/** @param {State} state @param {Id} id @param {Timeline} timeline @returns {State} */
const withTimeline = (state, id, timeline) => ({ ...state, timelines: set(state.timelines, id, timeline) });

/**
 * Have another message in the place of one that is held; none if `alter` gives none.
 * @param {State} state @param {{conversation_id: Id, message_id: Id}} which @param {(message: Message) => Message | null} alter
 */
export function change(state, { conversation_id: id, message_id }, alter) {
	const timeline = state.timelines.get(id);
	const at = timeline?.messages.findLastIndex((each) => each.message_id === message_id) ?? -1;
	if (!timeline || at < 0) return state;
	const messages = [...timeline.messages];
	const altered = alter(messages[at]);
	messages.splice(at, 1, ...(altered ? [altered] : []));
	return withTimeline(state, id, { ...timeline, messages });
}

/** The message of the user that a wish has caused. @param {State} state @param {Id} id @param {string} request */
export const caused = (state, id, request) => state.timelines.get(id)?.messages.findLast((each) => each.request === request);

/** Have a message in its timeline, if that is held up to its end; once only. @param {State} state @param {Message} message */
function put(state, message) {
	const id = message.conversation_id;
	const timeline = state.timelines.get(id);
	if (!timeline || timeline.stale) return state;
	const messages = [...timeline.messages];
	const key = keyOf(message);
	const at = messages.findLastIndex((each) => keyOf(each) === key);
	// Newer ones are not here, so its place is not here either.
	if (at < 0 && timeline.after) return state;
	if (at >= 0) [message] = messages.splice(at, 1).map((old) => ({ ...old, ...message }));
	insert(messages, message);
	return withTimeline(state, id, { ...timeline, messages: messages.slice(0, MOST), after: timeline.after || messages.length > MOST });
}

/** What waits comes after all others. @param {Message} message */
const rank = (message) => (message.delivery && !message.order ? Infinity : message.order);

/** @param {Message[]} messages @param {Message} message */
function insert(messages, message) {
	let at = messages.length;
	while (at > 0 && rank(messages[at - 1]) > rank(message)) at -= 1;
	messages.splice(at, 0, message);
}

/**
 * Hold a page that was read.
 * @param {State} state @param {Id} id @param {"last" | "before" | "after" | "around"} where @param {Message[]} page
 * @param {boolean} isWhole whether there is nothing more on that side
 */
export function hold(state, id, where, page, isWhole) {
	const held = state.timelines.get(id) ?? { messages: [], before: true, after: true, stale: true };
	const keys = new Set(page.map(keyOf));
	const old = held.messages.filter((each) => !keys.has(keyOf(each)));
	if (where === "before") {
		const messages = [...page, ...old];
		return withTimeline(state, id, { ...held, messages: messages.slice(0, MOST), before: !isWhole, after: held.after || messages.length > MOST });
	}
	if (where === "after") {
		for (const each of page) insert(old, each);
		return withTimeline(state, id, { messages: old.slice(-MOST), before: held.before || old.length > MOST, after: !isWhole, stale: false });
	}
	const waiting = where === "last" ? old.filter((each) => each.delivery && !each.order) : [];
	return withTimeline(state, id, { messages: [...page, ...waiting], before: !isWhole, after: where === "around", stale: false });
}

/** Let go of the oldest of a timeline, while one reads the newest. @param {State} state @param {Id} id */
export function trim(state, id) {
	const timeline = state.timelines.get(id);
	if (!timeline || timeline.after || timeline.messages.length <= 2 * KEPT) return state;
	return withTimeline(state, id, { ...timeline, messages: timeline.messages.slice(-KEPT), before: true });
}

/** Hold the timelines of these conversations only. @param {State} state @param {Id[]} ids @returns {State} */
export const forget = (state, ids) => ({ ...state, timelines: new Map([...state.timelines].filter(([id]) => ids.includes(id))) });

/** Know everybody who is in a conversation. @param {State} state @param {Id} id @param {Member[]} members @returns {State} */
export const people = (state, id, members) => ({ ...state, members: set(state.members, id, members) });

/** Know another standing of somebody. @param {State} state @param {string} nick @param {Standing} standing @returns {State} */
export const stand = (state, nick, standing) => ({
	...state,
	members: new Map(
		[...state.members].map(([id, list]) => [id, list.map((each) => (each.nick === nick ? { ...each, standing } : each))]),
	),
});

const KINDS = { room: 0, group: 1, dm: 2 };

/** All conversations, as they are listed. @param {State} state */
export const listed = (state) =>
	[...state.conversations.values()].sort((one, other) => KINDS[one.kind] - KINDS[other.kind] || one.name.localeCompare(other.name));

/** All nicks that are known here, but the user's. @param {State} state */
export function everybody(state) {
	const all = new Set([...state.people.keys(), ...[...state.members.values()].flat().map((each) => each.nick)]);
	all.delete(state.nick);
	return [...all].sort();
}

/** How many messages are new, and how many of them call the user; without what is muted. @param {State} state */
export function news(state) {
	let [unread, calls] = [0, 0];
	for (const each of state.conversations.values()) {
		if (each.muted) continue;
		unread += each.unread;
		calls += each.kind === "dm" ? each.unread : each.mentions;
	}
	return { unread, calls };
}

/** Whose keys the user has to decide about. @param {State} state @param {Conversation} conversation */
export function inQuestion(state, { id, kind, name, trust }) {
	if (trust !== "changed") return [];
	const found = (state.members.get(id) ?? []).filter((each) => each.standing === "changed" && each.nick !== state.nick);
	return found.length ? found.map((each) => each.nick) : kind === "dm" ? [name] : [];
}

/** Whether nothing may be sent there before that. @param {State} state @param {Conversation} conversation */
export const isBlocked = (state, conversation) => conversation.kind !== "room" && inQuestion(state, conversation).length > 0;
