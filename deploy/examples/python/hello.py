import json
import platform
from pathlib import Path

settings = json.loads(Path(__file__).with_name("settings.json").read_text())
print(f"Hello from Python on {platform.machine()}, which remembers {settings['remember']} things.")
