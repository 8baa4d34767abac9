"""Many inputs at once: `fkd batch`.

A driver (`run`) hands out tasks to workers, which are processes of this machine (`local`) or of a Ray cluster
(`cluster`), and puts what they make where it belongs (`results`). Only the driver puts a result in its place and notes
that it is there: whatever dies when, nothing half done is taken for done.
"""
