/** One of several, or all of them. `value` stays to be seen where the options do not have it. */
export function SelectField({
  label,
  all,
  value,
  options,
  onChange,
}: {
  label: string;
  /** What is chosen while nothing is. */
  all: string;
  value: string | undefined;
  options: readonly { value: string; label: string }[];
  onChange: (value: string | undefined) => void;
}) {
  const isListed = value === undefined || options.some((option) => option.value === value);
  return (
    <label className="select-field">
      <span className="visually-hidden">{label}</span>
      <select
        value={value ?? ""}
        onChange={(event) => {
          onChange(event.target.value === "" ? undefined : event.target.value);
        }}
      >
        <option value="">{all}</option>
        {!isListed && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
