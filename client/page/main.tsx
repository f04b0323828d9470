import { render } from "preact";
import { AccountPage } from "./account/account_page";
import { Projects } from "./projects";
import { route } from "./route";
import { Notice } from "./parts/notice";
import { Toasts } from "./parts/toasts";
import { ProjectPage } from "./workspace/project_page";
import "./theme";

function Page() {
  const here = route.value;
  return (
    <>
      {here.view === "projects" && <Projects />}
      {here.view === "project" && <ProjectPage key={here.projectId} projectId={here.projectId} />}
      {here.view === "account" && <AccountPage />}
      {here.view === "unknown" && (
        <Notice title="Nothing here" action={{ label: "Show my projects", href: "/" }}>
          No page has this address.
        </Notice>
      )}
      <Toasts />
    </>
  );
}

render(<Page />, document.getElementById("page")!);
