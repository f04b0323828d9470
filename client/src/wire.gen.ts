// Written by `python -m tools.generate` from protocol/. Do not edit.

export const SUBPROTOCOL = "flashio.v1+msgpack";
export const VERSION = { major: 1, minor: 0 } as const;
export const MAX_UINT = 9007199254740991;

export const MessageType = {
  HELLO: 0,
  REQUEST: 1,
  REPLY: 2,
  ERROR: 3,
  EVENT: 4,
  PING: 5,
  PONG: 6,
  EDIT: 10,
  SAVED: 11,
  AWARENESS: 12,
  SYNC: 13,
  ASK: 14,
  STORAGE: 15,
  ENDED: 16,
} as const;

export const ERRORS = {
  bad_request: { number: 4400, retry: false, text: "The frame or request cannot be understood." },
  unauthenticated: { number: 4401, retry: false, text: "Sign in, or send a valid token or ticket." },
  forbidden: { number: 4403, retry: false, text: "Your role or token does not allow this." },
  not_found: { number: 4404, retry: false, text: "There is no such thing, or you may not see it." },
  conflict: { number: 4409, retry: false, text: "It exists already or changed meanwhile." },
  gone: { number: 4410, retry: false, text: "It was deleted." },
  precondition_failed: { number: 4412, retry: false, text: "It changed since you read it; read it again." },
  too_large: { number: 4413, retry: false, text: "It is over a limit of this server." },
  foreign_lineage: { number: 4419, retry: false, text: "Your copy belongs to an earlier life of this document." },
  replica_ended: { number: 4420, retry: false, text: "Your copy was ended; open the document anew." },
  invalid: { number: 4422, retry: false, text: "A value is not valid." },
  quarantined: { number: 4423, retry: false, text: "The document is set aside until an operator repairs it." },
  unsupported_version: { number: 4426, retry: false, text: "This server does not speak that protocol version." },
  internal: { number: 4500, retry: true, text: "The server failed; it is logged. Try again." },
  unavailable: { number: 4503, retry: true, text: "Storage is not reachable. Try again soon." },
  timeout: { number: 4504, retry: true, text: "It took too long. Try again." },
  limit_reached: { number: 4513, retry: true, text: "The server is at a limit. Try again later." },
  rate_limited: { number: 4529, retry: true, text: "Too many requests. Slow down." },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const CloseCode = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  PROTOCOL_ERROR: 1002,
  UNSUPPORTED_DATA: 1003,
  INVALID_TEXT: 1007,
  POLICY_VIOLATION: 1008,
  MESSAGE_TOO_BIG: 1009,
  INTERNAL_ERROR: 1011,
  SERVICE_RESTART: 1012,
  TRY_AGAIN_LATER: 1013,
} as const;

export const CLOSE_TEXTS: Readonly<Record<number, string>> = {
  1000: "Done.",
  1001: "The server or the page goes away; reconnect.",
  1002: "The WebSocket protocol was violated.",
  1003: "Only binary messages are spoken here.",
  1007: "A text message was not UTF-8.",
  1008: "The Origin, the Host or the first message is not accepted.",
  1009: "A message was over the size limit.",
  1011: "The server failed; reconnect.",
  1012: "The server restarts; reconnect after a moment.",
  1013: "You read too slowly; reconnect to resync.",
};

export interface CloseDocument {
  channel: number;
}

/** Copy a file or a whole tree: the content of now, not the history. */
export interface CopyFile {
  path: string;
  to: string;
}

export interface CreateFile {
  path: string;
  content?: string;
}

export type CreateTicket = Record<string, never>;

/** Delete a file or a whole tree; a tombstone remains, so that an old path is not made anew by a late client. */
export interface DeleteFile {
  path: string;
}

/** A directory stands for all that was deleted with it. */
export interface DeletedFile {
  id: string;
  path: string;
  isDirectory: boolean;
  isBinary: boolean;
  /** Bytes */
  size: number;
  deletedAt: string;
  /** null: a deleted person */
  deletedBy: string | null;
}

export interface DeletedFileList {
  files: DeletedFile[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

export interface DeletedFiles {
  paths: string[];
}

export interface DeletedPath {
  id: string;
  path: string;
}

export interface DocumentText {
  path: string;
  text: string;
  seq: number;
  lineEnding: "lf" | "crlf";
  hasBom: boolean;
}

/** A reply without content. */
export type Empty = Record<string, never>;

/** Other bytes, or other properties. Edits of text are told by its document. */
export interface FileChanged {
  file: FileEntry;
}

export interface FileCreated {
  file: FileEntry;
}

export interface FileEntry {
  id: string;
  path: string;
  language: string | null;
  mimeType: string | null;
  /** Bytes */
  size: number;
  lineCount: number;
  /** SHA-256 of the bytes in hexadecimal; of text that is being edited it follows within seconds */
  checksum: string | null;
  isDirectory: boolean;
  isBinary: boolean;
  isSymlink: boolean;
  symlinkTarget: string | null;
  isExecutable: boolean;
  isHidden: boolean;
  /** Unix mode bits, where somebody set them */
  permissions: number | null;
  updatedAt: string;
  /** A path beside it that looks the same, told to who made or named it */
  looksLike: string | null;
}

export interface FileList {
  files: FileEntry[];
  /** Pass as `after` for the next page; null at the end */
  nextAfter: string | null;
}

/** Made by a copy; `path` is where each of them is. */
export interface FilesCopied {
  copied: PlacedPath[];
}

export interface FilesDeleted {
  deleted: DeletedPath[];
}

export interface FilesMoved {
  moved: MovedPath[];
}

export interface FilesRestored {
  restored: PlacedPath[];
}

/** Make an upload whose bytes have all arrived the content of the file at its path. */
export interface FinishUpload {
  upload: string;
  /** The checksum that the file must have now; `*`: any file; empty: there must be none */
  ifMatch?: string | null;
}

export type GetProject = Record<string, never>;

/** One of the caller's own recovery copies with its text. */
export interface GetRecovery {
  id: string;
}

/** The first message of a client, within 10 s; without token and ticket the session cookie signs in. */
export interface Hello {
  /** Newest minor protocol version the client speaks */
  minor: number;
  /** Name and version of the client, for logs */
  client: string;
  projectId: string;
  /** A bearer token */
  token?: string | null;
  /** A single-use ticket */
  ticket?: string | null;
  resume?: ResumeFrom | null;
}

export interface Limits {
  /** Who sends a larger message is told `too_large` and closed */
  maxMessageBytes: number;
  /** A larger edit ends the replica */
  maxUpdateBytes: number;
  /** Per client state, as JSON in UTF-8 */
  maxAwarenessBytes: number;
  /** UTF-8 text of one document; a larger file is bytes, not a document */
  maxDocumentBytes: number;
  /** Send Ping at least this often; the server closes silent sockets */
  pingIntervalS: number;
}

/** What can be restored, newest deletion first. */
export interface ListDeletedFiles {
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** Files in path order, keyset paged. */
export interface ListFiles {
  after?: string | null;
  limit?: number;
}

/** The caller's own and shared projects, newest first. */
export interface ListProjects {
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** The caller's own recovery copies in this project, newest first, without their texts. */
export interface ListRecoveries {
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** Make an empty directory, and those above it that are missing. */
export interface MakeDirectory {
  path: string;
}

/** Make a symbolic link: data, which the server never follows. */
export interface MakeLink {
  path: string;
  /** Relative to the link's directory, inside the project */
  target: string;
}

export interface Me {
  id: string;
  name: string;
  email: string;
  color: string;
}

/** Move or rename a file or a whole tree; open documents follow, the old paths remain as aliases. */
export interface MoveFile {
  path: string;
  to: string;
}

export interface MovedPath {
  id: string;
  path: string;
  to: string;
}

export interface NumberedEvent {
  name: string;
  body: Record<string, unknown>;
  seq: number;
}

/** Open a file as a document and be brought level with `state_vector`, the local replica's (`00` for a new one). Without it nothing is synced until a Sync message asks. */
export interface OpenDocument {
  path: string;
  stateVector?: Uint8Array | null;
  /** Make an empty file when the path has no history */
  create?: boolean;
}

/** After this reply the server sends Sync parts, then (to writers) Ask, then Awareness of those present. */
export interface Opened {
  channel: number;
  documentId: string;
  /** The current path: differs from the one asked for when the file was moved */
  path: string;
  /** Name of the root Y.Text that holds the file's text */
  rootName: string;
  lineage: string;
  seq: number;
  access: "read" | "write";
  storageReachable: boolean;
}

/** Identity as stamped by the server; `color_light` is `color` at 20 % opacity, for selections. */
export interface Person {
  id: string;
  name: string;
  color: string;
  colorLight: string;
}

export interface PlacedPath {
  id: string;
  path: string;
  isDirectory: boolean;
}

export interface Project {
  id: string;
  name: string;
  description: string | null;
  role: string;
  updatedAt: string;
}

export interface ProjectInfo {
  id: string;
  name: string;
  role: "owner" | "editor" | "reviewer" | "viewer";
  canWrite: boolean;
}

export interface ProjectList {
  projects: Project[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** The text as it is now, LF line endings, unsaved edits included. */
export interface ReadDocument {
  path: string;
}

export interface Recovery {
  id: string;
  path: string;
  reason: string;
  /** Of the text in UTF-8 */
  sizeBytes: number;
  createdAt: string;
}

export interface RecoveryList {
  recoveries: Recovery[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

export interface RecoveryText {
  recovery: Recovery;
  text: string;
}

/** Bring back a deleted file, or a directory with all that went with it, each with its history. */
export interface RestoreFile {
  id: string;
  /** Another place, when the old one is taken */
  to?: string | null;
}

/** Be told the project's events from here on; the server does this for a socket when it says Hello. */
export interface ResumeEvents {
  resume?: ResumeFrom | null;
}

/** The last numbered event that this client has of the project's epoch. */
export interface ResumeFrom {
  epoch: string;
  seq: number;
}

/** `recovered`: `missed` holds every event since the one named; else fetch lists anew. */
export interface Resumed {
  epoch: string;
  seq: number;
  recovered: boolean;
  missed: NumberedEvent[];
}

/** Change what a file is beside its content; what is not named stays. */
export interface SetFileProperties {
  path: string;
  /** Unix mode bits */
  permissions?: number | null;
  isExecutable?: boolean | null;
  isHidden?: boolean | null;
}

/** Good for one handshake, until `expires_at`, for the project it was made in. */
export interface Ticket {
  ticket: string;
  expiresAt: string;
}

/** Record that the caller looked at the project now. */
export type TouchProject = Record<string, never>;

/** `recovered` is true when `missed` holds every event since `resume`; else fetch lists anew. */
export interface Welcome {
  minor: number;
  server: string;
  connectionId: number;
  user: Person;
  project: ProjectInfo;
  limits: Limits;
  epoch: string;
  seq: number;
  recovered: boolean;
  missed: NumberedEvent[];
  serverTime: string;
}

export type WhoAmI = Record<string, never>;

/** Bring the document's text to `text` by the smallest edit found, as an edit of the caller. */
export interface WriteDocument {
  path: string;
  text: string;
  /** The checksum that the file must have now; `*`: any file */
  ifMatch?: string | null;
}

export interface Written {
  /** Number of the last log row that this write made; 0 when nothing differed */
  seq: number;
  /** How many places were changed */
  edits: number;
  /** SHA-256 of the file's bytes after it, in hexadecimal */
  checksum: string;
}

export interface Commands {
  "accounts/me": { request: WhoAmI; reply: Me; mutates: false };
  "accounts/ticket": { request: CreateTicket; reply: Ticket; mutates: false };
  "documents/open": { request: OpenDocument; reply: Opened; mutates: false };
  "documents/close": { request: CloseDocument; reply: Empty; mutates: false };
  "documents/write": { request: WriteDocument; reply: Written; mutates: true };
  "documents/read": { request: ReadDocument; reply: DocumentText; mutates: false };
  "documents/recoveries": { request: ListRecoveries; reply: RecoveryList; mutates: false };
  "documents/recovery": { request: GetRecovery; reply: RecoveryText; mutates: false };
  "files/list": { request: ListFiles; reply: FileList; mutates: false };
  "files/create": { request: CreateFile; reply: FileEntry; mutates: true };
  "files/move": { request: MoveFile; reply: FileEntry; mutates: true };
  "files/delete": { request: DeleteFile; reply: DeletedFiles; mutates: true };
  "files/directory": { request: MakeDirectory; reply: FileEntry; mutates: true };
  "files/link": { request: MakeLink; reply: FileEntry; mutates: true };
  "files/properties": { request: SetFileProperties; reply: FileEntry; mutates: true };
  "files/copy": { request: CopyFile; reply: FileEntry; mutates: true };
  "files/tombstones": { request: ListDeletedFiles; reply: DeletedFileList; mutates: false };
  "files/restore": { request: RestoreFile; reply: FileEntry; mutates: true };
  "files/finish": { request: FinishUpload; reply: FileEntry; mutates: true };
  "projects/get": { request: GetProject; reply: Project; mutates: false };
  "projects/list": { request: ListProjects; reply: ProjectList; mutates: false };
  "projects/resume": { request: ResumeEvents; reply: Resumed; mutates: false };
  "projects/touch": { request: TouchProject; reply: Empty; mutates: true };
}

export type CommandName = keyof Commands;

/** Whether a command changes state: then it carries a command id and takes effect once. */
export const MUTATES = {
  "accounts/me": false,
  "accounts/ticket": false,
  "documents/open": false,
  "documents/close": false,
  "documents/write": true,
  "documents/read": false,
  "documents/recoveries": false,
  "documents/recovery": false,
  "files/list": false,
  "files/create": true,
  "files/move": true,
  "files/delete": true,
  "files/directory": true,
  "files/link": true,
  "files/properties": true,
  "files/copy": true,
  "files/tombstones": false,
  "files/restore": true,
  "files/finish": true,
  "projects/get": false,
  "projects/list": false,
  "projects/resume": false,
  "projects/touch": true,
} as const satisfies { [N in CommandName]: Commands[N]['mutates'] };

export interface Events {
  "files/created": FileCreated;
  "files/changed": FileChanged;
  "files/moved": FilesMoved;
  "files/deleted": FilesDeleted;
  "files/copied": FilesCopied;
  "files/restored": FilesRestored;
}

export type EventName = keyof Events;
