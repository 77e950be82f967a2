"""What the decoder inside PyAV can decode."""

import av


def decoders() -> frozenset[str]:
    """FFmpeg's names of all codecs there is a decoder for: "h264", "hevc", …."""
    return frozenset(name for name in av.codecs_available if _decodes(name))


def _decodes(name: str) -> bool:
    try:
        return bool(av.Codec(name, "r").name)
    except ValueError:
        return False
