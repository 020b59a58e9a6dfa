import { useMemo, useState } from "react";
import {
  type Choice,
  type Folder,
  type Plan,
  foldersOf,
  initialChoices,
  levelsOf,
  planOf,
} from "../logic/folders";
import type { FoundFile } from "./files";

/** The folders of found photos, and what a person chose for them. */
export interface FolderChoices {
  folders: Folder[];
  plan: Plan;
  labels: readonly string[];
  levels: { level: number; names: string[] }[];
  /** The level of the folders that name the labels; null for those that contain the photos. */
  level: number | null;
  /** Change the choice of one folder. */
  change: (path: string, change: Partial<Choice>) => void;
  includeAll: (included: boolean) => void;
  /** Name all labels after the folders of another level. */
  nameBy: (level: number | null) => void;
}

/** Choose labels for folders of photos, in a function with these labels. */
export function useFolderChoices(
  found: readonly FoundFile[],
  labels: readonly string[],
): FolderChoices {
  const folders = useMemo(() => foldersOf(found.map(({ folder }) => folder)), [found]);
  const levels = useMemo(() => levelsOf(folders), [folders]);
  const [level, setLevel] = useState<number | null>(null);
  const [choices, setChoices] = useState(() => initialChoices(folders, labels));
  const plan = useMemo(() => planOf(folders, choices, labels), [folders, choices, labels]);

  return {
    folders,
    plan,
    labels,
    levels,
    level,
    change: (path, change) =>
      setChoices((before) => {
        const choice = before.get(path);
        return choice ? new Map(before).set(path, { ...choice, ...change }) : before;
      }),
    includeAll: (included) =>
      setChoices(
        (before) => new Map([...before].map(([path, choice]) => [path, { ...choice, included }])),
      ),
    nameBy: (wanted) => {
      setLevel(wanted);
      setChoices((before) => {
        const named = initialChoices(folders, labels, wanted);
        return new Map(
          [...named].map(([path, choice]) => [
            path,
            { ...choice, included: before.get(path)?.included ?? true },
          ]),
        );
      });
    },
  };
}
