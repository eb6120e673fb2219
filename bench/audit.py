"""Known vulnerabilities of the pinned packages; says so, and passes, when the database cannot be reached."""

import json
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"


def main() -> None:
    arguments = ["--requirement", str(REQUIREMENTS), "--require-hashes", "--disable-pip", "--format", "json"]
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--timeout", "10", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        packages = json.loads(run.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        packages = []
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        print("pip-audit could not reach its database: nothing was audited")
        return
    vulnerable = [(package, found) for package in audited for found in package["vulns"]]
    for package, found in vulnerable:
        print(
            f"{package['name']} {package['version']}: {found['id']}, fixed in {found['fix_versions'] or 'no version'}"
        )
    print(f"pip-audit: {len(audited)} of {len(packages)} packages audited, {len(vulnerable)} vulnerabilities")
    sys.exit(bool(vulnerable))


if __name__ == "__main__":
    main()
