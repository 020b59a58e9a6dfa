import { useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from "react";
import type { SampleOrder } from "../../api/samples";
import { hrefOf } from "../../logic/route";
import { type Deck, IN_HAND } from "../../logic/deck";
import { Busy, Failed } from "../../parts/Waiting";
import { useFunction } from "../../workspace/context";
import { AnnotateBar, type Mode, type Order } from "./AnnotateBar";
import { GroupByGroup } from "./GroupByGroup";
import { NewLabel } from "./NewLabel";
import { ManyAtOnce } from "./ManyAtOnce";
import { OneByOne } from "./OneByOne";
import styles from "./AnnotateScreen.module.css";

const orders: Record<Order, SampleOrder> = {
  useful: { field: "INFORMATIVENESS", direction: "DESC" },
  newest: { field: "CREATED_AT", direction: "DESC" },
  oldest: { field: "CREATED_AT", direction: "ASC" },
};

const REORDER_AT_MOST_EVERY_MS = 3_000;

/** The screen to annotate photos fast. */
export function AnnotateScreen() {
  const { fn, workspace } = useFunction();
  const hasModel = fn.model !== null;
  const [wanted, setWanted] = useState<Order | null>(null);
  const [mode, setMode] = useState<Mode>("one");
  const [guessing, setGuessing] = useState(false);
  const order = wanted ?? (hasModel ? "useful" : "oldest");
  const [deck] = useState(() => workspace.deck(orders[order]));
  const { cards, at, loading, finished, failure } = useSyncExternalStore(deck.watch, deck.get);

  useEffect(() => deck.refill(), [deck]);
  useOrder(deck, order, wanted === order ? 0 : IN_HAND);
  useMorePhotos(deck);

  /** What was labelled in groups is not shown again one by one. */
  function changeMode(next: Mode): void {
    if (mode === "groups") deck.reorder(0);
    setMode(next);
  }

  const Photos = mode === "many" ? ManyAtOnce : OneByOne;
  return (
    <div className={styles["annotate"]}>
      <h1 className="visually-hidden">Annotate</h1>
      <AnnotateBar
        order={order}
        setOrder={setWanted}
        hasModel={hasModel}
        mode={mode}
        setMode={changeMode}
        guessing={guessing}
        setGuessing={setGuessing}
      />
      {fn.names.length < 2 && (
        <div className="alert warn row spread">
          <span>
            {fn.names.length === 0
              ? "Name what photos can show first: at least two labels."
              : "One label leaves nothing to choose between: name at least one more."}
          </span>
          <NewLabel />
        </div>
      )}
      {mode === "groups" ? (
        <GroupByGroup />
      ) : (
        <>
          {failure !== null && <Failed error={failure} retry={() => deck.retry()} />}
          {at < cards.length && (
            <Photos deck={deck} guessing={guessing} toggleGuessing={() => setGuessing(!guessing)} />
          )}
          {at === cards.length && loading && <Busy>Loading photos</Busy>}
          {at === cards.length && finished && <NothingLeft deck={deck} />}
        </>
      )}
    </div>
  );
}

function NothingLeft({ deck }: { deck: Deck }) {
  const { fn } = useFunction();
  const { total, unannotated } = fn.sampleCounts;
  const skipped = unannotated > 0 && deck.get().cards.length > 0;
  return (
    <section className="card empty">
      <h2>
        {total === 0
          ? "There are no photos yet"
          : skipped
            ? "That was all but what you skipped"
            : "Every photo is annotated"}
      </h2>
      <p className="muted">
        {total === 0
          ? "Add some first: ten of each label are a good start."
          : "Add more photos, or see in the review where the model and you disagree."}
      </p>
      <div className="row">
        {skipped && (
          <button
            type="button"
            className="button"
            onClick={() => deck.back(deck.get().cards.length)}
          >
            Look at the skipped again
          </button>
        )}
        <a className="button primary" href={hrefOf(fn.id, "samples")}>
          Add photos
        </a>
        {total > 0 && (
          <a className="button" href={hrefOf(fn.id, "review/mistakes")}>
            Review
          </a>
        )}
      </div>
    </section>
  );
}

/** Sort the coming photos, and again after each training run, without changing the visible ones. */
function useOrder(deck: Deck, order: Order, kept: number): void {
  const { fn, workspace } = useFunction();
  const version = fn.model?.version ?? 0;
  const seen = useRef({ version, order, at: 0 });
  useEffect(() => {
    const before = seen.current;
    const trained = order === "useful" && before.version !== version;
    if (before.order === order && !trained) return;
    const wait = before.order === order ? before.at + REORDER_AT_MOST_EVERY_MS - Date.now() : 0;
    const timer = setTimeout(
      () => {
        seen.current = { version, order, at: Date.now() };
        const inHand = before.order === order ? IN_HAND : kept;
        deck.reorder(inHand, workspace.unannotated(orders[order]));
      },
      Math.max(0, wait),
    );
    return () => clearTimeout(timer);
  }, [deck, kept, order, version, workspace]);
}

/** Also show photos that were added meanwhile. */
function useMorePhotos(deck: Deck): void {
  const { total } = useFunction().fn.sampleCounts;
  const onMore = useEffectEvent(() => {
    if (deck.get().finished) deck.retry();
  });
  useEffect(() => onMore(), [total]);
}
