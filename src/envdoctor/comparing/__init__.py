"""What differs between two looks at machines: facts against facts, findings against findings."""
