import type { UseMutationResult } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { Failure, describe } from "../../api/failure";
import { type ChosenEvent, chosenEvents, textOf, typeOf } from "../../logic/webhooks";
import { Field } from "../../parts/Field";
import { FormAction } from "../../parts/FormAction";

export interface WebhookValues {
  url: string;
  events: ChosenEvent[];
}

interface Props {
  initial: WebhookValues;
  saving: UseMutationResult<unknown, Error, WebhookValues>;
  /** The text of the button, and the one until the answer has come. */
  label: string;
  pending: string;
  close: () => void;
  /** More fields. */
  children?: ReactNode;
}

/** The form of a dialog that makes or changes a webhook. */
export function WebhookForm({ initial, saving, label, pending, close, children }: Props) {
  const [url, setUrl] = useState(initial.url);
  const [events, setEvents] = useState<readonly ChosenEvent[]>(initial.events);
  const [tried, setTried] = useState(false);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setTried(true);
    if (url.trim() !== "" && events.length > 0) {
      saving.mutate({
        url: url.trim(),
        events: chosenEvents.filter((one) => events.includes(one)),
      });
    }
  }

  function toggle(event: ChosenEvent): void {
    setEvents(events.includes(event) ? events.filter((one) => one !== event) : [...events, event]);
  }

  const failure = saving.error instanceof Failure ? saving.error : undefined;
  const urlProblem = tried && url.trim() === "" ? "URL is required." : failure?.about("url");
  const eventsProblem =
    tried && events.length === 0 ? "Choose at least one event." : failure?.about("events");

  return (
    <form className="stack" onSubmit={submit} noValidate>
      <Field
        label="URL"
        problem={urlProblem}
        hint="On the public internet, at port 80 or 443, unless the server's settings allow others."
      >
        {(props) => (
          <input
            {...props}
            className="input"
            type="url"
            value={url}
            placeholder="https://example.org/pigeonhole"
            autoComplete="off"
            onChange={(event) => setUrl(event.target.value)}
          />
        )}
      </Field>
      {children}
      <fieldset className="field">
        <legend>Tell it when</legend>
        {chosenEvents.map((event) => (
          <label key={event} className="choice">
            <input
              type="checkbox"
              checked={events.includes(event)}
              onChange={() => toggle(event)}
            />
            <span>
              {textOf(event)}
              <span className="hint">
                {" "}
                · <code>{typeOf(event)}</code>
              </span>
            </span>
          </label>
        ))}
        {eventsProblem !== undefined && (
          <p role="alert" className="problem">
            {eventsProblem}
          </p>
        )}
      </fieldset>
      {saving.error !== null && urlProblem === undefined && eventsProblem === undefined && (
        <p role="alert" className="problem">
          {describe(saving.error)}
        </p>
      )}
      <FormAction isPending={saving.isPending} label={label} pending={pending} close={close} />
    </form>
  );
}
