import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState, type SubmitEvent } from "react";
import { createKeys } from "../api/idempotency";
import type { Deployment } from "../api/types";
import { STRATEGIES } from "../api/values";
import { Choice } from "../components/choice";
import { RefusedButton } from "../components/confirm";
import { Field } from "../components/field";
import { PageHead, Panel } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { useConsole } from "../session/context";
import { whyNot } from "../session/rights";
import { texts } from "../texts";
import { bodyOf, emptyDraft, faultsFrom, faultsOf, type Draft, type FieldName, type Faults } from "./draft";
import { FlowField } from "./flow-field";
import { PreviewPanel } from "./preview-panel";
import { configOf } from "./settings";
import { StrategyFields } from "./strategy-fields";

const words = texts.newRollout;
const ACTIONS = (["deploy", "remove"] as const).map((value) => ({ value, label: words.actions[value] }));
const CHOICES = STRATEGIES.map((value) => ({ value, label: texts.strategies[value].name }));

/** Fills in a rollout and previews it. Creating it starts nothing: that is done on its page. */
export function NewRolloutPage({ flowId }: { flowId: string | undefined }) {
  const { api, user } = useConsole();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(flowId));
  const [asked, setAsked] = useState(0);
  const [found, setFound] = useState<Faults>({});
  const [error, setError] = useState<unknown>(null);
  const [working, setWorking] = useState(false);
  // Creating it again after an answer that was lost makes no second one.
  const [keyOf] = useState(createKeys);

  const own = faultsOf(draft, asked > 0);
  const faults: Faults = { ...found, ...own };
  const missing = whyNot(user, "deploy");
  const config = configOf(draft.strategy, draft.settings);

  // Whoever was refused goes on where the first fault is.
  useEffect(() => {
    if (asked > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [asked, found]);

  function change(fields: Partial<Draft>, about: readonly FieldName[]) {
    setDraft((before) => ({ ...before, ...fields }));
    setFound((before) =>
      Object.fromEntries(Object.entries(before).filter(([name]) => !about.some((one) => one === name))),
    );
    setError(null);
  }

  async function create() {
    const body = bodyOf(draft);
    setWorking(true);
    setError(null);
    try {
      const created = (await api.post("/v1/deployments", {
        body,
        header: { "Idempotency-Key": keyOf(body) },
      })) as Deployment;
      client.setQueryData(["deployment", created.id], created);
      void client.invalidateQueries({ queryKey: ["deployments"] });
      await navigate({ to: "/rollouts/$id", params: { id: created.id } });
    } catch (failure) {
      setFound(faultsFrom(failure, draft.strategy).faults);
      setError(failure);
    } finally {
      setWorking(false);
    }
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    setAsked((times) => times + 1);
    if (Object.keys(faultsOf(draft, true)).length === 0) void create();
  }

  return (
    <div className="page">
      <PageHead
        back={
          <Link to="/rollouts" className="back">
            {texts.rollout.back}
          </Link>
        }
        title={words.title}
        lead={words.lead}
      />
      <form className="columns new-rollout" ref={form} onSubmit={submit} noValidate aria-label={words.title}>
        <div className="column-wide">
          <Panel title={words.what}>
            <Choice
              label={words.action}
              value={draft.action}
              options={ACTIONS}
              onChange={(action) => {
                change({ action }, ["action", "flow_id", "flow_version", "health_window"]);
              }}
            />
            <FlowField
              value={draft.flowId}
              removes={draft.action === "remove"}
              faults={faults.flow_id}
              onChange={(id) => {
                change({ flowId: id }, ["flow_id", "flow_version", "auto_rollback"]);
              }}
            />
            {draft.action === "deploy" ? (
              <Field label={words.version} hint={words.versionHint} faults={faults.flow_version}>
                {(props) => (
                  <input
                    {...props}
                    type="text"
                    inputMode="numeric"
                    autoComplete="off"
                    value={draft.version}
                    placeholder={words.newest}
                    onChange={(event) => {
                      change({ version: event.target.value }, ["flow_version"]);
                    }}
                  />
                )}
              </Field>
            ) : (
              <p className="muted">{words.removes}</p>
            )}
          </Panel>
          <Panel title={words.where}>
            <Field label={words.devices} hint={words.devicesHint} faults={faults.target_devices}>
              {(props) => (
                <textarea
                  {...props}
                  rows={5}
                  className="mono"
                  spellCheck={false}
                  value={draft.devices}
                  onChange={(event) => {
                    change({ devices: event.target.value }, ["target_devices", "target_groups", "batch_size"]);
                  }}
                />
              )}
            </Field>
            <Field label={words.groups} hint={words.groupsHint} faults={faults.target_groups}>
              {(props) => (
                <input
                  {...props}
                  type="text"
                  className="mono"
                  autoComplete="off"
                  value={draft.groups}
                  onChange={(event) => {
                    change({ groups: event.target.value }, ["target_groups", "target_devices"]);
                  }}
                />
              )}
            </Field>
          </Panel>
          <Panel title={words.how}>
            <Choice
              label={words.strategy}
              value={draft.strategy}
              options={CHOICES}
              onChange={(strategy) => {
                change({ strategy }, ["strategy"]);
                setFound({});
              }}
            />
            {config !== null && <p>{texts.strategies[draft.strategy].does(config)}</p>}
            <StrategyFields
              draft={draft}
              faults={faults}
              onChange={(name, value) => {
                change({ settings: { ...draft.settings, [name]: value } }, [name, "timeout", "health_window"]);
              }}
            />
          </Panel>
        </div>
        <div className="column-narrow column-preview">
          <PreviewPanel draft={draft} />
          {error !== null && <Refused error={error} draft={draft} />}
          <p className="muted">{words.startsNothing}</p>
          {missing === null ? (
            <button type="submit" className="button button-main button-wide" disabled={working}>
              {working ? texts.actions.working : words.create}
            </button>
          ) : (
            <RefusedButton label={words.create} refusal={missing} />
          )}
        </div>
      </form>
    </div>
  );
}

/** Faults are shown at their fields; here stands what belongs to none, or that there are some. */
function Refused({ error, draft }: { error: unknown; draft: Draft }) {
  const { faults, rest } = faultsFrom(error, draft.strategy);
  if (Object.keys(faults).length === 0 || rest.length > 0) return <ProblemNotice error={error} />;
  return (
    <p className="notice notice-bad" role="alert">
      {words.faulty}
    </p>
  );
}
