"""Do the figures of a report agree with each other?"""
