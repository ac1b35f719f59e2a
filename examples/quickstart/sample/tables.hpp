// What the generator of the sample knows about channels, languages and people.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace sample {

using Words = std::string_view; // words parted by '|'

inline constexpr int kTopics = 11;
inline constexpr std::array<std::string_view, kTopics> kTopicNames = {
    "bug",     "performance", "feature_request", "praise", "billing", "delivery",
    "account", "usability",   "cancellation",    "other",  "spam"};

// Weights count from 0 to 23 o'clock UTC and from Sunday to Saturday.
using Hours = std::array<int, 24>;
using Weekdays = std::array<int, 7>;
inline constexpr Hours kEvening = {2, 1, 1, 1, 1, 2, 4, 6,  6,  5,  5,  5,
                                   6, 6, 5, 5, 6, 8, 9, 11, 14, 15, 10, 5};
inline constexpr Hours kOffice = {1, 1,  0,  0, 0, 1, 3, 6, 10, 12, 12, 11,
                                  9, 10, 10, 9, 8, 6, 5, 5, 4,  3,  2,  1};
inline constexpr Weekdays kWeekend = {125, 92, 88, 90, 92, 100, 122};
inline constexpr Weekdays kWorkdays = {50, 125, 120, 115, 110, 105, 60};
inline constexpr Weekdays kTuesday = {60, 85, 170, 120, 95, 80, 60}; // the survey goes out

struct Channel {
    std::string_view name;
    std::string_view kind;
    int share;          // of 1000 messages
    int names_language; // of 100 messages: how often the record says the language
    Hours hours;
    Weekdays weekdays;
    std::array<int, kTopics> topics; // in the order of kTopicNames
};

enum ChannelIndex : int { AppStore, GooglePlay, Email, Webshop, Mastodon, Survey };
inline constexpr int kChannels = 6;
inline constexpr std::array<Channel, kChannels> kChannelTable = {{
    {"app_store", "review", 195, 40, kEvening, kWeekend, {17, 9, 16, 29, 6, 0, 7, 8, 4, 2, 0}},
    {"google_play", "review", 245, 75, kEvening, kWeekend, {19, 11, 14, 25, 6, 0, 8, 8, 4, 3, 2}},
    {"email", "mail", 210, 10, kOffice, kWorkdays, {9, 3, 6, 6, 18, 24, 12, 4, 11, 5, 7}},
    {"webshop", "review", 150, 85, kEvening, kWeekend, {13, 4, 7, 42, 4, 18, 0, 7, 0, 2, 3}},
    {"mastodon", "mention", 120, 60, kEvening, kWeekend, {14, 9, 14, 24, 5, 7, 3, 7, 4, 10, 7}},
    {"survey", "survey_answer", 110, 50, kOffice, kTuesday, {8, 7, 19, 27, 9, 9, 4, 13, 3, 4, 0}},
}};

struct Language {
    std::string_view tag;
    int share; // of 1000 messages
    Words countries, cities, first_names, last_names, greetings, closings;
};

inline constexpr int kLanguages = 10;
inline constexpr std::array<Language, kLanguages> kLanguageTable = {{
    {"en", 490, "GB|GB|US|US|IE|CA|AU", "Leeds|Bristol|Cork|Boston|Halifax|Perth|Glasgow|Austin",
     "Emma|Oliver|Priya|Jack|Grace|Noah|Aisha|Tom|Hannah|Liam|Zoe|Marcus|Ruth|Dev|Fiona|Callum",
     "Walsh|Carter|Okafor|Patel|Reid|Morgan|Hughes|Lindqvist|Baker|Flynn|Ito|Sharma|Novak|Dunn",
     "Hi,|Hello,|Dear Lumio team,|Good morning,|Hi there,", "Thanks|Best|Kind regards|Cheers"},
    {"de", 185, "DE|DE|DE|AT|CH", "Kassel|Leipzig|Graz|Bremen|Bern|Ulm|Rostock",
     "Lena|Jörg|Katrin|Felix|Sabine|Murat|Anke|Paul|Ingrid|Tobias|Nele|Günter",
     "Brandt|Köhler|Yilmaz|Vogt|Seidel|Huber|Lorenz|Petersen|Wirth|Schäfer",
     "Guten Tag,|Hallo,|Sehr geehrte Damen und Herren,|Moin,",
     "Viele Grüße|Mit freundlichen Grüßen|Beste Grüße|VG"},
    {"fr", 135, "FR|FR|FR|BE|CH", "Rennes|Lille|Namur|Grenoble|Nantes|Dijon",
     "Camille|Zoé|Mehdi|Hélène|Luc|Amandine|Théo|Nadia|Gérard|Inès",
     "Lefèvre|Morel|Diallo|Garnier|Perrin|Chevalier|Benali|Roux",
     "Bonjour,|Madame, Monsieur,|Bonsoir,", "Cordialement|Bien à vous|Merci d'avance"},
    {"es", 80, "ES|ES|MX|AR", "Zaragoza|Gijón|Puebla|Vigo|Rosario",
     "Lucía|Álvaro|Marta|Diego|Nuria|Íñigo|Carmen|Pablo",
     "Ibáñez|Romero|Vidal|Castro|Méndez|Soler|Aguirre",
     "Hola:|Buenos días:|Buenas tardes:", "Un saludo|Gracias|Atentamente"},
    {"it", 36, "IT", "Torino|Bari|Trieste", "Giulia|Matteo|Chiara|Davide|Elena",
     "Rinaldi|Conti|Marchetti|Serra", "Buongiorno,|Salve,", "Cordiali saluti|Grazie"},
    {"nl", 34, "NL|NL|BE", "Utrecht|Gent|Groningen", "Sanne|Bram|Femke|Joris|Anouk",
     "Visser|Dekker|de Wit|Mulder", "Goedemiddag,|Hallo,", "Met vriendelijke groet|Groeten"},
    {"pt", 36, "PT|BR|BR", "Braga|Curitiba|Faro", "Inês|Thiago|Beatriz|João|Rafaela",
     "Carvalho|Tavares|Moura|Lopes", "Bom dia,|Olá,", "Atenciosamente|Cumprimentos"},
    {"pl", 22, "PL", "Gdynia|Lublin", "Zofia|Łukasz|Hanna", "Zielińska|Wrona|Mazur", "Dzień dobry,",
     "Pozdrawiam"},
    {"ja", 26, "JP", "仙台|京都", "Haruka|Kenji|Yui", "Sato|Mori|Okada", "こんにちは。",
     "よろしくお願いします"},
    {"tr", 22, "TR", "İzmir|Bursa", "Elif|Emre|Şule", "Demir|Aydın|Koç", "Merhaba,", "Teşekkürler"},
}};

inline constexpr Words kProducts = "Lumio Arc|Lumio Mini|Lumio Clip|Lumio Floor|Lumio Dawn";
inline constexpr Words kLampPrices = "39.90|49.00|59.90|79.00|89.90|119.00";
inline constexpr Words kMonthPrices = "4.99|5.99|6.99|7.49|8.99|11.99";
inline constexpr Words kPlans = "free|free|plus|plus|family";
inline constexpr Words kPhones = "iPhone 12|iPhone 13 mini|iPhone 15|iPad Air";
inline constexpr Words kAndroids = "Pixel 7|Galaxy A54|Fairphone 4|Redmi Note 12|Galaxy S23";
inline constexpr Words kNicknames =
    "nightowl|paperback|lampfan|booknook|dogear|teaandtome|pagefoxx";
inline constexpr Words kInstances = "books.example|social.example|fedi.example|reading.example";
inline constexpr Words kSpammers = "Daily Offers|Growth Expert|Crypto Kim|SEO Partner|Best Deals";

// The version that is out on a day; days are those of a history of 60. The third is the bad one.
inline constexpr int kBadRelease = 2;
struct Release {
    int day; // the first day is 0
    std::string_view version;
};
inline constexpr std::array<Release, 5> kReleases = {
    {{0, "4.1.0"}, {16, "4.1.2"}, {37, "4.2.0"}, {42, "4.2.1"}, {52, "4.3.0"}}};

// Complaints after the bad release and their slow end, in percent of the usual.
inline constexpr std::array<int, 6> kBadReleasePercent = {520, 560, 520, 290, 190, 140};
// Mails about late parcels in German and French grow from the one to the other.
inline constexpr std::pair<int, int> kLateParcelsPercent = {400, 1300};

// Subjects of mails, in the order of kTopicNames; other languages write in English.
inline constexpr std::array<std::pair<std::string_view, std::array<Words, kTopics>>, 4> kSubjects =
    {{{"en",
       {"App not working|Problem with my lamp|Bug report", "Very slow", "Suggestion|A small idea",
        "Thank you!|A compliment", "Wrong charge|Question about payment|Order {order}",
        "Where is my order?|Order {order}|Delivery problem", "Account|Login problem",
        "How does this work?", "Cancellation|Please cancel", "Question|Request",
        "Business proposal|URGENT"}},
      {"de",
       {"App funktioniert nicht|Fehler", "Zu langsam", "Vorschlag", "Danke!", "Rechnung|Abbuchung",
        "Wo bleibt mein Paket?|Lieferung {order}|Reklamation|Bestellung {order}", "Anmeldung",
        "Anleitung", "Kündigung|Stornierung", "Frage", "Ihr Kredit"}},
      {"fr",
       {"Problème avec la lampe", "Lenteur", "Suggestion", "Merci", "Remboursement",
        "Commande {order}|Colis non reçu|Retard de livraison", "Compte bloqué", "Notice",
        "Résiliation", "Question", "Offre"}},
      {"es",
       {"No funciona", "Muy lenta", "Sugerencia", "Gracias", "Cobro duplicado",
        "Pedido {order}|Envío", "Acceso", "Instrucciones", "Baja", "Consulta", "Oferta"}}}};

// Titles of reviews: positive, neutral, negative.
inline constexpr std::array<std::pair<std::string_view, std::array<Words, 3>>, 4> kTitles = {
    {{"en",
      {"Lovely|So good|Exactly what I wanted|Happy reader|Recommended",
       "Good, but|Nearly there|It's okay|A wish",
       "Disappointed|Please fix|Used to be great|Not again|Nope|Avoid"}},
     {"de",
      {"Klasse|Gerne wieder|Sehr zufrieden", "Ganz gut|Wunsch|Geht so",
       "Enttäuscht|Bitte nachbessern|Ärgerlich"}},
     {"fr",
      {"Parfait|Je recommande|Très bien", "Pas mal|Une idée", "Décevant|À corriger|Quel dommage"}},
     {"es",
      {"Genial|Muy recomendable|Encantados", "Bien, pero|Correcta", "Decepción|Mal|Fallos"}}}};

// What somebody adds to a review later on, with more stars.
inline constexpr std::array<std::pair<std::string_view, Words>, 4> kEditNotes = {
    {{"en", "EDIT: {version} fixed it, more stars from me.|Update: works again since {version}, "
            "thanks for being quick.|Edit: support answered the same day, all good now."},
     {"de", "Nachtrag: Mit {version} läuft es wieder.|EDIT: Der Support hat sich gemeldet, "
            "jetzt ist alles gut."},
     {"fr", "Edit : réparé avec la {version}, merci.|Mise à jour : le support a été réactif."},
     {"es", "Edito: con la {version} ya funciona.|Actualizo: me respondieron y lo arreglaron."}}};

// Letters that no handle has.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 26> kPlainLetters = {
    {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"é", "e"}, {"è", "e"}, {"ê", "e"}, {"ç", "c"},
     {"ñ", "n"},  {"í", "i"},  {"á", "a"},  {"ó", "o"}, {"ú", "u"}, {"ã", "a"}, {"ń", "n"},
     {"ı", "i"},  {"ş", "s"},  {"ł", "l"},  {"ż", "z"}, {"É", "e"}, {"Á", "a"}, {"Í", "i"},
     {"Ł", "l"},  {"Ş", "s"},  {"İ", "i"},  {"ō", "o"}, {" ", ""}}};

} // namespace sample
