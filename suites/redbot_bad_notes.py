"""Print the summaries of all bad notes in a HAR file that REDbot wrote, on one line."""
import json
import sys


def bad_notes(node):
    if isinstance(node, dict):
        if str(node.get("level", "")).lower() in ("bad", "error"):
            yield str(node.get("summary") or node.get("subject") or "?")
        node = list(node.values())
    if isinstance(node, list):
        for member in node:
            yield from bad_notes(member)


try:
    with open(sys.argv[1]) as file:
        har = json.load(file)
except ValueError:
    print("no result")
else:
    print("; ".join(sorted(set(bad_notes(har))))[:300])
