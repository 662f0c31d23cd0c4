import type { Section } from "../case.js";
import { appendingSection } from "./appending.js";
import { archivingSection } from "./archiving.js";
import { barrierSection } from "./barriers.js";
import { callSection } from "./calls.js";
import { changeSection } from "./changes.js";
import { concurrencySection } from "./concurrency.js";
import { durabilitySection } from "./durability.js";
import { edgeSection } from "./edges.js";
import { forkingSection } from "./forking.js";
import { historySection } from "./history.js";
import { listingSection } from "./listing.js";
import { liveThreadSection } from "./live-threads.js";
import { metadataSection } from "./metadata.js";
import { modelSection } from "./model.js";
import { nameSection } from "./names.js";
import { openingSection } from "./opening.js";
import { pagingSection } from "./paging.js";
import { readingSection } from "./reading.js";
import { searchingSection } from "./searching.js";
import { storeSection } from "./store.js";
import { turnSection } from "./turns.js";

/** Every section of the kit, in the order of the contract. */
export const SECTIONS: readonly Section[] = [
  storeSection,
  openingSection,
  appendingSection,
  barrierSection,
  durabilitySection,
  concurrencySection,
  historySection,
  readingSection,
  listingSection,
  pagingSection,
  nameSection,
  metadataSection,
  archivingSection,
  forkingSection,
  edgeSection,
  callSection,
  turnSection,
  searchingSection,
  changeSection,
  liveThreadSection,
  modelSection,
];
