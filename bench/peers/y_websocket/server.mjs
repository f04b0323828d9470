// The handler that @y/websocket-server ships, on a free port, which it prints. Nothing is stored; documents in the folder
// $DOCUMENTS, one update each, are loaded when somebody joins.
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { setPersistence, setupWSConnection } from '@y/websocket-server/utils'
import { WebSocketServer } from 'ws'
import * as Y from 'yjs'

const folder = process.env.DOCUMENTS
if (folder) {
  setPersistence({
    provider: null,
    bindState: (name, document) => {
      const file = path.join(folder, `${encodeURIComponent(name)}.update`)
      if (fs.existsSync(file)) Y.applyUpdate(document, fs.readFileSync(file))
    },
    writeState: () => Promise.resolve(),
  })
}

const server = http.createServer()
const sockets = new WebSocketServer({ server })
sockets.on('connection', setupWSConnection)
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
