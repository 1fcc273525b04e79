"""What the owner of an AWS account does around a stack: look before the first deployment, tear down at the end."""
