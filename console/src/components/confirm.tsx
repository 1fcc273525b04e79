import { AlertDialog } from "radix-ui";
import { useId, useState } from "react";
import { texts } from "../texts";
import { ProblemNotice } from "./problem";

/** One of several ways to do it, each with what it will do. */
export type Option<Value extends string> = { value: Value; label: string; consequences: readonly string[] };

/**
 * A button that says what it will do, and does it when that is confirmed. One that cannot be pressed says why.
 *
 * Of several `options` the first is chosen until somebody chooses another; `act` is told which.
 */
export function ConfirmButton<Value extends string>({
  label,
  title,
  options,
  refusal,
  danger = false,
  small = false,
  act,
}: {
  label: string;
  title: string;
  options: readonly [Option<Value>, ...Option<Value>[]];
  refusal: string | null;
  danger?: boolean;
  /** In a row of a table. */
  small?: boolean;
  act: (value: Value) => Promise<void>;
}) {
  const [open, setOpen] = useState(false);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [wanted, setWanted] = useState<Value | null>(null);
  const look = danger ? "button-danger" : "button-main";
  const chosen = options.find((option) => option.value === wanted) ?? options[0];

  if (refusal !== null) return <RefusedButton label={label} refusal={refusal} small={small} />;

  async function confirm() {
    setWorking(true);
    setError(null);
    try {
      await act(chosen.value);
      setOpen(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setWorking(false);
    }
  }

  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setError(null);
      }}
    >
      <AlertDialog.Trigger className={`button ${small ? "button-small" : look}`}>{label}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
          {options.length > 1 && <Options options={options} chosen={chosen.value} onChoose={setWanted} />}
          <AlertDialog.Description asChild>
            <ul className="dialog-list">
              {chosen.consequences.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </AlertDialog.Description>
          {error !== null && <ProblemNotice error={error} />}
          <div className="dialog-buttons">
            <AlertDialog.Cancel className="button">{texts.common.cancel}</AlertDialog.Cancel>
            <button type="button" className={`button ${look}`} disabled={working} onClick={() => void confirm()}>
              {working ? texts.actions.working : label}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function Options<Value extends string>({
  options,
  chosen,
  onChoose,
}: {
  options: readonly Option<Value>[];
  chosen: Value;
  onChoose: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset className="dialog-options">
      <legend className="visually-hidden">{texts.actions.which}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === chosen}
            onChange={() => {
              onChoose(option.value);
            }}
          />{" "}
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}

/** It can be reached by keyboard, so that its reason can be read; in a row, where there is no room, on hover. */
export function RefusedButton({ label, refusal, small = false }: { label: string; refusal: string; small?: boolean }) {
  const id = useId();
  return (
    <span className="refused" title={small ? refusal : undefined}>
      <button
        type="button"
        className={`button ${small ? "button-small" : ""}`}
        aria-disabled="true"
        aria-describedby={id}
      >
        {label}
      </button>
      <span id={id} className={small ? "visually-hidden" : "refused-why"}>
        {refusal}
      </span>
    </span>
  );
}
