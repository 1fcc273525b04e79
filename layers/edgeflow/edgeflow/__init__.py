"""EdgeFlow: roll out flows from the cloud to fleets of edge devices."""
