"""Rules about deep-learning frameworks and their builds."""
