"""Pure rules: flow lifecycle, strategies, waves, thresholds, statuses. No AWS, no clock, no environment."""
