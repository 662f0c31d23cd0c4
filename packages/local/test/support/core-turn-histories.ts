// The random histories of core's own tests, so that both packages prove the same of them.
export { turnHistories } from "../../../core/test/support/random-turn-histories.js";
export { THREAD_ID } from "../../../core/test/support/turn-histories.js";
