import { Field } from "../components/field";
import { texts } from "../texts";
import { isAsked, type Draft, type Faults } from "./draft";
import { namesOf, SETTINGS, valueOf, type SettingName } from "./settings";

const words = texts.newRollout;

/** The settings of the strategy that was chosen, each with its default. */
export function StrategyFields({
  draft,
  faults,
  onChange,
}: {
  draft: Draft;
  faults: Faults;
  onChange: (name: SettingName, value: string) => void;
}) {
  const { strategy, settings } = draft;
  return (
    <div className="field-grid">
      {namesOf(strategy)
        .filter((name) => isAsked(name, draft))
        .map((name) => {
          const setting = SETTINGS[name];
          const value = valueOf(name, strategy, settings);
          const standard = setting.defaults[strategy] ?? "";
          const set = (text: string) => {
            onChange(name, text);
          };
          return (
            <Field
              key={name}
              label={words.settings[name].label}
              hint={`${words.settings[name].hint} ${words.standard(standardInWords(name, standard))}`}
              faults={faults[name]}
            >
              {(props) =>
                setting.kind === "switch" || setting.kind === "offline" ? (
                  <select
                    {...props}
                    value={value}
                    onChange={(event) => {
                      set(event.target.value);
                    }}
                  >
                    {optionsOf(setting.kind).map((option) => (
                      <option key={option} value={option}>
                        {words.values[option]}
                      </option>
                    ))}
                  </select>
                ) : (
                  <input
                    {...props}
                    type="text"
                    inputMode={setting.kind === "duration" ? "text" : "numeric"}
                    autoComplete="off"
                    value={value}
                    placeholder={standard === "" ? words.standardWindow : undefined}
                    onChange={(event) => {
                      set(event.target.value);
                    }}
                  />
                )
              }
            </Field>
          );
        })}
    </div>
  );
}

function optionsOf(kind: "switch" | "offline"): readonly (keyof typeof words.values)[] {
  return kind === "switch" ? ["true", "false"] : ["wait", "skip"];
}

function standardInWords(name: SettingName, standard: string): string {
  if (standard === "") return words.standardWindow;
  const { kind } = SETTINGS[name];
  if (kind === "switch" || kind === "offline") return words.values[standard as keyof typeof words.values];
  return kind === "percent" ? `${standard} %` : standard;
}
