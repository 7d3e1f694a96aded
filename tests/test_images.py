"""Data sets of images: every reader, and what it says to damaged or missing files."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import subprocess

import numpy as np
import pytest

from kdverify import images

pytest.importorskip("PIL")


def smooth(count: int, seed: int, channels: int = 3) -> np.ndarray:
    """Images that JPEG keeps well: slow ramps."""
    generator = np.random.default_rng(seed)
    start, slope = generator.integers(60, 120, (2, count, 1, 1, channels))
    ramp = np.linspace(0, 1, 16)
    return np.clip(start + slope * (ramp[:, None, None] + ramp[None, :, None]) / 2, 0, 255).astype(
        np.uint8
    )


@pytest.fixture
def pictures() -> images.Images:
    return images.Images(
        "test", ("a", "b", "c"), smooth(7, 0), np.arange(7) % 3, smooth(4, 1), np.arange(4) % 3
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_an_archive_comes_back(channels, tmp_path):
    before = images.Images(
        "test", ("a", "b"), smooth(5, 0, channels), np.arange(5) % 2, smooth(3, 1, channels),
        np.arange(3) % 2,
    )  # fmt: skip
    images.write_archive(tmp_path / "x.npz", before, quality=95)
    after = images.load(str(tmp_path / "x.npz"))
    assert after.source == "JPEG archive x.npz"
    assert after.classes == ("a", "b")
    for split in images.SPLITS:
        old, new = getattr(before, split), getattr(after, split)
        assert new.dtype == np.uint8
        assert new.shape == old.shape
        # Quantisation of the chroma is the coarsest step of quality 95: below 4 grey values.
        assert np.abs(old.astype(int) - new.astype(int)).mean() < 4
        np.testing.assert_array_equal(
            getattr(after, f"{split}_labels"), getattr(before, f"{split}_labels")
        )


def entries(pictures, tmp_path) -> dict:
    images.write_archive(tmp_path / "good.npz", pictures)
    with np.load(tmp_path / "good.npz") as file:
        return {name: file[name] for name in file.files}


def shifted(offsets):
    return np.concatenate([offsets[:1], offsets[2:2], offsets[1:] - 1])


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("train_jpeg", None, "train_jpeg"),
        ("classes", None, "classes"),
        ("train_offsets", lambda o: o[:-1], "offsets of train do not fit"),
        ("train_offsets", shifted, "offsets of train do not fit"),
        ("test_offsets", lambda o: o[[0, 2, 1, 3, 4]], "offsets of test do not fit"),
        ("test_labels", lambda y: y + 3, "numbers of the 3 classes"),
        ("train_jpeg", lambda b: b[::-1].copy(), "cannot identify image"),
    ],
)
def test_damaged_archives(name, change, message, pictures, tmp_path):
    content = entries(pictures, tmp_path)
    if change is None:
        del content[name]
    else:
        content[name] = change(content[name])
    np.savez(tmp_path / "bad.npz", **content)
    with pytest.raises(ValueError, match=f"must be a JPEG archive.*{message}"):
        images.load(str(tmp_path / "bad.npz"))


def test_a_truncated_archive_and_another_file(pictures, tmp_path):
    entries(pictures, tmp_path)
    whole = (tmp_path / "good.npz").read_bytes()
    (tmp_path / "short.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("short.npz", "text.npz"):
        with pytest.raises(ValueError, match="must be a JPEG archive"):
            images.load(str(tmp_path / name))


def test_images_of_two_sizes(pictures, tmp_path):
    from dataclasses import replace

    images.write_archive(tmp_path / "x.npz", replace(pictures, test=pictures.test[:, :8]))
    with pytest.raises(ValueError, match="images of one size"):
        images.load(str(tmp_path / "x.npz"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("cifar-100", "must be digits, mnist, fashion-mnist, cifar10, cifar100, a JPEG archive"),
        ("missing.npz", "must be an existing file"),
        ("", "must hold train-images-idx3-ubyte"),
    ],
)
def test_missing_data(data, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message):
        images.load(data)


@pytest.mark.parametrize(("quality", "message"), [(0, "at least 1"), (96, "at most 95")])
def test_quality(quality, message, pictures, tmp_path):
    with pytest.raises(ValueError, match=message):
        images.write_archive(tmp_path / "x.npz", pictures, quality)


def test_digits():
    pytest.importorskip("sklearn")
    found = images.load("digits")
    assert found.train.shape == (1437, 8, 8, 1)
    assert found.test.shape == (360, 8, 8, 1)
    assert found.train.max() == 255
    counts = np.bincount(np.concatenate([found.train_labels, found.test_labels]))
    assert counts.sum() == 1797
    assert counts.min() > 170
    np.testing.assert_array_equal(images.load("digits").train, found.train)


def idx(array: np.ndarray) -> bytes:
    sizes = np.array(array.shape, dtype=">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


@pytest.fixture
def fashion(tmp_path):
    """A folder in Fashion-MNIST's format, one half compressed."""
    generator = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 6), ("test", 3)):
        pictures, labels = images.IDX_FILES[split]
        arrays[pictures] = generator.integers(0, 256, (count, 28, 28))
        arrays[labels] = generator.integers(0, 10, count)
        (tmp_path / f"{pictures}.gz").write_bytes(gzip.compress(idx(arrays[pictures])))
        (tmp_path / labels).write_bytes(idx(arrays[labels]))
    return tmp_path, arrays


def test_idx_files(fashion):
    folder, arrays = fashion
    found = images.load(str(folder))
    assert found.source == "Fashion-MNIST"
    for split in images.SPLITS:
        pictures, labels = images.IDX_FILES[split]
        np.testing.assert_array_equal(getattr(found, split)[..., 0], arrays[pictures])
        np.testing.assert_array_equal(getattr(found, f"{split}_labels"), arrays[labels])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "damaged"),
        (idx(np.zeros((6, 28, 28)))[:-1], "damaged"),
        (b"\0\0\x09" + idx(np.zeros((6, 28, 28)))[3:], "damaged"),
        (idx(np.zeros((5, 28, 28))), "those of train do not fit"),
        (idx(np.zeros(6)), "those of train do not fit"),
    ],
)
def test_damaged_idx_files(content, message, fashion):
    folder, _ = fashion
    name = images.IDX_FILES["train"][0]
    (folder / f"{name}.gz").unlink()
    (folder / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        images.load(str(folder))


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:60] + b"\xff" * 40 + b[100:]])
def test_damaged_gzip(damage, fashion):
    folder, _ = fashion
    file = folder / f"{images.IDX_FILES['train'][0]}.gz"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match="must be a whole gzip file"):
        images.load(str(folder))


def test_labels_that_are_no_classes(fashion):
    folder, _ = fashion
    (folder / images.IDX_FILES["test"][1]).write_bytes(idx(np.array([1, 2, 10])))
    with pytest.raises(ValueError, match="those of test do not fit"):
        images.load(str(folder))


def test_the_fashion_package(monkeypatch, fashion):
    folder, arrays = fashion
    listing = f"/.\n{folder}/{images.IDX_FILES['train'][0]}.gz\n"

    def dpkg(command, **_):
        assert command == ["dpkg", "-L", images.FASHION_PACKAGE]
        return subprocess.CompletedProcess(command, 0, listing, "")

    monkeypatch.setattr(images.subprocess, "run", dpkg)
    assert len(images.load("fashion-mnist").train) == len(arrays[images.IDX_FILES["train"][0]])
    listing = "/.\n"
    with pytest.raises(ValueError, match="apt install dataset-fashion-mnist"):
        images.load("fashion-mnist")


@pytest.mark.parametrize("inside", [True, False])
def test_mnist_lies_in_its_folder(fashion, inside, tmp_path_factory):
    """The files are named as Fashion-MNIST's: torchvision's folder says which they are."""
    folder, arrays = fashion
    root = tmp_path_factory.mktemp("root")
    (root / "MNIST").mkdir()
    folder.rename(root / "MNIST" / "raw")
    found = images.load(str(root if inside else root / "MNIST" / "raw"))
    assert (found.source, found.classes) == ("MNIST", tuple("0123456789"))
    pictures, labels = images.IDX_FILES["test"]
    np.testing.assert_array_equal(found.test[..., 0], arrays[pictures])
    np.testing.assert_array_equal(found.test_labels, arrays[labels])
    (root / "cifar-100-python").mkdir()
    with pytest.raises(ValueError, match="must hold one data set, not cifar100 and mnist"):
        images.load(str(root))


def test_mnist_by_name(monkeypatch, fashion, tmp_path_factory):
    """What torchvision has put into its place; without a network one line says what is missing."""
    datasets = pytest.importorskip("torchvision.datasets")
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setattr(images.Path, "home", lambda: home)

    def unreachable(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr(datasets.mnist, "download_and_extract_archive", unreachable)
    with pytest.raises(ValueError, match=r"could not be downloaded \(.*four files there by hand"):
        images.load("mnist")

    def put(root, download):
        place = images.Path(root) / "MNIST" / "raw"
        place.parent.mkdir(parents=True, exist_ok=True)
        fashion[0].rename(place)

    monkeypatch.setattr(datasets, "MNIST", put)
    found = images.load("mnist")
    assert (found.source, len(found.train)) == ("MNIST", 6)


@pytest.fixture(params=["CIFAR10", "CIFAR100"])
def batches(request, tmp_path, monkeypatch):
    """A small copy of the folder of CIFAR-10 or 100, with checksums of its own."""
    datasets = pytest.importorskip("torchvision.datasets")
    copy, hundred = getattr(datasets, request.param), request.param == "CIFAR100"
    folder = tmp_path / copy.base_folder
    folder.mkdir()
    generator = np.random.default_rng(0)

    def write(name: str, content: dict) -> list[str]:
        data = pickle.dumps(content)
        (folder / name).write_bytes(data)
        return [name, hashlib.md5(data).hexdigest()]

    pixels = generator.integers(0, 256, (3, 4, 3072), dtype=np.uint8)
    count, labels = (100, "fine_labels") if hundred else (10, "labels")
    parts = [
        write(name, {"data": pixels[k], labels: generator.integers(0, count, 4).tolist()})
        for k, name in enumerate(("data_batch_1", "data_batch_2", "test_batch"))
    ]
    key = copy.meta["key"]
    meta = write(copy.meta["filename"], {key: [f"class {k}" for k in range(count)]})
    monkeypatch.setattr(copy, "train_list", parts[:2])
    monkeypatch.setattr(copy, "test_list", parts[2:])
    monkeypatch.setattr(copy, "meta", {"filename": meta[0], "key": key, "md5": meta[1]})
    return tmp_path, pixels, "CIFAR-100" if hundred else "CIFAR-10", count


def test_cifar_batches(batches):
    root, pixels, title, count = batches
    found = images.load(str(root))
    assert found.source.startswith(f"{title} (torchvision")
    assert found.train.shape == (8, 32, 32, 3)
    assert found.classes == tuple(f"class {k}" for k in range(count))
    # The files hold channel, row, column.
    np.testing.assert_array_equal(
        found.test, pixels[2].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    )
    assert found.train_labels.dtype == np.int64


def test_damaged_cifar_batches(batches):
    root, _, title, _ = batches
    (file,) = root.glob("*/data_batch_2")
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(ValueError, match=f"{title} is not whole in"):
        images.load(str(root))


@pytest.mark.parametrize("data", ["cifar10", "cifar100"])
def test_cifar_without_a_network(data, monkeypatch, tmp_path):
    datasets = pytest.importorskip("torchvision.datasets")
    monkeypatch.setattr(images.Path, "home", lambda: tmp_path)

    def unreachable(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr(datasets.cifar, "download_and_extract_archive", unreachable)
    with pytest.raises(ValueError, match=r"could not be downloaded \(no route.*--data FILE"):
        images.load(data)
