"""The tracker as a Ray Serve deployment (pip install "fkd[ray]" "ray[serve]"); requests that wait are taken together.
serve run examples.ray_serve:app
curl --data-binary @portrait.jpg http://127.0.0.1:8000
"""

import cv2
from ray import serve

import tracker
from tracker.sources.capture import decode_image


@serve.deployment(ray_actor_options={"num_cpus": 1}, max_ongoing_requests=64)
class Faces:
    def __init__(self) -> None:
        self.tracker = tracker.Tracker()

    @serve.batch(max_batch_size=32, batch_wait_timeout_s=0.01)
    async def __call__(self, requests: list) -> list[list[dict]]:
        return [self.find(await request.body()) for request in requests]

    def find(self, picture: bytes) -> list[dict]:
        try:  # an error would be that of all requests taken together
            faces = self.tracker.detect(decode_image(picture))
        except (cv2.error, tracker.FkdError):
            return []
        return [{"score": face.score, "points": face.points.tolist()} for face in faces]


app = Faces.bind()
