import type { Ending, ProjectSession } from "../../src/index";
import { showText } from "../parts/dialogs";
import { showError } from "../parts/toasts";
import { nameOf } from "./tree";

/** The person's text of a file as it was when its replica ended: here, or as a recovery copy on the server. */
export interface KeptCopy {
  path: string;
  text: string | null;
  recoveryId: string | null;
}

/** What was kept when a replica ended; null when nothing could be lost. */
export function keptCopy(path: string, { text, recoveryId }: Ending): KeptCopy | null {
  return text === null && recoveryId === null ? null : { path, text, recoveryId };
}

/** Whether there is no such file any more, for this person. */
export function isAway({ code }: Ending): boolean {
  return code === "gone" || code === "not_found";
}

/** Whether the pane itself tells of the ending: the file stays on screen, without what was typed last. */
export function isNoted(ending: Ending): boolean {
  return ending.isRestarting && (ending.text !== null || ending.recoveryId !== null);
}

/** Words for the screen, without the blank lines around them. */
export function shownWords(words: string): string {
  return words.replace(/^\n+|\n+$/g, "");
}

/** An ending in sentences, naming the file. */
export function lossText(path: string, ending: Ending): string {
  const name = nameOf(path);
  const sentences = [ending.message.includes(name) ? ending.message : `${name}: ${ending.message}`];
  if (ending.isRestarting) sentences.push("It was opened anew from the server's copy.");
  if (keptCopy(path, ending) && !ending.message.includes("kept")) sentences.push("Your text was kept.");
  return sentences.join(" ");
}

/** Show a kept text, fetched when it is not here. */
export async function viewKept({ path, text, recoveryId }: KeptCopy, session: ProjectSession): Promise<void> {
  const name = nameOf(path);
  const advice = `Your copy of ${name} as it was. Copy from it what the shared file lacks.`;
  if (text !== null) return showText(`Your text of ${name}`, advice, text);
  if (recoveryId === null) return;
  try {
    const kept = await session.socket.request("documents/recovery", { id: recoveryId });
    showText(`Your text of ${name}`, advice, kept.text);
  } catch (error) {
    showError("The kept text did not load.", error);
  }
}
