import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createKeys } from "../api/idempotency";
import type { Flow } from "../api/types";
import { RefusedButton } from "../components/confirm";
import { useConsole } from "../session/context";
import { whyNot } from "../session/rights";
import { texts } from "../texts";
import { NOTHING_TYPED } from "./details";
import { DetailsDialog } from "./details-dialog";

const words = texts.flowDetails;

/** Creates an empty draft, and opens the editor with it. */
export function NewFlowButton() {
  const { api, user } = useConsole();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [keyOf, setKeys] = useState(createKeys);
  const refusal = whyNot(user, "author");
  if (refusal !== null) return <RefusedButton label={words.create} refusal={refusal} />;
  return (
    <DetailsDialog
      label={{ open: words.create, send: words.creates, main: true }}
      title={words.createTitle}
      lead={words.createLead}
      begin={NOTHING_TYPED}
      onOpen={() => {
        setKeys(createKeys); // two flows may have the same name: only what is sent again from one form is the same
      }}
      act={async (body) => {
        const created = (await api.post("/v1/flows", { body, header: { "Idempotency-Key": keyOf(body) } })) as Flow;
        client.setQueryData(["flow", created.id], created);
        void client.invalidateQueries({ queryKey: ["flows"] });
        await navigate({ to: "/flows/$id/edit", params: { id: created.id } });
        return true;
      }}
    />
  );
}
