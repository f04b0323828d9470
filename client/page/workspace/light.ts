import type { DocumentStatus } from "../../src/index";

export interface Light {
  /** Names the colour; `saved` is the only green one. */
  tone: "saved" | "busy" | "unsaved" | "offline" | "reading" | "ended";
  word: string;
  /** What it means for the person's work. */
  meaning: string;
}

/** What the status light says of a document; green only when every local edit is committed. */
export function lightOf(status: DocumentStatus, access: "read" | "write" | null, hasUnsaved: boolean): Light {
  switch (status) {
    case "connecting":
      return { tone: "busy", word: "Connecting", meaning: "Connecting to the server." };
    case "syncing":
      return { tone: "busy", word: "Syncing", meaning: "Comparing your copy with the server's." };
    case "saving":
      return { tone: "busy", word: "Saving", meaning: "Your last changes are on their way." };
    case "unsaved":
      return {
        tone: "unsaved",
        word: "Not saved",
        meaning: "The server cannot reach its storage. Your changes are held in memory; keep this page open.",
      };
    case "offline":
      return {
        tone: "offline",
        word: "Offline",
        meaning: hasUnsaved
          ? "No connection. Your changes are kept on this page and sent when it is back; keep the page open."
          : "No connection. You can go on; changes are sent when it is back.",
      };
    case "ended":
      return { tone: "ended", word: "Ended", meaning: "This file is no longer open; the message says why." };
    case "saved":
      return access === "read"
        ? { tone: "reading", word: "Read only", meaning: "You see changes live; you may not edit here." }
        : { tone: "saved", word: "Saved", meaning: "Every change of yours is stored." };
  }
}
