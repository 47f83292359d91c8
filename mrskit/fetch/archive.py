"""The raw MRS exposures of a program at MAST and their addresses, queried through astroquery."""

from __future__ import annotations

import logging
import os
import random
import re
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from mrskit import reach
from mrskit.errors import AccessError, FetchError

SERVER = "MRSKIT_MAST_SERVER"  # environment variable: another server than the one of astroquery's configuration
BUSY = (408, 425, 429, 500, 502, 503, 504)  # answers after which one asks again
TOKEN = "MAST_API_TOKEN"  # environment variable, the same as astroquery's
# jw PPPPP OOO VVV _ GGSAA _ EEEEE _ detector: only program, observation and detector are read from a name.
_NAME = re.compile(r"jw(?P<program>\d{5})(?P<observation>\d{3})\d{3}_\w+_mirifu(short|long)_uncal\.fits")


@dataclass(frozen=True, slots=True)
class Patience:
    """Waiting times for a server, and its number of parallel connections."""

    attempts: int = 6  # in a row without a new byte
    first: float = 1.0  # s, then twice as long each time
    longest: float = 300.0  # s; a server that asks for more is asked again another day
    timeout: float = 60.0  # s without a byte
    connections: int = 3

    def wait(self, failures: int) -> float:
        """Return the seconds to wait after a given number of failures in a row, with a small random part."""
        return min(self.first * 2 ** (failures - 1), self.longest) * random.uniform(0.75, 1.25)


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Remote:
    """One file that an archive serves."""

    name: str
    url: str
    size: int  # bytes, as the archive lists it; 0: not said
    sha256: str = ""  # where it is known beforehand
    public: bool = True
    takes_token: bool = False  # whether it is served by the archive that the token is for


def token() -> str:
    """Return the token for data that are not public, or ""; AccessError, without the token, if it is invalid."""
    text = os.environ.get(TOKEN, "").strip()
    if not re.fullmatch(r"[\x21-\x7e]*", text):
        raise AccessError(
            f"{TOKEN} contains spaces or other characters that are not valid in a token. Copy the token again."
        )
    return text


def may_carry_token(url: str) -> bool:
    """Return whether a token may be sent to an address: over https, or to this computer."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")


def uncal_files(program: int, observations: Iterable[int], patience: Patience) -> tuple[Remote, ...]:
    """Return the raw MRS exposures of some observations at MAST, by name; FetchError if there are none."""
    wanted = sorted(set(observations))
    client, download = _client()
    if why := reach.problem(download):
        raise FetchError(f"{_host(download)} cannot be reached ({why}). Check the network, then run the same command.",
                         program=program)  # fmt: skip
    try:
        rows = _patiently(lambda: _ask(client, program), patience)
    except Exception as error:  # astroquery, requests and json raise many unrelated classes
        raise FetchError(
            f"{_host(download)}: no answer to the query for program {program} ({type(error).__name__}: "
            f"{str(error)[:200]}). Check the network and run the same command again.", program=program,
        ) from error  # fmt: skip
    found = {}
    for row in rows:
        match = _NAME.fullmatch(str(row["productFilename"]))
        if match and int(match["program"]) == program and int(match["observation"]) in wanted:
            uri, rights = str(row["dataURI"]), str(row["dataRights"]) if "dataRights" in row.colnames else "PUBLIC"
            found[match[0]] = Remote(match[0], f"{download}?uri={quote(uri, safe=':/')}", int(row["size"]),
                                     public=rights.upper() == "PUBLIC", takes_token=True)  # fmt: skip
    if not found:
        numbers = " and ".join(map(str, wanted))
        raise FetchError(
            f"{_host(download)} has no raw MRS exposures (uncal) of program {program}, observation {numbers}. "
            "Check the numbers in the list of the program at MAST.", program=program, observations=wanted,
        )  # fmt: skip
    return tuple(found[name] for name in sorted(found))


def _client():
    """Return astroquery's client for the configured server, and its download address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from astroquery.mast import Observations, ObservationsClass, conf  # noqa: F401  (Observations: set up once)

    client = ObservationsClass()
    portal, server = client._portal_api_connection, os.environ.get(SERVER, conf.server).rstrip("/")
    # astroquery sets these addresses when it is imported: a later configuration does not reach them.
    portal.MAST_REQUEST_URL = f"{server}/api/v0/invoke"
    portal.COLUMNS_CONFIG_URL = f"{server}/portal/Mashup/Mashup.asmx/columnsconfig"
    portal.MAST_DOWNLOAD_URL = f"{server}/api/v0.1/Download/file"
    if (secret := token()) and may_carry_token(server):
        client._session.headers["Authorization"] = f"token {secret}"
    return client, portal.MAST_DOWNLOAD_URL


def _patiently(ask: Callable, patience: Patience):
    """Return the answer to a query, repeated while the server is busy or the connection breaks."""
    import requests

    for failures in range(1, patience.attempts + 1):
        try:
            return ask()
        except requests.exceptions.RequestException as error:
            code = error.response.status_code if error.response is not None else 0
            if failures == patience.attempts or (code and code not in BUSY):
                raise
            time.sleep(patience.wait(failures))


def _ask(client, program: int):
    """Return the table of raw science products of a program's MRS observations."""
    logger = logging.getLogger("astroquery")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an empty answer, which is said below
        logger.disabled, before = True, logger.disabled
        try:
            table = client.query_criteria(
                obs_collection="JWST", instrument_name="MIRI/IFU", provenance_name="CALJWST",
                proposal_id=[str(program), f"{program:05d}"],  # both spellings are in use
            )  # fmt: skip
            if len(table) == 0:
                return ()
            products = client.get_product_list(table)
            return client.filter_products(products, productType="SCIENCE", productSubGroupDescription="UNCAL")
        finally:
            logger.disabled = before


def _host(url: str) -> str:
    return urlsplit(url).netloc
