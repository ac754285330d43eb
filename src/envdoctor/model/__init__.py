"""Pure data: facts, findings, profiles and plans. Imports the standard library and packaging only."""
