"""Programs that tell their name: attack and load tools known by their user agent.

CRS 3.3.4 has such a list too (rule 913100), but it misses several and a request that CRS lets pass
is in the edge's access log alone. General HTTP clients (curl, Python, Go) are no attack tools and not here.
"""

from __future__ import annotations

import re

_TOOLS = {
    "sqlmap": "sqlmap",
    "nikto": "Nikto",
    "nmap": "Nmap",
    "masscan": "masscan",
    "zgrab": "ZGrab",
    "hydra": "Hydra",
    "medusa": "Medusa",
    "patator": "Patator",
    "fuzz faster u fool": "ffuf",
    "ffuf": "ffuf",
    "gobuster": "gobuster",
    "feroxbuster": "feroxbuster",
    "dirbuster": "DirBuster",
    "dirsearch": "dirsearch",
    "wfuzz": "Wfuzz",
    "whatweb": "WhatWeb",
    "wpscan": "WPScan",
    "joomscan": "JoomScan",
    "droopescan": "droopescan",
    "nuclei": "Nuclei",
    "wapiti": "Wapiti",
    "arachni": "Arachni",
    "skipfish": "skipfish",
    "w3af": "w3af",
    "acunetix": "Acunetix",
    "nessus": "Nessus",
    "openvas": "OpenVAS",
    "qualys": "Qualys",
    "netsparker": "Netsparker",
    "burpcollaborator": "Burp",
    "xsstrike": "XSStrike",
    "dalfox": "Dalfox",
    "commix": "Commix",
    "jaeles": "Jaeles",
    "arjun": "Arjun",
    "httpx - open-source project": "httpx (ProjectDiscovery)",
    "apachebench": "ApacheBench",
    "slowhttptest": "slowhttptest",
    "goldeneye": "GoldenEye",
    "siege": "Siege",
}
_KNOWN = re.compile(r"(?<![a-z])(" + "|".join(map(re.escape, sorted(_TOOLS, key=len, reverse=True))) + r")(?![a-z])")
_NAMED_BY_CRS = re.compile(r"Matched Data: (.{2,60}?) found within REQUEST_HEADERS:User-Agent")


def tool_of(user_agent: str) -> str:
    """The name of the attack tool that a user agent admits to, or an empty string."""
    found = _KNOWN.search(user_agent.lower())
    return _TOOLS[found[1]] if found else ""


def tool_named_by_crs(data: str) -> str:
    """The name of the tool in the data of rule 913100, or an empty string."""
    found = _NAMED_BY_CRS.match(data)
    return (tool_of(found[1]) or found[1]) if found else ""
