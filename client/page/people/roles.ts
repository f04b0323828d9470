import type { Collaborator, Invite, Permissions } from "../../src/wire.gen";

export type Role = Collaborator["role"];
export type GivenRole = Invite["role"];

/** From most to least, with what each may do. */
export const GIVEN_ROLES: readonly { role: GivenRole; label: string; meaning: string }[] = [
  { role: "editor", label: "Editor", meaning: "changes files and runs code" },
  { role: "reviewer", label: "Reviewer", meaning: "reads and comments" },
  { role: "viewer", label: "Viewer", meaning: "reads" },
];

const LABELS: Record<Role, string> = { owner: "Owner", editor: "Editor", reviewer: "Reviewer", viewer: "Viewer" };

export function roleLabel(role: Role): string {
  return LABELS[role];
}

/** What a role and its exceptions mean for the person who has them now. */
export function roleMeaning(role: Role, canWrite: boolean): string {
  return `You are ${role === "owner" || role === "editor" ? "an" : "a"} ${role} now: ${
    canWrite ? "you may change files." : "you may read files, not change them."
  }`;
}

/** The flags that may differ from the role for one person, in the order of a form. */
export const FLAGS: readonly { flag: keyof Permissions; ability: Collaborator["abilities"][number]; label: string }[] =
  [
    { flag: "canRead", ability: "read", label: "Read files" },
    { flag: "canWrite", ability: "write", label: "Change files" },
    { flag: "canDelete", ability: "delete", label: "Delete files" },
    { flag: "canInvite", ability: "invite", label: "Invite people" },
    { flag: "canManagePermissions", ability: "manage", label: "Change what others may do" },
  ];

/** Whether anything differs from the role. */
export function hasExceptions(permissions: Permissions): boolean {
  return FLAGS.some(({ flag }) => permissions[flag] !== null);
}
