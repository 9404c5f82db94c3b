// What the addon offers. Reviewed by hand; `cargo xtask tidy` compares its names with the Rust side.
//
// Paths of files are relative to the opened folder, with `/`. Positions count from 0, lines then UTF-16
// code units, as in the Language Server Protocol. Times are seconds since 1970. Every promise is worked on off the
// event loop and rejects with a `Failure`; nothing here reads a workspace setting.

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export type Severity = "critical" | "high" | "medium" | "low" | "info";

/** Why a promise was rejected. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** The next step. */
  readonly hint?: string;
  /** With `refused`, what would be lost; empty otherwise. */
  readonly losses: readonly Loss[];
}

/** Something that cannot be kept when the configuration is protected. */
export interface Loss {
  /** What `acceptLoss` takes; several settings may share one. */
  readonly code: string;
  /** The setting, as it is written. */
  readonly what: string;
  /** What is lost, in one sentence. */
  readonly why: string;
}

/** One configuration of a folder. */
export interface Configuration {
  /** Its devcontainer.json. */
  readonly file: string;
  /** A gate is written down for it. */
  readonly protected: boolean;
  /** Requests are about it. */
  readonly chosen: boolean;
}

/** What was found, wherever it is. */
export interface Found {
  readonly severity: Severity;
  /** `observed`: seen in the running container, `configured`: written down, `inferred`: follows from what is not written. */
  readonly class: "observed" | "configured" | "inferred";
  /** `DB101` */
  readonly code: string;
  /** `docker-socket-mounted` */
  readonly rule: string;
  readonly message: string;
}

/** Something to correct in one file. */
export interface Problem extends Found {
  readonly file: string;
  readonly range: Range;
}

/** What the audit says of the folder, with the open documents in place of the files. */
export interface Check {
  readonly problems: readonly Problem[];
  /** Findings without a place in a file of the folder. */
  readonly elsewhere: readonly Elsewhere[];
  readonly channels: readonly Channel[];
  /** What was not looked at, in sentences. */
  readonly unseen: readonly string[];
  /** Findings that a comment waives. */
  readonly ignored: number;
  /** Ports on which editors of this machine listen at one address, seen now; others are findings. */
  readonly listeners: readonly Listener[];
  /** The running container against the baseline; absent when nobody looked into one. */
  readonly container?: Inside;
}

/** One port on which an editor, or what it started, listens. */
export interface Listener {
  readonly editor: string;
  /** `127.0.0.1:3000` */
  readonly address: string;
  /** Only programs of this machine reach it. */
  readonly local: boolean;
}

export interface Elsewhere extends Found {
  /** The fact, in words. */
  readonly evidence: string;
}

/** One group of ways between the container and the host, in the order in which they are shown. */
export interface Channel {
  /** `mounts-and-sockets`, `privilege`, `credentials`, `host-commands`, `ground`, `ports`, `egress`, `supply-chain` */
  readonly id: string;
  readonly title: string;
  /** The worst finding; absent when nothing was found. */
  readonly worst?: Severity;
  readonly findings: readonly ChannelFinding[];
}

export interface ChannelFinding extends Found {
  readonly evidence: string;
  /** Where, when it is in a file of the folder. */
  readonly file?: string;
  readonly range?: Range;
  /** Title of the fix, when one is offered. */
  readonly fix?: string;
}

export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

/** A quick fix. */
export interface Action {
  readonly title: string;
  readonly code: string;
  readonly rule: string;
  /** The safe one of several, for "fix all" and for the preferred light bulb. */
  readonly safe: boolean;
  /** The file that is edited; not always the one that was asked about. */
  readonly file: string;
  readonly edits: readonly TextEdit[];
}

/** The safe fixes of one file together. */
export interface FixAll {
  readonly edits: readonly TextEdit[];
}

export interface Hover {
  readonly range: Range;
  /** Markdown without HTML; foreign text in it is escaped. */
  readonly markdown: string;
}

export interface Completion {
  readonly label: string;
  readonly kind: "bundle" | "host" | "key" | "value";
  readonly detail: string;
  readonly documentation: string;
  readonly edit: TextEdit;
}

export interface Lens {
  readonly range: Range;
  readonly title: string;
  /** What happens on a click; absent: nothing, it only informs. */
  readonly command?: "preview" | "bridge" | "policy" | "review";
}

export interface ProtectOptions {
  /** The devcontainer.json, when there are several. */
  readonly config?: string;
  /** Default `config`. */
  readonly level?: "off" | "config" | "editor" | "strict";
  /** Default `balanced`. */
  readonly harden?: "off" | "balanced" | "strict";
  /** Editors that may connect: `vscode`, `jetbrains`. */
  readonly ides?: readonly string[];
  /** Coding agents that may reach their service; default: what is detected. */
  readonly agents?: readonly string[];
  /** Codes of what may be lost. */
  readonly acceptLoss?: readonly string[];
}

/** What `protect` would do. Nothing has been written. */
export interface Plan {
  /** Names exactly this plan; `apply` refuses when files changed since. */
  readonly digest: string;
  readonly config: string;
  readonly changes: readonly Change[];
  /** What the user should know, in sentences. */
  readonly notes: readonly string[];
  /** Hosts that will be reachable, with the reason. */
  readonly hosts: readonly { readonly host: string; readonly why: string }[];
}

/** One file before and after; absent text: there is no file. */
export interface Change {
  readonly file: string;
  readonly before?: string;
  readonly after?: string;
}

export interface Applied {
  readonly files: readonly string[];
  /** The engine's own reading of the result showed one closed network. */
  readonly verified: boolean;
  /** Running containers that have no gate until they are rebuilt. */
  readonly open: readonly string[];
  readonly warnings: readonly string[];
}

export interface Undone {
  /** Files that are as they were; empty when there was nothing to undo. */
  readonly files: readonly string[];
}

export interface HistoryEntry {
  readonly id: number;
  readonly time: number;
  readonly command: string;
  readonly state: "applied" | "undone" | "rolled-back" | "interrupted";
  readonly files: readonly { readonly file: string; readonly what: "created" | "changed" | "removed" }[];
}

/** The gate and its policy. */
export interface Policy {
  /** `unprotected`: no gate is configured; `no-engine`: containers cannot be asked for. */
  readonly state: "unprotected" | "no-engine" | "stopped" | "running";
  /** The policy's file, when there is one. */
  readonly file?: string;
  /** Rules in force by the files, denials first. */
  readonly rules: readonly PolicyRule[];
  /** What the running gate denied, newest first. */
  readonly blocked: readonly Blocked[];
}

export interface PolicyRule {
  readonly action: "allow" | "deny";
  /** As it is written, or the bundle's host. */
  readonly text: string;
  readonly layer: string;
  readonly file: string;
  /** 0-based, in that file. */
  readonly line: number;
  readonly reason?: string;
}

export interface Blocked {
  readonly host: string;
  readonly port?: number;
  readonly method?: string;
  readonly path?: string;
  readonly process?: string;
  readonly count: number;
  readonly last: number;
  /** The policy's sentence. */
  readonly why: string;
  /** Where the project names the host, `FILE:LINE`. */
  readonly cause?: string;
  /** The narrowest rule that would let it through, for `allow`; absent when no rule would. */
  readonly rule?: string;
}

export interface AllowRequest {
  /** A host, or a rule in the policy's form. */
  readonly rule: string;
  readonly reason: string;
  /** The gate holds it this long and the file stays as it is; absent: it is written to the policy's file. */
  readonly seconds?: number;
}

export interface Allowed {
  /** `in-force`; `pending`: the file opens more, nobody confirmed that; `next-start`: the gate does not run. */
  readonly state: "in-force" | "pending" | "next-start";
  /** Files that were written. */
  readonly files: readonly string[];
  /** With `pending`, what else it would open. */
  readonly loosens: readonly string[];
}

/** Settings and extensions of the editor in the running container, against the baseline. */
export interface Inside {
  /** Whether they were ever recorded. */
  readonly known: boolean;
  /** `file` is a path in the container; extensions have no texts. */
  readonly drift: readonly Drift[];
}

/** What to remember. Without members: every file of the folder as it is now. */
export interface AcceptRequest {
  /** Only this file, as it is now. */
  readonly file?: string;
  /** Only what somebody looked at, and only what is still as it was shown. */
  readonly shown?: readonly Pick<Drift, "file" | "digest">[];
  /** Also the running container's settings and extensions as they are now. */
  readonly container?: boolean;
}

export interface Drift {
  readonly file: string;
  /** Names what it is now, for `AcceptRequest.shown`. */
  readonly digest: string;
  readonly kind: "added" | "removed" | "changed";
  /** What it means, in sentences. */
  readonly what: readonly string[];
  readonly before?: string;
  readonly after?: string;
}

export interface Review {
  /** Whether a baseline was ever recorded. */
  readonly known: boolean;
  readonly drift: readonly Drift[];
  /** The running container; only in the answer to an accept that concerned it. */
  readonly container?: Inside;
}

export type Event =
  | { readonly kind: "blocked"; readonly blocked: Blocked }
  /** Somebody let a host through for a time, in an editor or a terminal, or it is so no longer. */
  | {
      readonly kind: "grant";
      readonly action: "granted" | "revoked" | "expired";
      readonly host: string;
      readonly reason: string;
    }
  /** The policy's files were read again; with `pending` they open something and wait for a word. */
  | {
      readonly kind: "reload";
      readonly action: "applied" | "pending" | "rejected";
      readonly loosens: readonly string[];
      readonly errors: readonly string[];
    }
  /** The gate went away; ask again with `policy()`. */
  | { readonly kind: "ended" };

/** Takes the work back; the promise rejects with code `cancelled`. */
export class Cancellation {
  constructor();
  cancel(): void;
}

/** The editor that runs the addon: its process tree and logs are looked at, wherever it is installed. */
export interface Editor {
  readonly name: string;
  readonly pid: number;
  /** A folder in which it keeps logs. */
  readonly logs: string;
}

/** One opened folder. */
export class Project {
  /**
   * Throws when the folder cannot be opened. `program` is the path of the static `drawbridge` beside the addon,
   * which looks into containers; without it `check(true)` says in `unseen` that it did not look.
   */
  constructor(folder: string, program?: string, editor?: Editor);
  /** In the order in which tools look for them. */
  configurations(): Promise<Configuration[]>;
  /**
   * From now on requests are about this configuration; with `null` about the only one, and with several they reject
   * with code `several`.
   */
  choose(file: string | null): Promise<null>;
  /** The text of an open document stands for the file until it is closed with `null`. */
  setDocument(file: string, text: string | null): void;
  /** Whether diagnostics, hovers and completion have something to say about a file of this name. */
  static concerns(file: string): boolean;
  /** `live` looks into the running container too, when there is one, and then takes a second or more. */
  check(live: boolean, cancellation?: Cancellation): Promise<Check>;
  actions(file: string, range: Range, cancellation?: Cancellation): Promise<Action[]>;
  /** Every safe fix of one file together; `null` when there is none. */
  fixAll(file: string): Promise<FixAll | null>;
  hover(file: string, position: Position): Promise<Hover | null>;
  completion(file: string, position: Position): Promise<Completion[]>;
  lenses(file: string): Promise<Lens[]>;
  plan(options: ProtectOptions): Promise<Plan>;
  /** Writes the plan with that digest, journaled. */
  apply(options: ProtectOptions, digest: string): Promise<Applied>;
  /** Puts the files of the last change back, byte for byte. */
  undo(): Promise<Undone>;
  history(): Promise<HistoryEntry[]>;
  policy(): Promise<Policy>;
  allow(request: AllowRequest): Promise<Allowed>;
  deny(rule: string, reason: string): Promise<Allowed>;
  revoke(host: string): Promise<Allowed>;
  review(): Promise<Review>;
  /** Remembers files and the container; what is no longer as it was shown stays in the answer's `drift`. */
  accept(request: AcceptRequest): Promise<Review>;
  /** Calls the listener for what happens at the running gate from now on, until `stop`. Rejects when no gate runs. */
  follow(listener: (event: Event) => void): Promise<Follower>;
}

/** See `Project.follow`. */
export class Follower {
  stop(): void;
}

/** A rule's page in Markdown; `null` for an unknown rule. */
export function explain(rule: string): string | null;

/** Version of the addon; the extension refuses another than its own. */
export function version(): string;
