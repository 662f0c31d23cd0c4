import { describe, expect, it } from "vitest";
import { readEndpoint } from "./endpoint.js";

describe("an endpoint", () => {
  it.each([
    ["grpc", false],
    ["http", false],
    ["grpcs", true],
    ["https", true],
    ["GRPCS", true],
  ])("of the scheme %s is secure: %s", (scheme, isSecure) => {
    expect(readEndpoint(`${scheme}://example.com:7070`)).toStrictEqual({ target: "example.com:7070", isSecure });
  });

  it.each([
    ["grpc://127.0.0.1:7070", "127.0.0.1:7070"],
    ["grpc://[::1]:7070", "[::1]:7070"],
    ["http://[2001:db8:0:0:0:0:0:1]:7070", "[2001:db8::1]:7070"],
    ["grpc://localhost:1/", "localhost:1"],
    ["grpc://localhost:80", "localhost:80"],
    ["grpcs://localhost:443", "localhost:443"],
  ])("%s is the target %s", (text, target) => {
    expect(readEndpoint(text).target).toBe(target);
  });

  it.each([
    ["http://example.com", "example.com:80"],
    ["http://example.com:80", "example.com:80"],
    ["http://example.com:443", "example.com:443"],
    ["https://example.com", "example.com:443"],
    ["https://[::1]", "[::1]:443"],
    ["https://example.com:80", "example.com:80"],
  ])("%s has the port of HTTP when it names none: %s", (text, target) => {
    expect(readEndpoint(text).target).toBe(target);
  });
});

describe("the token of an endpoint", () => {
  it.each([
    ["grpc://secret@host:7070", "secret"],
    ["https://secret@host", "secret"],
    ["grpc://a%3Ab%40c%2Fd%25@host:7070", "a:b@c/d%"],
    ["https://a%3Ab%40c%2Fd%25@host:7070", "a:b@c/d%"],
    ["grpc://secret:password@host:7070", "secret"],
    ["grpc://100%@host:7070", "100%"],
  ])("of %s is %s", (text, token) => {
    expect(readEndpoint(text).token).toBe(token);
  });

  it.each(["grpc://host:7070", "grpc://@host:7070", "grpc://:password@host:7070"])("is not there in %s", (text) => {
    expect(readEndpoint(text)).toStrictEqual({ target: "host:7070", isSecure: false });
  });
});

describe("what is no endpoint", () => {
  const NO_PORT = "the endpoint names no port: it is grpc://HOST:PORT";

  it.each([
    "",
    "secret",
    "secret@host:7070",
    "host:7070",
    "grpc:",
    "grpc:secret",
    "grpc://",
    "grpc:///secret",
    "grpc://secret@",
    "grpc://:7070",
    "grpc://secret@:7070",
    "grpc://secret@host:port",
    "grpc://secret@host:70700",
    "grpc://secret@host:-1",
    "grpc://secret@ho st:7070",
    "grpc://secret@::1:7070",
    "grpc://secret@[::1:7070",
    "ftp://secret@host:21",
    "ws://secret@host:80",
    "unix:/tmp/secret.sock",
    "dns:///secret:7070",
  ])("%j is refused with invalid_request, and not repeated", (text) => {
    const message = "an endpoint is grpc://HOST:PORT or grpcs://HOST:PORT";
    expect(failureOf(text)).toMatchObject({ code: "invalid_request", message });
  });

  it.each(["grpc://secret@host", "grpcs://secret@host", "grpc://secret:password@host/", "grpc://secret@host:"])(
    "%s without a port is refused with invalid_request, and not repeated",
    (text) => {
      expect(failureOf(text)).toMatchObject({ code: "invalid_request", message: NO_PORT });
    },
  );

  it.each([
    "grpc://sec/ret@host:7070",
    "grpc://sec?ret@host:7070",
    "grpc://sec#ret@host:7070",
    "grpc://sec:123/ret@host:7070",
    "grpc://sec:123?ret@host:7070",
  ])("%s has a token that was not percent-encoded: it is refused with invalid_request, and not repeated", (text) => {
    const message = "an endpoint is grpc://HOST:PORT or grpcs://HOST:PORT";
    expect(failureOf(text)).toMatchObject({ code: "invalid_request", message });
  });

  it.each(["sec%0Aret", "sec%0D%0Aret", "sec%00ret", "sec%20ret", "sec%7Fret", "s%C3%A9cret", "sécret"])(
    "a token that no header can hold is refused with invalid_request, and not repeated: %s",
    (token) => {
      const message = "the endpoint's token cannot be sent";
      expect(failureOf(`grpc://${token}@host:7070`)).toMatchObject({ code: "invalid_request", message });
    },
  );
});

function failureOf(text: string): unknown {
  try {
    return readEndpoint(text);
  } catch (error) {
    return error;
  }
}
