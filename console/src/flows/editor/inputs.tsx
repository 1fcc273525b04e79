import { useState, type InputHTMLAttributes } from "react";
import { Field } from "../../components/field";
import { texts } from "../../texts";

const words = texts.editor;

/** What is typed stays as it is typed while it means the value; `3.` means 3, and another letter may follow. */
export function TypedInput({
  value,
  show,
  read,
  onChange,
  ...props
}: {
  value: unknown;
  show: (value: unknown) => string;
  read: (text: string) => unknown;
  onChange: (value: unknown) => void;
} & Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange">) {
  const [typed, setTyped] = useState(() => show(value));
  const text = JSON.stringify(read(typed)) === JSON.stringify(value) ? typed : show(value);
  return (
    <input
      {...props}
      type="text"
      value={text}
      onChange={({ target }) => {
        setTyped(target.value);
        onChange(read(target.value));
      }}
    />
  );
}

/** Any value as JSON. While what is typed is none, the value stays what could be read last, and that is said. */
export function JsonField({
  label,
  hint,
  value,
  faults = [],
  check = () => null,
  onChange,
}: {
  label: string;
  hint?: string | undefined;
  /** JSON, or empty where there is no value. */
  value: string;
  faults?: readonly string[];
  /** The sentence that says why a value cannot be taken, null where it can. */
  check?: (value: unknown) => string | null;
  onChange: (value: unknown) => void;
}) {
  const [typed, setTyped] = useState<{ text: string; means: string; fault: string | null } | null>(null);
  const isCurrent = typed?.means === value;
  const own = isCurrent && typed.fault !== null ? [typed.fault] : [];
  return (
    <Field label={label} hint={hint} faults={[...own, ...faults]}>
      {(props) => (
        <textarea
          {...props}
          className="mono"
          rows={4}
          spellCheck={false}
          value={isCurrent ? typed.text : value}
          onChange={({ target: { value: text } }) => {
            const { read, fault } = readJson(text, check);
            const means = fault === null ? (read === undefined ? "" : JSON.stringify(read, null, 2)) : value;
            setTyped({ text, means, fault });
            if (fault === null) onChange(read);
          }}
        />
      )}
    </Field>
  );
}

function readJson(text: string, check: (value: unknown) => string | null): { read: unknown; fault: string | null } {
  if (text.trim() === "") return { read: undefined, fault: check(undefined) };
  try {
    const read: unknown = JSON.parse(text);
    return { read, fault: check(read) };
  } catch (error) {
    if (error instanceof SyntaxError) return { read: undefined, fault: words.notJson };
    throw error;
  }
}
