// A store that forgets the last item of every history: the kit must find it out.
import { memoryHarness } from "@threadstore/conformance";

function forgetful(store) {
  return new Proxy(store, {
    get: (target, key) => {
      const value = target[key];
      if (key !== "loadHistory") return typeof value === "function" ? value.bind(target) : value;
      return async (...args) => {
        const history = await target.loadHistory(...args);
        return { ...history, items: history.items.slice(0, -1) };
      };
    },
  });
}

export default {
  ...memoryHarness,
  name: "forgetful",
  open: async (options) => {
    const underTest = await memoryHarness.open(options);
    return { ...underTest, store: forgetful(underTest.store) };
  },
};
