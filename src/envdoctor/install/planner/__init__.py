"""The planner: facts, profile, knowledge and offers → a plan or a refusal. Pure."""
