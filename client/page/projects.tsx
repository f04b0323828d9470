import { useEffect, useState } from "preact/hooks";
import { RequestError } from "../src/index";
import type { Project } from "../src/wire.gen";
import { projectAddress } from "./address";
import { post } from "./api";
import { AccountLink } from "./parts/account_link";
import { Mark } from "./parts/icons";
import { Notice, SignedOut } from "./parts/notice";
import { ThemeButton } from "./parts/theme_button";
import { followInside } from "./route";
import { age } from "./words";

type Loading = { projects: Project[] | null; error: RequestError | null };

/** The person's projects. */
export function Projects() {
  const [{ projects, error }, setLoading] = useState<Loading>({ projects: null, error: null });
  const load = (): void => {
    setLoading({ projects: null, error: null });
    post("projects/list", {}).then(
      (reply) => setLoading({ projects: reply.projects, error: null }),
      (reason: RequestError) => setLoading({ projects: null, error: reason }),
    );
  };
  useEffect(() => {
    document.title = "Projects — FlashIO";
    load();
  }, []);
  if (error?.body.code === "unauthenticated") return <SignedOut />;
  if (error) {
    return (
      <Notice title="Your projects did not load" action={{ label: "Try again", onClick: load }}>
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
        <h1>Projects</h1>
        {projects === null ? <p class="muted">Loading…</p> : <ProjectCards projects={projects} />}
      </main>
    </div>
  );
}

function ProjectCards({ projects }: { projects: Project[] }) {
  if (projects.length === 0) {
    return (
      <p class="muted">
        You have no projects yet. An operator makes one with <code>python -m server project create</code>.
      </p>
    );
  }
  return (
    <ul class="cards">
      {projects.map((project) => (
        <li key={project.id}>
          <a class="card" href={projectAddress(project.id)} onClick={followInside}>
            <strong>{project.name}</strong>
            {project.description && <span>{project.description}</span>}
            <small class="muted">
              {project.role} · changed {age(project.updatedAt)}
            </small>
          </a>
        </li>
      ))}
    </ul>
  );
}
