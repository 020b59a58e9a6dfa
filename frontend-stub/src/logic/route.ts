export const functionScreens = [
  "samples",
  "annotate",
  "review",
  "invoke",
  "monitoring",
  "use",
  "settings",
] as const;
/** Screens without a tab. */
const otherScreens = ["map", "trash"] as const;
export type FunctionScreen = (typeof functionScreens | typeof otherScreens)[number];

export const reviewScreens = ["quiz", "mistakes", "duplicates", "confusion", "versions"] as const;
export type ReviewScreen = (typeof reviewScreens)[number];

export type Route =
  | { screen: "functions" }
  | { screen: "webhooks" }
  | { screen: "webhook"; webhookId: string }
  | {
      screen: FunctionScreen;
      functionId: string;
      /** The part of the review; `quiz` if the address names none. */
      part: ReviewScreen;
      search: URLSearchParams;
    };

/** Read an address such as `#/functions/ID/samples?label=ID`; null where it names no screen. */
export function parseRoute(hash: string): Route | null {
  const [path = "", search = ""] = hash.replace(/^#/, "").split("?", 2);
  const [first, id, ...further] = path.split("/").filter(Boolean);
  if (first === undefined) return { screen: "functions" };
  if (first === "webhooks" && further.length === 0) {
    return id === undefined
      ? { screen: "webhooks" }
      : { screen: "webhook", webhookId: decodeURIComponent(id) };
  }
  const [screen = "samples", part = "quiz", ...rest] = further;
  if (first !== "functions" || id === undefined || rest.length > 0) return null;
  if (!isOneOf([...functionScreens, ...otherScreens], screen) || !isOneOf(reviewScreens, part))
    return null;
  return {
    screen,
    functionId: decodeURIComponent(id),
    part,
    search: new URLSearchParams(search),
  };
}

/** The address of a screen of a function. */
export function hrefOf(
  functionId: string,
  screen: FunctionScreen | `review/${ReviewScreen}`,
  search?: URLSearchParams,
): string {
  const query = search?.toString();
  return `#/functions/${encodeURIComponent(functionId)}/${screen}${query ? `?${query}` : ""}`;
}

/** The address of the webhooks, or of one of them. */
export function webhooksHref(webhookId?: string): string {
  return webhookId === undefined ? "#/webhooks" : `#/webhooks/${encodeURIComponent(webhookId)}`;
}

function isOneOf<Name extends string>(names: readonly Name[], name: string): name is Name {
  return (names as readonly string[]).includes(name);
}
