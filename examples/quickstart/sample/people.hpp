// Who writes: invented people, some of them more than once.
#pragma once

#include "plan.hpp"

namespace sample {

struct Author {
    std::string handle;
    std::string name;
    std::string country;
    int language = 0;
    std::uint64_t followers = 0;
};

class People {
  public:
    explicit People(Random& random) : random_(random) {}

    Author choose(const Slot& slot) {
        std::vector<Author>& known = known_[static_cast<std::size_t>(slot.channel)];
        const bool spam = kTopicNames[static_cast<std::size_t>(slot.topic)] == "spam";
        if (!known.empty() && !spam && random_.percent(18)) {
            const Author& author = known[random_.below(known.size())];
            if (author.language == slot.language) return author;
        }
        const Language& language = kLanguageTable[static_cast<std::size_t>(slot.language)];
        const std::string first = random_.word(spam ? kSpammers : language.first_names);
        const std::string last = random_.word(language.last_names);
        Author author;
        author.language = slot.language;
        author.country = random_.word(language.countries);
        author.name = spam ? first : first + " " + last;
        // One draw for each statement: the order within one is the compiler's choice.
        const bool nickname = random_.percent(35) && !spam;
        std::string handle = nickname ? random_.word(kNicknames) : plain(first);
        if (!nickname && !spam && random_.percent(50)) handle += "_" + plain(last);
        handle += random_.number(1, 999);
        if (slot.channel == Email)
            handle = (spam ? handle : plain(first) + "." + plain(last)) + "@mail.example";
        if (slot.channel == Mastodon) {
            handle = "@" + handle + "@" + random_.word(kInstances);
            author.followers = random_.below(random_.percent(8) ? 20000 : 600);
        }
        if (slot.channel == Webshop && !spam) author.name = first + " " + last.substr(0, 1) + ".";
        author.handle = handle;
        if (!spam) known.push_back(author);
        return author;
    }

  private:
    // The letters that a handle may have.
    static std::string plain(std::string_view name) {
        std::string result;
        while (!name.empty()) {
            std::size_t taken = 1;
            std::string letter(1, name[0] >= 'A' && name[0] <= 'Z' ? static_cast<char>(name[0] + 32)
                                                                   : name[0]);
            for (const auto& [accented, simple] : kPlainLetters)
                if (name.substr(0, accented.size()) == accented) {
                    letter = simple;
                    taken = accented.size();
                }
            // A first byte of several that is not in the table goes, and the others with it.
            if (static_cast<unsigned char>(letter.empty() ? 'a' : letter[0]) < 0x80)
                result += letter;
            name.remove_prefix(taken);
        }
        return result;
    }

    Random& random_;
    std::array<std::vector<Author>, kChannels> known_;
};

} // namespace sample
