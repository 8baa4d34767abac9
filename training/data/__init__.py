"""What the networks are trained on: the competition's files, the face set, and what is known about both."""
