import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { DESCRIPTION_FILE, generateHome } from "./generate-home.mjs";
import { GROWTH_PARAMETERS, generateGrowthHome } from "./growth-home.mjs";
import { homeName } from "./home-parameters.mjs";

/** The bench home of these parameters: the one made earlier, or one that is made now (10 s, 870 MB). */
export function ensureHome(parameters, options) {
  return ensureMade(parameters, generateHome, options);
}

/** The home of threads of growing length: the one made earlier, or one that is made now (30 s, 640 MB). */
export function ensureGrowthHome(options) {
  return ensureMade(GROWTH_PARAMETERS, generateGrowthHome, options);
}

/** Where homes are kept. */
function homesFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "threadstore-bench");
}

async function ensureMade(parameters, generate, { onProgress = () => {} } = {}) {
  const home = join(homesFolder(), homeName(parameters));
  if (!existsSync(home)) {
    // Another bench may be making the same home: each makes its own, and one of them gets the name.
    const unfinished = `${home}.${process.pid}.unfinished`;
    mkdirSync(unfinished, { recursive: true });
    try {
      await generate(unfinished, parameters, { onProgress });
      takeName(unfinished, home);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return openHome(home);
}

function takeName(unfinished, home) {
  try {
    renameSync(unfinished, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  }
}

/**
 * A home that lies in a folder and what is in it. Benches delete its index, so only a folder that a generator made is
 * taken.
 */
export function openHome(folder) {
  const path = join(resolve(folder), DESCRIPTION_FILE);
  if (!existsSync(path)) throw new Error(`${folder} is no bench home: it has no ${DESCRIPTION_FILE}`);
  const description = JSON.parse(readFileSync(path, "utf8"));
  if (!description.parameters) throw new Error(`${folder} was made by another generator: ${path} has no parameters`);
  return { path: resolve(folder), description };
}
