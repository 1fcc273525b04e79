const passed = Number((msg.metadata || {})[hops] || 0) + 1;
if (passed > maxHops) {
    node.error("A message came through more than " + maxHops + " links, as if flows linked to each other in a circle.", msg);
    return null;
}
msg.metadata = {...msg.metadata, [hops]: String(passed)};
return msg;
