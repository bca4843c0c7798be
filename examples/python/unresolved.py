"""Who is named in some stores without an SMTP address that anybody knows.

    python examples/python/unresolved.py examples/data/sample.pst

Messages that have both an Exchange address and its SMTP address teach what belongs together; what no message knows is told.
"""

import sys
from collections import Counter

import pst


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} STORE...")
    book = pst.AddressBook()
    for path in sys.argv[1:]:
        with pst.open(path) as store:
            book.learn(store)
    named, unresolved = 0, Counter[tuple[str, str]]()
    problems: list[Exception] = []
    for path in sys.argv[1:]:
        with pst.open(path) as store:
            for message in store.messages(problems.append):
                try:
                    people = [recipient.person for recipient in message.recipients_with(book, problems.append)]
                    sender = message.sender_with(book)
                except pst.PstError as error:
                    problems.append(error)
                    continue
                for person in [*people, sender]:
                    if person is None:
                        continue
                    named += 1
                    if person.address is None:
                        unresolved[person.unresolved or "", str(person)] += 1
    print(f"{named} people named, {unresolved.total()} times without SMTP address")
    for (reason, who), times in unresolved.most_common():
        print(f"{times:6}  {reason:12}  {who}")
    for problem in problems:
        print(problem, file=sys.stderr)


if __name__ == "__main__":
    main()
