"""Makes docs/reliability.md of the rows that the fault tests left in a folder."""

import json
import pathlib
import sys

SECTIONS = [
    "Killed", "Disk", "Runs beside each other", "Network", "TLS", "Hostile mirror", "Clock", "License",
    "Our own files", "Bundles",
]

HEAD = """# Reliability: what was done to `pkg`, and what happened

Written by `scripts/reliability` from the tests, which make each of these faults for real and fail when one of
the five invariants does not hold after it:

- **I1** each visible plugin is exactly one verified release;
- **I2** none is lost without a signed reason;
- **I3** the next run puts everything right by itself;
- **I4** nothing is written outside our folders;
- **I5** exit code and report tell the truth."""


def main():
    rows = [json.loads(path.read_text()) for path in pathlib.Path(sys.argv[1]).glob("*.json")]
    unknown = {row["section"] for row in rows} - set(SECTIONS)
    if not rows or unknown:
        sys.exit(f"reliability.py: {len(rows)} rows; unknown sections: {sorted(unknown)}")
    print(HEAD)
    for section in SECTIONS:
        own = sorted((row for row in rows if row["section"] == section), key=lambda row: row["fault"])
        if own:
            print(f"\n## {section}\n\n| fault | what happened |\n|---|---|")
            for row in own:
                print(f"| {row['fault']} | {row['seen']} |")


main()
