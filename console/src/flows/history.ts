import type { FlowEvent } from "../api/types";
import type { Mark } from "../rollouts/history";
import { texts } from "../texts";

/** Say in a sentence what happened to a flow. Types that are new read as their name. */
export function describeFlowEvent(event: FlowEvent): { text: string; mark: Mark } {
  const words = texts.events;
  switch (event.type) {
    case "created":
      return { text: words.flowCreated(event.details.name), mark: "plain" };
    case "updated":
      return { text: words.updated(event.details.changed), mark: "plain" };
    case "published":
      return { text: words.published(event.details.version), mark: "good" };
    case "draft_opened":
      return { text: words.draftOpened(event.details.from_version), mark: "plain" };
    case "archived":
      return { text: words.archived, mark: "hold" };
    case "restored":
      return { text: words.restored, mark: "plain" };
    case "deleted":
      return { text: words.deleted, mark: "bad" };
    default:
      return { text: words.other((event as { type: string }).type), mark: "plain" };
  }
}
