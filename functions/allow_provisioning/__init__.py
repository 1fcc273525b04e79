"""Decides who gets a certificate by AWS IoT fleet provisioning."""
