"""Counts the faces of each picture in a COCO file.

pip install pycocotools
fkd video clip.mp4 --points clip.json
python examples/coco_reader.py clip.json
"""

import sys

from pycocotools.coco import COCO

coco = COCO(sys.argv[1])
for image in coco.loadImgs(coco.getImgIds()):
    faces = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
    print(image["file_name"], [face["track_id"] for face in faces])
