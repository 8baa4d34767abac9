"""Draws the points of a picture with supervision.

pip install "fkd[supervision]"
python examples/supervision_drawing.py picture.jpg drawn.png
"""

import sys

import cv2
import supervision

from tracker import Tracker

image = cv2.imread(sys.argv[1])
with Tracker() as tracker:
    points = tracker.detect(image).to_supervision()
cv2.imwrite(sys.argv[2], supervision.VertexAnnotator(radius=3).annotate(image, points))
print(f"{len(points)} faces")
