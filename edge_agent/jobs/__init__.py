"""Doing jobs: what is asked, getting the version, and watching whether it is well. It knows no runtime."""
