"""The steps, by what they prove."""
