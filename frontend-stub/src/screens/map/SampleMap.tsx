import { select as selectNode } from "d3-selection";
import { type ZoomBehavior, type ZoomTransform, zoom, zoomIdentity } from "d3-zoom";
import {
  type PointerEvent,
  useContext,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
} from "react";
import { count } from "../../logic/estimate";
import {
  type Colouring,
  type MapPoint,
  byColour,
  colourOf,
  inView,
  nearest,
  within,
} from "../../logic/sampleMap";
import { LabelHuesContext } from "../../parts/labelHues";
import { MapPhotos } from "./MapPhotos";
import { drawMap } from "./drawMap";
import { useSize } from "./useSize";
import styles from "./SampleMap.module.css";

interface Props {
  points: readonly MapPoint[];
  by: Colouring;
  selected: ReadonlySet<string>;
  select: (ids: ReadonlySet<string>) => void;
  load: (ids: readonly string[]) => Promise<void>;
  open: (id: string) => void;
}

/** So many points in view are shown as photos. */
const FEW = 100;
/** How far from a point a click may be, in CSS pixels. */
const NEAR = 12;
const CLOSEST = 200;
const STEP = 2;

type Line = readonly [number, number][];

/** A picture of all points that can be moved and zoomed; a drag with Shift chooses photos. */
export default function SampleMap({ points, by, selected, select, load, open }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const zooming = useRef<ZoomBehavior<HTMLDivElement, unknown>>(null);
  const size = useSize(box);
  const [view, setView] = useState<ZoomTransform>(zoomIdentity);
  const [choosing, setChoosing] = useState(false);
  const [line, setLine] = useState<Line | null>(null);
  const hues = useContext(LabelHuesContext);
  const visible = useMemo(() => inView(points, size, view), [points, size, view]);
  const groups = useMemo(
    () => byColour(points, (point) => colourOf(point, by, hues)),
    [points, by, hues],
  );
  const chosen = useMemo(() => points.filter(({ id }) => selected.has(id)), [points, selected]);
  const isClose = visible.length <= FEW;

  const moves = useEffectEvent(
    (event: Event) =>
      event.type === "wheel" || !(choosing || (event instanceof MouseEvent && event.shiftKey)),
  );
  useEffect(() => {
    const node = box.current;
    if (node === null) return;
    const behaviour = zoom<HTMLDivElement, unknown>()
      .scaleExtent([1, CLOSEST])
      .filter((event: Event) => moves(event))
      .on("zoom", ({ transform }: { transform: ZoomTransform }) => setView(transform));
    zooming.current = behaviour;
    selectNode(node).call(behaviour).on("dblclick.zoom", null);
    return () => void selectNode(node).on(".zoom", null);
  }, []);

  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (canvas.current) drawMap(canvas.current, { groups, chosen, size, view });
    });
    return () => cancelAnimationFrame(frame);
  }, [groups, chosen, size, view]);

  function zoomBy(factor: number | null): void {
    if (box.current === null || zooming.current === null) return;
    const node = selectNode(box.current);
    if (factor === null) zooming.current.transform(node, zoomIdentity);
    else zooming.current.scaleBy(node, factor);
  }

  function placeIn(event: PointerEvent): [number, number] {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  function begin(event: PointerEvent): void {
    if (!event.isPrimary || event.button !== 0 || !(choosing || event.shiftKey)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setLine([placeIn(event)]);
  }

  function end(): void {
    if (line === null) return;
    setLine(null);
    const found = within(visible, line, size, view);
    if (found.length > 0) select(new Set([...selected, ...found]));
  }

  function click(event: React.MouseEvent): void {
    if (choosing || event.shiftKey || event.target !== canvas.current) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const at: [number, number] = [event.clientX - left, event.clientY - top];
    const found = nearest(visible, at, size, view, NEAR);
    if (found) open(found.id);
  }

  return (
    <div className={styles["map"]}>
      {/* Its buttons, and the photos when few are in view, do by keyboard what the pointer does. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <div
        ref={box}
        className={styles["picture"]}
        data-choosing={choosing || undefined}
        onPointerDown={begin}
        onPointerMove={(event) => line && setLine([...line, placeIn(event)])}
        onPointerUp={end}
        onPointerCancel={() => setLine(null)}
        onClick={click}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {isClose && <MapPhotos {...{ points: visible, size, view, selected, load, open }} />}
        {line !== null && (
          <svg className={styles["line"]} aria-hidden="true">
            <polygon points={line.map((place) => place.join(",")).join(" ")} />
          </svg>
        )}
      </div>
      <p className="visually-hidden">
        {count(points.length, "photo")} on the map, {visible.length.toLocaleString("en")} in view.
      </p>
      <div className={styles["buttons"]}>
        <button
          type="button"
          className="button compact"
          aria-pressed={choosing}
          onClick={() => setChoosing(!choosing)}
        >
          Choose with a line
        </button>
        <button
          type="button"
          className="button compact"
          disabled={visible.length === 0}
          onClick={() => select(new Set(visible.map(({ id }) => id)))}
        >
          Choose all in view
        </button>
        <button
          type="button"
          className="button compact"
          aria-label="Zoom in"
          onClick={() => zoomBy(STEP)}
        >
          +
        </button>
        <button
          type="button"
          className="button compact"
          aria-label="Zoom out"
          onClick={() => zoomBy(1 / STEP)}
        >
          −
        </button>
        <button
          type="button"
          className="button compact"
          disabled={view.k === 1 && view.x === 0 && view.y === 0}
          onClick={() => zoomBy(null)}
        >
          Whole map
        </button>
      </div>
    </div>
  );
}
