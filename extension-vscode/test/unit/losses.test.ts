import assert from "node:assert/strict";
import { test } from "node:test";
import { failure } from "../../src/pure/failure";
import { picks, refusal } from "../../src/pure/losses";

const losses = [
  { code: "init", what: "init", why: "no such key" },
  { code: "docker-socket", what: "mounts /var/run/docker.sock", why: "walks round the gate" },
  { code: "docker-socket", what: "mounts /run/docker.sock\u001b[31m", why: "walks round the gate" },
];

test("each loss is a line with its words, those of one code are one line", () => {
  assert.deepEqual(picks(losses), [
    { label: "init", detail: "no such key", code: "init" },
    { label: "mounts /var/run/docker.sock; mounts /run/docker.sock\\u{1b}[31m", detail: "walks round the gate", code: "docker-socket" },
  ]);
});

test("what is kept is named", () => {
  const all = picks(losses);
  assert.match(refusal(all, all.slice(1)), /^nothing was planned, because you keep init\. /);
  assert.match(refusal(all, []), /you keep init and mounts/);
});

test("a refusal brings its losses along, and no other rejection has some", () => {
  assert.deepEqual(failure({ code: "refused", message: "m", losses }).losses, losses);
  assert.deepEqual(failure({ code: "refused", message: "m", losses: "x" }).losses, []);
  assert.deepEqual(failure("x").losses, []);
});
