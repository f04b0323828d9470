import { describe, expect, it } from "vitest";
import { browserName } from "../../page/account/user_agents";
import { parseRoute, signInAddress } from "../../page/address";

describe("a browser's own word", () => {
  const AGENTS: [string | null, string][] = [
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36",
      "Chrome on Linux",
    ],
    ["Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 CriOS/150 Safari/605", "Chrome on iOS"],
    ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/150.0 Safari/537 Edg/150.0", "Edge on Windows"],
    ["curl/8.0", "curl/8.0"],
    [null, "Unknown browser"],
  ];
  it.each(AGENTS)("%s is called %s", (agent, name) => {
    expect(browserName(agent)).toBe(name);
  });
});

describe("the address of the account", () => {
  it("is one of the page's, and signing in leads back to it", () => {
    expect(parseRoute("/account")).toEqual({ view: "account" });
    expect(signInAddress("/account")).toBe("/signin?next=%2Faccount");
  });
});
