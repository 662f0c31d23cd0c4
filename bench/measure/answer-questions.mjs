import { createInterface } from "node:readline";

/** In a child: says that it is ready, and answers each question until there are no more. @see AskedChild */
export async function answerQuestions(ready, answer) {
  console.log(JSON.stringify(ready));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
  }
}
