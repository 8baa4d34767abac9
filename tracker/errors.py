"""The exceptions of the package. The command line turns each into one sentence and an exit code."""


class FkdError(Exception):
    """Something went wrong that the program can put into a sentence.

    Attributes:
        exit_code: with which the command line ends: 2 for what the user can mend.
    """

    exit_code = 2


class InputError(FkdError):
    """What was given cannot be used: a file that is not there, not a video, not an image, an array of a wrong shape."""


class OutputError(FkdError):
    """What was asked for cannot be written: the file exists, the folder does not, the disk is full."""


class CameraError(FkdError):
    """The camera is not there or gives no picture."""


class EngineError(FkdError):
    """The engine asked for cannot run here, or a model file is not one of ours."""


class StageError(FkdError):
    """A thread of the program ended that should not have, which the user cannot mend."""

    exit_code = 1


class MachineError(FkdError):
    """Another machine that takes part in a training is gone, so that the training cannot go on."""
