"""What must be set before the tests import anything else: how modules are kept and XML is read.

Where Python keeps no compiled modules, the processes of one run share them meanwhile.

PYTHONDONTWRITEBYTECODE is set in many containers; each program that a test starts would compile
all that it imports. The folder is of this run and goes with it.
"""

import atexit
import os
import shutil
import sys
import tempfile

os.environ.setdefault("OPENPYXL_DEFUSEDXML", "False")  # it reads what the tests wrote

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(prefix="compiled-")
    sys.dont_write_bytecode = False
    atexit.register(shutil.rmtree, sys.pycache_prefix, ignore_errors=True)
