"""crossid finds the same people across collections of video.

It proposes that two appearances show the same person, with a calibrated probability and its
evidence; it never says who a person is.
"""

__version__ = "0.1.0"
