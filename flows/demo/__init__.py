"""``make demo``: the plan's year on a virtual clock, through the same flows as the real thing."""
