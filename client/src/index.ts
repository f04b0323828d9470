export { SharedDocument, type DocumentOptions, type DocumentStatus, type Ending } from "./document";
export { ConnectionLost, RequestError, type EndedBody, type ErrorBody } from "./errors";
export { ProjectFiles } from "./files";
export { ProjectSession } from "./session";
export { Socket, type SocketOptions, type SocketStatus } from "./socket";
export type * from "./wire.gen";
