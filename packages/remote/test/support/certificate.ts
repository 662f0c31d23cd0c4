import { generate } from "selfsigned";

/** A certificate of the loopback address, which is its own authority. */
export async function newCertificate(): Promise<{ readonly certificate: Buffer; readonly key: Buffer }> {
  const altNames = [{ type: 7 as const, ip: "127.0.0.1" }];
  const made = await generate([{ name: "commonName", value: "threadstore" }], {
    extensions: [{ name: "subjectAltName", altNames }],
  });
  return { certificate: Buffer.from(made.cert), key: Buffer.from(made.private) };
}
