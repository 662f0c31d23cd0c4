import { createRequire } from "node:module";

const requireOfRemote = createRequire(import.meta.resolve("@threadstore/remote"));
const { Client, Server, ServerCredentials, credentials } = requireOfRemote("@grpc/grpc-js");

/** That of the measured package, for what it is compared with. */
export { Client, Server };

/** The method of an echo, by the bytes of its answer. */
export function echoPath(answerBytes) {
  return `/bench.Echo/${answerBytes}`;
}

/** Bytes go over the wire as they are. */
export const passThrough = (bytes) => bytes;

/** Resolves to the port. */
export function listen(server) {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

/** A channel whose calls take bytes and resolve to bytes. */
export function openClient(port) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    call: (path, request) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, passThrough, passThrough, request, (error, answer) => {
          if (error) reject(error);
          else resolve(answer);
        });
      }),
    close: () => client.close(),
  };
}
