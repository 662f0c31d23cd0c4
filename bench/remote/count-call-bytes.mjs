import { Client } from "./grpc-js.mjs";

/** Counts the bytes of the messages of calls that are made from now on. Returns those of the last one. */
export function countCallBytes() {
  const { makeUnaryRequest } = Client.prototype;
  let last;
  Client.prototype.makeUnaryRequest = function (path, serialize, deserialize, request, ...rest) {
    const bytes = {};
    last = bytes;
    const written = (message) => {
      const encoded = serialize(message);
      bytes.requestBytes = encoded.length;
      return encoded;
    };
    const read = (encoded) => {
      bytes.answerBytes = encoded.length;
      return deserialize(encoded);
    };
    return makeUnaryRequest.call(this, path, written, read, request, ...rest);
  };
  return () => last;
}
