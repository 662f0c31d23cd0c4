import type { Section } from "../case.js";
import { equal } from "../expect.js";
import { threadId } from "../sample-items.js";

const [A, B, C] = [1, 2, 3].map(threadId) as [string, string, string];

export const nameSection: Section = {
  title: "names",
  cases: [
    {
      requirement: "NAME-1",
      title: "the newest thread of exactly that name",
      run: async ({ store, given }) => {
        await given({ threadId: A, name: "Plan" }, { threadId: B, name: "Plan" }, { threadId: C, name: "plan B" });
        equal((await store.findThreadByName({ name: "Plan" }))?.threadId, B);
        equal((await store.findThreadByName({ name: "plan B" }))?.threadId, C);
        equal(await store.findThreadByName({ name: "plan" }), null);
        equal(await store.findThreadByName({ name: "" }), null);
        equal(await store.findThreadByName({ name: "Plan", cwd: "/elsewhere" }), null);
      },
    },
    {
      requirement: "NAME-2",
      title: "archived threads only when asked for",
      run: async ({ store, given }) => {
        await given({ threadId: A, name: "Plan", isArchived: true });
        equal(await store.findThreadByName({ name: "Plan" }), null);
        equal((await store.findThreadByName({ name: "Plan", includeArchived: true }))?.threadId, A);
      },
    },
  ],
};
