// What was edited, step by step, and back.

export type Timeline<State> = {
  readonly past: readonly State[];
  readonly present: State;
  readonly future: readonly State[];
  /** What the last step was about; another about the same goes into it. */
  readonly topic: string | null;
};

export const MOST_STEPS = 200;

export function begin<State>(present: State): Timeline<State> {
  return { past: [], present, future: [], topic: null };
}

/** Go on to another state. Steps in a row with the same topic, such as letters typed into one field, are one step. */
export function record<State>(timeline: Timeline<State>, present: State, topic: string | null = null): Timeline<State> {
  if (Object.is(present, timeline.present)) return timeline;
  if (topic !== null && topic === timeline.topic) return { ...timeline, present, future: [] };
  return { past: [...timeline.past, timeline.present].slice(-MOST_STEPS), present, future: [], topic };
}

export function undo<State>(timeline: Timeline<State>): Timeline<State> {
  const before = timeline.past.at(-1);
  if (before === undefined) return timeline;
  return {
    past: timeline.past.slice(0, -1),
    present: before,
    future: [timeline.present, ...timeline.future],
    topic: null,
  };
}

export function redo<State>(timeline: Timeline<State>): Timeline<State> {
  const [after, ...future] = timeline.future;
  if (after === undefined) return timeline;
  return { past: [...timeline.past, timeline.present], present: after, future, topic: null };
}
