// Baseline: times calls of serve-echo.mjs through one channel. A question says how many callers there are, and the bytes of a
// request and of its answer.
import { answerQuestions } from "../measure/answer-questions.mjs";
import { timeCallers } from "../measure/time-callers.mjs";
import { echoPath, openClient } from "../remote/grpc-js.mjs";

const [port] = process.argv.slice(2).map(Number);
const client = openClient(port);
await answerQuestions({}, ({ count, requestBytes, answerBytes }) => {
  const request = Buffer.alloc(requestBytes);
  const path = echoPath(answerBytes);
  return timeCallers(Array.from({ length: count }, () => () => client.call(path, request)));
});
client.close();
