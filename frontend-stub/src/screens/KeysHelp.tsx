import { useState } from "react";
import type { FunctionScreen } from "../logic/route";
import { Dialog } from "../parts/Dialog";
import { useKeys } from "../parts/useKeys";
import styles from "./KeysHelp.module.css";

type Keys = readonly (readonly [keys: string, does: string])[];

const everywhere: Keys = [
  ["Ctrl Z", "Undo"],
  ["?", "This list"],
];
const photo: Keys = [
  ["← →", "The photo before, the next"],
  ["1 to 9, A to Z", "Say what it shows"],
  ["Delete", "Delete it"],
  ["=", "More like this photo"],
  ["Backspace", "Undo"],
  ["Esc", "Close it"],
];

const lists: Partial<Record<FunctionScreen, Record<string, Keys>>> = {
  samples: {
    Photos: [
      ["Arrows, Home, End", "Move among photos"],
      ["Space", "Choose the photo, or leave it"],
      ["Shift with these", "Choose all between"],
      ["Ctrl A", "Choose all"],
      ["Esc", "Choose none, then end the search"],
      ["1 to 9, A to Z", "Say what the chosen show"],
      ["Delete", "Delete the chosen"],
      ["Enter", "Open the photo"],
      ["/", "Search by words"],
      ["=", "More like this photo"],
    ],
    "An open photo": photo,
  },
  map: {
    Map: [
      ["Shift and drag", "Choose the photos within the line"],
      ["Wheel or pinch", "Zoom"],
      ["1 to 9, A to Z", "Say what the chosen show"],
      ["Esc", "Choose none"],
    ],
    "An open photo": photo,
  },
  annotate: {
    "One by one": [
      ["1 to 9, A to Z", "Say what the photo shows"],
      ["Space", "Skip it"],
      ["Backspace", "Undo"],
      [".", "Show or hide the guess"],
      ["Enter", "Agree with the guess"],
      ["/", "Find a label by its name"],
    ],
    "Several at once": [
      ["← →", "Move among photos"],
      ["Space", "Choose the photo, or leave it"],
      ["Shift ← →", "Choose a range"],
      ["Ctrl A", "Choose all of the page"],
      ["Esc", "Choose none"],
      ["1 to 9, A to Z", "Say what the chosen show"],
      ["Enter", "The next photos"],
    ],
    "Group by group": [
      ["1 to 9, A to Z", "Label the whole group"],
      ["Enter", "Agree with the guess"],
      ["← →", "Move among photos"],
      ["Space", "Take the photo out, or put it back; with no photo chosen, skip the group"],
      ["Esc", "Put all photos back"],
      ["Backspace", "Undo"],
      ["/", "Find a label by its name"],
    ],
  },
  review: {
    Quiz: [
      ["Y or Enter", "Right"],
      ["N", "Wrong"],
      ["1 to 9, A to Z", "What it is"],
      ["Space", "I cannot say"],
      ["Backspace", "Undo"],
    ],
    "An open photo": photo,
  },
};

/** A button, and the key “?”, that open the list of a screen's keys. */
export function KeysHelp({ screen }: { screen: FunctionScreen }) {
  const [open, setOpen] = useState(false);
  const list = lists[screen];
  useKeys(({ key }) => {
    if (key !== "?" || list === undefined) return false;
    setOpen(true);
    return true;
  });
  if (list === undefined) return null;
  return (
    <>
      <button
        type="button"
        className={`button quiet compact wide-only ${styles["open"]}`}
        aria-keyshortcuts="?"
        onClick={() => setOpen(true)}
      >
        Keys
        <kbd className="key" aria-hidden="true">
          ?
        </kbd>
      </button>
      {open && (
        <Dialog title="Keys" close={() => setOpen(false)}>
          {Object.entries({ ...list, Everywhere: everywhere }).map(([where, keys]) => (
            <section key={where} aria-label={where}>
              <h3>{where}</h3>
              <dl className={styles["keys"]}>
                {keys.map(([key, does]) => (
                  <div key={does}>
                    <dt>
                      <kbd>{key}</kbd>
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
          <div className="dialog-foot">
            <button
              type="button"
              className="button primary"
              data-first-focus=""
              onClick={() => setOpen(false)}
            >
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
