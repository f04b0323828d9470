// The release candidate: y-websocket 4 on Yjs 14.
import { WebsocketProvider } from "@y/websocket";
import * as Y from "@y/y";
import WebSocket from "ws";

const textOf = (doc, root) => doc.get(root);

export { textOf, WebSocket, WebsocketProvider, Y };
