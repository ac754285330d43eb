# mypy: ignore-errors
"""Imports the one module that is named after the device."""

import importlib
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
module = importlib.import_module(sys.argv[2])
version = getattr(module, "__version__", None)
print(json.dumps({"device": "", "detail": "{} {}".format(sys.argv[2], version or ""), "version": version and str(version)}))
