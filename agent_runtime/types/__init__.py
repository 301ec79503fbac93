"""The shapes of what goes to and fro, by Strands' module names. Types only: nothing here runs."""
