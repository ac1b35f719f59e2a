// What is written: turns the plan into records.
#pragma once

#include "people.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace sample {

using Json = nlohmann::ordered_json;

class History {
  public:
    struct Record {
        Seconds at = 0;
        Json json;
        Slot slot;
        Sentiment sentiment = Sentiment::Neutral;
    };

    History(const Options& options, std::vector<Text> texts)
        : options_(options),
          random_(static_cast<std::uint32_t>(options.seed * 2'654'435'761U +
                                             static_cast<std::uint64_t>(options.end / kDay))),
          plan_(options, std::move(texts), random_), people_(random_) {}

    std::vector<Record> tell() {
        for (const Slot& slot : plan_.drawSlots()) records_.push_back(write(slot));
        addEdits();
        std::stable_sort(records_.begin(), records_.end(),
                         [](const Record& a, const Record& b) { return a.at < b.at; });
        return std::move(records_);
    }

  private:
    // The entry of a table that is not kept for every language.
    template <typename Table>
    static auto find(const Table& table, std::string_view tag) {
        return std::find_if(table.begin(), table.end(),
                            [&](const auto& each) { return each.first == tag; });
    }

    Record write(Slot slot) {
        const Record* parent = slot.channel == Mastodon ? chooseParent(slot) : nullptr;
        if (parent != nullptr) slot.topic = parent->slot.topic;
        const Text& text = *plan_.chooseText(slot, parent != nullptr);
        const Channel& channel = kChannelTable[static_cast<std::size_t>(slot.channel)];
        const Language& language = kLanguageTable[static_cast<std::size_t>(slot.language)];
        Author author = people_.choose(slot);
        while (parent != nullptr && parent->json["author"]["handle"] == author.handle)
            author = people_.choose(slot); // nobody agrees with themselves
        product_ = random_.word(kProducts);
        order_ = "LU-" + random_.number(20000, 99999);
        const std::string id = newId(slot);

        Json json;
        json["id"] = id;
        json["created_at"] = timeText(slot.at);
        json["channel"] = channel.name;
        json["kind"] = text.hint == "comment" ? "comment" : channel.kind;
        const std::string subject = chooseSubject(slot, text);
        if (!subject.empty()) json["subject"] = subject;
        json["text"] = newText(slot, text, author, parent);
        if (random_.percent(channel.names_language)) json["lang"] = language.tag;
        if (channel.kind == "review" && text.hint != "comment")
            json["rating"] = isTopic(slot, "spam") ? 5 : stars(text.sentiment, slot.channel);
        if (slot.channel != Survey || random_.percent(40)) {
            json["author"] = {{"handle", author.handle}, {"name", author.name}};
            if (slot.channel == Mastodon) json["author"]["followers"] = author.followers;
        }
        addPlace(json, slot, id, author, parent);
        addAttributes(json, slot, author, text.sentiment);
        return {slot.at, std::move(json), slot, text.sentiment};
    }

    // Somebody answers a toot of the last two days in the same language, best on the same topic.
    const Record* chooseParent(const Slot& slot) {
        if (isTopic(slot, "spam") || !random_.percent(65)) return nullptr;
        const Record* found = nullptr;
        for (auto record = records_.rbegin(); record != records_.rend(); ++record) {
            const Seconds age = slot.at - record->at;
            if (age > 2 * kDay) break;
            if (record->slot.channel != Mastodon || record->slot.language != slot.language ||
                isTopic(record->slot, "spam") || age < 3 * kMinute || !plan_.hasReply(record->slot))
                continue;
            if (record->slot.topic == slot.topic) return &*record;
            if (found == nullptr) found = &*record;
        }
        return found;
    }

    static bool isTopic(const Slot& slot, std::string_view name) {
        return kTopicNames[static_cast<std::size_t>(slot.topic)] == name;
    }

    // Channels number what they get, so the time is in most of these.
    std::string newId(const Slot& slot) {
        constexpr std::array<std::string_view, kChannels> kPrefixes = {"",   "gp-", "<",
                                                                       "r-", "",    "a-"};
        const std::string prefix(kPrefixes[static_cast<std::size_t>(slot.channel)]);
        for (auto number = static_cast<std::uint64_t>(slot.at) * 8;; ++number) {
            std::string id = prefix + std::to_string(number);
            if (slot.channel == Mastodon) id = std::to_string(number * 8192000);
            if (slot.channel == GooglePlay) id = prefix + hex(random_.any());
            if (slot.channel == Email) id = prefix + hex(random_.any()) + "@mail.example>";
            if (ids_.insert(id).second) return id;
        }
    }

    static std::string hex(std::uint64_t number) {
        std::string text;
        for (int shift = 60; shift >= 0; shift -= 4)
            text += "0123456789abcdef"[number >> shift & 15];
        return text;
    }

    std::string chooseSubject(const Slot& slot, const Text& text) {
        const auto tag = kLanguageTable[static_cast<std::size_t>(slot.language)].tag;
        if (slot.channel == Email) {
            auto entry = find(kSubjects, tag);
            if (entry == kSubjects.end()) entry = kSubjects.begin();
            const Words words = entry->second[static_cast<std::size_t>(slot.topic)];
            return fill(random_.word(words), slot);
        }
        const bool titled = slot.channel == AppStore || slot.channel == Webshop;
        const auto entry = find(kTitles, tag);
        if (!titled || entry == kTitles.end() || text.hint == "comment" || isTopic(slot, "spam") ||
            isTopic(slot, "other") || !random_.percent(slot.channel == AppStore ? 70 : 45))
            return "";
        return random_.word(entry->second[static_cast<std::size_t>(text.sentiment)]);
    }

    // No two are equal: what would be is told apart by a device, a lamp or a city.
    std::string newText(const Slot& slot, const Text& text, const Author& author,
                        const Record* parent) {
        std::string result;
        for (int tries = 0; tries < 3; ++tries) {
            result = dressed(fill(text.text, slot), slot, author, parent);
            if (written_.insert(result).second) return result;
        }
        const std::string twice = result;
        for (int tries = 0; !written_.insert(result).second; ++tries) {
            std::string apart = fill("{city}", slot);
            if (slot.channel == Webshop || slot.channel == Email) apart = product_;
            if (slot.channel == AppStore || slot.channel == GooglePlay)
                apart = random_.word(slot.channel == AppStore ? kPhones : kAndroids) + ", " +
                        plan_.versionAt(slot.at);
            result = twice + " (" + apart + ")";
            if (tries > 2) result += " #" + random_.number(1000, 99999999);
        }
        return result;
    }

    // Greets, signs and names people, as it is usual on the channel.
    std::string dressed(std::string text, const Slot& slot, const Author& author,
                        const Record* parent) {
        const Language& language = kLanguageTable[static_cast<std::size_t>(slot.language)];
        if (slot.channel == Mastodon) {
            if (parent != nullptr && random_.percent(75))
                return parent->json["author"]["handle"].get<std::string>() + " " + text;
            if (parent == nullptr && text.find("umio") == std::string::npos &&
                !isTopic(slot, "spam"))
                text += " @lumio";
        }
        if (slot.channel != Email) return text;
        const bool greets = random_.percent(80);
        // After a greeting Germans go on in lower case.
        const bool small = greets && language.tag == "de";
        if (!small && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
        if (greets) text = random_.word(language.greetings) + "\n\n" + text;
        if (random_.percent(80)) {
            const bool short_name = random_.percent(35);
            text += "\n\n" + random_.word(language.closings) + "\n" +
                    (short_name ? author.name.substr(0, author.name.find(' ')) : author.name);
        }
        return text;
    }

    std::string fill(std::string text, const Slot& slot) {
        const Language& language = kLanguageTable[static_cast<std::size_t>(slot.language)];
        const bool lamp = text.find("{product}") != std::string::npos ||
                          text.find("{order}") != std::string::npos;
        std::string price = random_.word(lamp ? kLampPrices : kMonthPrices);
        if (language.tag == "en") {
            price = (random_.percent(50) ? "£" : "$") + price;
        } else {
            std::replace(price.begin(), price.end(), '.', ',');
            price += " €";
        }
        const std::array<std::pair<std::string_view, std::string>, 6> values = {
            {{"{product}", product_},
             {"{version}", plan_.versionAt(slot.at)},
             {"{order}", order_},
             {"{days}", random_.number(3, 14)},
             {"{price}", price},
             {"{city}", random_.word(language.cities)}}};
        for (const auto& [name, value] : values)
            for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
                text.replace(at, name.size(), value);
        return text;
    }

    int stars(Sentiment sentiment, int channel) {
        if (sentiment == Sentiment::Neutral) return random_.percent(60) ? 4 : 3;
        if (sentiment == Sentiment::Positive) return random_.percent(80) ? 5 : 4;
        return random_.percent(channel == GooglePlay ? 72 : 55) ? 1 : 2;
    }

    void addPlace(Json& json, const Slot& slot, const std::string& id, const Author& author,
                  const Record* parent) {
        if (slot.channel == AppStore) json["url"] = "https://apps.example/lumio/reviews/" + id;
        if (slot.channel == GooglePlay) json["url"] = "https://store.example/lumio?review=" + id;
        if (slot.channel == Webshop) {
            std::string page = product_;
            for (char& c : page) c = c == ' ' ? '-' : static_cast<char>(c | 32);
            json["url"] = "https://shop.lumio.example/" + page + "#" + id;
        }
        if (slot.channel != Mastodon) return;
        const auto at = author.handle.rfind('@');
        json["url"] = "https://" + author.handle.substr(at + 1) + "/" +
                      author.handle.substr(0, at) + "/" + id;
        json["conversation_id"] = parent != nullptr ? parent->json["conversation_id"] : Json(id);
        if (parent != nullptr) json["parent_id"] = parent->json["id"];
    }

    void addAttributes(Json& json, const Slot& slot, const Author& author, Sentiment sentiment) {
        const bool store = slot.channel == AppStore || slot.channel == GooglePlay;
        Json attributes = Json::object();
        if (store || (slot.channel == Survey && random_.percent(50)))
            attributes["app_version"] = plan_.versionAt(slot.at);
        if (store || slot.channel == Survey || (slot.channel == Webshop && random_.percent(80)))
            attributes["country"] = author.country;
        if (slot.channel == Survey || (slot.channel == Email && random_.percent(50)))
            attributes["plan"] = random_.word(kPlans);
        if (slot.channel == Survey)
            attributes["score_0_to_10"] = sentiment == Sentiment::Positive  ? 8 + random_.below(3)
                                          : sentiment == Sentiment::Neutral ? 6 + random_.below(3)
                                                                            : 1 + random_.below(6);
        if (!attributes.empty()) json["attributes"] = attributes;
    }

    // Some who complained in a store come back when it works again.
    void addEdits() {
        std::vector<Record> edits;
        for (const Record& record : records_) {
            const auto tag = kLanguageTable[static_cast<std::size_t>(record.slot.language)].tag;
            const auto note = find(kEditNotes, tag);
            const Seconds at = record.at + kDay + static_cast<Seconds>(random_.below(9 * kDay));
            if (!record.json.contains("rating") || record.sentiment != Sentiment::Negative ||
                !(isTopic(record.slot, "bug") || isTopic(record.slot, "performance")) ||
                record.slot.channel == Webshop || note == kEditNotes.end() || at >= options_.end ||
                !random_.percent(20))
                continue;
            const std::string words = random_.word(note->second);
            const std::string version = plan_.versionAt(at);
            if (words.find("{version}") != std::string::npos &&
                (version == plan_.versionAt(record.at) ||
                 version == kReleases[kBadRelease].version))
                continue; // there is nothing new that could have helped
            Record edit = record;
            edit.at = edit.slot.at = at;
            edit.json["edited_at"] = timeText(at);
            edit.json["text"] =
                record.json["text"].get<std::string>() + "\n\n" + fill(words, edit.slot);
            edit.json["rating"] = 3 + random_.below(2);
            edit.json["attributes"]["app_version"] = version;
            edits.push_back(std::move(edit));
        }
        records_.insert(records_.end(), edits.begin(), edits.end());
    }

    const Options options_;
    Random random_;
    Plan plan_;
    People people_;
    std::vector<Record> records_;
    std::set<std::string> ids_;
    std::set<std::string> written_;
    std::string product_, order_; // those of the message that is being written
};

} // namespace sample
