import type { ComponentChildren } from "preact";

/** One matter of the account page, under its own heading. */
export function Section(props: { id: string; title: string; text?: string; children: ComponentChildren }) {
  const { id, title, text, children } = props;
  return (
    <section class="account-section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {text && <p class="muted">{text}</p>}
      {children}
    </section>
  );
}

/** A list of things that can be ended; while it loads, and when it is empty, a line says so. */
export function Rows<T extends { id: string }>(props: {
  rows: T[] | null;
  empty: string;
  label: string;
  children: (row: T) => ComponentChildren;
}) {
  const { rows, empty, label, children } = props;
  if (rows === null) return <p class="muted">Loading…</p>;
  if (rows.length === 0) return <p class="muted">{empty}</p>;
  return (
    <ul class="listing" aria-label={label}>
      {rows.map((row) => (
        <li key={row.id} class="listed">
          {children(row)}
        </li>
      ))}
    </ul>
  );
}
