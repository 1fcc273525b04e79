import { useSettled } from "./use-settled";

export function SearchField({
  label,
  hint,
  value,
  onChange,
}: {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <label className="search">
      <span className="visually-hidden">{label}</span>
      <input
        type="search"
        placeholder={hint}
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
    </label>
  );
}

/** One that asks the API: it is taken up once nobody has typed for a moment, without spaces around it. */
export function SettledSearch({
  value,
  onChange,
  ...field
}: {
  label: string;
  hint: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [typed, setTyped] = useSettled(value ?? "", (settled) => {
    onChange(settled.trim() === "" ? undefined : settled.trim());
  });
  return <SearchField {...field} value={typed} onChange={setTyped} />;
}
