"""What the device keeps: the state, the artifacts, and the files they are written to."""
