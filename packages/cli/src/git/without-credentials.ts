const WITH_SCHEME = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(\/.*)?$/i;
/** Names a program that git would run, with words for it that may be anything. */
const WITH_HELPER = /^[a-z0-9+.-]+::/i;
/** A user and a password without a scheme, as in `user:secret@host/path`; nothing that git takes. */
const WITHOUT_SCHEME = /^[^/]*:[^/]*@/;
const HOST = /^(?:[\p{L}\p{N}._~%-]*|\[[0-9a-f:.%]+\])(?::\d*)?$/iu;
/** Its user names an account that all share, such as `git`, and belongs to the address. */
const SSH = /^(?:ssh|git\+ssh|ssh\+git)$/i;

/**
 * The URL of a repository without users, passwords, tokens and queries; of an address for ssh the user stays. Undefined when
 * a secret may be left in it, because it is no URL as git has them.
 */
export function withoutCredentials(url: string): string | undefined {
  if (WITH_HELPER.test(url)) return undefined;
  const [, scheme, authority, path = ""] = WITH_SCHEME.exec(url) ?? [];
  if (scheme === undefined || authority === undefined) return WITHOUT_SCHEME.test(url) ? undefined : url;
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  if (!HOST.test(host)) return undefined;
  return `${scheme}://${SSH.test(scheme) ? userOf(authority.slice(0, at + 1)) : ""}${host}${path.replace(/[?#].*$/s, "")}`;
}

function userOf(credentials: string): string {
  const user = credentials.replace(/[:@].*$/s, "");
  return user && `${user}@`;
}
