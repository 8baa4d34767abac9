"""The tracker as a Ray Serve deployment: faces of single pictures over HTTP. Requests that wait are taken together.

pip install "fkd[ray]" "ray[serve]"
serve run examples.ray_serve:app
curl --data-binary @portrait.jpg http://127.0.0.1:8000
"""

import cv2
from ray import serve

from tracker import Tracker
from tracker.sources.capture import decode_image


@serve.deployment(ray_actor_options={"num_cpus": 1}, max_ongoing_requests=64)
class Faces:
    def __init__(self) -> None:
        self.tracker = Tracker()

    @serve.batch(max_batch_size=32, batch_wait_timeout_s=0.01)
    async def find(self, pictures: list[bytes]) -> list[list[dict]]:
        return [self.faces_of(picture) for picture in pictures]

    def faces_of(self, picture: bytes) -> list[dict]:
        """Faces of a picture; none if it is broken, for an error would be that of all requests taken together."""
        try:
            image = decode_image(picture)
        except cv2.error:
            return []
        found = () if image is None else self.tracker.detect(image)
        return [{"score": face.score, "points": face.points.tolist()} for face in found]

    async def __call__(self, request) -> list[dict]:
        return await self.find(await request.body())


app = Faces.bind()
