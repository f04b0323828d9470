// The npm default: y-websocket 3 on Yjs 13.
import WebSocket from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const textOf = (doc, root) => doc.getText(root);

export { textOf, WebSocket, WebsocketProvider, Y };
