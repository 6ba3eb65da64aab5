#!/usr/bin/env python3
"""Records what a genuine daemon answers to a list of probes.

record.py PROBES HOST PORT [PATIENCE] > ANSWERS

PROBES is a JSON list of {"name", "send": [pieces]}: the pieces are sent one after the other, each after the daemon has
been quiet for a while; each character is one byte, and {{x*9000}} is nine thousand times x. What is written beside them:
"reply", all that came, and "open", whether the daemon kept the connection.
"""
import json, re, socket, sys, time

REPEAT = re.compile(r"\{\{(.*?)\*(\d+)\}\}", re.S)


def expand(text):
    return REPEAT.sub(lambda m: m.group(1) * int(m.group(2)), text).encode("latin-1")


def quiet(connection, patience):
    got = b""
    connection.settimeout(patience)
    try:
        while chunk := connection.recv(65536):
            got += chunk
    except socket.timeout:
        return got, True
    except ConnectionError:
        pass
    return got, False


def main(probes, host, port, patience="0.3"):
    answers = []
    for probe in json.load(open(probes)):
        with socket.create_connection((host, int(port))) as connection:
            reply, is_open = quiet(connection, float(probe.get("patience", patience)))
            for piece in probe["send"]:
                if not is_open:
                    break
                try:
                    connection.sendall(expand(piece))
                except ConnectionError:
                    is_open = False
                    break
                more, is_open = quiet(connection, float(probe.get("patience", patience)))
                reply += more
        answers.append({**probe, "reply": reply.decode("latin-1"), "open": is_open})
    json.dump(answers, sys.stdout, indent=1)
    print()


main(*sys.argv[1:])
