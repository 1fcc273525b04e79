"""Runs in the emulator's own environment (.venv-ministack): the emulator, with the gaps closed that matter here."""

from ministack import app

from localcloud import (
    any_method,
    callback_timeouts,
    cancel_lag,
    certificates_by_csr,
    checkpoints,
    device_endpoint,
    nested_groups,
    parallel_branches,
    policy_targets,
    prompt_end,
    stream_records,
    user_groups,
)

if __name__ == "__main__":
    any_method.install()
    callback_timeouts.install()
    cancel_lag.install()
    certificates_by_csr.install()
    checkpoints.install()
    device_endpoint.install()
    nested_groups.install()
    parallel_branches.install()
    policy_targets.install()
    prompt_end.install()
    stream_records.install()
    user_groups.install()
    app.main()
