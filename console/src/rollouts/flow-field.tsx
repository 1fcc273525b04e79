import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId } from "react";
import { flowQuery, flowsQuery } from "../api/queries";
import { Field } from "../components/field";
import { useConsole } from "../session/context";
import { texts } from "../texts";

const words = texts.newRollout;
const IS_ID = /^flow_\w+$/;

/**
 * The id of a flow. Names are searched for while they are typed, and their ids offered; an id of a flow that was deleted
 * can be typed as well, for it can still be taken off devices.
 */
export function FlowField({
  value,
  removes,
  faults,
  onChange,
}: {
  value: string;
  removes: boolean;
  faults: readonly string[] | undefined;
  onChange: (flowId: string) => void;
}) {
  const { api } = useConsole();
  const list = useId();
  const typed = useDeferredValue(value.trim());
  const isId = IS_ID.test(typed);
  const name = isId || typed === "" ? undefined : typed;
  const offered = { refetchInterval: false } as const;
  const found = useInfiniteQuery({
    ...flowsQuery(api, { status: removes ? undefined : ["published"], name }),
    ...offered,
  });
  const archived = useInfiniteQuery({
    ...flowsQuery(api, { status: ["archived"], name }),
    ...offered,
    enabled: removes,
  });
  const one = useQuery({ ...flowQuery(api, typed), enabled: isId, refetchInterval: false });
  const flows = [...(found.data?.pages ?? []), ...(removes ? (archived.data?.pages ?? []) : [])].flatMap(
    (page) => page.flows,
  );
  const hint = !isId
    ? words.flowHint
    : one.data
      ? words.flowIs(one.data.name, texts.status[one.data.status] ?? one.data.status, one.data.latest_version)
      : one.error
        ? words.noSuchFlow(removes)
        : texts.common.loading;
  return (
    <Field label={words.flow} hint={hint} faults={faults}>
      {(props) => (
        <>
          <input
            {...props}
            type="text"
            className="mono"
            autoComplete="off"
            list={list}
            value={value}
            onChange={(event) => {
              onChange(event.target.value);
            }}
          />
          <datalist id={list}>
            {flows.map((flow) => (
              <option key={flow.id} value={flow.id}>
                {flow.name}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
