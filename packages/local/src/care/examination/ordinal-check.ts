import type { FileFinding, FindingPlace } from "./finding.js";
import { counted, Places } from "./finding.js";

/** Looks at the ordinals of a paginated rollout, record by record. */
export class OrdinalCheck {
  readonly #start: number;
  readonly #missing = new Places();
  readonly #duplicate = new Places();
  readonly #descending = new Places();
  readonly #gaps = new Places();
  readonly #wrongStart = new Places();
  #last: number | null = null;
  #rejected = 0;
  #isLastMissing = false;
  #records = 0;

  /** @param start where the ordinals of the file should begin: behind what it inherits */
  constructor(start: number) {
    this.#start = start;
  }

  /** A line that may have been a record, whose ordinal nobody can tell: it explains a gap. */
  reject(): void {
    this.#rejected++;
  }

  look(ordinal: number | undefined, place: FindingPlace): void {
    this.#records++;
    this.#isLastMissing = ordinal === undefined;
    if (ordinal === undefined) this.#missing.add(place);
    else if (this.#last === null) this.#lookAtFirst(ordinal, place);
    else if (ordinal === this.#last) this.#duplicate.add(place);
    else if (ordinal < this.#last) this.#descending.add(place);
    else if (ordinal > this.#last + 1 + this.#rejected) this.#gaps.add(place);
    this.#last = ordinal ?? (this.#last ?? this.#start - 1) + 1;
    this.#rejected = 0;
  }

  #lookAtFirst(ordinal: number, place: FindingPlace): void {
    if (ordinal < this.#start || ordinal > this.#start + this.#rejected) this.#wrongStart.add(place);
  }

  /** The ordinal of the next record. */
  get next(): number {
    return this.#last === null ? this.#start : this.#last + 1;
  }

  findings(): FileFinding[] {
    const last = this.#isLastMissing ? ", the last one among them" : "";
    const records = this.#records;
    return [
      ...this.#missing.toFindings(
        "missing_ordinals",
        (count) => `no ordinal on ${count} of ${counted(records, "record")} of a paginated rollout${last}`,
      ),
      ...this.#duplicate.toFindings(
        "duplicate_ordinals",
        (count) => `the ordinal of the record before again on ${counted(count, "record")}`,
      ),
      ...this.#descending.toFindings(
        "descending_ordinals",
        (count) => `a lower ordinal than that of the record before on ${counted(count, "record")}`,
      ),
      ...this.#gaps.toFindings("ordinal_gaps", (count) => `ordinals passed over in ${counted(count, "place")}`),
      ...this.#wrongStart.toFindings(
        "ordinal_start",
        () => `the first ordinal is not ${this.#start}, where this rollout should begin`,
      ),
    ];
  }
}
