import type { LanguageSupport } from "@codemirror/language";

export interface Language {
  label: string;
  /** Two letters for the file list, and their colour in both themes. */
  mark: string;
  color: string;
  indent: string;
  /** Prose is wrapped at the window's edge, code is not. */
  isProse?: true;
  load: () => Promise<LanguageSupport>;
}

const script = (typescript: boolean, jsx: boolean) => async () =>
  (await import("@codemirror/lang-javascript")).javascript({ typescript, jsx });

const JAVASCRIPT = { label: "JavaScript", mark: "JS", color: "var(--mark-yellow)", indent: "  " };
const TYPESCRIPT = { label: "TypeScript", mark: "TS", color: "var(--mark-blue)", indent: "  " };

const PYTHON: Language = {
  label: "Python",
  mark: "PY",
  color: "var(--mark-blue)",
  indent: "    ",
  load: async () => (await import("@codemirror/lang-python")).python(),
};
const RUST: Language = {
  label: "Rust",
  mark: "RS",
  color: "var(--mark-orange)",
  indent: "    ",
  load: async () => (await import("@codemirror/lang-rust")).rust(),
};
const HTML: Language = {
  label: "HTML",
  mark: "<>",
  color: "var(--mark-orange)",
  indent: "  ",
  load: async () => (await import("@codemirror/lang-html")).html(),
};
const CSS: Language = {
  label: "CSS",
  mark: "#",
  color: "var(--mark-purple)",
  indent: "  ",
  load: async () => (await import("@codemirror/lang-css")).css(),
};
const MARKDOWN: Language = {
  label: "Markdown",
  mark: "MD",
  color: "var(--mark-green)",
  indent: "  ",
  isProse: true,
  load: async () => (await import("@codemirror/lang-markdown")).markdown(),
};
const JSON_LANGUAGE: Language = {
  label: "JSON",
  mark: "{}",
  color: "var(--mark-yellow)",
  indent: "  ",
  load: async () => (await import("@codemirror/lang-json")).json(),
};
const SQL: Language = {
  label: "SQL",
  mark: "SQ",
  color: "var(--mark-green)",
  indent: "  ",
  load: async () => {
    const { PostgreSQL, sql } = await import("@codemirror/lang-sql");
    return sql({ dialect: PostgreSQL });
  },
};

const BY_ENDING: Readonly<Record<string, Language>> = {
  py: PYTHON,
  pyi: PYTHON,
  js: { ...JAVASCRIPT, load: script(false, false) },
  mjs: { ...JAVASCRIPT, load: script(false, false) },
  cjs: { ...JAVASCRIPT, load: script(false, false) },
  jsx: { ...JAVASCRIPT, load: script(false, true) },
  ts: { ...TYPESCRIPT, load: script(true, false) },
  mts: { ...TYPESCRIPT, load: script(true, false) },
  tsx: { ...TYPESCRIPT, load: script(true, true) },
  rs: RUST,
  html: HTML,
  htm: HTML,
  css: CSS,
  md: MARKDOWN,
  markdown: MARKDOWN,
  json: JSON_LANGUAGE,
  sql: SQL,
};

/** The language that a file's name says, null when none of ours. */
export function languageOf(path: string): Language | null {
  const ending = /\.([^./]+)$/.exec(path)?.[1];
  return (ending && BY_ENDING[ending.toLowerCase()]) || null;
}
