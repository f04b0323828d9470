import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { call } from "../src/call";
import type { RequestError } from "../src/errors";

const PROJECT = "6f1b2a34-5c6d-4e7f-8a9b-0c1d2e3f4a5b";
const KEY = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";

interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

let listening: Server;
let server: string;
let asked: Asked[];
let answer: { status: number; body: string };

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: "{}" };
  listening = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      asked.push({ path: request.url!, headers: request.headers, body: JSON.parse(body) });
      response.writeHead(answer.status, { "content-type": "application/problem+json" }).end(answer.body);
    });
  });
  await new Promise<void>((done) => listening.listen(0, "127.0.0.1", done));
  server = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
});

afterEach(() => new Promise((done) => listening.close(done)));

function refusedWith(status: number, body: string): Promise<RequestError> {
  answer = { status, body };
  return call("accounts/me", {}, { server }).then(
    () => Promise.reject(new Error("it was not refused")),
    (error: RequestError) => error,
  );
}

test("a command that changes something carries a key, in its project, under its token", async () => {
  await call("files/delete", { path: "a.txt" }, { server, projectId: PROJECT, token: "t", commandId: KEY });
  expect(asked[0]).toMatchObject({
    path: "/api/files/delete",
    headers: { "idempotency-key": KEY, "x-project": PROJECT, authorization: "Bearer t" },
    body: { path: "a.txt" },
  });
});

test("each command has a key of its own, and one that changes nothing has none", async () => {
  await call("files/delete", { path: "a.txt" }, { server });
  await call("files/delete", { path: "a.txt" }, { server });
  await call("accounts/me", {}, { server });
  const keys = asked.map(({ headers }) => headers["idempotency-key"]);
  expect(keys[0]).not.toBe(keys[1]);
  expect(keys[2]).toBeUndefined();
});

test("a refusal says what the problem says", async () => {
  const error = await refusedWith(410, JSON.stringify({ code: "gone", detail: "It was deleted yesterday." }));
  expect(error.body).toMatchObject({ code: "gone", message: "It was deleted yesterday.", retry: false });
});

test.each([
  [401, "unauthenticated"],
  [429, "rate_limited"],
  [502, "unavailable"],
  [400, "bad_request"],
])("an answer of a proxy, with status %i, is understood by its status", async (status, code) => {
  expect((await refusedWith(status, "<html>")).body.code).toBe(code);
  expect((await refusedWith(status, '{"code": "of another program"}')).body.code).toBe(code);
});

test("a server that is away is worth another try", async () => {
  const error = await call("accounts/me", {}, { server: "http://127.0.0.1:1" }).catch((failed: RequestError) => failed);
  expect((error as RequestError).body).toMatchObject({ code: "unavailable", retry: true });
});
