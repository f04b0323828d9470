// Unmodified tus-js-client, driven from Python: begin an upload of a file on disk, break it off, go on.
import { createReadStream, statSync } from "node:fs";

import * as tus from "tus-js-client";

import { serve } from "./requests.mjs";

/** Upload a file; with `stopAt` break off once so many bytes were sent. Returns {url, sent, done, requests}. */
function upload({ file, path, endpoint, url, token, chunkBytes, stopAt }) {
  return new Promise((resolve, reject) => {
    let requests = 0;
    const result = (sent, done) => resolve({ url: running.url, sent, done, requests });
    const running = new tus.Upload(createReadStream(file), {
      endpoint,
      uploadUrl: url,
      uploadSize: statSync(file).size,
      ...(chunkBytes && { chunkSize: chunkBytes }), // without it one request carries everything
      retryDelays: [0, 100, 500],
      headers: { authorization: `Bearer ${token}` },
      metadata: { path, filename: path.split("/").at(-1) },
      onBeforeRequest: () => void (requests += 1),
      onError: reject,
      onSuccess: () => result(statSync(file).size, true),
      onProgress: (sent) => {
        if (stopAt && sent >= stopAt) running.abort().then(() => result(sent, false), reject);
      },
    });
    running.start();
  });
}

/** End an upload for good. */
const terminate = ({ url, token }) => tus.Upload.terminate(url, { headers: { authorization: `Bearer ${token}` } });

await serve({ upload, terminate });
