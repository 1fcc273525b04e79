import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "../../api/errors";
import { createKeys } from "../../api/idempotency";
import { editedFlowQuery, readTaggedFlow, type TaggedFlow } from "../../api/queries";
import type { Definition, DefinitionBody, Flow } from "../../api/types";
import { useConsole } from "../../session/context";
import { isUnchanged } from "../diff";
import { placed } from "../layout";
import { placeFaults, type PlacedFault } from "./faults";
import { begin, record, redo, undo, type Timeline } from "./undo";

/** Somebody changed the flow meanwhile: what is stored now, and what was to be done when that came out. */
export type Conflict = { stored: TaggedFlow; wanted: "save" | "publish" };

type State = {
  timeline: Timeline<Definition>;
  /** What is stored, as far as is known here, and the definition here that it is the same as. */
  stored: TaggedFlow;
  saved: Definition;
};

/** The draft being edited: its steps, and saving and publishing it without overwriting what somebody else did. */
export function useDraft(opened: TaggedFlow) {
  const { api } = useConsole();
  const client = useQueryClient();
  const [keyOf] = useState(createKeys);
  const [state, setState] = useState<State>(() => {
    const { definition } = opened.flow;
    // A flow that was only written has no places yet; they are saved with the first change.
    const shown = { ...definition, nodes: placed(definition) };
    return { timeline: begin(shown), stored: opened, saved: shown };
  });
  const [faults, setFaults] = useState<readonly PlacedFault[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [working, setWorking] = useState(false);

  const { timeline, stored, saved } = state;
  const definition = timeline.present;
  const path = { flow_id: opened.flow.id };

  const step = (change: (before: Timeline<Definition>) => Timeline<Definition>) => {
    setState((before) => ({ ...before, timeline: change(before.timeline) }));
  };

  /** What the API answered is what everybody sees from now on. */
  function keep(flow: Flow): void {
    client.setQueryData(["flow", flow.id], flow);
    void client.invalidateQueries({ queryKey: ["flows"] });
  }

  async function put(sent: Definition, onto: TaggedFlow): Promise<TaggedFlow> {
    const { name, description, tags } = onto.flow;
    const flow = (await api.put("/v1/flows/{flow_id}", {
      path,
      header: { "If-Match": onto.etag },
      // Checks may lack what their types ask for, while they are written: the API tells what that is.
      body: { name, description, tags, definition: sent as DefinitionBody },
    })) as Flow;
    const now = { flow, etag: api.etagOf(flow) };
    keep(flow);
    setState((before) => ({ ...before, stored: now, saved: sent }));
    return now;
  }

  async function carry(wanted: Conflict["wanted"], onto: TaggedFlow, unsaved: boolean): Promise<Flow | null> {
    const sent = definition;
    let now = onto;
    setWorking(true);
    setError(null);
    setFaults([]);
    try {
      if (unsaved) now = await put(sent, onto);
      if (wanted === "save") {
        setConflict(null);
        return now.flow;
      }
      const flow = (await api.post("/v1/flows/{flow_id}/publish", {
        path,
        header: { "Idempotency-Key": keyOf({ etag: now.etag }), "If-Match": now.etag },
      })) as Flow;
      keep(flow);
      setConflict(null);
      return flow;
    } catch (failure) {
      setConflict(null);
      const problem = asApiError(failure);
      setFaults(placeFaults(problem.places, sent));
      if (problem.status === 412) return await resolve(wanted, now, sent);
      setError(failure);
      return null;
    } finally {
      setWorking(false);
    }
  }

  /**
   * Look what is stored after a 412, and go on with it where that is no conflict: where it is the definition that was
   * sent, an answer was lost; where it is the one that was written onto, somebody only named the flow anew.
   */
  async function resolve(wanted: Conflict["wanted"], onto: TaggedFlow, sent: Definition): Promise<Flow | null> {
    try {
      const now = await readTaggedFlow(api, opened.flow.id);
      const { status, definition: theirs } = now.flow;
      const isStored = isUnchanged(theirs, sent);
      const isOther = !isStored && !isUnchanged(theirs, onto.flow.definition);
      if (status === "draft" && now.etag !== onto.etag && !isOther) {
        if (isStored) setState((before) => ({ ...before, stored: now, saved: sent }));
        return await carry(wanted, now, !isStored);
      }
      setConflict({ stored: now, wanted });
    } catch (failure) {
      setError(failure);
    }
    return null;
  }

  /** Take over what the flow is called from now on. Another definition stays to be found out when this one is saved. */
  function rename(flow: Flow): void {
    const { name, description, tags } = flow;
    const now = { flow, etag: api.etagOf(flow) };
    client.setQueryData(editedFlowQuery(api, flow.id).queryKey, now);
    setState((before) => {
      const isSafe = isUnchanged(flow.definition, before.stored.flow.definition);
      const kept = { ...before.stored, flow: { ...before.stored.flow, name, description, tags } };
      return { ...before, stored: isSafe ? now : kept };
    });
  }

  return {
    flow: stored.flow,
    definition,
    unsaved: definition !== saved,
    canUndo: timeline.past.length > 0,
    canRedo: timeline.future.length > 0,
    faults,
    error,
    conflict,
    working,
    /** Make a step. Steps in a row about the same topic are one. */
    edit: (change: (before: Definition) => Definition, topic: string | null = null) => {
      step((before) => record(before, change(before.present), topic));
    },
    undo: () => {
      step(undo);
    },
    redo: () => {
      step(redo);
    },
    rename,
    save: () => carry("save", stored, definition !== saved),
    publish: () => carry("publish", stored, definition !== saved),
    /** Write this definition over what somebody else stored, then do what was wanted. */
    keepMine: ({ stored: theirs, wanted }: Conflict) => carry(wanted, theirs, true),
    /** Go on with what somebody else stored. What was here is one step back. */
    takeTheirs: ({ stored: theirs }: Conflict) => {
      const taken = { ...theirs.flow.definition, nodes: placed(theirs.flow.definition) };
      setState((before) => ({ timeline: record(before.timeline, taken), stored: theirs, saved: taken }));
      setFaults([]);
      setConflict(null);
    },
    goOn: () => {
      setConflict(null);
    },
  };
}

export type Draft = ReturnType<typeof useDraft>;
