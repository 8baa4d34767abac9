"""MediaPipe FaceMesh as a peer; runs in an environment of its own, with mediapipe 0.10.21.

Reads one JSON line per task on stdin, {"frames": FILE.npy, "faces": N}, tracks all frames and answers with one line,
{"seconds": mean per frame, "found": faces per frame}. Frames are (F, H, W, 3) uint8 BGR, as from OpenCV.
"""

import json
import sys
from time import perf_counter

import cv2
import mediapipe
import numpy as np


def track(frames: np.ndarray, faces: int) -> dict[str, float]:
    """Runs FaceMesh over frames as over a stream; opening it is not timed."""
    found = 0
    with mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=faces, refine_landmarks=False) as mesh:
        start = perf_counter()
        for frame in frames:
            result = mesh.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            found += len(result.multi_face_landmarks or ())
        seconds = perf_counter() - start
    return {"seconds": seconds / len(frames), "found": found / len(frames)}


for line in sys.stdin:
    task = json.loads(line)
    print(json.dumps(track(np.load(task["frames"]), task["faces"])), flush=True)
