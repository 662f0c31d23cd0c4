import { describe, expect, it } from "vitest";
import { withoutCredentials } from "./without-credentials.js";

describe("withoutCredentials", () => {
  it.each([
    ["https://host.example/a/b.git", "https://host.example/a/b.git"],
    ["https://user:token@host.example/a.git", "https://host.example/a.git"],
    ["https://token@host.example:8443/a.git", "https://host.example:8443/a.git"],
    ["HTTP://a:b@c@host/a@b.git", "HTTP://host/a@b.git"],
    ["https://user:to#k?en@host/a", "https://host/a"],
    ["https://user:to\\ken@host/a", "https://host/a"],
    ["https://host/a.git?access_token=secret#part", "https://host/a.git"],
    ["https://user:token@host", "https://host"],
    ["https://user:token@[::1]:8080/a", "https://[::1]:8080/a"],
    ["ftp://user:token@host/a", "ftp://host/a"],
    ["ssh://git@host.example:22/a.git", "ssh://git@host.example:22/a.git"],
    ["ssh://git:secret@host/a.git", "ssh://git@host/a.git"],
    ["ssh://host/~user/a.git", "ssh://host/~user/a.git"],
    ["git@host.example:a/b.git", "git@host.example:a/b.git"],
    ["file:///srv/a.git", "file:///srv/a.git"],
    ["/srv/a.git", "/srv/a.git"],
    ["../a.git", "../a.git"],
  ])("of %s leaves %s", (url, expected) => {
    expect(withoutCredentials(url)).toBe(expected);
  });

  it.each([
    "https://user:sec/ret@host/a",
    "https://user:secret?@",
    "https://user:secret#fragment",
    "user:secret@host/a.git",
    "ext::sh -c 'secret'",
    "https::https://user:secret@host/a",
  ])("leaves nothing of %s, which may hide a secret", (url) => {
    expect(withoutCredentials(url) ?? "").not.toContain("sec");
  });
});
