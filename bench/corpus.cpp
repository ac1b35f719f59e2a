#include "corpus.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <string_view>

namespace hearback::bench {

namespace {

constexpr std::array<std::string_view, 20> kChannels = {
    "app_store", "google_play", "email",   "webshop",  "mastodon",   "bluesky", "survey",
    "forum",     "chat",        "youtube", "facebook", "instagram",  "reddit",  "discord",
    "telegram",  "whatsapp",    "phone",   "kiosk",    "newsletter", "partner"};

constexpr std::array<std::string_view, 24> kPhrases = {
    "the app crashes whenever I open the settings",
    "my parcel is five days late and nobody answers",
    "I love the new reading mode, thank you",
    "please add a dark theme for the night",
    "you charged my card twice for one order",
    "the support was friendly and quick",
    "after the last update everything is slow",
    "I cannot log in with my old password",
    "cancelling the subscription is far too hard",
    "the lamp is bright and looks good on the desk",
    "die Lieferung kam viel zu spät und war beschädigt",
    "seit dem Update stürzt die App ständig ab",
    "ich bin sehr zufrieden, gerne wieder",
    "le colis est arrivé cassé, je veux un remboursement",
    "très bonne application, merci beaucoup",
    "la aplicación no funciona desde ayer",
    "el pedido llegó rápido y bien embalado",
    "non riesco ad accedere al mio account",
    "de app is traag en loopt vaak vast",
    "adorei o produto, chegou antes do prazo",
    "where can I download my invoice",
    "the menu is confusing and the text too small",
    "why is the price higher than on the website",
    "great value, would buy again any time"};

constexpr std::array<std::string_view, 12> kLanguages = {"en", "en", "en", "en", "en", "de",
                                                         "de", "fr", "es", "it", "nl", "pt"};

// splitmix64: https://prng.di.unimi.it/splitmix64.c
std::uint64_t mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ value >> 30U) * 0xbf58476d1ce4e5b9U;
    value = (value ^ value >> 27U) * 0x94d049bb133111ebU;
    return value ^ value >> 31U;
}

} // namespace

std::string corpusLine(std::uint64_t number) {
    // One in a hundred comes twice, as feeds repeat themselves.
    const std::uint64_t id = number % 100 == 99 ? number - 57 : number;
    std::uint64_t chance = mix(id);
    const auto draw = [&](std::uint64_t below) {
        chance = mix(chance);
        return chance % below;
    };
    // 2026-01-01, 90 days, for a million messages.
    const std::uint64_t at = 1767225600 + id * 7776 / 1000 % 7776000;
    const std::string_view channel = kChannels[draw(kChannels.size())];
    std::string text;
    for (std::uint64_t i = 0; i < 2 + draw(3); ++i)
        text += (i == 0 ? "" : ". ") + std::string(kPhrases[draw(kPhrases.size())]);
    std::string line(1024, '\0');
    const int size = std::snprintf(
        line.data(), line.size(),
        R"({"id":"m%llu","created_at":%llu,"channel":"%s","text":"%s (case %llu).",)"
        R"("author":{"handle":"user%llu","name":"Person Number %llu","followers":%llu},%s%s)"
        R"("url":"https://feedback.example/%s/m%llu","app_version":"4.%llu.%llu","country":"%s"})",
        static_cast<unsigned long long>(id), static_cast<unsigned long long>(at),
        std::string(channel).c_str(), text.c_str(), static_cast<unsigned long long>(id),
        static_cast<unsigned long long>(draw(50000)), static_cast<unsigned long long>(draw(50000)),
        static_cast<unsigned long long>(draw(3000)),
        draw(3) == 0 ? ("\"lang\":\"" + std::string(kLanguages[draw(12)]) + "\",").c_str() : "",
        draw(2) == 0 ? ("\"rating\":" + std::to_string(1 + draw(5)) + ",").c_str() : "",
        std::string(channel).c_str(), static_cast<unsigned long long>(id),
        static_cast<unsigned long long>(draw(10)), static_cast<unsigned long long>(draw(10)),
        draw(2) == 0 ? "DE" : "US");
    line.resize(static_cast<std::size_t>(size));
    return line;
}

void writeCorpus(const std::filesystem::path& file, std::uint64_t messages) {
    std::ofstream out(file, std::ios::binary);
    for (std::uint64_t number = 0; number < messages; ++number) out << corpusLine(number) << '\n';
}

} // namespace hearback::bench
