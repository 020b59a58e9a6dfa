/** A folder that directly contains photos; the path of photos outside of all folders is empty. */
export interface Folder {
  path: string;
  photos: number;
  /** Whether folders below it contain photos too. */
  isParent: boolean;
}

/** What a person wants to do with the photos of a folder. */
export interface Choice {
  included: boolean;
  /** The name of a label as it was typed; if it is blank, the photos are added without a label. */
  label: string;
}

/** What a choice leads to. */
export type Outcome =
  | { kind: "left out" }
  | { kind: "without" }
  | { kind: "existing"; label: string }
  | { kind: "new"; label: string }
  | { kind: "problem"; problem: string };

/** What adding the photos of all folders leads to. */
export interface Plan {
  rows: { folder: Folder; choice: Choice; outcome: Outcome }[];
  /** Photos that are added. */
  photos: number;
  /** Those of them that are annotated. */
  annotated: number;
  /** Those that get no label. */
  unlabelled: number;
  /** Names of labels that are created. */
  newLabels: string[];
  /** Folders whose label has an impossible name. */
  problems: number;
}

/** The most characters of a label's name, as in the API. */
const MOST = 100;
const order = new Intl.Collator("en", { numeric: true });

/** The folders of photos, by the path of the folder of each photo, in the order of their names. */
export function foldersOf(paths: readonly (string | null)[]): Folder[] {
  const photos = new Map<string, number>();
  for (const path of paths) photos.set(path ?? "", (photos.get(path ?? "") ?? 0) + 1);
  const parents = new Set<string>();
  for (const path of photos.keys()) {
    for (let up = parentOf(path); up !== "" && !parents.has(up); up = parentOf(up)) parents.add(up);
  }
  return [...photos]
    .map(([path, found]) => ({ path, photos: found, isParent: parents.has(path) }))
    .sort((a, b) => order.compare(a.path, b.path));
}

/**
 * Levels of folders that can name the labels instead of the folder that contains a photo.
 *
 * Of `photos/Soups/2023` and `photos/Desserts/2024`, level 2 can: it has several names, which are
 * not the names of the folders with photos. Names of each level come with it.
 */
export function levelsOf(folders: readonly Folder[]): { level: number; names: string[] }[] {
  const paths = folders.map(({ path }) => path.split("/").filter(Boolean));
  const deepest = paths.reduce((most, { length }) => Math.max(most, length), 0);
  const levels = [];
  for (let level = 1; level < deepest; level++) {
    const names = new Set(paths.map((path) => path[level - 1] ?? "").filter(Boolean));
    if (names.size > 1) levels.push({ level, names: [...names] });
  }
  return levels;
}

/**
 * The initial choices: every folder is included, and its own name is the label.
 *
 * A folder above others with photos gets no label, because it seldom names what its photos show.
 * With a level, the folder of that level names the label of all photos below it. Names that differ
 * from a label, or from one another, only by case or spaces are the same label.
 */
export function initialChoices(
  folders: readonly Folder[],
  labels: readonly string[],
  level: number | null = null,
): Map<string, Choice> {
  const known = new Map(labels.map((label) => [loose(label), label]));
  const exact = new Map(labels.map((label) => [keyOf(label), label]));
  return new Map(
    folders.map((folder) => {
      const name = clean(nameOf(folder, level));
      const label = exact.get(keyOf(name)) ?? known.get(loose(name)) ?? name;
      if (label !== "") known.set(loose(name), label);
      return [folder.path, { included: true, label }];
    }),
  );
}

/** What choices lead to, in a function with these labels. */
export function planOf(
  folders: readonly Folder[],
  choices: ReadonlyMap<string, Choice>,
  labels: readonly string[],
): Plan {
  const existing = new Map(labels.map((label) => [keyOf(label), label]));
  const made = new Map<string, string>();
  const plan: Plan = {
    rows: [],
    photos: 0,
    annotated: 0,
    unlabelled: 0,
    newLabels: [],
    problems: 0,
  };
  for (const folder of folders) {
    const choice = choices.get(folder.path) ?? { included: false, label: "" };
    const outcome = outcomeOf(choice, existing, made);
    plan.rows.push({ folder, choice, outcome });
    if (outcome.kind === "left out") continue;
    plan.photos += folder.photos;
    if (outcome.kind === "problem") plan.problems++;
    else if (outcome.kind === "without") plan.unlabelled += folder.photos;
    else plan.annotated += folder.photos;
  }
  plan.newLabels = [...made.values()];
  return plan;
}

/** Photos with the labels of a plan, without those that are left out. */
export function labelled<Photo extends { folder: string | null }>(
  photos: readonly Photo[],
  plan: Plan,
): (Photo & { labelName?: string })[] {
  const outcomes = new Map(plan.rows.map(({ folder, outcome }) => [folder.path, outcome]));
  return photos.flatMap((photo) => {
    const outcome = outcomes.get(photo.folder ?? "");
    if (outcome === undefined || outcome.kind === "left out") return [];
    const hasLabel = outcome.kind === "existing" || outcome.kind === "new";
    return [hasLabel ? { ...photo, labelName: outcome.label } : photo];
  });
}

/** The name of the only folder above all photos, for a function that is made of it; or empty. */
export function commonName(folders: readonly Folder[]): string {
  const tops = new Set(folders.map(({ path }) => path.split("/")[0] ?? ""));
  tops.delete("");
  const [top = ""] = tops;
  return tops.size === 1 ? clean(top) : "";
}

function outcomeOf(
  { included, label }: Choice,
  existing: ReadonlyMap<string, string>,
  made: Map<string, string>,
): Outcome {
  if (!included) return { kind: "left out" };
  const name = clean(label);
  if (name === "") return { kind: "without" };
  const key = keyOf(name);
  const known = existing.get(key);
  if (known !== undefined) return { kind: "existing", label: known };
  if (Array.from(name).length > MOST) {
    return { kind: "problem", problem: `A label has at most ${MOST} characters. Shorten it.` };
  }
  const earlier = made.get(key) ?? name;
  made.set(key, earlier);
  return { kind: "new", label: earlier };
}

function nameOf({ path, isParent }: Folder, level: number | null): string {
  const names = path.split("/");
  if (level !== null) return names[level - 1] ?? "";
  return isParent ? "" : (names.at(-1) ?? "");
}

function clean(name: string): string {
  return name.normalize("NFC").trim().replace(/\s+/g, " ");
}

/** The key that names share which the API takes for one label. */
function keyOf(name: string): string {
  return clean(name.normalize("NFKC")).toLowerCase();
}

/** The key that names share which differ only by case or spaces, even if the API tells them apart. */
function loose(name: string): string {
  return keyOf(name).replaceAll(" ", "");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
