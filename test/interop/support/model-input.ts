interface InputItem {
  readonly role?: string;
  readonly content?: readonly { readonly text?: string }[];
}

/** What user and agent say in a request to the model; what the harness tells it is in tags and left out. */
export function listConversation(request: { readonly input: readonly unknown[] } | undefined): string[] {
  return ((request?.input ?? []) as readonly InputItem[])
    .filter(({ role }) => role === "user" || role === "assistant")
    .flatMap(({ content = [] }) => content.map(({ text = "" }) => text))
    .filter((text) => !text.startsWith("<"));
}
