// Baseline: answers calls with as many bytes as their method is named after, and nothing else. Answers questions as
// serve-threads.mjs does.
import { answerQuestions } from "../measure/answer-questions.mjs";
import { usedResources } from "../measure/used-resources.mjs";
import { echoPath, listen, passThrough, Server } from "../remote/grpc-js.mjs";

const sizes = process.argv.slice(2).map(Number);
const server = new Server();
for (const answerBytes of sizes) {
  const answer = Buffer.alloc(answerBytes);
  const echo = (_call, respond) => respond(null, answer);
  server.register(echoPath(answerBytes), echo, passThrough, passThrough, "unary");
}
await answerQuestions({ port: await listen(server) }, usedResources);
server.forceShutdown();
