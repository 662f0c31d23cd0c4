export { loadModelContext, type ModelContext } from "./context/model-context.js";
