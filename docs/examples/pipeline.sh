#!/bin/sh
# A pipeline for a repository that holds fleet.yaml: each branch sees what it would change, `main` makes it so.
# It needs BRANCH, and EDGEFLOW_URL, EDGEFLOW_TOKEN_URL, EDGEFLOW_CLIENT_ID and EDGEFLOW_CLIENT_SECRET of a client of the
# stack. It ends as the first rollout that did not complete: docs/cli.md has the exit codes.
set -eu

edgeflow doctor
edgeflow plan -f fleet.yaml || [ $? -eq 7 ]
if [ "$BRANCH" = main ]; then
    edgeflow apply -f fleet.yaml --wait --timeout 2h
fi
