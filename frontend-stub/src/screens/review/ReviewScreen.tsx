import type { ReactNode } from "react";
import { type ReviewScreen as Part, hrefOf, reviewScreens } from "../../logic/route";
import { Tabs } from "../../parts/Tabs";
import { useFunction } from "../../workspace/context";
import { ConfusionPart } from "./ConfusionPart";
import { DuplicatesPart } from "./DuplicatesPart";
import { MistakesPart } from "./MistakesPart";
import { QuizPart } from "./QuizPart";
import { VersionsPart } from "./VersionsPart";

const parts: Record<
  Part,
  { name: string; screen: (props: { search: URLSearchParams }) => ReactNode }
> = {
  quiz: { name: "Quiz", screen: QuizPart },
  mistakes: { name: "Likely mistakes", screen: MistakesPart },
  duplicates: { name: "Near-duplicates", screen: DuplicatesPart },
  confusion: { name: "Mix-ups", screen: ConfusionPart },
  versions: { name: "Versions", screen: VersionsPart },
};

/** The screen to check how reliable the function is, and where it disagrees with people. */
export function ReviewScreen({ part, search }: { part: Part; search: URLSearchParams }) {
  const { fn } = useFunction();
  const { screen: Screen } = parts[part];
  return (
    <div className="stack">
      <div className="row spread">
        <h1>Review</h1>
        <Tabs
          label="Review"
          activeId={part}
          tabs={reviewScreens.map((id) => ({
            id,
            name: parts[id].name,
            href: hrefOf(fn.id, `review/${id}`),
          }))}
        />
      </div>
      {fn.model === null ? <NoModel /> : <Screen search={search} />}
    </div>
  );
}

function NoModel() {
  const { fn } = useFunction();
  return (
    <section className="card empty">
      <h2>Nothing to review yet</h2>
      <p className="muted">
        {fn.readiness.missing.join(" ") || "The first version is on its way."}
      </p>
      <a className="button primary" href={hrefOf(fn.id, "annotate")}>
        Annotate photos
      </a>
    </section>
  );
}
