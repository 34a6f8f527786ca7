"""Records one pre-check and prints its id. Usage: schemathesis_precheck.py URL KEY"""

import json
import sys
import urllib.request

url, key = sys.argv[1:]
body = {"direction": "outgoing", "beneficiary": {"vasp": "9845005X9B7N610K0093"}, "record": True}
headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
request = urllib.request.Request(f"{url}/v1/prechecks", json.dumps(body).encode(), headers)
with urllib.request.urlopen(request, timeout=30) as answer:
    print(json.load(answer)["id"])
