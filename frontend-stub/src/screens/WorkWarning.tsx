import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { fetchWarning } from "../api/backlog";
import { Failure } from "../api/failure";
import { announcer } from "../parts/notices";
import bannerStyles from "../parts/Banner.module.css";

const LOOK_EVERY_MS = 10_000;

/** Warns that no worker trains; shows nothing to callers without permission to know. */
export function WorkWarning() {
  const { data: warning = null } = useQuery({
    queryKey: ["work-warning"],
    queryFn: fetchWarning,
    // A key without permission would be refused each time, so it does not ask again.
    refetchInterval: ({ state: { error } }) =>
      error instanceof Failure && error.kind === "refused" ? false : LOOK_EVERY_MS,
  });
  const warned = warning !== null;
  useEffect(() => {
    if (warned) announcer.say("Nothing is learned at the moment: no worker takes jobs.");
  }, [warned]);

  if (warning === null) return null;
  return (
    <p className={bannerStyles["banner"]}>
      {warning.replace(/\.$/, "")} · what you do is saved, and learned from once a worker runs
    </p>
  );
}
