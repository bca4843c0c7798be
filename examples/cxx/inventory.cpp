// Counts the items of a store by kind, and names people without an SMTP address: inventory FILE.pst
#include <pst.hpp>

#include <iostream>
#include <map>
#include <set>

int main(int argc, char **argv) {
    if (argc != 2) {
        std::cerr << "usage: inventory FILE.pst\n";
        return 2;
    }
    try {
        pst::store store(argv[1]);
        std::map<std::string, unsigned> kinds;
        std::set<std::string> unresolved;
        unsigned failures = 0;
        for (auto &slot : store.messages()) {
            // A message that cannot be read throws here, and the walk goes on.
            try {
                pst::message &message = *slot;
                kinds[std::string(message.kind())]++;
                for (auto &recipient : message.recipients()) {
                    if (!recipient->smtp()) {
                        unresolved.insert(std::string(recipient->name().value_or("(no name)")));
                    }
                }
            } catch (const pst::error &error) {
                failures++;
                std::cerr << error.what() << '\n';
            }
        }
        for (const auto &[kind, count] : kinds) {
            std::cout << count << '\t' << kind << '\n';
        }
        for (const auto &name : unresolved) {
            std::cout << "no address of " << name << '\n';
        }
        return failures > 0;
    } catch (const pst::error &error) {
        std::cerr << argv[1] << ": " << error.what() << '\n';
        return 3;
    }
}
