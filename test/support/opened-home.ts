import type { ThreadStore } from "@threadstore/core";
import { openLocalThreadStore } from "@threadstore/local";
import { afterAll, beforeAll } from "vitest";
import { copyFixtureHome, type FixtureHome } from "./fixture-home.js";

/** A store over a copy of a home, open while the tests run that are declared beside this call. */
export function openedHome(name: Parameters<typeof copyFixtureHome>[0]): { readonly store: ThreadStore } {
  let home: FixtureHome;
  let store: ThreadStore;

  beforeAll(() => {
    home = copyFixtureHome(name);
    store = openLocalThreadStore({ home: home.path });
  });

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    home.remove();
  });

  return {
    get store() {
      return store;
    },
  };
}
