"""Deployments in the table, their targets as they were asked for in the bucket, and the queue of orders."""
