"""Node-RED as the runtime of flows: the agent deploys them by its admin API and reads back how they are."""
