"""The local cloud: an emulator of AWS on this machine, with the stack of template.yaml deployed in it."""
