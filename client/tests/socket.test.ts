import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Backoff } from "../src/backoff";
import { ConnectionLost, RequestError } from "../src/errors";
import { Socket, type SocketOptions } from "../src/socket";
import { MessageType as T } from "../src/wire.gen";
import { errorBody, FakeServer } from "./fake_server";
import { fast, once } from "./settings";

let server: FakeServer;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = await FakeServer.start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await server.stop();
});

function connect(options: Partial<SocketOptions> = {}): Socket {
  const socket = new Socket(fast(server.url, options));
  sockets.push(socket);
  socket.connect();
  return socket;
}

/** A Welcome of a credential that ends soon, by a server whose clock is a day ahead. */
function endingIn(ms: number): { credentialEndsAt: string; serverTime: string } {
  const serverNow = Date.now() + 24 * 3600 * 1000;
  const [credentialEndsAt, serverTime] = [serverNow + ms, serverNow].map((at) => new Date(at).toISOString());
  return { credentialEndsAt: credentialEndsAt!, serverTime: serverTime! };
}

describe("a socket", () => {
  it("says hello first, with its token, and is online after the Welcome", async () => {
    const socket = connect();
    await once(socket, "welcome");
    const peer = await server.peer(0);
    expect(peer.received[0]![0]).toBe(T.HELLO);
    expect(peer.received[0]![1]).toMatchObject({ token: "secret", minor: 0, resume: null });
    expect(socket.status).toBe("online");
  });

  it("stops for good when the server refuses it with a reason of 4400-4499, and says the reason", async () => {
    server.conduct = (peer) => {
      peer.send(T.ERROR, null, errorBody("unauthenticated"));
      peer.close(4401);
      return true;
    };
    const socket = connect();
    const [why, retryInMs] = await once(socket, "lost");
    expect(why).toMatchObject({ code: "unauthenticated", retry: false });
    expect(retryInMs).toBeNull();
    expect(socket.status).toBe("stopped");
    await expect(socket.request("files/list", {})).rejects.toThrow(why.message);
  });

  it("presents a fresh token before the one it came with ends, and again if the first was refused", async () => {
    const tokens = ["first", "second", "third"];
    server.welcome = endingIn(800);
    server.conduct = (peer, frame) => {
      if (frame[2] !== "accounts/renew") return false;
      const isSecond = frame[3].token === "second";
      if (isSecond) peer.send(T.ERROR, frame[1], errorBody("unavailable"));
      else peer.send(T.REPLY, frame[1], { credentialEndsAt: null });
      return true;
    };
    const socket = connect({ token: () => tokens.shift()! });
    const peer = await server.peer(0);
    await peer.until(() => peer.requests("accounts/renew").length === 2);
    expect(peer.requests("accounts/renew").map((frame) => frame[3].token)).toEqual(["second", "third"]);
    expect(socket.status).toBe("online");
  });

  it("asks for no token when none ends", async () => {
    const token = vi.fn(() => "only");
    const socket = connect({ token });
    await once(socket, "welcome");
    await socket.request("files/list", {});
    expect(token).toHaveBeenCalledTimes(1);
  });

  it("stops on a bare close with 4403 and goes on after a close with 4503, 1012, 1013 or a cut", async () => {
    const socket = connect();
    const endings: ((n: number) => void)[] = [4503, 1012, 1013].map((code) => (n) => server.peers[n]!.close(code));
    endings.push((n) => server.peers[n]!.cut());
    for (const [n, end] of endings.entries()) {
      await once(socket, "welcome");
      const lost = once(socket, "lost");
      end(n);
      expect((await lost)[1]).not.toBeNull();
    }
    await once(socket, "welcome");
    server.peers[4]!.close(4403);
    expect((await once(socket, "lost"))[1]).toBeNull();
    expect(socket.status).toBe("stopped");
  });

  it("leaves a server that went silent for three intervals, and sends Ping before that", async () => {
    server.welcome = { limits: { ...limits(), pingIntervalS: 0.04 } };
    server.conduct = (_, frame) => frame[0] === T.PING;
    const socket = connect();
    const [why] = await once(socket, "lost");
    expect(why.message).toContain("silent");
    expect(server.peers[0]!.all(T.PING).length).toBeGreaterThanOrEqual(2);
  });

  it("stays with a server that answers its Pings", async () => {
    server.welcome = { limits: { ...limits(), pingIntervalS: 0.04 } };
    const socket = connect();
    const peer = await server.peer(0);
    await peer.until(() => peer.all(T.PING).length >= 8);
    expect(socket.status).toBe("online");
    expect(server.peers).toHaveLength(1);
  });

  it("gives up a handshake without a Welcome in time and tries again", async () => {
    server.conduct = (peer) => peer === server.peers[0];
    const socket = connect({ welcomeTimeoutMs: 50 });
    await once(socket, "welcome");
    expect(server.peers).toHaveLength(2);
  });

  it("leaves a server that sends what is not of the protocol", async () => {
    server.conduct = (peer, frame) => {
      if (frame[0] === T.HELLO && peer === server.peers[0]) peer.sendRaw("text");
      return peer === server.peers[0];
    };
    const socket = connect();
    await once(socket, "welcome");
    expect(server.peers).toHaveLength(2);
  });
});

describe("a request", () => {
  it("that was not answered is sent again after a reconnect with the same command id", async () => {
    server.conduct = (peer, frame) => {
      if (frame[0] !== T.REQUEST || peer !== server.peers[0]) return false;
      peer.cut();
      return true;
    };
    const socket = connect();
    await once(socket, "welcome");
    await socket.request("files/delete", { path: "a" });
    const [first] = server.peers[0]!.requests("files/delete");
    const [second] = server.peers[1]!.requests("files/delete");
    expect(first![4]).toMatch(/^[0-9a-f-]{36}$/);
    expect(second![4]).toBe(first![4]);
  });

  it("may be tried again by hand under the id it had", async () => {
    const commandId = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";
    await connect().request("files/delete", { path: "a" }, { commandId });
    expect(server.peers[0]!.requests("files/delete")[0]![4]).toBe(commandId);
  });

  it("that changes nothing carries no command id", async () => {
    await connect().request("accounts/me", {});
    expect(server.peers[0]!.requests("accounts/me")[0]![4]).toBeNull();
  });

  it("made while offline goes out once, when the socket is back", async () => {
    const socket = new Socket(fast(server.url));
    sockets.push(socket);
    const reply = socket.request("projects/touch", {});
    socket.connect();
    await reply;
    expect(server.peers[0]!.requests("projects/touch")).toHaveLength(1);
  });

  it("made by a listener of the Welcome is sent once", async () => {
    const socket = new Socket(fast(server.url));
    sockets.push(socket);
    const replies: Promise<unknown>[] = [];
    socket.on("welcome", () => replies.push(socket.request("accounts/me", {})));
    socket.connect();
    await once(socket, "welcome");
    await Promise.all(replies);
    expect(server.peers[0]!.requests("accounts/me")).toHaveLength(1);
  });

  it("bound to its connection fails with that connection", async () => {
    server.conduct = (peer, frame) => {
      if (frame[0] === T.REQUEST) peer.cut();
      return frame[0] === T.REQUEST;
    };
    const socket = connect();
    await once(socket, "welcome");
    const options = { isBoundToConnection: true };
    await expect(socket.request("documents/close", { channel: 1 }, options)).rejects.toThrow(ConnectionLost);
  });

  it("that the server refuses fails with the server's code", async () => {
    server.conduct = (peer, frame) => {
      if (frame[0] === T.REQUEST) peer.send(T.ERROR, frame[1], errorBody("conflict"));
      return frame[0] === T.REQUEST;
    };
    const socket = connect();
    const error: unknown = await socket.request("files/create", { path: "a" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestError);
    expect((error as RequestError).body).toMatchObject({ code: "conflict", retry: false });
  });

  it("without an answer in time fails with `timeout`", async () => {
    server.conduct = (_, frame) => frame[0] === T.REQUEST;
    const error: unknown = await connect()
      .request("accounts/me", {}, { timeoutMs: 30 })
      .catch((e: unknown) => e);
    expect((error as RequestError).body).toMatchObject({ code: "timeout", retry: true });
  });
});

describe("numbered events", () => {
  const deleted = (id: string): object => ({ deleted: [{ id, path: id }] });

  it("are resumed from the last one seen, and missed ones come once and in order", async () => {
    const socket = connect();
    const seen: string[] = [];
    const resyncs = vi.fn();
    socket.on("resync", resyncs);
    socket.events.on("files/deleted", ({ deleted: [path] }) => void seen.push(path!.id));
    await once(socket, "resync");
    server.peers[0]!.send(T.EVENT, "files/deleted", deleted("a"), 1);
    await once(socket.events, "files/deleted");
    server.welcome = {
      recovered: true,
      seq: 3,
      missed: [1, 2, 3].map((seq) => ({ name: "files/deleted", body: deleted(`m${seq}`) as never, seq })),
    };
    server.peers[0]!.cut();
    await once(socket.events, "files/deleted", ({ deleted: [path] }) => path!.id === "m3");
    expect((await server.peer(1)).received[0]![1].resume).toEqual({ epoch: "e1", seq: 1 });
    expect(seen).toEqual(["a", "m2", "m3"]);
    expect(resyncs).toHaveBeenCalledTimes(1);
  });

  it("with a gap make the lists be fetched anew", async () => {
    const socket = connect();
    await once(socket, "resync");
    server.peers[0]!.send(T.EVENT, "files/deleted", deleted("a"), 5);
    await once(socket, "resync");
  });

  it("of an unknown name advance the number", async () => {
    const socket = connect();
    const resyncs = vi.fn();
    await once(socket, "resync");
    socket.on("resync", resyncs);
    server.peers[0]!.send(T.EVENT, "future/thing", {}, 1);
    server.peers[0]!.send(T.EVENT, "files/deleted", deleted("a"), 2);
    await once(socket.events, "files/deleted");
    expect(resyncs).not.toHaveBeenCalled();
  });
});

describe("back-off", () => {
  const limits = { firstMs: 100, longestMs: 10_000, restartSpreadMs: 2_000 };

  it("doubles its ceiling up to the longest wait", () => {
    const backoff = new Backoff(limits, () => 1);
    expect(Array.from({ length: 9 }, () => backoff.next())).toEqual([
      100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000,
    ]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  it("draws from the whole range below the ceiling, and from some seconds after a restart", () => {
    expect(new Backoff(limits, () => 0.25).next()).toBe(25);
    expect(new Backoff(limits, () => 0.25).next({ isRestart: true })).toBe(500);
  });

  it("is reset only by a connection that held, not by a Welcome", async () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(1);
    const socket = connect({ stableMs: 60_000, backoff: { firstMs: 1, longestMs: 64, restartSpreadMs: 1 } });
    const waits: number[] = [];
    socket.on("lost", (_, retryInMs) => void waits.push(retryInMs!));
    for (let n = 0; n < 4; n++) {
      await once(socket, "welcome");
      server.peers[n]!.cut();
      await once(socket, "lost");
    }
    random.mockRestore();
    expect(waits).toEqual([1, 2, 4, 8]);
  });
});

function limits() {
  return {
    maxMessageBytes: 1 << 20,
    maxUpdateBytes: 1 << 19,
    maxAwarenessBytes: 4096,
    maxDocumentBytes: 5_000_000,
    pingIntervalS: 20,
  };
}
