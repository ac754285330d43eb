"""Other languages than English: finished sentences are translated when they are shown, by a catalogue of templates."""
