"""Jobs off this machine: the artifact that runs elsewhere, and the commands that submit it.

Nothing here knows what a job does.
"""
