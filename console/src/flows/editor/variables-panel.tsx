import type { Definition, Variable } from "../../api/types";
import { Panel } from "../../components/panel";
import { texts } from "../../texts";
import { setVariables } from "./graph";
import { TypedInput } from "./inputs";
import { readScalar } from "./schema";

const words = texts.editor;
const TYPES = ["string", "number", "boolean", "json"] as const;

type Edit = (change: (before: Definition) => Definition, topic?: string) => void;

/** The flow's constants, which nodes refer to by name. */
export function VariablesPanel({ definition, onEdit }: { definition: Definition; onEdit: Edit }) {
  const { variables } = definition;
  const set = (index: number, variable: Variable) => {
    onEdit((before) => setVariables(before, before.variables.with(index, variable)), `variable ${index}`);
  };
  return (
    <Panel title={words.variables}>
      {variables.length === 0 && <p className="muted">{words.variablesNone}</p>}
      <ul className="variable-list">
        {variables.map((variable, index) => (
          // A variable's name is typed here, so its place is what tells it from the others.
          <li key={index}>
            <input
              type="text"
              className="mono"
              autoComplete="off"
              aria-label={words.variableName}
              value={variable.name}
              onChange={({ target: { value: name } }) => {
                set(index, { ...variable, name });
              }}
            />
            <select
              aria-label={words.variableType}
              value={variable.type}
              onChange={({ target }) => {
                const type = TYPES.find((one) => one === target.value) ?? variable.type;
                set(index, { ...variable, type });
              }}
            >
              {TYPES.map((type) => (
                <option key={type}>{type}</option>
              ))}
            </select>
            <TypedInput
              className="mono"
              autoComplete="off"
              aria-label={words.variableValue}
              value={variable.value}
              show={shownValue}
              read={(text) => readValue(variable.type, text)}
              onChange={(value) => {
                set(index, { ...variable, value });
              }}
            />
            <button
              type="button"
              className="button button-small"
              aria-label={words.removeVariable(variable.name)}
              onClick={() => {
                onEdit((before) => setVariables(before, before.variables.toSpliced(index, 1)));
              }}
            >
              {words.drop}
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button button-small"
        onClick={() => {
          onEdit((before) => setVariables(before, [...before.variables, newVariable(before.variables)]));
        }}
      >
        {words.addVariable}
      </button>
    </Panel>
  );
}

function newVariable(variables: readonly Variable[]): Variable {
  const taken = new Set(variables.map(({ name }) => name));
  let number = 1;
  while (taken.has(`variable_${number}`)) number += 1;
  return { name: `variable_${number}`, type: "string", value: "" };
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What is typed as a value of this type. What does not read as it stays a text, which publishing refuses. */
export function readValue(type: Variable["type"], text: string): unknown {
  if (type === "string") return text;
  if (type !== "json") return readScalar(text) ?? "";
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
