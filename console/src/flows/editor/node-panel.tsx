import { useState } from "react";
import type { Connection, Definition, FlowNode, NodeType } from "../../api/types";
import { Field } from "../../components/field";
import { Panel } from "../../components/panel";
import { texts } from "../../texts";
import { connectionKey } from "../diff";
import { nativeNodes, NATIVE_TYPE } from "../native";
import { faultsOfNode, type PlacedFault } from "./faults";
import { changeNode, connect, remove } from "./graph";
import { JsonField } from "./inputs";
import { hasInput, outputsOf } from "./ports";
import { fieldsOf } from "./schema";
import { SettingFields } from "./setting-fields";

const words = texts.editor;

type Edit = (change: (before: Definition) => Definition, topic?: string) => void;

/** The name, the settings and the wires of one node. */
export function NodePanel({
  node,
  type,
  types,
  definition,
  faults,
  onEdit,
}: {
  node: FlowNode;
  type: NodeType | undefined;
  types: ReadonlyMap<string, NodeType>;
  definition: Definition;
  faults: readonly PlacedFault[];
  onEdit: Edit;
}) {
  const own = faultsOfNode(faults, node.id);
  const fields = type === undefined ? [] : fieldsOf(type.settings);
  const named = new Set(fields.map(({ name }) => name));
  const elsewhere = own.filter(({ setting }) => setting === null || !named.has(setting));
  const bySetting = new Map(
    fields.map(
      ({ name }) => [name, own.filter(({ setting }) => setting === name).map(({ detail }) => detail)] as const,
    ),
  );
  const configure = (config: Record<string, unknown>) => {
    onEdit((before) => changeNode(before, node.id, { config }), `config ${node.id}`);
  };
  return (
    <Panel title={type?.title ?? words.node} className="editor-node">
      <p className="muted">{words.nodeId(node.id, node.type)}</p>
      {elsewhere.length > 0 && (
        <ul className="field-faults">
          {elsewhere.map(({ detail }) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
      <Field label={words.nodeName}>
        {(props) => (
          <input
            {...props}
            type="text"
            autoComplete="off"
            maxLength={128}
            value={node.name}
            placeholder={node.id}
            onChange={({ target: { value: name } }) => {
              onEdit((before) => changeNode(before, node.id, { name }), `name ${node.id}`);
            }}
          />
        )}
      </Field>
      <h3>{words.settings}</h3>
      {type === undefined && <p className="muted">{words.unknownType}</p>}
      {type !== undefined && fields.length === 0 && <p className="muted">{words.noSettings}</p>}
      {node.type === NATIVE_TYPE && <NativeNodes content={node.config.flows} />}
      <SettingFields
        fields={fields.filter(({ name }) => node.type !== NATIVE_TYPE || name !== "flows")}
        values={node.config}
        faults={bySetting}
        onChange={configure}
      />
      <details open={type === undefined}>
        <summary>{words.asJson}</summary>
        <JsonField
          label={words.jsonLabel}
          value={JSON.stringify(node.config, null, 2)}
          check={(value) =>
            typeof value === "object" && value !== null && !Array.isArray(value) ? null : words.notObject
          }
          onChange={(value) => {
            configure(value as Record<string, unknown>);
          }}
        />
      </details>
      <Wires node={node} type={type} types={types} definition={definition} onEdit={onEdit} />
    </Panel>
  );
}

/** What Node-RED exported, told item by item. */
function NativeNodes({ content }: { content: unknown }) {
  const nodes = nativeNodes(content);
  if (nodes === null) return null;
  const tabs = nodes.filter(({ type }) => type === "tab").length;
  return (
    <>
      <p>{words.native(nodes.length - tabs, tabs)}</p>
      <ul className="native-list">
        {nodes.map(({ id, type, name, label }) => {
          const called = [name, label].find((text) => typeof text === "string" && text !== "");
          return <li key={id}>{words.nativeItem(type, typeof called === "string" ? called : "")}</li>;
        })}
      </ul>
    </>
  );
}

/** The wires at a node, and a way to lay one without a mouse. */
function Wires({
  node,
  type,
  types,
  definition,
  onEdit,
}: {
  node: FlowNode;
  type: NodeType | undefined;
  types: ReadonlyMap<string, NodeType>;
  definition: Definition;
  onEdit: Edit;
}) {
  const { nodes, connections } = definition;
  const outputs = outputsOf(node, type, connections);
  const [port, setPort] = useState(outputs[0] ?? 0);
  const [target, setTarget] = useState("");
  const names = new Map(nodes.map((one) => [one.id, one.name === "" ? one.id : one.name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const wires = connections.flatMap((wire): [Connection, string][] => {
    if (wire.source === node.id) return [[wire, words.wireTo(wire.port, nameOf(wire.target))]];
    return wire.target === node.id ? [[wire, words.wireFrom(nameOf(wire.source), wire.port)]] : [];
  });
  const targets = nodes.filter((one) => one.id !== node.id && hasInput(types.get(one.type)));
  const isTarget = targets.some(({ id }) => id === target);
  return (
    <>
      <h3>{words.wires}</h3>
      {wires.length === 0 && <p className="muted">{words.wiresNone}</p>}
      <ul className="wire-list">
        {wires.map(([wire, told]) => (
          <li key={connectionKey(wire)}>
            <span>{told}</span>
            <button
              type="button"
              className="button button-small"
              aria-label={words.removeWire(told)}
              onClick={() => {
                onEdit((before) => remove(before, new Set(), new Set([connectionKey(wire)])));
              }}
            >
              {words.drop}
            </button>
          </li>
        ))}
      </ul>
      {outputs.length > 0 && (
        <div className="wire-new">
          <Field label={words.output}>
            {(props) => (
              <select
                {...props}
                value={port}
                onChange={(event) => {
                  setPort(Number(event.target.value));
                }}
              >
                {outputs.map((output) => (
                  <option key={output} value={output}>
                    {words.outputName(output)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={words.target}>
            {(props) => (
              <select
                {...props}
                value={isTarget ? target : ""}
                onChange={(event) => {
                  setTarget(event.target.value);
                }}
              >
                <option value="">{words.noTarget}</option>
                {targets.map(({ id }) => (
                  <option key={id} value={id}>
                    {nameOf(id)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <button
            type="button"
            className="button"
            disabled={!isTarget}
            onClick={() => {
              const from = outputs.includes(port) ? port : (outputs[0] ?? 0);
              onEdit((before) => connect(before, { source: node.id, target, port: from }));
            }}
          >
            {words.connect}
          </button>
        </div>
      )}
    </>
  );
}
