// Every English sentence and label of the console that is more than punctuation.

import type { DeploymentConfig } from "./api/types";
import { amount, devices, list, noun, number, plural, quoted, span } from "./wording";

export const texts = {
  product: "EdgeFlow",

  nav: {
    label: "Main",
    rollouts: "Rollouts",
    fleet: "Fleet",
    flows: "Flows",
    skip: "Skip to the content",
    theme: { light: "Light", dark: "Dark", system: "System" },
    themeLabel: "Colours",
    signOut: "Sign out",
  },

  common: {
    none: "–",
    yes: "Yes",
    no: "No",
    unknown: "Unknown",
    unreadable: "cannot be read",
    loading: "Loading …",
    loadingMore: "Loading more …",
    all: "All",
    cancel: "Cancel",
    tryAgain: "Try again",
    reload: "Reload the page",
    utc: (utc: string) => `${utc} UTC`,
    copy: "Copy",
    copied: "Copied",
    stale: (seconds: number) => `The last answer is ${seconds} s old.`,
    rows: (shown: number, more: boolean) => (more ? `${number(shown)} loaded, more below` : `${number(shown)} in all`),
    requestId: (id: string) => `Request ${id}`,
    more: "Show more",
    clearFilters: "Clear filters",
  },

  errors: {
    title: "That did not work",
    unreachable: "The API does not answer. Check the connection; the console keeps trying.",
    notFoundTitle: "There is nothing here",
    notFound: "The address leads nowhere. It may have been mistyped, or what it named is gone.",
    crashed: "This page broke. Reloading it helps; if it does not, report what is written below.",
    byStatus: (status: number) => {
      switch (status) {
        case 401:
          return "The API does not accept the sign-in. Sign in again.";
        case 403:
          return "You are not allowed to do this.";
        case 404:
          return "There is no such thing (any more).";
        case 429:
          return "Too many requests at the moment. Wait a little and try again.";
        default:
          return status >= 500
            ? `The API is in trouble (${status}). Wait a little and try again.`
            : `The API refused the request (${status}).`;
      }
    },
  },

  config: {
    title: "The console is not set up",
    unreachable: "/config.json could not be loaded. Check the connection and reload the page.",
    missing: (status: number) =>
      `/config.json could not be loaded (${status}). It is written when the console is deployed: deploy it again.`,
    notJson: "/config.json is not a JSON object. It is written when the console is deployed: deploy it again.",
    notAnAddress: (key: string) => `In /config.json, ${key} must be an address that starts with https:// or http://.`,
    missingKey: (key: string) => `In /config.json, ${key} is missing.`,
  },

  signIn: {
    title: "Sign in to EdgeFlow",
    lead: "Flows, rollouts and the fleet, in one place.",
    button: "Sign in",
    leaving: "Going to the sign-in page …",
    signedOut: "You are signed out.",
    ended: "Your session has ended. Sign in again to go on.",
    refused: (why: string) => `The sign-in was refused: ${why}`,
    notFromHere: "This sign-in was not begun in this tab. Sign in again.",
    noToken: (status: number) => `The sign-in gave no token (${status}). Sign in again.`,
    unreachable: "The sign-in service does not answer. Wait a little and try again.",
  },

  rights: {
    unknownUser: "Unknown user",
    needsGroup: (group: string, groups: readonly string[]) =>
      `Needs the group “${group}”; you are in ${groups.length ? list(groups.map(quoted)) : "no group"}.`,
  },

  status: {
    pending: "Pending",
    running: "Running",
    paused: "Paused",
    completed: "Completed",
    failed: "Failed",
    rolling_back: "Rolling back",
    rolled_back: "Rolled back",
    cancelling: "Cancelling",
    cancelled: "Cancelled",
    deploying: "Deploying",
    staged: "Staged",
    success: "Succeeded",
    skipped: "Skipped",
    rollback_failed: "Rollback failed",
    draft: "Draft",
    published: "Published",
    archived: "Archived",
    starting: "Starting",
    healthy: "Healthy",
    unhealthy: "Unhealthy",
    announced: "Announced",
    registered: "Registered",
    connected: "Connected",
    disconnected: "Not connected",
    unheard: "Not heard of",
  } as Partial<Record<string, string>>,

  tones: {
    waiting: "not reached",
    busy: "under way",
    staged: "staged",
    good: "succeeded",
    bad: "failed",
    back: "rolled back",
    skipped: "skipped",
  },

  strategies: {
    all_at_once: {
      name: "All at once",
      does: () => "Every device is told at once; one failure is a breach.",
    },
    rolling: {
      name: "Rolling",
      does: (config: DeploymentConfig) =>
        `Batches of ${devices(config.batch_size ?? 0)}, ${config.batch_delay ?? "0s"} apart; a batch of which more than ${config.failure_threshold ?? 0} % fail is a breach.`,
    },
    canary: {
      name: "Canary",
      does: (config: DeploymentConfig) =>
        `The first ${config.canary_percentage ?? 0} % are canaries, watched for ${config.canary_delay ?? "0s"}; then the rest. One failure is a breach.`,
    },
    blue_green: {
      name: "Blue-green",
      does: (config: DeploymentConfig) =>
        `Staged beside what runs, watched for ${config.switch_delay ?? "0s"}, then switched over. One failure is a breach.`,
    },
  },

  rollouts: {
    title: "Rollouts",
    lead: "Every deployment of a flow to devices, newest first.",
    filter: "Status",
    empty: "No deployment has been created yet.",
    emptyFiltered: (status: string) => `No deployment is ${status.toLowerCase()}.`,
    columns: {
      deployment: "Deployment",
      flow: "Flow",
      strategy: "Strategy",
      status: "Status",
      progress: "Progress",
      failed: "Failed",
      created: "Created",
      by: "By",
    },
    version: (version: number) => `v${version}`,
    versionOr: (version: number | null) => (version === null ? "removal" : `v${version}`),
    progress: (done: number, total: number) => `${number(done)} of ${number(total)}`,
    unresolved: "groups, counted at the start",
  },

  newRollout: {
    title: "New rollout",
    lead: "Fill in what goes where and how; the preview shows who would be in which wave.",
    open: "New rollout",
    openFor: "Roll out",
    create: "Create rollout",
    startsNothing: "Creating it starts nothing yet: its page has the button that does.",
    faulty: "The API found faults; they are shown at their fields.",
    what: "What",
    action: "Action",
    actions: { deploy: "Deploy a version", remove: "Take the flow off" },
    flow: "Flow",
    flowHint: "Type a part of its name and choose it, or type its id.",
    flowIs: (name: string, status: string, newest: number | null) =>
      `${name}: ${status.toLowerCase()}, ${newest === null ? "no version yet" : `newest version ${newest}`}.`,
    noSuchFlow: (removes: boolean) =>
      removes
        ? "There is no such flow (any more). Devices that still report it can be freed of it, without an automatic rollback."
        : "There is no such flow.",
    version: "Version",
    newest: "the newest",
    versionHint: "A published version; left empty, the newest at the time of creation.",
    removes: "It is taken off whatever version of it each device has, from both slots.",
    where: "Where",
    devices: "Devices",
    devicesHint:
      "Ids, separated by lines, spaces or commas. Their order is that of the waves: canaries are the first ones.",
    groups: "Groups",
    groupsHint: "Names of AWS IoT thing groups. Who is in them is looked up when the rollout starts.",
    how: "How",
    strategy: "Strategy",
    standard: (value: string) => `Default: ${value}.`,
    standardWindow: "the stack’s, 30s as it comes",
    values: { true: "Yes", false: "No", wait: "Wait for them", skip: "Skip them" },
    settings: {
      batch_size: { label: "Batch size", hint: "Devices in a batch." },
      batch_delay: { label: "Wait between batches", hint: "Health is watched meanwhile." },
      failure_threshold: { label: "Failure threshold (%)", hint: "Of a batch; more than that is a breach." },
      canary_percentage: { label: "Canaries (%)", hint: "Of the targets, rounded up." },
      canary_delay: { label: "Wait after the canaries", hint: "Health is watched meanwhile." },
      switch_delay: { label: "Wait before the switch", hint: "Health is watched meanwhile." },
      timeout: { label: "A wave may take", hint: "Whoever has not reported by then has failed." },
      auto_rollback: { label: "Roll back after a breach", hint: "By itself; otherwise it stops for an operator." },
      health_check: { label: "Health check", hint: "Success only after the version ran healthily." },
      health_window: { label: "Health window", hint: "How long it must run healthily on each device." },
      offline: { label: "Offline devices", hint: "Those not connected when their wave begins." },
    },
    faults: {
      flow: "Choose a flow.",
      targets: "Name at least one device or one group.",
      version: "A version is a whole number from 1.",
      duration: "Write a duration like 90s, 5m or 1h30m.",
      durationRange: (min: number, max: number) => `It must be from ${span(min)} to ${span(max)}.`,
      whole: (min: number, max: number) => `It must be a whole number from ${number(min)} to ${number(max)}.`,
      timeout: "It must be longer than the health window: no device could be done in time.",
      waves: (waves: number, most: number, least: number) =>
        `That makes ${plural(waves, "wave")}; ${number(most)} is the most: use at least ${number(least)}.`,
    },
    preview: {
      title: "Preview",
      lookAgain: "Look again",
      faulty: "It is shown when the settings can be read.",
      nobody: "Name devices to see their waves.",
      groups: (groups: readonly string[]) =>
        `Who is in ${list(groups.map(quoted))}, and in groups below them, is looked up when the rollout starts. They come after the devices named here, by id.`,
      cut: {
        all_at_once: () => "All targets are one wave.",
        rolling: ({ batch_size: batch = 1 }: DeploymentConfig) =>
          batch === 1
            ? "Each target is a wave of its own."
            : `Every ${number(batch)} targets are a wave; the last one has what is left.`,
        canary: ({ canary_percentage: percentage = 100 }: DeploymentConfig) =>
          percentage === 100
            ? "All targets are canaries, in one wave."
            : `The first ${number(percentage)} % of all targets, rounded up, are the canaries; the others follow.`,
        blue_green: () => "All targets are staged in one wave, and switched in a second one.",
      },
      lastsEach: (soonest: string, longest: string, delay: string) =>
        `A wave takes ${soonest} at the soonest and ${longest} at the longest, with ${delay} from one to the next.`,
      offlineNamed: (sentence: string) => `Of those named here ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`,
      full: "The waves that the devices named here fill; more follow.",
      summary: (total: number, waves: number) => `${devices(total)} in ${plural(waves, "wave")}.`,
      lasts: (soonest: string, longest: string) =>
        `Takes ${soonest} at the soonest, and ${longest} where every wave takes its whole time.`,
      offline: (offline: readonly string[], total: number, complete: boolean) =>
        offline.length === 0
          ? complete
            ? "All of them are connected now."
            : "None of the offline devices looked at is among them; there are more than were looked at."
          : `${complete ? "" : "At least "}${number(offline.length)} of ${number(total)} ${offline.length === 1 ? "is" : "are"} not connected now: ${firstOf(offline)}.`,
      offlineUnknown: "Who is connected is not known yet.",
      announced: (ids: readonly string[]) =>
        `${devices(ids.length)} ${ids.length === 1 ? "has" : "have"} not enrolled yet, and cannot be deployed to: ${firstOf(ids)}.`,
      breach: (wave: number, offline: number, tolerated: number, timeout: string, autoRollback: boolean) =>
        `Of wave ${number(wave)}, ${devices(offline)} ${offline === 1 ? "is" : "are"} offline and ${number(tolerated)} may fail: unless they come back within ${timeout} that is a breach, which ${autoRollback ? "rolls everything back" : "stops the rollout"}.`,
      noCanary: "No canary is connected: the rollout would be paused before it deploys anything.",
      emptyWaves: (waves: readonly number[]) =>
        `Nobody of ${waves.length === 1 ? "wave" : "waves"} ${firstOf(waves.map(number))} is connected: all are skipped.`,
      removal: "A device that does not have the flow succeeds at once, connected or not.",
      columns: {
        wave: "Wave",
        devices: "Devices",
        who: "Who",
        begins: "Begins, at the soonest",
        offline: "Offline now",
      },
      who: (ids: readonly string[]) =>
        ids.length <= 2 ? ids.join(", ") : `${ids[0] ?? ""}, ${ids[1] ?? ""} … ${ids.at(-1) ?? ""}`,
      begins: (seconds: number) => (seconds === 0 ? "at once" : `after ${span(seconds)}`),
    },
  },

  rollout: {
    back: "All rollouts",
    execution: "Execution in Step Functions",
    rollbackExecution: "Rollback in Step Functions",
    waitsFor: (sentence: string) => `Waits for ${sentence}.`,
    overdue: "Even the last deadline has passed; see “Why is it not moving?” in the operations manual.",

    reachedLate: (status: string) =>
      status === "rolled_back" ? "had taken it up late;" : "took it up late, after it was given up;",
    steps: "Strategy",
    progress: "Progress",
    progressLabel: (done: number, total: number) => `${number(done)} of ${devices(total)} have an outcome`,
    failureRate: "Failure rate",
    ofWave: (wave: number, waves: number) => (waves > 1 ? `of wave ${number(wave)}` : "of all targets"),
    threshold: (tolerated: number, total: number) =>
      tolerated === 0
        ? "one failure is a breach"
        : `${number(tolerated)} of ${number(total)} may fail; one more is a breach`,
    limit: (percentage: number) => `(threshold ${percentage} %)`,
    rate: (failed: number, total: number) => `${number(failed)} of ${number(total)}`,
    facts: "Facts",
    flow: "Flow",
    strategy: "Strategy",
    targets: "Targets",
    groups: "Groups",
    timeout: "A wave may take",
    afterBreach: "After a breach",
    rollsBack: "rolls back by itself",
    stops: "stops for an operator",
    health: "Health check",
    offline: "Offline devices",
    offlineDevices: { wait: "are waited for", skip: "are skipped" },
    onFor: (window: string | null) => (window === null ? "on" : `on, ${window} for each device`),
    off: "off",
    created: "Created",
    started: "Started",
    finished: "Finished",
    retryOf: "Retry of",
    retriedBy: "Retried by",
    waves: "Waves",
    wavesLead: (count: number) => plural(count, "wave"),
    wavesNone: "The waves are planned when the deployment starts.",
    wavesThen: "As each wave ended; what was rolled back since is in the list of devices.",
    allWaves: "All waves",
    wave: (wave: number) => `Wave ${number(wave)}`,
    waveRange: (first: number, last: number) =>
      first === last ? `Wave ${number(first)}` : `Waves ${number(first)}–${number(last)}`,
    waveState: { waiting: "not started", running: "under way", ended: "ended", breached: "breached" },
    bucket: (range: string, state: string, tally: string) => `${range}, ${state}: ${tally}`,
    zoomHint: "Choose a cell to look into it.",
    devices: "Devices",
    devicesAt: (range: string) => `Devices of ${range.toLowerCase()}`,
    devicesSome: (loaded: number, total: number) =>
      `The first ${number(loaded)} of ${number(total)} by id. “Failed” names those beyond them as well.`,
    waveSome: (known: number, total: number) =>
      known < total ? `${number(known)} of the ${number(total)} of this wave` : `${number(total)} in all`,
    failedSome: (known: number, failed: number) =>
      known < failed ? `${number(known)} of the ${number(failed)} that failed` : `${number(failed)} in all`,
    loadAll: (more: number) => `Load ${number(more)} more`,
    cell: (ids: readonly string[], tally: string) =>
      ids.length === 1 ? `${ids[0] ?? ""}: ${tally}` : `${ids[0] ?? ""} to ${ids.at(-1) ?? ""}: ${tally}`,
    filter: "Show",
    only: { all: "All", failed: "Failed", open: "Open" },
    columns: {
      device: "Device",
      status: "Status",
      wave: "Wave",
      reason: "Reason",
      before: "Before",
      finished: "Finished",
      action: "Action",
    },
    noTargets: "The devices are known when the deployment starts.",
    noFailed: "No device has failed.",
    noneOpen: "No device is open.",
    noneHere: "No device of this part is loaded.",
    failures: "Why devices failed",
    failuresMore: (more: number) => `and ${number(more)} more in the list below`,
    history: "History",
    noHistory: "Nothing has been written down yet.",
    nothingBefore: "none",
    live: (seconds: number) => `Asks every ${seconds} s`,
  },

  reasons: {
    unhealthy: "was not healthy",
    checksum_mismatch: "got a damaged download",
    size_mismatch: "got a download of the wrong size",
    download_failed: "could not download the version",
    invalid_artifact: "could not read the version",
    untrusted_artifact: "does not trust the version's signature",
    order_untrusted: "does not trust the order's signature",
    order_expired: "got the order after its end",
    order_replayed: "had a newer order, or this one, before",
    unknown_node_type: "does not have a node type",
    missing_secret: "lacks a secret that the flow names",
    unsupported_schema: "does not know this kind of job",
    unsupported_operation: "cannot do this kind of job",
    not_staged: "had nothing staged",
    store_failed: "could not write to its disk",
    interrupted: "was interrupted",
    crash_loop: "took its process down",
    connection_lost: "lost its connection",
    rejected: "refused the job",
    timed_out: "did not answer in time",
    device_gone: "is gone",
    dropped_off: "dropped off",
    silent: "fell silent",
    went_back: "went back by itself",
    aborted: "was called back",
    given_up: "was given up",
    cancelled: "was cancelled",
    not_reached: "was not reached",
    offline: "was not connected",
    moved_on: "has moved on to another version",
    no_such_version: "ran a version that there is not",
    not_installed: "did not have the flow",
    not_removed: "still has the flow",
    unknown: "no reason given",
  } as Partial<Record<string, string>>,

  steps: {
    start: "Start",
    startDetail: (total: number | null) => (total === null ? "groups are counted" : devices(total)),
    everything: "Deploy to all",
    batch: (wave: number, waves: number) =>
      waves > 0 ? `Batch ${number(wave)} of ${number(waves)}` : "Batch after batch",
    batchDetail: (batch: number, threshold: number) => `${devices(batch)}, at most ${threshold} % fail`,
    wait: "Wait",
    watch: "Watch",
    waitDetail: (delay: string) => `${delay}, health watched`,
    canary: "Canaries",
    canaryDetail: (percentage: number) => `${percentage} % of the targets`,
    rest: "The rest",
    stage: "Stage",
    stageDetail: "in the idle slot of each device",
    switchOver: "Switch over",
    verified: "health checked",
    unverified: "health not checked",
    complete: "Complete",
    completed: "Completed",
    failed: "Failed",
    cancelling: "Stopping",
    cancelled: "Cancelled",
    rollback: "Roll back",
    rolledBack: "Rolled back",
    paused: "paused here",
    until: "goes on",
    state: { done: "done", now: "now", next: "to come", never: "not reached", failed: "ended here" },
  },

  actions: {
    label: "Actions",
    start: "Start",
    resume: "Resume",
    pause: "Pause",
    cancel: "Cancel rollout",
    rollback: "Roll back",
    promote: "Promote",
    retry: "Retry",
    skip: "Skip",
    which: "Which devices",
    retryAll: "All devices",
    retryBoth: "Those that failed, and those that were skipped as offline",
    only: { failed: "Only those that failed", offline: "Only those that were skipped as offline" },
    others: "Not possible now",
    notNow: (status: string, isFor: string) => `It is ${status.toLowerCase()}; ${isFor}.`,
    isFor: {
      start: "only what is pending can be started",
      resume: "only what is paused goes on",
      promote: "only what is running has a wait to end",
      pause: "only what is running can be paused",
      cancel: "only what is pending, running or paused can be cancelled",
      retry: "only what failed or was rolled back can be retried",
      rollback: "only what was started can be rolled back",
    },
    neverStarted: "It was cancelled before it started: there is nothing to roll back.",
    rolledBackAlready: "It is rolled back already, and no device took the version up since.",
    noDelay: (sentence: string | null) =>
      sentence === null
        ? "No wait between waves is under way."
        : `No wait between waves is under way; it waits for ${sentence}.`,
    confirm: (label: string, subject: string) => `${label}: ${subject}?`,
    beingCancelled: "It is being cancelled; roll it back as soon as it is cancelled.",
    rollingBackAlready: "It is rolling back already.",
    retriedAlready: (by: string) => `It was retried already, by ${by}.`,
    nothingToRetry: "No device failed; create a new deployment for those that were skipped.",
    working: "Asking …",
  },

  consequences: {
    start: (version: number | null, total: number) => `${sends(version, devices(total))}. It begins at once.`,
    startGroups: (version: number | null, groups: readonly string[]) =>
      `${sends(version, `the devices of ${list(groups.map(quoted))}`)}, which are counted and frozen now. It begins at once.`,
    goesBackByItself: "A breach rolls everything back without asking.",
    stopsForYou: "A breach stops the rollout and waits for you.",
    resume: (left: number) =>
      `Goes on with the next wave; ${devices(left)} ${left === 1 ? "has" : "have"} no outcome yet.`,
    resumeAccepts: (failed: number, wave: number) =>
      `Accepts the ${plural(failed, "failure")} of wave ${number(wave)}, which exceed its threshold: they count as tolerated.`,
    resumeLooksAgain: "Looks again which canaries are connected; while none is, it stays paused.",
    promote: (wave: number, left: number) =>
      `Ends the wait now: wave ${number(wave)} begins at once; ${devices(left)} ${left === 1 ? "has" : "have"} no outcome yet.`,
    promoteSwitch: (staged: number) =>
      `Ends the wait now: ${devices(staged)} ${staged === 1 ? "switches" : "switch"} over at once.`,
    promoteUnseen: "What would have shown in the rest of the wait is not waited for.",
    skip: (device: string) =>
      `Gives up on ${device}: its job is cancelled, it counts as failed, and nobody waits for it.`,
    skipCounts: (wave: number, failed: number, tolerated: number) =>
      `Wave ${number(wave)} then has ${plural(failed, "failure")}; ${number(tolerated)} may fail.`,
    skipGoesOn: "That is no breach: the rollout goes on.",
    skipGoesBack: "That is a breach: every device that was reached is rolled back.",
    skipStops: "That is a breach: the rollout stops and waits for you.",
    pause: "No new wave starts. Devices that have been told already finish.",
    pauseOpen: (open: number) => `${devices(open)} ${open === 1 ? "has" : "have"} no outcome yet.`,
    cancelPending: "It ends here; no device has been told of it.",
    cancel: (open: number) =>
      `Stops where it is: ${devices(open)} without an outcome ${open === 1 ? "is" : "are"} not waited for any more.`,
    cancelKeeps: "Every other device keeps what it runs, and can still be rolled back.",
    rollback: (count: number) =>
      `Returns ${devices(count)} to what ${count === 1 ? "it" : "each"} ran before this deployment.`,
    rollbackOpen: (open: number) =>
      `Of ${devices(open)} without an outcome, those already told are returned as well; the rest are not reached any more.`,
    rollbackLate: (count: number) =>
      `Returns ${devices(count)} that took the version up after the rollback had passed ${count === 1 ? "it" : "them"} by.`,
    rollbackHadNothing: "Devices that did not have the flow are left alone.",
    rollbackLeaves: "Devices that have moved on to another version since are left alone.",
    retryOnly: {
      failed: (count: number | null, version: number | null) => retries(version, those(count, "that failed")),
      offline: (count: number | null, version: number | null) =>
        retries(version, those(count, "that were skipped as offline")),
    },
    retryBoth: (failed: number, offline: number | null, version: number | null) =>
      retries(
        version,
        `the ${devices(failed)} that failed and ${offline === null ? "those" : `the ${number(offline)}`} that were skipped as offline`,
      ),
    retryAll: (total: number, version: number | null) => retries(version, `all ${devices(total)}`),
    retrySame: "Strategy and settings stay the same. A deployment can be retried once.",
  },

  events: {
    unreadable: "An entry that cannot be read",
    by: (actor: string) => `by ${actor}`,
    part: (part: string) => part.replaceAll("_", " "),
    created: (total: number | null) => `Created for ${total === null ? "groups" : devices(total)}`,
    createdRetry: (of: string) => `Created as a retry of ${of}`,
    targetsResolved: (total: number) => `Groups came to ${devices(total)}`,
    started: "Started",
    wavesPlanned: (total: number, waves: number) => `Split ${devices(total)} into ${plural(waves, "wave")}`,
    waveStarted: (wave: number, total: number, offline: number) =>
      `Wave ${number(wave)} started: ${devices(total)}${offline > 0 ? `, ${number(offline)} skipped as offline` : ""}`,
    waveTimedOut: (wave: number) => `Wave ${number(wave)} ran out of time`,
    waveStopped: (wave: number) => `Wave ${number(wave)} was stopped`,
    waveEnded: (wave: number, failed: number, total: number) =>
      failed === 0
        ? `Wave ${number(wave)} ended well`
        : `Wave ${number(wave)} ended: ${number(failed)} of ${number(total)} failed`,
    breached: (wave: number, failed: number, total: number, tolerated: number) =>
      `Wave ${number(wave)} breached: ${number(failed)} of ${number(total)} failed, ${number(tolerated)} may`,
    breachAccepted: (wave: number, tolerated: number) =>
      `Failures of wave ${number(wave)} accepted: ${number(tolerated)} may fail from now on`,
    paused: {
      operator: "Paused",
      breach: "Stopped by the breach, waits for an operator",
      offline: "Paused: no canary is connected",
    },
    resumed: "Resumed",
    promoted: (wave: number) => `The wait after wave ${number(wave)} was ended before its time`,
    targetGivenUp: (device: string, wave: number) => `Given up on ${device} of wave ${number(wave)}`,
    reachedLate: (device: string, version: number | null) =>
      version === null
        ? `${device} removed the flow after it had been given up`
        : `${device} took version ${number(version)} up after it had been given up`,
    returnedLate: (device: string) => `${device} returned after all`,
    cancelRequested: "Cancel asked for",
    cancelled: "Cancelled",
    retried: (id: string) => `Retried by ${id}`,
    rollbackRequested: "Rollback asked for",
    rollbackStarted: {
      operator: "Rollback started",
      breach: "Rollback started because of the breach",
      late_success: "Rollback started for devices that the one before had passed by",
    },
    rollbackPlanned: (jobs: number, returned: number, movedOn: number) =>
      `Rollback planned: ${devices(jobs)} told, ${number(returned)} back without a job, ${number(movedOn)} left alone`,
    completed: "Completed",
    failed: "Failed",
    rolledBack: "Rolled back",
    other: (type: string) => type.replaceAll("_", " "),
    flowCreated: (name: string) => `Created as ${quoted(name)}`,
    updated: (changed: readonly string[]) => `Changed: ${list(changed)}`,
    published: (version: number) => `Published as version ${version}`,
    draftOpened: (from: number | null) => (from === null ? "Draft opened" : `Draft opened from version ${from}`),
    archived: "Archived",
    restored: "Restored",
    deleted: "Deleted",
  },

  fleet: {
    title: "Fleet",
    lead: "Every device that is registered or announced, by id.",
    search: "Device id",
    searchHint: "part of an id",
    filters: { connection: "Connection", health: "Health", flow: "Flow", version: "Version" },
    every: { connection: "Every connection", health: "Every health", flow: "Every flow", version: "Every version" },
    unreported: "No health reported",
    summary: "The whole fleet",
    inAll: (count: number, complete: boolean) => `${complete ? "" : "more than "}${devices(count)}`,
    unreadable: (count: number) => `${number(count)} cannot be read`,
    empty: "No device is registered yet. Register one with POST /v1/devices.",
    emptyFiltered: "No device matches.",
    impossible: "An id has letters, digits, “:”, “_” and “-”, at most 128.",
    columns: {
      device: "Device",
      connection: "Connection",
      health: "Health",
      seen: "Last seen",
      agent: "Agent",
      state: "State",
      registered: "Registered",
    },
  },

  device: {
    back: "All devices",
    connectionSince: "since",
    flows: "Flows",
    noFlows: "This device runs no flow.",
    outcome: "For this device",
    noRollouts: "No rollout has been planned for this device yet.",
    live: "live",
    standby: "standby",
    doesNotRun: "does not run",
    slot: (slot: string) => `${slot} slot`,
    unreported: "not reported yet",
    broughtBy: "Brought by",
    healthSince: "since",
    perMinute: (count: number) => `${amount(count)} ${noun(count, "message")} a minute`,
    dropped: (count: number) => `${number(count)} dropped`,
    illNodes: "Nodes that are not well",
    allWell: "Every node is well.",
    activity: "Activity",
    columns: { node: "Node", received: "In / min", sent: "Out / min", dropped: "Dropped", error: "Last error" },
    vitals: "Vital signs",
    noVitals: "This device has not told of itself yet.",
    course: (lowest: string, highest: string, readings: number, seconds: number) =>
      `${lowest === highest ? lowest : `${lowest} to ${highest}`} in ${span(seconds)}, ${plural(readings, "reading")}`,
    load: "Load by core",
    memory: "Memory used",
    disk: "Disk used",
    temperature: "Temperature",
    uptime: "Up for",
    agentUptime: "Agent up for",
    agentMemory: "Agent's memory",
    used: (used: string, total: string) => `${used} of ${total}`,
    celsius: (degrees: number) => `${degrees.toFixed(1)} °C`,
    facts: "Facts",
    agent: "Agent",
    certificate: "Certificate",
    registered: "Registered",
    seen: "Last seen",
    by: (name: string) => `by ${name}`,
  },

  flows: {
    title: "Flows",
    lead: "What devices run: drafts, published versions, and what is archived.",
    filter: "Status",
    filters: { draft: "Drafts", published: "Published", archived: "Archived" },
    search: "Name",
    searchHint: "part of a name",
    tag: "Tag",
    tagHint: "a whole tag",
    from: "Created from",
    to: "until",
    sort: "Order",
    newest: "Newest first",
    oldest: "Oldest first",
    impossible: "No flow can match: the last day is before the first, or a name or tag is longer than they can be.",
    empty: "No flow has been created yet.",
    emptyFiltered: "No flow matches.",
    columns: { flow: "Flow", status: "Status", version: "Newest", tags: "Tags", updated: "Changed", by: "Created by" },
  },

  flowDetails: {
    create: "New flow",
    createTitle: "New flow",
    createLead: "It begins as an empty draft, and the editor opens.",
    creates: "Create flow",
    edit: "Name and tags",
    editTitle: "Name, description and tags",
    editLead: "No device notices; versions that are published stay as they are.",
    saves: "Save",
    name: "Name",
    description: "Description",
    tags: "Tags",
    tagsHint: "Separated by commas.",
    notADraft: "Open the next draft first.",
    stored: (value: string) => (value === "" ? "Stored meanwhile: nothing." : `Stored meanwhile: ${value}`),
    conflict: "Somebody else changed this flow. What is stored now stands at the fields; saving again writes over it.",
    faults: {
      name: "A flow needs a name.",
      tagLength: (tag: string, most: number) => `${quoted(tag)} is longer than ${plural(most, "character")}.`,
      tagCount: (most: number) => `At most ${plural(most, "tag")} can be given.`,
    },
  },

  flow: {
    back: "All flows",
    draftOf: (version: number | null) => (version === null ? "never published" : `newest version ${version}`),
    tabs: { graph: "Graph", versions: "Versions", compare: "Compare", history: "History" },
    tabsLabel: "Parts of the flow",
    openDeployments: "Under way",
    devices: "Devices that run it",
    graphLabel: "The flow's nodes and wires",
    emptyGraph: "The definition has no nodes yet.",
    summary: (nodes: number, wires: number, variables: number, checks: number) =>
      [
        plural(nodes, "node"),
        plural(wires, "wire"),
        plural(variables, "variable"),
        plural(checks, "health check"),
      ].join(", "),
    noVersions: "No version has been published yet.",
    columns: { version: "Version", published: "Published", by: "By", size: "Size", sha: "SHA-256" },
    compareFrom: "From",
    compareTo: "to",
    version: (version: number) => `Version ${version}`,
    draft: "The draft",
    oneVersion: "There is only one version to look at.",
    same: "Devices would notice no difference.",
    moved: (count: number) => `${plural(count, "node")} moved on the canvas.`,
    nodes: "Nodes",
    connections: "Wires",
    variables: "Variables",
    checks: "Health checks",
    added: "added",
    removed: "removed",
    changed: "changed",
    rewired: "rewired",
    legend: "What the marks mean, and how many nodes have them",
    wiresLegend: (added: number, removed: number) =>
      `Wires: ${number(added)} added, ${number(removed)} removed (dashed)`,
    diffLabel: "Both versions in one graph",
    moreChanges: (count: number) => `and ${plural(count, "setting")} more`,
    absent: "not set",
    port: (port: number) => (port === 0 ? "" : ` (output ${port + 1})`),
    noHistory: "Nothing has been written down yet.",
    nodeRedNodes: (count: number) => `${plural(count, "node")} of Node-RED`,
    edit: "Edit",
    openDraft: {
      label: "Edit the next draft",
      title: "Open the next draft of this flow?",
      consequences: [
        "The draft begins with the definition that was published last.",
        "Published versions stay deployable, and devices notice nothing.",
      ],
    },
    archived: "The flow is archived; restore it first.",
  },

  editor: {
    back: (name: string) => `Back to ${name}`,
    title: (name: string) => `Edit ${name}`,
    notADraft: "Only a draft can be edited. Open the next draft on the flow's page.",
    canvasLabel: "The flow being edited",
    tools: "Tools",
    undo: "Undo",
    redo: "Redo",
    cut: "Cut",
    copy: "Copy",
    paste: "Paste",
    remove: "Delete",
    importFile: "Import file",
    exportFile: "Export file",
    save: "Save draft",
    saved: "Saved",
    unsaved: "Not saved yet",
    publish: "Publish",
    publishTitle: "Publish this draft?",
    publishes: (next: number, unsaved: boolean) => [
      ...(unsaved ? ["What is not saved yet is saved first."] : []),
      `The draft is checked and frozen as version ${number(next)}.`,
      "No device gets it before a rollout is started.",
    ],
    leaveTitle: "Leave without saving?",
    leaveLead: "What was changed since the draft was saved last would be lost.",
    leave: "Leave",
    stay: "Stay",
    keys: "Keys: Delete removes what is chosen, Ctrl+Z undoes, Ctrl+Shift+Z does it again, Ctrl+X, Ctrl+C and Ctrl+V cut, copy and paste, Ctrl+A chooses all, Ctrl+S saves. Arrow keys move the node that has the focus.",

    palette: "Node types",
    paletteLead: "Press a type to add a node, or drag it onto the canvas.",
    paletteSearch: "Search node types",
    paletteHint: "part of a name",
    paletteEmpty: "No type matches.",

    faults: "Faults",
    faultsLead: "The API refused the draft for these. Choose one to go to its node.",
    faultCount: (count: number) => plural(count, "fault"),
    faultAt: (name: string, detail: string) => `${name}: ${detail}`,

    nothingChosen: "Choose a node on the canvas to see its settings.",
    severalChosen: (nodes: number, wires: number) =>
      `${[...(nodes > 0 ? [plural(nodes, "node")] : []), ...(wires > 0 ? [plural(wires, "wire")] : [])].join(" and ")} chosen.`,
    node: "Node",
    nodeName: "Name",
    nodeId: (id: string, type: string) => `Id ${id}, type ${type}.`,
    unknownType:
      "The stack does not know this type; a package on the device may bring it. Its settings are checked there.",
    settings: "Settings",
    noSettings: "This type has no settings.",
    asJson: "All settings as JSON",
    jsonLabel: "Settings as JSON",
    notJson: "This cannot be read as JSON yet; what could be read last is kept.",
    notObject: "Settings are a JSON object; what could be read last is kept.",
    standard: (value: string) => `Default: ${value}.`,
    required: "Required.",
    unset: (value: string | null) => (value === null ? "not set" : `default: ${value}`),
    linesHint: "One a line.",
    jsonHint: "As JSON.",
    scalarHint: "A number, true, false or null; everything else is a text. Quote a text that looks like one of them.",
    booleans: { true: "Yes", false: "No" },
    itemTitle: (item: number) => `Entry ${number(item)}`,
    addItem: (setting: string) => `Add to ${setting}`,
    removeItem: (item: number) => `Remove entry ${number(item)}`,
    raiseItem: (item: number) => `Move entry ${number(item)} up`,
    up: "Up",
    drop: "Remove",
    settingFaults: {
      required: "It is required.",
      number: (whole: boolean) => (whole ? "It must be a whole number." : "It must be a number."),
      range: (least: number | null, most: number | null) =>
        least === null
          ? `It must be at most ${number(most ?? 0)}.`
          : most === null
            ? `It must be at least ${number(least)}.`
            : `It must be from ${number(least)} to ${number(most)}.`,
    },

    native: (nodes: number, tabs: number) =>
      `An export of Node-RED: ${plural(nodes, "node")}${tabs === 0 ? "" : ` on ${plural(tabs, "tab")}`}. Devices that run Node-RED take them as they are.`,
    nativeItem: (type: string, name: string) => (name === "" ? type : `${type}: ${name}`),

    wires: "Wires",
    wiresNone: "No wire leads from or to this node.",
    wireTo: (port: number, target: string) => `Output ${number(port + 1)} → ${target}`,
    wireFrom: (source: string, port: number) => `${source}, output ${number(port + 1)} → here`,
    removeWire: (wire: string) => `Remove wire ${wire}`,
    output: "Output",
    outputName: (port: number) => `Output ${number(port + 1)}`,
    target: "To node",
    connect: "Connect",
    noTarget: "Choose a node",

    variables: "Variables",
    variablesNone: "The flow has no variables.",
    variableName: "Variable name",
    variableType: "Type of the variable",
    variableValue: "Value of the variable",
    addVariable: "Add variable",
    removeVariable: (name: string) => `Remove variable ${name}`,
    checks: "Health checks",
    checksNone: "The flow is healthy while its nodes are. A check asks for more.",
    checkTitle: (check: number) => `Check ${number(check)}`,
    addCheck: "Add health check",
    removeCheck: (name: string) => `Remove health check ${name}`,
    checkName: "Name",
    checkNameHint: (name: string) => `A failure is reported as “check:${name}”.`,
    checkType: "Type",
    checkTypes: {
      emitted: "A node of the flow keeps sending messages.",
      http: "A GET, made on the device, is answered well.",
      command: "A program on the device ends with 0. Each device says itself which programs it may run.",
    },
    checkNode: "node",
    noSuchNode: (id: string) => (id === "" ? "Choose the node." : `There is no node ${quoted(id)} (any more).`),
    checkSettings: {
      within: "It sends a message at least that often",
      url: "What is asked for, from the device",
      status: "The answer's status; any from 200 to 399 where it is empty",
      interval: "Time between two checks",
      timeout: "What one check may take",
      grace: "Time after the start in which failing does not count",
      command: "The program and its arguments, without a shell",
    },
    checkAsJson: (name: string) => `Health check ${name}, of a type that is not known here`,
    notCheck: "A health check is a JSON object with a name and a type; what could be read last is kept.",

    conflictTitle: "Somebody else changed this flow",
    conflictLead: "What differs, from what is stored now to what is here:",
    keepMine: "Save mine over it",
    takeTheirs: "Take what is stored",
    goOn: "Go on editing",
    conflictHint: "What you take from the stored draft can be undone.",
    unreadable: (file: string) =>
      `${file} cannot be read: it holds neither a definition of a flow nor an export of Node-RED.`,
    dropped: (nodes: number) => `The file was imported: ${plural(nodes, "node")}. Undo brings back what was here.`,
    importedNative: (nodes: number) =>
      `The export of Node-RED was imported as one node, with ${plural(nodes, "item")} in it.`,
  },
} as const;

function sends(version: number | null, to: string): string {
  return version === null ? `Takes the flow off ${to}` : `Deploys version ${version} to ${to}`;
}

function retries(version: number | null, to: string): string {
  return version === null
    ? `Creates a new removal from ${to}, and starts it.`
    : `Creates a new deployment of version ${version} to ${to}, and starts it.`;
}

function those(count: number | null, which: string): string {
  return count === null ? `the devices ${which}` : `just the ${devices(count)} ${which}`;
}

const MOST_NAMED = 5;

/** `a, b, c, d, e and 3 more` */
function firstOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(", ")} and ${number(more)} more` : list(names);
}
