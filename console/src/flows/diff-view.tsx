import type { ReactNode } from "react";
import type { Connection, Definition, FlowNode } from "../api/types";
import { texts } from "../texts";
import { connectionKey, diffDefinitions, isSame, type Change, type PartDiff } from "./diff";
import { shown, SIGNS } from "./diff-words";

const words = texts.flow;

/** What differs between two definitions, part by part, settings with the old and the new value. */
export function DiffView({ before, after }: { before: Definition; after: Definition }) {
  const diff = diffDefinitions(before, after);
  const names = new Map([...before.nodes, ...after.nodes].map((node) => [node.id, nodeName(node)]));
  const wire = ({ source, target, port }: Connection) =>
    `${names.get(source) ?? source}${words.port(port)} → ${names.get(target) ?? target}`;
  return (
    <div className="diff">
      {isSame(diff) && <p className="notice">{words.same}</p>}
      <Part
        title={words.nodes}
        part={diff.nodes}
        name={nodeName}
        detail={(node) => node.type}
        itemKey={(node) => node.id}
      />
      {diff.connections.added.length + diff.connections.removed.length > 0 && (
        <section>
          <h2>{words.connections}</h2>
          <ul className="diff-list">
            {diff.connections.added.map((connection) => (
              <Entry key={`+${connectionKey(connection)}`} kind="added" name={wire(connection)} />
            ))}
            {diff.connections.removed.map((connection) => (
              <Entry key={`-${connectionKey(connection)}`} kind="removed" name={wire(connection)} />
            ))}
          </ul>
        </section>
      )}
      <Part
        title={words.variables}
        part={diff.variables}
        name={(variable) => variable.name}
        detail={(variable) => shown(variable.value)}
        itemKey={(variable) => variable.name}
      />
      <Part
        title={words.checks}
        part={diff.healthChecks}
        name={(check) => check.name}
        detail={(check) => check.type}
        itemKey={(check) => check.name}
      />
      {diff.moved.length > 0 && <p className="muted">{words.moved(diff.moved.length)}</p>}
    </div>
  );
}

function Part<Item>({
  title,
  part,
  name,
  detail,
  itemKey,
}: {
  title: string;
  part: PartDiff<Item>;
  name: (item: Item) => string;
  detail: (item: Item) => string;
  itemKey: (item: Item) => string;
}) {
  if (part.added.length + part.removed.length + part.changed.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul className="diff-list">
        {part.added.map((item) => (
          <Entry key={itemKey(item)} kind="added" name={name(item)} detail={detail(item)} />
        ))}
        {part.removed.map((item) => (
          <Entry key={itemKey(item)} kind="removed" name={name(item)} detail={detail(item)} />
        ))}
        {part.changed.map(({ after, changes }) => (
          <Entry key={itemKey(after)} kind="changed" name={name(after)} detail={detail(after)}>
            <Changes changes={changes} />
          </Entry>
        ))}
      </ul>
    </section>
  );
}

function Entry({
  kind,
  name,
  detail,
  children,
}: {
  kind: "added" | "removed" | "changed";
  name: string;
  detail?: string;
  children?: ReactNode;
}) {
  return (
    <li className={`diff-${kind}`}>
      <span className="diff-sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      <b>{name}</b> {detail !== undefined && <span className="muted">{detail}</span>}{" "}
      <span className="diff-word">{words[kind]}</span>
      {children}
    </li>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <dl className="changes">
      {changes.map(({ path, before, after }) => (
        <div key={path}>
          <dt className="mono">{path}</dt>
          <dd className="mono">
            <del>{shown(before)}</del> <span aria-hidden="true">→</span> <ins>{shown(after)}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function nodeName({ name, id }: FlowNode): string {
  return name === "" ? id : name;
}
