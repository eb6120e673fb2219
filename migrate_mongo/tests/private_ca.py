"""A certificate authority that nobody trusts who was not told to."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

# written out, so that nothing depends on the system's own configuration
CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = localhost
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificates:
    authority: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path) -> Certificates:
    """An authority, and a certificate from it for the loopback address, for two days."""
    made = Certificates(folder / "authority.pem", folder / "server.pem", folder / "server.key")
    authority_key, request, configuration = folder / "authority.key", folder / "server.csr", folder / "openssl.cnf"
    configuration.write_text(CONFIGURATION, encoding="ascii")
    config = ("-config", configuration)
    _openssl("req", "-x509", *config, *NEW_KEY, "-subj", "/CN=Authority of the tests", "-extensions", "authority",
             "-days", 2, "-keyout", authority_key, "-out", made.authority)  # fmt: skip
    _openssl("req", *config, *NEW_KEY, "-keyout", made.key, "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", made.authority, "-CAkey", authority_key, "-set_serial", 1,
             "-extfile", configuration, "-extensions", "server", "-days", 2, "-out", made.certificate)  # fmt: skip
    return made


def _openssl(*arguments: object) -> None:
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
