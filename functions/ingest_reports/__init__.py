"""Takes in what devices say: ends of jobs, health, presence."""
