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
    /** The entry up to which they have read, as they have said. */
    read?: number;
  }

  interface Attachment {
    name: string;
    type: string;
    size: number;
    width?: number;
    height?: number;
    /** A small JPEG of it, in Base64. */
    thumbnail?: string;
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
    /** Whether it has waited for the server's word for long. */
    late?: boolean;
    verified?: boolean;
    own?: boolean;
    history?: boolean;
    mention?: boolean;
    delivery?: "queued" | "sent" | "refused";
    edited?: boolean;
    /** By whom; empty if it was to last so long. */
    deleted?: string;
    reactions?: { emoji: string; nicks: string[] }[];
    reply?: { message_id: Id; nick: string; excerpt: string; quoted_by?: string; gone?: boolean };
    /** How it is drawn; without them it means what it says letter by letter. */
    parts?: Part[];
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
    queued?: Message[];
  }

  type Told = { event: string; n?: string; request?: string } & Record<string, any>;
  type Refusal = { code: string; text: string; retry?: boolean };

  /** A part of what was written in a conversation, without gaps. */
  interface Timeline {
    /** By order. */
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
    /** What the user has written and the server does not have, by its id, in order. */
    waiting: ReadonlyMap<Id, Message>;
    /** What was wrong with the keys of people. */
    doubts: ReadonlyMap<string, Doubt>;
    /** The numbers of secrets that can be opened. */
    secrets: ReadonlySet<number>;
    /** Everybody whose key is known here. */
    contacts: string[];
    settings: Settings;
  }

  type Action = { icon: IconName; label: string; run: () => unknown; words?: string; hint?: string };
  /** What it looks like, what it does, other words for it, and a hint. */
  type ActionRow = false | [IconName, string, () => unknown, string?, string?];
  /** What it looks like, what it does, and whether it can be done. */
  type MessageAction = [IconName, string, Do<Message>, (message: Message) => unknown];
  type MakeForm = (title: string, text: string, fields: Field[], submit: string, run: Form["run"], more?: Partial<Form>) => void;
  type DrawRow = (row: Row, isHot: boolean, hasTab: boolean) => VNode;
  /** A file, and how far it is if it moves. */
  type DrawCard = (key: string | number, file: { name: string; size: number }, moving: Partial<Moving> | false, act: Child) => VNode;
  type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;
  /** Whether it is seen what has become of it. */
  type Say = (to: Id, text: string, reply_to: Id | undefined, files: File[]) => Promise<boolean | null>;
  type Choice = { key: string; label: string; sign: Child; hint?: string; words?: string; run: () => unknown };

  /** Why a key is not as it should be, and whom it contradicts. */
  type Doubt = { why: "other-key" | "other-nick" | "look-alike"; known: string };
  type Waiting = State["waiting"];

  // Functions of one module, which take several things.

  type Handlers = { snapshot(state: State, snapshot: Snapshot): State } & Record<string, (state: State, event: any, now: number) => State>;
  type Terms = { words: string[]; author?: string; with_files?: boolean; until?: number };
  type Context = (sign: IconName, text: string, ...more: Child[]) => VNode;
  /** A first step: its name, whether it is done, what is said of it, and what does it. */
  type Step = [string, unknown, string, () => unknown];
  type Asked = { done: Do<any>; refused: Do<Error> };
  type Call = (title: string, text: string, brief: string, idOf: () => Id) => void;
  type Two = (nick: string, text: string) => void;
  type Change = (where: { conversation_id: Id }, changed: Partial<Composing>) => void;
  /** `wanted` is in small letters. */
  type Fit = (text: string, wanted: string) => number;
  type SetIn = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V) => ReadonlyMap<K, V>;
  /** Those of `nicks` that are not `known` have the `status`. */
  type Present = (state: State, nicks: string[], status: Status, known?: State["people"]) => State;
  type Note = (state: State, event: any, what: Partial<Message>) => State;
  type Put = (state: State, message: Message) => State;
  type Unquote = (state: State, gone: { conversation_id: Id; message_id: Id }) => State;
  type WithTimeline = (state: State, conversation: Id, timeline: Timeline) => State;
  type DrawMessage = (message: Message, first: boolean, hot: boolean, hasTab: boolean) => VNode;
  type DrawFile = (message: Message, file: Attachment, at: number) => VNode;
  type Fitted = (width: number, height: number) => [number, number];
  type Reconcile = (parent: Element, before: VNode[], after: VNode[]) => void;
  type Create = (node: VNode, parent: Element) => Element | Text;
  type SetProp = (element: any, name: string, value: any, old: any) => void;
  type Confirm = (title: string, text: string, submit: string, run: () => unknown) => void;
  type DrawChoice = (sign: Child, label: string, onclick: Do<any>, help?: string) => VNode;
  type Marked = (text: string, wanted: string) => Child[];
  type OfMessage = (message: Message, ...names: string[]) => Action[];
  type DeedOf = (place: string, key: string) => string | undefined;
  type NameOf = (event: Pressed) => string;

  /** All rows of a conversation; for `newAfter` see `Ui`. */
  type RowsOf = (timeline: Timeline, notes: Message[] | undefined, newAfter: number, waiting: Waiting, conversation: Id) => Row[];
  type Said = (...of: Parameters<RowsOf>) => Message[];

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
  /** Of this browser. */
  type Preferences = { notify: Calls; words: boolean; started: string[] };
  /** Of all front ends of the user. */
  type Settings = { highlights: string[]; place: string; receipts: boolean; pictures: boolean };
  type Room = { name: string; keyed: boolean; joined: boolean };

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
    text: string;
    fields: Field[];
    submit: string;
    danger?: boolean;
    run: (values: Record<string, string>) => unknown;
    cancelled?: () => void;
    busy?: boolean;
    error?: string;
  }

  type Props = Record<string, ((event: any) => unknown) | string | number | boolean | object | null | undefined>;

  interface Dialogs extends Record<string, (dialog: any) => Child[]> {
    rooms(dialog: { rooms: Room[]; more: boolean; words: string }): Child[];
    settings(dialog: { ignored: string[] }): Child[];
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
  type Draws<T> = Record<string, Draw<T>>;
  type Do<T> = (it: T) => unknown;

  type Part =
    | { node: "words" | "code"; text: string }
    | { node: "code_block"; text: string; language: string }
    | { node: "emphasis" | "strong" | "paragraph" | "quote"; parts: Part[] }
    | { node: "link"; url: string; text: string }
    | { node: "list"; items: Part[][]; first: number | null };

  /** A row in sight, and where it begins and ends below the upper edge. */
  type Anchor = { key: string; offset: number; end: number };
  /** A row, and what it was drawn of. */
  type Drawn = { on: unknown[]; node: VNode };
  type Picture = { state: "busy" | "shown" | "bad" | "failed"; url: string; width: number; height: number };

  // What the modules of the page offer to each other.

  interface Deeds {
    /** Wish for what nobody has to be told of if it is refused. */
    query(wish: string, fields: object, onDone?: Do<any>): void;
    /** Send what was written in the conversation that is shown. */
    send(): Promise<unknown>;
    /** Say what was refused once more. */
    again: Do<Message>;
    discard: Do<Message>;
    /** Send it not at all, but have it as what is being written. */
    withdraw: Do<Message>;
    /** Have files go with what is written. */
    attach: Do<Iterable<File>>;
    /** Keep what is being written. */
    keepDraft: Do<Id>;
    /** The user has typed that. */
    type: Do<string>;
    /** Put something where the caret is, in the place of what begins at `from`. */
    insert(text: string, from?: number): void;
    reply: Do<Message>;
    edit: Do<Message>;
    /** Edit the last message of the user. */
    editLast(): void;
    quote: Do<Message>;
    /** Neither answer nor edit anything. */
    stopWriting(): void;
    copy: Do<string>;
    /** React with an emoji, or take it back if that is how the user has reacted. */
    react(message: Message, emoji: string): unknown;
    /** The user has read what is shown: up to the message with that order, or all of it. */
    markRead(order?: number): void;
    toNewest(): void;
    /** Show a message where it was written. */
    jump(conversation: Id, message: Id): Promise<void>;
    /** Ask who is in a conversation, if it is not as it was told. */
    checkMembers: Do<Id>;
    openDm: Do<string>;
    /** Show a conversation that a wish was done with. */
    go: Do<Conversation>;
    join: Do<string>;
    /** Be there no longer: leave or delete a conversation. */
    quit(wish: "leave" | "delete", conversation: Id): Promise<void>;
    setStatus: Do<string>;
    verify: Do<string>;
    /** Hold the key of somebody for theirs: it was compared, or accepted. */
    trust(how: "confirm" | "trust", nick: string): Promise<void>;
    person: Do<string>;
    ignore(nick: string, ignored: boolean): Promise<void>;
    settings(): Promise<void>;
    settle(name: string, value: unknown): unknown;
    roomCode: Do<Id>;
    /** Show the rooms that there are, behind those that are listed. */
    rooms(listed?: Room[], words?: string): unknown;
    /** Search, in all conversations or in one. */
    search(words: string, conversation?: Id): Promise<void>;
    /** Search for older ones. */
    searchMore(): Promise<void>;
    found: Do<Message[]>;
    /** Go to the next conversation in the list, or the one before; with `isNew` where something is new. */
    step(step: 1 | -1, isNew?: boolean): void;
    /** Go where something is new, first where the user is called. */
    goToNews(): void;
    /** Save what moves the user to another machine. */
    exportIdentity: Do<string>;
  }

  /** Each asks for something. */
  interface Forms {
    unlock(run: Do<string>, cancelled: () => void): void;
    openSecret(number: number | undefined, nick?: string): void;
    sendSecret: Do<string>;
    message(): void;
    enterKeyed: Do<string>;
    room(): void;
    group(): void;
    add: Do<Conversation>;
    exportIdentity(): void;
    deletion: Do<Message>;
    remove(conversation: Conversation, nick: string): void;
    newKey: Do<Conversation>;
    leave: Do<Conversation>;
    end: Do<Conversation>;
  }

  type Where = "last" | "before" | "after" | "around";

  /** All functions are pure: they give another state, which shares what has not changed. */
  interface Store {
    initial(): State;
    /** What an event makes of the state; `now` are milliseconds since the epoch. */
    receive(state: State, event: Told, now: number): State;
    keyOf(message: Message): string;
    /** Messages that are held of a conversation. */
    messagesOf(state: State, conversation: Id): Message[];
    /** Who has read a message of the user, as far as they say so. */
    readers(state: State, message: Message): string[];
    /** Have another message in the place of one that is held. */
    change(state: State, which: { conversation_id: Id; message_id: Id }, alter: (message: Message) => Message): State;
    /** Have a message wait to be sent, or not any more. */
    wait(state: State, id: Id, message?: Message): State;
    /** Hold what is said from now on, while the first page is read. */
    expect(state: State, conversation: Id): State;
    /** Hold a page that was read; `isWhole` if there is nothing more on that side. */
    hold(state: State, conversation: Id, where: Where, page: Message[], isWhole: boolean): State;
    /** Let go of the oldest of a timeline, while one reads the newest. */
    trim(state: State, conversation: Id): State;
    /** Hold the timelines of these conversations only. */
    forget(state: State, conversations: Id[]): State;
    /** Know everybody who is in a conversation. */
    people(state: State, conversation: Id, members: Member[]): State;
    /** Know another standing of somebody. */
    stand(state: State, nick: string, standing: Standing): State;
    /** The name of a conversation with the sign of its kind. */
    titleOf(conversation: Conversation): string;
    /** All conversations, as they are listed. */
    listed(state: State): Conversation[];
    /** All nicks that are known here, but the user's. */
    everybody(state: State): string[];
    /** How many messages are new, and how many of them call the user; without what is muted. */
    news(state: State): { unread: number; calls: number };
    /** Whose keys the user has to decide about. */
    inQuestion(state: State, conversation: Conversation): string[];
    /** Whether nothing may be sent there before that. */
    isBlocked(state: State, conversation: Conversation): boolean;
    /** What is said of who has come and gone. */
    membersLine(event: { added: string[]; removed: string[]; by: string }): string;
  }

  /** How times, sizes and people are written; dates are seconds since the epoch. */
  interface Words {
    clock(date: number): string;
    moment(date: number): string;
    brief(date: number): string;
    count(count: number): string;
    /** A day that is the same for all times in it, in this time zone. */
    dayOf(date: number): string;
    /** `now` are milliseconds since the epoch. */
    dayName(date: number, now: number): string;
    /** So many bytes. */
    size(bytes: number): string;
    plural(count: number, one: string, more?: string): string;
    /** So many seconds. */
    duration(seconds: number): string;
    /** A hue for a name, always the same. */
    hue(name: string): number;
    /** The first letter of a name, as it is seen. */
    initial(name: string): string;
    /** A name as it may stand in a line: nothing in it turns the rest around. */
    clean(name: string): string;
    groups(digits: string): string[];
  }

  /** A key is the id of a message, and the number of a file of it. */
  interface Pictures {
    /** Whether it is a file that may be shown. */
    isPicture(file: Attachment): boolean;
    /** Whether it is fetched without being asked for. */
    isSmall(file: Attachment): boolean;
    get(key: string): Picture | undefined;
    isBusy(key: string): boolean;
    cancel(key: string): void;
    /** Whether one more can be held without letting go of one that is seen. */
    hasRoom(): boolean;
    /** Fetch a picture, to be shown, when it is its turn. */
    fetch(key: string): void;
    /** Fetch a file, and have the browser save it. */
    download(key: string, name: string): Promise<void>;
    /** Have the browser save something. */
    save(blob: Blob, name: string): void;
    /** Bytes that were told in Base64. */
    decode(text: string, type?: string): Blob;
    /** Show a thumbnail: a JPEG in Base64. */
    preview(image: HTMLImageElement, thumbnail?: string): void;
    /** Hold nothing of a message any more; of none at all, if it is empty. */
    forget(message: Id): void;
    /** What kind of picture begins with these bytes; empty if none that is shown. */
    typeOf(bytes: Uint8Array): string;
  }

  /** What all parts of the page need. */
  interface App {
    /** Go on with what a link has brought; `how` draws everything. */
    begin(once: string, how: () => void): void;
    /** Have everything drawn before the next frame. */
    redraw(): void;
    show(changed: Partial<Ui>): void;
    /** Whether the third pane is seen, and shows that. */
    isShown(side: Ui["side"]): boolean;
    /** Show that in the third pane, or hide it. */
    toggle(side: Ui["side"]): void;
    ask(dialog: Dialog | null): void;
    know(changed: Partial<State>): void;
    prefer(changed: Partial<Preferences>): void;
    /** What is being written in a conversation. */
    writing(conversation: Id): Composing;
    write(conversation: Id, changed: Partial<Composing>): void;
    /** Say something to the user for a while. */
    toast(text: string, isBad?: boolean): void;
    dismiss(toast: number): void;
    /** Tell the user what went wrong. */
    complain(error: any): null;
    /** What a wish is done with; null if it was refused, which the user is told. */
    wish(wish: string, fields?: object, onDone?: Do<any>): Promise<any>;
    /** Show a conversation; with `focus` the user is about to write there. */
    enter(conversation: Id, focus?: boolean): void;
    /** Read a page of a conversation; `from` is an order, or a message. */
    readPage(conversation: Id, where: Where, from?: number | Id): Promise<void>;
  }

  interface Icons {
    /** With a `label` it says something; without one it only adorns. */
    icon(name: IconName, label?: string): VNode;
    /** A button that is a picture, or another sign. */
    tool(sign: string, label: string, run: Do<any>, more?: Props): VNode;
    /** A button of words; `look` are classes. */
    button(text: string, onclick: Do<any>, look?: string): VNode;
    link(text: string, onclick: Do<any>): VNode;
    /** What is said quietly. */
    quiet(...text: Child[]): VNode;
    /** A name, which may turn nothing around it. */
    named(text: string, ...more: Child[]): VNode;
    /** A field in which one types what is looked for. */
    seek(label: string, placeholder: string, look: Do<string>, more?: Props): VNode;
    /** A box to be ticked, or one of several. */
    check(label: string, checked: boolean, run: Do<boolean>, more?: Props): VNode;
    /** One of several values, each with its name. */
    select(label: string, choices: string[][], chosen: string, run: Do<any>): VNode;
    /** What is said above something, to all who read or listen. */
    banner(sign: IconName, text: Child[], ...more: Child[]): VNode;
    /** What stands alone on the page, or where a conversation would. */
    lonely(sign: VNode, title: string, ...more: Child[]): VNode;
    /** A round sign for somebody. */
    person(name: string, status?: Status | "gone" | ""): VNode;
    /** The sign of a conversation. */
    sign(conversation: Conversation, state: State): VNode;
    /** What is held of somebody, if it is worth a word. */
    mark(standing: Standing | ""): Child;
    /** How sure one is. */
    trustSign(trust: Standing, text?: string): VNode;
  }

  /** The line to the client on this machine. */
  interface Link {
    /** Begin with the token of a link, or go on with the session of this tab. */
    open(once: string, takeEvent: Do<Told>, takeState: (state: LineState, code: string) => void): Promise<void>;
    /**
     * What a wish is done with. Rejects with RefusedError. `onId` is told its id before it leaves, and
     * `onDone` its result before anything that was told after that.
     */
    wish(wish: string, fields?: object, told?: { onId?: Do<string>; onDone?: Do<any> }): Promise<any>;
    /** Ask the door for something. Rejects with RefusedError. */
    request(path: string, options?: RequestInit): Promise<Response>;
    /** Say the passphrase again. */
    unlock(passphrase: string): Promise<Response>;
    /** Say that this session is over, and forget it. */
    leave(): Promise<void>;
  }

  /** Draws what elements there should be. */
  interface Dom {
    /**
     * An element that should be there, as `"div.class"`, its props, and what is in it. It is told from
     * its siblings by its name, and by its `key`. `on…` listen, `class` may be names and whether it has
     * them, `mount` is called once with the element, and with `own` its children are somebody else's.
     */
    h(name: string, ...rest: (Props | Child)[]): VNode;
    /** What somebody has written, in its own direction. */
    said(name: string, ...text: Child[]): VNode;
    /** Have `container` hold `children`, and nothing else. */
    draw(container: Element, children: Child[]): void;
    /** The element with that id, which is a field. */
    byId(id: string): any;
    /** Put the focus there, once it is drawn. */
    focusOn(id: string): unknown;
  }
}
