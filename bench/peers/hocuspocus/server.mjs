// Hocuspocus as it is, on a free port, which it prints. Nothing is stored; documents in the folder $DOCUMENTS, one update
// each, are loaded when somebody joins.
import fs from 'node:fs/promises'
import path from 'node:path'
import { Server } from '@hocuspocus/server'

const folder = process.env.DOCUMENTS
const onLoadDocument = async ({ documentName }) => {
  try {
    return new Uint8Array(await fs.readFile(path.join(folder, `${encodeURIComponent(documentName)}.update`)))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

const server = new Server({ address: '127.0.0.1', port: 0, quiet: true, ...(folder && { onLoadDocument }) })
await server.listen()
console.log(server.address.port)
