import { useQuery } from "@tanstack/react-query";
import { type Monitoring, fetchMonitoring } from "../../api/monitoring";
import { count, percent, range } from "../../logic/estimate";
import {
  decisionColumns,
  driftWords,
  rangeColumns,
  type Span,
  spanOf,
  spans,
} from "../../logic/monitoring";
import { hrefOf } from "../../logic/route";
import { Tabs } from "../../parts/Tabs";
import { Busy, Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import { PeriodChart } from "./PeriodChart";
import { PredictedLabels } from "./PredictedLabels";
import { ReviewQueue } from "./ReviewQueue";
import styles from "./MonitoringScreen.module.css";

const RENEW_MS = 60_000;

/** The screen of what the function has answered lately, and of the photos that it kept of that. */
export function MonitoringScreen({ search }: { search: URLSearchParams }) {
  const { fn } = useFunction();
  const span = spanOf(search.get("span"));
  const { days, period } = spans[span];
  const found = useQuery({
    queryKey: ["monitoring", fn.id, span],
    queryFn: () => fetchMonitoring(fn.id, days, period),
    refetchInterval: RENEW_MS,
  });
  return (
    <div className="stack">
      <div className="row spread">
        <h1>Monitoring</h1>
        <Tabs
          label="Time"
          activeId={span}
          tabs={(Object.keys(spans) as Span[]).map((id) => ({
            id,
            name: spans[id].name,
            href: hrefOf(fn.id, "monitoring", new URLSearchParams({ span: id })),
          }))}
        />
      </div>
      {found.error !== null && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Busy>Counting what it was asked</Busy>}
      {found.data && <Answered found={found.data} span={span} />}
      {found.data && <ReviewQueue captures={found.data.captures} />}
    </div>
  );
}

function Answered({ found, span }: { found: Monitoring; span: Span }) {
  const { fn } = useFunction();
  const { periods, noneOfThese } = found;
  const { name, period: length } = spans[span];
  if (found.count === 0 || noneOfThese === null) {
    return (
      <section className="card empty">
        <h2>Not asked about a photo in {name}</h2>
        <p className="muted">
          How often it is asked, how sure it is, and whether photos change will show here, from the
          first photo on.
        </p>
        <a className="button" href={hrefOf(fn.id, "invoke")}>
          Ask about a photo
        </a>
      </section>
    );
  }
  const most = Math.max(...periods.map((period) => period.count));
  const { title, text } = driftWords(found.drift);
  return (
    <>
      <section className={`card ${styles["drift"]}`} data-drift={found.drift?.detected ?? false}>
        <h2>{title}</h2>
        <p className="muted">{text}</p>
      </section>
      <div className={styles["charts"]}>
        <PeriodChart
          title={`Asked about ${count(found.count, "photo")}`}
          legend="From below: accepted, to be reviewed, like none of its labels."
          top={most.toLocaleString("en")}
          periods={periods}
          length={length}
          columns={decisionColumns(periods)}
          head={["Photos", "Accepted", "To be reviewed", "None of these"]}
          cells={(period) =>
            [period.count, period.acceptCount, period.reviewCount, period.noneOfTheseCount].map(
              (number) => number.toLocaleString("en"),
            )
          }
        />
        <PeriodChart
          title="How sure it was"
          legend="Strong: the middle photo. Light: eight of ten photos."
          top="100 %"
          periods={periods}
          length={length}
          columns={rangeColumns(
            periods,
            ({ confidence }) =>
              confidence && {
                lower: confidence.low,
                value: confidence.median,
                upper: confidence.high,
              },
          )}
          head={["Mean", "Middle", "Eight of ten"]}
          cells={({ meanConfidence, confidence }) => [
            meanConfidence === null ? "" : percent(meanConfidence),
            confidence === null ? "" : percent(confidence.median),
            confidence === null ? "" : range({ lower: confidence.low, upper: confidence.high }),
          ]}
        />
        <PeriodChart
          title={`None of these: ${percent(noneOfThese.value)}`}
          legend="Strong: the share of photos. Light: how far the truth may be from it, 19 times in 20."
          top="100 %"
          periods={periods}
          length={length}
          columns={rangeColumns(periods, (period) => period.noneOfThese)}
          head={["None of these", "Interval"]}
          cells={(period) =>
            period.noneOfThese === null
              ? ["", ""]
              : [percent(period.noneOfThese.value), range(period.noneOfThese)]
          }
        />
        <PredictedLabels labels={found.labels} />
      </div>
    </>
  );
}
