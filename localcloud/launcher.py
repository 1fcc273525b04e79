"""Runs in the emulator's own environment (.venv-ministack): the emulator, with the gaps closed that matter here."""

from ministack import app

from localcloud import (
    any_method,
    api_origin,
    callback_timeouts,
    cancel_lag,
    certificates_by_csr,
    checkpoints,
    detach_lag,
    device_endpoint,
    gateway_responses,
    list_lag,
    nested_groups,
    parallel_branches,
    policy_targets,
    prompt_end,
    stream_records,
    throttled_jobs,
    user_groups,
)

if __name__ == "__main__":
    any_method.install()
    api_origin.install()
    callback_timeouts.install()
    cancel_lag.install()
    certificates_by_csr.install()
    checkpoints.install()
    detach_lag.install()
    device_endpoint.install()
    gateway_responses.install()
    list_lag.install()
    nested_groups.install()
    parallel_branches.install()
    policy_targets.install()
    prompt_end.install()
    stream_records.install()
    throttled_jobs.install()
    user_groups.install()
    app.main()
