import type { MenuItem } from "../parts/menu";

const KINDS = ["zip", "tar.gz"] as const;

/** What a person may take a project home as. */
export function exportsOf(projectId: string): MenuItem[] {
  return KINDS.map((kind) => ({ label: `Export as ${kind}`, run: () => download(`/archives/${projectId}.${kind}`) }));
}

function download(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = ""; // the server names it; a refusal is a download that failed, not another page
  link.click();
}
