import { useId, type ReactNode } from "react";

/** What an input needs so that its label, hint and faults are told with it. */
export type FieldProps = { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean };

/** An input under its label, with a hint and what is wrong with it. */
export function Field({
  label,
  hint,
  faults = [],
  children,
}: {
  label: string;
  hint?: ReactNode;
  faults?: readonly string[] | undefined;
  children: (props: FieldProps) => ReactNode;
}) {
  const id = useId();
  const hasHint = hint !== undefined && hint !== null;
  const described = [...(hasHint ? [`${id}-hint`] : []), ...(faults.length > 0 ? [`${id}-faults`] : [])];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-describedby": described.length > 0 ? described.join(" ") : undefined,
        "aria-invalid": faults.length > 0,
      })}
      {hasHint && (
        <span id={`${id}-hint`} className="field-hint">
          {hint}
        </span>
      )}
      <FieldFaults id={`${id}-faults`} faults={faults} />
    </div>
  );
}

const MOST_SHOWN = 5;

export function FieldFaults({ id, faults }: { id: string; faults: readonly string[] }) {
  if (faults.length === 0) return null;
  return (
    <ul id={id} className="field-faults">
      {faults.slice(0, MOST_SHOWN).map((fault) => (
        <li key={fault}>{fault}</li>
      ))}
      {faults.length > MOST_SHOWN && <li>+ {faults.length - MOST_SHOWN}</li>}
    </ul>
  );
}
