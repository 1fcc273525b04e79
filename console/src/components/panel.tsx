import type { ReactNode } from "react";

/** A part of a page under a heading. */
export function Panel({
  title,
  note,
  tools,
  children,
  className,
}: {
  title: string;
  note?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  const id = `panel-${title.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
  return (
    <section className={`panel ${className ?? ""}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span className="muted">{note}</span>}
        {tools !== undefined && <div className="panel-tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** Names and values. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The head of a page: where it is, what it shows, what can be done. */
export function PageHead({
  back,
  title,
  lead,
  tools,
}: {
  back?: ReactNode;
  title: ReactNode;
  lead?: ReactNode;
  tools?: ReactNode;
}) {
  return (
    <header className="page-head">
      <div className="page-head-text">
        {back}
        <h1>{title}</h1>
        {lead !== undefined && <div className="lead">{lead}</div>}
      </div>
      {tools !== undefined && <div className="page-tools">{tools}</div>}
    </header>
  );
}
