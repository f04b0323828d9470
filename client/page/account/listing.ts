import { useEffect, useState } from "preact/hooks";
import { showError } from "../parts/toasts";

export interface Listing<T> {
  /** Null until it is loaded. */
  rows: T[] | null;
  reload: () => Promise<void>;
  /** Do something to the list on the server and show what became of it; errors are told with `what`. */
  change: (what: string, work: () => Promise<unknown>) => Promise<boolean>;
}

/** Rows of the server, loaded when the component appears. */
export function useListing<T>(what: string, load: () => Promise<T[]>): Listing<T> {
  const [rows, setRows] = useState<T[] | null>(null);
  const reload = async (): Promise<void> => {
    try {
      setRows(await load());
    } catch (error) {
      showError(what, error);
    }
  };
  useEffect(() => void reload(), []);
  return {
    rows,
    reload,
    change: async (failure, work) => {
      try {
        await work();
      } catch (error) {
        showError(failure, error);
        return false;
      }
      await reload();
      return true;
    },
  };
}
