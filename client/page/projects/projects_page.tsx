import { useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { AccountLink } from "../parts/account_link";
import { Mark, PlusIcon } from "../parts/icons";
import { Notice, SignedOut } from "../parts/notice";
import { ThemeButton } from "../parts/theme_button";
import { DeletedList } from "./deleted_list";
import { importProject } from "./import_project";
import { makeProject } from "./new_project";
import { ProjectCard } from "./project_card";
import { Shelf, WHICH } from "./shelf";

const SEARCH_PAUSE_MS = 200;

/** The person's projects, those they share and those that are public. */
export function Projects() {
  const [shelf] = useState(() => new Shelf());
  useEffect(() => {
    document.title = "Projects — FlashIO";
    shelf.load();
  }, []);
  const error = shelf.error.value;
  if (error?.body.code === "unauthenticated") return <SignedOut />;
  if (error) {
    return (
      <Notice title="Your projects did not load" action={{ label: "Try again", onClick: () => shelf.load() }}>
        {error.message}
      </Notice>
    );
  }
  return (
    <div class="projects">
      <header class="top-bar">
        <span class="brand">
          <Mark />
          FlashIO
        </span>
        <span class="spacer" />
        <AccountLink />
        <ThemeButton />
      </header>
      <main>
        <div class="projects-head">
          <h1>Projects</h1>
          <div class="projects-beginnings">
            <button class="button" type="button" onClick={() => void importProject()}>
              Import
            </button>
            <button class="button is-primary" type="button" onClick={() => void makeProject()}>
              <PlusIcon />
              New project
            </button>
          </div>
        </div>
        <Narrowing shelf={shelf} />
        <Found shelf={shelf} />
      </main>
    </div>
  );
}

function Narrowing({ shelf }: { shelf: Shelf }) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const searchSoon = (search: string): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => shelf.narrow({ search }), SEARCH_PAUSE_MS);
  };
  return (
    <div class="narrowing">
      <fieldset class="segments">
        <legend class="visually-hidden">Which projects</legend>
        {WHICH.map(([which, label]) => (
          <label key={which} class="segment">
            <input
              type="radio"
              name="which"
              checked={shelf.which.value === which}
              onChange={() => shelf.choose(which)}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      {shelf.which.value !== "deleted" && (
        <>
          <input
            class="input"
            type="search"
            aria-label="Search projects by name, description or tag"
            placeholder="Search"
            maxLength={200}
            defaultValue={shelf.search.value}
            onInput={(event) => searchSoon(event.currentTarget.value)}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={shelf.isArchived.value}
              onChange={(event) => shelf.narrow({ isArchived: event.currentTarget.checked })}
            />
            Archived
          </label>
        </>
      )}
    </div>
  );
}

function Found({ shelf }: { shelf: Shelf }) {
  const said = useComputed(() => (shelf.count.value === undefined ? "Loading…" : inWords(shelf)));
  const projects = shelf.projects.value;
  return (
    <>
      <p class="found muted" role="status">
        {said}
      </p>
      {shelf.which.value === "deleted" ? (
        <DeletedList shelf={shelf} />
      ) : (
        <ul class="cards">
          {projects?.map((project) => (
            <ProjectCard key={project.id} project={project} shelf={shelf} />
          ))}
        </ul>
      )}
      {shelf.next.value !== null && (
        <button class="button more" type="button" onClick={() => shelf.more()}>
          Show more
        </button>
      )}
    </>
  );
}

function inWords(shelf: Shelf): string {
  const count = shelf.count.value ?? 0;
  if (count > 0)
    return `${count}${shelf.next.value === null ? "" : " or more"} ${count === 1 ? "project" : "projects"}`;
  if (shelf.search.value.trim() && shelf.which.value !== "deleted") return "No project has words that begin so.";
  if (shelf.isArchived.value && shelf.which.value !== "deleted") return "Nothing is archived here.";
  switch (shelf.which.value) {
    case "mine":
      return "You have no projects yet. Make one, empty or from a template, or import an archive.";
    case "shared":
      return "Nobody shares a project with you yet.";
    case "public":
      return "No project is public yet.";
    case "deleted":
      return "You deleted nothing in the last days.";
  }
}
