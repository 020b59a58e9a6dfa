import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { connection } from "./api/connection";
import { logOut, session } from "./api/session";
import { Icon } from "./parts/Icon";
import { Notices } from "./parts/Notices";
import { notices } from "./parts/notices";
import { useRoute } from "./parts/router";
import { themeSwitch } from "./parts/theme";
import { FunctionPage } from "./screens/FunctionPage";
import { LogInAgain } from "./screens/LogInAgain";
import { WorkWarning } from "./screens/WorkWarning";
import { FunctionsScreen } from "./screens/functions/FunctionsScreen";
import { WebhookScreen } from "./screens/webhooks/WebhookScreen";
import { WebhooksScreen } from "./screens/webhooks/WebhooksScreen";
import styles from "./App.module.css";
import bannerStyles from "./parts/Banner.module.css";

export function App() {
  const route = useRoute();
  const [here, setHere] = useState<string | null>(null);
  const functionId = route !== null && "functionId" in route ? route.functionId : null;
  const webhookId = route?.screen === "webhook" ? route.webhookId : null;
  useFocusOnScreen(route === null ? "none" : `${route.screen}/${functionId ?? webhookId ?? ""}`);

  return (
    <>
      <button
        type="button"
        className={`button primary ${styles["skip"]}`}
        onClick={() => document.getElementById("main")?.focus()}
      >
        Skip to content
      </button>
      <header className={styles["header"]}>
        <a className={styles["brand"]} href="#/">
          <img src="icon.svg" alt="" />
          <span className={here === null ? undefined : "wide-only"}>Pigeonhole</span>
          {here !== null && <span className="visually-hidden">, all functions</span>}
        </a>
        {functionId !== null && here !== null && (
          <span className={styles["here"]}>
            <bdi>{here}</bdi>
          </span>
        )}
        <div className={styles["end"]}>
          <a className="button quiet compact" href="graphql">
            API
          </a>
          <ThemeButton />
          <button
            type="button"
            className="button quiet compact"
            onClick={() => void logOut().catch((error: unknown) => notices.fail(error))}
          >
            Log out
          </button>
        </div>
      </header>
      {functionId !== null && <ConnectionBanner />}
      {functionId !== null && <WorkWarning />}
      {route === null && <NoScreen />}
      {route?.screen === "functions" && <FunctionsScreen setHere={setHere} />}
      {route?.screen === "webhooks" && <WebhooksScreen setHere={setHere} />}
      {webhookId !== null && <WebhookScreen key={webhookId} id={webhookId} setHere={setHere} />}
      {route !== null && "functionId" in route && (
        <FunctionPage key={route.functionId} route={route} setHere={setHere} />
      )}
      <LoggedOut />
      <Notices />
    </>
  );
}

function NoScreen() {
  return (
    <main id="main" tabIndex={-1} className="page stack">
      <h1>There is nothing at this address</h1>
      <p>
        <a href="#/">Go to the functions</a>
      </p>
    </main>
  );
}

function ThemeButton() {
  const theme = useSyncExternalStore(themeSwitch.watch, themeSwitch.get);
  const next = useCallback(() => themeSwitch.next(), []);
  return (
    <button
      type="button"
      className="button quiet square"
      title={`Colours: ${theme}`}
      aria-label={`Colours: ${theme}. Change`}
      onClick={next}
    >
      <Icon name={theme} />
    </button>
  );
}

function LoggedOut() {
  const state = useSyncExternalStore(session.watch, session.get);
  return state === "over" && <LogInAgain />;
}

function ConnectionBanner() {
  const state = useSyncExternalStore(connection.watch, connection.get);
  return (
    <div role="status">
      {state === "lost" && (
        <p className={bannerStyles["banner"]}>
          Connection lost, trying again. What you do meanwhile is kept on this page.
        </p>
      )}
    </div>
  );
}

/** After a change of screen, moves the focus to its start, where a screen reader continues. */
function useFocusOnScreen(screen: string): void {
  const before = useRef(screen);
  useEffect(() => {
    if (before.current === screen) return;
    before.current = screen;
    window.scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [screen]);
}
