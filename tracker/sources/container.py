"""Opens video files with FFmpeg, and nothing but the file named.

To FFmpeg a name may be an address or a list of names, and a file may be a list of further files and addresses. A file
from a stranger could thus reach into the network, or show what other files hold.
"""

from pathlib import Path

import av

FORMATS = (
    "3g2,3gp,apng,asf,av1,avi,bmp_pipe,dirac,dv,flv,gif,h261,h263,h264,hevc,ivf,jpeg_pipe,m4v,matroska,mjpeg,mov,mp4,"
    "mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,png_pipe,rm,roq,smjpeg,tiff_pipe,vc1,vvc,webm,webp_pipe,wtv,yuv4mpegpipe"
)
"""What FFmpeg may take a file for: kinds that hold their pictures themselves, as playlists and texts do not."""


def open_container(path: Path) -> av.container.InputContainer:
    """Opens a video file to read it.

    Raises:
        av.FFmpegError: it is not one of `FORMATS`, or cannot be read.
    """
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    return av.open(f"file:{path}", options=options, metadata_errors="replace")  # titles are often not in UTF-8
