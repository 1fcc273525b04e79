import { Field } from "../../components/field";
import { texts } from "../../texts";
import { JsonField, TypedInput } from "./inputs";
import { faultOf, readNumber, readScalar, scalarText, type Control, type Field as Setting, type Form } from "./schema";

const words = texts.editor;

type Values = Readonly<Record<string, unknown>>;

/** A field for each setting. A setting that is emptied is left out, so that its default holds. */
export function SettingFields({
  fields,
  values,
  faults,
  onChange,
}: {
  fields: readonly Setting[];
  values: Values;
  /** Sentences by the setting that they are about. */
  faults: ReadonlyMap<string, readonly string[]>;
  onChange: (values: Values) => void;
}) {
  return fields.map((field) => {
    const value = values[field.name];
    const own = faultOf(field, value);
    const set = (next: unknown) => {
      const others = Object.entries(values).filter(([name]) => name !== field.name);
      onChange(next === undefined ? Object.fromEntries(others) : { ...values, [field.name]: next });
    };
    return (
      <SettingField
        key={field.name}
        field={field}
        value={value}
        faults={[...(own === null ? [] : [own]), ...(faults.get(field.name) ?? [])]}
        onChange={set}
      />
    );
  });
}

type SettingProps = {
  field: Setting;
  value: unknown;
  faults: readonly string[];
  onChange: (value: unknown) => void;
};

function SettingField({ field, value, faults, onChange }: SettingProps) {
  const { control, name } = field;
  if (control.kind === "list" && (value === undefined || isObjects(value))) {
    return <ListField field={field} control={control} items={value ?? []} faults={faults} onChange={onChange} />;
  }
  if (control.kind === "json" || !fits(control, value)) {
    const shown = value === undefined ? "" : JSON.stringify(value, null, 2);
    return (
      <JsonField label={name} hint={hintOf(field, words.jsonHint)} value={shown} faults={faults} onChange={onChange} />
    );
  }
  return (
    <Field label={name} hint={hintOf(field, extraHint(control))} faults={faults}>
      {(props) => {
        const common = { ...props, autoComplete: "off", spellCheck: false } as const;
        switch (control.kind) {
          case "boolean":
          case "choice":
            return (
              <select
                {...props}
                value={typeof value === "string" || typeof value === "boolean" ? String(value) : ""}
                onChange={({ target }) => {
                  if (target.value === "") onChange(undefined);
                  else onChange(control.kind === "boolean" ? target.value === "true" : target.value);
                }}
              >
                <option value="">{words.unset(standardOf(field))}</option>
                {(control.kind === "boolean" ? ["true", "false"] : control.values).map((option) => (
                  <option key={option} value={option}>
                    {control.kind === "boolean" ? words.booleans[option as "true" | "false"] : option}
                  </option>
                ))}
              </select>
            );
          case "text":
            return control.long ? (
              <textarea
                {...common}
                className="mono"
                rows={4}
                value={typeof value === "string" ? value : ""}
                onChange={({ target }) => {
                  onChange(target.value === "" ? undefined : target.value);
                }}
              />
            ) : (
              <input
                {...common}
                type="text"
                value={typeof value === "string" ? value : ""}
                onChange={({ target }) => {
                  onChange(target.value === "" ? undefined : target.value);
                }}
              />
            );
          case "number":
            return (
              <TypedInput
                {...common}
                inputMode={control.references ? "text" : "decimal"}
                value={value ?? undefined}
                show={(shown) => (typeof shown === "number" || typeof shown === "string" ? String(shown) : "")}
                read={readNumber}
                onChange={onChange}
              />
            );
          case "scalar":
            return <TypedInput {...common} value={value} show={scalarText} read={readScalar} onChange={onChange} />;
          default:
            return (
              <textarea
                {...common}
                rows={3}
                value={Array.isArray(value) ? value.join("\n") : ""}
                onChange={({ target }) => {
                  onChange(target.value === "" ? undefined : target.value.split("\n"));
                }}
              />
            );
        }
      }}
    </Field>
  );
}

/** Objects in order, each with the fields of its form. */
function ListField({
  field,
  control: { tag, forms },
  items,
  faults,
  onChange,
}: {
  field: Setting;
  control: Extract<Control, { kind: "list" }>;
  items: readonly Values[];
  faults: readonly string[];
  onChange: (items: readonly Values[] | undefined) => void;
}) {
  const set = (next: readonly Values[]) => {
    onChange(next.length === 0 ? undefined : next);
  };
  const replace = (index: number, item: Values) => {
    set(items.map((one, place) => (place === index ? item : one)));
  };
  return (
    <fieldset className="setting-list" aria-invalid={faults.length > 0}>
      <legend>{field.name}</legend>
      <p className="field-hint">{hintOf(field)}</p>
      {faults.length > 0 && (
        <ul className="field-faults">
          {faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      )}
      {items.map((item, index) => (
        // An entry has no name of its own: its place is what tells it from the others.
        <fieldset key={index} className="setting-item">
          <legend>{words.itemTitle(index + 1)}</legend>
          {tag !== null && (
            <Field label={tag}>
              {(props) => (
                <select
                  {...props}
                  value={String(item[tag])}
                  onChange={({ target }) => {
                    replace(index, { [tag]: target.value });
                  }}
                >
                  {forms.map((form) => (
                    <option key={form.tag}>{form.tag}</option>
                  ))}
                </select>
              )}
            </Field>
          )}
          <SettingFields
            fields={formFor(forms, tag, item).fields}
            values={item}
            faults={NO_FAULTS}
            onChange={(next) => {
              replace(index, next);
            }}
          />
          <div className="setting-item-tools">
            {index > 0 && (
              <button
                type="button"
                className="button button-small"
                aria-label={words.raiseItem(index + 1)}
                onClick={() => {
                  set(items.with(index, items[index - 1] ?? item).with(index - 1, item));
                }}
              >
                {words.up}
              </button>
            )}
            <button
              type="button"
              className="button button-small"
              aria-label={words.removeItem(index + 1)}
              onClick={() => {
                set(items.filter((_, place) => place !== index));
              }}
            >
              {words.drop}
            </button>
          </div>
        </fieldset>
      ))}
      <button
        type="button"
        className="button button-small"
        onClick={() => {
          set([...items, newItem(forms, tag)]);
        }}
      >
        {words.addItem(field.name)}
      </button>
    </fieldset>
  );
}

const NO_FAULTS: ReadonlyMap<string, readonly string[]> = new Map();
const NO_FORM: Form = { tag: "", fields: [] };

function formFor(forms: readonly Form[], tag: string | null, item: Values): Form {
  return (tag === null ? forms[0] : forms.find((form) => form.tag === item[tag])) ?? NO_FORM;
}

/** A choice that is required starts with its first value, for there is no other way to leave it. */
function newItem(forms: readonly Form[], tag: string | null): Values {
  const form = forms[0] ?? NO_FORM;
  const choices = form.fields.flatMap(({ name, required, control }) =>
    required && control.kind === "choice" ? [[name, control.values[0]] as const] : [],
  );
  return { ...(tag === null ? {} : { [tag]: form.tag }), ...Object.fromEntries(choices) };
}

/** The control can show the value; anything else is shown as JSON, so that nothing is hidden. */
function fits(control: Control, value: unknown): boolean {
  if (value === undefined || value === null) return control.kind !== "list" || value === undefined;
  switch (control.kind) {
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return typeof value === "string" && control.values.includes(value);
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number" || typeof value === "string";
    case "scalar":
      return typeof value !== "object";
    case "lines":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    default:
      return false;
  }
}

function isObjects(value: unknown): value is Values[] {
  return Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null);
}

function extraHint(control: Control): string | undefined {
  if (control.kind === "lines") return words.linesHint;
  return control.kind === "scalar" ? words.scalarHint : undefined;
}

function hintOf(field: Setting, extra?: string): string {
  const standard = standardOf(field);
  return [
    field.description === "" ? "" : `${field.description}.`,
    field.required ? words.required : "",
    standard === null ? "" : words.standard(standard),
    extra ?? "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

function standardOf({ standard }: Setting): string | null {
  if (standard === undefined || standard === null || standard === "") return null;
  return typeof standard === "string" ? standard : JSON.stringify(standard);
}
