"""A name server that knows a few names, for `mongodb+srv://` addresses."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

Records = dict[tuple[str, str], str]  # by name and type, as they stand in a zone file


@contextmanager
def name_server(records: Records) -> Iterator[dns.resolver.Resolver]:
    """Answers with these records on a port of the loopback address; yields a resolver that asks there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_answer_all, args=(listening, records))
        thread.start()
        try:
            resolver = dns.resolver.Resolver(configure=False)
            resolver.nameservers = ["127.0.0.1"]
            resolver.port = listening.getsockname()[1]
            yield resolver
        finally:
            listening.sendto(b"", listening.getsockname())  # ends the thread
            thread.join()


def _answer_all(listening: socket.socket, records: Records) -> None:
    while True:
        question, sender = listening.recvfrom(1 << 16)
        if not question:
            return
        listening.sendto(_answer(question, records), sender)


def _answer(question: bytes, records: Records) -> bytes:
    query = dns.message.from_wire(question)
    answer = dns.message.make_response(query)
    [asked] = query.question
    kind = dns.rdatatype.to_text(asked.rdtype)
    record = records.get((asked.name.to_text(omit_final_dot=True), kind))
    if record is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    else:
        answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, record))
    return answer.to_wire()
