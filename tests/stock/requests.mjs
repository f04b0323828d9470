// A program that is driven over standard input and output: one JSON request a line, one JSON answer a line.
import { createInterface } from "node:readline";

/** Answer requests, which may overlap, until the input ends; then end the process. */
export async function serve(actions) {
  for await (const line of createInterface({ input: process.stdin })) {
    answer(actions, JSON.parse(line)).then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`));
  }
  process.exit();
}

async function answer(actions, { id, action, ...request }) {
  try {
    return { id, result: (await actions[action](request)) ?? null };
  } catch (error) {
    return { id, error: error.stack };
  }
}
