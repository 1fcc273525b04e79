import type { Definition } from "../../api/types";
import { texts } from "../../texts";
import type { PlacedFault } from "./faults";

const words = texts.editor;

/** Every fault of the draft; those of a node lead to it. */
export function FaultList({
  faults,
  definition,
  onChoose,
}: {
  faults: readonly PlacedFault[];
  definition: Definition;
  onChoose: (nodeId: string) => void;
}) {
  if (faults.length === 0) return null;
  const names = new Map(definition.nodes.map(({ id, name }) => [id, name === "" ? id : name]));
  return (
    <section className="notice notice-bad" role="alert" aria-label={words.faults}>
      <p>{words.faultsLead}</p>
      <ul className="fault-list">
        {faults.map(({ nodeId, check, setting, detail }, index) => {
          const name = nodeId === null ? undefined : names.get(nodeId);
          const parts = [check, setting].filter((part) => part !== null);
          const told = parts.length === 0 ? detail : words.faultAt(parts.join(": "), detail);
          return (
            // Two faults can read the same; the list is replaced as a whole.
            <li key={index}>
              {nodeId === null || name === undefined ? (
                told
              ) : (
                <button
                  type="button"
                  className="button button-small"
                  onClick={() => {
                    onChoose(nodeId);
                  }}
                >
                  {words.faultAt(name, told)}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
