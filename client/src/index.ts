export { call, type CallOptions } from "./call";
export { SharedDocument, type DocumentOptions } from "./document";
export type { DocumentStatus, Ending } from "./document_status";
export { ConnectionLost, RequestError, type EndedBody, type ErrorBody } from "./errors";
export { ProjectFiles } from "./files";
export { ProjectSession } from "./session";
export { Socket, type SocketOptions, type SocketStatus } from "./socket";
export type * from "./wire.gen";
