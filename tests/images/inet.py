"""The internet of the end-to-end tests: DNS, TLS on 443 and 8443, HTTP on 80, git over https and ssh.

Prints one JSON line per name asked for, TLS greeting and request, so that a test can assert what really
arrived here. Arguments: NAME=ADDRESS for each name that exists.
"""

import http.server
import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading

LOG = threading.Lock()


def log(**event):
    with LOG:
        print(json.dumps(event), flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_):
        pass

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self):
        body = self.body()
        log(
            type="request",
            port=self.server.server_address[1],
            sni=getattr(self.connection, "sni", None),
            host=self.headers.get("Host"),
            method=self.command,
            path=self.path,
            bytes=len(body),
        )
        if self.path.startswith("/git/"):
            return self.git(body)
        host = (self.headers.get("Host") or "").split(":")[0]
        self.reply(200, {"Content-Type": "text/plain"}, f"hello from {host}{self.path}\n".encode())

    def git(self, body):
        path, _, query = self.path[len("/git") :].partition("?")
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": "/srv/git",
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], env=env, input=body, stdout=subprocess.PIPE, check=False)
        head, _, payload = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200 OK").split()[0])
        self.reply(status, headers, payload)

    def reply(self, status, headers, payload):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    do_GET = do_HEAD = do_POST = do_PUT = answer


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, context=None):
        self.context = context
        super().__init__(("", port), Handler)

    def get_request(self):
        connection, peer = super().get_request()
        if self.context:
            # The greeting happens in the connection's own thread, at its first read.
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, peer

    def handle_error(self, request, client_address):
        log(type="error", port=self.server_address[1], error=repr(sys.exc_info()[1]))


def greeted(connection, name, _context):
    connection.sni = name
    log(type="tls", sni=name)


def resolver(names):
    """Answers A queries for `names`; every other type of a known name is empty, every other name unknown."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("", 53))
    while True:
        query, peer = server.recvfrom(1024)
        labels, at = [], 12
        while size := query[at]:
            labels.append(query[at + 1 : at + 1 + size].decode("ascii", "replace"))
            at += 1 + size
        kind = int.from_bytes(query[at + 1 : at + 3], "big")
        name = ".".join(labels).lower()
        log(type="dns", name=name, kind=kind)
        answer = b""
        if kind == 1 and name in names:
            answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\x05\0\x04" + socket.inet_aton(names[name])
        head = query[:2] + (b"\x85\x80" if name in names else b"\x85\x83")
        counts = b"\0\x01" + (b"\0\x01" if answer else b"\0\0") + b"\0\0\0\0"
        server.sendto(head + counts + query[12 : at + 5] + answer, peer)


def main():
    names = dict(argument.split("=") for argument in sys.argv[1:])
    threading.Thread(target=resolver, args=(names,), daemon=True).start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/srv/pki/server.pem", "/srv/pki/server.key")
    context.sni_callback = greeted
    for server in (Server(80), Server(443, context), Server(8443, context)):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    log(type="ready")
    options = ("-o", "PasswordAuthentication=no", "-o", "UsePAM=no")
    subprocess.run(["/usr/sbin/sshd", "-D", "-e", "-h", "/srv/pki/host_key", *options], check=True)


main()
