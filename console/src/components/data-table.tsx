import { tableFeatures, useTable, type ColumnDef } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef, type CSSProperties, type ReactNode } from "react";
import { isUnreadable } from "../api/unreadable";
import { texts } from "../texts";

const features = tableFeatures({});

/**
 * Columns of rank 2 are left out on narrow screens, those of rank 3 on middling ones as well. There `narrow` is the width
 * of the others; those without one share what is left.
 */
type Looks = { rank?: 1 | 2 | 3; align?: "end"; width?: string; narrow?: string };

type Style = CSSProperties & { "--width"?: string; "--narrow"?: string };

export type Column<Row extends object> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
} & Looks;

const ROW_HEIGHT = 36; // pixels, as --row in the style
const OVERSCAN = 12;
const LOAD_AHEAD = 20; // rows before the end at which the next page is asked for

/**
 * A list of any length: only the rows in view are in the page, and the next page is asked for before the end is reached.
 * Pages can be short: further ones are asked for as long as the rows do not fill the view.
 */
export function DataTable<Row extends object>({
  label,
  columns,
  rows,
  rowKey,
  more,
  loadMore,
  loading,
  empty,
  summary,
  footer,
  tall = false,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: Row[];
  /** The same function each time, where there are many rows and they are tall. */
  rowKey: (row: Row) => string;
  more: boolean;
  loadMore?: () => void;
  loading: boolean;
  empty: string;
  /** How many rows there are, in words; without it the table counts those that are loaded. */
  summary?: string | undefined;
  footer?: ReactNode;
  /** Rows are as tall as what is in them needs, and are measured; else that is cut off after two lines. */
  tall?: boolean;
}) {
  const definitions = useMemo(
    () =>
      columns.map(({ id, header, cell }, index): ColumnDef<typeof features, Row> => ({
        id,
        header,
        cell: ({ row }) => (isUnreadable(row.original) ? <Unreadable index={index} id={row.id} /> : cell(row.original)),
      })),
    [columns],
  );
  const looks = new Map(columns.map((column) => [column.id, looksOf(column)]));
  const scroller = useRef<HTMLDivElement>(null);
  // A height belongs to its row, wherever that is after another choice of rows.
  const keyAt = useCallback(
    (index: number) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
    [rows, rowKey],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    ...(tall ? { getItemKey: keyAt } : {}),
    overscan: OVERSCAN,
    initialRect: { width: 1_000, height: 700 },
  });
  const items = virtual.getVirtualItems();
  const firstInView = items[0]?.index ?? 0;
  const lastInView = items.at(-1)?.index ?? -1;
  // The table is told of the rows in view alone: to make it anew of thousands takes long, and each page that comes does so.
  const inView = useMemo(() => rows.slice(firstInView, lastInView + 1), [rows, firstInView, lastInView]);
  const table = useTable({ features, columns: definitions, data: inView, getRowId: rowKey });
  const shown = table.getRowModel().rows;

  useEffect(() => {
    if (more && !loading && lastInView >= rows.length - 1 - LOAD_AHEAD) loadMore?.();
  }, [more, loading, lastInView, rows.length, loadMore]);

  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className={tall ? "table-frame table-tall" : "table-frame"}>
      {/* Whoever uses a keyboard scrolls the region itself. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="table-scroll" ref={scroller} role="group" aria-label={label} tabIndex={0}>
        <table className="table" aria-rowcount={more ? -1 : rows.length + 1} aria-label={label}>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} aria-rowindex={1}>
                {group.headers.map((header) => (
                  <th key={header.id} scope="col" {...looks.get(header.column.id)}>
                    {header.isPlaceholder ? null : <table.FlexRender header={header} />}
                  </th>
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            <Filler height={before} />
            {shown.map((row, index) => (
              <tr
                key={row.id}
                aria-rowindex={firstInView + index + 2}
                data-index={firstInView + index}
                ref={tall ? virtual.measureElement : null}
              >
                {row.getAllCells().map((cell) => (
                  <td key={cell.id} {...looks.get(cell.column.id)}>
                    <div className="cell-text">
                      <table.FlexRender cell={cell} />
                    </div>
                  </td>
                ))}
              </tr>
            ))}
            <Filler height={after} />
          </tbody>
        </table>
        {rows.length === 0 && !loading && !more && <p className="table-empty">{empty}</p>}
      </div>
      <p className="table-foot" role="status">
        <span>{loading ? texts.common.loadingMore : (summary ?? texts.common.rows(rows.length, more))}</span>
        {footer}
      </p>
    </div>
  );
}

/** A record that is damaged: which one it is, and that it is so. */
function Unreadable({ index, id }: { index: number; id: string }) {
  if (index === 0) return <span className="mono">{id}</span>;
  return index === 1 ? <span className="bad">{texts.common.unreadable}</span> : null;
}

/** Stands for the rows that are out of view. */
function Filler({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true">
      {/* It spans nothing: a cell across columns that are left out would bring them back, empty. */}
      <td className="table-filler" style={{ height }} />
    </tr>
  );
}

function looksOf({ rank = 1, align, width, narrow }: Looks): { className: string; style: Style } {
  const style = { ...(width ? { "--width": width } : {}), ...(narrow ? { "--narrow": narrow } : {}) };
  return { className: `rank-${rank}${align ? " end" : ""}`, style };
}
