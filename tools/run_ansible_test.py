# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `ansible-test` on a copy of the checkout, with a home of its own under build/, so that nothing is written elsewhere.

    python tools/run_ansible_test.py sanity
    python tools/run_ansible_test.py sanity --test validate-modules

Three things are prepared because ansible-test hands on hardly any environment variable:

* pip's settings (a mirror, a certificate, a proxy) are written into that home as pip.conf.
* The script that puts pip into its virtual environments is normally fetched from a host that not everybody reaches. ansible-test first
  looks into its cache, so a few lines that use the pip of the interpreter's own `ensurepip` are laid there.
* The interpreters are found by name on PATH. Links to the ones that really run come first, because it stops at a shim that fails.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.pythons import found
from tools.workspace import BUILD, copy_tree

HOME = BUILD / "home"

GET_PIP = '''\
"""Installs pip from the wheel that ensurepip carries; takes the arguments of get-pip.py."""
import ensurepip, glob, os, sys, sysconfig
folders = [os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"), sysconfig.get_config_var("WHEEL_PKG_DIR")]
folders += ["/usr/share/python-wheels"]
wheels = [wheel for folder in folders if folder for wheel in glob.glob(os.path.join(folder, "pip-*.whl"))]
sys.path.insert(0, wheels[0])
from pip._internal.cli.main import main
sys.exit(main(["install", "--upgrade"] + [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]))
'''


def hand_over_pip_settings() -> None:
    """Write the settings that pip has here, from its files and from the environment, into the home that ansible-test gets."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True).stdout
    settings = configparser.RawConfigParser()
    lines = [re.fullmatch(r"(.+?)\.([\w-]+)=(.+)", line) for line in listed.splitlines()]
    # What comes from the environment is listed under ":env:" and outranks the files; it is taken last.
    for line in sorted(filter(None, lines), key=lambda line: line[1] == ":env:"):
        section = "global" if line[1] == ":env:" else line[1]
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, line[2], str(ast.literal_eval(line[3])))
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    if proxy and not settings.has_option("global", "proxy"):
        if not settings.has_section("global"):
            settings.add_section("global")
        settings.set("global", "proxy", proxy)
    place = HOME / ".config" / "pip" / "pip.conf"
    place.parent.mkdir(parents=True, exist_ok=True)
    # An index address may hold a password.
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        settings.write(file)


def lay_out_pip_bootstrap() -> None:
    """Put the replacement of get-pip.py where ansible-test looks first, under each name that the installed release may ask for."""
    package = find_spec("ansible_test")
    if not package or not package.submodule_search_locations:
        sys.exit("ansible-test is not installed for this Python.")
    source = (Path(package.submodule_search_locations[0]) / "_internal" / "python_requirements.py").read_text()
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    versions = set(re.findall(r"""\bpip\s*=\s*['"]([\d.]+)['"]""", source))
    if not versions:
        sys.exit("ansible-test no longer says which pip it uses; tools/run_ansible_test.py has to learn the new way.")
    for version in versions:
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP)


def link_interpreters() -> Path:
    """Make a folder of links to the interpreters that run, and return it."""
    folder = BUILD / "pythons"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    own = ".".join(str(number) for number in sys.version_info[:2])
    for version, path in found().items():
        if version != own:
            (folder / f"python{version}").symlink_to(path)
    # The one that ansible-core is installed for is that of the virtual environment. A link to it would lose the environment.
    program = folder / f"python{own}"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    return folder


def main() -> int:
    """Prepare the home and the copy, run ansible-test with the arguments given, and return its exit code."""
    HOME.mkdir(parents=True, exist_ok=True)
    hand_over_pip_settings()
    lay_out_pip_bootstrap()
    programs = Path(sys.executable).parent
    path = [str(link_interpreters()), str(programs), os.environ.get("PATH", os.defpath)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PIP_", "PYTHON", "XDG_"))},
        "HOME": str(HOME),
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join(path),
    }
    command = [str(programs / "ansible-test"), *(sys.argv[1:] or ["sanity"]), "--color", "no"]
    return subprocess.run(command, cwd=copy_tree(), env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
