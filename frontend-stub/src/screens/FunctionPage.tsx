import { type ReactNode, useEffect, useMemo, useState } from "react";
import { type FunctionScreen, type Route, functionScreens, hrefOf } from "../logic/route";
import { Tabs } from "../parts/Tabs";
import { Busy, Failed } from "../parts/Waiting";
import { FunctionContext } from "../workspace/context";
import { Workspace } from "../workspace/Workspace";
import { takeFirstUploads } from "../workspace/firstUploads";
import { LabelHuesContext, huesOf } from "../parts/labelHues";
import { useLiveFunction } from "../workspace/useLiveFunction";
import { AccuracyPanel } from "./AccuracyPanel";
import { KeysHelp } from "./KeysHelp";
import { AnnotateScreen } from "./annotate/AnnotateScreen";
import { InvokeScreen } from "./invoke/InvokeScreen";
import { MapScreen } from "./map/MapScreen";
import { MonitoringScreen } from "./monitoring/MonitoringScreen";
import { ReviewScreen } from "./review/ReviewScreen";
import { SamplesScreen } from "./samples/SamplesScreen";
import { SettingsScreen } from "./settings/SettingsScreen";
import { TrashScreen } from "./trash/TrashScreen";
import { UseScreen } from "./use/UseScreen";
import styles from "./FunctionPage.module.css";

const names: Record<FunctionScreen, string> = {
  samples: "Samples",
  map: "Map",
  trash: "Trash",
  annotate: "Annotate",
  review: "Review",
  invoke: "Invoke",
  monitoring: "Monitoring",
  use: "Use it",
  settings: "Settings",
};

/** Screens on which the accuracy does not matter. */
const withoutAccuracy: FunctionScreen[] = ["monitoring", "use", "settings", "trash"];

/** Whether a screen has a tab; the others belong to Samples. */
function isTab(screen: FunctionScreen): boolean {
  return functionScreens.some((one) => one === screen);
}

type FunctionRoute = Extract<Route, { functionId: string }>;

interface Props {
  route: FunctionRoute;
  setHere: (name: string | null) => void;
}

/** The page of one function; mount it with the function's ID as key. */
export function FunctionPage({ route, setHere }: Props) {
  const { fn, run, failure } = useLiveFunction(route.functionId);
  const [workspace] = useState(() => new Workspace(route.functionId));
  useCarefulLeaving(workspace);
  useEffect(
    () => workspace.uploads.add(takeFirstUploads(route.functionId)),
    [workspace, route.functionId],
  );

  const name = fn?.name ?? null;
  useEffect(() => {
    setHere(name);
    document.title = name === null ? "Pigeonhole" : `${names[route.screen]} · ${name} · Pigeonhole`;
  }, [name, route.screen, setHere]);

  const labels = fn?.names;
  const hues = useMemo(() => huesOf(labels ?? []), [labels]);
  const shared = useMemo(() => fn && { fn, run, workspace }, [fn, run, workspace]);
  const helped = !withoutAccuracy.includes(route.screen);
  if (failure !== null && shared === null) {
    return (
      <main id="main" tabIndex={-1} className="page stack">
        <Failed error={failure} />
        <p>
          <a href="#/">Back to the functions</a>
        </p>
      </main>
    );
  }
  if (shared === null) {
    return (
      <main id="main" tabIndex={-1} className="page">
        <Busy>Opening the function</Busy>
      </main>
    );
  }
  return (
    <FunctionContext value={shared}>
      <LabelHuesContext value={hues}>
        <div className={styles["nav"]}>
          <Tabs
            label="Function"
            activeId={isTab(route.screen) ? route.screen : "samples"}
            tabs={functionScreens.map((id) => ({
              id,
              name: names[id],
              href: hrefOf(route.functionId, id),
            }))}
          />
          <KeysHelp key={route.screen} screen={route.screen} />
        </div>
        <div className={helped ? styles["body"] : `${styles["body"]} ${styles["alone"]}`}>
          <main id="main" tabIndex={-1}>
            {failure !== null && <Failed error={failure} />}
            <Screen route={route} />
          </main>
          {helped && (
            <aside className={styles["side"]} aria-label="How right it is">
              <AccuracyPanel />
            </aside>
          )}
        </div>
      </LabelHuesContext>
    </FunctionContext>
  );
}

function Screen({ route }: { route: FunctionRoute }): ReactNode {
  switch (route.screen) {
    case "samples":
      return <SamplesScreen search={route.search} />;
    case "map":
      return <MapScreen />;
    case "trash":
      return <TrashScreen />;
    case "annotate":
      return <AnnotateScreen />;
    case "review":
      return <ReviewScreen part={route.part} search={route.search} />;
    case "invoke":
      return <InvokeScreen />;
    case "monitoring":
      return <MonitoringScreen search={route.search} />;
    case "use":
      return <UseScreen />;
    case "settings":
      return <SettingsScreen />;
  }
}

/** Save pending changes when the page is left, and ask before something is lost. */
function useCarefulLeaving(workspace: Workspace): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (workspace.isBusy) event.preventDefault();
    };
    const settle = (): void => workspace.settle();
    window.addEventListener("beforeunload", ask);
    window.addEventListener("pagehide", settle);
    return () => {
      window.removeEventListener("beforeunload", ask);
      window.removeEventListener("pagehide", settle);
      workspace.settle();
    };
  }, [workspace]);
}
