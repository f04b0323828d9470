"""A guestbook: GET / shows the page, GET /entries lists what people wrote, POST /entries adds to it."""

import json
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = json.loads((ROOT / "settings.json").read_text())
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
SHOWN = 50


def database():
    connection = sqlite3.connect(ROOT / SETTINGS["database"])
    connection.executescript((ROOT / "sql" / "schema.sql").read_text())
    return connection


class Guestbook(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/entries":
            with database() as connection:
                rows = connection.execute(
                    "select name, message, written_at from entries order by id desc limit ?", (SHOWN,)
                ).fetchall()
            self.answer(200, [dict(zip(("name", "message", "writtenAt"), row)) for row in rows])
            return
        page = ROOT / "web" / ("index.html" if self.path == "/" else Path(self.path).name)
        if page.suffix not in TYPES or not page.is_file():
            self.answer(404, {"error": "There is no such page."})
            return
        self.send(200, TYPES[page.suffix], page.read_bytes())

    def do_POST(self):
        try:
            entry = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name, message = entry["name"].strip(), entry["message"].strip()[: SETTINGS["maxLength"]]
            with database() as connection:
                connection.execute("insert into entries (name, message) values (?, ?)", (name, message))
        except (KeyError, TypeError, ValueError, sqlite3.IntegrityError) as error:
            self.answer(400, {"error": f"This cannot be written: {error}"})
            return
        self.answer(201, {"name": name, "message": message})

    def answer(self, status, value):
        self.send(status, "application/json", json.dumps(value).encode())

    def send(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", f"{content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    address = (SETTINGS["host"], SETTINGS["port"])
    print("Guestbook on http://{}:{}".format(*address))
    ThreadingHTTPServer(address, Guestbook).serve_forever()
