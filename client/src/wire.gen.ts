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
  method_not_allowed: { number: 4405, retry: false, text: "This address does not take that method." },
  conflict: { number: 4409, retry: false, text: "It exists already or changed meanwhile." },
  gone: { number: 4410, retry: false, text: "It was deleted." },
  precondition_failed: { number: 4412, retry: false, text: "It changed since you read it; read it again." },
  too_large: { number: 4413, retry: false, text: "It is over a limit of this server." },
  unsupported_media_type: { number: 4415, retry: false, text: "The body is not of a type that is understood here." },
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

/** Join the project. It holds only while who made it may still invite into that role. */
export interface AcceptInvitation {
  secret: string;
}

/** Where the invitation led. */
export interface Accepted {
  projectId: string;
  /** As it is now: who belongs to the project already keeps what they have */
  role: "owner" | "editor" | "reviewer" | "viewer";
}

/** Keep a passkey that the browser made with the newest options. Needs a sign-in. */
export interface AddPasskey {
  label: string;
  /** JSON of `PublicKeyCredential.toJSON()` */
  credential: string;
}

/** Let nobody change anything in the project until it leaves the archive; open editors turn read-only. */
export type ArchiveProject = Record<string, never>;

/** What the browser needs to make a passkey of the caller. Good once, for some minutes. Needs a sign-in. */
export type AskPasskeyOptions = Record<string, never>;

/** One change. */
export interface AuditEntry {
  id: string;
  /** `<feature>/<what happened>`, such as `accounts/signed_in` */
  action: string;
  /** Who did it */
  actor: AuditPerson | null;
  /** Whose account or rights it changed */
  person: AuditPerson | null;
  projectId: string | null;
  /** Id of what changed: a session, a token, a person, an invitation */
  subject: string;
  /** What the change was; the names of its fields follow the action */
  details: Record<string, unknown>;
  /** X-Request-ID of the request, or of the handshake of the socket */
  requestId: string | null;
  /** Network address it came from; told only of the caller's own changes */
  address: string | null;
  at: string;
}

/** One page of them. */
export interface AuditPage {
  entries: AuditEntry[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** Somebody as they are called today; null in place of them stands for an operator or a deleted account. */
export interface AuditPerson {
  id: string;
  name: string;
}

/** Give one of the caller's own imports up; one that is done stays done. */
export interface CancelImport {
  id: string;
}

/** Give somebody else another role. Nobody can give or take more than they have themselves. */
export interface ChangeRole {
  userId: string;
  role: "editor" | "reviewer" | "viewer";
}

/** Change how the project's tree behaves. Case clashes that are there keep the project from refusing them. */
export interface ChangeTreeSettings {
  keepsCaseClashes: boolean;
}

/** Make a project of the caller's own with the files of this one as they are now: no people and no history. */
export interface CloneProject {
  /** Null: the name of this one, marked as a copy */
  projectName?: string | null;
}

/** Be told no more of a document. */
export interface CloseDocument {
  channel: number;
}

/** Somebody in the project, and what they may do. */
export interface Collaborator {
  person: Person;
  /** Told only to those who may invite or manage; never in an event */
  email: string | null;
  role: "owner" | "editor" | "reviewer" | "viewer";
  permissions: Permissions;
  /** What role and permissions come to */
  abilities: ("read" | "write" | "delete" | "comment" | "run" | "invite" | "manage")[];
  invitedBy: string | null;
  joinedAt: string;
}

/** Somebody has another role or other permissions; their open sockets are told what that means for them. */
export interface CollaboratorChanged {
  collaborator: Collaborator;
}

/** Somebody came in. */
export interface CollaboratorJoined {
  collaborator: Collaborator;
}

/** Somebody left, or was taken out. */
export interface CollaboratorLeft {
  userId: string;
  /** False when they left by themselves */
  isRemoved: boolean;
}

/** One page of them. */
export interface CollaboratorList {
  collaborators: Collaborator[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** Copy a file or a whole tree: the content of now, not the history. */
export interface CopyFile {
  path: string;
  to: string;
}

/** Make a text file, and the directories above it that are missing. */
export interface CreateFile {
  path: string;
  content?: string;
}

/** Make an empty project of the caller's own. */
export interface CreateProject {
  projectName: string;
  description?: string;
  prompt?: string | null;
  visibility?: "private" | "team" | "public";
  tags?: string[];
  techStack?: string[];
}

/** Make an expiring token for a client that uses the same credential at every reconnect, as stock providers do. It ends with the sign-in or the token it was made with, and allows no more than that does. */
export interface CreateProjectToken {
  /** Until it expires */
  minutes?: number;
}

/** Make a credential for one handshake of a browser, which cannot send a header with it. */
export type CreateTicket = Record<string, never>;

/** Make a bearer token for programs. Needs a sign-in: a token cannot make another. */
export interface CreateToken {
  /** What it is for */
  label: string;
  scopes: ("read" | "write")[];
  projectId?: string | null;
  /** Until it expires; null: never */
  days?: number | null;
}

/** A new bearer token. */
export interface CreatedToken {
  /** Shown once; null when the command is repeated */
  secret: string | null;
  token: Token;
}

/** Sign-ins of one person ended before their time; sockets that they opened are told and closed. Numbered among the person's events and announced in their room `user:<id>`. */
export interface CredentialsEnded {
  /** Ids of sessions and bearer tokens */
  credentials: string[];
  /** Signed cookies issued before this moment have ended too */
  signedBefore: string | null;
}

/** Turn down an invitation that was made for the caller's address. */
export interface DeclineInvitation {
  secret: string;
}

/** Delete the caller's account, for good. Projects that they own alone are deleted with it; refused while others belong to one that they own. What they wrote elsewhere stays, as a deleted person's. Needs a sign-in. */
export interface DeleteAccount {
  /** The `confirm` of the plan, typed by the person */
  confirm: string;
}

/** Delete a file or a whole tree; a tombstone remains, so that an old path is not made anew by a late client. */
export interface DeleteFile {
  path: string;
}

/** Delete the project, as its owner. Everybody is told and closed; for some days the owner can have it back. */
export type DeleteProject = Record<string, never>;

/** Delete a template that the caller made; projects that began with it stay. */
export interface DeleteTemplate {
  id: string;
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

/** One page of them. */
export interface DeletedFileList {
  files: DeletedFile[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** Everything that was deleted with the path. */
export interface DeletedFiles {
  paths: string[];
}

/** A file that is no more. */
export interface DeletedPath {
  id: string;
  path: string;
}

/** A project that can be restored. */
export interface DeletedProject {
  id: string;
  name: string;
  deletedAt: string;
  /** It goes for good soon after */
  keptUntil: string;
}

/** One page of them. */
export interface DeletedProjectList {
  projects: DeletedProject[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** What deleting the account would do now. */
export interface DeletionPlan {
  /** What is to be typed */
  confirm: string;
  /** Projects that nobody else belongs to: they go too */
  deleted: OwnedProject[];
  /** Projects with others in them: transfer or delete them first */
  blocking: OwnedProject[];
}

/** The receiver's rights changed while a document is open. It stays open; an edit that is not allowed ends it. */
export interface DocumentAccessChanged {
  channel: number;
  access: "read" | "write";
}

/** A document's text, and the form that its file has. */
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

/** A file, a directory or a link was made. */
export interface FileCreated {
  file: FileEntry;
}

/** A file, a directory or a symbolic link, without its content. */
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

/** One page of them. */
export interface FileList {
  files: FileEntry[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** The receiver may now see or change other files: fetch the list anew. Said only to them, without a number. */
export type FileRightsChanged = Record<string, never>;

/** Made by a copy; `path` is where each of them is. */
export interface FilesCopied {
  copied: PlacedPath[];
}

/** A file or a tree was deleted. */
export interface FilesDeleted {
  deleted: DeletedPath[];
}

/** A file or a tree is somewhere else now; open documents stay open. */
export interface FilesMoved {
  moved: MovedPath[];
  /** Others came into the receiver's sight, or left it: fetch the list anew */
  isPartial: boolean;
}

/** Deleted files are there again. */
export interface FilesRestored {
  restored: PlacedPath[];
}

/** Make an upload whose bytes have all arrived the content of the file at its path. */
export interface FinishUpload {
  upload: string;
  /** The checksum that the file must have now; `*`: any file; empty: there must be none */
  ifMatch?: string | null;
}

/** How far one of the caller's own imports is; ask again until it is done, refused or failed. */
export interface GetImport {
  id: string;
}

/** The caller, as they see themselves. */
export type GetProfile = Record<string, never>;

/** The project that the caller works in. */
export type GetProject = Record<string, never>;

/** One of the caller's own recovery copies with its text. */
export interface GetRecovery {
  id: string;
}

/** How the project's tree behaves. */
export type GetTreeSettings = Record<string, never>;

/** What one person may do other than their role says; null or absent leaves it to the role. */
export interface GivenPermissions {
  canRead?: boolean | null;
  canWrite?: boolean | null;
  canDelete?: boolean | null;
  canInvite?: boolean | null;
  canManagePermissions?: boolean | null;
}

/** `{{name}}` in paths and texts; braces around other names are left as they are. */
export interface GivenVariable {
  name: string;
  /** What to ask for; empty: the name */
  label?: string;
  /** Null: it must be given */
  default?: string | null;
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

/** How far an import is. */
export interface ImportProgress {
  id: string;
  /** `refused`: the archive breaks a rule; `failed`: try again. Neither left anything behind */
  state: "unpacking" | "placing" | "done" | "refused" | "failed";
  /** null: a new project that does not exist yet */
  projectId: string | null;
  /** Files, directories and links unpacked so far */
  files: number;
  /** How many there are; 0 while the archive is still judged */
  filesTotal: number;
  /** Bytes unpacked so far */
  bytes: number;
  bytesTotal: number;
  /** What was left out: `.git`, `node_modules`, and what a `.gitignore` names */
  skipped: number;
  warnings: string[];
  /** Why it was refused or failed */
  reason: string | null;
}

/** An invitation, without its secret. */
export interface Invitation {
  id: string;
  /** Null: a link, good for whoever has it */
  email: string | null;
  role: "owner" | "editor" | "reviewer" | "viewer";
  invitedBy: string | null;
  maxUses: number;
  useCount: number;
  expiresAt: string;
  createdAt: string;
}

/** It was revoked, declined or used up. Told to those who may invite. */
export interface InvitationClosed {
  id: string;
}

/** One page of them. */
export interface InvitationList {
  invitations: Invitation[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** Told to those who may invite. */
export interface InvitationMade {
  invitation: Invitation;
}

/** Invite one person by address, or whoever has the link. A new one for the same address replaces the one before. */
export interface Invite {
  role: "editor" | "reviewer" | "viewer";
  /** Null: a link */
  email?: string | null;
  /** Until it expires; a setting may allow less */
  days?: number;
  /** How many may come in by a link */
  maxUses?: number;
}

/** A new invitation. */
export interface Invited {
  invitation: Invitation;
  /** The end of the link, `/invite/<secret>`; null when the command is repeated */
  secret: string | null;
  /** The link is on its way to the address; else whoever invites hands it on */
  isMailed: boolean;
}

/** Leave the project. Its owner cannot: transfer or delete it first. */
export type LeaveProject = Record<string, never>;

/** What this server takes at most. */
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

/** An account at a provider that its owner can sign in with. */
export interface LinkedAccount {
  /** github, google, or what names another issuer */
  provider: string;
  /** The provider's, for people */
  name: string;
  /** What the provider calls the account among its own */
  subject: string;
  /** What people call it: a login or an address; proves nothing */
  label: string | null;
  linkedAt: string;
}

/** All of them, and what may be added. */
export interface LinkedAccountList {
  accounts: LinkedAccount[];
  /** Those that can be added */
  providers: SignInProvider[];
}

/** The people of the project, keyset paged; a page has no order that means anything to people. */
export interface ListCollaborators {
  after?: string | null;
  limit?: number;
}

/** What can be restored, newest deletion first. */
export interface ListDeletedFiles {
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** What the caller deleted and can have back, newest deletion first. */
export interface ListDeletedProjects {
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** Files in path order, keyset paged. */
export interface ListFiles {
  after?: string | null;
  limit?: number;
}

/** The invitations that still hold, newest first, without their secrets. */
export interface ListInvitations {
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** The caller's accounts at providers, oldest first. Needs a sign-in, not a bearer token. */
export type ListLinkedAccounts = Record<string, never>;

/** What changed about the caller's own sign-ins, tokens and rights, newest first. Needs a sign-in. */
export interface ListOwnAudit {
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** The caller's passkeys, oldest first. Needs a sign-in. */
export type ListPasskeys = Record<string, never>;

/** All rules on paths of the project; their number is limited. */
export type ListPathRights = Record<string, never>;

/** Who changed rights in the project, newest first. */
export interface ListProjectAudit {
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** Projects, newest change first. `mine` are those the caller owns, `shared` those of others that they belong to or read as part of the owner's team; without `which` all that they belong to. */
export interface ListProjects {
  which?: "mine" | "shared" | "public" | null;
  /** Beginnings of words of the name, the description or the tags */
  search?: string | null;
  /** Only archived ones, or only others */
  isArchived?: boolean | null;
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

/** The caller's own sessions, keyset paged. Needs a sign-in, not a bearer token. */
export interface ListSessions {
  after?: string | null;
  limit?: number;
}

/** What a template would make, in path order. */
export interface ListTemplatePaths {
  id: string;
  after?: string | null;
  limit?: number;
}

/** Public templates and the caller's own, those used most first. */
export interface ListTemplates {
  onlyOwn?: boolean;
  category?: string | null;
  tag?: string | null;
  /** As for projects */
  search?: string | null;
  limit?: number;
  /** `next` of the page before */
  after?: string | null;
}

/** The caller's tokens that are not revoked, oldest first, keyset paged. Needs a sign-in. */
export interface ListTokens {
  after?: string | null;
  limit?: number;
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

/** Make a template of the project's files as they are now. A variable that stands nowhere is refused. */
export interface MakeTemplate {
  templateName: string;
  description?: string;
  category?: string | null;
  tags?: string[];
  prompt?: string | null;
  variables?: GivenVariable[];
  /** Everybody signed in may see and use it */
  isPublic?: boolean;
}

/** The caller. */
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

/** A file that is somewhere else now. */
export interface MovedPath {
  id: string;
  path: string;
  to: string;
}

/** An event of the project as it is kept. */
export interface NumberedEvent {
  name: string;
  body: Record<string, unknown>;
  seq: number;
}

/** What an invitation offers, to whom, until when. */
export interface Offer {
  projectId: string;
  projectName: string;
  role: "owner" | "editor" | "reviewer" | "viewer";
  /** What the caller is in the project already; null: no member */
  ownRole: "owner" | "editor" | "reviewer" | "viewer" | null;
  /** Name of who invites */
  inviter: string | null;
  /** The only address that may accept; null: anybody */
  email: string | null;
  expiresAt: string;
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

/** A project of the caller, and how many others it has. */
export interface OwnedProject {
  id: string;
  name: string;
  /** Collaborators beside the owner */
  people: number;
}

/** A key that signs its owner in from a device, without the key itself. */
export interface Passkey {
  id: string;
  label: string;
  /** Its owner's devices share it; else it is lost with the one that holds it */
  isBackedUp: boolean;
  createdAt: string;
  lastUsedAt: string | null;
}

/** All of them. */
export interface PasskeyList {
  passkeys: Passkey[];
  /** How many one person may have; all of them are in the list */
  limit: number;
}

/** What is handed to the browser. */
export interface PasskeyOptions {
  /** For `PublicKeyCredential.parseCreationOptionsFromJSON` */
  options: Record<string, unknown>;
  /** The only pages that may use them */
  origin: string;
}

/** A rule that limits a role on some paths. Of several that match a path, the last decides. */
export interface PathRight {
  id: string;
  glob: string;
  role: "editor" | "reviewer" | "viewer";
  access: "hidden" | "read_only" | "open";
  /** null: a deleted person */
  createdBy: string | null;
  createdAt: string;
}

/** The rules on paths of a project. */
export interface PathRightList {
  /** In their order */
  rights: PathRight[];
}

/** All rules as they are now. Told to those who may manage: globs may name what is hidden. */
export interface PathRightsChanged {
  rights: PathRight[];
}

/** As `GivenPermissions`, each of them said. */
export interface Permissions {
  canRead: boolean | null;
  canWrite: boolean | null;
  canDelete: boolean | null;
  canInvite: boolean | null;
  canManagePermissions: boolean | null;
}

/** Identity as stamped by the server; `color_light` is `color` at 20 % opacity, for selections. */
export interface Person {
  id: string;
  name: string;
  color: string;
  colorLight: string;
}

/** A file that is there now. */
export interface PlacedPath {
  id: string;
  path: string;
  isDirectory: boolean;
}

/** What deleting the caller's account would take along, and what keeps it from being deleted. Needs a sign-in. */
export type PlanDeletion = Record<string, never>;

/** What went wrong, for people (`title`, `detail`) and for programs (`code`, `retry`). */
export interface Problem {
  /** `urn:flashio:error:` and the code */
  type: string;
  /** The same for every problem of this code */
  title: string;
  /** The HTTP status */
  status: number;
  /** What happened here, and what to do next */
  detail: string;
  code: ErrorCode;
  /** The code as sockets are closed with it */
  number: number;
  /** Whether the same request may succeed later */
  retry: boolean;
  /** X-Request-ID of the request, as in the server's log */
  requestId: string | null;
}

/** The caller as their account page shows them. */
export interface Profile {
  id: string;
  /** As others see it */
  name: string;
  email: string;
  isEmailVerified: boolean;
  isGuest: boolean;
  color: string;
  /** Those that the caller may choose */
  colors: string[];
  createdAt: string;
}

/** A project as its list shows it; `role` is the caller's. */
export interface Project {
  id: string;
  name: string;
  description: string | null;
  /** What it began from, where an assistant made it */
  prompt: string | null;
  status: "draft" | "building" | "built" | "error" | "archived";
  visibility: "private" | "team" | "public";
  tags: string[];
  techStack: string[];
  thumbnail: string | null;
  gitRepoUrl: string | null;
  deploymentUrl: string | null;
  /** 0 to 100, of the last builds */
  buildHealth: number | null;
  linesOfCode: number;
  /** 0 to 10 */
  complexity: number | null;
  /** Minutes */
  estimatedTime: number | null;
  /** Minutes */
  actualTime: number | null;
  template: boolean;
  /** What it was cloned from; null when that is gone, too */
  sourceProjectId: string | null;
  owner: ProjectOwner;
  /** What the caller is in it */
  role: string;
  createdAt: string;
  updatedAt: string;
  lastAccessedAt: string | null;
  /** Since when nobody changes anything in it */
  archivedAt: string | null;
}

/** What everybody in the project may know of its settings, as they are now. */
export interface ProjectChanged {
  projectName: string;
  description: string | null;
  status: "draft" | "building" | "built" | "error" | "archived";
  visibility: "private" | "team" | "public";
  tags: string[];
  techStack: string[];
  owner: ProjectOwner;
  archivedAt: string | null;
}

/** The project, and what the caller may do in it. */
export interface ProjectInfo {
  id: string;
  name: string;
  role: "owner" | "editor" | "reviewer" | "viewer";
  /** What the caller may do; `collaborators/regranted` changes it */
  abilities: ("read" | "write" | "delete" | "comment" | "run" | "invite" | "manage")[];
  canWrite: boolean;
}

/** One page of them. */
export interface ProjectList {
  projects: Project[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** Who owns a project. */
export interface ProjectOwner {
  id: string;
  name: string;
}

/** Good for any number of handshakes in the project it was made in, until `expires_at`. */
export interface ProjectToken {
  token: string;
  expiresAt: string;
}

/** The text as it is now, LF line endings, unsaved edits included. */
export interface ReadDocument {
  path: string;
}

/** The text of a replica that had to end, kept for its author. */
export interface Recovery {
  id: string;
  path: string;
  reason: string;
  /** Of the text in UTF-8 */
  sizeBytes: number;
  createdAt: string;
}

/** One page of them. */
export interface RecoveryList {
  recoveries: Recovery[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** A recovery copy with its text. */
export interface RecoveryText {
  recovery: Recovery;
  text: string;
}

/** What the receiver may do here changed; said only to them, without a number. */
export interface Regranted {
  role: "owner" | "editor" | "reviewer" | "viewer";
  abilities: ("read" | "write" | "delete" | "comment" | "run" | "invite" | "manage")[];
  canWrite: boolean;
}

/** Take somebody else out of the project; their open sockets are told and closed. */
export interface RemoveCollaborator {
  userId: string;
}

/** It signs in no more; sessions that it began remain. The last way to sign in stays. Needs a sign-in. */
export interface RemovePasskey {
  id: string;
}

/** Take a rule on paths away. */
export interface RemovePathRight {
  id: string;
}

/** Needs a sign-in. */
export interface RenamePasskey {
  id: string;
  label: string;
}

/** Present a fresh token or ticket on an open `/ws`, before the credential that opened it ends. It must be the same person's. What may be done on the socket is from then on what the new credential allows. */
export interface Renew {
  /** A bearer token */
  token?: string | null;
  /** A single-use ticket */
  ticket?: string | null;
}

/** What the fresh credential allows the socket. */
export interface Renewed {
  /** When the socket ends unless it is renewed again */
  credentialEndsAt: string | null;
}

/** Bring back a deleted file, or a directory with all that went with it, each with its history. */
export interface RestoreFile {
  id: string;
  /** Another place, when the old one is taken */
  to?: string | null;
}

/** Bring back a project that the caller deleted, with all that was in it. */
export interface RestoreProject {
  id: string;
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

/** End an invitation before its time. */
export interface RevokeInvitation {
  id: string;
}

/** End one of the caller's sessions, perhaps this one; its open sockets close. Needs a sign-in. */
export interface RevokeSession {
  id: string;
}

/** End one of the caller's tokens; sockets that it opened close. Needs a sign-in. */
export interface RevokeToken {
  id: string;
}

/** A sign-in. What it says of the browser and its address was told by them and proves nothing. */
export interface Session {
  id: string;
  /** email, link, passkey or a provider; null: made by another program */
  method: string | null;
  userAgent: string | null;
  /** Network address of the sign-in */
  address: string | null;
  createdAt: string;
  /** To the minute */
  lastSeenAt: string | null;
  /** Moves on while the session is used */
  expiresAt: string;
  /** The session that asks */
  isThis: boolean;
}

/** One page of them. */
export interface SessionList {
  sessions: Session[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** Change what a file is beside its content; what is not named stays. */
export interface SetFileProperties {
  path: string;
  /** Unix mode bits */
  permissions?: number | null;
  isExecutable?: boolean | null;
  isHidden?: boolean | null;
}

/** Add a rule on paths, or give the one of this glob and role another access or place. */
export interface SetPathRight {
  /** As in .gitignore, without `!` and `/` at the end */
  glob: string;
  role: "editor" | "reviewer" | "viewer";
  /** hidden: does not exist for the role; read_only; open: lifts what rules before it said */
  access: "hidden" | "read_only" | "open";
  /** The rule to put it ahead of; null: a new one goes last, an old one keeps its place */
  before?: string | null;
}

/** Replace what one person may do other than their role says. */
export interface SetPermissions {
  userId: string;
  permissions: GivenPermissions;
}

/** Say who reads the project without belonging to it; who may not any more is told and closed. */
export interface SetVisibility {
  visibility: "private" | "team" | "public";
}

/** What an invitation offers, before it is accepted. */
export interface ShowInvitation {
  secret: string;
}

/** Somebody who signs people in here: at `/signin/with/<slug>`, and with `?link=1` for who is signed in already. */
export interface SignInProvider {
  slug: string;
  /** For people, such as GitHub */
  name: string;
}

/** End all of the caller's sessions and signed cookies. Bearer tokens remain. Needs a sign-in. */
export interface SignOutEverywhere {
  /** Leave the session that asks; a signed cookie always ends */
  keepThis?: boolean;
}

/** A template, without its files. */
export interface Template {
  id: string;
  name: string;
  description: string | null;
  category: string | null;
  tags: string[];
  techStack: string[];
  prompt: string | null;
  variables: TemplateVariable[];
  isPublic: boolean;
  /** The caller made it, and may delete it */
  isOwn: boolean;
  usageCount: number;
  /** Null: it came with the server, or a deleted person made it */
  author: TemplateAuthor | null;
  createdAt: string;
  updatedAt: string;
}

/** Who made a template. */
export interface TemplateAuthor {
  id: string;
  name: string;
}

/** One page of them. */
export interface TemplateList {
  templates: Template[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** A file of a template. */
export interface TemplatePath {
  path: string;
  isDirectory: boolean;
  /** Bytes, before variables are replaced */
  size: number;
}

/** One page of them. */
export interface TemplatePathList {
  paths: TemplatePath[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** What a template asks for when it is used. */
export interface TemplateVariable {
  name: string;
  /** What to ask for; empty: the name */
  label: string;
  /** Null: it must be given */
  default: string | null;
  /** It is part of a file's name, and so its value is one part of a path */
  inPaths: boolean;
}

/** Good for one handshake, until `expires_at`, for the project it was made in. */
export interface Ticket {
  ticket: string;
  expiresAt: string;
}

/** A bearer token, without its secret. */
export interface Token {
  id: string;
  label: string;
  scopes: string[];
  /** The one project it is good for; null: all of the person's */
  projectId: string | null;
  createdAt: string;
  /** To the minute */
  lastUsedAt: string | null;
  expiresAt: string | null;
}

/** One page of them. */
export interface TokenList {
  tokens: Token[];
  /** The `after` of the following page; null when this is the last */
  next: string | null;
}

/** Record that the caller looked at the project now. */
export type TouchProject = Record<string, never>;

/** Hand the project to one of its people, as its owner; who owned it stays as an editor. */
export interface TransferProject {
  userId: string;
}

/** What the owner decided for the whole tree. */
export interface TreeSettings {
  /** Whether paths that differ only by case may be there side by side */
  keepsCaseClashes: boolean;
}

/** Somebody changed how the project's tree behaves. */
export interface TreeSettingsChanged {
  settings: TreeSettings;
}

/** Make an archived project one that is worked on again. */
export type UnarchiveProject = Record<string, never>;

/** Take an account at a provider away from the ways to sign in, but never the last way. Needs a sign-in. */
export interface Unlink {
  provider: string;
  subject: string;
}

/** Change what others see of the caller. Sockets that are open keep what they began with. Needs a sign-in. */
export interface UpdateProfile {
  displayName: string;
  /** One of the profile's `colors` */
  color: string;
}

/** Change what a project is called and how it is described; null leaves a value as it is. */
export interface UpdateProject {
  projectName?: string | null;
  /** Empty: none */
  description?: string | null;
  tags?: string[] | null;
  techStack?: string[] | null;
  status?: "draft" | "building" | "built" | "error" | null;
}

/** Make a project of the caller's own from a template. Every value names a variable of it. */
export interface UseTemplate {
  id: string;
  projectName: string;
  /** Null: the template's */
  description?: string | null;
  visibility?: "private" | "team" | "public";
  values?: Record<string, string>;
}

/** `recovered` is true when `missed` holds every event since `resume`; else fetch lists anew. */
export interface Welcome {
  minor: number;
  server: string;
  connectionId: number;
  user: Person;
  /** The socket ends then unless `accounts/renew` brings a fresh credential; sessions may move it */
  credentialEndsAt?: string | null;
  project: ProjectInfo;
  limits: Limits;
  epoch: string;
  seq: number;
  recovered: boolean;
  missed: NumberedEvent[];
  serverTime: string;
}

/** Who the caller is. */
export type WhoAmI = Record<string, never>;

/** Bring the document's text to `text` by the smallest edit found, as an edit of the caller. */
export interface WriteDocument {
  path: string;
  text: string;
  /** The checksum that the file must have now; `*`: any file */
  ifMatch?: string | null;
}

/** What a write changed. */
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
  "accounts/profile": { request: GetProfile; reply: Profile; mutates: false };
  "accounts/update_profile": { request: UpdateProfile; reply: Profile; mutates: true };
  "accounts/ticket": { request: CreateTicket; reply: Ticket; mutates: false };
  "accounts/project_token": { request: CreateProjectToken; reply: ProjectToken; mutates: false };
  "accounts/renew": { request: Renew; reply: Renewed; mutates: false };
  "accounts/sessions": { request: ListSessions; reply: SessionList; mutates: false };
  "accounts/revoke_session": { request: RevokeSession; reply: Empty; mutates: true };
  "accounts/sign_out_everywhere": { request: SignOutEverywhere; reply: Empty; mutates: true };
  "accounts/tokens": { request: ListTokens; reply: TokenList; mutates: false };
  "accounts/create_token": { request: CreateToken; reply: CreatedToken; mutates: true };
  "accounts/revoke_token": { request: RevokeToken; reply: Empty; mutates: true };
  "accounts/passkeys": { request: ListPasskeys; reply: PasskeyList; mutates: false };
  "accounts/passkey_options": { request: AskPasskeyOptions; reply: PasskeyOptions; mutates: false };
  "accounts/add_passkey": { request: AddPasskey; reply: Passkey; mutates: true };
  "accounts/rename_passkey": { request: RenamePasskey; reply: Empty; mutates: true };
  "accounts/remove_passkey": { request: RemovePasskey; reply: Empty; mutates: true };
  "accounts/deletion": { request: PlanDeletion; reply: DeletionPlan; mutates: false };
  "accounts/delete": { request: DeleteAccount; reply: Empty; mutates: true };
  "accounts/linked": { request: ListLinkedAccounts; reply: LinkedAccountList; mutates: false };
  "accounts/unlink": { request: Unlink; reply: Empty; mutates: true };
  "archives/progress": { request: GetImport; reply: ImportProgress; mutates: false };
  "archives/cancel": { request: CancelImport; reply: Empty; mutates: true };
  "audit/mine": { request: ListOwnAudit; reply: AuditPage; mutates: false };
  "audit/project": { request: ListProjectAudit; reply: AuditPage; mutates: false };
  "collaborators/list": { request: ListCollaborators; reply: CollaboratorList; mutates: false };
  "collaborators/change_role": { request: ChangeRole; reply: Collaborator; mutates: true };
  "collaborators/set_permissions": { request: SetPermissions; reply: Collaborator; mutates: true };
  "collaborators/remove": { request: RemoveCollaborator; reply: Empty; mutates: true };
  "collaborators/leave": { request: LeaveProject; reply: Empty; mutates: true };
  "collaborators/path_rights": { request: ListPathRights; reply: PathRightList; mutates: false };
  "collaborators/set_path_right": { request: SetPathRight; reply: PathRight; mutates: true };
  "collaborators/remove_path_right": { request: RemovePathRight; reply: Empty; mutates: true };
  "collaborators/invite": { request: Invite; reply: Invited; mutates: true };
  "collaborators/invitations": { request: ListInvitations; reply: InvitationList; mutates: false };
  "collaborators/revoke_invitation": { request: RevokeInvitation; reply: Empty; mutates: true };
  "collaborators/offer": { request: ShowInvitation; reply: Offer; mutates: false };
  "collaborators/accept": { request: AcceptInvitation; reply: Accepted; mutates: true };
  "collaborators/decline": { request: DeclineInvitation; reply: Empty; mutates: true };
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
  "files/settings": { request: GetTreeSettings; reply: TreeSettings; mutates: false };
  "files/change_settings": { request: ChangeTreeSettings; reply: TreeSettings; mutates: true };
  "projects/get": { request: GetProject; reply: Project; mutates: false };
  "projects/list": { request: ListProjects; reply: ProjectList; mutates: false };
  "projects/create": { request: CreateProject; reply: Project; mutates: true };
  "projects/clone": { request: CloneProject; reply: Project; mutates: true };
  "projects/update": { request: UpdateProject; reply: Project; mutates: true };
  "projects/set_visibility": { request: SetVisibility; reply: Project; mutates: true };
  "projects/archive": { request: ArchiveProject; reply: Project; mutates: true };
  "projects/unarchive": { request: UnarchiveProject; reply: Project; mutates: true };
  "projects/transfer": { request: TransferProject; reply: Project; mutates: true };
  "projects/delete": { request: DeleteProject; reply: Empty; mutates: true };
  "projects/deleted": { request: ListDeletedProjects; reply: DeletedProjectList; mutates: false };
  "projects/restore": { request: RestoreProject; reply: Project; mutates: true };
  "projects/resume": { request: ResumeEvents; reply: Resumed; mutates: false };
  "projects/touch": { request: TouchProject; reply: Empty; mutates: true };
  "templates/list": { request: ListTemplates; reply: TemplateList; mutates: false };
  "templates/paths": { request: ListTemplatePaths; reply: TemplatePathList; mutates: false };
  "templates/make": { request: MakeTemplate; reply: Template; mutates: true };
  "templates/use": { request: UseTemplate; reply: Project; mutates: true };
  "templates/delete": { request: DeleteTemplate; reply: Empty; mutates: true };
}

export type CommandName = keyof Commands;

/** Whether a command changes state: then it carries a command id and takes effect once. */
export const MUTATES = {
  "accounts/me": false,
  "accounts/profile": false,
  "accounts/update_profile": true,
  "accounts/ticket": false,
  "accounts/project_token": false,
  "accounts/renew": false,
  "accounts/sessions": false,
  "accounts/revoke_session": true,
  "accounts/sign_out_everywhere": true,
  "accounts/tokens": false,
  "accounts/create_token": true,
  "accounts/revoke_token": true,
  "accounts/passkeys": false,
  "accounts/passkey_options": false,
  "accounts/add_passkey": true,
  "accounts/rename_passkey": true,
  "accounts/remove_passkey": true,
  "accounts/deletion": false,
  "accounts/delete": true,
  "accounts/linked": false,
  "accounts/unlink": true,
  "archives/progress": false,
  "archives/cancel": true,
  "audit/mine": false,
  "audit/project": false,
  "collaborators/list": false,
  "collaborators/change_role": true,
  "collaborators/set_permissions": true,
  "collaborators/remove": true,
  "collaborators/leave": true,
  "collaborators/path_rights": false,
  "collaborators/set_path_right": true,
  "collaborators/remove_path_right": true,
  "collaborators/invite": true,
  "collaborators/invitations": false,
  "collaborators/revoke_invitation": true,
  "collaborators/offer": false,
  "collaborators/accept": true,
  "collaborators/decline": true,
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
  "files/settings": false,
  "files/change_settings": true,
  "projects/get": false,
  "projects/list": false,
  "projects/create": true,
  "projects/clone": true,
  "projects/update": true,
  "projects/set_visibility": true,
  "projects/archive": true,
  "projects/unarchive": true,
  "projects/transfer": true,
  "projects/delete": true,
  "projects/deleted": false,
  "projects/restore": true,
  "projects/resume": false,
  "projects/touch": true,
  "templates/list": false,
  "templates/paths": false,
  "templates/make": true,
  "templates/use": true,
  "templates/delete": true,
} as const satisfies { [N in CommandName]: Commands[N]['mutates'] };

export interface Events {
  "accounts/ended": CredentialsEnded;
  "collaborators/joined": CollaboratorJoined;
  "collaborators/changed": CollaboratorChanged;
  "collaborators/left": CollaboratorLeft;
  "collaborators/regranted": Regranted;
  "collaborators/path_rights_changed": PathRightsChanged;
  "collaborators/invited": InvitationMade;
  "collaborators/invitation_closed": InvitationClosed;
  "documents/access_changed": DocumentAccessChanged;
  "files/settings_changed": TreeSettingsChanged;
  "files/created": FileCreated;
  "files/changed": FileChanged;
  "files/moved": FilesMoved;
  "files/deleted": FilesDeleted;
  "files/copied": FilesCopied;
  "files/restored": FilesRestored;
  "files/rights_changed": FileRightsChanged;
  "projects/changed": ProjectChanged;
}

export type EventName = keyof Events;
