import type { ReactNode } from "react";
import { texts } from "../texts";

/** The fields that narrow a list, and, where one of them does, the way back to the whole of it. */
export function FilterFrame({
  label,
  filters,
  onClear,
  children,
}: {
  label: string;
  filters: object;
  onClear: () => void;
  children: ReactNode;
}) {
  return (
    <div className="filter-bar" role="search" aria-label={label}>
      {children}
      {Object.values(filters).some((value) => value !== undefined) && (
        <button type="button" className="button button-quiet" onClick={onClear}>
          {texts.common.clearFilters}
        </button>
      )}
    </div>
  );
}
