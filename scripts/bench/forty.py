"""The workload "forty": plugins like real ones, the same ones each time.

Each is ~1 MB packed and ~2.2 MB unpacked: ~150 files of JavaScript, JSON and source maps, made with a
fixed seed.
"""

import gzip
import io
import json
import random
import tarfile

SCOPE = "@acme"
COUNT = 40
VERSION = "1.4.2"
FILES = 150
UNPACKED = 2_060_000
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"
KEYWORDS = (
    "const return function await async export default class extends new this if else for of in "
    "typeof null undefined true false import from throw try catch finally switch case break").split()
MARKS = list("(){}[];,.=:") + ["=>", "===", "&&", "||", "...", "!", "?", "${"]


def name(number):
    return f"{SCOPE}/plugin-{number}"


def file_name(number, version=VERSION):
    return f"plugin-{number}-{version}.tgz"


def _words(random_numbers):
    """The identifiers of one plugin: most of them come up again and again."""
    return ["".join(random_numbers.choices(LETTERS[:52], k=random_numbers.randint(2, 14)))
            for _ in range(900)]


def _script(random_numbers, words, size):
    """Looks like bundled code to gzip: keywords, marks, identifiers, and literals of no pattern."""
    pieces, length = [], 0
    while length < size:
        pick = random_numbers.random()
        if pick < 0.22:
            piece = random_numbers.choice(KEYWORDS) + " "
        elif pick < 0.60:
            piece = random_numbers.choice(MARKS)
        elif pick < 0.90:
            piece = random_numbers.choice(words)
        else:
            piece = '"' + "".join(random_numbers.choices(LETTERS, k=12)) + '"'
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces)[:size].encode()


def _map(random_numbers, words, size):
    mappings = "".join(random_numbers.choices(LETTERS[:32] + 12 * "AAC,;", k=max(size - 2_000, 100)))
    return json.dumps({
        "version": 3, "sources": ["../src/index.ts"], "names": words[:100], "mappings": mappings,
    }).encode()[:size]


def _sheet(random_numbers, words, size):
    entries = {}
    while len(entries) * 40 < size:
        entries[random_numbers.choice(words) + str(len(entries))] = " ".join(
            random_numbers.choices(words, k=4))
    return json.dumps(entries, indent=2).encode()


def manifest(number, version=VERSION, host_package=f"{SCOPE}/app"):
    return {
        "name": name(number), "version": version, "description": f"Plugin number {number}.",
        "main": "dist/server/index.js", "license": "SEE LICENSE IN LICENSE.md",
        "keywords": ["plugin", "acme"], "peerDependencies": {host_package: "2.x"},
        "dependencies": {"lodash": "^4.17.21"},
    }


def tarball(package, files):
    """A tarball as `npm pack` makes it, the same bytes for the same content."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for path, content in {
                "package.json": json.dumps(package, indent=2).encode(), **files,
            }.items():
                entry = tarfile.TarInfo(f"package/{path}")
                entry.size, entry.mtime, entry.mode = len(content), 499_162_500, 0o644
                archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def plugin(number):
    """The tarball of one of the forty."""
    random_numbers = random.Random(1_000 + number)
    words = _words(random_numbers)
    files = {}
    for index in range(FILES):
        size = UNPACKED // FILES * random_numbers.choice((1, 2, 3, 4, 10)) // 4
        if index % 5 == 4:
            files[f"dist/locale/part-{index}.json"] = _sheet(random_numbers, words, size)
        elif index % 5 in (1, 3):
            files[f"dist/client/part-{index}.js.map"] = _map(random_numbers, words, size)
        else:
            files[f"dist/client/part-{index}.js"] = _script(random_numbers, words, size)
    return tarball(manifest(number), files)


def write_history(folder):
    """Writes nine releases of each that came before, of a few lines; returns their paths.

    With them a packument is as long as those of plugins that are some months old.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(COUNT):
        for minor in range(9):
            version = f"1.{minor // 3}.{minor % 3}"
            path = folder / file_name(number, version)
            path.write_bytes(tarball(
                manifest(number, version), {"index.js": f"exports.minor = {minor}\n".encode()}))
            paths.append(path)
    return paths


def write(folder):
    """Writes the forty into a folder; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(COUNT):
        path = folder / file_name(number)
        path.write_bytes(plugin(number))
        paths.append(path)
    return paths
