/** One workspace folder: its addon project, its open documents, and what is known of it. */

import { existsSync } from "node:fs";
import vscode = require("vscode");
import type { Blocked, Check, Configuration, Editor, Follower, HistoryEntry, Inside, Plan, Policy, Project, Review } from "../../crates/node/index";
import type { Addon } from "./pure/addon";
import type { Reviewed } from "./pure/drift";
import { settled } from "./pure/configs";
import { failure } from "./pure/failure";
import { Latest } from "./pure/latest";
import { plural } from "./pure/model";
import { relative } from "./pure/place";
import { withBlocked, withMissed } from "./pure/policyview";
import { Stopwatch } from "./pure/stopwatch";

/** Milliseconds without a keystroke before the audit runs. */
const PAUSE = 150;
/** Milliseconds between two looks at a gate that does not run. */
const GATE_POLL = 5_000;
/** Milliseconds between two looks into the container, each of which works for about a second. */
const LOOK_POLL = 60_000;

export class Folder implements vscode.Disposable {
  readonly project: Project;
  /** The last answers; `undefined` until there is one. */
  check: Check | undefined;
  live: Check | undefined;
  policy: Policy | undefined;
  review: Review | undefined;
  container: Inside | undefined;
  history: readonly HistoryEntry[] = [];
  configurations: readonly Configuration[] = [];
  /** The one that views and commands are about; `undefined` with several of which nobody chose one. */
  config: string | undefined;
  /** What `protect` would do, while it is shown. */
  plan: Plan | undefined;
  /** Why the last audit failed. */
  failure: string | undefined;

  readonly #addon: Addon;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #blocked = new vscode.EventEmitter<Blocked>();
  readonly #checks = new Latest((signal) => this.#check(signal));
  readonly #looks = new Latest((signal) => this.#look(signal));
  readonly #insides = new Latest((signal) => this.#lookInside(signal));
  /** Counts every change of a document, so that an answer about an older text is not shown. */
  #texts = 0;
  #follower: Follower | undefined;
  #following = false;
  #ended = false;

  readonly onDidChange = this.#changed.event;
  readonly onDidBlock = this.#blocked.event;

  constructor(
    addon: Addon,
    readonly uri: vscode.Uri,
    readonly name: string,
    readonly path: string,
    program: string,
    editor: Editor,
    readonly memory: vscode.Memento,
    readonly log: vscode.LogOutputChannel,
  ) {
    this.#addon = addon;
    this.project = new addon.Project(path, existsSync(program) ? program : undefined, editor);
  }

  /** The path of a document below this folder. */
  file(uri: vscode.Uri): string | undefined {
    return relative(this.uri, uri);
  }

  concerns(uri: vscode.Uri): string | undefined {
    const file = this.file(uri);
    return file !== undefined && this.#addon.Project.concerns(file) ? file : undefined;
  }

  uriOf(file: string): vscode.Uri {
    return vscode.Uri.joinPath(this.uri, file);
  }

  /** An open document has this text now; `null`: it was closed. */
  setText(file: string, text: string | null): void {
    this.#texts += 1;
    this.project.setDocument(file, text);
    this.#checks.request(PAUSE);
  }

  /** Files changed on the disk. */
  filesChanged(): void {
    this.#texts += 1;
    this.#checks.request(PAUSE);
    this.#looks.request(PAUSE);
  }

  /** Everything anew. */
  refresh(): void {
    this.#checks.request(0);
    this.#looks.request(0);
    this.lookInside();
  }

  /** Shows another plan, or none. */
  setPlan(plan: Plan | undefined): void {
    this.plan = plan;
    this.#changed.fire();
  }

  /** Views and commands are about this one from now on, here and in the container's window. */
  async choose(config: string): Promise<void> {
    await this.memory.update(this.#remembered, config);
    this.#follower?.stop();
    this.#follower = undefined;
    this.#following = false;
    this.live = undefined;
    this.container = undefined;
    await this.#settle();
    this.policy = await this.project.policy().catch(() => undefined);
    this.refresh();
  }

  /** Whether there are several and nobody chose one yet. */
  get undecided(): boolean {
    return this.configurations.length > 1 && this.config === undefined;
  }

  get #remembered(): string {
    return `configuration:${this.path}`;
  }

  async #settle(): Promise<void> {
    try {
      const all = await this.project.configurations();
      this.config = settled(all, this.memory.get<string>(this.#remembered));
      await this.project.choose(all.length > 1 ? (this.config ?? null) : null);
      this.configurations = await this.project.configurations();
    } catch {
      this.configurations = [];
      this.config = undefined;
    }
  }

  get reviewed(): Reviewed {
    return { review: this.review, container: this.container };
  }

  setReview(review: Review): void {
    this.review = review;
    this.container = review.container ?? this.container;
    this.#changed.fire();
    // A look that began before the answer would bring back what was reviewed.
    this.#looks.request(0);
    if (review.container !== undefined) this.#insides.request(0);
  }

  /** Looks into the running container. Asks the engine, so it waits for trust. */
  lookInside(): void {
    this.#insides.request(0);
  }

  async #lookInside(signal: AbortSignal): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    await this.#settle();
    const live = await this.project.check(true).catch(() => undefined);
    if (signal.aborted || this.#ended) return;
    this.live = live;
    this.container = live?.container ?? this.container;
    this.#changed.fire();
  }

  /** The gate may have started: asks, and follows it. Called by the clock of `watch.ts`. */
  async askGate(): Promise<void> {
    if (!vscode.workspace.isTrusted || this.#following || this.#ended || this.undecided) return;
    try {
      this.policy = await this.project.policy();
    } catch {
      this.policy = undefined;
    }
    this.#changed.fire();
    if (this.policy?.state === "running") await this.#follow();
  }

  /** How long to wait for the next `askGate`. */
  static readonly gatePoll = GATE_POLL;
  /** How long to wait for the next `lookInside`. */
  static readonly lookPoll = LOOK_POLL;

  dispose(): void {
    this.#ended = true;
    this.#checks.dispose();
    this.#looks.dispose();
    this.#insides.dispose();
    this.#follower?.stop();
    this.#changed.dispose();
    this.#blocked.dispose();
  }

  async #check(signal: AbortSignal): Promise<void> {
    const cancellation = new this.#addon.Cancellation();
    signal.addEventListener("abort", () => {
      cancellation.cancel();
    });
    const texts = this.#texts;
    const watch = new Stopwatch();
    try {
      const check = await this.project.check(false, cancellation);
      // A newer text has asked for a newer check already.
      if (texts !== this.#texts || signal.aborted) return;
      this.check = check;
      this.failure = undefined;
    } catch (error) {
      const { code, text } = failure(error);
      if (code === "cancelled" || signal.aborted) return;
      this.check = undefined;
      this.failure = text;
    }
    if (this.#ended) return;
    this.#changed.fire();
    this.log.debug(`checked and shown in ${watch}; ${plural(this.check?.problems.length ?? 0, "problem")}`);
  }

  async #look(signal: AbortSignal): Promise<void> {
    // Reading the journal finishes what was interrupted, which writes.
    const entries = vscode.workspace.isTrusted ? this.project.history() : Promise.resolve([]);
    await this.#settle();
    const [review, history] = await Promise.allSettled([this.project.review(), entries]);
    if (signal.aborted || this.#ended) return;
    this.review = review.status === "fulfilled" ? review.value : undefined;
    this.history = history.status === "fulfilled" ? history.value : [];
    this.#changed.fire();
    // The policy is of files too.
    if (!vscode.workspace.isTrusted) return;
    try {
      const policy = await this.project.policy();
      if (this.#ended) return;
      this.policy = policy;
    } catch {
      this.policy = undefined;
    }
    this.#changed.fire();
    if (this.policy?.state === "running") await this.#follow();
  }

  async #follow(): Promise<void> {
    if (this.#following || this.#ended) return;
    this.#following = true;
    let early: Blocked[] | undefined = [];
    try {
      const follower = await this.project.follow((event) => {
        if (this.#ended) return;
        switch (event.kind) {
          case "blocked":
            early?.push(event.blocked);
            if (this.policy !== undefined) this.policy = withBlocked(this.policy, event.blocked);
            this.#changed.fire();
            this.#blocked.fire(event.blocked);
            return;
          case "grant":
          case "reload":
            this.#looks.request(PAUSE);
            return;
          case "ended":
            this.#following = false;
            this.#follower = undefined;
            void this.askGate();
        }
      });
      if (this.#ended) {
        follower.stop();
        return;
      }
      this.#follower = follower;
    } catch {
      this.#following = false;
      return;
    }
    // What was denied before the feed began is in this answer, what it told meanwhile is put on top.
    try {
      this.policy = withMissed(await this.project.policy(), early);
    } catch {
      // The feed stays; the next refresh asks again.
    }
    early = undefined;
    this.#changed.fire();
  }
}
