import { useSettled } from "./use-settled";

/** A day, as `2026-11-30`; empty for none, and while it is not whole yet. It is taken up once nobody has typed for a moment. */
export function DateField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useSettled(value ?? "", onChange);
  return (
    <label className="date-field">
      <span>{label}</span>
      <input
        type="date"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
        }}
      />
    </label>
  );
}
