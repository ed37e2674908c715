"""Opens a connection: to the host and port given, else to an address kept for documentation."""
import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "192.0.2.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 80
with socket.create_connection((host, port), timeout=5):
    print("connected")
