import { CLOSE_TEXTS, CloseCode, ERRORS, type ErrorCode } from "./wire.gen";

/** What an Error message carries; `code` may be one that this client does not know yet. */
export interface ErrorBody {
  code: string;
  number: number;
  message: string;
  retry: boolean;
}

export interface EndedBody extends ErrorBody {
  /** The text that would have been lost is kept under this id, or null. */
  recoveryId: string | null;
  /** The first edit that was not taken, by its number on this channel; null or absent when each was. */
  refusedFrom?: number | null;
}

/** A refused or failed request; `body` is what the server said. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.message);
    this.body = body;
  }
}

/** The connection that the request belonged to is gone; the request is not sent again. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

export function errorBody(code: ErrorCode, message?: string): ErrorBody {
  const { number, retry, text } = ERRORS[code];
  return { code, number, retry, message: message ?? text };
}

/** Why a socket ended, from its close code alone. */
export function closeBody(number: number, reason: string): ErrorBody {
  for (const [code, entry] of Object.entries(ERRORS)) {
    if (entry.number === number) return { code, number, retry: entry.retry, message: reason || entry.text };
  }
  const message = reason || CLOSE_TEXTS[number] || "The connection was lost.";
  return { code: "closed", number, message, retry: mayRetry(number) };
}

/** Numbers 4400-4499 mean "not unchanged"; 1008 is said of an Origin or Host that will not change by waiting. */
export function mayRetry(number: number): boolean {
  return !(number >= 4400 && number < 4500) && number !== CloseCode.POLICY_VIOLATION;
}
