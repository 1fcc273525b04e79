import { useEffect, useEffectEvent, useState } from "react";

const SETTLES = 300; // milliseconds without a key

/**
 * What is typed, told to `onSettled` once nobody has typed for a moment. `value` is what was told last; where it becomes
 * something else by itself (a link was followed), that is what the field holds.
 */
export function useSettled(value: string, onSettled: (value: string) => void): [string, (typed: string) => void] {
  const [state, setState] = useState({ typed: value, told: value, seen: value });
  const { typed, told, seen } = state;
  if (value !== seen) setState({ typed: value === told ? typed : value, told: value, seen: value });

  const settle = useEffectEvent(() => {
    setState((now) => ({ ...now, told: now.typed }));
    onSettled(typed);
  });
  useEffect(() => {
    if (typed === told) return;
    const timer = setTimeout(settle, SETTLES);
    return () => {
      clearTimeout(timer);
    };
  }, [typed, told]);

  return [
    typed,
    (next) => {
      setState((now) => ({ ...now, typed: next }));
    },
  ];
}
