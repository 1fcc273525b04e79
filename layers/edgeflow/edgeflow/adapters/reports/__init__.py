"""The queue that reports of devices come by."""
