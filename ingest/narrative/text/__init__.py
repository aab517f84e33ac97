"""What stands in a text, whatever it means: passages, phrases, quantities, times, and the lexicon that knows words."""
