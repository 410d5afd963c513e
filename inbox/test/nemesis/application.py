"""Receives events, verifies each, and appends it to a file before it responds. Usage: application.py PORT FILE"""
import base64, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["FORWARD_SECRET"].removeprefix("whsec_"))
FILE = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


class Events(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        id, sent_at, signatures = [self.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")]
        expected = base64.b64encode(hmac.digest(KEY, f"{id}.{sent_at}.".encode() + body, "sha256")).decode()
        is_genuine = signatures == f"v1,{expected}" and abs(time.time() - int(sent_at)) < 300
        request = {"isGenuine": is_genuine, "id": id, "sentAt": sent_at, "signature": signatures, "body": body.decode()}
        # one write, so that lines of several threads do not mix
        os.write(FILE, (json.dumps(request) + "\n").encode())
        self.send_response(204 if is_genuine else 401)
        self.end_headers()

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 100


Server(("127.0.0.1", int(sys.argv[1])), Events).serve_forever()
