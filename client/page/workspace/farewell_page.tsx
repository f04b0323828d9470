import { useEffect, useRef } from "preact/hooks";
import { signInAddress } from "../address";
import { CopyButton, showText } from "../parts/dialogs";
import { Mark } from "../parts/icons";
import { followInside } from "../route";
import type { Farewell, UnsavedWork } from "./farewell";
import { shownWords } from "./losses";
import { nameOf } from "./tree";

/** The project is closed for this person: why, what of theirs is not saved, and what to do next. */
export function FarewellPage({ farewell, onRetry }: { farewell: Farewell; onRetry: () => void }) {
  const { why, unsaved } = farewell;
  const heading = useRef<HTMLHeadingElement>(null);
  const isSignedOut = why.code === "unauthenticated";
  useEffect(() => heading.current?.focus(), []);
  return (
    <main class="notice">
      <Mark />
      <h1 ref={heading} tabIndex={-1}>
        {titleOf(why.code)}
      </h1>
      <p role="alert">{why.message}</p>
      {unsaved.length > 0 && <Unsaved works={unsaved} isSignedOut={isSignedOut} />}
      <div class="notice-buttons">
        {isSignedOut ? (
          <a class="button is-primary" href={signInAddress()} {...(unsaved.length > 0 && { target: "_blank" })}>
            Sign in
          </a>
        ) : (
          <a class="button is-primary" href="/" onClick={followInside}>
            Show my projects
          </a>
        )}
        <button class="button" type="button" onClick={onRetry}>
          {isSignedOut ? "I have signed in: go on here" : "Try again"}
        </button>
      </div>
    </main>
  );
}

function titleOf(code: string): string {
  if (code === "unauthenticated") return "You are signed out";
  return code === "gone" ? "This project was deleted" : "This project is closed for you";
}

function Unsaved({ works, isSignedOut }: { works: UnsavedWork[]; isSignedOut: boolean }) {
  return (
    <section class="unsaved">
      <h2>Not known to be saved</h2>
      <p>
        {isSignedOut
          ? "The server confirmed all but what you typed last. Sign in in another tab and go on here: then it is sent."
          : "The server confirmed all but what you typed last, and takes nothing more. Copy what you want to keep."}
      </p>
      {works.map((work) => (
        <UnsavedFile key={work.path} work={work} />
      ))}
    </section>
  );
}

function UnsavedFile({ work: { path, words, text } }: { work: UnsavedWork }) {
  const advice = "The whole file as it is in this window.";
  return (
    <article class="unsaved-file">
      <h3>{path}</h3>
      {words !== null && <pre class="lost-words">{shownWords(words)}</pre>}
      <div class="lost-buttons">
        {words !== null && <CopyButton text={words} label="Copy the words" />}
        <button class="button" type="button" onClick={() => showText(`Your text of ${nameOf(path)}`, advice, text)}>
          View my text
        </button>
      </div>
    </article>
  );
}
