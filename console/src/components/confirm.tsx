import { AlertDialog } from "radix-ui";
import { useState } from "react";
import { texts } from "../texts";
import { ProblemNotice } from "./problem";

/** A button that says what it will do, and does it when that is confirmed. One that cannot be pressed says why. */
export function ConfirmButton({
  label,
  title,
  consequences,
  refusal,
  danger,
  act,
}: {
  label: string;
  title: string;
  consequences: readonly string[];
  refusal: string | null;
  danger: boolean;
  act: () => Promise<void>;
}) {
  const [open, setOpen] = useState(false);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const look = `button ${danger ? "button-danger" : "button-main"}`;

  if (refusal !== null) return <RefusedButton label={label} refusal={refusal} />;

  async function confirm() {
    setWorking(true);
    setError(null);
    try {
      await act();
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
      <AlertDialog.Trigger className={look}>{label}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <ul className="dialog-list">
              {consequences.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </AlertDialog.Description>
          {error !== null && <ProblemNotice error={error} />}
          <div className="dialog-buttons">
            <AlertDialog.Cancel className="button">{texts.common.cancel}</AlertDialog.Cancel>
            <button type="button" className={look} disabled={working} onClick={() => void confirm()}>
              {working ? texts.actions.working : label}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

/** It can be reached by keyboard, so that its reason can be read. */
function RefusedButton({ label, refusal }: { label: string; refusal: string }) {
  const id = `why-not-${label.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
  return (
    <span className="refused">
      <button type="button" className="button" aria-disabled="true" aria-describedby={id}>
        {label}
      </button>
      <span id={id} className="refused-why">
        {refusal}
      </span>
    </span>
  );
}
