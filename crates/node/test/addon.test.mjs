/** The addon in plain Node: answers, errors, cancellation, hostile arguments. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { Gates, lives, until } from "./gates.mjs";
import { fixtures, isolated, loadAddon } from "./setup.mjs";

const addon = loadAddon();
const { Project, Cancellation, explain, version } = addon;
const home = isolated();
after(() => rmSync(home, { recursive: true }));

function copy(name) {
  const folder = join(mkdtempSync(join(home, "w-")), "w");
  cpSync(join(fixtures, name), folder, { recursive: true });
  return folder;
}

const config = ".devcontainer/devcontainer.json";
/** What protecting the fixture `open` would lose. */
const LOSSES = [["privileged", "privileged"], ["docker-socket", "mounts /var/run/docker.sock"]];
const whole = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };

test("the typings name exactly what the addon has", () => {
  const text = readFileSync(new URL("../index.d.ts", import.meta.url), "utf8");
  for (const [name, exported] of Object.entries(addon)) {
    assert.match(text, new RegExp(`export (class|function) ${name}\\b`), name);
    if (typeof exported !== "function" || exported.prototype === undefined) continue;
    const body = new RegExp(`export class ${name} \\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1] ?? "";
    const methods = Object.getOwnPropertyNames(exported.prototype).filter((one) => one !== "constructor");
    for (const method of methods) assert.match(body, new RegExp(`^  ${method}\\(`, "m"), `${name}.${method}`);
    const typed = [...body.matchAll(/^ {2}(?!static|constructor)(\w+)\(/gm)].map((match) => match[1]);
    assert.deepEqual(typed.sort(), methods.sort(), name);
  }
});

test("an open document stands for its file until it is closed", async () => {
  const folder = copy("open");
  const project = new Project(folder);
  const has = async (rule) => (await project.check(false)).problems.some((problem) => problem.rule === rule);
  assert.equal(await has("privileged-container"), true);
  project.setDocument(config, '{ "image": "debian:12" }');
  assert.equal(await has("privileged-container"), false);
  project.setDocument(config, null);
  assert.equal(await has("privileged-container"), true);
});

test("positions count UTF-16 code units", async () => {
  const project = new Project(copy("open"));
  const text = readFileSync(join(fixtures, "open", config), "utf8");
  project.setDocument(config, text.replace('"image"', '/* é😀 */ "image"'));
  const found = (await project.check(false)).problems.find((problem) => problem.rule === "privileged-container");
  const line = text.replace('"image"', '/* é😀 */ "image"').split("\n")[found.range.start.line];
  assert.equal(line.slice(found.range.start.character, found.range.end.character), '"privileged": true');
});

test("a fix keeps comments and everything else", async () => {
  const folder = copy("open");
  const project = new Project(folder);
  const action = (await project.actions(config, whole)).find((one) => one.rule === "privileged-container");
  assert.equal(action.file, config);
  const text = readFileSync(join(folder, config), "utf8");
  const lines = text.split("\n");
  const offset = ({ line, character }) => lines.slice(0, line).join("\n").length + (line > 0 ? 1 : 0) + character;
  const [edit] = action.edits;
  const fixed = text.slice(0, offset(edit.range.start)) + edit.newText + text.slice(offset(edit.range.end));
  assert.match(fixed, /é😀 the base of the team/);
  assert.doesNotMatch(fixed, /privileged/);
  project.setDocument(config, fixed);
  const left = await project.check(false);
  assert.ok(left.problems.every((problem) => problem.rule !== "privileged-container"));
});

test("protect is a plan first, is written by its digest, and is undone", async () => {
  const folder = copy("policy");
  rmSync(join(folder, ".devcontainer/drawbridge"), { recursive: true });
  const before = readFileSync(join(folder, config), "utf8");
  const project = new Project(folder);
  const plan = await project.plan({});
  assert.ok(plan.changes.some((change) => change.file === config));
  assert.equal(readFileSync(join(folder, config), "utf8"), before);
  await assert.rejects(project.apply({}, "0".repeat(64)), { code: "stale", hint: "look at the new plan" });
  const applied = await project.apply({}, plan.digest);
  assert.deepEqual(applied.files, plan.changes.map((change) => change.file));
  assert.notEqual(readFileSync(join(folder, config), "utf8"), before);
  assert.equal((await project.history())[0].state, "applied");
  assert.deepEqual((await project.plan({})).changes, []);
  assert.ok((await project.policy()).rules.length > 0);
  const undone = await project.undo();
  assert.ok(undone.files.includes(config));
  assert.equal(readFileSync(join(folder, config), "utf8"), before);
  assert.deepEqual((await project.undo()).files, []);
});

test("what cannot be done is rejected with a code and a next step", async () => {
  const project = new Project(copy("open"));
  await assert.rejects(project.plan({}), (error) => {
    assert.equal(error.code, "refused");
    assert.match(error.hint, /--accept-loss/);
    assert.deepEqual(error.losses.map(({ code, what }) => [code, what]), LOSSES);
    return true;
  });
  const acceptLoss = LOSSES.map(([code]) => code);
  assert.ok((await project.plan({ acceptLoss })).changes.length > 0);
  await assert.rejects(project.plan({ acceptLoss: [] }), { code: "refused" });
  await assert.rejects(project.allow({ rule: "a.example", reason: "x" }), { code: "not-protected" });
  await assert.rejects(project.allow({ rule: "a.example", reason: " " }), { code: "argument" });
  await assert.rejects(project.follow(() => {}), { code: "not-protected" });
  assert.throws(() => new Project(join(home, "nothing")));
  await assert.rejects(project.plan({ level: "all" }), { code: "argument" });
  await assert.rejects(project.hover(config, { line: -1, character: 0 }), { code: "argument" });
  assert.throws(() => project.setDocument(1, 2));
});

test("of several configurations one is chosen, never the first by itself", async () => {
  const folder = copy("policy");
  const second = ".devcontainer/second/devcontainer.json";
  rmSync(join(folder, ".devcontainer/drawbridge"), { recursive: true });
  mkdirSync(join(folder, ".devcontainer/second"));
  writeFileSync(join(folder, second), '{ "image": "debian:12" }');
  const project = new Project(folder);
  const shown = async () => (await project.configurations()).map((one) => [one.file, one.protected, one.chosen]);
  assert.deepEqual(await shown(), [[config, false, false], [second, false, false]]);
  await assert.rejects(project.plan({}), { code: "refused", message: /several configurations/ });
  await assert.rejects(project.policy(), { code: "several" });
  await project.choose(second);
  assert.equal((await project.policy()).state, "unprotected");
  const plan = await project.plan({});
  assert.equal(plan.config, second);
  await project.apply({}, plan.digest);
  assert.deepEqual(await shown(), [[config, false, false], [second, true, true]]);
  assert.match((await project.policy()).file, /second/);
  await project.apply({ config }, (await project.plan({ config })).digest);
  assert.match((await project.policy()).file, /second/);
  await project.choose(config);
  assert.doesNotMatch((await project.policy()).file, /second/);
  await project.choose(null);
  await assert.rejects(project.policy(), { code: "several" });
  for (const file of ["nowhere/devcontainer.json", "../devcontainer.json", "/etc/passwd"]) {
    await assert.rejects(project.choose(file), { code: "argument" });
  }
});

test("ports of the editor that runs the addon are seen, wherever it is installed", { skip: process.platform !== "linux" }, async () => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${server.address().port}`;
  const folder = copy("open");
  const logs = join(home, "data/logs/s/window1/exthost/drawbridge.drawbridge");
  const log = join(home, "data/logs/s/window1/exthost/ms-vscode-remote.remote-containers");
  mkdirSync(log, { recursive: true });
  const lines = [
    `[4 ms] Setting up container for folder or workspace: ${folder}`,
    "[9 ms] Port forwarding connection from 54070 > 3000 > 3000 in the container.",
  ];
  writeFileSync(join(log, "remoteContainers-2026.log"), lines.join("\n"));
  try {
    const check = await new Project(folder, undefined, { name: "Some Code", pid: process.pid, logs }).check(true);
    const { listeners, channels } = check;
    assert.deepEqual(listeners.filter((one) => one.address === address), [{ editor: "Some Code", address, local: true }]);
    const ports = channels.find((one) => one.id === "ports").findings;
    const [forwarded] = ports.filter((one) => one.rule === "port-forwarded-by-editor");
    assert.equal(forwarded.class, "observed");
    assert.match(forwarded.message, /^Some Code: forwarded a port/);
    const other = await new Project(folder).check(true);
    assert.ok(!(other.listeners ?? []).some((one) => one.address === address));
  } finally {
    server.close();
  }
  assert.throws(() => new Project(folder, undefined, { name: "x", pid: -1, logs }));
});

test("a feed tells what the gate denies until it is stopped", { skip: process.platform !== "linux" }, async () => {
  const gates = new Gates(home);
  const folder = copy("policy");
  rmSync(join(folder, ".devcontainer/drawbridge"), { recursive: true });
  const path = process.env.PATH;
  process.env.PATH = gates.path;
  try {
    const project = new Project(folder);
    gates.add("gate", folder, (await project.apply({}, (await project.plan({})).digest)).files);
    const heard = [];
    const follower = await project.follow((event) => heard.push(event));
    const [feed, ...more] = gates.feeds("gate");
    assert.deepEqual(more, []);
    gates.deny(feed, "first.example");
    await until("the denial is told", () => heard.length > 0);
    assert.deepEqual(heard.map(({ kind, blocked }) => [kind, blocked.host]), [["blocked", "first.example"]]);
    assert.ok(lives(feed));
    follower.stop();
    await until("the feed's process is gone", () => !lives(feed));
    assert.equal(heard.length, 1, "nobody hears of an end that was asked for");
  } finally {
    process.env.PATH = path;
  }
});

test("cancelled work is rejected as that", async () => {
  const cancellation = new Cancellation();
  const project = new Project(copy("open"));
  await project.check(false, cancellation);
  cancellation.cancel();
  await assert.rejects(project.check(false, cancellation), { code: "cancelled" });
  await assert.rejects(project.actions(config, whole, cancellation), { code: "cancelled" });
});

test("hostile files end in an answer", async () => {
  const folder = copy("open");
  const project = new Project(folder);
  for (const bytes of [Buffer.from([0xff, 0xfe, 0x00]), Buffer.from("[".repeat(200_000)), Buffer.alloc(5 << 20, "x")]) {
    writeFileSync(join(folder, config), bytes);
    const check = await project.check(false);
    assert.ok(Array.isArray(check.problems));
    await project.hover(config, { line: 0, character: 0 });
    await project.lenses(config);
  }
  project.setDocument("../outside.json", "{}");
  project.setDocument(config, "x".repeat(5 << 20));
});

test("a review shows what changed since the baseline", async () => {
  const folder = copy("policy");
  const project = new Project(folder);
  assert.equal((await project.review()).known, false);
  await assert.rejects(project.accept({ shown: [] }), { code: "argument" });
  await assert.rejects(project.accept({ all: true }), { code: "argument" });
  assert.deepEqual(await project.accept({}), { known: true, drift: [] });
  writeFileSync(join(folder, config), '{ "image": "debian:12", "initializeCommand": "true" }');
  const [drift] = (await project.review()).drift;
  assert.equal(drift.file, config);
  assert.match(drift.what.join(" "), /YOUR computer/);
  assert.deepEqual((await project.accept({ file: config })).drift, []);
});

test("a review takes over only what is still as it was shown", async () => {
  const folder = copy("policy");
  const project = new Project(folder);
  await project.accept({});
  const hook = join(folder, ".vscode/tasks.json");
  mkdirSync(join(folder, ".vscode"), { recursive: true });
  writeFileSync(hook, "{}");
  writeFileSync(join(folder, config), '{ "image": "debian:12" }');
  const { drift } = await project.review();
  assert.deepEqual(drift.map((one) => one.file), [config, ".vscode/tasks.json"]);
  writeFileSync(hook, '{ "tasks": [] }');
  const shown = drift.map(({ file, digest }) => ({ file, digest }));
  const [left, ...more] = (await project.accept({ shown })).drift;
  assert.deepEqual([left.file, more], [".vscode/tasks.json", []]);
  assert.deepEqual((await project.accept({ shown })).drift, [left], "the old digest stays without effect");
  assert.deepEqual((await project.accept({ shown: [left].map(({ file, digest }) => ({ file, digest })) })).drift, []);
});

test("a review takes over only the bytes and the link that were shown", async () => {
  const folder = copy("policy");
  const project = new Project(folder);
  mkdirSync(join(folder, ".git/hooks"), { recursive: true });
  await project.accept({});
  const hook = join(folder, ".git/hooks/pre-push");
  const shown = async () => (await project.review()).drift.map(({ file, digest }) => ({ file, digest }));
  const swapped = async (before, now) => {
    before();
    const seen = await shown();
    rmSync(hook, { force: true });
    now();
    const [left, ...more] = (await project.accept({ shown: seen })).drift;
    assert.deepEqual([left?.file, more], [".git/hooks/pre-push", []], JSON.stringify(left));
    assert.deepEqual((await project.accept({ shown: await shown() })).drift, []);
    return left;
  };
  const bytes = (last) => () => writeFileSync(hook, Buffer.from([0xff, last]));
  const link = (to) => () => {
    rmSync(hook, { force: true });
    symlinkSync(to, hook);
  };
  await swapped(bytes(1), bytes(2));
  const left = await swapped(link("/usr/bin/true"), link("/usr/bin/false"));
  assert.equal(left.after, "(a symbolic link to `/usr/bin/false`; what is there is not compared)\n");
  await swapped(link("/usr/bin/true"), () => writeFileSync(hook, left.after.replace("false", "true")));
});

test("rules are explained, and the version is the package's", () => {
  assert.match(explain("DB101"), /docker-socket-mounted/);
  assert.equal(explain("nothing"), null);
  assert.match(version(), /^\d+\.\d+\.\d+$/);
  assert.ok(Project.concerns(config) && !Project.concerns("src/main.rs"));
});

test("the end of a program is noticed although Node handles SIGCHLD alone", async () => {
  // Slow enough to be waited for.
  const programs = mkdtempSync(join(home, "bin-"));
  writeFileSync(join(programs, "docker"), "#!/bin/sh\nsleep 0.5\nexit 1\n", { mode: 0o755 });
  const path = process.env.PATH;
  process.env.PATH = `${programs}:${path}`;
  try {
    const project = new Project(copy("open"));
    await project.check(true);
    // libuv takes the signal with its first child, and passes it on to nobody.
    await new Promise((resolve) => spawn(process.execPath, ["--version"], { stdio: "ignore" }).once("exit", resolve));
    const began = performance.now();
    await project.check(true);
    assert.ok(performance.now() - began < 20_000, "it waited for the deadline of 30 s");
  } finally {
    process.env.PATH = path;
  }
});
