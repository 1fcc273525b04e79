"""What flows publish, on its way to the broker: bounded, in order, and never much of it before a job."""
