import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import type { Definition, HealthCheck } from "../../api/types";
import { DEFINITION } from "../../testing/fixtures";
import { expectAccessible } from "../../testing/render";
import { ChecksPanel } from "./checks-panel";
import type { PlacedFault } from "./faults";

/** The panel with a definition behind it; what has become of its checks is in `now`. */
function panel(checks = DEFINITION.health_checks, faults: PlacedFault[] = []) {
  const now: { checks: HealthCheck[] } = { checks };
  function Held() {
    const [definition, setDefinition] = useState<Definition>({ ...DEFINITION, health_checks: checks });
    return (
      <ChecksPanel
        definition={definition}
        faults={faults}
        onEdit={(change) => {
          const next = change(definition);
          now.checks = next.health_checks;
          setDefinition(next);
        }}
      />
    );
  }
  const { container } = render(<Held />);
  const user = userEvent.setup();
  const press = (name: string) => user.click(screen.getByRole("button", { name }));
  const check = (number: number) => within(screen.getByRole("group", { name: `Check ${number}` }));
  return { now, container, user, press, check };
}

describe("the form of health checks", () => {
  it("has the settings of each type", async () => {
    const { now, container, user, press, check } = panel();
    await user.clear(check(1).getByRole("textbox", { name: "within" }));
    await user.selectOptions(check(1).getByRole("combobox", { name: "node" }), "Publish");
    await press("Add health check");
    await user.selectOptions(check(2).getByRole("combobox", { name: "Type" }), "http");
    expect(check(2).getByRole("textbox", { name: "url" })).toHaveAccessibleDescription(/It is required/);
    await user.type(check(2).getByRole("textbox", { name: "url" }), "http://127.0.0.1/");
    await user.type(check(2).getByRole("textbox", { name: "status" }), "204");
    await press("Add health check");
    await user.selectOptions(check(3).getByRole("combobox", { name: "Type" }), "command");
    await user.type(check(3).getByRole("textbox", { name: "command" }), "/bin/check{Enter}--quick");
    await user.clear(check(3).getByRole("textbox", { name: "Name" }));
    await user.type(check(3).getByRole("textbox", { name: "Name" }), "pump");
    await press("Add health check");
    await press("Remove health check check_2");
    await expectAccessible(container);
    expect(now.checks).toEqual([
      { name: "readings", type: "emitted", node: "publish" },
      { name: "check_1", type: "http", url: "http://127.0.0.1/", status: 204 },
      { name: "pump", type: "command", command: ["/bin/check", "--quick"] },
    ]);
  });

  it("keeps a check of a type that it does not know, as JSON", () => {
    const { now } = panel([{ name: "paint", type: "painted", colour: "red" }]);
    const field = screen.getByRole("textbox", { name: /^Health check paint, of a type/ });
    fireEvent.change(field, { target: { value: '{"name": "paint"}' } });
    expect(field).toHaveAccessibleDescription(/a JSON object with a name and a type/);
    fireEvent.change(field, { target: { value: '{"name": "paint", "type": "painted"}' } });
    expect(now.checks).toEqual([{ name: "paint", type: "painted" }]);
  });

  it("shows faults at their settings, and that a node is not there", () => {
    const fault = { nodeId: null, check: "readings", setting: "within", detail: "Must be at most an hour." };
    panel([{ name: "readings", type: "emitted", node: "gone", within: "9d" }], [fault]);
    expect(screen.getByLabelText("within")).toHaveAccessibleDescription(/Must be at most an hour/);
    expect(screen.getByLabelText("node")).toHaveAccessibleDescription("There is no node “gone” (any more).");
  });
});
