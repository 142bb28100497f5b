// What the page and the client say to each other (docs/programs.md), and what the page makes of it.

import type { IconName as TheIconName } from "../../geventim/web/page/icons.js";

declare global {
  type Id = string;
  type Kind = "room" | "group" | "dm";
  type Standing = "verified" | "unverified" | "changed";
  type Status = "normal" | "dnd" | "away";
  type Connection = "offline" | "entering" | "online" | "ended";
  type IconName = TheIconName;

  interface Conversation {
    id: Id;
    name: string;
    kind: Kind;
    keyed: boolean;
    stage: string;
    unread: number;
    mentions: number;
    /** The order of the last message that was read. */
    read: number;
    members: number;
    trust: Standing;
    muted: boolean;
    draft: string;
  }

  interface Member {
    nick: string;
    account: string;
    standing: Standing;
  }

  interface Attachment {
    name: string;
    type: string;
    size: number;
    width?: number;
    height?: number;
  }

  interface Message {
    conversation: string;
    conversation_id: Id;
    message_id: Id;
    kind: string;
    nick: string;
    message: string;
    date: number;
    seq: number;
    /** 0 as long as it waits. */
    order: number;
    verified?: boolean;
    own?: boolean;
    history?: boolean;
    mention?: boolean;
    delivery?: "queued" | "sent" | "refused";
    edited?: boolean;
    /** By whom; empty if it was to last so long. */
    deleted?: string;
    reactions?: { emoji: string; nicks: string[] }[];
    reply?: { message_id: Id; nick: string; excerpt: string; quoted_by?: string };
    plain?: boolean;
    /** Seconds after it was read. */
    expires?: number;
    files?: Attachment[];
    /** The id of the wish that has caused it. */
    request?: string;
    /** Why it was not sent. */
    reason?: string;
    /** The number of a secret, by which it is opened; 0 for one that the user has sent. */
    secret?: number;
    /** A sentence about what has happened; then it is no message. */
    line?: string;
  }

  interface Moving {
    number: number;
    direction: "sending" | "fetching";
    state: "waiting" | "running" | "done" | "failed" | "cancelled";
    name: string;
    size: number;
    done: number;
    rate: number;
    left: number | null;
    conversation_id: Id;
    message_id: Id;
  }

  interface Snapshot {
    n: string;
    nick: string;
    server: string;
    connection: Connection;
    room: string;
    status: Status;
    conversations: Conversation[];
    members: Record<Id, Member[]>;
    people: { nick: string; status: Status }[];
  }

  type Told = { event: string; n?: string; request?: string } & Record<string, any>;
  type Refusal = { code: string; text: string; retry?: boolean };

  /** A part of what was written in a conversation, without gaps. */
  interface Timeline {
    /** By order; those that wait come last. */
    messages: Message[];
    /** Whether there may be older ones that are not here. */
    before: boolean;
    /** Whether there are newer ones that are not here. */
    after: boolean;
    /** Whether what is here may be out of date. */
    stale: boolean;
  }

  interface State {
    /** Whether a snapshot has come. */
    ready: boolean;
    nick: string;
    server: string;
    connection: Connection;
    /** When the next attempt comes, in milliseconds since the epoch. */
    retry: number;
    status: Status;
    conversations: ReadonlyMap<Id, Conversation>;
    members: ReadonlyMap<Id, Member[]>;
    people: ReadonlyMap<string, Status>;
    timelines: ReadonlyMap<Id, Timeline>;
    /** What happened in a conversation that is no message, by time; secrets as well. */
    notes: ReadonlyMap<Id, Message[]>;
    transfers: ReadonlyMap<number, Moving>;
    timers: ReadonlyMap<Id, number>;
    /** The numbers of secrets that can be opened. */
    secrets: ReadonlySet<number>;
  }

  type Row =
    | { kind: "message"; key: string; message: Message; first: boolean }
    | { kind: "line"; key: string; message: Message }
    | { kind: "day"; key: string; date: number }
    | { kind: "new" | "begin" | "more"; key: string };

  type Composing = { text: string; reply: Message | null; edit: Message | null; files: File[] };
  type LineState = "opening" | "open" | "lost" | "ended";
  type Dialog = { kind: string } & Record<string, any>;
  type Toast = { id: number; text: string; isBad: boolean };
  type Search = { words: string; conversation: Id; found: Message[]; busy: boolean; done: boolean };
  type Calls = "all" | "calls" | "none";
  type Preferences = { notify: Calls; words: boolean; pictures: boolean; started: string[] };

  interface Ui {
    line: LineState;
    /** Why the line has ended. */
    code: string;
    /** The conversation that is shown. */
    open: Id;
    /** The pane that is shown where there is room for one. */
    pane: "list" | "talk" | "side";
    side: "details" | "search" | "";
    /** The order of the last message that had been read; -1: there is no such line. */
    newAfter: number;
    /** The key of the message that can be acted upon. */
    hot: string;
    /** The key of the message that was jumped to. */
    flash: string;
    dialog: Dialog | null;
    toasts: Toast[];
    search: Search;
    /** What the operator has said. */
    announcement: string;
    /** Whether files hover above the page. */
    dragging: boolean;
    /** What looks like a command, and was not sent. */
    command: string;
  }

  interface Field {
    name: string;
    label: string;
    type?: "text" | "password" | "textarea" | "checkbox" | "people";
    hint?: string;
    optional?: boolean;
  }

  /** A dialog that asks; what `run` rejects with is shown in it. */
  interface Form {
    kind: "form";
    title: string;
    text?: string;
    fields?: Field[];
    submit: string;
    danger?: boolean;
    run: (values: Record<string, string>) => unknown;
    cancelled?: () => void;
    busy?: boolean;
    error?: string;
  }

  interface VNode {
    /** `#` for text. */
    tag: string;
    key: string;
    props: Record<string, any>;
    children: VNode[];
    text: string;
    /** That of the document, once it is drawn. */
    element: any;
  }
  type Child = VNode | string | number | false | null | undefined | Child[];
  type Draw<T> = (it: T) => Child;

  type Part =
    | { node: "words" | "code"; text: string }
    | { node: "code_block"; text: string; language: string }
    | { node: "emphasis" | "strong" | "paragraph" | "quote"; parts: Part[] }
    | { node: "link"; url: string; text: string }
    | { node: "list"; items: Part[][]; first: number | null };

  type Anchor = { key: string; offset: number };
  type Picture = { state: "busy" | "shown" | "bad" | "failed"; url: string; width: number; height: number };
}
