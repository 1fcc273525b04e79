"""What rollouts write and call: targets, waves and installs in the table, IoT jobs, executions, the table's stream."""
