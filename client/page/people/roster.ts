import { signal } from "@preact/signals";
import type { Socket } from "../../src/index";
import type {
  Collaborator,
  CollaboratorList,
  Events,
  GivenPermissions,
  Invitation,
  InvitationList,
  Invite,
  Invited,
} from "../../src/wire.gen";
import type { GivenRole } from "./roles";

const PAGE_SIZE = 200;
const CHANGES = [
  "collaborators/joined",
  "collaborators/changed",
  "collaborators/left",
  "collaborators/invited",
  "collaborators/invitation_closed",
  "collaborators/regranted",
] as const satisfies readonly (keyof Events)[];

/** The people of the project and its open invitations, kept current while somebody looks at them. */
export class Roster {
  /** Owner first, then by name; null until they were fetched. */
  readonly collaborators = signal<Collaborator[] | null>(null);
  /** Newest first; empty for who may not invite. */
  readonly invitations = signal<Invitation[]>([]);
  /** Why the lists are not, or no longer, as on the server; else null. */
  readonly failure = signal<string | null>(null);
  readonly #socket: Socket;
  readonly #mayInvite: () => boolean;
  readonly #unlisten: (() => void)[];
  #watchers = 0;
  #loads = 0; // number of the newest load; an older one does not count

  constructor(socket: Socket, mayInvite: () => boolean) {
    this.#socket = socket;
    this.#mayInvite = mayInvite;
    const look = (): void => {
      if (this.#watchers > 0) void this.#load();
    };
    this.#unlisten = [socket.on("resync", look), ...CHANGES.map((name) => socket.events.on(name, look))];
  }

  /** Keep the lists current until the returned function is called. */
  watch(): () => void {
    this.#watchers++;
    void this.#load();
    return () => void this.#watchers--;
  }

  changeRole(userId: string, role: GivenRole): Promise<Collaborator> {
    return this.#socket.request("collaborators/change_role", { userId, role });
  }

  setPermissions(userId: string, permissions: GivenPermissions): Promise<Collaborator> {
    return this.#socket.request("collaborators/set_permissions", { userId, permissions });
  }

  async remove(userId: string): Promise<void> {
    await this.#socket.request("collaborators/remove", { userId });
  }

  async leave(): Promise<void> {
    await this.#socket.request("collaborators/leave", {});
  }

  invite(invitation: Invite): Promise<Invited> {
    return this.#socket.request("collaborators/invite", invitation);
  }

  async revoke(id: string): Promise<void> {
    await this.#socket.request("collaborators/revoke_invitation", { id });
  }

  close(): void {
    for (const unlisten of this.#unlisten) unlisten();
  }

  /** Whatever happened: the lists are short, and only their whole shows addresses and what a loss of events hid. */
  async #load(): Promise<void> {
    const load = ++this.#loads;
    try {
      const [people, invitations] = await Promise.all([this.#everybody(), this.#mayInvite() ? this.#open() : []]);
      if (load !== this.#loads) return;
      this.collaborators.value = people.sort(inOrder);
      this.invitations.value = invitations;
      this.failure.value = null;
    } catch (error) {
      if (load === this.#loads) this.failure.value = error instanceof Error ? error.message : String(error);
    }
  }

  async #everybody(): Promise<Collaborator[]> {
    const people: Collaborator[] = [];
    let after: string | null = null;
    do {
      const page: CollaboratorList = await this.#socket.request("collaborators/list", { after, limit: PAGE_SIZE });
      people.push(...page.collaborators);
      after = page.next;
    } while (after !== null);
    return people;
  }

  async #open(): Promise<Invitation[]> {
    const invitations: Invitation[] = [];
    let after: string | null = null;
    do {
      const page: InvitationList = await this.#socket.request("collaborators/invitations", { after, limit: PAGE_SIZE });
      invitations.push(...page.invitations);
      after = page.next;
    } while (after !== null);
    return invitations;
  }
}

function inOrder(a: Collaborator, b: Collaborator): number {
  return Number(b.role === "owner") - Number(a.role === "owner") || a.person.name.localeCompare(b.person.name);
}
