"""The custom resource that turns on the account's events of IoT jobs."""
