import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "../api/errors";
import { readTaggedFlow, type TaggedFlow } from "../api/queries";
import type { Flow } from "../api/types";
import { RefusedButton } from "../components/confirm";
import { useConsole } from "../session/context";
import { whyNot } from "../session/rights";
import { texts } from "../texts";
import { changesOf, typedOf, type Details } from "./details";
import { DetailsDialog } from "./details-dialog";

const words = texts.flowDetails;

/** Changes a draft's name, description and tags; its definition stays as it is, whoever edits that meanwhile. */
export function EditDetailsButton({ flow, onSaved }: { flow: Flow; onSaved?: (flow: Flow) => void }) {
  const { api, user } = useConsole();
  const client = useQueryClient();
  const [seen, setSeen] = useState<Details>(flow);
  const [theirs, setTheirs] = useState<TaggedFlow | null>(null);
  const refusal = whyNot(user, "author") ?? (flow.status === "draft" ? null : words.notADraft);
  if (refusal !== null) return <RefusedButton label={words.edit} refusal={refusal} />;

  async function patch(changes: Partial<Details>, onto: TaggedFlow): Promise<void> {
    const saved = (await api.patch("/v1/flows/{flow_id}", {
      path: { flow_id: flow.id },
      header: { "If-Match": onto.etag },
      body: changes,
    })) as Flow;
    client.setQueryData(["flow", flow.id], saved);
    onSaved?.(saved);
    void client.invalidateQueries({ queryKey: ["flows"] });
  }

  /** Returns whether it is stored: somebody else may have stored other details meanwhile, which are shown first. */
  async function save(details: Details): Promise<boolean> {
    const changes = changesOf(theirs?.flow ?? seen, details);
    if (Object.keys(changes).length === 0) return true;
    const now = theirs ?? (await readTaggedFlow(api, flow.id));
    // Only what this form shows can be overwritten by it: another definition is no conflict.
    if (theirs === null && Object.keys(changesOf(seen, now.flow)).length > 0) {
      setTheirs(now);
      return false;
    }
    try {
      await patch(changes, now);
      return true;
    } catch (failure) {
      if (asApiError(failure).status !== 412) throw failure;
      setTheirs(await readTaggedFlow(api, flow.id));
      return false;
    }
  }

  return (
    <DetailsDialog
      label={{ open: words.edit, send: words.saves, main: false }}
      title={words.editTitle}
      lead={words.editLead}
      begin={typedOf(flow)}
      stored={theirs === null ? null : typedOf(theirs.flow)}
      onOpen={() => {
        setSeen(flow);
        setTheirs(null);
      }}
      act={save}
    />
  );
}
