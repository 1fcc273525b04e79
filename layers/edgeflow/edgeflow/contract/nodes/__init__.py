"""The node types that flows can name: the settings, input and outputs of each, whichever runtime they run on.

The same models check a flow in the cloud, when it is published, and on the device, before it runs. What depends on the
device, or needs a library that only devices have, is looked at there alone.
"""
