"""The picture of a machine: sockets, NUMA nodes, memory, devices and what links them; pure functions of facts."""
