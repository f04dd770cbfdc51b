"""A self-signed certificate for localhost, and a trust store by which a JVM believes it.

Nothing here knows of BigQuery. A JVM reads its trust store once, at start: make the certificate before it.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PASSWORD = "changeit"
"""The password of every JDK's own trust store, kept in the copy."""


@dataclass(frozen=True)
class Certificate:
    """The files of one certificate: PEM certificate, PEM private key, and a JVM trust store that holds it."""

    certificate: Path
    key: Path
    trust_store: Path

    @property
    def java_options(self) -> str:
        """The options by which a JVM uses the trust store."""
        return f"-Djavax.net.ssl.trustStore={self.trust_store} -Djavax.net.ssl.trustStorePassword={PASSWORD}"


def make_certificate(directory: Path) -> Certificate:
    """A new certificate for localhost and 127.0.0.1, good for a week, with its key and trust store in `directory`."""
    files = Certificate(directory / "certificate.pem", directory / "key.pem", directory / "trust.jks")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    _make_trust_store(files)
    return files


def _make_trust_store(files: Certificate) -> None:
    """The JVM's own authorities and this certificate: the same JVM also resolves packages over HTTPS."""
    java_home = _java_home()
    shutil.copyfile(java_home / "lib/security/cacerts", files.trust_store)
    command = [str(java_home / "bin/keytool"), "-importcert", "-noprompt", "-alias", "bigquery-emulator"]
    command += ["-file", str(files.certificate), "-keystore", str(files.trust_store), "-storepass", PASSWORD]
    imported = subprocess.run(command, capture_output=True, text=True, check=False)
    if imported.returncode:
        raise RuntimeError(f"keytool could not add the certificate: {imported.stdout}{imported.stderr}")


def _java_home() -> Path:
    """The Java that PySpark will start: JAVA_HOME, else the `java` on the path."""
    if home := os.environ.get("JAVA_HOME"):
        return Path(home)
    java = shutil.which("java")
    if java is None:
        raise RuntimeError("no Java: set JAVA_HOME, or have `java` on the path")
    return Path(java).resolve().parent.parent
