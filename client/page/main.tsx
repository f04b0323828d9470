import { render } from "preact";
import { AccountPage } from "./account/account_page";
import { Projects } from "./projects/projects_page";
import { InvitePage } from "./people/invite_page";
import { route } from "./route";
import { Dialogs } from "./parts/dialogs";
import { Menus } from "./parts/menu";
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
      {here.view === "invite" && <InvitePage key={here.secret} secret={here.secret} />}
      {here.view === "unknown" && (
        <Notice title="Nothing here" action={{ label: "Show my projects", href: "/" }}>
          No page has this address.
        </Notice>
      )}
      <Dialogs />
      <Menus />
      <Toasts />
    </>
  );
}

render(<Page />, document.getElementById("page")!);
