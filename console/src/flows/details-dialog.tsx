import { Dialog } from "radix-ui";
import { useState, type SyntheticEvent } from "react";
import { asApiError } from "../api/errors";
import { Field } from "../components/field";
import { ProblemNotice } from "../components/problem";
import { texts } from "../texts";
import {
  detailsOf,
  faultsFrom,
  faultsOf,
  MOST_DESCRIPTION,
  MOST_NAME,
  type DetailFaults,
  type Details,
  type Typed,
} from "./details";

const words = texts.flowDetails;

/** What a flow is called and found by, in a form. `act` is told what was typed and returns whether that is done; what it throws is shown. */
export function DetailsDialog({
  label,
  title,
  lead,
  begin,
  stored = null,
  onOpen = () => undefined,
  act,
}: {
  /** Of the button that opens it, and of the one that sends it. */
  label: { open: string; send: string; main: boolean };
  title: string;
  lead: string;
  begin: Typed;
  /** What somebody else stored since it was opened. */
  stored?: Typed | null;
  onOpen?: () => void;
  act: (details: Details) => Promise<boolean>;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        if (next) onOpen();
        setOpen(next);
      }}
    >
      <Dialog.Trigger className={label.main ? "button button-main" : "button"}>{label.open}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title className="dialog-title">{title}</Dialog.Title>
          <Dialog.Description>{lead}</Dialog.Description>
          <DetailsForm
            begin={begin}
            stored={stored}
            send={label.send}
            act={async (details) => {
              if (await act(details)) setOpen(false);
            }}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** It lives as long as the dialog is open, so what was typed into one that was closed is gone. */
function DetailsForm({
  begin,
  stored,
  send,
  act,
}: {
  begin: Typed;
  stored: Typed | null;
  send: string;
  act: (details: Details) => Promise<void>;
}) {
  const [typed, setTyped] = useState(begin);
  const [faults, setFaults] = useState<DetailFaults>({});
  const [error, setError] = useState<unknown>(null);
  const [working, setWorking] = useState(false);

  async function submit(event: SyntheticEvent) {
    event.preventDefault();
    const details = detailsOf(typed);
    const found = faultsOf(details);
    setFaults(found);
    setError(null);
    if (Object.keys(found).length > 0) return;
    setWorking(true);
    try {
      await act(details);
    } catch (failure) {
      setFaults(faultsFrom(asApiError(failure)));
      setError(failure);
    } finally {
      setWorking(false);
    }
  }

  const field = (name: keyof Typed, hint?: string) => {
    const differs = stored !== null && stored[name] !== typed[name];
    return {
      label: words[name],
      hint: differs ? words.stored(stored[name]) : hint,
      faults: faults[name],
      change: (value: string) => {
        setTyped((before) => ({ ...before, [name]: value }));
      },
    };
  };
  const [name, description, tags] = [field("name"), field("description"), field("tags", words.tagsHint)];
  return (
    <form className="dialog-form" noValidate onSubmit={(event) => void submit(event)}>
      <Field label={name.label} hint={name.hint} faults={name.faults}>
        {(props) => (
          <input
            {...props}
            type="text"
            autoComplete="off"
            maxLength={MOST_NAME}
            value={typed.name}
            onChange={({ target }) => {
              name.change(target.value);
            }}
          />
        )}
      </Field>
      <Field label={description.label} hint={description.hint} faults={description.faults}>
        {(props) => (
          <textarea
            {...props}
            rows={3}
            maxLength={MOST_DESCRIPTION}
            value={typed.description}
            onChange={({ target }) => {
              description.change(target.value);
            }}
          />
        )}
      </Field>
      <Field label={tags.label} hint={tags.hint} faults={tags.faults}>
        {(props) => (
          <input
            {...props}
            type="text"
            autoComplete="off"
            value={typed.tags}
            onChange={({ target }) => {
              tags.change(target.value);
            }}
          />
        )}
      </Field>
      {stored !== null && (
        <p className="notice notice-bad" role="alert">
          {words.conflict}
        </p>
      )}
      {error !== null && Object.keys(faults).length === 0 && <ProblemNotice error={error} />}
      <div className="dialog-buttons">
        <Dialog.Close className="button">{texts.common.cancel}</Dialog.Close>
        <button type="submit" className="button button-main" disabled={working}>
          {working ? texts.actions.working : send}
        </button>
      </div>
    </form>
  );
}
