import { expect, it } from "vitest";
import { allOf, nextOf } from "../../test/support/told-events.js";
import { EventChannel } from "./event-channel.js";

function channelOf(bufferMaxEvents: number): EventChannel<number> {
  return new EventChannel(bufferMaxEvents);
}

it("every subscriber is told what is published after it came, in order", async () => {
  const channel = channelOf(10);
  const first = channel.subscribe();
  channel.publish(1);
  const second = channel.subscribe();
  channel.publish(2);
  channel.close();
  expect(await Promise.all([allOf(first), allOf(second)])).toStrictEqual([[1, 2], [2]]);
});

it("one that waits is told at once, and several that wait in the order in which they asked", async () => {
  const channel = channelOf(1);
  const events = channel.subscribe();
  const steps = [events.next(), events.next(), events.next()];
  for (const event of [1, 2, 3]) channel.publish(event);
  expect((await Promise.all(steps)).map(({ value }) => value)).toStrictEqual([1, 2, 3]);
});

it("one that is too slow is told how many it missed, and then what is left", async () => {
  const channel = channelOf(3);
  const events = channel.subscribe();
  for (const event of [1, 2, 3, 4, 5, 6, 7, 8]) channel.publish(event);
  expect(await nextOf(events, 3)).toStrictEqual([{ type: "lagged", missed: 6 }, 7, 8]);
  channel.publish(9);
  expect(await nextOf(events, 1)).toStrictEqual([9]);
});

it("a slow one does not disturb another", async () => {
  const channel = channelOf(1);
  const slow = channel.subscribe();
  const quick = channel.subscribe();
  const told: unknown[] = [];
  for (const event of [1, 2, 3]) {
    channel.publish(event);
    told.push(...(await nextOf(quick, 1)));
  }
  expect(told).toStrictEqual([1, 2, 3]);
  expect(await nextOf(slow, 2)).toStrictEqual([{ type: "lagged", missed: 2 }, 3]);
});

it("one that was too slow at the end is told so before it ends", async () => {
  const channel = channelOf(1);
  const events = channel.subscribe();
  channel.publish(1);
  channel.publish(2);
  channel.close();
  expect(await allOf(events)).toStrictEqual([{ type: "lagged", missed: 1 }, 2]);
});

it("one that leaves is forgotten and told nothing more, also when it waits", async () => {
  const channel = channelOf(10);
  const events = channel.subscribe();
  const waiting = events.next();
  expect(channel.subscribers).toBe(1);
  await events.return?.();
  channel.publish(1);
  expect([await waiting, await events.next(), channel.subscribers]).toStrictEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
    0,
  ]);
});

it("one that breaks out of its loop is forgotten", async () => {
  const channel = channelOf(10);
  const events = channel.subscribe();
  channel.publish(1);
  for await (const event of events) if (event === 1) break;
  expect(channel.subscribers).toBe(0);
});

it("a channel that is closed ends those that wait, and whoever comes later", async () => {
  const channel = channelOf(10);
  const events = channel.subscribe();
  const steps = [events.next(), events.next()];
  channel.close();
  channel.publish(1);
  const ended = { done: true, value: undefined };
  expect(await Promise.all([...steps, channel.subscribe().next()])).toStrictEqual([ended, ended, ended]);
  expect(channel.subscribers).toBe(0);
});
