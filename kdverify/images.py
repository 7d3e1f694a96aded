"""Labelled images: CIFAR-10 and 100, a compact JPEG archive, MNIST, Fashion-MNIST, digits.

The archive is one NumPy ``.npz`` file without pickles.  For each split in ``train``, ``test``:

=================  ==============================================================
``SPLIT_jpeg``     uint8, all JPEG files one after another
``SPLIT_offsets``  int64, N + 1 entries: image k is bytes ``offsets[k]:offsets[k + 1]``
``SPLIT_labels``   uint8, N class numbers
``classes``        the names of the classes, in the order of their numbers
=================  ==============================================================

All of CIFAR-10 takes 18 MB in it.  `write_archive` writes such a file, `load` reads it.
JPEG loses a little of each pixel: a copy is not the original data set, and results say so.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import zipfile
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks
from kdverify._files import write_bytes
from kdverify.extras import needed_for

SPLITS = ("train", "test")
FASHION_CLASSES = (
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
#: What is loaded from torchvision's files: class there, name, folder in which they lie.
CIFAR = {
    "cifar10": ("CIFAR10", "CIFAR-10", "cifar-10-batches-py"),
    "cifar100": ("CIFAR100", "CIFAR-100", "cifar-100-python"),
}
#: Folder of MNIST's four files below torchvision's root.
MNIST_FOLDER = Path("MNIST", "raw")
IDX_FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
#: Debian's package with the original Fashion-MNIST files.
FASHION_PACKAGE = "dataset-fashion-mnist"
#: Of scikit-learn's 1,797 digits, in a fixed shuffled order, so many are for testing.
DIGITS_TEST = 360


@dataclass(frozen=True, eq=False)
class Images:
    """A data set of images in two splits.

    ``train`` and ``test`` are uint8, (N, height, width, channels), 0 to 255; labels are
    int64, (N,), numbers of ``classes``.  ``source`` says which copy of the data it is.
    """

    source: str
    classes: tuple[str, ...]
    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray

    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """Both splits: float64 pixels, one image a row, 0 to 255, and labels (N,)."""
        pixels = np.concatenate([self.train, self.test]).astype(float)
        return pixels.reshape(len(pixels), -1), np.append(self.train_labels, self.test_labels)


def load(data: str) -> Images:
    """Images of ``data``.

    ``data`` is ``"digits"`` (scikit-learn's), ``"fashion-mnist"`` (Debian's package, where it is
    installed), ``"cifar10"``, ``"cifar100"`` (its 100 fine classes) or ``"mnist"`` (torchvision's,
    downloaded to ``~/.cache/kdverify`` where they are missing and checked by their checksums), a
    JPEG archive (``.npz``), a folder with torchvision's copy of one of these three, or a folder
    that holds the four files of Fashion-MNIST.  MNIST's have the same names: they are taken for
    MNIST in a folder ``MNIST/raw`` alone, torchvision's place for them.
    """
    if data == "digits":
        return _digits()
    if data == "fashion-mnist":
        return _idx_folder(_fashion_folder())
    if data == "mnist":
        return _mnist(Path.home() / ".cache" / "kdverify")
    if data in CIFAR:
        return _cifar(data, Path.home() / ".cache" / "kdverify", download=True)
    path = checks.file_path("data", data)
    if path.is_dir():
        return _folder(path)
    if path.suffix != ".npz":
        raise ValueError(
            f"data={checks.shown(data)} must be digits, mnist, fashion-mnist, cifar10, cifar100, a "
            "JPEG archive (.npz), or a folder with one of the last four data sets in it"
        )
    return _archive(checks.readable_file("data", path, (".npz",)))


def write_archive(path: str | Path, images: Images, quality: int = 90) -> None:
    """Write ``images`` as a JPEG archive of the given quality (1 to 95)."""
    from PIL import Image

    if checks.count("quality", quality) > 95:
        raise ValueError(f"quality={quality} must be at most 95")
    if len(images.classes) > 256:
        raise ValueError(f"classes={len(images.classes)} must be at most 256")
    entries: dict[str, Any] = {"classes": np.array(images.classes)}
    for split in SPLITS:
        files = []
        for image in getattr(images, split):
            stream = io.BytesIO()
            Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(
                stream, format="JPEG", quality=quality
            )
            files.append(stream.getvalue())
        lengths = [len(file) for file in files]
        entries[f"{split}_jpeg"] = np.frombuffer(b"".join(files), dtype=np.uint8)
        entries[f"{split}_offsets"] = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        entries[f"{split}_labels"] = getattr(images, f"{split}_labels").astype(np.uint8)
    stream = io.BytesIO()
    np.savez(stream, **entries)
    write_bytes(checks.output_file("path", path), stream.getvalue())


def _archive(path: Path) -> Images:
    try:
        with np.load(path, allow_pickle=False) as file:
            classes = tuple(str(name) for name in file["classes"])
            splits = [_decoded(file, split, len(classes)) for split in SPLITS]
    except (
        KeyError,
        ValueError,
        TypeError,
        OSError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ValueError(
            f"data={checks.shown(str(path))} must be a JPEG archive as described in "
            f"kdverify.images; it is damaged or another kind of file ({error})"
        ) from error
    (train, train_labels), (test, test_labels) = splits
    if train.shape[1:] != test.shape[1:]:
        raise ValueError(
            f"data={checks.shown(str(path))} must hold images of one size, not of "
            f"{train.shape[1:]} and {test.shape[1:]}"
        )
    return Images(f"JPEG archive {path.name}", classes, train, train_labels, test, test_labels)


def _decoded(file: Any, split: str, classes: int) -> tuple[np.ndarray, np.ndarray]:
    from PIL import Image

    data = file[f"{split}_jpeg"].tobytes()
    offsets = file[f"{split}_offsets"]
    labels = file[f"{split}_labels"].astype(np.int64)
    fits = offsets.size == labels.size + 1 and offsets[0] == 0 and offsets[-1] == len(data)
    if not fits or (np.diff(offsets) <= 0).any():
        raise ValueError(f"the offsets of {split} do not fit its images and labels")
    if labels.size == 0 or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"the labels of {split} must be numbers of the {classes} classes")
    images = [
        np.asarray(Image.open(io.BytesIO(data[start:end]))) for start, end in pairwise(offsets)
    ]
    return _with_channels(np.stack(images)), labels


def _with_channels(images: np.ndarray) -> np.ndarray:
    return images if images.ndim == 4 else images[..., None]


def _digits() -> Images:
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(0).permutation(data.target.size)
    images = _with_channels(np.rint(data.images * (255 / 16)).astype(np.uint8))[order]
    labels = data.target.astype(np.int64)[order]
    cut = labels.size - DIGITS_TEST
    names = tuple(str(name) for name in data.target_names)
    return Images(
        "scikit-learn digits", names, images[:cut], labels[:cut], images[cut:], labels[cut:]
    )


def _fashion_folder() -> Path:
    """Where Debian's package put the files; asks dpkg."""
    hint = (
        f"data='fashion-mnist' must be installed: `apt install {FASHION_PACKAGE}` on Debian, or "
        f"give the folder with {IDX_FILES['train'][0]}.gz and its three companions"
    )
    try:
        listing = subprocess.run(
            ["dpkg", "-L", FASHION_PACKAGE], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ValueError(hint) from error
    for line in listing.splitlines():
        if Path(line).name.startswith(IDX_FILES["train"][0]):
            return Path(line).parent
    raise ValueError(hint)


def _folder(path: Path) -> Images:
    """The one data set that a folder holds."""
    held = [kind for kind, (_, _, name) in CIFAR.items() if (path / name).is_dir()]
    if (path / MNIST_FOLDER).is_dir():
        held.append("mnist")
    if len(held) > 1:
        raise ValueError(
            f"data={checks.shown(str(path))} must hold one data set, not {' and '.join(held)}"
        )
    if held == ["mnist"] or path.absolute().parts[-2:] == MNIST_FOLDER.parts:
        folder = path / MNIST_FOLDER if held else path
        return _idx_folder(folder, "MNIST", tuple(map(str, range(10))))
    return _cifar(held[0], path, download=False) if held else _idx_folder(path)


def _idx_folder(
    folder: Path, source: str = "Fashion-MNIST", classes: tuple[str, ...] = FASHION_CLASSES
) -> Images:
    found: list[np.ndarray] = []
    for split in SPLITS:
        for name in IDX_FILES[split]:
            files = [folder / f"{name}.gz", folder / name]
            file = next((candidate for candidate in files if candidate.is_file()), None)
            if file is None:
                raise ValueError(
                    f"data={checks.shown(str(folder))} must hold {name} or {name}.gz (the four "
                    f"files of {source}), or a folder {', '.join(n for _, _, n in CIFAR.values())}"
                    f" or {MNIST_FOLDER}"
                )
            found.append(_idx(file))
    train, train_labels, test, test_labels = found
    for split, pictures, labels in zip(SPLITS, found[::2], found[1::2], strict=True):
        fits = pictures.ndim == 3 and labels.shape == (len(pictures),) and len(pictures) > 0
        if not fits or labels.max() >= len(classes):
            raise ValueError(
                f"data={checks.shown(str(folder))} must hold images with a label each, 0 to "
                f"{len(classes) - 1}; those of {split} do not fit"
            )
    return Images(
        source,
        classes,
        _with_channels(train),
        train_labels.astype(np.int64),
        _with_channels(test),
        test_labels.astype(np.int64),
    )


def _idx(file: Path) -> np.ndarray:
    """An array in the IDX format of unsigned bytes (two zeros, type 8, rank, big-endian sizes)."""
    try:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{file} must be a whole gzip file: {error}") from error
    rank = data[3] if len(data) > 3 else 0
    shape = tuple(np.frombuffer(data[4 : 4 + 4 * rank], dtype=">u4").astype(int))
    if data[:3] != b"\0\0\x08" or len(shape) != rank or len(data) != 4 + 4 * rank + np.prod(shape):
        raise ValueError(f"{file} must be an IDX file of unsigned bytes; it is damaged")
    return np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * rank).reshape(shape)


def _mnist(root: Path) -> Images:
    """Torchvision's MNIST, downloaded where it is missing."""
    with needed_for("data='mnist' (a folder MNIST/raw does not)"):
        from torchvision.datasets import MNIST
    try:
        MNIST(str(root), download=True)
    except (OSError, RuntimeError) as error:
        raise ValueError(
            f"MNIST is not in {root / MNIST_FOLDER} and could not be downloaded ({error}): put its "
            "four files there by hand"
        ) from error
    return _folder(root / MNIST_FOLDER)


def _cifar(kind: str, root: Path, download: bool) -> Images:
    name, title, folder = CIFAR[kind]
    with needed_for(f"data={kind!r} (a JPEG archive does not)"):
        from torchvision import datasets
    copy = getattr(datasets, name)
    try:
        splits = [copy(str(root), train=train, download=download) for train in (True, False)]
    except (OSError, RuntimeError) as error:
        tried = " and could not be downloaded" if download else ""
        archive = folder.replace("-batches-py", "-python")
        raise ValueError(
            f"{title} is not whole in {root}{tried} ({error}): put the folder "
            f"{folder} or {archive}.tar.gz of its home page there by hand, or "
            "give a JPEG archive with --data FILE"
        ) from error
    train, test = splits
    return Images(
        f"{title} (torchvision, original batches)",
        tuple(train.classes),
        np.asarray(train.data),
        np.asarray(train.targets, dtype=np.int64),
        np.asarray(test.data),
        np.asarray(test.targets, dtype=np.int64),
    )
