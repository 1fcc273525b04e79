import type { Definition, FlowNode, HealthCheck } from "../../api/types";
import { Field } from "../../components/field";
import { Panel } from "../../components/panel";
import { texts } from "../../texts";
import { addCheck, CHECK_FIELDS, CHECK_TYPES, checkOf, isCheckType, removeCheck, setCheck } from "./checks";
import { faultsOfCheck, type PlacedFault } from "./faults";
import { JsonField } from "./inputs";
import { SettingFields } from "./setting-fields";

const words = texts.editor;

type Edit = (change: (before: Definition) => Definition, topic?: string) => void;

/** What the flow must do to count as healthy: a form for each check, and JSON for types that are not known here. */
export function ChecksPanel({
  definition,
  faults,
  onEdit,
}: {
  definition: Definition;
  faults: readonly PlacedFault[];
  onEdit: Edit;
}) {
  const { health_checks: checks, nodes } = definition;
  return (
    <Panel title={words.checks}>
      {checks.length === 0 && <p className="muted">{words.checksNone}</p>}
      {checks.map((check, index) => (
        // A check's name is typed here, so its place is what tells it from the others.
        <fieldset key={index} className="setting-item">
          <legend>{words.checkTitle(index + 1)}</legend>
          <CheckFields
            check={check}
            nodes={nodes}
            faults={faultsOfCheck(faults, check.name)}
            onChange={(next) => {
              onEdit((before) => setCheck(before, index, next), `check ${index}`);
            }}
            onType={(type) => {
              onEdit((before) => setCheck(before, index, checkOf(type, check.name, before, check)));
            }}
          />
          <div className="setting-item-tools">
            <button
              type="button"
              className="button button-small"
              aria-label={words.removeCheck(check.name)}
              onClick={() => {
                onEdit((before) => removeCheck(before, index));
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
          onEdit(addCheck);
        }}
      >
        {words.addCheck}
      </button>
    </Panel>
  );
}

function CheckFields({
  check,
  nodes,
  faults,
  onChange,
  onType,
}: {
  check: HealthCheck;
  nodes: readonly FlowNode[];
  faults: ReadonlyMap<string, readonly string[]>;
  onChange: (check: HealthCheck) => void;
  onType: (type: (typeof CHECK_TYPES)[number]) => void;
}) {
  const { name, type, ...settings } = check;
  if (!isCheckType(type)) {
    return (
      <JsonField
        label={words.checkAsJson(name)}
        value={JSON.stringify(check, null, 2)}
        faults={[...faults.values()].flat()}
        check={(value) => (isCheck(value) ? null : words.notCheck)}
        onChange={(value) => {
          onChange(value as HealthCheck);
        }}
      />
    );
  }
  return (
    <>
      <Field label={words.checkName} hint={words.checkNameHint(name)} faults={faults.get("name")}>
        {(props) => (
          <input
            {...props}
            type="text"
            className="mono"
            autoComplete="off"
            maxLength={48}
            value={name}
            onChange={({ target }) => {
              onChange({ ...check, name: target.value });
            }}
          />
        )}
      </Field>
      <Field label={words.checkType} hint={words.checkTypes[type]} faults={faults.get("")}>
        {(props) => (
          <select
            {...props}
            value={type}
            onChange={({ target }) => {
              if (isCheckType(target.value)) onType(target.value);
            }}
          >
            {CHECK_TYPES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
      </Field>
      {type === "emitted" && (
        <WatchedNode
          value={typeof settings.node === "string" ? settings.node : ""}
          nodes={nodes}
          faults={faults.get("node")}
          onChange={(node) => {
            onChange({ ...check, node });
          }}
        />
      )}
      <SettingFields
        fields={CHECK_FIELDS[type]}
        values={settings}
        faults={faults}
        onChange={(values) => {
          onChange({ name, type, ...values });
        }}
      />
    </>
  );
}

function WatchedNode({
  value,
  nodes,
  faults,
  onChange,
}: {
  value: string;
  nodes: readonly FlowNode[];
  faults: readonly string[] | undefined;
  onChange: (node: string) => void;
}) {
  const isThere = nodes.some(({ id }) => id === value);
  return (
    <Field label={words.checkNode} faults={isThere ? faults : [words.noSuchNode(value)]}>
      {(props) => (
        <select
          {...props}
          value={value}
          onChange={({ target }) => {
            onChange(target.value);
          }}
        >
          {!isThere && <option value={value}>{value === "" ? words.noTarget : value}</option>}
          {nodes.map(({ id, name }) => (
            <option key={id} value={id}>
              {name === "" ? id : name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function isCheck(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "type" in value &&
    typeof value.type === "string"
  );
}
