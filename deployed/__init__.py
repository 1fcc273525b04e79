"""A deployed stack, as those know it who use it: operators by REST, devices by MQTT; wherever it runs."""
