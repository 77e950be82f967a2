"""What every store promises: the one place that says what an archive can be asked and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from crossid.archive import Original, PaintedFile
    from crossid.archive.acts import Act, Acted, Entry
    from crossid.archive.forgetting import Forgotten
    from crossid.types import (
        Copy,
        Coverage,
        Decision,
        Diff,
        Embedding,
        Gallery,
        LogRow,
        Membership,
        Mishap,
        NameClaim,
        Neighbours,
        Observation,
        Person,
        Portrait,
        Print,
        Question,
        References,
        Reviewed,
        Ruling,
        Run,
        RunRecord,
        Space,
        Video,
        Watched,
    )


class Store(Protocol):
    """Keeps everything. All writes are idempotent by id and, unless inside `atomic`, one transaction each."""

    folder: Path

    def close(self) -> None:
        """Write back and let go of files and lock."""

    def atomic(self) -> AbstractContextManager[None]:
        """All writes inside happen together or not at all."""
        ...

    # what was found and watched -----------------------------------------------------------------
    def known_file(self, path: Path, size_bytes: int, modified_ns: int) -> str | None:
        """Video id of a file that was hashed before and has not changed since, by stat alone."""
        ...

    def add_video(self, video: Video, modified_ns: int, run_id: str) -> bool:
        """Remember a video and where it was found; False when its bytes were known under another path."""
        ...

    def videos(self) -> list[Video]:
        """All videos, by id, with the path and name at which each was found first."""
        ...

    def video(self, video_id: str) -> Video:
        """One video; raises KeyError for one that was never added."""
        ...

    def spans_done(self, video_id: str) -> dict[int, str]:
        """Index of each finished span -> digest of the settings it was watched with."""
        ...

    def video_done(self, video_id: str) -> bool:
        """Whether all spans of a video were watched."""
        ...

    def keep_span(self, watched: Watched, span_count: int, settings_digest: str, run_id: str) -> None:
        """Keep one span's decisions, appearances (one track with a crop or more each) and mishaps.

        A span that was kept under the same settings is left as it is; one that was kept under others
        is replaced. Rulings whose face is seen again (same pts, overlap >= 0.5) hold for the new track.
        """
        ...

    def keep_mishap(self, video_id: str, mishap: Mishap) -> None:
        """Note what kept a span from being watched; it stands until all of the video was watched."""
        ...

    def drop_spans(self, video_id: str) -> None:
        """Forget what was watched of a video, so that it is watched again."""
        ...

    def decisions(self, video_id: str) -> list[Decision]:
        """Why each picture of a video was looked at or not, in order; motion and brightness to 1/65535."""
        ...

    def decisions_digest(self, video_id: str) -> str:
        """16 hex digits that change when `decisions` does."""
        ...

    def portrait(self, face_id: str) -> bytes:
        """JPEG of a crop that was kept; KeyError for a face without one, ArchiveError for one that is not crossid's."""
        ...

    def appearance_count(self, video_id: str | None = None) -> int:
        """How many appearances (one per track) there are, in one video or in all."""
        ...

    def prints(self) -> dict[str, list[Print]]:
        """Video id -> perceptual hashes of its pictures, in order of time."""
        ...

    def uncompared(self) -> list[str]:
        """Ids of videos with hashes that were not compared with the others yet, in order."""
        ...

    def keep_copies(self, videos: Iterable[str], copies: Sequence[Copy]) -> None:
        """Note that `videos` (ids) were compared, and what they share with others; replaces what was noted of them."""
        ...

    def copies(self) -> list[Copy]:
        """Which videos share footage."""
        ...

    def spaces(self) -> list[Space]:
        """The spaces in use; first the one that the archive compares in.

        There are others only while, or after, a change of space did not come to its end; see `change_space`.
        """
        ...

    def gallery(self, space: Space) -> Gallery:
        """All appearances (one per track) described in `space`."""
        ...

    def references(self, space: Space) -> References:
        """Who each appearance described in `space` is, and its vector; what a reviewer rejected is nobody's."""
        ...

    def neighbours(self) -> Neighbours | None:
        """Who is near whom, as `keep_neighbours` kept it last, whatever came or went since; None where nothing is kept.

        Raises:
            ArchiveError: what was kept is damaged.
        """
        ...

    def keep_neighbours(self, neighbours: Neighbours) -> None:
        """Keep who is near whom for the next run, if there is room; only a run's time depends on it."""
        ...

    def forget_neighbours(self) -> None:
        """Keep it no longer."""
        ...

    def undescribed(self, space: Space) -> list[str]:
        """Appearances (one per track) without a vector in `space`, in order of video, then start."""
        ...

    def portraits(self, appearance_id: str) -> list[Portrait]:
        """The crops that were kept of one track, best first; none of an appearance that is not there."""
        ...

    def add_embeddings(self, embeddings: Mapping[str, Embedding]) -> None:
        """Keep vectors of appearances, by id; what is described in that space already stays as it is."""
        ...

    def change_space(self, space: Space, digests: Mapping[str, str]) -> None:
        """From now on the archive compares in `space`: vectors of all others go.

        Args:
            space: The newer one, in which all that can be was described.
            digests: Digest of settings that spans were watched with -> the same settings with the new embedder.
        """
        ...

    # who is who ---------------------------------------------------------------------------------
    def memberships(self) -> dict[str, Membership]:
        """Appearance id (one per track) -> who it is; aliases already followed.

        After a video was watched again these are what earlier rulings say of the faces seen now.
        """
        ...

    def new_person_ids(self, count: int, run_id: str) -> list[str]:
        """The next ids, in order; an id is never given twice."""
        ...

    def rule(self, rulings: Sequence[Ruling], memberships: Sequence[Membership]) -> None:
        """Append a run's rulings, and the proposals that follow from them; what reviewers settled is left as it is.

        A ruling's `face` may be an appearance's id, which stands for its best face; KeyError for
        one that is not there.
        """
        ...

    def alias(self, person_id: str, into: str, run_id: str) -> None:
        """A run finds that `person_id` is `into` from now on; it cannot for whom a reviewer touched, either of them."""
        ...

    def resolve(self, person_id: str) -> str:
        """Follow aliases; raises ArchiveError for an id that was never given."""
        ...

    def aliases(self) -> dict[str, str]:
        """Every id that became an alias -> the id it resolves to."""
        ...

    def names(self, people: Sequence[str] | None = None) -> dict[str, list[NameClaim]]:
        """Person id -> all claims about them and their aliases that stand, the one that holds last; of all or some."""
        ...

    # reviewers ----------------------------------------------------------------------------------
    def act(self, act: Act) -> Acted:
        """Put what a reviewer does into the ledger, and let it count at once, whatever a run said or will say.

        Raises:
            RulingError: it makes no sense as things stand.
            ArchiveError: it names somebody, or an appearance, that is not there.
        """
        ...

    def ledger(
        self, person_id: str | None = None, *, last: int | None = None, numbers: Sequence[int] | None = None
    ) -> list[Entry]:
        """What reviewers did, in order: all of it, of one person or of these numbers, or only so many of the last."""
        ...

    def check_ledger(self) -> list[str]:
        """Read the whole ledger; what does not fit, in sentences without capital or full stop."""
        ...

    def dependents(self, number: int) -> list[int]:
        """Later acts that stand, and speak of people or appearances as this one left them."""
        ...

    def reviewed(self) -> Reviewed:
        """What reviewers' acts that stand mean to a run."""
        ...

    def ignored(self, people: Sequence[str] | None = None) -> set[str]:
        """Ids of people whom nobody need look for: of everybody, or of these, who are themselves and no alias."""
        ...

    def forget(self, person_id: str, by: str, at: datetime) -> Forgotten:
        """Erase all that is known of a person; `crossid.archive.trust.forget` erases what was painted, too."""
        ...

    def forgotten(self) -> dict[str, datetime]:
        """Id of everybody who was forgotten -> when."""
        ...

    def ask(self, questions: Sequence[Question], run_id: str) -> None:
        """Replace the questions that are open by those of a run, the most important first."""
        ...

    def questions(self) -> list[Question]:
        """Questions in the order in which they were asked, as long as no reviewer answered them."""
        ...

    # runs ---------------------------------------------------------------------------------------
    def begin_run(self, run: Run) -> None:
        """Remember that a run began."""
        ...

    def end_run(self, run_id: str, diff: Diff, mishaps: Sequence[Mishap], timings: Mapping[str, Any]) -> None:
        """Remember what a run did."""
        ...

    def runs(self) -> list[RunRecord]:
        """All runs, in the order in which they began."""
        ...

    # looking ------------------------------------------------------------------------------------
    def people(self) -> list[Person]:
        """People with at least one appearance, by id."""
        ...

    def log(self, person_id: str | None = None, *, videos: Collection[str] | None = None) -> list[LogRow]:
        """Joined appearances in order of video, then start: of one ("": the unidentified), some videos, or all."""
        ...

    def sighting(self, appearance_id: str) -> LogRow:
        """One appearance (of one track) as a row of the log, joined with none; raises KeyError without it."""
        ...

    def faces_of(self, appearance_ids: Sequence[str]) -> list[tuple[float, tuple[float, float, float, float]]]:
        """(seconds, box) of every face of some appearances (of one track each) of one video, by time."""
        ...

    def observations(self) -> Generator[Observation, None, None]:
        """Every face seen, in order of video, time; to be closed before the store is, unless read to its end."""
        ...

    def coverage(self) -> list[Coverage]:
        """How much of each video was looked at."""
        ...

    def mishaps(self) -> list[Mishap]:
        """What went wrong, and still stands."""
        ...

    # painting -----------------------------------------------------------------------------------
    def painted(self) -> dict[str, PaintedFile]:
        """Path -> file that painting owns."""
        ...

    def record_painted(self, files: Iterable[PaintedFile], gone: Iterable[str] = ()) -> None:
        """Remember files that painting owns, and forget those at the paths that are `gone`."""
        ...

    def unpainted(self) -> set[str]:
        """Ids of people ("": the unidentified) and videos whose picture is older than what reviewers did."""
        ...

    def note_painted(self, ids: Iterable[str]) -> None:
        """Their picture is up to date."""
        ...

    def settle(self) -> list[str]:
        """Bring everything into the store's own files and return their paths, ready to be hashed."""
        ...

    def compact(self) -> None:
        """Rewrite the store's own files, so that nothing is left in them that was deleted."""
        ...

    # verifying ----------------------------------------------------------------------------------
    def originals(self) -> list[Original]:
        """Every file in which a video was found, by path."""
        ...

    def check_references(self) -> str:
        """What is wrong with what was kept to answer `references` quicker, as `examine` says it; "" for nothing."""
        ...

    def examine(self) -> list[str]:
        """Look for faults of the store in itself, and say each in a sentence without capital or full stop."""
        ...
